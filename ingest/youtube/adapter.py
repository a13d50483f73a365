"""Reads answers of YouTube's Data API: comment threads, replies, channels."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, BinaryIO

from graphmatch.adapter import Context, Head, Layout, Options, RawRecord, Refusal, Unreadable
from graphmatch.errors import RejectedRecord
from graphmatch.model import Row
from graphmatch.readers.pages import read_pages
from ingest.youtube.channels import channel_rows
from ingest.youtube.comments import comment_rows
from ingest.youtube.items import records_of, shape_of

_ROWS: dict[str, Callable[[Mapping[str, Any], Context], Iterator[Row]]] = {
    "comment": comment_rows,
    "channel": channel_rows,
}
_KIND = re.compile(r'"kind"\s*:\s*"youtube#(\w+)"')
_COMMENTS = "export the comments with commentThreads.list"
_UNKNOWN = Refusal("not an answer of YouTube's commentThreads.list, comments.list or channels.list")
_REASONS = Refusal("labels that YouTube shows in its reporting form; they are about nobody", known=True)
_EMPTY = Refusal("an answer of YouTube's API that lists nothing", known=True)
_OTHER = Refusal(f"an answer of YouTube's API about neither comments nor channels; {_COMMENTS}")


class YouTubeAdapter:
    """Reads YouTube's comments and channels, as pages or as items: one, an array, or one a line."""

    name = "youtube"

    def __init__(self, options: Options) -> None:
        self._options = options

    def recognise(self, head: Head) -> Layout | Refusal:
        """Say how to read the file, or why it holds neither comments nor channels of YouTube."""
        if head.format == "json_object":
            if "items" in head.arrays:
                return _of_page(head.arrays["items"], head.text, Layout("json_object", "", "items"))
            return _of_item(dict.fromkeys(head.top_keys), head.text, Layout("json_object", ""))
        if head.format not in ("json_array", "ndjson") or not isinstance(head.first, Mapping):
            return _UNKNOWN
        items = head.first.get("items")
        if isinstance(items, list):
            first = items[0] if items else None
            # Lines are taken apart one by one, so that a broken one costs only itself.
            path = "items" if head.format == "json_array" else ""
            return _of_page(first, head.text, Layout(head.format, "", path))
        return _of_item(head.first, head.text, Layout(head.format, ""))

    def read(self, stream: BinaryIO, layout: Layout) -> Iterator[RawRecord | Unreadable]:
        """Stream comments and channels; each reply stands by itself, with the thread that it belongs to."""
        return read_pages(stream, layout, records_of)

    def normalise(self, record: RawRecord, context: Context) -> Iterator[Row]:
        """Say what one comment or channel holds; its own keys tell what it is."""
        shape = shape_of(record.value)
        if shape not in _ROWS:
            raise RejectedRecord("neither a comment nor a channel of YouTube")
        yield from _ROWS[shape](record.value, context)


def _of_page(first: object, text: str, layout: Layout) -> Layout | Refusal:
    if first is None:
        return _EMPTY if _KIND.search(text) else _UNKNOWN
    return _of_item(first, text, layout)


def _of_item(first: object, text: str, layout: Layout) -> Layout | Refusal:
    if not isinstance(first, Mapping):
        return _UNKNOWN
    shape = shape_of(first)
    if shape is None and "snippet" in first and first["snippet"] is None:
        # Of a document that is one item only the keys are known; its text names its kind.
        kind = _KIND.search(text)
        shape = {"commentThread": "thread", "comment": "comment", "channel": "channel"}.get(kind[1]) if kind else None
    if shape == "reason":
        return _REASONS
    if shape is None:
        return _OTHER if _KIND.search(text) else _UNKNOWN
    return Layout(layout.format, "channel" if shape == "channel" else "comment", layout.path)
