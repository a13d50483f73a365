"""The cases of the lag ledger: bounds, open cases, refusals, leads, and what nothing is known of."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from graphmatch import tables
from graphmatch.lag import ACKNOWLEDGED, READ_AS, SHARED, STAGES, Ledger, ledger, newest
from graphmatch.lag.cases import (
    ACKNOWLEDGEMENT,
    ACTION,
    AFTER_ACKNOWLEDGEMENT,
    CIRCULAR,
    FIRST_REPORT,
    LEAD,
    NEGATIVE,
    NO_TIME,
    REAPPEARANCE,
    RELEASE,
    UNORDERED,
)
from graphmatch.migration.removed import COLUMNS

DAY0 = datetime(2026, 4, 1, tzinfo=UTC)
OLD, NEW = "x:x:1", "reddit:reddit:2"


def day(number: float | None) -> datetime | None:
    return None if number is None else DAY0 + timedelta(days=number)


def frame(table: str, rows: list[dict[str, Any]]) -> pl.DataFrame:
    names = tables.dtypes(table)
    blank = {name: [] if dtype == tables.TEXTS else None for name, dtype in names.items()}
    return pl.DataFrame([{**blank, **row} for row in rows], schema=names)


class Case:
    """Tables under construction: by default one removal on day 0 and nothing after it, watched to day 100."""

    def __init__(self, *removals: tuple[float | None, float | None, float | None]) -> None:
        self.removals = [
            {
                "case_id": f"e{number}", "account_id": OLD, "platform": "x", "enforcement_ids": [f"e{number}"],
                "removed_earliest": day(first), "removed_latest": day(last), "until": day(until),
            }
            for number, (first, last, until) in enumerate(removals or ((0, 0, None),))
        ]  # fmt: skip
        self.rows: dict[str, list[dict[str, Any]]] = {name: [] for name in tables.SCHEMAS}
        self.shared: list[dict[str, Any]] = []
        self.acknowledged: list[dict[str, Any]] = []

    def moved(self, first: float | None, last: float | None, kind: str = "displaced", **other: Any) -> Case:
        number = len(self.rows["migrations"])
        row = {
            "migration_id": f"m{number}", "kind": kind, "origin_account_id": OLD, "destination_account_id": NEW,
            "origin_platform": "x", "destination_platform": "reddit", "enforcement_id": "e0",
            "left_earliest": day(0), "left_latest": day(0), "arrived_earliest": day(first), "arrived_latest": day(last),
            "match_probability": 0.9, "standing": "suggested",
        }  # fmt: skip
        self.rows["migrations"].append({**row, **other})
        return self

    def reported(self, *times: float | None, **other: Any) -> Case:
        for time in times:
            row = {"report_id": f"r{len(self.rows['reports'])}", "account_id": NEW, "reported_at": day(time)}
            self.rows["reports"].append({**row, **other})
        return self

    def acted(self, first: float | None, last: float | None, action: str = "warning", **other: Any) -> Case:
        row = {"enforcement_id": f"a{len(self.rows['enforcements'])}", "account_id": NEW, "action": action}
        self.rows["enforcements"].append({**row, "at_earliest": day(first), "at_latest": day(last), **other})
        return self

    def released(self, at: float) -> Case:
        self.shared.append({"account_id": NEW, "recipient": "reddit", "released_at": day(at)})
        return self

    def heard(self, at: float) -> Case:
        self.acknowledged.append({"account_id": NEW, "recipient": "reddit", "acknowledged_at": day(at)})
        return self

    def ledger(self, rng: random.Random | None = None, end: float | None = 100) -> Ledger:
        names = ("migrations", "reports", "enforcements", "contents")
        made = [pl.DataFrame(self.removals, schema=COLUMNS), *(frame(name, self.rows[name]) for name in names)]
        if rng is not None:
            made = [table[rng.sample(range(table.height), table.height)] for table in made]
        return ledger(
            *made,
            end=day(end),
            window=timedelta(days=90),
            shared=pl.DataFrame(self.shared, schema=SHARED),
            acknowledged=pl.DataFrame(self.acknowledged, schema=ACKNOWLEDGED),
        )

    def of(self, stage: str, end: float | None = 100) -> list[tuple[float | None, float | None, bool]]:
        rows = self.ledger(end=end).cases.filter(pl.col("stage") == stage)
        return rows.select("least_days", "most_days", "is_censored").rows()

    def refused(self) -> list[tuple[str, str, int]]:
        return self.ledger().refused.rows()


def test_a_reappearance_is_a_lag_within_its_bounds() -> None:
    assert Case().moved(3, 3).of(REAPPEARANCE) == [(3.0, 3.0, False)]
    assert Case((0, 1, None)).moved(3, 5, left_latest=day(1)).of(REAPPEARANCE) == [(2.0, 5.0, False)]
    row = Case().moved(3, 3).ledger().cases.row(0, named=True)
    assert (row["case_id"], row["origin_platform"], row["destination_platform"]) == ("e0", "x", "reddit")
    assert (row["migration_id"], row["match_probability"], row["standing"]) == ("m0", 0.9, "suggested")


def test_a_day_is_a_day_long() -> None:
    # An account "made on day 3", known to the day, after a removal to the millisecond.
    assert Case((2.5, 2.5, None)).moved(3, 4, left_earliest=day(2.5), left_latest=day(2.5)).of(REAPPEARANCE) == [
        (0.5, 1.5, False)
    ]


def test_who_did_not_come_back_is_open_and_watched_no_longer_than_the_data_the_window_and_the_ban() -> None:
    assert Case().of(REAPPEARANCE, end=40) == [(40.0, None, True)]
    assert Case().of(REAPPEARANCE, end=100) == [(90.0, None, True)]
    assert Case((0, 0, 7)).of(REAPPEARANCE) == [(7.0, None, True)]
    assert Case((0, 2, None)).of(REAPPEARANCE, end=40) == [(38.0, None, True)]


def test_two_enforcements_and_a_reinstatement() -> None:
    twice = Case((0, 0, 3), (20, 20, None))
    twice.moved(21, 21, enforcement_id="e1", left_earliest=day(20), left_latest=day(20))
    assert twice.of(REAPPEARANCE) == [(3.0, None, True), (1.0, 1.0, False)]


def test_a_case_of_unknown_order_is_refused_and_counted() -> None:
    case = Case().moved(None, 3, "unknown_order")
    assert case.of(REAPPEARANCE) == []
    assert case.refused() == [(REAPPEARANCE, UNORDERED, 1)]
    assert case.moved(5, 5).of(REAPPEARANCE) == [(5.0, 5.0, False)]


def test_other_kinds_say_nothing_of_a_removal() -> None:
    for kind in ("multi_homed", "drifted", "declared"):
        case = Case().moved(3, 3, kind, enforcement_id=None)
        assert case.of(REAPPEARANCE) == [(90.0, None, True)]
        assert case.of(FIRST_REPORT) == []


def test_a_removal_that_only_the_state_shows_meets_its_own_move() -> None:
    case = Case()
    case.removals[0] |= {"enforcement_ids": [], "case_id": OLD, "removed_earliest": None}
    case.moved(3, 3, enforcement_id=None, left_earliest=None)
    assert case.of(REAPPEARANCE) == [(3.0, None, False)]


def test_a_removal_without_a_time_is_refused() -> None:
    case = Case((None, None, None))
    assert case.of(REAPPEARANCE) == []
    assert case.refused() == [(REAPPEARANCE, NO_TIME, 1)]


def test_negative_lags_are_refused_and_overlaps_begin_at_none() -> None:
    early = Case().moved(-3, -2)
    assert early.of(REAPPEARANCE) == []
    assert early.refused() == [(REAPPEARANCE, NEGATIVE, 1)]
    assert Case().moved(-1, 2).of(REAPPEARANCE) == [(0.0, 2.0, False)]
    assert Case().moved(5, 5).reported(4).refused() == [(FIRST_REPORT, NEGATIVE, 1)]


def test_the_first_report_that_was_not_dismissed_ends_the_stage() -> None:
    case = Case().moved(3, 3).reported(9, 8).reported(4, status="dismissed")
    assert case.of(FIRST_REPORT) == [(5.0, 5.0, False)]
    assert Case().moved(3, 4).of(FIRST_REPORT, end=50) == [(46.0, None, True)]
    undated = Case().moved(3, 3).reported(None)
    assert undated.refused() == [(FIRST_REPORT, NO_TIME, 1)]


def test_a_report_that_alone_dates_the_reappearance_measures_nothing() -> None:
    case = Case().moved(3, 3, "pre_positioned").reported(3)
    assert case.of(FIRST_REPORT) == []
    assert case.refused() == [(FIRST_REPORT, CIRCULAR, 1)]


def test_the_first_action_after_the_report_counts_whatever_came_before() -> None:
    case = Case().moved(1, 1).reported(5).acted(2, 2).acted(9, 9).acted(7, 7, "note").acted(8, 8, "account_restored")
    assert case.of(ACTION) == [(4.0, 4.0, False)]
    assert case.acted(4, 6).of(ACTION) == [(0.0, 1.0, False)]
    assert Case().moved(1, 1).reported(5).acted(None, 8).of(ACTION) == [(0.0, 3.0, False)]
    assert Case().moved(1, 1).reported(5).of(ACTION, end=60) == [(55.0, None, True)]
    by_content = Case().moved(1, 1).reported(5).acted(6, 6, "content_removed", account_id=None, content_id="c")
    by_content.rows["contents"].append({"content_id": "c", "account_id": NEW})
    assert by_content.of(ACTION) == [(1.0, 1.0, False)]


def test_a_release_is_late_or_leads() -> None:
    late = Case().moved(1, 1).reported(5).released(9).released(8)
    assert late.of(RELEASE) == [(3.0, 3.0, False)]
    assert late.of(LEAD) == []
    leading = Case().moved(1, 1).reported(5).released(3)
    assert leading.of(LEAD) == [(2.0, 2.0, False)]
    assert leading.of(RELEASE) == []
    assert Case().moved(1, 1).released(3).of(LEAD, end=10) == [(7.0, None, True)]
    not_yet = Case().moved(1, 1).reported(5)
    not_yet.shared.append({"account_id": "reddit:reddit:9", "recipient": "reddit", "released_at": day(2)})
    assert not_yet.of(RELEASE, end=50) == [(45.0, None, True)]


def test_acknowledgements_come_from_a_frame_of_their_own() -> None:
    case = Case().moved(1, 1).reported(5).released(8).heard(10).acted(6, 6).acted(13, 13)
    assert case.of(ACKNOWLEDGEMENT) == [(2.0, 2.0, False)]
    assert case.of(AFTER_ACKNOWLEDGEMENT) == [(3.0, 3.0, False)]
    early = Case().moved(1, 1).reported(5).released(8).heard(7)
    assert (ACKNOWLEDGEMENT, NEGATIVE, 1) in early.refused()


def test_stages_without_data_are_named() -> None:
    found = Case().moved(3, 3).reported(9).ledger()
    assert set(found.no_data) == {RELEASE, LEAD, ACKNOWLEDGEMENT, AFTER_ACKNOWLEDGEMENT}
    assert set(STAGES) == set(READ_AS)
    released = Case().moved(3, 3).reported(9).released(10).ledger()
    assert set(released.no_data) == {LEAD, ACKNOWLEDGEMENT, AFTER_ACKNOWLEDGEMENT}


def test_with_no_time_at_all_nothing_is_measured() -> None:
    case = Case().moved(3, 3).reported(9)
    found = case.ledger(end=None)
    assert found.cases.is_empty()
    assert set(found.no_data) == set(STAGES)
    assert set(found.refused["reason"]) == {NO_TIME}


def test_nothing_at_all() -> None:
    empty = Case()
    empty.removals = []
    found = empty.ledger()
    assert found.cases.is_empty()
    assert found.refused.is_empty()


def test_the_end_is_the_newest_thing_that_happened_and_never_the_clock() -> None:
    contents = frame("contents", [{"created_at": day(1), "observed_at": day(500)}])
    reports = frame("reports", [{"reported_at": day(7), "status_at": day(600)}, {"reported_at": None}])
    acts = frame("enforcements", [{"at_earliest": day(2), "at_latest": day(4), "expires_at": day(9000)}])
    assert newest(contents, reports, acts) == day(7)
    assert newest(contents.clear(), reports.clear(), acts.clear()) is None


@given(st.randoms(use_true_random=False))
@settings(max_examples=10, deadline=None)
def test_the_order_of_rows_does_not_matter_here(rng: random.Random) -> None:
    case = Case((0, 0, 3), (20, 20, None), (50, 51, None)).moved(1, 2).moved(21, 21, enforcement_id="e1")
    case.moved(None, 60, "unknown_order", enforcement_id="e2").reported(30, 9, 12).acted(40, 40).acted(13, 13)
    assert_frame_equal(case.ledger(rng).cases, case.ledger().cases)
    assert_frame_equal(case.ledger(rng).refused, case.ledger().refused)


@given(
    st.lists(
        st.tuples(st.floats(-20, 80), st.floats(0, 9), st.sampled_from(["displaced", "returned", "pre_positioned"])),
        max_size=6,
    ),
    st.lists(st.floats(-30, 99), max_size=4),
)
@settings(max_examples=40, deadline=None)
def test_bounds_are_in_order_and_every_case_is_kept_or_refused(
    moves: list[tuple[float, float, str]], reports: list[float]
) -> None:
    case = Case().reported(*reports)
    for first, more, kind in moves:
        case.moved(first, first + more, kind, destination_account_id=f"{NEW}{len(case.rows['migrations'])}")
    found = case.ledger()
    told = found.cases
    assert (told["least_days"] >= 0).all()
    bounded = told.drop_nulls("most_days")
    assert (bounded["least_days"] <= bounded["most_days"]).all()
    assert told.filter(pl.col("is_censored"))["most_days"].null_count() == told["is_censored"].sum()
    here = found.refused.filter(pl.col("stage") == REAPPEARANCE)["n"].sum()
    assert told.filter(pl.col("stage") == REAPPEARANCE).height + here == max(len(moves), 1)


def test_days_are_of_24_hours() -> None:
    (row,) = Case().moved(0.5, 0.75).of(REAPPEARANCE)
    assert row == pytest.approx((0.5, 0.75, False))
