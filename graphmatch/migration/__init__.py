"""Actors, Enforcements and Reports → Migrations: who appears to have moved where, in which order in time.

In: observed tables, ``actors``, ``matches``. Out: ``migrations``, and flows. Pure: the order of rows never matters.

Which accounts count (`facts.Facts`). An **origin** has a removal that stands; or a lesser or lifted sanction *and* a
report past the debate gate that was not dismissed. Reports alone never make an origin, so a lawful critic who is
reported a hundred times and never sanctioned is in no migration. A **destination** was enforced against; or is
reported past the debate gate, with more reports that stand than were dismissed; or is named by the other account. An
e-mail address or phone number is neither: it is a way to reach somebody, not a place that people leave or come to.

Which kind (`kinds`). ``displaced``: surely created after a removal at the origin, within the window. ``returned``: the
same on the same platform and instance. ``pre_positioned``: surely older than the removal, with all known activity in
the window after it. ``declared``: the origin's platform itself records the move. ``drifted``: no removal, the origin
falls silent and the destination begins. ``multi_homed``: known activity of both overlaps. ``unknown_order``: the
intervals overlap or a time is missing, and a move within the window is possible; or, with no removal, one's profile
names the other, or so few acts are known that a move and two accounts in use would look alike. A removal that is dated
before its account was made orders nothing. A ban from one community is no reason to call an account on the same
platform a move, unless that account is in the same community. A window ends when its removal is lifted or expires.

How many. Each destination has at most one origin: the best supported kind, then the latest left before it. So an actor
of n accounts has fewer than n migrations, and none of them in a circle. ``multi_homed`` stands once for each pair of
platforms of an actor.

``left`` is the removal's span, else no earlier than the origin's last known act. ``arrived`` is when the destination
came into being (``displaced, returned, declared``, mostly ``unknown_order``) or into use (``pre_positioned, drifted,
multi_homed``): no later than its first known act, since reports show some of what an account does, seldom the first.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

import polars as pl

from graphmatch.errors import UsageError
from graphmatch.forest import RANK, Forest, Weakest, weakest
from graphmatch.migration.coverage import coverage
from graphmatch.migration.facts import gather
from graphmatch.migration.flows import flows, weighed
from graphmatch.migration.kinds import Finding
from graphmatch.migration.moves import moves
from graphmatch.migration.null import by_chance
from graphmatch.migration.reasons import reasons
from graphmatch.migration.removed import removed
from graphmatch.migration.summary import summary
from graphmatch.model import Standing
from graphmatch.normalise.contacts import NO_PLACES
from graphmatch.tables import dtypes, require

__all__ = ["WINDOW", "by_chance", "coverage", "flows", "removed", "trace", "weighed"]

#: Longer than a UK campaign from dissolution to poll (about 6 weeks) and its aftermath; later, a new account has too
#: many other reasons.
WINDOW = timedelta(days=90)
#: Reports named for each side of a migration, earliest first: enough to look at, and bounded.
MOST_REPORTS = 10


def trace(  # noqa: PLR0913 - one argument a table
    actors: pl.DataFrame,
    accounts: pl.DataFrame,
    enforcements: pl.DataFrame,
    reports: pl.DataFrame,
    contents: pl.DataFrame,
    matches: pl.DataFrame,
    sightings: pl.DataFrame,
    *,
    window: timedelta = WINDOW,
) -> pl.DataFrame:
    """Trace the moves of each actor between its accounts.

    Parameters
    ----------
    actors, accounts, enforcements, reports, contents, matches, sightings
        Tables of those names.
    window
        How long after a removal an account elsewhere still counts as a move.

    Returns
    -------
    polars.DataFrame
        Table ``migrations``, sorted by id. Its probability and standing are those of the weakest link between the two
        accounts, and never lower than the actor's; a migration is a suspicion, not a finding of fact.

    Raises
    ------
    UsageError
        The window is not positive.
    """
    if window <= timedelta(0):
        raise UsageError("the window must be positive")
    siblings = {account_id: members for members in actors["account_ids"] for account_id in members}
    facts = gather(accounts, enforcements, reports, contents, sightings, siblings)
    forest = Forest.of_actors(actors, matches)
    rows = []
    for actor in actors.sort("actor_id").iter_rows(named=True):
        base = Weakest(actor["match_probability"], Standing(actor["standing"]))
        known = (facts[account_id] for account_id in sorted(actor["account_ids"]))
        members = [each for each in known if each.platform not in NO_PLACES]
        rows += [
            _row(actor["actor_id"], finding, _support(finding, forest, base)) for finding in moves(members, window)
        ]
    return require("migrations", pl.DataFrame(rows, schema=dtypes("migrations"))).sort("migration_id")


def _support(finding: Finding, forest: Forest, base: Weakest) -> Weakest:
    path = forest.path(finding.origin.account_id, finding.destination.account_id)
    low = weakest(path or ())
    if low is None:
        return base
    return Weakest(max(low.probability, base.probability), max(low.standing, base.standing, key=RANK.__getitem__))


def _row(actor_id: str, finding: Finding, support: Weakest) -> dict[str, Any]:
    origin, destination = finding.origin, finding.destination
    seed = f"{origin.account_id}\n{destination.account_id}"
    return {
        "migration_id": f"migration-{hashlib.sha256(seed.encode()).hexdigest()[:12]}",
        "actor_id": actor_id,
        "kind": finding.kind.value,
        "origin_account_id": origin.account_id,
        "destination_account_id": destination.account_id,
        "origin_platform": origin.platform,
        "destination_platform": destination.platform,
        "enforcement_id": finding.removal.enforcement_id if finding.removal else None,
        "left_earliest": finding.left.earliest,
        "left_latest": finding.left.latest,
        "arrived_earliest": finding.arrived.earliest,
        "arrived_latest": finding.arrived.latest,
        "match_probability": support.probability,
        "standing": support.standing.value,
        "summary": summary(finding, support),
        "reasons": reasons(finding, support),
        "report_ids": [name for facts in (origin, destination) for _, name in facts.reports[:MOST_REPORTS]],
    }
