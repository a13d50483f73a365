"""The table contracts: columns follow the row types, good rows pass, bad rows are told which rule they broke."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphmatch import model, tables
from graphmatch.errors import RejectedTable
from graphmatch.frames import ROW_TABLES
from graphmatch.frames import frame as table_of

AT = datetime(2026, 4, 20, 9, 0, tzinfo=UTC)
ACCOUNT = model.Account("x:x:1", "x", "x", "1", model.IdKind.NUMERIC, AT, handle="grim")
ROWS: dict[str, Any] = {
    "accounts": ACCOUNT,
    "sightings": model.Sighting("x:x:1", model.SignalKind.HANDLE, "grim", "test"),
    "reports": model.Report(
        "r1", "test", model.SourceKind.REPORT, "x", "x:x:1", "a", "b", model.Specificity.EXACT, model.Gate.TERMS
    ),
    "contents": model.Content("c1", "x", target_ids=("t1", "t2")),
    "targets": model.Target("t1", "x", "asha"),
    "enforcements": model.Enforcement("e1", "x", "test", model.Action.WARNING, "warn", model.Scope.PLATFORM),
    "link_claims": model.LinkClaim("l1", "x:x:1", "grim2", "same as grim2"),
}


def good(table: str, **values: Any) -> pl.DataFrame:
    return table_of(table, [ROWS[table]]).with_columns(
        pl.lit(value, dtype=tables.dtypes(table)[name]).alias(name) for name, value in values.items()
    )


@pytest.mark.parametrize(("row_type", "table"), ROW_TABLES.items())
def test_a_row_types_fields_are_its_tables_columns_in_order(row_type: type, table: str) -> None:
    names = [f.name for f in fields(row_type)]
    columns = list(tables.dtypes(table))
    stamps = {f"{name}_at" for name in tables.DATED.get(table, ())}
    if table == "accounts":
        names.remove("observed_at")  # stands as <name>_at beside each attribute, and as first and last
        stamps |= {"first_observed_at", "last_observed_at"}
    if "text" in names:
        stamps.add("text_minhash")  # worked out from the text, where rows become a frame
    assert stamps <= set(columns)
    columns = [c for c in columns if c not in stamps]
    assert columns == names


def test_every_table_is_observed_derived_or_said_why() -> None:
    assert set(tables.SCHEMAS) == {*tables.OBSERVED, *tables.DERIVED, "candidates", "judgements"}
    assert set(ROW_TABLES.values()) == set(tables.OBSERVED) == set(ROWS)


@pytest.mark.parametrize("table", tables.SCHEMAS)
def test_an_empty_table_keeps_its_contract(table: str) -> None:
    empty = tables.empty(table)
    assert tables.require(table, empty).schema == pl.Schema(tables.dtypes(table))
    assert set(tables.keys(table)) <= set(empty.columns)


@pytest.mark.parametrize("table", tables.OBSERVED)
def test_a_row_becomes_a_good_row(table: str) -> None:
    made = table_of(table, [ROWS[table]])
    checked = tables.check(table, made)
    assert (checked.good.height, checked.bad.height, checked.counts) == (1, 0, {})
    assert checked.good.schema == pl.Schema(tables.dtypes(table))


def test_the_time_of_an_observation_stands_beside_what_it_saw_and_nothing_else() -> None:
    row = table_of("accounts", [ACCOUNT]).row(0, named=True)
    assert row["handle_at"] == row["first_observed_at"] == row["last_observed_at"] == AT
    assert [row[f"{name}_at"] for name in tables.DATED["accounts"] if name != "handle"] == [None] * 6


@pytest.mark.parametrize(
    ("table", "values", "rule"),
    [
        ("accounts", {"account_id": ""}, "account_id|min_length"),
        ("accounts", {"account_id": None}, "account_id|nullability"),
        ("accounts", {"platform": None}, "platform|nullability"),
        ("accounts", {"id_kind": "guess"}, "id_kind|check"),
        ("accounts", {"state": "annoyed"}, "state|check"),
        ("accounts", {"created_at": datetime(1970, 1, 1, tzinfo=UTC)}, "created_at|check___plausible"),
        ("accounts", {"last_active": datetime(2100, 1, 1, tzinfo=UTC)}, "last_active|check___plausible"),
        ("reports", {"reported_at": datetime(1970, 1, 1, tzinfo=UTC)}, "reported_at|check___plausible"),
        ("reports", {"count": 0}, "count|min"),
        ("reports", {"gate": "severe"}, "gate|check"),
        ("reports", {"target_ids": None}, "target_ids|nullability"),
        ("sightings", {"kind": "shoe_size"}, "kind|check"),
        ("enforcements", {"action": "shouted_at"}, "action|check"),
    ],
)
def test_a_bad_row_is_told_which_rule_it_broke(table: str, values: dict[str, Any], rule: str) -> None:
    bad = good(table, **values)
    checked = tables.check(table, bad)
    assert (checked.good.height, checked.bad.height, checked.counts) == (0, 1, {rule: 1})
    column = rule.partition("|")[0]
    with pytest.raises(RejectedTable, match=column):
        tables.require(table, bad)


@settings(deadline=None, max_examples=40)
@given(year=st.integers(1900, 2300))
def test_times_are_plausible_or_rejected_but_an_expiry_may_be_centuries_ahead(year: int) -> None:
    time = datetime(year, 6, 1, tzinfo=UTC)
    plausible = tables.PLAUSIBLE_YEARS[0] <= year <= tables.PLAUSIBLE_YEARS[1]
    interval = good("enforcements", at_earliest=time, at_latest=time)
    assert tables.check("enforcements", interval).good.height == int(plausible)
    assert tables.check("enforcements", good("enforcements", expires_at=time)).good.height == 1


def test_an_interval_ends_no_earlier_than_it_begins() -> None:
    backwards = good("enforcements", at_earliest=AT, at_latest=AT.replace(hour=8))
    assert tables.check("enforcements", backwards).counts == {"interval_in_order": 1}
    assert tables.check("enforcements", good("enforcements", at_earliest=AT, at_latest=AT)).bad.is_empty()


def test_a_key_stands_once() -> None:
    twice = pl.concat([good("targets"), good("targets", handle="other")])
    assert tables.check("targets", twice).counts == {"primary_key": 2}


def test_a_pair_stands_once_with_the_lesser_id_left() -> None:
    pair = {"left": ["b"], "right": ["a"], "rules": [["handle"]]}
    rows = pl.DataFrame(pair, schema=tables.dtypes("candidates"))
    assert tables.check("candidates", rows).counts == {"left_before_right": 1}


def test_good_rows_stay_beside_bad_ones() -> None:
    mixed = pl.concat(
        [good("contents"), good("contents", content_id="c2", created_at=datetime(1970, 1, 1, tzinfo=UTC))]
    )
    checked = tables.check("contents", mixed)
    assert checked.good["content_id"].to_list() == ["c1"]
    assert checked.bad["content_id"].to_list() == ["c2"]


def test_a_missing_column_and_another_type_are_named() -> None:
    with pytest.raises(RejectedTable, match="'handle'"):
        tables.check("accounts", good("accounts").drop("handle"))
    with pytest.raises(RejectedTable, match="reports"):
        tables.check("reports", good("reports").with_columns(target_ids=pl.lit(3)))


def test_a_value_that_can_not_be_cast_rejects_its_row_alone() -> None:
    counted = tables.check("reports", good("reports").with_columns(count=pl.lit("3")))
    assert counted.good["count"].to_list() == [3]
    assert tables.check("reports", good("reports").with_columns(count=pl.lit("many"))).counts == {"count|dtype": 1}


def test_columns_of_a_source_that_nobody_declared_are_dropped() -> None:
    assert tables.require("targets", good("targets").with_columns(shoe_size=43)).columns == list(
        tables.dtypes("targets")
    )


def test_a_match_has_a_level_and_bits_for_each_comparison_and_a_discount_for_each_family() -> None:
    columns = set(tables.dtypes("matches"))
    assert {f"{name}_{what}" for name in model.COMPARISONS for what in ("level", "bits")} <= columns
    assert {f"{family}_discount_bits" for family in model.Family} <= columns
    assert set(model.COMPARISONS.values()) == set(model.Family)
