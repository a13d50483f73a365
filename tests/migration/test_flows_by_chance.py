"""Flows against chance: nothing where nobody moves, what was planted where somebody does, and small cases by hand."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from flow_worlds import PERMANENT, Flowing, flowing, frame, world_of
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from graphmatch.errors import UsageError
from graphmatch.estimative import BANDS
from graphmatch.migration import flows, trace, weighed
from graphmatch.migration.flows import BAND_COLUMNS, Facet, Split, week

DAY0 = datetime(2026, 4, 1, tzinfo=UTC)
WINDOW = timedelta(days=20)


def day(number: float) -> datetime:
    return DAY0 + timedelta(days=number)


def tiny(*pairs: tuple[float | None, float], category: str = "abuse.insult", **removal: Any) -> Flowing:
    """One operator each: removed on Mastodon on the first day, a Bluesky account made on the second, then reported."""
    accounts, enforcements, reports, contents, actors = [], [], [], [], []
    for number, (left, made) in enumerate(pairs):
        origin, destination = f"mastodon:a.example:{number}", f"bluesky:bsky:did:{number}"
        actors.append({"actor_id": f"actor-{number}", "account_ids": [destination, origin]})
        for name, created in ((origin, -300.0), (destination, made)):
            platform, instance, native = name.split(":", 2)
            row = {"account_id": name, "platform": platform, "instance": instance, "native_id": native}
            accounts.append({**row, "created_at": day(created), "created_at_precision": "exact"})
        at = (
            {"at_earliest": None, "at_latest": None}
            if left is None
            else {"at_earliest": day(left), "at_latest": day(left)}
        )
        act = {"enforcement_id": f"e{number}", "account_id": origin, "action": PERMANENT, "scope": "platform"}
        enforcements.append({**act, **at, **removal})
        contents.append({"content_id": f"c{number}", "account_id": destination, "created_at": day(made + 0.1)})
        report = {"report_id": f"r{number}", "account_id": destination, "gate": "terms", "content_ids": [f"c{number}"]}
        reports.append({**report, "category_reported": category, "reported_at": day(made + 0.2), "target_ids": ["t"]})
    made_of = (actors, accounts, enforcements, reports, contents, [])
    names = ("actors", "accounts", "enforcements", "reports", "contents", "sightings")
    return Flowing(*(frame(name, rows) for name, rows in zip(names, made_of, strict=True)))


def only(found: pl.DataFrame) -> dict[str, Any]:
    (row,) = found.iter_rows(named=True)
    return row


def test_expected_is_the_mean_over_all_ways_to_deal_the_times_out() -> None:
    # Removed on days 0, 30, 60; made on days 1, 31, 61; window 20 days: each is found only with its own time. Of the
    # 6 ways 1 gives 3 moves, 3 give 1 and 2 give 0: on average 1. At least 3 are found in one of 6.
    found = only(tiny((0, 1), (30, 31), (60, 61)).by_chance(window=WINDOW, permutations=3000, seed=1))
    assert (found["chances"], found["tested"], found["verdict"]) == (3, 3, "too_few")
    assert found["expected"] == pytest.approx(1.0, abs=0.08)
    assert found["p_value"] is None


def test_p_counts_the_order_that_was_found() -> None:
    # 5 removals 30 days apart: only the 1 of 120 orders that was found gives 5 moves.
    found = only(tiny(*((30 * n, 30 * n + 1) for n in range(5))).by_chance(window=WINDOW, permutations=3000, seed=1))
    assert found["p_value"] == pytest.approx(1 / 120, abs=0.006)
    assert found["q_value"] == found["p_value"]
    assert found["verdict"] == "beyond_chance"
    least = only(tiny(*((30 * n, 30 * n + 1) for n in range(8))).by_chance(window=WINDOW, permutations=99))
    assert least["p_value"] == 1 / 100


def test_times_that_are_all_the_same_prove_nothing() -> None:
    found = only(tiny(*((0, 1),) * 8).by_chance(window=WINDOW, permutations=99))
    assert (found["tested"], found["expected"], found["p_value"], found["verdict"]) == (8, 8.0, 1.0, "chance")


def test_times_stay_within_their_platform() -> None:
    # All removals of either platform are of one moment: dealt out within it nothing changes.
    world = tiny(*((0, 1) if n % 2 else (100, 101) for n in range(12)))
    for name in ("accounts", "enforcements", "actors"):
        rows = [
            {key: moved(value) for key, value in row.items()} if is_odd(row) else row
            for row in getattr(world, name).to_dicts()
        ]
        setattr(world, name, frame(name, rows))
    found = world.by_chance(window=WINDOW, permutations=99)
    assert found["origin_platform"].to_list() == ["mastodon", "reddit"]
    assert found["tested"].to_list() == [6, 6]
    assert found["p_value"].to_list() == [1.0, 1.0]


def is_odd(row: dict[str, Any]) -> bool:
    name = row["account_ids"][-1] if "account_ids" in row else row["account_id"]
    return name.startswith("mastodon") and int(name.rpartition(":")[2]) % 2 == 1


def moved(value: Any) -> Any:
    """Put an account of Mastodon's on Reddit instead."""
    if isinstance(value, list):
        return [moved(one) for one in value]
    return value.replace("mastodon", "reddit") if isinstance(value, str) else value


