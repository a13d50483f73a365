"""A Discord user, as the API or DiscordChatExporter shows it → its key, its row and its signals.

The key is the snowflake, which also holds the second at which the account was made.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from graphmatch import fields
from graphmatch.adapter import Context
from graphmatch.errors import RejectedRecord
from graphmatch.model import Account, AccountState, IdKind, Precision, Row, Sighting, SignalKind, Target
from graphmatch.normalise.times import from_discord_id
from graphmatch.profile import profile_rows

PLATFORM = "discord"

Record = Mapping[str, Any]

_CDN = "https://cdn.discordapp.com"
_ID = re.compile(r"[1-9]\d{0,19}")
_MENTION = re.compile(r"<@!?(\d{15,20})>")
_HASH = re.compile(r"(?:a_)?[0-9a-f]{32}")
_AVATAR = re.compile(r"https?://(?:cdn|media)\.discordapp\.(?:com|net)/[^?\s]*avatars/[^?\s]*?((?:a_)?[0-9a-f]{32})\b")
#: One id stands for every account that was deleted before Discord gave them names of their own.
_ANYBODY_DELETED = "456226577798135808"
_DELETED = re.compile(r"deleted[_ ]user(?:[_ ][0-9a-f]+)?", re.IGNORECASE)


def snowflake(record: Record, path: str) -> str | None:
    """Give the id at ``path``; one that a spreadsheet has rounded is none, and the record is rejected."""
    found = fields.text(record, path)
    if found is not None and (not _ID.fullmatch(found) or int(found) >= 1 << 64):
        raise RejectedRecord(f"the field {path!r} is not an id of Discord")
    return found


def required_snowflake(record: Record, path: str) -> str:
    """Give the id at ``path``; raise `RejectedRecord` if there is none."""
    found = snowflake(record, path)
    if found is None:
        raise RejectedRecord(f"the field {path!r} is missing or blank")
    return found


def api_account(record: Record, path: str, seen: datetime | None) -> Account | None:
    """Read the user object at ``path``; ``None`` for the one that stands for anybody deleted."""
    native = required_snowflake(record, f"{path}.id")
    found = _HASH.fullmatch(fields.text(record, f"{path}.avatar") or fields.text(record, f"{path}.avatar_hash") or "")
    return account_row(
        native,
        seen,
        handle=fields.text(record, f"{path}.username"),
        display_name=fields.text(record, f"{path}.global_name"),
        avatar=found[0] if found else None,
    )


def exported_account(record: Record, path: str, seen: datetime | None) -> Account | None:
    """Read the user at ``path`` as DiscordChatExporter writes it, whose nickname is the name shown in that server."""
    native = required_snowflake(record, f"{path}.id")
    found = _AVATAR.match(fields.text(record, f"{path}.avatarUrl") or "")
    return account_row(
        native,
        seen,
        handle=fields.text(record, f"{path}.name"),
        display_name=fields.text(record, f"{path}.nickname"),
        avatar=found[1] if found else None,
    )


def account_row(
    native: str,
    seen: datetime | None,
    *,
    handle: str | None = None,
    display_name: str | None = None,
    avatar: str | None = None,
) -> Account | None:
    """Make an account's row of what is known of it; a deleted account's placeholder is a state, not a handle."""
    if native == _ANYBODY_DELETED:
        return None
    gone = bool(handle and _DELETED.fullmatch(handle))
    created = from_discord_id(native)
    return Account(
        account_id=f"{PLATFORM}:{PLATFORM}:{native}",
        platform=PLATFORM,
        instance=PLATFORM,
        native_id=native,
        id_kind=IdKind.NUMERIC,
        observed_at=seen,
        handle=None if gone else handle,
        display_name=None if gone else display_name,
        avatar_url=f"{_CDN}/avatars/{native}/{avatar}.png" if avatar and not gone else None,
        state=AccountState.DELETED if gone else None,
        created_at=created,
        created_at_precision=Precision.DERIVED_FROM_ID if created else None,
    )


def account_rows(account: Account, context: Context, *, nickname: str | None = None, **given: Any) -> Iterator[Row]:
    """Give an account's row and signals. Its name in one server is a name too, and so is its picture's hash."""
    yield from profile_rows(account, source=context.source, keyring=context.keyring, **given)
    seen = account.observed_at
    if account.avatar_url:
        picture = account.avatar_url.rpartition("/")[2].removesuffix(".png")
        yield Sighting(
            account.account_id, SignalKind.AVATAR_HASH, picture, context.source, first_seen=seen, last_seen=seen
        )
    if nickname and nickname != account.display_name:
        other = replace(account, display_name=nickname)
        for row in profile_rows(other, source=context.source, keyring=context.keyring):
            if isinstance(row, Sighting) and row.kind is SignalKind.DISPLAY_NAME:
                yield row


def mentioned_in(text: str) -> list[str]:
    """List the ids of the users whom unformatted text mentions (``<@…>``), each once."""
    return list(dict.fromkeys(_MENTION.findall(text)))


def target_row(native: str, handle: str | None, derivation: str, seen: datetime | None) -> Target:
    """Make a target of a user who is mentioned or answered."""
    return Target(
        target_id=f"{PLATFORM}:{PLATFORM}:{native}",
        platform=PLATFORM,
        handle=None if handle and _DELETED.fullmatch(handle) else handle,
        derivations=(derivation,),
        observed_at=seen,
    )
