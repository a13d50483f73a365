"""Curves, quantiles and comparisons of lags: worked by hand, from a textbook, and against a slow Kaplan-Meier."""

from __future__ import annotations

import math
import random
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from graphmatch.lag import ANY, LEDGER, compare, curves, summary
from graphmatch.lag.cases import ACTION, FIRST_REPORT, REAPPEARANCE

DAY0 = datetime(2026, 4, 1, tzinfo=UTC)
#: Freireich et al. 1963: weeks in remission under 6-mercaptopurine (+: still in it) and under placebo.
DRUG = ([6, 6, 6, 7, 10, 13, 16, 22, 23], [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35])
PLACEBO = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]


def case(least: float, most: float | None = None, *, is_open: bool = False, **other: Any) -> dict[str, Any]:
    blank = dict.fromkeys(LEDGER)
    return {
        **blank,
        "stage": FIRST_REPORT,
        "origin_platform": "x",
        "destination_platform": "y",
        "began_earliest": DAY0,
        "began_latest": DAY0,
        "least_days": float(least),
        "most_days": None if is_open else float(least if most is None else most),
        "followed_days": float(least),
        "is_censored": is_open,
        **other,
    }


def ledger(*rows: dict[str, Any]) -> pl.DataFrame:
    named = [{**row, "case_id": row["case_id"] or f"case-{number:04}"} for number, row in enumerate(rows)]
    return pl.DataFrame(named, schema=LEDGER)


def drug(**other: Any) -> list[dict[str, Any]]:
    return [case(t, **other) for t in DRUG[0]] + [case(t, is_open=True, **other) for t in DRUG[1]]


def whole(found: pl.DataFrame) -> pl.DataFrame:
    return found.filter(pl.col("origin_platform") == ANY)


def figures(rows: list[dict[str, Any]], **options: Any) -> dict[str, Any]:
    (row,) = whole(summary(ledger(*rows), **options)).filter(pl.col("stage") == FIRST_REPORT).iter_rows(named=True)
    return row


def test_the_textbook_curve() -> None:
    found = whole(curves(ledger(*drug()))).filter(pl.col("bound") == "earliest", pl.col("ended") > 0)
    assert found["days"].to_list() == [6, 7, 10, 13, 16, 22, 23]
    assert found["at_risk"].to_list() == [21, 17, 15, 12, 11, 7, 6]
    assert found["ended"].to_list() == [3, 1, 1, 1, 1, 1, 1]
    told = [0.8571, 0.8067, 0.7529, 0.6902, 0.6275, 0.5378, 0.4482]
    assert found["survival"].to_list() == pytest.approx(told, abs=5e-5)
    # By hand at 10 weeks: Greenwood's sum is 3/(21*18) + 1/(17*16) + 1/(15*14) = 0.016375, its root over -log S
    # 0.127964 / 0.283811 = 0.450877; S to the power of exp(+-1.959964 * 0.450877).
    assert found.row(2, named=True)["low"] == pytest.approx(0.5032, abs=5e-5)
    assert found.row(2, named=True)["high"] == pytest.approx(0.8894, abs=5e-5)
    row = figures(drug())
    assert (row["n"], row["ended"], row["censored"], row["state"]) == (21, 9, 12, "estimated")
    assert (row["median_earliest"], row["median_latest"], row["p90_latest"]) == (23.0, 23.0, None)
    assert (row["median_low"], row["median_high"]) == (13.0, None)
    assert row["over_in_7"] == pytest.approx(0.1933, abs=5e-5)


def test_the_textbook_comparison() -> None:
    before = DAY0 - timedelta(days=9)
    early = [case(t, began_earliest=before, began_latest=before) for t in PLACEBO]
    found = compare(ledger(*drug(), *early), DAY0)
    row = whole(found).row(0, named=True)
    assert (row["n_before"], row["n_after"], row["median_before"], row["median_after"]) == (21, 21, 8.0, 23.0)
    assert row["p_value"] == pytest.approx(4.17e-5, rel=0.01)  # chi-squared 16.79 on 1 degree of freedom


