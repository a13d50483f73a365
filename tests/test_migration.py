"""Migrations: kinds, order in time, and who is in none."""

from __future__ import annotations

import random
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from migration_world import B, D, M, R, World, day, suspended_then

from graphmatch import tables
from graphmatch.errors import UsageError
from graphmatch.migration import flows
from graphmatch.migration.times import Span, creation, duration


def test_an_account_made_after_the_suspension_is_displaced() -> None:
    row = suspended_then(10 + 51 / 1440, 13).one()
    assert row["kind"] == "displaced"
    assert (row["origin_account_id"], row["destination_account_id"]) == (M, B)
    assert (row["origin_platform"], row["destination_platform"]) == ("mastodon", "bluesky")
    assert row["enforcement_id"] == "e0"
    assert row["left_earliest"] == row["left_latest"] == day(10)
    assert row["arrived_earliest"] == row["arrived_latest"] == day(10) + timedelta(minutes=51)
    assert (row["match_probability"], row["standing"]) == (0.95, "corroborated")
    assert row["report_ids"] == ["r0", "r1"]
    assert row["reasons"] == [
        "2026-04-11 00:00Z: suspended on mastodon (a.example)",
        "2026-04-11 00:51Z: account on bluesky created, 51 minutes later",
        "2026-04-14 00:00Z: first seen active on bluesky",
        "linked with probability 0.95, corroborated",
    ]


@pytest.mark.parametrize(
    ("created", "precision", "seen", "kind"),
    [
        (9.99, "exact", [12], "pre_positioned"),
        (10, "exact", [12], "displaced"),
        (10, "day", [12], "displaced"),  # the suspension fell on the first moment of that day
        (9.5, "day", [12], "unknown_order"),  # the suspension fell into that day
        (9, "day", [9.5], None),  # older, and its abuse too
        (11, "day", [12], "displaced"),
        (11, "approximate", [12], "unknown_order"),  # may be of first sight
        (9, "approximate", [12], "pre_positioned"),
        (None, "exact", [12], "unknown_order"),
        (None, "exact", [9], None),  # acted before: older
        (None, "exact", [], "unknown_order"),  # no time at all
        (99, "exact", [99.5], "displaced"),
        (101, "exact", [102], None),
        (None, "exact", [102], None),
        (-300, "exact", [102], None),
        (-300, "exact", [], "unknown_order"),  # reported, nobody knows when
        (12, "exact", [9], None),  # acted before it was made: made earlier
    ],
)
def test_the_order_of_arrival_and_suspension(
    created: float | None, precision: str, seen: list[float], kind: str | None
) -> None:
    assert suspended_then(created, *seen, precision=precision).kinds() == ([kind] if kind else [])


def test_arrival_of_pre_positioned_is_when_its_abuse_begins() -> None:
    row = suspended_then(-300, 12, 14).one()
    assert (row["arrived_earliest"], row["arrived_latest"]) == (day(10), day(12))
    assert row["reasons"][0].endswith("account on bluesky created")
    assert "2 days later" in row["reasons"][2]


@pytest.mark.parametrize("window", [timedelta(0), timedelta(days=-1)])
def test_a_window_is_positive(window: timedelta) -> None:
    with pytest.raises(UsageError):
        World().trace(window=window)


def test_the_window_can_be_narrowed() -> None:
    assert suspended_then(20, 21).kinds(window=timedelta(days=5)) == []


def test_no_actors_give_no_migrations_and_no_flows() -> None:
    found = World().trace()
    assert found.is_empty()
    assert flows(found).is_empty()


def test_a_new_account_in_the_same_place_returned() -> None:
    other = "mastodon:a.example:2"
    world = World().actor(M, other).account(M, -9).account(other, 12).enforced(M, 10).reported(other, 13)
    assert world.kinds() == ["returned"]
    elsewhere = "mastodon:b.example:2"
    world = World().actor(M, elsewhere).account(M, -9).account(elsewhere, 12).reported(elsewhere, 13)
    assert world.enforced(M, 10, scope="instance").kinds() == ["displaced"]


