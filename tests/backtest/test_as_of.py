"""The tables as they were known at a date: a rule for every column, and nothing of the future in any of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import polars as pl
import pytest
from backtest_world import DATE, Poison, Tables, blank, frame, ordered
from hypothesis import given, settings
from hypothesis import strategies as st

from graphmatch import tables
from graphmatch.backtest import Known, as_of
from graphmatch.backtest.as_of import since_when
from graphmatch.backtest.rules import RULES, Kind
from graphmatch.merge import merge

NONE = tables.empty("judgements")
BEFORE, AFTER = DATE - timedelta(days=3), DATE + timedelta(days=3)


def made(**rows: list[dict[str, Any]]) -> Tables:
    return blank() | {name: frame(name, some) for name, some in rows.items()}


def test_every_column_of_every_observed_table_has_a_rule() -> None:
    assert set(RULES) == set(tables.OBSERVED)
    for name, rules in RULES.items():
        columns = tables.dtypes(name)
        assert set(rules) == set(columns), name
        for column, rule in rules.items():
            assert (rule.kind is Kind.TIME) == (columns[column] == tables.TIME), (name, column)
            if rule.kind is Kind.DATED:
                assert columns[rule.by] == tables.TIME
            if rule.kind is Kind.SIGHTED:
                assert f"{column}_at" in columns
        for column in tables.DATED.get(name, ()):
            assert rules[column].kind in (Kind.DATED, Kind.SIGHTED), (name, column)


@pytest.mark.parametrize("known", Known)
@pytest.mark.parametrize("days", [-30, -7, 0, 14, 60])
def test_no_time_after_the_date_is_left_anywhere(world: Tables, known: Known, days: int) -> None:
    at = DATE + timedelta(days=days)
    cut = as_of(world, NONE, at, known)
    for name, table in cut.tables.items():
        assert table.schema == tables.dtypes(name)
        for column, dtype in table.schema.items():
            if dtype == tables.TIME and table[column].drop_nulls().len():
                assert table[column].max() <= at, (name, column)


@given(st.integers(0, 2**31), st.integers(-20, 25))
@settings(max_examples=12, deadline=None)
def test_poisoning_the_future_changes_nothing(world: Tables, seed: int, days: int) -> None:
    date = DATE + timedelta(days=days)
    clean = as_of(world, NONE, date)
    poisoned, judgements = Poison(seed, date).tables(world, NONE)
    dirty = as_of(poisoned, judgements, date)
    for name, table in ordered(clean.tables).items():
        other = ordered(dirty.tables)[name]
        assert table.equals(other), (name, [c for c in table.columns if not table[c].equals(other[c])])
    assert dirty.judgements.is_empty()


def test_the_past_is_not_frozen_with_it(world: Tables) -> None:
    """The poison would be seen if it were dated before: the test above can fail."""
    poisoned, judgements = Poison(1, DATE).tables(world, NONE)
    much_later = DATE + timedelta(days=100)
    assert as_of(poisoned, judgements, much_later).judgements.height == 1
    for name in ("accounts", "reports", "enforcements", "sightings", "link_claims"):
        clean, dirty = (as_of(some, NONE, much_later).tables[name] for some in (world, poisoned))
        assert not ordered({name: clean})[name].equals(ordered({name: dirty})[name]), name


def test_what_is_known_only_grows(world: Tables) -> None:
    dates = [DATE + timedelta(days=7 * week) for week in range(-4, 9, 2)]
    cuts = [as_of(world, NONE, date) for date in dates]
    for name in tables.OBSERVED:
        key = tables.keys(name)
        for early, late in pairwise(cuts):
            assert early.tables[name].join(late.tables[name], on=key, how="anti").is_empty(), name
    assert cuts[-1].tables["reports"].height == world["reports"].height


def test_a_report_is_known_when_it_was_made_or_when_it_was_pulled() -> None:
    late = made(reports=[{"report_id": "r", "reported_at": BEFORE, "observed_at": AFTER}])
    assert as_of(late, NONE, DATE).tables["reports"]["observed_at"].to_list() == [None]
    assert as_of(late, NONE, DATE, Known.OBSERVED).tables["reports"].is_empty()
    flags = made(reports=[{"report_id": "r", "observed_at": BEFORE}, {"report_id": "never"}])
    cut = as_of(flags, NONE, DATE)
    assert cut.tables["reports"]["report_id"].to_list() == ["r"]
    assert cut.undated["reports"] == 1


def test_an_account_and_a_content_are_known_since_anything_was_about_them() -> None:
    for rows in (
        {"reports": [{"report_id": "r", "account_id": "a", "reported_at": BEFORE, "content_ids": ["c"]}]},
        {"enforcements": [{"enforcement_id": "e", "account_id": "a", "content_id": "c", "at_latest": BEFORE}]},
    ):
        world = made(
            accounts=[{"account_id": "a", "first_observed_at": AFTER}, {"account_id": "b", "first_observed_at": AFTER}],
            contents=[{"content_id": "c", "observed_at": AFTER, "created_at": AFTER}, {"content_id": "d"}],
            **rows,
        )
        cut = as_of(world, NONE, DATE)
        assert cut.tables["accounts"]["account_id"].to_list() == ["a"]
        assert cut.tables["contents"].select("content_id", "created_at").rows() == [("c", None)]
        assert cut.undated["contents"] == 1


def test_a_status_that_was_seen_later_was_not_known() -> None:
    row = {"report_id": "r", "reported_at": BEFORE, "status": "dismissed", "reporter_dismissed": 3}
    for at, status in ((BEFORE, "dismissed"), (AFTER, None), (None, None)):
        cut = as_of(made(reports=[row | {"status_at": at}]), NONE, DATE).tables["reports"]
        assert cut["status"].to_list() == [status]
        assert cut["reporter_dismissed"].to_list() == [None]


def test_a_profile_shows_the_words_that_were_first_seen_last() -> None:
    def seen(value: str, first: datetime, last: datetime) -> dict[str, Any]:
        row = {"account_id": "a", "kind": "handle", "value": value, "source": "s", "context": "profile"}
        return row | {"first_seen": first, "last_seen": last}

    world = made(
        accounts=[{"account_id": "a", "handle": "third", "handle_at": AFTER, "first_observed_at": BEFORE}],
        sightings=[
            seen("first", BEFORE - timedelta(days=9), AFTER),
            seen("second", BEFORE, BEFORE),
            seen("third", AFTER, AFTER),
        ],
    )
    cut = as_of(world, NONE, DATE).tables
    assert cut["accounts"].select("handle", "handle_at").rows() == [("second", BEFORE)]
    # When it was seen last is not known yet: the sighting ends where it began.
    assert cut["sightings"].sort("value")["last_seen"].to_list() == [BEFORE - timedelta(days=9), BEFORE]
    without = as_of(world | {"sightings": tables.empty("sightings")}, NONE, DATE).tables["accounts"]
    assert without["handle"].to_list() == [None]


def test_reading_an_account_again_later_does_not_take_its_words_of_then_away() -> None:
    first = {"account_id": "a", "handle": "old", "handle_at": BEFORE, "first_observed_at": BEFORE}
    again = {"account_id": "a", "handle": "new", "handle_at": AFTER, "first_observed_at": AFTER}
    sighting = {"account_id": "a", "kind": "handle", "source": "s", "context": "profile"}
    seen = [
        sighting | {"value": value, "first_seen": at, "last_seen": at}
        for value, at in (("old", BEFORE), ("new", AFTER))
    ]
    then = made(accounts=[first], sightings=seen[:1])
    now = then | {
        "accounts": merge("accounts", then["accounts"], frame("accounts", [again])),
        "sightings": merge("sightings", then["sightings"], frame("sightings", seen[1:])),
    }
    assert now["accounts"]["handle"].to_list() == ["new"]
    assert as_of(now, NONE, DATE).tables["accounts"].equals(as_of(then, NONE, DATE).tables["accounts"])


def test_a_suspension_that_ends_later_has_not_ended() -> None:
    row = {"enforcement_id": "e", "account_id": "a", "at_earliest": BEFORE, "at_latest": BEFORE}
    world = made(enforcements=[row | {"expires_at": AFTER}, row | {"enforcement_id": "f", "expires_at": BEFORE}])
    assert as_of(world, NONE, DATE).tables["enforcements"]["expires_at"].to_list() == [None, BEFORE]
    unsure = made(enforcements=[row | {"at_latest": AFTER}, {"enforcement_id": "g"}])
    cut = as_of(unsure, NONE, DATE)
    assert cut.tables["enforcements"].is_empty()
    assert cut.undated["enforcements"] == 1


def test_judgements_are_those_given_by_then() -> None:
    rows = [
        {"seq": number, "left": "a", "right": "b", "judgement": "positive", "analyst": "jo", "reason": "x", "at": at}
        for number, at in enumerate((BEFORE, DATE, AFTER), 1)
    ]
    assert as_of(blank(), frame("judgements", rows), DATE).judgements["seq"].to_list() == [1, 2]


def test_times_are_compared_and_not_their_writing() -> None:
    noon = datetime(2026, 4, 13, 12, tzinfo=UTC)
    world = made(reports=[{"report_id": "r", "reported_at": noon}])
    assert as_of(world, NONE, noon).tables["reports"].height == 1
    assert as_of(world, NONE, noon - timedelta(microseconds=1)).tables["reports"].is_empty()
    assert since_when(world)["reports"].to_list() == [noon]


def test_a_sighting_does_not_name_a_report_of_the_future() -> None:
    world = made(
        sightings=[
            {"account_id": "a", "kind": "bio", "value": "x", "source": "s", "first_seen": BEFORE, "report_id": "r"}
        ],
        reports=[{"report_id": "r", "reported_at": AFTER}],
    )
    assert as_of(world, NONE, DATE).tables["sightings"]["report_id"].to_list() == [None]
    assert as_of(world, NONE, AFTER).tables["sightings"]["report_id"].to_list() == ["r"]
    assert pl.Series(["r"]).equals(as_of(world, NONE, AFTER).tables["reports"]["report_id"])