def test_a_curve_by_hand() -> None:
    # 5 cases; ends at 1, 2 and 2; open at 2 and 4. An open case at the day of an end is still at risk there.
    rows = [case(1), case(2), case(2), case(2, is_open=True), case(4, is_open=True)]
    found = whole(curves(ledger(*rows))).filter(pl.col("bound") == "latest")
    assert found.select("days", "at_risk", "ended", "censored").rows() == [(1, 5, 1, 0), (2, 4, 2, 1), (4, 1, 0, 1)]
    assert found["survival"].to_list() == pytest.approx([0.8, 0.4, 0.4])
    row = figures(rows)
    assert row["median_earliest"] == 2.0
    assert row["over_in_7"] is None  # nobody was watched for so long


def test_intervals_are_told_by_both_ends_and_never_by_their_middle() -> None:
    rows = [case(low, low + 10) for low in range(5)]
    row = figures(rows)
    assert (row["median_earliest"], row["median_latest"]) == (2.0, 12.0)
    found = whole(curves(ledger(*rows)))
    assert set(found.filter(pl.col("bound") == "earliest")["days"]) == {0, 1, 2, 3, 4}
    assert set(found.filter(pl.col("bound") == "latest")["days"]) == {10, 11, 12, 13, 14}


def test_a_lag_without_an_upper_end_is_open_in_the_latest_curve() -> None:
    rows = [case(n) for n in range(4)] + [case(2) | {"most_days": None}]
    found = whole(curves(ledger(*rows)))
    assert found.filter(pl.col("bound") == "earliest")["ended"].sum() == 5
    assert found.filter(pl.col("bound") == "latest")["censored"].sum() == 1


def test_all_open_is_a_flat_line_and_no_median() -> None:
    rows = [case(n, is_open=True) for n in (3, 3, 5, 8, 9, 40)]
    row = figures(rows)
    assert (row["state"], row["ended"], row["median_earliest"], row["median_high"]) == ("estimated", 0, None, None)
    assert row["over_in_30"] == 0.0
    found = whole(curves(ledger(*rows)))
    assert set(found["survival"]) == {1.0}
    assert found["low"].null_count() == found.height


def test_few_cases_have_no_figures() -> None:
    row = figures([case(1)])
    assert (row["n"], row["state"], row["median_earliest"], row["over_in_7"]) == (1, "too_few", None, None)
    assert curves(ledger(case(1))).is_empty()
    alone = figures([case(1)], least=1)
    assert (alone["median_earliest"], alone["p90_latest"], alone["median_high"]) == (1.0, 1.0, None)
    assert figures([case(1)] * 5)["median_low"] is None  # ties: the band at 0 can't be told
    assert compare(ledger(*[case(1)] * 9), DAY0)["state"].unique().to_list() == ["too_few"]


def test_a_stage_without_cases_is_no_data() -> None:
    found = summary(ledger())
    assert set(found["state"]) == {"no_data"}
    assert found["n"].sum() == 0
    assert curves(ledger()).is_empty()
    assert compare(ledger(), DAY0).is_empty()


def test_of_two_p_the_larger_stands() -> None:
    before = DAY0 - timedelta(days=9)
    early = [case(n, n + 9, began_earliest=before, began_latest=before) for n in range(6)]
    row = compare(ledger(*early, *(case(n + 9, n + 9) for n in range(6))), DAY0).row(0, named=True)
    assert row["p_earliest"] < 0.05 < row["p_latest"] == row["p_value"]


def test_nothing_ended_has_no_p() -> None:
    rows = [case(n, is_open=True, began_latest=DAY0 - timedelta(days=n % 2)) for n in range(12)]
    row = compare(ledger(*rows), DAY0).row(0, named=True)
    assert (row["state"], row["p_value"]) == ("estimated", None)


def test_a_case_that_may_have_begun_on_either_side_is_in_neither_period() -> None:
    rows = [case(1, began_earliest=DAY0 - timedelta(days=1), began_latest=DAY0)] * 3
    before = DAY0 - timedelta(seconds=1)
    rows += [case(1, began_earliest=before, began_latest=before), case(1)]
    assert compare(ledger(*rows), DAY0).select("n_before", "n_after").row(0) == (1, 1)


