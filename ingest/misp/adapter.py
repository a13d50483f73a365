"""Reads MISP events: as exported, as answered by its API, or as a feed offers them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, BinaryIO

from graphmatch import fields
from graphmatch.adapter import Context, Head, Layout, Options, RawRecord, Refusal, Unreadable
from graphmatch.errors import LeftOut, RejectedRecord
from graphmatch.model import Row
from graphmatch.readers.pages import read_pages
from ingest.misp.accounts import ACCOUNTS, account_rows
from ingest.misp.attributes import attribute_rows
from ingest.misp.events import parts_of
from ingest.misp.parts import Part
from ingest.misp.persons import PERSONS, impersonation_rows, person_rows
from ingest.misp.posts import POSTS, post_rows

Record = Mapping[str, Any]

_NOT_MISP = Refusal("not a MISP event, a list of them, or objects or attributes of one")
_INDEX = Refusal("a list of MISP events without what they hold; export the events themselves (/events/restSearch)")
_MANIFEST = Refusal("a MISP feed's manifest: its events are files of their own", known=True)
_EMPTY = Refusal("an answer of MISP without events", known=True)
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_ANSWER = re.compile(r'\s*\{\s*"response"\s*:\s*\[\s*\{\s*"(Event|Object)"\s*:')
_PARTS = frozenset({"Object", "Attribute"})


class MispAdapter:
    """Reads the accounts, posts and targets of MISP events, one record an object or attribute."""

    name = "misp"

    def __init__(self, options: Options) -> None:
        self._options = options

    def recognise(self, head: Head) -> Layout | Refusal:
        """Say how to read the file, or why it is none of MISP's."""
        if head.format == "json_object":
            return _document(head)
        if head.format not in ("json_array", "ndjson") or not isinstance(head.first, Mapping):
            return _NOT_MISP
        return _listed(head.first, head)

    def read(self, stream: BinaryIO, layout: Layout) -> Iterator[RawRecord | Unreadable]:
        """Stream the objects and attributes of the events, each with what it refers to."""
        return read_pages(stream, layout, parts_of)

    def normalise(self, record: RawRecord, context: Context) -> Iterator[Row]:
        """Say what one object or attribute holds."""
        if fields.mapping(record.value, "Attribute"):
            yield from attribute_rows(record.value, context)
        elif fields.mapping(record.value, "Object"):
            name = Part(fields.mapping(record.value, "Object")).name
            rows = _ROWS.get(name)
            if rows is None:
                raise LeftOut("an object that is about no account")
            yield from rows(record.value, context)
        elif "Event" in record.value:
            raise LeftOut("an event without objects and attributes")
        else:
            raise RejectedRecord("neither an object nor an attribute of a MISP event")


_ROWS: dict[str, Callable[[Record, Context], Iterator[Row]]] = {
    **dict.fromkeys(ACCOUNTS, account_rows),
    **dict.fromkeys(POSTS, post_rows),
    **dict.fromkeys(PERSONS, person_rows),
    "impersonation": impersonation_rows,
}


def _document(head: Head) -> Layout | Refusal:
    keys, arrays = set(head.top_keys), head.arrays
    if "Event" in keys and (_names_parts(arrays, "Event.") or '"info"' in head.text):
        return Layout("json_object", "part", "Event")
    if "response" in keys:
        return _answer(head)
    if {"uuid", "info"} <= keys and _names_parts(arrays, ""):
        return Layout("json_object", "part")
    if "Object" in keys and "Object.Attribute" in arrays:
        return Layout("json_object", "part", "Object")
    return _MANIFEST if keys and all(map(_UUID.fullmatch, keys)) and '"info"' in head.text else _NOT_MISP


def _answer(head: Head) -> Layout | Refusal:
    first = head.arrays.get("response")
    for name, path in (("Attribute", "response.Attribute"), ("Event", "response.Event")):
        inner = head.arrays.get(path)
        if isinstance(inner, Mapping) and (name == "Event" or _is_attribute(inner)):
            return Layout("json_object", "part", path)
    if any(path.startswith("response.Event.") for path in head.arrays):
        return Layout("json_object", "part", "response.Event")
    for name in ("Event", "Object"):
        if isinstance(first, Mapping) and name in first:
            return Layout("json_object", "part", f"response.{name}")
    # Of a long answer not even the first event ends within the beginning.
    if first is None and (shown := _ANSWER.match(head.text)):
        return Layout("json_object", "part", f"response.{shown[1]}")
    return _EMPTY if re.fullmatch(r'\s*\{\s*"response"\s*:\s*\[\s*\]\s*\}\s*', head.text) else _NOT_MISP


def _listed(first: Mapping[str, Any], head: Head) -> Layout | Refusal:
    for name in ("Event", "Object"):
        inner = first.get(name)
        if isinstance(inner, Mapping) and (_is_event(inner) if name == "Event" else "Attribute" in inner):
            # Events one after another are read as one document after another.
            return Layout("json_array" if head.format == "json_array" else "json_object", "part", name)
    answer = first.get("response")
    held = answer[0] if isinstance(answer, list) and answer else None
    if isinstance(held, Mapping) and isinstance(held.get("Event"), Mapping):
        return Layout("json_array" if head.format == "json_array" else "json_object", "part", "response.Event")
    if _is_event(first):
        return Layout(head.format, "part")
    return _INDEX if {"info", "uuid", "attribute_count"} <= first.keys() else _NOT_MISP


def _is_event(found: Mapping[str, Any]) -> bool:
    return "info" in found and "uuid" in found and not _PARTS.isdisjoint(found)


def _is_attribute(found: Mapping[str, Any]) -> bool:
    return {"type", "value", "category"} <= found.keys()


def _names_parts(arrays: Mapping[str, Any], above: str) -> bool:
    return any(f"{above}{name}" in arrays for name in (*_PARTS, "Tag", "Galaxy", "RelatedEvent", "EventReport"))
