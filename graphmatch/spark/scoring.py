"""Compared pairs → matches: evidence, rivals as windows, prior, and the table as one machine lays it out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import numpy as np
import polars as pl

from graphmatch import tables
from graphmatch.link import score
from graphmatch.link.laying import laid_out
from graphmatch.link.weighing import Evidence, Weights, weigh
from graphmatch.spark.arrow import Types, mapped
from graphmatch.spark.comparing import COMPARED, STORED, situation

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

    from graphmatch.link.model import Model
    from graphmatch.link.pairing import Prepared

SPOKEN_FOR: Types = {**COMPARED, "total": pl.Float64, "naming": pl.Float64, "copyable": pl.Float64}
_MATCHES: Types = {**tables.dtypes("matches")}


@dataclass(frozen=True)
class _Stored:
    """Stands where ``graphmatch.link`` compares pairs: these were compared before, their levels are beside them."""

    traits: pl.DataFrame

    def levels(self, pairs: pl.DataFrame) -> pl.DataFrame:
        """Give them as they are."""
        return pairs.select(pl.col(stored).alias(name) for name, stored in STORED.items())


def _stored(ids: pl.DataFrame | None = None) -> Prepared:
    return cast("Prepared", _Stored(pl.DataFrame() if ids is None else ids))


@dataclass(frozen=True)
class Weighing:
    """Weighs some pairs and keeps those that can be a match or a match's rival: rivals and imitation only take away."""

    model: Model
    least: float

    def __call__(self, batch: pl.DataFrame) -> pl.DataFrame:
        """Give `SPOKEN_FOR`."""
        pairs, about = situation(batch)
        evidence = weigh(_stored(), pairs, about, self.model)
        one = about.of_pairs(pairs)
        prior = score.prior_bits(self.model, one.pairs_per_account, one.same_place)
        most = score.probability(prior + evidence.total)
        named = {name: getattr(evidence, name) for name in ("total", "naming", "copyable")}
        return batch.with_columns(**named).filter(pl.Series((evidence.total > 0) | (most >= self.least)))


def spoken_for(pairs: DataFrame, model: Model, least: float) -> DataFrame:
    """Weigh compared pairs: `SPOKEN_FOR` of those that may be a match, or a match's rival."""
    return mapped(pairs, Weighing(model, least), SPOKEN_FOR)


def with_lost(pairs: DataFrame, floor: float) -> DataFrame:
    """Add ``lost``: the bits that a better rival takes, as `graphmatch.link.rivals.rival_discount` says (≤ 0).

    Each pair stands once under either account and the other's place; its share of the odds there is a window's.
    """
    from pyspark.sql import Window  # noqa: PLC0415 - an extra
    from pyspark.sql import functions as f  # noqa: PLC0415

    rivals = pairs.where("total > 0").select("left", "right", "left_place", "right_place", "total")
    sides = (("left", "right_place"), ("right", "left_place"))
    pair = ("left", "right")
    ends = [
        rivals.select(*pair, f.col(mine).alias("account"), f.col(there).alias("place"), "total")
        for mine, there in sides
    ]
    among = Window.partitionBy("account", "place")
    odds = f.pow(f.lit(2.0), f.col("total") - f.max("total").over(among))
    both = ends[0].unionByName(ends[1]).withColumn("odds", odds)
    share: Column = f.col("odds") / f.sum("odds").over(among)
    lost = both.select(*pair, f.log2(f.lit(floor) + f.lit(1 - floor) * share).alias("lost"))
    sums = lost.groupBy(*pair).agg(f.least(f.sum("lost"), f.lit(0.0)).alias("lost"))
    joined = pairs.join(sums, list(pair), "left")
    across = f.col("left_place") != f.col("right_place")
    return joined.withColumn("lost", f.when(across, f.coalesce("lost", f.lit(0.0))).otherwise(0.0))


@dataclass(frozen=True)
class Matching:
    """Lays out the matches among some pairs."""

    model: Model
    least: float

    def __call__(self, batch: pl.DataFrame) -> pl.DataFrame:
        """Give table ``matches``."""
        pairs, about = situation(batch)
        total, naming, copyable, lost = (batch[name].to_numpy() for name in ("total", "naming", "copyable", "lost"))
        one = about.of_pairs(pairs)
        # As `graphmatch.link.weighing.weights` does, which finds the rivals itself.
        rivals = np.maximum(lost, -np.maximum(naming, 0.0))
        spread = one.pairs_per_account
        imitation = score.imitation_bits(copyable + rivals, spread, self.model.copies_per_account)
        prior = score.prior_bits(self.model, spread, one.same_place)
        weight = prior + total + rivals + imitation
        # Nothing is known of targets here, so that nothing is a copy.
        evidence = Evidence(total, naming, copyable, np.zeros(pairs.height, dtype=np.bool_))
        found = Weights(prior, rivals, imitation, weight)
        ids = pl.concat([batch["left_id"], batch["right_id"]]).alias("account_id").to_frame()
        return laid_out(_stored(ids), pairs, about, evidence, found, self.model, self.least)


def matches(pairs: DataFrame, traits: DataFrame, model: Model, least: float) -> DataFrame:
    """Give table ``matches`` from pairs with ``lost``.

    Parameters
    ----------
    pairs
        From `with_lost`.
    traits
        With ``id, account_id``.
    model
        Weights.
    least
        Matches of a lower probability are left out.
    """
    from pyspark.sql import functions as f  # noqa: PLC0415 - an extra

    for side in ("left", "right"):
        pairs = pairs.join(traits.select(f.col("id").alias(side), f.col("account_id").alias(f"{side}_id")), side)
    return mapped(pairs, Matching(model, least), _MATCHES)