def test_leaving_one_community_for_another_is_no_migration_coming_back_is() -> None:
    def banned(url: str, created: float = 12) -> World:
        again = "reddit:reddit:t2_2"
        world = World().actor(R, again).account(R, -400).account(again, created)
        return world.enforced(R, 10, "community_ban_perm", scope="community", scope_ref="northmoor").reported(
            again, 13, url=url
        )

    assert banned("https://reddit.com/r/dogs/comments/1").kinds() == []
    assert banned("https://reddit.com/r/Northmoor/comments/1").kinds() == ["returned"]
    assert banned("https://reddit.com/r/dogs/comments/1", created=-100).kinds() == []
    world = World().actor(R, D).account(R, -400).account(D, 11).reported(D, 12)
    world.enforced(R, 10, "community_ban_perm", scope="community", scope_ref="northmoor")
    assert world.kinds() == ["displaced"]
    assert "the ban held in one community only" in world.one()["reasons"]


def test_a_lifted_or_expired_removal_ends_the_window() -> None:
    assert suspended_then(12, 13).enforced(M, 14, "account_restored").kinds() == ["displaced"]
    assert suspended_then(12, 13).enforced(M, 11, "account_restored").kinds() == []
    assert suspended_then(12, 13).enforced(M, None, "account_restored").kinds() == []
    world = World().actor(M, B).account(M, -9).account(B, 12).reported(B, 13)
    world.enforced(M, 10, "account_suspended_temp", expires_at=day(11))
    assert world.kinds() == []


def test_a_removal_that_was_lifted_makes_no_origin_of_an_account_at_the_debate_gate() -> None:
    world = World().actor(M, B).account(M, -9).account(B, 12).reported(M, 5, 6, 7, gate="debate").reported(B, 13)
    world.reported(M, 8, gate="illegal", status="dismissed")
    assert world.enforced(M, 10).kinds() == ["displaced"]
    assert world.enforced(M, 14, "account_restored").kinds() == []


def test_the_lawful_critic_is_in_no_migration() -> None:
    world = World().actor(M, B, D, probability=0.9999, standing="confirmed")
    world.account(M, -900, handle="moor_nan").account(B, -100, handle="moornan").account(D, -900)
    world.names(B, "mastodon:a.example:moor_nan").names(M, "bluesky:bsky:moornan", "moved")
    for name in (M, B, D):
        world.reported(name, *range(30)).reported(name, 31, status="dismissed").reported(name, gate="debate")
        world.enforced(name, 8, "none").enforced(name, 9, "note").enforced(name, 9, "triage")
    world.enforced(D, 11, "account_restored").enforced(B, 9, "content_removed", content_id="c1")
    world.enforced(B, 10, "content_restored", content_id="c1").enforced(M, 4, "muted").enforced(
        M, 5, "account_restored"
    )
    assert world.trace().is_empty()


def test_an_account_that_nobody_reported_is_no_destination_unless_declared() -> None:
    world = World().actor(M, B).account(M, -9, handle="grim").account(B, 12, last_active=day(14)).enforced(M, 10)
    assert world.kinds() == []
    assert world.reported(B, 13, status="dismissed").kinds() == []
    assert world.reported(B, 13).kinds() == []
    assert world.reported(B, 14).kinds() == ["displaced"]
    world.reported(B, *range(20, 30), status="dismissed")
    assert world.kinds() == []
    assert world.names(B, "mastodon:a.example:GRIM").kinds() == ["displaced"]


def test_a_declaration_is_a_move_only_from_a_sanctioned_account() -> None:
    world = World().actor(M, B).account(M, -9).account(B, -300, handle="grim").names(M, "bluesky:bsky:grim", "moved")
    assert world.reported(M, 3).reported(B, 20).kinds() == []
    row = world.enforced(M, 4, "content_removed").one()
    assert (row["kind"], row["origin_account_id"]) == ("declared", M)
    assert "mastodon (a.example) records a move to the account on bluesky" in row["reasons"]


def test_a_move_to_an_account_of_the_fediverse_is_known_whatever_runs_there() -> None:
    there = "pleroma:free.speech.example:AETFfFnYzKaHC34U3Y"
    world = World().actor(M, there).account(M, -9).account(there, -300, handle="Grimwald")
    world.reported(M, 3).reported(there, 20).enforced(M, 4, "content_removed")
    assert world.names(M, "mastodon:elsewhere.example:grimwald", "moved").kinds() == ["unknown_order"]
    assert world.names(M, "mastodon:free.speech.example:grimwald", "moved").kinds() == ["declared"]


