"""A Mastodon admin report → its account, posts, targets, the report itself, and what its comment claims.

``action_taken`` says that somebody closed the ticket, nothing about a sanction: those stand in account warnings.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from graphmatch import fields
from graphmatch.adapter import Context
from graphmatch.allegations import alleged_category, claim_rows
from graphmatch.model import Account, Content, Report, ReportStatus, Row, SourceKind, Target
from graphmatch.normalise.categories import CONTENT_FREE
from graphmatch.normalise.fediverse import key_of, post_id
from graphmatch.normalise.text import redact, strip_html
from graphmatch.normalise.times import latest
from ingest.mastodon.accounts import (
    PLATFORM,
    Profile,
    account_key,
    account_row,
    admin_profile,
    home_of,
    latest_sign_in,
    public_profile,
    subject_rows,
)

Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Reporter:
    """Who reported, as a pseudonym, and the name by which posts would mention them."""

    ref: str | None
    target_id: str | None


def report_rows(record: Record, context: Context) -> Iterator[Row]:
    """Say what one report holds."""
    subject = admin_profile(record, "target_account")
    staff = [
        admin_profile(record, path)
        for path in ("account", "assigned_account", "action_taken_by_account")
        if fields.mapping(record, path)
    ]
    home = home_of(subject, *staff)
    seen = context.observed_at or _latest_time(record, subject)
    statuses = fields.items(record, "statuses")
    fallback = next((_author(status) for status in statuses if _is_by(subject, status)), None)
    account = account_row(subject, home, seen, fallback=fallback)
    report_id = f"{PLATFORM}:{home}:{fields.required_text(record, 'id')}"
    comment = fields.text(record, "comment")
    raw = fields.text(record, "category")
    found = alleged_category(PLATFORM, raw, comment)
    content_free = found.leaf == CONTENT_FREE
    reporter = _reporter(record, home, context)
    contents = [_content(status, account, home, seen, content_free=content_free) for status in statuses]
    targets = _targets(statuses, home, subject, reporter, seen)

    yield from subject_rows(subject, account, context, report_id=report_id, fallback=fallback)
    yield from targets.values()
    yield from contents
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
        reported_at=fields.time(record, "created_at"),
        observed_at=seen,
        reporter_ref=reporter.ref,
        reporter_is_target=reporter.target_id in targets if reporter.ref and targets else None,
        text=redact(comment) if comment and not content_free else None,
        status=_status(record),
        status_raw=_status_raw(record),
        content_ids=tuple(dict.fromkeys(content.content_id for content in contents)),
        target_ids=tuple(targets),
    )
    if not content_free:
        reported_at = fields.time(record, "created_at")
        yield from claim_rows(comment, account, where=report_id, report_id=report_id, asserted_at=reported_at)


def _latest_time(record: Record, subject: Profile) -> datetime | None:
    stamps = (fields.time(record, name) for name in ("updated_at", "action_taken_at", "created_at"))
    return latest(*stamps, latest_sign_in(subject))


def _status(record: Record) -> ReportStatus | None:
    closed = fields.flag(record, "action_taken")
    if closed is None:
        return None
    return ReportStatus.RESOLVED if closed else ReportStatus.OPEN


def _status_raw(record: Record) -> str | None:
    closed = fields.flag(record, "action_taken")
    return None if closed is None else f"action_taken={str(closed).lower()}"


def _reporter(record: Record, home: str, context: Context) -> _Reporter:
    """Pseudonymise the reporter. A server that forwards a report signs with itself: that is nobody."""
    if not fields.mapping(record, "account"):
        return _Reporter(None, None)
    profile = admin_profile(record, "account")
    name = fields.text(profile.admin, "username") or profile.username
    if fields.text(profile.admin, "id") is None or name.lower() == (profile.domain or "").lower():
        return _Reporter(None, None)
    ref = context.keyring.reporter(*_name_of(profile, home))
    return _Reporter(ref, f"{PLATFORM}:{profile.instance(home)}:{profile.username.lower()}")


def _name_of(reporter: Profile, home: str) -> tuple[str, str]:
    """Give the platform and the key by which any server would call a reporter; a number is this server's own."""
    remote = key_of(fields.text(reporter.shown, "uri")) if reporter.domain is not None else None
    if remote:
        return remote.platform, f"{remote.instance}:{remote.native_id}"
    return PLATFORM, f"{home}:{fields.text(reporter.admin, 'id')}"


def _author(status: Record) -> Record:
    return fields.mapping(status, "account")


def _is_by(subject: Profile, status: Record) -> bool:
    author = _author(status)
    return bool(author) and fields.text(author, "id") == fields.text(subject.admin, "id")


def _content(status: Record, subject: Account, home: str, seen: datetime | None, *, content_free: bool) -> Content:
    uri = fields.text(status, "uri")
    own_id = post_id(uri) if uri else f"{PLATFORM}:{home}:{fields.required_text(status, 'id')}"
    text = strip_html(fields.text(status, "content") or "")
    warning = fields.text(status, "spoiler_text")
    text = f"{warning}: {text}" if warning else text
    return Content(
        content_id=own_id,
        platform=own_id.partition(":")[0],
        account_id=_author_id(status, subject, home),
        text=redact(text) if text and not content_free else None,
        url=None if content_free else fields.text(status, "url"),
        created_at=fields.time(status, "created_at"),
        observed_at=seen,
        target_ids=tuple(dict.fromkeys(_mention_id(mention, home) for mention in fields.items(status, "mentions"))),
    )


def _author_id(status: Record, subject: Account, home: str) -> str:
    """Name the author: the reported account, except where the post says otherwise."""
    if not _author(status):
        return subject.account_id
    return account_key(public_profile(status, "account"), home).account_id


def _mention_id(mention: Record, home: str) -> str:
    name, _, host = fields.required_text(mention, "acct").lower().partition("@")
    return f"{PLATFORM}:{host or home}:{name}"


def _targets(
    statuses: list[Record], home: str, subject: Profile, reporter: _Reporter, seen: datetime | None
) -> dict[str, Target]:
    """Derive who the posts are aimed at from whom they mention: no platform names the target."""
    own = f"{PLATFORM}:{subject.instance(home)}:{subject.username.lower()}"
    found: dict[str, Target] = {}
    for status in statuses:
        parent = fields.text(status, "in_reply_to_account_id")
        for mention in fields.items(status, "mentions"):
            target_id = _mention_id(mention, home)
            replied_to = parent is not None and fields.text(mention, "id") == parent
            derivation = "reply_parent" if replied_to else "mention"
            derivation = "reporter" if target_id == reporter.target_id else derivation
            if target_id != own:
                handle = fields.required_text(mention, "acct").partition("@")[0]
                found[target_id] = Target(
                    target_id, platform=PLATFORM, handle=handle, derivations=(derivation,), observed_at=seen
                )
    return found
