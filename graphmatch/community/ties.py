"""Shared keys → weighted ties between nodes. No loop over pairs, and no layer makes more than a set number of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graphmatch.community import layers
from graphmatch.community.layers import LINK, MOMENT, TARGET, TEXT, Layer
from graphmatch.errors import RejectedTable, UsageError

_LAYERS = (TARGET, MOMENT, LINK, TEXT)
#: One shared key is one 64-bit number: two nodes, then which of the weights. Sorting numbers is what takes longest.
_NODE_BITS, _WEIGHT_BITS = 27, 9
_REPORT = {
    "layer": pl.String,
    "cap": pl.Int64,
    "keys": pl.Int64,
    "keys_left_out": pl.Int64,
    "largest_key": pl.Int64,
    "ties": pl.Int64,
}


@dataclass(frozen=True, slots=True)
class Ties:
    """A weighted graph: each tied pair once, in order of (``source``, ``target``), and a report of the layers.

    ``nodes`` has ``account_id, actor_id, node``: many accounts may be one node. ``source < target`` are such numbers
    and ``weight`` is in (0, 1); all three are equally long. ``layers`` says of each layer its ``cap`` (the number of
    nodes above which a key tied nobody), how many ``keys`` two or more nodes share, how many of those were above the
    cap (``keys_left_out``), how many nodes the ``largest_key`` has, and how many ``ties`` it made.
    """

    nodes: pl.DataFrame
    source: NDArray[np.int32]
    target: NDArray[np.int32]
    weight: NDArray[np.float64]
    layers: pl.DataFrame


def tie(
    accounts: pl.DataFrame,
    actors: pl.DataFrame,
    reports: pl.DataFrame,
    contents: pl.DataFrame,
    sightings: pl.DataFrame,
    *,
    window: timedelta = timedelta(hours=6),
    most: int = layers.MOST_TIES,
) -> Ties:
    """Tie nodes that share targets, moments, links and texts.

    Parameters
    ----------
    accounts, actors, reports, contents, sightings, window
        As `graphmatch.community.detect` takes them.
    most
        Most ties of one layer; a layer that would make more has its cap lowered, and says so.

    Raises
    ------
    UsageError
        The window is not positive.
    RejectedTable
        There are more nodes than numbers for them.
    """
    if window <= timedelta(0):
        raise UsageError("window must be positive")
    nodes = _nodes(accounts, actors)
    hits = layers.hits(reports, contents)
    uses: tuple[Callable[[], pl.DataFrame], ...] = (
        lambda: hits,
        lambda: layers.moments(hits, window),
        lambda: layers.links(sightings),
        lambda: layers.texts(contents),
    )
    rank, weights = _weights()
    packed, report = [], []
    for number, (layer, used) in enumerate(zip(_LAYERS, uses, strict=True)):
        made, line = _tied(used(), nodes, layer, rank[number], most)
        packed.append(made)
        report.append(line)
    return Ties(nodes, *_noisy_or(packed, weights), pl.DataFrame(report, schema=_REPORT, orient="row"))


def _nodes(accounts: pl.DataFrame, actors: pl.DataFrame) -> pl.DataFrame:
    """Give the nodes numbers in order of their names: the smallest account of an actor, or an account itself."""
    members = actors.select("actor_id", account_id="account_ids", name=pl.col("account_ids").list.min()).explode(
        "account_id"
    )
    named = (
        accounts.select("account_id")
        .join(members, on="account_id", how="left")
        .with_columns(name=pl.coalesce("name", "account_id"))
    )
    names = named.select(pl.col("name").unique().sort()).with_row_index("node")
    if names.height > 2**_NODE_BITS:
        raise RejectedTable(f"communities are found among at most {2**_NODE_BITS:,} nodes")
    numbered = named.join(names, on="name")
    return numbered.select("account_id", "actor_id", pl.col("node").cast(pl.Int64)).sort("account_id")


def _weights() -> tuple[list[NDArray[np.int64]], NDArray[np.float64]]:
    """Give the rank of each layer's weights by number of nodes, and all weights in order of rank, heaviest first.

    In order of weight, since a product of floats depends on the order of its factors.
    """
    each = [layer.weigh(np.arange(2, layer.cap + 1)) for layer in _LAYERS]
    weights, ranks = np.unique(-np.concatenate(each), return_inverse=True)
    ends = np.cumsum([one.size for one in each])[:-1]
    return np.split(ranks.astype(np.int64), ends), -weights


def _tied(
    uses: pl.DataFrame, nodes: pl.DataFrame, layer: Layer, rank: NDArray[np.int64], most: int
) -> tuple[NDArray[np.int64], tuple[str, int, int, int, int, int]]:
    """Pack a number for each key that two nodes share, unless too many do; with a line for the report."""
    shared = (
        uses.join(nodes.select("account_id", "node"), on="account_id")
        .group_by("key")
        .agg(pl.col("node").unique().sort())
        .select("node", count=pl.col("node").list.len().cast(pl.Int64))
        .filter(pl.col("count") > 1)
    )
    counts = shared["count"].to_numpy()
    cap = _cap(counts, layer.cap, most)
    kept = shared.filter(pl.col("count") <= cap)
    made = _pairs(kept["node"].explode().to_numpy(), kept["count"].to_numpy(), rank)
    return made, (layer.name, cap, counts.size, counts.size - kept.height, int(counts.max(initial=0)), made.size)


def _cap(counts: NDArray[np.int64], cap: int, most: int) -> int:
    """Lower the cap until the keys of ``counts`` nodes up to it make no more than ``most`` ties."""
    sizes = np.arange(cap + 1)
    ties = np.cumsum(np.bincount(counts[counts <= cap], minlength=cap + 1) * (sizes * (sizes - 1) // 2))
    return max(1, int(np.searchsorted(ties, most, side="right")) - 1)


def _pairs(nodes: NDArray[np.int64], counts: NDArray[np.int64], rank: NDArray[np.int64]) -> NDArray[np.int64]:
    """Pair each node with those after it under the same key; a key's ``counts`` nodes stand together, in order."""
    ends = np.repeat(np.cumsum(counts), counts)
    here = np.arange(nodes.size)
    after = ends - here - 1
    first = np.repeat(here, after)
    begins = np.cumsum(after) - after
    second = np.arange(first.size) - np.repeat(begins - here - 1, after)
    packed = nodes[first] << (_NODE_BITS + _WEIGHT_BITS)
    packed |= nodes[second] << _WEIGHT_BITS
    packed |= np.repeat(np.repeat(rank[counts - 2], counts), after)
    return packed


def _noisy_or(
    packed: list[NDArray[np.int64]], weights: NDArray[np.float64]
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.float64]]:
    """Add shared keys up: ``1 - (1 - w1)(1 - w2)…``."""
    every = np.concatenate(packed)
    every.sort()
    missing = 1 - weights[every & (2**_WEIGHT_BITS - 1)]
    every >>= _WEIGHT_BITS
    starts = np.flatnonzero(np.diff(every, prepend=-1))
    pairs = every[starts]
    weight = 1 - np.multiply.reduceat(missing, starts) if starts.size else missing
    return (pairs >> _NODE_BITS).astype(np.int32), (pairs & (2**_NODE_BITS - 1)).astype(np.int32), weight
