"""A Mastodon account, in its admin's or its public shape → its key, its row and its sightings.

A local account is keyed by its number, a remote one by its actor URI (`graphmatch.normalise.fediverse`): the number of
a remote account is another one on every server. A suspended account arrives blank; blanks are ``None``, so that they
hide nothing that was seen.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from graphmatch import fields
from graphmatch.adapter import Context
from graphmatch.errors import RejectedRecord
from graphmatch.model import Account, AccountState, IdKind, Precision, Sighting
from graphmatch.normalise.fediverse import FAMILY, Key, host_of, key_of, picture_of
from graphmatch.normalise.links import account_of
from graphmatch.normalise.text import links_in_html, strip_html
from graphmatch.profile import Seen, profile_rows

PLATFORM = FAMILY
UNKNOWN_INSTANCE = "unknown"

Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Profile:
    """One account as a record shows it: ``shown`` is its public part, ``admin`` what only admins see (or empty)."""

    shown: Record
    admin: Record

    @property
    def domain(self) -> str | None:
        """The server of a remote account; ``None`` if local."""
        if self.admin:
            return fields.text(self.admin, "domain")
        _, _, domain = (fields.text(self.shown, "acct") or "").partition("@")
        return domain.lower() or None

    @property
    def username(self) -> str:
        """The handle without its server."""
        name = fields.text(self.shown, "username") or fields.text(self.admin, "username")
        name = name or (fields.text(self.shown, "acct") or "").partition("@")[0]
        if not name:
            raise RejectedRecord("the reported account has no 'username'")
        return name

    def instance(self, home: str) -> str:
        """Name the account's server; ``home`` is that of local accounts."""
        return (self.domain or home).lower()


def admin_profile(record: Record, path: str) -> Profile:
    """Read an ``Admin::Account`` at ``path``, whose public part stands inside it."""
    admin = fields.required_mapping(record, path)
    return Profile(fields.mapping(admin, "account"), admin)


def public_profile(record: Record, path: str) -> Profile:
    """Read an ``Account`` at ``path``."""
    return Profile(fields.required_mapping(record, path), {})


def home_of(*profiles: Profile) -> str:
    """Name the server that made the export: that of the first local account which tells."""
    for profile in profiles:
        if profile.domain is None:
            host = host_of(fields.text(profile.shown, "uri")) or host_of(fields.text(profile.shown, "url"))
            if host:
                return host
    return UNKNOWN_INSTANCE


def account_row(profile: Profile, home: str, seen: datetime | None, *, fallback: Record | None = None) -> Account:
    """Give the account's row; where the profile is blank, ``fallback`` (the author of a post) may still tell."""
    key = account_key(profile, home)
    created_at, precision = _creation(profile, key)
    return Account(
        account_id=key.account_id,
        platform=key.platform,
        instance=key.instance,
        native_id=key.native_id,
        id_kind=key.id_kind,
        observed_at=seen,
        handle=profile.username,
        display_name=_first("display_name", profile.shown, fallback),
        bio=strip_html(_first("note", profile.shown, fallback) or "") or None,
        url=fields.text(profile.shown, "url"),
        avatar_url=_avatar(profile.shown) or _avatar(fallback or {}),
        state=_state(profile),
        created_at=created_at,
        created_at_precision=precision,
        last_active=fields.time(profile.shown, "last_status_at"),
    )


def account_key(profile: Profile, home: str) -> Key:
    """Tell what an account is filed under."""
    if profile.domain is None:
        number = _number(profile)
        if number is None:
            raise RejectedRecord("the account has no 'id'")
        return Key(PLATFORM, home.lower(), number, IdKind.NUMERIC)
    uri = fields.text(profile.shown, "uri")
    if uri is None:
        raise RejectedRecord("the remote account has no 'uri'")
    return key_of(uri) or Key(PLATFORM, profile.domain.lower(), uri, IdKind.ACTOR_URI)


