"""Words of a name → the handles that people build from them: spelled out, shortened, with short and family names."""

# ruff: noqa: SIM905 - word lists read better as text
from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from graphmatch.normalise.forenames import other_forenames
from graphmatch.normalise.handles import fold, squash
from graphmatch.normalise.nicknames import written_as
from graphmatch.normalise.romanise import WORDS_KEPT, syllables
from graphmatch.normalise.spellings import spellings

#: At most so many forms of either kind are listed: they key the blocking of candidates.
MAX_FORMS = 12
#: Words that belong to the family name after them.
PARTICLES = frozenset(
    (
        "de del della delle dei degli di da do dos das du des la le van von der den ter ten te zu zum zur af av "
        "al el bin ibn bint ben abu ap mac mc fitz st saint san santa o"
    ).split()
)
#: Where a platform and a mail system cut names off.
CUTS = (15, 8)
_NO_VOWELS = str.maketrans("", "", "aeiou")


@dataclass(frozen=True, slots=True)
class _Name:
    """A name taken apart; all in ASCII but ``words``. ``family`` has its particles, ``last`` has not."""

    words: tuple[str, ...]
    given: tuple[str, ...]
    family: str
    last: str
    initials: str

    @property
    def first(self) -> str:
        return self.given[0]


def _apart(words: Sequence[str]) -> _Name | None:
    """Take a name of two words or more apart; a Han or Hangul name of one word has its family name in front."""
    if len(words) == 1 and len(blocks := syllables(words[0])) > 1:
        family = spellings(words[0][0])[-1]
        return _Name((), ("".join(blocks[1:]),), family, family, "".join(block[0] for block in blocks[1:]))
    pairs = [(word, form) for word in words if (form := _plain(word))]
    if len(pairs) < 2:
        return None
    plain = tuple(form for _, form in pairs)
    at = len(plain) - 1
    while at > 1 and plain[at - 1] in PARTICLES:
        at -= 1
    given = plain[:at]
    initials = "".join(word[0] for word in given)
    return _Name(tuple(word for word, _ in pairs), given, "".join(plain[at:]), plain[-1], initials)


@lru_cache(maxsize=WORDS_KEPT)
def _plain(word: str) -> str:
    return word if word.isascii() else next(iter(written_as(word) or spellings(word)), "")


def surname_forms(words: Sequence[str]) -> tuple[str, ...]:
    """List how the family name may stand alone: with its particles, its last word, double, its first half.

    ``(jan, van, den, berg)`` gives ``vandenberg, berg``; ``(mary, smith, jones)`` gives ``jones, smithjones, smith``,
    since a name does not tell whether its middle word is a family name. Empty for a name of one word.
    """
    name = _apart(words)
    if name is None:
        return ()
    forms = [name.family, name.last]
    if len(name.given) > 1 and len(name.given[-1]) > 2:
        forms += [name.given[-1] + name.family, name.given[-1]]
    return tuple(dict.fromkeys(forms))


def full_forms(words: Sequence[str]) -> list[str]:
    """List handles that spell the name out: ``janedoe``, ``doejane``, with or without what stands between.

    Also with a short form of the forename (``katedoe``) and other spellings of a word. At most `MAX_FORMS`, sorted;
    what goes first when there are more is said in `_full`.
    """
    return forms(words)[0]


def short_forms(words: Sequence[str]) -> list[str]:
    """List handles that shorten a name of two words or more: ``jdoe``, ``doej``, ``janed``, ``jmdoe``, ``jmd``.

    Also the family name alone where it is of several words, the beginnings of either (``jandoe``), and what platforms
    cut off. None is one of `full_forms`.
    At most `MAX_FORMS`, sorted.
    """
    return forms(words)[1]


