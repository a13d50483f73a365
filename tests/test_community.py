"""Communities from shared targets, moments, links and texts."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import networkx as nx
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphmatch import community, tables
from graphmatch.community.copies import copied
from graphmatch.errors import UsageError
from graphmatch.normalise.minhash import signatures

START = datetime(2026, 4, 1, tzinfo=UTC)


def frame(table: str, rows: list[dict[str, object]]) -> pl.DataFrame:
    names = tables.dtypes(table)
    made = [{**dict.fromkeys(names), **row} for row in rows]
    return pl.DataFrame(made, schema=names)


def accounts(ids: list[str]) -> pl.DataFrame:
    return frame("accounts", [{"account_id": a, "platform": "x", "instance": "x"} for a in ids])


def link(account: str, url: str) -> dict[str, object]:
    return {"account_id": account, "kind": "link", "value": url, "source": "s", "context": "profile"}


def post(account: str, *, text: str | None = None, target: str | None = None, hour: float | None = None) -> dict:
    return {
        "content_id": f"{account}/{text}/{target}/{hour}",
        "platform": "x",
        "account_id": account,
        "text": text,
        "created_at": None if hour is None else START + timedelta(hours=hour),
        "target_ids": [target] if target else [],
    }


def detect(
    ids: list[str], *, posts: list[dict] = (), links: list[dict] = (), actors: pl.DataFrame | None = None, **options
) -> pl.DataFrame:
    return community.detect(
        accounts(ids),
        tables.empty("actors") if actors is None else actors,
        tables.empty("reports"),
        frame("contents", list(posts)),
        frame("sightings", list(links)),
        **options,
    )


def groups(found: pl.DataFrame) -> list[list[str]]:
    return found["account_ids"].to_list()


def test_nothing_shared_gives_no_community() -> None:
    found = detect(["a", "b"], posts=[post("a", text="one two three four five"), post("b", target="t", hour=1)])
    assert found.is_empty()
    assert dict(found.schema) == tables.dtypes("communities")


@pytest.mark.parametrize("options", [{"resolution": 0.0}, {"window": timedelta(0)}])
def test_senseless_options_are_refused(options: dict) -> None:
    with pytest.raises(UsageError):
        detect(["a"], **options)


def test_a_shared_rare_link_ties_and_a_common_one_does_not() -> None:
    ids = [f"n{n:03}" for n in range(community.LINK.cap + 1)]
    rare = [link("n000", "moor.example/rare"), link("n001", "moor.example/rare")]
    common = [link(name, "moor.example/all") for name in ids]
    found = detect(ids, links=rare + common)
    assert groups(found) == [["n000", "n001"]]
    assert found["density"].to_list() == [community.LINK.weight]


def test_copied_words_tie_whatever_their_dress() -> None:
    one = "@ashaverma The council LIES about the moor road! https://moor.example/1"
    two = "the council lies about the moor road 😡 #northmoor"
    found = detect(["a", "b", "c", "d"], posts=[post("a", text=one), post("b", text=two), post("c", text="shame")])
    assert groups(found) == [["a", "b"]]
    assert detect(["a", "b"], posts=[post("a", text="shame on you"), post("b", text="Shame on you!")]).is_empty()


def test_nearly_the_same_words_tie_and_others_do_not() -> None:
    one = "they want to close the old moor road and nobody in the council says a word about it"
    near, far = one + " now", "the bins of the market square were not emptied and nobody in the council says a word"
    posts = [post("a", text=one), post("b", text=near), post("c", text=far)]
    made = [{**each, "text_minhash": signatures([each["text"]])[0]} for each in posts]
    assert groups(detect(["a", "b", "c"], posts=made)) == [["a", "b"]]
    assert detect(["a", "b", "c"], posts=posts).is_empty()


def test_copies_bear_the_name_of_the_smallest_and_chains_one_name() -> None:
    steps = [f"we meet at {hour} on the bridge by the mill and bring the banners and the drums with us" for hour in
             ("noon", "one", "two")]  # fmt: skip
    words = pl.Series([*steps, "something else entirely that nobody of them has ever said here"] * 2)
    names = copied(words, pl.Series(signatures(words.to_list())))
    assert names.to_list() == [min(steps)] * 3 + [words[3]] + [min(steps)] * 3 + [words[3]]
    assert copied(words, pl.Series([None] * 8, dtype=pl.String)).to_list() == words.to_list()


def test_a_rare_target_ties_and_a_common_one_does_not() -> None:
    ids = [f"n{n:02}" for n in range(40)]
    assert groups(detect(ids, posts=[post(name, target="rare") for name in ids[:4]])) == [ids[:4]]
    assert detect(ids, posts=[post(name, target="common") for name in ids]).is_empty()


def test_hitting_a_target_at_the_same_time_weighs_more_than_apart() -> None:
    together = detect(["a", "b"], posts=[post("a", target="t", hour=1), post("b", target="t", hour=2)])
    apart = detect(["a", "b"], posts=[post("a", target="t", hour=1), post("b", target="t", hour=30)])
    assert together["density"][0] > apart["density"][0] == pytest.approx(community.TARGET.weight)


def test_a_moment_does_not_end_where_a_span_does() -> None:
    close, apart = ([post("a", target="t", hour=5.9), post("b", target="t", hour=hour)] for hour in (6.1, 18.1))
    assert detect(["a", "b"], posts=close)["density"][0] > detect(["a", "b"], posts=apart)["density"][0]


def test_a_report_tells_the_target_but_no_moment() -> None:
    reports = frame(
        "reports",
        [{"report_id": a, "account_id": a, "target_ids": ["t"], "reported_at": START} for a in ("a", "b")],
    )
    none = {name: tables.empty(name) for name in ("actors", "contents", "sightings")}
    found = community.detect(accounts(["a", "b"]), none["actors"], reports, none["contents"], none["sightings"])
    assert found["density"].to_list() == pytest.approx([community.TARGET.weight])


def test_an_actor_is_one_node_and_alone_no_community() -> None:
    actors = frame("actors", [{"actor_id": "actor-1", "account_ids": ["b", "c"]}])
    shared = [link(name, "moor.example/a") for name in ("b", "c")]
    assert detect(["a", "b", "c"], links=shared, actors=actors).is_empty()
    (found,) = detect(["a", "b", "c"], links=[*shared, link("a", "moor.example/a")], actors=actors).iter_rows(
        named=True
    )
    assert found["account_ids"] == ["a", "b", "c"]
    assert found["actor_ids"] == ["actor-1"]
    assert found["size"] == 3
    assert found["density"] == community.LINK.weight


def planted(rng: random.Random, count: int = 8, size: int = 12) -> tuple[list[list[str]], list[dict]]:
    """Rings whose members each share two of their ring's four links, and now and then a stranger's."""
    rings = [[f"r{ring:02}m{member:02}" for member in range(size)] for ring in range(count)]
    rows = []
    for ring, members in enumerate(rings):
        for name in members:
            chosen = {f"ring{ring}.example/{n}" for n in rng.sample(range(4), 2)}
            if rng.random() < 0.1:
                chosen.add(f"ring{rng.randrange(count)}.example/0")
            rows += [link(name, url) for url in sorted(chosen)]
    return rings, rows


def test_planted_rings_are_found() -> None:
    rings, rows = planted(random.Random(7))
    found = detect([name for ring in rings for name in ring], links=rows)
    assert sorted(groups(found)) == sorted(rings)
    assert found["size"].to_list() == [12] * 8


@settings(deadline=None, max_examples=20)
@given(st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(rng: random.Random) -> None:
    # ties without a plan: many partitions are about as good, so that any leak of the order shows
    names = [f"n{n:02}" for n in range(60)]
    fixed = random.Random(3)
    rows = [link(name, f"moor.example/{fixed.randrange(30)}") for name in names for _ in range(3)]
    rows = list({(row["account_id"], row["value"]): row for row in rows}.values())
    posts = [post(name, target=f"t{n % 5}", hour=n) for n, name in enumerate(names)]
    one = detect(names, links=rows, posts=posts)
    two = detect(rng.sample(names, len(names)), links=rng.sample(rows, len(rows)), posts=rng.sample(posts, len(posts)))
    assert one.equals(two)


@settings(deadline=None, max_examples=30)
@given(st.lists(st.tuples(st.integers(0, 11), st.integers(0, 5)), max_size=30), st.sampled_from([0.01, 0.05, 0.3]))
def test_communities_are_connected_disjoint_and_dense(shares: list[tuple[int, int]], resolution: float) -> None:
    rows = [link(f"n{name:02}", f"l{key}") for name, key in sorted(set(shares))]
    found = detect([f"n{n:02}" for n in range(12)], links=rows, resolution=resolution)
    graph = nx.Graph()
    for one in rows:
        for two in rows:
            if one["account_id"] < two["account_id"] and one["value"] == two["value"]:
                graph.add_edge(one["account_id"], two["account_id"])
    members = [name for group in groups(found) for name in group]
    assert len(members) == len(set(members))
    assert found["size"].to_list() == sorted(found["size"], reverse=True)
    for group, density in found.select("account_ids", "density").iter_rows():
        assert nx.is_connected(graph.subgraph(group))
        assert resolution <= density <= 1
    tied = {name for group in groups(found) for name in group}
    for a, b in graph.edges:
        assert resolution > 0.05 or a in tied or b in tied


def test_a_new_member_at_the_end_leaves_the_ids() -> None:
    rings, rows = planted(random.Random(7), count=3)
    names = [name for ring in rings for name in ring]
    before = detect(names, links=rows)
    after = detect([*names, "zz"], links=[*rows, link("zz", "ring0.example/1"), link("zz", "ring0.example/2")])
    assert set(before["community_id"]) == set(after["community_id"])
    assert after["size"].sum() == before["size"].sum() + 1
