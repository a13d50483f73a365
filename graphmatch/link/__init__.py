"""Linking: accounts and sightings → Matches, each with its levels, bits and rival story.

``link`` runs block → compare → score. Pure: tables in, tables out; no store, no file, no network. The same accounts
in any order give the same Matches.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from graphmatch import tables
from graphmatch.link import score, stand
from graphmatch.link.block import RULE_NAMES
from graphmatch.link.model import Model, default
from graphmatch.link.pairing import CHUNK, Prepared, pairs_per_account, prepare
from graphmatch.model import COMPARISONS, COPYABLE, Family

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
    seed: int = 0,
    min_probability: float = 0.05,
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
    seed
        Of the random pairs.
    min_probability
        Pairs below are left out.

    Raises
    ------
    RejectedTable
        ``accounts`` lacks a column or repeats an ``account_id``.
    """
    ready = prepare(accounts, sightings, reports, claims, contents, enforcements)
    blocked = ready.candidates(same_platform=same_platform, cap=cap)
    spread = pairs_per_account(ready.traits, same_platform=same_platform)
    marks = stand.marked(ready.traits, targets, reports)
    given = model or start or default()
    compared = _compared(ready, blocked.candidates, given)
    compared = _placed(ready.traits, compared, spread, marks)
    if model is None:
        given = _fit(ready, compared, spread, replace(given, seed=seed), same_platform=same_platform)
    matches = _score(ready.traits, compared, given, min_probability)
    return LinkResult(matches, given, blocked.rules, blocked.candidates.height)


def _compared(ready: Prepared, pairs: pl.DataFrame, model: Model) -> pl.DataFrame:
    """Give the pairs with levels, rarities and, where the model has learned weights, ``<comparison>_learned`` bits."""
    parts = []
    for part in pairs.iter_slices(CHUNK) if pairs.height else [pairs]:
        levels, measured = ready.measured(part)
        rarities = [pl.col(f"{name}_rarity").cast(pl.Float32) for name in COMPARISONS]
        made = [part, levels.with_columns(rarities)]
        if model.learned is not None:
            made.append(pl.DataFrame({f"{name}_learned": bits for name, bits in model.learned.bits(measured).items()}))
        parts.append(pl.concat(made, how="horizontal"))
    return pl.concat(parts)


def _placed(traits: pl.DataFrame, compared: pl.DataFrame, spread: pl.DataFrame, marks: pl.DataFrame) -> pl.DataFrame:
    """Add what the prior and the story depend on."""
    names = [pl.col(name).rank("dense").cast(pl.UInt32) for name in ("place", "platform")]
    known = traits.select("population", *names, "created_at", "last_active")
    known = pl.concat([known, marks.drop("account_id")], how="horizontal").join(
        spread.select("population", "pairs_per_account"), on="population", how="left", maintain_order="left"
    )
    left, right = (known[compared[side]] for side in ("left", "right"))
    both = pl.concat([left, right.rename(lambda name: f"{name}_r")], how="horizontal")
    newer = {
        "": (pl.col("created_at") >= pl.col("created_at_r")).fill_null(value=True),
        "_r": (pl.col("created_at_r") >= pl.col("created_at")).fill_null(value=True),
    }
    accused = [
        pl.col(f"reported_copy{side}") & ~pl.col(f"reported_copy{other}") & newer[side]
        for side, other in (("", "_r"), ("_r", ""))
    ]
    extra = both.select(
        pl.col("place").alias("left_place"),
        pl.col("place_r").alias("right_place"),
        pl.col("platform").alias("left_platform"),
        pl.col("platform_r").alias("right_platform"),
        (pl.col("place") == pl.col("place_r")).alias("same_place"),
        "pairs_per_account",
        (pl.col("is_target") != pl.col("is_target_r")).alias("copies_target"),
        (pl.col("like_target") & pl.col("like_target_r")).alias("both_like_target"),
        (accused[0] | accused[1]).alias("accused"),
    )
    return pl.concat([compared, extra], how="horizontal")


def _fit(ready: Prepared, compared: pl.DataFrame, spread: pl.DataFrame, start: Model, *, same_platform: bool) -> Model:
    """Fit a model to the accounts: the prior alone if its weights were learned, else u, m and prior."""
    accounts = ready.traits.height
    counts = {"accounts": accounts, "pairs": float(spread["pairs"].sum()), "candidates": compared.height}
    start = replace(start, counts=counts)
    honest = compared.filter(~pl.col("copies_target") & ~pl.col("both_like_target"))
    if start.learned is not None:
        evidence = _evidence(honest, start)
        wide, same = honest["pairs_per_account"].to_numpy(), honest["same_place"].to_numpy()
        return score.fitted_prior(start, evidence.total(), wide, same, accounts)
    drawn = _random_pairs(ready.traits, start.seed, same_platform=same_platform)
    drawn = pl.concat([drawn, ready.measured(drawn)[0]], how="horizontal")
    places = ready.traits.select("population").join(spread, on="population", how="left", maintain_order="left")
    unlike = np.zeros(drawn.height, dtype=np.bool_)
    prior = score.prior_bits(start, places["pairs_per_account"][drawn["left"]].to_numpy(), unlike)
    learned = score.with_u(start, drawn, prior)
    patterns = score.patterns(honest, ["pairs_per_account", "same_place"])
    return score.expectation_maximisation(learned, patterns, accounts)


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


