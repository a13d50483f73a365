"""A channel, or the author of a comment → the key, the account's row and its sightings."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, overload

from graphmatch import fields
from graphmatch.adapter import Context
from graphmatch.errors import RejectedRecord
from graphmatch.model import Account, IdKind, Precision, Row
from graphmatch.normalise.links import account_of
from graphmatch.profile import profile_rows

PLATFORM = "youtube"
_CHANNEL_ID = re.compile(r"UC[\w-]{10,40}")
_ID = re.compile(r"[\w.-]{1,100}")
_HANDLE = re.compile(r"[\w.·-]{1,100}")
#: The API asks for one picture in several sizes: what follows the sign is the size.
_SIZE = re.compile(r"=[swh]\d+(?:-[\w-]+)?$")
_THUMBNAILS = ("default", "medium", "high")


def channel_rows(record: Mapping[str, Any], context: Context) -> Iterator[Row]:
    """Say what one channel holds. The answer does not say when it was given, so its account is undated."""
    created = fields.time(record, "snippet.publishedAt")
    thumbnails = (fields.text(record, f"snippet.thumbnails.{size}.url") for size in _THUMBNAILS)
    native = _checked(fields.required_text(record, "id"), "id")
    account = Account(
        account_id=account_id(native),
        platform=PLATFORM,
        instance=PLATFORM,
        native_id=native,
        id_kind=IdKind.OPAQUE,
        observed_at=context.observed_at,
        handle=_handle(fields.text(record, "snippet.customUrl")),
        display_name=fields.text(record, "snippet.title"),
        bio=fields.text(record, "snippet.description") or fields.text(record, "brandingSettings.channel.description"),
        url=address_of(native),
        avatar_url=_avatar(next((found for found in thumbnails if found), None)),
        created_at=created,
        created_at_precision=Precision.EXACT if created else None,
    )
    yield from profile_rows(account, source=context.source, keyring=context.keyring)


def author_of(comment: Mapping[str, Any], seen: datetime | None) -> Account | None:
    """Key a comment's author by channel, else by handle; ``None`` if YouTube shows neither (a channel that is gone)."""
    address = fields.text(comment, "snippet.authorChannelUrl")
    named = (account_of(address) if address else None) or ""
    shown = fields.text(comment, "snippet.authorDisplayName")
    in_address = named.rpartition(":")[2] or None
    native = _checked(fields.text(comment, "snippet.authorChannelId.value"), "snippet.authorChannelId.value")
    if native is None and in_address and _CHANNEL_ID.fullmatch(in_address):
        native = in_address
    # What is shown has been the handle since 2022, and was the channel's title before.
    handle = _handle(shown) if shown and shown.startswith("@") else None
    if handle is None and in_address and "/@" in (address or ""):
        handle = in_address
    if native is None and handle is None:
        return None
    key = native or f"@{(handle or '').lower()}"
    return Account(
        account_id=account_id(key),
        platform=PLATFORM,
        instance=PLATFORM,
        native_id=key,
        id_kind=IdKind.OPAQUE if native else IdKind.HANDLE_ONLY,
        observed_at=seen,
        handle=handle,
        display_name=None if shown is None or shown.startswith("@") else shown,
        url=address_of(native) if native else f"https://www.youtube.com/@{handle}",
        avatar_url=_avatar(fields.text(comment, "snippet.authorProfileImageUrl")),
    )


def account_id(native: str) -> str:
    """Write the key of a channel: ids keep their case, which tells them apart, as in `graphmatch.normalise.links`."""
    return f"{PLATFORM}:{PLATFORM}:{native}"


def address_of(native: str) -> str:
    """Give the address of a channel by its id."""
    return f"https://www.youtube.com/channel/{native}"


@overload
def _checked(native: str, path: str) -> str: ...
@overload
def _checked(native: None, path: str) -> None: ...
@overload
def _checked(native: str | None, path: str) -> str | None: ...
def _checked(native: str | None, path: str) -> str | None:
    if native is not None and not _ID.fullmatch(native):
        raise RejectedRecord(f"the field {path!r} is no channel's id")
    return native


def _handle(written: str | None) -> str | None:
    name = (written or "").strip().removeprefix("@").strip()
    return name if _HANDLE.fullmatch(name) else None


def _avatar(address: str | None) -> str | None:
    """Give a picture's address without its size, so that one picture in two answers is one signal."""
    return _SIZE.sub("", address) if address else None
