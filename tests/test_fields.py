from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from graphmatch import fields
from graphmatch.errors import RejectedRecord

RECORD: dict[str, Any] = {
    "id": 7,
    "name": " Grim ",
    "blank": "  ",
    "odd": "\ud83d",
    "inner": {"list": [{"x": 1}, None], "words": ["a", " ", 3], "at": "2026-04-14T22:20:03Z", "yes": True},
    "epoch": 1776196812,
    "ratio": 1.5,
    "none": None,
}


def test_values_are_found_by_dotted_path() -> None:
    assert fields.text(RECORD, "name") == "Grim"
    assert fields.text(RECORD, "id") == "7"
    assert fields.integer(RECORD, "id") == 7
    assert fields.integer({"n": " 12 "}, "n") == 12
    assert fields.items(RECORD, "inner.list") == [{"x": 1}]
    assert fields.texts(RECORD, "inner.words") == ["a", "3"]
    assert fields.time(RECORD, "inner.at") == datetime(2026, 4, 14, 22, 20, 3, tzinfo=UTC)
    assert fields.epoch(RECORD, "epoch") == datetime(2026, 4, 14, 20, 0, 12, tzinfo=UTC)
    assert fields.flag(RECORD, "inner.yes") is True
    assert fields.mapping(RECORD, "inner")["yes"] is True


def test_absent_null_and_blank_are_none_or_empty() -> None:
    for path in ("absent", "none", "blank", "none.deeper", "inner.absent"):
        assert fields.text(RECORD, path) is None
    assert fields.items(RECORD, "absent") == fields.texts(RECORD, "none") == []
    assert fields.mapping(RECORD, "absent") == {}
    assert fields.integer(RECORD, "absent") is fields.flag(RECORD, "none") is fields.time(RECORD, "blank") is None


def test_what_no_table_can_hold_is_replaced() -> None:
    assert (fields.text(RECORD, "odd") or "").encode()


def test_a_time_outside_any_plausible_year_is_not_observed() -> None:
    assert fields.time({"at": "0001-01-01T00:00:00Z"}, "at") is None


@pytest.mark.parametrize(
    ("accessor", "path"),
    [
        (fields.text, "inner"),
        (fields.text, "ratio"),
        (fields.text, "inner.yes"),
        (fields.text, "name.deeper"),
        (fields.required_text, "blank"),
        (fields.required_text, "absent"),
        (fields.mapping, "name"),
        (fields.required_mapping, "absent"),
        (fields.items, "inner.words"),
        (fields.items, "name"),
        (fields.texts, "inner.list"),
        (fields.integer, "name"),
        (fields.integer, "ratio"),
        (fields.integer, "inner.yes"),
        (fields.flag, "id"),
        (fields.time, "name"),
        (fields.time, "inner"),
        (fields.epoch, "inner"),
    ],
)
def test_another_shape_is_rejected_by_name_and_without_its_value(accessor: Callable[..., Any], path: str) -> None:
    with pytest.raises(RejectedRecord) as caught:
        accessor(RECORD, path)
    assert path.split(".", maxsplit=1)[0] in str(caught.value)
    assert "Grim" not in str(caught.value)
