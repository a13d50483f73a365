"""How alike two texts are: scores of rapidfuzz for given pairs of accounts, and bounds that spare most of them.

In: `Sides` and, of each side, a trait and row numbers. Out: float32 in [0, 1], a number a pair. With numba installed
the scores come from `graphmatch.link.kernel`, and from rapidfuzz only for texts that are too long or strange for it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
from numpy.typing import NDArray
from rapidfuzz import fuzz, process
from rapidfuzz.distance import JaroWinkler

from graphmatch.link.encoded import Counts, Encoded, Flags, Numbers, Rows
from graphmatch.link.lists import Lists

if TYPE_CHECKING:
    from graphmatch.link.sides import Sides

Scores = NDArray[np.float32]
#: A trait, and the accounts whose it is.
Side = tuple[str, Rows]
#: Rounds down, so that a ratio of just 60 % is a little less than 0.6: levels and weights were fitted so.
PERCENT = np.float32(1) / np.float32(100)
#: What rounding can take from a bound.
SLACK = 1e-6
#: Jaro-Winkler counts a common beginning of at most so many letters, each for this much, from this Jaro likeness on.
START, START_WEIGHT, START_FROM = 4, 0.1, 0.7


def at(side: Side, some: NDArray[Any]) -> Side:
    """Take ``some`` of the accounts of a side."""
    return side[0], side[1][some]


def ratio(both: Sides, one: Side, two: Side) -> Scores:
    """Give twice the letters in common, in order, over the letters of both."""
    return _scored(both, one, two, fuzz.ratio, "ratio") * PERCENT


def winkler(both: Sides, one: Side, two: Side) -> Scores:
    """Give the Jaro-Winkler likeness."""
    return _scored(both, one, two, JaroWinkler.similarity, "winkler")


def _scored(both: Sides, one: Side, two: Side, scorer: Callable[..., float], kernel: str) -> Scores:
    if not both.fast:
        return _by_rapidfuzz(both.encoded, one, two, scorer)
    from graphmatch.link import kernel as compiled  # noqa: PLC0415 - numba is an extra

    texts = [both.encoded.written(trait).parts for trait, _ in (one, two)]
    made = np.empty(one[1].size, dtype=np.float32)
    compiled.run(getattr(compiled, kernel), (*texts[0], *texts[1]), (one[1], two[1]), (made,))
    return _mended(both.encoded, one, two, scorer, made)


def _mended(encoded: Encoded, one: Side, two: Side, scorer: Callable[..., float], made: Scores) -> Scores:
    """Score with rapidfuzz what has no number."""
    rest = np.flatnonzero(np.isnan(made))
    if rest.size:
        made[rest] = _by_rapidfuzz(encoded, at(one, rest), at(two, rest), scorer)
    return made


def _by_rapidfuzz(encoded: Encoded, one: Side, two: Side, scorer: Callable[..., float]) -> Scores:
    texts = [encoded.text(trait, rows).to_list() for trait, rows in (one, two)]
    return np.asarray(process.cpdist(*texts, scorer=scorer, dtype=np.float32, workers=-1))


@dataclass(frozen=True, slots=True)
class Alike:
    """How alike the handles of ``some`` pairs are; ``inside``: one of five letters and more stands in the other."""

    some: Rows
    ratio: Scores
    winkler: Scores
    inside: Flags
    sizes: tuple[Counts, Counts]


def handles(both: Sides, some: Rows) -> Alike:
    """Compare the bare handles of those of ``some`` pairs that may be alike at all.

    Jaro-Winkler is only worked out where it can lift the level that the rest gives, and 0 elsewhere.
    """
    sides = both.sides("skeleton", some)
    sizes = [both.encoded.sizes("skeleton")[rows] for _, rows in sides]
    short, long = np.minimum(*sizes), np.maximum(*sizes)
    bound = Bound(both.encoded, *sides)
    most, inside = bound.winkler(), bound.inside() & (short >= 5)
    kept = np.flatnonzero((bound.ratio() >= 0.6) | (most >= 0.8) | inside)
    some, short, long, most, inside = some[kept], short[kept], long[kept], most[kept], inside[kept]
    sides = both.sides("skeleton", some)
    likeness = ratio(both, *sides)
    # Whatever stands in the longer has all its letters in common with it.
    inside[inside] = likeness[inside] >= 2 * short[inside] / (short[inside] + long[inside]) - SLACK
    inside[inside] = _one_inside_other(both.encoded, at(sides[0], inside), at(sides[1], inside))
    lifts = ((most >= 0.8) & (likeness < 0.6)) | ((most >= 0.88) & (likeness < 0.75) & ~inside & both.same_kind(some))
    made = np.zeros(some.size, dtype=np.float32)
    made[lifts] = winkler(both, at(sides[0], lifts), at(sides[1], lifts))
    return Alike(some, likeness, made, inside, (short, long))


def _one_inside_other(encoded: Encoded, one: Side, two: Side) -> Flags:
    texts = pl.DataFrame([encoded.text(*side).alias(name) for name, side in (("one", one), ("two", two))])
    ways = [pl.col(mine).str.contains(pl.col(other), literal=True) for mine, other in (("one", "two"), ("two", "one"))]
    return np.asarray(texts.select((ways[0] | ways[1]).fill_null(value=False)).to_series().to_numpy())


def near(both: Sides, one: Side, two: Side, least: float) -> Scores:
    """Give `ratio` where it may be ``least`` or more, and 0 elsewhere."""
    made = np.zeros(one[1].size, dtype=np.float32)
    some = np.flatnonzero(size_bound(both.encoded, one, two) >= least)
    some = some[Bound(both.encoded, at(one, some), at(two, some)).ratio() >= least]
    made[some] = ratio(both, at(one, some), at(two, some))
    return made


def size_bound(encoded: Encoded, one: Side, two: Side) -> Numbers:
    """Bound `ratio` by how many letters both texts have."""
    mine, theirs = (encoded.sizes(trait)[rows] for trait, rows in (one, two))
    return np.asarray(2 * np.minimum(mine, theirs) / np.maximum(mine + theirs, 1) + SLACK)


def bios(both: Sides, one: Side, two: Side) -> tuple[Scores, Scores]:
    """Give the likeness of two texts' words, whatever their order and whatever else the longer says, and `ratio`.

    Both are 0 where the texts share no word of `LONG_WORD` letters: what they then have in common letter by letter is
    chance. Where the ratio cannot lift a level by reaching 0.8 it is 0 too.
    """
    words, whole = np.zeros((2, one[1].size), dtype=np.float32)
    some = _sharing_words(both.encoded.long_words(one[0]), one[1], two[1])
    words[some] = _token_sets(both, at(one, some), at(two, some)) * PERCENT
    bound = size_bound(both.encoded, at(one, some), at(two, some))
    some = some[(words[some] < 0.95) & (bound >= 0.8)]
    whole[some] = ratio(both, at(one, some), at(two, some))
    return words, whole


def _sharing_words(words: Lists, one: Rows, two: Rows) -> Rows:
    other = words.rest["other_marks"]
    maybe = np.flatnonzero(((words.marks[one] & words.marks[two]) != 0) & ((other[one] & other[two]) != 0))
    pair, _ = words.common(one[maybe], two[maybe])
    return maybe[np.unique(pair)]


def _token_sets(both: Sides, one: Side, two: Side) -> Scores:
    if not both.fast:
        return _by_rapidfuzz(both.encoded, one, two, fuzz.token_set_ratio)
    from graphmatch.link import kernel, kernel_words  # noqa: PLC0415 - numba is an extra

    texts = both.encoded.sorted_words(one[0]).parts
    made = np.empty(one[1].size, dtype=np.float32)
    kernel.run(kernel_words.token_sets, (*texts, both.encoded.alphabet().space), (one[1], two[1]), (made,))
    return _mended(both.encoded, one, two, fuzz.token_set_ratio, made)


class Bound:
    """The most that two texts of given pairs can be alike, by their letters whatever their order."""

    def __init__(self, encoded: Encoded, one: Side, two: Side) -> None:
        self._tallies = [(encoded.tally(trait), rows) for trait, rows in (one, two)]
        (mine, rows), (theirs, others) = self._tallies
        self.common = mine.most_common(rows, theirs, others)
        self.sizes = [tally.sizes[rows] for tally, rows in self._tallies]

    def ratio(self) -> Numbers:
        """Bound `ratio`."""
        both = self.sizes[0] + self.sizes[1]
        return np.asarray(2 * self.common / np.maximum(both, 1) + SLACK)

    def winkler(self) -> Numbers:
        """Bound `winkler`."""
        shares = [self.common / np.maximum(size, 1) for size in self.sizes]
        jaro = np.minimum((shares[0] + shares[1] + 1) / 3, 1.0)
        differ = np.bitwise_xor(*(tally.starts[rows] for tally, rows in self._tallies))
        start = np.zeros(jaro.size)
        for letters in range(1, START + 1):
            start += np.left_shift(differ, np.uint64(64 - 16 * letters)) == 0
        lifted = jaro + start * START_WEIGHT * (1 - jaro)
        return np.asarray(np.where(jaro > START_FROM - SLACK, lifted, jaro) + SLACK)

    def inside(self) -> Flags:
        """Tell where the shorter can stand in the longer."""
        return np.asarray(self.common >= np.minimum(*self.sizes))
