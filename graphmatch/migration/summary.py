"""One honest sentence for each migration: what is suspected, where, when, how surely. No handle, no target, no text.

In: a finding and its support. Out: plain text. Pure.
"""

from __future__ import annotations

from graphmatch.estimative import one_operator
from graphmatch.forest import Weakest
from graphmatch.migration.facts import Removal
from graphmatch.migration.kinds import Finding
from graphmatch.migration.reasons import DONE, lag, place
from graphmatch.migration.times import Span, minute
from graphmatch.model import MigrationKind

#: What a kind suspects, in plain words.
TITLES = {
    MigrationKind.DISPLACED: "Suspected move to a new account after a removal",
    MigrationKind.RETURNED: "Suspected return to the same place after a removal",
    MigrationKind.PRE_POSITIONED: "Suspected move to an account that was there before a removal",
    MigrationKind.MULTI_HOMED: "Suspected use of two places at once",
    MigrationKind.DRIFTED: "Suspected move without a removal",
    MigrationKind.DECLARED: "Declared move",
    MigrationKind.UNKNOWN_ORDER: "Suspected move whose order in time is unknown",
}


def summary(finding: Finding, support: Weakest) -> str:
    """Say a finding in one sentence: kind, places, times with their uncertainty, probability and standing."""
    said = f"the two accounts are {one_operator(support.probability)}, standing {support.standing.value}"
    return f"{TITLES[finding.kind]}: {_what(finding)}; {said}."


def _what(finding: Finding) -> str:
    if finding.removal is not None:
        return _after_removal(finding, finding.removal)
    origin, destination = place(finding.origin), place(finding.destination)
    if finding.kind == MigrationKind.MULTI_HOMED:
        home = f"an account on {origin}, last seen active at {_last(finding)}"
        return f"{home}, and one on {destination}, which {_began(finding)}"
    if finding.kind == MigrationKind.DRIFTED:
        silent = f"an account on {origin}, last seen active at {_last(finding)}, fell silent"
        return f"{silent}, and one on {destination} {_began(finding)}"
    if finding.kind == MigrationKind.DECLARED:
        made = _when(finding.destination.arrival)
        return f"{origin} itself records that an account there moved to one on {destination}, created {made}"
    if finding.is_named:
        return f"of two accounts, on {origin} and on {destination}, one names the other; no time tells which came first"
    one, other = f"an account on {origin}, last seen active at {_last(finding)}", f"one on {destination}"
    return f"{one}, and {other}, which {_began(finding)}; too few acts are known to tell a move from two places in use"


def _after_removal(finding: Finding, removal: Removal) -> str:
    destination, arrived = place(finding.destination), _when(finding.arrived)
    gone = f"an account on {place(finding.origin)} was {DONE[removal.action]} {_when(finding.left)}"
    if finding.kind == MigrationKind.PRE_POSITIONED:
        return f"{gone}, and an older one on {destination} {_began(finding)}{lag(finding)}"
    if finding.kind == MigrationKind.UNKNOWN_ORDER:
        return f"{gone}, and one on {destination} came into being or into use {arrived}, before or after"
    return f"{gone}, and another on {destination} was created {arrived}{lag(finding)}"


def _when(span: Span) -> str:
    if span.earliest is not None and span.latest is not None and span.earliest != span.latest:
        return f"between {minute(span.earliest)} and {minute(span.latest)}"
    if span.earliest is None and span.latest is None:
        return "at an unknown time"
    if span.earliest is None:
        return f"by {minute(span.latest)}"
    return f"at {minute(span.earliest)}" if span.latest else f"after {minute(span.earliest)}"


def _last(finding: Finding) -> str:
    return minute(finding.left.earliest)


def _began(finding: Finding) -> str:
    return f"was in use by {minute(finding.arrived.latest)}"
