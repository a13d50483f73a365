"""Reads Discord: audit log, AutoMod events, bans, members, connections, and chats that DiscordChatExporter wrote."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any, BinaryIO

from graphmatch.adapter import Context, Head, Layout, Options, RawRecord, Refusal, Unreadable
from graphmatch.errors import LeftOut, RejectedRecord
from graphmatch.model import Row
from graphmatch.readers import read_layout
from graphmatch.readers.pages import read_pages
from graphmatch.readers.replies import with_parents
from ingest.discord.audit import entry_rows, page_entries
from ingest.discord.automod import RECEIVED, event_rows
from ingest.discord.connections import connection_rows, gathered
from ingest.discord.members import ban_rows, member_rows
from ingest.discord.messages import answered_key, author_of, message_rows, own_key
from ingest.discord.shapes import EVENTS, layout_of, shape_of

_ROWS: dict[str, Callable[[Mapping[str, Any], Context], Iterator[Row]]] = {
    "audit_entry": entry_rows,
    "automod_event": event_rows,
    "ban": ban_rows,
    "connections": connection_rows,
}


class DiscordAdapter:
    """Reads what moderators, volunteers and account holders can export of Discord."""

    name = "discord"

    def __init__(self, options: Options) -> None:
        self._options = options

    def recognise(self, head: Head) -> Layout | Refusal:
        """Say how to read the file, or why it is none of Discord's."""
        return layout_of(head)

    def read(self, stream: BinaryIO, layout: Layout) -> Iterator[RawRecord | Unreadable]:
        """Stream the records: entries with their users, replies with whom they answer, events without envelope."""
        if layout.record == "audit_page":
            return read_pages(stream, layout, page_entries)
        records = read_layout(stream, layout)
        if layout.record == "connection":
            return gathered(records)
        if layout.record == "message":
            return with_parents(records, own=own_key, answered=answered_key, author=author_of)
        return map(_unwrapped, records)

    def normalise(self, record: RawRecord, context: Context) -> Iterator[Row]:
        """Say what one record holds; its own keys tell what it is, so that mixed files can be read."""
        shape = shape_of(record.value)
        if shape == "message":
            yield from message_rows(record, context, self._options)
        elif shape == "member":
            yield from member_rows(record.value, context, self._options)
        elif shape == "gateway_event" and record.value["t"] not in EVENTS:
            raise LeftOut("another event of Discord's gateway")
        elif shape in _ROWS:
            yield from _ROWS[shape](record.value, context)
        else:
            raise RejectedRecord("none of the records that Discord's exports hold")


def _unwrapped(record: RawRecord | Unreadable) -> RawRecord | Unreadable:
    """Take a gateway event out of its envelope, keeping its name and when it came in."""
    if isinstance(record, Unreadable) or not {"t", "d"} <= record.value.keys():
        return record
    inner = record.value["d"]
    beside = {name: record.value[name] for name in ("t", RECEIVED) if name in record.value}
    return replace(record, value={**(inner if isinstance(inner, dict) else {}), **beside})
