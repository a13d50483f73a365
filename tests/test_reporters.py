"""Reporters and bursts: shares by hand, windows by brute force, and that volume alone raises nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from graphmatch.frames import frame as table_of
from graphmatch.link import link
from graphmatch.model import Account, Gate, IdKind, Report, ReportStatus, SourceKind, Specificity
from graphmatch.reporters import LEAST_REPORTERS, LOOK_BACK, WINDOW, weigh

DAY = datetime(2026, 4, 20, tzinfo=UTC)
EARLY = DAY - timedelta(days=30)


def report(
    number: int, reporter: str | None, at: datetime | None, account: str | None = "x:x:1", **more: Any
) -> Report:
    given = {"category_raw": None, "category_reported": "abuse.insult", "specificity": Specificity.EXACT} | more
    return Report(
        f"r{number}", "test", SourceKind.REPORT, "x", account, gate=Gate.TERMS, reported_at=at, reporter_ref=reporter,
        **given,
    )  # fmt: skip


def weighed(*reports: Report):
    return weigh(table_of("reports", reports))


def only_reporter(*reports: Report) -> dict[str, Any]:
    (row,) = weighed(*reports).reporters.rows(named=True)
    return row


def test_shares_are_of_what_the_source_decided() -> None:
    outcomes = [ReportStatus.UPHELD, ReportStatus.DISMISSED, ReportStatus.DISMISSED, ReportStatus.RESOLVED, None]
    row = only_reporter(*(report(n, "ann", DAY, f"x:x:{n % 2}", status=s) for n, s in enumerate(outcomes)))
    assert (row["reports"], row["accounts"], row["upheld"], row["dismissed"]) == (5, 2, 1, 2)
    assert row["upheld_share"] == pytest.approx(1 / 3)
    assert row["dismissed_share"] == pytest.approx(2 / 3)


def test_a_closed_ticket_decides_nothing() -> None:
    row = only_reporter(report(1, "ann", DAY, status=ReportStatus.RESOLVED))
    assert (row["upheld_share"], row["dismissed_share"]) == (None, None)


def test_the_sources_own_count_holds_where_it_is_more() -> None:
    row = only_reporter(
        report(1, "ann", DAY, status=ReportStatus.UPHELD, reporter_upheld=8, reporter_dismissed=2),
        report(2, "ann", DAY, reporter_upheld=9, reporter_dismissed=1),
    )
    assert (row["upheld"], row["dismissed"]) == (9, 2)


def test_an_appeal_is_no_report_and_a_hidden_reporter_no_row() -> None:
    found = weighed(report(1, "ann", DAY, category_reported="meta.appeal"), report(2, None, DAY))
    assert found.reporters.is_empty()
    assert found.bursts.is_empty()


def campaign(reporters: int, *, since: datetime = DAY, apart: timedelta = timedelta(minutes=30), start: int = 100):
    return [report(start + n, f"new{n}", since + n * apart) for n in range(reporters)]


def test_many_new_reporters_of_one_account_are_a_burst() -> None:
    before = report(1, "old", EARLY, "x:x:9")
    (row,) = weighed(before, *campaign(6)).bursts.rows(named=True)
    assert (row["account_id"], row["reports"], row["reporters"], row["new_reporters"]) == ("x:x:1", 6, 6, 6)
    assert (row["begun_at"], row["ended_at"], row["new_share"]) == (DAY, DAY + timedelta(hours=2.5), 1.0)
    assert row["report_ids"] == [f"r{n}" for n in range(100, 106)]
    taken = weighed(before, *campaign(6)).reporters
    assert dict(taken.select("reporter_ref", "bursts").iter_rows()) == {"old": 0, **{f"new{n}": 1 for n in range(6)}}


def test_regulars_who_report_together_are_no_burst() -> None:
    before = [report(n, f"new{n}", EARLY + n * timedelta(days=2), "x:x:9") for n in range(6)]
    assert weighed(*before, *campaign(6)).bursts.is_empty()


def test_who_is_new_is_not_said_where_the_source_begins_too_late() -> None:
    (row,) = weighed(report(1, "old", DAY - LOOK_BACK + timedelta(hours=1), "x:x:9"), *campaign(6)).bursts.rows(
        named=True
    )
    assert row["new_share"] is None
    (row,) = weighed(report(1, "old", DAY - LOOK_BACK, "x:x:9"), *campaign(6)).bursts.rows(named=True)
    assert row["new_share"] == 1.0


def test_fewer_reporters_or_a_longer_time_are_no_burst() -> None:
    assert weighed(report(1, "old", EARLY), *campaign(LEAST_REPORTERS - 1)).bursts.is_empty()
    assert weighed(report(1, "old", EARLY), *campaign(8, apart=timedelta(hours=7))).bursts.is_empty()
    same = [report(n, "ann", DAY + timedelta(minutes=n)) for n in range(30)]
    assert weighed(report(99, "old", EARLY), *same).bursts.is_empty()


def test_two_waves_are_two_bursts() -> None:
    later = campaign(5, since=DAY + timedelta(days=3), start=200)
    begun = weighed(report(1, "old", EARLY, "x:x:9"), *campaign(5), *later).bursts["begun_at"].to_list()
    # In the second wave the same people report: they are not new any more.
    assert begun == [DAY]


def test_the_same_words_again_are_noticed() -> None:
    words = "this account must be removed at once because it spreads hate against our community every day"
    others = ["he sent me the same picture four times last night", "insults under every post of our councillor"]
    told = [report(n, f"new{n}", DAY, text=text) for n, text in enumerate([words] * 3 + [words.upper() + "!"] + others)]
    (row,) = weighed(report(9, "old", EARLY, "x:x:9"), *told).bursts.rows(named=True)
    assert row["alike_share"] == pytest.approx(4 / 6)


ACCOUNTS = ("x:x:1", "x:x:2")
hours = st.integers(0, 24 * 12)


def who_within(mine: list[Report], until: datetime) -> set[str | None]:
    return {r.reporter_ref for r in mine if until - WINDOW <= (r.reported_at or DAY) <= until}


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from("abcdefgh"), hours, st.sampled_from(["x:x:1", "x:x:2"])), max_size=40),
    st.randoms(),
)
def test_bursts_are_those_that_a_plain_search_finds(told: list[tuple[str, int, str]], mixer) -> None:
    reports = [report(n, who, DAY + timedelta(hours=at), account) for n, (who, at, account) in enumerate(told)]
    mixed = list(reports)
    mixer.shuffle(mixed)
    found = weighed(*reports)
    assert_frame_equal(found.bursts, weighed(*mixed).bursts)
    assert_frame_equal(found.reporters, weighed(*mixed).reporters)
    # Every report in a window in which it ends with enough reporters, and the windows that overlap as one.
    expected = []
    for account in ACCOUNTS:
        mine = sorted((r for r in reports if r.account_id == account), key=lambda r: (r.reported_at, r.report_id))
        ends = sorted({r.reported_at for r in mine if len(who_within(mine, r.reported_at)) >= LEAST_REPORTERS})
        groups = [[end] for end in ends[:1]]
        for before, end in pairwise(ends):
            if end - before > WINDOW:
                groups.append([])
            groups[-1].append(end)
        expected += [
            sorted(r.report_id for r in mine if group[0] - WINDOW <= r.reported_at <= group[-1]) for group in groups
        ]
    firsts = {who: min(r.reported_at for r in reports if r.reporter_ref == who) for who, _, _ in told}
    by_id = {r.report_id: r for r in reports}

    def mostly_new(ids: list[str]) -> bool:
        begun = min(by_id[i].reported_at for i in ids)
        who = {by_id[i].reporter_ref for i in ids}
        can_tell = min(r.reported_at for r in reports) <= begun - LOOK_BACK
        return not can_tell or sum(firsts[w] >= begun for w in who) / len(who) >= 0.5

    assert sorted(found.bursts["report_ids"].to_list()) == sorted(ids for ids in expected if mostly_new(ids))


def test_a_thousand_reports_raise_no_match_and_no_gate() -> None:
    accounts = table_of(
        "accounts",
        [Account(f"{p}:{p}:{n}", p, p, n, IdKind.OPAQUE, DAY, handle=h) for p, n, h in
         (("x", "1", "grimwald_nm"), ("bluesky", "2", "grimwald.nm"), ("reddit", "3", "hazel_k"))],
    )  # fmt: skip
    once = table_of("reports", [report(1, "ann", DAY)])
    many = table_of("reports", [report(1, "ann", DAY), *(report(n, f"r{n}", DAY) for n in range(2, 1002))])
    assert_frame_equal(link(accounts, reports=once).matches, link(accounts, reports=many).matches)
    assert set(many["gate"]) == {"terms"}
    assert weigh(many).bursts.height == 1
    assert isinstance(weigh(many).bursts, pl.DataFrame)
