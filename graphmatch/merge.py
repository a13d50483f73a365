"""Merging observations of one table by key, so that any order of files, and any repetition, gives the same table.

In: frames of one observed table. Out: one frame, each key once. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from graphmatch import model
from graphmatch.tables import DATED, TEXTS, dtypes, keys

#: Best first: an exact creation time beats one that was derived; an approximate one is only a bound.
_PRECISION_RANK = {
    word.value: rank
    for rank, word in enumerate(
        (
            model.Precision.EXACT,
            model.Precision.DERIVED_FROM_ID,
            model.Precision.DAY,
            model.Precision.APPROXIMATE,
            model.Precision.UNKNOWN,
        )
    )
}

#: Where a signal was seen, strongest first; a context not named here comes last.
_CONTEXT_RANK = {
    context: rank for rank, context in enumerate(("verified", "registration", "signin", "moved", "profile", "message"))
}


def merge(table: str, *parts: pl.DataFrame) -> pl.DataFrame:
    """Merge observations of one table by key: each key once, sorted by key.

    Order-free and idempotent, however the parts are grouped. Of what may change (`DATED`) the latest value wins, each
    for itself; a blank never overwrites. Sightings widen to ``min(first_seen)``..``max(last_seen)``. What should not
    differ between observations keeps its greatest value, and lists are united.
    """
    # A list is a set: in one order, so that a row that is merged with itself stays as it is.
    rows = pl.concat([part.select(dtypes(table).keys()) for part in parts]).with_columns(
        pl.col(TEXTS).list.unique().list.sort()
    )
    key = keys(table)
    repeated = rows.select(pl.struct(key).is_duplicated()).to_series()
    if not repeated.any():
        return rows.sort(key)
    special = {**{name: _latest(name) for name in DATED.get(table, ())}, **_SPECIAL.get(table, {})}
    rest = [name for name in dtypes(table) if name not in key]
    merged = rows.filter(repeated).group_by(key).agg(special.get(name, _greatest(table, name)) for name in rest)
    return pl.concat([rows.filter(~repeated), merged.select(rows.columns)]).sort(key)


def _latest(name: str) -> pl.Expr:
    return pl.col(name).sort_by(f"{name}_at", name, nulls_last=False).drop_nulls().last()


def _greatest(table: str, name: str) -> pl.Expr:
    if dtypes(table)[name] == TEXTS:
        return pl.col(name).list.explode(keep_nulls=False, empty_as_null=False).unique().sort()
    return pl.col(name).max()


def _best_created() -> pl.Expr:
    known = pl.col("created_at").is_not_null()
    rank = pl.col("created_at_precision").replace_strict(_PRECISION_RANK, default=99, return_dtype=pl.Int8)
    return known & (rank == rank.filter(known).min())


def _text_minhash(*order: str) -> pl.Expr:
    """Give the hash of the text that wins, whichever that is."""
    return pl.col("text_minhash").sort_by(*order, nulls_last=False).filter(_has_text(*order)).last()


def _has_text(*order: str) -> pl.Expr:
    return pl.col("text").sort_by(*order, nulls_last=False).is_not_null()


def _together(name: str) -> pl.Expr:
    """Unite what several observations say, each a list written as one text; ``None`` where none says anything."""
    said = pl.col(name).drop_nulls().str.split(" ").list.explode(keep_nulls=False, empty_as_null=False).unique().sort()
    return pl.when(said.len() > 0).then(said.str.join(" "))


def _strongest_context() -> pl.Expr:
    rank = pl.col("context").replace_strict(_CONTEXT_RANK, default=99, return_dtype=pl.Int8)
    return pl.col("context").sort_by(rank, "context").first()


#: Columns whose value is neither the latest nor the greatest.
_SPECIAL: Mapping[str, Mapping[str, pl.Expr]] = {
    "accounts": {
        "created_at": pl.col("created_at").filter(_best_created()).min(),
        "created_at_precision": pl.col("created_at_precision").filter(_best_created()).min(),
        "first_observed_at": pl.col("first_observed_at").min(),
    },
    "sightings": {
        "context": _strongest_context(),
        "first_seen": pl.col("first_seen").min(),
        "report_id": pl.col("report_id").min(),
    },
    "contents": {"text_minhash": _text_minhash("text_at", "text")},
    # Two people of one name, or with one account: neither may hide the other.
    "targets": {"registered_as": _together("registered_as")},
    "reports": {"text_minhash": _text_minhash("text")},
}


def in_force(rows: pl.DataFrame, seen: str = "last_seen") -> pl.DataFrame:
    """Leave out the sightings, or the claims, that their source has withdrawn and has not ``seen`` since."""
    withdrawn = pl.col("withdrawn_at").is_not_null()
    again = pl.col(seen) > pl.col("withdrawn_at")
    return rows.filter(~withdrawn | again.fill_null(value=False))
