"""Shared keys → weighted ties between nodes. No loop over pairs, and no layer makes more than a set number of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graphmatch.community.layers import LAYERS, MOST_TIES, REPORTER, WINDOW, Layer
from graphmatch.community.shared import NODE_BITS, Shared, Use, share

#: One shared key is one 64-bit number: two nodes, then which of the weights. Sorting numbers is what takes longest.
_WEIGHT_BITS = 9
_REPORT = {
    "layer": pl.String,
    "weight": pl.Float64,
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
    and ``weight`` is in (0, 1); all three are equally long. ``layers`` says of each layer the ``weight`` of a key that
    just two nodes share, its ``cap`` (the number of nodes above which a key tied nobody), how many ``keys`` two or more
    nodes share, how many of those were above the cap (``keys_left_out``), how many nodes the ``largest_key`` has, and
    how many ``ties`` it made. ``by_layer`` (ties x layers, in the order of `layers.LAYERS`) is what each layer adds to
    a tie, as ``-log(1 - w)``, in which noisy-or is a sum; ``None`` if nobody knows. ``shared`` is what they were made
    of.
    """

    nodes: pl.DataFrame
    source: NDArray[np.int32]
    target: NDArray[np.int32]
    weight: NDArray[np.float64]
    layers: pl.DataFrame
    by_layer: NDArray[np.float32] | None = None
    shared: Shared | None = None


def tie(  # noqa: PLR0913 - one argument a table
    accounts: pl.DataFrame,
    actors: pl.DataFrame,
    reports: pl.DataFrame,
    contents: pl.DataFrame,
    sightings: pl.DataFrame,
    *,
    targets: pl.DataFrame | None = None,
    bursts: pl.DataFrame | None = None,
    window: timedelta = WINDOW,
    most: int = MOST_TIES,
) -> Ties:
    """Tie nodes that share targets, moments, links, texts and reporters, or answer each other.

    Parameters
    ----------
    accounts, actors, reports, contents, sightings, targets, bursts, window
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
    shared = share(accounts, actors, reports, contents, sightings, targets=targets, bursts=bursts, window=window)
    return joined(shared, most=most)


def joined(shared: Shared, *, most: int = MOST_TIES) -> Ties:
    """Tie the nodes that hold the same keys."""
    rank, weights, layer_of = _weights()
    packed, report = [], []
    for number, (layer, use) in enumerate(zip(LAYERS, shared.uses, strict=True)):
        made, line = _tied(shared.holds[use.of].node, use, layer, rank[number], most)
        packed.append(made)
        report.append(line)
    ends = _beside_others(packed)
    pairs, weight, by_layer = _noisy_or(ends, weights, layer_of)
    source, target = (pairs >> NODE_BITS).astype(np.int32), (pairs & (2**NODE_BITS - 1)).astype(np.int32)
    told = pl.DataFrame(report, schema=_REPORT, orient="row")
    return Ties(shared.nodes, source, target, weight, told, by_layer, shared)


def _weights() -> tuple[list[NDArray[np.int64]], NDArray[np.float64], NDArray[np.int64]]:
    """Give the rank of each layer's weights by number of nodes; and by rank, heaviest first, the weight and its layer.

    In order of weight, since a product of floats depends on the order of its factors.
    """
    each = [layer.weigh(np.arange(2, layer.cap + 1)) for layer in LAYERS]
    of = np.repeat(np.arange(len(each)), [one.size for one in each])
    weights = np.concatenate(each)
    order = np.lexsort((of, -weights))
    ranks = np.empty(order.size, dtype=np.int64)
    ranks[order] = np.arange(order.size)
    ends = np.cumsum([one.size for one in each])[:-1]
    return np.split(ranks, ends), weights[order], of[order]


def _tied(
    node: NDArray[np.int64], use: Use, layer: Layer, rank: NDArray[np.int64], most: int
) -> tuple[NDArray[np.int64], tuple[str, float, int, int, int, int, int]]:
    """Pack a number for each key that two nodes share, unless too many do; with a line for the report."""
    nodes, counts, _ = holders(node, use)
    shared = counts > 1
    cap = _cap(counts[shared], layer.cap, most)
    kept = shared & (counts <= cap)
    first, second, key = pairs_of(nodes[np.repeat(kept, counts)], counts[kept])
    packed = first << (NODE_BITS + _WEIGHT_BITS)
    packed |= second << _WEIGHT_BITS
    packed |= rank[counts[kept] - 2][key]
    keys = int(shared.sum())
    left_out, largest = keys - int(kept.sum()), int(counts[shared].max(initial=0))
    return packed, (layer.name, layer.weight, cap, keys, left_out, largest, packed.size)


def holders(node: NDArray[np.int64], use: Use) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """List the nodes of each key, each once and in order; how many they are; and a hold of each key."""
    held, hold = np.unique(use.key << NODE_BITS | node[use.hold], return_index=True)
    key, nodes = held >> NODE_BITS, held & (2**NODE_BITS - 1)
    starts = np.flatnonzero(np.diff(key, prepend=-1))
    return nodes, np.diff(starts, append=key.size), use.hold[hold[starts]]


def _cap(counts: NDArray[np.int64], cap: int, most: int) -> int:
    """Lower the cap until the keys of ``counts`` nodes up to it make no more than ``most`` ties."""
    sizes = np.arange(cap + 1)
    ties = np.cumsum(np.bincount(counts[counts <= cap], minlength=cap + 1) * (sizes * (sizes - 1) // 2))
    return max(1, int(np.searchsorted(ties, most, side="right")) - 1)


def pairs_of(
    nodes: NDArray[np.int64], counts: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Pair each node with those after it under the same key, and say which key; its ``counts`` nodes stand together."""
    ends = np.repeat(np.cumsum(counts), counts)
    here = np.arange(nodes.size)
    after = ends - here - 1
    first = np.repeat(here, after)
    begins = np.cumsum(after) - after
    second = np.arange(first.size) - np.repeat(begins - here - 1, after)
    key = np.repeat(np.repeat(np.arange(counts.size), counts), after)
    return nodes[first], nodes[second], key


