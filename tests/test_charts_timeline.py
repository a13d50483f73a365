"""The page of migrations: it holds what it is given, runs nothing, fetches nothing, and is drawn to scale."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from read_page import Read

from graphmatch.charts import timelines_page
from graphmatch.charts.timescale import Scale

HOSTILE = "x:x:<script>alert(1)</script>\"'><img src=x onerror=alert(2)>\u202e\x1b[31m\ud800&amp;"
DAY0 = datetime(2026, 4, 1, tzinfo=UTC)
PLAIN = {
    "html", "head", "meta", "title", "style", "body", "h1", "h2", "p", "ul", "li", "bdi", "small", "span", "div", "br",
    "table", "thead", "tbody", "tr", "th", "td", "svg", "line", "rect", "circle", "text", "code", "footer", "section",
    "details", "summary",
}  # fmt: skip
PLAIN_ATTRIBUTES = {
    "lang", "charset", "http-equiv", "content", "name", "class", "viewbox", "aria-hidden", "aria-label", "role",
    "x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "r", "width", "height",
}  # fmt: skip
Event = dict[str, Any]


def marks(page: Read, kind: str) -> list[dict[str, str | None]]:
    """The marks of a kind, without those of the legend."""
    return [found for _, found in page.elements if found.get("class") == kind][1:]


def day(number: float | None) -> datetime | None:
    return None if number is None else DAY0 + timedelta(days=number)


def move(number: int = 1, **values: Any) -> dict[str, Any]:
    row = {
        "migration_id": f"m{number}",
        "kind": "displaced",
        "summary": "Suspected move.",
        "origin_account_id": "x:x:1",
        "destination_account_id": "bluesky:bsky:did:1",
        "origin_platform": "x",
        "destination_platform": "bluesky",
        "left_earliest": day(10),
        "left_latest": day(11),
        "arrived_earliest": day(12),
        "arrived_latest": day(12),
        "match_probability": 0.97,
        "standing": "suggested",
    }
    return row | values


def event(what: str, first: float | None, last: float | None = None, side: str = "origin", **values: Any) -> Event:
    ends = {"at_earliest": day(first), "at_latest": day(first if last is None else last)}
    return {"what": what, "side": side, "source_id": None, **ends, **values}


EVENTS = [
    event("account created", -900),
    event("posted", 5),
    event("reported: terms", 6),
    event("platform: warning", 7),
    event("platform: account suspended perm", 10, 11, source_id="e1"),
    event("account created", 12, side="destination"),
    event("posted", 13, side="destination"),
    event("last seen active", 14, side="destination"),
    event("reported: illegal", None, side="destination"),
]


def drawn(row: dict[str, Any] | None = None, events: list[Event] | None = None) -> Read:
    row = row or move()
    return Read(timelines_page([row], {row["migration_id"]: EVENTS if events is None else events}))


def test_every_event_near_the_move_has_its_mark() -> None:
    page = drawn()
    counts = {kind: len(marks(page, kind)) for kind in ("made", "post", "told", "ended", "acted", "seen")}
    assert counts == {"made": 1, "post": 2, "told": 1, "ended": 1, "acted": 1, "seen": 1}
    assert "since 2023-10-14" in page.text  # the old account, too long ago to be drawn
    assert "step by step (9)" in page.text
    assert "displaced · probability 0.97 · suggested" in page.text
    assert "1 suspected migration: 1 displaced." in page.text


def test_marks_lie_in_order_of_time_and_ranges_are_drawn_as_wide_as_they_are() -> None:
    page = drawn()
    (ended,), (made,), posts = marks(page, "ended"), marks(page, "made"), marks(page, "post")
    left, right = float(ended["x"] or 0), float(ended["x"] or 0) + float(ended["width"] or 0)
    scale = Scale.of(move(), EVENTS)
    assert left == pytest.approx(scale.at(DAY0 + timedelta(days=10)), abs=0.06)
    assert right == pytest.approx(scale.at(DAY0 + timedelta(days=11)), abs=0.11)
    assert float(posts[0]["cx"] or 0) < left < right < float(made["x"] or 0) < float(posts[1]["cx"] or 0)
    (way,) = [found for _, found in page.elements if found.get("class") == "way"]
    assert float(way["x2"] or 0) == pytest.approx(scale.at(DAY0 + timedelta(days=12)), abs=0.06)


@pytest.mark.parametrize(("kind", "ways"), [("displaced", 1), ("drifted", 1), ("multi_homed", 0), ("unknown_order", 0)])
def test_only_a_move_has_a_way(kind: str, ways: int) -> None:
    page = drawn(move(kind=kind))
    assert sum(found.get("class") == "way" for _, found in page.elements) == ways


def test_nothing_hostile_gets_through() -> None:
    row = move(
        origin_account_id=HOSTILE,
        destination_account_id=HOSTILE,
        origin_platform=HOSTILE,
        summary=HOSTILE,
        kind=HOSTILE,
    )
    html = timelines_page([row], {"m1": [event(HOSTILE, 11, source_id=HOSTILE)]})
    page = Read(html)
    assert {tag for tag, _ in page.elements} <= PLAIN
    assert {name for _, attributes in page.elements for name in attributes} <= PLAIN_ATTRIBUTES
    assert "<script>alert(1)</script>" in page.text
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f\u202e\ud800]", html)
    assert "https:" not in html
    assert "http:" not in html


def test_an_empty_list_and_times_that_nobody_knows() -> None:
    assert "There are none." in Read(timelines_page([], {})).text
    unknown = move(left_earliest=None, left_latest=None, arrived_earliest=None, arrived_latest=None)
    assert "step by step (1)" in drawn(unknown, [event("reported: terms", None)]).text
    assert "step by step (0)" in drawn(unknown, []).text


def test_long_lists_are_cut_and_say_so() -> None:
    page = Read(timelines_page([move(number) for number in range(600)], {}))
    assert "and 100 more" in page.text
    assert "600 suspected migrations" in page.text
    many = [event("posted", 11 + number / 100) for number in range(90)]
    assert "and 30 more" in drawn(events=many).text


moments = st.none() | st.floats(-4000, 400, allow_nan=False)


@settings(deadline=None, max_examples=60)
@given(st.lists(moments, min_size=4, max_size=4), st.lists(st.tuples(moments, moments), max_size=8))
def test_everything_is_drawn_inside_the_picture(bounds: list[float | None], ends: list[tuple[Any, Any]]) -> None:
    names = ("left_earliest", "left_latest", "arrived_earliest", "arrived_latest")
    row = move(**{name: day(bound) for name, bound in zip(names, bounds, strict=True)})
    events = []
    for one, two in ends:
        first, last = (min(one, two), max(one, two)) if None not in (one, two) else (one, two)
        events.append(event("posted", None) | {"at_earliest": day(first), "at_latest": day(last)})
    page = drawn(row, events)
    scale = Scale.of(row, events)
    assert scale.first < scale.last
    for mark in marks(page, "post"):
        assert scale.begin <= float(mark["cx"] or -1) <= scale.end
    assert len(marks(page, "post")) == sum(scale.shows(each) for each in events)
    assert len(scale.ticks()) < 60
