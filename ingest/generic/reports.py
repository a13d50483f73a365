"""One row of a hand-kept table → a report, its account, content and target, and what the platform did."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from graphmatch.account_keys import Key, Named, key_of, platform_of, without_contacts
from graphmatch.adapter import Context
from graphmatch.allegations import claim_rows
from graphmatch.errors import RejectedRecord
from graphmatch.model import (
    Account,
    Action,
    Content,
    Enforcement,
    Report,
    ReportStatus,
    Row,
    Scope,
    SourceKind,
    Specificity,
    Target,
)
from graphmatch.normalise.actions import action as action_of
from graphmatch.normalise.categories import CONTENT_FREE, Category, category, category_of_text, gate_of, leaves
from graphmatch.normalise.links import canonical_url
from graphmatch.normalise.text import bears_contact, redact
from graphmatch.normalise.times import Interval, from_x_id, latest
from graphmatch.profile import profile_rows
from ingest.generic.cells import interval, stated, text, texts
from ingest.generic.columns import TableMapping

NAME = "generic"
_X_STATUS = re.compile(r"(?:x|twitter)\.com/\w+/(?:web/)?status(?:es)?/(\d{1,20})")
_TARGETS = re.compile(r"[;|\n]")
_COMMUNITY = re.compile(r"\b(group|server|subreddit|community|channel|forum)\b", re.IGNORECASE)
_CONTENT_ACTIONS = frozenset({Action.CONTENT_REMOVED, Action.CONTENT_RESTRICTED, Action.CONTENT_RESTORED})
_STATUS = {
    Action.NONE: ReportStatus.DISMISSED,
    Action.TRIAGE: ReportStatus.OPEN,
    Action.ESCALATED: ReportStatus.ESCALATED,
    Action.REFERRED_LE: ReportStatus.ESCALATED,
}


@dataclass(frozen=True, slots=True)
class _Row:
    """What a row says, read once."""

    report_id: str
    platform: str
    account_id: str | None
    category: Category
    reported: Interval | None
    seen: datetime | None
    content: Content | None
    targets: tuple[Target, ...]


def report_rows(row: Mapping[str, Any], context: Context, mapping: TableMapping) -> Iterator[Row]:
    """Give the rows of one line of a table, under our columns' names.

    Raises
    ------
    RejectedRecord
        Nothing says what is reported, the account's only id is a rounded number, or a date can't be read.
    """
    key = key_of(_account_cells(row), context.keyring)
    read = _read(row, key, context, mapping)
    account = _account(row, key, read, mapping) if key else None
    if key and account:
        yield from _profile(row, key, account, read, context)
    yield from read.targets
    if read.content:
        yield read.content
    notes = text(row, "notes")
    action_raw = text(row, "action")
    found = action_of(NAME, action_raw) if action_raw else None
    yield _report(row, read, context, notes, found)
    if found and action_raw and found not in (Action.NONE, Action.TRIAGE):
        yield from _enforcement(read, context, found, action_raw, interval(row, "action_at", mapping))
    if notes and account:
        asserted_at = read.reported[0] if read.reported else None
        where = read.report_id
        yield from claim_rows(notes, account, where=where, report_id=where, asserted_at=asserted_at)


def _account_cells(row: Mapping[str, Any]) -> Named:
    return Named(
        platform=platform_of(stated(text(row, "platform"))),
        instance=(stated(text(row, "instance")) or "").lower() or None,
        account_id=stated(text(row, "account_id")),
        account_url=stated(text(row, "account_url")),
        handle=stated(text(row, "handle")),
        content_url=stated(text(row, "content_url")),
    )


def _read(row: Mapping[str, Any], key: Key | None, context: Context, mapping: TableMapping) -> _Row:
    url, words = stated(text(row, "content_url")), text(row, "content_text")
    if key is None and url is None and words is None:
        raise RejectedRecord("the row names no account that can be told apart, and no content")
    platform = key.platform if key else platform_of(stated(text(row, "platform")))
    if platform is None:
        raise RejectedRecord("the field 'platform' is missing, and no address tells it")
    account_id = key.account_id if key else None
    reported, posted = (interval(row, name, mapping) for name in ("reported_at", "content_at"))
    acted = interval(row, "action_at", mapping)
    seen = context.observed_at or latest(*(time[0] for time in (reported, posted, acted) if time))
    mapped = _category(row)
    report_id = _report_id(row, platform, account_id, url, words, context)
    targets = _targets(row, platform, seen)
    content = None
    if url or words:
        kept = None if mapped.leaf == CONTENT_FREE or words is None else redact(words)
        content = Content(
            content_id=_content_id(platform, url, report_id),
            platform=platform,
            account_id=account_id,
            text=kept,
            url=without_contacts(url) if url else None,
            created_at=_created(url, posted),
            observed_at=seen,
            target_ids=tuple(target.target_id for target in targets),
        )
    return _Row(report_id, platform, account_id, mapped, reported, seen, content, targets)


def _report_id(
    row: Mapping[str, Any],
    platform: str,
    account_id: str | None,
    url: str | None,
    words: str | None,
    context: Context,
) -> str:
    """Tell reports apart that two offices gave one number to: the number, and a digest of what is reported."""
    number = text(row, "report_id")
    what = [platform, account_id, url or words, number]
    if number:
        return f"{NAME}:{redact(number)}:{context.keyring.digest('report', repr(what))[:8]}"
    what += [text(row, name) for name in ("reported_at", "category", "target", "reporter_ref", "notes")]
    return f"{NAME}:{context.keyring.digest('report', repr([*what, words]))[:16]}"


def _content_id(platform: str, url: str | None, report_id: str) -> str:
    status = _X_STATUS.search(url) if url else None
    if status:
        return f"x:{status[1]}"
    # Without its contact value an address may be that of several posts.
    canonical = canonical_url(without_contacts(url)) if url and not bears_contact(url) else None
    return f"{platform}:{canonical or report_id}"


def _created(url: str | None, posted: Interval | None) -> datetime | None:
    """Give when a post was made: the number of a post on X holds it to the millisecond."""
    status = _X_STATUS.search(url) if url else None
    exact = from_x_id(status[1]) if status else None
    return exact or (posted[0] if posted else None)


def _category(row: Mapping[str, Any]) -> Category:
    """Read the category: one of our leaves, else the allegation in its words, else in those of the notes."""
    raw = stated(text(row, "category"))
    if raw and raw.casefold() in leaves():
        return Category(raw.casefold(), Specificity.EXACT, gate_of(raw.casefold()))
    in_words = category_of_text(raw) if raw else category_of_text(text(row, "notes") or "")
    return in_words or category(NAME, raw or "none given")


def _targets(row: Mapping[str, Any], platform: str, seen: datetime | None) -> tuple[Target, ...]:
    found: dict[str, Target] = {}
    for part in _TARGETS.split(stated(text(row, "target")) or ""):
        named = " ".join(redact(part).split())
        if named.startswith("@") and " " not in named:
            handle = named.lstrip("@")
            key = f"{platform}:{'bsky' if platform == 'bluesky' else platform}:{handle.lower()}"
            found[key] = Target(key, platform, handle, derivations=("intake",), observed_at=seen)
        elif named and not named.startswith("["):
            key = f"name:{named.casefold()}"
            found[key] = Target(key, name=named, derivations=("intake",), observed_at=seen)
    return tuple(found.values())


def _account(row: Mapping[str, Any], key: Key, read: _Row, mapping: TableMapping) -> Account:
    created = interval(row, "created_at", mapping)
    address = None if key.phone or key.email else stated(text(row, "account_url"))
    return Account(
        account_id=key.account_id,
        platform=key.platform,
        instance=key.instance,
        native_id=key.native_id,
        id_kind=key.id_kind,
        observed_at=read.seen,
        handle=key.handle,
        display_name=stated(text(row, "display_name")),
        bio=text(row, "bio"),
        url=without_contacts(address) if address else None,
        location=stated(text(row, "location")),
        created_at=created[0] if created else None,
        created_at_precision=created[2] if created else None,
    )


def _profile(row: Mapping[str, Any], key: Key, account: Account, read: _Row, context: Context) -> Iterator[Row]:
    emails, phones, ips = (texts(row, name) for name in ("email", "phone", "ip"))
    yield from profile_rows(
        account,
        source=context.source,
        report_id=read.report_id,
        links=texts(row, "profile_links"),
        emails=[*emails, key.email] if key.email else emails,
        phones=[*phones, key.phone] if key.phone else phones,
        ips=ips,
        keyring=context.keyring,
    )


def _report(row: Mapping[str, Any], read: _Row, context: Context, notes: str | None, found: Action | None) -> Report:
    raw, status_raw = stated(text(row, "category")), text(row, "action")
    reporter = stated(text(row, "reporter_ref"))
    keep = read.category.leaf != CONTENT_FREE
    return Report(
        report_id=read.report_id,
        source=context.source,
        source_kind=SourceKind.INTAKE,
        platform=read.platform,
        account_id=read.account_id,
        category_raw=redact(raw) if raw else None,
        category_reported=read.category.leaf,
        specificity=read.category.specificity,
        gate=read.category.gate,
        reported_at=read.reported[0] if read.reported else None,
        observed_at=read.seen,
        reporter_ref=context.keyring.reporter(NAME, reporter.casefold()) if reporter else None,
        text=redact(notes) if notes and keep else None,
        status=_STATUS.get(found, ReportStatus.RESOLVED) if found else None,
        status_raw=redact(status_raw) if status_raw else None,
        content_ids=(read.content.content_id,) if read.content else (),
        target_ids=tuple(target.target_id for target in read.targets),
    )


def _enforcement(read: _Row, context: Context, found: Action, raw: str, at: Interval | None) -> Iterator[Enforcement]:
    content_id = read.content.content_id if read.content and found in _CONTENT_ACTIONS else None
    subject = content_id or read.account_id or (read.content.content_id if read.content else None)
    if subject is None:
        return
    community = _COMMUNITY.search(raw) is not None
    since = f"{at[0]:%Y%m%dT%H%M}" if at else "unknown"
    yield Enforcement(
        enforcement_id=f"{NAME}:{subject}:{found}:{since}",
        platform=read.platform,
        source=context.source,
        action=found,
        action_raw=redact(raw),
        scope=Scope.COMMUNITY if community else Scope.PLATFORM,
        account_id=read.account_id,
        content_id=content_id,
        at_earliest=at[0] if at else None,
        at_latest=at[1] if at else None,
    )
