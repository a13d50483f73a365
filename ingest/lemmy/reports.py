"""A Lemmy report → its account, what was reported, whom it is aimed at, and what the reporter claims.

The report keeps the words as they were when it was made, and they are what was reported: the post itself may have
been changed since. ``resolved`` says that somebody closed the report, nothing about a sanction: those stand in the
modlog. Each kind of report counts its numbers for itself, so the kind is part of the id.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from graphmatch import fields
from graphmatch.adapter import Context
from graphmatch.allegations import alleged_category, claim_rows
from graphmatch.model import Account, Report, ReportStatus, Row, SourceKind, Target
from graphmatch.normalise.categories import CONTENT_FREE, Category
from graphmatch.normalise.text import redact
from graphmatch.normalise.times import latest
from ingest.lemmy.contents import LIVE, SNAPSHOT, content_id, content_row, hosts_of, mentions, words
from ingest.lemmy.persons import (
    PLATFORM,
    UNKNOWN_INSTANCE,
    account_row,
    home_of,
    key_at,
    mention_of,
    moment,
    person_rows,
    pseudonym,
)

Record = Mapping[str, Any]

KINDS = ("post", "comment", "private_message", "community")
#: Stands for "no reason given": the table's row for reasons, which are all free text.
_ANY_REASON = "*"


@dataclass(frozen=True, slots=True)
class _Case:
    """One report, taken apart: ``kind`` is that of the thing, ``path`` the report's own place in the record."""

    record: Record
    kind: str
    report_id: str
    reason: str | None
    category: Category
    reported_at: datetime | None
    seen: datetime | None

    @property
    def path(self) -> str:
        return f"{self.kind}_report"

    @property
    def content_free(self) -> bool:
        return self.category.leaf == CONTENT_FREE


def kind_of(record: Record) -> str | None:
    """Tell by its keys what a report is about; ``None`` if the record is no report."""
    return next((kind for kind in KINDS if f"{kind}_report" in record and kind in record), None)


def report_rows(record: Record, context: Context) -> Iterator[Row]:
    """Say what one report holds."""
    case = _case(record, context)
    account = _account(case)
    # Only the words as they were are dated by the report: those of today may have been changed at any time since.
    snapshot = words(record, case.path, SNAPSHOT[case.kind])
    text = snapshot or words(record, case.kind, LIVE[case.kind])
    targets = _targets(case, account, text)

    if account:
        path = f"{case.kind}_creator"
        yield from person_rows(record, path, account, context, report_id=case.report_id)
    yield from targets.values()
    content = content_row(
        record,
        case.kind,
        author=account.account_id if account else None,
        text=text,
        seen=case.reported_at if snapshot else None,
        keep=not case.content_free,
        target_ids=tuple(targets),
    )
    yield content
    yield _report(case, account, targets, context)
    if account and not case.content_free:
        yield from _claims(case, account)


def _case(record: Record, context: Context) -> _Case:
    kind = kind_of(record) or KINDS[0]
    path = f"{kind}_report"
    fields.required_mapping(record, path)
    number = fields.required_text(record, f"{path}.id")
    home = home_of(record)
    # Numbers are each server's own: without its name, the thing that was reported tells them apart.
    where = home if home != UNKNOWN_INSTANCE else f"{home}:{content_id(record, kind)}"
    reason = fields.text(record, f"{path}.reason")
    reported_at = moment(record, path, "published", "published_at")
    return _Case(
        record=record,
        kind=kind,
        report_id=f"{PLATFORM}:{where}:{kind}:{number}",
        reason=reason,
        category=alleged_category(PLATFORM, reason or _ANY_REASON, reason),
        reported_at=reported_at,
        seen=context.observed_at or latest(reported_at, moment(record, path, "updated", "updated_at")),
    )


