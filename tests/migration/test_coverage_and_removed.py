"""What the data cover week by week, and the removals that the lag ledger starts from."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl
from flow_worlds import frame

from graphmatch.migration import coverage, removed

MONDAY = datetime(2026, 4, 6, tzinfo=UTC)
A, B = "mastodon:a.example:1", "x:x:2"


def day(number: float) -> datetime:
    return MONDAY + timedelta(days=number)


def accounts(*more: dict[str, Any]) -> pl.DataFrame:
    blank = [{"account_id": A, "platform": "mastodon", "instance": "a.example"}]
    return frame("accounts", [*blank, {"account_id": B, "platform": "x", "instance": "x"}, *more])


def enforced(*rows: tuple[str, float | None, dict[str, Any]]) -> pl.DataFrame:
    made = []
    for number, (action, at, more) in enumerate(rows):
        moment = None if at is None else day(at)
        row = {"enforcement_id": f"e{number}", "account_id": A, "platform": "mastodon", "source": "s", "action": action}
        made.append({**row, "scope": "platform", "at_earliest": moment, "at_latest": moment, **more})
    return frame("enforcements", made)


def of(enforcements: pl.DataFrame, more: tuple[dict[str, Any], ...] = ()) -> list[dict[str, Any]]:
    blank = [frame(name, []) for name in ("reports", "contents", "sightings")]
    return removed(accounts(*more), enforcements, *blank).to_dicts()


def test_a_week_without_any_row_is_no_data() -> None:
    reports = [
        {"report_id": "r1", "platform": "x", "account_id": B, "source": "form", "reported_at": day(1)},
        {"report_id": "r2", "platform": "x", "account_id": B, "source": "csv", "reported_at": day(1.5)},
        {"report_id": "r3", "platform": "x", "account_id": B, "source": "csv", "reported_at": None},
    ]
    contents = [
        {"content_id": "c0", "platform": "x", "account_id": B, "created_at": day(-700)},
        {"content_id": "c1", "platform": "x", "account_id": B, "created_at": day(16)},
    ]
    acts = enforced(("warning", 6.99, {}))
    found = coverage(accounts(), frame("contents", contents), frame("reports", reports), acts)
    names = ["platform", "week", "accounts_first_seen", "contents", "reports", "enforcements", "state"]
    weeks = [date(2026, 4, 6), date(2026, 4, 13), date(2026, 4, 20)]
    assert found.select(names).rows() == [
        ("mastodon", weeks[0], 0, 0, 0, 1, "data"),
        ("mastodon", weeks[1], 0, 0, 0, 0, "no data"),
        ("mastodon", weeks[2], 0, 0, 0, 0, "no data"),
        ("x", weeks[0], 0, 0, 2, 0, "data"),
        ("x", weeks[1], 0, 0, 0, 0, "no data"),
        ("x", weeks[2], 0, 1, 0, 0, "data"),
    ]
    assert found["sources"].to_list()[3] == ["csv", "form"]
    assert found["undated"].to_list() == [0, 0, 0, 1, 1, 1]


def test_nothing_dated_covers_no_week() -> None:
    blank = [frame(name, []) for name in ("contents", "reports", "enforcements")]
    assert coverage(accounts(), *blank).is_empty()


def test_two_enforcements_and_a_reinstatement_are_two_cases() -> None:
    perm = "account_suspended_perm"
    found = of(enforced((perm, 1, {}), ("account_restored", 3, {}), (perm, 20, {})))
    assert [(row["case_id"], row["removed_latest"], row["until"]) for row in found] == [
        ("e0", day(1), day(3)),
        ("e2", day(20), None),
    ]


def test_two_records_of_one_removal_are_one_case() -> None:
    perm = "account_suspended_perm"
    (row,) = of(enforced((perm, 2, {}), (perm, 1, {}), (perm, None, {})))
    assert (row["case_id"], row["enforcement_ids"], row["removed_latest"]) == ("e1", ["e1", "e0", "e2"], day(1))
    (longer,) = of(enforced(("account_suspended_temp", 1, {"expires_at": day(4)}), (perm, 3, {})))
    assert (longer["case_id"], longer["until"]) == ("e0", None)


def test_a_removal_that_only_the_state_shows_is_a_case_without_a_beginning() -> None:
    seen = {"account_id": "x:x:9", "platform": "x", "instance": "x", "state": "suspended", "state_at": day(5)}
    (row,) = of(enforced(), (seen,))
    assert (row["case_id"], row["enforcement_ids"], row["removed_earliest"], row["removed_latest"]) == (
        "x:x:9", [], None, day(5),
    )  # fmt: skip


def test_a_warning_is_no_removal_and_a_lifted_one_needs_a_report() -> None:
    assert of(enforced(("warning", 1, {}))) == []
    assert of(enforced(("account_suspended_perm", 1, {}), ("account_restored", 2, {}))) == []
