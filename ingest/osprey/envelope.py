"""What lies around every event: its name, its number, its time. In: a record. Out: an `Event` with the inner data.

Events are written down as they are sent (``send_time``, ``data.action_name``, ``data.data``), as the AT protocol's
plugins send them (the inner data as Base64 of JSON, times as seconds and nanoseconds), or short (``id, name, data``).
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from graphmatch import fields
from graphmatch.errors import RejectedRecord
from graphmatch.normalise.times import from_epoch
from graphmatch.readers.values import UnfitError, parse

Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Event:
    """One event. ``at`` is when it happened; where only that is known, when it was sent."""

    name: str
    number: str | None
    at: datetime | None
    payload: Record


def event_in(record: Record) -> Event:
    """Read an event's envelope."""
    if "name" in record and "send_time" not in record and "sendTime" not in record:
        inner, name, number, sent = record, "name", "id", None
    else:
        inner, sent = fields.required_mapping(record, "data"), _moment(record, ("send_time", "sendTime"))
        name = "action_name" if "action_name" in inner else "actionName"
        number = "action_id" if "action_id" in inner else "actionId"
    payload = unpacked(inner, "data")
    if not isinstance(payload, Mapping) or not payload:
        raise RejectedRecord("the event holds no data")
    return Event(
        name=fields.text(inner, name) or fields.text(payload, "event_type") or "",
        number=fields.text(inner, number),
        at=_moment(inner, ("timestamp",)) or sent,
        payload=payload,
    )


def unpacked(record: Record, name: str) -> Any:
    """Give the object or list at ``name``, which may be packed as text: JSON, or Base64 of it. Absent: nothing.

    Raises
    ------
    RejectedRecord
        It is something else, or can't be unpacked.
    """
    found = record.get(name)
    if isinstance(found, str) and found.strip():
        try:
            text = found if found.lstrip()[0] in "{[" else base64.b64decode(found, validate=True).decode()
            found = parse(text)
        except (ValueError, UnfitError):
            raise RejectedRecord(f"the field {name!r} is neither JSON nor Base64 of it") from None
    if found is None or found == "":
        return {}
    if not isinstance(found, Mapping | list):
        raise RejectedRecord(f"the field {name!r} should be an object, not {type(found).__name__}")
    return found


def unpacked_object(record: Record, name: str) -> Record:
    """Give the object at ``name``, empty if absent."""
    found = unpacked(record, name)
    if isinstance(found, list):
        raise RejectedRecord(f"the field {name!r} should be an object, not a list")
    return dict(found)


def _moment(record: Record, names: tuple[str, ...]) -> datetime | None:
    for name in names:
        found = record.get(name)
        if isinstance(found, Mapping):
            seconds, nanos = fields.integer(found, "seconds"), fields.integer(found, "nanos")
            whole = isinstance(seconds, int) and abs(seconds) < 10**11
            return from_epoch(seconds + (nanos or 0) % 10**9 / 10**9) if seconds is not None and whole else None
        if isinstance(found, int | float) and not isinstance(found, bool):
            return fields.epoch(record, name)
        if found is not None:
            return fields.time(record, name)
    return None
