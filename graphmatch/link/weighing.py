"""Weighing: candidate pairs → what speaks for and against each, and the matches among them.

Pairs are compared in chunks, on all cores, and of each only a few numbers are kept; of those that may be matches, all.
So memory grows with the pairs by some bytes each, whatever a comparison needs.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graphmatch.link import score
from graphmatch.link.block import Progress
from graphmatch.link.model import Model
from graphmatch.link.pairing import CHUNK, Prepared
from graphmatch.link.score import Floats
from graphmatch.link.situation import PairSituation, Situation
from graphmatch.model import COPYABLE, Family

#: The prior, and without labels m, are fitted to at most so many of the pairs, evenly taken.
FITTED_PAIRS = 250_000
#: From these levels on, one account's naming looks like a copy of the other's.
COPY_LEVELS = {"handle": 3, "display_name": 2, "handle_name": 4}
#: Bits by which sums of the same numbers in another order may differ, and more.
SLACK = 1e-6
Flags = NDArray[np.bool_]
Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for and against pairs, in bits, without prior, rivals and imitation.

    Attributes
    ----------
    total
        All of it.
    naming, copyable
        The part of the naming family, and of all families that anybody can copy.
    alike
        Whether the names agree as those of a copy and its original do.
    """

    total: Floats
    naming: Floats
    copyable: Floats
    alike: Flags

    def __getitem__(self, which: slice | NDArray[np.integer] | Flags) -> Evidence:
        """Take some pairs."""
        return Evidence(self.total[which], self.naming[which], self.copyable[which], self.alike[which])


def compared(ready: Prepared, pairs: pl.DataFrame, model: Model) -> pl.DataFrame:
    """Give levels and rarities and, where the model has learned weights, ``<comparison>_learned`` bits."""
    if model.learned is None:
        return ready.levels(pairs)
    levels, measured = ready.measured(pairs)
    learned = model.learned.bits(measured)
    return levels.with_columns(pl.Series(f"{name}_learned", bits) for name, bits in learned.items())


@dataclass(frozen=True, slots=True)
class Remembered:
    """What comparing some pairs gave: their places among all pairs, in order, and levels and rarities."""

    places: NDArray[np.int64]
    found: pl.DataFrame

    def of(self, places: NDArray[np.integer]) -> pl.DataFrame:
        """Give what comparing these pairs gave; all of them must be remembered."""
        return self.found[np.searchsorted(self.places, places)]


def weigh(
    ready: Prepared, pairs: pl.DataFrame, about: Situation, model: Model, progress: Progress | None = None
) -> Evidence:
    """Compare all pairs and keep what the matches are chosen by; ``progress`` is told of ``"comparing"``."""

    def weighed(part: pl.DataFrame) -> Evidence:
        return _evidence(compared(ready, part, model), about.of_pairs(part), model)

    return _joined(in_chunks(weighed, pairs, progress))


def weigh_remembering(
    ready: Prepared,
    pairs: pl.DataFrame,
    about: Situation,
    model: Model,
    least: float,
    progress: Progress | None = None,
) -> tuple[Evidence, Remembered]:
    """`weigh`, and remember of the pairs those that may be matches of this probability, so that none is compared twice.

    Of a model without learned weights: rivals and imitation then only take away.
    """
    bound = -np.inf if least <= 0 else np.log2(least / (1 - least)) - SLACK if least < 1 else np.inf

    def weighed(part: pl.DataFrame) -> tuple[Evidence, NDArray[np.int64], pl.DataFrame]:
        found, one = compared(ready, part, model), about.of_pairs(part)
        made = _evidence(found, one, model)
        most = made.total + score.prior_bits(model, one.pairs_per_account, one.same_place)
        maybe = np.flatnonzero((most >= bound) | (made.alike & one.told))
        return made, maybe, found[maybe]

    parts = in_chunks(weighed, pairs, progress)
    begins = np.cumsum([0, *(evidence.total.size for evidence, _, _ in parts)])
    places = np.concatenate([begin + maybe for begin, (_, maybe, _) in zip(begins, parts, strict=False)])
    found = pl.concat([one for _, _, one in parts])
    return _joined([one for one, _, _ in parts]), Remembered(places, found)


def _evidence(found: pl.DataFrame, about: PairSituation, model: Model) -> Evidence:
    bits, discounts = _bits(found, about, model)
    alike = pl.any_horizontal(pl.col(f"{name}_level") >= level for name, level in COPY_LEVELS.items())
    return Evidence(
        score.totals(bits) + score.totals(discounts),
        score.family_bits(bits, discounts, Family.NAMING),
        score.copyable_bits(bits, discounts),
        found.select(alike.fill_null(value=False)).to_series().to_numpy(),
    )


