"""Refitting a model from a workspace's own judgements: how much each evidence family is worth here.

Analysts judge what the tool proposed, and few pairs of it. So only one number per family is learned, drawn towards 1;
levels, measures and prior stay, and the judged pairs' share of matches says nothing about the population.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from scipy.optimize import minimize

from graphmatch.link import score
from graphmatch.link.model import Model
from graphmatch.model import COPYABLE

#: How many pairs of doubt it takes to move a family's scale: the pull of 1, in log loss per squared step of log scale.
PULL = 8.0
#: Fewest judged pairs of either kind.
LEAST_OF_EITHER = 5
#: Scales stay inside, whatever the judgements say.
MOST_LOG_SCALE = math.log(3.0)
_COPYABLE = [score.FAMILIES.index(family) for family in COPYABLE]
LN2 = math.log(2.0)


@dataclass(frozen=True, slots=True)
class Refitted:
    """A model refitted from judgements, and mean log loss (bits a pair) on the judged pairs, each left out in turn."""

    model: Model
    judged: int
    positive: int
    loss_before: float
    loss_after: float


def refit(model: Model, matches: pl.DataFrame, judged: pl.DataFrame) -> Refitted | None:
    """Learn the families' scales from judged pairs.

    Parameters
    ----------
    model
        That scored ``matches``; its scales are replaced.
    matches
        Table ``matches``.
    judged
        ``left, right`` (ordered) and ``is_true``: pairs on which analysts agree.

    Returns
    -------
    Refitted or None
        None if fewer than `LEAST_OF_EITHER` judged pairs of either kind are among the matches.
    """
    rows = matches.join(judged, on=["left", "right"], how="inner").sort("left", "right")
    true = rows["is_true"].to_numpy().astype(np.float64)
    if min(true.sum(), (1 - true).sum()) < LEAST_OF_EITHER:
        return None
    known = _Judged.of(rows, model)
    whole = np.ones(true.size, dtype=np.bool_)
    scales = known.fit(true, whole)
    left_out = np.array([known.loss(known.fit(true, ~one), true, one) for one in np.eye(true.size, dtype=np.bool_)])
    # Families that no judged pair shows keep the scale they had.
    shown = np.abs(known.families).sum(axis=0) > 0
    learned = {
        family.value: float(f"{scale:.4g}")
        for family, scale, is_shown in zip(score.FAMILIES, scales, shown, strict=True)
        if is_shown
    }
    made = replace(model, scales={**model.scales, **learned})
    return Refitted(made, true.size, int(true.sum()), known.loss(known.start, true, whole), float(left_out.mean()))


@dataclass(frozen=True, slots=True)
class _Judged:
    """Judged pairs: prior, unscaled bits of each family, and the chance of imitation behind the imitation bits."""

    prior: score.Floats
    families: score.Floats
    imitated: score.Floats
    start: score.Floats

    @classmethod
    def of(cls, rows: pl.DataFrame, model: Model) -> _Judged:
        bits = rows.select(f"{name}_bits" for name in score.NAMES).to_numpy()
        discounts = rows.select(f"{family}_discount_bits" for family in score.FAMILIES).to_numpy()
        totals = np.column_stack([score.family_bits(bits, discounts, family) for family in score.FAMILIES])
        start = np.array([model.scales.get(family.value, 1.0) for family in score.FAMILIES])
        copyable = score.copyable_bits(bits, discounts)
        imitated = (np.exp2(-rows["imitation_bits"].to_numpy()) - 1.0) * np.exp2(-copyable)
        return cls(rows["prior_bits"].to_numpy(), totals / start, imitated, start)

    def odds(self, scales: score.Floats) -> score.Floats:
        """Give each pair's log odds with other scales."""
        scaled = self.families * scales
        imitation = -np.log2(1.0 + self._copied(scaled))
        return LN2 * np.asarray(self.prior + scaled.sum(axis=1) + imitation)

    def slopes(self, scales: score.Floats) -> score.Floats:
        """Say how fast the log odds rise with the log of each scale, shape (pairs, families)."""
        scaled = self.families * scales
        copied = self._copied(scaled)
        scaled[:, _COPYABLE] /= (1.0 + copied)[:, None]
        return LN2 * scaled

    def _copied(self, scaled: score.Floats) -> score.Floats:
        """Give the odds that agreement this good is an imitation."""
        return np.asarray(self.imitated * np.exp2(scaled[:, _COPYABLE].sum(axis=1)))

    def loss(self, scales: score.Floats, true: score.Floats, of: np.ndarray) -> float:
        """Give the mean log loss of some pairs, in bits."""
        odds = self.odds(scales)[of]
        return float((np.logaddexp(0.0, odds) - true[of] * odds).mean()) / LN2

    def fit(self, true: score.Floats, of: np.ndarray) -> score.Floats:
        """Give the scales that explain some pairs best without leaving 1 for little."""

        def penalised(steps: score.Floats) -> tuple[float, score.Floats]:
            scales = np.exp(steps)
            odds = self.odds(scales)[of]
            lost = float((np.logaddexp(0.0, odds) - true[of] * odds).sum())
            slope = (1.0 / (1.0 + np.exp(-np.clip(odds, -700.0, 700.0))) - true[of]) @ self.slopes(scales)[of]
            return lost + 0.5 * PULL * float(steps @ steps), slope + PULL * steps

        bounds = [(-MOST_LOG_SCALE, MOST_LOG_SCALE)] * len(score.FAMILIES)
        found = minimize(penalised, np.zeros(len(score.FAMILIES)), jac=True, method="L-BFGS-B", bounds=bounds)
        best: score.Floats = np.exp(np.asarray(found.x))
        return best
