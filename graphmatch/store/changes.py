"""What a write changes: rows of a table as they stand in a store, against what was observed since. Pure.

In: frames of one table. Out: the rows that are new, and those that change, before and after. Knows no engine.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from graphmatch import tables
from graphmatch.errors import RejectedTable, UsageError
from graphmatch.merge import merge
from graphmatch.store import Written
from graphmatch.store.graph import Edge
from graphmatch.tables import dtypes, keys


@dataclass(frozen=True, slots=True)
class Change:
    """Rows to add, and rows to change: ``before`` and ``after`` hold the same keys in the same order."""

    new: pl.DataFrame
    before: pl.DataFrame
    after: pl.DataFrame
    written: Written

    def ends(self, edge: Edge) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Give the relationships of ``edge`` that the change takes away, and those that it brings."""
        had, has = edge.ends(self.before), edge.ends(self.after)
        gone = had.join(has, on=had.columns, how="anti", nulls_equal=True)
        come = has.join(had, on=had.columns, how="anti", nulls_equal=True)
        return gone, pl.concat([edge.ends(self.new), come])


def require_stored(table: str, allowed: tuple[str, ...]) -> None:
    """Raise `UsageError` unless ``table`` is one of the ``allowed`` ones."""
    if table not in allowed:
        raise UsageError(f"the store does not take the table {table!r} here; it takes: {', '.join(allowed)}")


def observed(table: str, rows: pl.DataFrame) -> pl.DataFrame:
    """Bring observations into the form in which they are kept: each key once, checked.

    Raises
    ------
    RejectedTable
        A column is missing or of another type, or a row breaks the table's contract.
    """
    try:
        cast = rows.select(pl.col(name).cast(dtype) for name, dtype in dtypes(table).items())
    except pl.exceptions.PolarsError:
        tables.check(table, rows.head(0))  # names a missing column, or one that can't be cast at all
        raise RejectedTable(f"table {table!r} holds a column of another type") from None
    return tables.require(table, merge(table, cast))


def changes(table: str, before: pl.DataFrame, fresh: pl.DataFrame) -> Change:
    """Tell what merging ``fresh`` (see `observed`) into ``before``, the rows of its keys that exist, comes to."""
    key = keys(table)
    new = fresh.join(before, on=key, how="anti")
    before = before.sort(key)
    again = fresh.join(before, on=key, how="semi").sort(key)
    before, again = _differing(before, again)
    before, after = _differing(before, merge(table, before, again))
    return Change(new, before, after, Written(new.height, after.height, fresh.height - new.height - after.height))


def replacement(table: str, before: pl.DataFrame, rows: pl.DataFrame) -> tuple[pl.DataFrame, Change]:
    """Tell what putting ``rows`` in place of ``before`` comes to: the rows that go, and the `Change`."""
    key = keys(table)
    gone = before.join(rows, on=key, how="anti")
    new = rows.join(before, on=key, how="anti")
    had = before.join(rows, on=key, how="semi").sort(key)
    had, has = _differing(had, rows.join(before, on=key, how="semi").sort(key))
    return gone, Change(new, had, has, Written(new.height, has.height, rows.height - new.height - has.height))


def _differing(left: pl.DataFrame, right: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Keep the rows that differ; both frames hold the same keys in the same order."""
    if left.is_empty():
        return left, right
    # With a blank, which no column's own name holds.
    paired = pl.concat([left, right.rename(lambda name: f"then {name}")], how="horizontal")
    differ = paired.select(
        pl.any_horizontal(pl.col(name).ne_missing(pl.col(f"then {name}")) for name in left.columns)
    ).to_series()
    return left.filter(differ), right.filter(differ)
