"""Fellegi-Sunter: levels and rarities → match weights in bits; m by EM, u from random pairs, no labels.

Words and method are those of Splink (Linacre et al. 2022, doi:10.23889/ijpds.v7i3.1794) after Fellegi and Sunter 1969
(doi:10.1080/01621459.1969.10501049); EM over level-pattern counts after Winkler 2000.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import reduce

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graphmatch.link.measures import LEARNED
from graphmatch.link.model import LEAST_PAIRS_PER_ACCOUNT, Level, Model
from graphmatch.link.rivals import among_rivals, rival_discount
from graphmatch.model import COMPARISONS, COPYABLE, Family

Floats = NDArray[np.float64]

NAMES = tuple(COMPARISONS)
FAMILY_COLUMNS: dict[Family, list[int]] = {
    family: [place for place, name in enumerate(NAMES) if COMPARISONS[name] is family] for family in Family
}
#: The order of the discounts.
FAMILIES = list(FAMILY_COLUMNS)
#: Comparisons whose bits come from levels whatever the model.
NOT_LEARNED = [place for place, name in enumerate(NAMES) if name not in LEARNED]
#: From these levels on two handles, or two display names, agree: that one's handle fits the other's name then says no
#: more than that it fits its own, as most do. Namesakes would look like one operator otherwise.
TOLD_ALREADY = {"handle": 3, "display_name": 1}
#: How many observations the shipped m, the shipped u and the shipped matches per account count as.
M_WEIGHT, U_WEIGHT, MATCHES_WEIGHT = 2_000.0, 500_000.0, 100.0
#: Matches per account stay inside, whatever EM says.
MATCHES_PER_ACCOUNT = (0.01, 2.0)
ITERATIONS = 12
#: Rarities are rounded to this many bits to count patterns.
RARITY_STEP = 3.0
#: Comparisons of which the lists or the workspace rarely show enough to learn from: EM leaves them alone.
FIXED = frozenset({"declared", "contact", "network", "targets", "avatar", "timing", "hours"})


@dataclass(frozen=True, slots=True)
class Seen:
    """A comparison where it was observed: ``at`` which pairs (None: all), levels and rarities (NaN: unknown)."""

    at: NDArray[np.intp] | None
    level: NDArray[np.intp]
    rarity: Floats

    @property
    def where(self) -> slice | NDArray[np.intp]:
        """Where it was observed, as an index."""
        return slice(None) if self.at is None else self.at

    def of(self, values: Floats) -> Floats:
        """Take the values of the pairs where it was observed."""
        return values[self.where]


def observed(compared: pl.DataFrame) -> list[Seen]:
    """Take compared pairs apart, one `Seen` a comparison, in the order of `NAMES`."""
    made = []
    for name in NAMES:
        level, rarity = compared[f"{name}_level"], compared[f"{name}_rarity"]
        at = None
        if level.null_count():
            known = level.is_not_null()
            at, level, rarity = known.arg_true().to_numpy().astype(np.intp), level.filter(known), rarity.filter(known)
        bits = rarity.cast(pl.Float64).fill_null(float("nan")).to_numpy()
        made.append(Seen(at, level.to_numpy().astype(np.intp), bits))
    return made


def level_bits(seen: list[Seen], size: int, model: Model) -> Floats:
    """Give the match weight of each level in bits, 0 where not observed, shape (pairs, comparisons), by columns.

    Where the rarity is unknown it is the level's reference. Without learned weights, a handle that fits the other's
    display name counts only where neither handles nor display names agree by themselves (`TOLD_ALREADY`).
    """
    bits = np.zeros((size, len(NAMES)), order="F")
    for place, name in enumerate(NAMES):
        one = seen[place]
        if one.level.size:
            bits[one.where, place] = _column(one, model.levels[name], model.bounds)
    if model.learned is None:
        told = np.zeros(size, dtype=np.bool_)
        for name, level in TOLD_ALREADY.items():
            one = seen[NAMES.index(name)]
            told[one.where] |= one.level >= level
        bits[told, NAMES.index("handle_name")] = 0.0
    return bits


def _column(one: Seen, levels: Sequence[Level], bounds: tuple[float, float]) -> Floats:
    m, u, slope, reference = (
        np.array([getattr(level, what) for level in levels]) for what in ("m", "u", "slope", "reference")
    )
    plain = np.log2(m / u)
    bits: Floats = plain[one.level]
    # Rarity moves agreement towards nothing, never into disagreement.
    agreed = np.flatnonzero(((m >= u) & (slope > 0))[one.level] & ~np.isnan(one.rarity))
    level = one.level[agreed]
    bits[agreed] = np.maximum(bits[agreed] + slope[level] * (one.rarity[agreed] - reference[level]), 0.0)
    return np.clip(bits, *bounds, out=bits)


def weighed(bits: Floats, compared: pl.DataFrame, model: Model) -> Floats:
    """Put learned bits (``<comparison>_learned``) in the place of the levels', and scale families as taught."""
    if model.learned is None and not model.scales:
        return bits
    made = bits.copy(order="F")
    if model.learned is not None:
        for name in LEARNED:
            made[:, NAMES.index(name)] = np.clip(compared[f"{name}_learned"].to_numpy(), *model.bounds)
    for family, scale in model.scales.items():
        made[:, FAMILY_COLUMNS[Family(family)]] *= scale
    return made


