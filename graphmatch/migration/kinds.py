"""Of which kind a pair of accounts of one actor is, if it is a move at all. Pure; times are spans, never guesses."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import comb

from graphmatch.migration.facts import Facts, Removal
from graphmatch.migration.times import Span, at
from graphmatch.model import MigrationKind, Scope

#: Were both accounts in use throughout, all known acts of one would come before all of the other's in one of so many
#: orders: below that, falling silent here and beginning there may be chance (2 acts of each are 6 orders).
LEAST_ORDERS = 6


@dataclass(frozen=True, slots=True)
class Finding:
    """A move from ``origin`` to ``destination``: which kind, after which removal, and when."""

    kind: MigrationKind
    origin: Facts
    destination: Facts
    removal: Removal | None
    left: Span
    arrived: Span

    @property
    def is_named(self) -> bool:
        """Whether one of the two accounts names the other."""
        one, other = self.origin, self.destination
        return other.account_id in one.names | one.moved_to or one.account_id in other.names

    @property
    def rank(self) -> int:
        """The order of support: certain in time first, then records of a move, activity, and doubt last."""
        return _RANK[self.kind]


_RANK = {
    MigrationKind.DISPLACED: 0,
    MigrationKind.RETURNED: 0,
    MigrationKind.PRE_POSITIONED: 1,
    MigrationKind.DECLARED: 2,
    MigrationKind.DRIFTED: 3,
    MigrationKind.MULTI_HOMED: 4,
    MigrationKind.UNKNOWN_ORDER: 6,
}


def findings(origin: Facts, destination: Facts, window: timedelta) -> Iterable[Finding]:
    """Give everything that the pair may be called, if ``origin`` may be one; the caller takes the best supported."""
    is_named = _names(origin, destination)
    if not (destination.may_receive or is_named):
        return
    for removal in origin.removals:
        yield from _after_removal(origin, destination, removal, window)
    left = Span(origin.acts[-1]) if origin.acts else Span()
    if is_named:
        if destination.account_id in origin.moved_to:
            yield Finding(MigrationKind.DECLARED, origin, destination, None, left, destination.arrival)
        else:
            yield Finding(MigrationKind.UNKNOWN_ORDER, origin, destination, None, left, _used(destination))
    if origin.place == destination.place or not (origin.acts and destination.acts):
        return
    if _both_active(origin, destination):
        yield Finding(MigrationKind.MULTI_HOMED, origin, destination, None, left, _used(destination))
    elif not origin.removals and timedelta(0) < destination.acts[0] - origin.acts[-1] <= window:
        yield _gone_over(origin, destination)


def _gone_over(origin: Facts, destination: Facts) -> Finding:
    """Say what it is if all known acts of one come before those of the other, and no removal tells why.

    With few acts known, two accounts that are both in use look like that as well: nobody knows which it is.
    """
    before, after = len(origin.acts), len(destination.acts)
    if comb(before + after, before) < LEAST_ORDERS:
        left = Span(origin.acts[-1])
        return Finding(MigrationKind.UNKNOWN_ORDER, origin, destination, None, left, _used(destination))
    between = Span(origin.acts[-1], destination.acts[0])
    return Finding(MigrationKind.DRIFTED, origin, destination, None, between, between)


def _used(destination: Facts) -> Span:
    """Bound when an account came into use: no later than its first known act, which is seldom its first."""
    return Span(destination.arrival.earliest, destination.acts[0] if destination.acts else None)


def _names(origin: Facts, destination: Facts) -> bool:
    """Whether a platform's record or a profile says that one became the other; the younger is the destination."""
    if destination.account_id in origin.moved_to:
        return True
    either = destination.account_id in origin.names or origin.account_id in destination.names
    return either and not destination.arrival.surely_before(origin.arrival)


def _after_removal(origin: Facts, destination: Facts, removal: Removal, window: timedelta) -> Iterable[Finding]:
    """Order the destination against one removal at the origin."""
    if not _is_elsewhere(origin, destination, removal):
        return
    kind, arrived = _ordered(origin, destination, removal, _end(removal, window))
    if kind is not None:
        yield Finding(kind, origin, destination, removal, removal.span, arrived)


def _is_elsewhere(origin: Facts, destination: Facts, removal: Removal) -> bool:
    """Whether being at the destination could be a move at all.

    Who is banned from one community may go on in another of the same platform; only coming back to it evades.
    """
    if removal.scope != Scope.COMMUNITY or origin.platform != destination.platform:
        return True
    if removal.scope_ref is None:
        return False
    return removal.scope_ref.rstrip("/").rpartition("/")[2].lower() in destination.communities


def _end(removal: Removal, window: timedelta) -> datetime | None:
    """Give the last moment of the window after ``removal``: earlier if it was lifted or expired before."""
    if removal.span.latest is None:
        return removal.until
    end = removal.span.latest + window
    return end if removal.until is None else min(end, removal.until)


def _ordered(
    origin: Facts, destination: Facts, removal: Removal, end: datetime | None
) -> tuple[MigrationKind | None, Span]:
    arrival, gone = destination.arrival, removal.span
    if arrival.surely_after(gone):
        same = origin.place == destination.place or (
            removal.scope == Scope.PLATFORM and origin.platform == destination.platform
        )
        inside = end is not None and arrival.latest is not None and arrival.latest <= end
        kind = MigrationKind.RETURNED if same else MigrationKind.DISPLACED
        return (kind if inside else None), arrival
    if arrival.surely_before(gone):
        return _of_older(destination, gone, end)
    begins_late = end is not None and bool(destination.acts) and destination.acts[0] > end
    comes_late = end is not None and arrival.earliest is not None and arrival.earliest > end
    return (None if begins_late or comes_late else MigrationKind.UNKNOWN_ORDER), arrival


def _of_older(destination: Facts, gone: Span, end: datetime | None) -> tuple[MigrationKind | None, Span]:
    """Say what an account that is older than the removal is: put there before, if its abuse begins after.

    Where the removal is known to an interval and the abuse begins within it, their order is unknown.
    """
    if not destination.abuse:
        return (MigrationKind.UNKNOWN_ORDER if destination.reports else None), destination.arrival
    # What was decided on it shows that it was in use by then.
    first = at(min([*destination.abuse[:1], *destination.acts[:1], *destination.enforced]))
    if first.surely_before(gone) or (end is not None and destination.abuse[0] > end):
        return None, first
    if first.surely_after(gone):
        return MigrationKind.PRE_POSITIONED, Span(gone.latest, first.latest)
    return MigrationKind.UNKNOWN_ORDER, Span(destination.arrival.earliest, first.latest)


def _both_active(origin: Facts, destination: Facts) -> bool:
    return origin.acts[0] <= destination.acts[-1] and destination.acts[0] <= origin.acts[-1]


def best(found: Iterable[Finding]) -> Finding | None:
    """Take the best supported finding for one destination: of equal ones, that of the removal that came last."""

    def key(finding: Finding) -> tuple[int, bool, float, str, str]:
        latest = finding.left.latest or finding.left.earliest
        later = -latest.timestamp() if latest else 0.0
        enforcement = finding.removal.enforcement_id if finding.removal else None
        return finding.rank, finding.removal is None, later, finding.origin.account_id, enforcement or ""

    return min(found, key=key, default=None)
