"""A small platform of our own, so that intake is tested without any real adapter."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import BinaryIO

import polars as pl

from graphmatch import model
from graphmatch.adapter import Context, Head, Layout, Options, RawRecord, Refusal, Unreadable
from graphmatch.errors import RejectedRecord
from graphmatch.merge import merge
from graphmatch.model import Row
from graphmatch.readers import read_layout


class TinyAdapter:
    """Records are ``{"id", "who", "at", "text"}``; some values of ``who`` misbehave."""

    name = "tiny"

    def __init__(self, options: Options | None = None) -> None:
        self.options = options

    def recognise(self, head: Head) -> Layout | Refusal:
        if "reports" in head.arrays:
            return Layout(head.format, "report", "reports")
        known = head.columns if head.format in ("csv", "parquet") else (head.first or {})
        return Layout(head.format, "report") if "who" in known else Refusal("it has no field 'who'")

    def read(self, stream: BinaryIO, layout: Layout) -> Iterator[RawRecord | Unreadable]:
        return read_layout(stream, layout)

    def normalise(self, record: RawRecord, context: Context) -> Iterator[Row]:
        who = record.value.get("who")
        if who == "rejected" or not isinstance(who, str):
            raise RejectedRecord("who: not a name")
        if who == "crash":
            raise RuntimeError("the secret of " + who)
        at = datetime.fromisoformat(record.value.get("at") or "2026-03-01T12:00:00+00:00")
        account = f"tiny:tiny:{who}"
        yield model.Account(account, "tiny", "tiny", who, model.IdKind.OPAQUE, at, handle=who)
        yield model.Sighting(account, model.SignalKind.HANDLE, who, context.source, first_seen=at, last_seen=at)
        report = f"tiny:{record.value.get('id', hashlib.sha256(who.encode()).hexdigest())}"
        yield model.Report(
            report,
            context.source,
            model.SourceKind.REPORT,
            "tiny",
            account,
            None,
            "unmapped",
            model.Specificity.NONE,
            model.Gate.DEBATE,
            count=record.value.get("count", 1),
            reported_at=at,
            text=record.value.get("text"),
        )


class Written:
    """What a store gives back."""

    def __init__(self, new: int, unchanged: int) -> None:
        self.new, self.changed, self.unchanged = new, 0, unchanged


class MemoryStore:
    """Keeps the tables as `merge` makes them."""

    def __init__(self) -> None:
        self.tables: dict[str, pl.DataFrame] = {}
        self.order: list[str] = []

    def write_all(self, rows: Mapping[str, pl.DataFrame]) -> dict[str, Written]:
        return {table: self._write(table, each) for table, each in rows.items()}

    def _write(self, table: str, rows: pl.DataFrame) -> Written:
        before = self.tables.get(table, rows.clear())
        self.tables[table] = merge(table, before, rows)
        self.order.append(table)
        new = self.tables[table].height - before.height
        return Written(new, rows.height - new)

    def ids(self, table: str, column: str) -> list[str]:
        return self.tables[table].get_column(column).to_list() if table in self.tables else []
