"""One word of a name → the few ways in which people write it in ASCII letters, and its consonants."""

# ruff: noqa: RUF001 - the foreign letters are meant
from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from graphmatch.normalise.nicknames import written_as
from graphmatch.normalise.romanise import CYRILLIC, GREEK, WORDS_KEPT, ascii_form, romanise, syllables

#: How many spellings a word has at most, the plain one included.
MAX_SPELLINGS = 4

_TWO_LETTERS = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe", "đ": "dj", "č": "ch", "ć": "ch", "ç": "ch", "š": "sh"}
    | {"ş": "sh", "ș": "sh", "ž": "zh", "ñ": "ny", "ð": "dh"}
)
_UMLAUT = re.compile(r"(?<=[bcdfghjklmnprstvwz])([aou])e(?=[bcdfghklmnprstz][a-z])")
_Y_ENDING = re.compile(r"(?:iy|yi|ii|yy|ij|yj)$")

_PRESS = str.maketrans({**CYRILLIC, "й": "y", "ё": "yo"})
_PASSPORT = str.maketrans({**CYRILLIC, "й": "i", "ю": "iu", "я": "ia", "ъ": "ie", "ё": "e"})
_UKRAINIAN = str.maketrans({**CYRILLIC, "й": "y", "и": "y", "г": "h", "ю": "iu", "я": "ia", "ї": "i", "є": "ie"})
_SPOKEN = str.maketrans({**CYRILLIC, "й": "i", "х": "h", "ц": "c", "щ": "sch", "ё": "yo"})
_GREEK_PAIRS = (("ου", "ou"), ("μπ", "b"), ("ντ", "nt"), ("γγ", "ng"), ("γκ", "g"), ("αυ", "av"), ("ευ", "ev"))
_GREEK_SPOKEN = str.maketrans(GREEK | {"χ": "h", "υ": "i"})
_GREEK_WRITTEN = str.maketrans(GREEK)
#: How Korean family names are written, where not by the rule.
_KOREAN = {
    "gim": "kim", "i": "lee", "bag": "park", "bak": "park", "choe": "choi", "jeong": "jung", "gang": "kang",
    "jo": "cho", "yun": "yoon", "im": "lim", "seo": "suh", "sin": "shin", "gwon": "kwon", "an": "ahn", "yu": "yoo",
    "go": "ko", "mun": "moon", "baeg": "baek", "heo": "hur", "sim": "shim", "no": "roh", "gwag": "kwak", "u": "woo",
}  # fmt: skip


@lru_cache(maxsize=WORDS_KEPT)
def spellings(word: str) -> tuple[str, ...]:
    """List at most `MAX_SPELLINGS` ASCII spellings of one word of a name, the plain one first; none if it has none.

    The plain one is that of `names.tokens` where that is ASCII. ``müller`` is also ``mueller``, ``юрий`` also ``yury``
    and ``iurii``, ``محمد`` (whose letters alone are ``mhmd``) also ``muhammad``. Only a word as it was written
    (`names.written`) has all of them: ``muller`` alone does not tell of an umlaut.
    """
    text = unicodedata.normalize("NFKC", word).casefold()
    found = [ascii_form(text), *(_variants(text) if not text.isascii() else _of_ascii(text))]
    return tuple(dict.fromkeys(form for form in found if form and form.isascii() and form.isalnum()))[:MAX_SPELLINGS]


def _variants(text: str) -> list[str]:
    if any(char in CYRILLIC for char in text):
        return _cyrillic(text)
    if any(char in GREEK for char in _unaccented(text)):
        return _greek(_unaccented(text))
    if "\uac00" <= text[0] <= "\ud7a3":
        return _korean(text)
    known = written_as(text)
    if known:
        return list(known)
    plain = romanise(text)
    if plain.isascii():
        return [romanise(text.translate(_TWO_LETTERS)), *_of_ascii(plain)]
    said = ascii_form(text)
    return [re.sub(r"ou|oo", "o", said).replace("uu", "u")]


def _unaccented(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))


def _cyrillic(text: str) -> list[str]:
    english = re.sub(r"[иы]й$", "y", text).replace("кс", "x")
    forms = [english.translate(_PRESS), text.translate(_PASSPORT)]
    if "и" in re.sub(r"ий$", "", text) or set("іїєґ") & set(text):
        forms.append(re.sub(r"ий$", "y", text).translate(_UKRAINIAN))
    forms.append(re.sub(r"[иы]й$", "i", text).translate(_SPOKEN))
    return forms


def _greek(text: str) -> list[str]:
    for pair, latin in _GREEK_PAIRS:
        text = text.replace(pair, latin)
    return [text.translate(_GREEK_WRITTEN), text.translate(_GREEK_SPOKEN)]


def _korean(text: str) -> list[str]:
    parts = syllables(text)
    family, given = _KOREAN.get(parts[0], parts[0]), "".join(parts[1:])
    spoken = given.replace("yeo", "you").replace("eo", "u")
    return [family + given, family + spoken]


def _of_ascii(text: str) -> list[str]:
    """Vary a word that is in ASCII already: what transliterated words and German ones tell of themselves."""
    forms = []
    if _Y_ENDING.search(text):
        forms += [_Y_ENDING.sub("y", text), _Y_ENDING.sub("i", text)]
    if re.search(r"aleks|maks|feliks|kseni", text):
        forms.append(text.replace("ks", "x"))
    if re.match(r"i[ua]", text):
        forms.append("y" + text[1:])
    if "shch" in text:
        forms.append(text.replace("shch", "sch"))
    forms.append(_UMLAUT.sub(r"\1", text))
    return forms


_SOUNDS = (("ph", "f"), ("ck", "k"), ("q", "k"), ("x", "ks"), ("j", "g"))
_DRAWN = re.compile(r"(.)\1+")
_SILENT_H = re.compile(r"(?<![cdgkpstz])h$")


def consonants(word: str) -> str:
    """Write only the consonants of a word, so that ``محمد``, ``muhammad`` and ``mohamed`` meet (``mhmd``).

    A last ``h`` that is not part of ``sh`` and the like is silent; ``w`` and ``y`` count as vowels. Two consonants or
    fewer tell little. Empty if there are none.
    """
    text = ascii_form(word)
    for written, said in _SOUNDS:
        text = text.replace(written, said)
    text = re.sub(r"c(?!h)", "k", text)
    text = _DRAWN.sub(r"\1", re.sub(r"[aeiouyw0-9]", "", text))
    return _SILENT_H.sub("", text)
