"""Did the members of a community move together? In: ``communities``, ``migrations``. Out: ``community_moves``. Pure.

A *mover* is an actor that left a platform for another one: any kind of migration but ``multi_homed``, which leaves
nothing. Two movers move together if they took the same way and surely left within the window of each other; where it is
unknown when somebody left, or only to within more than the window, they moved together with nobody. It is leaving that
is compared: arrivals lag it by hours or weeks, each by its own.

Are they more together than chance gives? A pair weighs the more the fewer of all pairs of movers left as close to each
other, ``-log2`` of their share; closer than an eighth of the window is as close as can be, since removals come in
batches whose order means nothing. Movers are dealt out among communities anew: each community gets as many as it has,
drawn from all movers, in communities or not, each with all of its moves. So a purge that hits everybody, or a way that
everybody takes, makes a community stand out no more than any other. ``p`` is the share of deals whose pairs weigh as
much (the real one is one of them), and ``q`` allows for the number of communities (Benjamini & Hochberg 1995).
"""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array
from scipy.stats import false_discovery_control

from graphmatch.errors import UsageError
from graphmatch.model import MigrationKind
from graphmatch.tables import dtypes, empty, require

#: Removals that are known to the day are two days wide when they are of neighbouring days.
TOGETHER = timedelta(days=2)
#: Deals; and the largest q at which chance is said not to explain it.
DEALS, SURE = 4999, 0.05
_AT_ONCE = 500
#: Part of the window up to which two are as close as can be.
_CLOSE = 8
#: Weights that differ by less are equal but for rounding.
_ROUNDING = 1e-9
_WAY = ("origin_platform", "destination_platform")
_TIMES = ("left_earliest", "left_latest", "arrived_earliest", "arrived_latest")


def moves(
    communities: pl.DataFrame, migrations: pl.DataFrame, *, window: timedelta = TOGETHER, seed: int = 0
) -> pl.DataFrame:
    """Find the communities that moved, and test whether their members moved together.

    Parameters
    ----------
    communities, migrations
        Tables of those names.
    window
        Within how long of each other members leave together.
    seed
        Seed of the deals; the same tables and seed give the same table.

    Returns
    -------
    polars.DataFrame
        Table ``community_moves``, one row a community of two or more movers, the surest first. Its way is that which
        most pairs moved together on (of as many, which most took), and its times and ``migration_ids`` are those of the
        members' moves on it, ``movers_on_way`` how many they are. ``pairs``, ``expected_pairs``, ``p`` and ``q`` are of
        all ways together. ``moves_together`` where ``q`` is at most 0.05.

    Raises
    ------
    UsageError
        The window is not positive.
    """
    if window <= timedelta(0):
        raise UsageError("the window must be positive")
    left = _left(migrations)
    movers = left.select(pl.col("actor_id").unique().sort()).with_row_index("mover")
    left = left.join(movers.with_columns(pl.col("mover").cast(pl.Int64)), on="actor_id").sort("migration_id")
    of = communities.select("community_id", actor_id="actor_ids").explode("actor_id").drop_nulls()
    members = left.join(of, on="actor_id").sort("community_id", "migration_id")
    counts = members.group_by("community_id").agg(pl.col("mover").unique().sort()).sort("community_id")
    counts = counts.filter(pl.col("mover").list.len() > 1)
    if counts.is_empty():
        return empty("community_moves")
    pairs = _pairs(left, window)
    tested = _tested(counts, *_graphs(pairs, movers.height), seed)
    ways = _ways(members, pairs).join(tested, on="community_id")
    surest = ways.sort(["q", "p", "pairs", "community_id"], descending=[False, False, True, False])
    return require("community_moves", surest.select(dtypes("community_moves").keys()))


def _left(migrations: pl.DataFrame) -> pl.DataFrame:
    """Keep the moves that leave one platform for another."""
    leaves = pl.col("kind") != MigrationKind.MULTI_HOMED.value
    return migrations.filter(leaves & (pl.col("origin_platform") != pl.col("destination_platform")))


