"""Invented accounts, truth and matches, written short."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

Row = tuple[str, ...]


def accounts_of(*rows: Row, sets: Iterable[str] | None = None) -> pl.DataFrame:
    """Make accounts of ``(account_id, platform[, handle[, display_name]])``; an empty text is not observed."""
    names = ("account_id", "platform", "handle", "display_name")
    made = pl.DataFrame(
        [dict.fromkeys(names) | dict(zip(names, (text or None for text in row), strict=False)) for row in rows],
        schema=dict.fromkeys(names, pl.String),
    )
    return made if sets is None else made.with_columns(pl.Series("dataset", list(sets), dtype=pl.String))


def truth_of(persons: dict[str, str | None]) -> pl.DataFrame:
    return pl.DataFrame(
        {"account_id": list(persons), "person_id": list(persons.values())},
        schema={"account_id": pl.String, "person_id": pl.String},
    )


def matches_of(*rows: tuple[str, str, float]) -> pl.DataFrame:
    schema = {"left": pl.String, "right": pl.String, "match_probability": pl.Float64}
    return pl.DataFrame(rows, schema=schema, orient="row")
