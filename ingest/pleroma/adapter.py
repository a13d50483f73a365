"""Reads the abuse reports of Pleroma's and Akkoma's admin API."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, BinaryIO

from graphmatch.adapter import Context, Format, Head, Layout, Options, RawRecord, Refusal, Unreadable
from graphmatch.errors import RejectedRecord
from graphmatch.model import Row
from graphmatch.readers import read_layout
from graphmatch.readers.pages import read_pages
from ingest.pleroma.reports import report_rows

_REPORTS = "export the reports with /api/v1/pleroma/admin/reports"
_UNKNOWN = Refusal("not an answer of Pleroma's admin API about reports")
_USERS = Refusal(f"Pleroma's list of users, whether reported or not; {_REPORTS}")
_LOG = Refusal(f"Pleroma's moderation log tells in sentences what moderators did; {_REPORTS}")
_REPORT, _PAGE, _GROUPED = "", "reports", "reports.reports"


class PleromaAdapter:
    """Reads Pleroma's answers, as pages (one, several, or an array of them) or as one report a line."""

    name = "pleroma"

    def __init__(self, options: Options) -> None:
        self._options = options

    def recognise(self, head: Head) -> Layout | Refusal:
        """Say how to read the file, or why it is not an answer about reports."""
        if head.format == "json_object":
            seen = {**dict.fromkeys(head.top_keys), **{path: [first] for path, first in head.arrays.items()}}
            return _layout(head.format, seen)
        if head.format in ("json_array", "ndjson") and isinstance(head.first, Mapping):
            return _layout(head.format, head.first)
        return _UNKNOWN

    def read(self, stream: BinaryIO, layout: Layout) -> Iterator[RawRecord | Unreadable]:
        """Stream the reports as they stand, those of pages and of groups too."""
        if layout.format == "ndjson" and layout.path:
            return read_pages(stream, replace(layout, path=""), lambda page: _within(page, layout.path.split(".")))
        return read_layout(stream, layout)

    def normalise(self, record: RawRecord, context: Context) -> Iterator[Row]:
        """Say what one report holds."""
        if not _is_report(record.value):
            raise RejectedRecord("not a report of Pleroma")
        yield from report_rows(record.value, context)


def _layout(fmt: Format, value: Mapping[str, Any]) -> Layout | Refusal:
    """Tell what a file's first record is, or its one object."""
    if _is_report(value):
        return Layout(fmt, "report", _REPORT)
    reports = value.get("reports")
    if isinstance(reports, list):
        first = next((report for report in reports if report is not None), None)
        if isinstance(first, Mapping):
            if _is_report(first):
                return Layout(fmt, "report", _PAGE)
            if {"account", "actors", "reports"} <= first.keys():
                return Layout(fmt, "report", _GROUPED)
        elif first is None and "total" in value:
            return Layout(fmt, "report", _PAGE)
    if {"users", "page_size"} <= value.keys():
        return _USERS
    items = value.get("items")
    item = items[0] if isinstance(items, list) and items else None
    return _LOG if isinstance(item, Mapping) and {"data", "message", "time"} <= item.keys() else _UNKNOWN


def _is_report(record: Mapping[str, Any]) -> bool:
    keys = record.keys()
    return {"account", "actor", "state"} <= keys and bool(keys & {"statuses", "notes"})


def _within(value: object, path: list[str]) -> Iterator[object]:
    """Give the records at a path, through lists."""
    if isinstance(value, list):
        for item in value:
            yield from _within(item, path)
    elif not path:
        yield value
    elif isinstance(value, Mapping) and path[0] in value:
        yield from _within(value[path[0]], path[1:])
