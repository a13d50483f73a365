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
from graphmatch.link.runs import Flags, Places, places, ranges, starts

Counts = NDArray[np.int32]


def between(numbers: Hashes, low: Hashes, high: Hashes) -> tuple[Places, Places]:
    """List where sorted ``numbers`` lie from each of ``low`` on, below each of ``high``: place of the bound, place."""
    return ranges(np.searchsorted(numbers, low), np.searchsorted(numbers, high))


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
        first = starts(numbers)
        sums = np.add.reduceat(each[order], first) if first.size else np.zeros(0, np.int32)
        kept = sums != 0
        return cls(numbers[first][kept], sums[kept].astype(np.int32))

    @staticmethod
    def together(*parts: Counted) -> Counted:
        """Add up."""
        none = Counted(np.zeros(0, np.uint64), np.zeros(0, np.int32))
        each = (np.concatenate([getattr(part, name) for part in (none, *parts)]) for name in ("numbers", "counts"))
        return Counted.of(*each)

    def plus(self, other: Counted) -> Counted:
        """Add another."""
        return Counted.together(self, other)

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
        first = starts(keys, rows)
        return cls(keys[first], rows[first])

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
        of, place = ranges(first, last)
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
        first = starts(keys, rows)
        sums = np.add.reduceat(counts[order], first) if first.size else counts
        kept = sums != 0
        return Holders(keys[first][kept], rows[first][kept], sums[kept])

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
