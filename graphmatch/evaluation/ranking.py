"""How well probabilities order pairs, whatever they mean. Pairs of equal probability come all at once or not at all."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray


class Best(NamedTuple):
    """The highest F1 over all thresholds, and the lowest probability that counts as a link there."""

    f1: float
    threshold: float | None


class _Steps(NamedTuple):
    """After each distinct probability, from the highest down: how many pairs there are, and how many are true."""

    threshold: NDArray[np.float64]
    pairs: NDArray[np.float64]
    found: NDArray[np.float64]


def _steps(p: ArrayLike, y: ArrayLike) -> _Steps:
    said, so = np.asarray(p, dtype=np.float64), np.asarray(y, dtype=np.float64)
    order = np.argsort(-said, kind="stable")
    said, found = said[order], np.asarray(np.cumsum(so[order]), dtype=np.float64)
    last = np.flatnonzero(np.append(said[1:] != said[:-1], said.size > 0))
    return _Steps(said[last], (last + 1).astype(np.float64), found[last])


def best_f1(p: ArrayLike, y: ArrayLike, true_pairs: int) -> Best | None:
    """Find the threshold with the highest F1; of several the highest threshold.

    Parameters
    ----------
    p, y
        Probabilities of the pairs, and whether each is true.
    true_pairs
        How many true pairs there are, among these or not. Of none F1 is not defined: ``None``.
    """
    if not true_pairs:
        return None
    steps = _steps(p, y)
    if not steps.pairs.size:
        return Best(0.0, None)
    f1 = 2 * steps.found / (steps.pairs + true_pairs)
    place = int(f1.argmax())
    return Best(float(f1[place]), float(steps.threshold[place]))


def average_precision(p: ArrayLike, y: ArrayLike, true_pairs: int) -> float | None:
    """Add up precision times the recall that each distinct probability brings; no interpolation.

    True pairs that are not among ``p`` count as never found. ``None`` if there are no true pairs.
    """
    if not true_pairs:
        return None
    steps = _steps(p, y)
    return float(np.sum(np.diff(steps.found, prepend=0.0) * steps.found / np.maximum(steps.pairs, 1)) / true_pairs)
