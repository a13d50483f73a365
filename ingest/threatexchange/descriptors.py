"""A member's descriptor of an indicator → an allegation, or a word that nothing is wrong; updates may take it back."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from graphmatch import fields
from graphmatch.adapter import Context
from graphmatch.allegations import category_of_labels
from graphmatch.errors import LeftOut, RejectedRecord
from graphmatch.model import Report, ReportStatus, Row, Sighting, SourceKind
from graphmatch.normalise.categories import CONTENT_FREE, Category
from graphmatch.normalise.text import redact
from graphmatch.normalise.times import from_epoch, from_iso, latest
from ingest.threatexchange.indicators import PLATFORM, Subject, bare, says_what_it_is, subject_rows, subjects_of

Record = Mapping[str, Any]

_CLEARED = "NON_MALICIOUS"
_CHILD_SAFETY = re.compile(
    r"(?:\A|[\W_])(?:csam|csea|csae|cse|csai|ncmec|iwf|child\w*|minors?|underage)(?:\Z|[\W_])", re.IGNORECASE
)
#: Tags by which an indicator is somebody's who was harmed, and those by which it is known to be harmless.
_VICTIMS = re.compile(r"\w+_victim|victim", re.IGNORECASE)
_HARMLESS = re.compile(r"whitelist(?:_\w+)?|allowlist(?:_\w+)?|benign|false_positive", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Opinion:
    """What one member says of an indicator, read once."""

    name: str
    kind: str
    value: str
    tags: list[str]
    words: str | None
    raw: str | None
    category: Category
    status: str | None
    cleared: bool
    owner: str | None
    said_at: datetime | None
    seen: datetime | None
    first: datetime | None
    expired_at: datetime | None


def descriptor_rows(record: Record, context: Context) -> Iterator[Row]:
    """Say what one descriptor holds."""
    kind, value = _indicator(record)
    yield from _opinion_rows(_read(record, kind, value, None, context), context)


def update_rows(record: Record, context: Context) -> Iterator[Row]:
    """Say what an update holds: every descriptor of an indicator as it now stands, or that all of it is taken back."""
    kind, value = _indicator(record)
    at = _time(record, "last_updated")
    told = fields.items(record, "descriptors.data") if fields.mapping(record, "descriptors") else []
    opinions = [_read(each, kind, value, at, context) for each in told]
    if fields.flag(record, "should_delete"):
        yield from _taken_back(kind, value, opinions, context.observed_at or at, at, context)
        return
    if not opinions:
        raise LeftOut("an indicator of which nobody says anything")
    if all(opinion.cleared for opinion in opinions) and at:
        # Here all opinions stand together, so that what was said before no longer does.
        yield from _withdrawn(opinions[0], at, context)
    for opinion in opinions:
        yield from _opinion_rows(opinion, context)


def _indicator(record: Record) -> tuple[str, str]:
    """Give an indicator's type and value."""
    inner = fields.value(record, "indicator")
    nested = inner if isinstance(inner, Mapping) else {}
    kind = fields.text(record, "type") or fields.text(nested, "type")
    value = fields.text(record, "raw_indicator") or fields.text(nested, "indicator")
    value = value or (None if nested else fields.text(record, "indicator"))
    if kind is None or value is None:
        raise RejectedRecord(f"the field {'type' if kind is None else 'indicator'!r} is missing or blank")
    return kind.upper(), value


def _read(record: Record, kind: str, value: str, updated: datetime | None, context: Context) -> _Opinion:
    tags, words = _tags(record), fields.text(record, "description")
    raw, category = category_of_labels(PLATFORM, [tag for tag in tags if not says_what_it_is(tag)], words)
    if category.leaf == CONTENT_FREE or any(_CHILD_SAFETY.search(tag) for tag in tags):
        raise LeftOut("child-safety material, of which nothing is kept")
    if any(_VICTIMS.fullmatch(tag) for tag in tags):
        raise LeftOut("an indicator of somebody who was harmed")
    status = fields.text(record, "status")
    said_at, changed = _time(record, "added_on"), updated or _time(record, "last_updated")
    owner = fields.mapping(record, "owner")
    return _Opinion(
        name=fields.required_text(record, "id"),
        kind=kind,
        value=value,
        tags=tags,
        words=words,
        raw=raw,
        category=category,
        status=status,
        cleared=(status or "").upper() == _CLEARED or any(_HARMLESS.fullmatch(tag) for tag in tags),
        owner=fields.text(owner, "id") or fields.text(owner, "name"),
        said_at=said_at,
        seen=context.observed_at or latest(changed, said_at),
        first=_time(record, "first_active"),
        expired_at=_time(record, "expired_on") or _time(record, "expire_time"),
    )


