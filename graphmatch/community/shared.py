"""Tables → who shares which keys, as numbers: what is tied, and what the chance check deals out anew.

In: observed tables and actors. Out: `Shared`. Pure: the order of rows never matters.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graphmatch import tables
from graphmatch.community import layers
from graphmatch.errors import RejectedTable, UsageError

#: Nodes have this many bits in a packed number.
NODE_BITS = 27
#: Rounds in which holds that would double another are dealt again; the few that still do count once.
_DEALS = 8


@dataclass(frozen=True, slots=True)
class Holds:
    """Which ``node`` holds which ``unit`` (a target, an address, a text …), each pair once, in order of the unit.

    ``dealt`` says which of them the chance check may give to others.
    """

    node: NDArray[np.int64]
    unit: NDArray[np.int64]
    dealt: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Use:
    """A layer's keys: the ``hold`` (a place in the `Holds` numbered ``of``) at such a place has such a ``key``."""

    of: int
    hold: NDArray[np.int64]
    key: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Shared:
    """Nodes (``account_id, actor_id, node``), their holds, and the use that each of `layers.LAYERS` makes of those.

    Target and moment are of the same holds: who hit a target hit it at those times.
    """

    nodes: pl.DataFrame
    holds: tuple[Holds, ...]
    uses: tuple[Use, ...]

    def dealt_anew(self, random: np.random.Generator) -> Shared:
        """Deal the holds out anew: each node holds as many, and each unit is held by as many, as before.

        The configuration model of a bipartite graph (Newman, Strogatz & Watts 2001). A unit's keys stay with the hold,
        so that everything that was said or done is so as often and when it was; who did it is chance.
        """
        return replace(self, holds=tuple(_dealt(held, random) for held in self.holds))


def share(  # noqa: PLR0913 - one argument a table
    accounts: pl.DataFrame,
    actors: pl.DataFrame,
    reports: pl.DataFrame,
    contents: pl.DataFrame,
    sightings: pl.DataFrame,
    *,
    targets: pl.DataFrame | None = None,
    bursts: pl.DataFrame | None = None,
    window: timedelta = layers.WINDOW,
) -> Shared:
    """Give numbers to who shares which keys; the arguments are those of `graphmatch.community.tie`."""
    if window <= timedelta(0):
        raise UsageError("window must be positive")
    targets = tables.empty("targets") if targets is None else targets
    bursts = tables.empty("bursts") if bursts is None else bursts
    nodes = _nodes(accounts, actors)
    hits = layers.hits(reports, contents)
    groups = (
        (layers.targets(hits), layers.moments(hits, window)),
        (layers.links(sightings),),
        (layers.texts(contents),),
        (layers.replies(accounts, targets, contents),),
        (layers.reporters(reports, bursts, window),),
    )
    holds, uses = [], []
    for number, used in enumerate(groups):
        held, of_layers = _numbered(nodes, used, number)
        holds.append(held)
        uses += of_layers
    return Shared(nodes, tuple(holds), tuple(uses))


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
    if names.height > 2**NODE_BITS:
        raise RejectedTable(f"communities are found among at most {2**NODE_BITS:,} nodes")
    numbered = named.join(names, on="name")
    return numbered.select("account_id", "actor_id", pl.col("node").cast(pl.Int64)).sort("account_id")


def _numbered(nodes: pl.DataFrame, used: tuple[pl.DataFrame, ...], number: int) -> tuple[Holds, list[Use]]:
    """Give numbers to the units and keys of layers whose first uses hold all units of the others."""
    first, *_ = with_nodes = [rows.join(nodes.select("account_id", "node"), on="account_id") for rows in used]
    sides = ["is_answered"] if "is_answered" in first.columns else []
    held = first.select("unit", "node", *sides).unique().sort("unit", "node", *sides).with_row_index("hold")
    held = held.with_columns(pl.col("hold").cast(pl.Int64), number=pl.col("unit").rle_id().cast(pl.Int64))
    is_dealt = ~held["is_answered"].to_numpy() if sides else np.ones(held.height, dtype=np.bool_)
    uses = []
    for rows in with_nodes:
        keyed = rows.select("unit", "node", "key", *sides).unique().sort("key", "node", *sides)
        keyed = keyed.with_columns(key=pl.col("key").rle_id().cast(pl.Int64))
        placed = keyed.join(held, on=["unit", "node", *sides], maintain_order="left")
        uses.append(Use(number, placed["hold"].to_numpy(), placed["key"].to_numpy()))
    return Holds(held["node"].to_numpy(), held["number"].to_numpy(), is_dealt), uses


def _dealt(held: Holds, random: np.random.Generator) -> Holds:
    places = np.flatnonzero(held.dealt)
    node = held.node.copy()
    node[places] = node[random.permutation(places)]
    for _ in range(_DEALS):
        packed = held.unit << NODE_BITS | node
        order = np.argsort(packed, kind="stable")
        doubled = order[1:][packed[order[1:]] == packed[order[:-1]]]
        doubled = doubled[held.dealt[doubled]]
        free = np.setdiff1d(places, doubled, assume_unique=True)
        swapped = min(doubled.size, free.size)
        if not swapped:
            break
        others = random.choice(free, size=swapped, replace=False)
        node[doubled[:swapped]], node[others] = node[others], node[doubled[:swapped]]
    return replace(held, node=node)