def _account(case: _Case) -> Account | None:
    """Give whoever wrote what was reported; a report about a community is about nobody."""
    path = f"{case.kind}_creator"
    if case.kind == "community" or not fields.mapping(case.record, path):
        return None
    return account_row(case.record, path, case.seen, banned=fields.flag(case.record, "creator_banned"))


def _report(case: _Case, account: Account | None, targets: Mapping[str, Target], context: Context) -> Report:
    resolved = fields.flag(case.record, f"{case.path}.resolved")
    status = None if resolved is None else ReportStatus.RESOLVED if resolved else ReportStatus.OPEN
    return Report(
        report_id=case.report_id,
        source=context.source,
        source_kind=SourceKind.REPORT,
        platform=PLATFORM,
        account_id=account.account_id if account else None,
        category_raw=None,
        category_reported=case.category.leaf,
        specificity=case.category.specificity,
        gate=case.category.gate,
        reported_at=case.reported_at,
        observed_at=case.seen,
        reporter_ref=_reporter_ref(case, context),
        reporter_is_target=_reporter_is_target(case, targets),
        text=redact(case.reason) if case.reason and not case.content_free else None,
        status=status,
        status_raw=None if resolved is None else f"resolved={str(resolved).lower()}",
        content_ids=(content_id(case.record, case.kind),),
        target_ids=tuple(targets),
    )


def _claims(case: _Case, account: Account) -> Iterator[Row]:
    where = case.report_id
    yield from claim_rows(case.reason, account, where=where, report_id=where, asserted_at=case.reported_at)
    yield from claim_rows(
        fields.text(case.record, f"{case.path}.conclusion"),
        account,
        where=f"{where}:conclusion",
        report_id=where,
        asserted_by="moderator",
        asserted_at=moment(case.record, case.path, "updated", "updated_at"),
    )


def _reporter_ref(case: _Case, context: Context) -> str | None:
    if ref := pseudonym(case.record, "creator", context):
        return ref
    number = fields.text(case.record, f"{case.path}.creator_id") if key_at(case.record, "creator") is None else None
    return context.keyring.reporter(PLATFORM, f"{home_of(case.record)}:{number}") if number else None


def _targets(case: _Case, account: Account | None, text: str | None) -> dict[str, Target]:
    """Derive whom the words are aimed at: whom they mention, who got the message, who opened the thread."""
    own = mention_of(case.record, f"{case.kind}_creator") if account else None
    mentioned = mentions(text, hosts_of(case.record))
    named = {target_id: (handle, ["mention"]) for target_id, handle in mentioned.items()}
    if reporter := mention_of(case.record, "creator"):
        why = ["reporter"] if reporter in mentioned or _is_recipient(case) else []
        why += ["thread_owner"] if _opened_thread(case) else []
        named |= {reporter: (fields.text(case.record, "creator.name") or "", why)} if why else {}
    return {
        target_id: Target(
            target_id,
            platform=target_id.partition(":")[0],
            handle=handle,
            derivations=tuple(why),
            observed_at=case.seen,
        )
        for target_id, (handle, why) in named.items()
        if target_id != own
    }


def _is_recipient(case: _Case) -> bool:
    recipient = fields.text(case.record, "private_message.recipient_id")
    return recipient is not None and recipient == fields.text(case.record, f"{case.path}.creator_id")


def _opened_thread(case: _Case) -> bool:
    """Tell whether the reporter opened the thread in which the comment stands: a hint, and a weak one."""
    opener = fields.text(case.record, "post.creator_id")
    return case.kind == "comment" and opener is not None and opener == fields.text(case.record, "creator.id")


def _reporter_is_target(case: _Case, targets: Mapping[str, Target]) -> bool | None:
    """Tell whether the words were aimed at the reporter, where more than the thread says whom they were aimed at."""
    if _is_recipient(case):
        return True
    reporter = mention_of(case.record, "creator")
    if reporter and reporter in targets:
        return True if "reporter" in targets[reporter].derivations else None
    return False if reporter and targets else None
