"""Whether probabilities mean what they say: Brier score, expected calibration error, and the table behind them."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray

BINS = 15


def reliability(p: ArrayLike, y: ArrayLike, bins: int = BINS) -> pl.DataFrame:
    """Compare what was said with what was so.

    Parameters
    ----------
    p, y
        Probabilities in [0, 1] and whether each pair is true.
    bins
        How many bins of equal width; each holds its lower end, the last one both.

    Returns
    -------
    polars.DataFrame
        One row a bin: ``low, high, n, mean_probability, observed_share`` (null where ``n`` is 0).
    """
    said, so = _arrays(p, y)
    # Decided by the edges that the table prints: a product like p * bins may round over them.
    edges = np.arange(bins + 1) / bins
    place = np.clip(np.searchsorted(edges, said, side="right") - 1, 0, bins - 1)
    n = np.bincount(place, minlength=bins)
    counted = pl.DataFrame(
        {
            "low": edges[:-1],
            "high": edges[1:],
            "n": n,
            "mean_probability": np.bincount(place, weights=said, minlength=bins) / np.maximum(n, 1),
            "observed_share": np.bincount(place, weights=so, minlength=bins) / np.maximum(n, 1),
        }
    )
    filled = pl.col("n") > 0
    return counted.with_columns(
        pl.when(filled).then(pl.col(name)).alias(name) for name in ("mean_probability", "observed_share")
    )


def brier(p: ArrayLike, y: ArrayLike) -> float | None:
    """Give the mean squared distance between probability and truth, in [0, 1] (Brier 1950); ``None`` of no pairs."""
    said, so = _arrays(p, y)
    return float(np.mean((said - so) ** 2)) if said.size else None


def expected_calibration_error(p: ArrayLike, y: ArrayLike, bins: int = BINS) -> float | None:
    """Give the mean distance between what a bin says and what is so, weighed by pairs (Naeini et al. 2015).

    In [0, 1]; over the bins of `reliability`; ``None`` of no pairs.
    """
    table = reliability(p, y, bins).filter(pl.col("n") > 0)
    if table.is_empty():
        return None
    distance = (table["mean_probability"] - table["observed_share"]).abs()
    return float(np.average(distance.to_numpy(), weights=table["n"].to_numpy()))


def _arrays(p: ArrayLike, y: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    return np.asarray(p, dtype=np.float64), np.asarray(y, dtype=np.float64)
