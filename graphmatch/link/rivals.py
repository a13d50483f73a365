"""A pair among its rivals: the other candidates of either account in the other's place.

In: pairs and the bits of evidence of each, without the prior, which plays no part. Out: what naming loses or wins by
them, either by reason (`rival_discount`) or as measures that weights are learned for (`among_rivals`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graphmatch.link.runs import starts

Floats = NDArray[np.float64]
#: The measures of a pair among its rivals.
RIVALS = ("rival_margin_low", "rival_margin_high", "rival_share_low", "rival_share_high")
#: Where there is no other candidate, the rival is one that nobody would propose: bits of evidence.
NO_RIVAL = -8.0


def rival_discount(pairs: pl.DataFrame, evidence: Floats, floor: float) -> Floats:
    """Give the bits that naming evidence loses because another account in the same place fits better (≤ 0).

    Each account's candidates in one place share its evidence in proportion to their odds; ``floor`` is the chance that
    the account's operator has several there. Only candidates that anything speaks for are rivals, and lose anything.

    Parameters
    ----------
    pairs
        ``left, right, left_place, right_place``.
    evidence
        Bits of each pair without the prior.
    floor
        The model's ``rival_floor``.
    """
    spoken_for = np.flatnonzero((evidence > 0) & _across(pairs))
    shares = _Groups.of(pairs[spoken_for], evidence[spoken_for]).shares()
    lost = np.zeros(pairs.height)
    lost[spoken_for] = np.log2(floor + (1 - floor) * shares).sum(axis=0)
    return np.minimum(lost, 0.0)


def among_rivals(pairs: pl.DataFrame, evidence: Floats) -> pl.DataFrame:
    """Place each pair among its rivals.

    Parameters
    ----------
    pairs
        ``left, right, left_place, right_place``.
    evidence
        Bits of each pair without the prior.

    Returns
    -------
    polars.DataFrame
        `RIVALS`. Margin: bits ahead of the best rival (of none: of `NO_RIVAL`); share: the pair's part of the odds of
        all candidates of the account in that place; low and high: of the two accounts. Null in one and the same place.
    """
    groups = _Groups.of(pairs, evidence)
    found = {}
    for name, halves in (("margin", groups.margins()), ("share", groups.shares())):
        found[f"rival_{name}_low"], found[f"rival_{name}_high"] = halves.min(axis=0), halves.max(axis=0)
    across = pl.lit(pl.Series("across", _across(pairs)))
    return pl.DataFrame(found).select(pl.when(across).then(pl.col(name)).alias(name) for name in RIVALS)


@dataclass(frozen=True, slots=True)
class _Groups:
    """Each pair twice, once for either account, beside the others of that account in the other's place.

    In order of group and bits, so that the order of the pairs changes no sum: ``place`` in the pairs written one side
    after the other, ``bits``, ``group``, and where each group begins and ends.
    """

    place: NDArray[np.uint32]
    bits: Floats
    group: NDArray[np.int64]
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]

    @classmethod
    def of(cls, pairs: pl.DataFrame, evidence: Floats) -> _Groups:
        sides = pl.concat(
            pairs.select(account=mine, place=place, bits=pl.Series(evidence))
            for mine, place in (("left", "right_place"), ("right", "left_place"))
        )
        ordered = sides.with_row_index("at").sort("account", "place", "bits")
        first = starts(ordered["account"].to_numpy(), ordered["place"].to_numpy())
        ends = np.append(first[1:], ordered.height)[: first.size]
        group = np.repeat(np.arange(first.size), ends - first)
        return cls(ordered["at"].to_numpy(), ordered["bits"].to_numpy(), group, first, ends)

    def shares(self) -> Floats:
        """Give each pair's part of the odds of its group, shape (2, pairs)."""
        if not self.starts.size:
            return np.zeros((2, 0))
        odds = np.exp2(self.bits - self.bits[self.ends - 1][self.group])
        return self._back(odds / np.add.reduceat(odds, self.starts)[self.group])

    def margins(self) -> Floats:
        """Give the bits that each pair is ahead of the best other of its group, shape (2, pairs)."""
        alone = self.ends - self.starts == 1
        second = np.where(alone, NO_RIVAL, self.bits[np.maximum(self.ends - 2, 0)])
        last = self.ends[self.group] - 1 == np.arange(self.bits.size)
        return self._back(self.bits - np.where(last, second[self.group], self.bits[self.ends - 1][self.group]))

    def _back(self, values: Floats) -> Floats:
        made = np.empty(values.size)
        made[self.place] = values
        return made.reshape(2, -1)


def _across(pairs: pl.DataFrame) -> NDArray[np.bool_]:
    return (pairs["left_place"] != pairs["right_place"]).to_numpy()
