"""Notes, reports, groupings, opinions and sightings about accounts → allegations, one for each account.

A note that is about nothing but a relationship of accounts says more of that claim, and is one itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from graphmatch import fields
from graphmatch.adapter import Context
from graphmatch.allegations import aimed_at, category_of_labels, claim_between, claim_rows
from graphmatch.errors import LeftOut
from graphmatch.model import LinkClaim, Report, ReportStatus, Row, SourceKind, Target
from graphmatch.normalise.categories import CONTENT_FREE, Category
from graphmatch.normalise.text import redact
from graphmatch.normalise.times import latest
from ingest.stix.accounts import Subject, bare, subject_of, subject_rows
from ingest.stix.named import (
    ACCOUNT,
    ASSERTED_BY,
    account_refs,
    named_in,
    span_of,
    subjects_of,
    targeted_in,
    targets_of,
    times_of,
)
from ingest.stix.objects import kind_of, refs_in

Record = Mapping[str, Any]

PLATFORM = "stix"
_ABOUT_THE_REPORTER = "meta.report_abuse"
_DISAGREES = frozenset({"disagree", "strongly-disagree"})
#: What each type calls its words, most telling first, and the labels that say what is alleged.
_WORDS = {
    "relationship": ("description",),
    "note": ("content", "abstract"),
    "report": ("name", "description"),
    "grouping": ("name", "description"),
    "opinion": ("explanation",),
    "sighting": ("description", "summary"),
}
_LABELS = ("labels", "report_types")


@dataclass(frozen=True, slots=True)
class Statement:
    """What somebody said, read once."""

    name: str
    words: str | None
    raw: str | None
    category: Category
    said_at: datetime | None
    seen: datetime | None
    author: str | None
    revoked: bool


def statement_rows(record: Record, context: Context) -> Iterator[Row]:
    """Say what one statement holds."""
    found = fields.required_mapping(record, "object")
    named = named_in(record)
    refs = account_refs(found, named)
    statement = read_statement(found, context)
    if not refs:
        yield from _link_note_rows(found, named, statement, context)
        return
    if fields.text(found, "opinion") in _DISAGREES:
        raise LeftOut("an opinion that what others say is not so")
    subjects = subjects_of(refs, named, statement.seen, context)
    if kind_of(statement.name) == "sighting" and statement.words is None:
        span = span_of(found, "first_seen", "last_seen")
        for subject in subjects.values():
            yield from subject_rows(subject, context, span=span)
        return
    targeted = targeted_in(record)
    targets = targets_of(refs_in(found, ("object_refs",)), named, statement.author, statement.seen)
    targets += [aimed_at(subject.account) for ref, subject in subjects.items() if ref in targeted]
    yield from targets
    subjects = {ref: subject for ref, subject in subjects.items() if ref not in targeted}
    if not subjects and not targets:
        raise LeftOut("a statement that names no account")
    for ref, subject in subjects.items():
        yield from report_rows(statement, ref, subject, targets, context, alone=len(subjects) == 1)


def read_statement(found: Record, context: Context) -> Statement:
    """Read what somebody said: words, labels, times and author."""
    kind = fields.required_text(found, "type")
    parts = [part for name in _WORDS.get(kind, ()) if (part := fields.text(found, name))]
    words = parts[0] if kind in ("note", "sighting") and parts else "\n".join(parts) or None
    labels = [label for name in _LABELS for label in fields.texts(found, name)]
    raw, category = category_of_labels(PLATFORM, labels, words)
    created, modified = times_of(found)
    said_at = fields.time(found, "published") or created
    spans = (fields.time(found, name) for name in ("last_seen", "first_seen"))
    return Statement(
        name=fields.required_text(found, "id"),
        words=words,
        raw=raw,
        category=category,
        said_at=said_at,
        seen=context.observed_at or latest(said_at, modified, *spans),
        author=fields.text(found, "created_by_ref"),
        revoked=bool(fields.flag(found, "revoked")),
    )


def report_rows(
    statement: Statement, ref: str, subject: Subject, targets: list[Target], context: Context, *, alone: bool
) -> Iterator[Row]:
    """Give what a statement alleges of one account; ``alone``: it is about no other account."""
    report_id = f"{PLATFORM}:{statement.name}:{ref.partition('--')[2] or ref}"
    about_reporter = statement.category.leaf == _ABOUT_THE_REPORTER
    keep = statement.words is not None and statement.category.leaf != CONTENT_FREE and not statement.revoked
    words = redact(statement.words) if statement.words and keep else None
    if statement.revoked:
        yield bare(subject, statement.seen)
    else:
        yield from subject_rows(subject, context, report_id=None if about_reporter else report_id)
    yield Report(
        report_id=report_id,
        source=context.source,
        source_kind=SourceKind.INTAKE,
        platform=subject.account.platform,
        account_id=None if about_reporter else subject.account.account_id,
        category_raw=redact(statement.raw) if statement.raw else None,
        category_reported=statement.category.leaf,
        specificity=statement.category.specificity,
        gate=statement.category.gate,
        reported_at=statement.said_at,
        observed_at=statement.seen,
        reporter_ref=context.keyring.reporter(PLATFORM, statement.author) if statement.author else None,
        text=words,
        # Who revokes what it said says that it is not to stand.
        status=ReportStatus.DISMISSED if statement.revoked else None,
        status_raw="revoked" if statement.revoked else None,
        target_ids=tuple(dict.fromkeys(target.target_id for target in targets)),
    )
    if words and alone and not about_reporter:
        yield from claim_rows(
            words,
            subject.account,
            where=report_id,
            report_id=report_id,
            asserted_by=ASSERTED_BY,
            asserted_at=statement.said_at,
        )


def _link_note_rows(
    found: Record, named: Mapping[str, Record], statement: Statement, context: Context
) -> Iterator[Row]:
    """Give what a note says of relationships of accounts, as claims of its own."""
    links = [named[ref] for ref in refs_in(found, ("object_refs",)) if kind_of(ref) == "relationship" and ref in named]
    between = [ends for link in links if (ends := _ends(link, named))]
    if kind_of(statement.name) != "note" or not between or not statement.words:
        raise LeftOut("a statement that names no account")
    if statement.revoked:
        raise LeftOut("a note on a statement of one operator that its author has taken back")
    for place, (one, other) in enumerate(between):
        subjects = [subject_of(end, statement.seen, context) for end in (one, other)]
        for subject in subjects:
            yield from subject_rows(subject, context)
        claim = _claim(statement, subjects, links[place])
        if claim:
            yield claim


def _ends(link: Record, named: Mapping[str, Record]) -> tuple[Record, Record] | None:
    refs = [fields.text(link, name) or "" for name in ("source_ref", "target_ref")]
    if any(kind_of(ref) != ACCOUNT or ref not in named for ref in refs):
        return None
    return named[refs[0]], named[refs[1]]


def _claim(statement: Statement, subjects: list[Subject], link: Record) -> LinkClaim | None:
    return claim_between(
        subjects[0].account,
        subjects[1].account,
        claim_id=f"{PLATFORM}:{statement.name}:{fields.required_text(link, 'id').partition('--')[2]}",
        quote=statement.words or "",
        asserted_by=ASSERTED_BY,
        asserted_at=statement.said_at,
    )
