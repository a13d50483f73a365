"""An event of any platform → the account that acted, with the address that it came from, and what it wrote.

An event is no report, and nobody in it is accused of anything: it is read as evidence on accounts that were reported.
Who reports somebody is known by a report's own event, which is therefore left out, with the reporter's address.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from graphmatch.adapter import Context, Options
from graphmatch.errors import LeftOut, RejectedRecord
from graphmatch.model import Account, AccountState, Content, IdKind, Precision, Row
from graphmatch.normalise.contacts import Keyring
from graphmatch.normalise.text import bears_contact, contacts_in, redact
from graphmatch.profile import Seen, profile_rows
from ingest.osprey.envelope import Event
from ingest.osprey.settings import Settings

_REPORT = re.compile(r"report|(?<![a-z])flag(?:ged|s)?(?![a-z])", re.IGNORECASE)
_REGISTRATION = re.compile(r"(?:create|new)[_.-]?(?:account|user)|sign[_-]?up|regist", re.IGNORECASE)
_SIGN_IN = re.compile(r"log[_-]?in|sign[_-]?in", re.IGNORECASE)
_GONE = re.compile(r"delete[_.-]?(?:account|user)", re.IGNORECASE)


def is_report(event: Event) -> bool:
    """Tell whether an event is that somebody reported something: its user is then the reporter."""
    return isinstance(event.payload.get("report"), dict) or _REPORT.search(event.name) is not None


def event_rows(event: Event, context: Context, settings: Settings, options: Options) -> Iterator[Row]:
    """Say what one event holds."""
    user_id = settings.said(event.payload, "user_id")
    if user_id is None:
        raise RejectedRecord("the field 'user_id' is missing or blank")
    handle = settings.said(event.payload, "handle")
    if not options.wants(user_id, handle):
        raise LeftOut("an event of an account that was not asked for")
    seen = event.at or context.observed_at
    account = _account(event, settings, context.keyring, user_id, handle, seen)
    emails = [settings.said(event.payload, "email"), *contacts_in(handle or "").emails]
    phone = settings.said(event.payload, "phone")
    yield from profile_rows(
        account,
        source=context.source,
        keyring=context.keyring,
        emails=[Seen(email, context=origin(event)) for email in emails if email],
        phones=[phone] if phone else [],
        ips=addresses(event, settings),
    )
    content = _content(event, settings, context.keyring, account.account_id, seen)
    if content:
        yield content


def origin(event: Event) -> str:
    """Say in what context the account acted."""
    if _REGISTRATION.search(event.name):
        return "registration"
    return "signin" if _SIGN_IN.search(event.name) else "message"


def addresses(event: Event, settings: Settings) -> list[Seen]:
    """Give the IP address that the event came from."""
    address = settings.said(event.payload, "ip")
    return [Seen(address, event.at, origin(event))] if address else []


def _account(
    event: Event, settings: Settings, keyring: Keyring, user_id: str, handle: str | None, seen: datetime | None
) -> Account:
    native, kind = _native(settings.user_type, user_id, keyring)
    avatar = settings.said(event.payload, "avatar")
    registered = event.at if origin(event) == "registration" else None
    return Account(
        account_id=f"{settings.platform}:{settings.instance}:{native}",
        platform=settings.platform,
        instance=settings.instance,
        native_id=native,
        id_kind=kind,
        observed_at=seen,
        handle=handle.removeprefix("@") if handle and not bears_contact(handle) else None,
        display_name=settings.said(event.payload, "display_name"),
        bio=settings.said(event.payload, "bio"),
        avatar_url=redact(avatar) if avatar else None,
        state=AccountState.DELETED if _GONE.search(event.name) else None,
        created_at=registered,
        created_at_precision=Precision.APPROXIMATE if registered else None,
    )


def _native(type_id: str | None, native: str, keyring: Keyring) -> tuple[str, IdKind]:
    """Give a native id, with its type as Coop's bodies have it; an id that is a contact value becomes its digest."""
    whole = f"{type_id.replace('%', '%25').replace(':', '%3A')}:{native}" if type_id else native
    if bears_contact(native):
        return keyring.digest("account", whole), IdKind.HASHED
    return whole, IdKind.NUMERIC if whole.isdecimal() else IdKind.OPAQUE


def _content(
    event: Event, settings: Settings, keyring: Keyring, account_id: str, seen: datetime | None
) -> Content | None:
    """Give what the account wrote; a post that no id names is known by its event's number."""
    words = settings.said(event.payload, "text")
    number = settings.said(event.payload, "content_id")
    if words is None or (number is None and event.number is None):
        return None
    url = settings.said(event.payload, "url")
    native = _native(settings.post_type, number, keyring)[0] if number else f"action:{event.number}"
    return Content(
        content_id=f"{settings.platform}:{settings.instance}:{native}",
        platform=settings.platform,
        account_id=account_id,
        text=redact(words),
        url=redact(url) if url else None,
        created_at=event.at,
        observed_at=seen,
    )
