"""A message of a Telegram chat → its author, its content and whom it is aimed at.

The chat was handed in as evidence: nobody reported a single message, so no report is made of it. Exports hold ids and
display names, and no handle of any author.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from graphmatch import fields
from graphmatch.adapter import Context, Options, RawRecord
from graphmatch.errors import LeftOut, RejectedRecord
from graphmatch.model import Account, AccountState, Content, IdKind, Row, Target
from graphmatch.normalise.text import redact
from graphmatch.normalise.times import from_local, latest
from graphmatch.profile import posted_links, profile_rows
from graphmatch.readers.replies import PARENT
from ingest.telegram.chats import WHOLE
from ingest.telegram.words import words_of

PLATFORM = "telegram"

_NATIVE = re.compile(r"(?:user|channel|chat)[1-9]\d{0,18}")
_DIGITS = re.compile(r"[1-9]\d{0,18}")
_CHAT_ID = re.compile(r"-?\d{1,20}")
#: Kinds of chat whose numbers for messages are the same for everybody, and which addresses can point into.
_NUMBERED = ("supergroup", "channel")
#: Conversations that nobody but their two sides can read.
_PRIVATE = frozenset({"personal_chat", "bot_chat", "saved_messages", "replies", "verification_codes"})
_DELETED_ACCOUNT = "Deleted Account"
#: No value of a message is longer than this where an id is meant.
_LONGEST_ID = 40


@dataclass(frozen=True, slots=True)
class _Chat:
    """Where a message stands. ``native`` is the chat's number, ``None`` if the message came without its chat."""

    native: str | None
    kind: str
    name: str | None

    @property
    def is_numbered(self) -> bool:
        """Tell whether a message's number names it by itself inside the chat."""
        return self.native is not None and self.kind.endswith(_NUMBERED)


def message_rows(record: RawRecord, context: Context, options: Options) -> Iterator[Row]:
    """Give the rows of one message; those of others than the named accounts are left out."""
    value, chat = record.value, _chat(record.around)
    number = fields.integer(value, "id")
    kind = fields.text(value, "type")
    if number is None or kind is None:
        raise RejectedRecord("the fields 'id' and 'type' are needed, and one is missing")
    if kind != "message":
        raise LeftOut("a note of Telegram's own in a chat" if kind == "service" else "a message that has no words")
    native = _author(value, chat)
    _leave_out_others(native, chat, context, options)
    sent = _time(value, "date", options)
    seen = context.observed_at or latest(sent, _time(value, "edited", options))
    name = fields.text(value, "from") or (chat.name if native == f"channel{chat.native}" else None)
    account = _account(native, name, seen)
    words = words_of(value)
    forwarded = _forwarded(value)
    targets = _targets(value, words.mentions, native, seen)
    yield from profile_rows(account, source=context.source, keyring=context.keyring)
    if forwarded is None:
        # What is passed on is somebody else's word, and its links are theirs.
        yield from posted_links(account.account_id, words.text, source=context.source, at=sent)
    yield from targets
    yield Content(
        content_id=_content_id(chat, number, native, value),
        platform=PLATFORM,
        account_id=account.account_id,
        text=" ".join(part for part in (forwarded, words.text) if part) or None,
        url=f"https://t.me/c/{chat.native}/{number}" if chat.is_numbered and number > 0 else None,
        created_at=sent,
        observed_at=seen,
        target_ids=tuple(target.target_id for target in targets),
    )


def own_key(record: RawRecord) -> tuple[str, ...] | None:
    """Name a message by its chat and its number."""
    return _key(record, "id")


def answered_key(record: RawRecord) -> tuple[str, ...] | None:
    """Name the message that this one answers; one in another chat is not looked for."""
    return None if "reply_to_peer_id" in record.value else _key(record, "reply_to_message_id")


def author_of(record: RawRecord) -> dict[str, str]:
    """Say who wrote a message, as far as a reply needs it."""
    found = record.value.get("from_id")
    return {"from_id": _with_kind(str(found))} if isinstance(found, str | int) else {}


def _key(record: RawRecord, name: str) -> tuple[str, ...] | None:
    """Name a message by two numbers. Without its chat a number could be that of another chat's message."""
    number, chat = record.value.get(name), record.around.get("id")
    if chat is None or not isinstance(number, int) or number >= 1 << 64:
        return None
    return str(chat)[:_LONGEST_ID], str(number)


