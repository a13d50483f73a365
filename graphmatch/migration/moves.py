"""Which of an actor's possible moves stand: each destination has one origin, and nothing moves in a circle.

In: the facts of one actor's accounts. Out: findings. Pure.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from graphmatch.forest import Groups
from graphmatch.migration.facts import Facts
from graphmatch.migration.kinds import Finding, best, findings
from graphmatch.model import MigrationKind

#: An actor with more possible origins has each destination held only against those that were left nearest to it in
#: time: the origin left last before an arrival is the one that counts, and 500 accounts make 250,000 pairs.
MOST_ORIGINS = 64
#: So many that were left before each of a destination's moments, and so many after it, then.
_BEFORE, _AFTER = 16, 8


def moves(members: list[Facts], window: timedelta) -> Iterator[Finding]:
    """Choose each destination's origin; nothing moves in a circle, and each doubled home stands once."""
    origins = _Origins([facts for facts in members if facts.may_originate])
    chosen = [
        finding
        for destination in members
        if (
            finding := best(
                found
                for origin in origins.near(destination)
                if origin is not destination and not origin.is_other_view_of(destination)
                for found in findings(origin, destination, window)
            )
        )
    ]
    joined = Groups()
    homes: set[frozenset[str]] = set()
    for finding in sorted(chosen, key=lambda f: (f.rank, f.destination.account_id)):
        home = frozenset((finding.origin.platform, finding.destination.platform))
        is_home = finding.kind == MigrationKind.MULTI_HOMED
        if is_home and home in homes:
            continue
        if joined.join(finding.origin.account_id, finding.destination.account_id):
            homes |= {home} if is_home else set()
            yield finding


class _Origins:
    """The possible origins of one actor, by when they were left."""

    def __init__(self, origins: list[Facts]) -> None:
        self._all = origins
        if len(origins) <= MOST_ORIGINS:
            return
        self._by_name = {origin.account_id: origin for origin in origins}
        self._naming: dict[str, list[str]] = {}
        for origin in origins:
            for name in sorted(origin.names | origin.moved_to):
                self._naming.setdefault(name, []).append(origin.account_id)
        left = sorted((moment, origin.account_id) for origin in origins for moment in _left(origin))
        self._moments, self._left = [moment for moment, _ in left], [name for _, name in left]
        dated = set(self._left)
        self._undated = sorted(self._by_name.keys() - dated)[:_AFTER]

    def near(self, destination: Facts) -> Iterable[Facts]:
        """Give those that may matter to ``destination``: all, or of very many the nearest in time and the named."""
        if len(self._all) <= MOST_ORIGINS:
            return self._all
        names = [*self._undated, *destination.names, *self._naming.get(destination.account_id, [])[:MOST_ORIGINS]]
        for moment in _came(destination):
            place = bisect_right(self._moments, moment)
            names += self._left[max(0, place - _BEFORE) : place + _AFTER]
        return [self._by_name[name] for name in sorted(set(names) & self._by_name.keys())]


def _left(origin: Facts) -> set[datetime]:
    spans = [removal.span for removal in origin.removals]
    ends = [span.latest or span.earliest for span in spans] + origin.acts[-1:]
    return {moment for moment in ends if moment is not None}


def _came(destination: Facts) -> set[datetime]:
    arrival = destination.arrival
    moments = [arrival.earliest, arrival.latest, *destination.acts[:1], *destination.abuse[:1]]
    return {moment for moment in moments if moment is not None}
