"""An account as X's API describes it → its key, its row and its sightings."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from html import unescape
from typing import Any

from graphmatch import fields
from graphmatch.adapter import Context
from graphmatch.errors import RejectedRecord
from graphmatch.model import Account, AccountState, IdKind, Precision, Row
from graphmatch.normalise.times import from_x_id
from graphmatch.profile import profile_rows

PLATFORM = "x"

Record = Mapping[str, Any]

_NUMBER = re.compile(r"\d{1,20}")
#: A digest in the place of an id: of the research releases (base64), and of 4CAT's pseudonymised sets (hex).
_DIGEST = re.compile(r"[A-Za-z0-9+/_-]{42,64}={0,2}")
_HANDLE = re.compile(r"\w{1,50}", re.ASCII)
_SIZE = re.compile(r"_(?:normal|bigger|mini|x96|\d{2,4}x\d{2,4})(?=\.\w{2,5}$|$)")
_DEFAULT_PICTURE = "/default_profile_images/"


def user_rows(record: Record, context: Context) -> Iterator[Row]:
    """Say what one account that was looked up holds. It is dated only if the export or twarc says when it was."""
    pulled = pulled_at(record, context)
    number = fields.required_text(record, "id")
    account = account_of(record, number, pulled, "id", is_there=pulled is not None)
    yield from profile_rows(account, source=context.source, links=links_of(record), keyring=context.keyring)


def pulled_at(record: Record, context: Context) -> datetime | None:
    """Give when the answer was given: as the user said, else as twarc wrote down."""
    return context.observed_at or fields.time(record, "__twarc.retrieved_at")


def account_of(user: Record, native: str, seen: datetime | None, path: str, *, is_there: bool) -> Account:
    """Give the row of an account; ``user`` may be empty, where the answer names no more than the id.

    Raises
    ------
    RejectedRecord
        ``native``, which stands at ``path``, is neither a number nor a digest.
    """
    hashed = _NUMBER.fullmatch(native) is None
    if hashed and not _DIGEST.fullmatch(native):
        raise RejectedRecord(f"the field {path!r} is no id of X")
    if hashed:
        # Whoever took out the id took out the names too: what stands there are digests.
        user = {}
    handle = handle_in(fields.text(user, "username"))
    created = fields.time(user, "created_at")
    derived = None if created or hashed else from_x_id(native)
    return Account(
        account_id=account_id(native),
        platform=PLATFORM,
        instance=PLATFORM,
        native_id=native,
        id_kind=IdKind.HASHED if hashed else IdKind.NUMERIC,
        observed_at=seen,
        handle=handle,
        display_name=fields.text(user, "name"),
        bio=_bio(user),
        url=address_of(handle) if handle else None,
        location=fields.text(user, "location"),
        avatar_url=avatar_of(fields.text(user, "profile_image_url")),
        state=AccountState.ACTIVE if is_there else None,
        created_at=created or derived,
        created_at_precision=Precision.EXACT if created else Precision.DERIVED_FROM_ID if derived else None,
        last_active=from_x_id(fields.text(user, "most_recent_tweet_id")),
    )


def named_account(handle: str, seen: datetime | None, state: AccountState | None = None) -> Account:
    """Give the row of an account of which only the handle is known."""
    native = f"@{handle.lower()}"
    return Account(
        account_id=account_id(native),
        platform=PLATFORM,
        instance=PLATFORM,
        native_id=native,
        id_kind=IdKind.HANDLE_ONLY,
        observed_at=seen,
        handle=handle,
        url=address_of(handle),
        state=state,
    )


def account_id(native: str) -> str:
    """Write the key of an account."""
    return f"{PLATFORM}:{PLATFORM}:{native}"


def address_of(handle: str) -> str:
    """Give the address of an account's profile."""
    return f"https://x.com/{handle}"


def handle_in(written: str | None) -> str | None:
    """Give a handle without its sign; ``None`` if it can't be one."""
    name = (written or "").removeprefix("@")
    return name if _HANDLE.fullmatch(name) else None


def is_number(native: str) -> bool:
    """Tell an id of X from what people or programs put in its place."""
    return _NUMBER.fullmatch(native) is not None


def avatar_of(address: str | None) -> str | None:
    """Give a picture's address in its own size; the picture that X gives to everybody is none."""
    if address is None or _DEFAULT_PICTURE in address:
        return None
    return _SIZE.sub("", address)


def links_of(user: Record) -> list[str]:
    """List where a profile leads to: X shortens every address, and says beside it what it stands for."""
    found = [
        fields.text(url, "expanded_url")
        for path in ("entities.url.urls", "entities.description.urls")
        for url in fields.items(user, path)
    ]
    written = fields.text(user, "url")
    return [link for link in (*found, written) if link]


def _bio(user: Record) -> str | None:
    """Give the bio with its addresses as they are meant, so that it compares with those of other platforms."""
    words = fields.text(user, "description")
    if words is None:
        return None
    for url in fields.items(user, "entities.description.urls"):
        short, meant = fields.text(url, "url"), fields.text(url, "expanded_url")
        if short and meant:
            words = words.replace(short, meant)
    return unescape(words)
