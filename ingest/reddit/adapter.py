"""Reads the exports of a subreddit's moderators: mod queue and reports, mod log, ban list, mod notes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from graphmatch.adapter import Context, Format, Head, Layout, Options, RawRecord, Refusal, Unreadable
from graphmatch.errors import RejectedRecord
from graphmatch.model import Row
from graphmatch.readers import read_layout
from graphmatch.readers.pages import read_pages
from graphmatch.readers.values import NOT_AN_OBJECT
from ingest.reddit.moderation import ban_rows, log_rows, note_rows
from ingest.reddit.things import thing_rows

_REPORT_FIELDS = frozenset({"user_reports", "mod_reports"})
_NOT_REDDIT = Refusal("not a Reddit listing, mod log, ban list or mod notes")
_NO_REPORTS = Refusal(
    "Reddit posts and comments without report fields (a research dump?), which nobody reported here; "
    "the mod queue or /about/reports holds the reports",
    known=True,
)
_RECORDING = Refusal("recorded web requests, credentials and all; save Reddit's answers alone and read those")
_OTHER_LISTING = Refusal("a Reddit listing of neither reported things, mod actions nor bans")
#: The path of answers that stand in one document, each under a name of its own.
_NAMED_ANSWERS = "*"
_LEVELS = 6
_ROWS = {"thing": thing_rows, "modaction": log_rows, "ban": ban_rows, "mod_note": note_rows}


class RedditAdapter:
    """Reads Reddit moderation exports, as JSON or one thing a line."""

    name = "reddit"

    def __init__(self, options: Options) -> None:
        self._options = options

    def recognise(self, head: Head) -> Layout | Refusal:
        """Say how to read the file, or why it is none of Reddit's."""
        if head.format == "json_object":
            return _document(head)
        if head.format not in ("ndjson", "json_array") or not isinstance(head.first, Mapping):
            return _NOT_REDDIT
        form: Format = "json_array" if head.format == "json_array" else "json_object"
        if _is_listing(head.first):
            # Listings one after another are read as one document after another.
            return _layout(form, _first_child(head.first), "data.children")
        if "mod_notes" in head.first:
            return Layout(form, "mod_note", "mod_notes")
        if next(_answers(head.first), None) is not None:
            return Layout(form, "answer", _NAMED_ANSWERS)
        return _layout(head.format, head.first, "")

    def read(self, stream: BinaryIO, layout: Layout) -> Iterator[RawRecord | Unreadable]:
        """Stream things, mod actions, bans or notes, without their ``{kind, data}`` envelope."""
        if layout.path == _NAMED_ANSWERS:
            yield from read_pages(stream, Layout(layout.format, layout.record), _answers)
            return
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


def _document(head: Head) -> Layout | Refusal:
    if "mod_notes" in head.arrays:
        return Layout("json_object", "mod_note", "mod_notes")
    if "data.children" in head.arrays:
        return _layout("json_object", head.arrays["data.children"], "data.children")
    if "http_interactions" in head.top_keys and "reddit.com/" in head.text:
        return _RECORDING
    for path, first in head.arrays.items():
        if path.endswith(".data.children") and isinstance(first, Mapping) and _shape(_unwrapped(first)):
            return Layout("json_object", "answer", _NAMED_ANSWERS)
        if isinstance(first, Mapping) and next(_answers(first), None) is not None:
            return Layout("json_object", "answer", _NAMED_ANSWERS)
    return _NOT_REDDIT


def _answers(document: Mapping[str, Any], levels: int = _LEVELS) -> Iterator[object]:
    """Give what the listings and lists of notes anywhere in a document hold, without its envelope."""
    if _is_listing(document):
        for child in document["data"]["children"]:
            yield _unwrapped(child) if isinstance(child, Mapping) else child
        return
    notes = document.get("mod_notes")
    if isinstance(notes, list):
        yield from (note for note in notes if note is not None)
        return
    for value in document.values() if levels else ():
        for inner in value if isinstance(value, list) else [value]:
            if isinstance(inner, Mapping):
                yield from _answers(inner, levels - 1)


def _is_listing(document: Mapping[str, Any]) -> bool:
    data = document.get("data")
    return document.get("kind") == "Listing" and isinstance(data, Mapping) and isinstance(data.get("children"), list)


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
    children = listing["data"]["children"]
    return children[0] if children else None


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
