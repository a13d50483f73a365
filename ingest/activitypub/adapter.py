"""Reads activities that servers of the fediverse send each other: reports (Flag) and moves of accounts (Move)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, BinaryIO

from graphmatch.adapter import Context, Head, Layout, Options, RawRecord, Refusal, Unreadable
from graphmatch.errors import LeftOut, RejectedRecord
from graphmatch.model import Row
from graphmatch.readers import read_layout
from graphmatch.readers.pages import read_pages
from ingest.activitypub.flags import flag_rows
from ingest.activitypub.moves import actor_rows, move_rows
from ingest.activitypub.objects import ACTORS, kind_of

_UNKNOWN = Refusal("not activities of ActivityPub (Flag, Move), one or many, nor a collection of them")
_ADDRESSES = Refusal("a collection of addresses only; export the activities themselves")
_ELSEWHERE = Refusal("a collection whose pages stand elsewhere; export the pages")

_ACTIVITY = {"type", "actor", "object"}
_ACTOR = {"type", "id", "inbox", "preferredUsername"}
_LISTS = ("orderedItems", "items")
#: Activities that allege nothing, and what they are.
_LEFT_OUT = {
    "Block": "a block, by an account or of a community; a community's bans stand with their times in Lemmy's modlog",
    "Delete": "a deletion, which does not say who wanted it",
    "Undo": "an activity taken back, of which nothing was kept or nothing is told",
}


class ActivityPubAdapter:
    """Reads activities: one, an array, a collection or its pages, or one a line."""

    name = "activitypub"

    def __init__(self, options: Options) -> None:
        self._options = options

    def recognise(self, head: Head) -> Layout | Refusal:
        """Say how to read the file, or why it holds no activities."""
        if head.format == "json_object":
            return _document(head)
        if head.format not in ("json_array", "ndjson") or not isinstance(head.first, Mapping):
            return _UNKNOWN
        if _is_activity(head.first.keys()):
            return Layout(head.format, "activity")
        for name in _LISTS:
            if "type" in head.first and name in head.first:
                return _collection(head, name, head.first[name])
        return _UNKNOWN

    def read(self, stream: BinaryIO, layout: Layout) -> Iterator[RawRecord | Unreadable]:
        """Stream the activities as they stand, those of collections too."""
        if layout.format == "ndjson" and layout.path:
            return read_pages(stream, replace(layout, path=""), lambda page: _items(page, layout.path))
        return read_layout(stream, layout)

    def normalise(self, record: RawRecord, context: Context) -> Iterator[Row]:
        """Say what one activity holds; its own type tells what it is."""
        kind = kind_of(record.value)
        if kind == "Flag":
            yield from flag_rows(record.value, context)
        elif kind == "Move":
            yield from move_rows(record.value, context)
        elif kind in ACTORS and "object" not in record.value:
            yield from actor_rows(record.value, context)
        elif kind is None:
            raise RejectedRecord("the field 'type' is missing or blank")
        else:
            raise LeftOut(_LEFT_OUT.get(kind, "an activity that neither reports nor moves an account"))


def _document(head: Head) -> Layout | Refusal:
    keys = frozenset(head.top_keys)
    if _is_activity(keys):
        return Layout("json_object", "activity")
    for path in (*_LISTS, *(f"first.{name}" for name in _LISTS)):
        if "type" in keys and path in head.arrays:
            return _collection(head, path, [head.arrays[path]])
    return _ELSEWHERE if {"type", "totalItems", "first"} <= keys else _UNKNOWN


def _collection(head: Head, path: str, items: object) -> Layout | Refusal:
    """Tell whether a collection is one of activities, by its first; an empty one is, if its name says so."""
    first = next(iter(items), None) if isinstance(items, list) else items
    if isinstance(first, str):
        return _ADDRESSES
    empty = first is None and path.endswith("orderedItems")
    fits = empty or (isinstance(first, Mapping) and _is_activity(first.keys()))
    return Layout(head.format, "activity", path) if fits else _UNKNOWN


def _is_activity(keys: Iterable[str]) -> bool:
    return _ACTIVITY.issubset(keys) or _ACTOR.issubset(keys)


def _items(page: Mapping[str, Any], name: str) -> list[object]:
    found = page.get(name)
    return found if isinstance(found, list) else [] if found is None else [found]