def _pairs(left: pl.DataFrame, window: timedelta) -> pl.DataFrame:
    """Pair moves of two movers on the same way, surely left within the window: movers, names, and ``apart`` in µs."""
    dated = left.drop_nulls(["left_earliest", "left_latest"]).sort(*_WAY, "left_earliest", "migration_id")
    way = dated.select(pl.struct(_WAY).rle_id()).to_series().to_numpy().astype(np.int64)
    earliest, latest = (dated[name].dt.epoch("us").to_numpy() for name in ("left_earliest", "left_latest"))
    width = round(window.total_seconds() * 1e6)
    here = np.arange(dated.height)
    # one axis for all ways, each a lifetime apart, so that one search finds the end of every stretch
    apart = int(np.ptp(earliest)) + width + 1 if here.size else 0
    place = earliest - earliest.min(initial=0) + way * apart if here.size else earliest
    after = np.searchsorted(place, place + width, side="right") - here - 1
    one = np.repeat(here, after)
    other = np.arange(one.size) - np.repeat(np.cumsum(after) - after - here - 1, after)
    mover = dated["mover"].to_numpy()
    span = np.maximum(latest[one], latest[other]) - earliest[one]
    sure = (span <= width) & (mover[one] != mover[other])
    span = np.maximum(span[sure], width // _CLOSE)
    found = {"one": mover[one[sure]], "other": mover[other[sure]], "apart": span}
    ways = dated.select(_WAY)[one[sure]]
    return pl.DataFrame(found, schema=dict.fromkeys(found, pl.Int64)).hstack(ways)


def _graphs(pairs: pl.DataFrame, movers: int) -> tuple[csr_array, csr_array]:
    """Join movers that moved together on any way, as close as they ever did: by 1, and by how few were as close."""
    first, second = pl.min_horizontal("one", "other"), pl.max_horizontal("one", "other")
    closest = pairs.group_by(first.alias("first"), second.alias("second")).agg(pl.col("apart").min())
    as_close = closest["apart"].rank("max").to_numpy()
    weight = -np.log2(as_close / max(1, movers * (movers - 1) / 2))
    ends = closest["first"].to_numpy(), closest["second"].to_numpy()
    one_way = [coo_array((data, ends), shape=(movers, movers)).tocsr() for data in (np.ones(weight.size), weight)]
    joined, weighed = (one + one.T for one in one_way)
    return joined, weighed


def _tested(counts: pl.DataFrame, joined: csr_array, weighed: csr_array, seed: int) -> pl.DataFrame:
    """Count and weigh the pairs that moved together in each community, and in as many movers drawn by chance."""
    random = np.random.default_rng(seed)
    movers = joined.shape[0]
    dealt: dict[int, tuple[float, NDArray[np.float64]]] = {}
    for size in sorted(set(counts["mover"].list.len())):
        number, weight = [], []
        for start in range(0, DEALS, _AT_ONCE):
            drawn = random.random((min(_AT_ONCE, DEALS - start), movers))
            sets = np.argpartition(drawn, size - 1, axis=1)[:, :size]
            number.append(_inside(joined, sets))
            weight.append(_inside(weighed, sets))
        dealt[size] = float(np.concatenate(number).mean()), np.concatenate(weight)
    rows = []
    for name, members in counts.iter_rows():
        expected, by_chance = dealt[len(members)]
        sets = np.array([members])
        as_much = by_chance >= _inside(weighed, sets)[0] - _ROUNDING
        p = (1 + int(as_much.sum())) / (1 + DEALS)
        rows.append((name, len(members), round(_inside(joined, sets)[0]), expected, p))
    names = ["community_id", "movers", "pairs", "expected_pairs", "p"]
    found = pl.DataFrame(rows, schema=names, orient="row")
    q = pl.Series(false_discovery_control(found["p"].to_numpy()))
    return found.with_columns(q=q, moves_together=q <= SURE)


def _inside(joined: csr_array, sets: NDArray[np.int64]) -> NDArray[np.float64]:
    """Add up what joins the pairs inside each row of movers."""
    rows = np.repeat(np.arange(sets.shape[0]), sets.shape[1])
    chosen = csr_array((np.ones(sets.size), (rows, sets.ravel())), shape=(sets.shape[0], joined.shape[0]))
    inside: NDArray[np.float64] = (chosen @ joined).multiply(chosen).sum(axis=1) / 2
    return inside


def _ways(members: pl.DataFrame, pairs: pl.DataFrame) -> pl.DataFrame:
    """Choose each community's way, and tell the moves on it."""
    side = members.select("community_id", "mover", *_WAY).unique()
    on_way = (
        pairs.drop("apart")
        .unique()
        .join(side.rename({"mover": "one"}), on=["one", *_WAY])
        .join(side.rename({"mover": "other"}), on=["other", "community_id", *_WAY])
        .with_columns(first=pl.min_horizontal("one", "other"), second=pl.max_horizontal("one", "other"))
        .group_by("community_id", *_WAY)
        .agg(pl.struct("first", "second").n_unique().alias("pairs_on_way"))
    )
    told = members.group_by("community_id", *_WAY).agg(
        pl.col("mover").n_unique().cast(pl.Int64).alias("movers_on_way"),
        *(pl.col(name).min() for name in _TIMES if name.endswith("earliest")),
        *(pl.col(name).max() for name in _TIMES if name.endswith("latest")),
        pl.col("migration_id").unique().sort().alias("migration_ids"),
    )
    best = told.join(on_way, on=["community_id", *_WAY], how="left").with_columns(pl.col("pairs_on_way").fill_null(0))
    order = best.sort(["pairs_on_way", "movers_on_way", *_WAY], descending=[True, True, False, False])
    return order.unique("community_id", keep="first", maintain_order=True)
