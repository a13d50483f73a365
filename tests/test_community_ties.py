"""Ties: what is shared, weighed, added up, and left out."""

from __future__ import annotations

import math
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from itertools import combinations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphmatch import community, tables
from graphmatch.community import shared
from graphmatch.community.layers import LAYERS
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
    cap, keys, left_out, largest, made = found.layers.row(by_predicate=pl.col("layer") == "link")[2:]
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
    counted = {"cap": 30, "keys": 2, "keys_left_out": 1, "largest_key": 40, "ties": 1}
    assert line == {"layer": "target", "weight": 0.3, **counted}


def test_repeating_oneself_ties_no_more() -> None:
    once = tied(3, targets={(0, 0), (1, 0)})
    reports = frame("reports", [{"account_id": f"n{n:02}", "target_ids": ["t0", "t0"]} for n in (0, 1, 0, 1, 1)])
    none = {name: tables.empty(name) for name in ("actors", "contents", "sightings")}
    accounts = frame("accounts", [{"account_id": f"n{n:02}"} for n in range(3)])
    often = community.tie(accounts, none["actors"], reports, none["contents"], none["sightings"])
    assert edges(often) == edges(once) == {(0, 1): pytest.approx(community.TARGET.weight)}


def test_more_nodes_than_numbers_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared, "NODE_BITS", 2)
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


def test_each_tie_knows_what_its_layers_add() -> None:
    found = tied(4, links={(0, 0), (1, 0)}, targets={(0, 0), (1, 0), (2, 0)})
    link, target = community.LINK.weight, community.TARGET.weight / 2
    assert edges(found)[0, 1] == pytest.approx(1 - (1 - link) * (1 - target))
    by_layer = pl.DataFrame(found.by_layer, schema=[layer.name for layer in LAYERS]).row(0, named=True)
    assert by_layer["link"] == pytest.approx(-math.log(1 - link))
    assert by_layer["target"] == pytest.approx(-math.log(1 - target))
    assert sum(by_layer.values()) == pytest.approx(-math.log(1 - edges(found)[0, 1]))


@settings(deadline=None, max_examples=40)
@given(USES, USES)
def test_the_shares_of_a_community_add_up_and_are_nought_without_keys(links: set, targets: set) -> None:
    for row in community.search(tied(15, links=links, targets=targets)).iter_rows(named=True):
        shares = {name: share for name, share in row.items() if name.endswith("_share")}
        assert sum(shares.values()) == pytest.approx(1, abs=1e-6)
        assert shares["text_share"] == shares["reply_share"] == shares["reporter_share"] == 0


def reported(pairs: list[tuple[str, int]], **other: object) -> list[dict[str, object]]:
    """Reports of accounts n00, n01, … by reporters, all in one hour."""
    at = datetime(2026, 4, 1, 12, tzinfo=UTC)
    return [
        {"report_id": f"r{n}", "reporter_ref": by, "account_id": f"n{about:02}", "reported_at": at, **other}
        for n, (by, about) in enumerate(pairs)
    ]


def by_reporters(rows: list[dict[str, object]], links: set[tuple[int, int]], **options: object) -> community.Ties:
    sightings = [
        {"account_id": f"n{n:02}", "kind": "link", "value": f"moor.example/{key}", "context": "profile"}
        for n, key in sorted(links)
    ]
    return community.tie(
        frame("accounts", [{"account_id": f"n{n:02}"} for n in range(15)]),
        tables.empty("actors"),
        frame("reports", rows),
        tables.empty("contents"),
        frame("sightings", sightings),
        **options,
    )


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 14)), max_size=60), USES)
def test_no_number_of_reports_ties_anybody_or_adds_more_than_one_reporter_does(brigade: list, links: set) -> None:
    before, after = edges(by_reporters([], links)), edges(by_reporters(reported(brigade), links))
    assert after.keys() == before.keys()
    for pair, weight in before.items():
        assert weight <= after[pair] + 1e-12
        assert after[pair] <= 1 - (1 - weight) * (1 - community.REPORTER.weight) + 1e-12


