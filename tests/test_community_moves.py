"""Communities whose members moved together, against movers that chance deals out."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from itertools import combinations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphmatch import tables
from graphmatch.community import moves
from graphmatch.community.moves import DEALS, _left, _pairs
from graphmatch.errors import UsageError

START = datetime(2026, 4, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def move(
    actor: str, day: float, *, width: float = 0.0, way: str = "x bluesky", kind: str = "displaced", n: int = 0
) -> dict[str, object]:
    origin, destination = way.split()
    left = START + day * DAY
    return {
        "migration_id": f"migration-{actor}-{n}",
        "actor_id": actor,
        "kind": kind,
        "origin_account_id": f"{origin}:{actor}",
        "destination_account_id": f"{destination}:{actor}",
        "origin_platform": origin,
        "destination_platform": destination,
        "left_earliest": left,
        "left_latest": left + width * DAY,
        "arrived_earliest": left + DAY,
        "arrived_latest": left + 3 * DAY,
        "match_probability": 0.9,
        "standing": "suggested",
        "reasons": [],
        "report_ids": [],
    }


def frame(table: str, rows: list[dict[str, object]]) -> pl.DataFrame:
    names = tables.dtypes(table)
    return pl.DataFrame([{**dict.fromkeys(names), **row} for row in rows], schema=names)


def communities(groups: dict[str, list[str]]) -> pl.DataFrame:
    return frame("communities", [{"community_id": name, "actor_ids": actors} for name, actors in groups.items()])


def strangers(count: int, seed: int = 1) -> list[dict[str, object]]:
    draws = random.Random(seed)
    ways = ["x bluesky", "reddit mastodon", "x telegram"]
    return [move(f"s{n:03}", draws.uniform(0, 90), way=draws.choice(ways)) for n in range(count)]


def test_members_that_leave_within_the_window_moved_together() -> None:
    made = [move(f"m{n}", 10 + n / 4) for n in range(4)] + strangers(100)
    (found,) = moves(communities({"C": ["m0", "m1", "m2", "m3"]}), frame("migrations", made)).iter_rows(named=True)
    assert (found["community_id"], found["movers"], found["movers_on_way"], found["pairs"]) == ("C", 4, 4, 6)
    assert (found["origin_platform"], found["destination_platform"]) == ("x", "bluesky")
    assert found["moves_together"]
    assert found["p"] == found["q"] == pytest.approx(1 / (1 + DEALS))
    assert (found["left_earliest"], found["left_latest"]) == (START + 10 * DAY, START + 10.75 * DAY)
    assert (found["arrived_earliest"], found["arrived_latest"]) == (START + 11 * DAY, START + 13.75 * DAY)
    assert found["migration_ids"] == [f"migration-m{n}-0" for n in range(4)]


def test_a_purge_that_hits_everybody_makes_no_community_stand_out() -> None:
    made = [move(f"s{n:03}", 10 + n / 1000) for n in range(60)]
    groups = {f"C{n}": [f"s{n * 4 + k:03}" for k in range(4)] for n in range(5)}
    found = moves(communities(groups), frame("migrations", made))
    assert found["pairs"].to_list() == [6] * 5
    assert found["p"].to_list() == [1.0] * 5
    assert not found["moves_together"].any()


@pytest.mark.parametrize(
    "other",
    [
        {"day": 13.0},
        {"day": 10.0, "way": "x mastodon"},
        {"day": 10.0, "width": 2.5},
        {"day": 10.0, "kind": "multi_homed"},
    ],
    ids=["later", "elsewhere", "nobody knows when", "left nothing"],
)
def test_these_did_not_move_together(other: dict[str, object]) -> None:
    made = [move("a", 10.0), move("c", 40.0), move("b", **other)]
    found = moves(communities({"C": ["a", "b", "c"]}), frame("migrations", made))
    assert found["pairs"].to_list() == [0]
    assert found["p"].to_list() == [1.0]


def test_one_mover_alone_and_returns_to_the_same_platform_are_no_community_moves() -> None:
    home = [move(name, 10.0, way="x x", kind="returned") for name in ("a", "b")]
    assert moves(communities({"C": ["a", "b"]}), frame("migrations", home)).is_empty()
    assert moves(communities({"C": ["a", "b"]}), frame("migrations", [move("a", 1.0)])).is_empty()
    none = moves(communities({}), tables.empty("migrations"))
    assert dict(none.schema) == tables.dtypes("community_moves")


def test_an_actor_with_many_moves_is_one_mover() -> None:
    made = [move("a", 10 + n / 10, n=n) for n in range(6)] + [move("b", 10.2)] + strangers(30)
    (found,) = moves(communities({"C": ["a", "b"]}), frame("migrations", made)).iter_rows(named=True)
    assert (found["movers"], found["pairs"], len(found["migration_ids"])) == (2, 1, 7)


@settings(deadline=None, max_examples=60)
@given(
    st.lists(
        st.tuples(st.integers(0, 5), st.integers(0, 12), st.integers(0, 4), st.sampled_from(["x y", "y x"])),
        max_size=14,
    )
)
def test_pairs_are_those_that_a_loop_over_moves_finds(drawn: list[tuple[int, int, int, str]]) -> None:
    made = [move(f"a{by}", day, width=width, way=way, n=n) for n, (by, day, width, way) in enumerate(drawn)]
    left = _left(frame("migrations", made)).with_columns(mover=pl.col("actor_id").str.slice(1).cast(pl.Int64))
    found = {
        (frozenset((one, other)), f"{origin} {destination}")
        for one, other, _, origin, destination in _pairs(left, 3 * DAY).iter_rows()
    }
    expected = {
        (frozenset((one[0], other[0])), one[3])
        for one, other in combinations(drawn, 2)
        if one[0] != other[0]
        and one[3] == other[3]
        and max(one[1] + one[2], other[1] + other[2]) - min(one[1], other[1]) <= 3
    }
    assert found == expected


def test_expected_pairs_are_those_of_the_closed_form() -> None:
    # 20 movers, one way, two purges of 10 far apart: a pair is together with probability 2 * C(10,2) / C(20,2)
    made = [move(f"s{n:02}", 10 if n < 10 else 60) for n in range(20)]
    (found,) = moves(communities({"C": ["s00", "s01", "s15"]}), frame("migrations", made)).iter_rows(named=True)
    assert found["expected_pairs"] == pytest.approx(3 * 2 * 45 / 190, rel=0.05)
    # of three movers, at least two are together in any case
    assert (found["pairs"], found["p"]) == (1, 1.0)


def test_a_pair_weighs_the_more_the_fewer_are_as_close() -> None:
    # of all pairs of movers one is close, and many are together but days apart
    near, far = [move("a", 10.0), move("b", 10.1)], [move("c", 40.0), move("d", 41.9)]
    made = [*near, *far, *(move(f"s{n:02}", 60 + 1.9 * n) for n in range(20))]
    found = moves(communities({"near": ["a", "b"], "far": ["c", "d"]}), frame("migrations", made))
    assert found["community_id"].to_list() == ["near", "far"]
    assert found["pairs"].to_list() == [1, 1]
    assert found["expected_pairs"][0] == found["expected_pairs"][1]
    assert found["p"][0] < found["p"][1] / 3
    # within one batch of removals the order means nothing
    batch = [move("a", 10.0), move("b", 10.001), move("c", 10.2), move("d", 10.24)]
    alike = moves(communities({"near": ["a", "b"], "far": ["c", "d"]}), frame("migrations", batch))
    assert alike["p"].to_list() == [1.0, 1.0]


def test_where_nobody_moves_together_few_are_said_to() -> None:
    draws = random.Random(3)
    rows, told = strangers(300, seed=8), 0
    for _ in range(6):
        ids = [row["actor_id"] for row in rows]
        draws.shuffle(ids)
        groups = {f"C{n:02}": ids[n * 5 : n * 5 + 5] for n in range(40)}
        told += moves(communities(groups), frame("migrations", rows))["moves_together"].sum()
    assert told / 240 <= 0.05


def test_the_order_of_rows_changes_nothing_and_the_window_must_be_positive() -> None:
    rows = [move(f"m{n}", 10 + n / 3) for n in range(5)] + strangers(40)
    groups = communities({"C": ["m0", "m1", "m2", "m3", "m4"], "D": ["s000", "s001", "s002"]})
    once = moves(groups, frame("migrations", rows))
    random.Random(1).shuffle(rows)
    assert once.equals(moves(groups.reverse(), frame("migrations", rows)))
    with pytest.raises(UsageError):
        moves(groups, frame("migrations", rows), window=timedelta(0))
