"""Layers: what accounts share, as ``account_id, key``, and how much sharing it weighs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graphmatch.model import SignalKind
from graphmatch.tables import TIME


@dataclass(frozen=True, slots=True)
class Layer:
    """How much sharing a key of one kind weighs: ``weight`` if two nodes share it, less the more do.

    ``steep`` divides by ``n - 1`` (each key spreads its weight evenly over its nodes; Newman 2001), else by
    ``log2(n)``. Keys shared by more than ``cap`` nodes tie nobody, so that no layer is ever quadratic.
    """

    name: str
    weight: float
    steep: bool
    cap: int

    def weigh(self, nodes: NDArray[np.int64]) -> NDArray[np.float64]:
        """Weigh a tie by how many ``nodes`` (≥ 2) share its key; in (0, 1), falling."""
        return self.weight / ((nodes - 1).astype(np.float64) if self.steep else np.log2(nodes))


#: Hitting the same target is what strangers do in an election: only a target that few hit ties them.
TARGET = Layer("target", 0.3, steep=True, cap=30)
#: The same target in one span of time is a pile-on, called together or not: it takes several to make a community.
#: Spans overlap by half, so that hits close in time share two of them and weigh about twice.
MOMENT = Layer("moment", 0.12, steep=False, cap=50)
#: The same uncommon address on a profile was put there on purpose, however many did it.
LINK = Layer("link", 0.5, steep=False, cap=100)
#: The same words were copied if few say them; what many say is a saying.
TEXT = Layer("text", 0.5, steep=True, cap=30)

#: Most ties of a layer. If its keys make more, its cap is lowered until they don't: the rarest keys tie first, since
#: they weigh most. It holds memory at about 100 bytes for each tie of all layers.
MOST_TIES = 10_000_000
#: Texts with fewer words are things that anybody says.
LEAST_WORDS = 5


def hits(reports: pl.DataFrame, contents: pl.DataFrame) -> pl.DataFrame:
    """List who is said to have aimed at whom: by content with its time, by report without (it tells another time)."""
    by_content = contents.select("account_id", key="target_ids", at="created_at")
    by_report = reports.select("account_id", key="target_ids", at=pl.lit(None, TIME))
    both = pl.concat([by_content, by_report]).explode("key", empty_as_null=False)
    return both.drop_nulls(["account_id", "key"])


def moments(hits: pl.DataFrame, window: timedelta) -> pl.DataFrame:
    """Cut each target's hits into overlapping spans, two windows long, one beginning every window.

    Spans in place of exact distances: the pairs of a busy hour would grow with the square of its posts.
    """
    span = pl.col("at").dt.epoch("us") // round(window.total_seconds() * 1e6)
    dated = hits.drop_nulls("at").with_columns(span=pl.concat_list(span, span + 1)).explode("span")
    return dated.select("account_id", key=pl.struct("key", "span"))


def links(sightings: pl.DataFrame) -> pl.DataFrame:
    """List the addresses on profiles, not those in messages."""
    on_profiles = (pl.col("kind") == SignalKind.LINK.value) & (pl.col("context") != "message")
    return sightings.filter(on_profiles).select("account_id", key="value")


def texts(contents: pl.DataFrame) -> pl.DataFrame:
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
