"""Ties: what is shared, weighed, added up, and left out."""

from __future__ import annotations

from collections import defaultdict
from itertools import combinations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphmatch import community, tables
from graphmatch.community import ties
from graphmatch.community.stability import _sample
from graphmatch.errors import RejectedTable, UsageError

USES = st.sets(st.tuples(st.integers(0, 14), st.integers(0, 7)), max_size=60)


def frame(table: str, rows: list[dict[str, object]]) -> pl.DataFrame:
    names = tables.dtypes(table)
    return pl.DataFrame([{**dict.fromkeys(names), **row} for row in rows], schema=names)


def tied(
    count: int, *, links: set[tuple[int, int]] = frozenset(), targets: set[tuple[int, int]] = frozenset(), **options
) -> community.Ties:
    """Tie accounts n00, n01, … by the links and targets of each; targets by report, so without moments."""
    return community.tie(
        frame("accounts", [{"account_id": f"n{n:02}"} for n in range(count)]),
        tables.empty("actors"),
        frame("reports", [{"account_id": f"n{n:02}", "target_ids": [f"t{key}"]} for n, key in sorted(targets)]),
        tables.empty("contents"),
        frame(
            "sightings",
            [
                {"account_id": f"n{n:02}", "kind": "link", "value": f"moor.example/{key}", "context": "profile"}
                for n, key in sorted(links)
            ],
        ),
        **options,
    )


def edges(found: community.Ties) -> dict[tuple[int, int], float]:
    pairs = zip(found.source.tolist(), found.target.tolist(), strict=True)
    return dict(zip(pairs, found.weight.tolist(), strict=True))


def by_hand(*used: tuple[community.Layer, int, set[tuple[int, int]]]) -> dict[tuple[int, int], float]:
    missing: dict[tuple[int, int], float] = defaultdict(lambda: 1.0)
    for layer, cap, uses in used:
        holders = defaultdict(set)
        for node, key in uses:
            holders[key].add(node)
        for nodes in holders.values():
            if 2 <= len(nodes) <= cap:
                for pair in combinations(sorted(nodes), 2):
                    missing[pair] *= 1 - float(layer.weigh(pl.Series([len(nodes)]).to_numpy())[0])
    return {pair: 1 - rest for pair, rest in missing.items()}


@settings(deadline=None, max_examples=60)
@given(USES, USES)
def test_ties_are_those_that_a_loop_over_pairs_finds(links: set, targets: set) -> None:
    found = tied(15, links=links, targets=targets)
    expected = by_hand((community.LINK, 100, links), (community.TARGET, 30, targets))
    assert edges(found) == pytest.approx(expected, abs=1e-12)
    assert list(edges(found)) == sorted(expected)


@settings(deadline=None, max_examples=60)
@given(USES, st.integers(0, 60))
def test_a_layer_makes_no_more_ties_than_it_may_and_the_rarest_keys_tie_first(links: set, most: int) -> None:
    found = tied(15, links=links, most=most)
    cap, keys, left_out, largest, made = found.layers.row(by_predicate=pl.col("layer") == "link")[1:]
    assert made <= most
    assert edges(found) == pytest.approx(by_hand((community.LINK, cap, links)), abs=1e-12)
    sizes = [size for key in range(8) if (size := sum(one == key for _, one in links)) > 1]
    assert (keys, largest) == (len(sizes), max(sizes, default=0))
    assert left_out == sum(size > cap for size in sizes)
    # one step more would be too many
    assert left_out == 0 or sum(size * (size - 1) // 2 for size in sizes if size <= cap + 1) > most


def test_hubs_tie_nobody_and_are_counted() -> None:
    crowd = {(n, 0) for n in range(40)}
    found = tied(40, targets=crowd | {(3, 1), (7, 1)})
    line = found.layers.row(by_predicate=pl.col("layer") == "target", named=True)
    assert edges(found) == {(3, 7): pytest.approx(community.TARGET.weight)}
    assert line == {"layer": "target", "cap": 30, "keys": 2, "keys_left_out": 1, "largest_key": 40, "ties": 1}


def test_repeating_oneself_ties_no_more() -> None:
    once = tied(3, targets={(0, 0), (1, 0)})
    reports = frame("reports", [{"account_id": f"n{n:02}", "target_ids": ["t0", "t0"]} for n in (0, 1, 0, 1, 1)])
    none = {name: tables.empty(name) for name in ("actors", "contents", "sightings")}
    accounts = frame("accounts", [{"account_id": f"n{n:02}"} for n in range(3)])
    often = community.tie(accounts, none["actors"], reports, none["contents"], none["sightings"])
    assert edges(often) == edges(once) == {(0, 1): pytest.approx(community.TARGET.weight)}


def test_more_nodes_than_numbers_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ties, "_NODE_BITS", 2)
    tied(4)
    with pytest.raises(RejectedTable, match="at most 4 nodes"):
        tied(5)


