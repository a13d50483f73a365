"""State events of a room → what they do to an account: rules of a policy room, and the room's own bans.

A rule with no content is withdrawn, and so is one that was redacted or replaced by a rule on somebody else. Whose rule
it was, the event says by what it replaces (``prev_content``), by its state key, or the file by an earlier event with
the same state key. Rules on servers, rooms and patterns name no account.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from graphmatch import fields
from graphmatch.adapter import Context, RawRecord, Unreadable
from graphmatch.errors import LeftOut, RejectedRecord
from graphmatch.model import Action, Enforcement, Row, Scope
from graphmatch.normalise.actions import action
from graphmatch.normalise.text import redact
from ingest.matrix.users import PLATFORM, Subject, account_rows, canonical_hash, hashed_subject, subject_of, user_in

Record = Mapping[str, Any]

MEMBER = "m.room.member"
#: The types of rules by what they are on: as the specification calls them, and as they were called before.
RULES = {
    f"{prefix}.{kind}": kind
    for prefix in ("m.policy.rule", "m.room.rule", "org.matrix.mjolnir.rule")
    for kind in ("user", "server", "room")
}
#: The name that MSC4205 has for its field until it is in the specification.
UNSTABLE_HASHES = "org.matrix.msc4205.hashes"
#: What an event replaced, where an earlier one of the file tells it.
REPLACED = "replaced"
#: More state keys than any policy room has; of those seen longest ago no more is known.
_MOST_KEPT = 200_000
_NAMED_IN_KEY = re.compile(r"(?:rule:|_)?(@[^\s]{3,255})")


@dataclass(frozen=True, slots=True)
class _Event:
    """What a state event says beside its content."""

    event_id: str
    at: datetime | None
    room: str | None
    sender: str | None


def with_replaced(records: Iterable[RawRecord | Unreadable]) -> Iterator[RawRecord | Unreadable]:
    """Give each state event with the content that it replaced, as far as the file shows it before.

    A file that runs from the newest to the oldest tells nothing in this way: there each event's ``prev_content`` does.
    """
    known: dict[tuple[object, ...], tuple[int, Record]] = {}
    for record in records:
        key = _state_of(record)
        if key is None or not isinstance(record, RawRecord):
            yield record
            continue
        at, content = record.value["origin_server_ts"], record.value["content"]
        before = known.pop(key, None)
        if before and before[0] <= at:
            record = RawRecord(record.line, record.value, {**record.around, REPLACED: before[1]})  # noqa: PLW2901
        known[key] = (at, content) if before is None or before[0] <= at else before
        if len(known) > _MOST_KEPT:
            del known[next(iter(known))]
        yield record


def event_rows(record: RawRecord, context: Context) -> Iterator[Row]:
    """Say what a state event does to an account; any other event is left out."""
    kind = fields.required_text(record.value, "type")
    replaced = record.around.get(REPLACED)
    replaced = replaced if isinstance(replaced, Mapping) else {}
    if kind == MEMBER:
        yield from _member_rows(record.value, context, replaced)
    elif kind in RULES:
        yield from _rule_rows(record.value, context, replaced, RULES[kind])
    else:
        raise LeftOut("an event of a room that is no moderation policy and no ban")


def _state_of(record: RawRecord | Unreadable) -> tuple[object, ...] | None:
    if not isinstance(record, RawRecord):
        return None
    value = record.value
    names = ("room_id", "type", "state_key")
    parts = tuple(part if isinstance(part := value.get(name), str) else None for name in names)
    at = value.get("origin_server_ts")
    fit = isinstance(at, int) and not isinstance(at, bool) and isinstance(value.get("content"), Mapping)
    return parts if fit and parts[2] is not None and parts[1] in {MEMBER, *RULES} else None


def _rule_rows(record: Record, context: Context, replaced: Record, kind: str) -> Iterator[Row]:
    if kind != "user":
        raise LeftOut(f"a policy rule on a {kind}: it names no account")
    event, content = _event(record, context), fields.mapping(record, "content")
    before = _before(record) or replaced
    subject = _subject(content, context, event.at)
    if subject is None:
        yield from _withdrawn(record, context, event, _subject(before, context, event.at))
        return
    raw = fields.required_text(content, "recommendation")
    found = action(PLATFORM, raw)
    if found is None:
        raise LeftOut("a policy rule that recommends neither a ban nor its end")
    yield from account_rows(subject, context)
    yield _enforcement(context, event, subject, found, raw, reason=fields.text(content, "reason"))
    other = _subject(before, context, event.at, lenient=True)
    if other and other.account.account_id != subject.account.account_id:
        yield from account_rows(other, context)
        event = replace(event, event_id=f"{event.event_id}:replaced")
        yield _enforcement(context, event, other, Action.ACCOUNT_RESTORED, "replaced")


def _withdrawn(record: Record, context: Context, event: _Event, subject: Subject | None) -> Iterator[Row]:
    named = _NAMED_IN_KEY.fullmatch(fields.text(record, "state_key") or "")
    user = user_in(named[1]) if named else None
    if subject is None and user is None:
        raise LeftOut("a policy rule that was withdrawn, of which the file does not say on whom it was")
    account = subject or (subject_of(user, context.keyring, _seen(context, event.at)) if user else None)
    if account:
        yield from account_rows(account, context)
        yield _enforcement(context, _withdrawal(record, event), account, Action.ACCOUNT_RESTORED, "content={}")


def _withdrawal(record: Record, event: _Event) -> _Event:
    """Tell a withdrawal from its rule: an event that was redacted bears the time of the rule, the redaction its own."""
    redaction = fields.mapping(record, "unsigned.redacted_because")
    return replace(
        event,
        event_id=f"{event.event_id}:withdrawn",
        at=fields.epoch(redaction, "origin_server_ts") if redaction else event.at,
        sender=fields.text(redaction, "sender") if redaction else event.sender,
    )


def _member_rows(record: Record, context: Context, replaced: Record) -> Iterator[Row]:
    event = _event(record, context)
    membership = fields.required_text(record, "content.membership")
    before = fields.text(_before(record) or replaced, "membership")
    raw = "unban" if before == "ban" and membership == "leave" else membership
    found = action(PLATFORM, raw) if raw in ("ban", "unban") else None
    if found is None:
        raise LeftOut("somebody's joining, leaving or being invited")
    user = user_in(fields.required_text(record, "state_key"))
    if user is None:
        raise RejectedRecord("the field 'state_key' is no Matrix user id")
    subject = subject_of(user, context.keyring, _seen(context, event.at))
    avatar = fields.text(record, "content.avatar_url")
    shown = replace(
        subject.account,
        display_name=fields.text(record, "content.displayname"),
        avatar_url=redact(avatar) if avatar else None,
    )
    yield from account_rows(replace(subject, account=shown), context)
    yield _enforcement(context, event, subject, found, raw, reason=fields.text(record, "content.reason"))


def _event(record: Record, context: Context) -> _Event:
    at, room = fields.epoch(record, "origin_server_ts"), fields.text(record, "room_id")
    event_id = fields.text(record, "event_id")
    if event_id is None:
        what = [
            room,
            *(fields.text(record, name) for name in ("type", "state_key", "sender")),
            at,
            record.get("content"),
        ]
        event_id = context.keyring.digest("event", repr(what))[:16]
    return _Event(event_id, at, room, fields.text(record, "sender"))


def _before(record: Record) -> Record:
    """Give the content that the event replaced, where servers show it; old ones showed it beside the content."""
    return fields.mapping(record, "unsigned.prev_content") or fields.mapping(record, "prev_content")


def _subject(content: Record, context: Context, at: datetime | None, *, lenient: bool = False) -> Subject | None:
    """Give the account that a rule is on; ``None`` if it names nobody.

    Raises
    ------
    LeftOut
        It is on a pattern. ``lenient``: then nobody is named.
    """
    entity = fields.text(content, "entity")
    if entity is not None:
        user = user_in(entity)
        if user is None and not lenient:
            raise LeftOut("a policy rule on a pattern of users: it names no account")
        return subject_of(user, context.keyring, _seen(context, at)) if user else None
    hashes = content.get(UNSTABLE_HASHES) if content.get("hashes") is None else content["hashes"]
    sha256 = fields.text({"hashes": hashes}, "hashes.sha256")
    if sha256 is None:
        return None
    canonical = canonical_hash(sha256)
    if canonical is None:
        raise RejectedRecord("the field 'content.hashes.sha256' is no SHA-256 in Base64")
    return hashed_subject(canonical, context.keyring, _seen(context, at))


def _seen(context: Context, at: datetime | None) -> datetime | None:
    return context.observed_at or at


def _enforcement(
    context: Context, event: _Event, subject: Subject, found: Action, raw: str, *, reason: str | None = None
) -> Enforcement:
    return Enforcement(
        enforcement_id=f"{PLATFORM}:event:{event.event_id}",
        platform=PLATFORM,
        source=context.source,
        action=found,
        action_raw=raw,
        # Whoever subscribes to a policy room, or is in the room, is bound by it; nobody else is.
        scope=Scope.COMMUNITY,
        account_id=subject.account.account_id,
        scope_ref=event.room,
        at_earliest=event.at,
        at_latest=event.at,
        reason=redact(reason) if reason else None,
        by_ref=context.keyring.reporter(PLATFORM, event.sender) if event.sender else None,
    )
