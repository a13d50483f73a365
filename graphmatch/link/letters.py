"""Letters of many strings in one array, and hashes of their parts: what blocking looks for without cutting strings up.

A part's hash depends on its letters alone, so that the same part in any two strings, in any two runs, has the same one.
64 bits: two different parts of a population meet by chance once in millions of runs, and then cost one comparison.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graphmatch.link.runs import places, starts

Hashes = NDArray[np.uint64]
Rows = NDArray[np.uint32]
#: Base of the polynomial, and what its values are multiplied with so that all bits depend on all letters. Both odd.
BASE, SPREAD = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xD6E8FEB86659FD93)
#: Texts whose parts are hashed at a time: bounds memory.
TEXTS_AT_ONCE = 100_000
#: The most bits of a hash that look it up in a `Known`.
TABLE_BITS = 24


@dataclass(frozen=True, slots=True)
class Letters:
    """Strings end to end: ``codes`` (code points), where each begins, how many letters it has, and its row."""

    codes: NDArray[np.uint32]
    starts: NDArray[np.int64]
    lengths: NDArray[np.int64]
    rows: Rows

    @classmethod
    def of(cls, texts: pl.Series, rows: Rows | None = None) -> Letters:
        """Lay out the strings that are not null; without ``rows`` their places in ``texts`` are their rows."""
        at = np.arange(texts.len(), dtype=np.uint32) if rows is None else rows
        if texts.null_count():
            at, texts = at[texts.is_not_null().to_numpy()], texts.drop_nulls()
        codes = np.frombuffer("".join(texts.to_list()).encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
        lengths = texts.str.len_chars().to_numpy().astype(np.int64)
        return cls(codes, np.cumsum(lengths) - lengths, lengths, at)

    def parts(self, shortest: int, longest: int) -> Iterator[tuple[int, Rows, Hashes]]:
        """Hash every part: for each length, the row that each part is of and its hash, in order of rows."""
        row = np.repeat(self.rows, self.lengths)
        left = (np.repeat(self.starts + self.lengths, self.lengths) - np.arange(self.codes.size)).astype(np.int32)
        mixed = np.zeros(self.codes.size, dtype=np.uint64)
        for length, factor in enumerate(_powers(longest), start=1):
            end = self.codes.size - length + 1
            if end <= 0:
                break
            mixed = mixed[:end] + (self.codes[length - 1 :].astype(np.uint64) + np.uint64(1)) * factor
            if length >= shortest:
                inside = left[:end] >= length
                yield length, row[:end][inside], _spread(mixed[inside])

    def whole(self) -> Hashes:
        """Hash each string whole, as `parts` would hash it in another."""
        if not self.codes.size:
            return np.zeros(self.rows.size, dtype=np.uint64)
        place = np.arange(self.codes.size) - np.repeat(self.starts, self.lengths)
        terms = (self.codes.astype(np.uint64) + np.uint64(1)) * _powers(int(self.lengths.max()))[place]
        totals = np.zeros(terms.size + 1, dtype=np.uint64)
        np.cumsum(terms, out=totals[1:])
        return _spread(totals[self.starts + self.lengths] - totals[self.starts])


def _powers(count: int) -> Hashes:
    """Give the first powers of `BASE` from 1 on, modulo 2^64."""
    factors = np.full(count, BASE, dtype=np.uint64)
    factors[:1] = 1
    powers: Hashes = np.cumprod(factors, dtype=np.uint64)
    return powers


def _spread(mixed: Hashes) -> Hashes:
    mixed = mixed * SPREAD
    spread: Hashes = mixed ^ (mixed >> np.uint64(32))
    return spread


def distinct(hashes: Hashes) -> Hashes:
    """Give each once, in order; NumPy's own way hashes them anew, at ten times the cost."""
    ordered = np.sort(hashes)
    made: Hashes = ordered[starts(ordered)]
    return made


def order(hashes: Hashes) -> NDArray[np.intp]:
    """Give the places of the hashes in rising order, of equal ones the first first.

    Sorts numbers that hold a hash's upper bits and its place, which costs a fifth of sorting places by hashes; the few
    that differ in their lower bits alone are put right after.
    """
    low = np.uint64((1 << hashes.size.bit_length()) - 1)
    packed = (hashes & ~low) | np.arange(hashes.size, dtype=np.uint64)
    packed.sort()
    at = (packed & low).astype(np.intp)
    ordered = hashes[at]
    wrong = packed[np.flatnonzero(ordered[1:] < ordered[:-1])] & ~low
    for upper in np.unique(wrong):
        some = slice(*np.searchsorted(packed, [upper, upper | low], side="left"))
        some = slice(some.start, some.stop + int(packed[min(some.stop, packed.size - 1)] == (upper | low)))
        at[some] = at[some][np.argsort(hashes[at[some]], kind="stable")]
    return at


class Known:
    """A set of hashes that many more are looked up in."""

    def __init__(self, hashes: Hashes) -> None:
        self.sorted = distinct(hashes)
        # Room for a hundred times as many: most others then fall at the first look.
        self.shift = np.uint64(64 - min(self.sorted.size.bit_length() + 7, TABLE_BITS))
        self.table = np.zeros(1 << (64 - int(self.shift)), dtype=np.bool_)
        self.table[self.sorted >> self.shift] = True

    def holds(self, hashes: Hashes) -> NDArray[np.bool_]:
        """Tell which are in the set."""
        found: NDArray[np.bool_] = self.table[hashes >> self.shift]
        maybe = np.flatnonzero(found)
        found[maybe], _ = places(self.sorted, hashes[maybe])
        return found


def known_parts(
    texts: pl.Series, known: Known, shortest: int, longest: int, *, rows: Rows | None = None
) -> Iterator[tuple[int, Rows, Hashes]]:
    """Find the parts of texts that are in a set: as `Letters.parts` gives them, some texts at a time."""
    numbers = np.arange(texts.len(), dtype=np.uint32) if rows is None else rows
    for start in range(0, texts.len(), TEXTS_AT_ONCE):
        some = slice(start, start + TEXTS_AT_ONCE)
        for length, at, hashes in Letters.of(texts[some], numbers[some]).parts(shortest, longest):
            inside = known.holds(hashes)
            yield length, at[inside], hashes[inside]
