"""What holds each actor together: its weakest internal cut, and its bridges. Pure."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

import polars as pl

from graphmatch.forest import Forest, Groups, Link
from graphmatch.model import Standing
from graphmatch.opinions import opinions
from graphmatch.resolve.actors import check_threshold
from graphmatch.resolve.grouping import evidence_bits, joined_by_judgement, linked
from graphmatch.tables import TEXTS

#: The largest actor whose cut is sought among all its splits: a dense one of this size takes seconds.
MOST_EXACT = 200

_LINK = {"left": pl.String, "right": pl.String}
_COLUMNS: dict[str, pl.DataType | type[pl.DataType]] = {
    "actor_id": pl.String,
    "size": pl.Int64,
    "cut_left": TEXTS,
    "cut_right": TEXTS,
    "cut_bits": pl.Float64,
    "cut_links": pl.Int64,
    "cut_probability": pl.Float64,
    "cut_strongest": pl.Struct(_LINK),
    "cut_exact": pl.Boolean,
    "bridges": pl.List(pl.Struct(_LINK)),
}


class _Hold(NamedTuple):
    """A link inside an actor: its probability, and its evidence in bits above the prior (0 at least)."""

    left: str
    right: str
    probability: float
    bits: float


def cohesion(
    actors: pl.DataFrame,
    matches: pl.DataFrame,
    judgements: pl.DataFrame | None = None,
    *,
    threshold: float = 0.9,
    exact_up_to: int = MOST_EXACT,
) -> pl.DataFrame:
    """Show where each actor would part first, and which of its links nothing can stand in for.

    The links inside an actor are those that `resolve` goes by: pairs at or above the threshold with the story
    ``same_operator``, and pairs judged POSITIVE, which count with their match's probability but no less than the
    threshold. A link's evidence is its log-odds less the prior, in bits; a POSITIVE pair that was never scored has
    the highest prior of ``matches`` (0 bits if that is empty), which credits it least.

    The *weakest cut* is the split of the actor into two parts with the least evidence across (Stoer and Wagner
    1997). In an actor of more than ``exact_up_to`` accounts, unless it is a tree, it is the least of the splits
    that one link of the most probable spanning tree makes, and ``cut_exact`` is false: a weaker split may exist.
    A *bridge* is a link without which the actor falls in two.

    Returns
    -------
    pl.DataFrame
        One row an actor, by ``actor_id``: ``size``; ``cut_left`` (holds the smallest account id) and
        ``cut_right``, the accounts of either part; ``cut_bits``, ``cut_links`` and ``cut_probability``, the
        evidence, the number of links and the strongest link's probability across; ``cut_strongest``, that link;
        ``cut_exact``; ``bridges``, a list of ``{left, right}``. An actor that these links do not hold together
        (of another threshold, say) has a cut of 0 links, probability null.

    Raises
    ------
    UsageError
        The threshold is no probability.
    """
    check_threshold(threshold)
    holds = _holds(actors, matches, judgements, threshold)
    ids, groups = actors["actor_id"].to_list(), actors["account_ids"].to_list()
    cuts, bridges = [], []
    for actor_id, members in zip(ids, groups, strict=True):
        cut, alone = _cut(sorted(members), sorted(holds[actor_id]), exact_up_to)
        cuts.append((actor_id, len(members), *cut))
        bridges += [(actor_id, *pair) for pair in alone]
    return _table(cuts, bridges)


def _table(cuts: Sequence[tuple[Any, ...]], bridges: Sequence[tuple[str, ...]]) -> pl.DataFrame:
    """Lay the rows out. Records are made column-wise: one by one, they take longer than the cuts."""
    flat = {name: dtype for name, dtype in _COLUMNS.items() if name != "bridges"}
    flat["cut_strongest"] = TEXTS
    pairs = pl.DataFrame(bridges, schema={"actor_id": pl.String, **_LINK}, orient="row")
    lists = pairs.group_by("actor_id", maintain_order=True).agg(bridges=pl.struct("left", "right"))
    strongest = pl.struct(*(pl.col("cut_strongest").list.get(at).alias(end) for at, end in enumerate(_LINK)))
    found = pl.DataFrame(cuts, schema=flat, orient="row").join(lists, on="actor_id", how="left")
    return found.with_columns(
        cut_strongest=pl.when(pl.col("cut_strongest").is_not_null()).then(strongest),
        bridges=pl.col("bridges").fill_null(pl.lit([], _COLUMNS["bridges"])),
    ).sort("actor_id")


def _holds(
    actors: pl.DataFrame, matches: pl.DataFrame, judgements: pl.DataFrame | None, threshold: float
) -> defaultdict[str, list[_Hold]]:
    """Give the links inside each actor."""
    said = joined_by_judgement(opinions(judgements)) if judgements is not None else []
    positive = pl.DataFrame(said, schema={"left": pl.String, "right": pl.String}, orient="row")
    positive = positive.with_columns(_said=pl.lit(value=True))
    columns = ["left", "right", "match_probability", "prior_bits", "story"]
    pairs = matches.select(columns).join(positive, on=["left", "right"], how="full", coalesce=True)
    pairs = pairs.filter(linked(threshold) | pl.col("_said"))
    member = actors.select("actor_id", name="account_ids").explode("name")
    inside = pairs.join(member, left_on="left", right_on="name")
    inside = inside.join(member, left_on=["right", "actor_id"], right_on=["name", "actor_id"])
    priors = matches["prior_bits"]
    wanted = inside.select(
        "actor_id",
        "left",
        "right",
        pl.max_horizontal("match_probability", pl.when("_said").then(pl.lit(threshold))),
        pl.col("prior_bits").fill_null(pl.lit(priors.max() if priors.len() else 0.0)),
    )
    holds: defaultdict[str, list[_Hold]] = defaultdict(list)
    for actor_id, left, right, probability, prior in wanted.iter_rows():
        bits = max(evidence_bits(probability, prior), 0.0)
        holds[actor_id].append(_Hold(left, right, probability, bits))
    return holds


def _cut(
    members: list[str], holds: list[_Hold], exact_up_to: int
) -> tuple[tuple[list[str], list[str], float, int, float | None, list[str] | None, bool], list[tuple[str, str]]]:
    """Give one actor's columns from ``cut_left`` to ``cut_exact``, and its bridges.

    ``members`` and ``holds`` are sorted, so that equal cuts are always chosen between alike.
    """
    part, exact, bridges = _weakest_cut(members, holds, exact_up_to)
    if members[0] not in part:
        part = set(members) - part
    across = [hold for hold in holds if (hold.left in part) != (hold.right in part)]
    strongest = min(across, key=lambda hold: (-hold.probability, hold), default=None)
    probability, ends = (strongest.probability, [strongest.left, strongest.right]) if strongest else (None, None)
    bits = math.fsum(hold.bits for hold in across)
    return (sorted(part), sorted(set(members) - part), bits, len(across), probability, ends, exact), bridges


def _weakest_cut(
    members: list[str], holds: list[_Hold], exact_up_to: int
) -> tuple[set[str], bool, list[tuple[str, str]]]:
    """Give one part of the weakest split, whether it is surely the weakest, and the bridges in order."""
    groups = Groups()
    if len(holds) == len(members) - 1 and all(groups.join(hold.left, hold.right) for hold in holds):
        # A tree, as most actors are: every link is a bridge, and the weakest cut is one link.
        weakest = min(holds, key=lambda hold: (hold.bits, hold))
        return _side(holds, weakest), True, [(hold.left, hold.right) for hold in holds]
    import networkx as nx  # noqa: PLC0415 - heavy, and most actors are trees

    graph = nx.Graph()
    graph.add_nodes_from(members)
    graph.add_weighted_edges_from((hold.left, hold.right, hold.bits) for hold in holds)
    bridges = sorted((min(pair), max(pair)) for pair in nx.bridges(graph))
    first: set[str] = nx.node_connected_component(graph, members[0])
    if len(first) < len(members):
        return first, True, bridges
    if len(members) <= exact_up_to:
        return set(nx.stoer_wagner(graph)[1][0]), True, bridges
    return _spanning_cut(holds), False, bridges


def _spanning_cut(holds: Sequence[_Hold]) -> set[str]:
    """Give one part of the weakest split among those that one link of the most probable spanning tree makes.

    What crosses the split at a tree link is every link whose ends that tree link lies between.
    """
    forest = Forest(Link(hold.left, hold.right, hold.probability, Standing.SUGGESTED) for hold in holds)
    across: defaultdict[Link, list[float]] = defaultdict(list)
    for hold in holds:
        for step in forest.path(hold.left, hold.right) or ():
            across[step].append(hold.bits)
    cut = min(across, key=lambda step: (math.fsum(across[step]), step))
    return _side(across, cut)


def _side(tree: Collection[_Hold | Link], cut: _Hold | Link) -> set[str]:
    """Give the accounts that hang together with the left end of ``cut`` in ``tree`` without it."""
    groups = Groups()
    for link in tree:
        if link != cut:
            groups.join(link.left, link.right)
    return {name for link in tree for name in (link.left, link.right) if groups.find(name) == groups.find(cut.left)}
