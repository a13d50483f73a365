"""Native ids that encode times, as each platform makes them, and the clock of the invented world.

Times are whole milliseconds since 1970 in UTC. Sources of the id layouts: Mastodon (``ms << 16``), X snowflakes
(``ms - 1288834974657 << 22``), atproto TIDs (53-bit µs and a 10-bit clock id in sortable base 32).
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from functools import cache

SECOND = 1000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_X_EPOCH = 1288834974657
_BASE36 = "0123456789abcdefghijklmnopqrstuvwxyz"
_LETTERS = b"abcdefghijklmnopqrstuvwxyz234567" * 8  # a base-32 letter for each byte
_SORTABLE32 = "234567abcdefghijklmnopqrstuvwxyz"


def moment(year: int, month: int, day: int, hour: int = 0) -> int:
    """Give a UTC time in milliseconds."""
    return (datetime(year, month, day, hour, tzinfo=UTC) - _EPOCH) // timedelta(milliseconds=1)


CAMPAIGN = moment(2026, 3, 16)
EARLY_PULL = moment(2026, 4, 20, 6)  # when the first export of a platform was pulled
POLL = moment(2026, 5, 7, 7)
PULL = moment(2026, 5, 18, 6)  # when the last one was
_SUMMER_TIME = moment(2026, 3, 29, 1)


def as_datetime(at: int) -> datetime:
    """Give ``at`` as an aware UTC datetime."""
    return _EPOCH + timedelta(milliseconds=at)


@cache
def _day(number: int) -> datetime:
    return _EPOCH + timedelta(days=number)


@cache
def _date(number: int) -> str:
    return _day(number).strftime("%Y-%m-%d")


def iso_day(at: int) -> str:
    """Write the UTC date of ``at``."""
    return _date(at // DAY)


def iso(at: int) -> str:
    """Write ``at`` as ISO 8601 with milliseconds and ``Z``."""
    number, rest = divmod(at, DAY)
    hour, rest = divmod(rest, HOUR)
    minute, rest = divmod(rest, MINUTE)
    second, milli = divmod(rest, SECOND)
    return f"{_date(number)}T{hour:02}:{minute:02}:{second:02}.{milli:03}Z"


def london(at: int) -> str:
    """Write ``at`` the way an office's spreadsheet does: ``dd/mm/yyyy hh:mm``, local time in London."""
    local = as_datetime(at + (HOUR if at >= _SUMMER_TIME else 0))
    return f"{local.day:02}/{local.month:02}/{local.year} {local.hour:02}:{local.minute:02}"


_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def spoken_date(at: int) -> str:
    """Write the date of ``at`` as an English browser does: ``Fri, March 27, 2026``."""
    day = _day(at // DAY)
    return f"{_WEEKDAYS[day.weekday()]}, {_MONTHS[day.month - 1]} {day.day}, {day.year}"


def _digits(number: int, alphabet: str, width: int = 1) -> str:
    base, made = len(alphabet), ""
    while number or len(made) < width:
        number, place = divmod(number, base)
        made = alphabet[place] + made
    return made


def base36(number: int) -> str:
    """Write a number as Reddit does."""
    return _digits(number, _BASE36)


def mastodon_id(at: int, serial: int) -> int:
    """Give the id that a Mastodon server makes at ``at``."""
    return (at << 16) | (serial & 0xFFFF)


def snowflake(at: int, serial: int) -> int:
    """Give the id that X makes at ``at``."""
    return ((at - _X_EPOCH) << 22) | (serial & 0x3FFFFF)


def tid(at: int, serial: int) -> str:
    """Give the atproto record key that a client makes at ``at``."""
    return _digits(((at * 1000 + serial % 1000) << 10) | (serial & 0x3FF), _SORTABLE32, 13)


def token(*parts: object, width: int) -> str:
    """Give ``width`` base-32 letters that stand for ``parts``: the same for the same parts, everywhere."""
    digest = hashlib.blake2b("\0".join(map(str, parts)).encode(), digest_size=64).digest()
    return digest.translate(_LETTERS)[:width].decode("ascii")


def did(*parts: object) -> str:
    """Give a ``did:plc`` that stands for ``parts``."""
    return "did:plc:" + token("did", *parts, width=24)


def cid(*parts: object) -> str:
    """Give a record's content id that stands for ``parts``."""
    return "bafyrei" + token("cid", *parts, width=52)