def test_removals_without_a_time_stay_out_of_it() -> None:
    found = tiny(*((None, n) for n in range(8))).by_chance(window=WINDOW, permutations=99)
    assert found.is_empty()
    half = tiny(*((0, 1) if n % 2 else (None, 1) for n in range(10))).by_chance(window=WINDOW, permutations=99)
    assert only(half)["chances"] == 5


def test_a_removal_lasts_as_long_as_it_did_whenever_it_is_put() -> None:
    # Each ban holds two days and no account is made within two days of another's removal: only its own time does.
    ban = {"action": "account_suspended_temp"}
    world = tiny(*((30 * n, 30 * n + 1) for n in range(5)), **ban)
    ends = world.enforcements["at_latest"] + timedelta(days=2)
    world.enforcements = world.enforcements.with_columns(expires_at=ends)
    found = only(world.by_chance(window=timedelta(days=365), permutations=3000, seed=2))
    assert found["tested"] == 5
    assert found["p_value"] == pytest.approx(1 / 120, abs=0.006)
    assert found["expected"] == pytest.approx(1.0, abs=0.08)


def test_accounts_of_unknown_making_count_when_they_are_first_seen() -> None:
    world = tiny(*((30 * n, 30 * n + 1) for n in range(6)))
    unknown = world.accounts.with_columns(created_at=pl.lit(None, dtype=world.accounts["created_at"].dtype))
    world.accounts = unknown
    found = only(world.by_chance(window=WINDOW, permutations=999))
    assert (found["tested"], found["verdict"]) == (6, "beyond_chance")
    # First seen on the eve of the removal: nobody followed it.
    early = tiny(*((30 * n, 30 * n - 1) for n in range(6)))
    early.accounts = early.accounts.with_columns(created_at=unknown["created_at"])
    assert only(early.by_chance(window=WINDOW, permutations=99))["tested"] == 0
    # First seen on the day of the removal, of which only the day is known; and long after it, with no act dated.
    world.enforcements = world.enforcements.with_columns(at_latest=pl.col("at_latest") + timedelta(days=2))
    assert only(world.by_chance(window=WINDOW, permutations=99))["tested"] == 0
    world.contents, world.reports = (
        world.contents.clear(),
        world.reports.with_columns(reported_at=pl.lit(None, dtype=world.reports["reported_at"].dtype)),
    )
    world.accounts = world.accounts.with_columns(first_observed_at=pl.lit(day(500)))
    assert only(world.by_chance(window=WINDOW, permutations=99))["tested"] == 0


def test_it_takes_a_permutation() -> None:
    with pytest.raises(UsageError, match="at least one permutation"):
        tiny((0, 1)).by_chance(permutations=0)


def test_no_actors_and_no_enforcements_give_no_rows() -> None:
    world = tiny((0, 1))
    world.enforcements = world.enforcements.clear()
    assert world.by_chance(permutations=9).is_empty()
    world.actors = world.actors.clear()
    found = world.by_chance(permutations=9)
    assert found.is_empty()
    assert found.columns == tiny((0, 1)).by_chance(permutations=9).columns


@given(st.randoms(use_true_random=False))
@settings(max_examples=8, deadline=None)
def test_the_order_of_rows_does_not_matter(rng: random.Random) -> None:
    world = tiny((0, 1), (30, 31), (7, 61), (2, 3), (9, 4), (11, 12))
    mixed = Flowing(*(table[rng.sample(range(table.height), table.height)] for table in vars(world).values()))
    assert_frame_equal(mixed.by_chance(permutations=50, seed=3), world.by_chance(permutations=50, seed=3))


def test_a_seed_gives_the_same_answer_and_another_another() -> None:
    world = tiny(*((7 * n, 7 * n + 1) for n in range(9)))
    first, again, other = (world.by_chance(permutations=99, seed=seed) for seed in (0, 0, 1))
    assert_frame_equal(first, again)
    assert first["expected"].to_list() != other["expected"].to_list()


