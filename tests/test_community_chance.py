"""Communities held against what chance gives: the deals, the coincidences, and how often chance is found out."""

from __future__ import annotations

import math
import random
from collections import Counter, defaultdict
from dataclasses import replace
from itertools import combinations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphmatch import community, tables
from graphmatch.community.chance import _discoveries, coincidences
from graphmatch.community.search import parts

USES = st.sets(st.tuples(st.integers(0, 14), st.integers(0, 7)), max_size=60)
Uses = set[tuple[int, int]]


def frame(table: str, rows: list[dict[str, object]]) -> pl.DataFrame:
    names = tables.dtypes(table)
    return pl.DataFrame([{**dict.fromkeys(names), **row} for row in rows], schema=names)


def tied(count: int, *, links: Uses = frozenset(), targets: Uses = frozenset()) -> community.Ties:
    return community.tie(
        frame("accounts", [{"account_id": f"n{n:03}"} for n in range(count)]),
        tables.empty("actors"),
        frame("reports", [{"account_id": f"n{n:03}", "target_ids": [f"t{key:03}"]} for n, key in sorted(targets)]),
        tables.empty("contents"),
        frame(
            "sightings",
            [
                {"account_id": f"n{n:03}", "kind": "link", "value": f"moor.example/{key:03}", "context": "profile"}
                for n, key in sorted(links)
            ],
        ),
    )


def by_chance(seed: int, nodes: int = 150, keys: int = 60, each: int = 2) -> dict[str, Uses]:
    """Links and targets that everybody draws for themselves."""
    draws = random.Random(seed)
    return {
        kind: {(n, key) for n in range(nodes) for key in draws.sample(range(keys), each)}
        for kind in ("links", "targets")
    }


def checked(ties: community.Ties, **options: int) -> pl.DataFrame:
    return community.against_chance(ties, community.search(ties), **options)


@settings(deadline=None, max_examples=40)
@given(USES, USES, st.integers(0, 9))
def test_a_deal_leaves_everybody_as_much_and_every_unit_as_many(links: Uses, targets: Uses, seed: int) -> None:
    shared = tied(15, links=links, targets=targets).shared
    assert shared is not None
    dealt = shared.dealt_anew(np.random.default_rng(seed))
    for before, after in zip(shared.holds, dealt.holds, strict=True):
        assert sorted(before.node.tolist()) == sorted(after.node.tolist())
        assert before.unit.tolist() == after.unit.tolist()


def test_a_deal_doubles_nothing_where_it_need_not() -> None:
    shared = tied(60, links={(n, key) for n in range(60) for key in range(10) if (n * 7 + key) % 3 == 0}).shared
    assert shared is not None
    dealt = shared.dealt_anew(np.random.default_rng(1)).holds[1]
    assert Counter(zip(dealt.node.tolist(), dealt.unit.tolist(), strict=True)).most_common(1)[0][1] == 1


def by_hand(used: dict[str, Uses], part: dict[int, int]) -> dict[int, float]:
    """What ties each pair besides its strongest unit, by a loop over pairs."""
    layer = {"links": (community.LINK, 100), "targets": (community.TARGET, 30)}
    found: dict[int, float] = defaultdict(float)
    holders: dict[tuple[str, int], set[int]] = defaultdict(set)
    for kind, uses in used.items():
        for node, key in uses:
            holders[kind, key].add(node)
    for one, other in combinations(sorted(part), 2):
        if part[one] == part[other]:
            amounts = []
            for (kind, _), nodes in holders.items():
                weigh, cap = layer[kind]
                if {one, other} <= nodes and len(nodes) <= cap:
                    amounts.append(-math.log(1 - float(weigh.weigh(np.array([len(nodes)]))[0])))
            found[part[one]] += sum(amounts) - max(amounts, default=0)
    return found


