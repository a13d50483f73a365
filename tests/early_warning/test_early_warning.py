"""Early warning: who is named, who never is, in which order, and what is said."""

from __future__ import annotations

import random
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from warning_rows import NEW, OLD, World, day, tied

from graphmatch import tables
from graphmatch.early_warning import HALF_LIFE_DAYS, SCHEMA, newest, undated
from graphmatch.early_warning.enforced import HARM, SANCTIONS
from graphmatch.early_warning.unreported import WEAK_DERIVATIONS
from graphmatch.errors import UsageError
from graphmatch.link.stand import WEAK_DERIVATIONS as WEAK_IN_LINKING
from graphmatch.model import Gate


def test_a_tied_account_that_nobody_reported_is_named_with_its_factors() -> None:
    found = tied().warnings(at=HALF_LIFE_DAYS)
    row = found.row(0, named=True)
    assert found.schema == SCHEMA
    assert (row["account_id"], row["enforced_account_id"], row["actor_id"]) == (NEW, OLD, "actor-0")
    assert row["recency"] == pytest.approx(0.5)  # one half-life after day 0
    assert row["harm"] == pytest.approx(1 / 3)  # one report at terms, none dismissed
    assert row["priority"] == pytest.approx(0.95 * 0.5 / 3)
    assert (row["days_since"], row["held"], row["dismissed"], row["others"]) == (30.0, 1, 0, 0)
    assert row["report_ids"] == ["r0"]
    assert row["reasons"] == [
        "an account on mastodon (a.example) was suspended on 2026-04-01 00:00Z, 30 days before 2026-05-01",
        "1 report about that account past the debate gate, at most terms",
        "linked to it with probability 0.95, suggested, within one suspected actor",
        "no report about this account and no decision on bluesky is known",
    ]


def test_a_warning_is_suggested_whatever_the_standing_of_its_link() -> None:
    world = World().account(OLD, NEW).actor(OLD, NEW, standing="confirmed").reported(OLD).enforced(OLD, 0)
    assert world.warnings()["standing"].to_list() == ["suggested"]
    assert "confirmed" in world.warnings()["reasons"][0][2]


@pytest.mark.parametrize(
    "world",
    [
        World().account(OLD, NEW).actor(OLD, NEW).reported(OLD),
        World().account(OLD, NEW).actor(OLD, NEW).reported(OLD, gate="imminent").reported(OLD, gate="illegal"),
        World().account(OLD, NEW).actor(OLD, NEW).reported(OLD).enforced(OLD, 0, "none"),
        World().account(OLD, NEW).actor(OLD, NEW).reported(OLD).enforced(OLD, 0, "referred_le"),
        World().account(OLD, NEW).actor(OLD, NEW).enforced(OLD, 0),
        World().account(OLD, NEW).actor(OLD, NEW).reported(OLD, gate="debate").enforced(OLD, 0),
        World().account(OLD, NEW).actor(OLD, NEW).reported(OLD, status="dismissed").enforced(OLD, 0),
        World().account(OLD, NEW).actor(OLD, NEW).reported(OLD).enforced(OLD, None),
        World().account(OLD, NEW).reported(OLD).enforced(OLD, 0),
        tied().reported(NEW),
        tied().reported(NEW, gate="debate", status="dismissed"),
        tied().enforced(NEW, 1, "none"),
        tied().enforced(NEW, 1, "warning"),
        tied().enforced(OLD, 1, "account_restored"),
        tied().enforced(OLD, None, "account_restored"),
        tied().target(NEW),
    ],
    ids=[
        "only reported", "only reported, gravely", "looked at", "referred", "no report", "only debate", "dismissed",
        "no time", "no tie", "reported here", "reported here in vain", "cleared here", "warned here", "restored",
        "restored, nobody knows when", "a target",
    ],
)  # fmt: skip
def test_who_is_never_named(world: World) -> None:
    assert world.named() == []


def test_a_critic_whom_a_thousand_reported_and_nobody_sanctioned_begins_no_warning() -> None:
    world = World().account(OLD, NEW).actor(OLD, NEW)
    for _ in range(1000):
        world.reported(OLD, gate="illegal")
    assert world.named() == []


