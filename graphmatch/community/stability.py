"""How far communities depend on the seed, at several resolutions; and the resolution that this speaks for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graphmatch.community.search import parts
from graphmatch.community.ties import Ties
from graphmatch.errors import UsageError

#: Where the choice begins; what it means is told at the top of `graphmatch.community`.
RESOLUTION = 0.05
#: Searches that agree on so many of their pairs are leant on; and two that agree as well but for this are as good.
SOUND, AS_GOOD = 0.9, 0.01

_REPORT = {
    "resolution": pl.Float64,
    "nodes": pl.Int64,
    "communities": pl.Int64,
    "largest": pl.Int64,
    "agreement": pl.Float64,
}


def stability(
    ties: Ties,
    *,
    resolutions: Sequence[float] = (0.0125, 0.025, 0.05, 0.1, 0.2),
    seeds: Sequence[int] = (0, 1, 2),
    nodes: int = 10_000,
) -> pl.DataFrame:
    """Search with several seeds at several resolutions, and say how far the seeds agree.

    Parameters
    ----------
    ties
        From `graphmatch.community.tie`.
    resolutions, seeds
        What to search with; two seeds or more.
    nodes
        If more than this many nodes are tied, a sample is searched in place of the whole: nodes drawn with the first
        seed and all within two steps of them, until that many are reached. Only the drawn nodes and their neighbours
        count then, since the communities of the others are cut off.

    Returns
    -------
    polars.DataFrame
        One row a resolution: how many ``nodes`` count, ``communities`` of two or more of them and the ``largest`` of
        those (both with the first seed), and ``agreement`` in [0, 1]: of the pairs that the first or another seed puts
        into one community, the share that both do, as a mean over the other seeds; null if there are no such pairs.
        It rises to 1 where the resolution is so low that all is one, so judge it beside ``largest``; of few ``nodes``
        it says little, so look at more.

    Raises
    ------
    UsageError
        A resolution is not positive, or there are fewer than two seeds.
    """
    if len(seeds) < 2:
        raise UsageError("agreement takes two seeds or more")
    sample, counting = _sample(ties, nodes, seeds[0])
    rows = []
    for resolution in resolutions:
        first, *others = (parts(sample, resolution=resolution, seed=seed)[counting] for seed in seeds)
        _, sizes = np.unique(first, return_counts=True)
        shares = [share for other in others if (share := _agreement(first, other)) is not None]
        agreement = sum(shares) / len(shares) if shares else None
        rows.append((resolution, counting.size, int((sizes > 1).sum()), int(sizes.max(initial=0)), agreement))
    return pl.DataFrame(rows, schema=_REPORT, orient="row")


def chosen(report: pl.DataFrame, *, start: float = RESOLUTION) -> float:
    """Choose the resolution by a report of `stability`.

    ``start``, whose unit has a meaning, as long as the searches are `SOUND` there. Else that at which they agree best,
    of those at which no community holds more than half of the nodes; of those that agree as well but for `AS_GOOD`, the
    one that is the fewest times ``start`` or ``start`` the fewest times it, and the higher of two. Without anything to
    choose by, ``start``.
    """
    if report.filter((pl.col("resolution") == start) & (pl.col("agreement") >= SOUND)).height:
        return start
    able = report.filter(pl.col("agreement").is_not_null() & (2 * pl.col("largest") <= pl.col("nodes")))
    good = able.filter(pl.col("agreement") >= pl.col("agreement").max() - AS_GOOD)
    away = (pl.col("resolution") / start).log().abs().round(6)
    nearest = good.sort(away, "resolution", descending=[False, True])["resolution"]
    return float(nearest[0]) if nearest.len() else start


def _sample(ties: Ties, nodes: int, seed: int) -> tuple[Ties, NDArray[np.int64]]:
    """Cut out the surroundings of some nodes, or nothing off if all are few; and list the nodes that count."""
    tied = np.unique(np.concatenate([ties.source, ties.target])).astype(np.int64)
    if tied.size <= nodes:
        return ties, tied
    order = np.random.default_rng(seed).permutation(tied)
    drawn = 1
    near = _reach(ties, order[:1])
    far = _reach(ties, near)
    while True:
        more = _reach(ties, order[: 2 * drawn])
        reached = _reach(ties, more)
        if reached.size > nodes:
            break
        near, far, drawn = more, reached, 2 * drawn
    is_in = np.zeros(ties.nodes.height + 1, dtype=np.bool_)
    is_in[far] = True
    kept = is_in[ties.source] & is_in[ties.target]
    return replace(ties, source=ties.source[kept], target=ties.target[kept], weight=ties.weight[kept]), near


def _reach(ties: Ties, nodes: NDArray[np.int64]) -> NDArray[np.int64]:
    """List ``nodes`` and their neighbours."""
    start = np.zeros(ties.nodes.height + 1, dtype=np.bool_)
    start[nodes] = True
    reached = start.copy()
    reached[ties.target[start[ties.source]]] = True
    reached[ties.source[start[ties.target]]] = True
    return np.flatnonzero(reached)


def _agreement(one: NDArray[np.int64], other: NDArray[np.int64]) -> float | None:
    """Of the pairs that either partition puts together, give the share that both do."""
    both = _pairs(one * (int(other.max(initial=0)) + 1) + other)
    either = _pairs(one) + _pairs(other) - both
    return both / either if either else None


def _pairs(parts: NDArray[np.int64]) -> int:
    _, sizes = np.unique(parts, return_counts=True)
    return int((sizes * (sizes - 1) // 2).sum())
