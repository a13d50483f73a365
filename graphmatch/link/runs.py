"""Sorted arrays: where runs of equal numbers begin, ranges of places, and looking numbers up."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Places = NDArray[np.int64]
Flags = NDArray[np.bool_]


def starts(*ordered: NDArray[Any]) -> Places:
    """List where sorted numbers, or several beside each other, are others than before."""
    new = np.zeros(ordered[0].size, dtype=np.bool_)
    new[:1] = True
    for column in ordered:
        new[1:] |= column[1:] != column[:-1]
    return np.flatnonzero(new)


def ranges(first: Places, last: Places) -> tuple[Places, Places]:
    """List all places from each of ``first`` on, below each of ``last``: which of them it is, and the place."""
    sizes = last - first
    of = np.repeat(np.arange(first.size), sizes)
    return of, np.arange(of.size) - np.repeat(np.cumsum(sizes) - sizes - first, sizes)


def places(numbers: NDArray[Any], wanted: NDArray[Any]) -> tuple[Flags, Places]:
    """Look ``wanted`` up in sorted ``numbers``: which are there, and where (anywhere, if not)."""
    if not numbers.size:
        return np.zeros(wanted.size, dtype=np.bool_), np.zeros(wanted.size, dtype=np.int64)
    place = np.minimum(np.searchsorted(numbers, wanted), numbers.size - 1)
    return np.asarray(numbers[place] == wanted), place