def test_a_lesser_sanction_needs_more_reports_that_hold_than_were_dismissed() -> None:
    def world(held: int, dismissed: int, action: str) -> World:
        made = World().account(OLD, NEW).actor(OLD, NEW).enforced(OLD, 0, action)
        for _ in range(held):
            made.reported(OLD)
        for _ in range(dismissed):
            made.reported(OLD, status="dismissed")
        return made

    assert world(1, 1, "warning").named() == []
    assert world(2, 1, "warning").named() == [NEW]
    assert world(1, 3, "account_suspended_perm").named() == [NEW]
    assert world(1, 3, "account_suspended_perm").warnings()["harm"].to_list() == pytest.approx([1 / 12])


def test_how_many_reports_there_are_raises_nothing() -> None:
    one, many = tied(), tied()
    for _ in range(50):
        many.reported(OLD)
    assert one.warnings()["priority"].to_list() == many.warnings()["priority"].to_list()


def test_harm_is_the_gravest_gate_that_holds() -> None:
    assert list(HARM) == list(Gate)
    assert sorted(HARM.values()) == list(HARM.values())
    world = tied().reported(OLD, gate="imminent", status="dismissed").reported(OLD, gate="illegal")
    row = world.warnings().row(0, named=True)
    assert (row["gate"], row["held"], row["dismissed"]) == ("illegal", 2, 1)
    assert row["harm"] == pytest.approx(2 / 3 * 2 / 3)
    assert row["reasons"][1] == "2 reports about that account past the debate gate, at most illegal, 1 more dismissed"


def test_another_server_is_elsewhere_and_the_same_place_is_not() -> None:
    def world(other: str) -> World:
        return World().account(OLD, other).actor(OLD, other).reported(OLD).enforced(OLD, 0)

    assert world("mastodon:b.example:2").named() == ["mastodon:b.example:2"]
    assert world("mastodon:a.example:2").named() == []
    assert world("pleroma:A.example:2").named() == []  # the same server, seen from outside
    assert world("email:mail:2").named() == []  # an address is no place


def test_a_sanction_on_a_post_is_its_authors() -> None:
    world = World().account(OLD, NEW).actor(OLD, NEW).reported(OLD).content("c", OLD)
    world.enforced(OLD, 0, "content_removed", account_id=None, content_id="c")
    assert world.named() == [NEW]
    assert world.enforced(OLD, 1, "content_restored", account_id=None, content_id="c").named() == []


def test_a_lift_before_a_second_suspension_does_not_take_it_back() -> None:
    world = tied().enforced(OLD, 2, "account_restored").enforced(OLD, 5)
    assert world.warnings().select("account_id", "enforcement_id").rows() == [(NEW, "e2")]


def test_a_match_outside_of_actors_ties_only_if_asked() -> None:
    world = World().account(OLD, NEW).match(OLD, NEW, 0.8).reported(OLD).enforced(OLD, 0)
    assert world.named() == []
    assert world.named(least=0.8) == [NEW]
    assert world.named(least=0.81) == []
    assert world.warnings(least=0.5)["actor_id"].to_list() == [None]
    assert "by one match, in no actor together" in world.warnings(least=0.5)["reasons"][0][2]
    assert world.judged(OLD, NEW, "negative").named(least=0.5) == []
    assert (
        World()
        .account(OLD, NEW)
        .match(OLD, NEW, 0.9, story="impersonation")
        .reported(OLD)
        .enforced(OLD, 0)
        .named(least=0.5)
        == []
    )


def test_the_probability_is_that_of_the_weakest_link_on_the_path() -> None:
    between = "x:x:1"
    world = tied().account(between)
    world.rows["actors"] = []
    world.actor(OLD, NEW, between, probability=0.9).match(OLD, between, 0.99).match(between, NEW, 0.93)
    assert set(world.warnings()["account_id"]) == {NEW, between}
    by = dict(world.warnings().select("account_id", "match_probability").iter_rows())
    assert by == {NEW: 0.93, between: 0.99}


def test_of_several_enforced_accounts_one_counts_and_the_others_are_counted() -> None:
    other = "x:x:1"
    world = tied().account(other).reported(other).enforced(other, 8)
    world.rows["actors"] = []
    row = world.actor(OLD, NEW, other).warnings().row(0, named=True)
    assert (row["enforced_account_id"], row["others"]) == (other, 1)
    assert row["priority"] < 1 / 3
    assert row["reasons"][-1] == "tied to 1 more enforced account, which raises nothing"


