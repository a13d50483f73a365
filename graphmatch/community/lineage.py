"""What became of communities from one run to the next. In: ``communities`` of both. Out: ids that last, and a lineage.

An earlier community *feeds* a later one if more than half of either's accounts are in both (after Greene, Doyle &
Cunningham 2010). A later one takes over the id of that which feeds it with most accounts, unless that id went to one
that has more of them. ``merge``: more than half of each of two or more earlier ones came into it. ``split``: it has
more than half of its accounts from an earlier one, and so has another. ``growth``, ``shrink``, ``continuation``: fed by
one alone, and of more, fewer or as many accounts. ``birth``: fed by none. ``death``: an earlier one that feeds none.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import Any

import polars as pl

from graphmatch.lasting import lasting_ids, overlaps
from graphmatch.model import CommunityEvent

_LINEAGE: dict[str, Any] = {
    "event": pl.String,
    "community_id": pl.String,
    "earlier_ids": pl.List(pl.String),
    "size": pl.Int64,
    "earlier_size": pl.Int64,
    "jaccard": pl.Float64,
}
_TOLD = ("event", "earlier_ids", "earlier_size", "jaccard")


@dataclass(frozen=True, slots=True)
class Followed:
    """Communities with lasting ids and what happened to each, and the ``lineage``, in which deaths are too."""

    communities: pl.DataFrame
    lineage: pl.DataFrame


def followed(communities: pl.DataFrame, before: pl.DataFrame | None) -> Followed:
    """Follow communities from the run before.

    Parameters
    ----------
    communities
        Table ``communities`` as found now; its ids are given anew.
    before
        Table ``communities`` of the run before, if there was one.

    Returns
    -------
    Followed
        ``communities`` in their order, and ``lineage``: one row for each community there is or was, with ``event,
        community_id``; ``earlier_ids``, those that feed it, most first; ``size`` and ``earlier_size`` in accounts, of
        the first of those; and ``jaccard``, what is in both over what is in either. Of a death, ``size`` and
        ``jaccard`` are null. Communities in their order, then deaths by id.
    """
    groups: list[list[str]] = communities["account_ids"].to_list()
    old: dict[str, list[str]] = {} if before is None else dict(before.select("community_id", "account_ids").iter_rows())
    shared = {
        (index, name): count
        for (index, name), count in overlaps(groups, old).items()
        if 2 * count > min(len(groups[index]), len(old[name]))
    }
    ids = lasting_ids(groups, shared, prefix="community", reserved=old)
    feeders: dict[int, list[str]] = defaultdict(list)
    for (index, name), _ in sorted(shared.items(), key=lambda o: (-o[1], o[0][1])):
        feeders[index].append(name)
    offspring = Counter(name for (index, name), count in shared.items() if 2 * count > len(groups[index]))
    rows = [
        _row(ids[index], index, feeders[index], members, old, shared, offspring) for index, members in enumerate(groups)
    ]
    gone = sorted(old.keys() - {name for _, name in shared})
    dead = [(CommunityEvent.DEATH.value, name, [name], None, len(old[name]), None) for name in gone]
    lineage = pl.DataFrame(rows + dead, schema=_LINEAGE, orient="row")
    living = lineage.head(len(rows))
    rest = communities.drop("community_id", *_TOLD, strict=False)
    return Followed(rest.select(living["community_id"], pl.all(), *living[_TOLD]), lineage)


def _row(
    community_id: str,
    index: int,
    feeders: list[str],
    members: list[str],
    old: dict[str, list[str]],
    shared: dict[tuple[int, str], int],
    offspring: Counter[str],
) -> tuple[Any, ...]:
    size = len(members)
    if not feeders:
        return CommunityEvent.BIRTH.value, community_id, [], size, None, None
    first = feeders[0]
    count, earlier = shared[index, first], len(old[first])
    merged = [name for name in feeders if 2 * shared[index, name] > len(old[name])]
    if len(merged) > 1:
        event = CommunityEvent.MERGE
    elif any(offspring[name] > 1 and 2 * shared[index, name] > size for name in feeders):
        event = CommunityEvent.SPLIT
    elif size == earlier:
        event = CommunityEvent.CONTINUATION
    else:
        event = CommunityEvent.GROWTH if size > earlier else CommunityEvent.SHRINK
    return event.value, community_id, feeders, size, earlier, count / (size + earlier - count)