def test_who_came_back_elsewhere_may_still_come_here() -> None:
    of = {"stage": REAPPEARANCE, "case_id": "a"}
    rows = [
        case(2, **of, destination_platform="y") | {"followed_days": 30.0},
        case(5, **of, destination_platform="z") | {"followed_days": 30.0},
        case(9, is_open=True, stage=REAPPEARANCE, case_id="b", destination_platform=None),
    ]
    found = curves(ledger(*rows), least=1).filter(pl.col("bound") == "latest")
    by_pair = {
        pair: rows.select("days", "ended", "censored").rows()
        for pair, rows in found.group_by("destination_platform", maintain_order=True)
    }
    assert by_pair == {
        (ANY,): [(2, 1, 0), (9, 0, 1)],
        ("y",): [(2, 1, 0), (9, 0, 1)],
        ("z",): [(5, 1, 0), (9, 0, 1)],
    }
    third = case(3, stage=REAPPEARANCE, case_id="c", destination_platform="y") | {"followed_days": 20.0}
    z = curves(ledger(*rows, third), least=1).filter(destination_platform="z", bound="latest")
    assert z.select("days", "ended", "censored").rows() == [(5, 1, 0), (9, 0, 1), (20, 0, 1)]


def test_pairs_stand_beside_all() -> None:
    rows = [case(n, stage=ACTION) for n in range(6)] + [case(9, stage=ACTION, destination_platform="z")]
    found = summary(ledger(*rows)).filter(pl.col("stage") == ACTION)
    assert found.select("destination_platform", "n", "state").rows() == [
        (ANY, 7, "estimated"), ("y", 6, "estimated"), ("z", 1, "too_few"),
    ]  # fmt: skip


CASES = st.lists(st.tuples(st.integers(0, 12), st.booleans(), st.integers(0, 5)), min_size=1, max_size=30)


def slow(times: list[tuple[float, bool]]) -> dict[float, float]:
    """Kaplan-Meier by its definition, in O(n squared)."""
    left = {}
    for day in sorted({t for t, _ in times}):
        share = 1.0
        for at in sorted({t for t, over in times if over and t <= day}):
            risk = sum(t >= at for t, _ in times)
            share *= 1 - sum(t == at and over for t, over in times) / risk
        left[day] = share
    return left


@given(CASES)
@settings(deadline=None, max_examples=60)
def test_curves_are_kaplan_and_meiers(drawn: list[tuple[int, bool, int]]) -> None:
    rows = [case(t, t + more, is_open=is_open) for t, is_open, more in drawn]
    found = whole(curves(ledger(*rows), least=1))
    for bound, ends in (
        ("earliest", [(t, not is_open) for t, is_open, _ in drawn]),
        ("latest", [(t if is_open else t + more, not is_open) for t, is_open, more in drawn]),
    ):
        mine = found.filter(pl.col("bound") == bound)
        assert dict(mine.select("days", "survival").iter_rows()) == pytest.approx(slow(ends))
        assert mine["at_risk"].to_list() == [sum(t >= day for t, _ in ends) for day in mine["days"]]
        assert mine["ended"].sum() + mine["censored"].sum() == len(drawn)
        banded = mine.drop_nulls("low")
        assert (banded["low"] <= banded["survival"] + 1e-9).all()
        assert (banded["survival"] <= banded["high"] + 1e-9).all()


@given(CASES, st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=25)
def test_the_order_of_cases_does_not_matter(drawn: list[tuple[int, bool, int]], rng: random.Random) -> None:
    rows = ledger(*(case(t, t + m, is_open=o, destination_platform="yz"[m % 2]) for t, o, m in drawn))
    mixed = rows[rng.sample(range(rows.height), rows.height)]
    assert_frame_equal(summary(mixed, least=2), summary(rows, least=2))
    assert_frame_equal(curves(mixed, least=2), curves(rows, least=2))


@given(CASES)
@settings(deadline=None, max_examples=40)
def test_quantiles_are_where_the_curve_crosses(drawn: list[tuple[int, bool, int]]) -> None:
    row = figures([case(t, t + m, is_open=o) for t, o, m in drawn], least=1)
    ends = slow([(t, not o) for t, o, _ in drawn])
    crossed = [day for day, share in ends.items() if share <= 0.5 + 1e-9]
    assert row["median_earliest"] == (min(crossed) if crossed else None)
    for low, high in (
        ("median_low", "median_earliest"),
        ("median_latest", "median_high"),
        ("median_latest", "p90_latest"),
    ):
        assert (math.inf if row[high] is None else row[high]) >= (row[low] if row[low] is not None else -math.inf)
