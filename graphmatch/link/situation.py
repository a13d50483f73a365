"""What a pair's prior and story depend on: places, the size of the population, targets and accusations.

In: traits, and what tables say of targets and impersonation (`graphmatch.link.stand.marked`). Out: arrays, one number
an account, from which pairs are looked up.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

Rows = NDArray[np.uint32]
Flags = NDArray[np.bool_]
#: Stands for a creation time that nobody knows.
UNKNOWN = np.iinfo(np.int64).min


@dataclass(frozen=True, slots=True)
class Situation:
    """Of each account: numbers of its place and platform, pairs per account of its population, times and marks."""

    place: NDArray[np.unsignedinteger[Any]]
    platform: NDArray[np.unsignedinteger[Any]]
    pairs_per_account: NDArray[np.float64]
    created: NDArray[np.int64]
    is_target: Flags
    like_target: Flags
    reported_copy: Flags

    @classmethod
    def of(cls, traits: pl.DataFrame, spread: pl.DataFrame, marks: pl.DataFrame) -> Situation:
        """Take it from traits, ``population, pairs_per_account``, and marks in the order of the traits."""
        wide = traits.select("population").join(
            spread.select("population", "pairs_per_account"), on="population", how="left", maintain_order="left"
        )
        codes = traits.select(pl.col(name).rank("dense").cast(pl.UInt32) for name in ("place", "platform"))
        created = traits["created_at"].dt.epoch("us").fill_null(UNKNOWN)
        flags = (marks[name].to_numpy() for name in ("is_target", "like_target", "reported_copy"))
        spreads = wide["pairs_per_account"].to_numpy()
        return cls(codes["place"].to_numpy(), codes["platform"].to_numpy(), spreads, created.to_numpy(), *flags)

    def of_pairs(self, pairs: pl.DataFrame) -> PairSituation:
        """Look pairs up, by their row numbers ``left, right``."""
        left, right = (pairs[side].to_numpy() for side in ("left", "right"))
        return PairSituation(self, left, right)


@dataclass(frozen=True, slots=True)
class PairSituation:
    """The same of pairs."""

    of: Situation
    left: Rows
    right: Rows

    @property
    def pairs_per_account(self) -> NDArray[np.float64]:
        """Of the pair's population."""
        return self.of.pairs_per_account[self.left]

    @property
    def same_place(self) -> Flags:
        """Whether both are on one platform and instance."""
        return np.asarray(self.of.place[self.left] == self.of.place[self.right])

    @property
    def copies_target(self) -> Flags:
        """Whether one is a target's own account and the other is not."""
        return np.asarray(self.of.is_target[self.left] != self.of.is_target[self.right])

    @property
    def void(self) -> Flags:
        """Whether agreement on what can be copied means nothing: it is what a copy of a target looks like."""
        return self.copies_target | (self.of.like_target[self.left] & self.of.like_target[self.right])

    @property
    def told(self) -> Flags:
        """Whether one is a target's own account, or just one was reported as an impersonation and is not older."""
        return self.copies_target | self._accused(self.left, self.right) | self._accused(self.right, self.left)

    def _accused(self, one: Rows, two: Rows) -> Flags:
        created, reported = self.of.created, self.of.reported_copy
        newer = (created[one] >= created[two]) | (created[one] == UNKNOWN) | (created[two] == UNKNOWN)
        return np.asarray(reported[one] & ~reported[two] & newer)

    def places(self) -> pl.DataFrame:
        """Give ``left, right`` and the numbers of their places and platforms."""
        columns = {"left": self.left, "right": self.right}
        for what, numbers in (("place", self.of.place), ("platform", self.of.platform)):
            columns |= {f"left_{what}": numbers[self.left], f"right_{what}": numbers[self.right]}
        return pl.DataFrame(columns)