def _joined(parts: list[Evidence]) -> Evidence:
    names = ("total", "naming", "copyable", "alike")
    return Evidence(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


def in_chunks(
    function: Callable[[pl.DataFrame], Made], pairs: pl.DataFrame, progress: Progress | None = None
) -> list[Made]:
    """Call a function on chunks of pairs, on all cores; results in order."""
    first, *chunks = list(pairs.iter_slices(CHUNK)) if pairs.height else [pairs]
    # Alone: what is worked out once for all chunks is then there when several want it.
    made = [function(first)]
    with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        for part in pool.map(function, chunks):
            made.append(part)
            if progress is not None:
                progress("comparing", min(len(made) * CHUNK, pairs.height), pairs.height)
    return made


def _bits(found: pl.DataFrame, about: PairSituation, model: Model) -> tuple[Floats, Floats]:
    """Weigh compared pairs: bits of comparisons and of families. What copies a target is worth nothing."""
    bits = score.weighed(score.level_bits(score.observed(found), found.height, model), found, model)
    discounts = score.family_discounts(bits, model)
    void = about.void
    for family in COPYABLE:
        total = score.family_bits(bits, discounts, family)
        discounts[:, score.FAMILIES.index(family)] -= np.where(void, np.maximum(total, 0.0), 0.0)
    return bits, discounts


def sampled(pairs: pl.DataFrame) -> tuple[NDArray[np.int64], float]:
    """Choose the places of the pairs that models are fitted to, and how many pairs each stands for."""
    count = min(pairs.height, FITTED_PAIRS)
    return np.arange(count) * pairs.height // max(count, 1), pairs.height / max(count, 1)


@dataclass(frozen=True, slots=True)
class Weights:
    """Match weights of pairs, and what rivals and imitation took away or added, all in bits."""

    prior: Floats
    rivals: Floats
    imitation: Floats
    weight: Floats

    def __getitem__(self, which: NDArray[np.integer] | Flags) -> Weights:
        """Take some pairs."""
        return Weights(self.prior[which], self.rivals[which], self.imitation[which], self.weight[which])


def weights(pairs: pl.DataFrame, evidence: Evidence, about: Situation, model: Model) -> Weights:
    """Put pairs among their rivals, allow for imitation, and add the prior."""
    one = about.of_pairs(pairs)
    spread = one.pairs_per_account
    rivals = score.rival_bits(one.places(), evidence.total, evidence.naming, model)
    imitation = score.imitation_bits(evidence.copyable + rivals, spread, model.copies_per_account)
    prior = score.prior_bits(model, spread, one.same_place)
    return Weights(prior, rivals, imitation, prior + evidence.total + rivals + imitation)


def with_prior(
    pairs: pl.DataFrame, evidence: Evidence, about: Situation, model: Model, accounts: int
) -> tuple[Model, Weights]:
    """Fit the prior of a model with learned weights to the pairs that copy no target, and weigh with it."""
    found = weights(pairs, evidence, about, model)
    chosen, step = sampled(pairs)
    one = about.of_pairs(pairs[chosen])
    honest = ~one.void
    bits = (found.weight - found.prior)[chosen][honest]
    spread, same = one.pairs_per_account[honest], one.same_place[honest]
    model = score.fitted_prior(model, bits, spread, same, accounts, step)
    every = about.of_pairs(pairs)
    prior = score.prior_bits(model, every.pairs_per_account, every.same_place)
    return model, replace(found, prior=prior, weight=found.weight - found.prior + prior)


def scored(pairs: pl.DataFrame, found: pl.DataFrame, given: Weights, about: Situation, model: Model) -> pl.DataFrame:
    """Say of compared pairs all that their table says of weights and levels.

    ``given`` is of all chosen pairs; ``at`` says which of them each of these is.
    """
    one = about.of_pairs(pairs)
    bits, discounts = _bits(found, one, model)
    at = pairs["at"].to_numpy()
    discounts[:, score.FAMILIES.index(Family.NAMING)] += given.rivals[at]
    weight = given.prior[at] + score.totals(bits) + score.totals(discounts) + given.imitation[at]
    levels = found.select(f"{name}_level" for name in score.NAMES)
    return pl.concat([pairs.drop("at"), levels], how="horizontal").with_columns(
        pl.Series("match_weight", weight),
        pl.Series("match_probability", score.probability(weight)),
        pl.Series("prior_bits", given.prior[at]),
        pl.Series("imitation_bits", given.imitation[at]),
        *[pl.Series(f"{name}_bits", bits[:, place]) for place, name in enumerate(score.NAMES)],
        *[pl.Series(f"{name}_discount_bits", discounts[:, place]) for place, name in enumerate(score.FAMILIES)],
    )
