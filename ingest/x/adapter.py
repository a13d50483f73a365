"""Reads X: answers of its API (v2), the research releases on information operations, and a target's own archive."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, BinaryIO

from graphmatch.adapter import Context, Head, Layout, Options, RawRecord, Refusal, Unreadable
from graphmatch.errors import RejectedRecord
from graphmatch.model import Row
from graphmatch.readers import read_layout
from graphmatch.readers.pages import read_pages
from graphmatch.readers.values import UnfitError, parse
from ingest.x.archive import PARTS, archive_layout, change_rows, holder_rows, without_assignment
from ingest.x.pages import page_kind, records_of, shape_of
from ingest.x.problems import problem_rows
from ingest.x.releases import TWEET_COLUMNS, USER_COLUMNS, released_tweet_rows, released_user_rows
from ingest.x.tweets import tweet_rows
from ingest.x.users import user_rows

_ROWS: dict[str, Callable[[Mapping[str, Any], Context], Iterator[Row]]] = {
    "tweet": tweet_rows,
    "user": user_rows,
    "problem": problem_rows,
    "released_tweet": released_tweet_rows,
    "released_user": released_user_rows,
    "archive_account": holder_rows,
    "archive_name_change": change_rows,
}
_UNKNOWN = Refusal("not an answer of X's API (v2), a research release of X, or a part of an archive from X")
_EMPTY = Refusal("an answer of X's API that found nothing", known=True)
_V1 = Refusal("posts in the form of X's old API (v1.1); pull them again with the API's version 2 (twarc2, say)")
_TWARC_CSV = Refusal("a table that was made of X's answers; give the JSON lines that it was made of")
#: As much of a file's beginning as a head shows; a document that is shorter is there whole.
_SHOWN = 4_096


class XAdapter:
    """Reads X's answers as pages (one, an array, one a line) or as single posts and accounts, and the CSVs of X."""

    name = "x"

    def __init__(self, options: Options) -> None:
        self._options = options

    def recognise(self, head: Head) -> Layout | Refusal:
        """Say how to read the file, or why it is none of X's."""
        if found := archive_layout(head.text):
            return found
        if head.format == "csv":
            return _table(frozenset(head.columns))
        if head.format == "json_object":
            return _document(head)
        if head.format in ("json_array", "ndjson") and isinstance(head.first, Mapping):
            kind = page_kind(head.first)
            if kind is None and _is_empty(head.first):
                kind = "tweet"
            return Layout(head.format, kind) if kind else _reason(head.first)
        return _UNKNOWN

    def read(self, stream: BinaryIO, layout: Layout) -> Iterator[RawRecord | Unreadable]:
        """Stream the records, each post with its author and whom it answers beside it."""
        if layout.record in PARTS.values():
            return read_layout(without_assignment(stream), layout)
        if layout.format == "csv":
            return read_layout(stream, layout)
        return read_pages(stream, layout, records_of)

    def normalise(self, record: RawRecord, context: Context) -> Iterator[Row]:
        """Say what one record holds; its own keys tell what it is, so that mixed files can be read."""
        shape = shape_of(record.value)
        if shape is None:
            raise RejectedRecord("neither a post, an account nor an error of X's API, nor a record of its exports")
        yield from _ROWS[shape](record.value, context)


def _table(columns: frozenset[str]) -> Layout | Refusal:
    if columns >= TWEET_COLUMNS:
        return Layout("csv", "released_tweet")
    if columns >= USER_COLUMNS:
        return Layout("csv", "released_user")
    return _TWARC_CSV if {"author.id", "author.username", "conversation_id"} <= columns else _UNKNOWN


def _document(head: Head) -> Layout | Refusal:
    """Look at one document: whole if it is short, else as far as its keys and its arrays' first elements go."""
    whole = _whole(head.text) if len(head.text) < _SHOWN else None
    if whole is not None:
        kind = page_kind(whole)
        if kind is None:
            return _EMPTY if _is_empty(whole) else _reason(whole)
        return Layout("json_object", kind)
    seen = {
        **dict.fromkeys(head.top_keys),
        **{name: [first] for name, first in head.arrays.items() if "." not in name and first is not None},
        "includes": {"users": [head.arrays.get("includes.users")]},
    }
    kind = page_kind(seen)
    return Layout("json_object", kind) if kind else _UNKNOWN


def _whole(text: str) -> Mapping[str, Any] | None:
    try:
        found = parse(text)
    except UnfitError:
        return None
    return found if isinstance(found, dict) else None


def _is_empty(page: Mapping[str, Any]) -> bool:
    meta = page.get("meta")
    return isinstance(meta, Mapping) and meta.get("result_count") == 0 and not page.get("data")


def _reason(first: Mapping[str, Any]) -> Refusal:
    user = first.get("user")
    return _V1 if "id_str" in first and isinstance(user, Mapping) and "screen_name" in user else _UNKNOWN
