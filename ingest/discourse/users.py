"""A user as a forum's admins see it → the account with its addresses and log-ins, and what the forum did to it.

A suspension shows with its time. A silence mostly shows its end only, so that its time is not known. What was lifted
does not show at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from graphmatch import fields
from graphmatch.adapter import Context, Options
from graphmatch.allegations import claim_rows
from graphmatch.errors import LeftOut, RejectedRecord
from graphmatch.model import Account, AccountState, Action, Enforcement, IdKind, Precision, Row, Scope, Sighting
from graphmatch.normalise.actions import action
from graphmatch.normalise.markdown import links_in_markdown, strip_markdown
from graphmatch.normalise.text import redact, strip_html
from graphmatch.normalise.times import latest
from graphmatch.profile import Seen, profile_rows
from ingest.discourse.accounts import (
    PLATFORM,
    UNKNOWN_INSTANCE,
    account_id,
    is_system,
    log_ins,
    own_fields,
    profile_url,
)

Record = Mapping[str, Any]

#: Nobody waits so long: how Discourse writes "for good".
FOR_GOOD_YEARS = 200
#: What an end is held against where the beginning is not known: before this year there was no Discourse.
_FIRST_YEAR = 2013
_YEAR = re.compile(r"\s*(\d{4,6})-")
_LONGEST_IN_ID = 40


@dataclass(frozen=True, slots=True)
class _Sanction:
    """What a forum did to a user; ``word`` is its name in the fields' names (``suspended_till``)."""

    word: str
    since: datetime | None
    until: datetime | None
    until_text: str | None
    reason: str | None
    by: str | None

    @property
    def for_good(self) -> bool:
        """Tell whether its end is so far away that it has none."""
        year = _YEAR.match(self.until_text or "")
        begun = self.since.year if self.since else _FIRST_YEAR
        return year is not None and int(year[1]) - begun >= FOR_GOOD_YEARS

    def is_over(self, seen: datetime | None) -> bool:
        """Tell whether it had ended when the record was pulled, as far as that is known."""
        return self.until is not None and seen is not None and self.until < seen


def user_rows(record: Record, context: Context, home: str, options: Options) -> Iterator[Row]:
    """Say what one admin user holds."""
    number = fields.integer(record, "id")
    if number is None:
        raise RejectedRecord("the field 'id' is missing or blank")
    username = fields.required_text(record, "username")
    if is_system(number):
        raise LeftOut("the forum itself, or one of its bots")
    if not options.wants(str(number), username):
        raise LeftOut("an account that was not asked for")
    suspension, silence = _suspension(record), _silence(record)
    if not suspension and not silence and any(fields.flag(record, name) for name in ("admin", "moderator")):
        raise LeftOut("an account of the forum's staff")
    account = _account(record, context, home, number)

    yield from _profile(record, account, context)
    for sanction in (suspension, silence):
        if sanction:
            yield from _sanction_rows(sanction, account, context)


def _account(record: Record, context: Context, home: str, number: int) -> Account:
    username = fields.text(record, "username")
    bio = fields.text(record, "bio_raw")
    created_at = fields.time(record, "created_at")
    seen = context.observed_at or _latest_time(record)
    return Account(
        account_id=account_id(home, number),
        platform=PLATFORM,
        instance=home,
        native_id=str(number),
        id_kind=IdKind.NUMERIC,
        observed_at=seen,
        handle=username,
        display_name=fields.text(record, "name"),
        bio=strip_markdown(bio) if bio else None,
        url=profile_url(home, username),
        location=fields.text(record, "location"),
        state=_state(record, context.observed_at),
        created_at=created_at,
        created_at_precision=Precision.EXACT if created_at else None,
        last_active=fields.time(record, "last_seen_at"),
    )


def _latest_time(record: Record) -> datetime | None:
    return latest(*(fields.time(record, name) for name in ("last_seen_at", "suspended_at", "created_at")))


