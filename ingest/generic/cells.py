"""Cells of a hand-kept table → text and times. A cell may be text (CSV) or typed (Parquet, JSON); formulas are text."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from graphmatch.errors import RejectedRecord
from graphmatch.model import Precision
from graphmatch.normalise.text import encodable
from graphmatch.normalise.times import Interval, from_epoch, from_local
from ingest.generic.columns import TableMapping

_APART = re.compile(r"[\s;,]+")
_EPOCH = re.compile(r"\d{9,13}(?:\.\d+)?")

_BLANKS = frozenset(
    {"", "-", "--", "?", "n/a", "na", "nan", "none", "null", "unknown", "not known", "not given", "tbc"}
)
_LONGEST_BLANK = max(map(len, _BLANKS))


def stated(cell: str | None) -> str | None:
    """Give a cell; ``None`` for what people write in the place of a blank (``n/a``, ``-``, ``unknown``)."""
    if cell is None:
        return None
    cell = cell.strip()
    return None if len(cell) <= _LONGEST_BLANK and cell.casefold() in _BLANKS else cell


def text(row: Mapping[str, Any], name: str) -> str | None:
    """Give a cell as text, a blank as ``None``; raise `RejectedRecord` if it is a list or an object."""
    value = row.get(name)
    if value is None:
        return None
    if type(value) is str:  # every cell of a CSV
        return encodable(value).strip() or None
    if isinstance(value, float) and math.isnan(value):
        return None
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, float | Decimal):
        # Marks an id as rounded even where the number prints without an exponent.
        return f"{value:E}"
    if isinstance(value, bytes | list | dict):
        raise RejectedRecord(f"the column {name!r} should be text, not {type(value).__name__}")
    return encodable(str(value)).strip() or None


def texts(row: Mapping[str, Any], name: str) -> list[str]:
    """Give a cell that may hold several, as a list or set apart by spaces, semicolons or commas."""
    value = row.get(name)
    if isinstance(value, list):
        return [found for item in value if (found := text({name: item}, name))]
    written = text(row, name)
    return [part for part in _APART.split(written) if part] if written else []


def interval(row: Mapping[str, Any], name: str, mapping: TableMapping) -> Interval | None:
    """Give the time of a cell as an interval in UTC: a day where only a day stands.

    Raises
    ------
    RejectedRecord
        It holds something that is no date.
    """
    value = row.get(name)
    if isinstance(value, datetime) and value.tzinfo is not None:
        at = value.astimezone(UTC)
        return at, at, Precision.EXACT
    if isinstance(value, int | float) and not isinstance(value, bool) and not math.isnan(value):
        return _epoch(value, name)
    written = stated(text(row, name))
    if written is None:
        return None
    if _EPOCH.fullmatch(written):
        return _epoch(written, name)
    found = from_local(written, mapping.zone, dayfirst=mapping.dayfirst)
    if found is None:
        raise RejectedRecord(
            f"the column {name!r} holds no date that can be read (write 2026-04-02 or 02/04/2026), "
            "or one that can't be meant (before 1995 or after 2098)"
        )
    return found


def _epoch(value: float | str, name: str) -> Interval:
    at = from_epoch(value)
    if at is None:
        raise RejectedRecord(f"the column {name!r} holds a number that is no time")
    return at, at, Precision.EXACT
