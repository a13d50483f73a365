"""The two sides of pairs, and what every comparison is made from: levels, similarities, rarities, shared values."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce

import numpy as np
import polars as pl
from rapidfuzz import process

from graphmatch.link.traits import SPELLING_WEIGHT


class Sides:
    """The traits of both sides of the pairs, in one frame: ``<trait>`` of the left, ``<trait>_r`` of the right."""

    def __init__(self, traits: pl.DataFrame, pairs: pl.DataFrame) -> None:
        self.traits, self.left, self.right = traits, traits[pairs["left"]], traits[pairs["right"]]
        self.pairs = pairs.select("left", "right")
        #: Row numbers of both sides.
        self.rows = tuple(pairs[side].to_numpy().astype(np.int64) for side in ("left", "right"))
        left, right = self.left, self.right
        self.frame = pl.concat([left, right.rename(lambda name: f"{name}_r")], how="horizontal")
        self._scored: dict[tuple[str, Callable[..., float]], pl.Series] = {}

    def similarity(self, trait: str, scorer: Callable[..., float]) -> pl.Series:
        """Score left's trait against right's; levels and measures that ask for the same share the work."""
        if (trait, scorer) not in self._scored:
            self._scored[trait, scorer] = similarity(self.left[trait], self.right[trait], scorer)
        return self._scored[trait, scorer]


def similarity(left: pl.Series, right: pl.Series, scorer: Callable[..., float]) -> pl.Series:
    """Score each two strings, each distinct pair once; null where either is."""
    both = pl.DataFrame([left.alias("a"), right.alias("b")])
    distinct = both.drop_nulls().unique()
    scores = process.cpdist(
        distinct["a"].to_list(), distinct["b"].to_list(), scorer=scorer, dtype=np.float32, workers=-1
    )
    known = distinct.with_columns(pl.Series("score", scores, dtype=pl.Float32))
    return both.join(known, on=["a", "b"], how="left", maintain_order="left")["score"].fill_nan(None)


def steps(*conditions: pl.Expr, observed: pl.Expr, name: str) -> pl.Expr:
    """Give the highest level whose condition holds; conditions stand for levels 1, 2 and so on."""
    level = pl.lit(0, dtype=pl.Int8)
    for number, condition in enumerate(conditions, start=1):
        level = pl.when(condition.fill_null(value=False)).then(pl.lit(number, dtype=pl.Int8)).otherwise(level)
    return pl.when(observed).then(level).alias(f"{name}_level")


def known(*traits: str) -> pl.Expr:
    """Tell whether all traits were observed on both sides."""
    return reduce(
        lambda one, two: one & two, [pl.col(side).is_not_null() for trait in traits for side in (trait, f"{trait}_r")]
    )


def rarity_of(spelling: pl.Expr, mine: str, theirs: str) -> pl.Expr:
    """Bits of a value: how few other accounts on the two platforms have it, over its spelling.

    The pair itself is left out, so that an operator's own accounts don't make the operator's handle common; what is
    left are the rivals.
    """
    same = pl.col("platform") == pl.col("platform_r")
    rivals = pl.col(mine).cast(pl.Float64) - 1 + pl.col(theirs).cast(pl.Float64) - 1
    rivals = pl.when(same).then(rivals / 2 - 1).otherwise(rivals).clip(lower_bound=0)
    everyone = pl.col("platform_count").cast(pl.Float64)
    everyone = pl.when(same).then(everyone).otherwise(everyone + pl.col("platform_count_r"))
    chance = (rivals.fill_null(0) + SPELLING_WEIGHT * pl.lit(2.0).pow(-spelling)) / (everyone + SPELLING_WEIGHT)
    return -chance.log(2)


def least(trait: str) -> pl.Expr:
    """Give the lesser of both sides' values."""
    return pl.min_horizontal(trait, f"{trait}_r")


def shared(both: Sides, trait: str, spelling: float) -> pl.DataFrame:
    """Say what two sets share: ``shared`` values, ``rarity`` of the rarest, ``fewest`` accounts that have it."""
    sets = both.frame.select("population", trait, pl.col(trait).list.set_intersection(f"{trait}_r").alias("value"))
    sets = sets.with_row_index("pair").filter(pl.col("value").list.len() > 0).select("pair", "population", "value")
    by = ["population", "value"]
    held = (
        both.traits.select("population", "platform", pl.col(trait).alias("value")).drop_nulls("value").explode("value")
    )
    counts = (
        held.group_by(*by, "platform")
        .len()
        .group_by(by)
        .agg(pl.col("len").max().alias("rivals"), pl.col("len").sum().alias("everyone"))
    )
    sizes = both.traits.group_by("population").len("size")
    found = sets.explode("value").join(counts, on=by, how="left").join(sizes, on="population", how="left")
    chance = (pl.col("rivals") - 1 + SPELLING_WEIGHT * 2.0**-spelling) / (pl.col("size") + SPELLING_WEIGHT)
    found = found.with_columns((-chance.log(2)).alias("rarity"))
    per_pair = found.group_by("pair").agg(
        pl.len().alias("shared"),
        pl.col("rarity").max(),
        pl.col("everyone").min().alias("fewest"),
        pl.col("size").first(),
    )
    return both.frame.select(pl.int_range(pl.len(), dtype=pl.UInt32).alias("pair"), trait, f"{trait}_r").join(
        per_pair, on="pair", how="left", maintain_order="left"
    )