def test_a_profile_link_runs_from_the_older_to_the_younger_account() -> None:
    for speaker, named in ((M, B), (B, M)):
        world = World().actor(M, B).account(M, -9).account(B, -300).names(speaker, named)
        for name in (M, B):
            world.reported(name, gate="illegal").enforced(name, 4, "warning")
        row = world.one()
        assert (row["kind"], row["origin_account_id"], row["destination_account_id"]) == ("unknown_order", B, M)
        assert "names the other; no time tells which came first" in row["summary"]


def test_overlapping_activity_is_multi_homed_once_for_each_pair_of_platforms() -> None:
    others = [f"bluesky:bsky:did:{n}" for n in range(4)]
    world = World().actor(M, *others).account(M, -9).reported(M, 1, 9).enforced(M, 5, "account_limited")
    for n, name in enumerate(others):
        world.account(name, -9).reported(name, 2 + n)
    row = world.one()
    assert (row["kind"], row["destination_account_id"]) == ("multi_homed", others[0])
    assert row["enforcement_id"] is None


def test_activity_that_goes_over_without_a_removal_drifts() -> None:
    world = World().actor(M, B).account(M, -9).account(B, -9).reported(M, 1, 4).reported(B, 6, 7)
    assert world.kinds() == []
    assert world.enforced(M, 2, "warning").kinds() == ["drifted"]
    assert world.kinds(window=timedelta(days=1)) == []


def test_too_few_acts_do_not_tell_a_move_from_two_places_in_use() -> None:
    def seen(before: int, after: int) -> World:
        world = World().actor(M, B).account(M, -9).account(B, -9).enforced(M, 2, "warning")
        return world.reported(M, *(n / 10 for n in range(before))).reported(B, *(5 + n / 10 for n in range(after)))

    few, many = [(1, 1), (2, 1), (1, 4)], [(2, 2), (1, 5), (5, 1), (3, 3)]
    assert {kind for each in few for kind in seen(*each).kinds()} == {"unknown_order"}
    assert {kind for each in many for kind in seen(*each).kinds()} == {"drifted"}
    assert "too few acts are known to tell a move from two places in use" in seen(1, 1).one()["summary"]
    assert seen(1, 1).one()["left_latest"] is None
    assert seen(1, 1).enforced(M, 0, "account_suspended_temp", expires_at=day(1)).kinds() == []


def test_who_was_ever_removed_does_not_drift() -> None:
    world = World().actor(M, B).account(M, -9).account(B, -9).reported(M, 1, 4).reported(B, 6, 7)
    assert world.enforced(M, 2, "account_suspended_temp", expires_at=day(3)).kinds() == []


def test_a_removal_at_an_unknown_time_may_come_before_anything_until_it_expires() -> None:
    world = World().actor(M, B).account(M, -9).account(B, 12).reported(B)
    assert world.enforced(M, None).kinds() == ["unknown_order"]
    world.rows["enforcements"].clear()
    assert world.enforced(M, None, "account_suspended_temp", expires_at=day(11)).kinds() == []


def test_a_ban_is_lifted_only_in_its_own_community() -> None:
    here, there = ({"scope": "community", "scope_ref": name} for name in ("northmoor", "dogs"))
    world = World().actor(R, D).account(R, -9).account(D, 12).reported(D, 13)
    assert world.enforced(R, 10, "community_ban_perm", **here).kinds() == ["displaced"]
    assert world.enforced(R, 11, "account_restored", **there).kinds() == ["displaced"]
    assert world.enforced(R, 11, "account_restored", **here).kinds() == []


def test_a_suspension_that_only_the_state_shows_has_no_lower_bound() -> None:
    world = World().actor(M, B).account(M, -9, state="suspended", state_at=day(10)).reported(B, 12)
    assert world.account(B, 9).kinds() == ["unknown_order"]
    world = World().actor(M, B).account(M, -9, state="suspended", state_at=day(10)).reported(B, 12)
    row = world.account(B, 11).one()
    assert (row["kind"], row["left_earliest"], row["left_latest"]) == ("displaced", None, day(10))
    assert row["reasons"][0] == "by 2026-04-11 00:00Z: seen to be suspended on mastodon (a.example)"
    assert world.enforced(M, 9, "account_restored").kinds() == []


def test_an_enforcement_on_content_counts_for_its_author() -> None:
    world = World().actor(M, B).account(M, -9).account(B, -9).reported(M, 1, 4).reported(B, 6, 7)
    assert world.enforced(None, 2, "content_removed", content_id="c0").kinds() == ["drifted"]