def forms(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """Give `full_forms` and `short_forms` at once."""
    if len(words) == 2 and (made := _of_two(words, _part(words[0]), _part(words[1]))):
        return made
    name = _apart(words)
    spelled = dict.fromkeys(_full(words, name))
    spelled.pop("", None)
    full = set(islice(spelled, MAX_FORMS))
    short = [form for form in dict.fromkeys(_short(name)) if form not in full] if name else []
    return sorted(full), sorted(short[:MAX_FORMS])


class _Part(NamedTuple):
    """A word of names, and what is made of it again and again: ``more`` spellings, beginnings by length."""

    plain: str
    more: bool
    others: tuple[str, ...]
    one: str
    two: str
    three: str
    four: str
    bare: str


@lru_cache(maxsize=WORDS_KEPT)
def _part(word: str) -> _Part:
    plain = _plain(word)
    more, others = len(spellings(word)) > 1, other_forenames(plain) if plain else ()
    return _Part(plain, more, others, plain[:1], plain[:2], plain[:3], plain[:4], plain.translate(_NO_VOWELS))


def _of_two(words: Sequence[str], given: _Part, family: _Part) -> tuple[list[str], list[str]] | None:
    """Give the `forms` of a name of two words, as most are; ``None`` where their order decides which are listed."""
    first, more, others, one, two, three, _, _ = given
    last, more_last, _, end, _, last_three, last_four, bare = family
    if not first or not last:
        return None
    whole, turned = first + last, last + first
    full = {whole, turned}
    if others:
        full.update([other + last for other in others], [last + others[0]])
    if more or more_last or first is not words[0] or last is not words[1]:
        full.update((_as_handle(words), _as_handle(words[::-1])), _respelled(first, last, words))
        full.discard("")
        if len(full) > MAX_FORMS:
            return None
    initial = one + last
    short = {
        initial, last + one, first + end, end + first, three + last, two + last, initial[: CUTS[1]],
        first + last_four, first + last_three, first + bare, whole[: CUTS[0]], three + last_three,
    }  # fmt: skip
    return sorted(full), sorted(short - full)


def _full(words: Sequence[str], name: _Name | None) -> Iterator[str]:
    yield _as_handle(words)
    if len(words) == 1:
        yield from spellings(words[0])
    if name is None:
        return
    yield _as_handle(words[::-1])
    for family in dict.fromkeys((name.family, name.last)):
        yield name.first + family
        yield family + name.first
    others = other_forenames(name.first)
    for other in others[:2]:
        yield other + name.family
    if len(name.given) > 1:
        middle = name.given[-1]
        yield from (name.first + middle, middle + name.family, name.first + name.initials[1:] + name.last)
        yield name.family + "".join(name.given)
        if len(name.first) == 1:
            yield "".join(name.given[1:]) + name.family
    if name.words:
        yield from _respelled(name.first, name.last, name.words)
    for other in others[2:]:
        yield other + name.family
    yield from (name.last + other for other in others[:1])


def _as_handle(words: Sequence[str]) -> str:
    """Write the words as one; what is not ASCII is folded, as a handle in that script would be."""
    text = "".join(words)
    if text.isascii():
        return text
    # Digits mean something by what stands beside them, letters don't: then each word is folded once for all names.
    return "".join(map(_folded, words)) if all(map(_stands_alone, words)) else squash(fold(text))


@lru_cache(maxsize=WORDS_KEPT)
def _folded(word: str) -> str:
    return squash(fold(word))


@lru_cache(maxsize=WORDS_KEPT)
def _stands_alone(word: str) -> bool:
    return word[0].isalpha() and not any(
        char.isnumeric() or "\u1100" <= char <= "\u11ff" for char in word + _folded(word)
    )


def _respelled(first: str, last: str, words: Sequence[str]) -> list[str]:
    """List how first and last of ``words`` are written else, beside ``first`` and ``last`` as they are."""
    given, family = spellings(words[0])[1:], spellings(words[-1])[1:]
    made = [first + other for other in family]
    for name in given:
        made += [name + last, *(name + other for other in family[:1])]
    return made


def _short(name: _Name) -> Iterator[str]:
    first, last = name.first, name.last
    yield from (first[0] + last, last + first[0], first + last[0], last[0] + first)
    if name.family != last:
        yield from (first[0] + name.family, name.family)
    if len(name.initials) > 1:
        yield from (name.initials + last, last + name.initials)
    if len(name.given) > 1:
        middle = name.given[-1]
        yield from (first[0] + middle + last, first + name.initials[1:] + last[0], first[0] + middle)
    yield from (first[:3] + last, first[:2] + last)
    if len(name.initials) > 1:
        yield name.initials + last[0]
    yield (first[0] + last)[: CUTS[1]]
    yield from (first + last[:4], first + last[:3])
    yield first + last.translate(_NO_VOWELS)
    for whole in ("".join((*name.given, name.family)), first + last):
        yield whole[: CUTS[0]]
    yield first[:3] + last[:3]