def _state(record: Record, pulled: datetime | None) -> AccountState | None:
    suspension, silence = _suspension(record), _silence(record)
    if suspension and not suspension.is_over(pulled) and fields.flag(record, "suspended") is not False:
        return AccountState.SUSPENDED
    if silence and not silence.is_over(pulled):
        return AccountState.LIMITED
    active = fields.flag(record, "active")
    return None if active is None else AccountState.ACTIVE if active else AccountState.DEACTIVATED


def _profile(record: Record, account: Account, context: Context) -> Iterator[Account | Sighting]:
    declared, shown = log_ins(record)
    own = [fields.text(record, name) for name in ("email", "single_sign_on_record.external_email")]
    own += [*fields.texts(record, "secondary_emails"), *fields.texts(record, "unconfirmed_emails")]
    last, first = fields.text(record, "ip_address"), fields.text(record, "registration_ip_address")
    website = fields.text(record, "website")
    yield from profile_rows(
        account,
        source=context.source,
        keyring=context.keyring,
        links=[*([website] if website else []), *links_in_markdown(fields.text(record, "bio_raw") or "")],
        declared=declared,
        texts=own_fields(record, "user_fields"),
        emails=[*(Seen(email, context="registration") for email in own if email), *shown],
        ips=[
            *([Seen(first, account.created_at, "registration")] if first else []),
            *([Seen(last, account.last_active, "signin")] if last else []),
        ],
    )


def _suspension(record: Record) -> _Sanction | None:
    since = fields.time(record, "suspended_at")
    if since is None and fields.text(record, "suspended_till") is None:
        return None
    return _sanction(record, "suspended", since, ("full_suspend_reason", "suspend_reason"))


def _silence(record: Record) -> _Sanction | None:
    if fields.text(record, "silenced_till") is None and not fields.flag(record, "silenced"):
        return None
    return _sanction(record, "silenced", fields.time(record, "silenced_at"), ("full_silence_reason", "silence_reason"))


def _sanction(record: Record, word: str, since: datetime | None, why: tuple[str, ...]) -> _Sanction:
    reason = next((found for name in why if (found := fields.text(record, name))), None)
    return _Sanction(
        word=word,
        since=since,
        until=fields.time(record, f"{word}_till"),
        until_text=fields.text(record, f"{word}_till"),
        reason=strip_html(reason) if reason else None,
        by=fields.text(record, f"{word}_by.id"),
    )


def _sanction_rows(sanction: _Sanction, account: Account, context: Context) -> Iterator[Row]:
    raw = f"user.{sanction.word}_till"
    mapped = action(PLATFORM, raw) or Action.TRIAGE
    if mapped is Action.ACCOUNT_SUSPENDED_TEMP and sanction.for_good:
        mapped = Action.ACCOUNT_SUSPENDED_PERM
    where = f"{account.account_id}:{sanction.word}:{_named(sanction)}"
    by = f"{account.instance}:{sanction.by}"
    yield Enforcement(
        enforcement_id=where,
        platform=PLATFORM,
        source=context.source,
        action=mapped,
        action_raw=raw,
        scope=Scope.INSTANCE,
        account_id=account.account_id,
        scope_ref=None if account.instance == UNKNOWN_INSTANCE else account.instance,
        at_earliest=sanction.since,
        at_latest=sanction.since,
        expires_at=None if sanction.for_good else sanction.until,
        reason=redact(sanction.reason) if sanction.reason else None,
        by_ref=context.keyring.reporter(PLATFORM, by) if sanction.by else None,
    )
    yield from claim_rows(sanction.reason, account, where=where, asserted_by="moderator", asserted_at=sanction.since)


def _named(sanction: _Sanction) -> str:
    """Name a suspension by when it began, a silence by when it ends: what every export of it says."""
    known = sanction.since if sanction.word == "suspended" else sanction.until
    known = known or sanction.until or sanction.since
    return known.isoformat() if known else (sanction.until_text or "unknown")[:_LONGEST_IN_ID]
