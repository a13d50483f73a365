"""A MISP event → one record for each of its objects and attributes, with the event and the objects that it refers to.

References stand on one of two objects, so each object is given those in both directions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from graphmatch.errors import RejectedRecord
from ingest.misp.parts import AIMED_AT_BY, AIMS, is_deleted

Part = Mapping[str, Any]

#: What every record is told of its event.
_OF_EVENT = ("uuid", "info", "date", "timestamp", "publish_timestamp", "Orgc", "Org", "Tag")


def parts_of(page: dict[str, Any]) -> Iterator[object]:
    """Take an event apart; an object or an attribute by itself is one record.

    Raises
    ------
    RejectedRecord
        It is neither of them.
    """
    if "info" in page or isinstance(page.get("Object"), list):
        yield from _event_parts(page)
    elif "name" in page and ("Attribute" in page or "template_uuid" in page):
        yield {"Object": page, "Event": _event(page.get("Event")), "related": []}
    elif "type" in page and "value" in page:
        yield {"Attribute": page, "Event": _event(page.get("Event"))}
    else:
        raise RejectedRecord("neither an event, an object nor an attribute of MISP")


def _event_parts(event: dict[str, Any]) -> Iterator[object]:
    about = _event(event)
    objects, attributes = _list(event, "Object"), _list(event, "Attribute")
    related = _related(objects)
    targeted = _aimed_at(related)
    for found in objects:
        if isinstance(found, Mapping):
            around = related.get(_uuid(found), [])
            names = dict.fromkeys([_uuid(found), *(_uuid(each["Object"]) for each in around)])
            aims = [name for name in names if name in targeted]
            yield {"Object": found, "Event": about, "related": around, "targeted": aims}
        else:
            yield found
    for found in attributes:
        yield {"Attribute": found, "Event": about} if isinstance(found, Mapping) else found
    if not objects and not attributes:
        yield {"Event": about}


def _event(event: object) -> dict[str, Any]:
    return {name: event[name] for name in _OF_EVENT if name in event} if isinstance(event, Mapping) else {}


def _list(event: Part, name: str) -> list[Any]:
    found = event.get(name)
    if found is not None and not isinstance(found, list):
        raise RejectedRecord(f"the field {name!r} should be a list, not {type(found).__name__}")
    return found or []


def _related(objects: list[Any]) -> dict[str, list[Part]]:
    """Give, by the uuid of each object, its references: to (``out``) and from (``in``) which object."""
    by_uuid = {_uuid(found): found for found in objects if isinstance(found, Mapping) and _uuid(found)}
    related: dict[str, list[Part]] = {}
    for uuid, found in by_uuid.items():
        references = found.get("ObjectReference")
        for reference in references if isinstance(references, list) else []:
            other = reference.get("referenced_uuid") if isinstance(reference, Mapping) else None
            if isinstance(other, str) and other in by_uuid:
                related.setdefault(uuid, []).append({"way": "out", "by": reference, "Object": by_uuid[other]})
                related.setdefault(other, []).append({"way": "in", "by": reference, "Object": found})
    return related


def _aimed_at(related: Mapping[str, list[Part]]) -> set[str]:
    """Give the uuids of the objects that a reference says abuse is aimed at, or that they are who is impersonated."""
    return {
        uuid
        for uuid, around in related.items()
        for each in around
        if not is_deleted(each["by"]) and _kind(each["by"]) in (AIMED_AT_BY if each["way"] == "out" else AIMS)
    }


def _kind(reference: Part) -> str:
    kind = reference.get("relationship_type")
    return kind.casefold() if isinstance(kind, str) else ""


def _uuid(found: Part) -> str:
    uuid = found.get("uuid")
    return uuid if isinstance(uuid, str) else ""
