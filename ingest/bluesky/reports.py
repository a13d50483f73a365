"""A report as Ozone views it (``reportView``) → its account, record, targets, the report, and its sanctions.

A report and the ``modEventReport`` event behind it are one Report: its id is the event's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from graphmatch import fields
from graphmatch.adapter import Context
from graphmatch.allegations import alleged_category, claim_rows
from graphmatch.model import Account, Content, Report, ReportStatus, Row, SourceKind, Target
from graphmatch.normalise.categories import CONTENT_FREE, Category
from graphmatch.normalise.text import redact
from graphmatch.normalise.times import latest
from ingest.bluesky.accounts import (
    INSTANCE,
    PLATFORM,
    account_rows,
    content_stub,
    did_in,
    full_account,
    handle_of,
    state_in,
)
from ingest.bluesky.events import sanction_rows

Record = Mapping[str, Any]

_STATUS = {
    "open": ReportStatus.OPEN,
    "queued": ReportStatus.OPEN,
    "assigned": ReportStatus.OPEN,
    "escalated": ReportStatus.ESCALATED,
    "closed": ReportStatus.RESOLVED,
}


def report_rows(record: Record, context: Context) -> Iterator[Row]:
    """Say what one report holds."""
    view = fields.required_mapping(record, "subject")
    seen = context.observed_at or _latest_time(record)
    comment = fields.text(record, "comment")
    raw = fields.required_text(record, "reportType")
    found = alleged_category(PLATFORM, raw, comment)
    account = _account(record, view, seen)
    number = fields.text(record, "eventId")
    report_id = f"{PLATFORM}:{number}" if number else f"{PLATFORM}:report:{fields.required_text(record, 'id')}"
    targets = _targets(record, view, seen)
    content = _content(view, seen, tuple(targets), content_free=found.leaf == CONTENT_FREE)

    if account:
        yield from account_rows(account, view, context, report_id)
    yield from targets.values()
    if content:
        yield content
    report = _report(record, context, found)
    yield replace(
        report,
        report_id=report_id,
        account_id=account.account_id if account else None,
        observed_at=seen,
        reporter_is_target=_is_target(record, targets),
        content_ids=(content.content_id,) if content else (),
        target_ids=tuple(targets),
    )
    if account and found.leaf != CONTENT_FREE:
        at = report.reported_at
        yield from claim_rows(comment, account, where=report_id, report_id=report_id, asserted_at=at)
    for action in fields.items(record, "actions"):
        yield from sanction_rows(action, context)


def _report(record: Record, context: Context, found: Category) -> Report:
    """Read what stands in the report itself, apart from its subject."""
    reporter = did_in(fields.text(record, "reportedBy"))
    status = fields.text(record, "status")
    comment = fields.text(record, "comment") if found.leaf != CONTENT_FREE else None
    automated = fields.flag(record, "isAutomated")
    return Report(
        report_id="",
        source=context.source,
        source_kind=SourceKind.AUTOMATED_FLAG if automated else SourceKind.REPORT,
        platform=PLATFORM,
        account_id=None,
        category_raw=fields.text(record, "reportType"),
        category_reported=found.leaf,
        specificity=found.specificity,
        gate=found.gate,
        reported_at=fields.time(record, "createdAt"),
        reporter_ref=context.keyring.reporter(PLATFORM, reporter) if reporter else None,
        text=redact(comment) if comment else None,
        status=_STATUS.get(status or ""),
        status_raw=status,
    )


def _is_target(record: Record, targets: Mapping[str, Target]) -> bool | None:
    reporter = did_in(fields.text(record, "reportedBy"))
    return _target_id(reporter) in targets if reporter and targets else None


def _latest_time(record: Record) -> datetime | None:
    paths = ("updatedAt", "createdAt", "subjectStatus.updatedAt", "subject.status.updatedAt")
    return latest(*(fields.time(record, path) for path in paths))


def _account(record: Record, view: Record, seen: datetime | None) -> Account | None:
    """Read the account from wherever the subject names it: a conversation's report may name none."""
    paths = ("repo.did", "profile.did", "subject", "record.uri")
    did = next((found for path in paths if (found := did_in(fields.text(view, path)))), None)
    if did is None:
        return None
    statuses = (
        fields.mapping(view, "repo.moderation.subjectStatus"),
        fields.mapping(view, "status"),
        fields.mapping(record, "subjectStatus"),
    )
    state = next((found for status in statuses if (found := state_in(status))), None)
    return full_account(did, view, seen, state)


def _content(view: Record, seen: datetime | None, target_ids: tuple[str, ...], *, content_free: bool) -> Content | None:
    named = fields.text(view, "subject") or ""
    uri = fields.text(view, "record.uri") or (named if "/" in named.removeprefix("at://") else None)
    if uri is None:
        return None
    stub = content_stub(uri, seen)
    if content_free:
        return replace(stub, url=None, target_ids=target_ids)
    text = fields.text(view, "record.value.text")
    return replace(
        stub,
        text=redact(text) if text else None,
        created_at=fields.time(view, "record.value.createdAt") or stub.created_at,
        target_ids=target_ids,
    )


def _targets(record: Record, view: Record, seen: datetime | None) -> dict[str, Target]:
    """Derive who the post is aimed at: whom it mentions, and whom it answers. No platform names the target."""
    author = did_in(fields.text(view, "record.uri"))
    reporter = did_in(fields.text(record, "reportedBy"))
    found: dict[str, Target] = {}
    parent = did_in(fields.text(view, "record.value.reply.parent.uri"))
    named: dict[str, str | None] = {parent: None} if parent else {}
    derivations = {parent: "reply_parent"}
    for did, handle in _mentions(view):
        named[did] = handle
        derivations.setdefault(did, "mention")
    for did, handle in named.items():
        if did == author:
            continue
        by_reporter = did == reporter
        known = handle_of(fields.text(record, "reporter.repo.handle")) if by_reporter else None
        derivation = "reporter" if by_reporter else derivations[did]
        target_id = _target_id(did)
        found[target_id] = Target(target_id, PLATFORM, handle or known, derivations=(derivation,), observed_at=seen)
    return found


def _mentions(view: Record) -> Iterator[tuple[str, str | None]]:
    """List mentioned DIDs with the handle that the text shows; facets count bytes."""
    text = (fields.text(view, "record.value.text") or "").encode()
    for facet in fields.items(view, "record.value.facets"):
        start, end = fields.integer(facet, "index.byteStart"), fields.integer(facet, "index.byteEnd")
        shown = text[start:end].decode(errors="replace") if start is not None and end is not None else ""
        for feature in fields.items(facet, "features"):
            did = did_in(fields.text(feature, "did"))
            if did:
                yield did, handle_of(shown[1:]) if shown.startswith("@") and len(shown) > 1 else None


def _target_id(did: str) -> str:
    return f"{PLATFORM}:{INSTANCE}:{did}"