def subject_rows(
    profile: Profile, account: Account, context: Context, *, report_id: str | None, fallback: Record | None = None
) -> Iterator[Account | Sighting]:
    """Give the reported account and its signals."""
    shown = _fields_of(profile.shown, fallback)
    note = _first("note", profile.shown, fallback) or ""
    links, verified = _links(shown)
    yield from profile_rows(
        account,
        source=context.source,
        keyring=context.keyring,
        report_id=report_id,
        links=[*links_in_html(note), *links],
        verified_links=verified,
        declared=_moved(profile.shown, account),
        texts=[f"{fields.text(item, 'name') or ''}: {strip_html(fields.text(item, 'value') or '')}" for item in shown],
        emails=_emails(profile.admin),
        ips=_ips(profile.admin),
    )


def latest_sign_in(profile: Profile) -> datetime | None:
    """Give the last time at which one of the account's addresses was used."""
    times = (fields.time(item, "used_at") for item in fields.items(profile.admin, "ips"))
    return max((time for time in times if time), default=None)


def _number(profile: Profile) -> str | None:
    number = fields.text(profile.admin, "id") or fields.text(profile.shown, "id")
    if number is not None and not number.isdecimal():
        raise RejectedRecord("the field 'id' of a local account is not a whole number")
    return number


def _creation(profile: Profile, key: Key) -> tuple[datetime | None, Precision | None]:
    """Date the account. The public date is cut to its day; the number that it has at home holds the millisecond."""
    given = fields.time(profile.admin, "created_at") or fields.time(profile.shown, "created_at")
    from_id, remote = key.created_at, profile.domain is not None
    if given is None:
        return None, None
    at_midnight = given.hour == given.minute == given.second == given.microsecond == 0
    if not at_midnight and not remote:
        return given, Precision.EXACT
    if from_id and (remote or from_id.date() == given.date()):
        return from_id, Precision.DERIVED_FROM_ID
    return given, Precision.DAY if at_midnight else Precision.APPROXIMATE


def _state(profile: Profile) -> AccountState | None:
    flags = (profile.admin, profile.shown)
    if any(fields.flag(part, "suspended") for part in flags):
        return AccountState.SUSPENDED
    limits = [fields.flag(profile.admin, name) for name in ("silenced", "sensitized", "disabled")]
    if any(limits) or fields.flag(profile.shown, "limited"):
        return AccountState.LIMITED
    return AccountState.ACTIVE if profile.admin else None


def _first(name: str, *parts: Record | None) -> str | None:
    return next((found for part in parts if part and (found := fields.text(part, name))), None)


def _avatar(shown: Record) -> str | None:
    return picture_of(fields.text(shown, "avatar"))


def _fields_of(shown: Record, fallback: Record | None) -> list[Record]:
    return fields.items(shown, "fields") or fields.items(fallback or {}, "fields")


def _links(shown: Sequence[Record]) -> tuple[list[str], list[str]]:
    links: list[str] = []
    verified: list[str] = []
    for item in shown:
        found = links_in_html(fields.text(item, "value") or "")
        (verified if fields.time(item, "verified_at") else links).extend(found)
    return links, verified


def _moved(shown: Record, account: Account) -> list[Seen]:
    moved = fields.mapping(shown, "moved")
    if not moved:
        return []
    profile = Profile(moved, {})
    home = host_of(fields.text(moved, "url")) or account.instance
    named = (
        account_of(fields.text(moved, "url") or "") or f"{PLATFORM}:{profile.instance(home)}:{profile.username.lower()}"
    )
    key = key_of(fields.text(moved, "uri"))
    return [Seen(name, context="moved") for name in dict.fromkeys((named, *((key.account_id,) if key else ())))]


def _emails(admin: Record) -> list[Seen]:
    email = fields.text(admin, "email")
    return [Seen(email, context="registration")] if email else []


def _ips(admin: Record) -> list[Seen]:
    found = [
        Seen(address, fields.time(item, "used_at"), "signin")
        for item in fields.items(admin, "ips")
        if (address := fields.text(item, "ip"))
    ]
    # Mastodon before 3.5 gave an object here, later versions the bare address.
    last = fields.value(admin, "ip")
    address = fields.text(last, "ip") if isinstance(last, Mapping) else fields.text(admin, "ip")
    known = {seen.value for seen in found}
    return [*found, Seen(address, context="signin")] if address and address not in known else found
