"""Is a community more than chance gives? In: ties and ``communities``. Out: ``communities`` with three columns more.

What everybody said and did is dealt out anew (`graphmatch.community.shared.Shared.dealt_anew`): each node hits as many
targets, bears as many addresses and says as many texts as before, and each of those is shared by as many, at the same
times; only who shares it with whom is chance. Communities are searched for in what was dealt, too, at the same
resolution: a search finds something dense in anything, and against a random set of nodes all that it found is dense.

What is compared is the *coincidence* of a community: what ties a pair besides the one unit (a target, an address, a
text) that ties it most, added up over its pairs as ``-log(1 - w)``. A pile-on, a popular slogan or a shared address
makes a clique in any deal; that the same nodes share a second thing does not. Hits of one target count as one unit
however often they coincide, and common reporters count nothing. ``chance_q`` is how many communities of at least that
coincidence a deal gives, over how many there really are: the share that chance gives of those that look like this (a
false discovery rate by permutation, Storey & Tibshirani 2003).

Chance is one rival story, and ordinary life is another: a choir shares much, too.
"""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graphmatch.community.layers import LAYERS, REPORTER
from graphmatch.community.search import inner_weights, parts
from graphmatch.community.shared import NODE_BITS
from graphmatch.community.ties import Ties, holders, joined, pairs_of
from graphmatch.tables import require

#: Deals, and the most ties to make by all of them together: a larger graph has more communities in each.
ROUNDS, MOST_WORK = 20, 20_000_000
#: Up to this, chance is said not to explain a community: one in twenty of those that look like it.
SURE = 0.05
#: Coincidences that differ by less are equal but for rounding.
_ROUNDING = 1e-9


def against_chance(ties: Ties, communities: pl.DataFrame, *, rounds: int | None = None, seed: int = 0) -> pl.DataFrame:
    """Add what chance would give.

    Parameters
    ----------
    ties
        From `graphmatch.community.tie`; those made otherwise can't be dealt anew, and leave the columns null.
    communities
        Table ``communities``, as `graphmatch.community.search` found it in ``ties``.
    rounds
        Deals; by default `ROUNDS`, or fewer in graphs of over a million ties.
    seed
        Seed of the deals and the searches.

    Returns
    -------
    polars.DataFrame
        ``communities`` with ``coincidence`` (≥ 0); ``expected_density``, the mean density of the same nodes in what is
        dealt; and ``chance_q`` in (0, 1], 1 where nothing coincides, never below ``1 / rounds`` over the number of
        communities of as much coincidence.
    """
    if ties.shared is None or communities.is_empty():
        return communities
    rounds = rounds or max(1, min(ROUNDS, MOST_WORK // max(1, ties.weight.size)))
    random = np.random.default_rng([seed, rounds])
    label, count = _labels(ties, communities), communities.height
    nodes = np.bincount(label[label >= 0], minlength=count)
    expected, by_chance = np.zeros(count), []
    for _ in range(rounds):
        dealt = joined(ties.shared.dealt_anew(random))
        expected += inner_weights(dealt, label, count) / (nodes * (nodes - 1) / 2) / rounds
        found = parts(dealt, resolution=communities["resolution"][0], seed=seed)
        by_chance.append(coincidences(dealt, found))
    real = coincidences(ties, label)
    checked = communities.with_columns(
        coincidence=pl.Series(real),
        expected_density=pl.Series(expected),
        chance_q=pl.Series(_discoveries(real, np.concatenate(by_chance), rounds)),
    )
    return require("communities", checked)


def coincidences(ties: Ties, label: NDArray[np.int64]) -> NDArray[np.float64]:
    """Add up, for each part, what ties its pairs besides the unit that ties each of them most."""
    assert ties.shared is not None
    caps = dict(ties.layers.select("layer", "cap").iter_rows())
    inside = []
    for layer, use in zip(LAYERS, ties.shared.uses, strict=True):
        if layer is REPORTER:
            continue
        held = ties.shared.holds[use.of]
        nodes, counts, hold = holders(held.node, use)
        kept = (counts > 1) & (counts <= caps[layer.name])
        first, second, key = pairs_of(nodes[np.repeat(kept, counts)], counts[kept])
        in_one = (label[first] == label[second]) & (label[first] >= 0)
        first, second, key = first[in_one], second[in_one], key[in_one]
        amount = -np.log1p(-layer.weigh(counts[kept]))
        unit = np.stack([first << NODE_BITS | second, np.full(key.size, use.of), held.unit[hold[kept]][key]])
        inside.append((unit, amount[key]))
    return _beside_the_strongest(inside, label)


def _beside_the_strongest(
    inside: list[tuple[NDArray[np.int64], NDArray[np.float64]]], label: NDArray[np.int64]
) -> NDArray[np.float64]:
    units, amounts = np.concatenate([one for one, _ in inside], axis=1), np.concatenate([one for _, one in inside])
    order = np.lexsort((amounts, *units[::-1]))
    units, amounts = units[:, order], amounts[order]
    starts = np.flatnonzero((np.diff(units, prepend=-1) != 0).any(axis=0))
    found = np.zeros(int(label.max(initial=-1)) + 1)
    if not starts.size:
        return found
    by_unit, pairs = np.add.reduceat(amounts, starts), units[0, starts]
    starts = np.flatnonzero(np.diff(pairs, prepend=-1))
    beside = np.add.reduceat(by_unit, starts) - np.maximum.reduceat(by_unit, starts)
    part = label[pairs[starts] >> NODE_BITS]
    found += np.bincount(part, weights=np.maximum(beside, 0), minlength=found.size)
    return found


def _labels(ties: Ties, communities: pl.DataFrame) -> NDArray[np.int64]:
    """Give each node the place of its community; -1 to the others."""
    members = communities.select(pl.int_range(pl.len()).alias("part"), account_id="account_ids").explode("account_id")
    placed = members.join(ties.nodes.select("account_id", "node"), on="account_id")
    label = np.full(1 + int(ties.nodes["node"].max() or 0), -1, dtype=np.int64)  # type: ignore[arg-type]
    label[placed["node"].to_numpy()] = placed["part"].to_numpy()
    return label


def _discoveries(real: NDArray[np.float64], dealt: NDArray[np.float64], rounds: int) -> NDArray[np.float64]:
    """Give the share that chance gives of those with as much; a smaller one never has a better share."""
    order = np.argsort(-real, kind="stable")
    least = real[order] - _ROUNDING
    by_chance = np.maximum(1, dealt.size - np.searchsorted(np.sort(dealt), least)) / rounds
    there = real.size - np.searchsorted(np.sort(real), least)
    shares = np.minimum(1.0, by_chance / there)
    shares = np.minimum.accumulate(shares[::-1])[::-1]
    q = np.empty(real.size)
    q[order] = np.where(least > 0, shares, 1.0)
    return q
