"""What became of communities from one run to the next, and ids that last."""

from __future__ import annotations

import random

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphmatch import community, tables
from graphmatch.community import followed
from graphmatch.lasting import lasting_ids, overlaps

Groups = dict[str, list[str]]


def found(groups: Groups) -> pl.DataFrame:
    names = tables.dtypes("communities")
    rows = [
        {
            **dict.fromkeys(names),
            "community_id": name,
            "account_ids": sorted(members),
            "actor_ids": [],
            "size": len(members),
            "density": 0.5,
            "resolution": 0.05,
            "event": "birth",
            "earlier_ids": [],
        }
        for name, members in groups.items()
    ]
    return pl.DataFrame(rows, schema=names)


def lineage(before: Groups, now: Groups) -> list[tuple[object, ...]]:
    known = followed(found(now), found(before))
    tables.require("communities", known.communities)
    return known.lineage.select("event", "community_id", "earlier_ids", "size", "earlier_size").rows()


def names(word: str) -> list[str]:
    return list(word)


def test_each_event_by_hand() -> None:
    abcd = {"A": names("abcd")}
    new = followed(found({"?": names("wxyz")}), None).communities["community_id"][0]
    assert lineage(abcd, {"?": names("abcd")}) == [("continuation", "A", ["A"], 4, 4)]
    assert lineage(abcd, {"?": names("abcde")}) == [("growth", "A", ["A"], 5, 4)]
    assert lineage(abcd, {"?": names("abc")}) == [("shrink", "A", ["A"], 3, 4)]
    assert lineage(abcd, {"?": names("wxyz")}) == [("birth", new, [], 4, None), ("death", "A", ["A"], None, 4)]
    assert lineage({}, {}) == []
    assert lineage(abcd, {}) == [("death", "A", ["A"], None, 4)]


def test_a_merge_keeps_the_id_of_the_larger_and_a_split_that_of_the_larger_part() -> None:
    two = {"A": names("abcde"), "B": names("xyz")}
    assert lineage(two, {"?": names("abcdexyz")}) == [("merge", "A", ["A", "B"], 8, 5)]
    (one, other) = lineage({"A": names("abcdexyz")}, {"?": names("abcde"), "!": names("xyz")})
    assert one == ("split", "A", ["A"], 5, 8)
    assert (other[0], other[2:]) == ("split", (["A"], 3, 8))
    assert other[1] not in ("A", one[1])


def test_a_crumb_of_another_community_takes_no_id() -> None:
    before = {"A": names("abcdefgh")}
    (born, died) = lineage(before, {"?": [*names("ab"), *names("stuvw")]})
    assert (born[0], died) == ("birth", ("death", "A", ["A"], None, 8))
    assert born[1] != "A"


def test_jaccard_is_of_what_is_in_both() -> None:
    known = followed(found({"?": names("bcde")}), found({"A": names("abc")}))
    assert known.communities["jaccard"].to_list() == pytest.approx([2 / 5])


def test_a_new_id_is_none_that_an_earlier_community_had() -> None:
    first = followed(found({"?": names("abcd")}), None).communities
    # "a", after whom it was named, founds another one; the old one goes on without it, or has gone
    now = followed(found({"?": names("awxyz"), "!": names("bcd")}), first)
    born, kept = now.communities["community_id"]
    assert kept == first["community_id"][0] != born
    assert now.lineage["event"].to_list() == ["birth", "shrink"]
    (alone,) = followed(found({"?": names("awxyz")}), first).communities["community_id"]
    assert alone != kept


@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(0, 5), min_size=20, max_size=20), st.lists(st.integers(0, 5), min_size=20, max_size=20))
def test_every_community_is_told_once_and_order_changes_nothing(one: list[int], other: list[int]) -> None:
    def grouped(label: list[int], prefix: str) -> Groups:
        made = {f"{prefix}{part}": [f"n{n:02}" for n, at in enumerate(label) if at == part] for part in set(label)}
        return {name: members for name, members in made.items() if len(members) > 1}

    before, now = found(grouped(one, "old")), found(grouped(other, "new"))
    known = followed(now, before)
    ids = known.communities["community_id"].to_list()
    assert len(set(ids)) == len(ids)
    told = known.lineage
    assert told.filter(pl.col("event") != "death")["community_id"].to_list() == ids
    dead = set(told.filter(pl.col("event") == "death")["community_id"])
    feeding = {name for names in told.filter(pl.col("event") != "death")["earlier_ids"] for name in names}
    assert dead | feeding == set(before["community_id"])
    assert not dead & feeding
    kept = set(ids) & set(before["community_id"])
    assert kept <= feeding
    turned = followed(now.reverse(), before.reverse()).communities
    assert dict(zip(turned["account_ids"].list.join(" "), turned["event"], strict=True)) == dict(
        zip(known.communities["account_ids"].list.join(" "), known.communities["event"], strict=True)
    )


def test_lasting_ids_go_to_the_greatest_overlap() -> None:
    groups = [names("abc"), names("de")]
    shared = overlaps(groups, {"A": names("abd"), "B": names("e")})
    assert shared == {(0, "A"): 2, (1, "A"): 1, (1, "B"): 1}
    assert lasting_ids(groups, shared, prefix="x", reserved=["A", "B"]) == ["A", "B"]


def planted(rng: random.Random, count: int, size: int) -> set[tuple[int, int]]:
    """Rings whose members each bear three of the ring's five links, and now and then a stranger's."""
    uses = set()
    for node in range(count * size):
        ring = node // size
        uses |= {(node, ring * 5 + key) for key in rng.sample(range(5), 3)}
        if rng.random() < 0.2:
            uses.add((node, rng.randrange(count * 5)))
    return uses


def detect(nodes: list[int], uses: set[tuple[int, int]]) -> pl.DataFrame:
    columns = tables.dtypes("sightings")
    sightings = [
        {**dict.fromkeys(columns), "account_id": f"n{n:04}", "kind": "link", "value": f"l{key}", "context": "profile"}
        for n, key in sorted(uses)
        if n in set(nodes)
    ]
    none = {name: tables.empty(name) for name in ("actors", "reports", "contents")}
    people = [{**dict.fromkeys(tables.dtypes("accounts")), "account_id": f"n{n:04}"} for n in nodes]
    accounts = pl.DataFrame(people, schema=tables.dtypes("accounts"))
    return community.detect(
        accounts, none["actors"], none["reports"], none["contents"], pl.DataFrame(sightings, schema=columns)
    )


@settings(deadline=None, max_examples=8)
@given(st.integers(0, 2**32))
def test_ids_stay_when_two_in_a_hundred_nodes_and_ties_change(seed: int) -> None:
    rng, count, size = random.Random(seed), 30, 10
    uses, nodes = planted(rng, count, size), list(range(count * size))
    before = detect(nodes, uses)
    gone = set(rng.sample(nodes, len(nodes) // 50))
    left = [node for node in nodes if node not in gone] + [len(nodes) + n for n in range(len(gone))]
    # as many new nodes, which stand at either end of the alphabet or between; two in a hundred holds are others
    changed = {use for use in uses if rng.random() >= 0.02}
    changed |= {(rng.choice(left), rng.randrange(count * 5)) for _ in range(len(uses) - len(changed))}
    changed |= {(node, rng.randrange(count) * 5 + key) for node in left[-len(gone) :] for key in range(3)}
    after = followed(detect(left, changed), before).communities
    large = set(before.filter(pl.col("size") >= 5)["community_id"])
    assert len(large) >= 25
    assert len(large & set(after["community_id"])) >= 0.95 * len(large)
