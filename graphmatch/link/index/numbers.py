"""Large sorted tables of numbers that change a little: the whole as it once was, and what came and went since.

The whole stays as it is on the disk; of what came and went there is never more than a fraction (`Index.update`). What
is counted is added and taken back by counts of either sign, so that nothing must be searched for to be removed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graphmatch.link.letters import Hashes, Rows

Counts = NDArray[np.int32]
Flags = NDArray[np.bool_]
Places = NDArray[np.int64]


def between(numbers: Hashes, low: Hashes, high: Hashes) -> tuple[Places, Places]:
    """List where sorted ``numbers`` lie from each of ``low`` on, below each of ``high``: place of the bound, place."""
    return _spread(np.searchsorted(numbers, low), np.searchsorted(numbers, high))


def places(numbers: Hashes, wanted: Hashes) -> tuple[Flags, Places]:
    """Look ``wanted`` up in sorted ``numbers``: which are there, and where (anywhere, if not)."""
    if not numbers.size:
        return np.zeros(wanted.size, dtype=np.bool_), np.zeros(wanted.size, dtype=np.int64)
    place = np.minimum(np.searchsorted(numbers, wanted), numbers.size - 1)
    return np.asarray(numbers[place] == wanted), place


@dataclass(frozen=True, slots=True)
class Counted:
    """Sorted numbers with a count each; no number twice."""

    numbers: Hashes
    counts: Counts

    @classmethod
    def of(cls, numbers: Hashes, counts: Counts | None = None) -> Counted:
        """Count numbers in any order, repeated or not; without ``counts`` each counts 1."""
        each = np.ones(numbers.size, dtype=np.int32) if counts is None else counts
        order = np.argsort(numbers)
        numbers = numbers[order]
        starts = _starts(numbers)
        sums = np.add.reduceat(each[order], starts) if starts.size else np.zeros(0, np.int32)
        kept = sums != 0
        return cls(numbers[starts][kept], sums[kept].astype(np.int32))

    def plus(self, other: Counted) -> Counted:
        """Add up."""
        return Counted.of(np.concatenate([self.numbers, other.numbers]), np.concatenate([self.counts, other.counts]))

    def minus(self, other: Counted) -> Counted:
        """Subtract."""
        return self.plus(Counted(other.numbers, -other.counts))

    def count(self, wanted: Hashes) -> Counts:
        """Give the counts of numbers, 0 for those that are not there."""
        known, place = places(self.numbers, wanted)
        found = np.zeros(wanted.size, dtype=np.int32)
        found[known] = self.counts[place[known]]
        return found


@dataclass(frozen=True, slots=True)
class Holders:
    """Keys and the rows that have them, in order of keys; each with a count. No key and row twice."""

    keys: Hashes
    rows: Rows
    counts: Counts | None = None

    @classmethod
    def of(cls, keys: Hashes, rows: Rows) -> Holders:
        """Put keys and rows in order, each two of them once."""
        frame = pl.DataFrame({"key": keys, "row": rows}).sort("key", "row")
        keys, rows = frame["key"].to_numpy(), frame["row"].to_numpy()
        starts = _starts(keys, rows)
        return cls(keys[starts], rows[starts])

    @classmethod
    def none(cls) -> Holders:
        """Give no keys."""
        return cls(np.zeros(0, np.uint64), np.zeros(0, np.uint32), np.zeros(0, np.int32))

    def weights(self) -> Counts:
        """Give the counts, 1 each where nothing is counted."""
        return np.ones(self.keys.size, dtype=np.int32) if self.counts is None else self.counts

    def sizes(self, wanted: Hashes) -> NDArray[np.int64]:
        """Give how many rows have each key."""
        first, last = np.searchsorted(self.keys, wanted), np.searchsorted(self.keys, wanted, side="right")
        if self.counts is None:
            return np.asarray(last - first)
        sums = np.concatenate([[0], np.cumsum(self.counts)])
        return np.asarray(sums[last] - sums[first])

    def having(self, wanted: Hashes) -> Holders:
        """Give the rows that have any of some keys; ``wanted`` is sorted, no key twice."""
        first, last = np.searchsorted(self.keys, wanted), np.searchsorted(self.keys, wanted, side="right")
        of, place = _spread(first, last)
        return Holders(wanted[of], self.rows[place], None if self.counts is None else self.counts[place])

    def of_rows(self, which: Flags) -> Holders:
        """Give the keys of some rows."""
        place = np.flatnonzero(which[self.rows])
        return Holders(self.keys[place], self.rows[place], None if self.counts is None else self.counts[place])

    @staticmethod
    def together(*parts: Holders) -> Holders:
        """Add up."""
        keys, rows = (np.concatenate([getattr(part, name) for part in parts]) for name in ("keys", "rows"))
        counts = np.concatenate([part.weights() for part in parts])
        order = np.lexsort((rows, keys))
        keys, rows = keys[order], rows[order]
        starts = _starts(keys, rows)
        sums = np.add.reduceat(counts[order], starts) if starts.size else counts
        kept = sums != 0
        return Holders(keys[starts][kept], rows[starts][kept], sums[kept])

    def negative(self) -> Holders:
        """Take back."""
        return Holders(self.keys, self.rows, -self.weights())


@dataclass(frozen=True, slots=True)
class Pairs:
    """Packed pairs in order and what is kept of each: columns of one length, the first is ``pair``."""

    columns: dict[str, NDArray[Any]]

    @property
    def pair(self) -> Hashes:
        """The pairs (`graphmatch.link.meet.numbered`, without the rule)."""
        return self.columns["pair"]

    def __getitem__(self, which: Places | Flags | slice) -> Pairs:
        """Take some."""
        return Pairs({name: column[which] for name, column in self.columns.items()})

    def without(self, pairs: Hashes) -> Pairs:
        """Leave some out."""
        known, place = places(self.pair, pairs)
        kept = np.ones(self.pair.size, dtype=np.bool_)
        kept[place[known]] = False
        return self if kept.all() else self[kept]

    def beside(self, other: Pairs) -> Pairs:
        """Put others among them."""
        joined = {name: np.concatenate([column, other.columns[name]]) for name, column in self.columns.items()}
        return Pairs(joined)[np.argsort(joined["pair"])]


def _spread(first: Places, last: Places) -> tuple[Places, Places]:
    """List all places from each of ``first`` on, below each of ``last``: which of them it is, and the place."""
    sizes = last - first
    of = np.repeat(np.arange(first.size), sizes)
    return of, np.arange(of.size) - np.repeat(np.cumsum(sizes) - sizes - first, sizes)


def _starts(*ordered: NDArray[np.unsignedinteger[Any]]) -> Places:
    """List where sorted numbers, or several beside each other, are others than before."""
    new = np.zeros(ordered[0].size, dtype=np.bool_)
    new[:1] = True
    for column in ordered:
        new[1:] |= column[1:] != column[:-1]
    return np.flatnonzero(new)
