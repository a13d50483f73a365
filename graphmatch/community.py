"""Actors and what their accounts did → Communities: nodes that share rare targets, moments, links and words.

In: ``accounts, actors, reports, contents, sightings``. Out: ``communities``. Pure: the order of rows never matters.

Nodes are actors (their accounts contracted) and the other accounts. A *layer* ties nodes that share a key; a tie's
weight says how surprising that is. Shared keys add up by noisy-or, so that a pair's weight stays in [0, 1). Leiden
with the constant Potts model then finds groups whose mean inner weight exceeds the resolution; unlike modularity it
does not overlook small groups in a large graph (Traag, Van Dooren & Nesterov 2011; Traag, Waltman & van Eck 2019).

Acting alike is ordinary among people who care about the same thing. A community is a place to look, never evidence
about an operator, and no layer counts how *many* reports there are.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import polars as pl
from graspologic_native import leiden_csr

from graphmatch.errors import UsageError
from graphmatch.model import SignalKind
from graphmatch.tables import TIME, dtypes, require


@dataclass(frozen=True, slots=True)
class Layer:
    """How much sharing a key of one kind weighs: ``weight`` if two nodes share it, less the more do.

    ``steep`` divides by ``n - 1`` (each key spreads its weight evenly over its nodes; Newman 2001), else by
    ``log2(n)``. Keys shared by more than ``cap`` nodes tie nobody, so that no layer is ever quadratic.
    """

    weight: float
    steep: bool
    cap: int


#: Hitting the same target is what strangers do in an election: only a target that few hit ties them.
TARGET = Layer(0.3, steep=True, cap=30)
#: The same target in one span of time is a pile-on, called together or not: it takes several to make a community.
#: Spans overlap by half, so that hits close in time share two of them and weigh about twice.
MOMENT = Layer(0.12, steep=False, cap=50)
#: The same uncommon address on a profile was put there on purpose, however many did it.
LINK = Layer(0.5, steep=False, cap=100)
#: The same words were copied if few say them; what many say is a saying.
TEXT = Layer(0.5, steep=True, cap=30)

#: Texts with fewer words are things that anybody says.
LEAST_WORDS = 5
#: Independent searches of which the best is kept, and passes in each.
_TRIALS, _ITERATIONS = 2, 3


def detect(  # noqa: PLR0913 - one argument a table
    accounts: pl.DataFrame,
    actors: pl.DataFrame,
    reports: pl.DataFrame,
    contents: pl.DataFrame,
    sightings: pl.DataFrame,
    *,
    resolution: float = 0.05,
    seed: int = 0,
    window: timedelta = timedelta(hours=6),
) -> pl.DataFrame:
    """Detect communities of two or more nodes.

    Parameters
    ----------
    accounts, actors, reports, contents, sightings
        Tables of those names. Accounts that ``accounts`` does not hold are left out.
    resolution
        Lowest mean weight of the pairs inside a community (> 0).
    seed
        Seed of the search; the same tables and seed give the same communities.
    window
        Two nodes that hit one target within it share a moment; beyond twice of it they never do. An evening.

    Returns
    -------
    polars.DataFrame
        Table ``communities``, largest first. ``density`` is inner weight over possible pairs of nodes.

    Raises
    ------
    UsageError
        Resolution or window is not positive.
    """
    if not resolution > 0 or window <= timedelta(0):
        raise UsageError("resolution and window must be positive")
    nodes = _nodes(accounts, actors)
    hits = _hits(reports, contents)
    on_profiles = (pl.col("kind") == SignalKind.LINK.value) & (pl.col("context") != "message")
    links = sightings.filter(on_profiles).select("account_id", key="value")
    layers = [
        _ties(hits, nodes, TARGET),
        _ties(_moments(hits, window), nodes, MOMENT),
        _ties(links, nodes, LINK),
        _ties(_texts(contents), nodes, TEXT),
    ]
    edges = _noisy_or(layers)
    return _communities(_leiden(edges, resolution, seed), edges, nodes, resolution)


def _nodes(accounts: pl.DataFrame, actors: pl.DataFrame) -> pl.DataFrame:
    """Map ``account_id`` to its ``node`` (smallest account of its actor, or itself) and ``actor_id``."""
    members = actors.select("actor_id", account_id="account_ids", node=pl.col("account_ids").list.min()).explode(
        "account_id"
    )
    return (
        accounts.select("account_id")
        .join(members, on="account_id", how="left")
        .with_columns(node=pl.coalesce("node", "account_id"))
    )


def _hits(reports: pl.DataFrame, contents: pl.DataFrame) -> pl.DataFrame:
    """List who is said to have aimed at whom: by content with its time, by report without (it tells another time)."""
    by_content = contents.select("account_id", key="target_ids", at="created_at")
    by_report = reports.select("account_id", key="target_ids", at=pl.lit(None, TIME))
    both = pl.concat([by_content, by_report]).explode("key", empty_as_null=False)
    return both.drop_nulls(["account_id", "key"])


def _moments(hits: pl.DataFrame, window: timedelta) -> pl.DataFrame:
    """Cut each target's hits into overlapping spans, two windows long, one beginning every window.

    Spans in place of exact distances: the pairs of a busy hour would grow with the square of its posts.
    """
    span = pl.col("at").dt.epoch("us") // round(window.total_seconds() * 1e6)
    dated = hits.drop_nulls("at").with_columns(span=pl.concat_list(span, span + 1)).explode("span")
    return dated.select("account_id", key=pl.concat_str("key", pl.lit("\n"), "span"))


def _texts(contents: pl.DataFrame) -> pl.DataFrame:
    """Fold texts to their bare words: no addresses, mentions, digits, marks or case."""
    words = (
        pl.col("text")
        .str.to_lowercase()
        .str.replace_all(r"https?://\S+|[@#]\S+|\[\w+\]", " ")
        .str.replace_all(r"[^\p{L}\p{M}]+", " ")
        .str.strip_chars()
    )
    return (
        contents.drop_nulls(["account_id", "text"])
        .select("account_id", key=words)
        .filter(pl.col("key").str.count_matches(" ") + 1 >= LEAST_WORDS)
    )


def _ties(uses: pl.DataFrame, nodes: pl.DataFrame, layer: Layer) -> pl.DataFrame:
    """Tie nodes that share keys: ``source < target``, one row and ``weight`` for each key that they share."""
    used = uses.join(nodes, on="account_id").select("node", "key").unique()
    used = used.with_columns(count=pl.len().over("key")).filter(pl.col("count").is_between(2, layer.cap))
    divisor = (pl.col("count") - 1).cast(pl.Float64) if layer.steep else pl.col("count").log(2)
    pairs = used.join(used.drop("count"), on="key", suffix="_other").filter(pl.col("node") < pl.col("node_other"))
    return pairs.select(source="node", target="node_other", weight=layer.weight / divisor)


def _noisy_or(layers: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """Add shared keys up: ``1 - (1 - w1)(1 - w2)…``."""
    # in the order of weight: a product of floats depends on the order of its factors
    weight = 1 - (1 - pl.col("weight")).sort().product()
    return pl.concat(layers).group_by("source", "target").agg(weight=weight)


def _leiden(edges: pl.DataFrame, resolution: float, seed: int) -> dict[str, int]:
    """Give each tied node the number of its community. Leiden depends on the order of edges, so they are sorted."""
    if edges.is_empty():
        return {}
    names = pl.concat([edges["source"], edges["target"]]).unique().sort()
    number = pl.DataFrame({"name": names, "number": np.arange(len(names), dtype=np.int32)})
    numbered = edges.join(number, left_on="source", right_on="name").join(
        number, left_on="target", right_on="name", suffix="_target"
    )
    forth = numbered.select(row="number", column="number_target", weight="weight")
    back = numbered.select(row="number_target", column="number", weight="weight")
    cells = pl.concat([forth, back]).sort("row", "column")
    starts = np.searchsorted(cells["row"].to_numpy(), np.arange(len(names) + 1)).astype(np.int64)
    _, found = leiden_csr(
        starts,
        cells["column"].to_numpy(),
        cells["weight"].to_numpy(),
        len(names),
        resolution=resolution,
        iterations=_ITERATIONS,
        use_modularity=False,
        seed=seed,
        trials=_TRIALS,
    )
    return {name: found[index] for index, name in enumerate(names)}


def _communities(found: dict[str, int], edges: pl.DataFrame, nodes: pl.DataFrame, resolution: float) -> pl.DataFrame:
    """Label communities by their smallest account, and weigh them."""
    part = pl.DataFrame(list(found.items()), schema={"node": pl.String, "part": pl.Int64}, orient="row")
    members = nodes.join(part, on="node")
    inner = (
        edges.join(part, left_on="source", right_on="node")
        .join(part, left_on=["target", "part"], right_on=["node", "part"])
        .group_by("part")
        .agg(pl.col("weight").sort().sum())
    )
    size = pl.col("nodes").cast(pl.Float64)
    table = (
        members.group_by("part")
        .agg(
            pl.col("account_id").unique().sort().alias("account_ids"),
            pl.col("actor_id").drop_nulls().unique().sort().alias("actor_ids"),
            pl.col("node").n_unique().alias("nodes"),
        )
        .join(inner, on="part")
        .with_columns(
            size=pl.col("account_ids").list.len().cast(pl.Int64),
            density=pl.col("weight") / (size * (size - 1) / 2),
            resolution=pl.lit(resolution),
            community_id=pl.col("account_ids").list.first().map_elements(_id, return_dtype=pl.String),
        )
        .sort([pl.col("size"), pl.col("account_ids").list.first()], descending=[True, False])
    )
    return require("communities", table.select(dtypes("communities").keys()))


def _id(smallest: str) -> str:
    return f"community-{hashlib.sha256(smallest.encode()).hexdigest()[:12]}"
