"""What holds an actor together, against networkx-free brute force and by hand."""

from __future__ import annotations

import math
import random
import subprocess
import sys
from itertools import combinations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from resolve_rows import PRIOR, groups, judgements, matches, mix, names, said, scored

from graphmatch import tables
from graphmatch.errors import UsageError
from graphmatch.resolve import cohesion, resolve

Rows = list[tuple[object, ...]]
Said = list[tuple[str, str, str, str]]

TIGHT = [(a, b, 0.9999) for group in ("abc", "def") for a, b in combinations(group, 2)]


def bits(probability: float) -> float:
    odds = 30.0 if probability == 1 else math.log2(probability / (1 - probability))
    return odds - PRIOR


def cut_of(*rows: tuple[object, ...], **options: object) -> dict:
    found = matches(*rows)
    (row,) = cohesion(resolve(found).actors, found, **options).iter_rows(named=True)
    return row


def test_two_tight_groups_with_one_weak_link_stay_apart() -> None:
    rows = matches(*TIGHT, ("c", "d", 0.95))
    found = resolve(rows)
    assert groups(found) == names("abc", "def")
    held = cohesion(found.actors, rows)
    assert held["bridges"].list.len().to_list() == [0, 0]
    assert held["cut_links"].to_list() == [2, 2]


def test_one_strong_link_joins_them_and_is_shown_as_bridge_and_cut() -> None:
    row = cut_of(*TIGHT, ("c", "d", 0.999))
    assert (row["cut_left"], row["cut_right"]) == (["a", "b", "c"], ["d", "e", "f"])
    assert row["bridges"] == [{"left": "c", "right": "d"}]
    assert row["cut_bits"] == pytest.approx(math.log2(999) + 10, abs=1e-9)
    assert (row["size"], row["cut_links"], row["cut_probability"]) == (6, 1, 0.999)
    assert row["cut_strongest"] == {"left": "c", "right": "d"}
    assert row["cut_exact"]


def test_two_agreeing_links_are_no_bridge_but_still_the_weakest_cut() -> None:
    row = cut_of(*TIGHT, ("c", "d", 0.95), ("a", "f", 0.92))
    assert row["bridges"] == []
    assert (row["cut_left"], row["cut_right"], row["cut_links"]) == (["a", "b", "c"], ["d", "e", "f"], 2)
    assert row["cut_bits"] == pytest.approx(math.log2(19) + math.log2(11.5) + 20, abs=1e-9)
    assert (row["cut_probability"], row["cut_strongest"]) == (0.95, {"left": "c", "right": "d"})


def test_an_actor_of_two_is_its_link() -> None:
    row = cut_of(("b", "a", 0.95))
    assert (row["cut_left"], row["cut_right"], row["bridges"]) == (["a"], ["b"], [{"left": "a", "right": "b"}])
    assert row["cut_bits"] == pytest.approx(math.log2(19) + 10)


def test_a_chain_is_all_bridges_and_parts_at_its_weakest_link() -> None:
    row = cut_of(("a", "b", 0.9999), ("b", "c", 0.995), ("c", "d", 0.999))
    assert [(b["left"], b["right"]) for b in row["bridges"]] == [("a", "b"), ("b", "c"), ("c", "d")]
    assert (row["cut_left"], row["cut_right"], row["cut_probability"]) == (["a", "b"], ["c", "d"], 0.995)


def test_pairs_below_the_threshold_and_other_stories_hold_nothing() -> None:
    plain = cut_of(("a", "b", 0.9999), ("b", "c", 0.999))
    assert cut_of(("a", "b", 0.9999), ("b", "c", 0.999), ("a", "c", 0.8)) == plain
    assert cut_of(("a", "b", 0.9999), ("b", "c", 0.999), ("a", "c", 0.99, "suggested", "coincidence")) == plain


