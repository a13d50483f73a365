"""A Lemmy person → its key, its row and its signals; and the server that made the export.

A person is keyed by its address (``actor_id`` in version 3 of the API, ``ap_id`` in version 4): its number is another
one on every server. It need not be Lemmy's: Mastodon's and others' accounts post there too, and keep their own keys.
The API leaves nulls out, so that an absent field is a blank.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, time
from typing import Any

from graphmatch import fields
from graphmatch.adapter import Context
from graphmatch.errors import RejectedRecord
from graphmatch.model import Account, AccountState, Precision, Sighting
from graphmatch.normalise.fediverse import Key, host_of, is_server, key_of, picture_of
from graphmatch.normalise.markdown import links_in_markdown, strip_markdown
from graphmatch.normalise.text import bears_contact
from graphmatch.profile import profile_rows

PLATFORM = "lemmy"
UNKNOWN_INSTANCE = "unknown"
_NUMBER = re.compile(r"\d{9}")

Record = Mapping[str, Any]


def either(record: Record, path: str, *names: str) -> str | None:
    """Give the first text that stands under one of ``names`` in the object at ``path``: the two versions differ."""
    return next((found for name in names if (found := fields.text(record, f"{path}.{name}"))), None)


def moment(record: Record, path: str, *names: str) -> datetime | None:
    """Give the first time that stands under one of ``names`` in the object at ``path``."""
    return next((found for name in names if (found := fields.time(record, f"{path}.{name}"))), None)


def address_of(record: Record, path: str) -> str | None:
    """Give the address by which the whole network names the thing at ``path``."""
    return either(record, path, "ap_id", "actor_id")


def home_of(record: Record) -> str:
    """Name the server that made the export: that of the first thing in the record which it calls local."""
    for path in record:
        part = record[path]
        if isinstance(part, Mapping) and part.get("local") is True:
            host = host_of(address_of(record, path))
            if host:
                return host
    return UNKNOWN_INSTANCE


def key_at(record: Record, path: str) -> Key | None:
    """Read the key of the person at ``path``; ``None`` if its address is none."""
    return key_of(address_of(record, path))


def mention_of(record: Record, path: str) -> str | None:
    """Write the name by which texts would mention the person at ``path``, as a target's id."""
    key, name = key_at(record, path), fields.text(record, f"{path}.name")
    return f"{key.platform}:{key.instance}:{name.lower()}" if key and name else None


def account_row(record: Record, path: str, seen: datetime | None, *, banned: bool | None = None) -> Account:
    """Give the row of the person at ``path``; ``banned`` says it where the person itself does not (version 4)."""
    key = key_at(record, path)
    if key is None:
        raise RejectedRecord(f"the fields '{path}.actor_id' and '{path}.ap_id' hold no address")
    created_at = moment(record, path, "published", "published_at")
    bio = fields.text(record, f"{path}.bio")
    return Account(
        account_id=key.account_id,
        platform=key.platform,
        instance=key.instance,
        native_id=key.native_id,
        id_kind=key.id_kind,
        observed_at=seen,
        handle=fields.text(record, f"{path}.name") or key.handle,
        display_name=fields.text(record, f"{path}.display_name"),
        bio=strip_markdown(bio) if bio else None,
        url=address_of(record, path),
        avatar_url=picture_of(fields.text(record, f"{path}.avatar")),
        state=_state(record, path, banned=banned),
        created_at=created_at,
        created_at_precision=_precision(record, path, created_at),
    )


def person_rows(
    record: Record, path: str, account: Account, context: Context, *, report_id: str | None = None
) -> Iterator[Account | Sighting]:
    """Give the account of the person at ``path`` and its signals."""
    yield from profile_rows(
        account,
        source=context.source,
        keyring=context.keyring,
        report_id=report_id,
        links=links_in_markdown(fields.text(record, f"{path}.bio") or ""),
        declared=_matrix_accounts(fields.text(record, f"{path}.matrix_user_id")),
    )


def pseudonym(record: Record, path: str, context: Context) -> str | None:
    """Pseudonymise whoever reported or moderated; ``None`` if they are not shown, or a server signs for them."""
    address = address_of(record, path)
    return context.keyring.reporter(PLATFORM, address) if address and not is_server(address) else None


def _state(record: Record, path: str, *, banned: bool | None) -> AccountState | None:
    said = fields.flag(record, f"{path}.banned")
    banned = said if said is not None else banned
    if fields.flag(record, f"{path}.deleted"):
        return AccountState.DELETED
    if banned is None:
        return None
    return AccountState.SUSPENDED if banned else AccountState.ACTIVE


def _precision(record: Record, path: str, created_at: datetime | None) -> Precision | None:
    """Tell how exact the date is: some servers that federate cut it to its day."""
    if created_at is None:
        return None
    cut = created_at.time() == time() and fields.flag(record, f"{path}.local") is not True
    return Precision.DAY if cut else Precision.EXACT


def _matrix_accounts(mxid: str | None) -> list[str]:
    """Name the Matrix account that a person gives as its own; one that is a phone number or an e-mail is not kept."""
    name, _, server = (mxid or "").lower().partition(":")
    if not name.startswith("@") or not name[1:] or not server:
        return []
    # Bridges to other services make ids of numbers, and write the @ of an address in their own way.
    if _NUMBER.search(name) or bears_contact(name[1:].replace("=40", "@")):
        return []
    return [f"matrix:{server.partition(':')[0]}:{name}:{server}"]
