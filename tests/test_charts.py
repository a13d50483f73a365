"""The page of a Match: it holds what it is given, runs nothing, fetches nothing, and is drawn to scale."""

from __future__ import annotations

import base64
import hashlib
import re
from datetime import UTC, datetime
from itertools import accumulate, pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from read_page import Read

from graphmatch.charts import waterfall_page

HOSTILE = "x:x:<script>alert(1)</script>\"'><img src=x onerror=alert(2)>\u202e\x1b[31m\ud800&amp;"
#: Elements that a page of ours is made of; none of them runs or fetches anything.
PLAIN = {
    "html", "head", "meta", "title", "style", "body", "h1", "h2", "p", "ul", "li", "bdi", "small", "strong", "span",
    "div", "br", "table", "thead", "tbody", "tr", "th", "td", "svg", "line", "rect", "text", "code", "footer",
}  # fmt: skip
PLAIN_ATTRIBUTES = {
    "lang", "charset", "http-equiv", "content", "name", "class", "viewbox", "preserveaspectratio", "aria-hidden",
    "aria-label", "role", "x", "y", "x1", "x2", "y1", "y2", "width", "height",
}  # fmt: skip


def bar(bits: float, kind: str = "comparison", name: str = "handle", **other: Any) -> dict[str, Any]:
    seen = {
        "account_id": HOSTILE,
        "kind": "email_hmac",
        "context": "registration",
        "source": "s",
        "first_seen": datetime(2026, 4, 1, tzinfo=UTC),
        "last_seen": None,
        "count": 2,
    }
    return {
        "kind": kind,
        "name": name,
        "label": f"{name} label",
        "family": "naming" if kind == "comparison" else None,
        "m": 0.25 if kind == "comparison" else None,
        "u": 0.25 * 2.0**-bits if kind == "comparison" else None,
        "bits": bits,
        "sightings": [seen] if kind == "comparison" else [],
        "statements": [{"account_id": "b", "asserted_by": "reporter", "first_asserted": None, "count": 1}],
        "reports": [f"report:{number}" for number in range(20)] if kind == "comparison" else [],
    } | other


def found(bits: list[float], **other: Any) -> dict[str, Any]:
    """An explained Match: a prior, and a bar for each of the other bits."""
    bars = [bar(value, "comparison" if place else "prior", f"bar_{place}") for place, value in enumerate(bits)]
    weights = list(accumulate(bits))
    for one, weight in zip(bars, weights, strict=True):
        one |= {"weight": weight, "probability": 1 / (1 + 2.0**-weight)}
    return {
        "left": HOSTILE,
        "right": "mastodon:a.example:2",
        "match_weight": weights[-1],
        "match_probability": 1 / (1 + 2.0 ** -weights[-1]),
        "sentence": "very likely (0.87) to have one operator, suggested: bars",
        "standing": "suggested",
        "story": "same_operator",
        "rules": ["same_handle"],
        "counterfactual_sentence": "Without bar it would fall below one half (to 0.10).",
        "bars": bars,
        "stories": [
            {"story": "same_operator", "chosen": True, "line": "one family <b>"},
            {"story": "shared_machine", "chosen": False, "line": "no address"},
        ],
    } | other


def test_hostile_ids_are_text_and_nothing_else() -> None:
    page = waterfall_page(found([-8.0, 12.0], sentence=HOSTILE, standing=HOSTILE, rules=[HOSTILE]))
    read = Read(page)
    assert {tag for tag, _ in read.elements} <= PLAIN
    assert {name for _, attributes in read.elements for name in attributes} <= PLAIN_ATTRIBUTES
    assert "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>\\u202e\\u001b[31m\\ud800&amp;" in read.text
    assert "one family <b>" in read.text
    page.encode("utf-8")  # no lone surrogate is left
    assert not re.search("[\u202a-\u202e\u2066-\u2069\x1b]", page)


@given(st.text(max_size=40))
@settings(max_examples=200)
def test_no_text_makes_an_element_or_an_attribute(text: str) -> None:
    plain = Read(waterfall_page(found([-8.0, 12.0], left="a")))
    other = Read(waterfall_page(found([-8.0, 12.0], left=text)))
    assert other.elements == plain.elements


def test_the_page_fetches_nothing_and_the_browser_is_told_so() -> None:
    page = waterfall_page(found([-8.0, 12.0]))
    style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)
    assert style
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    [policy] = [meta["content"] for meta in Read(page).every("meta") if "http-equiv" in meta]
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    assert not re.search(r"url\(|@import|https?:|//", style[1])
    assert "</" not in style[1]
    assert "prefers-color-scheme: dark" in style[1]
    assert "@media print" in style[1]


def test_all_that_is_told_stands_on_the_page() -> None:
    text = Read(waterfall_page(found([-8.0, 12.0, -1.5]))).text
    for told in (
        "Very likely (0.87) to have one operator",
        "Standing: suggested. Story: same operator. Proposed by: same handle.",
        "Without bar it would fall below one half (to 0.10).",
        "bar 1",
        "bar_1 label",
        "naming",
        "m\xa00.25 · u\xa06.1e-05",
        "+12.00",
        "+4.00",
        "0.9412",
        "+2.50",
        "0.8498",
        "gate: one half",
        "email (HMAC) (registration), 2 values, in s, 2026-04-01, on ",
        "1 statement that its operator has another account, by a reporter, at an unknown time, on b",
        "report:11 and 8 more",
        "Suspected, not proven",
    ):
        assert told in text, told
    assert "same person" not in text
    assert "report:12" not in text


def drawn(page: str) -> tuple[list[tuple[str, float, float]], set[float], int]:
    """The bars (kind, from, to) in units of the drawing, the places of the gate, and how many gate lines there are."""
    read = Read(page)
    bars = [
        (str(rect["class"]), float(rect["x"] or 0), float(rect["x"] or 0) + float(rect["width"] or 0))
        for rect in read.every("rect")
    ]
    gates = [float(line["x1"] or 0) for line in read.every("line") if line["class"] == "gate"]
    return bars, set(gates), len(gates)


@given(st.lists(st.floats(-20, 24).filter(lambda bits: abs(bits) > 0.5), min_size=1, max_size=12))
def test_bars_are_drawn_to_scale_one_from_where_the_last_ended(bits: list[float]) -> None:
    bars, gates, lines = drawn(waterfall_page(found(bits)))
    assert len(bars) == len(bits) + 1
    assert lines == len(bars)
    [gate] = gates
    weights = [0.0, *accumulate(bits)]
    spread = max(weights) - min(weights)
    ends = [(min(step), max(step)) for step in pairwise(weights)] + [(min(0.0, weights[-1]), max(0.0, weights[-1]))]
    for (kind, low, high), (least, most), value in zip(bars, ends, [*bits, None], strict=True):
        assert low == pytest.approx(gate + least / spread * 940, abs=0.1)
        assert high == pytest.approx(gate + most / spread * 940, abs=2.1)
        assert kind in ("start", "sum") or kind == ("for" if value is not None and value > 0 else "against")
    assert [kind for kind, _, _ in bars].count("start") == 1
    assert bars[-1][0] == "sum"
    assert all(-0.1 <= low <= high <= 1000.1 for _, low, high in bars)


def test_a_match_of_no_weight_at_all_is_drawn() -> None:
    bars, _, _ = drawn(waterfall_page(found([0.0])))
    assert len(bars) == 2
