"""Every installed adapter keeps the protocol: its samples give its golden rows, and no record can break it."""

from __future__ import annotations

import contextlib
import copy
import json
import re
from collections import defaultdict
from typing import Any

import pytest
from golden import as_json, as_lines, folder_of, rows_of, sample_records, samples_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graphmatch import merge, tables
from graphmatch.adapter import CARRIED, RawRecord, available, card_of, load
from graphmatch.errors import LeftOut, RejectedRecord
from graphmatch.frames import ROW_TABLES
from graphmatch.frames import frame as table_of
from graphmatch.model import Row

NAMES = sorted(available())

EMAIL = re.compile(r"(?<![\w@.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
IPV4 = re.compile(r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w.])")
PHONE = re.compile(r"(?<![\w.])(?:\+\d{2}|0)\d{2,4} ?\d{3} ?\d{3,4}(?![\w.])")

JUNK: list[Any] = [
    None, "", "x", "\ud83d", "\0", "2026-13-45", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "did:plc:", "at://",
    "@", ":", "://", "http://[", "1.01421E+18", "01/01/2026", 0, -1, 10**30, 1.5, float("nan"), True, False, [], {},
    [None], ["x"], [[]], [{}], {"x": 1}, {"$type": 1}, "a@b.example", "x" * 5000,
]  # fmt: skip


def frames(rows: list[Row]) -> dict[str, Any]:
    by_table: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_table[ROW_TABLES[type(row)]].append(row)
    return {table: merge.merge(table, table_of(table, found)) for table, found in by_table.items()}


@pytest.mark.parametrize("name", NAMES)
def test_samples_give_the_golden_rows(name: str, request: pytest.FixtureRequest) -> None:
    adapter = load(name)
    golden = folder_of(adapter) / "golden.jsonl"
    rows = rows_of(adapter, *samples_of(adapter))
    if request.config.getoption("--update-golden"):
        golden.write_text(as_lines(rows), encoding="utf-8")
    expected = [json.loads(line) for line in golden.read_text("utf-8").splitlines()]
    assert [as_json(row) for row in rows] == expected


@pytest.mark.parametrize("name", NAMES)
def test_every_row_of_the_samples_passes_its_table(name: str) -> None:
    adapter = load(name)
    for table, frame in frames(rows_of(adapter, *samples_of(adapter))).items():
        checked = tables.check(table, frame)
        assert checked.bad.is_empty(), (table, checked.counts)


@pytest.mark.parametrize("name", NAMES)
def test_every_kind_of_row_that_the_card_names_is_carried_and_no_other(name: str) -> None:
    adapter = load(name)
    given_tables = {ROW_TABLES[type(row)] for row in rows_of(adapter, *samples_of(adapter))}
    assert given_tables <= set(card_of(adapter).carries)
    assert set(card_of(adapter).carries) <= {*tables.OBSERVED, *CARRIED}


@pytest.mark.parametrize("name", NAMES)
def test_no_contact_value_of_the_samples_stands_in_any_row(name: str) -> None:
    adapter = load(name)
    raw = "\n".join(path.read_text("utf-8") for path in samples_of(adapter))
    values = {found for pattern in (EMAIL, IPV4, PHONE) for found in pattern.findall(raw)}
    lines = as_lines(rows_of(adapter, *samples_of(adapter)))
    leaked = [v for v in values if re.search(rf"(?<![\w@.+-]){re.escape(v)}(?![\w-])", lines, re.IGNORECASE)]
    assert leaked == []


@pytest.mark.parametrize("name", NAMES)
def test_the_card_knows_every_field_of_the_samples(name: str) -> None:
    card = card_of(load(name))
    assert {path for record, _ in sample_records(name) for path in card.unknown(record.value)} == set()


@pytest.mark.parametrize("name", NAMES)
def test_reading_a_sample_twice_gives_the_same_tables(name: str) -> None:
    adapter = load(name)
    paths = samples_of(adapter)
    once, twice = frames(rows_of(adapter, *paths)), frames(rows_of(adapter, *reversed(paths), *paths))
    assert once.keys() == twice.keys()
    for table, frame in once.items():
        assert frame.equals(twice[table]), table


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path] if path else []
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, below in inner:
        found += places(below, (*path, key))
    return found


def spoil(record: dict[str, Any], path: tuple[Any, ...], value: Any, *, drop: bool) -> dict[str, Any]:
    spoilt = copy.deepcopy(record)
    holder: Any = spoilt
    for key in path[:-1]:
        holder = holder[key]
    if drop:
        del holder[path[-1]]
    else:
        holder[path[-1]] = value
    return spoilt


@pytest.mark.parametrize("name", NAMES)
@settings(deadline=None, max_examples=12, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_a_spoilt_record_gives_rows_or_is_rejected(name: str, data: st.DataObject) -> None:
    adapter = load(name)
    rows: list[Row] = []
    for _ in range(30):
        record, context = data.draw(st.sampled_from(sample_records(name)))
        path = data.draw(st.sampled_from(places(record.value)))
        spoilt = spoil(record.value, path, data.draw(st.sampled_from(JUNK)), drop=data.draw(st.booleans()))
        with contextlib.suppress(LeftOut, RejectedRecord):
            rows += adapter.normalise(RawRecord(record.line, spoilt), context)
    for table, frame in frames(rows).items():
        # That no id is too long for an index is looked at once for all adapters, where rows become tables.
        assert not [rule for rule in tables.check(table, frame).counts if not rule.endswith("max_length")], table
