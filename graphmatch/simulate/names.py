"""Invented names, and handles made from them the way people make them."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace

from graphmatch.simulate import words
from graphmatch.simulate.draws import Draws, Weights
from graphmatch.simulate.world import HandleParts

_COMPOUNDS = [head + tail for tail in words.FAMILY_TAILS for head in words.FAMILY_HEADS]
_ODD = [(first + second).capitalize() for first in words.SYLLABLES for second in words.SYLLABLES if first != second]
#: A stride that shares no divisor with the number of compounds mixes them, so that no ending is the commonest.
_FAMILIES = [_COMPOUNDS[place * 991 % len(_COMPOUNDS)] for place in range(len(_COMPOUNDS))] + _ODD
_GIVEN = Weights.power_law(words.GIVEN, 0.6)
_FAMILY = Weights.power_law(_FAMILIES, 0.5)
_FIRST_WORDS = (*words.ADJECTIVES, *words.NOUNS)
_MEME = Weights.power_law(words.MEMES, 0.7)
_SCRIPT = Weights({"latin": 0.78, "polish": 0.06, "welsh": 0.06, "arabic": 0.03, "cyrillic": 0.04, "devanagari": 0.03})
_STYLE = Weights({"name": 0.46, "initial": 0.1, "family_first": 0.06, "nick": 0.22, "meme": 0.03, "odd": 0.13})
_SEPARATOR = Weights({"_": 0.4, "": 0.35, ".": 0.15, "-": 0.1})
_LEET = {"o": "0", "l": "1", "i": "1", "e": "3", "a": "4", "s": "5"}
_LOOKALIKE_LETTERS = str.maketrans("aeopcx", "аеорсх")  # noqa: RUF001  Cyrillic, as disguises use them

#: Longest handle, and the separators that may stand in one.
RULES: dict[str, tuple[int, str]] = {
    "mastodon": (30, "_"),
    "bluesky": (18, "-"),
    "reddit": (20, "_-"),
    "x": (15, "_"),
    "facebook": (50, "."),
    "tiktok": (24, "._"),
    "instagram": (30, "._"),
    "telegram": (32, "_"),
    "youtube": (30, "_-."),
}
_FOLDS_CASE = frozenset({"bluesky", "facebook", "instagram", "tiktok", "telegram"})


@dataclass(frozen=True, slots=True)
class Name:
    """A name as it is shown, and its Latin letters for handles."""

    given: str
    family: str
    given_latin: str
    family_latin: str

    @property
    def shown(self) -> str:
        """Give the whole name."""
        return f"{self.given} {self.family}"


def name(draws: Draws) -> Name:
    """Draw a name; a few are very common, most are rare, some stand in another script."""
    script = draws.weighted(_SCRIPT)
    if script != "latin":
        given, heads, tails = words.OTHER_SCRIPTS[script]
        (first, latin), (head, head_latin), (tail, tail_latin) = (draws.pick(part) for part in (given, heads, tails))
        between = " " if script == "arabic" else ""
        return Name(first, f"{head}{between}{tail}", latin, head_latin + tail_latin)
    first, second = draws.weighted(_GIVEN), draws.weighted(_FAMILY)
    return Name(first, second, _plain(first), _plain(second))


def _plain(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", text.lower()) if c.isascii() and c.isalnum())


def handle_parts(draws: Draws, who: Name) -> HandleParts:
    """Make a handle from a name, a nickname, a common meme or an odd word of one's own."""
    style = draws.weighted(_STYLE)
    first, second = {
        "name": (who.given_latin, who.family_latin),
        "initial": (who.given_latin[0], who.family_latin),
        "family_first": (who.family_latin, who.given_latin),
        "nick": (draws.pick(_FIRST_WORDS), draws.pick(words.NOUNS)),
        "meme": draws.weighted(_MEME),
        "odd": ("".join(draws.pick(words.SYLLABLES) for _ in range(draws.between(2, 4))), ""),
    }[style]
    return HandleParts(first, second, draws.weighted(_SEPARATOR), digits(draws, 0.55), draws.chance(0.3))


def digits(draws: Draws, probability: float) -> str:
    """Draw the digits that people hang on a handle: a year of birth, a lucky number, or with luck none."""
    if not draws.chance(probability):
        return ""
    if draws.chance(0.5):
        return f"{draws.between(1950, 2007) % 100:02}"
    return str(draws.between(1, 99)) if draws.chance(0.6) else str(draws.between(1950, 2012))


def fit(parts: HandleParts, platform: str, extra: str = "") -> str:
    """Cut a handle to a platform's rules; ``extra`` digits make it one that is not taken."""
    longest, separators = RULES[platform]
    tail = parts.digits + extra
    first, second = (
        (parts.first.capitalize(), parts.second.capitalize()) if parts.capitals else (parts.first, parts.second)
    )
    between = parts.separator if parts.separator in separators else separators[0] if parts.separator else ""
    body = f"{first}{between}{second}" if second else first
    if len(body) + len(tail) > longest:
        body = f"{first}{second}"[: longest - len(tail)]
    made = (body + tail).ljust(5, "x") if platform == "telegram" else body + tail
    return made.lower() if platform in _FOLDS_CASE else made


def folded(draws: Draws, parts: HandleParts) -> HandleParts:
    """Write a handle so that it reads the same and is another: leet, ``rn`` for ``m``, another separator."""
    first, second = parts.first, parts.second
    if "m" in first and draws.chance(0.4):
        first = first.replace("m", "rn", 1)
    else:
        swaps = [letter for letter in first + second if letter in _LEET]
        for letter in draws.some(sorted(set(swaps)), 2):
            first, second = first.replace(letter, _LEET[letter]), second.replace(letter, _LEET[letter])
    separator = draws.pick([s for s in ("_", "", "-", ".") if s != parts.separator])
    return replace(parts, first=first, second=second, separator=separator)


def copied(draws: Draws, parts: HandleParts) -> HandleParts:
    """Copy a handle as an impersonator does: letters that look alike, or a word that sounds official."""
    if draws.chance(0.5):
        return folded(draws, parts)
    word = draws.pick(("official", "real", "hq", "mp"))
    return replace(parts, second=f"{parts.second}{word}" if parts.second else word, separator="_")


def lookalike_letters(shown: str) -> str:
    """Put Cyrillic letters that look Latin into a display name."""
    return shown.translate(_LOOKALIKE_LETTERS)


def display_name(draws: Draws, who: Name, parts: HandleParts) -> str:
    """Make a display name: the name, half of it, the nickname, or a name with a flourish."""
    place = draws.unit()
    if place < 0.55:
        return who.shown
    if place < 0.7:
        return f"{parts.first} {parts.second}".strip().title()
    if place < 0.8:
        return f"{who.given} {who.family[0]}."
    if place < 0.9:
        return f"{who.given} {draws.pick(('🌾', '🐑', '⚒️', '🏔️', '🥀', '🫖'))}"
    return who.given
