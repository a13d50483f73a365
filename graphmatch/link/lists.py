"""Traits of several values an account, end to end in arrays, and what two accounts share of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graphmatch.link.letters import Letters
from graphmatch.link.runs import ranges, starts

Rows = NDArray[np.intp]
Bits = NDArray[np.uint64]
Counts = NDArray[np.int64]
Flags = NDArray[np.bool_]

#: Bits of a hash by which the values of one pair are sorted; the others number the pairs, 16 million at a time.
HASH_BITS = 40


@dataclass(frozen=True, slots=True)
class Lists:
    """A trait of several values: the values of all accounts end to end, each once an account.

    Attributes
    ----------
    values, hashes
        Of each element.
    starts, sizes
        Where the elements of each account begin and how many there are.
    marks
        Of each account, a bit for each of its values' hashes: two without a bit in common share no value.
    rest
        Further numbers of each element, by name.
    """

    values: pl.Series
    hashes: Bits
    starts: Counts
    sizes: Counts
    marks: Bits
    rest: dict[str, NDArray[Any]]

    @classmethod
    def of(
        cls,
        lists: pl.Series,
        *,
        beside: Mapping[str, pl.Series] | None = None,
        bits: Callable[[Bits], Bits] | None = None,
        each_once: bool = False,
    ) -> Lists:
        """Lay out the lists of all accounts.

        Lists in ``beside`` have a number for each of their values; ``bits`` gives the marks of hashes, by default one.
        ``each_once`` promises that no list has a value twice.
        """
        beside = beside or {}
        sizes = lists.list.len().fill_null(0).to_numpy().astype(np.int64)
        values, *rest = (one.explode(keep_nulls=False, empty_as_null=False) for one in (lists, *beside.values()))
        row, hashes = np.repeat(np.arange(sizes.size), sizes), values.hash().to_numpy()
        if not each_once and (repeated := _repeated(row, sizes, hashes)).any():
            kept = np.flatnonzero(~repeated)
            values, *rest = (one.gather(pl.Series(kept, dtype=pl.UInt32)) for one in (values, *rest))
            row, hashes = row[kept], hashes[kept]
            sizes = np.bincount(row, minlength=sizes.size)
        marks = any_of((bits or one_bit)(hashes), row, sizes.size)
        numbers = {name: one.to_numpy() for name, one in zip(beside, rest, strict=True)}
        return cls(values, hashes, np.cumsum(sizes) - sizes, sizes, marks, numbers)

    def spread(self, accounts: Rows) -> tuple[Rows, Rows]:
        """List the elements of each of ``accounts``: the place in it and the element."""
        first = self.starts[accounts]
        return ranges(first, first + self.sizes[accounts])

    def total(self, what: str) -> NDArray[np.float64]:
        """Add up a number of each account's values; 0 where it has none."""
        rows = np.repeat(np.arange(self.sizes.size), self.sizes)
        return np.bincount(rows, weights=self.rest[what], minlength=self.sizes.size).astype(np.float64)

    def common(self, one: Rows, two: Rows) -> tuple[Rows, Rows]:
        """List the values that two accounts share: place of the pair, and the element of ``one``; in order of pairs."""
        maybe = np.flatnonzero(self.marks[one] & self.marks[two])
        if maybe.size >> (64 - HASH_BITS):
            half = one.size // 2
            parts = [self.common(one[:half], two[:half]), self.common(one[half:], two[half:])]
            return np.concatenate([parts[0][0], parts[1][0] + half]), np.concatenate([parts[0][1], parts[1][1]])
        parts = [self.spread(side[maybe]) for side in (one, two)]
        pair, element = (np.concatenate(part) for part in zip(*parts, strict=True))
        hashes = self.hashes[element]
        # One number a value: its pair, and as many bits of the hash as there is room for.
        order = np.argsort((pair.astype(np.uint64) << np.uint64(HASH_BITS)) | (hashes >> np.uint64(64 - HASH_BITS)))
        ranked, hashes = pair[order], hashes[order]
        # Each value stands once an account, so that two in a row are one of either; those of ``one`` come first above.
        twice = np.flatnonzero((ranked[1:] == ranked[:-1]) & (hashes[1:] == hashes[:-1]))
        mine = np.minimum(order[twice], order[twice + 1])
        return maybe[pair[mine]], element[mine]


def _repeated(row: Rows, sizes: Counts, hashes: Bits) -> Flags:
    """Tell which elements stand before in the same list."""
    found = np.zeros(hashes.size, dtype=np.bool_)
    place = np.arange(row.size) - (np.cumsum(sizes) - sizes)[row]
    some, back = np.flatnonzero(place > 0), 1
    while some.size:
        found[some] |= hashes[some] == hashes[some - back]
        back += 1
        some = some[place[some] >= back]
    return found


def any_of(bits: Bits, row: NDArray[Any], size: int) -> Bits:
    """Take together the bits of each row; ``row`` is sorted."""
    made = np.zeros(size, dtype=np.uint64)
    if row.size:
        first = starts(row)
        made[row[first]] = np.bitwise_or.reduceat(bits, first)
    return made


def one_bit(hashes: Bits) -> Bits:
    """Give each hash a bit."""
    return np.asarray(np.left_shift(np.uint64(1), hashes >> np.uint64(58)))


def two_bits(hashes: Bits) -> Bits:
    """Give each hash two bits."""
    one = np.uint64(1)
    return np.asarray((one << (hashes >> np.uint64(58))) | (one << ((hashes >> np.uint64(52)) & np.uint64(63))))


def neighbours(letters: Letters, size: int) -> Bits:
    """Give a bit for each two neighbouring letters of each text."""
    made, codes = np.zeros(size, dtype=np.uint64), letters.codes
    some = letters.lengths > 1
    if some.any():
        mixed = (codes[:-1] * np.uint32(0x9E3779B1) + codes[1:]) * np.uint32(0x85EBCA77)
        bits = np.left_shift(np.uint64(1), mixed >> np.uint32(26), dtype=np.uint64)
        # Two letters of different texts are no neighbours.
        ends = (letters.starts + letters.lengths - 1)[letters.lengths > 0]
        bits[ends[ends < bits.size]] = 0
        made[letters.rows[some]] = np.bitwise_or.reduceat(bits, letters.starts[some])
    return made
