"""Migrations under times that are missing, coarse, contradicting or of other zones, and actors of many accounts."""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from migration_world import B, D, M, R, World, day, suspended_then

from graphmatch.migration import kinds
from graphmatch.normalise.times import from_local

moves = import_module("graphmatch.migration.moves")  # the package has a function of that name
ZONES = ("Europe/London", "UTC", "America/New_York", "Australia/Lord_Howe")
#: The nights on which London's clocks change in 2026, and a plain one.
NIGHTS = (datetime(2026, 3, 29, tzinfo=UTC), datetime(2026, 10, 25, tzinfo=UTC), datetime(2026, 6, 10, tzinfo=UTC))
offsets = st.integers(-72 * 3600, 72 * 3600).map(lambda seconds: timedelta(seconds=seconds, milliseconds=7))


def as_day(moment: datetime, zone: str) -> tuple[datetime, datetime]:
    """What a source that writes down days of its own zone tells of a moment."""
    found = from_local(f"{moment.astimezone(ZoneInfo(zone)):%Y-%m-%d}", zone)
    assert found is not None
    return found[:2]


@st.composite
def observed(draw: st.DrawFn) -> dict[str, Any]:
    """True moments of a removal and a creation, and what is known of them."""
    night, zone = draw(st.sampled_from(NIGHTS)), draw(st.sampled_from(ZONES))
    made, gone = night + draw(offsets), night + draw(offsets)
    precision = draw(st.sampled_from(["exact", "day", "derived_from_id", "approximate", "unknown", None]))
    created = as_day(made, zone)[0] if precision == "day" else made
    if precision == "approximate":
        created += draw(st.integers(0, 50)) * timedelta(hours=1)
    if draw(st.booleans()):
        earliest, latest = as_day(gone, zone)
    else:
        earliest, latest = gone, gone + draw(st.integers(0, 9)) * timedelta(hours=1)
    ends = draw(st.sampled_from([(earliest, latest), (None, latest), (earliest, None), (None, None)]))
    acts = [made + draw(st.integers(0, 200)) * timedelta(hours=1) for _ in range(draw(st.integers(0, 3)))]
    return {"made": made, "gone": gone, "created": created, "precision": precision, "ends": ends, "acts": acts}


@settings(deadline=None, max_examples=150)
@given(observed(), st.booleans())
def test_nobody_is_displaced_to_an_account_that_is_older_than_the_removal(seen: dict[str, Any], same: bool) -> None:
    there = "mastodon:a.example:2" if same else B
    world = World().actor(M, there).account(M, -400)
    world.account(there, created_at=seen["created"], created_at_precision=seen["precision"])
    for number, act in enumerate(seen["acts"]):
        world.reported(there)
        world.rows["reports"][-1]["content_ids"] = [f"act-{number}"]
        world.rows["contents"].append({"content_id": f"act-{number}", "account_id": there, "created_at": act})
    world.reported(there, gate="illegal")
    world.enforced(M, None, at_earliest=seen["ends"][0], at_latest=seen["ends"][1])
    for row in world.trace().iter_rows(named=True):
        older = seen["made"] < seen["gone"]
        assert not (older and row["kind"] in ("displaced", "returned"))
        assert not (not older and row["kind"] == "pre_positioned")
        for bound in ("left", "arrived"):
            earliest, latest = row[f"{bound}_earliest"], row[f"{bound}_latest"]
            assert earliest is None or latest is None or earliest <= latest
        if row["kind"] in ("displaced", "returned"):
            assert row["arrived_earliest"] <= seen["made"] <= row["arrived_latest"]
            assert seen["gone"] <= row["left_latest"]


@pytest.mark.parametrize(
    ("created", "first", "last", "kind"),
    [
        (10, 10, 10.9, "unknown_order"),  # made within the day of the removal
        (11, 10, 10.9, "displaced"),
        (9, 10, 10.9, "pre_positioned"),
        (10.5, 10, None, "unknown_order"),  # removed nobody knows by when
        (9, 10, None, "unknown_order"),  # older, but whether its abuse began before or after is unknown
        (11, None, 10, "displaced"),
        (9, None, 10, "unknown_order"),
    ],
)
def test_the_order_is_unknown_wherever_the_intervals_overlap(
    created: float, first: float | None, last: float | None, kind: str
) -> None:
    world = World().actor(M, B).account(M, -400).account(B, created).reported(B, 12)
    ends = [None if end is None else day(end) for end in (first, last)]
    assert world.enforced(M, None, at_earliest=ends[0], at_latest=ends[1]).kinds() == [kind]


