"""The mod log, the ban list and mod notes → enforcements, and the moderators' claims of who is whose alt.

One ban shows up in all three. Its id is made of what they share (whom, what, the second), so it stays one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from graphmatch import fields
from graphmatch.adapter import Context
from graphmatch.allegations import claim_rows
from graphmatch.errors import LeftOut, RejectedRecord
from graphmatch.model import Account, Action, Content, Enforcement, Row, Scope
from graphmatch.normalise.actions import action as action_of
from graphmatch.normalise.text import redact
from graphmatch.profile import profile_rows
from ingest.reddit.things import (
    PLATFORM,
    account_of,
    address_of,
    content_id_of,
    words_of,
)

_BAN = "banuser"
_CONTENT = ("t1_", "t3_")
_DAYS = re.compile(r"(\d{1,4}) days?")
#: What a moderator noted, sorted or left as it is takes nothing from anybody.
_NO_SANCTION = frozenset({Action.NONE, Action.NOTE, Action.TRIAGE})


@dataclass(frozen=True, slots=True)
class _Act:
    """What a moderator did, in the words that log, ban list and notes share."""

    raw: str
    at: datetime | None
    account: Account | None
    content: str | None = None
    details: str | None = None
    reason: str | None = None
    community: str | None = None
    moderator: str | None = None


def log_rows(record: Mapping[str, Any], context: Context) -> Iterator[Row]:
    """Give the rows of a mod log entry; what is no sanction (settings, flair, wiki …) is left out.

    An entry about a post or comment names its author by handle only, and handles change: it is held against the
    content, which the mod queue ties to the account.
    """
    raw = fields.required_text(record, "action")
    fullname = fields.text(record, "target_fullname")
    at = fields.epoch(record, "created_utc")
    if fullname is None or not _is_sanction(raw):
        raise LeftOut("an entry of the mod log that is no sanction")
    about_content = fullname.startswith(_CONTENT)
    seen = context.observed_at or at
    if about_content:
        yield _log_content(record, fullname, seen)
    act = _Act(
        raw=raw,
        at=at,
        account=None if about_content else account_of(fullname, fields.text(record, "target_author"), seen),
        content=fullname if about_content else None,
        details=fields.text(record, "details"),
        reason=fields.text(record, "description"),
        community=fields.text(record, "subreddit"),
        moderator=fields.text(record, "mod"),
    )
    yield from _act_rows(act, context)


def ban_rows(record: Mapping[str, Any], context: Context) -> Iterator[Row]:
    """Give the rows of one entry of a ban list, which names neither the subreddit nor the moderator."""
    at = fields.epoch(record, "date")
    account = account_of(fields.text(record, "id"), fields.text(record, "name"), context.observed_at or at)
    if account is None:
        raise RejectedRecord("the fields 'id' and 'name' are both missing")
    details = "permanent" if fields.integer(record, "days_left") is None else "for some days"
    act = _Act(_BAN, at, account, details=details, reason=fields.text(record, "note"))
    yield from _act_rows(act, context)


def note_rows(record: Mapping[str, Any], context: Context) -> Iterator[Row]:
    """Give the rows of a mod note: the action that it stands for, and the claims in its words."""
    at = fields.epoch(record, "created_at")
    seen = context.observed_at or at
    account = account_of(fields.text(record, "user_id"), fields.text(record, "user"), seen)
    if account is None:
        raise RejectedRecord("the fields 'user_id' and 'user' are both missing")
    note_id = fields.required_text(record, "id")
    raw = fields.text(record, "mod_action_data.action")
    note = fields.text(record, "user_note_data.note")
    sanction = raw is not None and _is_sanction(raw)
    if not sanction and not note:
        raise LeftOut("a mod note that is no sanction and says nothing")
    if raw and sanction:
        about = fields.text(record, "mod_action_data.reddit_id") or ""
        act = _Act(
            raw=raw,
            at=at,
            account=account,
            content=about if about.startswith(_CONTENT) and not raw.endswith("user") else None,
            details=fields.text(record, "mod_action_data.details"),
            reason=fields.text(record, "mod_action_data.description"),
            community=fields.text(record, "subreddit"),
            moderator=fields.text(record, "operator"),
        )
        yield from _act_rows(act, context)
    if note:
        yield from profile_rows(account, source=context.source, report_id=None, keyring=context.keyring)
        where = f"{PLATFORM}:{note_id}"
        yield from claim_rows(note, account, where=where, asserted_by="moderator", asserted_at=at)


def _is_sanction(raw: str) -> bool:
    mapped = action_of(PLATFORM, raw)
    return mapped is not None and mapped not in _NO_SANCTION


def _log_content(record: Mapping[str, Any], fullname: str, seen: datetime | None) -> Content:
    title, body = (words_of(fields.text(record, path)) for path in ("target_title", "target_body"))
    # A comment's title is that of the thread it stands in; a post's title alone would hide its whole text.
    words = f"{title}\n{body}" if body and title and fullname.startswith("t3_") else body
    return Content(
        content_id=content_id_of(fullname),
        platform=PLATFORM,
        text=words,
        url=address_of(fields.text(record, "target_permalink")),
        observed_at=seen,
    )


def _act_rows(act: _Act, context: Context) -> Iterator[Row]:
    account = act.account
    if account is None and act.content is None:
        raise RejectedRecord("the field 'target_fullname' names neither an account nor a post or comment")
    if account:
        yield from profile_rows(account, source=context.source, report_id=None, keyring=context.keyring)
    enforcement = _enforcement(act, context)
    yield enforcement
    if account and enforcement.reason:
        where = enforcement.enforcement_id
        yield from claim_rows(act.reason, account, where=where, asserted_by="moderator", asserted_at=act.at)


def _enforcement(act: _Act, context: Context) -> Enforcement:
    subject = act.content or (act.account.native_id if act.account else "")
    second = int(act.at.timestamp()) if act.at else "unknown"
    found, expires = _refined(act)
    return Enforcement(
        enforcement_id=f"{PLATFORM}:{subject}:{act.raw}:{second}",
        platform=PLATFORM,
        source=context.source,
        action=found,
        action_raw=act.raw,
        scope=Scope.COMMUNITY,
        account_id=act.account.account_id if act.account else None,
        content_id=content_id_of(act.content) if act.content else None,
        scope_ref=act.community.lower() if act.community else None,
        at_earliest=act.at,
        at_latest=act.at,
        expires_at=expires,
        reason=redact(act.reason) if act.reason else None,
        by_ref=context.keyring.reporter(PLATFORM, act.moderator) if act.moderator else None,
    )


def _refined(act: _Act) -> tuple[Action, datetime | None]:
    """Tell a ban for some days from one for good, and when it ends."""
    mapped = action_of(PLATFORM, act.raw) or Action.TRIAGE
    if mapped is not Action.COMMUNITY_BAN_PERM or not act.details:
        return mapped, None
    days = _DAYS.search(act.details)
    if days:
        return Action.COMMUNITY_BAN_TEMP, act.at + timedelta(days=int(days[1])) if act.at else None
    permanent = "permanent" in act.details
    return Action.COMMUNITY_BAN_PERM if permanent else Action.COMMUNITY_BAN_TEMP, None
