"""Reads tables of reports that people keep by hand, as CSV, JSON, NDJSON or Parquet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, BinaryIO

from graphmatch.adapter import Context, Head, Layout, Options, RawRecord, Refusal, Unreadable
from graphmatch.model import Row
from graphmatch.readers import read_layout
from ingest.generic.columns import ALLEGATION, COLUMNS, WHO, load_mapping, names_of
from ingest.generic.reports import report_rows


class GenericAdapter:
    """Reads any table of reports by its header, or by a mapping file (`Options.mapping`)."""

    name = "generic"

    def __init__(self, options: Options) -> None:
        self._mapping = load_mapping(options.mapping, options.timezone)

    def recognise(self, head: Head) -> Layout | Refusal:
        """Say how to read the file, or which columns it lacks."""
        columns = _columns(head)
        if columns is None:
            return Refusal("not a table: neither CSV or Parquet nor a list of flat JSON objects")
        absent = [
            theirs
            for ours, theirs in self._mapping.columns.items()
            if ours not in names_of(columns, self._mapping).values()
        ]
        if absent:
            return Refusal(f"the mapping names a column {absent[0]!r}, which the file has not")
        known = {*names_of(columns, self._mapping).values(), *self._mapping.defaults}
        for wanted, what in ((WHO, "who is reported"), (ALLEGATION, "that it is a report")):
            if known.isdisjoint(wanted):
                return Refusal(f"no column says {what} (one of {', '.join(wanted)}); a mapping file can name it")
        return Layout(head.format, "report")

    def read(self, stream: BinaryIO, layout: Layout) -> Iterator[RawRecord | Unreadable]:
        """Stream the rows under our columns' names; a column that is none of ours keeps its own."""
        for record in read_layout(stream, layout):
            if isinstance(record, RawRecord):
                yield RawRecord(record.line, self._renamed(record.value))
            else:
                yield record

    def normalise(self, record: RawRecord, context: Context) -> Iterator[Row]:
        """Say what one row holds."""
        yield from report_rows(record.value, context, self._mapping)

    def _renamed(self, row: Mapping[str, Any]) -> dict[str, Any]:
        names = names_of(tuple(row), self._mapping)
        renamed = {names.get(theirs, _aside(theirs)): value for theirs, value in row.items()}
        for ours, value in self._mapping.defaults.items():
            if renamed.get(ours) in (None, ""):
                renamed[ours] = value
        return renamed


def _aside(theirs: str) -> str:
    """Keep a column that the mapping passed over from standing in for ours of the same name."""
    return f"unmapped {theirs}" if theirs in COLUMNS else theirs


def _columns(head: Head) -> Sequence[str] | None:
    if head.format in ("csv", "parquet"):
        return head.columns
    if head.format in ("ndjson", "json_array") and isinstance(head.first, Mapping):
        # Only flat values make a column: an object called "account" is another platform's record.
        return [name for name, value in head.first.items() if not isinstance(value, dict | list)]
    return None
