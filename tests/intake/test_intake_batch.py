from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from graphmatch import model, tables
from graphmatch.intake.batch import build
from graphmatch.model import Row

AT = datetime(2026, 3, 1, tzinfo=UTC)
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


def account(who: str, **changes: object) -> model.Account:
    made = model.Account(f"tiny:tiny:{who}", "tiny", "tiny", who, model.IdKind.OPAQUE, AT, handle=who)
    return replace(made, **changes)  # type: ignore[arg-type]


def sighting(who: str) -> model.Sighting:
    return model.Sighting(f"tiny:tiny:{who}", model.SignalKind.HANDLE, who, "tiny", first_seen=AT, last_seen=AT)


def enforcement(at: int, until: int) -> model.Enforcement:
    return model.Enforcement(
        "e",
        "tiny",
        "tiny",
        model.Action.ACCOUNT_LIMITED,
        "limit",
        model.Scope.PLATFORM,
        at_earliest=AT.replace(day=at),
        at_latest=AT.replace(day=until),
    )


def test_good_records_become_merged_tables_in_the_order_of_writing() -> None:
    built = build([[sighting("a"), account("a")], [account("a"), account("b")]])
    assert not built.bad
    assert list(built.frames) == ["accounts", "sightings"]
    assert built.frames["accounts"].get_column("native_id").to_list() == ["a", "b"]
    for table, frame in built.frames.items():
        assert tables.require(table, frame).equals(frame)


def test_a_record_with_one_bad_row_is_left_out_whole_and_its_rule_named() -> None:
    built = build([[account("a"), sighting("a")], [account("b", created_at=LONG_AGO), sighting("b")]])
    assert built.frames["sightings"].get_column("value").to_list() == ["a"]
    assert list(built.bad) == [1]
    assert "created_at" in built.bad[1]
    assert "1970" not in built.bad[1]


def test_each_bad_record_gets_its_own_rules() -> None:
    built = build([[account("a", created_at=LONG_AGO)], [account("", platform=None, account_id="")], [account("c")]])
    assert "created_at" in built.bad[0]
    assert "platform" in built.bad[1]
    assert "created_at" not in built.bad[1]
    assert built.frames["accounts"].height == 1


def test_a_value_that_no_frame_can_hold_is_found_among_good_ones() -> None:
    naive = account("n", observed_at="yesterday")
    huge: Sequence[Row] = [account("h", handle=7), sighting("h")]
    built = build([[account("a")], [naive], huge, [account("b")]])
    assert set(built.bad) == {1, 2}
    assert built.frames["accounts"].get_column("native_id").to_list() == ["a", "b"]
    assert "sightings" not in built.frames


def test_records_that_contradict_each_other_are_both_held_back() -> None:
    built = build([[enforcement(1, 2)], [enforcement(3, 4)], [account("a")]])
    assert not built.bad
    later = replace(enforcement(5, 5), at_latest=None)
    built = build([[enforcement(1, 2)], [later], [account("a")]])
    assert set(built.bad) == {0, 1}
    assert "contradicts another record: interval_in_order" in built.bad[0]
    assert list(built.frames) == ["accounts"]


def test_nothing_makes_nothing() -> None:
    assert build([]).frames == {}
    assert build([[]]).frames == {}


@settings(deadline=None, max_examples=25)
@given(st.lists(st.tuples(st.sampled_from("abc"), st.booleans()), max_size=8))
def test_every_record_is_either_in_the_tables_or_named_as_bad(records: list[tuple[str, bool]]) -> None:
    rows = [[account(who, created_at=AT if good else LONG_AGO)] for who, good in records]
    built = build(rows)
    assert sorted(built.bad) == [place for place, (_, good) in enumerate(records) if not good]
    kept = built.frames["accounts"].get_column("native_id").to_list() if built.frames else []
    assert kept == sorted({who for who, good in records if good})