def _score(traits: pl.DataFrame, compared: pl.DataFrame, model: Model, least: float) -> pl.DataFrame:
    evidence = _evidence(compared, model)
    spread, same = compared["pairs_per_account"].to_numpy(), compared["same_place"].to_numpy()
    prior = score.prior_bits(model, spread, same)
    weight = prior + evidence.total()
    probability = score.probability(weight)
    copies = _copies(compared)
    kept = (probability >= least) | copies
    bits, discounts = evidence.bits[kept], evidence.discounts[kept]
    scored = compared.filter(pl.Series(kept)).with_columns(
        pl.Series("match_weight", weight[kept]),
        pl.Series("match_probability", probability[kept]),
        pl.Series("prior_bits", prior[kept]),
        pl.Series("copies", copies[kept]),
        *[pl.Series(f"{name}_bits", bits[:, place]) for place, name in enumerate(score.NAMES)],
        *[pl.Series(f"{family}_discount_bits", discounts[:, place]) for place, family in enumerate(score.FAMILIES)],
        pl.Series("imitation_bits", evidence.imitation[kept]),
    )
    return _as_table(traits, scored)


@dataclass(frozen=True, slots=True)
class _Evidence:
    """What speaks for and against each pair, without the prior: bits of comparisons, of families, of imitation."""

    bits: score.Floats
    discounts: score.Floats
    imitation: score.Floats

    def total(self) -> score.Floats:
        """Add it up."""
        return np.asarray(self.bits.sum(axis=1) + self.discounts.sum(axis=1) + self.imitation)


def _evidence(compared: pl.DataFrame, model: Model) -> _Evidence:
    """Weigh the pairs. What copies a target is worth nothing: that is what a copy looks like."""
    bits = np.empty((compared.height, len(score.NAMES)))
    for start in range(0, compared.height, CHUNK):
        part = compared[start : start + CHUNK]
        bits[start : start + CHUNK] = score.weighed(score.level_bits(*score.matrices(part, model), model), part, model)
    discounts = score.family_discounts(bits, model)
    void = compared.select(pl.col("copies_target") | pl.col("both_like_target")).to_series().to_numpy()
    for family in COPYABLE:
        total = score.family_bits(bits, discounts, family)
        discounts[:, score.FAMILIES.index(family)] -= np.where(void, np.maximum(total, 0.0), 0.0)
    of_naming = score.family_bits(bits, discounts, Family.NAMING)
    evidence = bits.sum(axis=1) + discounts.sum(axis=1)
    discounts[:, score.FAMILIES.index(Family.NAMING)] += score.rival_bits(compared, evidence, of_naming, model)
    spread = compared["pairs_per_account"].to_numpy()
    imitation = score.imitation_bits(score.copyable_bits(bits, discounts), spread, model.copies_per_account)
    return _Evidence(bits, discounts, imitation)


def _copies(compared: pl.DataFrame) -> np.ndarray:
    """Tell which pairs look like a copy and its original.

    The names agree, and one is a target's own account or the newer one was reported as an impersonation.
    """
    agree = pl.any_horizontal(pl.col(f"{name}_level") >= level for name, level in COPY_LEVELS.items())
    told = pl.col("copies_target") | pl.col("accused")
    return compared.select(told & agree.fill_null(value=False)).to_series().to_numpy()


#: From these levels on, one account's naming looks like a copy of the other's.
COPY_LEVELS = {"handle": 3, "display_name": 2, "handle_name": 4}


def _as_table(traits: pl.DataFrame, scored: pl.DataFrame) -> pl.DataFrame:
    ids = traits["account_id"]
    rules = [pl.when((pl.col("rules") & (1 << bit)) > 0).then(pl.lit(name)) for bit, name in enumerate(RULE_NAMES)]
    made = scored.with_columns(
        pl.Series("left", ids[scored["left"]]),
        pl.Series("right", ids[scored["right"]]),
        pl.concat_list(rules).list.drop_nulls().alias("rules"),
    )
    made = made.with_columns(stand.families()).with_columns(stand.story()).with_columns(stand.standing())
    return tables.require("matches", made.select(tables.dtypes("matches").keys())).sort("left", "right")
