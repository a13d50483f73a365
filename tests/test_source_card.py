from __future__ import annotations

from graphmatch.adapter import SourceCard

CARD = SourceCard(
    title="t",
    carries=(),
    records={},
    fields={
        "id": "used",
        "posts.text": "used",
        "posts.by": "ignored with all below",
        "posts.by.id": "used",
        "raw": "x",
    },
)


def test_fields_that_the_card_does_not_know_are_named_by_their_path() -> None:
    record = {
        "id": 1,
        "new": {"inner": 1},
        "posts": [{"text": "a", "likes": 1}, [{"by": {"id": 1, "name": "x"}}], None, "text"],
        "raw": {"anything": [{"at": 1}]},
    }
    assert CARD.unknown(record) == ["new", "posts.likes", "posts.by.name"]


def test_a_value_of_another_shape_is_no_unknown_field() -> None:
    assert CARD.unknown({"posts": "text", "id": {"below": 1}}) == []


def test_a_key_that_holds_dots_is_known_by_its_path() -> None:
    card = SourceCard("t", (), {}, {"content.m.relates_to.event_id": "used", "content.m.mentions": "ignored"})
    known = {"content": {"m.relates_to": {"event_id": "$1"}, "m.mentions": {"user_ids": []}}}
    assert card.unknown(known) == []
    assert card.unknown({"content": {"m.relates_to": {"key": 1}, "m.other": 1}}) == [
        "content.m.relates_to.key",
        "content.m.other",
    ]