def test_the_origin_is_the_account_enforced_last_before_the_arrival() -> None:
    chain = [f"bluesky:bsky:did:{n}" for n in range(6)]
    world = World().actor(*chain)
    for n, name in enumerate(chain):
        world.account(name, 10 * n).reported(name, 10 * n + 1).enforced(name, 10 * n + 5)
    found = world.trace()
    assert set(found["kind"]) == {"returned"}
    pairs = found.select("origin_account_id", "destination_account_id").rows()
    assert sorted(pairs) == list(pairwise(chain))


def test_an_actor_of_many_accounts_has_fewer_migrations_than_accounts() -> None:
    names = [f"bluesky:bsky:did:{n:03}" for n in range(300)]
    world = World().actor(*names)
    for n, name in enumerate(names):
        world.account(name, n / 10 if n % 2 else None).reported(name).enforced(name, n / 10 + 1 if n % 3 else None)
    assert 150 < world.trace().height < 300


def test_probability_is_that_of_the_weakest_link_on_the_path_but_no_less_than_the_actors() -> None:
    world = suspended_then(12, 13)
    world.rows["actors"].clear()
    world.actor(M, B, R, probability=0.91, standing="suggested").account(R)
    world.match(M, R, 0.99, "corroborated").match(R, B, 0.97, "corroborated").match(M, B, 0.999, "suggested")
    row = world.one()
    assert (row["match_probability"], row["standing"]) == (0.97, "corroborated")
    world.rows["matches"].clear()
    assert world.match(M, B, 0.2).one()["match_probability"] == 0.91


def test_report_ids_are_bounded_and_leave_dismissed_ones_out() -> None:
    world = suspended_then(12, *range(13, 60)).reported(B, 12.5, status="dismissed")
    ids = world.one()["report_ids"]
    assert len(ids) == 11
    assert ids[:2] == ["r0", "r1"]


def test_flows_add_up_by_platform() -> None:
    world = suspended_then(12, 13).actor(R, D, probability=0.5).account(R, 1).account(D, 5).enforced(R, 4).reported(D)
    found = flows(world.trace())
    assert found.select("origin_platform", "destination_platform", "n", "displaced", "drifted").rows() == [
        ("mastodon", "bluesky", 1, 1, 0),
        ("reddit", "discord", 1, 1, 0),
    ]
    assert found["mean_probability"].to_list() == [0.95, 0.5]


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (timedelta(seconds=59), "less than a minute"),
        (timedelta(minutes=1), "1 minute"),
        (timedelta(minutes=50, seconds=42), "51 minutes"),
        (timedelta(minutes=119), "119 minutes"),
        (timedelta(hours=47), "47 hours"),
        (timedelta(days=2), "2 days"),
    ],
)
def test_durations_in_words(length: timedelta, words: str) -> None:
    assert duration(length) == words


ticks = st.integers(0, 6)
ends = st.none() | ticks


@st.composite
def spans(draw: st.DrawFn) -> tuple[int | None, int | None]:
    first, last = draw(ends), draw(ends)
    return (min(first, last), max(first, last)) if first is not None and last is not None else (first, last)


def moments(span: tuple[int | None, int | None]) -> range:
    """Every tick at which the thing may have happened, of a small world."""
    return range(-1 if span[0] is None else span[0], (8 if span[1] is None else span[1]) + 1)


@given(spans(), spans())
def test_spans_are_ordered_as_every_choice_of_moments_is(
    one: tuple[int | None, int | None], two: tuple[int | None, int | None]
) -> None:
    a, b = (Span(*(None if end is None else day(end) for end in span)) for span in (one, two))
    pairs = [(x, y) for x in moments(one) for y in moments(two)]
    assert a.surely_before(b) == all(x < y for x, y in pairs)
    assert a.surely_after(b) == all(x >= y for x, y in pairs)


@given(ends, st.sampled_from(["exact", "day", "approximate", "derived_from_id", "unknown", None]), ends)
def test_creation_never_claims_more_than_is_known(created: int | None, precision: str | None, seen: int | None) -> None:
    made = creation(None if created is None else day(created), precision, None if seen is None else day(seen))
    if seen is not None:
        assert made.latest is not None
        assert made.latest <= day(seen)
    if made.earliest is not None:
        assert made.latest is not None
        assert made.earliest <= made.latest
        assert precision in ("exact", "derived_from_id", "day")


