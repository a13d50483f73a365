"""Linking: accounts and sightings → Matches, each with its levels, bits and rival story.

``link`` runs block → compare → score. Pure: tables in, tables out; no store, no file, no network. The same accounts
in any order give the same Matches.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import polars as pl

from graphmatch.errors import RejectedTable
from graphmatch.link import score, stand
from graphmatch.link.block import NEAREST_ACCOUNTS, Keep, Progress
from graphmatch.link.census import Census
from graphmatch.link.laying import laid_out
from graphmatch.link.model import Model, default
from graphmatch.link.pairing import Prepared, prepare
from graphmatch.link.situation import Situation
from graphmatch.link.weighing import Evidence, in_chunks, sampled, weigh, weigh_remembering, weights, with_prior
from graphmatch.memory import GIB

__all__ = ["LinkResult", "Model", "default", "link"]

#: Random pairs from which u is learned.
RANDOM_PAIRS = 100_000


@dataclass(frozen=True, slots=True)
class LinkResult:
    """What `link` gives.

    Attributes
    ----------
    matches
        Table ``matches``: pairs at or above the asked probability, and copies of a target's profile whatever theirs.
    model
        The model that scored them: the one given, or the shipped one fitted to the accounts.
    rules
        One row per blocking rule: ``rule, cap, pairs, keys, keys_dropped, largest_key``.
    candidates
        How many pairs were compared.
    """

    matches: pl.DataFrame
    model: Model
    rules: pl.DataFrame
    candidates: int


class Keeper(Protocol):
    """Told what linking works out on its way."""

    @property
    def blocked(self) -> Keep:
        """Takes what each blocking rule found."""

    def weighed(self, ready: Prepared, pairs: pl.DataFrame, about: Situation, evidence: Evidence) -> None:
        """Take the accounts, their candidate pairs, and what speaks for and against each."""


def link(  # noqa: PLR0913 - the tables that an account's evidence lies in
    accounts: pl.DataFrame,
    *,
    sightings: pl.DataFrame | None = None,
    reports: pl.DataFrame | None = None,
    claims: pl.DataFrame | None = None,
    targets: pl.DataFrame | None = None,
    contents: pl.DataFrame | None = None,
    enforcements: pl.DataFrame | None = None,
    model: Model | None = None,
    start: Model | None = None,
    same_platform: bool = True,
    cap: int | None = None,
    nearest: bool | None = None,
    memory_gib: float | None = None,
    progress: Progress | None = None,
    seed: int = 0,
    min_probability: float = 0.05,
    census: Census | None = None,
    keeper: Keeper | None = None,
) -> LinkResult:
    """Score which accounts may have one operator.

    Parameters
    ----------
    accounts
        Table ``accounts``, or any of its columns with at least ``account_id, platform``. A column ``dataset`` keeps
        populations apart.
    sightings, reports, claims, targets, contents, enforcements
        Tables of those names (``claims``: ``link_claims``). Without sightings, links come from ``url`` and ``bio``.
    model
        Used as it is. Without one, ``start`` is fitted to the accounts.
    start
        Default: the shipped model. Of one with learned weights only the prior is fitted, by EM; of one without (see
        `Model.unlabelled`) u from random pairs, m and prior by EM.
    same_platform
        Whether pairs on one platform and instance count (ban evasion).
    cap
        The most accounts that a blocking key may have, below the rules' own caps.
    nearest
        Whether each account's nearest by spelling in other places are candidates too. Default: up to
        `NEAREST_ACCOUNTS` accounts; beyond, finding them would cost more than all else.
    memory_gib
        What the candidate pairs may take; default: what is free.
    progress
        Told what is being done (``blocking``, ``comparing``), how much of it is done, and of how much.
    seed
        Of the random pairs.
    min_probability
        Pairs below are left out.
    census
        Of the population that the accounts are of; without one, they are their own.
    keeper
        Told what is worked out on the way (`graphmatch.link.index`).

    Raises
    ------
    RejectedTable
        ``accounts`` lacks a column or repeats an ``account_id``, or is of a population that the census does not know.
    OutOfMemory
        The candidate pairs would not fit.
    """
    given = model or start or default()
    near = accounts.height <= NEAREST_ACCOUNTS if nearest is None else nearest
    spelling = near or given.learned is not None
    ready = prepare(accounts, sightings, reports, claims, contents, enforcements, spelling=spelling, census=census)
    _check_populations(ready)
    memory = None if memory_gib is None else memory_gib * GIB
    keep = None if keeper is None else keeper.blocked
    blocked = ready.candidates(
        nearest=near, same_platform=same_platform, cap=cap, memory=memory, progress=progress, keep=keep
    )
    spread = ready.census.pairs_per_account(same_platform=same_platform)
    about = Situation.of(ready.traits, spread, stand.marked(ready.traits, targets, reports))
    known = _Known(ready, blocked.candidates, about, same_platform)
    if model is None:
        given = replace(given, seed=seed, counts=known.counts(spread))
    if model is None and given.learned is None:
        given = _fit(known, given)
    remembered = None
    if given.learned is None:
        evidence, remembered = weigh_remembering(ready, known.pairs, about, given, min_probability, progress)
        ready.encoded.forget()
    else:
        evidence = weigh(ready, known.pairs, about, given, progress)
    if model is None and given.learned is not None:
        given, found = with_prior(known.pairs, evidence, about, given, ready.traits.height)
    else:
        found = weights(known.pairs, evidence, about, given)
    matches = laid_out(ready, known.pairs, about, evidence, found, given, min_probability, remembered=remembered)
    if keeper is not None:
        keeper.weighed(ready, known.pairs, about, evidence)
    return LinkResult(matches, given, blocked.rules, known.pairs.height)


def _check_populations(ready: Prepared) -> None:
    strange = ready.traits.select("population").unique().join(ready.census.sizes, on="population", how="anti")
    if strange.height:
        raise RejectedTable(f"table 'accounts': the census knows no accounts of the population {strange.item(0, 0)!r}")


@dataclass(frozen=True, slots=True)
class _Known:
    """Accounts, their candidate pairs, and what these pairs' prior and story depend on."""

    ready: Prepared
    pairs: pl.DataFrame
    about: Situation
    same_platform: bool

    def counts(self, spread: pl.DataFrame) -> dict[str, float]:
        """Say what a model is fitted on."""
        pairs = float(spread["pairs"].sum())
        return {"accounts": self.ready.traits.height, "pairs": pairs, "candidates": self.pairs.height}


