"""Whom errors fall on."""

# ruff: noqa: RUF001 - names in other scripts are what these tests are about

from __future__ import annotations

import itertools
from typing import Any

import polars as pl
import pytest
from evaluation_world import accounts_of, matches_of, truth_of
from hypothesis import given, settings
from hypothesis import strategies as st

from graphmatch.evaluation import judge, slices, unfair, wilson
from graphmatch.evaluation.naming import named, script_of


def row(table: pl.DataFrame, name: str, value: str) -> dict[str, Any]:
    return table.filter((pl.col("slice") == name) & (pl.col("value") == value)).row(0, named=True)


def test_errors_are_counted_where_they_fall() -> None:
    accounts = accounts_of(
        ("x1", "x", "grimwald", "Grim Wald"), ("r1", "reddit", "grimwald"), ("x2", "x", "петр", "Петр Мур"),
        ("r2", "reddit", "petrmoor", "Petr Moor"), ("m2", "mastodon", "petr"),
    )  # fmt: skip
    truth = truth_of({"x1": "g", "r1": "g", "x2": "p", "r2": "p", "m2": "p"})
    matches = matches_of(("x1", "r1", 0.9), ("x2", "r1", 0.7), ("x2", "r2", 0.6), ("r2", "m2", 0.1), ("x1", "m2", 0.1))
    judged = judge(matches, accounts, truth, least=1)
    table = slices(judged, accounts)
    every = row(table, "all", "all")
    counts = ("true_pairs", "links", "false_links", "missed", "false_candidates")
    assert [every[name] for name in counts] == [4, 3, 1, 2, 2]
    assert every["false_link_rate"] == pytest.approx(1 / 3)
    assert (every["false_candidate_rate"], every["missed_link_rate"], every["false_link_ratio"]) == (0.5, 0.5, 1.0)
    # True pairs that touch x2: with r2 and m2. Links: with r1 (false) and r2.
    assert [row(table, "script", "cyrillic")[name] for name in counts] == [2, 2, 1, 1, 1]
    assert row(table, "script", "cyrillic")["false_link_ratio"] == pytest.approx(1.5)
    assert [row(table, "letters", "beyond_ascii")[name] for name in counts] == [2, 2, 1, 1, 1]
    assert [row(table, "naming", "handle_only")[name] for name in counts] == [3, 2, 1, 2, 2]
    assert [row(table, "platform", "mastodon")[name] for name in counts] == [2, 0, 0, 2, 1]
    assert row(table, "platform", "mastodon")["false_link_rate"] is None
    assert [row(table, "platform_pair", "reddit - x")[name] for name in counts] == [2, 3, 1, 0, 1]
    assert [row(table, "platform_pair", "mastodon - x")[name] for name in counts] == [1, 0, 0, 1, 1]


NAMES = ["", "Ann Moor", "Zoë Moor", "Анна Мур", "山田", "علي", "Ελένη", "🌾", "Ann Мур"]


@given(
    st.lists(
        st.tuples(st.sampled_from("ab"), st.sampled_from("xyz"), st.sampled_from(NAMES), st.sampled_from("st")),
        max_size=14,
    ),
    st.sets(st.tuples(st.integers(0, 13), st.integers(0, 13))),
)
@settings(deadline=None, max_examples=40)
def test_counts_are_those_that_listing_finds(drawn: list[tuple[str, ...]], linked: set[tuple[int, int]]) -> None:
    accounts = accounts_of(
        *[(f"{n:02}", row[1], "h", row[2]) for n, row in enumerate(drawn)], sets=[r[3] for r in drawn]
    )
    truth = truth_of({f"{n:02}": row[0] for n, row in enumerate(drawn)})
    given_pairs = [(f"{a:02}", f"{b:02}", 0.8) for a, b in sorted(linked) if a < b < len(drawn)]
    table = slices(judge(matches_of(*given_pairs), accounts, truth, least=1), accounts)
    for script in ("latin", "cyrillic", "none", "mixed"):
        expected = {"true_pairs": 0, "links": 0, "false_links": 0, "missed": 0}
        for (a, one), (b, two) in itertools.combinations(enumerate(drawn), 2):
            if one[1] == two[1] or one[3] != two[3] or script not in (script_of(one[2]), script_of(two[2])):
                continue
            is_true, is_link = one[0] == two[0], (a, b) in linked
            expected["true_pairs"] += is_true
            expected["links"] += is_link
            expected["false_links"] += is_link and not is_true
            expected["missed"] += is_true and not is_link
        found = table.filter((pl.col("slice") == "script") & (pl.col("value") == script))
        for name, count in expected.items():
            assert (found[name][0] if found.height else 0) == count, (script, name)
    pairs = table.filter(pl.col("slice") == "platform_pair")
    for name in ("true_pairs", "links", "false_links", "missed", "false_candidates"):
        assert pairs[name].sum() == table[name][0]