@pytest.mark.parametrize(("begins", "kind"), [(9.5, None), (10.5, "unknown_order"), (11, "pre_positioned")])
def test_an_older_account_whose_abuse_begins_within_the_day_of_the_removal(begins: float, kind: str | None) -> None:
    world = World().actor(M, B).account(M, -400).account(B, -300).reported(B, begins)
    world.enforced(M, None, at_earliest=day(10), at_latest=day(11) - timedelta(microseconds=1))
    assert world.kinds() == ([kind] if kind else [])


def test_an_account_is_no_younger_than_what_was_done_to_it() -> None:
    assert suspended_then(None).enforced(B, 9, "warning").kinds() == ["unknown_order"]
    row = suspended_then(None, 13).enforced(B, 12, "warning").one()
    assert (row["kind"], row["arrived_latest"]) == ("unknown_order", day(12))
    # made on day 12, it is said, and warned on day 9: whichever is wrong, it is not surely new
    contradicted = suspended_then(12, 13).enforced(B, 9, "warning").one()
    assert (contradicted["kind"], contradicted["arrived_earliest"]) == ("unknown_order", None)


def test_a_removal_dated_before_its_account_was_made_orders_nothing() -> None:
    for created in (12, 21, 3):
        world = World().actor(M, B).account(M, 20).account(B, created).enforced(M, 10).reported(B, 22)
        row = world.one()
        assert (row["kind"], row["left_earliest"], row["left_latest"]) == ("unknown_order", day(10), None)
        assert any("by one of two times that contradict" in reason for reason in row["reasons"])
    # acts of before show that the creation time is the wrong one
    world = World().actor(M, B).account(M, 20).account(B, 12).enforced(M, 10).reported(M, 5).reported(B, 22)
    assert world.kinds() == ["displaced"]


def test_two_removals_and_a_reinstatement() -> None:
    def twice(created: float) -> World:
        world = World().actor(M, B).account(M, -400).account(B, created).reported(M, 5).reported(B, created + 0.5)
        return world.enforced(M, 10).enforced(M, 12, "account_restored").enforced(M, 20)

    assert twice(11).one()["enforcement_id"] == "e0"
    assert twice(11).kinds() == ["displaced"]
    assert twice(15).kinds() == []  # between: neither removal held, and its abuse is older than the second
    assert (twice(21).one()["kind"], twice(21).one()["enforcement_id"]) == ("displaced", "e2")


def test_the_day_on_which_the_clocks_go_back_has_an_hour_more() -> None:
    made = as_day(datetime(2026, 10, 25, 23, 45, tzinfo=UTC), "Europe/London")[0]
    removed = datetime(2026, 10, 25, 23, 30, tzinfo=UTC)
    world = World().actor(M, B).account(M, -400).account(B, created_at=made, created_at_precision="day")
    world.reported(B, 230).enforced(M, None, at_earliest=removed, at_latest=removed)
    assert world.kinds() == ["unknown_order"]


def test_no_times_at_all() -> None:
    row = World().actor(M, B).account(M).account(B).enforced(M, None).reported(B).one()
    assert row["kind"] == "unknown_order"
    assert {row[name] for name in ("left_earliest", "left_latest", "arrived_earliest", "arrived_latest")} == {None}
    assert "at an unknown time" in row["summary"]


def test_an_actor_whose_other_account_is_the_only_one_of_its_platform() -> None:
    world = World().actor(M, D).account(M, -400).account(D, 12).enforced(M, 10).reported(D, 13)
    assert (world.one()["kind"], world.one()["destination_platform"]) == ("displaced", "discord")


def test_reports_for_debate_alone_make_no_destination() -> None:
    world = World().actor(M, B).account(M, -400).account(B, 12).enforced(M, 10).reported(B, 13, 14, gate="debate")
    assert world.kinds() == []
    assert world.reported(B, 15, gate="terms").kinds() == ["displaced"]
    world = World().actor(M, B).account(M, -400).account(B, 12).enforced(M, 10).reported(B, 13, gate="debate")
    assert world.enforced(B, 14, "content_removed").kinds() == ["displaced"]


def chain(length: int, rng: random.Random) -> World:
    """One actor, removed and back again and again; every third account's times are coarse or missing."""
    names = [f"{('x', 'bluesky', 'reddit')[n % 3]}:p:{n:04}" for n in range(length)]
    world = World().actor(*names)
    for n, name in enumerate(names):
        precision = ("exact", "day", "unknown")[rng.randrange(3)]
        world.account(name, n, precision).reported(name, n + 0.3, gate="illegal").enforced(name, n + 0.6)
    return world


def test_five_hundred_accounts_are_not_held_against_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    count: Counter[str] = Counter()
    real = kinds.findings

    def counted(*given: Any) -> Any:
        count["pairs"] += 1
        return real(*given)

    monkeypatch.setattr(moves, "findings", counted)
    world = chain(500, random.Random(1))
    assert 450 < world.trace().height < 500
    assert count["pairs"] < 500 * moves.MOST_ORIGINS


