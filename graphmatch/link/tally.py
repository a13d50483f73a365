"""Counts of letters, by which texts that cannot be alike are told apart without comparing them letter by letter."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from importlib.util import find_spec

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graphmatch.link.letters import Letters

Rows = NDArray[np.intp]
Bits = NDArray[np.uint64]
Counts = NDArray[np.int64]

#: Whether numba (extra ``fast``) is installed.
FAST = find_spec("numba") is not None
#: How often a letter may stand in a text before further ones are counted apart.
UNARY = 3
#: Letters of a beginning.
START = 4
#: Texts whose letters are counted at a time: bounds memory.
TEXTS_AT_ONCE = 20_000
#: The bit of each letter below 128; others share the last two.
_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789 "
_PLACES = np.array([*(_LETTERS.find(chr(code)) % 64 for code in range(128)), 62], dtype=np.uint64)
_BITS = np.left_shift(np.uint64(1), _PLACES)


@dataclass(frozen=True, slots=True)
class Tally:
    """How often each text holds each letter: bit sets of those that it holds once, twice and three times, and the rest.

    Letters outside the alphabet share bits, so that what `most_common` says is a bound and not a count. ``starts`` has
    the first four letters, 16 bits each, the first in the lowest.
    """

    held: tuple[Bits, ...]
    rest: Counts
    sizes: Counts
    starts: Bits

    @classmethod
    def of(cls, texts: pl.Series, *, fast: bool = FAST) -> Tally:
        """Count the letters of each text; null has none. ``fast``: whether numba does it."""
        letters, size = Letters.of(texts), texts.len()
        held = np.zeros((UNARY, size), dtype=np.uint64)
        rest, starts = np.zeros(size, dtype=np.int64), np.zeros(size, dtype=np.uint64)
        if fast:
            from graphmatch.link import kernel  # noqa: PLC0415 - numba is an extra

            kernel.tally(letters.codes, letters.starts, letters.lengths, letters.rows, _BITS, held, rest, starts)
        else:
            _count(letters, held, rest, starts)
        sizes = np.zeros(size, dtype=np.int64)
        sizes[letters.rows] = letters.lengths
        return cls(tuple(held), rest, sizes, starts)

    def most_common(self, one: Rows, other: Tally, two: Rows) -> Counts:
        """Bound how many letters texts ``one`` can have in common with ``two`` of ``other``, order aside."""
        sets = zip(self.held, other.held, strict=True)
        each = [np.bitwise_count(mine[one] & theirs[two]) for mine, theirs in sets]
        found: Counts = reduce(np.add, each).astype(np.int64) + np.minimum(self.rest[one], other.rest[two])
        return found


def _count(letters: Letters, held: Bits, rest: Counts, starts: Bits) -> None:
    for first in range(0, letters.rows.size, TEXTS_AT_ONCE):
        some = slice(first, first + TEXTS_AT_ONCE)
        begins, lengths, rows = letters.starts[some], letters.lengths[some], letters.rows[some]
        codes = letters.codes[begins[0] : begins[-1] + lengths[-1]]
        bins = np.repeat(np.arange(rows.size) << 6, lengths) + _PLACES[np.minimum(codes, 128)].astype(np.int64)
        counts = np.bincount(bins, minlength=rows.size << 6).reshape(-1, 64)
        for times, sets in enumerate(held, start=1):
            sets[rows] = np.packbits(counts >= times, axis=1, bitorder="little").view(np.uint64)[:, 0]
        rest[rows] = np.maximum(counts - UNARY, 0).sum(axis=1)
        for place in range(START):
            longer = lengths > place
            code = letters.codes[begins[longer] + place].astype(np.uint64) & np.uint64(0xFFFF)
            starts[rows[longer]] |= code << np.uint64(16 * place)
