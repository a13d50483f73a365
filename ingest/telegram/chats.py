"""What a file of Telegram Desktop is, and its messages as a stream, each with the chat that it stands in.

A chat by itself is ``{name, type, id, messages}``; the whole export has two lists of such chats, those that the account
is in and those that it has left. Of what else stands there (the holder, contacts, sessions) nothing is ever read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, BinaryIO

from graphmatch.adapter import Format, Head, Layout, RawRecord, Refusal, Unreadable
from graphmatch.readers import read_layout
from graphmatch.readers.encodings import as_utf8
from graphmatch.readers.json_text import BrokenError, JsonText
from ingest.telegram.escapes import mended

#: The lists of chats in a whole export.
LISTS = ("chats", "left_chats")
#: What of a chat stands before its messages.
HEADER = ("name", "type", "id")
#: The record of a chat that was exported by itself, of one inside a whole export, and of a message without its chat.
CHAT, WHOLE, MESSAGE = "message", "export_message", "bare_message"

_CHAT_TYPES = (
    "personal_chat|bot_chat|private_group|private_supergroup|public_supergroup|private_channel|public_channel"
    "|saved_messages|replies|verification_codes"
)
_OPENS_CHAT = re.compile(rf'"type"\s*:\s*"(?:{_CHAT_TYPES})"\s*,\s*"id"\s*:\s*-?\d+\s*,\s*"messages"\s*:\s*\[')
_MESSAGE_TYPES = ("message", "service", "unsupported")
_OF_THE_HOLDER = frozenset({"personal_information", "contacts", "frequent_contacts", "sessions", "profile_pictures"})
_UNKNOWN = Refusal("not a chat or a whole export of Telegram Desktop (result.json)")
_PAGE = Refusal("a Telegram chat as web pages; export it as machine-readable JSON instead")


def layout_of(head: Head) -> Layout | Refusal:
    """Say how to read a file, or why it is none of Telegram Desktop's."""
    if head.format == "xml" and "Exported Data" in head.text and "page_header" in head.text:
        return _PAGE
    if head.format == "json_object":
        return _document(head)
    if head.format in ("json_array", "ndjson"):
        return _list(head.format, head.first, head.text)
    return _UNKNOWN


def read_chats(stream: BinaryIO, layout: Layout) -> Iterator[RawRecord | Unreadable]:
    """Stream the messages of a file, whose invalid escapes are mended as they come."""
    mended_stream = mended(as_utf8(stream))
    if layout.record == WHOLE:
        return _of_whole_exports(mended_stream)
    return read_layout(mended_stream, layout)


def _document(head: Head) -> Layout | Refusal:
    keys = set(head.top_keys)
    whole = _OF_THE_HOLDER & keys or keys & set(LISTS)
    if "about" in keys and whole:
        return Layout("json_object", WHOLE)
    # An invalid escape ends what is known of the file's beginning: then its text shows more than its keys.
    known = {"type", "id", "messages"} <= keys and _is_message(head.arrays.get("messages"))
    if known or _OPENS_CHAT.search(head.text):
        return Layout("json_object", CHAT, "messages", HEADER)
    return _UNKNOWN


def _list(form: Format, first: object, text: str) -> Layout | Refusal:
    if isinstance(first, Mapping):
        if isinstance(first.get("messages"), list) and first.get("type") in _CHAT_TYPES.split("|"):
            # One chat a line is one document after the other.
            return Layout("json_array", CHAT, "messages", HEADER)
        if _is_bare_message(first):
            return Layout(form, MESSAGE)
    return Layout("json_array", CHAT, "messages", HEADER) if _OPENS_CHAT.search(text) else _UNKNOWN


def _is_message(value: object) -> bool:
    """Tell whether this is the first of a chat's messages."""
    if not isinstance(value, Mapping) or value.get("type") not in _MESSAGE_TYPES:
        return False
    return "id" in value and (value["type"] == "unsupported" or bool({"date", "date_unixtime"} & value.keys()))


def _is_bare_message(value: Mapping[str, Any]) -> bool:
    """Tell a message that stands without its chat; here its own keys must be enough."""
    return _is_message(value) and bool({"from_id", "actor_id", "text_entities"} & value.keys())


def _of_whole_exports(stream: BinaryIO) -> Iterator[RawRecord | Unreadable]:
    """Stream the messages of both lists of chats; what stands beside them is passed over without being held."""
    around = tuple(f"{name}.list.{field}" for name in LISTS for field in HEADER)
    document = JsonText(stream, around)
    try:
        while sign := document.peek():
            if sign != "{":
                document.pass_over()
                continue
            for name in document.keys():  # noqa: SIM118 - a cursor is no dict
                if name in LISTS:
                    for item in document.records(["list", "messages"], f"{name}."):
                        yield _with_header(item, f"{name}.list.")
                else:
                    document.pass_over()
    except BrokenError as error:
        yield Unreadable(document.taken + 1, str(error))


def _with_header(item: RawRecord | Unreadable, above: str) -> RawRecord | Unreadable:
    if isinstance(item, Unreadable):
        return item
    return replace(item, around={name: item.around.get(f"{above}{name}") for name in HEADER})
