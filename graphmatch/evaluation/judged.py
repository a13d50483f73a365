"""Matches held against a truth: which pairs count, which of them are true, how many true pairs there are."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from graphmatch.errors import RejectedTable

#: A pair of this probability or more is a link: the tool's own fixed threshold.
LINK = 0.5
#: What the accounts of a table without a column ``dataset`` are called together.
ONE_SET = "all"


@dataclass(frozen=True, slots=True)
class Judged:
    """What `judge` gives.

    Attributes
    ----------
    pairs
        The pairs that count and can be judged, most probable first: ``set, left, right, left_platform,
        right_platform, match_probability, is_true``; each pair once, ``left < right``.
    open_pairs
        Pairs that would count, but the truth is silent on one of their accounts: the same columns, ``is_true`` null.
    accounts
        ``account_id, set, platform, person_id`` (null: the truth is silent) and ``counted``: whether its platform is
        large enough to count.
    sets
        One row a set, in order of name: ``set, accounts, true_pairs``.
    unknown_accounts
        How many rows of the truth name an account that is not in the accounts table.
    unknown_pairs
        How many matches name such an account.
    """

    pairs: pl.DataFrame
    open_pairs: pl.DataFrame
    accounts: pl.DataFrame
    sets: pl.DataFrame
    unknown_accounts: int
    unknown_pairs: int


def judge(matches: pl.DataFrame, accounts: pl.DataFrame, truth: pl.DataFrame, *, least: int = 10) -> Judged:
    """Hold matches against a truth.

    Parameters
    ----------
    matches
        ``left, right`` (account ids, either way round) and ``match_probability`` in [0, 1]. Of a pair that stands
        twice the higher probability counts.
    accounts
        ``account_id, platform``, and ``dataset`` if there are several sets.
    truth
        ``account_id, person_id``. An account that it leaves out, or whose ``person_id`` is null, is unknown: pairs
        with it are neither true nor false. Accounts that it names and that are not there are counted.
    least
        Platforms with fewer accounts in a set are left out of it.

    Raises
    ------
    RejectedTable
        A column is missing or null, an ``account_id`` stands twice, or a probability lies outside [0, 1].
    """
    population = pl.col("dataset").cast(pl.String).fill_null("") if "dataset" in accounts.columns else pl.lit(ONE_SET)
    known = _texts("accounts", accounts, ["account_id", "platform"], population.alias("set"))
    _once("accounts", known)
    people = _texts("truth", truth, ["account_id"], *_persons(truth))
    _once("truth", people)
    placed = (
        known.join(people, on="account_id", how="left", maintain_order="left")
        .with_columns((pl.len().over("set", "platform") >= least).alias("counted"))
        .sort("account_id")
    )
    told, stranded = _pairs(_probable(matches), placed)
    return Judged(
        pairs=told.filter(pl.col("is_true").is_not_null()),
        open_pairs=told.filter(pl.col("is_true").is_null()),
        accounts=placed.select("account_id", "set", "platform", "person_id", "counted"),
        sets=_sets(placed),
        unknown_accounts=people.join(known, on="account_id", how="anti").height,
        unknown_pairs=stranded,
    )


def true_pairs(counted: pl.DataFrame) -> int:
    """Count the pairs of accounts of one person on two platforms, without listing them.

    Parameters
    ----------
    counted
        ``set, person_id, platform, len``: how many accounts a person has on a platform. Platforms may repeat.
    """
    places = counted.group_by("set", "person_id", "platform").agg(pl.col("len").cast(pl.Int64).sum())
    persons = places.group_by("set", "person_id").agg(
        (pl.col("len").sum().pow(2) - pl.col("len").pow(2).sum()).floordiv(2).alias("pairs")
    )
    return int(persons["pairs"].sum())


def per_place(accounts: pl.DataFrame, *by: str) -> pl.DataFrame:
    """Count the accounts of a `Judged` that can be in true pairs: ``set, person_id, platform``, ``by``, ``len``."""
    able = accounts.filter(pl.col("counted") & pl.col("person_id").is_not_null())
    return able.group_by("set", "person_id", "platform", *by).len()


def _texts(table: str, rows: pl.DataFrame, names: list[str], *others: pl.Expr) -> pl.DataFrame:
    _present(table, rows, names)
    return rows.select(*[pl.col(name).cast(pl.String) for name in names], *others)


def _present(table: str, rows: pl.DataFrame, names: list[str]) -> None:
    for name in names:
        if name not in rows.columns:
            raise RejectedTable(f"table {table!r} lacks the column {name!r}; it has {rows.columns}")
        if empty := rows[name].null_count():
            raise RejectedTable(f"table {table!r}: {name!r} is null in {empty} rows; fill them or take them out")


def _persons(truth: pl.DataFrame) -> list[pl.Expr]:
    if "person_id" not in truth.columns:
        raise RejectedTable(f"table 'truth' lacks the column 'person_id'; it has {truth.columns}")
    return [pl.col("person_id").cast(pl.String)]


def _once(table: str, rows: pl.DataFrame) -> None:
    if repeated := rows.height - rows["account_id"].n_unique():
        raise RejectedTable(f"table {table!r}: {repeated} rows repeat an 'account_id'; each may stand once")


def _probable(matches: pl.DataFrame) -> pl.DataFrame:
    _present("matches", matches, ["left", "right", "match_probability"])
    one, two = pl.col("left").cast(pl.String), pl.col("right").cast(pl.String)
    told = matches.select(
        pl.min_horizontal(one, two).alias("left"),
        pl.max_horizontal(one, two).alias("right"),
        pl.col("match_probability").cast(pl.Float64, strict=False),
    )
    # Not-a-number is no probability either, and polars holds it greater than all others.
    amiss = told.height - int(told["match_probability"].is_between(0, 1).sum())
    if amiss:
        raise RejectedTable(f"table 'matches': 'match_probability' is no number in [0, 1] in {amiss} rows")
    return told.group_by("left", "right").agg(pl.col("match_probability").max())


def _pairs(matches: pl.DataFrame, placed: pl.DataFrame) -> tuple[pl.DataFrame, int]:
    """Give the pairs that count, and how many name an account that is not there."""
    ends = placed.select("account_id", "set", "platform", "person_id", "counted")
    left, right = (
        ends.rename({name: f"{side}_{name}" for name in ends.columns if name != "account_id"} | {"account_id": side})
        for side in ("left", "right")
    )
    both = matches.join(left, on="left").join(right, on="right")
    pairs = both.filter(
        (pl.col("left") != pl.col("right"))
        & (pl.col("left_set") == pl.col("right_set"))
        & (pl.col("left_platform") != pl.col("right_platform"))
        & pl.col("left_counted")
        & pl.col("right_counted")
    ).select(
        pl.col("left_set").alias("set"),
        "left",
        "right",
        "left_platform",
        "right_platform",
        "match_probability",
        (pl.col("left_person_id") == pl.col("right_person_id")).alias("is_true"),
    )
    ordered = pairs.sort("set", "match_probability", "left", "right", descending=[False, True, False, False])
    return ordered, matches.height - both.height


def _sets(placed: pl.DataFrame) -> pl.DataFrame:
    sizes = placed.group_by("set").agg(pl.len().cast(pl.Int64).alias("accounts")).sort("set")
    places = per_place(placed)
    counts = [true_pairs(places.filter(pl.col("set") == name)) for name in sizes["set"]]
    return sizes.with_columns(pl.Series("true_pairs", counts, dtype=pl.Int64))
