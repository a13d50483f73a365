"""A Move, and an actor's own document → what accounts declare about each other.

A Move says that the account which signs it goes on elsewhere. Servers believe it only if the other account says in turn
that it is also known as the first; here that is a second statement, of the other account, where its document shows it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from graphmatch import fields
from graphmatch.adapter import Context
from graphmatch.errors import LeftOut, RejectedRecord
from graphmatch.model import Row
from ingest.activitypub.accounts import account_rows, names_as_its_own, required_key
from ingest.activitypub.objects import Thing, one

Record = Mapping[str, Any]


def move_rows(record: Record, context: Context) -> Iterator[Row]:
    """Say what one Move holds: that its origin names its target."""
    signed, origin, target = one(record, "actor"), one(record, "object", "actor"), one(record, "target")
    if origin is None or target is None:
        raise RejectedRecord("a Move without an 'object' or without a 'target'")
    from_key, to_key = required_key(origin, "object"), required_key(target, "target")
    if signed and required_key(signed, "actor") != from_key:
        raise LeftOut("a move that another account than the one that moves has signed")
    if from_key == to_key:
        raise LeftOut("a move of an account to itself")
    seen = context.observed_at or fields.time(record, "published")
    yield from account_rows(origin, from_key, context, seen, moved_to=[to_key])
    if names_as_its_own(target, from_key):
        yield from account_rows(target, to_key, context, seen)


def actor_rows(record: Record, context: Context) -> Iterator[Row]:
    """Say which other accounts an actor's own document names; one that names none is nobody's business."""
    if not (one(record, "movedTo") or one(record, "alsoKnownAs")):
        raise LeftOut("an account's own document that names no other account")
    thing = Thing(fields.required_text(record, "id"), record)
    seen = context.observed_at or fields.time(record, "updated")
    yield from account_rows(thing, required_key(thing, "id"), context, seen)
