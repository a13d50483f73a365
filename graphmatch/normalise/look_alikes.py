"""Characters → the Latin letters and digits they pass for.

Unicode lists them (TR39, ``confusables.txt``; here by way of the package confusable-homoglyphs, whose table is read
once, when a text first needs it). The list knows shapes, not habits: what people write besides, and the letters where
lower case looks otherwise than upper case, stand in `LOOK_ALIKES`, which goes first.
"""

# ruff: noqa: RUF001, RUF002 - look-alike letters are what this table is about
from __future__ import annotations

import json
import re
import unicodedata
from functools import cache
from importlib.resources import files

#: Letters that pass for a Latin one, lower case, after NFKC and case folding. These precede Unicode's list.
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
#: What handles are disguised with besides: small capitals, turned letters. These precede the former: ``ł`` is an ``l``.
_BESIDES = {
    "a": "ᴀ",
    "d": "ᴅ",
    "e": "ᴇəǝ",
    "f": "ꜰ",
    "g": "ɢ",
    "h": "նʜ",
    "i": "ɪ",
    "j": "ᴊ",
    "k": "ᴋ",
    "l": "ʟł",
    "m": "ᴍ",
    "n": "ɴи",
    "o": "ᴏ",
    "p": "ᴘ",
    "q": "ǫ",
    "r": "ʀя",
    "t": "ᴛ",
    "u": "ц",
    "w": "ᴡшщ",
    "y": "ʏ",
}
#: White letters on black squares and disks, which no compatibility form undoes.
_BADGES = {first + place: chr(ord("a") + place) for first in (0x1F150, 0x1F170) for place in range(26)}
_OURS = _BADGES | {
    ord(char): latin for table in (LOOK_ALIKES, _BESIDES) for latin, chars in table.items() for char in chars
}
#: Unicode gives strokes (``|``, ``1``, capital I) as ``l``, we as ``i``; and ``m`` as ``rn``.
_HERE = {"l": "i", "rn": "m"}
_DIGIT = re.compile(r"\d")
_LETTER = re.compile(r"[A-Za-z]")


def bare(text: str) -> str:
    """Drop accents and other marks that combine."""
    marked = unicodedata.normalize("NFKD", text)
    return unicodedata.normalize("NFKC", "".join(c for c in marked if not unicodedata.combining(c)))


def unmask(text: str) -> str:
    """Write look-alikes as the Latin letters they pass for, lower case; digits of all scripts as ASCII digits.

    Beside Latin letters a capital counts by its own shape (Greek ``Η`` as ``h``, ``Ν`` as ``n``); in a text wholly of
    another script capital and small letters stay one. ``text`` has been through NFKC and `bare`.
    """
    if not text.isascii() and not text.islower() and _LETTER.search(text):
        text = text.translate(_capitals())
    text = text.casefold().translate(_OURS)
    if text.isascii():
        return text
    text = _DIGIT.sub(lambda digit: str(int(digit[0])), text)
    return text if text.isascii() else text.translate(_listed()[0])


def _capitals() -> dict[int, str]:
    return _listed()[1]


@cache
def _listed() -> tuple[dict[int, str], dict[int, str]]:
    """Read Unicode's list: what small letters and signs pass for, and capitals that pass for something else."""
    table = json.loads(files("confusable_homoglyphs").joinpath("confusables.json").read_text("utf-8"))
    small, capitals = {}, {}
    for char, likes in table.items():
        latin = _latin(likes) if len(char) == 1 and not char.isascii() else None
        if latin is None or char.isdecimal() or unicodedata.category(char) == "So":
            continue
        folded = bare(char.casefold())
        if folded.isascii():
            continue
        if folded == char:
            small[ord(char)] = latin
        elif len(folded) == 1:
            small.setdefault(ord(folded), latin)
            capitals[ord(char)] = latin
    return small, capitals


def _latin(likes: list[dict[str, str]]) -> str | None:
    """Pick what a character is like that is one or two ASCII letters, or a digit, but for marks."""
    for like in likes:
        latin = bare(like["c"]).lower()
        if latin.isascii() and latin.isalnum() and len(latin) <= 2:
            return _HERE.get(latin, latin) if like["c"].isascii() else latin
    return None
