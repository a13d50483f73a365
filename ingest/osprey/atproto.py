"""An event of the AT protocol (``did``, ``collection``, ``record``) → the account, its former handles, its post.

Keys are those of the Bluesky exports: the account's DID, the record's ``at://`` address. What a plugin adds to the
event is read where it stands: the profile, Ozone's view of the account, the DID's document and its log.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from itertools import pairwise

from graphmatch import fields
from graphmatch.adapter import Context, Options
from graphmatch.errors import LeftOut, RejectedRecord
from graphmatch.model import Account, Content, IdKind, Precision, Row, Sighting, SignalKind, Target
from graphmatch.normalise.text import bears_contact, redact
from graphmatch.normalise.times import from_iso, from_tid
from graphmatch.profile import Seen, profile_rows
from ingest.osprey.envelope import Event, Record, unpacked, unpacked_object
from ingest.osprey.events import addresses
from ingest.osprey.settings import Settings

PLATFORM, INSTANCE = "bluesky", "bsky"
_DID = re.compile(r"did:[a-z]+:[A-Za-z0-9._:%-]{1,256}")
_URI = re.compile(r"at://(did:[a-z]+:[A-Za-z0-9._:%-]{1,256})(?:/[^\s]{0,600})?")
_POST, _PROFILE = "app.bsky.feed.post", "app.bsky.actor.profile"
_DELETED = (3, "3", "delete", "COMMIT_OPERATION_DELETE")
_CONTEXTS = {"registrationIp": "registration", "attestation_ip": "registration", "lastSigninIp": "signin"}
_DEVICE = re.compile(r"(?i)[a-z0-9]*(?:fp|fingerprint|device\w*)")
_NO_HANDLE = "handle.invalid"


def atproto_rows(event: Event, context: Context, settings: Settings, options: Options) -> Iterator[Row]:
    """Say what one event holds."""
    did = fields.required_text(event.payload, "did")
    if not _DID.fullmatch(did):
        raise RejectedRecord("the field 'did' is no DID")
    commit = fields.mapping(event.payload, "commit") or event.payload
    if commit.get("operation") in _DELETED or event.name.startswith("delete_") or event.name.endswith("#delete"):
        raise LeftOut("an event that says only that something was deleted")
    record = unpacked_object(commit, "record")
    collection = fields.text(commit, "collection") or fields.text(record, "$type")
    log = [entry for entry in _entries(event.payload, "did_audit_log") if not fields.flag(entry, "nullified")]
    handle = _handle(event.payload)
    if not options.wants(did, handle):
        raise LeftOut("an event of an account that was not asked for")
    seen = event.at or context.observed_at
    account = _account(event, did, handle, record if collection == _PROFILE else {}, log, seen)
    repo = unpacked_object(event.payload, "ozone_repo_view_detail")
    ips, devices = _signatures(repo)
    email = fields.text(repo, "email")
    yield from profile_rows(
        account,
        source=context.source,
        keyring=context.keyring,
        emails=[Seen(email, context="registration")] if email else [],
        ips=[*ips, *addresses(event, settings)],
        devices=devices,
    )
    yield from _former_handles(account, log, context)
    targets = _targets(record, did, seen) if collection == _POST else {}
    yield from targets.values()
    content = _content(event, settings, commit, record, did, seen, collection)
    if content:
        yield replace(content, target_ids=tuple(targets))


def _handle(payload: Record) -> str | None:
    places = (
        fields.mapping(payload, "identity"),
        unpacked_object(payload, "profile_view"),
        unpacked_object(payload, "ozone_repo_view_detail"),
        payload,
    )
    shown = next((found for place in places if (found := fields.text(place, "handle"))), None)
    if shown is None:
        shown = next(iter(_known_as(fields.texts(unpacked_object(payload, "did_doc"), "alsoKnownAs"))), None)
    return None if shown is None or shown == _NO_HANDLE or bears_contact(shown) else shown


def _known_as(names: list[str]) -> list[str]:
    return [name.removeprefix("at://") for name in names if name.startswith("at://") and len(name) > 5]


def _account(
    event: Event, did: str, handle: str | None, stored: Record, log: list[Record], seen: datetime | None
) -> Account:
    shown = unpacked_object(event.payload, "profile_view")
    avatar = fields.text(shown, "avatar")
    created_at = fields.time(shown, "createdAt") or (fields.time(log[0], "createdAt") if log else None)
    return Account(
        account_id=f"{PLATFORM}:{INSTANCE}:{did}",
        platform=PLATFORM,
        instance=INSTANCE,
        native_id=did,
        id_kind=IdKind.DID,
        observed_at=seen,
        handle=handle,
        display_name=fields.text(stored, "displayName") or fields.text(shown, "displayName"),
        bio=fields.text(stored, "description") or fields.text(shown, "description"),
        url=f"https://bsky.app/profile/{did}",
        avatar_url=redact(avatar) if avatar else None,
        created_at=created_at,
        created_at_precision=Precision.EXACT if created_at else None,
    )


def _signatures(repo: Record) -> tuple[list[Seen], list[Seen]]:
    """Sort Ozone's threat signatures into addresses and devices; a list of them, or an object by their names."""
    given = repo.get("threatSignatures")
    if isinstance(given, Mapping):
        found = [(name, fields.text(given, name) or "") for name in given if isinstance(name, str) and "." not in name]
    else:
        listed = fields.items(repo, "threatSignatures")
        found = [(fields.text(item, "property") or "", fields.text(item, "value") or "") for item in listed]
    times = {name: from_iso(value) for name, value in found if name.endswith("Time")}
    ips = [
        Seen(value, times.get(f"{name.removesuffix('Ip')}Time"), _CONTEXTS.get(name))
        for name, value in found
        if name.lower().endswith("ip") and value
    ]
    devices = [Seen(f"{name}:{value}") for name, value in found if _DEVICE.fullmatch(name) and value]
    return ips, devices


