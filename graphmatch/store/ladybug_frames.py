"""What the Ladybug engine answers → polars frames: its types, and its times, which have no zone and are UTC. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from graphmatch.errors import UsageError
from graphmatch.tables import TIME


def frame(rows: list[list[Any]], schema: Mapping[str, pl.DataType]) -> pl.DataFrame:
    """Make a frame of an answer's rows; times, which the engine keeps without a zone, are UTC."""
    made = pl.DataFrame(rows, schema={name: _naive(dtype) for name, dtype in schema.items()}, orient="row")
    return _in_utc(made, schema)


def named(made: pl.DataFrame, schema: Mapping[str, pl.DataType]) -> pl.DataFrame:
    """Give the columns of a file that the engine wrote, in order, the names and dtypes of ``schema``."""
    naive = {name: _naive(dtype) for name, dtype in schema.items()}
    return _in_utc(made.rename(dict(zip(made.columns, naive, strict=True))).cast(pl.Schema(naive)), schema)


def _naive(dtype: pl.DataType) -> pl.DataType:
    return pl.Datetime("us") if dtype == TIME else dtype


def _in_utc(made: pl.DataFrame, schema: Mapping[str, pl.DataType]) -> pl.DataFrame:
    return made.with_columns(pl.col(name).dt.replace_time_zone("UTC") for name in schema if schema[name] == TIME)


_NESTED = "return properties, such as a.account_id, not whole nodes, relationships, paths or maps"
_SCALARS: dict[str, pl.DataType] = {
    "STRING": pl.String(),
    "UUID": pl.String(),
    "BOOL": pl.Boolean(),
    "DOUBLE": pl.Float64(),
    "FLOAT": pl.Float64(),
    "DATE": pl.Date(),
    "TIMESTAMP": TIME,
    "INTERVAL": pl.Duration("us"),
    **{f"{sign}INT{bits}": pl.Int64() for sign in ("", "U") for bits in (8, 16, 32, 64)},
    "INT128": pl.Int128(),
    "SERIAL": pl.Int64(),
}


def dtype_of(of: str) -> pl.DataType:
    """Give the dtype of one of the engine's types; `UsageError` for what is no property."""
    if of.endswith("[]"):
        return pl.List(dtype_of(of[:-2]))
    if of not in _SCALARS:
        raise UsageError(_NESTED)
    return _SCALARS[of]
