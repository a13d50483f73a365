"""Words of any script → ASCII letters: one fixed form for Cyrillic and Greek, anyascii's for the rest."""

# ruff: noqa: RUF001, SIM905 - the foreign letters are meant, and tables read better as text
from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from anyascii import anyascii

from graphmatch.normalise.handles import fold
from graphmatch.normalise.look_alikes import unmask

CYRILLIC = dict(
    zip(
        "абвгдежзийклмнопрстуфхцчшщъыьэюяёіїєґўј",
        "a b v g d e zh z i y k l m n o p r s t u f kh ts ch sh shch  y  e yu ya yo i yi ye g u j".split(" "),
        strict=True,
    )
)
GREEK = dict(
    zip("αβγδεζηθικλμνξοπρσςτυφχψω", "a v g d e z i th i k l m n x o p r s s t y f ch ps o".split(), strict=True)
)
_LETTERS = str.maketrans(
    {
        **CYRILLIC,
        **GREEK,
        **{"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ı": "i", "þ": "th", "ð": "d"},
    }
)
#: The same words come again and again: of so many it is kept what was made of them.
WORDS_KEPT = 65_536
#: Marks that change a letter for another (kana's voicing, Indic nukta and virama, Thai vowels) are part of the word.
_PARTS = frozenset({0, 7, 8, 9, 103, 107, 118, 122})
_SMALL_KANA = dict(zip("ゃゅょャュョ", "auoauo", strict=True))
_NOT_ALNUM = re.compile(r"[^a-z0-9]+")
_DIGIT = re.compile(r"\d")
_KANA = re.compile(r"[\u3040-\u30ff]")


def unmarked(word: str) -> str:
    """Drop accents, and vowel points of scripts that write without them; not what makes another letter of one."""
    if word.isascii():
        return word
    apart = unicodedata.normalize("NFKD", word)
    return unicodedata.normalize("NFKC", "".join(c for c in apart if unicodedata.combining(c) in _PARTS))


@lru_cache(maxsize=WORDS_KEPT)
def romanise(word: str) -> str:
    """Write a lower-case word of Latin, Cyrillic or Greek letters in ASCII; words of other scripts stay as they are.

    Digits of all scripts become ASCII digits. In a word of mixed script, or of letters that only look like Latin ones
    (small capitals), the odd ones count as look-alikes.
    """
    word = _DIGIT.sub(lambda digit: str(int(digit[0])), unmarked(word))
    if word.isascii():
        return word
    mixed = any("a" <= char <= "z" for char in word)
    if mixed and not word.translate(_LATIN_LETTERS).isascii():
        folded = fold(word)
        if folded.isascii() or _foreign(word):
            return folded
    text = word.translate(_LETTERS)
    if not text.isascii() and all(char.isascii() or unicodedata.name(char, "").startswith("LATIN") for char in text):
        return unmask(text)
    return text


_LATIN_LETTERS = {
    char: latin for char, latin in _LETTERS.items() if chr(char) not in CYRILLIC and chr(char) not in GREEK
}


def _foreign(word: str) -> bool:
    return any(char in CYRILLIC or char in GREEK for char in word)


def ascii_form(word: str) -> str:
    """Write a word of any script in ASCII letters and digits, lower case; empty if it has none.

    Arabic and Hebrew give consonants alone, Han the Mandarin reading.
    """
    text = romanise(word.casefold())
    if not text.isascii():
        text = "".join(char for char in text if char.isalnum() or unicodedata.category(char)[0] == "M")
        text = _kana(text) if _KANA.search(text) else anyascii(text)
    return _NOT_ALNUM.sub("", text.lower())


def syllables(word: str) -> tuple[str, ...]:
    """Split a word wholly of Han or Hangul characters into the ASCII form of each; anything else stays one."""
    if len(word) > 1 and all(_is_block(char) for char in word):
        return tuple(ascii_form(char) for char in word)
    return (ascii_form(word),)


def _is_block(char: str) -> bool:
    return "\u4e00" <= char <= "\u9fff" or "\uac00" <= char <= "\ud7a3" or "\u3400" <= char <= "\u4dbf"


def _kana(text: str) -> str:
    """Write kana as said: small ``ya yu yo`` melt into what stands before, small ``tsu`` doubles what follows."""
    said, double = "", False
    for char in text:
        if char in _SMALL_KANA and said.endswith("i"):
            said = said[:-1] + ("" if said.endswith(("shi", "chi", "ji")) else "y") + _SMALL_KANA[char]
        elif char in "っッ":
            double = True
        elif char != "ー":
            latin = anyascii(char).lower()
            said += latin[:1] + latin if double else latin
            double = False
    return said