def test_a_common_reporter_adds_a_little_to_a_tie_and_none_whose_reports_were_dismissed_or_are_of_a_burst() -> None:
    rows, links = reported([("a", 0), ("a", 1)]), {(0, 0), (1, 0)}
    assert edges(by_reporters(rows, links))[0, 1] == pytest.approx(1 - 0.5 * (1 - community.REPORTER.weight))
    assert edges(by_reporters(reported([("a", 0), ("a", 1)], status="dismissed"), links))[0, 1] == 0.5
    bursts = frame("bursts", [{"burst_id": "b", "report_ids": ["r1"]}])
    assert edges(by_reporters(rows, links, bursts=bursts))[0, 1] == 0.5
    days = [{**row, "reported_at": row["reported_at"] + timedelta(days=n)} for n, row in enumerate(rows)]
    assert edges(by_reporters(days, links))[0, 1] == 0.5


def answers(pairs: list[tuple[int, str]], targets: list[dict[str, object]]) -> dict[tuple[int, int], float]:
    """Posts of n00, n01, … that answer targets."""
    people = [
        {"account_id": f"n{n:02}", "platform": "x", "instance": "x", "handle": f"Name{n}", "native_id": f"{n}"}
        for n in range(25)
    ]
    posts = [{"content_id": f"c{n}", "account_id": f"n{by:02}", "target_ids": [to]} for n, (by, to) in enumerate(pairs)]
    none = {name: tables.empty(name) for name in ("actors", "reports", "sightings")}
    ties = community.tie(
        frame("accounts", people),
        none["actors"],
        none["reports"],
        frame("contents", posts),
        none["sightings"],
        targets=frame("targets", targets),
    )
    return edges(ties)


def answered(target_id: str, **other: object) -> dict[str, object]:
    return {"target_id": target_id, "derivations": ["mention", "reply_parent"], **other}


def test_an_answer_ties_by_id_and_by_handle_and_answering_each_other_does_twice() -> None:
    once = answers([(0, "n01")], [answered("n01")])
    by_handle = answers([(0, "x:x:name1")], [answered("x:x:name1")])
    assert once == by_handle == {(0, 1): pytest.approx(community.REPLY.weight)}
    both = answers([(0, "n01"), (1, "n00")], [answered("n01"), answered("n00")])
    assert both == {(0, 1): pytest.approx(1 - (1 - community.REPLY.weight) ** 2)}
    assert once[0, 1] < community.RESOLUTION < both[0, 1]


def test_who_is_only_mentioned_registered_unknown_or_answered_by_all_is_no_partner() -> None:
    assert answers([(0, "n01")], [{"target_id": "n01", "derivations": ["mention"]}]) == {}
    assert answers([(0, "n01")], [answered("n01", registered_as="publicwhip:1")]) == {}
    assert answers([(0, "x:x:stranger"), (0, "n00")], [answered("x:x:stranger"), answered("n00")]) == {}
    crowd = [(n, "n00") for n in range(1, community.REPLY.cap + 2)]
    assert not any(0 in pair for pair in answers(crowd, [answered("n00")]))
    assert (0, 1) in answers(crowd[:-1], [answered("n00")])


def report(*rows: tuple[float, int, float | None]) -> pl.DataFrame:
    """A report of stability over 100 nodes: resolution, nodes of the largest, agreement."""
    return pl.DataFrame(
        [(resolution, 100, 5, largest, agreement) for resolution, largest, agreement in rows],
        schema=["resolution", "nodes", "communities", "largest", "agreement"],
        orient="row",
    )


@pytest.mark.parametrize(
    ("rows", "resolution"),
    [
        (((0.025, 9, 1.0), (0.05, 9, 0.9), (0.1, 9, 0.99)), 0.05),
        (((0.025, 9, 0.95), (0.05, 9, 0.89), (0.1, 9, 0.98)), 0.1),
        (((0.0125, 9, 0.98), (0.025, 9, 0.975), (0.05, 9, 0.5)), 0.025),
        (((0.025, 9, 0.98), (0.05, 9, 0.5), (0.1, 9, 0.98)), 0.1),
        (((0.0125, 51, 1.0), (0.05, 9, 0.5), (0.1, 9, 0.7)), 0.1),
        (((0.025, 0, None), (0.05, 0, None)), 0.05),
    ],
    ids=["sound as it is", "the best", "the nearest of as good", "the higher of as near", "all is one", "nothing"],
)
def test_the_resolution_is_chosen_by_how_far_searches_agree(
    rows: tuple[tuple[float, int, float | None], ...], resolution: float
) -> None:
    assert community.chosen(report(*rows)) == resolution
    assert community.chosen(report(*rows[::-1])) == resolution