def _opinion_rows(opinion: _Opinion, context: Context) -> Iterator[Row]:
    expired = opinion.expired_at and opinion.seen and opinion.expired_at <= opinion.seen
    subjects = subjects_of(opinion.kind, opinion.value, opinion.tags, opinion.words, context)
    for subject in subjects:
        report = _report(opinion, subject, context, several=len(subjects) > 1)
        if opinion.cleared:
            yield bare(subject, opinion.seen)
            yield replace(report, status=ReportStatus.DISMISSED, text=None)
        elif expired and opinion.expired_at:
            yield from _gone(subject, opinion.expired_at, context)
            yield replace(report, status=ReportStatus.RESOLVED, status_raw="expired")
        else:
            yield from subject_rows(subject, context, opinion.seen, opinion.first, report.report_id)
            yield report


def _report(opinion: _Opinion, subject: Subject, context: Context, *, several: bool) -> Report:
    report_id = f"{PLATFORM}:{opinion.name}"
    return Report(
        report_id=f"{report_id}:{subject.key.platform}" if several else report_id,
        source=context.source,
        source_kind=SourceKind.INTAKE,
        platform=subject.key.platform,
        account_id=subject.key.account_id,
        category_raw=redact(opinion.raw) if opinion.raw else None,
        category_reported=opinion.category.leaf,
        specificity=opinion.category.specificity,
        gate=opinion.category.gate,
        reported_at=opinion.said_at,
        observed_at=opinion.seen,
        reporter_ref=context.keyring.reporter(PLATFORM, opinion.owner) if opinion.owner else None,
        text=redact(opinion.words) if opinion.words else None,
        status_raw=opinion.status,
    )


def _taken_back(
    kind: str, value: str, opinions: list[_Opinion], seen: datetime | None, at: datetime | None, context: Context
) -> Iterator[Row]:
    """Withdraw an indicator and all that was said of it."""
    if at is None:
        raise LeftOut("an indicator that was taken back, without saying when")
    tags = [tag for opinion in opinions for tag in opinion.tags]
    words = next((opinion.words for opinion in opinions if opinion.words), None)
    subjects = subjects_of(kind, value, tags, words, context)
    for subject in subjects:
        yield from _gone(subject, at, context)
        for opinion in opinions:
            report = _report(opinion, subject, context, several=len(subjects) > 1)
            yield replace(
                report, status=ReportStatus.DISMISSED, status_raw="should_delete", text=None, observed_at=seen
            )


def _withdrawn(opinion: _Opinion, at: datetime, context: Context) -> Iterator[Row]:
    for subject in subjects_of(opinion.kind, opinion.value, opinion.tags, opinion.words, context):
        yield from _gone(subject, at, context)


def _gone(subject: Subject, at: datetime, context: Context) -> Iterator[Row]:
    yield bare(subject, at)
    for row in subject_rows(subject, context, None, None):
        if isinstance(row, Sighting):
            yield replace(row, withdrawn_at=at)


def _tags(record: Record) -> list[str]:
    """List the texts of a descriptor's tags: objects in an edge of the graph, or bare texts."""
    found = fields.value(record, "tags")
    if isinstance(found, Mapping):
        return [text for each in fields.items(record, "tags.data") if (text := fields.text(each, "text"))]
    if isinstance(found, list) and any(isinstance(each, Mapping) for each in found):
        return [text for each in fields.items(record, "tags") if (text := fields.text(each, "text"))]
    return fields.texts(record, "tags")


def _time(record: Record, name: str) -> datetime | None:
    """Read a time, which some fields give in ISO 8601 and others in seconds; what is none is no time."""
    found = fields.text(record, name)
    return (from_iso(found) or from_epoch(found)) if found else None
