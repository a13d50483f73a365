"""A pair among its rivals: the other candidates of either account in the other's place.

In: pairs and the bits of evidence of each, without the prior, which plays no part. Out: what naming loses or wins by
them, either by reason (`rival_discount`) or as measures that weights are learned for (`among_rivals`).
"""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

Floats = NDArray[np.float64]
#: The measures of a pair among its rivals.
RIVALS = ("rival_margin_low", "rival_margin_high", "rival_share_low", "rival_share_high")
#: Where there is no other candidate, the rival is one that nobody would propose: bits of evidence.
NO_RIVAL = -8.0
_BY = ["account", "place"]


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
    spoken_for = np.flatnonzero(evidence > 0)
    shares = _ends(pairs[spoken_for], evidence[spoken_for]).select(share=_share())["share"].to_numpy()
    lost = np.zeros(pairs.height)
    lost[spoken_for] = np.log2(floor + (1 - floor) * shares).reshape(2, -1).sum(axis=0)
    return np.where(_across(pairs), np.minimum(lost, 0.0), 0.0)


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
    bits, top = pl.col("bits"), pl.col("bits").max().over(_BY)
    second = bits.top_k(2).min().over(_BY)
    alone = pl.len().over(_BY) == 1
    rival = pl.when(bits < top).then(top).when(alone).then(NO_RIVAL).otherwise(second)
    stacked = _ends(pairs, evidence).select(margin=bits - rival, share=_share())
    found = {}
    for name in ("margin", "share"):
        halves = stacked[name].to_numpy().reshape(2, -1)
        found[f"rival_{name}_low"], found[f"rival_{name}_high"] = halves.min(axis=0), halves.max(axis=0)
    across = pl.lit(pl.Series("across", _across(pairs)))
    return pl.DataFrame(found).select(pl.when(across).then(pl.col(name)).alias(name) for name in RIVALS)


def _ends(pairs: pl.DataFrame, evidence: Floats) -> pl.DataFrame:
    """Give each pair twice, once for either account: ``account``, the other's ``place``, ``bits``."""
    return pl.concat(
        pairs.select(pl.col(mine).alias("account"), pl.col(place).alias("place"), pl.Series("bits", evidence))
        for mine, place in (("left", "right_place"), ("right", "left_place"))
    )


def _share() -> pl.Expr:
    odds = pl.lit(2.0).pow(pl.col("bits") - pl.col("bits").max().over(_BY))
    return odds / odds.sum().over(_BY)


def _across(pairs: pl.DataFrame) -> NDArray[np.bool_]:
    return (pairs["left_place"] != pairs["right_place"]).to_numpy()
