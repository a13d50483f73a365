"""An account, as activities name or show it → its key, its row and its sightings.

An address alone makes an account too (`graphmatch.normalise.fediverse`); what else there is comes from an actor's own
document, where an activity holds one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from graphmatch import fields
from graphmatch.adapter import Context
from graphmatch.errors import RejectedRecord
from graphmatch.model import Account, AccountState, Precision, Sighting
from graphmatch.normalise.fediverse import FAMILY, Key, is_address, is_server, key_of, picture_of
from graphmatch.normalise.links import account_of
from graphmatch.normalise.text import blank_to_none, links_in_html, strip_html
from graphmatch.profile import Seen, profile_rows
from ingest.activitypub.objects import Thing, one, things

Record = Mapping[str, Any]


def required_key(thing: Thing, name: str) -> Key:
    """Tell what an account is filed under; raise `RejectedRecord` if its address is none on the web."""
    key = key_of(thing.address)
    if key is None:
        raise RejectedRecord(f"the field {name!r} is not an address on the web")
    return key


def account_rows(
    thing: Thing, key: Key, context: Context, seen: datetime | None, *,
    report_id: str | None = None, moved_to: Iterable[Key] = (),
) -> Iterator[Account | Sighting]:  # fmt: skip
    """Give an account and its signals, with the accounts that it names as its own."""
    shown = thing.shown if thing.is_shown_as_actor else {}
    properties = fields.items(shown, "attachment")
    note = fields.text(shown, "summary") or ""
    moved = [*moved_to, *_keys(things(shown, "movedTo"))]
    yield from profile_rows(
        _account(shown, key, seen),
        source=context.source,
        keyring=context.keyring,
        report_id=report_id,
        links=[*links_in_html(note), *(link for item in properties for link in links_in_html(_text(item, "value")))],
        declared=[
            *(Seen(name, context="moved") for other in moved for name in other.names),
            *(Seen(name) for other in _keys(things(shown, "alsoKnownAs")) for name in other.names),
        ],
        texts=[f"{_text(item, 'name')}: {strip_html(_text(item, 'value'))}" for item in properties],
    )


def names_as_its_own(thing: Thing, other: Key) -> bool:
    """Whether an account's own document says that it is also known as ``other``."""
    return other.account_id in {key.account_id for key in _keys(things(thing.shown, "alsoKnownAs"))}


def reporter_of(record: Record) -> Key | None:
    """Tell who signed a report; a server that signs with itself hides who reported, and is nobody."""
    actor = one(record, "actor")
    if actor is None or actor.kind in ("Application", "Service") or is_server(actor.address):
        return None
    return key_of(actor.address)


def mention_name(mention: str) -> str | None:
    """Name the account that a post mentions, by its handle, as other adapters name whom abuse is aimed at."""
    if not is_address(mention):
        return account_of(mention if mention.startswith("@") else f"@{mention}")
    named = account_of(mention)
    if named:
        return named
    key = key_of(mention)
    return f"{key.platform}:{key.instance}:{key.handle.lower()}" if key and key.handle else None


def own_name(key: Key) -> str | None:
    """Name an account as `mention_name` does."""
    return f"{FAMILY}:{key.instance}:{key.handle.lower()}" if key.handle else None


def _account(shown: Record, key: Key, seen: datetime | None) -> Account:
    created_at, precision = _creation(shown, key)
    return Account(
        account_id=key.account_id,
        platform=key.platform,
        instance=key.instance,
        native_id=key.native_id,
        id_kind=key.id_kind,
        observed_at=seen,
        handle=fields.text(shown, "preferredUsername") or key.handle,
        display_name=fields.text(shown, "name"),
        bio=strip_html(_text(shown, "summary")) or None,
        url=page_of(shown),
        avatar_url=_picture(shown),
        state=AccountState.SUSPENDED if fields.flag(shown, "suspended") else None,
        created_at=created_at,
        created_at_precision=precision,
    )


def _creation(shown: Record, key: Key) -> tuple[datetime | None, Precision | None]:
    """Date the account: by the id that it has at home, or by its document, where Mastodon cuts the time to its day."""
    given = fields.time(shown, "published")
    from_id = key.created_at
    if from_id and (given is None or given.date() == from_id.date()):
        return from_id, Precision.DERIVED_FROM_ID
    if given is None:
        return None, None
    at_midnight = given.hour == given.minute == given.second == given.microsecond == 0
    return given, Precision.DAY if at_midnight else Precision.EXACT


def _keys(given: Iterable[Thing]) -> list[Key]:
    return [key for thing in given if (key := key_of(thing.address))]


def _text(record: Record, path: str) -> str:
    return fields.text(record, path) or ""


def page_of(shown: Record) -> str | None:
    """Read the ``url`` of a thing, which may be an address, a Link with an ``href``, or a list of both."""
    found = shown.get("url")
    for item in found if isinstance(found, list) else [found]:
        address = blank_to_none(item.get("href") if isinstance(item, Mapping) else item)
        if is_address(address):
            return address
    return None


def _picture(shown: Record) -> str | None:
    found = shown.get("icon")
    for item in found if isinstance(found, list) else [found]:
        if isinstance(item, Mapping) and (address := page_of(item)):
            return picture_of(address)
    return None
