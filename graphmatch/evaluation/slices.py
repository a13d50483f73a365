"""Whom errors fall on: false-link and missed-link rates by how an account is written and where it is.

No slice guesses anybody's origin: they are what can be seen of a name (its script, letters beyond ASCII, how common its
words are in the set, whether there is one) and the platform. A pair belongs to every slice that one of its two accounts
is in; a pair of platforms is a slice of its own.

``script``
    Of the display name's letters: latin, cyrillic, greek, arabic, han, other, mixed, none.
``letters``
    Of the display name: ``ascii``, or ``beyond_ascii`` (accents, other scripts); without a name, neither.
``commonness``
    By the rarest word of the display name: how many persons of the set are called by it (an account the truth is
    silent on counts as a person). ``rare``: less than a third of the set's named accounts have a rarer name;
    ``middle``: less than two thirds; ``common``: the rest. Equals stay together, so that one may be empty.
``naming``
    ``named``, or ``handle_only``: no display name observed.
``platform``, ``platform_pair``
    The column as it stands.
"""

from __future__ import annotations

from math import sqrt

import polars as pl

from graphmatch.evaluation.judged import LINK, Judged, per_place, true_pairs
from graphmatch.evaluation.naming import named

#: Slices of accounts, in the order in which they are told.
TOUCHED = ("script", "letters", "commonness", "naming", "platform")
#: What is counted of pairs.
COUNTS = ("links", "false_links", "found", "false_candidates")
#: A slice whose false-link rate is over so many times the average is unfair,
TOO_MANY = 2.0
#: unless it has fewer links than this: then chance alone makes such rates.
ENOUGH_LINKS = 30
#: Standard errors of a two-sided 95 % interval.
Z_95 = 1.959964


def slices(judged: Judged, accounts: pl.DataFrame) -> pl.DataFrame:
    """Count errors by slice, over all sets.

    Parameters
    ----------
    judged
        What `judge` gave.
    accounts
        The accounts table that was judged, for ``handle`` and ``display_name``.

    Returns
    -------
    polars.DataFrame
        The first row (``all, all``) is the average that the others are held against. Columns:

        - ``slice, value``; ``true_pairs``, ``links`` (probability ≥ one half), ``false_links``, ``missed`` (true pairs
          that are no links, proposed or not), ``false_candidates`` (judged pairs that are not true);
        - ``false_link_rate`` (of links), ``false_candidate_rate`` (false links of false candidates),
          ``missed_link_rate`` (of true pairs); null without a denominator;
        - ``false_link_ratio, false_candidate_ratio, missed_link_ratio``: each rate over the average one;
        - ``false_link_low, _high, missed_link_low, _high``: Wilson 95 % intervals;
        - ``over_twice``: the false-link rate is over twice the average; ``significant``: there are at least
          `ENOUGH_LINKS` links and the interval's lower end exceeds the average; ``over``: both.
    """
    traits = _traits(judged, accounts)
    cells, places = _cells(judged.pairs, traits), per_place(traits)
    parts = [
        _tally(cells.with_columns(pl.lit("all").alias("value")), "all", {"all": true_pairs(places)}),
        *[_touched(cells, traits, name) for name in TOUCHED],
        _platform_pairs(cells, places),
    ]
    return _rated(pl.concat(parts))


def unfair(table: pl.DataFrame) -> list[str]:
    """Say which `slices` are over: one sentence each, none if all is fair. A model that has any must not ship."""
    if table.is_empty():
        return []
    average = table["false_link_rate"][0]
    return [
        f"{row['slice']} {row['value']}: {row['false_link_rate']:.1%} of {row['links']:,} links are false, "
        f"{row['false_link_ratio']:.1f} times the average of {average:.1%} "
        f"(95 % interval {row['false_link_low']:.1%} to {row['false_link_high']:.1%})"
        for row in table.filter(pl.col("over")).iter_rows(named=True)
    ]


def wilson(part: int, whole: int) -> tuple[float, float] | None:
    """Give the 95 % interval of a share (Wilson 1927); ``None`` of nothing."""
    if not whole:
        return None
    share, spread = part / whole, Z_95**2 / whole
    middle = (share + spread / 2) / (1 + spread)
    half = sqrt(share * (1 - share) * spread + spread**2 / 4) / (1 + spread)
    return max(middle - half, 0.0), min(middle + half, 1.0)


def _traits(judged: Judged, accounts: pl.DataFrame) -> pl.DataFrame:
    called = named(accounts)
    known = judged.accounts.join(called, on="account_id", how="left", maintain_order="left")
    naming = (
        pl.when(pl.col("words").is_not_null())
        .then(pl.lit("named"))
        .when(pl.col("handle").is_not_null())
        .then(pl.lit("handle_only"))
    )
    return known.with_columns(naming.alias("naming")).join(
        _commonness(known), on="account_id", how="left", maintain_order="left"
    )


