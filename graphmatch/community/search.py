"""Ties → communities: Leiden with the constant Potts model, then one row a community."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
from graspologic_native import leiden_csr
from numpy.typing import NDArray
from scipy.sparse import csr_array

from graphmatch.community.layers import LAYERS
from graphmatch.community.lineage import followed
from graphmatch.community.ties import Ties
from graphmatch.errors import UsageError
from graphmatch.tables import dtypes, require

#: Passes of each search.
_PASSES = 3
#: Of two independent searches the better is kept, but with more ties than this there is one: at 2.4 million ties
#: the second bettered the quality by less than one part in 100,000, for twice the work.
_TWICE = 1_000_000


def search(ties: Ties, *, resolution: float = 0.05, seed: int = 0) -> pl.DataFrame:
    """Find communities of two or more nodes.

    Parameters
    ----------
    ties
        From `graphmatch.community.tie`.
    resolution
        Lowest mean weight of the pairs inside a community (> 0).
    seed
        Seed of the search; the same ties and seed give the same communities.

    Returns
    -------
    polars.DataFrame
        Table ``communities``, as `graphmatch.community.detect` gives it.

    Raises
    ------
    UsageError
        The resolution is not positive.
    """
    tries = 2 if ties.weight.size <= _TWICE else 1
    return table(ties, parts(ties, resolution=resolution, seed=seed, tries=tries), resolution)


def parts(ties: Ties, *, resolution: float, seed: int, tries: int = 1) -> NDArray[np.int64]:
    """Give each node the number of its part, from 0; -1 to nodes without ties.

    Leiden depends on the order of nodes and ties, which `Ties` holds fixed. Of ``tries`` searches the best counts.

    Raises
    ------
    UsageError
        The resolution is not positive.
    """
    if not resolution > 0:
        raise UsageError("resolution must be positive")
    height = 1 + int(ties.nodes["node"].max() or 0)  # type: ignore[arg-type]
    found = np.full(height, -1, dtype=np.int64)
    if not ties.weight.size:
        return found
    is_tied = np.zeros(height, dtype=np.bool_)
    is_tied[ties.source] = is_tied[ties.target] = True
    tied = np.flatnonzero(is_tied)
    number = np.zeros(height, dtype=np.int32)
    number[tied] = np.arange(tied.size, dtype=np.int32)
    one_way = csr_array((ties.weight, (number[ties.source], number[ties.target])), shape=(tied.size, tied.size))
    cells = (one_way + one_way.T).tocsr()
    del one_way
    _, part = leiden_csr(
        cells.indptr.astype(np.int64),
        cells.indices.astype(np.int32),
        cells.data,
        tied.size,
        resolution=resolution,
        iterations=_PASSES,
        use_modularity=False,
        seed=seed,
        trials=tries,
    )
    found[tied] = np.fromiter((part[index] for index in range(tied.size)), dtype=np.int64, count=tied.size)
    return found


def inner_weights(ties: Ties, found: NDArray[np.int64], parts: int, weight: NDArray[Any] | None = None) -> NDArray[Any]:
    """Add up the ties inside each of ``parts`` parts: their weights, or another ``weight`` a tie."""
    at_source = found[ties.source]
    inside = (at_source == found[ties.target]) & (at_source >= 0)
    weight = ties.weight if weight is None else weight
    return np.bincount(at_source[inside], weights=weight[inside], minlength=parts)


def table(ties: Ties, found: NDArray[np.int64], resolution: float) -> pl.DataFrame:
    """Label communities by their smallest account, and weigh them: `parts` → table ``communities``."""
    count = int(found.max(initial=-1)) + 1
    weights = pl.DataFrame(
        {"part": np.arange(count), "weight": inner_weights(ties, found, count), **_shares(ties, found, count)}
    )
    members = ties.nodes.with_columns(part=pl.Series(found).gather(ties.nodes["node"])).filter(pl.col("part") >= 0)
    size = pl.col("nodes").cast(pl.Float64)
    communities = (
        members.group_by("part")
        .agg(
            pl.col("account_id").unique().sort().alias("account_ids"),
            pl.col("actor_id").drop_nulls().unique().sort().alias("actor_ids"),
            pl.col("node").n_unique().alias("nodes"),
        )
        .filter(pl.col("nodes") > 1)
        .join(weights, on="part")
        .with_columns(
            size=pl.col("account_ids").list.len().cast(pl.Int64),
            density=pl.col("weight") / (size * (size - 1) / 2),
            resolution=pl.lit(resolution),
            coincidence=pl.lit(None, pl.Float64),
            expected_density=pl.lit(None, pl.Float64),
            chance_q=pl.lit(None, pl.Float64),
        )
        .sort([pl.col("size"), pl.col("account_ids").list.first()], descending=[True, False])
    )
    named = followed(communities, None).communities
    return require("communities", named.select(dtypes("communities").keys()))


def _shares(ties: Ties, found: NDArray[np.int64], count: int) -> dict[str, NDArray[Any] | pl.Series]:
    """Give the share of each layer in the inner weight of each part; a tie's weight is split as layers add to it."""
    if ties.by_layer is None:
        return {f"{layer.name}_share": pl.repeat(None, count, dtype=pl.Float64, eager=True) for layer in LAYERS}
    whole = ties.by_layer.sum(axis=1)
    split = ties.weight / np.where(whole > 0, whole, 1)
    inner = inner_weights(ties, found, count)
    return {
        f"{layer.name}_share": inner_weights(ties, found, count, split * ties.by_layer[:, number])
        / np.where(inner > 0, inner, 1)
        for number, layer in enumerate(LAYERS)
    }
