"""Times as intervals: something happened no earlier than one moment and no later than another, either unknown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from graphmatch.model import Precision

DAY = timedelta(days=1)
#: The day on which clocks go back has an hour more; of a bare date nobody knows whether it was that one.
LONGEST_DAY = timedelta(hours=25)


@dataclass(frozen=True, slots=True)
class Span:
    """An interval ``[earliest, latest]``; ``None`` is an end that nobody knows."""

    earliest: datetime | None = None
    latest: datetime | None = None

    def surely_before(self, other: Span) -> bool:
        """Whether every moment of this lies before every moment of ``other``."""
        return self.latest is not None and other.earliest is not None and self.latest < other.earliest

    def surely_after(self, other: Span) -> bool:
        """Whether no moment of this lies before any moment of ``other``."""
        return self.earliest is not None and other.latest is not None and self.earliest >= other.latest


def at(moment: datetime | None) -> Span:
    """Give the span of something whose moment is known (or of which nothing is)."""
    return Span(moment, moment)


def creation(
    created_at: datetime | None, precision: str | None, seen_by: datetime | None, day: timedelta = DAY
) -> Span:
    """Bound when an account was made, from its creation time and the first moment at which it was seen.

    A ``day`` is that whole day, as long as ``day`` says. ``approximate`` times are often of first sight, so they are
    only upper bounds. An account that acted before its creation time has a wrong creation time: only the act bounds it.
    """
    if created_at is None or precision in (None, Precision.UNKNOWN):
        return Span(None, seen_by)
    if precision == Precision.APPROXIMATE:
        made = Span(None, created_at)
    else:
        made = Span(created_at, created_at + day if precision == Precision.DAY else created_at)
    if seen_by is None or made.latest is None or seen_by >= made.latest:
        return made
    if made.earliest is not None and seen_by < made.earliest:
        return Span(None, seen_by)
    return Span(made.earliest, seen_by)


def words(span: Span) -> str:
    """Say a span in words, to the minute, in UTC."""
    if span.earliest is None and span.latest is None:
        return "at an unknown time"
    if span.earliest == span.latest:
        return minute(span.latest)
    if span.earliest is None:
        return f"by {minute(span.latest)}"
    return f"{minute(span.earliest)} to {minute(span.latest)}" if span.latest else f"from {minute(span.earliest)}"


def minute(moment: datetime | None) -> str:
    """Write a moment to the minute, in UTC."""
    return "?" if moment is None else f"{moment.astimezone(UTC):%Y-%m-%d %H:%MZ}"


def duration(length: timedelta) -> str:
    """Say a length of time by its largest fitting unit, rounded."""
    seconds = int(length.total_seconds())
    for unit, size in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds >= 2 * size or (unit == "minute" and seconds >= size):
            count = round(seconds / size)
            return f"{count} {unit}{'' if count == 1 else 's'}"
    return "less than a minute"
