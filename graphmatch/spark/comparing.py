"""Pairs compared, a model fitted to them, and what speaks for each: the functions of ``graphmatch.link`` on some pairs.

Each pair carries the traits of both accounts, and these the counts of what they have, so that a worker needs nothing
else of the population than what is small.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from graphmatch.link import RANDOM_PAIRS, score
from graphmatch.link.activity import with_activity
from graphmatch.link.compare import columns, levels
from graphmatch.link.sides import Sides
from graphmatch.link.situation import Situation
from graphmatch.spark.arrow import collected, mapped
from graphmatch.spark.census import Small, sets_of, weighed_types

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pyspark.sql import DataFrame

    from graphmatch.link.census import Census
    from graphmatch.link.model import Model

#: What the prior and the rivals of a pair depend on.
_PLACED = {
    "left_place": pl.Int64, "right_place": pl.Int64, "left_platform": pl.Int64, "right_platform": pl.Int64,
    "pairs_per_account": pl.Float64, "same_place": pl.Boolean,
}  # fmt: skip
_LEVELS = {name: pl.Int8() if name.endswith("_level") else pl.Float64() for name in columns()}
COMPARED: Mapping[str, pl.DataType | type[pl.DataType]] = {
    "left": pl.Int64, "right": pl.Int64, "rules": pl.Int64, **_PLACED, **_LEVELS,
}  # fmt: skip
#: What levels and rarities of pairs that were compared before are called where more is worked out from them.
STORED = {name: f"stored_{name}" for name in _LEVELS}
#: Traits that no comparison reads.
_UNREAD = ("display_name", "url", "avatar_url", "address", "last_active", "instance", "place")


def compared(pairs: DataFrame, stated: DataFrame, traits: DataFrame, known: Small, spread: pl.DataFrame) -> DataFrame:
    """Join the traits of both accounts to each pair, and compare: `COMPARED`.

    Parameters
    ----------
    pairs
        Ids ``left, right``, ``rules``.
    stated
        ``left, right, level`` of pairs of which something is stated.
    traits
        Of all accounts, weighed.
    known
        What is small.
    spread
        ``population, pairs_per_account``.
    """
    from pyspark.sql import functions as f  # noqa: PLC0415 - an extra

    read = [name for name in traits.columns if name not in _UNREAD]
    packed = traits.select("id", f.struct(*read).alias("traits"))
    both = pairs.join(stated, ["left", "right"], "left")
    for side in ("left", "right"):
        both = both.join(packed.select(f.col("id").alias(side), f.col("traits").alias(f"of_{side}")), side)
    return mapped(both, Comparing(known.census, spread), COMPARED)


@dataclass(frozen=True)
class Comparing:
    """Compares some pairs."""

    census: Census
    spread: pl.DataFrame

    def __call__(self, batch: pl.DataFrame) -> pl.DataFrame:
        """Give `COMPARED`."""
        left, right = (_complete(batch[f"of_{side}"].struct.unnest()) for side in ("left", "right"))
        both = Sides.of(left, right, replace(self.census, sets=sets_of(pl.concat([left, right]))))
        told = both.pairs.with_columns(level=batch["level"]).drop_nulls("level").unique()
        found = levels(both, told, None)
        wide = left.join(self.spread, on="population", how="left", maintain_order="left")
        placed = pl.DataFrame(
            {
                "left_place": left["place_code"],
                "right_place": right["place_code"],
                "left_platform": left["platform_code"],
                "right_platform": right["platform_code"],
                "pairs_per_account": wide["pairs_per_account"],
                "same_place": left["place_code"] == right["place_code"],
            }
        )
        return pl.concat([batch.select("left", "right", "rules"), placed, found], how="horizontal")


def _complete(traits: pl.DataFrame) -> pl.DataFrame:
    """Add the traits that a bare list of accounts has nothing for."""
    return with_activity(traits, traits.select("account_id").unique())


def situation(batch: pl.DataFrame) -> tuple[pl.DataFrame, Situation]:
    """Give row numbers ``left, right`` for some compared pairs, and what these numbers stand for.

    An account has a number of its own in each pair: nothing here asks whether two are one. Levels and rarities are
    called as in `STORED`.
    """
    size = batch.height
    place, platform = (
        np.concatenate([batch[f"{side}_{what}"].to_numpy() for side in ("left", "right")]).astype(np.uint32)
        for what in ("place", "platform")
    )
    no = np.zeros(2 * size, dtype=np.bool_)
    wide = np.tile(batch["pairs_per_account"].to_numpy(), 2)
    about = Situation(place, platform, wide, np.zeros(2 * size, dtype=np.int64), no, no, no)
    rows = np.arange(2 * size, dtype=np.uint32)
    pairs = batch.rename(STORED).with_columns(left=pl.Series(rows[:size]), right=pl.Series(rows[size:]))
    return pairs, about


def drawn(populations: pl.DataFrame, seed: int) -> pl.DataFrame:
    """Draw pairs inside populations, as `graphmatch.link.link` does: ids ``left, right``.

    Parameters
    ----------
    populations
        ``population, size``, sorted: ids are in their order.
    seed
        Of the draw.
    """
    random = np.random.default_rng(seed)
    sizes = populations["size"].to_numpy().astype(np.int64)
    ends = np.cumsum(sizes)
    if not sizes.sum():
        return pl.DataFrame(schema={"left": pl.Int64, "right": pl.Int64})
    one = random.integers(0, int(ends[-1]), RANDOM_PAIRS)
    of = np.searchsorted(ends, one, side="right")
    two = (ends - sizes)[of] + random.integers(0, sizes[of])
    pairs = pl.DataFrame({"left": np.minimum(one, two), "right": np.maximum(one, two)})
    return pairs.filter(pl.col("left") != pl.col("right")).unique(maintain_order=True)


def fitted(
    start: Model, pairs: DataFrame, stated: DataFrame, traits: DataFrame, known: Small, *, same_platform: bool
) -> Model:
    """Fit u to random pairs, which the driver compares, and m and the prior by EM to counts of patterns of all pairs.

    Parameters
    ----------
    start
        Weights to start from, with the seed and the counts; none of them learned.
    pairs
        Compared.
    stated, traits, known
        As `compared` takes them.
    same_platform
        Whether two accounts of one place may be a pair.
    """
    from pyspark.sql import functions as f  # noqa: PLC0415 - an extra

    spread = known.census.pairs_per_account(same_platform=same_platform)
    random = _with_traits(drawn(known.census.sizes, start.seed), stated, traits)
    found = Comparing(known.census, spread.select("population", "pairs_per_account"))(random)
    if not same_platform:
        found = found.filter(~pl.col("same_place"))
    unlike = np.zeros(found.height, dtype=np.bool_)
    prior = score.prior_bits(start, found["pairs_per_account"].to_numpy(), unlike)
    learned = score.with_u(start, found, prior)
    by = ["pairs_per_account", "same_place", *_LEVELS]
    types = {name: COMPARED[name] for name in by} | {"pairs": pl.Int64}
    counts = mapped(pairs.select(*by), _patterns, types).groupBy(*by).agg(f.sum("pairs").alias("pairs"))
    patterns = collected(counts).cast(types).sort(by)  # type: ignore[arg-type]
    return score.expectation_maximisation(learned, patterns, int(known.census.sizes["size"].sum()))


def _patterns(batch: pl.DataFrame) -> pl.DataFrame:
    return score.patterns(batch, ["pairs_per_account", "same_place"])


def _with_traits(pairs: pl.DataFrame, stated: DataFrame, traits: DataFrame) -> pl.DataFrame:
    """Bring the traits of the accounts of a few pairs to the driver."""
    from pyspark.sql import functions as f  # noqa: PLC0415 - an extra

    spark = traits.sparkSession
    ids = pl.concat([pairs["left"], pairs["right"]]).unique().sort().alias("id").to_frame()
    wanted = spark.createDataFrame(ids.to_arrow(compat_level=pl.CompatLevel.oldest()))
    read = [name for name in traits.columns if name not in _UNREAD]
    mine = collected(traits.select(*read).join(f.broadcast(wanted), "id"))
    mine = mine.cast({name: dtype for name, dtype in weighed_types().items() if name in mine.columns})
    asked = spark.createDataFrame(pairs.to_arrow(compat_level=pl.CompatLevel.oldest()))
    told = collected(stated.join(f.broadcast(asked), ["left", "right"])).cast({"level": pl.Int8})
    rows = pairs.with_columns(rules=pl.lit(0, dtype=pl.Int64))
    rows = rows.join(told, on=["left", "right"], how="left", maintain_order="left")
    structs = mine.select("id", pl.struct(read).alias("traits"))
    for side in ("left", "right"):
        of_side = structs.rename({"id": side, "traits": f"of_{side}"})
        rows = rows.join(of_side, on=side, how="left", maintain_order="left")
    return rows
