"""One object or attribute of a MISP event, with what its record says around it: times, tags, author, references."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from graphmatch import fields
from graphmatch.adapter import Context
from graphmatch.errors import RejectedRecord
from graphmatch.normalise.times import from_iso, latest

Record = Mapping[str, Any]

PLATFORM = "misp"
#: Who asserts what an event says (`LinkClaim.asserted_by`).
ASSERTED_BY = "organisation"
#: References whose object is whom abuse is aimed at, and those that say it the other way round.
AIMS = frozenset({"targets", "impersonates"})
AIMED_AT_BY = frozenset({"is-targeted-by", "targeted-by"})


@dataclass(frozen=True, slots=True)
class Value:
    """One attribute of an object."""

    relation: str
    text: str
    deleted: bool
    changed_at: datetime | None
    seen_at: datetime | None


@dataclass(frozen=True, slots=True)
class Reference:
    """A reference between two objects; ``outward`` from the one that is read, ``taken_back`` if it was deleted."""

    uuid: str | None
    kind: str
    comment: str | None
    outward: bool
    other: Part
    taken_back: datetime | None = None


class Part:
    """A MISP object: its attributes by their relation, those that still stand and those that were deleted."""

    def __init__(self, found: Record) -> None:
        self.found = found
        self.name = fields.required_text(found, "name").casefold()
        self.deleted = is_deleted(found)
        read = [value for each in fields.items(found, "Attribute") if (value := _value(each))]
        self.values = [value for value in read if not value.deleted]
        self.gone = [value for value in read if value.deleted]
        times = [value.changed_at for value in read]
        self.changed_at = latest(fields.epoch(found, "timestamp"), *times)
        first, last = fields.time(found, "first_seen"), fields.time(found, "last_seen")
        self.span = (first or last, last or first)

    def every(self, *relations: str) -> list[str]:
        """Give the values of these relations, in the order of the relations; those that still stand."""
        return [value.text for name in relations for value in self.values if value.relation == name]

    def one(self, *relations: str) -> str | None:
        """Give the first of `every`."""
        return next(iter(self.every(*relations)), None)

    def time(self, *relations: str) -> datetime | None:
        """Give the first of these that is a time."""
        return next((time for text in self.every(*relations) if (time := from_iso(text))), None)

    def whole(self) -> Part:
        """Give the object as it stood before anything of it was deleted."""
        before = Part.__new__(Part)
        before.found, before.name, before.deleted = self.found, self.name, False
        before.values, before.gone = [*self.values, *self.gone], []
        before.changed_at, before.span = self.changed_at, self.span
        return before


@dataclass(frozen=True, slots=True)
class About:
    """What a record says of the event around it."""

    seen: datetime | None
    told_at: datetime | None
    author: str | None
    labels: tuple[str, ...]
    title: str | None
    confidence: str | None


def about(record: Record, found: Record, changed_at: datetime | None, context: Context) -> About:
    """Read what stands around an object or attribute; its own times count before the event's."""
    event = fields.mapping(record, "Event")
    spans = [fields.time(found, name) for name in ("first_seen", "last_seen")]
    told_at = changed_at or fields.epoch(event, "timestamp")
    date = from_iso(fields.text(event, "date") or "")
    author = fields.mapping(event, "Orgc") or fields.mapping(event, "Org")
    labels = tags(event)
    return About(
        seen=context.observed_at or latest(told_at, *spans) or date,
        told_at=told_at,
        author=fields.text(author, "uuid") or fields.text(author, "name"),
        labels=tuple(labels),
        title=fields.text(event, "info"),
        confidence=_confidence(labels),
    )


def references(record: Record) -> Iterator[Reference]:
    """Give the references of the record's object, in both directions; of those deleted the ones that say when."""
    for each in fields.items(record, "related"):
        by, other = fields.mapping(each, "by"), fields.mapping(each, "Object")
        if is_deleted(other):
            continue
        kind = (fields.text(by, "relationship_type") or "").casefold().replace("_", "-")
        outward = fields.text(each, "way") == "out"
        try:
            part = Part(other)
        except RejectedRecord:
            continue  # it goes to quarantine by itself, and costs nothing that refers to it
        comment, taken_back = fields.text(by, "comment"), fields.epoch(by, "timestamp") if is_deleted(by) else None
        if taken_back or not is_deleted(by):
            yield Reference(fields.text(by, "uuid"), kind, comment, outward, part, taken_back)


def is_targeted(record: Record, found: Record) -> bool:
    """Tell whether references of the event say that abuse is aimed at an object of the record."""
    return fields.text(found, "uuid") in fields.texts(record, "targeted")


def tags(found: Record) -> list[str]:
    """List the names of an event's or attribute's tags."""
    return [name for each in fields.items(found, "Tag") if (name := fields.text(each, "name"))]


def is_deleted(found: Record) -> bool:
    """Tell a tombstone, however the flag is written."""
    flag = fields.value(found, "deleted")
    return flag is True or (isinstance(flag, int | str) and str(flag).casefold() in ("1", "true"))


def _value(found: Record) -> Value | None:
    relation, text = fields.text(found, "object_relation"), fields.text(found, "value")
    if relation is None or text is None:
        return None
    seen_at = fields.time(found, "last_seen") or fields.time(found, "first_seen")
    return Value(relation.casefold(), text, is_deleted(found), fields.epoch(found, "timestamp"), seen_at)


def _confidence(labels: list[str]) -> str | None:
    """Say in words how sure an event is, by the taxonomy ``estimative-language``."""
    for label in labels:
        namespace, _, rest = label.partition(":")
        predicate, _, value = rest.partition("=")
        words = value.strip('"').replace("-", " ")
        if namespace.casefold() == "estimative-language" and words:
            return f"{words} confidence" if "confidence" in predicate else words
    return None
