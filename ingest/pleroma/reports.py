"""A Pleroma report → its account, posts, targets, the report itself, and what its words and notes claim.

``account`` is who was reported and ``actor`` who reports: the reverse of Mastodon. ``state`` tells whether the ticket
is open, and nothing about a sanction or a verdict.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from graphmatch import fields
from graphmatch.adapter import Context
from graphmatch.allegations import alleged_category, claim_rows
from graphmatch.model import Account, Content, LinkClaim, Report, ReportStatus, Row, SourceKind, Target
from graphmatch.normalise.categories import CONTENT_FREE
from graphmatch.normalise.fediverse import home_address, host_of, noted, post_id
from graphmatch.normalise.text import redact, strip_html
from graphmatch.normalise.times import latest
from ingest.pleroma.accounts import (
    PLATFORM,
    UNKNOWN_INSTANCE,
    Profile,
    account_key,
    account_row,
    home_of,
    reporter_ref,
    subject_rows,
    target_name,
)

Record = Mapping[str, Any]

_STATUSES = {"open": ReportStatus.OPEN, "closed": ReportStatus.RESOLVED, "resolved": ReportStatus.RESOLVED}


def report_rows(record: Record, context: Context) -> Iterator[Row]:
    """Say what one report holds."""
    subject, reporter = (Profile(fields.mapping(record, name)) for name in ("account", "actor"))
    statuses, notes = fields.items(record, "statuses"), fields.items(record, "notes")
    home = _home(record, subject, reporter, statuses, notes)
    seen = context.observed_at or _latest_time(record, statuses, notes)
    account = account_row(subject, home, seen) if subject.shown else None
    report_id = f"{PLATFORM}:{home}:{fields.required_text(record, 'id')}"
    comment = noted(fields.text(record, "content") or "")
    words = strip_html(comment.words) or None
    reported_at = fields.time(record, "created_at")
    found = alleged_category(PLATFORM, "*", words)
    content_free = found.leaf == CONTENT_FREE
    contents = [_content(status, account, home, seen, content_free=content_free) for status in statuses]
    if not statuses and comment.note:
        contents = [_noted_content(comment.note, subject, account, seen)]
    made_by = reporter_ref(reporter, home, context)
    reporter_name = target_name(reporter.name, home) if made_by and reporter.name else None
    targets = _targets(statuses, home, subject, reporter_name, seen)

    if account:
        yield from subject_rows(subject, account, context, report_id=report_id)
    yield from targets.values()
    yield from contents
    yield Report(
        report_id=report_id,
        source=context.source,
        source_kind=SourceKind.REPORT,
        platform=PLATFORM,
        account_id=account.account_id if account else None,
        category_raw=None,
        category_reported=found.leaf,
        specificity=found.specificity,
        gate=found.gate,
        reported_at=reported_at,
        observed_at=seen,
        reporter_ref=made_by,
        reporter_is_target=reporter_name in targets if made_by and targets else None,
        text=redact(words) if words and not content_free else None,
        status=_STATUSES.get((fields.text(record, "state") or "").lower()),
        status_raw=fields.text(record, "state"),
        content_ids=tuple(dict.fromkeys(content.content_id for content in contents)),
        target_ids=tuple(targets),
    )
    if account and not content_free:
        yield from claim_rows(words, account, where=report_id, report_id=report_id, asserted_at=reported_at)
        yield from _noted_claims(notes, account, report_id)


def _home(record: Record, subject: Profile, reporter: Profile, statuses: list[Record], notes: list[Record]) -> str:
    """Name the server that made the export; where no account tells, a post that is at home there may."""
    authors = (Profile(fields.mapping(status, "account")) for status in statuses)
    staff = (Profile(fields.mapping(note, "user")) for note in notes)
    told = home_of(subject, reporter, Profile(fields.mapping(record, "assigned_account")), *staff, *authors)
    if told != UNKNOWN_INSTANCE:
        return told
    local = (status for status in statuses if fields.flag(status, "pleroma.local"))
    return next((host for status in local if (host := host_of(fields.text(status, "uri")))), told)


def _latest_time(record: Record, statuses: list[Record], notes: list[Record]) -> datetime | None:
    return latest(*(fields.time(part, "created_at") for part in (record, *statuses, *notes)))


def _content(
    status: Record, subject: Account | None, home: str, seen: datetime | None, *, content_free: bool
) -> Content:
    """Read a post; of one that was deleted only its number is left, so that nothing known of it is blanked."""
    uri = fields.text(status, "uri")
    text = strip_html(fields.text(status, "content") or "")
    warning = fields.text(status, "spoiler_text")
    text = f"{warning}: {text}" if warning else text
    author = Profile(fields.mapping(status, "account"))
    author_id = account_key(author, home).account_id if author.shown else None
    own = target_name(author.name, home) if author.name else None
    content_id = post_id(uri) if uri else f"{PLATFORM}:{home}:{fields.required_text(status, 'id')}"
    return Content(
        content_id=content_id,
        platform=content_id.partition(":")[0],
        account_id=author_id or (subject.account_id if subject else None),
        text=redact(text) if text and not content_free else None,
        url=None if content_free else fields.text(status, "url"),
        created_at=fields.time(status, "created_at"),
        observed_at=seen,
        target_ids=tuple(dict.fromkeys(name for name, _ in _mentions(status, home) if name != own)),
    )


def _noted_content(shown: str, subject: Profile, account: Account | None, seen: datetime | None) -> Content:
    """Name the post that a report from Misskey points at, in its words only."""
    content_id = post_id(home_address(shown, subject.address))
    own = account is not None and host_of(shown) == account.instance
    return Content(
        content_id=content_id,
        platform=content_id.partition(":")[0],
        account_id=account.account_id if account and own else None,
        observed_at=seen,
    )


def _mentions(status: Record, home: str) -> list[tuple[str, str | None]]:
    """Give the name and the number of each account that a post mentions."""
    return [
        (target_name(fields.required_text(mention, "acct"), home), fields.text(mention, "id"))
        for mention in fields.items(status, "mentions")
    ]


def _targets(
    statuses: list[Record], home: str, subject: Profile, reporter: str | None, seen: datetime | None
) -> dict[str, Target]:
    """Derive who the posts are aimed at from whom they mention: no platform names the target."""
    own = target_name(subject.name, home) if subject.name else None
    found: dict[str, Target] = {}
    for status in statuses:
        parent = fields.text(status, "in_reply_to_account_id")
        for target_id, number in _mentions(status, home):
            derivation = "reply_parent" if parent is not None and number == parent else "mention"
            derivation = "reporter" if target_id == reporter else derivation
            if target_id != own:
                platform, _, handle = target_id.split(":", 2)
                found[target_id] = Target(
                    target_id, platform=platform, handle=handle, derivations=(derivation,), observed_at=seen
                )
    return found


def _noted_claims(notes: list[Record], account: Account, report_id: str) -> Iterator[LinkClaim]:
    """Read what moderators wrote below a report."""
    for note in notes:
        yield from claim_rows(
            strip_html(fields.text(note, "content") or ""),
            account,
            where=f"{report_id}:note:{fields.text(note, 'id') or ''}",
            report_id=report_id,
            asserted_by="moderator",
            asserted_at=fields.time(note, "created_at"),
        )
