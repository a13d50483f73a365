"""Which of an actor's possible moves stand: each destination has one origin, and nothing moves in a circle.

In: the facts of one actor's accounts. Out: findings. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from graphmatch.forest import Groups
from graphmatch.migration.facts import Facts
from graphmatch.migration.kinds import Finding, best, findings
from graphmatch.model import MigrationKind


def moves(members: list[Facts], window: timedelta) -> Iterator[Finding]:
    """Choose each destination's origin; nothing moves in a circle, and each doubled home stands once."""
    origins = [facts for facts in members if facts.may_originate]
    chosen = [
        finding
        for destination in members
        if (
            finding := best(
                found
                for origin in origins
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
