"""Linking: accounts and sightings → Matches, each with its levels, bits and rival story.

``link`` runs block → compare → score. Pure: tables in, tables out; no store, no file, no network. The same accounts
in any order give the same Matches.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from graphmatch import tables
from graphmatch.link import declared, score, stand
from graphmatch.link.block import RULE_NAMES, block
from graphmatch.link.compare import compare
from graphmatch.link.model import Model, default
from graphmatch.link.traits import traits as traits_of
from graphmatch.model import COMPARISONS, COPYABLE, Family

__all__ = ["LinkResult", "Model", "default", "link"]

#: Pairs compared at a time: bounds memory.
CHUNK = 400_000
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
    model: Model | None = None,
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
    sightings, reports, claims, targets
        Tables of those names (``claims``: ``link_claims``). Without sightings, links come from ``url`` and ``bio``.
    model
        Used as it is. Without one, the shipped model is fitted to the accounts: u from random pairs, m and prior by EM.
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
    traits, stated = _prepare(accounts, sightings, reports, claims)
    blocked = block(traits, stated, same_platform=same_platform, cap=cap)
    spread = _pairs_per_account(traits, same_platform=same_platform)
    compared = _compare_all(traits, blocked.candidates, declared.levels(stated))
    compared = _placed(traits, compared, spread, stand.marked(traits, targets, reports))
    if model is None:
        model = _fit(traits, compared, spread, seed, same_platform=same_platform)
    matches = _score(traits, compared, model, min_probability)
    return LinkResult(matches, model, blocked.rules, blocked.candidates.height)


def _prepare(
    accounts: pl.DataFrame,
    sightings: pl.DataFrame | None,
    reports: pl.DataFrame | None,
    claims: pl.DataFrame | None,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    traits = traits_of(accounts, sightings, reports)
    stated = declared.directed(traits, sightings, claims)
    naming = stated.filter(~pl.col("claim"))["left"].unique()
    rows = pl.int_range(pl.len(), dtype=pl.UInt32)
    return traits.with_columns(rows.is_in(naming.implode()).alias("names_others")), stated


def _pairs_per_account(traits: pl.DataFrame, *, same_platform: bool) -> pl.DataFrame:
    """Count each population's ``accounts``, admissible ``pairs`` and ``pairs_per_account``."""
    places = traits.group_by("population", "place").len().with_columns(pl.col("len").cast(pl.Float64))
    every = pl.col("len").sum()
    inside = (pl.col("len") * (pl.col("len") - 1) / 2).sum()
    pairs = every * (every - 1) / 2 - (0 if same_platform else inside)
    made = places.group_by("population").agg(every.alias("accounts"), pairs.alias("pairs"))
    return made.with_columns((pl.col("pairs") / pl.col("accounts")).alias("pairs_per_account"))


def _compare_all(traits: pl.DataFrame, pairs: pl.DataFrame, levels: pl.DataFrame) -> pl.DataFrame:
    parts = [compare(traits, part, levels) for part in pairs.iter_slices(CHUNK)] or [compare(traits, pairs, levels)]
    return pl.concat(
        [part.with_columns(pl.col(f"{name}_rarity").cast(pl.Float32) for name in COMPARISONS) for part in parts]
    )


def _placed(traits: pl.DataFrame, compared: pl.DataFrame, spread: pl.DataFrame, marks: pl.DataFrame) -> pl.DataFrame:
    """Add what the prior and the story depend on."""
    known = traits.select("population", pl.col("place").rank("dense").cast(pl.UInt32), "created_at", "last_active")
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
        (pl.col("place") == pl.col("place_r")).alias("same_place"),
        "pairs_per_account",
        (pl.col("is_target") != pl.col("is_target_r")).alias("copies_target"),
        (pl.col("like_target") & pl.col("like_target_r")).alias("both_like_target"),
        (accused[0] | accused[1]).alias("accused"),
    )
    return pl.concat([compared, extra], how="horizontal")


def _fit(
    traits: pl.DataFrame, compared: pl.DataFrame, spread: pl.DataFrame, seed: int, *, same_platform: bool
) -> Model:
    accounts = traits.height
    start = replace(
        default(),
        seed=seed,
        counts={"accounts": accounts, "pairs": float(spread["pairs"].sum()), "candidates": compared.height},
    )
    drawn = compare(traits, _random_pairs(traits, seed, same_platform=same_platform))
    wide = traits.select("population").join(spread, on="population", how="left", maintain_order="left")[
        "pairs_per_account"
    ]
    unlike = np.zeros(drawn.height, dtype=np.bool_)
    learned = score.with_u(start, drawn, score.prior_bits(start, wide[drawn["left"]].to_numpy(), unlike))
    honest = compared.filter(~pl.col("copies_target") & ~pl.col("both_like_target"))
    return score.expectation_maximisation(
        learned, score.patterns(honest, ["pairs_per_account", "same_place"]), accounts
    )


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
    bits, discounts = _evidence(compared, model)
    evidence = bits.sum(axis=1) + discounts.sum(axis=1)
    of_naming = score.family_bits(bits, discounts, Family.NAMING)
    rivals = score.rival_discount(compared, evidence, model.rival_floor)
    discounts[:, score.FAMILIES.index(Family.NAMING)] += np.maximum(rivals, -np.maximum(of_naming, 0.0))
    spread = compared["pairs_per_account"].to_numpy()
    prior = score.prior_bits(model, spread, compared["same_place"].to_numpy())
    imitation = score.imitation_bits(score.copyable_bits(bits, discounts), spread, model.copies_per_account)
    weight = prior + bits.sum(axis=1) + discounts.sum(axis=1) + imitation
    probability = score.probability(weight)
    copies = _copies(compared)
    kept = (probability >= least) | copies
    scored = compared.filter(pl.Series(kept)).with_columns(
        pl.Series("match_weight", weight[kept]),
        pl.Series("match_probability", probability[kept]),
        pl.Series("prior_bits", prior[kept]),
        pl.Series("copies", copies[kept]),
        *[pl.Series(f"{name}_bits", bits[kept, place]) for place, name in enumerate(score.NAMES)],
        *[pl.Series(f"{family}_discount_bits", discounts[kept, place]) for place, family in enumerate(score.FAMILIES)],
        pl.Series("imitation_bits", imitation[kept]),
    )
    return _as_table(traits, scored)


def _evidence(compared: pl.DataFrame, model: Model) -> tuple[score.Floats, score.Floats]:
    """Bits and discounts, before rivals. What copies a target is worth nothing: that is what a copy looks like."""
    bits = np.empty((compared.height, len(score.NAMES)))
    for start in range(0, compared.height, CHUNK):
        levels, rarities = score.matrices(compared[start : start + CHUNK], model)
        bits[start : start + CHUNK] = score.level_bits(levels, rarities, model)
    discounts = score.discounts(bits, model.family_share)
    void = compared.select(pl.col("copies_target") | pl.col("both_like_target")).to_series().to_numpy()
    for family in COPYABLE:
        total = score.family_bits(bits, discounts, family)
        discounts[:, score.FAMILIES.index(family)] -= np.where(void, np.maximum(total, 0.0), 0.0)
    return bits, discounts


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
