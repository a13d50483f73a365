"""Moments → places in a drawing of one migration: what it shows of the time, and its axis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

#: How far beyond a move's own times a picture shows what else happened, and the least that it shows.
AROUND, LEAST = timedelta(days=21), timedelta(days=2)
_BOUNDS = ("left_earliest", "left_latest", "arrived_earliest", "arrived_latest")
#: Steps of the axis, in days, and the most of them.
_STEPS, _MOST_TICKS = (1, 2, 7, 14, 30, 91, 365), 9


@dataclass(frozen=True, slots=True)
class Scale:
    """From ``first`` to ``last``, drawn from ``begin`` to ``end`` of a drawing ``width`` wide."""

    first: datetime
    last: datetime
    begin: int = 96
    end: int = 988
    width: int = 1000

    @classmethod
    def of(cls, row: Mapping[str, Any], events: Sequence[Mapping[str, Any]]) -> Scale:
        """Choose what to show: the move's own times, and of the rest what is near them.

        A bound years before the move (an old account's creation) is left to words.
        """
        known = [row[name] for name in _BOUNDS if row[name] is not None]
        dated = [moment for event in events for moment in _ends(event)]
        last = max(known or dated, default=datetime.fromisoformat("2000-01-01T00:00Z"))
        near = [moment for moment in known if last - moment <= 6 * AROUND]
        core = (min(near, default=last), last)
        around = [moment for moment in dated if core[0] - AROUND <= moment <= core[1] + AROUND]
        first, last = min([*around, core[0]]), max([*around, core[1]])
        spare = max((last - first) * 0.03, (LEAST - (last - first)) / 2)
        return cls(first - spare, last + spare)

    def at(self, moment: datetime) -> float:
        """Place a moment; what lies outside is put on the edge."""
        share = (moment - self.first) / (self.last - self.first)
        return self.begin + min(max(share, 0.0), 1.0) * (self.end - self.begin)

    def extent(self, event: Mapping[str, Any]) -> tuple[float, float]:
        """Place an event: where it may begin and end. Of one end unknown, only the known one is drawn."""
        ends = _ends(event)
        return self.at(min(ends)), self.at(max(ends))

    def shows(self, event: Mapping[str, Any]) -> bool:
        """Tell whether any of an event lies inside."""
        ends = _ends(event)
        return bool(ends) and min(ends) <= self.last and max(ends) >= self.first

    def is_before(self, event: Mapping[str, Any]) -> bool:
        """Tell whether an event lies before all that is shown."""
        ends = _ends(event)
        return bool(ends) and max(ends) < self.first

    def ticks(self) -> list[tuple[float, str]]:
        """Give the axis: places of midnights, and their dates."""
        days = (self.last - self.first).days
        step = next((size for size in _STEPS if days / size <= _MOST_TICKS), _STEPS[-1])
        tick = self.first.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
        made = []
        while tick <= self.last:
            if self.begin + 20 < self.at(tick) < self.end - 20:
                made.append((self.at(tick), f"{tick.day} {tick:%b}" if step < 91 else f"{tick:%b %Y}"))
            tick += timedelta(days=step)
        return made


def _ends(event: Mapping[str, Any]) -> list[datetime]:
    return [moment for moment in (event["at_earliest"], event["at_latest"]) if moment is not None]
