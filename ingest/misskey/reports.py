"""A Misskey report → its account, the note, the report itself, and what its words and the moderators' notes claim.

The note that is meant stands in the comment, in lines that Misskey's form wrote (``Note: <address>``), which whoever
reports could change. ``resolvedAs`` is the moderators' verdict on the report; a sanction it is not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from graphmatch import fields
from graphmatch.adapter import Context
from graphmatch.allegations import alleged_category, claim_rows
from graphmatch.errors import RejectedRecord
from graphmatch.model import Account, Content, Report, ReportStatus, Row, SourceKind
from graphmatch.normalise.categories import CONTENT_FREE
from graphmatch.normalise.fediverse import Noted, home_address, host_of, noted, post_id
from graphmatch.normalise.text import redact
from graphmatch.normalise.times import from_aidx
from ingest.misskey.accounts import PLATFORM, Profile, account_row, home_of, profile, reporter_ref, subject_rows

Record = Mapping[str, Any]

_VERDICTS = {"accept": ReportStatus.UPHELD, "reject": ReportStatus.DISMISSED}


def report_rows(record: Record, context: Context) -> Iterator[Row]:
    """Say what one report holds."""
    if not fields.mapping(record, "targetUser"):
        raise RejectedRecord("the field 'targetUser' is missing")
    subject, reporter = profile(record, "targetUser"), profile(record, "reporter")
    assignee = Profile(fields.mapping(record, "assignee"), None)
    comment = noted(fields.text(record, "comment") or "")
    words = comment.words
    home = home_of(comment, subject, reporter, assignee)
    number = fields.required_text(record, "id")
    reported_at = fields.time(record, "createdAt") or from_aidx(number)
    seen = context.observed_at or reported_at
    account = account_row(subject, home, seen)
    report_id = f"{PLATFORM}:{home}:{number}"
    found = alleged_category(PLATFORM, "*", words or None)
    content_free = found.leaf == CONTENT_FREE
    content = _content(comment, subject, account, home, seen, content_free=content_free)

    yield from subject_rows(subject, account, home, context, report_id=report_id)
    if content:
        yield content
    yield Report(
        report_id=report_id,
        source=context.source,
        source_kind=SourceKind.REPORT,
        platform=PLATFORM,
        account_id=account.account_id,
        category_raw=None,
        category_reported=found.leaf,
        specificity=found.specificity,
        gate=found.gate,
        reported_at=reported_at,
        observed_at=seen,
        reporter_ref=reporter_ref(reporter, home, context),
        text=redact(words) if words and not content_free else None,
        status=_status(record),
        status_raw=_status_raw(record),
        content_ids=(content.content_id,) if content else (),
    )
    if content_free:
        return
    yield from claim_rows(words, account, where=report_id, report_id=report_id, asserted_at=reported_at)
    for where, note in (
        (f"{report_id}:note", fields.text(record, "moderationNote")),
        (f"{account.account_id}:note", fields.text(subject.shown, "moderationNote")),
    ):
        yield from claim_rows(note, account, where=where, report_id=report_id, asserted_by="moderator")


def _status(record: Record) -> ReportStatus | None:
    verdict = _VERDICTS.get(fields.text(record, "resolvedAs") or "")
    resolved = fields.flag(record, "resolved")
    if resolved is False:
        return ReportStatus.OPEN
    return verdict or (ReportStatus.RESOLVED if resolved else None)


def _status_raw(record: Record) -> str | None:
    resolved, verdict = fields.flag(record, "resolved"), fields.text(record, "resolvedAs")
    said = [] if resolved is None else [f"resolved={str(resolved).lower()}"]
    return " ".join([*said, f"resolvedAs={verdict}"] if verdict else said) or None


def _content(
    comment: Noted, subject: Profile, account: Account, home: str, seen: datetime | None, *, content_free: bool
) -> Content | None:
    """Name the note that a report points at, of which no more is told than its address."""
    shown = comment.note or comment.page
    if shown is None:
        return None
    address = home_address(shown, fields.text(subject.shown, "uri"))
    at_home = host_of(address) in (home if subject.host is None else account.instance, subject.host)
    # A local note's id holds its time.
    local_id = address.rpartition("/notes/")[2] if host_of(address) == home else ""
    content_id = post_id(address)
    return Content(
        content_id=content_id,
        platform=content_id.partition(":")[0],
        # Whoever reports may have put in another's note.
        account_id=account.account_id if at_home else None,
        url=None if content_free else shown,
        created_at=from_aidx(local_id),
        observed_at=seen,
    )
