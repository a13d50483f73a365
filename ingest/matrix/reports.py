"""A report of Synapse's admin API, of an event or of a user → the account, the event, whom it aims at, the report.

In a report of an event ``sender`` is the reported user and ``user_id`` the reporter. The list shows no text: only the
answer for one report (``/event_reports/<id>``) holds the event.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from graphmatch import fields
from graphmatch.adapter import Context
from graphmatch.allegations import alleged_category, claim_rows
from graphmatch.errors import RejectedRecord
from graphmatch.model import Content, Report, Row, SourceKind, Specificity
from graphmatch.normalise.categories import CONTENT_FREE, category
from graphmatch.normalise.text import redact
from ingest.matrix.users import PLATFORM, UNKNOWN_SERVER, Subject, User, account_rows, subject_of, target_of, user_in

Record = Mapping[str, Any]

_FALLBACK = re.compile(r"> (?:\* )?<(?P<author>@[^\s<>]{3,255})>")
_MESSAGES = frozenset({"m.room.message", "m.sticker", "m.room.topic", "m.room.name"})


def event_report_rows(record: Record, context: Context) -> Iterator[Row]:
    """Say what the report of an event holds."""
    event = fields.mapping(record, "event_json")
    author = _user(record, "sender") or _user(record, "event_json.sender")
    reporter = _user(record, "user_id")
    seen = context.observed_at or fields.epoch(record, "received_ts")
    subject = subject_of(author, context.keyring, seen) if author else None
    report = _report(record, context, reporter, _number(record, "event_reports", reporter))
    free = report.category_reported == CONTENT_FREE
    named = {} if free else _named(event, author)
    targets = {user: target_of(user, context.keyring, _how(user, how, reporter), seen) for user, how in named.items()}
    target_ids = tuple(dict.fromkeys(target.target_id for target in targets.values()))
    content = _content(record, event, subject, seen, target_ids, content_free=free)
    if subject:
        yield from account_rows(subject, context, report.report_id)
    yield from targets.values()
    yield content
    yield replace(
        report,
        account_id=subject.account.account_id if subject else None,
        observed_at=seen,
        reporter_is_target=reporter in targets if reporter and targets else None,
        content_ids=(content.content_id,),
        target_ids=target_ids,
    )
    yield from _claims(record, subject, report)


def user_report_rows(record: Record, context: Context) -> Iterator[Row]:
    """Say what the report of a user holds, which points at no event."""
    user, reporter = _user(record, "target_user_id"), _user(record, "user_id")
    if user is None:
        raise RejectedRecord("the field 'target_user_id' is missing")
    seen = context.observed_at or fields.epoch(record, "received_ts")
    subject = subject_of(user, context.keyring, seen)
    report = _report(record, context, reporter, _number(record, "user_reports", reporter))
    yield from account_rows(subject, context, report.report_id)
    yield replace(report, account_id=subject.account.account_id, observed_at=seen)
    yield from _claims(record, subject, report)


def _user(record: Record, path: str) -> User | None:
    given = fields.text(record, path)
    found = user_in(given)
    if given is not None and found is None:
        raise RejectedRecord(f"the field {path!r} is no Matrix user id")
    return found


def _number(record: Record, kind: str, reporter: User | None) -> str:
    """Write the report's key: each server counts its own, and who reports on a server is a user of it."""
    prefix = "" if kind == "event_reports" else "user:"
    return f"{PLATFORM}:{reporter.server if reporter else UNKNOWN_SERVER}:{prefix}{fields.required_text(record, 'id')}"


def _report(record: Record, context: Context, reporter: User | None, report_id: str) -> Report:
    reason = fields.text(record, "reason")
    found = alleged_category(PLATFORM, reason, reason)
    # Synapse has no list of reasons: what stands there is the reporter's own words, unless they are a known keyword.
    keyword = reason if category(PLATFORM, reason).specificity is Specificity.EXACT else None
    kept = reason if found.leaf != CONTENT_FREE else None
    return Report(
        report_id=report_id,
        source=context.source,
        source_kind=SourceKind.REPORT,
        platform=PLATFORM,
        account_id=None,
        category_raw=keyword,
        category_reported=found.leaf,
        specificity=found.specificity,
        gate=found.gate,
        reported_at=fields.epoch(record, "received_ts"),
        reporter_ref=context.keyring.reporter(PLATFORM, reporter.user_id) if reporter else None,
        text=redact(kept) if kept else None,
    )


def _claims(record: Record, subject: Subject | None, report: Report) -> Iterator[Row]:
    if subject and report.category_reported != CONTENT_FREE:
        where, at = report.report_id, report.reported_at
        words = fields.text(record, "reason")
        yield from claim_rows(words, subject.account, where=where, report_id=where, asserted_at=at)


def _content(
    record: Record,
    event: Record,
    subject: Subject | None,
    seen: datetime | None,
    target_ids: tuple[str, ...],
    *,
    content_free: bool,
) -> Content:
    event_id = fields.required_text(record, "event_id")
    room = fields.text(record, "room_id") or fields.text(event, "room_id")
    words = None if content_free else _words(event)
    return Content(
        content_id=f"{PLATFORM}:{event_id}",
        platform=PLATFORM,
        account_id=subject.account.account_id if subject else None,
        text=redact(words) if words else None,
        url=f"https://matrix.to/#/{room}/{event_id}" if room and not content_free else None,
        created_at=fields.epoch(event, "origin_server_ts"),
        observed_at=seen,
        target_ids=target_ids,
    )


def _words(event: Record) -> str | None:
    """Give a message's text: of an edit the new one, of an answer without the lines that it quotes."""
    if fields.text(event, "type") not in _MESSAGES:
        return None
    content = fields.mapping(event, "content")
    edited = _below(content, "m.new_content")
    body = fields.text(edited, "body") or next(
        (found for name in ("body", "topic", "name") if (found := fields.text(content, name))), None
    )
    if body is None or not _FALLBACK.match(body):
        return body
    lines = body.splitlines()
    own = next((place for place, line in enumerate(lines) if not line.startswith(">")), len(lines))
    return "\n".join(lines[own:]).strip() or None


def _named(event: Record, author: User | None) -> dict[User, str]:
    """Derive who the message aims at: whom it mentions, and whom it quotes in an answer."""
    content = fields.mapping(event, "content")
    mentioned = fields.texts(_below(content, "m.mentions"), "user_ids")
    found = {user: "mention" for one in mentioned if (user := user_in(one))}
    quoted = _FALLBACK.match(fields.text(content, "body") or "")
    answered = user_in(quoted["author"]) if quoted else None
    if answered:
        found[answered] = "reply_parent"
    return {user: how for user, how in found.items() if user != author}


def _how(user: User, derivation: str, reporter: User | None) -> tuple[str, ...]:
    return (derivation, "reporter") if user == reporter else (derivation,)


def _below(content: Record, name: str) -> Record:
    """Give the object under a key that holds a dot itself."""
    found = content.get(name)
    if found is None:
        return {}
    if not isinstance(found, Mapping):
        raise RejectedRecord(f"the field {name!r} should be an object, not {type(found).__name__}")
    return found
