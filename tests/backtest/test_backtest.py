"""The backtest: no result knows the future; lists, measures and intervals by hand; what no backtest can be made of."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest
from backtest_world import DATE, Poison, Tables, blank, frame, ordered
from hypothesis import given, settings
from hypothesis import strategies as st

from graphmatch import tables
from graphmatch.backtest import METHODS, Backtest, Known, LineOptions, as_of, backtest, dates
from graphmatch.backtest.line import said
from graphmatch.backtest.lists import lists
from graphmatch.backtest.measures import DRAWS, by_date, interval, over_all
from graphmatch.backtest.outcomes import outcomes
from graphmatch.errors import NothingToDo, UsageError
from graphmatch.link import default

NONE = tables.empty("judgements")
DAY = timedelta(days=1)
FAST = LineOptions(start=default().unlabelled(), threshold=0.8)
OLD, NEW, OTHER = "x:x:1", "bluesky:bsky:2", "reddit:reddit:3"


def day(number: float) -> datetime:
    return DATE + number * DAY


@pytest.mark.parametrize("options", [FAST, LineOptions()], ids=["levels", "learned"])
def test_the_line_says_the_same_whatever_the_future_holds(world: Tables, options: LineOptions) -> None:
    date = DATE + 14 * DAY
    poisoned, judgements = Poison(5, date).tables(world, NONE)
    clean = said(as_of(world, NONE, date), options)
    dirty = said(as_of(poisoned, judgements, date), options)
    assert clean.matches.height > 0
    assert clean.actors.height > 0
    for name in ("matches", "actors", "migrations", "warnings"):
        assert getattr(clean, name).equals(getattr(dirty, name)), name


@pytest.fixture(scope="module")
def tested(world: Tables) -> Backtest:
    return backtest(world, NONE, dates(DATE, DATE + 14 * DAY, 7 * DAY), ks=(3, 50), options=FAST)


def test_lists_of_past_dates_stay_when_the_future_changes(world: Tables, tested: Backtest) -> None:
    poisoned, judgements = Poison(2, DATE + 14 * DAY).tables(world, NONE)
    again = backtest(poisoned, judgements, dates(DATE, DATE + 14 * DAY, 7 * DAY), ks=(3, 50), options=FAST)
    assert again.listed.equals(tested.listed)
    names = ["at", "accounts", "unreported", "enforced", "matches", "actors", "migrations", "warnings"]
    assert again.coverage.select(names).equals(tested.coverage.select(names))


def test_a_backtest_hangs_together(world: Tables, tested: Backtest) -> None:
    assert tested.coverage["at"].to_list() == [DATE, DATE + 7 * DAY, DATE + 14 * DAY]
    assert set(tested.over_all["method"]) == set(METHODS)
    assert tested.listed.filter(pl.col("method") == "everyone").height > 0
    counts = tested.by_date.filter((pl.col("method") == "warnings") & (pl.col("k") == 50))
    told = dict(tested.coverage.select("at", "warnings").iter_rows())
    assert {at: told[at] for at in counts["at"]} == dict(counts.select("at", "listed").iter_rows())
    for row in tested.over_all.iter_rows(named=True):
        assert row["hits"] <= row["named"]
        assert row["found"] <= row["sought"]
        assert row["known"] <= row["sought"]
    known = world["accounts"]["account_id"]
    assert tested.listed["account_id"].is_in(known.implode()).all()
    assert tested.borne_out <= tested.named


def test_nobody_who_was_reported_by_then_is_on_any_list(world: Tables, tested: Backtest) -> None:
    first = world["reports"].select("account_id", pl.coalesce("reported_at", "observed_at").alias("reported"))
    both = tested.listed.join(first, on="account_id")
    assert both.height > 0
    assert (both["reported"] > both["at"]).all()


def listing(*rows: tuple[float, str, int, str]) -> pl.DataFrame:
    made = [(day(at), method, rank, name) for at, method, rank, name in rows]
    schema = {"at": tables.TIME, "method": pl.String, "rank": pl.Int64, "account_id": pl.String}
    return pl.DataFrame(made, schema=schema, orient="row")


def came(**when: float) -> pl.DataFrame:
    rows = [(name, day(at)) for name, at in when.items()]
    return pl.DataFrame(rows, schema={"account_id": pl.String, "outcome_at": tables.TIME}, orient="row")


def wanted(*rows: tuple[float, str, bool]) -> pl.DataFrame:
    made = [(day(at), name, known) for at, name, known in rows]
    schema = {"at": tables.TIME, "account_id": pl.String, "is_known": pl.Boolean}
    return pl.DataFrame(made, schema=schema, orient="row")


def test_measures_by_hand() -> None:
    # Day 0 names a, b, c; day 7 names a again and d. a is reported on day 10, c on day 4, d never, b never.
    listed = listing((0, "m", 1, "a"), (0, "m", 2, "b"), (0, "m", 3, "c"), (7, "m", 1, "a"), (7, "m", 2, "d"))
    outcome = came(a=10, c=4, e=9, f=3)
    sought = wanted((0, "a", True), (0, "e", False), (0, "f", True), (7, "a", True), (7, "e", True))
    at = by_date(listed, outcome, sought, [1, 3], 0).select("at", "k", "listed", "hits", "sought", "found", "lead_days")
    assert at.rows() == [
        (day(0), 1, 1, 1, 3, 1, 10.0),
        (day(0), 3, 3, 2, 3, 1, 7.0),  # a after 10 days, c after 4
        (day(7), 1, 1, 1, 2, 1, 3.0),
        (day(7), 3, 2, 1, 2, 1, 3.0),
    ]
    row = over_all(listed, outcome, sought, ["m"], [3], 0).row(0, named=True)
    assert (row["named"], row["hits"], row["precision"]) == (4, 2, 0.5)  # a, b, c, d, each once
    assert (row["sought"], row["known"], row["found"], row["recall"]) == (3, 3, 1, 1 / 3)  # a, e, f
    assert row["lead_days"] == 7.0  # a from day 0, not from day 7
    first = over_all(listed, outcome, sought, ["m"], [1], 0).row(0, named=True)
    assert (first["named"], first["lead_days"]) == (1, 10.0)


def test_a_method_that_names_nobody_is_told() -> None:
    row = over_all(listing(), came(a=1), wanted((0, "a", True)), ["m"], [5], 0).row(0, named=True)
    assert (row["named"], row["precision"], row["precision_low"], row["lead_days"]) == (0, None, None, None)
    assert (row["recall"], row["found"]) == (0.0, 0)


def test_the_bootstrap_is_the_binomials_of_its_own_share() -> None:
    values = np.array([1.0] * 30 + [0.0] * 70)
    low, high = interval(values, np.mean, 0)
    # The share of a resample is Binomial(100, 0.3) / 100: its quantiles, within the error of so many draws.
    expected = np.quantile(np.random.default_rng(1).binomial(100, 0.3, 200_000) / 100, [0.025, 0.975])
    assert (low, high) == pytest.approx(tuple(expected), abs=0.02)
    assert interval(values, np.mean, 0) == (low, high)
    assert interval(np.ones(5), np.mean, 0) == (1.0, 1.0)
    assert interval(np.array([]), np.mean, 0) == (None, None)
    assert DRAWS >= 1000


@given(st.lists(st.floats(0, 100), min_size=1, max_size=30), st.integers(0, 9))
@settings(max_examples=20, deadline=None)
def test_an_interval_lies_within_the_values(values: list[float], seed: int) -> None:
    low, high = interval(np.array(values), np.median, seed)
    assert low is not None
    assert high is not None
    assert min(values) <= low <= high <= max(values)


def test_a_dismissed_report_and_a_sanction_taken_back_are_no_outcomes() -> None:
    world = blank() | {
        "reports": frame(
            "reports",
            [
                {"report_id": "r", "account_id": NEW, "reported_at": day(1), "status": "dismissed"},
                {"report_id": "s", "account_id": NEW, "reported_at": day(5), "observed_at": day(8)},
                {"report_id": "t", "account_id": OLD, "reported_at": day(9)},
            ],
        ),
        "enforcements": frame(
            "enforcements",
            [
                acted("e", OLD, 3),
                acted("f", OTHER, 1),
                acted("g", OTHER, 2, action="account_restored"),
                acted("h", "x:x:4", 1, action="none"),
            ],
        ),
    }
    assert outcomes(world).rows() == [
        (NEW, day(5), None, day(5)),
        (OLD, day(9), day(3), day(3)),
    ]


def acted(name: str, account: str, when: float, action: str = "account_suspended_perm") -> dict[str, Any]:
    row = {"enforcement_id": name, "account_id": account, "action": action, "scope": "platform"}
    return row | {"at_earliest": day(when), "at_latest": day(when), "platform": account.partition(":")[0]}


def account(name: str, handle: str, **more: Any) -> dict[str, Any]:
    platform, instance, native = name.split(":")
    seen = day(-9)
    row = {"account_id": name, "platform": platform, "instance": instance, "native_id": native, "handle": handle}
    return row | {"handle_at": seen, "first_observed_at": seen} | more


def small(**more: list[dict[str, Any]]) -> Tables:
    """One account that was suspended on day -5, and two that nobody reported."""
    rows: dict[str, list[dict[str, Any]]] = {
        "accounts": [
            account(OLD, "Grimwald_7x"),
            account(NEW, "gr1mwald7x.bsky.social", first_observed_at=day(-2)),
            account(OTHER, "somebody"),
        ],
        "reports": [{"report_id": "r", "account_id": OLD, "gate": "terms", "reported_at": day(-6)}],
        "enforcements": [acted("e", OLD, -5)],
    }
    return blank() | {name: frame(name, some) for name, some in {**rows, **more}.items()}


def test_baselines_name_by_folded_handle_and_by_arrival_after_an_enforcement() -> None:
    known = as_of(small(), NONE, DATE)
    arrivals = known.tables["accounts"].select("account_id", since="first_observed_at")
    warnings = said(known, FAST).warnings
    found = lists(known, warnings, arrivals)
    by = {method: rows["account_id"].to_list() for (method,), rows in found.group_by("method")}
    assert by["same_handle"] == [NEW]
    assert by["everyone"] == [NEW, OTHER]  # three days after the suspension; four days before it
    assert found.filter(pl.col("method") == "same_handle")["enforced_account_id"].to_list() == [OLD]
    assert found.filter(pl.col("method") == "everyone")["rank"].to_list() == [1, 2]


def test_rows_may_come_in_any_order(world: Tables, tested: Backtest) -> None:
    turned = {name: table.reverse() for name, table in world.items()}
    again = backtest(turned, NONE, dates(DATE, DATE + 14 * DAY, 7 * DAY), ks=(3, 50), options=FAST)
    assert again.over_all.equals(tested.over_all)
    assert again.listed.equals(tested.listed)


def test_dates() -> None:
    assert dates(day(0), day(14), 7 * DAY) == [day(0), day(7), day(14)]
    assert dates(day(0), day(0), DAY) == [day(0)]
    with pytest.raises(UsageError, match="--from lies after --to"):
        dates(day(1), day(0), DAY)
    with pytest.raises(UsageError, match="a longer --step"):
        dates(day(0), day(9_000), DAY)


def test_what_no_backtest_can_be_made_of_is_said() -> None:
    later = {"reports": [{"report_id": "r", "account_id": OLD, "gate": "terms", "reported_at": day(-6)}]}
    for world, at, error, words in (
        (small(), [], UsageError, "needs a date"),
        (small(), [day(50)], UsageError, "outside of the data, which reach from 2026-04-07 to"),
        (small(), [day(-90)], UsageError, "outside of the data"),
        (small(), [day(-6), day(50)], UsageError, "nothing is known after"),
        (small(enforcements=[]), [day(-7)], NothingToDo, "early warning begins at"),
        (
            small(enforcements=[acted("e", OLD, -5) | {"at_latest": None, "at_earliest": None}]),
            [day(-7)],
            NothingToDo,
            "sanction",
        ),
        (small(reports=[], enforcements=[]), [day(0)], NothingToDo, "no report and no enforcement has a time"),
        (small(accounts=[account(OLD, "a"), account("x:x:2", "b")], **later), [day(-6)], NothingToDo, "one place"),
    ):
        with pytest.raises(error, match=words):
            backtest(world, NONE, at, options=FAST)
    with pytest.raises(UsageError, match="at least one account"):
        backtest(small(), NONE, [day(-6)], ks=(0,), options=FAST)


def test_missing_times_are_told() -> None:
    world = small(
        reports=[
            {"report_id": "r", "account_id": OLD, "gate": "terms", "reported_at": day(-6)},
            {"report_id": "s", "account_id": NEW, "gate": "terms"},
            {"report_id": "t", "account_id": OTHER, "gate": "terms", "reported_at": datetime(2026, 6, 1, tzinfo=UTC)},
        ]
    )
    found = backtest(world, NONE, [DATE], options=FAST)
    assert found.undated["reports"] == 1
    assert any("1 of reports" in note for note in found.notes)
    assert any(note.startswith("Of ") for note in found.notes)
    assert ordered(world)["reports"].height == 3


def test_who_had_been_reported_by_then_is_no_hit_though_the_export_was_pulled_later() -> None:
    late = {"report_id": "s", "account_id": NEW, "gate": "terms", "reported_at": day(-4), "observed_at": day(5)}
    first = {"report_id": "r", "account_id": OLD, "gate": "terms", "reported_at": day(-6), "observed_at": day(-6)}
    world = small(reports=[first, late])
    found = backtest(world, NONE, [DATE], options=FAST, known=Known.OBSERVED)
    named = found.over_all.row(by_predicate=(pl.col("method") == "same_handle") & (pl.col("k") == 5), named=True)
    assert (named["named"], named["hits"]) == (1, 0)
    assert any("pulled" in note for note in found.notes)
