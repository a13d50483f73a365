"""Reads the exports of a subreddit's moderators: mod queue and reports, mod log, ban list, mod notes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from graphmatch.adapter import Context, Format, Head, Layout, Options, RawRecord, Refusal, Unreadable
from graphmatch.errors import RejectedRecord
from graphmatch.model import Row
from graphmatch.readers import read_layout
from graphmatch.readers.values import NOT_AN_OBJECT
from ingest.reddit.moderation import ban_rows, log_rows, note_rows
from ingest.reddit.things import thing_rows

_REPORT_FIELDS = frozenset({"user_reports", "mod_reports"})
_NOT_REDDIT = Refusal("not a Reddit listing, mod log, ban list or mod notes")
_NO_REPORTS = Refusal(
    "Reddit content without report fields (a research dump?); export the mod queue or /about/reports instead"
)
_OTHER_LISTING = Refusal("a Reddit listing of neither reported things, mod actions nor bans")
_ROWS = {"thing": thing_rows, "modaction": log_rows, "ban": ban_rows, "mod_note": note_rows}


class RedditAdapter:
    """Reads Reddit moderation exports, as JSON or one thing a line."""

    name = "reddit"

    def __init__(self, options: Options) -> None:
        self._options = options

    def recognise(self, head: Head) -> Layout | Refusal:
        """Say how to read the file, or why it is none of Reddit's."""
        if "mod_notes" in head.arrays:
            return Layout("json_object", "mod_note", "mod_notes")
        if head.format == "json_object" and "data.children" in head.arrays:
            return _layout("json_object", head.arrays["data.children"], "data.children")
        if head.format not in ("ndjson", "json_array") or not isinstance(head.first, Mapping):
            return _NOT_REDDIT
        if head.first.get("kind") == "Listing":
            if head.format == "ndjson":
                return Refusal("a Reddit listing on each line; write one thing a line, or one listing a file")
            return _layout("json_array", _first_child(head.first), "data.children")
        return _layout(head.format, head.first, "")

    def read(self, stream: BinaryIO, layout: Layout) -> Iterator[RawRecord | Unreadable]:
        """Stream things, mod actions, bans or notes, without their ``{kind, data}`` envelope."""
        for record in read_layout(stream, layout):
            if isinstance(record, RawRecord):
                yield RawRecord(record.line, _unwrapped(record.value))
            elif layout.record != "mod_note" or record.why != NOT_AN_OBJECT:
                # Reddit fills its list of notes up with nulls: they are no records.
                yield record

    def normalise(self, record: RawRecord, context: Context) -> Iterator[Row]:
        """Say what one record holds; its own shape tells what it is, so mixed files can be read."""
        shape = _shape(record.value)
        if shape is None:
            raise RejectedRecord("neither a reported thing nor a mod action, ban or mod note of Reddit")
        yield from _ROWS[shape](record.value, context)


def _layout(fmt: Format, first: object, path: str) -> Layout | Refusal:
    if first is None and path:
        return Layout(fmt, "thing", path)
    record = _unwrapped(first) if isinstance(first, Mapping) else {}
    shape = _shape(record)
    if shape:
        return Layout(fmt, shape, path)
    if "created_utc" in record and ("subreddit" in record or "author" in record):
        return _NO_REPORTS
    return _OTHER_LISTING if path else _NOT_REDDIT


def _first_child(listing: Mapping[str, Any]) -> object:
    data = listing.get("data")
    children = data.get("children") if isinstance(data, Mapping) else None
    return children[0] if isinstance(children, list) and children else None


def _unwrapped(value: Mapping[str, Any]) -> dict[str, Any]:
    data = value.get("data")
    return dict(data) if isinstance(data, Mapping) and "kind" in value else dict(value)


def _shape(record: Mapping[str, Any]) -> str | None:
    """Tell what a record is from its keys, which no two of the four share."""
    if _REPORT_FIELDS & record.keys() and "name" in record:
        return "thing"
    if "action" in record and "target_fullname" in record and "created_utc" in record:
        return "modaction"
    if "days_left" in record and "date" in record:
        return "ban"
    if "mod_action_data" in record or "user_note_data" in record:
        return "mod_note"
    return None
