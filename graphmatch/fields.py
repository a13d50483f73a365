"""Typed access to the fields of a raw record by dotted path: a record of another shape is rejected by name.

Absent and ``null`` are ``None`` (or empty); a value of another type raises `RejectedRecord` naming the path, never
the value. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from graphmatch.errors import RejectedRecord
from graphmatch.normalise.text import blank_to_none
from graphmatch.normalise.times import from_epoch, from_iso

Record = Mapping[str, Any]

_DATE_LIKE = re.compile(r"\s*\d{4}-\d\d-\d\d")
_WHOLE = re.compile(r"\s*-?\d{1,30}\s*")


def value(record: Record, path: str) -> Any:
    """Give what stands at ``path``; ``None`` if a step is absent or null.

    Raises
    ------
    RejectedRecord
        A step on the way is not an object.
    """
    if "." not in path:
        return record.get(path)
    found: Any = record
    steps = _steps(path)
    for place, step in enumerate(steps):
        if found is None:
            return None
        # Asking for the type first: the question about any mapping costs ten times as much.
        if type(found) is not dict and not isinstance(found, Mapping):
            raise _wrong(".".join(steps[:place]) or "the record", "an object", found)
        found = found.get(step)
    return found


def text(record: Record, path: str) -> str | None:
    """Give the text at ``path``; whole numbers become text (ids), a blank becomes ``None``.

    Raises
    ------
    RejectedRecord
        It is neither text nor a whole number.
    """
    found = value(record, path)
    if found is None:
        return None
    if type(found) is not str and (isinstance(found, bool) or not isinstance(found, str | int)):
        raise _wrong(path, "text", found)
    return blank_to_none(found)


def required_text(record: Record, path: str) -> str:
    """Give the text at ``path``; raise `RejectedRecord` if there is none."""
    found = text(record, path)
    if found is None:
        raise RejectedRecord(f"the field {path!r} is missing or blank")
    return found


def mapping(record: Record, path: str) -> Record:
    """Give the object at ``path``, empty if absent; raise `RejectedRecord` if it is something else."""
    found = value(record, path)
    if found is None:
        return {}
    if type(found) is not dict and not isinstance(found, Mapping):
        raise _wrong(path, "an object", found)
    return found


def required_mapping(record: Record, path: str) -> Record:
    """Give the object at ``path``; raise `RejectedRecord` if it is absent, empty or something else."""
    found = mapping(record, path)
    if not found:
        raise RejectedRecord(f"the field {path!r} is missing")
    return found


def items(record: Record, path: str) -> list[Record]:
    """Give the objects of the list at ``path``, empty if absent; nulls among them are left out.

    Raises
    ------
    RejectedRecord
        It is not a list, or one element is not an object.
    """
    found = _list(record, path)
    for item in found:
        if type(item) is not dict and not isinstance(item, Mapping):
            raise _wrong(f"{path}[]", "an object", item)
    return found


def texts(record: Record, path: str) -> list[str]:
    """Give the texts of the list at ``path``, empty if absent; blanks are left out.

    Raises
    ------
    RejectedRecord
        It is not a list, or one element is neither text nor a whole number.
    """
    found = _list(record, path)
    for item in found:
        if isinstance(item, bool) or not isinstance(item, str | int):
            raise _wrong(f"{path}[]", "text", item)
    return [clean for item in found if (clean := blank_to_none(item))]


def integer(record: Record, path: str) -> int | None:
    """Give the whole number at ``path``, also written as text; raise `RejectedRecord` for anything else."""
    found = value(record, path)
    if found is None or (isinstance(found, str) and not found.strip()):
        return None
    if isinstance(found, str) and _WHOLE.fullmatch(found):
        return int(found)
    if isinstance(found, bool) or not isinstance(found, int):
        raise _wrong(path, "a whole number", found)
    return found


def flag(record: Record, path: str) -> bool | None:
    """Give the truth value at ``path``; raise `RejectedRecord` for anything else."""
    found = value(record, path)
    if found is not None and not isinstance(found, bool):
        raise _wrong(path, "true or false", found)
    return found


def time(record: Record, path: str) -> datetime | None:
    """Give the ISO 8601 time at ``path`` in UTC; a date outside any plausible year is ``None``.

    Raises
    ------
    RejectedRecord
        It is not a time.
    """
    found = text(record, path)
    if found is None:
        return None
    parsed = from_iso(found)
    if parsed is None and not _DATE_LIKE.match(found):
        raise RejectedRecord(f"the field {path!r} is not an ISO 8601 time")
    return parsed


def epoch(record: Record, path: str) -> datetime | None:
    """Give the epoch time at ``path`` (seconds or milliseconds, number or text) in UTC.

    Raises
    ------
    RejectedRecord
        It is not a number.
    """
    found = value(record, path)
    if found is None or found == "":
        return None
    if isinstance(found, Decimal):
        found = float(found)
    if isinstance(found, bool) or not isinstance(found, int | float | str):
        raise _wrong(path, "an epoch time", found)
    return from_epoch(found)


@lru_cache(maxsize=1_024)
def _steps(path: str) -> tuple[str, ...]:
    return tuple(path.split("."))


def _list(record: Record, path: str) -> list[Any]:
    found = value(record, path)
    if found is None:
        return []
    if not isinstance(found, list):
        raise _wrong(path, "a list", found)
    return [item for item in found if item is not None]


def _wrong(path: str, wanted: str, found: object) -> RejectedRecord:
    return RejectedRecord(f"the field {path!r} should be {wanted}, not {type(found).__name__}")
