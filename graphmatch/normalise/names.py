"""Display names → tokens and an order-free key; and, by name, all else that is known of the words of names."""

# ruff: noqa: SIM905, RUF001 - word lists read better as text; the foreign signs are meant
from __future__ import annotations

import re
import unicodedata

from graphmatch.normalise.forenames import nickname_groups, other_forenames, same_forename
from graphmatch.normalise.name_forms import full_forms, short_forms, surname_forms
from graphmatch.normalise.romanise import romanise
from graphmatch.normalise.spellings import consonants, spellings

__all__ = [
    "ORGANISATIONS",
    "TITLES",
    "consonants",
    "full_forms",
    "is_organisation",
    "key",
    "nickname_groups",
    "other_forenames",
    "same_forename",
    "short_forms",
    "spellings",
    "surname_forms",
    "tokens",
    "tokens_and_written",
    "written",
]

#: Titles, pronouns and post-nominals say what somebody is, not what they are called.
TITLES = frozenset(
    (
        "mr mrs ms miss mx dr prof sir dame lord lady rev hon rt mp msp mep mla cllr councillor rep sen "
        "senator congressman congresswoman phd md jr sr ii iii iv he him she her they them official"
    ).split()
)
#: Words by which a name is a firm's, a club's or a house's, not a person's.
ORGANISATIONS = frozenset(
    (
        "brewing brewery brewers distillery bakery coffee cafe restaurant pub bar hotel shop store co company ltd "
        "limited inc llc plc gmbh fc afc rfc cc club museum gallery theatre records studio studios estate agents "
        "plumbing motors garage salon barbers school college university library hospital festival magazine"
    ).split()
)
_ASIDE = re.compile(r"\([^)]*\)|\[[^\]]*\]")
_WORD = re.compile(r"[^\W_]+")
_APOSTROPHES = re.compile(r"['’ʼ`´]")
#: They choose between text and emoji shapes of what stands before.
_VARIANTS = frozenset(map(chr, range(0xFE00, 0xFE10)))


def tokens(name: str) -> tuple[str, ...]:
    """Split a display name into bare lower-case words, in order, titles and asides dropped.

    Cyrillic and Greek words are transliterated; in a word of mixed script the odd letters count as look-alikes. Other
    scripts stay as they are. A name of emoji alone has no words.
    """
    return tokens_and_written(name)[0]


def written(name: str) -> tuple[str, ...]:
    """Split a display name into its words as they were written, lower case, accents and all: one per word of `tokens`.

    `spellings`, `full_forms` and `short_forms` know more of a word as it was written (``müller``, ``юрий``).
    """
    return tokens_and_written(name)[1]


def tokens_and_written(name: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Give `tokens` and `written` at once."""
    text = _APOSTROPHES.sub("", unicodedata.normalize("NFKC", name)).casefold()
    words = _words(_ASIDE.sub(" ", text)) or _words(text)
    named = [(word, found) for word, found in words if word not in TITLES] or words
    return tuple(word for word, _ in named), tuple(found for _, found in named)


def _words(text: str) -> list[tuple[str, str]]:
    """List the words of a text, in ASCII where they can be, and as they stand."""
    if text.isascii():
        return [(word, word) for word in _WORD.findall(text)]
    parted = unicodedata.normalize("NFC", text.translate(_PARTED)).split()
    words = [(romanise(found), found) for found in parted]
    return [(word, found) for word, found in words if _WORD.search(word)]


def _part(char: str) -> str:
    """Keep letters, digits and marks; signs part words, what cannot be seen does not."""
    kind = unicodedata.category(char)
    if kind in ("Cf", "Me") or char in _VARIANTS:
        return ""
    return char if char.isalnum() or kind in ("Mn", "Mc") else " "


class _Parted(dict[int, str]):
    """`_part` of each character that was ever asked for."""

    def __missing__(self, code: int) -> str:
        self[code] = part = _part(chr(code))
        return part


_PARTED = _Parted()


def is_organisation(words: tuple[str, ...] | list[str], stem: str = "") -> bool:
    """Tell whether a name, or the end of a handle, holds a word of `ORGANISATIONS`."""
    ends = any(stem.endswith(word) and len(stem) > len(word) + 2 for word in ORGANISATIONS if len(word) > 5)
    return ends or not ORGANISATIONS.isdisjoint(words)


def key(words: tuple[str, ...] | list[str]) -> str:
    """Name a set of words whatever their order."""
    return " ".join(sorted(set(words)))
