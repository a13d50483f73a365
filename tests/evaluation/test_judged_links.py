"""Which pairs count, and which of them are true."""

from __future__ import annotations

import itertools
from collections import Counter

import polars as pl
import pytest
from evaluation_world import accounts_of, matches_of, truth_of
from hypothesis import given, settings
from hypothesis import strategies as st

from graphmatch.errors import RejectedTable
from graphmatch.evaluation import judge

ACCOUNTS = accounts_of(("x1", "x"), ("x2", "x"), ("x3", "x"), ("r1", "reddit"), ("r2", "reddit"), ("m1", "mastodon"))
TRUTH = truth_of({"x1": "ann", "x2": "bo", "r1": "ann", "r2": "bo", "x3": "ann"})


def test_only_pairs_on_two_platforms_of_one_set_count() -> None:
    matches = matches_of(("x1", "r1", 0.9), ("x1", "x3", 0.9), ("x1", "x1", 0.9), ("x2", "r1", 0.4))
    judged = judge(matches, ACCOUNTS, TRUTH, least=1)
    assert judged.pairs.select("left", "right", "is_true").rows() == [("r1", "x1", True), ("r1", "x2", False)]
    split = ACCOUNTS.with_columns(pl.Series("dataset", ["a", "b", "b", "b", "b", "b"]))
    apart = judge(matches, split, TRUTH, least=1)
    assert apart.pairs.select("left", "right").rows() == [("r1", "x2")]
    assert apart.sets.rows() == [("a", 1, 0), ("b", 5, 2)]


def test_true_pairs_are_counted_whether_matched_or_not() -> None:
    assert judge(matches_of(), ACCOUNTS, TRUTH, least=1).sets.rows() == [("all", 6, 3)]


def test_small_platforms_are_left_out() -> None:
    matches = matches_of(("x1", "r1", 0.9), ("x1", "m1", 0.9))
    judged = judge(matches, ACCOUNTS, truth_of({"x1": "ann", "r1": "ann", "m1": "ann"}), least=2)
    assert judged.pairs.select("left", "right").rows() == [("r1", "x1")]
    assert judged.sets.rows() == [("all", 6, 1)]
    assert judged.accounts.filter(~pl.col("counted"))["account_id"].to_list() == ["m1"]


def test_accounts_without_a_person_are_neither_right_nor_wrong() -> None:
    judged = judge(matches_of(("x1", "m1", 0.9), ("x2", "r2", 0.9)), ACCOUNTS, TRUTH, least=1)
    assert judged.pairs.select("left", "right").rows() == [("r2", "x2")]
    assert judged.open_pairs.select("left", "right", "is_true").rows() == [("m1", "x1", None)]
    silent = truth_of({"x1": "ann", "x2": None, "r2": None})
    assert judge(matches_of(("x2", "r2", 0.9)), ACCOUNTS, silent, least=1).pairs.is_empty()


def test_a_pair_that_stands_twice_counts_once_with_the_higher_probability() -> None:
    judged = judge(matches_of(("x1", "r1", 0.2), ("r1", "x1", 0.7)), ACCOUNTS, TRUTH, least=1)
    assert judged.pairs["match_probability"].to_list() == [0.7]


def test_unknown_accounts_are_counted_and_not_fatal() -> None:
    truth = pl.concat([TRUTH, truth_of({"nobody": "ann", "nowhere": "cy"})])
    judged = judge(matches_of(("x1", "nobody", 0.9), ("x1", "r1", 0.9)), ACCOUNTS, truth, least=1)
    assert (judged.unknown_accounts, judged.unknown_pairs) == (2, 1)
    assert judged.sets["true_pairs"].to_list() == [3]


@pytest.mark.parametrize(
    ("accounts", "truth", "matches", "words"),
    [
        (pl.concat([ACCOUNTS, ACCOUNTS[:2]]), TRUTH, matches_of(), ("accounts", "2 rows", "account_id")),
        (ACCOUNTS, pl.concat([TRUTH, TRUTH[:1]]), matches_of(), ("truth", "1 rows", "account_id")),
        (ACCOUNTS, TRUTH.drop("person_id"), matches_of(), ("truth", "person_id")),
        (ACCOUNTS, TRUTH.drop("account_id"), matches_of(), ("truth", "account_id")),
        (ACCOUNTS.drop("platform"), TRUTH, matches_of(), ("accounts", "platform")),
        (ACCOUNTS.with_columns(platform=None), TRUTH, matches_of(), ("accounts", "platform", "null")),
        (ACCOUNTS, TRUTH, matches_of().drop("match_probability"), ("matches", "match_probability")),
        (ACCOUNTS, TRUTH, matches_of(("x1", "r1", 1.5)), ("matches", "match_probability")),
        (ACCOUNTS, TRUTH, matches_of(("x1", "r1", float("nan"))), ("matches", "match_probability")),
    ],
)
def test_broken_tables_are_named(accounts, truth, matches, words: tuple[str, ...]) -> None:
    with pytest.raises(RejectedTable) as caught:
        judge(matches, accounts, truth)
    assert all(word in str(caught.value) for word in words)


def test_the_files_of_other_tools_hold_numbers_and_texts() -> None:
    accounts = pl.DataFrame({"account_id": [1, 2], "platform": ["x", "reddit"]})
    truth = pl.DataFrame({"account_id": [1, 2], "person_id": [7, 7]})
    matches = pl.DataFrame({"left": ["2"], "right": ["1"], "match_probability": ["0.75"]})
    judged = judge(matches, accounts, truth, least=1)
    assert judged.pairs.select("left", "right", "match_probability", "is_true").rows() == [("1", "2", 0.75, True)]


def test_a_person_with_ten_thousand_accounts_is_counted_by_arithmetic() -> None:
    size = 10_000
    ids = [f"a{number}" for number in range(size)]
    accounts = pl.DataFrame({"account_id": ids, "platform": ["x" if n % 4 else "reddit" for n in range(size)]})
    truth = pl.DataFrame({"account_id": ids, "person_id": ["ann"] * size})
    judged = judge(matches_of(("a0", "a1", 0.9)), accounts, truth)
    assert judged.sets.rows() == [("all", size, 7_500 * 2_500)]
    assert judged.pairs["is_true"].to_list() == [True]


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("xyz"), st.sampled_from("st")), max_size=25))
@settings(deadline=None)
def test_true_pairs_are_those_that_listing_finds(drawn: list[tuple[str, str, str]]) -> None:
    rows = [(str(number), platform) for number, (_, platform, _) in enumerate(drawn)]
    accounts = accounts_of(*rows, sets=[name for *_, name in drawn])
    truth = truth_of({str(number): person for number, (person, *_) in enumerate(drawn)})
    listed = Counter(
        one[2]
        for one, two in itertools.combinations(drawn, 2)
        if one[0] == two[0] and one[1] != two[1] and one[2] == two[2]
    )
    sets = judge(matches_of(), accounts, truth, least=1).sets
    assert dict(sets.select("set", "true_pairs").iter_rows()) == {name: listed[name] for name in sets["set"]}
