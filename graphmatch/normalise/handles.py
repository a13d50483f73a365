"""Handles → forms in which two spellings of one handle meet.

``fold`` undoes disguise (look-alike letters, width, case, leet), ``stem`` also drops what people add when a handle is
taken (separators, digits, affixes), ``skeleton`` also merges letters that only look alike. All are idempotent, except
that `stem` is not meant to be run on its own result with another platform.

Unicode's compatibility forms (full width, mathematical, circled) are undone by NFKC, its look-alikes by
`graphmatch.normalise.look_alikes`.
"""

from __future__ import annotations

import re
import unicodedata

from graphmatch.normalise.affixes import MIN_STEM, without_affix
from graphmatch.normalise.look_alikes import LOOK_ALIKES, bare, unmask

__all__ = ["LOOK_ALIKES", "MIN_STEM", "fold", "host_free", "skeleton", "squash", "stem", "undressed"]

#: What letters that look alike in Latin itself are merged into, in order.
SKELETON = (("rn", "m"), ("vv", "w"), ("l", "i"))
_SIGNS = str.maketrans({"$": "s", "@": "a", "€": "e", "!": "i"})
LEET = {"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t"}
#: One digit before a letter stands for a letter; runs of digits and trailing ones are numbers (years, counters).
_LEET_DIGIT = re.compile(r"(?<![0-9])[013457](?=[a-z])")
_SEPARATORS = re.compile(r"[\W_]+")
_LEAD = re.compile(r"^(?:acct:|@|/?u(?:ser)?/)+")
#: What a platform adds where a name is taken: some hexadecimal digits (LinkedIn: 8 or 9), not letters alone.
_ISSUED = re.compile(r"(?i)(?<=[^\W_])[-_](?=[a-f]*[0-9])[0-9a-f]{6,10}$")
_DRAWN_OUT = re.compile(r"([a-z])\1{2,}")
_INVISIBLE = re.compile(r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff]")


def host_free(handle: str, platform: str | None = None) -> str:
    """Drop what names the host, not the account: ``@``, ``@host``, ``:host``, a Bluesky domain, ``u/``.

    A dotted handle loses its domain only where handles are domains (Bluesky), so that ``jane.doe`` stays whole.
    """
    name = _LEAD.sub("", handle.strip())
    local, _, host = name.partition("@")
    if local and "." in host:
        name = local
    if ":" in name and handle.lstrip().startswith("@"):
        name = name.partition(":")[0]
    if platform == "bluesky" or name.lower().endswith(".bsky.social"):
        name = re.sub(r"(?i)^www\.", "", name).partition(".")[0]
    return name


def fold(handle: str, platform: str | None = None) -> str:
    """Undo width, case, accents, look-alike letters and leet. Separators and numbers stay."""
    before, text = "", handle
    while before != text:
        before, text = text, _fold_once(text, platform)
        if text.isascii() and text.replace("_", "").isalnum():
            break
    return text


def _fold_once(handle: str, platform: str | None) -> str:
    text = handle
    if not text.isascii():
        text = unmask(bare(unicodedata.normalize("NFKC", _INVISIBLE.sub("", text))))
    text = host_free(text, platform).lower().translate(_SIGNS)
    return _LEET_DIGIT.sub(_unleet, text)


def _unleet(digit: re.Match[str]) -> str:
    return LEET[digit[0]]


def squash(folded: str) -> str:
    """Drop separators from a folded handle; of one that has no letter or digit keep all."""
    return _SEPARATORS.sub("", folded) or folded


def stem(handle: str, platform: str | None = None) -> str:
    """Fold, then drop separators, issued endings, trailing digits and affixes; `MIN_STEM` characters are left.

    A letter written three times or more counts once. Affixes: `graphmatch.normalise.affixes`.
    """
    own = _ISSUED.sub("", host_free(handle, platform))
    return undressed(_LEET_DIGIT.sub(_unleet, squash(fold(own, platform))))


def undressed(text: str) -> str:
    """Drop trailing digits, drawn-out letters and affixes of a folded handle without separators, as `stem` does."""
    before = ""
    while before != text:
        before = text
        bare_of_digits = text.rstrip("0123456789")
        text = bare_of_digits if len(bare_of_digits) >= MIN_STEM - 1 else text
        drawn = _DRAWN_OUT.sub(r"\1", text)
        text = without_affix(drawn if len(drawn) >= MIN_STEM else text)
    return text


def skeleton(text: str) -> str:
    """Merge letters that look alike in Latin itself: ``rn`` with ``m``, ``vv`` with ``w``, ``l`` with ``i``."""
    for pair, letter in SKELETON:
        text = text.replace(pair, letter)
    return text
