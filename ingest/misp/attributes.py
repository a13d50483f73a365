"""Attributes of a MISP event that stand by themselves → the accounts that a few of their types name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from graphmatch import fields
from graphmatch.account_keys import Named, key_of
from graphmatch.adapter import Context
from graphmatch.allegations import claim_rows
from graphmatch.errors import LeftOut, RejectedRecord
from graphmatch.model import Account, Row, Sighting
from graphmatch.profile import profile_rows
from ingest.misp.parts import ASSERTED_BY, PLATFORM, about, is_deleted

Record = Mapping[str, Any]

#: Types of attribute that name an account → its platform.
_ACCOUNTS = {"twitter-id": "x", "github-username": "github"}


def attribute_rows(record: Record, context: Context) -> Iterator[Row]:
    """Say what one attribute holds; addresses, numbers and hashes are nobody's by themselves."""
    found = fields.required_mapping(record, "Attribute")
    platform = _ACCOUNTS.get(fields.required_text(found, "type").casefold())
    if platform is None:
        raise LeftOut("an attribute that no account is said to have")
    around = about(record, found, fields.epoch(found, "timestamp"), context)
    value = fields.required_text(found, "value")
    number = value if platform == "x" and value.isdecimal() else None
    named = Named(platform, None, number, None, None if number else value)
    key = key_of(named, context.keyring)
    if key is None:
        raise RejectedRecord("the field 'value' names no account")
    account = Account(
        account_id=key.account_id,
        platform=key.platform,
        instance=key.instance,
        native_id=key.native_id,
        id_kind=key.id_kind,
        observed_at=around.seen,
        handle=key.handle,
    )
    deleted = is_deleted(found)
    if deleted and around.told_at is None:
        raise LeftOut("a deleted attribute that does not say when it was deleted")
    emails, phones = ([each] if each else [] for each in (key.email, key.phone))
    rows = profile_rows(account, source=context.source, keyring=context.keyring, emails=emails, phones=phones)
    for row in rows:
        if deleted:
            bare = Account(key.account_id, key.platform, key.instance, key.native_id, key.id_kind, around.seen)
            yield replace(row, withdrawn_at=around.told_at) if isinstance(row, Sighting) else bare
        else:
            yield row
    if not deleted:
        where = f"{PLATFORM}:{fields.required_text(found, 'uuid')}"
        comment = fields.text(found, "comment")
        yield from claim_rows(comment, account, where=where, asserted_by=ASSERTED_BY, asserted_at=around.told_at)
