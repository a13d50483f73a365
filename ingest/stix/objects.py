"""The objects of a STIX file, wherever they stand → one record each, with the objects that it names.

STIX objects refer to each other by id, in any order, also across the pages of a file. They are taken a window at a
time: each is joined with what it names in its window, and in what was read before as far as that is remembered.
"""

from __future__ import annotations

import io
from collections import OrderedDict
from collections.abc import Container, Iterable, Iterator, Mapping
from typing import Any, BinaryIO

from graphmatch.adapter import Layout, RawRecord, Unreadable
from graphmatch.readers import MAX_RECORD_BYTES, read_layout
from graphmatch.readers.streams import Tap

Object = Mapping[str, Any]

#: What of other objects a record may need to know.
NAMEABLE = frozenset(
    {
        "domain-name",
        "email-addr",
        "identity",
        "ipv4-addr",
        "ipv6-addr",
        "observed-data",
        "phone-number",
        "relationship",
        "url",
        "user-account",
    }
)
#: Objects that name others in turn: what they name is joined too.
_GO_BETWEENS = ("observed-data", "relationship")
#: Relationships whose target is whom abuse is aimed at, so that it is never taken for an abuser.
AIMED_AT = frozenset({"targets", "impersonates"})
_REFS = (
    "source_ref",
    "target_ref",
    "sighting_of_ref",
    "belongs_to_ref",
    "object_refs",
    "observed_data_refs",
)
WINDOW_OBJECTS = 10_000
MOST_REMEMBERED = 50_000


def read_objects(stream: BinaryIO, layout: Layout) -> Iterator[RawRecord | Unreadable]:
    """Stream one record an object: ``object``, and ``named``, the objects that it names.

    Where it is so also ``superseded`` (the same window holds a later version of the same object) and ``targeted``, the
    ids of those among the object and the named ones that a relationship says abuse is aimed at.
    """
    tap = Tap(stream)
    known: OrderedDict[str, Object] = OrderedDict()
    targeted: OrderedDict[str, None] = OrderedDict()
    window: list[RawRecord | Unreadable] = []
    begun = 0
    for item in read_layout(io.BufferedReader(tap), layout):
        window.append(item)
        if isinstance(item, RawRecord):
            _remember(item.value, known)
            targeted |= dict.fromkeys(_aimed_at(item.value))
        if len(window) >= WINDOW_OBJECTS or tap.taken - begun >= MAX_RECORD_BYTES:
            yield from _joined(window, known, targeted)
            window, begun = [], tap.taken
            for remembered in (known, targeted):
                while len(remembered) > MOST_REMEMBERED:
                    remembered.popitem(last=False)
    yield from _joined(window, known, targeted)


def refs_in(found: Object, names: Iterable[str] = _REFS) -> list[str]:
    """List the ids that an object names, each once, in order; what is no text is none."""
    refs: dict[str, None] = {}
    for name in names:
        value = found.get(name)
        for ref in value if isinstance(value, list) else [value]:
            if isinstance(ref, str):
                refs[ref] = None
    return list(refs)


def kind_of(ref: str) -> str:
    """Give the type that an id begins with."""
    return ref.partition("--")[0]


def _remember(found: Object, known: OrderedDict[str, Object]) -> None:
    name = found.get("id")
    if not isinstance(name, str) or _word(found, "type") not in NAMEABLE:
        return
    before = known.pop(name, None)
    known[name] = before if before is not None and _version(before) > _version(found) else found


def _aimed_at(found: Object) -> list[str]:
    """Give the account that a relationship says abuse is aimed at."""
    aims = _word(found, "type") == "relationship" and _word(found, "relationship_type") in AIMED_AT
    return refs_in(found, ("target_ref",)) if aims and found.get("revoked") is not True else []


def _joined(
    window: list[RawRecord | Unreadable], known: Mapping[str, Object], targeted: Container[str]
) -> Iterator[RawRecord | Unreadable]:
    latest: dict[str, str] = {}
    for item in window:
        name = item.value.get("id") if isinstance(item, RawRecord) else None
        if isinstance(item, RawRecord) and isinstance(name, str):
            latest[name] = max(latest.get(name, ""), _version(item.value))
    for item in window:
        if isinstance(item, Unreadable):
            yield item
            continue
        name = item.value.get("id")
        record: dict[str, Any] = {"object": item.value, "named": _named(item.value, known)}
        if isinstance(name, str) and _version(item.value) < latest[name]:
            record["superseded"] = True
        names = [each.get("id") for each in (item.value, *record["named"])]
        if aims := [each for each in names if isinstance(each, str) and each in targeted]:
            record["targeted"] = aims
        yield RawRecord(item.line, record)


def _word(found: Object, name: str) -> str:
    """Give a word of an object as it came; blank for what is no text."""
    word = found.get(name)
    return word if isinstance(word, str) else ""


def _version(found: Object) -> str:
    """Give when this version of an object was made: times of one form, so that they compare as text."""
    return _word(found, "modified")


def _named(found: Object, known: Mapping[str, Object]) -> list[Object]:
    named: dict[str, Object] = {}
    for ref in refs_in(found):
        if (other := known.get(ref)) is not None:
            named[ref] = other
            if kind_of(ref) in _GO_BETWEENS:
                named |= {name: known[name] for name in refs_in(other) if name in known and name not in named}
    return list(named.values())
