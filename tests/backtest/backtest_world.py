"""A small invented election, with the posts of accounts that nobody reported yet among it; and ways to poison it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl

from graphmatch import tables

Tables = dict[str, pl.DataFrame]
#: What says when a row of these tables came, in words of its own: the tests do not ask the code that they test.
EVENTS = {
    "sightings": "first_seen",
    "reports": "reported_at",
    "enforcements": "at_latest",
    "link_claims": "asserted_at",
}
DATE = datetime(2026, 4, 13, tzinfo=UTC)


def frame(table: str, rows: list[dict[str, Any]]) -> pl.DataFrame:
    names = tables.dtypes(table)
    blank = {name: [] if dtype == tables.TEXTS else None for name, dtype in names.items()}
    return pl.DataFrame([{**blank, **row} for row in rows], schema=names)


def blank() -> Tables:
    return {name: tables.empty(name) for name in tables.OBSERVED}


def ordered(made: Tables) -> Tables:
    return {name: table.sort(tables.keys(name)) for name, table in made.items()}


class Poison:
    """Changes whatever is dated after a date, in any way that keeps it there."""

    def __init__(self, seed: int, date: datetime) -> None:
        self.random, self.date = np.random.default_rng(seed), date

    def later(self) -> datetime:
        return self.date + timedelta(minutes=1 + int(self.random.integers(0, 90 * 24 * 60)))

    def some(self, count: int, share: float) -> pl.Series:
        return pl.Series(self.random.random(count) < share, dtype=pl.Boolean)

    def tables(self, made: Tables, judgements: pl.DataFrame) -> tuple[Tables, pl.DataFrame]:
        poisoned = dict(made)
        for name, event in EVENTS.items():
            poisoned[name] = self._events(name, event, made[name], made["accounts"]["account_id"])
        poisoned["accounts"] = self._newcomers(self._accounts(made["accounts"], made["sightings"]))
        poisoned["reports"] = self._cells(poisoned["reports"], "status", "status_at", ["open", "dismissed", "upheld"])
        poisoned["contents"] = self._cells(poisoned["contents"], "text", "text_at", ["poison", None])
        said = self._judged(judgements, made["accounts"]["account_id"])
        shuffled = {
            name: table.sample(fraction=1, shuffle=True, seed=int(self.random.integers(2**31)))
            for name, table in poisoned.items()
        }
        return shuffled, said

    def _events(self, name: str, event: str, table: pl.DataFrame, accounts: pl.Series) -> pl.DataFrame:
        """Drop later rows, change them, and add others about anybody."""
        is_later = pl.col(event) > self.date
        past, future = table.filter(~is_later | pl.col(event).is_null()), table.filter(is_later)
        future = future.filter(self.some(future.height, 0.5))
        added = past.drop_nulls(event).sample(min(20, past.height), seed=int(self.random.integers(2**31)))
        added = self._renamed(name, added)
        wrong = pl.concat([future, added])
        who = accounts.sample(wrong.height, with_replacement=True, seed=int(self.random.integers(2**31)))
        times = pl.Series([self.later() for _ in range(wrong.height)], dtype=tables.TIME)
        wrong = wrong.with_columns(who.alias("account_id"), times.alias(event))
        if name == "enforcements":
            wrong = wrong.with_columns(times.alias("at_earliest"), pl.lit("account_suspended_perm").alias("action"))
        if name == "reports":
            wrong = wrong.with_columns(
                pl.lit("imminent").alias("gate"),
                times.alias("observed_at"),
                pl.lit([], dtype=tables.TEXTS).alias("content_ids"),  # nobody else's posts
            )
        if name == "sightings":
            wrong = wrong.with_columns(times.alias("last_seen"), pl.lit("poison").alias("value"))
            past = self._cells(past, "withdrawn_at", "withdrawn_at", [])
            wrong = wrong.unique(tables.keys(name))
        return pl.concat([past, wrong])

    def _renamed(self, name: str, rows: pl.DataFrame) -> pl.DataFrame:
        """Give rows keys of their own."""
        key = tables.keys(name)[0] if name != "sightings" else "source"
        return rows.with_columns(pl.format("{}-poison-{}", key, pl.int_range(pl.len())).alias(key))

    def _cells(self, table: pl.DataFrame, column: str, at: str, values: list[str | None]) -> pl.DataFrame:
        """Change what is dated later, or null it with its date."""
        value = pl.Series(
            [values[int(place)] for place in self.random.integers(0, len(values), table.height)] if values else [],
            dtype=pl.String,
        )
        times = pl.Series([self.later() for _ in range(table.height)], dtype=tables.TIME)
        gone = self.some(table.height, 0.2)
        is_later = (pl.col(at) > self.date).fill_null(value=False)
        change = [pl.when(is_later).then(pl.when(gone).then(None).otherwise(times)).otherwise(pl.col(at)).alias(at)]
        if values:
            changed = pl.when(gone).then(None).otherwise(value)
            change.append(pl.when(is_later).then(changed).otherwise(pl.col(column)).alias(column))
        return table.with_columns(change)

    def _accounts(self, accounts: pl.DataFrame, sightings: pl.DataFrame) -> pl.DataFrame:
        """See profiles again later with other words; change and undo what was seen later."""
        changed = accounts
        for column, kind in (("handle", "handle"), ("display_name", "display_name"), ("bio", "bio")):
            # What was seen by then is in the sightings, whatever a later reading overwrites.
            kept = sightings.filter((pl.col("kind") == kind) & (pl.col("first_seen") <= self.date))["account_id"]
            again = pl.col("account_id").is_in(kept.unique().implode()) & self.some(accounts.height, 0.5)
            over = again | (pl.col(f"{column}_at") > self.date)
            times = pl.Series([self.later() for _ in range(accounts.height)], dtype=tables.TIME)
            changed = changed.with_columns(
                pl.when(over).then(pl.lit("poison")).otherwise(pl.col(column)).alias(column),
                pl.when(over).then(times).otherwise(pl.col(f"{column}_at")).alias(f"{column}_at"),
            )
        changed = self._cells(changed, "state", "state_at", ["suspended", "deleted", "active"])
        for column in ("last_active", "last_observed_at"):
            changed = self._cells(changed, column, column, [])
        return changed

    def _newcomers(self, accounts: pl.DataFrame) -> pl.DataFrame:
        """Add accounts that are seen later."""
        copied = accounts.sample(10, seed=int(self.random.integers(2**31)))
        copied = copied.with_columns(pl.format("{}-poison", "account_id").alias("account_id"))
        times = [pl.lit(self.later(), tables.TIME).alias(name) for name in copied.columns if name.endswith("_at")]
        return pl.concat(
            [accounts, copied.with_columns(times).with_columns(pl.lit(None, tables.TIME).alias("last_active"))]
        )

    def _judged(self, judgements: pl.DataFrame, accounts: pl.Series) -> pl.DataFrame:
        left, right = sorted(accounts.sample(2, seed=int(self.random.integers(2**31))))
        row = {"seq": 999, "left": left, "right": right, "judgement": "positive", "analyst": "jo", "reason": "later"}
        return pl.concat(
            [judgements.filter(pl.col("at") <= self.date), frame("judgements", [row | {"at": self.later()}])]
        )
