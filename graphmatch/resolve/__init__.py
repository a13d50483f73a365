"""Matches and Judgements → Actors: sets of accounts *suspected* to have one operator.

In: ``matches``, ``judgements`` and the ``actors`` of the last run. Out: ``actors``, and ``matches`` with the
standing that judgements give them. Pure: the order of rows never matters.

How groups merge. POSITIVE pairs merge first. Then each link (story ``same_operator``, probability at or above
the threshold) is tried from the most probable down, and merges the two groups that it joins if

1. no pair across them was judged NEGATIVE (or is in conflict), and none has the story ``impersonation``;
2. the *mean evidence* over all scored pairs across them is not negative. A pair's evidence is its log-odds in
   bits less the prior: what was observed about the pair, for or against. Pairs never compared say nothing;
3. it is no weak bridge: a link joins two single accounts on its own, but larger groups only if one link
   across them is strong (a tenth of the threshold's chance of error) or a second link across them agrees.

Two actors that an analyst joins later cost less than one actor that holds a stranger.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from graphmatch.errors import UsageError
from graphmatch.forest import Forest, Link, weakest
from graphmatch.opinions import Opinions, opinions
from graphmatch.resolve.grouping import Grouping
from graphmatch.resolve.ids import ids_of
from graphmatch.resolve.judged import conflicts, with_standing
from graphmatch.tables import dtypes, require

__all__ = ["Opinions", "Resolved", "opinions", "resolve"]


@dataclass(frozen=True, slots=True)
class Resolved:
    """Actors, the matches with their standing after judgement, and the judgements that contradict each other.

    ``conflicts`` has ``left, right, positive_by, negative_by, why``; its pairs stay apart until settled.
    """

    actors: pl.DataFrame
    matches: pl.DataFrame
    conflicts: pl.DataFrame


def resolve(
    matches: pl.DataFrame,
    judgements: pl.DataFrame | None = None,
    *,
    threshold: float = 0.9,
    previous: pl.DataFrame | None = None,
    accounts: pl.DataFrame | None = None,
) -> Resolved:
    """Group accounts into actors.

    Parameters
    ----------
    matches
        Table ``matches``; pairs below the threshold are wanted too, for they speak against merging.
    judgements
        Table ``judgements``. A NEGATIVE pair is never inside one actor, whatever chain joins it.
    threshold
        Lowest probability of a link, in (0, 1].
    previous
        Table ``actors`` of the last run: an actor keeps its id by greatest overlap.
    accounts
        Table ``accounts``, for the actors' platforms; without it they are read off the account ids.

    Returns
    -------
    Resolved
        An actor's probability and standing are the lowest along its strongest spanning links. A pair that a
        person judged POSITIVE holds with its match's probability, but no less than the threshold.

    Raises
    ------
    UsageError
        The threshold is no probability.
    """
    if not 0 < threshold <= 1:
        raise UsageError(f"the threshold must lie in (0, 1], not {threshold}")
    held = opinions(judgements) if judgements is not None else {}
    judged = with_standing(matches, held)
    grouping = Grouping(judged, held, threshold)
    grouping.merge_positive()
    grouping.merge_links()
    groups = [members for members in grouping.groups.members() if len(members) > 1]
    rows = _actors(groups, grouping.holding_links(), ids_of(groups, previous), _platforms(accounts))
    return Resolved(rows, judged, conflicts(held, grouping.refused))


def _platforms(accounts: pl.DataFrame | None) -> dict[str, str]:
    return {} if accounts is None else dict(accounts.select("account_id", "platform").iter_rows())


def _actors(groups: list[list[str]], links: Iterable[Link], ids: list[str], platforms: dict[str, str]) -> pl.DataFrame:
    forest = Forest(links)
    rows = []
    for actor_id, members in zip(ids, groups, strict=True):
        low = weakest(forest.links(members))
        assert low is not None
        rows.append(
            {
                "actor_id": actor_id,
                "account_ids": members,
                "platforms": sorted({platforms.get(a) or a.partition(":")[0] for a in members}),
                "size": len(members),
                "match_probability": low.probability,
                "standing": low.standing.value,
            }
        )
    return require("actors", pl.DataFrame(rows, schema=dtypes("actors"))).sort("actor_id")