def _fit(known: _Known, start: Model) -> Model:
    """Fit u to random pairs, and m and the prior to the candidates that copy no target: no labels needed."""
    ready, about = known.ready, known.about
    drawn = _random_pairs(ready.traits, start.seed, same_platform=known.same_platform)
    unlike = np.zeros(drawn.height, dtype=np.bool_)
    prior = score.prior_bits(start, about.of_pairs(drawn).pairs_per_account, unlike)
    learned = score.with_u(start, _levels(ready, drawn), prior)
    chosen, each = sampled(known.pairs)
    pairs = known.pairs[chosen]
    pairs = pairs.filter(pl.Series(~about.of_pairs(pairs).void))
    one = about.of_pairs(pairs)
    counted = _levels(ready, pairs).with_columns(
        pl.Series("pairs_per_account", one.pairs_per_account), pl.Series("same_place", one.same_place)
    )
    patterns = score.patterns(counted, ["pairs_per_account", "same_place"])
    return score.expectation_maximisation(learned, patterns, ready.traits.height, each=each)


def _levels(ready: Prepared, pairs: pl.DataFrame) -> pl.DataFrame:
    return pl.concat(in_chunks(ready.levels, pairs))


def _random_pairs(traits: pl.DataFrame, seed: int, *, same_platform: bool) -> pl.DataFrame:
    """Draw pairs inside populations, both ends uniform over the accounts of each."""
    random = np.random.default_rng(seed)
    order = traits.select(pl.int_range(pl.len(), dtype=pl.UInt32).alias("row"), "population").sort("population", "row")
    rows, sizes = (
        order["row"].to_numpy(),
        order.group_by("population", maintain_order=True).len()["len"].to_numpy().astype(np.int64),
    )
    starts = np.repeat(np.cumsum(sizes) - sizes, sizes)
    if not rows.size:
        return pl.DataFrame(schema={"left": pl.UInt32, "right": pl.UInt32})
    one = random.integers(0, rows.size, RANDOM_PAIRS)
    two = starts[one] + random.integers(0, np.repeat(sizes, sizes)[one])
    drawn = pl.DataFrame({"left": rows[np.minimum(one, two)], "right": rows[np.maximum(one, two)]})
    other = traits["place"][drawn["left"]] != traits["place"][drawn["right"]]
    return drawn.filter((pl.col("left") != pl.col("right")) & (other if not same_platform else True)).unique(
        maintain_order=True
    )