KINDS = ["account_suspended_perm", "account_restored", "content_removed", "community_ban_perm", "none"]
names = st.sampled_from([M, B, R, D, "mastodon:a.example:2"])


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Small worlds in which anything may come before, after or at the same time as anything else."""
    ids = draw(st.lists(names, min_size=2, max_size=5, unique=True))
    world = World().actor(*ids)
    for name in ids:
        precision = draw(st.sampled_from(["exact", "day", "approximate", "unknown"]))
        world.account(name, draw(ends), precision, last_active=draw(st.none() | ticks.map(day)))
    for name, when, action in draw(st.lists(st.tuples(names, ends, st.sampled_from(KINDS)), max_size=6)):
        world.enforced(name, when, action)
    for name, when in draw(st.lists(st.tuples(names, ends), max_size=6)):
        world.reported(name, *([] if when is None else [when]))
    for one, two in draw(st.lists(st.tuples(names, names), max_size=2)):
        world.names(one, two)
    return world


@settings(deadline=None, max_examples=80)
@given(worlds())
def test_what_every_migration_keeps(world: World) -> None:
    found = world.trace()
    assert tables.check("migrations", found).bad.is_empty()
    (members,) = (row["account_ids"] for row in world.rows["actors"])
    assert found.height < len(members)
    pairs = [frozenset(pair) for pair in found.select("origin_account_id", "destination_account_id").rows()]
    assert len(set(pairs)) == len(pairs)
    created = {row["account_id"]: row.get("created_at") for row in world.rows["accounts"]}
    removals = {"account_suspended_perm", "community_ban_perm"}
    enforced = {row["enforcement_id"]: row for row in world.rows["enforcements"]}
    sanctioned = {row["account_id"] for row in enforced.values() if row["action"] in removals | {"content_removed"}}
    for row in found.iter_rows(named=True):
        assert row["origin_account_id"] in sanctioned
        if row["kind"] in ("displaced", "returned"):
            assert row["arrived_earliest"] >= row["left_latest"]
            assert created[row["destination_account_id"]] >= enforced[row["enforcement_id"]]["at_latest"]
            acts = [c for c in world.rows["contents"] if c["account_id"] == row["destination_account_id"]]
            assert all(act["created_at"] >= row["left_latest"] for act in acts)
        if row["kind"] == "pre_positioned":
            assert created[row["destination_account_id"]] < row["left_earliest"]
            assert row["arrived_earliest"] >= row["left_latest"]


@settings(deadline=None, max_examples=50)
@given(worlds(), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(world: World, rng: random.Random) -> None:
    assert world.trace().equals(world.trace(rng))


@pytest.mark.parametrize("contact", ["email", "phone", "sms", "whatsapp", "signal", "threatexchange"])
def test_a_way_to_reach_somebody_is_no_place_to_move_to_or_from(contact: str) -> None:
    name = f"{contact}:{contact}:00ff"
    world = World().actor(M, B, name).account(M, -400).account(B, 11).account(name, 12)
    world = world.reported(M, 5).enforced(M, 10).reported(B, 13).reported(name, 1, 14).enforced(name, 2)
    assert {(r["origin_platform"], r["destination_platform"]) for r in world.trace().iter_rows(named=True)} == {
        ("mastodon", "bluesky")
    }


@pytest.mark.parametrize(("created", "kind"), [(11, "displaced"), (16, None)])
def test_what_comes_after_a_suspension_was_lifted_is_not_displaced(created: float, kind: str | None) -> None:
    world = World().actor(M, B).account(M, -400).account(B, created).reported(M, 5).enforced(M, 10)
    world = world.enforced(M, 15, "account_restored").reported(B, 17)
    assert world.kinds() == ([kind] if kind else [])


def test_a_suspension_lifted_at_an_unknown_time_displaces_nobody() -> None:
    world = World().actor(M, B).account(M, -400).account(B, 11).reported(M, 5).reported(B, 13)
    world = world.enforced(M, 10, at_earliest=None).enforced(M, None, "account_restored")
    assert "displaced" not in world.kinds()


def test_one_account_that_two_servers_key_differently_has_not_moved() -> None:
    at_home, elsewhere = "pleroma:p.example:AflakE", "mastodon:p.example:https://p.example/users/grim"
    for handle, moves in (("Grim", 0), ("grim_2", 1)):
        world = (
            World().actor(at_home, elsewhere).account(elsewhere, 0, handle="grim").account(at_home, 12, handle=handle)
        )
        world.enforced(elsewhere, 10).reported(elsewhere, 9).reported(at_home, 13)
        assert world.trace().height == moves
