"""The numbers: per set, pooled over the sets, and macro-averaged."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from graphmatch.evaluation.calibration import brier, expected_calibration_error, reliability
from graphmatch.evaluation.clusters import b_cubed, components
from graphmatch.evaluation.judged import LINK, Judged
from graphmatch.evaluation.ranking import average_precision, best_f1

#: From which probability on precision is told beside that of the links.
SURE = (0.9, 0.99)
#: What the macro average has: sums of counts and thresholds mean nothing in it.
RATES = (
    "precision", "recall", "f1", *(f"precision_at_{level}" for level in SURE), "best_f1", "average_precision",
    "b_cubed_precision", "b_cubed_recall", "b_cubed_f1", "actors_b_cubed_precision", "actors_b_cubed_recall",
    "actors_b_cubed_f1", "blocking_recall", "brier", "expected_calibration_error",
)  # fmt: skip


def measures(judged: Judged, actors: pl.DataFrame | None = None) -> dict[str, Any]:
    """Measure matches against their truth.

    Parameters
    ----------
    judged
        What `judge` gave.
    actors
        ``account_id, cluster``: the accounts' actors as somebody resolved them; adds ``actors_b_cubed_*``.

    Returns
    -------
    dict
        ``sets`` (set → measures), ``pooled`` (over all pairs), ``macro`` (the mean of each rate over the sets that have
        it, and ``sets``, their number), ``unknown_accounts``, ``unlabelled_accounts`` (of which the truth says
        nothing), ``left_out_accounts`` (on platforms too small), ``unknown_pairs`` and ``open_pairs``.

        Measures: ``accounts, true_pairs, pairs, links``; ``precision, recall, f1`` at probability one half;
        ``pairs_at_0.9, precision_at_0.9`` and the same at 0.99; ``best_f1, best_threshold, average_precision``;
        ``b_cubed_precision, _recall, _f1`` of the connected components of the links; ``blocking_recall``: the share of
        true pairs that is among the pairs given, whatever their probability; ``brier, expected_calibration_error``
        and ``reliability`` over all judged pairs. What has no denominator is ``None``.
    """
    cubes = {"": b_cubed(judged, components(judged))}
    if actors is not None:
        cubes["actors_"] = b_cubed(judged, actors)
    sets = {
        name: _measured(
            judged.pairs.filter(pl.col("set") == name),
            accounts,
            true_pairs,
            {kind: cube.filter(pl.col("set") == name) for kind, cube in cubes.items()},
        )
        for name, accounts, true_pairs in judged.sets.iter_rows()
    }
    pooled = _measured(judged.pairs, judged.accounts.height, int(judged.sets["true_pairs"].sum()), cubes)
    return {
        "sets": sets,
        "macro": {"sets": len(sets), **{rate: _mean(sets, rate) for rate in RATES if rate in pooled}},
        "pooled": pooled,
        "unknown_accounts": judged.unknown_accounts,
        "unlabelled_accounts": judged.accounts["person_id"].null_count(),
        "left_out_accounts": int((~judged.accounts["counted"]).sum()),
        "unknown_pairs": judged.unknown_pairs,
        "open_pairs": judged.open_pairs.height,
    }


def _measured(pairs: pl.DataFrame, accounts: int, true_pairs: int, cubes: dict[str, pl.DataFrame]) -> dict[str, Any]:
    p, y = pairs["match_probability"].to_numpy(), pairs["is_true"].to_numpy().astype(bool)
    linked = p >= LINK
    links, found = int(linked.sum()), int(y[linked].sum())
    best = best_f1(p, y, true_pairs)
    row: dict[str, Any] = {
        "accounts": accounts,
        "true_pairs": true_pairs,
        "pairs": pairs.height,
        "links": links,
        "precision": share(found, links),
        "recall": share(found, true_pairs),
        "f1": share(2 * found, links + true_pairs) if true_pairs else None,
    }
    for level in SURE:
        row[f"pairs_at_{level}"] = int((p >= level).sum())
        row[f"precision_at_{level}"] = share(int(y[p >= level].sum()), row[f"pairs_at_{level}"])
    row |= {
        "best_f1": best.f1 if best else None,
        "best_threshold": best.threshold if best else None,
        "average_precision": average_precision(p, y, true_pairs),
    }
    for kind, cube in cubes.items():
        row |= _cubed(kind, cube)
    return row | {
        "blocking_recall": share(int(y.sum()), true_pairs),
        "brier": brier(p, y),
        "expected_calibration_error": expected_calibration_error(p, y),
        "reliability": reliability(p, y).to_dicts(),
    }


def _cubed(kind: str, cube: pl.DataFrame) -> dict[str, float | None]:
    if cube.is_empty():
        return {f"{kind}b_cubed_{name}": None for name in ("precision", "recall", "f1")}
    precision, recall = (float(cube[name].to_numpy().mean()) for name in ("precision", "recall"))
    # Neither can be 0: every account is of its own person, in its own cluster.
    f1 = 2 * precision * recall / (precision + recall)
    return {f"{kind}b_cubed_precision": precision, f"{kind}b_cubed_recall": recall, f"{kind}b_cubed_f1": f1}


def share(part: int, whole: int) -> float | None:
    """Divide, or say ``None`` where there is nothing to divide by."""
    return part / whole if whole else None


def _mean(sets: dict[str, dict[str, Any]], rate: str) -> float | None:
    known = [row[rate] for row in sets.values() if row[rate] is not None]
    return float(np.mean(known)) if known else None