def _chat(around: Mapping[str, Any]) -> _Chat:
    native = fields.text(around, "id")
    if native is not None and not _CHAT_ID.fullmatch(native):
        raise RejectedRecord("the chat's field 'id' is not a number")
    return _Chat(native, fields.text(around, "type") or "", fields.text(around, "name"))


def _author(value: Mapping[str, Any], chat: _Chat) -> str:
    """Give the author's id: a user's, a channel's or a group's."""
    native = fields.text(value, "from_id")
    if native is None:
        if chat.kind.endswith("channel") and chat.native:
            return f"channel{chat.native}"
        raise LeftOut("a message whose author the export does not name")
    native = _with_kind(native)
    if not _NATIVE.fullmatch(native):
        raise RejectedRecord("the field 'from_id' is not an id of Telegram")
    return native


def _with_kind(native: str) -> str:
    """Write an id with what it is of: old exports write a user's as a bare number."""
    return f"user{native}" if _DIGITS.fullmatch(native) else native


def _leave_out_others(native: str, chat: _Chat, context: Context, options: Options) -> None:
    """Keep bystanders out: others than the named accounts and, where none is named, the exporter's own life."""
    if not options.wants(native, native.removeprefix("user")):
        raise LeftOut("a message by none of the accounts that were named")
    if options.subjects or chat.kind not in _PRIVATE:
        return
    if context.layout.record == WHOLE:
        raise LeftOut("a private conversation of a whole export; name the account to read it")
    if chat.kind == "personal_chat" and native != f"user{chat.native}":
        raise LeftOut("a message by whoever exported the conversation")


def _time(value: Mapping[str, Any], name: str, options: Options) -> datetime | None:
    """Read the time in seconds; only old exports lack it, and have the local one, which may be of two hours."""
    exact = fields.epoch(value, f"{name}_unixtime")
    local = None if exact else from_local(fields.text(value, name) or "", options.timezone)
    return exact or (local[0] if local and local[0] == local[1] else None)


def _account(native: str, name: str | None, seen: datetime | None) -> Account:
    gone = name == _DELETED_ACCOUNT
    return Account(
        account_id=f"{PLATFORM}:{PLATFORM}:{native}",
        platform=PLATFORM,
        instance=PLATFORM,
        native_id=native,
        id_kind=IdKind.OPAQUE,
        observed_at=seen,
        display_name=None if gone else name,
        state=AccountState.DELETED if gone else None,
    )


def _forwarded(value: Mapping[str, Any]) -> str | None:
    """Say that a message was passed on, and of which channel: a hint to read, which makes nobody the same as anybody.

    A person's name is not kept: whoever wrote it first need not know of this chat.
    """
    origin, native = fields.text(value, "forwarded_from"), fields.text(value, "forwarded_from_id")
    if "forwarded_from" not in value and native is None:
        return None
    if native is None or not native.startswith("channel"):
        return "[forwarded]"
    return redact(f"[forwarded from {native}{f' “{origin}”' if origin else ''}]")


def _targets(
    value: Mapping[str, Any], mentions: Mapping[str, str | None], own: str, seen: datetime | None
) -> list[Target]:
    found: dict[str, tuple[str | None, str]] = {}
    parent = fields.text(value, f"{PARENT}.from_id")
    if parent and _NATIVE.fullmatch(parent):
        found[parent] = (None, "reply_parent")
    for name, handle in mentions.items():
        found.setdefault(name, (handle, "mention"))
    return [
        Target(f"{PLATFORM}:{PLATFORM}:{name}", PLATFORM, handle, derivations=(why,), observed_at=seen)
        for name, (handle, why) in found.items()
        if name != own
    ]


def _content_id(chat: _Chat, number: int, native: str, value: Mapping[str, Any]) -> str:
    """Name a message. Outside channels and supergroups each side counts messages for itself, so the time counts too."""
    if chat.is_numbered:
        return f"{PLATFORM}:{chat.native}/{number}"
    at = fields.text(value, "date_unixtime") or fields.text(value, "date") or "undated"
    place = f"{chat.kind or 'chat'}{chat.native}" if chat.native else f"unknown/{native}"
    return f"{PLATFORM}:{place}/{number}-{at}"