def _entries(payload: Record, name: str) -> list[Record]:
    found = unpacked(payload, name)
    return fields.items({name: found if isinstance(found, list) else [found] if found else []}, name)


def _former_handles(account: Account, log: list[Record], context: Context) -> Iterator[Sighting]:
    """Give the handles that the DID's log shows before the present one, each from its entry to the next."""
    for entry, following in pairwise(log):
        for handle in _known_as(fields.texts(entry, "operation.alsoKnownAs")):
            since, until = fields.time(entry, "createdAt"), fields.time(following, "createdAt")
            if handle not in (account.handle, _NO_HANDLE) and not bears_contact(handle):
                yield Sighting(
                    account_id=account.account_id,
                    kind=SignalKind.HANDLE,
                    value=handle,
                    source=context.source,
                    first_seen=since,
                    last_seen=until,
                )


def _content(
    event: Event,
    settings: Settings,
    commit: Record,
    record: Record,
    did: str,
    seen: datetime | None,
    collection: str | None,
) -> Content | None:
    """Give the post; other records (likes, follows, profiles) are no content."""
    if collection not in (_POST, None):
        return None
    words = fields.text(record, "text") or settings.said(event.payload, "text")
    key = fields.text(commit, "rkey")
    uri = fields.text(event.payload, "uri") or (f"at://{did}/{_POST}/{key}" if key else None)
    if words is None or (uri is None and event.number is None):
        return None
    key = key or (uri.rpartition("/")[2] if uri else None)
    post = uri is not None and f"/{_POST}/" in uri
    return Content(
        content_id=f"{PLATFORM}:{uri or f'action:{event.number}'}",
        platform=PLATFORM,
        account_id=f"{PLATFORM}:{INSTANCE}:{did}",
        text=redact(words),
        url=f"https://bsky.app/profile/{did}/post/{key}" if post else None,
        created_at=fields.time(record, "createdAt") or from_tid(key or "") or event.at,
        observed_at=seen,
    )


def _targets(record: Record, author: str, seen: datetime | None) -> dict[str, Target]:
    """Derive who the post is aimed at: whom it answers, and whom it mentions."""
    parent = _URI.fullmatch(fields.text(record, "reply.parent.uri") or "")
    found = {parent[1]: "reply_parent"} if parent else {}
    for facet in fields.items(record, "facets"):
        for feature in fields.items(facet, "features"):
            did = fields.text(feature, "did")
            if did and _DID.fullmatch(did):
                found.setdefault(did, "mention")
    return {
        f"{PLATFORM}:{INSTANCE}:{did}": Target(
            f"{PLATFORM}:{INSTANCE}:{did}", PLATFORM, derivations=(derivation,), observed_at=seen
        )
        for did, derivation in found.items()
        if did != author
    }
