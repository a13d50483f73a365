"""Reads what Meta's ThreatExchange answers: threat descriptors, and threat updates with their tombstones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from graphmatch.adapter import Context, Format, Head, Layout, Options, RawRecord, Refusal, Unreadable
from graphmatch.errors import RejectedRecord
from graphmatch.model import Row
from graphmatch.readers import read_layout
from ingest.threatexchange.descriptors import descriptor_rows, update_rows

_UNKNOWN = Refusal("not a page of ThreatExchange's threat descriptors or threat updates")
_EMPTY = Refusal("an empty page of ThreatExchange", known=True)
_MEMBERS = Refusal("ThreatExchange's list of members, or of its tags: no indicators", known=True)


class ThreatExchangeAdapter:
    """Reads ThreatExchange's answers, as pages (one, an array of them, one a line) or as one record a line."""

    name = "threatexchange"

    def __init__(self, options: Options) -> None:
        self._options = options

    def recognise(self, head: Head) -> Layout | Refusal:
        """Say how to read the file, or why it is none of ThreatExchange's."""
        if head.format == "json_object":
            return _document(head)
        if head.format not in ("json_array", "ndjson") or not isinstance(head.first, Mapping):
            return _UNKNOWN
        page = head.first.get("data")
        if isinstance(page, list):
            # Pages one after another are read as one document after another.
            fmt: Format = "json_array" if head.format == "json_array" else "json_object"
            return _layout(fmt, page[0] if page else None, "data")
        return _layout(head.format, head.first, "")

    def read(self, stream: BinaryIO, layout: Layout) -> Iterator[RawRecord | Unreadable]:
        """Stream the descriptors or updates as they stand."""
        return read_layout(stream, layout)

    def normalise(self, record: RawRecord, context: Context) -> Iterator[Row]:
        """Say what one record holds; its own keys tell what it is."""
        shape = _shape(record.value)
        if shape is None:
            raise RejectedRecord("neither a descriptor nor an update of ThreatExchange")
        yield from (update_rows if shape == "update" else descriptor_rows)(record.value, context)


def _document(head: Head) -> Layout | Refusal:
    if "data" in head.arrays:
        if head.arrays["data"] is None and set(head.top_keys) == {"data", "paging"}:
            return _EMPTY
        return _layout("json_object", head.arrays["data"], "data")
    shape = _shape(dict.fromkeys(head.top_keys))
    return Layout("json_object", shape) if shape else _UNKNOWN


def _layout(fmt: Format, first: object, path: str) -> Layout | Refusal:
    if not isinstance(first, Mapping):
        return _UNKNOWN
    shape = _shape(first)
    if shape:
        return Layout(fmt, shape, path)
    is_list = path and ({"id", "tagged_objects"} <= first.keys() or {"id", "text", "type"} == first.keys())
    return _MEMBERS if is_list else _UNKNOWN


def _shape(record: Mapping[str, Any]) -> str | None:
    """Tell what a record is from its keys, which the two do not share."""
    keys = record.keys()
    if "indicator" in keys and "type" in keys and keys & {"should_delete", "descriptors"}:
        return "update"
    if "raw_indicator" in keys or ("indicator" in keys and keys & {"share_level", "privacy_type", "review_status"}):
        return "descriptor"
    return None
