"""The tables as they were known at a date: nothing that came later is in them.

In: observed tables and judgements of now. Out: the same tables of then. Pure: the order of rows never matters.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import polars as pl

from graphmatch.backtest.rules import RULES, Kind, Rule
from graphmatch.tables import TIME

Tables = Mapping[str, pl.DataFrame]


class Known(StrEnum):
    """When something counts as known.

    ``HAPPENED``: a report when it was made, as if each platform had told of it at once. What the tool would have said
    with timely exports.
    ``OBSERVED``: a report when an export that holds it was pulled; one that was read again later counts from then. What
    the tool could have said with the exports that were there.

    All else is the same: a profile's words count from when they were first seen, an enforcement from its time, for no
    table says when it was learned of.
    """

    HAPPENED = "happened"
    OBSERVED = "observed"


@dataclass(frozen=True, slots=True)
class AsOf:
    """What was known at a date.

    Attributes
    ----------
    at
        The date.
    tables
        The observed tables, with their usual columns.
    judgements
        Table ``judgements``: those given by then.
    undated
        Rows of each table that are known at no date, because nothing says when they came.
    """

    at: datetime
    tables: dict[str, pl.DataFrame]
    judgements: pl.DataFrame
    undated: dict[str, int]


def as_of(tables: Tables, judgements: pl.DataFrame, at: datetime, known: Known = Known.HAPPENED) -> AsOf:
    """Cut the tables to what was known at ``at``, by the rules of `graphmatch.backtest.rules`.

    When a row was known: a sighting since ``first_seen``; an enforcement since ``at_latest``; a claim since
    ``asserted_at``; a report as `Known` says (by ``reported_at``, or ``observed_at`` where there is none). An account,
    a content and a target since they were observed, or since a known row is about them, whichever came first.

    Parameters
    ----------
    tables
        All observed tables.
    judgements
        Table ``judgements``.
    at
        The date, with its zone; what bears exactly this time was known.
    known
        When a report counts as known.
    """
    since = since_when(tables, known)
    kept = {
        name: table.filter((since[name] <= at).fill_null(value=False))
        for name, table in tables.items()
        if name in RULES
    }
    cut = {name: table.with_columns(_undisclosed(name, at)) for name, table in kept.items()}
    cut["accounts"] = _as_sighted(cut["accounts"], cut["sightings"])
    cut["sightings"] = cut["sightings"].with_columns(pl.coalesce("last_seen", "first_seen").alias("last_seen"))
    for name, column in _references():
        other = cut["reports"]["report_id"].implode()
        there = pl.when(pl.col(column).is_in(other)).then(pl.col(column))
        cut[name] = cut[name].with_columns(there.alias(column))
    said = judgements.filter((pl.col("at") <= at).fill_null(value=False))
    return AsOf(at, cut, said, {name: times.null_count() for name, times in since.items()})


def since_when(tables: Tables, known: Known = Known.HAPPENED) -> dict[str, pl.Series]:
    """Say since when each row was known, as a series of times beside each table; null: never."""
    reports, enforcements, contents = tables["reports"], tables["enforcements"], tables["contents"]
    since = {
        "sightings": tables["sightings"]["first_seen"],
        "enforcements": enforcements["at_latest"],
        "link_claims": tables["link_claims"]["asserted_at"],
        "reports": reports.select(
            pl.coalesce("reported_at", "observed_at") if known is Known.HAPPENED else pl.col("observed_at")
        ).to_series(),
    }
    reported = reports.with_columns(since["reports"].alias("at"))
    acted = enforcements.with_columns(since["enforcements"].alias("at"))
    named = [
        _about(reported.explode("content_ids", keep_nulls=False, empty_as_null=False), "content_ids"),
        _about(acted, "content_id"),
    ]
    since["contents"] = _first(contents, "content_id", "observed_at", named)
    posted = contents.with_columns(since["contents"].alias("at"))
    seen = tables["sightings"].with_columns(since["sightings"].alias("at"))
    claimed = tables["link_claims"].with_columns(since["link_claims"].alias("at"))
    about = [_about(rows, "account_id") for rows in (reported, acted, posted, seen, claimed)]
    since["accounts"] = _first(tables["accounts"], "account_id", "first_observed_at", about)
    aimed = [
        _about(rows.explode("target_ids", keep_nulls=False, empty_as_null=False), "target_ids")
        for rows in (reported, posted)
    ]
    since["targets"] = _first(tables["targets"], "target_id", "observed_at", aimed)
    return since


def _about(rows: pl.DataFrame, column: str) -> pl.DataFrame:
    return rows.select(pl.col(column).alias("key"), pl.col("at").cast(TIME)).drop_nulls()


def _first(table: pl.DataFrame, key: str, own: str, others: Iterable[pl.DataFrame]) -> pl.Series:
    """Give the earliest time of each row's own and of what is about it."""
    earliest = pl.concat(others).group_by("key").agg(pl.col("at").min())
    joined = table.select(key, own).join(earliest, left_on=key, right_on="key", how="left", maintain_order="left")
    return joined.select(pl.min_horizontal(own, "at")).to_series()


def _undisclosed(name: str, at: datetime) -> list[pl.Expr]:
    """Null what the rules of columns say was not known."""
    return [made for column, rule in RULES[name].items() if (made := _column(column, rule, at)) is not None]


def _column(column: str, rule: Rule, at: datetime) -> pl.Expr | None:
    if rule.kind is Kind.TIME:
        return pl.when(pl.col(column) <= at).then(pl.col(column)).alias(column)
    if rule.kind is Kind.NEVER:
        return pl.when(pl.lit(value=False)).then(pl.col(column)).alias(column)
    if rule.kind in (Kind.DATED, Kind.SIGHTED):
        by = rule.by if rule.kind is Kind.DATED else f"{column}_at"
        return pl.when(pl.col(by) <= at).then(pl.col(column)).alias(column)
    return None


def _as_sighted(accounts: pl.DataFrame, sightings: pl.DataFrame) -> pl.DataFrame:
    """Give each profile's words as the sightings known then hold them, else as they were dated."""
    cut = accounts
    own = sightings.filter(pl.col("context") != "message")
    for column, rule in RULES["accounts"].items():
        if rule.kind is not Kind.SIGHTED:
            continue
        last = (
            own.filter(pl.col("kind") == rule.by)
            .sort("first_seen", "value")
            .unique("account_id", keep="last", maintain_order=True)
            .select("account_id", seen="value", seen_at="first_seen")
        )
        cut = (
            cut.join(last, on="account_id", how="left", maintain_order="left")
            .with_columns(
                pl.coalesce("seen", column).alias(column), pl.coalesce("seen_at", f"{column}_at").alias(f"{column}_at")
            )
            .drop("seen", "seen_at")
        )
    return cut.select(accounts.columns)


def _references() -> list[tuple[str, str]]:
    return [
        (name, column) for name, rules in RULES.items() for column, rule in rules.items() if rule.kind is Kind.REFERENCE
    ]