def test_the_nearest_origins_are_those_that_all_of_them_would_give(monkeypatch: pytest.MonkeyPatch) -> None:
    world = chain(120, random.Random(2))
    world.names(world.rows["accounts"][100]["account_id"], world.rows["accounts"][2]["account_id"], "moved")
    near = world.trace()
    monkeypatch.setattr(moves, "MOST_ORIGINS", 10_000)
    assert near.equals(world.trace())


@settings(deadline=None, max_examples=20)
@given(st.randoms(use_true_random=False))
def test_summaries_say_no_handle_and_no_certainty(rng: random.Random) -> None:
    names = [M, B, R, D, "mastodon:a.example:2"]
    world = World().actor(*names, probability=1.0)
    for n, name in enumerate(names):
        precision = rng.choice(["exact", "day", "approximate", "unknown"])
        world.account(name, rng.uniform(-5, 20), precision, handle=f"secret{n}", display_name="Secret Name")
        world.reported(name, *(rng.uniform(0, 30) for _ in range(rng.randrange(4))), text="secret text")
        world.enforced(name, rng.choice([None, rng.uniform(0, 20)]), rng.choice(["warning", "account_suspended_perm"]))
    world.names(M, B, "moved").names(R, D)
    for row in world.trace().iter_rows(named=True):
        said = row["summary"]
        assert "secret" not in said.lower()
        assert "same person" not in said
        assert said.startswith(("Suspected ", "Declared move:"))
        assert said.endswith("are almost certain (over 0.99) to have one operator, standing corroborated.")
        assert said.count(". ") == 0
        assert row["origin_platform"] in said
        assert row["destination_platform"] in said


def test_every_kind_has_its_sentence() -> None:
    moved = World().actor(M, B).account(M, -9).account(B, -300).names(M, B, "moved").reported(M, 3).reported(B, 20)
    worlds = {
        "displaced": suspended_then(10.5, 13),
        "pre_positioned": suspended_then(-300, 12),
        "unknown_order": suspended_then(None, 13),
        "declared": moved.enforced(M, 4, "warning"),
        "multi_homed": World()
        .actor(M, B)
        .account(M)
        .account(B)
        .reported(M, 1, 9)
        .reported(B, 2)
        .enforced(M, 5, "warning"),
        "drifted": World()
        .actor(M, B)
        .account(M)
        .account(B)
        .reported(M, 1, 4)
        .reported(B, 6, 7)
        .enforced(M, 2, "warning"),
    }
    said = {kind: world.one() for kind, world in worlds.items()}
    assert {kind: row["kind"] for kind, row in said.items()} == {kind: kind for kind in worlds}
    assert said["displaced"]["summary"] == (
        "Suspected move to a new account after a removal: an account on mastodon (a.example) was suspended at "
        "2026-04-11 00:00Z, and another on bluesky was created at 2026-04-11 12:00Z, 12 hours later; the two accounts "
        "are almost certain (0.95) to have one operator, standing corroborated."
    )
    assert (
        "an older one on bluesky was in use by 2026-04-13 00:00Z, at most 2 days later"
        in (said["pre_positioned"]["summary"])
    )
    assert "came into being or into use by 2026-04-14 00:00Z, before or after" in said["unknown_order"]["summary"]
    assert "mastodon (a.example) itself records" in said["declared"]["summary"]
    assert "last seen active at 2026-04-05 00:00Z, fell silent" in said["drifted"]["summary"]
    assert (said["drifted"]["arrived_earliest"], said["drifted"]["arrived_latest"]) == (day(4), day(6))
    assert pl.Series([row["left_latest"] for row in said.values()]).null_count() == 2  # declared, multi_homed


@pytest.mark.parametrize(("decided", "kinds"), [(8, []), (12, ["pre_positioned"])])
@pytest.mark.parametrize("action", ["content_removed", "account_suspended_perm"])
def test_what_was_acted_against_before_was_no_account_kept_ready(decided: int, kinds: list[str], action: str) -> None:
    world = World().actor(M, B).account(M, -400).account(B, -300).reported(M, 5).enforced(M, 10).reported(B, 11)
    found = [kind for kind in world.enforced(B, decided, action).kinds() if kind != "multi_homed"]
    assert found == kinds


def test_reports_of_what_somebody_else_wrote_are_no_acts() -> None:
    world = World().actor(M, B).account(M, -400).account(B, -300).reported(M, 5).enforced(M, 10).reported(B, 11)
    for row in world.rows["contents"]:
        if row["account_id"] == B:
            row["account_id"] = M
    assert "displaced" not in world.kinds()
