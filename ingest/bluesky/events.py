"""A moderation event as Ozone views it (``modEventView``) → a report, a sanction, or a change that the network tells.

Muting, tagging, commenting and escalating concern the moderators' queue: they are no sanctions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from graphmatch import fields
from graphmatch.adapter import Context
from graphmatch.allegations import alleged_category, claim_rows
from graphmatch.errors import LeftOut
from graphmatch.model import Account, Action, Enforcement, Report, Row, Scope, SourceKind
from graphmatch.normalise.actions import action
from graphmatch.normalise.categories import CONTENT_FREE
from graphmatch.normalise.text import redact
from graphmatch.normalise.times import latest, plausible
from ingest.bluesky.accounts import (
    PLATFORM,
    account_rows,
    content_stub,
    did_in,
    hosting_state,
    plain_account,
    subject_of,
)

Record = Mapping[str, Any]

_DEFS = "tools.ozone.moderation.defs#"
_REPORT = "modEventReport"
#: What of Ozone's vocabulary is a sanction; ``none`` is a report that was looked at and left.
_SANCTIONS = frozenset(
    {
        Action.NONE,
        Action.WARNING,
        Action.LABEL,
        Action.CONTENT_REMOVED,
        Action.CONTENT_RESTORED,
        Action.ACCOUNT_SUSPENDED_PERM,
        Action.ACCOUNT_RESTORED,
        Action.LOGIN_DISABLED,
    }
)
_ON_RECORD = {
    Action.ACCOUNT_SUSPENDED_PERM: Action.CONTENT_REMOVED,
    Action.ACCOUNT_RESTORED: Action.CONTENT_RESTORED,
}
_HIDING = frozenset({"!hide", "!takedown"})
_LONGEST_HOURS = 24 * 366 * 100


def event_rows(record: Record, context: Context) -> Iterator[Row]:
    """Say what one event holds."""
    kind = _kind(record)
    at = fields.time(record, "createdAt")
    did, uri = subject_of(fields.required_mapping(record, "subject"))
    if did is None:
        raise LeftOut("an event about a conversation, which names no account")
    account = _account(
        record, did, uri, kind, context.observed_at or latest(at, fields.time(record, "event.timestamp"))
    )
    report_id = f"{PLATFORM}:{fields.required_text(record, 'id')}" if kind == _REPORT else None
    yield from account_rows(account, {}, context, report_id)
    if uri:
        yield content_stub(uri, account.observed_at)
    if report_id:
        yield from _report_rows(record, context, account, uri, report_id)
    else:
        yield from sanction_rows(record, context)


def sanction_rows(record: Record, context: Context) -> Iterator[Enforcement]:
    """Give the sanction that an event is, if it is one."""
    kind = _kind(record)
    did, uri = subject_of(fields.mapping(record, "subject"))
    found = _sanction(record, kind, on_record=uri is not None)
    if found is None or did is None:
        return
    at = fields.time(record, "createdAt")
    comment = fields.text(record, "event.comment")
    by = did_in(fields.text(record, "createdBy"))
    yield Enforcement(
        enforcement_id=f"{PLATFORM}:event:{fields.required_text(record, 'id')}",
        platform=PLATFORM,
        source=context.source,
        action=found,
        action_raw=kind,
        scope=Scope.PLATFORM,
        account_id=plain_account(did, None, None).account_id,
        content_id=f"{PLATFORM}:{uri}" if uri else None,
        at_earliest=at,
        at_latest=at,
        expires_at=_expiry(at, fields.integer(record, "event.durationInHours")),
        reason=redact(comment) if comment else None,
        policies=tuple(fields.texts(record, "event.policies")),
        by_ref=context.keyring.reporter(PLATFORM, by) if by else None,
    )


def _kind(record: Record) -> str:
    return fields.required_text(record, "event.$type").removeprefix(_DEFS)


def _account(record: Record, did: str, uri: str | None, kind: str, seen: datetime | None) -> Account:
    """Give the account, with what an event of the network says of it: a new handle, a changed state."""
    handle = fields.text(record, "subjectHandle")
    state = None
    if kind == "identityEvent":
        handle = fields.text(record, "event.handle") or handle
        seen = fields.time(record, "event.timestamp") or seen
    elif kind == "accountEvent" and uri is None:
        seen = fields.time(record, "event.timestamp") or seen
        state = hosting_state(fields.text(record, "event.status"))
    return plain_account(did, handle, seen, state)


def _report_rows(record: Record, context: Context, account: Account, uri: str | None, report_id: str) -> Iterator[Row]:
    comment = fields.text(record, "event.comment")
    raw = fields.text(record, "event.reportType")
    found = alleged_category(PLATFORM, raw, comment)
    comment = None if found.leaf == CONTENT_FREE else comment
    reporter = did_in(fields.text(record, "createdBy"))
    reported_at = fields.time(record, "createdAt")
    yield Report(
        report_id=report_id,
        source=context.source,
        source_kind=SourceKind.REPORT,
        platform=PLATFORM,
        account_id=account.account_id,
        category_raw=raw,
        category_reported=found.leaf,
        specificity=found.specificity,
        gate=found.gate,
        reported_at=reported_at,
        observed_at=account.observed_at,
        reporter_ref=context.keyring.reporter(PLATFORM, reporter) if reporter else None,
        text=redact(comment) if comment else None,
        content_ids=(f"{PLATFORM}:{uri}",) if uri else (),
    )
    yield from claim_rows(comment, account, where=report_id, report_id=report_id, asserted_at=reported_at)


def _sanction(record: Record, kind: str, *, on_record: bool) -> Action | None:
    found = action(PLATFORM, f"{_DEFS}{kind}")
    if found not in _SANCTIONS:
        return None
    if found is Action.LABEL:
        labels = set(fields.texts(record, "event.createLabelVals"))
        return label_action(labels, on_record=on_record) if labels else None  # only taking labels off is no sanction
    if on_record:
        return _ON_RECORD.get(found, found)
    if found is Action.ACCOUNT_SUSPENDED_PERM and fields.integer(record, "event.durationInHours"):
        return Action.ACCOUNT_SUSPENDED_TEMP
    return found


def label_action(labels: set[str], *, on_record: bool) -> Action:
    """Tell what labels come to: some of them hide what they are put on."""
    if labels & _HIDING:
        return Action.CONTENT_RESTRICTED if on_record else Action.ACCOUNT_LIMITED
    return Action.LABEL


def _expiry(at: datetime | None, hours: int | None) -> datetime | None:
    if at is None or not hours or not 0 < hours <= _LONGEST_HOURS:
        return None
    return plausible(at + timedelta(hours=hours))
