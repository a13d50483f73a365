"""Seeded draws: a numpy Generator read in blocks, so that one draw costs no more than a list's ``pop``."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Generic, TypeVar

import numpy as np

T = TypeVar("T")
BLOCK = 1 << 14


class Weights(Generic[T]):
    """Things to pick from, each with its weight."""

    def __init__(self, weights: Mapping[T, float]) -> None:
        self._things = list(weights)
        self._sums = list(accumulate(weights.values()))

    @classmethod
    def power_law(cls, things: Sequence[T], exponent: float) -> Weights[T]:
        """Weigh ``things`` by their place: the first is the commonest, as names are."""
        return cls({thing: (place + 1) ** -exponent for place, thing in enumerate(things)})

    def at(self, unit: float) -> T:
        """Give the thing at ``unit`` (in [0, 1)) of the whole weight."""
        return self._things[bisect_right(self._sums, unit * self._sums[-1], hi=len(self._things) - 1)]


class Draws:
    """Draws of one stage of a world. Stages are independent: a change in one leaves the others as they were.

    Parameters
    ----------
    seed
        The world's seed, at least 0.
    stage
        The stage's own number.
    """

    def __init__(self, seed: int, stage: int) -> None:
        self._generator = np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, stage])))
        self._units: list[float] = []
        self._normals: list[float] = []

    def unit(self) -> float:
        """Draw evenly from [0, 1)."""
        if not self._units:
            self._units = self._generator.random(BLOCK).tolist()
        return self._units.pop()

    def normal(self) -> float:
        """Draw from the standard normal distribution."""
        if not self._normals:
            self._normals = self._generator.standard_normal(BLOCK).tolist()
        return self._normals.pop()

    def chance(self, probability: float) -> bool:
        """Say yes with ``probability``."""
        return self.unit() < probability

    def below(self, end: int) -> int:
        """Draw a whole number from ``0..end-1``."""
        return int(self.unit() * end)

    def between(self, low: int, high: int) -> int:
        """Draw a whole number from ``low..high``; ``low`` if they are out of order."""
        return low + int(self.unit() * (high - low + 1)) if high > low else low

    def pick(self, things: Sequence[T]) -> T:
        """Draw one of ``things``."""
        return things[int(self.unit() * len(things))]

    def weighted(self, weights: Weights[T]) -> T:
        """Draw one thing by its weight."""
        return weights.at(self.unit())

    def some(self, things: Sequence[T], count: int) -> list[T]:
        """Draw ``count`` different places of ``things``, or all if there are fewer."""
        left = list(things)
        return [left.pop(int(self.unit() * len(left))) for _ in range(min(count, len(left)))]

    def shuffled(self, things: Sequence[T]) -> list[T]:
        """Give ``things`` in a drawn order."""
        order = self._generator.permutation(len(things)).tolist()
        return [things[place] for place in order]

    def heavy(self, alpha: float, most: int) -> int:
        """Draw from ``1..most`` with a power-law tail (Pareto of index ``alpha``)."""
        return min(most, int((1.0 - self.unit()) ** (-1.0 / alpha)))

    def lognormal(self, median: float, sigma: float) -> float:
        """Draw a log-normal value by its median and the spread of its logarithm."""
        return median * float(np.exp(sigma * self.normal()))
