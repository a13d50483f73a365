"""The rows of many records → checked tables. A record is taken whole or, if any of its rows is bad, not at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from graphmatch import tables
from graphmatch.frames import ROW_TABLES
from graphmatch.frames import frame as table_of
from graphmatch.merge import merge
from graphmatch.model import Row

_OWNER = "record"
#: Bad rows whose own rules are looked up one by one; beyond it a row is given all the rules broken in its batch.
_MAX_LOOKED_UP = 100


@dataclass(frozen=True, slots=True)
class Built:
    """Merged, checked tables by name, in the order to write them, and the records that are in none, with why."""

    frames: dict[str, pl.DataFrame]
    bad: dict[int, str]


def build(records: Sequence[Sequence[Row]]) -> Built:
    """Make tables of the rows of ``records``; ``bad`` is keyed by a record's place in the sequence."""
    bad: dict[int, str] = {}
    owned: dict[str, pl.DataFrame] = {}
    for table, (rows, owners) in _by_table(records, bad).items():
        owned[table] = _checked(table, _frame(table, rows, owners, bad), bad)
    frames: dict[str, pl.DataFrame] = {}
    while True:
        before = len(bad)
        for table in tables.OBSERVED:
            if table in owned:
                if bad:
                    owned[table] = owned[table].filter(~pl.col(_OWNER).is_in(list(bad)))
                frames[table] = _merged(table, owned[table], bad)
        if len(bad) == before:
            return Built({table: frame for table, frame in frames.items() if frame.height}, bad)


def _by_table(records: Sequence[Sequence[Row]], bad: dict[int, str]) -> dict[str, tuple[list[Row], list[int]]]:
    found: dict[str, tuple[list[Row], list[int]]] = {}
    for owner, rows in enumerate(records):
        for row in rows:
            table = ROW_TABLES.get(type(row))
            if table is None:
                bad.setdefault(owner, f"a row of no known table: {type(row).__name__}")
                continue
            kept = found.setdefault(table, ([], []))
            kept[0].append(row)
            kept[1].append(owner)
    return found


def _frame(table: str, rows: list[Row], owners: list[int], bad: dict[int, str]) -> pl.DataFrame:
    """Make the frame, halving the rows until those that no frame can hold stand alone."""
    try:
        return table_of(table, rows).with_columns(pl.Series(_OWNER, owners, pl.Int64))
    except (TypeError, ValueError, OverflowError, AttributeError, pl.exceptions.PolarsError) as error:
        if len(rows) == 1:
            bad.setdefault(owners[0], f"{table}: a value of another type ({type(error).__name__})")
            return tables.empty(table).with_columns(pl.lit(None, pl.Int64).alias(_OWNER))
    half = len(rows) // 2
    return pl.concat(
        [
            _frame(table, rows[:half], owners[:half], bad),
            _frame(table, rows[half:], owners[half:], bad),
        ]
    )


def _checked(table: str, frame: pl.DataFrame, bad: dict[int, str]) -> pl.DataFrame:
    """Drop the rows that break the contract, before merging could hide or spread what is wrong with them."""
    key = tables.keys(table)[0]
    # Each row is made its own key, so that the rule that keys are unique says nothing yet.
    tag = pl.format("{}\0{}", key, pl.int_range(pl.len()))
    alone = frame.with_columns(pl.when(pl.col(key) != "").then(tag).otherwise(key).alias(key))
    checked = tables.check(table, alone.drop(_OWNER))
    if not checked.bad.height:
        return frame
    good = checked.good.get_column(key)
    fallen = frame.filter(~alone.get_column(key).is_in(good.implode()))
    for place, owner in enumerate(fallen.get_column(_OWNER)):
        rules = sorted(checked.counts)
        if len(rules) > 1 and place < _MAX_LOOKED_UP:
            rules = sorted(tables.check(table, fallen[place].drop(_OWNER)).counts)
        bad.setdefault(owner, f"{table}: breaks {', '.join(rules)}")
    return frame


def _merged(table: str, frame: pl.DataFrame, bad: dict[int, str]) -> pl.DataFrame:
    merged = merge(table, frame.drop(_OWNER))
    if merged.height == frame.height:
        return merged  # no two rows met, and each was checked by itself
    checked = tables.check(table, merged)
    if checked.bad.height:
        # Each is right by itself; together they contradict each other, and none can be told to be the wrong one.
        keys = tables.keys(table)
        for owner in frame.join(checked.bad.select(keys), on=keys, how="semi").get_column(_OWNER):
            bad.setdefault(owner, f"{table}: contradicts another record: {', '.join(sorted(checked.counts))}")
    return checked.good
