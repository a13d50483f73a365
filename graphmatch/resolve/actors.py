"""The whole run: every Match and Judgement → every Actor. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from graphmatch.errors import UsageError
from graphmatch.forest import Forest, weakest
from graphmatch.opinions import Opinions, Pair, opinions
from graphmatch.resolve.grouping import Grouping
from graphmatch.resolve.ids import ids_of
from graphmatch.resolve.judged import conflicts, with_standing
from graphmatch.tables import dtypes, require


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
    check_threshold(threshold)
    held = opinions(judgements) if judgements is not None else {}
    judged = with_standing(matches, held)
    grouping = grouped(judged, held, threshold)
    groups = grouping.actors()
    rows = actor_rows(grouping, groups, ids_of(groups, previous), accounts)
    return Resolved(rows, judged, conflicts(held, grouping.refused))


def check_threshold(threshold: float) -> None:
    """Refuse a threshold that is no probability of a link."""
    if not 0 < threshold <= 1:
        raise UsageError(f"the threshold must lie in (0, 1], not {threshold}")


def grouped(judged: pl.DataFrame, held: dict[Pair, Opinions], threshold: float) -> Grouping:
    """Merge what may be merged of ``judged``, matches with their standing after judgement."""
    grouping = Grouping(judged, held, threshold)
    grouping.merge_positive()
    grouping.merge_links()
    return grouping


def actor_rows(
    grouping: Grouping, groups: Sequence[list[str]], ids: Sequence[str], accounts: pl.DataFrame | None
) -> pl.DataFrame:
    """Make table ``actors`` of ``groups``, which are ``grouping``'s, under ``ids``."""
    known = {} if accounts is None else dict(accounts.select("account_id", "platform").iter_rows())
    forest = Forest(grouping.holding_links())
    rows = []
    for actor_id, members in zip(ids, groups, strict=True):
        low = weakest(forest.links(members))
        assert low is not None
        rows.append(
            {
                "actor_id": actor_id,
                "account_ids": members,
                "platforms": sorted({known.get(a) or a.partition(":")[0] for a in members}),
                "size": len(members),
                "match_probability": low.probability,
                "standing": low.standing.value,
            }
        )
    return require("actors", pl.DataFrame(rows, schema=dtypes("actors"))).sort("actor_id")
