"""Rows of adapters → frames of tables, unchecked: `graphmatch.tables.check` comes after.

In: rows of one type of `graphmatch.model`. Out: the frame of their table.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from enum import StrEnum
from typing import Any

import polars as pl

from graphmatch import model
from graphmatch.normalise.minhash import signatures
from graphmatch.tables import DATED, TEXTS, TIME, dtypes, empty

#: Which table each type of row belongs to.
ROW_TABLES: dict[type, str] = {
    model.Account: "accounts",
    model.Sighting: "sightings",
    model.Report: "reports",
    model.Content: "contents",
    model.Target: "targets",
    model.Enforcement: "enforcements",
    model.LinkClaim: "link_claims",
}


def frame(table: str, rows: Iterable[model.Row]) -> pl.DataFrame:
    """Make ``table`` from the rows of an adapter, unchecked.

    Parameters
    ----------
    table
        An observed table's name.
    rows
        Rows of that table's type in `graphmatch.model`.

    Returns
    -------
    polars.DataFrame
        One row each, with the table's columns; what may change (`DATED`) is dated by the row's ``observed_at``.
    """
    rows = list(rows)
    if not rows:
        return empty(table)
    names = [f.name for f in fields(rows[0])]
    data = {name: [getattr(row, name) for row in rows] for name in names}
    columns = dtypes(table)
    if table == "accounts":
        columns = {**columns, "observed_at": TIME}
    made = pl.DataFrame(
        {name: _plain(values, columns[name]) for name, values in data.items()},
        schema={name: columns[name] for name in names},
        strict=True,
    )
    if "text_minhash" in columns:
        made = made.with_columns(pl.Series("text_minhash", signatures(data["text"]), pl.String))
    return made.with_columns(_dates(table)).select(dtypes(table).keys())


def _plain(values: list[Any], dtype: pl.DataType) -> list[Any] | pl.Series:
    if dtype == TEXTS:
        return _lists(values)
    if dtype == pl.String:
        return [str(value) if isinstance(value, StrEnum) else value for value in values]
    return values


def _lists(values: list[tuple[str, ...]]) -> pl.Series:
    """Cut one flat series into lists: polars would make a series of each row's tuple."""
    places = [place for place, value in enumerate(values) for _ in value]
    flat = pl.DataFrame(
        {"place": places, "values": [text for value in values for text in value]},
        schema={"place": pl.UInt32, "values": pl.String},
    )
    every = pl.DataFrame({"place": range(len(values))}, schema={"place": pl.UInt32})
    cut = every.join(flat.group_by("place").agg("values"), on="place", how="left", maintain_order="left")
    return cut.select(pl.col("values").fill_null(pl.lit([], dtype=TEXTS))).to_series()


def _dates(table: str) -> list[pl.Expr]:
    seen = pl.col("observed_at")
    dates = [pl.when(pl.col(name).is_not_null()).then(seen).alias(f"{name}_at") for name in DATED.get(table, ())]
    if table == "accounts":
        dates += [seen.alias("first_observed_at"), seen.alias("last_observed_at")]
    return dates