def test_an_interval_counts_from_its_earlier_end() -> None:
    world = World().account(OLD, NEW).actor(OLD, NEW).reported(OLD)
    world.enforced(OLD, 1, at_earliest=day(0))
    row = world.warnings(at=10).row(0, named=True)
    assert row["days_since"] == 10.0
    assert "between 2026-04-01 00:00Z and 2026-04-02 00:00Z" in row["reasons"][0]


def test_an_account_that_is_gone_is_not_named() -> None:
    for state, named in ((None, [NEW]), ("active", [NEW]), ("suspended", []), ("deleted", [])):
        world = World().account(OLD).account(NEW, state=state).actor(OLD, NEW).reported(OLD).enforced(OLD, 0)
        assert world.named() == named


def test_who_was_only_mentioned_is_no_target_and_a_registered_one_is() -> None:
    def world(**target: Any) -> World:
        made = World().account(OLD).account(NEW, handle="Asha").actor(OLD, NEW).reported(OLD).enforced(OLD, 0)
        return made.target("bluesky:bsky:asha", platform="bluesky", handle="@asha", **target)

    assert world(derivations=["mention"]).named() == [NEW]
    assert world(derivations=["mention"], registered_as="registry:1").named() == []
    assert world(derivations=["mention", "file_header"]).named() == []


@given(st.data())
@settings(max_examples=25, deadline=None)
def test_priority_is_an_order_and_rows_come_in_any(data: st.DataObject) -> None:
    world = World()
    for number in range(data.draw(st.integers(1, 6))):
        old, new = f"mastodon:a.example:{number}", f"bluesky:bsky:did:{number}"
        world.account(old, new).actor(old, new, probability=data.draw(st.floats(0.5, 1.0)))
        world.enforced(old, data.draw(st.floats(-200, 9)), data.draw(st.sampled_from(sorted(SANCTIONS))))
        for gate in data.draw(st.lists(st.sampled_from([gate.value for gate in Gate]), max_size=3)):
            world.reported(old, gate=gate, status=data.draw(st.sampled_from([None, "open", "dismissed"])))
    found = world.warnings()
    assert found["priority"].to_list() == sorted(found["priority"], reverse=True)
    for row in found.iter_rows(named=True):
        assert row["priority"] == pytest.approx(row["match_probability"] * row["recency"] * row["harm"])
        assert all(0 < row[name] <= 1 for name in ("match_probability", "recency", "harm"))
        assert row["gate"] != "debate"
    assert world.warnings(random.Random(data.draw(st.integers(0, 9)))).equals(found)


def test_options_that_make_no_sense_are_refused() -> None:
    for options in ({"half_life_days": 0}, {"half_life_days": float("nan")}, {"least": 0}, {"least": 1.1}):
        with pytest.raises(UsageError):
            tied().warnings(**options)


def test_nothing_known_gives_no_warning() -> None:
    assert World().warnings().is_empty()
    assert World().account(OLD).warnings().schema == SCHEMA


def test_the_list_is_as_of_the_newest_time_in_the_data_and_not_of_what_it_says_of_the_future() -> None:
    made = tied().account("x:x:9", created_at=day(900), last_observed_at=day(7)).tables()
    assert newest(made["accounts"], made["enforcements"], made["reports"]) == day(7)
    assert newest(made["contents"]) is None


def test_sanctions_without_a_time_are_counted() -> None:
    made = tied().enforced(OLD, None).enforced(OLD, None, "note").tables()
    assert undated(made["enforcements"]) == 1


def test_targets_are_those_of_linking() -> None:
    """Rooms don't import each other; the readings must not drift apart."""
    assert WEAK_DERIVATIONS == WEAK_IN_LINKING


def test_no_table_holds_a_warning_so_that_no_release_can() -> None:
    assert "warnings" not in tables.SCHEMAS
    reasons = pl.DataFrame(tied().warnings())["reasons"].to_list()
    assert not [word for row in reasons for reason in row for word in ("same person", "did:1", NEW) if word in reason]