def test_a_judged_pair_holds_with_the_threshold_at_least() -> None:
    rows = matches(("a", "b", 0.9999), ("c", "d", 0.2))
    spoken = judgements(("b", "c", "positive", "jo"), ("d", "c", "positive", "jo"))
    found = resolve(rows, spoken)
    (row,) = cohesion(found.actors, rows, spoken).iter_rows(named=True)
    assert row["cut_bits"] == pytest.approx(math.log2(9) + 10)  # never scored: the prior of the other matches
    assert (row["cut_probability"], len(row["bridges"])) == (0.9, 3)
    alone = cohesion(found.actors, tables.empty("matches"), spoken)
    assert alone["cut_links"].to_list() == [0]  # a and b are held by a match, which is not there


def test_judgements_alone_hold_with_the_thresholds_own_odds() -> None:
    spoken = judgements(("a", "b", "positive", "jo"))
    found = resolve(tables.empty("matches"), spoken)
    (row,) = cohesion(found.actors, found.matches, spoken, threshold=0.75).iter_rows(named=True)
    assert (row["cut_bits"], row["cut_probability"]) == (pytest.approx(math.log2(3)), 0.75)


def test_a_link_below_its_prior_is_no_evidence() -> None:
    rows = matches(("a", "b", 0.9), ("b", "c", 0.9999)).with_columns(prior_bits=pl.lit(5.0))
    actors = resolve(matches(("a", "b", 0.9999), ("b", "c", 0.9999))).actors
    (row,) = cohesion(actors, rows).iter_rows(named=True)
    assert (row["cut_bits"], row["cut_left"], row["cut_links"]) == (0.0, ["a"], 1)


def test_an_actor_that_the_links_do_not_hold_together_is_shown_in_its_parts() -> None:
    rows = matches(("a", "b", 0.999), ("b", "c", 0.95), ("c", "d", 0.999))
    actors = resolve(rows, threshold=0.5).actors
    (row,) = cohesion(actors, rows, threshold=0.99).iter_rows(named=True)
    assert (row["cut_left"], row["cut_right"]) == (["a", "b"], ["c", "d"])
    assert (row["cut_bits"], row["cut_links"], row["cut_probability"], row["cut_strongest"]) == (0.0, 0, None, None)


def test_no_actors_no_rows() -> None:
    found = cohesion(tables.empty("actors"), tables.empty("matches"), tables.empty("judgements"))
    assert found.is_empty()
    assert found.schema["bridges"] == pl.List(pl.Struct({"left": pl.String, "right": pl.String}))


def test_a_threshold_is_a_probability() -> None:
    with pytest.raises(UsageError):
        cohesion(tables.empty("actors"), tables.empty("matches"), threshold=0.0)


def _links(rows: Rows, opinions: Said, members: list[str], spoken: pl.DataFrame) -> dict[tuple[str, str], float]:
    """The links inside an actor with their bits, told anew from the definition."""
    from graphmatch.resolve import opinions as held

    positive = {pair for pair, known in held(spoken).items() if known.positive_by and not known.negative_by}
    known = {(a, b): (p, story) for a, b, p, _, story in rows}
    prior = PRIOR if rows else 0.0
    found = {}
    for pair in combinations(sorted(members), 2):
        probability, story = known.get(pair, (0.0, ""))
        if pair in positive:
            found[pair] = bits(max(probability, 0.9)) + PRIOR - prior
        elif story == "same_operator" and probability >= 0.9:
            found[pair] = bits(probability)
    return found


def _whole(members: set[str], links: set[tuple[str, str]]) -> bool:
    reached, waiting = set(), [min(members)]
    while waiting:
        name = waiting.pop()
        reached.add(name)
        waiting += [b if a == name else a for a, b in links if name in (a, b) and not {a, b} <= reached]
    return reached == members


@settings(deadline=None, max_examples=100)
@given(scored, said)
def test_cut_and_bridges_are_those_of_brute_force(rows: Rows, opinions: Said) -> None:
    spoken = judgements(*opinions)
    found = resolve(matches(*rows), spoken)
    for row in cohesion(found.actors, found.matches, spoken).iter_rows(named=True):
        members = sorted(row["cut_left"] + row["cut_right"])
        links = _links(rows, opinions, members, spoken)
        assert members in found.actors["account_ids"].to_list()
        assert members[0] in row["cut_left"]
        assert row["cut_right"]
        sums = {
            part: sum(weight for (a, b), weight in links.items() if (a in part) != (b in part))
            for size in range(1, len(members))
            for part in map(frozenset, combinations(members, size))
        }
        assert row["cut_bits"] == pytest.approx(min(sums.values()), abs=1e-9)
        assert row["cut_bits"] == pytest.approx(sums[frozenset(row["cut_left"])], abs=1e-9)
        bridges = [pair for pair in links if not _whole(set(members), links.keys() - {pair})]
        assert [(b["left"], b["right"]) for b in row["bridges"]] == sorted(bridges)
        assert row["cut_links"] == sum((a in row["cut_left"]) != (b in row["cut_left"]) for a, b in links)


