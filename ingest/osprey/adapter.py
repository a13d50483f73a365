"""Reads the events that Osprey's rules are run on: one a line, or in an array."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any, BinaryIO

from graphmatch.adapter import Context, Head, Layout, Options, RawRecord, Refusal, Unreadable
from graphmatch.errors import LeftOut
from graphmatch.model import Row
from graphmatch.readers import read_layout
from ingest.osprey.atproto import atproto_rows
from ingest.osprey.envelope import event_in
from ingest.osprey.events import event_rows, is_report
from ingest.osprey.settings import load_settings

_NOT_OSPREY = Refusal("not events for Osprey's rules: no send_time and data with an action_name")
_RESULTS = Refusal("what Osprey's rules made of the events; export the events that they are run on")


class OspreyAdapter:
    """Reads Osprey's input events. With subjects named, events of all others are left out."""

    name = "osprey"

    def __init__(self, options: Options) -> None:
        self._options = options
        self._settings = load_settings(options)

    def recognise(self, head: Head) -> Layout | Refusal:
        """Say how to read the file, or why it holds none of Osprey's events."""
        if head.format == "json_object":
            named = any(f'"{name}"' in head.text for name in ("action_name", "actionName"))
            return Layout("json_object", "event") if _sent(head.top_keys) and named else _NOT_OSPREY
        if head.format not in ("json_array", "ndjson") or not isinstance(head.first, Mapping):
            return _NOT_OSPREY
        if "__action_id" in head.first:
            return _RESULTS
        return Layout(head.format, "event") if _is_event(head.first) else _NOT_OSPREY

    def read(self, stream: BinaryIO, layout: Layout) -> Iterator[RawRecord | Unreadable]:
        """Stream the events as they stand."""
        return read_layout(stream, layout)

    def normalise(self, record: RawRecord, context: Context) -> Iterator[Row]:
        """Say what one event holds."""
        event = event_in(record.value)
        if is_report(event):
            raise LeftOut("a report as an event, whose user is the reporter; export the reports themselves")
        rows = atproto_rows if "did" in event.payload else event_rows
        yield from rows(event, context, self._settings, self._options)


def _sent(keys: Collection[str]) -> bool:
    return "data" in keys and ("send_time" in keys or "sendTime" in keys)


def _is_event(first: Mapping[str, Any]) -> bool:
    data = first.get("data")
    if not isinstance(data, Mapping):
        return False
    if _sent(first):
        return "action_name" in data or "actionName" in data
    # The short form of Osprey's own examples.
    return {"id", "name"} <= first.keys() and {"user_id", "event_type"} <= data.keys()
