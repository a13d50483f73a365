"""The numbers, against values worked out by hand and by other means."""

from __future__ import annotations

import itertools
import math
from typing import Any

import networkx as nx
import numpy as np
import polars as pl
import pytest
from evaluation_world import accounts_of, matches_of, truth_of
from hypothesis import given, settings
from hypothesis import strategies as st

from graphmatch.evaluation import (
    average_precision,
    best_f1,
    brier,
    expected_calibration_error,
    judge,
    measures,
    reliability,
)
from graphmatch.evaluation.clusters import b_cubed, components

PAIRS = st.lists(st.tuples(st.sampled_from([0.0, 0.1, 0.3, 0.5, 0.8, 1.0]), st.booleans()), min_size=1, max_size=20)


def three_persons() -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Give 3 persons with an account each on x and reddit: 3 true pairs, 2 of them links, 1 link false."""
    accounts = accounts_of(*[(f"{platform[0]}{n}", platform) for platform in ("x", "reddit") for n in "123"])
    truth = truth_of({f"{side}{n}": f"p{n}" for side in "xr" for n in "123"})
    matches = matches_of(("x1", "r1", 0.95), ("x2", "r2", 0.6), ("x2", "r3", 0.5), ("x3", "r3", 0.4), ("x1", "r2", 0.1))
    return matches, accounts, truth


def test_measures_by_hand() -> None:
    found = measures(judge(*three_persons(), least=1))
    row = found["pooled"]
    assert (row["accounts"], row["true_pairs"], row["pairs"], row["links"]) == (6, 3, 5, 3)
    assert (row["precision"], row["recall"], row["f1"]) == pytest.approx((2 / 3, 2 / 3, 2 / 3))
    assert (row["pairs_at_0.9"], row["precision_at_0.9"]) == (1, 1.0)
    assert (row["pairs_at_0.99"], row["precision_at_0.99"]) == (0, None)
    # At 0.4: 3 of 4 right, all found.
    assert (row["best_f1"], row["best_threshold"]) == pytest.approx((6 / 7, 0.4))
    assert row["average_precision"] == pytest.approx((1 + 1 + 3 / 4) / 3)
    assert row["blocking_recall"] == 1.0
    assert row["brier"] == pytest.approx((0.05**2 + 0.4**2 + 0.5**2 + 0.6**2 + 0.1**2) / 5)
    # Components: {x1 r1} {x2 r2 r3} {x3}.
    precision = (1 + 1 + 2 / 3 + 2 / 3 + 1 / 3 + 1) / 6
    recall = (4 + 1 / 2 + 1 / 2) / 6
    assert row["b_cubed_precision"] == pytest.approx(precision)
    assert row["b_cubed_recall"] == pytest.approx(recall)
    assert row["b_cubed_f1"] == pytest.approx(2 * precision * recall / (precision + recall))
    assert "actors_b_cubed_f1" not in found["macro"]


def test_blocking_misses_what_was_not_given() -> None:
    matches, accounts, truth = three_persons()
    given_pairs = matches.filter(pl.col("match_probability") != 0.4)
    row = measures(judge(given_pairs, accounts, truth, least=1))["pooled"]
    assert row["blocking_recall"] == pytest.approx(2 / 3)
    assert row["average_precision"] == pytest.approx(2 / 3)


def test_actors_that_somebody_resolved() -> None:
    right = pl.DataFrame({"account_id": ["x1", "r1", "x2", "r2"], "cluster": ["1", "1", "2", "2"]})
    found = measures(judge(*three_persons(), least=1), right)
    assert found["pooled"]["actors_b_cubed_precision"] == 1.0
    assert found["macro"]["actors_b_cubed_recall"] == pytest.approx((4 + 1 / 2 + 1 / 2) / 6)


def test_macro_is_the_mean_over_sets_that_have_the_rate() -> None:
    accounts = accounts_of(
        ("x1", "x"), ("r1", "reddit"), ("x2", "x"), ("r2", "reddit"), ("x3", "x"), ("r3", "reddit"),
        sets=["one", "one", "two", "two", "none", "none"],
    )  # fmt: skip
    truth = truth_of({"x1": "a", "r1": "a", "x2": "b", "r2": "b", "x3": "c", "r3": "d"})
    found = measures(judge(matches_of(("x1", "r1", 0.9), ("x2", "r2", 0.2)), accounts, truth, least=1))
    assert list(found["sets"]) == ["none", "one", "two"]
    assert found["macro"]["f1"] == pytest.approx((1 + 0) / 2)
    assert found["macro"]["precision"] == 1.0
    assert found["macro"]["best_f1"] == 1.0
    assert found["sets"]["none"]["recall"] is None
    assert found["pooled"]["f1"] == pytest.approx(2 / 3)


def test_empty_tables_give_zeros_and_nothing_else() -> None:
    empty = pl.DataFrame(schema={"account_id": pl.String, "platform": pl.String, "person_id": pl.String})
    found = measures(judge(matches_of(), empty, empty))
    assert found["sets"] == {}
    assert (found["pooled"]["true_pairs"], found["pooled"]["f1"], found["pooled"]["brier"]) == (0, None, None)
    matches, accounts, truth = three_persons()
    silent = measures(judge(matches, accounts, truth[:0], least=1))
    assert (silent["unlabelled_accounts"], silent["open_pairs"]) == (6, 5)
    assert silent["macro"]["b_cubed_f1"] is None
    unmatched = measures(judge(matches[:0], accounts, truth, least=1))["macro"]
    assert (unmatched["precision"], unmatched["recall"], unmatched["f1"]) == (None, 0, 0)
    assert (unmatched["best_f1"], unmatched["average_precision"], unmatched["b_cubed_precision"]) == (0, 0, 1)


def test_reliability_by_hand() -> None:
    table = reliability([0.0, 0.1, 0.2, 1.0, 0.9, 0.95], [False, False, True, True, True, False], bins=5)
    assert table["n"].to_list() == [2, 1, 0, 0, 3]
    assert table["mean_probability"].to_list() == pytest.approx([0.05, 0.2, None, None, 0.95])
    assert table["observed_share"].to_list() == pytest.approx([0, 1, None, None, 2 / 3])
    assert table["low"].to_list() == pytest.approx([0, 0.2, 0.4, 0.6, 0.8])
    error = (2 * 0.05 + 1 * 0.8 + 3 * (0.95 - 2 / 3)) / 6
    assert expected_calibration_error([0.0, 0.1, 0.2, 1.0, 0.9, 0.95], [0, 0, 1, 1, 1, 0], bins=5) == pytest.approx(
        error
    )


@given(st.integers(1, 30), st.data())
@settings(deadline=None)
def test_a_probability_lies_in_the_bin_whose_edges_hold_it(bins: int, data: st.DataObject) -> None:
    edge = st.integers(0, bins).map(lambda place: place / bins)
    p = data.draw(st.one_of(edge, st.floats(0, 1)))
    row = reliability([p], [True], bins).filter(pl.col("n") > 0).row(0, named=True)
    assert row["low"] <= p < row["high"] or p == row["high"] == 1.0


def test_nothing_to_measure() -> None:
    assert (brier([], []), expected_calibration_error([], [])) == (None, None)
    assert (best_f1([0.5], [0], 0), average_precision([0.5], [0], 0)) == (None, None)
    assert average_precision([], [], 3) == 0.0


@given(PAIRS, st.integers(0, 5))
@settings(deadline=None)
def test_ranking_against_every_threshold(pairs: list[tuple[float, bool]], unseen: int) -> None:
    p, y = [one for one, _ in pairs], [two for _, two in pairs]
    total = sum(y) + unseen
    if not total:
        return
    points = []
    for threshold in sorted(set(p), reverse=True):
        kept = [so for said, so in pairs if said >= threshold]
        points.append((sum(kept) / len(kept), sum(kept) / total, threshold))
    f1 = max(2 * a * b / (a + b) if a + b else 0.0 for a, b, _ in points)
    found = best_f1(p, y, total)
    assert found is not None
    assert found.f1 == pytest.approx(f1)
    recalls = [0.0, *(recall for _, recall, _ in points)]
    area = sum(a * (new - old) for (a, *_), (old, new) in zip(points, itertools.pairwise(recalls), strict=True))
    assert average_precision(p, y, total) == pytest.approx(area)


@given(PAIRS, st.randoms(use_true_random=False))
@settings(deadline=None)
def test_order_of_pairs_changes_nothing(pairs: list[tuple[float, bool]], random: Any) -> None:
    shuffled = random.sample(pairs, len(pairs))
    for measure in (brier, expected_calibration_error):
        assert measure(*zip(*pairs, strict=True)) == pytest.approx(measure(*zip(*shuffled, strict=True)))
    for ranked in (best_f1, average_precision):
        assert ranked(*zip(*pairs, strict=True), 30) == pytest.approx(ranked(*zip(*shuffled, strict=True), 30))


def test_probabilities_that_mean_what_they_say_err_little() -> None:
    random = np.random.default_rng(5)
    p = random.random(40_000)
    y = random.random(40_000) < p
    assert expected_calibration_error(p, y) < 0.01
    assert expected_calibration_error(p**3, y) > 0.1
    assert math.isclose(brier(p, y), 1 / 6, abs_tol=0.005)


@given(st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=12), st.lists(st.integers(0, 3), min_size=8))
@settings(deadline=None)
def test_groups_and_b_cubed_against_networkx(edges: list[tuple[int, int]], persons: list[int]) -> None:
    accounts = accounts_of(*[(f"a{n}", f"p{n}") for n in range(8)])
    truth = truth_of({f"a{n}": str(persons[n]) for n in range(8) if n})  # the truth is silent on a0
    edges = [(one, two) for one, two in edges if one != two]
    judged = judge(matches_of(*[(f"a{a}", f"a{b}", 0.5) for a, b in edges]), accounts, truth, least=1)
    graph = nx.Graph(edges)
    graph.add_nodes_from(range(8))
    cube = b_cubed(judged, components(judged)).sort("account_id")
    assert cube["account_id"].to_list() == [f"a{n}" for n in range(1, 8)]
    for n, precision, recall in zip(range(1, 8), cube["precision"], cube["recall"], strict=True):
        cluster = nx.node_connected_component(graph, n) - {0}
        own = {m for m in range(1, 8) if persons[m] == persons[n]}
        assert precision == pytest.approx(len(cluster & own) / len(cluster))
        assert recall == pytest.approx(len(cluster & own) / len(own))
