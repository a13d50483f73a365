"""Timelines: every dated thing known of both accounts, once, in order of time."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from migration_world import B, M, R, World, day, frame, suspended_then

from graphmatch.migration.timeline import TIMELINE, timeline

TABLES = ("accounts", "enforcements", "reports", "contents", "sightings")
Told = list[tuple[str, str, str | None]]


def laid(world: World, rng: random.Random | None = None) -> pl.DataFrame:
    rows = {
        name: world.rows[name] if rng is None else rng.sample(world.rows[name], len(world.rows[name]))
        for name in TABLES
    }
    return timeline(world.trace(), *(frame(name, rows[name]) for name in TABLES))


def told(events: pl.DataFrame) -> Told:
    return events.select("what", "side", "source_id").rows()


def test_the_events_of_a_displacement_in_order() -> None:
    world = suspended_then(10.5, 13).enforced(M, 8, "warning").enforced(B, 15, "content_removed", content_id="c1")
    world.rows["reports"][0]["reported_at"] = day(6)
    world.names(B, M).reported(R, 11)  # somebody else's
    found = laid(world)
    assert found.schema == pl.Schema(TIMELINE)
    assert told(found) == [
        ("account created", "origin", None),
        ("posted", "origin", "c0"),
        ("reported: terms", "origin", "r0"),
        ("platform: warning", "origin", "e1"),
        ("platform: account suspended perm", "origin", "e0"),
        ("account created", "destination", None),
        ("posted", "destination", "c1"),
        ("platform: content removed", "destination", "e2"),
        ("profile names the other", "destination", None),
        ("reported: terms", "destination", "r1"),
    ]
    assert found["at_earliest"].to_list()[:4] == [day(-400), day(5), day(6), day(8)]
    assert found["at_latest"].null_count() == 2  # of the declaration and the second report nobody knows when


def test_creation_is_as_wide_as_its_precision() -> None:
    def created(precision: str) -> dict[str, Any]:
        events = laid(suspended_then(10.5, 13, precision=precision))
        own = events.filter(pl.col("what") == "account created", pl.col("side") == "destination")
        return own.row(0, named=True) if own.height else {}

    assert (created("exact")["at_earliest"], created("exact")["at_latest"]) == (day(10.5), day(10.5))
    assert created("day")["at_latest"] - created("day")["at_earliest"] == timedelta(hours=25, microseconds=-1)
    assert (created("approximate")["at_earliest"], created("approximate")["at_latest"]) == (None, day(10.5))
    assert created("unknown") == {}


def test_what_was_done_to_a_post_stands_with_its_author_and_a_ban_ends() -> None:
    world = World().actor(M, B).account(M, -9).account(B, 10.5).reported(M, 5).reported(B, 11)
    world.enforced(M, 10, "account_suspended_temp", expires_at=day(20))
    world.enforced(None, 6, "content_removed", content_id="c0")
    assert ("platform: content removed", "origin", "e1") in told(laid(world))
    assert ("platform: expires", "origin", "e0") in told(laid(world))


def test_dismissed_reports_and_what_an_account_shows_are_there_too() -> None:
    world = World().actor(M, B).account(M, -9, state="suspended", state_at=day(11), first_observed_at=day(2))
    world.account(B, 10.5, last_active=day(18)).reported(M, 5).enforced(M, 10).reported(B, 12)
    world.reported(M, 7, status="dismissed")
    found = told(laid(world))
    assert ("reported, dismissed", "origin", "r2") in found
    assert {("seen suspended", "origin", None), ("first observed", "origin", None)} < set(found)
    assert ("last seen active", "destination", None) in found


def test_a_recorded_move_is_said_as_such() -> None:
    world = World().actor(M, B).account(M, -9).account(B, -300).names(M, B, "moved").reported(M, 3).reported(B, 20)
    found = told(laid(world.enforced(M, 4, "warning")))
    assert ("platform records a move to the other", "origin", None) in found
    assert not any(what == "profile names the other" for what, _, _ in found)


def test_one_migration_alone_and_none() -> None:
    world = suspended_then(12, 13)
    world.actor("x:x:1", "x:x:2").account("x:x:1", -9).account("x:x:2", 12).enforced("x:x:1", 10).reported("x:x:2", 13)
    found = world.trace()
    tables = [frame(name, world.rows[name]) for name in TABLES]
    one = timeline(found.head(1), *tables)
    assert one["migration_id"].unique().to_list() == found["migration_id"].head(1).to_list()
    assert one.equals(timeline(found, *tables).filter(pl.col("migration_id") == found["migration_id"][0]))
    assert timeline(found.clear(), *tables).is_empty()


@settings(deadline=None, max_examples=25)
@given(st.randoms(use_true_random=False))
def test_every_event_of_both_accounts_stands_once_in_order_whatever_the_order_of_rows(rng: random.Random) -> None:
    world = World().actor(M, B, R)
    for name in (M, B, R):
        world.account(name, rng.uniform(-9, 12)).enforced(name, rng.choice([None, 3.0, 10.0]))
        world.reported(name, *(rng.uniform(0, 30) for _ in range(3)))
    found = laid(world)
    assert found.equals(laid(world, rng))
    assert found.is_duplicated().sum() == 0
    for row in world.trace().iter_rows(named=True):
        own = found.filter(pl.col("migration_id") == row["migration_id"])
        starts = own.select(pl.coalesce("at_earliest", "at_latest")).to_series()
        assert starts.drop_nulls().is_sorted()
        assert starts.null_count() == 0 or starts.tail(starts.null_count()).null_count() == starts.null_count()
        ends = {row["origin_account_id"], row["destination_account_id"]}
        for table, key in (("reports", "report_id"), ("enforcements", "enforcement_id"), ("contents", "content_id")):
            wanted = {each[key] for each in world.rows[table] if each["account_id"] in ends}
            assert wanted <= set(own["source_id"])


@pytest.mark.parametrize("value", ["x:x:nobody", "mastodon:a.example:1", "gibberish"])
def test_a_declaration_of_somebody_else_is_no_event(value: str) -> None:
    world = suspended_then(12, 13).names(M, value)
    assert not any("names the other" in what for what, _, _ in told(laid(world)))
