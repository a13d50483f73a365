"""A message of a chat that DiscordChatExporter wrote down → its author, its content and whom it is aimed at.

The chat was handed in as evidence: nobody reported a single message, so no report is made of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from graphmatch import fields
from graphmatch.adapter import Context, Options, RawRecord
from graphmatch.errors import LeftOut
from graphmatch.model import Content, Row
from graphmatch.normalise.text import redact
from graphmatch.normalise.times import from_discord_id, latest
from graphmatch.profile import posted_links
from graphmatch.readers.replies import PARENT
from ingest.discord.accounts import (
    PLATFORM,
    Record,
    account_rows,
    exported_account,
    mentioned_in,
    required_snowflake,
    snowflake,
    target_row,
)

#: What stands before the messages in the file.
AROUND = ("guild", "channel", "exportedAt")
#: What people wrote; any other type is Discord's own note (joined, pinned, called …).
_WRITTEN = frozenset({"default", "reply", "0", "19"})


def message_rows(record: RawRecord, context: Context, options: Options) -> Iterator[Row]:
    """Give the rows of one message; those of others than the named accounts are left out."""
    value, around = record.value, record.around
    native = required_snowflake(value, "id")
    if (fields.text(value, "type") or "Default").lower() not in _WRITTEN:
        raise LeftOut("a note of Discord's own in a chat")
    if fields.flag(value, "author.isBot"):
        raise LeftOut("a bot's message")
    if not options.wants(fields.text(value, "author.id"), fields.text(value, "author.name")):
        raise LeftOut("a message by none of the accounts that were named")
    sent = fields.time(value, "timestamp") or from_discord_id(native)
    seen = context.observed_at or latest(sent, fields.time(value, "timestampEdited"), fields.time(around, "exportedAt"))
    account = exported_account(value, "author", seen)
    words = fields.text(value, "content") or ""
    own = account.native_id if account else None
    targets = _targets(value, words, own)
    if account:
        yield from account_rows(account, context)
        yield from posted_links(account.account_id, words, source=context.source, at=sent)
    yield from (target_row(found, handle, why, seen) for found, (handle, why) in targets.items())
    yield Content(
        content_id=f"{PLATFORM}:{native}",
        platform=PLATFORM,
        account_id=account.account_id if account else None,
        text=redact(words) if words else None,
        url=_address(around, native),
        created_at=sent,
        observed_at=seen,
        target_ids=tuple(f"{PLATFORM}:{PLATFORM}:{found}" for found in targets),
    )


def own_key(record: RawRecord) -> tuple[str, ...] | None:
    """Name a message."""
    return _key(record.value.get("id"))


def answered_key(record: RawRecord) -> tuple[str, ...] | None:
    """Name the message that this one answers."""
    reference = record.value.get("reference")
    return _key(reference.get("messageId")) if isinstance(reference, dict) else None


def author_of(record: RawRecord) -> dict[str, str]:
    """Say who wrote a message, as far as a reply needs it."""
    author = record.value.get("author")
    found = author if isinstance(author, dict) else {}
    return {name: found[name] for name in ("id", "name") if isinstance(found.get(name), str)}


def _key(value: Any) -> tuple[str, ...] | None:
    return (value,) if isinstance(value, str) else None


def _targets(value: Record, words: str, own: str | None) -> dict[str, tuple[str | None, str]]:
    """Find whom a message is aimed at: whom it answers, and whom it mentions.

    An answer mentions whom it answers without naming them in its words: that tells where the parent is not known.
    """
    answers = bool(fields.mapping(value, "reference")) and not fields.mapping(value, "forwardedMessage")
    found: dict[str, tuple[str | None, str]] = {}
    parent = snowflake(value, f"{PARENT}.id") if answers else None
    if parent:
        found[parent] = (fields.text(value, f"{PARENT}.name"), "reply_parent")
    for user in fields.items(value, "mentions"):
        native = required_snowflake(user, "id")
        handle = fields.text(user, "name")
        named = {f"@{fields.text(user, name)}" for name in ("name", "nickname")} | {f"<@{native}>", f"<@!{native}>"}
        silent = answers and parent is None and not any(name in words for name in named)
        found.setdefault(native, (handle, "reply_parent" if silent else "mention"))
    for native in mentioned_in(words):
        found.setdefault(native, (None, "mention"))
    return {native: aim for native, aim in found.items() if native != own}


def _address(around: Any, native: str) -> str | None:
    guild, channel = fields.text(around, "guild.id"), snowflake(around, "channel.id")
    # A conversation outside any server is exported under the server 0, which addresses write @me.
    place = "@me" if guild == "0" else snowflake(around, "guild.id")
    return f"https://discord.com/channels/{place}/{channel}/{native}" if place and channel else None
