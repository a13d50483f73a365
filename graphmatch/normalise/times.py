"""Times of many spellings → aware UTC datetimes, and the times that ids carry (formats reference §2). Pure.

What can't be read, or lies outside any plausible year, is ``None``: a time is never guessed.
"""

from __future__ import annotations

import functools
import math
import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from graphmatch.errors import ConfigError
from graphmatch.model import Precision

#: Kept equal to that of `graphmatch.tables` by a test; repeated so that reading a time imports no tables.
PLAUSIBLE_YEARS = (1995, 2098)

Interval = tuple[datetime, datetime, Precision]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ZONE = r"(?P<zone>[Zz]|[+-]\d\d:?\d\d|[+-]\d\d|\s?(?:UTC|GMT))?"
_CLOCK = r"(?P<hour>\d{1,2}):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,](?P<fraction>\d{1,12}))?)?"
_ISO = re.compile(rf"(?P<year>\d{{4}})-(?P<month>\d\d)-(?P<day>\d\d)(?:[T t]{_CLOCK}\s?{_ZONE})?")
#: What nearly every export writes; the interpreter reads it itself, many times faster.
_COMMON = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T(?!24)[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?Z")
_NUMERIC = re.compile(
    rf"(?P<first>\d{{1,2}})[/.-](?P<second_part>\d{{1,2}})[/.-](?P<year>\d{{4}}|\d\d)"
    rf"(?:,?\s+(?:at\s+)?{_CLOCK}\s?(?P<half>[ap]m)?)?",
    re.IGNORECASE,
)
_WEEKDAY = r"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,?\s+)?"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_NAME = r"(?P<name>[a-z]{3,9})\.?"
_TAIL = rf",?\s+(?P<year>\d{{4}})(?:,?\s+(?:at\s+)?{_CLOCK}\s?(?P<half>[ap]m)?\s?{_ZONE})?"
_DAY_MONTH = re.compile(rf"{_WEEKDAY}{_DAY}\s+{_NAME}{_TAIL}", re.IGNORECASE)
_MONTH_DAY = re.compile(rf"{_WEEKDAY}{_NAME}\s+{_DAY}{_TAIL}", re.IGNORECASE)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH_TAILS = ("uary", "ruary", "ch", "il", "", "e", "y", "ust", "t", "tember", "ober", "ember")
_DIGITS = re.compile(r"\d{1,20}")
_EPOCH_TEXT = re.compile(r"-?\d{1,20}(?:\.\d{1,9})?")
_LONGEST = 64

_TID = re.compile(r"[2-7a-j][2-7a-z]{12}")
_TID_LETTERS = "234567abcdefghijklmnopqrstuvwxyz"
_AIDX = re.compile(r"[0-9a-z]{10}(?:[0-9a-z]{6})?")
_AIDX_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_X_EPOCH_MS = 1288834974657
#: Before November 2010 ids on X were counted one by one, up to about 3·10^10.
_FIRST_X_SNOWFLAKE = 1 << 40
_DISCORD_EPOCH_MS = 1420070400000
#: Discord began in 2015; a smaller number would lie in the first days of its clock, before there was any account.
_FIRST_DISCORD_SNOWFLAKE = 1 << 50


def latest(*times: datetime | None) -> datetime | None:
    """Give the latest of the times that are known."""
    return max((time for time in times if time is not None), default=None)


def plausible(time: datetime | None) -> datetime | None:
    """Give ``time`` back if a person may have posted then; else ``None`` (sentinels, typing errors)."""
    if time is None or not PLAUSIBLE_YEARS[0] <= time.year <= PLAUSIBLE_YEARS[1]:
        return None
    return time


def from_iso(value: str) -> datetime | None:
    """Read an ISO 8601 time: ``Z``, offsets, nanoseconds (cut to µs). Naive is UTC, a date its midnight."""
    if _COMMON.fullmatch(value):
        try:
            return plausible(datetime.fromisoformat(value))
        except ValueError:
            pass  # a leap second, or no such day: read below
    match = _ISO.fullmatch(value.strip()) if len(value) <= _LONGEST else None
    if not match:
        return None
    naive = _build(match, int(match["month"]), int(match["day"]))
    return plausible(_to_utc(naive, match["zone"] or "Z"))


def from_epoch(value: float | str) -> datetime | None:
    """Read seconds or milliseconds since 1970, told apart by magnitude; scientific notation is ``None``."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        if len(value) > _LONGEST or not _EPOCH_TEXT.fullmatch(value.strip()):
            return None
        value = float(value) if "." in value else int(value)
    if isinstance(value, float) and not math.isfinite(value):
        return None
    milliseconds = abs(value) >= 10**11
    if abs(value) >= 10**14:
        return None
    delta = timedelta(milliseconds=value) if milliseconds else timedelta(seconds=value)
    try:
        return plausible(_EPOCH + delta)
    except OverflowError:
        return None


def from_local(value: str, zone: str, *, dayfirst: bool = True) -> tuple[datetime, datetime, Precision] | None:
    """Read a time as people write it, as an interval in UTC.

    Parameters
    ----------
    value
        ISO 8601, ``dd/mm/yyyy``, ``2 April 2026``, ``Fri, March 27, 2026``, each with or without a clock.
    zone
        IANA name of the zone that naive times are in.
    dayfirst
        Whether ``02/04/2026`` is in April (UK) or in February (US).

    Returns
    -------
    tuple of (earliest, latest, precision), or None
        Equal ends when minutes are given; else the day, from its midnight to its last microsecond. A naive
        time in the hour that autumn repeats is approximate: the interval holds both readings.

    Raises
    ------
    ConfigError
        There is no such zone.
    """
    return _from_local(value, zone, dayfirst=dayfirst) if len(value) <= _LONGEST else None


@functools.lru_cache(maxsize=4_096)
def _from_local(value: str, zone: str, *, dayfirst: bool) -> Interval | None:
    place = _zone(zone)
    parts = _parts(" ".join(value.split()), dayfirst=dayfirst)
    if parts is None:
        return None
    naive, offset, has_clock = parts
    if not has_clock:
        start = naive.replace(tzinfo=place).astimezone(UTC)
        end = (naive + timedelta(days=1)).replace(tzinfo=place).astimezone(UTC) - timedelta(microseconds=1)
        return (start, end, Precision.DAY) if plausible(start) else None
    if offset:
        at = plausible(_to_utc(naive, offset))
        return (at, at, Precision.EXACT) if at else None
    if not plausible(naive):
        return None
    both = sorted(naive.replace(tzinfo=place, fold=fold).astimezone(UTC) for fold in (0, 1))
    return both[0], both[1], Precision.EXACT if both[0] == both[1] else Precision.APPROXIMATE


def from_mastodon_id(value: object) -> datetime | None:
    """Read the creation time in a Mastodon account or status id (of remote accounts: of first sight)."""
    number = _whole(value)
    return None if number is None else _from_milliseconds(number >> 16)


def from_x_id(value: object) -> datetime | None:
    """Read the creation time in an X id; ``None`` for ids of before November 2010, which hold none."""
    number = _whole(value)
    if number is None or number < _FIRST_X_SNOWFLAKE:
        return None
    return _from_milliseconds((number >> 22) + _X_EPOCH_MS)


def from_discord_id(value: object) -> datetime | None:
    """Read the creation time in a Discord id: of an account, a message, or an entry of the audit log."""
    number = _whole(value)
    if number is None or number < _FIRST_DISCORD_SNOWFLAKE:
        return None
    return _from_milliseconds((number >> 22) + _DISCORD_EPOCH_MS)


def from_tid(value: str) -> datetime | None:
    """Read the time in an atproto TID (a record key). The client chose it, so it can lie."""
    if not _TID.fullmatch(value):
        return None
    number = functools.reduce(lambda total, letter: total * 32 + _TID_LETTERS.index(letter), value, 0)
    return plausible(_EPOCH + timedelta(microseconds=number >> 10))


def from_aidx(value: str) -> datetime | None:
    """Read the creation time in a Misskey id, ``aidx`` or ``aid`` (of remote accounts: of first sight)."""
    if not _AIDX.fullmatch(value):
        return None
    return plausible(_AIDX_EPOCH + timedelta(milliseconds=int(value[:8], 36)))


def _whole(value: object) -> int | None:
    """Read an id as a number; floats and scientific notation have lost their last digits: none."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    if isinstance(value, str) and not _DIGITS.fullmatch(value):
        return None
    number = int(value)
    return number if 0 < number < 1 << 64 else None


def _from_milliseconds(value: int) -> datetime | None:
    try:
        return plausible(_EPOCH + timedelta(milliseconds=value))
    except OverflowError:
        return None


def _build(match: re.Match[str], month: int, day: int) -> datetime | None:
    groups = match.groupdict()
    year = int(groups["year"])
    hour, minute, second = (int(groups[name] or 0) for name in ("hour", "minute", "second"))
    half = (groups.get("half") or "").lower()
    if half:
        hour = hour % 12 + (12 if half == "pm" else 0)
    micro = int(((groups["fraction"] or "") + "000000")[:6])
    try:
        return datetime(  # noqa: DTZ001 - the zone is put on by the caller
            year + 2000 if len(groups["year"]) == 2 else year, month, day, hour, minute, min(second, 59), micro
        )
    except ValueError:
        return None


def _to_utc(naive: datetime | None, offset: str) -> datetime | None:
    if naive is None:
        return None
    digits = offset.strip().replace(":", "")
    minutes = 0
    if digits[0] in "+-":
        minutes = int(digits[1:3]) * 60 + int(digits[3:5] or 0)
        minutes = -minutes if digits[0] == "-" else minutes
    try:
        return (naive - timedelta(minutes=minutes)).replace(tzinfo=UTC)
    except OverflowError:
        return None


def _parts(value: str, *, dayfirst: bool) -> tuple[datetime, str | None, bool] | None:
    """Give the naive time, its offset if it has one, and whether it has a time of day."""
    if match := _ISO.fullmatch(value):
        naive = _build(match, int(match["month"]), int(match["day"]))
    elif match := _NUMERIC.fullmatch(value):
        first, second = int(match["first"]), int(match["second_part"])
        naive = _build(match, *((second, first) if dayfirst else (first, second)))
    elif match := _DAY_MONTH.fullmatch(value) or _MONTH_DAY.fullmatch(value):
        month = _month(match["name"])
        naive = _build(match, month, int(match["day"])) if month else None
    else:
        return None
    if naive is None:
        return None
    return naive, match.groupdict().get("zone"), match["hour"] is not None


def _month(name: str) -> int | None:
    start, tail = name[:3].lower(), name[3:].lower()
    known = start in _MONTHS and (not tail or tail in _MONTH_TAILS)
    return _MONTHS.index(start) + 1 if known else None


@functools.cache
def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ConfigError(f"there is no time zone {name!r}; use an IANA name such as Europe/London") from None
