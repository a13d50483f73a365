"""Values of an activity, which may be an address, an object, or a list of both → things with an address."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphmatch import fields
from graphmatch.errors import RejectedRecord
from graphmatch.normalise.fediverse import is_actor, is_post
from graphmatch.normalise.text import blank_to_none

Record = Mapping[str, Any]

ACTORS = frozenset({"Person", "Service", "Application", "Organization", "Group"})


@dataclass(frozen=True, slots=True)
class Thing:
    """Something that an activity names by its address; ``shown`` is what it shows of it, if anything."""

    address: str
    shown: Record = field(default_factory=dict)

    @property
    def kind(self) -> str | None:
        """What the thing says it is."""
        return kind_of(self.shown)

    @property
    def is_shown_as_actor(self) -> bool:
        """Whether the thing says that it is an account."""
        return self.kind in ACTORS


def kind_of(record: Record) -> str | None:
    """Read what an activity or object says it is; the first word of several."""
    found = record.get("type")
    first = found[0] if isinstance(found, list) and found else found
    return first.removeprefix("as:") if isinstance(first, str) and first else None


def things(record: Record, name: str) -> list[Thing]:
    """Read what stands under ``name``, each address once: what is shown of it goes before its bare address.

    Raises
    ------
    RejectedRecord
        It is neither an address nor an object with one.
    """
    found = record.get(name)
    shown: dict[str, Thing] = {}
    for item in found if isinstance(found, list) else [found]:
        if item is None:
            continue
        thing = _thing(item, name)
        known = shown.get(thing.address)
        if known is None or not known.shown:
            shown[thing.address] = thing
    return list(shown.values())


def one(record: Record, *names: str) -> Thing | None:
    """Read the first thing that stands under one of ``names``."""
    return next((found for name in names for found in things(record, name)), None)


def parted(given: list[Thing], addressed: Iterable[str]) -> tuple[list[Thing], list[Thing]]:
    """Part accounts from posts: a report lists its account first, and posts by address only.

    ``addressed`` is whom the activity is sent to: a report goes to the account's own server.
    """
    sent_to = set(addressed)
    accounts = [
        thing
        for place, thing in enumerate(given)
        if thing.is_shown_as_actor
        or (thing.kind is None and not is_post(thing.address) and _may_be_account(thing, place, given, sent_to))
    ]
    return accounts, [thing for thing in given if thing not in accounts]


def _may_be_account(thing: Thing, place: int, given: list[Thing], sent_to: set[str]) -> bool:
    return is_actor(thing.address) or thing.address in sent_to or (place == 0 and len(given) > 1)


def _thing(item: object, name: str) -> Thing:
    address = blank_to_none(item) if isinstance(item, str) else None
    if address:
        return Thing(address)
    if isinstance(item, Mapping):
        address = fields.text(item, "id")
        if not address:
            raise RejectedRecord(f"the field {name!r} holds an object without an 'id'")
        return Thing(address, item)
    raise RejectedRecord(f"the field {name!r} should be an address or an object, not {type(item).__name__}")
