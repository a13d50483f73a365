"""A Misskey account, as the admin API shows it → its key, its row and its sightings.

A local account is keyed by its id, a remote one by its actor's address (`graphmatch.normalise.fediverse`): the id of a
remote account is another one on every server, and its time is that of first sight. Local accounts bear no address, so
the server's name is looked for in what the record shows of its own pages.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from graphmatch import fields
from graphmatch.adapter import Context
from graphmatch.errors import RejectedRecord
from graphmatch.model import Account, AccountState, IdKind, Precision, Sighting
from graphmatch.normalise.fediverse import FAMILY, Key, Noted, host_of, is_address, is_server, key_of, picture_of
from graphmatch.profile import Seen, profile_rows

PLATFORM = "misskey"
UNKNOWN_INSTANCE = "unknown"

Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Profile:
    """One account as a record shows it, with the id that the record calls it by."""

    shown: Record
    number: str | None

    @property
    def host(self) -> str | None:
        """The server of a remote account; ``None`` if local."""
        host = fields.text(self.shown, "host")
        return host.lower() if host else None

    @property
    def handle(self) -> str | None:
        """The handle without its server."""
        return fields.text(self.shown, "username")


def profile(record: Record, name: str) -> Profile:
    """Read the account that stands under ``name``, whose id stands beside it too."""
    shown = fields.mapping(record, name)
    return Profile(shown, fields.text(shown, "id") or fields.text(record, f"{name}Id"))


def home_of(comment: Noted, subject: Profile, *staff: Profile) -> str:
    """Name the server that made the export, by its own pages: the pictures that it draws for accounts, then notes.

    Notes come last: they stand in the comment, which whoever reports can change.
    """
    drawn = (fields.text(known.shown, "avatarUrl") or "" for known in (subject, *staff))
    pages = [avatar for avatar in drawn if _is_own_page(avatar)]
    pages.append(comment.page or "")
    if subject.host is None and "/notes/" in (comment.note or ""):
        pages.append(comment.note or "")
    return next((host for page in pages if (host := host_of(page))), UNKNOWN_INSTANCE)


def account_key(profile: Profile, home: str) -> Key:
    """Tell what an account is filed under; by its handle only where the record shows nothing better."""
    if profile.host is None and profile.number:
        return Key(PLATFORM, home, profile.number, IdKind.OPAQUE)
    if profile.host and (key := key_of(fields.text(profile.shown, "uri"))):
        return key
    if profile.handle is None:
        raise RejectedRecord("the account has neither an 'id' nor a 'username'")
    platform = FAMILY if profile.host else PLATFORM
    return Key(platform, profile.host or home, f"@{profile.handle.lower()}", IdKind.HANDLE_ONLY)


def account_row(profile: Profile, home: str, seen: datetime | None) -> Account:
    """Give the account's row."""
    key = account_key(profile, home)
    created_at, precision = _creation(profile, key)
    return Account(
        account_id=key.account_id,
        platform=key.platform,
        instance=key.instance,
        native_id=key.native_id,
        id_kind=key.id_kind,
        observed_at=seen,
        handle=profile.handle,
        display_name=fields.text(profile.shown, "name"),
        bio=fields.text(profile.shown, "description"),
        url=fields.text(profile.shown, "url"),
        location=fields.text(profile.shown, "location"),
        avatar_url=picture_of(fields.text(profile.shown, "avatarUrl")),
        state=_state(profile.shown),
        created_at=created_at,
        created_at_precision=precision,
    )


def subject_rows(
    profile: Profile, account: Account, home: str, context: Context, *, report_id: str
) -> Iterator[Account | Sighting]:
    """Give the reported account and its signals."""
    shown = fields.items(profile.shown, "fields")
    moved = [fields.text(profile.shown, "movedTo")]
    yield from profile_rows(
        account,
        source=context.source,
        keyring=context.keyring,
        report_id=report_id,
        verified_links=fields.texts(profile.shown, "verifiedLinks"),
        declared=[
            *(Seen(name, context="moved") for name in _names(moved, home)),
            *(Seen(name) for name in _names(fields.texts(profile.shown, "alsoKnownAs"), home)),
        ],
        texts=[f"{fields.text(item, 'name') or ''}: {fields.text(item, 'value') or ''}" for item in shown],
    )


def reporter_ref(profile: Profile, home: str, context: Context) -> str | None:
    """Pseudonymise whoever reported. A server that forwards a report signs with itself: that is nobody."""
    name = (profile.handle or "").lower()
    hidden = profile.host is not None and (name == profile.host or is_server(fields.text(profile.shown, "uri") or ""))
    if hidden or name in ("instance.actor", "system.actor") or (profile.number is None and profile.handle is None):
        return None
    key = account_key(profile, home)
    return context.keyring.reporter(key.platform, f"{key.instance}:{key.native_id}")


def _names(given: Iterable[str | None], home: str) -> list[str]:
    """Name other accounts: by address; or by the id that this server calls them by, which tells of local ones only."""
    names: list[str] = []
    for value in given:
        if key := key_of(value):
            names += key.names
        elif value and not is_address(value) and value.isalnum():
            names.append(f"{PLATFORM}:{home}:{value}")
    return names


def _is_own_page(avatar: str) -> bool:
    try:
        path = urlsplit(avatar).path
    except ValueError:
        return False
    return path.startswith(("/identicon/", "/proxy/", "/avatar/@"))


def _creation(profile: Profile, key: Key) -> tuple[datetime | None, Precision | None]:
    """Date the account; of a remote one this server knows when it first saw it, which is a bound and no more."""
    given = fields.time(profile.shown, "createdAt")
    if given is not None and profile.host is None:
        return given, Precision.EXACT
    if key.created_at:
        return key.created_at, Precision.DERIVED_FROM_ID
    return given, Precision.APPROXIMATE if given else None


def _state(shown: Record) -> AccountState | None:
    if fields.flag(shown, "isDeleted"):
        return AccountState.DELETED
    suspended = fields.flag(shown, "isSuspended")
    if suspended:
        return AccountState.SUSPENDED
    if fields.flag(shown, "isSilenced") or fields.flag(shown, "isLimited"):
        return AccountState.LIMITED
    return None if suspended is None else AccountState.ACTIVE