def rings(count: int, size: int = 6) -> set[tuple[int, int]]:
    """Rings that share a link each; and one link that joins one of each ring."""
    return {(ring * size + member, ring) for ring in range(count) for member in range(size)} | {
        (ring * size, count) for ring in range(count)
    }


def test_seeds_agree_on_rings_and_disagree_on_a_tangle() -> None:
    clear = community.stability(tied(60, links=rings(10)), resolutions=[0.15])
    assert clear.row(0) == (0.15, 60, 10, 6, 1.0)
    tangle = {(n, n) for n in range(60)} | {((n + 1) % 60, n) for n in range(60)}
    # a circle of sixty, cut into arcs: nothing says where
    unclear = community.stability(tied(60, links=tangle), resolutions=[0.15])
    assert unclear["agreement"][0] < 0.8


def test_a_sample_counts_whole_surroundings_only() -> None:
    found = tied(60, links=rings(10) - {(ring * 6, 10) for ring in range(10)})
    (sampled,) = community.stability(found, resolutions=[0.15], nodes=20).iter_rows(named=True)
    assert 1 <= sampled["communities"] <= 3
    assert (sampled["largest"], sampled["agreement"]) == (6, 1.0)


def test_nodes_whose_neighbours_were_cut_off_do_not_count() -> None:
    circle = tied(60, links={(n, n) for n in range(60)} | {((n + 1) % 60, n) for n in range(60)})
    whole, sampled = edges(circle), _sample(circle, 5, seed=0)
    inside, counting = edges(sampled[0]), set(sampled[1].tolist())
    assert (len(inside), len(counting)) == (4, 3)
    assert all(pair in inside for pair in whole if counting & set(pair))


def test_stability_of_nothing_is_null() -> None:
    assert community.stability(tied(3), resolutions=[0.05]).row(0) == (0.05, 0, 0, 0, None)
    far_too_high = community.stability(tied(12, links=rings(2)), resolutions=[0.99])
    assert far_too_high["agreement"].to_list() == [None]


@pytest.mark.parametrize("options", [{"seeds": (1,)}, {"resolutions": (0.0,)}])
def test_senseless_looks_are_refused(options: dict) -> None:
    with pytest.raises(UsageError):
        community.stability(tied(12, links=rings(2)), **options)


@pytest.mark.parametrize(("most", "cap", "made"), [(4, 100, 4), (3, 2, 1), (1, 2, 1), (0, 1, 0)])
def test_a_layer_may_make_just_as_many_ties_as_it_may(most: int, cap: int, made: int) -> None:
    found = tied(5, links={(0, 0), (1, 0), (2, 1), (3, 1), (4, 1)}, most=most)
    line = found.layers.row(by_predicate=pl.col("layer") == "link", named=True)
    assert (line["cap"], line["ties"], line["keys"]) == (cap, made, 2)
