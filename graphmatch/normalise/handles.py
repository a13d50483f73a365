"""Handles → forms in which two spellings of one handle meet.

``fold`` undoes disguise (look-alike letters, width, case, leet), ``stem`` also drops what people add when a handle is
taken (separators, digits, affixes), ``skeleton`` also merges letters that only look alike. All are idempotent, except
that `stem` is not meant to be run on its own result with another platform.

The look-alike table is our own, written from the shapes of the letters; Unicode's compatibility forms (full width,
mathematical, circled) are undone by NFKC.
"""

# ruff: noqa: RUF001 - look-alike letters are what this table is about
from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

#: Letters of other scripts that pass for a Latin one, lower case, after NFKC and case folding.
LOOK_ALIKES = {
    "a": "аαɑạ",
    "b": "Ьвʙβ",
    "c": "сϲᴄ",
    "d": "ԁɗ",
    "e": "еєҽɛε",
    "f": "ƒϝ",
    "g": "ɡց",
    "h": "һнн",
    "i": "іıιɩӏł|",
    "j": "јϳ",
    "k": "кκ",
    "m": "м",
    "n": "пηո",
    "o": "оοσօøဝ",
    "p": "рρ",
    "q": "ԛզ",
    "r": "гᴦ",
    "s": "ѕꜱ",
    "t": "тτ",
    "u": "υսᴜ",
    "v": "ѵνᴠ",
    "w": "ѡωԝա",
    "x": "хχ×",
    "y": "уγү",
    "z": "ᴢʐ",
    "ae": "æ",
    "oe": "œ",
    "ss": "ß",
}
_LOOK_ALIKES = str.maketrans({char: latin for latin, chars in LOOK_ALIKES.items() for char in chars})
_SIGNS = str.maketrans({"$": "s", "@": "a", "€": "e", "!": "i"})
_LEET = {"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t"}
#: One digit before a letter stands for a letter; runs of digits and trailing ones are numbers (years, counters).
_LEET_DIGIT = re.compile(r"(?<![0-9])[013457](?=[a-z])")
_SEPARATORS = re.compile(r"[\W_]+")
_TRAILING_DIGITS = re.compile(r"[0-9]+$")
_LEAD = re.compile(r"^(?:acct:|@|/?u(?:ser)?/)+")
_INVISIBLE = re.compile(r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff]")

#: What people put before or after a handle that is taken, or to say what it is for.
PREFIXES = (
    "official", "realthe", "thereal", "real", "the", "iam", "itsme", "its", "im", "hey", "team", "vote",
    "rep", "sen", "senator", "congressman", "congresswoman", "cllr", "mr", "mrs", "dr", "avec",
)  # fmt: skip
SUFFIXES = (
    "official", "backup", "bakup", "returns", "isback", "again", "real", "alt", "bis", "reborn", "reloaded",
    "live", "tv", "hq", "mp", "msp", "mep", "mla", "tweets", "writes", "forcongress", "forsenate", "uk", "nm",
    "dev", "codes", "off",
)  # fmt: skip
#: No affix is dropped if less than this would be left.
MIN_STEM = 4


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
        text = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text)).casefold()
        text = _bare(text).translate(_LOOK_ALIKES)
    text = host_free(text, platform).lower().translate(_SIGNS)
    return _LEET_DIGIT.sub(_unleet, text)


def _unleet(digit: re.Match[str]) -> str:
    return _LEET[digit[0]]


def _bare(text: str) -> str:
    """Drop accents and other marks that combine."""
    marked = unicodedata.normalize("NFKD", text)
    return unicodedata.normalize("NFKC", "".join(c for c in marked if not unicodedata.combining(c)))


def squash(folded: str) -> str:
    """Drop separators from a folded handle; of one that has no letter or digit keep all."""
    return _SEPARATORS.sub("", folded) or folded


def stem(handle: str, platform: str | None = None) -> str:
    """Fold, then drop separators, trailing digits and affixes, as long as `MIN_STEM` characters are left."""
    text, before = _LEET_DIGIT.sub(_unleet, squash(fold(handle, platform))), ""
    while before != text:
        before = text
        bare = _TRAILING_DIGITS.sub("", text)
        text = bare if len(bare) >= MIN_STEM - 1 else text
        text = _without(text, PREFIXES, str.removeprefix)
        text = _without(text, SUFFIXES, str.removesuffix)
    return text


def _without(text: str, affixes: tuple[str, ...], remove: Callable[[str, str], str]) -> str:
    for affix in affixes:
        rest = remove(text, affix)
        if MIN_STEM <= len(rest) < len(text):
            return rest
    return text


def skeleton(text: str) -> str:
    """Merge letters that look alike in Latin itself: ``rn`` with ``m``, ``vv`` with ``w``, ``l`` with ``i``."""
    return text.replace("rn", "m").replace("vv", "w").replace("l", "i")
