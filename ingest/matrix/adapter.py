"""Reads what Matrix servers and rooms export: Synapse's reports, policy rules, and the bans of a room."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any, BinaryIO

from graphmatch.adapter import Context, Format, Head, Layout, Options, RawRecord, Refusal, Unreadable
from graphmatch.errors import RejectedRecord
from graphmatch.model import Row
from graphmatch.readers import read_layout
from graphmatch.readers.pages import read_pages
from ingest.matrix.policies import event_rows, with_replaced
from ingest.matrix.reports import event_report_rows, user_report_rows

_NOT_MATRIX = Refusal("neither reports of Synapse's admin API nor events of a Matrix room")
#: Where a page holds its records.
_PAGES = {"event_reports": "event_report", "user_reports": "user_report"}
#: Where exports of a room hold its events (/messages, Element, /sync), the likeliest first.
_ROOMS = ("chunk", "messages", "events", "state", "timeline.events", "state.events")
_EVENTS = ("m.", "org.matrix.")


class MatrixAdapter:
    """Reads pages, lists or lines of Synapse's reports, and the state events of policy rooms and of others."""

    name = "matrix"

    def __init__(self, options: Options) -> None:
        self._options = options

    def recognise(self, head: Head) -> Layout | Refusal:
        """Say how to read the file, or why it is none of Matrix's."""
        if head.format == "json_object":
            return _document(head)
        if head.format not in ("json_array", "ndjson") or not isinstance(head.first, Mapping):
            return _NOT_MATRIX
        kind = _shape(head.first)
        if kind:
            return Layout(head.format, kind)
        inside = {path: _first(head.first, path) for path in (*_PAGES, *_ROOMS)}
        return _page(head.format, {path: first for path, first in inside.items() if first is not _ABSENT})

    def read(self, stream: BinaryIO, layout: Layout) -> Iterator[RawRecord | Unreadable]:
        """Stream reports as they stand, and events with what they replace."""
        if layout.format == "ndjson" and layout.path:
            records = read_pages(stream, Layout("ndjson", layout.record), lambda page: _inside(page, layout.path))
        else:
            records = read_layout(stream, layout)
        return with_replaced(records) if layout.record == "event" else records

    def normalise(self, record: RawRecord, context: Context) -> Iterator[Row]:
        """Say what one record holds; its own keys tell what it is."""
        kind = _shape(record.value)
        if kind == "event":
            yield from event_rows(record, context)
        elif kind == "event_report":
            yield from event_report_rows(record.value, context)
        elif kind == "user_report":
            yield from user_report_rows(record.value, context)
        else:
            raise RejectedRecord("neither a report of Synapse nor an event of a Matrix room")


_ABSENT = object()


def _document(head: Head) -> Layout | Refusal:
    page = _page("json_object", head.arrays)
    if isinstance(page, Layout):
        return page
    kind = _report(head.top_keys)
    if kind is None and {"type", "content", "sender"} <= set(head.top_keys) and '"m.' in head.text:
        kind = "event"
    return Layout("json_object", kind) if kind else _NOT_MATRIX


def _page(fmt: Format, arrays: Mapping[str, Any]) -> Layout | Refusal:
    """Find the array that holds the records; a page of reports may hold none."""
    for path, kind in _PAGES.items():
        if path in arrays and (arrays[path] is None or _shape(arrays[path]) == kind):
            return Layout(fmt, kind, path)
    for path in (*_ROOMS, *arrays):
        if _shape(arrays.get(path)) == "event":
            return Layout(fmt, "event", path)
    return _NOT_MATRIX


def _shape(record: object) -> str | None:
    """Tell what a record is from its keys."""
    if not isinstance(record, Mapping):
        return None
    kind, content = record.get("type"), record.get("content")
    if isinstance(kind, str) and isinstance(content, Mapping) and kind.startswith(_EVENTS):
        return "event" if record.keys() & {"sender", "state_key"} else None
    return _report(record)


def _report(keys: Collection[str]) -> str | None:
    if "received_ts" not in keys or "user_id" not in keys:
        return None
    return "user_report" if "target_user_id" in keys else "event_report" if "event_id" in keys else None


def _inside(page: Mapping[str, Any], path: str) -> list[Any]:
    found: Any = page
    for step in path.split("."):
        found = found.get(step) if isinstance(found, Mapping) else None
    if not isinstance(found, list):
        raise RejectedRecord(f"a page without {path!r}")
    return found


def _first(page: Mapping[str, Any], path: str) -> object:
    """Give the first record of a page's array, ``None`` if it is empty."""
    try:
        return next(iter(_inside(page, path)), None)
    except RejectedRecord:
        return _ABSENT
