"""Merging observations of one table by key, so that any order of files, and any repetition, gives the same table.

In: frames of one observed table. Out: one frame, each key once. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import polars as pl

from graphmatch import model
from graphmatch.tables import ATTRIBUTES, TEXTS, dtypes, keys

#: Best first: an exact creation time beats one that was derived.
_PRECISION_RANK = {
    word.value: rank
    for rank, word in enumerate(
        (
            model.Precision.EXACT,
            model.Precision.DERIVED_FROM_ID,
            model.Precision.APPROXIMATE,
            model.Precision.DAY,
            model.Precision.UNKNOWN,
        )
    )
}


def merge(table: str, *parts: pl.DataFrame) -> pl.DataFrame:
    """Merge observations of one table by key: each key once, sorted by key.

    Order-free and idempotent. Of an account's attributes the latest that has a value wins, each for itself; a blank
    never overwrites. Sightings widen to ``min(first_seen)``..``max(last_seen)``. Elsewhere the later observation's
    value wins where it has one, and lists are united.
    """
    # A list is a set: in one order, so that a row that is merged with itself stays as it is.
    rows = pl.concat([part.select(dtypes(table).keys()) for part in parts]).with_columns(
        pl.col(TEXTS).list.unique().list.sort()
    )
    key = keys(table)
    repeated = rows.select(pl.struct(key).is_duplicated()).to_series()
    if not repeated.any():
        return rows.sort(key)
    merged = rows.filter(repeated).group_by(key).agg(*_MERGERS.get(table, _merge_latest)(table))
    return pl.concat([rows.filter(~repeated), merged.select(rows.columns)]).sort(key)


def _last_by(name: str, *by: str) -> pl.Expr:
    """Pick the greatest non-null value of ``name`` in the order of ``by``, then of itself."""
    return pl.col(name).sort_by(*by, name, nulls_last=False).drop_nulls().last()


def _merge_accounts(_: str) -> list[pl.Expr]:
    rank = pl.col("created_at_precision").replace_strict(_PRECISION_RANK, default=99, return_dtype=pl.Int8)
    best = pl.col("created_at").is_not_null() & (rank == rank.filter(pl.col("created_at").is_not_null()).min())
    exprs = [pl.col(name).min() for name in ("platform", "instance", "native_id", "id_kind")]
    for name in ATTRIBUTES:
        exprs += [_last_by(name, f"{name}_at"), pl.col(f"{name}_at").max()]
    return [
        *exprs,
        pl.col("created_at").filter(best).min(),
        pl.col("created_at_precision").filter(best).min(),
        pl.col("last_active").max(),
        pl.col("first_observed_at").min(),
        pl.col("last_observed_at").max(),
    ]


def _merge_sightings(_: str) -> list[pl.Expr]:
    return [
        pl.col("context").min(),
        pl.col("first_seen").min(),
        pl.col("last_seen").max(),
        pl.col("report_id").min(),
    ]


def _merge_latest(table: str) -> list[pl.Expr]:
    by = ["observed_at"] if "observed_at" in dtypes(table) else []
    exprs = []
    for name, dtype in dtypes(table).items():
        if name in keys(table):
            continue
        if dtype == TEXTS:
            exprs.append(pl.col(name).list.explode(keep_nulls=False, empty_as_null=False).unique().sort())
        elif name == "observed_at":
            exprs.append(pl.col(name).max())
        else:
            exprs.append(_last_by(name, *by))
    return exprs


_MERGERS: Mapping[str, Callable[[str], list[pl.Expr]]] = {
    "accounts": _merge_accounts,
    "sightings": _merge_sightings,
}