def family_discounts(bits: Floats, model: Model) -> Floats:
    """Give `discounts`, none where a family's weights were learned together."""
    made = discounts(bits, model.family_share)
    if model.learned is not None:
        made[:, FAMILIES.index(Family.NAMING)] = 0.0
    return made


def rival_bits(pairs: pl.DataFrame, evidence: Floats, of_naming: Floats, model: Model) -> Floats:
    """Give the bits that naming evidence loses, or wins, because of the other accounts in the same place.

    Learned where the model is, else `rival_discount`. Never more, either way, than naming itself gave. Rivals on other
    instances of the same platform, which the labelled sets don't have, take away what `rival_discount` says.
    """
    if model.learned is None:
        raw = rival_discount(pairs, evidence, model.rival_floor)
    else:
        raw = model.learned.rival_bits(among_rivals(pairs, evidence)) * model.scales.get(Family.NAMING.value, 1.0)
        platforms = [pl.col(f"{side}_platform").alias(f"{side}_place") for side in ("left", "right")]
        everywhere = rival_discount(pairs.with_columns(platforms), evidence, model.rival_floor)
        raw = raw + np.minimum(everywhere - rival_discount(pairs, evidence, model.rival_floor), 0.0)
    most = np.maximum(of_naming, 0.0)
    return np.clip(raw, -most, most)


def discounts(bits: Floats, share: float) -> Floats:
    """Give each family's discount: of all its levels but the strongest, for and against, only ``share`` counts.

    Negative where levels agree twice over, positive where they disagree twice over. Shape (pairs, families).
    """
    made = np.zeros((bits.shape[0], len(FAMILY_COLUMNS)), order="F")
    for place, columns in enumerate(FAMILY_COLUMNS.values()):
        inside = [bits[:, column] for column in columns if bits[:, column].any()]
        if len(inside) > 1:
            # All but the strongest, for and against: the sum less the highest above 0 and the lowest below.
            high, low = np.maximum(reduce(np.maximum, inside), 0.0), np.minimum(reduce(np.minimum, inside), 0.0)
            made[:, place] = (share - 1.0) * (sum(inside) - high - low)
    return made


def imitation_bits(copyable: Floats, pairs_per_account: Floats, copies_per_account: float) -> Floats:
    """Give the bits that copyable evidence loses because somebody else may bear the same profile (≤ 0).

    Naming and self-description agree between strangers not only by chance (u) but by imitation, so that their chance
    among strangers is ``2^-copyable + copies_per_account / pairs_per_account``. The prior plays no part.

    Parameters
    ----------
    copyable
        Bits of the copyable families with their discounts.
    pairs_per_account
        Of each pair's population.
    """
    wide = np.maximum(pairs_per_account, LEAST_PAIRS_PER_ACCOUNT)
    chance = np.exp2(-np.clip(copyable, -1000.0, 1000.0))
    return -np.log2(1.0 + copies_per_account / wide / chance)


def totals(bits: Floats) -> Floats:
    """Add up each pair's bits, column by column: in one order, however many pairs there are."""
    return np.asarray(sum(bits.T))


def family_bits(bits: Floats, discount: Floats, family: Family) -> Floats:
    """Add up one family of each pair, its discount included."""
    columns = (bits[:, column] for column in FAMILY_COLUMNS[family])
    return np.asarray(sum(columns, start=discount[:, FAMILIES.index(family)]))


def copyable_bits(bits: Floats, discount: Floats) -> Floats:
    """Add up the copyable families of each pair, discounts included."""
    return np.asarray(sum(family_bits(bits, discount, family) for family in COPYABLE))


def prior_bits(model: Model, pairs_per_account: Floats, same_place: NDArray[np.bool_]) -> Floats:
    """Give each pair's prior in bits: the model's, carried over to the size of its population."""
    wide = np.maximum(pairs_per_account, LEAST_PAIRS_PER_ACCOUNT)
    reference = max(model.pairs_per_account, LEAST_PAIRS_PER_ACCOUNT)
    return model.prior_bits - np.log2(wide / reference) + np.where(same_place, model.same_place_bits, 0.0)


def probability(weight: Floats) -> Floats:
    """Turn bits into a probability, 1 / (1 + 2^-weight)."""
    return 1.0 / (1.0 + np.exp2(-np.clip(weight, -1000.0, 1000.0)))


