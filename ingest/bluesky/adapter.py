"""Reads what Bluesky's moderation tool Ozone answers: reports, moderation events and subject statuses."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, BinaryIO

from graphmatch.adapter import Context, Head, Layout, Options, RawRecord, Refusal, Unreadable
from graphmatch.errors import RejectedRecord
from graphmatch.model import Row
from graphmatch.readers import read_layout
from ingest.bluesky.events import event_rows
from ingest.bluesky.reports import report_rows
from ingest.bluesky.statuses import status_rows

_ROWS: dict[str, Callable[[Mapping[str, Any], Context], Iterator[Row]]] = {
    "report": report_rows,
    "event": event_rows,
    "subject_status": status_rows,
}
_PAGES = {"reports": "report", "events": "event", "subjectStatuses": "subject_status"}
_REPORTS = "export reports with tools.ozone.report.queryReports"
_UNKNOWN = Refusal("not an answer of Ozone's queryReports, queryEvents or querySubjectStatuses")
_LABELS = Refusal("Bluesky labels say what a labeller thinks of a post; export the events (queryEvents) instead")
_HISTORY = Refusal("Ozone's account history names no account; export the events (queryEvents) instead")
_RELATED = Refusal(f"Ozone's related accounts were not reported; {_REPORTS}, which holds the same signatures")
_CREATED = Refusal(f"what createReport was sent has no account's profile; {_REPORTS}")
_WORKSPACE = Refusal(f"Ozone's workspace CSV skips empty cells, so its columns can't be trusted; {_REPORTS}")
_SEVERAL = Refusal("several pages of Ozone in one object; make it an array of pages (jq '[.[]]') or one page a file")


class BlueskyAdapter:
    """Reads Ozone's answers, as pages (one, or an array of them) or as one record a line."""

    name = "bluesky"

    def __init__(self, options: Options) -> None:
        self._options = options

    def recognise(self, head: Head) -> Layout | Refusal:
        """Say how to read the file, or why it is none of Ozone's answers that hold reports or sanctions."""
        if {"did", "ozoneUrl"} <= set(head.columns):
            return _WORKSPACE
        if head.format == "json_object":
            return self._document(head)
        if head.format not in ("json_array", "ndjson") or not isinstance(head.first, Mapping):
            return _UNKNOWN
        if shape := _shape(head.first):
            return Layout(head.format, shape)
        for name, shape in _PAGES.items():
            page = head.first.get(name)
            if isinstance(page, list) and (not page or _first_shape(page[0]) == shape):
                # Pages one after another are read as one document after another.
                return Layout("json_array" if head.format == "json_array" else "json_object", shape, name)
        return _reason(head.first)

    def read(self, stream: BinaryIO, layout: Layout) -> Iterator[RawRecord | Unreadable]:
        """Stream the records as they stand."""
        return read_layout(stream, layout)

    def normalise(self, record: RawRecord, context: Context) -> Iterator[Row]:
        """Say what one record holds; its own keys tell what it is."""
        shape = _shape(record.value)
        if shape is None:
            raise RejectedRecord("neither a report, a moderation event nor a subject status of Ozone")
        yield from _ROWS[shape](record.value, context)

    def _document(self, head: Head) -> Layout | Refusal:
        if shape := _shape(dict.fromkeys(head.top_keys)):
            return Layout("json_object", shape)
        pages = {
            path: _PAGES[name]
            for path, first in head.arrays.items()
            if (name := path.rpartition(".")[2]) in _PAGES
            and (_first_shape(first) == _PAGES[name] or (first is None and path == name and "cursor" in head.top_keys))
        }
        if len(pages) > 1:
            return _SEVERAL
        if pages:
            path, shape = next(iter(pages.items()))
            return Layout("json_object", shape, path)
        for first in head.arrays.values():
            if isinstance(first, Mapping) and (why := _reason(first)) is not _UNKNOWN:
                return why
        return _UNKNOWN


def _shape(record: Mapping[str, Any]) -> str | None:
    """Tell what a record is from its keys, which no two of the three share."""
    keys = record.keys()
    if {"reportType", "subject"} <= keys and keys & {"reportedBy", "eventId"}:
        return "report"
    if {"event", "subject"} <= keys and keys & {"createdBy", "createdAt"}:
        return "event"
    return "subject_status" if {"reviewState", "subject"} <= keys else None


def _first_shape(first: object) -> str | None:
    return _shape(first) if isinstance(first, Mapping) else None


def _reason(record: Mapping[str, Any]) -> Refusal:
    keys = record.keys()
    if {"src", "uri", "val"} <= keys:
        return _LABELS
    if "details" in keys and "createdBy" in keys:
        return _HISTORY
    if "similarities" in keys:
        return _RELATED
    return _CREATED if "reasonType" in keys or {"request", "response"} <= keys else _UNKNOWN