def _commonness(known: pl.DataFrame) -> pl.DataFrame:
    person = pl.struct("person_id", pl.when(pl.col("person_id").is_null()).then("account_id").alias("lone"))
    word = (
        known.select("account_id", "set", person.alias("person"), pl.col("words").alias("word"))
        .drop_nulls("word")
        .explode("word")
    )
    rarest = (
        word.with_columns(pl.col("person").n_unique().over("set", "word").alias("persons"))
        .group_by("account_id", "set")
        .agg(pl.col("persons").min())
    )
    rarer = (pl.col("persons").rank("min").over("set") - 1) * 3
    third = (
        pl.when(rarer < pl.len().over("set"))
        .then(pl.lit("rare"))
        .when(rarer < 2 * pl.len().over("set"))
        .then(pl.lit("middle"))
        .otherwise(pl.lit("common"))
    )
    return rarest.select("account_id", third.alias("commonness"))


def _cells(pairs: pl.DataFrame, traits: pl.DataFrame) -> pl.DataFrame:
    """Count pairs by the traits of both their accounts: ``left_<trait>, right_<trait>`` and `COUNTS`."""
    known = traits.select("account_id", *TOUCHED)
    both = pairs.select("left", "right", "match_probability", "is_true")
    for side in ("left", "right"):
        ends = known.rename({"account_id": side} | {name: f"{side}_{name}" for name in TOUCHED})
        both = both.join(ends, on=side, how="left")
    link, true = pl.col("match_probability") >= LINK, pl.col("is_true")
    counts = (link, link & ~true, link & true, ~true)
    return both.group_by([f"{side}_{name}" for side in ("left", "right") for name in TOUCHED]).agg(
        count.sum().cast(pl.Int64).alias(name) for name, count in zip(COUNTS, counts, strict=True)
    )


def _touched(cells: pl.DataFrame, traits: pl.DataFrame, name: str) -> pl.DataFrame:
    left, right = pl.col(f"left_{name}"), pl.col(f"right_{name}")
    touched = pl.concat(
        [
            cells.select(left.alias("value"), *COUNTS),
            cells.filter(left.ne_missing(right)).select(right.alias("value"), *COUNTS),
        ]
    )
    places = per_place(traits.with_columns(pl.col(name).alias("value")), "value")
    every = true_pairs(places)
    values = places["value"].drop_nulls().unique().to_list()
    # Pairs that touch a value are all but those between accounts without it.
    counts = {v: every - true_pairs(places.filter(pl.col("value").ne_missing(v))) for v in values}
    return _tally(touched.drop_nulls("value"), name, counts)


def _platform_pairs(cells: pl.DataFrame, places: pl.DataFrame) -> pl.DataFrame:
    def joined(one: str, two: str) -> pl.Expr:
        return pl.concat_str(pl.min_horizontal(one, two), pl.lit(" - "), pl.max_horizontal(one, two)).alias("value")

    sized = places.with_columns(pl.col("len").cast(pl.Int64))
    met = sized.join(sized, on=["set", "person_id"], suffix="_two").filter(pl.col("platform") < pl.col("platform_two"))
    counts = met.group_by(joined("platform", "platform_two")).agg((pl.col("len") * pl.col("len_two")).sum())
    paired = cells.with_columns(joined("left_platform", "right_platform"))
    return _tally(paired, "platform_pair", dict(counts.iter_rows()))


def _tally(cells: pl.DataFrame, name: str, true_by_value: dict[str, int]) -> pl.DataFrame:
    """Add up each value's errors; a value may have pairs and no true ones, or the other way round."""
    counted = cells.group_by("value").agg(pl.col(COUNTS).sum())
    known = pl.DataFrame(list(true_by_value.items()), schema={"value": pl.String, "true_pairs": pl.Int64}, orient="row")
    table = known.join(counted, on="value", how="full", coalesce=True).with_columns(
        pl.exclude("value").fill_null(0), pl.lit(name).alias("slice")
    )
    return table.select(
        "slice",
        "value",
        "true_pairs",
        "links",
        "false_links",
        (pl.col("true_pairs") - pl.col("found")).alias("missed"),
        "false_candidates",
    ).sort("value")


def _rated(table: pl.DataFrame) -> pl.DataFrame:
    parts = {
        "false_link": ("false_links", "links"),
        "false_candidate": ("false_links", "false_candidates"),
        "missed_link": ("missed", "true_pairs"),
    }
    rates = [
        pl.when(pl.col(whole) > 0).then(pl.col(part) / pl.col(whole)).alias(f"{name}_rate")
        for name, (part, whole) in parts.items()
    ]
    table = table.with_columns(rates)
    average = {name: table[f"{name}_rate"][0] for name in parts}
    ratios = [
        (pl.col(f"{name}_rate") / average[name] if average[name] else pl.lit(None, pl.Float64)).alias(f"{name}_ratio")
        for name in parts
    ]
    table = table.with_columns(ratios)
    for name in ("false_link", "missed_link"):
        ends = [wilson(part, whole) or (None, None) for part, whole in table.select(parts[name]).iter_rows()]
        table = table.with_columns(
            pl.Series(f"{name}_low", [low for low, _ in ends], dtype=pl.Float64),
            pl.Series(f"{name}_high", [high for _, high in ends], dtype=pl.Float64),
        )
    middle = pl.lit(average["false_link"], pl.Float64)
    return table.with_columns(
        (pl.col("false_link_ratio") > TOO_MANY).fill_null(value=False).alias("over_twice"),
        ((pl.col("links") >= ENOUGH_LINKS) & (pl.col("false_link_low") > middle))
        .fill_null(value=False)
        .alias("significant"),
    ).with_columns((pl.col("over_twice") & pl.col("significant")).alias("over"))
