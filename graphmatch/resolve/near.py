"""The local run: only the part of the graph that a change can reach is resolved anew. Pure."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from graphmatch.opinions import Opinions, Pair, opinions
from graphmatch.resolve.actors import Resolved, actor_rows, check_threshold, grouped
from graphmatch.resolve.grouping import joined_by_judgement, linked
from graphmatch.resolve.ids import ids_of
from graphmatch.resolve.judged import conflicts, with_standing

#: What resolve asks of a match, once judgements have given it its standing.
_ASKED = ("match_probability", "standing", "story", "prior_bits")
_EDGES = {"left": pl.String, "right": pl.String}


def resolve_near(
    matches: pl.DataFrame,
    previous: pl.DataFrame,
    touched: Iterable[str],
    judgements: pl.DataFrame | None = None,
    *,
    threshold: float = 0.9,
    accounts: pl.DataFrame | None = None,
) -> Resolved:
    """Group accounts into actors again, where something changed; the other actors stay as they were.

    Equal to ``resolve(matches, judgements, threshold=…, previous=previous, accounts=…)`` in every row, id and
    order, if ``previous`` came from a run with this threshold and every pair whose match or judgement has come,
    gone or changed since has an end among ``touched`` (`changed_accounts` lists them; more do no harm).

    Anew are done the accounts that can be reached from ``touched`` over links, pairs judged POSITIVE and the
    actors of ``previous``: the last because a link that is gone may leave behind what it held. Pairs below the
    threshold lead nowhere. They count where both ends are reached, as in a whole run. Merging, which is what
    takes time, is done for those accounts alone; the tables are looked through whole, column by column.

    Parameters
    ----------
    matches, judgements, threshold, accounts
        As for `resolve`: all of them, not only what is new.
    previous
        Table ``actors`` of the last run. Each account stands in one actor at most.
    touched
        Account ids; unknown ones do no harm.

    Raises
    ------
    UsageError
        The threshold is no probability.
    """
    check_threshold(threshold)
    held = opinions(judgements) if judgements is not None else {}
    judged = with_standing(matches, held)
    near = _reached(judged, held, previous, touched, threshold)
    inside = judged.join(near, left_on="left", right_on="name", how="semi")
    inside = inside.join(near, left_on="right", right_on="name", how="semi")
    names = set(near["name"])
    grouping = grouped(inside, {pair: known for pair, known in held.items() if names.issuperset(pair)}, threshold)
    groups = grouping.actors()
    anew = previous["account_ids"].list.first().is_in(near["name"].implode())
    ids = ids_of(groups, previous.filter(anew), reserved=frozenset(previous["actor_id"]))
    rows = actor_rows(grouping, groups, ids, accounts)
    kept = previous.filter(~anew).select(rows.columns)
    kept = kept.with_columns(pl.col("account_ids", "platforms").list.sort())
    actors = pl.concat([kept, rows]).sort("actor_id")
    return Resolved(actors, judged, conflicts(held, _refused(held, actors)))


def _reached(
    judged: pl.DataFrame,
    held: dict[Pair, Opinions],
    previous: pl.DataFrame,
    touched: Iterable[str],
    threshold: float,
) -> pl.DataFrame:
    """List the accounts (column ``name``) that a change at ``touched`` can have an effect on."""
    positive = pl.DataFrame(joined_by_judgement(held), schema=_EDGES, orient="row")
    stars = previous.select(left=pl.col("account_ids").list.first(), right="account_ids").explode("right")
    one_way = pl.concat([judged.filter(linked(threshold)).select("left", "right"), positive, stars])
    edges = pl.concat([one_way, one_way.select(left="right", right="left")])
    reached = frontier = pl.DataFrame({"name": sorted(set(touched))}, schema={"name": pl.String})
    while frontier.height:
        beside = edges.join(frontier, left_on="left", right_on="name", how="semi")
        frontier = beside.select(name="right").unique().join(reached, on="name", how="anti")
        reached = pl.concat([reached, frontier])
    return reached


def _refused(held: dict[Pair, Opinions], actors: pl.DataFrame) -> list[Pair]:
    """List the POSITIVE pairs that are not inside one actor: a NEGATIVE one stood against them."""
    pairs = joined_by_judgement(held)
    asked = pl.Series([name for pair in pairs for name in pair], dtype=pl.String)
    member = actors.select("account_ids", "actor_id").explode("account_ids")
    of = dict(member.filter(pl.col("account_ids").is_in(asked.implode())).iter_rows())
    return [(a, b) for a, b in pairs if a not in of or of[a] != of.get(b)]


def changed_accounts(
    before: pl.DataFrame,
    after: pl.DataFrame,
    judgements_before: pl.DataFrame | None = None,
    judgements_after: pl.DataFrame | None = None,
) -> set[str]:
    """List the accounts of every pair whose match or judgement has come, gone or changed: `resolve_near`'s ``touched``.

    ``before`` and ``after`` are tables ``matches``, with or without the standing that judgements give.
    """
    held = [opinions(said) if said is not None else {} for said in (judgements_before, judgements_after)]
    old, new = (
        with_standing(table, known).select("left", "right", *_ASKED)
        for table, known in zip((before, after), held, strict=True)
    )
    both = old.join(new, on=["left", "right"], how="full", suffix="_after", coalesce=True)
    moved = both.filter(pl.any_horizontal(pl.col(name).ne_missing(pl.col(f"{name}_after")) for name in _ASKED))
    pairs = {pair for pair in held[0].keys() | held[1].keys() if held[0].get(pair) != held[1].get(pair)}
    return {*moved["left"], *moved["right"], *(name for pair in pairs for name in pair)}
