"""Fitting learned weights: penalised logistic regression on labelled pairs, by SciPy's L-BFGS-B.

The penalty draws neighbouring steps of a measure together and every step towards nothing, so that what few pairs show
moves little. The prior is no parameter: each pair's own goes in as an offset, so that the weights are evidence alone
and hold in populations of other sizes.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.optimize import minimize

from graphmatch.link.learned import LEVELS, Learned, Steps
from graphmatch.link.measures import MEASURES
from graphmatch.link.rivals import RIVALS, among_rivals

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
#: How strongly neighbouring steps, and steps and nothing, are drawn together, in pairs.
SMOOTH, SHRINK = 3.0, 0.1
#: Steps per measure: quantiles of all candidate pairs, and finer ones of the upper fifth, where decisions fall.
STEPS, FINE_STEPS, FINE_FROM = 14, 8, 0.8
ITERATIONS = 120
LN2 = math.log(2.0)


@dataclass(frozen=True, slots=True)
class Examples:
    """Labelled pairs to learn from.

    Attributes
    ----------
    pairs
        Measured pairs (`MEASURES`, `LEVELS`) with ``left, right, left_place, right_place``, ``is_true``,
        ``candidate`` (proposed by blocking), ``weight`` (how many pairs each stands for, sets evened out),
        ``prior_bits`` (of a pair in its population), ``other_bits`` (of comparisons that are not learned), ``set``.
    prior_bits
        The model's prior that those of the pairs follow from.
    """

    pairs: pl.DataFrame
    prior_bits: float = 0.0

    def of(self, sets: Sequence[str]) -> Self:
        """Keep the pairs of some sets."""
        return replace(self, pairs=self.pairs.filter(pl.col("set").is_in(sets)))

    def under(self, prior_bits: float) -> Self:
        """Give the same pairs under another prior."""
        moved = pl.col("prior_bits") + (prior_bits - self.prior_bits)
        return replace(self, pairs=self.pairs.with_columns(moved), prior_bits=prior_bits)


def learn(examples: Examples) -> Learned:
    """Fit the tables of the measures, then those of the rivals beside them: who is a rival depends on the former.

    Deterministic.
    """
    pairs = examples.pairs
    names = [name for name in pairs.columns if name in MEASURES or name in LEVELS]
    alone = Learned(_fitted(pairs, names, pairs["other_bits"].to_numpy()), {})
    evidence = np.sum([*alone.bits(pairs).values(), pairs["other_bits"].to_numpy()], axis=0)
    # Only candidates are ranked: a pair that was not proposed has no rivals.
    proposed = pairs.filter("candidate")
    ranked = among_rivals(proposed, evidence[pairs["candidate"].to_numpy()])
    proposed = pl.concat([proposed, ranked], how="horizontal")
    rivals = _fitted(proposed, RIVALS, evidence[pairs["candidate"].to_numpy()])
    return Learned(alone.measures, rivals)


def _fitted(pairs: pl.DataFrame, names: Sequence[str], known_bits: Floats) -> dict[str, Steps]:
    """Fit tables beside the prior and ``known_bits`` of each pair."""
    values = [pairs[name].cast(pl.Float64).to_numpy() for name in names]
    weight, true = pairs["weight"].to_numpy(), pairs["is_true"].to_numpy().astype(np.float64)
    candidate = pairs["candidate"].to_numpy()
    edges = [_edges(one[candidate], weight[candidate]) for one in values]
    codes = [_coded(one, cut) for one, cut in zip(values, edges, strict=True)]
    offset = LN2 * (pairs["prior_bits"].to_numpy() + known_bits)
    sizes = [len(cut) + 1 for cut in edges]
    found = _minimise(codes, sizes, true, weight, offset)
    made = {}
    for name, cut, code, part in zip(names, edges, codes, np.split(found, np.cumsum(sizes)[:-1]), strict=True):
        m, u = (_shares(code, weight * of, len(part)) for of in (true, 1 - true))
        made[name] = Steps(tuple(cut), tuple(np.round(part / LN2, 4)), m, u)
    return made


def _edges(values: Floats, weight: Floats) -> list[float]:
    seen = ~np.isnan(values)
    if not seen.any():
        return []
    values, weight = values[seen], weight[seen]
    order = np.argsort(values, kind="stable")
    values, cumulated = values[order], np.cumsum(weight[order])
    high = np.searchsorted(cumulated, FINE_FROM * cumulated[-1])
    parts = ((values, cumulated, STEPS), (values[high:], cumulated[high:], FINE_STEPS))
    cuts = [np.interp(np.linspace(c[0], c[-1], n + 1)[1:-1], c, v) for v, c, n in parts if len(v) > 1]
    # The lowest value starts no step of its own: nothing would lie below.
    distinct = np.unique(np.round(np.concatenate(cuts), 4)) if cuts else np.zeros(0)
    return [float(cut) for cut in distinct if cut > values[0]]


def _coded(values: Floats, edges: Sequence[float]) -> Ints:
    """Give each value's step, -1 where it is not observed."""
    step = np.searchsorted(np.asarray(edges, dtype=np.float64), values, side="right")
    return np.where(np.isnan(values), -1, step).astype(np.int32)


def _shares(code: Ints, weight: Floats, size: int) -> tuple[float, ...]:
    seen = code >= 0
    # Half a pair of the average weight in each step, so that none is impossible.
    half = 0.5 * (weight[seen].sum() / max(seen.sum(), 1) or 1.0)
    counts = np.bincount(code[seen], weights=weight[seen], minlength=size) + half
    return tuple(float(f"{share:.4g}") for share in counts / counts.sum())


def _minimise(codes: Sequence[Ints], sizes: Sequence[int], true: Floats, weight: Floats, offset: Floats) -> Floats:
    """Minimise the penalised log loss; the last parameter of all stands for what was not observed and stays 0."""
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.int64)
    total = int(sum(sizes))
    places = [np.where(code < 0, total, code + start) for code, start in zip(codes, starts, strict=True)]
    lower = np.concatenate([np.arange(start, start + size - 1) for start, size in zip(starts, sizes, strict=True)])
    objective = _objective(places, lower.astype(np.int64), true, weight, offset, total)
    found = minimize(
        objective, np.zeros(total), jac=True, method="L-BFGS-B", options={"maxiter": ITERATIONS, "maxcor": 20}
    )
    return np.asarray(found.x)


def _objective(
    places: Sequence[NDArray[np.int64]],
    lower: NDArray[np.int64],
    true: Floats,
    weight: Floats,
    offset: Floats,
    total: int,
) -> Callable[[Floats], tuple[float, Floats]]:
    def loss(parameters: Floats) -> tuple[float, Floats]:
        worth = np.append(parameters, 0.0)
        odds = offset.copy()
        for place in places:
            odds += worth[place]
        slope = weight * (1.0 / (1.0 + np.exp(-odds)) - true)
        gradient = np.zeros(total + 1)
        for place in places:
            gradient += np.bincount(place, weights=slope, minlength=total + 1)
        gradient = gradient[:-1]
        apart = parameters[lower + 1] - parameters[lower]
        value = float((weight * (np.logaddexp(0.0, odds) - true * odds)).sum())
        value += 0.5 * SMOOTH * float(apart @ apart) + 0.5 * SHRINK * float(parameters @ parameters)
        np.add.at(gradient, lower + 1, SMOOTH * apart)
        np.add.at(gradient, lower, -SMOOTH * apart)
        return value, gradient + SHRINK * parameters

    return loss