@settings(deadline=None, max_examples=40)
@given(USES, USES, st.lists(st.integers(-1, 2), min_size=15, max_size=15))
def test_coincidences_are_those_that_a_loop_over_pairs_finds(links: Uses, targets: Uses, label: list[int]) -> None:
    found = coincidences(tied(15, links=links, targets=targets), np.array(label))
    expected = by_hand(
        {"links": links, "targets": targets}, {node: part for node, part in enumerate(label) if part >= 0}
    )
    assert found.tolist() == pytest.approx([expected[part] for part in range(max(label) + 1)], abs=1e-9)


def test_the_share_of_chance_by_hand() -> None:
    # three real ones; in two deals one of 5, one of 3 and one of nothing
    q = _discoveries(np.array([4.0, 0.0, 2.0]), np.array([5.0, 3.0, 0.0]), 2)
    assert q.tolist() == pytest.approx([0.5, 1.0, 0.5])
    # nothing as high was dealt: one deal's worth is the least that can be said, not nought
    assert _discoveries(np.array([4.0, 3.0]), np.array([1.0]), 10).tolist() == pytest.approx([0.05, 0.05])


def test_a_pile_on_is_explained_by_chance_and_a_ring_that_coincides_is_not() -> None:
    used = by_chance(3)
    pile_on = {(n, 900) for n in range(100, 106)}
    ring = range(20, 28)
    links = used["links"] | {(n, 901 + n % 2) for n in ring}
    targets = used["targets"] | pile_on | {(n, key) for n in ring for key in (903, 904)}
    found = checked(tied(150, links=links, targets=targets))
    of = {name: row for row in found.iter_rows(named=True) for name in row["account_ids"]}
    ringed = of["n020"]
    assert len({f"n{n:03}" for n in ring} & set(ringed["account_ids"])) >= 6
    assert ringed["chance_q"] <= community.SURE
    assert ringed["expected_density"] < ringed["density"] / 3
    alone = checked(tied(150, targets=pile_on))
    assert alone["chance_q"].to_list() == [1.0]
    assert alone["coincidence"].to_list() == [0.0]


def test_of_what_chance_made_chance_explains_nearly_all() -> None:
    rates = []
    for seed in range(12):
        found = checked(tied(150, **by_chance(seed)), rounds=10)
        assert found.height > 10
        rates.append(found.filter(pl.col("chance_q") <= community.SURE).height / found.height)
    assert sum(rates) / len(rates) <= 0.05


def test_the_same_seed_gives_the_same_and_the_order_of_rows_nothing() -> None:
    used = by_chance(5)
    ties = tied(150, **used)
    once = checked(ties, rounds=3, seed=4)
    assert once.equals(checked(tied(150, **used), rounds=3, seed=4))
    assert not once.equals(checked(ties, rounds=3, seed=5))
    sightings = [
        {"account_id": f"n{n:03}", "kind": "link", "value": f"moor.example/{key:03}", "context": "profile"}
        for n, key in sorted(used["links"], reverse=True)
    ]
    turned = sorted(used["targets"], reverse=True)
    reports = [{"account_id": f"n{n:03}", "target_ids": [f"t{key:03}"]} for n, key in turned]
    again = community.tie(
        frame("accounts", [{"account_id": f"n{n:03}"} for n in reversed(range(150))]),
        tables.empty("actors"),
        frame("reports", reports),
        tables.empty("contents"),
        frame("sightings", sightings),
    )
    assert once.equals(checked(again, rounds=3, seed=4))


def test_ties_of_which_nobody_knows_the_keys_are_not_checked() -> None:
    ties = replace(tied(6, links={(n, 0) for n in range(6)}), shared=None, by_layer=None)
    found = community.against_chance(ties, community.search(ties))
    assert found["chance_q"].to_list() == [None]
    assert found["link_share"].to_list() == [None]
    nothing = tied(3)
    assert checked(nothing).is_empty()
    assert parts(nothing, resolution=0.05, seed=0).max() == -1
