"""Labelled pairs to learn from: what blocking proposes, the true pairs that it misses, and random others.

In: accounts (``dataset`` keeps sets apart) and a truth (``account_id, person_id``). Out: `Examples` of
`graphmatch.link.fitting`.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl

from graphmatch.errors import RejectedTable
from graphmatch.link import pairing, score
from graphmatch.link.fitting import Examples
from graphmatch.link.measures import LEARNED
from graphmatch.link.model import Level, Model

#: Random pairs drawn per set; together they stand for every pair that was not proposed.
RANDOM_PER_SET = 4_000
#: No level is impossible: least share of the pairs.
LEAST_SHARE = 1e-7
#: A person with more accounts than this in one set gives no missed pairs (their number grows with the square).
MOST_ACCOUNTS = 50


def examples(accounts: pl.DataFrame, truth: pl.DataFrame, model: Model, *, seed: int = 0) -> Examples:
    """Measure and label pairs across places.

    Parameters
    ----------
    accounts
        As `graphmatch.link.link` takes them.
    truth
        ``account_id, person_id``. Accounts that it does not name, or to no person, are left out.
    model
        Gives the prior, and the bits of the comparisons that are not learned.
    seed
        Of the random pairs.

    Raises
    ------
    RejectedTable
        ``truth`` lacks a column, repeats an account, or names no two accounts in different places.
    """
    for name in ("account_id", "person_id"):
        if name not in truth.columns:
            raise RejectedTable(f"table 'truth' lacks the column {name!r}")
    if truth["account_id"].n_unique() < truth.height:
        raise RejectedTable("table 'truth' repeats an 'account_id'; each may stand once")
    truth = truth.drop_nulls("person_id")
    known = accounts.join(truth.select("account_id"), on="account_id", how="semi")
    ready = pairing.prepare(known)
    persons = ready.traits.select("account_id").join(truth, on="account_id", how="left", maintain_order="left")
    persons = ready.traits.select("population", "place").with_columns(persons["person_id"]).with_row_index("row")
    proposed = ready.candidates(same_platform=False).candidates.select("left", "right")
    others = pl.concat([_missed(persons, proposed), _random(persons, proposed, seed)])
    pairs = pl.concat(
        [
            proposed.with_columns(pl.lit(value=True).alias("candidate")),
            others.with_columns(pl.lit(value=False).alias("candidate")),
        ]
    )
    if not pairs.height:
        raise RejectedTable("table 'truth' names no two of the accounts in different places: nothing to learn from")
    spread = pairing.pairs_per_account(ready.traits, same_platform=False)
    return Examples(_labelled(ready, pairs, persons, spread, model), model.prior_bits)


def matches_per_account(accounts: pl.DataFrame, truth: pl.DataFrame) -> float:
    """Give the mean over sets of true pairs across platforms per account: what the prior is made from."""
    names = ["dataset"] if "dataset" in accounts.columns else []
    known = accounts.join(truth.select("account_id", "person_id"), on="account_id").with_columns(
        pl.lit("").alias("set") if not names else pl.col("dataset").alias("set")
    )
    by_platform = known.group_by("set", "person_id", "platform").len()
    pairs = by_platform.group_by("set", "person_id").agg(
        ((pl.col("len").sum() ** 2 - (pl.col("len") ** 2).sum()) / 2).alias("pairs")
    )
    rates = pairs.group_by("set").agg(pl.col("pairs").sum()).join(known.group_by("set").len(), on="set")
    rate = rates.select((pl.col("pairs") / pl.col("len")).mean()).item()
    return float(rate or 0.0)


def levels_of(found: Examples, model: Model) -> dict[str, tuple[Level, ...]]:
    """Count m and u of the learned comparisons' levels in the examples.

    Other comparisons' stay the model's, and those whose u is that of a reference rarity.
    """
    made = dict(model.levels)
    weight, true = found.pairs["weight"].to_numpy(), found.pairs["is_true"].to_numpy()
    for name in LEARNED:
        if any(level.slope for level in made[name]):
            continue
        level = found.pairs[f"{name}_level"].fill_null(-1).to_numpy()
        m, u = (_shares(level[of], weight[of], len(made[name])) for of in (true, ~true))
        made[name] = tuple(replace(one, m=a, u=b) for one, a, b in zip(made[name], m, u, strict=True))
    return made


def _shares(level: np.ndarray, weight: np.ndarray, size: int) -> list[float]:
    seen = level >= 0
    counts = np.bincount(level[seen], weights=weight[seen], minlength=size) + LEAST_SHARE * max(weight[seen].sum(), 1.0)
    return [float(f"{share:.4g}") for share in counts / counts.sum()]


def _labelled(
    ready: pairing.Prepared, pairs: pl.DataFrame, persons: pl.DataFrame, spread: pl.DataFrame, model: Model
) -> pl.DataFrame:
    plain = replace(model, learned=None)
    parts = []
    for part in pairs.iter_slices(pairing.CHUNK):
        levels, measured = ready.measured(part.select("left", "right"))
        bits = score.level_bits(score.observed(levels), levels.height, plain)
        other = bits[:, score.NOT_LEARNED].sum(axis=1)
        parts.append(pl.concat([part, measured], how="horizontal").with_columns(pl.Series("other_bits", other)))
    made = pl.concat(parts)
    sides = [persons[made[side]] for side in ("left", "right")]
    wide = persons.select("population").join(spread, on="population", how="left", maintain_order="left")[made["left"]]
    prior = score.prior_bits(model, wide["pairs_per_account"].to_numpy(), np.zeros(made.height, dtype=np.bool_))
    made = made.with_columns(
        sides[0]["place"].alias("left_place"),
        sides[1]["place"].alias("right_place"),
        (sides[0]["person_id"] == sides[1]["person_id"]).alias("is_true"),
        sides[0]["population"].alias("set"),
        wide["pairs"].alias("all_pairs"),
        pl.Series("prior_bits", prior),
    )
    return made.with_columns(_weight()).drop("all_pairs")


def _weight() -> pl.Expr:
    """Let random pairs stand for all that were not proposed, and sets count by the root of their size."""
    drawn = ~pl.col("candidate") & ~pl.col("is_true")
    proposed, random = pl.col("candidate").sum().over("set"), drawn.sum().over("set")
    stands_for = pl.when(drawn).then((pl.col("all_pairs") - proposed) / random).otherwise(1.0)
    even = 1.0 / pl.max_horizontal(proposed, 1).sqrt()
    mean = (even * pl.col("candidate")).sum() / pl.max_horizontal(pl.col("candidate").sum(), 1)
    return (stands_for * even / mean).alias("weight")


def _missed(persons: pl.DataFrame, proposed: pl.DataFrame) -> pl.DataFrame:
    """List the true pairs across places that blocking did not propose."""
    known = persons.drop_nulls("person_id").filter(
        pl.len().over("population", "person_id").is_between(2, MOST_ACCOUNTS)
    )
    both = known.join(known, on=["population", "person_id"], suffix="_r").filter(
        (pl.col("row") < pl.col("row_r")) & (pl.col("place") != pl.col("place_r"))
    )
    true = both.select(pl.col("row").alias("left"), pl.col("row_r").alias("right"))
    return true.join(proposed, on=["left", "right"], how="anti").sort("left", "right")


def _random(persons: pl.DataFrame, proposed: pl.DataFrame, seed: int) -> pl.DataFrame:
    """Draw pairs of two persons in two places that were not proposed."""
    random = np.random.default_rng(seed)
    drawn = []
    for _, members in persons.group_by("population", maintain_order=True):
        rows = members["row"].to_numpy()
        two = np.sort(random.choice(rows, size=(RANDOM_PER_SET, 2)), axis=1)
        drawn.append(pl.DataFrame({"left": two[:, 0], "right": two[:, 1]}, schema_overrides=_PAIR))
    pairs = pl.concat(drawn).unique() if drawn else pl.DataFrame(schema=_PAIR)
    sides = [persons[pairs[side]] for side in ("left", "right")]
    differ = (sides[0]["place"] != sides[1]["place"]) & (sides[0]["person_id"] != sides[1]["person_id"])
    return pairs.filter(differ).join(proposed, on=["left", "right"], how="anti").sort("left", "right")


_PAIR = {"left": pl.UInt32, "right": pl.UInt32}
