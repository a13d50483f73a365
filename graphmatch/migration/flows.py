"""Migrations → flows: origin → destination platform, added up, and beside them what chance would give.

In: table ``migrations``, and what `graphmatch.migration.null.by_chance` found. Out: frames of counts. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from enum import StrEnum

import polars as pl

from graphmatch.estimative import BANDS
from graphmatch.model import MigrationKind, ReportStatus

#: The two ends of a flow.
ENDS = ["origin_platform", "destination_platform"]
#: A column for each band of the estimative scale: ``almost_certain`` and so on.
BAND_COLUMNS = {band.words.replace(" ", "_"): band.lowest for band in BANDS}
#: What stands where nothing is known of a facet.
UNKNOWN = "unknown"


class Facet(StrEnum):
    """What flows may be split by."""

    CATEGORY = "category"
    TARGET_GROUP = "target_group"
    WEEK = "week"


class Verdict(StrEnum):
    """Whether chance explains a flow."""

    BEYOND_CHANCE = "beyond_chance"
    CHANCE = "chance"
    TOO_FEW = "too_few"


class Split:
    """The values of a facet: of two accounts, those of either; of a week, that in which the origin was left.

    A category is the assessed one where there is one, else the reported one; a target group is the role of a target.
    Reports that were dismissed say nothing. A move with several values counts once under each.
    """

    def __init__(self, facet: Facet | None = None, of: Mapping[str, frozenset[str]] | None = None) -> None:
        self.facet = facet
        self._of = of or {}

    @classmethod
    def by(cls, facet: Facet, reports: pl.DataFrame, targets: pl.DataFrame) -> Split:
        """Read the values of each account off tables ``reports`` and ``targets``."""
        held = reports.filter(pl.col("status").is_null() | (pl.col("status") != ReportStatus.DISMISSED.value))
        if facet is Facet.CATEGORY:
            return cls(facet, _gathered(held, pl.coalesce("category_assessed", "category_reported")))
        if facet is Facet.TARGET_GROUP:
            roles = targets.select("target_id", "role").drop_nulls()
            aimed = held.explode("target_ids", keep_nulls=False, empty_as_null=False)
            return cls(facet, _gathered(aimed.join(roles, left_on="target_ids", right_on="target_id"), pl.col("role")))
        return cls(facet)

    def values(self, origin: str, destination: str, left: datetime | None) -> tuple[str | None, ...]:
        """Give the values of one move, sorted; one ``None`` where nothing is split."""
        if self.facet is None:
            return (None,)
        if self.facet is Facet.WEEK:
            return (week(left),)
        return self.of_pair(origin, destination)

    def of_pair(self, origin: str, destination: str) -> tuple[str, ...]:
        """Give the values of two accounts, whenever one was left."""
        nothing: frozenset[str] = frozenset()
        return tuple(sorted(self._of.get(origin, nothing) | self._of.get(destination, nothing))) or (UNKNOWN,)


def _gathered(rows: pl.DataFrame, value: pl.Expr) -> dict[str, frozenset[str]]:
    found = rows.select("account_id", value=value).drop_nulls().group_by("account_id").agg(pl.col("value").unique())
    return {account_id: frozenset(values) for account_id, values in found.iter_rows()}


def week(moment: datetime | None) -> str:
    """Name the ISO week of a moment: ``2026-W17``."""
    return UNKNOWN if moment is None else f"{moment:%G-W%V}"


def flows(migrations: pl.DataFrame, split: Split | None = None) -> pl.DataFrame:
    """Add migrations up by origin and destination platform.

    Parameters
    ----------
    migrations
        Table ``migrations``.
    split
        By what else; a migration with several values is in several rows then, so rows don't add up.

    Returns
    -------
    polars.DataFrame
        ``origin_platform, destination_platform`` (and ``value``, if split), ``n, mean_probability``, the number in each
        band of probability (`BAND_COLUMNS`) and of each kind, largest flow first. Migrations of unknown order are in
        ``n`` too: ask for the kinds that a question needs.
    """
    by = list(ENDS)
    if split is not None and split.facet is not None:
        values = pl.Series("value", list(_values(migrations, split)), dtype=pl.List(pl.String))
        migrations = migrations.with_columns(values).explode("value")
        by.append("value")
    bands = pl.col("match_probability")
    lows = [*BAND_COLUMNS.values(), 2.0]
    counts = [
        bands.is_between(low, above, closed="left").sum().cast(pl.Int64).alias(name)
        for (name, low), above in zip(BAND_COLUMNS.items(), lows[1:], strict=True)
    ]
    counts += [(pl.col("kind") == kind.value).sum().cast(pl.Int64).alias(kind.value) for kind in MigrationKind]
    return (
        migrations.group_by(by)
        .agg(
            pl.len().cast(pl.Int64).alias("n"),
            pl.col("match_probability").sort().mean().alias("mean_probability"),
            *counts,
        )
        .sort(["n", *by], descending=[True, *(False for _ in by)])
    )


def _values(migrations: pl.DataFrame, split: Split) -> Iterator[list[str | None]]:
    for origin, destination, left in migrations.select(
        "origin_account_id", "destination_account_id", "left_latest"
    ).iter_rows():
        yield list(split.values(origin, destination, left))


def weighed(counted: pl.DataFrame, chance: pl.DataFrame) -> pl.DataFrame:
    """Put beside each flow what chance would give.

    Parameters
    ----------
    counted
        From `flows`.
    chance
        From `graphmatch.migration.null.by_chance`, split alike.

    Returns
    -------
    polars.DataFrame
        Every flow, those of which no move was found but which were tested too (``n`` 0), and the columns of ``chance``.
        A flow with nothing to test has the verdict ``too_few``: it is shown, and nothing is claimed of it.
    """
    by = [name for name in (*ENDS, "value") if name in counted.columns]
    joined = counted.join(chance, on=by, how="full", coalesce=True)
    whole = ["n", *BAND_COLUMNS, *(kind.value for kind in MigrationKind), "chances", "tested"]
    return joined.with_columns(
        *(pl.col(name).fill_null(0) for name in whole),
        pl.col("verdict").fill_null(Verdict.TOO_FEW.value),
    ).sort(["n", "tested", *by], descending=[True, True, *(False for _ in by)])
