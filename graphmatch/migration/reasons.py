"""Why a move is suspected, in short plain strings in the order of time. No handle, no text, no target."""

from __future__ import annotations

from datetime import datetime

from graphmatch.estimative import figure
from graphmatch.forest import Weakest
from graphmatch.migration.facts import Facts, Removal
from graphmatch.migration.kinds import Finding
from graphmatch.migration.times import Span, at, duration, words
from graphmatch.model import Action, MigrationKind, Scope

#: What a removal was, in words that follow *was*.
DONE = {
    None: "seen to be suspended",
    Action.ACCOUNT_SUSPENDED_TEMP: "suspended for a time",
    Action.ACCOUNT_SUSPENDED_PERM: "suspended",
    Action.LOGIN_DISABLED: "locked out",
    Action.ACCOUNT_TERMINATED: "terminated",
    Action.COMMUNITY_BAN_TEMP: "banned for a time from one community",
    Action.COMMUNITY_BAN_PERM: "banned from one community",
}

Event = tuple[Span, str]


def reasons(finding: Finding, support: Weakest) -> list[str]:
    """Give the reasons for ``finding``: each begins with its time, undated ones last, then the link's support."""
    origin, destination = finding.origin, finding.destination
    events: list[Event] = []
    if finding.removal is not None:
        events.append((finding.removal.span, f"{DONE[finding.removal.action]} on {place(origin)}"))
        if finding.removal.until is not None:
            events.append((at(finding.removal.until), _ended(finding.removal, origin)))
    elif origin.acts:
        events.append((at(origin.acts[-1]), f"last seen active on {place(origin)}"))
    if finding.removal is not None and finding.removal.is_misdated:
        events.append((origin.arrival, f"account on {place(origin)} created, by one of two times that contradict"))
    on_arrival = lag(finding) if finding.kind in (MigrationKind.DISPLACED, MigrationKind.RETURNED) else ""
    events.append((destination.arrival, f"account on {place(destination)} created{on_arrival}"))
    if destination.acts and destination.acts[0] != destination.arrival.latest:
        in_use = lag(finding) if finding.kind == MigrationKind.PRE_POSITIONED else ""
        events.append((at(destination.acts[0]), f"first seen active on {place(destination)}{in_use}"))
    said = [f"{words(span)}: {text}" for span, text in sorted(events, key=_moment)]
    return [*said, *_declared(finding), _support(support)]


def _moment(event: Event) -> tuple[bool, float]:
    span = event[0]
    known: datetime | None = span.latest if span.earliest is None else span.earliest
    return known is None, known.timestamp() if known else 0.0


def place(facts: Facts) -> str:
    """Name the platform, and the server where there are many."""
    return f"{facts.platform} ({facts.instance})" if "." in facts.instance else facts.platform


def _ended(removal: Removal, origin: Facts) -> str:
    return f"{'lifted' if removal.undone else 'expired'} on {place(origin)}"


def lag(finding: Finding) -> str:
    """Say how long after the removal the arrival was, exactly or at most; nothing where that is not known."""
    left, arrived = finding.left, finding.arrived
    if left.earliest is None or left.latest is None or arrived.latest is None:
        return ""
    exact = left.earliest == left.latest and arrived.earliest == arrived.latest
    return f", {'' if exact else 'at most '}{duration(arrived.latest - left.earliest)} later"


def _declared(finding: Finding) -> list[str]:
    origin, destination = finding.origin, finding.destination
    said = []
    if destination.account_id in origin.moved_to:
        said.append(f"{place(origin)} records a move to the account on {place(destination)}")
    if destination.account_id in origin.names:
        said.append(f"the profile on {place(origin)} names the account on {place(destination)}")
    if origin.account_id in destination.names:
        said.append(f"the profile on {place(destination)} names the account on {place(origin)}")
    if finding.removal is not None and finding.removal.scope == Scope.COMMUNITY:
        said.append("the ban held in one community only")
    return said


def _support(support: Weakest) -> str:
    return f"linked with probability {figure(support.probability)}, {support.standing.value}"
