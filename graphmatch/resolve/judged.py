"""What analysts say of pairs now, and what that does to matches. In: ``judgements``, ``matches``. Pure."""

from __future__ import annotations

import polars as pl

from graphmatch.model import Standing
from graphmatch.opinions import Opinions, Pair
from graphmatch.standing import corroborated
from graphmatch.tables import TEXTS

_CONFLICTS: dict[str, pl.DataType | type[pl.DataType]] = {
    "left": pl.String,
    "right": pl.String,
    "positive_by": TEXTS,
    "negative_by": TEXTS,
    "why": pl.String,
}


def with_standing(matches: pl.DataFrame, held: dict[Pair, Opinions]) -> pl.DataFrame:
    """Give ``matches`` the standing ``confirmed`` exactly where two analysts say so now: it can be undone."""
    confirmed = [pair for pair, known in held.items() if known.confirmed]
    pairs = pl.DataFrame(confirmed, schema={"left": pl.String, "right": pl.String}, orient="row")
    unconfirmed = (
        pl.when(pl.col("standing") != Standing.CONFIRMED.value)
        .then(pl.col("standing"))
        .when(corroborated())
        .then(pl.lit(Standing.CORROBORATED.value))
        .otherwise(pl.lit(Standing.SUGGESTED.value))
    )
    return (
        matches.join(pairs.with_columns(_confirmed=pl.lit(value=True)), on=["left", "right"], how="left")
        .with_columns(
            standing=pl.when(pl.col("_confirmed")).then(pl.lit(Standing.CONFIRMED.value)).otherwise(unconfirmed)
        )
        .select(matches.columns)
        .sort("left", "right")
    )


def conflicts(held: dict[Pair, Opinions], refused: list[Pair]) -> pl.DataFrame:
    """List the pairs whose judgements contradict each other, with who said what."""
    rows = [
        (*pair, known.positive_by, known.negative_by, "analysts disagree")
        for pair, known in held.items()
        if known.positive_by and known.negative_by
    ]
    rows += [(*pair, held[pair].positive_by, [], "would join a pair that was judged negative") for pair in refused]
    return pl.DataFrame(rows, schema=_CONFLICTS, orient="row").sort("left", "right")
