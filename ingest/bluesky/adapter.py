"""Reads what Bluesky's moderation tool Ozone answers: reports, events, statuses and labels, and its workspace's CSV."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, BinaryIO

from graphmatch.adapter import Context, Format, Head, Layout, Options, RawRecord, Refusal, Unreadable
from graphmatch.errors import RejectedRecord
from graphmatch.model import Row
from graphmatch.readers import read_layout
from graphmatch.readers.pages import read_pages
from ingest.bluesky.created import created_rows
from ingest.bluesky.events import event_rows
from ingest.bluesky.labels import label_rows
from ingest.bluesky.reports import report_rows
from ingest.bluesky.statuses import status_rows
from ingest.bluesky.workspace import workspace_rows

_ROWS: dict[str, Callable[[Mapping[str, Any], Context], Iterator[Row]]] = {
    "report": report_rows,
    "event": event_rows,
    "subject_status": status_rows,
    "label": label_rows,
    "created_report": created_rows,
}
_WORKSPACE = "workspace_item"
_PAGES = {"reports": "report", "events": "event", "subjectStatuses": "subject_status", "labels": "label"}
#: The path of pages that stand in one object, each under a name of its own.
_NAMED_PAGES = "*"
_LEVELS = 4
_REPORTS = "export reports with tools.ozone.report.queryReports"
_UNKNOWN = Refusal("not an answer of Ozone's queryReports, queryEvents, querySubjectStatuses or queryLabels")
_HISTORY = Refusal("Ozone's history of an account, which does not say whose it is", known=True)
_RELATED = Refusal("Ozone's related accounts, which nobody reported; reports hold the same signatures", known=True)
_SENT = Refusal(f"what createReport was sent, without the answer that holds its number; {_REPORTS}")


class BlueskyAdapter:
    """Reads Ozone's answers, as pages (one, an array of them, or several by name) or as one record a line."""

    name = "bluesky"

    def __init__(self, options: Options) -> None:
        self._options = options

    def recognise(self, head: Head) -> Layout | Refusal:
        """Say how to read the file, or why it is none of Ozone's answers that hold reports or sanctions."""
        if {"did", "ozoneUrl"} <= set(head.columns):
            return Layout(head.format, _WORKSPACE)
        if head.format == "json_object":
            return _document(head)
        if head.format in ("json_array", "ndjson") and isinstance(head.first, Mapping):
            return _elements(head, head.first)
        return _UNKNOWN

    def read(self, stream: BinaryIO, layout: Layout) -> Iterator[RawRecord | Unreadable]:
        """Stream the records as they stand."""
        if layout.path == _NAMED_PAGES:
            return read_pages(stream, Layout(layout.format, layout.record), _records_of)
        return read_layout(stream, layout)

    def normalise(self, record: RawRecord, context: Context) -> Iterator[Row]:
        """Say what one record holds; its own keys tell what it is."""
        if context.layout.record == _WORKSPACE:
            yield from workspace_rows(record.value, context)
            return
        shape = _shape(record.value)
        if shape is None:
            raise RejectedRecord("neither a report, a moderation event, a subject status nor a label of Ozone")
        yield from _ROWS[shape](record.value, context)


def _elements(head: Head, first: Mapping[str, Any]) -> Layout | Refusal:
    """Tell how to read an array, or one document a line: of records, or of pages."""
    if shape := _shape(first):
        return Layout(head.format, shape)
    # Pages one after another are read as one document after another.
    form: Format = "json_array" if head.format == "json_array" else "json_object"
    for name, shape in _PAGES.items():
        if _is_page(first, name):
            return Layout(form, shape, name)
    named = next((shape for page in first.values() for name, shape in _PAGES.items() if _is_page(page, name)), None)
    return Layout(form, named, _NAMED_PAGES) if named else _reason(first)


def _document(head: Head) -> Layout | Refusal:
    if shape := _shape(dict.fromkeys(head.top_keys)):
        return Layout("json_object", shape)
    pages = {path: shape for path, first in head.arrays.items() if (shape := _path_shape(path, first, head.top_keys))}
    if len(pages) == 1 and next(iter(pages)) in head.top_keys:
        path, shape = next(iter(pages.items()))
        return Layout("json_object", shape, path)
    if pages:
        return Layout("json_object", next(iter(pages.values())), _NAMED_PAGES)
    for first in head.arrays.values():
        if isinstance(first, Mapping) and (why := _reason(first)) is not _UNKNOWN:
            return why
    return _UNKNOWN


def _path_shape(path: str, first: object, top_keys: tuple[str, ...]) -> str | None:
    """Tell the shape of the records of the array at ``path``, if it is one of Ozone's pages."""
    shape = _PAGES.get(path.rpartition(".")[2])
    alone = "." not in path and set(top_keys) <= {"cursor", path}
    if shape is None or (shape == "label" and not alone):
        return None  # what accounts and posts are labelled with stands inside them as well
    empty = first is None and alone and "cursor" in top_keys
    return shape if empty or (isinstance(first, Mapping) and _shape(first) == shape) else None


def _is_page(page: object, name: str) -> bool:
    """Tell whether this is a page of such records. An empty one, or one of labels, is so only by itself."""
    held = page.get(name) if isinstance(page, Mapping) else None
    if not isinstance(page, Mapping) or not isinstance(held, list):
        return False
    alone = page.keys() <= {"cursor", name}
    if not held:
        return alone
    return (alone or name != "labels") and isinstance(held[0], Mapping) and _shape(held[0]) == _PAGES[name]


def _records_of(document: dict[str, Any], levels: int = _LEVELS) -> Iterator[object]:
    """Give the records of all pages in a document, whatever name each page stands under."""
    pages = [name for name in _PAGES if _is_page(document, name)]
    for name in pages:
        yield from document[name]
    for page in document.values() if levels and not pages else ():
        if isinstance(page, dict):
            yield from _records_of(page, levels - 1)


def _shape(record: Mapping[str, Any]) -> str | None:
    """Tell what a record is from its keys, which no two of them share."""
    keys = record.keys()
    shapes = {
        "report": {"reportType", "subject"} <= keys and bool(keys & {"reportedBy", "eventId"}),
        "event": {"event", "subject"} <= keys and bool(keys & {"createdBy", "createdAt"}),
        "subject_status": {"reviewState", "subject"} <= keys,
        "label": {"src", "uri", "val"} <= keys,
        "created_report": {"reasonType", "subject", "reportedBy"} <= keys or _answered(record),
    }
    return next((shape for shape, fits in shapes.items() if fits), None)


def _answered(record: Mapping[str, Any]) -> bool:
    answer = record.get("response")
    return "request" in record and isinstance(answer, Mapping) and {"reasonType", "reportedBy"} <= answer.keys()


def _reason(record: Mapping[str, Any]) -> Refusal:
    keys = record.keys()
    if "details" in keys and "createdBy" in keys:
        return _HISTORY
    if "similarities" in keys:
        return _RELATED
    return _SENT if {"reasonType", "subject"} <= keys else _UNKNOWN
