"""The pages of warnings and of the backtest: they hold what they are given, escaped, and run and fetch nothing."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from read_page import Read

from graphmatch.charts.backtest import backtest_page
from graphmatch.charts.warnings import MOST, warnings_page

HOSTILE = "x:x:<script>alert(1)</script>\"'><img src=x onerror=alert(2)>\u202e\x1b[31m"
PLAIN = {
    "html", "head", "meta", "title", "style", "body", "h1", "h2", "p", "ul", "li", "bdi", "small", "strong", "span",
    "div", "table", "thead", "tbody", "tr", "th", "td", "svg", "g", "line", "rect", "circle", "polygon", "polyline",
    "text", "code", "section", "footer",
}  # fmt: skip
NOW = datetime(2026, 5, 1, tzinfo=UTC)


def is_plain(page: str) -> Read:
    read = Read(page)
    assert {tag for tag, _ in read.elements} <= PLAIN
    names = {name for _, attributes in read.elements for name in attributes}
    assert not [name for name in names if name.startswith("on") or name in ("style", "href", "src")]
    for _, attributes in read.elements:
        for name in ("x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "width", "height"):
            value = attributes.get(name)
            assert value is None or 0 <= float(value) < 1e4, (name, value)
    assert "\x1b" not in page
    assert "\u202e" not in page
    return read


def warning(**more: Any) -> dict[str, Any]:
    row = {
        "account_id": HOSTILE, "platform": "<b>x</b>", "instance": "x", "priority": 0.25, "match_probability": 0.999,
        "recency": 0.75, "harm": 1 / 3, "standing": "suggested", "enforced_account_id": HOSTILE,
        "enforced_platform": "bluesky", "enforced_instance": "bsky", "enforced_earliest": NOW - timedelta(days=11),
        "enforced_latest": NOW - timedelta(days=10), "as_of": NOW, "created_at": NOW - timedelta(days=3),
        "reasons": ["because", HOSTILE],
    }  # fmt: skip
    return row | more


def test_a_warning_is_drawn_to_scale_and_says_its_factors() -> None:
    read = is_plain(warnings_page([warning()]))
    assert "over 0.99 match × 0.75 recency × 0.33 harm" in read.text  # noqa: RUF001
    assert "1 warning, as of 2026-05-01" in read.text
    assert "no release" in read.text
    bar, mark = read.every("rect", "against")[0], read.every("circle", "for")[0]
    now = float(read.every("line", "warning-now")[0]["x1"] or 0)
    begins, ends = (float(bar["x"] or 0) + 4, float(bar["x"] or 0) + float(bar["width"] or 0) - 4)
    # Eleven, ten and three days before the end, on one scale.
    assert (now - begins) / (now - ends) == pytest.approx(1.1, abs=0.01)
    assert (now - ends) / (now - float(mark["cx"] or 0)) == pytest.approx(10 / 3, abs=0.05)


def test_times_that_are_missing_old_or_equal_are_drawn_too() -> None:
    for more in (
        {"created_at": None},
        {"created_at": NOW - timedelta(days=4000)},
        {"created_at": NOW + timedelta(days=40)},
        {"enforced_earliest": None},
        {"enforced_earliest": NOW, "enforced_latest": NOW},
        {"enforced_earliest": NOW + timedelta(days=2), "enforced_latest": NOW + timedelta(days=3)},
    ):
        is_plain(warnings_page([warning(**more)]))
    assert "nobody knows when it was made" in is_plain(warnings_page([warning(created_at=None)])).text


def test_no_warning_and_very_many_are_said() -> None:
    assert "There is no warning." in is_plain(warnings_page([])).text
    read = is_plain(warnings_page([warning()] * (MOST + 1)))
    assert f"{MOST + 1} warnings, as of 2026-05-01; the first {MOST} are shown" in re.sub(r"\s+", " ", read.text)
    assert len(read.every("section")) == MOST


def made(dates: int, value: float | None) -> dict[str, Any]:
    at = [NOW + timedelta(days=7 * number) for number in range(dates)]
    methods = ("warnings", "same_handle", "everyone")
    over_all = {"named": 3, "hits": 1, "sought": 4, "known": 2, "found": 1}
    over_all |= {
        f"{name}{end}": value for name in ("precision", "recall", "lead_days") for end in ("", "_low", "_high")
    }
    row = {"listed": 3, "hits": 1, "precision": 0.5, "precision_low": 0.25, "precision_high": 1.0, "lead_days": value}
    return {
        "over_all": [{"method": method, "k": k, **over_all} for method in methods for k in (5, 10)],
        "by_date": [
            {"at": date, "method": method, "k": k, **row} for date in at for method in methods for k in (5, 10)
        ],
        "coverage": [{"at": date, "days_left": 3.5, "accounts": 1000, "warnings": 2} for date in at],
        "notes": ["Mind <this>."],
    }


def test_a_backtest_is_drawn_date_by_date_and_readable_without_colour() -> None:
    read = is_plain(backtest_page(made(5, 9.0)))
    # Two drawings and a legend: a shape a method, and one mark a date.
    assert len(read.every("circle")) == 2 * 5 + 1
    assert len(read.every("polygon")) == 2 * 5 + 1
    assert len(read.every("line", "backtest-whisker")) == 5
    whisker = read.every("line", "backtest-whisker")[0]
    height = 206 - 18
    assert float(whisker["y1"] or 0) - float(whisker["y2"] or 0) == 0.75 * height
    assert "Mind <this>." in read.text
    assert "3 accounts named, 1 of them reported or sanctioned later, by 9.0 days in the median." in read.text
    assert "9.00 (9.00 to 9.00)" in read.text


def test_a_backtest_of_one_date_without_a_hit_is_drawn_too() -> None:
    read = is_plain(backtest_page(made(1, None)))
    assert "none" in read.text
    assert "in the median" not in read.text
    is_plain(backtest_page(made(60, 0.0)))
    none = made(2, None)
    none["by_date"] = []
    none["over_all"] = [row | {"named": 0, "hits": 0} for row in none["over_all"]]
    assert "nobody was named" in is_plain(backtest_page(none)).text
