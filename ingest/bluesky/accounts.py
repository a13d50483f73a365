"""A Bluesky account as Ozone views it → its key (always the DID), its row and its sightings."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from graphmatch import fields
from graphmatch.adapter import Context
from graphmatch.model import Account, AccountState, Content, IdKind, Precision, Sighting
from graphmatch.normalise.times import from_iso, from_tid
from graphmatch.profile import Seen, profile_rows

PLATFORM = "bluesky"
INSTANCE = "bsky"
ACCOUNT, RECORD = "com.atproto.admin.defs#repoRef", "com.atproto.repo.strongRef"

Record = Mapping[str, Any]

_DID = re.compile(r"did:[a-z]+:[A-Za-z0-9._:%-]{1,256}")
_AT_URI = re.compile(r"at://(?P<did>did:[a-z]+:[A-Za-z0-9._:%-]{1,256})(?:/(?P<collection>[\w.-]+)/(?P<key>[^/\s]+))?")
_PROFILE = "app.bsky.actor.profile"
_CDN = "https://cdn.bsky.app/img/avatar/plain"
_CONTEXTS = {"registrationIp": "registration", "lastSigninIp": "signin"}
_DEVICE = re.compile(r"(?i)[a-z0-9]*(?:fp|fingerprint|device\w*)")
_HOSTING = {
    "takendown": AccountState.TAKENDOWN,
    "suspended": AccountState.SUSPENDED,
    "deleted": AccountState.DELETED,
    "deactivated": AccountState.DEACTIVATED,
}


def did_in(reference: str | None) -> str | None:
    """Give the DID that a reference (a DID or an ``at://`` address) names."""
    if reference is None:
        return None
    if match := _AT_URI.fullmatch(reference):
        return match["did"]
    return reference if _DID.fullmatch(reference) else None


def subject_of(subject: Record) -> tuple[str | None, str | None]:
    """Give the DID and, if the subject is a record, its ``at://`` address."""
    uri = fields.text(subject, "uri")
    if uri is not None:
        return did_in(uri), uri
    return did_in(fields.text(subject, "did")), None


def account_id(did: str) -> str:
    """Write the key of the account with this DID."""
    return f"{PLATFORM}:{INSTANCE}:{did}"


def handle_of(handle: str | None) -> str | None:
    """Give the handle; what Ozone shows in place of one that does not resolve is none."""
    return None if handle is None or handle == "handle.invalid" else handle


def plain_account(did: str, handle: str | None, seen: datetime | None, state: AccountState | None = None) -> Account:
    """Give the row of an account of which only the handle is shown."""
    return Account(
        account_id=account_id(did),
        platform=PLATFORM,
        instance=INSTANCE,
        native_id=did,
        id_kind=IdKind.DID,
        observed_at=seen,
        handle=handle_of(handle),
        url=f"https://bsky.app/profile/{did}",
        state=state,
    )


def full_account(did: str, view: Record, seen: datetime | None, state: AccountState | None) -> Account:
    """Give the row of an account from a subject view; a profile that was taken down is read from its record."""
    shown, stored = fields.mapping(view, "profile"), _stored_profile(view)
    handle = fields.text(view, "repo.handle") or fields.text(shown, "handle")
    created_at = fields.time(shown, "createdAt")
    # The profile's own time is the client's word; the server saw the account no later than it indexed it.
    bounds = [fields.time(stored, "createdAt"), fields.time(view, "repo.indexedAt")]
    made_by = min((bound for bound in bounds if bound is not None), default=None)
    precision = Precision.EXACT if created_at else Precision.APPROXIMATE if made_by else None
    plain = plain_account(did, handle, seen, state)
    return Account(
        account_id=plain.account_id,
        platform=PLATFORM,
        instance=INSTANCE,
        native_id=did,
        id_kind=IdKind.DID,
        observed_at=seen,
        handle=plain.handle,
        display_name=fields.text(shown, "displayName") or fields.text(stored, "displayName"),
        bio=fields.text(shown, "description") or fields.text(stored, "description"),
        url=plain.url,
        avatar_url=fields.text(shown, "avatar") or _stored_avatar(did, stored),
        state=state,
        created_at=created_at or made_by,
        created_at_precision=precision,
    )


def account_rows(
    account: Account, view: Record, context: Context, report_id: str | None
) -> Iterator[Account | Sighting]:
    """Give an account and its signals. E-mail and signatures are there for users of the operator's own server."""
    website = fields.text(view, "profile.website") or fields.text(_stored_profile(view), "website")
    email = fields.text(view, "repo.email")
    ips, devices = _signatures(fields.items(view, "repo.threatSignatures"))
    yield from profile_rows(
        account,
        source=context.source,
        keyring=context.keyring,
        report_id=report_id,
        links=[website] if website else [],
        emails=[Seen(email, context="registration")] if email else [],
        ips=ips,
        devices=devices,
    )


def state_in(status: Record) -> AccountState | None:
    """Read an account's state from its subject status; of a record's status ``None``."""
    if not status or fields.text(status, "subject.$type") != ACCOUNT:
        return None
    if fields.flag(status, "takendown"):
        suspended = fields.time(status, "suspendUntil") is not None
        return AccountState.SUSPENDED if suspended else AccountState.TAKENDOWN
    return hosting_state(fields.text(status, "hosting.status")) or AccountState.ACTIVE


def hosting_state(status: str | None) -> AccountState | None:
    """Map the state that the account's own server tells."""
    return _HOSTING.get(status or "")


def content_stub(uri: str, seen: datetime | None) -> Content:
    """Give the row of a record of which only the address is known; its key holds the time that the client gave."""
    match = _AT_URI.fullmatch(uri)
    did, collection, key = (match["did"], match["collection"], match["key"]) if match else (None, None, None)
    post = collection == "app.bsky.feed.post"
    return Content(
        content_id=f"{PLATFORM}:{uri}",
        platform=PLATFORM,
        account_id=account_id(did) if did else None,
        url=f"https://bsky.app/profile/{did}/post/{key}" if post else None,
        created_at=from_tid(key or ""),
        observed_at=seen,
    )


def _stored_profile(view: Record) -> Record:
    records = fields.items(view, "repo.relatedRecords")
    return next((record for record in records if fields.text(record, "$type") == _PROFILE), {})


def _stored_avatar(did: str, stored: Record) -> str | None:
    # Written as the profile would show it, so that the avatar before and after a takedown is one signal.
    link = fields.text(stored, "avatar.ref.$link")
    return f"{_CDN}/{did}/{link}" if link else None


def _signatures(signatures: list[Record]) -> tuple[list[Seen], list[Seen]]:
    """Sort threat signatures into addresses and devices; times and countries of sign-ins are none."""
    found = [(fields.text(item, "property") or "", fields.text(item, "value") or "") for item in signatures]
    times = {name: from_iso(value) for name, value in found if name.endswith("Time")}
    ips = [
        Seen(value, times.get(f"{name.removesuffix('Ip')}Time"), _CONTEXTS.get(name))
        for name, value in found
        if name.endswith("Ip") and value
    ]
    devices = [Seen(f"{name}:{value}") for name, value in found if _DEVICE.fullmatch(name) and value]
    return ips, devices
