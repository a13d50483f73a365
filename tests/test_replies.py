"""Replies get to know whom they answer, as far back as is remembered."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from graphmatch.adapter import RawRecord, Unreadable
from graphmatch.readers.replies import PARENT, with_parents


def joined(records: list[RawRecord | Unreadable], **given: Any) -> Iterator[RawRecord | Unreadable]:
    def key(record: RawRecord, name: str) -> tuple[str, ...] | None:
        return (record.value[name],) if name in record.value else None

    return with_parents(
        records,
        own=lambda record: key(record, "id"),
        answered=lambda record: key(record, "to"),
        author=lambda record: {"name": record.value["by"]} if "by" in record.value else {},
        **given,
    )


def message(native: str, **value: str) -> RawRecord:
    return RawRecord(7, {"id": native, **value}, {"chat": 1})


def parents(*records: RawRecord | Unreadable, **given: Any) -> list[Any]:
    found = joined(list(records), **given)
    return [item.value.get(PARENT) if isinstance(item, RawRecord) else item.why for item in found]


def test_a_reply_is_joined_with_its_parents_author_and_stays_what_it_was() -> None:
    first, answer = message("1", by="a"), message("2", by="b", to="1")
    (_, found) = joined([first, answer])
    assert found == RawRecord(7, {"id": "2", "by": "b", "to": "1", PARENT: {"name": "a"}}, {"chat": 1})
    assert PARENT not in answer.value


def test_a_parent_that_comes_later_or_is_forgotten_is_not_known() -> None:
    assert parents(message("2", by="b", to="3"), message("3", by="c")) == [None, None]
    messages = [message(str(number), by="x") for number in range(5)]
    assert parents(*messages, message("9", to="0"), kept=5)[-1] == {"name": "x"}
    assert parents(*messages, message("9", to="0"), kept=4)[-1] is None


def test_what_is_too_long_or_says_nothing_is_not_remembered() -> None:
    assert parents(message("1", by="x" * 600), message("2", to="1")) == [None, None]
    assert parents(message("1"), message("2", to="1")) == [None, None]


def test_what_is_unreadable_passes_through() -> None:
    assert parents(Unreadable(1, "broken"), message("1")) == ["broken", None]