def many(false_links: int, links: int, platform: str, start: int) -> tuple[list, dict, list]:
    """Make ``links`` links from ``platform`` to x, of which some are false."""
    rows, persons, pairs = [], {}, []
    for n in range(start, start + links):
        rows += [(f"a{n}", platform), (f"b{n}", "x")]
        persons |= {f"a{n}": f"p{n}", f"b{n}": f"q{n}" if n < start + false_links else f"p{n}"}
        pairs.append((f"a{n}", f"b{n}", 0.9))
    return rows, persons, pairs


def sliced(*parts: tuple[int, int, str]) -> pl.DataFrame:
    rows, persons, pairs = [], {}, []
    for start, (false_links, links, platform) in enumerate(parts):
        more = many(false_links, links, platform, start * 10_000)
        rows, persons, pairs = rows + more[0], persons | more[1], pairs + more[2]
    accounts = accounts_of(*rows)
    return slices(judge(matches_of(*pairs), accounts, truth_of(persons), least=1), accounts)


def test_a_slice_with_many_false_links_is_over() -> None:
    table = sliced((4, 300, "mastodon"), (12, 40, "reddit"))
    found = row(table, "platform", "reddit")
    assert (found["over_twice"], found["significant"], found["over"]) == (True, True, True)
    assert not row(table, "platform", "mastodon")["over"]
    assert not row(table, "all", "all")["over"]
    said = unfair(table)
    assert [sentence.partition(":")[0] for sentence in said] == ["platform reddit", "platform_pair reddit - x"]
    assert "30.0% of 40 links" in said[0]


def test_a_slice_with_few_links_is_over_twice_but_not_over() -> None:
    table = sliced((4, 300, "mastodon"), (9, 29, "reddit"))
    found = row(table, "platform", "reddit")
    assert (found["over_twice"], found["significant"], found["over"]) == (True, False, False)
    assert unfair(table) == []
    # Enough links, but the rate may be the average one by chance.
    table = sliced((20, 2000, "mastodon"), (1, 35, "reddit"))
    found = row(table, "platform", "reddit")
    assert (found["over_twice"], found["significant"]) == (True, False)
    # A rate that is surely above the average, and not twice as high.
    table = sliced((100, 2000, "mastodon"), (90, 1000, "reddit"))
    found = row(table, "platform", "reddit")
    assert (found["over_twice"], found["significant"], found["over"]) == (False, True, False)


def test_no_links_and_no_errors_are_fair() -> None:
    assert unfair(sliced((0, 40, "mastodon"), (0, 40, "reddit"))) == []
    accounts = accounts_of()
    table = slices(judge(matches_of(), accounts, truth_of({})), accounts)
    assert table.select("slice", "true_pairs", "links").rows() == [("all", 0, 0)]
    assert unfair(table) == []


def test_common_names_are_those_that_many_persons_have() -> None:
    names = ["Cy Tarn", "Di Quill", "Ed Holm", "Flo Roake", *["Bo Moor", "Gil Moor"] * 2, *["Ann Moor"] * 3]
    rows = [(f"x{n}", "x", "", name) for n, name in enumerate(names)]
    accounts = accounts_of(*rows, *[(f"r{n}", "reddit", "someone") for n in range(len(names))])
    truth = truth_of({f"{side}{n}": f"p{n}" for side in "xr" for n in range(len(names))})
    table = slices(judge(matches_of(), accounts, truth, least=1), accounts).filter(pl.col("slice") == "commonness")
    assert dict(table.select("value", "true_pairs").iter_rows()) == {"rare": 4, "middle": 4, "common": 3}
    # The same name on five accounts of one person is that person's alone.
    own = accounts_of(*[(f"a{n}", f"s{n}", "", "Grim Wald") for n in range(5)], *rows)
    persons = truth_of({f"a{n}": "grim" for n in range(5)} | {f"x{n}": f"p{n}" for n in range(6)})
    assert row(slices(judge(matches_of(), own, persons, least=1), own), "commonness", "rare")["true_pairs"] == 10


@pytest.mark.parametrize(
    ("name", "script"),
    [
        ("Ann Moor", "latin"), ("Zoë 🌾", "latin"), ("Анна", "cyrillic"), ("Ελένη", "greek"), ("علي", "arabic"),
        ("山田", "han"), ("דנה", "other"), ("Ann Мур", "mixed"), ("🌾 77", "none"), ("", "none"), ("Ａｎｎ", "latin"),
    ],
)  # fmt: skip
def test_scripts(name: str, script: str) -> None:
    assert script_of(name) == script


def test_what_an_account_is_called() -> None:
    found = named(accounts_of(("a", "x", "@Grim_Wald", "Dr Zoë O'Moor"), ("b", "x", " ", "🌾"), ("c", "x")))
    assert found.drop("account_id").rows() == [
        ("grimwald", ["zoe", "omoor"], "latin", "beyond_ascii"),
        (None, None, "none", None),
        (None, None, "none", None),
    ]


def test_wilson_interval() -> None:
    # 10 of 100: R's prop.test(10, 100, correct = FALSE).
    assert wilson(10, 100) == pytest.approx((0.0552291, 0.1743657), abs=1e-6)
    assert wilson(0, 0) is None
    low, high = wilson(0, 20) or (1, 1)
    assert (low, high) == pytest.approx((0.0, 0.1611252), abs=1e-6)
