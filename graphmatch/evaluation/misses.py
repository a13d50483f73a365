"""Why visible moves were missed: which step of the line lost them.

In: the missed pairs, and the workspace's tables. Out: counts by reason. Pure.

``nothing_in_common``
    No signal value is seen on both accounts, and neither handles nor names are alike (as `errors` sorts missed pairs):
    nothing in the exports tells that one operator holds both.
``not_proposed``
    They have something in common, but no match is stored.
``scored_low``
    The match has a probability below one half, or another story than one operator.
``below_threshold``
    One half or more, and no actor holds both.
``other_origin``
    One actor holds both, and the destination was given another origin.
``not_shown``
    One actor holds both, and the times known show no move.
"""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from graphmatch.evaluation.errors import Called, missed_kind
from graphmatch.evaluation.judged import LINK
from graphmatch.evaluation.naming import named
from graphmatch.model import Story

REASONS = ("nothing_in_common", "not_proposed", "scored_low", "below_threshold", "other_origin", "not_shown")
_NOBODY = Called(None, frozenset())


def misses(missed: Iterable[tuple[str, str]], known: dict[str, pl.DataFrame]) -> dict[str, int]:
    """Count missed moves by reason.

    Parameters
    ----------
    missed
        Pairs of origin and destination.
    known
        The workspace's tables ``accounts, sightings, matches, actors, migrations``.

    Returns
    -------
    dict
        A count for every reason of `REASONS`.
    """
    pairs = sorted(missed)
    names = {name for pair in pairs for name in pair}
    actor = dict(known["actors"].select("account_ids", "actor_id").explode("account_ids").iter_rows())
    given = set(known["migrations"]["destination_account_id"])
    called, shown = _called(known["accounts"], names), _shown(known["sightings"], names)
    matches = _matches(known["matches"], names)
    counts = dict.fromkeys(REASONS, 0)
    for origin, destination in pairs:
        if origin in actor and actor[origin] == actor.get(destination):
            reason = "other_origin" if destination in given else "not_shown"
        elif (match := matches.get((min(origin, destination), max(origin, destination)))) is not None:
            reason = "below_threshold" if match else "scored_low"
        else:
            both = (called.get(name, _NOBODY) for name in (origin, destination))
            alike = missed_kind(*both, proposed=False) == "not_proposed"
            common = shown.get(origin, frozenset()) & shown.get(destination, frozenset())
            reason = "not_proposed" if alike or common else "nothing_in_common"
        counts[reason] += 1
    return counts


def _called(accounts: pl.DataFrame, names: set[str]) -> dict[str, Called]:
    wanted = accounts.filter(pl.col("account_id").is_in(names))
    rows = named(wanted).select("account_id", "handle", "words").iter_rows()
    return {account: Called(handle, frozenset(words or ())) for account, handle, words in rows}


def _shown(sightings: pl.DataFrame, names: set[str]) -> dict[str, frozenset[tuple[str, str]]]:
    rows = sightings.filter(pl.col("account_id").is_in(names)).select("account_id", pl.struct("kind", "value"))
    grouped = rows.group_by("account_id").agg("kind")
    return {name: frozenset((one["kind"], one["value"]) for one in seen) for name, seen in grouped.iter_rows()}


def _matches(matches: pl.DataFrame, names: set[str]) -> dict[tuple[str, str], bool]:
    """Tell of each stored match whether it is for one operator, by one half or more."""
    near = matches.filter(pl.col("left").is_in(names) & pl.col("right").is_in(names))
    links = (pl.col("match_probability") >= LINK) & (pl.col("story") == Story.SAME_OPERATOR.value)
    return {(left, right): link for left, right, link in near.select("left", "right", links).iter_rows()}
