"""The page of communities: it holds what it is given, runs nothing, fetches nothing, and draws the same each time."""

from __future__ import annotations

import base64
import hashlib
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from read_page import Read

from graphmatch.charts import communities_page
from graphmatch.charts.community_graph import LAYERS, drawing
from graphmatch.community import layers

HOSTILE = "x:x:<script>alert(1)</script>\"'><img src=x onerror=alert(2)>\u202e\x1b[31m\ud800&amp;"
PLAIN = {
    "html", "head", "meta", "title", "style", "body", "h1", "h2", "h3", "p", "ul", "ol", "li", "bdi", "small", "strong",
    "span", "div", "br", "table", "thead", "tbody", "tr", "th", "td", "svg", "line", "rect", "circle", "text", "code",
    "footer", "section",
}  # fmt: skip
PLAIN_ATTRIBUTES = {
    "lang", "charset", "http-equiv", "content", "name", "class", "viewbox", "preserveaspectratio", "aria-hidden",
    "aria-label", "role", "x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "r", "width", "height",
}  # fmt: skip


def one(name: str = "community-1", **other: Any) -> dict[str, Any]:
    shares = {f"{layer}_share": 0.0 for layer in LAYERS}
    return {
        "community_id": name,
        "account_ids": ["a", "b", "c"],
        "actor_ids": ["actor-1"],
        "size": 3,
        "density": 0.25,
        "resolution": 0.05,
        **shares,
        "link_share": 0.75,
        "text_share": 0.25,
        "coincidence": 1.0,
        "expected_density": 0.01,
        "chance_q": 0.01,
        "event": "birth",
        "earlier_ids": [],
        "earlier_size": None,
        "jaccard": None,
    } | other


def tie(left: str, right: str, layer: str | None = "link", name: str = "community-1") -> dict[str, Any]:
    return {"community_id": name, "left": left, "right": right, "weight": 0.4, "layer": layer}


def found(communities: list[dict[str, Any]], **other: Any) -> dict[str, Any]:
    layer = {"layer": "link", "weight": 0.5, "cap": 100, "keys": 3, "keys_left_out": 1, "largest_key": 200, "ties": 7}
    return {"communities": communities, "lineage": [], "moves": [], "layers": [layer], "ties": []} | other


def moved(**other: Any) -> dict[str, Any]:
    at = datetime(2026, 4, 8, tzinfo=UTC)
    return {
        "community_id": "community-1",
        "origin_platform": "x",
        "destination_platform": "bluesky",
        "movers": 4,
        "movers_on_way": 3,
        "pairs": 3,
        "expected_pairs": 0.06,
        "p": 0.001,
        "q": 0.003,
        "moves_together": True,
        "left_earliest": at,
        "left_latest": at,
        "arrived_earliest": None,
        "arrived_latest": None,
        "migration_ids": ["m"],
    } | other


def test_hostile_names_are_text_and_nothing_else() -> None:
    death = {"event": "death", "community_id": HOSTILE, "earlier_size": 5, "earlier_ids": [HOSTILE]}
    rows = [one(HOSTILE, event="merge", earlier_ids=[HOSTILE, HOSTILE + "2"], earlier_size=3), one()]
    moves = [moved(community_id=HOSTILE, origin_platform=HOSTILE)]
    ties = [tie(HOSTILE, "b", name=HOSTILE), tie("b", "c", HOSTILE, name=HOSTILE)]
    page = communities_page(found(rows, lineage=[death], moves=moves, ties=ties))
    read = Read(page)
    assert {tag for tag, _ in read.elements} <= PLAIN
    assert {name for _, attributes in read.elements for name in attributes} <= PLAIN_ATTRIBUTES
    assert "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>\\u202e\\u001b[31m\\ud800&amp;" in read.text
    assert not re.search("[\u202a-\u202e\u2066-\u2069\x1b]", page)
    page.encode("utf-8")


def test_the_browser_is_told_that_nothing_but_our_style_runs() -> None:
    page = communities_page(found([one()]))
    style = re.search("<style>(.*)</style>", page, re.DOTALL)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"default-src 'none'; style-src 'sha256-{digest}'" in page
    assert "style=" not in page
    assert "http" not in page.replace("http-equiv", "")


def test_what_chance_explains_is_marked_and_not_hidden() -> None:
    rows = [one("c1", chance_q=0.05), one("c2", chance_q=0.051), one("c3", chance_q=None, expected_density=None)]
    read = Read(communities_page(found(rows)))
    assert len(read.every("tr", "chance")) == 1
    assert len(read.every("tr", "beyond")) == 2
    assert "3 communities, the largest of 3 accounts; 1 beyond what chance explains" in read.text
    for told in ("c1", "c2", "c3", "q 0.051: chance explains it", "not checked", "link 75%, text 25%"):
        assert told in read.text


def test_a_stripe_is_as_wide_as_the_shares() -> None:
    read = Read(communities_page(found([one()])))
    widths = {
        layer: sum(float(bar["width"] or 0) for bar in read.every("rect", f"fill-{layer}")) - 24 for layer in LAYERS
    }
    assert widths == pytest.approx({**dict.fromkeys(LAYERS, 0.0), "link": 90.0, "text": 30.0})


def test_moves_say_which_were_together_and_when() -> None:
    other = moved(community_id="community-2", moves_together=False, q=0.4)
    read = Read(communities_page(found([one(), one("community-2")], moves=[moved(), other])))
    assert "1 has members that moved together" in read.text
    assert read.text.count("chance is not ruled out") == 1
    assert "08 Apr 2026" in read.text
    assert "not known" in read.text


def test_the_drawing_has_each_node_and_tie_once_inside_its_frame_and_is_the_same_each_time() -> None:
    names = [f"n{n}" for n in range(12)]
    ties = [tie(left, right, LAYERS[n % 6]) for n, left in enumerate(names) for right in names[n + 1 : n + 4]]
    read = Read(drawing(names, ties))
    assert len(read.every("circle", "node")) == 12
    assert len(read.every("line", "tie")) == len(ties)
    places = {(float(dot["cx"] or 0), float(dot["cy"] or 0)) for dot in read.every("circle", "node")}
    assert len(places) == 12
    assert all(0 < x < 640 and 0 < y < 420 for x, y in places)
    assert drawing(names, ties) == drawing(names, ties[::-1])
    assert "class" in read.every("line", "tie-reporter")[0]


def test_two_nodes_and_unknown_layers_are_drawn_too() -> None:
    read = Read(drawing(["a", "b"], [tie("a", "b", None)]))
    assert len(read.every("circle", "node")) == 2
    assert len(read.every("line", "tie-unknown")) == 1


def test_nothing_found_is_said() -> None:
    assert "No community was found." in Read(communities_page(found([]))).text


def test_the_page_knows_every_layer() -> None:
    assert tuple(layer.name for layer in layers.LAYERS) == LAYERS
