"""Merging: any order, any number of times, any grouping; a blank never hides a value that was seen."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from graphmatch import model, tables
from graphmatch.frames import frame as table_of
from graphmatch.merge import in_force, merge

EPOCH = datetime(2026, 4, 1, tzinfo=UTC)
times = st.none() | st.integers(0, 4).map(lambda day: EPOCH + timedelta(days=day))
words = st.none() | st.sampled_from(["a", "b", "c"])
ids = st.sampled_from(["1", "2"])


@st.composite
def accounts(draw: st.DrawFn) -> model.Account:
    native_id = draw(ids)
    created_at = draw(times)
    return model.Account(
        account_id=f"x:x:{native_id}",
        platform="x",
        instance="x",
        native_id=native_id,
        id_kind=draw(st.sampled_from(model.IdKind)),
        observed_at=draw(times),
        handle=draw(words),
        bio=draw(words),
        state=draw(st.none() | st.sampled_from(model.AccountState)),
        created_at=created_at,
        created_at_precision=None if created_at is None else draw(st.sampled_from(model.Precision)),
        last_active=draw(times),
    )


@st.composite
def sightings(draw: st.DrawFn) -> model.Sighting:
    return model.Sighting(
        account_id=draw(ids),
        kind=draw(st.sampled_from([model.SignalKind.HANDLE, model.SignalKind.LINK])),
        value=draw(st.sampled_from("ab")),
        source=draw(st.sampled_from("ab")),
        context=draw(st.sampled_from(["profile", "message"])),
        first_seen=draw(times),
        last_seen=draw(times),
        report_id=draw(words),
    )


@st.composite
def reports(draw: st.DrawFn) -> model.Report:
    return model.Report(
        report_id=draw(ids),
        source=draw(st.sampled_from("ab")),
        source_kind=model.SourceKind.REPORT,
        platform="x",
        account_id=draw(words),
        category_raw=draw(words),
        category_reported="abuse.insult",
        specificity=model.Specificity.EXACT,
        gate=draw(st.sampled_from(model.Gate)),
        count=draw(st.integers(1, 3)),
        observed_at=draw(times),
        text=draw(words),
        status=draw(st.none() | st.sampled_from(model.ReportStatus)),
        status_raw=draw(words),
        reporter_is_target=draw(st.none() | st.booleans()),
        content_ids=tuple(sorted(draw(st.sets(st.sampled_from("abc"))))),
    )


@st.composite
def enforcements(draw: st.DrawFn) -> model.Enforcement:
    return model.Enforcement(
        enforcement_id=draw(ids),
        platform="x",
        source=draw(st.sampled_from("ab")),
        action=draw(st.sampled_from(model.Action)),
        action_raw="raw",
        scope=draw(st.sampled_from(model.Scope)),
        reason=draw(words),
        policies=tuple(sorted(draw(st.sets(st.sampled_from("abc"))))),
    )


ROWS: dict[str, st.SearchStrategy[Any]] = {
    "accounts": accounts(),
    "sightings": sightings(),
    "reports": reports(),
    "enforcements": enforcements(),
}
tables_of_rows = st.sampled_from(sorted(ROWS)).flatmap(
    lambda table: st.tuples(st.just(table), st.lists(ROWS[table], min_size=1, max_size=7))
)
grouped = st.sampled_from(sorted(ROWS)).flatmap(
    lambda table: st.tuples(st.just(table), *(st.lists(ROWS[table], max_size=4) for _ in range(3)))
)


def frame(table: str, rows: list[Any]) -> pl.DataFrame:
    return table_of(table, rows)


@settings(deadline=None, max_examples=120)
@given(drawn=tables_of_rows, seed=st.integers(0, 9))
def test_the_order_of_rows_and_files_does_not_matter(drawn: tuple[str, list[Any]], seed: int) -> None:
    table, rows = drawn
    once = merge(table, frame(table, rows))
    assert_frame_equal(once, merge(table, *(frame(table, [row]) for row in reversed(rows))))
    assert_frame_equal(once, merge(table, frame(table, rows).sample(fraction=1.0, shuffle=True, seed=seed)))


@settings(deadline=None, max_examples=120)
@given(drawn=tables_of_rows)
def test_merging_again_changes_nothing(drawn: tuple[str, list[Any]]) -> None:
    table, rows = drawn
    once = merge(table, frame(table, rows))
    assert_frame_equal(once, merge(table, once))
    assert_frame_equal(once, merge(table, once, once))
    assert_frame_equal(once, merge(table, frame(table, [*rows, *rows])))


@settings(deadline=None, max_examples=120)
@given(drawn=grouped)
def test_parts_may_be_grouped_in_any_way(drawn: tuple[str, list[Any], list[Any], list[Any]]) -> None:
    table, *lists = drawn
    a, b, c = (frame(table, rows) for rows in lists)
    assert_frame_equal(merge(table, merge(table, a, b), c), merge(table, a, merge(table, b, c)))
    assert_frame_equal(merge(table, merge(table, a, b), c), merge(table, a, b, c))


@settings(deadline=None, max_examples=120)
@given(drawn=tables_of_rows)
def test_a_merge_has_each_key_once_and_keeps_the_contract(drawn: tuple[str, list[Any]]) -> None:
    table, rows = drawn
    merged = merge(table, frame(table, rows))
    key = tables.keys(table)
    assert_frame_equal(merged.select(key), frame(table, rows).select(key).unique().sort(key))
    assert tables.check(table, merged).bad.is_empty()


@settings(deadline=None, max_examples=120)
@given(drawn=tables_of_rows)
def test_a_blank_never_hides_a_value(drawn: tuple[str, list[Any]]) -> None:
    table, rows = drawn
    before, merged = frame(table, rows), merge(table, frame(table, rows))
    key = tables.keys(table)
    for name in set(before.columns) - set(key):
        seen = before.filter(pl.col(name).is_not_null()).select(key).unique()
        kept = merged.filter(pl.col(name).is_not_null()).select(key)
        assert_frame_equal(seen.sort(key), kept.sort(key))


def account(day: int, **values: Any) -> model.Account:
    observed_at = EPOCH + timedelta(days=day)
    return model.Account("x:x:1", "x", "x", "1", model.IdKind.NUMERIC, observed_at, **values)


def test_each_attribute_is_the_latest_that_was_seen() -> None:
    suspended = account(3, state=model.AccountState.SUSPENDED)
    row = merge("accounts", frame("accounts", [suspended, account(2, handle="new", bio="b"), account(1, handle="old")]))
    [merged] = row.to_dicts()
    assert (merged["handle"], merged["bio"], merged["state"]) == ("new", "b", "suspended")
    assert merged["handle_at"] == EPOCH + timedelta(days=2)
    assert merged["first_observed_at"] == EPOCH + timedelta(days=1)
    assert merged["last_observed_at"] == EPOCH + timedelta(days=3)


def test_a_later_status_wins_and_a_blank_one_does_not() -> None:
    def report(day: int, status: model.ReportStatus | None) -> model.Report:
        fixed = ("r", "a", model.SourceKind.REPORT, "x", None, None, "meta.other", model.Specificity.NONE)
        return model.Report(*fixed, model.Gate.DEBATE, observed_at=EPOCH + timedelta(days=day), status=status)

    seen = [report(3, None), report(2, model.ReportStatus.DISMISSED), report(1, model.ReportStatus.OPEN)]
    early = merge("reports", frame("reports", [seen[0], seen[2]]))
    [merged] = merge("reports", early, frame("reports", [seen[1]])).to_dicts()
    assert (merged["status"], merged["status_at"]) == ("dismissed", EPOCH + timedelta(days=2))


def test_the_strongest_context_of_a_sighting_is_kept() -> None:
    both = [
        model.Sighting("x:x:1", model.SignalKind.LINK, "a.example", "s", context=context)
        for context in ("profile", "verified")
    ]
    assert merge("sightings", frame("sightings", both))["context"].to_list() == ["verified"]


def test_an_exact_creation_time_beats_a_derived_one() -> None:
    exact = account(1, created_at=EPOCH, created_at_precision=model.Precision.EXACT)
    derived = account(2, created_at=EPOCH - timedelta(days=9), created_at_precision=model.Precision.DERIVED_FROM_ID)
    [merged] = merge("accounts", frame("accounts", [exact, derived])).to_dicts()
    assert (merged["created_at"], merged["created_at_precision"]) == (EPOCH, "exact")


def test_sightings_widen() -> None:
    seen = [
        model.Sighting(
            "1",
            model.SignalKind.LINK,
            "a",
            "s",
            first_seen=EPOCH + timedelta(days=d),
            last_seen=EPOCH + timedelta(days=d + 1),
        )
        for d in (5, 1, 3)
    ]
    [merged] = merge("sightings", frame("sightings", seen)).to_dicts()
    assert (merged["first_seen"], merged["last_seen"]) == (EPOCH + timedelta(days=1), EPOCH + timedelta(days=6))


@pytest.mark.parametrize("table", tables.OBSERVED)
def test_nothing_merged_with_nothing(table: str) -> None:
    assert_frame_equal(merge(table, tables.empty(table), tables.empty(table)), tables.empty(table))


def test_a_creation_time_of_unsaid_precision_is_kept() -> None:
    rows = [account(1, created_at=EPOCH), account(2)]
    assert merge("accounts", frame("accounts", rows))["created_at"].to_list() == [EPOCH]


def test_lists_are_united_and_sorted_even_where_a_key_stands_once() -> None:
    once = model.Content("c", "x", target_ids=("b", "a", "b"))
    assert_frame_equal(merge("contents", frame("contents", [once])), merge("contents", frame("contents", [once, once])))


def test_a_withdrawn_sighting_is_in_force_only_if_it_is_seen_later() -> None:
    def sighting(value: str, last_seen: datetime | None, withdrawn_at: datetime | None) -> model.Sighting:
        return model.Sighting(
            "x:x:1", model.SignalKind.LINK, value, "test", last_seen=last_seen, withdrawn_at=withdrawn_at
        )

    day = datetime(2026, 4, 20, tzinfo=UTC)
    seen = [
        sighting("kept", day, None),
        sighting("withdrawn", day, day + timedelta(days=1)),
        sighting("withdrawn with no date of sight", None, day),
        sighting("seen again", day, None),
        sighting("seen again", day + timedelta(days=9), day + timedelta(days=1)),
    ]
    merged = merge("sightings", table_of("sightings", seen))
    assert sorted(in_force(merged)["value"]) == ["kept", "seen again"]
