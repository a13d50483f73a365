"""A part of the archive that X gives to an account's holder (``data/*.js``) → the target's own handles, old and new.

Nobody but the holder has it, so the holder is a target who handed it in: what it tells of them is how abuse may name
them. Their contact values, posts, contacts and messages are passed over.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, BinaryIO

from graphmatch import fields
from graphmatch.adapter import Context, Layout, Refusal
from graphmatch.errors import RejectedRecord
from graphmatch.model import Row, Target
from graphmatch.normalise.text import redact
from graphmatch.readers.streams import Tap
from ingest.x.users import PLATFORM, account_id, handle_in, is_number

#: The parts that are read, and what their records are.
PARTS = {"account": "archive_account", "screen_name_change": "archive_name_change"}
_START = re.compile(r"\ufeff?\s*window\.(?:YTD\.(?P<part>\w{1,60})\.part\d{1,4}|__THAR_CONFIG)\s*=")
#: What a holder may be reached by, or where they were: never read, not even as a digest.
_OWN_CONTACTS = frozenset(
    {
        "account_creation_ip",
        "contact",
        "connected_application",
        "device_token",
        "email_address_change",
        "ip_audit",
        "key_registry",
        "ni_devices",
        "phone_number",
        "sso",
    }
)
_CONTACTS = Refusal("the holder's own contact values, in an archive from X; they are not read", known=True)
_REST = Refusal("a part of an archive from X that tells nothing of how its holder is named", known=True)
_LONGEST_START = 1_024


def archive_layout(text: str) -> Layout | Refusal | None:
    """Say how a part of an archive is to be read, by its first words; ``None`` if it is no such part."""
    start = _START.match(text)
    if start is None:
        return None
    part = (start["part"] or "").casefold()
    if part in PARTS:
        return Layout("json_array", PARTS[part])
    return _CONTACTS if part in _OWN_CONTACTS else _REST


def without_assignment(stream: BinaryIO) -> BinaryIO:
    """Give the JSON alone: a part is a script that assigns it to a name."""
    start = stream.read(_LONGEST_START)
    return io.BufferedReader(Tap(stream, start[start.find(b"=") + 1 :]))


def holder_rows(record: Mapping[str, Any], context: Context) -> Iterator[Row]:
    """Give the holder by handle, and by id, which is how posts name whom they answer."""
    inner = fields.required_mapping(record, "account")
    number, handle = fields.text(inner, "accountId"), handle_in(fields.text(inner, "username"))
    name = fields.text(inner, "accountDisplayName")
    name = redact(name) if name else None
    if handle is None:
        raise RejectedRecord("the field 'account.username' is missing, or is no handle of X")
    yield _own(handle.lower(), handle, number, context.observed_at, name)
    if number and is_number(number):
        yield _own(number, handle, number, context.observed_at, name)


def change_rows(record: Mapping[str, Any], context: Context) -> Iterator[Row]:
    """Give the holder's handle before and after a change."""
    change = fields.required_mapping(record, "screenNameChange")
    number = fields.text(change, "accountId")
    inner = fields.mapping(change, "screenNameChange") or change
    seen = context.observed_at or fields.time(inner, "changedAt")
    handles = [handle_in(fields.text(inner, path)) for path in ("changedFrom", "changedTo")]
    if not any(handles):
        raise RejectedRecord("the field 'screenNameChange' names no handle")
    for handle in handles:
        if handle:
            yield _own(handle.lower(), handle, number, seen)


def _own(key: str, handle: str, number: str | None, seen: datetime | None, name: str | None = None) -> Target:
    return Target(
        account_id(key),
        PLATFORM,
        handle,
        name=name,
        registered_as=f"{PLATFORM}:{number}" if number and is_number(number) else None,
        derivations=("archive",),
        observed_at=seen,
    )
