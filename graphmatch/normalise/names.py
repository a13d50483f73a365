"""Display names → tokens, an order-free key, and the handles that people build from them."""

# ruff: noqa: SIM905, RUF001 - word lists read better as text; the foreign letters are meant
from __future__ import annotations

import re
import unicodedata

from graphmatch.normalise.handles import fold

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

_CYRILLIC = dict(
    zip(
        "абвгдежзийклмнопрстуфхцчшщъыьэюяёіїєґўј",
        "a b v g d e zh z i y k l m n o p r s t u f kh ts ch sh shch  y  e yu ya yo i yi ye g u j".split(" "),
        strict=True,
    )
)
_GREEK = dict(
    zip("αβγδεζηθικλμνξοπρσςτυφχψω", "a v g d e z i th i k l m n x o p r s s t y f ch ps o".split(), strict=True)
)
_LETTERS = str.maketrans(
    {**_CYRILLIC, **_GREEK, "ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ı": "i"}
)


def tokens(name: str) -> tuple[str, ...]:
    """Split a display name into bare lower-case words, in order, titles and asides dropped.

    Cyrillic and Greek words are transliterated; in a word of mixed script the odd letters count as look-alikes. Other
    scripts stay as they are. A name of emoji alone has no words.
    """
    text = _APOSTROPHES.sub("", unicodedata.normalize("NFKC", name)).casefold()
    words = _words(_ASIDE.sub(" ", text)) or _words(text)
    named = tuple(word for word in words if word not in TITLES)
    return named or tuple(words)


def _words(text: str) -> list[str]:
    if text.isascii():
        return _WORD.findall(text)
    bare = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    found = _WORD.findall(unicodedata.normalize("NFKC", bare))
    return [word for word in map(_romanise, found) if word]


def _romanise(word: str) -> str:
    if word.isascii():
        return word
    mixed = any("a" <= char <= "z" for char in word)
    return fold(word) if mixed and not word.isnumeric() and _foreign(word) else word.translate(_LETTERS)


def _foreign(word: str) -> bool:
    return any(char in _CYRILLIC or char in _GREEK for char in word)


def is_organisation(words: tuple[str, ...] | list[str], stem: str = "") -> bool:
    """Tell whether a name, or the end of a handle, holds a word of `ORGANISATIONS`."""
    ends = any(stem.endswith(word) and len(stem) > len(word) + 2 for word in ORGANISATIONS if len(word) > 5)
    return ends or not ORGANISATIONS.isdisjoint(words)


def key(words: tuple[str, ...] | list[str]) -> str:
    """Name a set of words whatever their order."""
    return " ".join(sorted(set(words)))


def full_forms(words: tuple[str, ...] | list[str]) -> list[str]:
    """List handles that spell the name out: ``janedoe``, ``doejane``, with or without what stands between."""
    if not words:
        return []
    first, last = words[0], words[-1]
    forms = {"".join(words), "".join(reversed(words)), first + last, last + first}
    return sorted(form for form in forms if len(words) > 1 or len(form) > 0)


def short_forms(words: tuple[str, ...] | list[str]) -> list[str]:
    """List handles that shorten a name of two words or more: ``jdoe``, ``doej``, ``janed``, ``jmdoe``, ``jmd``."""
    if len(words) < 2:
        return []
    first, last = words[0], words[-1]
    initials = "".join(word[0] for word in words)
    forms = {
        first[0] + last,
        last + first[0],
        first + last[0],
        last[0] + first,
        initials[:-1] + last,
        last + initials[:-1],
    }
    if len(initials) > 2:
        forms.add(initials)
    return sorted(forms - set(full_forms(words)))
