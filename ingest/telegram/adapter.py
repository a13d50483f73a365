"""Reads chats that Telegram Desktop has exported as JSON: one by itself, or all of an account's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from graphmatch.adapter import Context, Head, Layout, Options, RawRecord, Refusal, Unreadable
from graphmatch.model import Row
from graphmatch.readers.replies import with_parents
from ingest.telegram.chats import layout_of, read_chats
from ingest.telegram.messages import answered_key, author_of, message_rows, own_key


class TelegramAdapter:
    """Reads Telegram Desktop's ``result.json``, of any size."""

    name = "telegram"

    def __init__(self, options: Options) -> None:
        self._options = options

    def recognise(self, head: Head) -> Layout | Refusal:
        """Say how to read the file, or why it is none of Telegram Desktop's."""
        return layout_of(head)

    def read(self, stream: BinaryIO, layout: Layout) -> Iterator[RawRecord | Unreadable]:
        """Stream the messages, each with its chat around it, and replies with whom they answer."""
        return with_parents(read_chats(stream, layout), own=own_key, answered=answered_key, author=author_of)

    def normalise(self, record: RawRecord, context: Context) -> Iterator[Row]:
        """Say what one message holds."""
        yield from message_rows(record, context, self._options)
