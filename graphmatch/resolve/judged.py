"""What analysts say of pairs now, and what that does to matches. In: ``judgements``, ``matches``. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

from graphmatch.model import Family, Judgement, Standing
from graphmatch.normalise.analysts import analyst_key
from graphmatch.tables import TEXTS

#: Families that anybody can copy from a public profile; they alone corroborate nothing (DESIGN §5).
_COPYABLE = (Family.NAMING.value, Family.SELF_DESCRIPTION.value)

_CONFLICTS: dict[str, pl.DataType | type[pl.DataType]] = {
    "left": pl.String,
    "right": pl.String,
    "positive_by": TEXTS,
    "negative_by": TEXTS,
    "why": pl.String,
}

Pair = tuple[str, str]


@dataclass(slots=True)
class Opinions:
    """Who holds what about one pair now: each analyst's latest judgement. UNSURE withdraws an earlier one."""

    positive_by: list[str] = field(default_factory=list)
    negative_by: list[str] = field(default_factory=list)

    @property
    def confirmed(self) -> bool:
        """Two different analysts said POSITIVE and nobody says NEGATIVE."""
        return len(self.positive_by) >= 2 and not self.negative_by


def opinions(judgements: pl.DataFrame) -> dict[Pair, Opinions]:
    """Sum up ``judgements`` by pair, pairs in order, each analyst's latest (by ``seq``) only.

    Analysts are told apart by `analyst_key`, and named as they last wrote themselves. Who has no name can't
    confirm; a NEGATIVE holds whoever said it.
    """
    latest: dict[tuple[str, str, str], tuple[str, str]] = {}
    for row in judgements.sort("seq").iter_rows(named=True):
        left, right = sorted((row["left"], row["right"]))
        key = analyst_key(row["analyst"])
        if key or row["judgement"] == Judgement.NEGATIVE:
            latest[left, right, key] = (row["analyst"], row["judgement"])
    held: dict[Pair, Opinions] = {}
    for (left, right, _), (analyst, word) in sorted(latest.items()):
        known = held.setdefault((left, right), Opinions())
        if word == Judgement.POSITIVE:
            known.positive_by.append(analyst)
        elif word == Judgement.NEGATIVE:
            known.negative_by.append(analyst)
    return held


def with_standing(matches: pl.DataFrame, held: dict[Pair, Opinions]) -> pl.DataFrame:
    """Give ``matches`` the standing ``confirmed`` exactly where two analysts say so now: it can be undone."""
    confirmed = [pair for pair, known in held.items() if known.confirmed]
    pairs = pl.DataFrame(confirmed, schema={"left": pl.String, "right": pl.String}, orient="row")
    families = pl.col("families")
    corroborated = (families.list.len() >= 2) & families.list.eval(~pl.element().is_in(_COPYABLE)).list.any()
    unconfirmed = (
        pl.when(pl.col("standing") != Standing.CONFIRMED.value)
        .then(pl.col("standing"))
        .when(corroborated)
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
