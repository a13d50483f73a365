"""Everything dated that is known of the two accounts of a migration, one row an event, in order of time.

In: ``migrations`` and observed tables. Out: a timeline, so that a person or a picture can check every step. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta

import polars as pl

from graphmatch.migration.facts import declarations
from graphmatch.migration.times import LONGEST_DAY
from graphmatch.model import Precision
from graphmatch.tables import TIME

#: Columns of a timeline.
TIMELINE: dict[str, pl.DataType | type[pl.DataType]] = {
    "migration_id": pl.String,
    "at_earliest": TIME,
    "at_latest": TIME,
    "what": pl.String,
    "side": pl.String,
    "account_id": pl.String,
    "platform": pl.String,
    "source_id": pl.String,
}
_EVENT = ("account_id", "at_earliest", "at_latest", "what", "source_id")
_MICROSECOND = timedelta(microseconds=1)


def timeline(
    migrations: pl.DataFrame,
    accounts: pl.DataFrame,
    enforcements: pl.DataFrame,
    reports: pl.DataFrame,
    contents: pl.DataFrame,
    sightings: pl.DataFrame,
) -> pl.DataFrame:
    """Lay out the events of each migration.

    Parameters
    ----------
    migrations, accounts, enforcements, reports, contents, sightings
        Tables of those names; the timeline of one migration takes that row alone.

    Returns
    -------
    polars.DataFrame
        ``migration_id, at_earliest, at_latest`` (equal where the moment is known, null where an end is not), ``what``
        (plain words of a fixed stock), ``side`` (``origin`` or ``destination``), ``account_id, platform, source_id``
        (of the enforcement, report or content; null for what stands on the account itself). Sorted by migration, then
        by the earliest moment at which each event may have been; those of unknown time are last.
    """
    sides = pl.concat(_side(migrations, name) for name in ("origin", "destination"))
    wanted = sides["account_id"].unique()
    kept = [table.filter(pl.col("account_id").is_in(wanted.implode())) for table in (accounts, reports, contents)]
    events = pl.concat(
        [
            *_of_accounts(kept[0]),
            _of_enforcements(enforcements, contents, wanted),
            _of_lapses(enforcements),
            _of_reports(kept[1]),
            _of_contents(kept[2]),
        ]
    )
    laid = sides.join(events, on="account_id").select(TIMELINE.keys())
    named = pl.DataFrame(_declared(migrations, accounts, sightings), schema=TIMELINE, orient="row")
    starts = pl.coalesce("at_earliest", "at_latest")
    order = ["migration_id", starts, "at_latest", "side", "what", "source_id", "account_id"]
    return pl.concat([laid, named]).unique().sort(order, nulls_last=True)


def _side(migrations: pl.DataFrame, name: str) -> pl.DataFrame:
    return migrations.select(
        "migration_id",
        side=pl.lit(name),
        account_id=f"{name}_account_id",
        platform=f"{name}_platform",
    )


def _event(table: pl.DataFrame, what: pl.Expr, earliest: pl.Expr, latest: pl.Expr, source: pl.Expr) -> pl.DataFrame:
    made = table.select(
        pl.col("account_id"),
        earliest.cast(TIME).alias("at_earliest"),
        latest.cast(TIME).alias("at_latest"),
        what.cast(pl.String).alias("what"),
        source.cast(pl.String).alias("source_id"),
    )
    return made.select(_EVENT)


def _of_accounts(accounts: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Give creation within its precision, and what the account itself shows of its life."""
    none, precision = pl.lit(None), pl.col("created_at_precision")
    at = pl.col("created_at")
    made = accounts.filter(at.is_not_null() & precision.is_not_null() & (precision != Precision.UNKNOWN.value))
    earliest = pl.when(precision != Precision.APPROXIMATE.value).then(at)
    latest = at + pl.when(precision == Precision.DAY.value).then(pl.lit(LONGEST_DAY - _MICROSECOND)).otherwise(
        pl.lit(timedelta(0))
    )
    yield _event(made, pl.lit("account created"), earliest, latest, none)
    state = pl.lit("seen ") + pl.col("state")
    for what, column, begins in (
        (pl.lit("last seen active"), "last_active", pl.col("last_active")),
        (pl.lit("first observed"), "first_observed_at", pl.col("first_observed_at")),
        (state, "state_at", none),
    ):
        shown = accounts.filter(pl.col(column).is_not_null() & what.is_not_null())
        yield _event(shown, what, begins, pl.col(column), none)


def _of_enforcements(enforcements: pl.DataFrame, contents: pl.DataFrame, wanted: pl.Series) -> pl.DataFrame:
    """Give each thing that a platform did; what it did to a post counts for the post's author."""
    author = contents.select("content_id", author="account_id").drop_nulls().unique("content_id")
    known = enforcements.join(author, on="content_id", how="left").with_columns(
        account_id=pl.coalesce("account_id", "author")
    )
    known = known.filter(pl.col("account_id").is_in(wanted.implode()))
    what = pl.lit("platform: ") + pl.col("action").str.replace_all("_", " ")
    return _event(known, what, pl.col("at_earliest"), pl.col("at_latest"), pl.col("enforcement_id"))


def _of_lapses(enforcements: pl.DataFrame) -> pl.DataFrame:
    over = enforcements.filter(pl.col("expires_at").is_not_null() & pl.col("account_id").is_not_null())
    ends = pl.col("expires_at")
    return _event(over, pl.lit("platform: expires"), ends, ends, pl.col("enforcement_id"))


def _of_reports(reports: pl.DataFrame) -> pl.DataFrame:
    dismissed = pl.col("status") == "dismissed"
    what = pl.when(dismissed).then(pl.lit("reported, dismissed")).otherwise(pl.lit("reported: ") + pl.col("gate"))
    at = pl.col("reported_at")
    return _event(reports, what, at, at, pl.col("report_id"))


def _of_contents(contents: pl.DataFrame) -> pl.DataFrame:
    at = pl.col("created_at")
    return _event(contents, pl.lit("posted"), at, at, pl.col("content_id"))


def _declared(
    migrations: pl.DataFrame, accounts: pl.DataFrame, sightings: pl.DataFrame
) -> Iterable[tuple[object, ...]]:
    """Give each statement of one side that names the other."""
    ends = ["migration_id", "origin_account_id", "destination_account_id", "origin_platform", "destination_platform"]
    rows = migrations.select(ends).rows()
    siblings: dict[str, list[str]] = {}
    for _, origin, destination, *_ in rows:
        siblings.setdefault(origin, []).append(destination)
        siblings.setdefault(destination, []).append(origin)
    said: dict[tuple[str, str], list[tuple[object, str]]] = {}
    for speaker, other, moved, first_seen in declarations(sightings, accounts, siblings):
        what = "platform records a move to the other" if moved else "profile names the other"
        said.setdefault((speaker, other), []).append((first_seen, what))
    for migration_id, origin, destination, here, there in rows:
        for side, speaker, other, platform in (
            ("origin", origin, destination, here),
            ("destination", destination, origin, there),
        ):
            for seen, what in said.get((speaker, other), ()):
                yield migration_id, seen, seen, what, side, speaker, platform, None
