"""A Pleroma account, as the admin API shows it → its key, its row and its sightings.

A local account is keyed by its flake, a remote one by its actor's address (`graphmatch.normalise.fediverse`): the flake
of a remote account is another one on every server, and so is its creation time, that of first sight.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from graphmatch import fields
from graphmatch.adapter import Context
from graphmatch.errors import RejectedRecord
from graphmatch.model import Account, AccountState, IdKind, Precision, Sighting
from graphmatch.normalise.fediverse import FAMILY, Key, host_of, is_server, key_of, picture_of
from graphmatch.normalise.text import links_in_html, strip_html
from graphmatch.profile import Seen, profile_rows

PLATFORM = "pleroma"
UNKNOWN_INSTANCE = "unknown"

#: Tags by which Pleroma's moderators narrow what an account may do.
_LIMITS = frozenset(
    f"mrf_tag:{word}"
    for word in (
        "media-force-nsfw", "media-strip", "force-unlisted", "sandbox",
        "disable-remote-subscription", "disable-any-subscription",
    )
)  # fmt: skip

Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Profile:
    """One account as a record shows it; ``shown`` is empty for an account that was deleted."""

    shown: Record

    @property
    def address(self) -> str | None:
        """The actor's address; a page about the account (``/@user``) is none."""
        page = fields.text(self.shown, "url")
        return fields.text(self.shown, "pleroma.ap_id") or (None if page and "/@" in page else page)

    @property
    def name(self) -> str | None:
        """The handle, with its server where the account is remote."""
        return next(
            (found for name in ("acct", "nickname", "username") if (found := fields.text(self.shown, name))), None
        )

    @property
    def handle(self) -> str | None:
        """The handle without its server."""
        return (self.name or "").removeprefix("@").partition("@")[0] or None

    @property
    def is_local(self) -> bool:
        """Whether the account is at home on the server that made the export."""
        local = fields.flag(self.shown, "local")
        return "@" not in (self.name or "").removeprefix("@") if local is None else local


def home_of(*profiles: Profile) -> str:
    """Name the server that made the export: that of the first local account which tells."""
    for profile in profiles:
        page = fields.text(profile.shown, "url")
        if profile.shown and profile.is_local and (host := host_of(profile.address) or host_of(page)):
            return host
    return UNKNOWN_INSTANCE


def account_key(profile: Profile, home: str) -> Key:
    """Tell what an account is filed under; by its handle only where the record shows nothing better."""
    if profile.is_local:
        flake = fields.text(profile.shown, "id")
        if flake is not None:
            return Key(PLATFORM, home, flake, IdKind.OPAQUE)
        platform, instance = PLATFORM, home
    else:
        if key := key_of(profile.address):
            return key
        platform, instance = FAMILY, (profile.name or "").rpartition("@")[2].lower() or UNKNOWN_INSTANCE
    if profile.handle is None:
        raise RejectedRecord("the account has neither an 'id' nor an 'acct'")
    return Key(platform, instance, f"@{profile.handle.lower()}", IdKind.HANDLE_ONLY)


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
        display_name=fields.text(profile.shown, "display_name"),
        bio=strip_html(fields.text(profile.shown, "note") or "") or None,
        url=fields.text(profile.shown, "url"),
        avatar_url=picture_of(fields.text(profile.shown, "avatar")),
        state=_state(profile.shown),
        created_at=created_at,
        created_at_precision=precision,
        last_active=fields.time(profile.shown, "last_status_at"),
    )


def subject_rows(
    profile: Profile, account: Account, context: Context, *, report_id: str
) -> Iterator[Account | Sighting]:
    """Give the reported account and its signals."""
    shown = fields.items(profile.shown, "fields")
    email = fields.text(profile.shown, "email")
    yield from profile_rows(
        account,
        source=context.source,
        keyring=context.keyring,
        report_id=report_id,
        links=links_in_html(fields.text(profile.shown, "note") or ""),
        declared=[
            Seen(name)
            for address in fields.texts(profile.shown, "pleroma.also_known_as")
            if (key := key_of(address))
            for name in key.names
        ],
        texts=[f"{fields.text(item, 'name') or ''}: {_value(item)}" for item in shown],
        emails=[Seen(email, context="registration")] if email else [],
    )


def reporter_ref(profile: Profile, home: str, context: Context) -> str | None:
    """Pseudonymise whoever reported. A server that forwards a report signs with itself: that is nobody."""
    if not profile.shown or is_server(profile.address or "") or (profile.handle or "").lower() in ("relay", home):
        return None
    key = account_key(profile, home)
    return context.keyring.reporter(key.platform, f"{key.instance}:{key.native_id}")


def target_name(acct: str, home: str) -> str:
    """Name whom a handle means, as the server writes it: a local one without its server."""
    user, _, host = acct.lower().removeprefix("@").partition("@")
    return f"{FAMILY}:{host}:{user}" if host and host != home else f"{PLATFORM}:{home}:{user}"


def _value(item: Record) -> str:
    html = fields.text(item, "value") or ""
    return " ".join([strip_html(html), *links_in_html(html)])


def _creation(profile: Profile, key: Key) -> tuple[datetime | None, Precision | None]:
    """Date the account; of a remote one this server knows when it first saw it, which is a bound and no more."""
    given = fields.time(profile.shown, "created_at")
    if not profile.is_local:
        from_id = key.created_at
        return from_id or given, Precision.DERIVED_FROM_ID if from_id else Precision.APPROXIMATE if given else None
    if given is None:
        return None, None
    at_midnight = given.hour == given.minute == given.second == given.microsecond == 0
    return given, Precision.DAY if at_midnight else Precision.EXACT


def _state(shown: Record) -> AccountState | None:
    """Read what the server shows. Not active is not suspended: its owner may have closed the account too."""
    active, deactivated = fields.flag(shown, "is_active"), fields.flag(shown, "deactivated")
    if active is False or deactivated or fields.flag(shown, "pleroma.deactivated"):
        return AccountState.DEACTIVATED
    if _LIMITS.intersection(fields.texts(shown, "tags")):
        return AccountState.LIMITED
    return None if active is deactivated is None else AccountState.ACTIVE