def test_where_nobody_moves_hardly_a_flow_is_beyond_chance() -> None:
    tested = beyond = 0
    p_values: list[float] = []
    for seed in range(4):
        world = world_of(400, seed)
        for strangers in range(2):
            options = {"permutations": 199, "seed": strangers, "window": timedelta(days=14)}
            found = flowing(world, strangers).by_chance(**options)
            known = found.drop_nulls("q_value")
            tested += known.height
            beyond += (known["verdict"] == "beyond_chance").sum()
            p_values += known["p_value"].to_list()
    assert tested >= 30
    assert beyond <= 0.05 * tested
    assert sum(p <= 0.1 for p in p_values) <= 0.2 * len(p_values)


def test_planted_routes_are_beyond_chance() -> None:
    found = flowing(world_of(600, 3)).by_chance(window=timedelta(days=14), permutations=199)
    beyond = found.filter(pl.col("verdict") == "beyond_chance").select("origin_platform", "destination_platform")
    assert set(beyond.iter_rows()) >= {("bluesky", "telegram"), ("mastodon", "bluesky"), ("bluesky", "bluesky")}


def test_flows_by_category_and_target_group_count_a_move_under_each_value() -> None:
    world = tiny(*((30 * n, 30 * n + 1) for n in range(6)))
    world.reports = pl.concat([world.reports, world.reports.with_columns(
        report_id="report_id" + pl.lit("x"), category_assessed=pl.lit("violence.threat")
    )])  # fmt: skip
    targets = frame("targets", [{"target_id": "t", "role": "councillor", "derivations": []}])
    by_category = world.by_chance(
        window=WINDOW, permutations=99, split=Split.by(Facet.CATEGORY, world.reports, targets)
    )
    assert by_category.select("value", "chances", "tested").rows() == [
        ("abuse.insult", 6, 6),
        ("violence.threat", 6, 6),
    ]
    by_group = world.by_chance(
        window=WINDOW, permutations=99, split=Split.by(Facet.TARGET_GROUP, world.reports, targets)
    )
    assert only(by_group)["value"] == "councillor"
    nobody = Split.by(Facet.TARGET_GROUP, world.reports, targets.clear())
    assert only(world.by_chance(permutations=9, split=nobody))["value"] == "unknown"
    dismissed = world.reports.with_columns(status=pl.lit("dismissed"))
    assert Split.by(Facet.CATEGORY, dismissed, targets).of_pair("bluesky:bsky:did:1", "x") == ("unknown",)


def test_flows_by_week_have_no_more_chances_than_removals_in_it() -> None:
    world = tiny((0, 1), (0.1, 1), (0.2, 1), (60, 61), (60, 62), (120, 121))
    found = world.by_chance(window=WINDOW, permutations=999, split=Split(Facet.WEEK), seed=4)
    assert found.select("value", "chances", "tested").rows() == [
        (week(day(0)), 3, 3), (week(day(60)), 2, 2), (week(day(120)), 1, 1),
    ]  # fmt: skip
    assert week(day(0)) == "2026-W14"


def test_flows_are_split_and_their_bands_add_up() -> None:
    world = tiny((0, 1), (30, 31))
    actors = world.actors.with_columns(match_probability=pl.Series([0.95, 0.8]), standing=pl.lit("suggested"))
    tables = {name: table for name, table in vars(world).items() if name != "actors"}
    moved = trace(actors, **tables, matches=frame("matches", []))
    whole = only(flows(moved))
    assert (whole["n"], whole["displaced"], whole["almost_certain"], whole["very_likely"]) == (2, 2, 1, 1)
    assert sum(whole[name] for name in BAND_COLUMNS) == 2
    assert len(BAND_COLUMNS) == len(BANDS)
    split = flows(moved, Split(Facet.WEEK))
    assert split.select("value", "n").rows() == [(week(day(0)), 1), (week(day(30)), 1)]


def test_every_flow_is_shown_with_its_verdict() -> None:
    counted = pl.DataFrame(
        {"origin_platform": ["x", "reddit"], "destination_platform": ["y", "x"], "n": [1, 4]}
        | {name: [0, 1] for name in BAND_COLUMNS}
        | {kind: [1, 0] for kind in ("displaced", "pre_positioned", "multi_homed", "returned", "drifted", "declared")}
        | {"unknown_order": [0, 0], "mean_probability": [0.9, 0.9]}
    )
    chance = tiny(*((30 * n, 30 * n + 1) for n in range(5))).by_chance(window=WINDOW, permutations=999)
    found = weighed(counted, chance)
    assert found.select("origin_platform", "n", "tested", "verdict").rows() == [
        ("reddit", 4, 0, "too_few"), ("x", 1, 0, "too_few"), ("mastodon", 0, 5, "beyond_chance"),
    ]  # fmt: skip
