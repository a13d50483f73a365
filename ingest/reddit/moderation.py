"""The mod log, the ban list and mod notes → enforcements, and the moderators' claims of who is whose alt.

One ban shows up in all three. Its id is made of what they share (whom, what, the second), so it stays one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from graphmatch import fields
from graphmatch.adapter import Context
from graphmatch.errors import RejectedRecord
from graphmatch.model import Account, Action, Content, Enforcement, Row, Scope
from graphmatch.normalise.actions import action as action_of
from graphmatch.normalise.text import redact
from graphmatch.profile import profile_rows
from ingest.reddit.things import (
    PLATFORM,
    account_of,
    address_of,
    claim_rows,
    content_id_of,
    words_of,
)

_BAN = "banuser"
_CONTENT = ("t1_", "t3_")
_DAYS = re.compile(r"(\d{1,4}) days?")
#: What a moderator noted, sorted or left as it is takes nothing from anybody.
_NO_SANCTION = frozenset({Action.NONE, Action.NOTE, Action.TRIAGE})


def log_rows(record: Mapping[str, Any], context: Context) -> Iterator[Row]:
    """Give the rows of a mod log entry; none for what is no sanction (settings, flair, wiki …).

    An entry about a post or comment names its author by handle only, and handles change: it is held against the
    content, which the mod queue ties to the account.
    """
    raw = fields.required_text(record, "action")
    fullname = fields.text(record, "target_fullname")
    at = fields.epoch(record, "created_utc")
    if fullname is None or action_of(PLATFORM, raw) in (None, *_NO_SANCTION):
        return
    account = None
    if fullname.startswith(_CONTENT):
        yield from _log_content(record, fullname, context.observed_at or at)
    else:
        account = account_of(fullname, fields.text(record, "target_author"), context.observed_at or at)
    yield from _enforcement_rows(
        _enforcement(
            context,
            raw=raw,
            account=account,
            content=fullname if fullname.startswith(_CONTENT) else None,
            at=at,
            details=fields.text(record, "details"),
            reason=fields.text(record, "description"),
            community=fields.text(record, "subreddit"),
            moderator=fields.text(record, "mod"),
        ),
        account,
        context,
    )


def ban_rows(record: Mapping[str, Any], context: Context) -> Iterator[Row]:
    """Give the rows of one entry of a ban list, which names neither the subreddit nor the moderator."""
    at = fields.epoch(record, "date")
    account = account_of(fields.text(record, "id"), fields.text(record, "name"), context.observed_at or at)
    if account is None:
        raise RejectedRecord("the fields 'id' and 'name' are both missing")
    days = fields.integer(record, "days_left")
    enforcement = _enforcement(
        context,
        raw=_BAN,
        account=account,
        content=None,
        at=at,
        details="permanent" if days is None else "for some days",
        reason=fields.text(record, "note"),
        community=None,
        moderator=None,
    )
    yield from _enforcement_rows(enforcement, account, context)


def note_rows(record: Mapping[str, Any], context: Context) -> Iterator[Row]:
    """Give the rows of a mod note: the action that it stands for, and the claims in its words."""
    at = fields.epoch(record, "created_at")
    account = account_of(
        fields.text(record, "user_id"), fields.text(record, "user"), context.observed_at or at
    )
    if account is None:
        raise RejectedRecord("the fields 'user_id' and 'user' are both missing")
    note_id = fields.required_text(record, "id")
    raw = fields.text(record, "mod_action_data.action")
    note = fields.text(record, "user_note_data.note")
    about = fields.text(record, "mod_action_data.reddit_id")
    if raw and action_of(PLATFORM, raw) not in (None, *_NO_SANCTION):
        enforcement = _enforcement(
            context,
            raw=raw,
            account=account,
            content=about if about and about.startswith(_CONTENT) and not raw.endswith("user") else None,
            at=at,
            details=fields.text(record, "mod_action_data.details"),
            reason=fields.text(record, "mod_action_data.description"),
            community=fields.text(record, "subreddit"),
            moderator=fields.text(record, "operator"),
        )
        yield from _enforcement_rows(enforcement, account, context)
    if note:
        yield from profile_rows(account, source=context.source, report_id=None, keyring=context.keyring)
        yield from claim_rows(f"{PLATFORM}:{note_id}", account.account_id, redact(note), at=at)


def _log_content(record: Mapping[str, Any], fullname: str, seen: datetime | None) -> Iterator[Content]:
    title, body = (words_of(fields.text(record, path)) for path in ("target_title", "target_body"))
    # A comment's title is that of the thread it stands in; a post without its body would hide the whole one.
    words = f"{title}\n{body}" if body and title and fullname.startswith("t3_") else body
    yield Content(
        content_id=content_id_of(fullname),
        platform=PLATFORM,
        text=words,
        url=address_of(fields.text(record, "target_permalink")),
        observed_at=seen,
    )


def _enforcement(
    context: Context,
    *,
    raw: str,
    account: Account | None,
    content: str | None,
    at: datetime | None,
    details: str | None,
    reason: str | None,
    community: str | None,
    moderator: str | None,
) -> Enforcement:
    subject = content or (account.native_id if account else None)
    if subject is None:
        raise RejectedRecord("the field 'target_fullname' names neither an account nor a post or comment")
    second = int(at.timestamp()) if at else "unknown"
    found, expires = _refined(raw, details, at)
    return Enforcement(
        enforcement_id=f"{PLATFORM}:{subject}:{raw}:{second}",
        platform=PLATFORM,
        source=context.source,
        action=found,
        action_raw=raw,
        scope=Scope.COMMUNITY,
        account_id=account.account_id if account else None,
        content_id=content_id_of(content) if content else None,
        scope_ref=community.lower() if community else None,
        at_earliest=at,
        at_latest=at,
        expires_at=expires,
        reason=redact(reason) if reason else None,
        by_ref=context.keyring.reporter(PLATFORM, moderator) if moderator else None,
    )


def _refined(raw: str, details: str | None, at: datetime | None) -> tuple[Action, datetime | None]:
    """Tell a ban for some days from one for good, and when it ends."""
    mapped = action_of(PLATFORM, raw) or Action.TRIAGE
    if mapped is not Action.COMMUNITY_BAN_PERM or not details:
        return mapped, None
    days = _DAYS.search(details)
    if days:
        return Action.COMMUNITY_BAN_TEMP, at + timedelta(days=int(days[1])) if at else None
    return (Action.COMMUNITY_BAN_PERM if "permanent" in details else Action.COMMUNITY_BAN_TEMP), None


def _enforcement_rows(
    enforcement: Enforcement, account: Account | None, context: Context
) -> Iterator[Row]:
    if account:
        yield from profile_rows(account, source=context.source, report_id=None, keyring=context.keyring)
    yield enforcement
    if account and enforcement.reason:
        yield from claim_rows(
            enforcement.enforcement_id,
            account.account_id,
            enforcement.reason,
            at=enforcement.at_earliest,
        )