def _beside_others(packed: list[NDArray[np.int64]]) -> NDArray[np.int64]:
    """Put the layers together: common reporters only of pairs that are tied without them, and one a pair."""
    place = LAYERS.index(REPORTER)
    every = np.concatenate(packed[:place] + packed[place + 1 :])
    reporters = np.sort(packed[place])
    pairs = reporters >> _WEIGHT_BITS
    heaviest = np.diff(pairs, prepend=-1) != 0
    beside = np.isin(pairs, every >> _WEIGHT_BITS)
    every = np.concatenate([every, reporters[heaviest & beside]])
    every.sort()
    return every


def _noisy_or(
    every: NDArray[np.int64], weights: NDArray[np.float64], layer_of: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float32]]:
    """Add shared keys up: ``1 - (1 - w1)(1 - w2)…``; and how much of each tie is of which layer."""
    rank = every & (2**_WEIGHT_BITS - 1)
    pairs = every >> _WEIGHT_BITS
    starts = np.flatnonzero(np.diff(pairs, prepend=-1))
    weight = 1 - np.multiply.reduceat(1 - weights[rank], starts) if starts.size else np.zeros(0)
    tie_of = np.repeat(np.arange(starts.size), np.diff(starts, append=pairs.size))
    by_layer = np.zeros((starts.size, len(LAYERS)), dtype=np.float32)
    for number in range(len(LAYERS)):
        mine = layer_of[rank] == number
        amounts = -np.log1p(-weights[rank[mine]])
        by_layer[:, number] = np.bincount(tie_of[mine], weights=amounts, minlength=starts.size)
    return pairs[starts], weight, by_layer