@settings(deadline=None, max_examples=60)
@given(scored, said)
def test_a_large_actors_cut_is_a_split_and_no_weaker_than_the_weakest(rows: Rows, opinions: Said) -> None:
    spoken = judgements(*opinions)
    found = resolve(matches(*rows), spoken)
    exact = cohesion(found.actors, found.matches, spoken)
    rough = cohesion(found.actors, found.matches, spoken, exact_up_to=2)
    assert rough.drop(pl.col("^cut_.*$")).equals(exact.drop(pl.col("^cut_.*$")))
    for one, two in zip(exact.iter_rows(named=True), rough.iter_rows(named=True), strict=True):
        assert two["cut_bits"] >= one["cut_bits"] - 1e-9
        assert two["cut_exact"] == (len(two["bridges"]) == two["size"] - 1)  # a tree has no other weakest split
        assert sorted(two["cut_left"] + two["cut_right"]) == sorted(one["cut_left"] + one["cut_right"])
        if two["cut_exact"]:
            assert two["cut_bits"] == pytest.approx(one["cut_bits"])


def test_a_large_actor_says_that_its_cut_may_not_be_the_weakest() -> None:
    rows = [*TIGHT, ("c", "d", 0.999)]
    rough = cut_of(*rows, exact_up_to=5)
    assert rough == {**cut_of(*rows), "cut_exact": False}


def test_a_large_actors_cut_counts_all_that_crosses_not_the_trees_link_alone() -> None:
    """The tree hangs g on its weakest link, but three links hold g; one stronger link alone joins the groups."""
    row = cut_of(*TIGHT, ("c", "d", 0.9995), *((name, "g", 0.995) for name in "abc"), exact_up_to=2)
    assert (row["cut_right"], row["cut_links"], row["cut_exact"]) == (["d", "e", "f"], 1, False)


def test_a_long_chain_is_no_trouble() -> None:
    chain = [(f"x:i:{n:04}", f"x:i:{n + 1:04}", 0.9999 if n != 700 else 0.995) for n in range(1500)]
    row = cut_of(*chain)
    assert (row["size"], row["cut_exact"], row["cut_links"]) == (1501, True, 1)
    assert row["cut_strongest"] == {"left": "x:i:0700", "right": "x:i:0701"}
    assert len(row["bridges"]) == 1500


def test_a_large_ring_is_cut_at_two_links() -> None:
    names = [f"x:i:{n:04}" for n in range(400)]
    weak = {100: 0.995, 300: 0.996}
    ring = [(names[n], names[(n + 1) % 400], weak.get(n, 0.9999)) for n in range(400)]
    row = cut_of(*ring)
    assert (row["cut_exact"], row["cut_links"], row["bridges"]) == (False, 2, [])
    assert (len(row["cut_left"]), len(row["cut_right"])) == (200, 200)


@settings(deadline=None, max_examples=40)
@given(scored, said, st.randoms(use_true_random=False), st.sampled_from([2, 200]))
def test_the_order_of_rows_changes_nothing(rows: Rows, opinions: Said, rng: random.Random, most: int) -> None:
    spoken = judgements(*opinions)
    found = resolve(matches(*rows), spoken)
    one = cohesion(found.actors, found.matches, spoken, exact_up_to=most)
    actors = mix(found.actors, rng).with_columns(pl.col("account_ids").list.reverse())
    assert cohesion(actors, mix(found.matches, rng), mix(spoken, rng), exact_up_to=most).equals(one)


def test_networkx_is_imported_only_when_an_actor_needs_it() -> None:
    code = "import sys, graphmatch.resolve; print('networkx' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