def with_u(model: Model, random_pairs: pl.DataFrame, prior: Floats) -> Model:
    """Refit u from compared random pairs, smoothed by the model's own.

    In a small population random pairs hold matches; each pair counts as 1 - its probability under ``model``, so that
    they don't make agreement look common.
    """
    seen = observed(random_pairs)
    bits = level_bits(seen, random_pairs.height, model)
    chance = 1.0 - probability(prior + bits.sum(axis=1) + discounts(bits, model.family_share).sum(axis=1))
    made = dict(model.levels)
    for place, name in enumerate(NAMES):
        one = seen[place]
        if name in FIXED or not one.level.size:
            continue
        counts = np.bincount(one.level, weights=one.of(chance), minlength=len(made[name]))
        u = (counts + U_WEIGHT * np.array([level.u for level in made[name]])) / (counts.sum() + U_WEIGHT)
        made[name] = tuple(replace(level, u=float(value)) for level, value in zip(made[name], u, strict=True))
    return replace(model, levels=made)


def patterns(compared: pl.DataFrame, extra: list[str]) -> pl.DataFrame:
    """Count pairs with the same levels and (rounded) rarities; ``extra`` columns also tell patterns apart."""
    rounded = [(pl.col(f"{name}_rarity") / RARITY_STEP).round() * RARITY_STEP for name in NAMES]
    named = compared.with_columns(e.alias(f"{name}_rarity") for e, name in zip(rounded, NAMES, strict=True))
    by = [*extra, *(f"{name}_{what}" for name in NAMES for what in ("level", "rarity"))]
    return named.group_by(by).agg(pl.len().alias("pairs")).sort(by)


def expectation_maximisation(
    model: Model, counted: pl.DataFrame, accounts: int, *, each: float = 1.0, iterations: int = ITERATIONS
) -> Model:
    """Refit m and the prior on pattern counts, u held.

    Parameters
    ----------
    model
        Where to start, and the Dirichlet prior of each m.
    counted
        From `patterns`, with ``pairs_per_account, same_place`` of each pattern.
    accounts
        How many accounts there are; pairs that are no candidates count as no match.
    each
        How many candidates each counted pair stands for.
    """
    if not counted.height:
        return model
    seen = observed(counted)
    weight = counted["pairs"].to_numpy() * each
    spread, same = counted["pairs_per_account"].to_numpy(), counted["same_place"].to_numpy()
    fitted, expected = model, 0.0
    reference = max(model.pairs_per_account, LEAST_PAIRS_PER_ACCOUNT)
    for _ in range(iterations):
        bits = level_bits(seen, counted.height, fitted)
        discount = discounts(bits, fitted.family_share)
        total = bits.sum(axis=1) + discount.sum(axis=1)
        total += imitation_bits(copyable_bits(bits, discount), spread, fitted.copies_per_account)
        matched = weight * probability(total + prior_bits(fitted, spread, same))
        expected = float(matched.sum())
        shipped = model.prior * reference
        rate = (expected + MATCHES_WEIGHT * shipped) / (accounts + MATCHES_WEIGHT)
        prior = float(np.clip(rate, *MATCHES_PER_ACCOUNT)) / reference
        fitted = replace(fitted, prior=min(prior, 0.5), levels=_with_m(model, seen, matched))
    counts = {**model.counts, "expected_matches": round(expected, 1)}
    return replace(fitted, counts=counts)


def fitted_prior(
    model: Model, evidence: Floats, spread: Floats, same: NDArray[np.bool_], accounts: int, each: float = 1.0
) -> Model:
    """Refit the prior alone by EM, all weights held: a population has its own share of matches, and learned weights.

    Parameters
    ----------
    model
        Where to start; its matches per account count as `MATCHES_WEIGHT` accounts.
    evidence
        Bits of each candidate without the prior.
    spread, same
        ``pairs_per_account`` of each pair's population, and whether both accounts are in one place.
    accounts
        How many accounts there are.
    each
        How many pairs each of these stands for.
    """
    reference = max(model.pairs_per_account, LEAST_PAIRS_PER_ACCOUNT)
    fitted, expected = model, 0.0
    for _ in range(ITERATIONS):
        expected = each * float(probability(evidence + prior_bits(fitted, spread, same)).sum())
        rate = (expected + MATCHES_WEIGHT * model.prior * reference) / (accounts + MATCHES_WEIGHT)
        fitted = fitted.with_prior(min(float(np.clip(rate, *MATCHES_PER_ACCOUNT)) / reference, 0.5))
    return replace(fitted, counts={**model.counts, "expected_matches": round(expected, 1)})


def _with_m(model: Model, seen: list[Seen], matched: Floats) -> dict[str, tuple[Level, ...]]:
    made = dict(model.levels)
    for place, name in enumerate(NAMES):
        one = seen[place]
        if name in FIXED or not one.level.size:
            continue
        sums = np.bincount(one.level, weights=one.of(matched), minlength=len(made[name]))
        m = (sums + M_WEIGHT * np.array([level.m for level in made[name]])) / (sums.sum() + M_WEIGHT)
        made[name] = tuple(replace(level, m=float(value)) for level, value in zip(made[name], m, strict=True))
    return made
