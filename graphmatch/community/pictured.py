"""The ties inside communities, to be drawn. In: ties and ``communities``. Out: a frame of pairs of nodes. Pure."""

from __future__ import annotations

import numpy as np
import polars as pl

from graphmatch.community.layers import LAYERS
from graphmatch.community.ties import Ties

_TIES = {
    "community_id": pl.String,
    "left": pl.String,
    "right": pl.String,
    "weight": pl.Float64,
    "layer": pl.String,
}


def pictured(ties: Ties, communities: pl.DataFrame, *, most: int = 12, most_nodes: int = 150) -> pl.DataFrame:
    """List the ties inside the first communities that are small enough to be drawn.

    Parameters
    ----------
    ties, communities
        As `graphmatch.community.search` took and gave them.
    most, most_nodes
        How many communities, and of how many nodes at most.

    Returns
    -------
    polars.DataFrame
        ``community_id``; ``left, right``, the smallest account of each node; ``weight``; and the ``layer`` that adds
        most to it, null where nobody knows. In order of the communities, then of the accounts.
    """
    if ties.weight.size == 0 or communities.is_empty():
        return pl.DataFrame(schema=_TIES)
    names = ties.nodes.group_by("node").agg(pl.col("account_id").min()).sort("node")
    members = (
        communities.with_row_index("place")
        .select("place", "community_id", account_id="account_ids")
        .explode("account_id")
        .join(ties.nodes.select("account_id", "node"), on="account_id")
        .select("place", "community_id", "node")
        .unique()
    )
    small = members.filter(pl.len().over("place") <= most_nodes)
    drawn = small.filter(pl.col("place").rank("dense") <= most)
    inside = (
        pl.DataFrame({"source": ties.source, "target": ties.target, "weight": ties.weight, "layer": _strongest(ties)})
        .with_columns(pl.col("source", "target").cast(pl.Int64))
        .join(drawn.rename({"node": "source"}), on="source")
        .join(drawn.select("place", target="node"), on=["place", "target"])
    )
    named = inside.join(names.select(source="node", left="account_id"), on="source").join(
        names.select(target="node", right="account_id"), on="target"
    )
    return named.sort("place", "left", "right").select(_TIES.keys())


def _strongest(ties: Ties) -> pl.Series:
    """Name the layer that adds most to each tie."""
    if ties.by_layer is None:
        return pl.repeat(None, ties.weight.size, dtype=pl.String, eager=True)
    layers = pl.Series([layer.name for layer in LAYERS])
    return layers.gather(pl.Series(np.argmax(ties.by_layer, axis=1)))
