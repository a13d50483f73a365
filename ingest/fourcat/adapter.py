"""Reads the tables that 4CAT gives: one family of columns for X, TikTok, Instagram, Threads, Telegram and others."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import BinaryIO

from graphmatch.adapter import Context, Head, Layout, Options, RawRecord, Refusal, Unreadable
from graphmatch.errors import LeftOut, RejectedRecord
from graphmatch.model import Row
from graphmatch.readers import read_layout
from ingest.fourcat.authors import telegram_names
from ingest.fourcat.dialects import CORE, LINKED, dialect_of, platform_of
from ingest.fourcat.posts import post_rows

_UNKNOWN = Refusal("not a table of posts from 4CAT")
_RAW = Refusal("posts as 4CAT or Zeeschuimer collected them, each platform in a form of its own; download them as CSV")
_IMAGEBOARD = Refusal("posts of an imageboard, whose posters have no accounts", known=True)
_OTHER = Refusal(
    "a table from 4CAT, of a platform that is not read; for X, TikTok, Instagram, Threads, Telegram, Bluesky, Gab, "
    "Truth Social and Facebook it has the columns 'id', 'body' and 'author' or 'account_username'"
)
_RAW_KEYS = frozenset({"__import_meta", "4CAT_metadata", "timestamp_collected"})


class FourCatAdapter:
    """Reads a 4CAT data set as CSV, or as the JSON that 4CAT makes of its CSV."""

    name = "fourcat"

    def __init__(self, options: Options) -> None:
        self._options = options

    def recognise(self, head: Head) -> Layout | Refusal:
        """Say how to read the file, or why it is no table of 4CAT's that holds accounts."""
        if head.format == "csv":
            return _layout("csv", head.columns)
        if head.format in ("json_array", "ndjson") and isinstance(head.first, Mapping):
            return _RAW if _RAW_KEYS & head.first.keys() else _layout(head.format, head.first.keys())
        return _UNKNOWN

    def read(self, stream: BinaryIO, layout: Layout) -> Iterator[RawRecord | Unreadable]:
        """Stream the rows as they stand."""
        return read_layout(stream, layout)

    def normalise(self, record: RawRecord, context: Context) -> Iterator[Row]:
        """Say what one post holds. Of a Telegram chat, only those of whoever was asked for.

        Raises
        ------
        RejectedRecord
            The columns and the post's address leave open which platform it is from, or an id has lost digits.
        """
        platform = platform_of(record.value)
        if platform is None:
            raise RejectedRecord("neither the columns nor the field 'link' tell which platform the post is from")
        if platform == "telegram" and not self._options.wants(*telegram_names(record.value)):
            raise LeftOut("a message of somebody else in the chat")
        yield from post_rows(record.value, platform, context)


def _layout(fmt: str, columns: Collection[str]) -> Layout | Refusal:
    names = frozenset(columns)
    if names >= {"thread_id", "board", "body"}:
        return _IMAGEBOARD
    dialect = dialect_of(tuple(names)) if names >= CORE else None
    if dialect is None and not names >= LINKED:
        return _OTHER if names >= {"id", "thread_id", "body", "timestamp"} else _UNKNOWN
    kind = "message" if dialect == "telegram" else "post"
    return Layout("csv" if fmt == "csv" else "ndjson" if fmt == "ndjson" else "json_array", kind)
