"""The pages of flows and lags: they hold what they are given, run and fetch nothing, and are drawn to scale."""

from __future__ import annotations

import re
from datetime import date
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from read_page import Read

from graphmatch.charts import flows_page, lag_page

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>\u202e\x1b[31m\ud800&amp;"
PLAIN = {
    "html", "head", "meta", "title", "style", "body", "h1", "h2", "p", "bdi", "strong", "div", "br", "table", "thead",
    "tbody", "tr", "th", "td", "svg", "line", "rect", "path", "text", "footer", "figure", "figcaption", "em",
}  # fmt: skip
PLAIN_ATTRIBUTES = {
    "lang", "charset", "http-equiv", "content", "name", "class", "viewbox", "aria-label", "role", "x", "y", "x1", "x2",
    "y1", "y2", "width", "height", "d",
}  # fmt: skip


def flow(origin: str, destination: str, n: int, verdict: str = "chance", **other: Any) -> dict[str, Any]:
    return {
        "origin_platform": origin,
        "destination_platform": destination,
        "n": n,
        "tested": n - 1,
        "expected": 2.25,
        "expected_low": 1.0,
        "expected_high": 5.0,
        "q_value": None if verdict == "too_few" else 0.01,
        "verdict": verdict,
        **other,
    }


def covered(platform: str = "x", state: str = "data") -> dict[str, Any]:
    return {"platform": platform, "week": date(2026, 4, 6), "reports": 7, "enforcements": 3, "state": state}


FLOWS = [
    flow("mastodon", "bluesky", 12, "beyond_chance"),
    flow("x", "bluesky", 6),
    flow("reddit", "reddit", 2, "too_few", expected=None, expected_low=None, expected_high=None),
    flow("x", "reddit", 0, tested=0),
]


def row(stage: str, n: int = 6, pair: tuple[str, str] = ("any", "any"), **other: Any) -> dict[str, Any]:
    figures = {"median_earliest": 1.5, "median_latest": 2.5, "median_low": 0.25, "median_high": None}
    figures |= {"p90_earliest": None, "p90_latest": None, "over_in_7": 0.83, "over_in_30": None}
    key = {"stage": stage, "origin_platform": pair[0], "destination_platform": pair[1]}
    return {**key, "n": n, "ended": n - 1, "censored": 1, "state": "estimated", **figures, **other}


def curve(stage: str, bound: str, *points: tuple[float, float], pair: tuple[str, str] = ("any", "any")) -> list[dict]:
    key = {"stage": stage, "origin_platform": pair[0], "destination_platform": pair[1], "bound": bound}
    made = []
    for number, (days, survival) in enumerate(points):
        more = {"at_risk": 9 - number, "ended": 1, "censored": number % 2, "low": None, "high": None}
        made.append({**key, "days": days, "survival": survival, **more})
    return made


STAGE, OTHER = "reappearance_to_report", "report_to_release"
CURVES = [*curve(STAGE, "earliest", (2.0, 0.75), (8.0, 0.5)), *curve(STAGE, "latest", (4.0, 0.75), (8.0, 0.5))]
SUMMARY = [row(STAGE), row(OTHER, 0, state="no_data")]


def lag(curves: list[dict] = CURVES, summary: list[dict] = SUMMARY, told: tuple[str, ...] = ("Said.",)) -> str:
    return lag_page(curves, summary, {STAGE: "read it so"}, told)


@pytest.mark.parametrize(
    "page",
    [
        flows_page([flow(HOSTILE, HOSTILE, 3), flow(HOSTILE, "x", 2, "too_few")], [covered(HOSTILE)], [HOSTILE]),
        flows_page([flow("x", "y", 3, value=HOSTILE)], [], [HOSTILE]),
        lag(summary=[row(STAGE), row(STAGE, pair=(HOSTILE, HOSTILE))], told=(HOSTILE,)),
        lag(curve(STAGE, "latest", (1.0, 0.5), pair=(HOSTILE, "x")), [row(STAGE, pair=(HOSTILE, "x"))]),
    ],
)
def test_hostile_names_are_text_and_nothing_else(page: str) -> None:
    read = Read(page)
    assert {tag for tag, _ in read.elements} <= PLAIN
    assert {name for _, attributes in read.elements for name in attributes} <= PLAIN_ATTRIBUTES
    assert "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>\\u202e\\u001b[31m\\ud800&amp;" in read.text
    page.encode("utf-8")
    assert not re.search("[\u202a-\u202e\u2066-\u2069\x1b]", page)
    assert "default-src 'none'" in page
    assert not re.search(r'(?:src|href|style)="', re.sub(r"<svg[^>]*>", "", page))


def test_every_flow_is_told_in_words_and_numbers() -> None:
    text = Read(flows_page(FLOWS, [covered(), covered("y", "no data")], ["10 flows were tested."])).text
    for told in (
        "10 flows were tested.",
        "from mastodon: 12 · tested 11, expected 2.2 · beyond chance",
        "from x: 6 · tested 5, expected 2.2 · no more than chance",
        "from reddit: 2 · too few to tell",
        "not tested",
        "7 + 3",
        "no data",
        "Suspected, not proven",
    ):
        assert told in text, told
    assert "same person" not in text


def test_verdicts_differ_in_more_than_colour() -> None:
    page = flows_page(FLOWS, [], [])
    read = Read(page)
    for kind in ("flow-beyond", "flow-chance", "flow-few"):
        assert len(read.every("path", kind)) == 1
    style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)
    assert style
    assert re.search(r"\.flow-chance \{[^}]*stroke-dasharray: 6 4", style[1])
    assert re.search(r"\.flow-few \{ fill: none;[^}]*stroke-dasharray", style[1])


def width(path: dict[str, str | None]) -> tuple[float, float]:
    """How high a ribbon stands at its two ends."""
    numbers = [float(one) for one in re.findall(r"-?\d+\.?\d*", path["d"] or "")]
    # M x y C x y x y x y V y C … x y
    return numbers[-1] - numbers[1], numbers[8] - numbers[7]


@given(st.lists(st.integers(1, 400), min_size=1, max_size=9))
@settings(max_examples=40, deadline=None)
def test_ribbons_are_as_wide_as_their_counts_and_do_not_overlap(counts: list[int]) -> None:
    drawn = [flow("abc"[i % 3], "xyz"[i // 3], n, "beyond_chance") for i, n in enumerate(counts)]
    paths = Read(flows_page(drawn, [], [])).every("path", "flow-beyond")
    assert len(paths) == len(counts)
    for n, path in zip(counts, paths, strict=True):
        for wide in width(path):
            assert wide == pytest.approx(max(44.0 * n / max(counts), 2.0), abs=0.21)
    ends = sorted((float(re.findall(r"-?\d+\.?\d*", p["d"] or "")[1]), width(p)[0]) for p in paths)
    assert all(top + wide <= following + 0.2 for (top, wide), (following, _) in pairwise(ends))


def test_flows_that_are_split_are_listed_and_not_drawn() -> None:
    read = Read(flows_page([flow("x", "y", 3, value="abuse.insult")], [], []))
    assert not read.every("svg", "flow-drawing")
    assert "abuse.insult" in read.text


def test_without_a_flow_or_a_week_the_page_says_so() -> None:
    text = Read(flows_page([], [], ["No enforcement is known here, so no flow can be tested against chance."])).text
    assert "No suspected migration was found." in text
    assert "No enforcement is known here" in text
    assert "nothing is known of any week" in text


def test_small_flows_beyond_so_many_are_counted() -> None:
    many = [flow(f"p{n:02}", "x", 40 - n) for n in range(20)]
    read = Read(flows_page(many, [], []))
    assert len(read.every("path", "flow-chance")) == 18
    assert "2 smaller flows are in the table only." in read.text


def test_all_figures_of_a_lag_stand_on_the_page() -> None:
    text = Read(lag()).text
    for told in (
        "Said.",
        "Reappearance → report",
        "Read it so.",
        "all platforms: 6 cases, 5 over, 1 open",
        "Median 1.5 to 2.5 days; 95 % interval 0.25 to not reached.",
        "not reached",
        "83%",
        "not watched so long",
        "Report → release",
        "No data.",
        "cases still watched and not over",
        "Suspected, not proven",
    ):
        assert told in text, told


def corners(path: dict[str, str | None]) -> list[tuple[float, float]]:
    numbers = [float(one) for one in re.findall(r"-?\d+\.?\d*", path["d"] or "")]
    return list(zip(numbers[::2], numbers[1::2], strict=True))


def test_curves_are_staircases_to_scale() -> None:
    read = Read(lag())
    (line,), (late,) = read.every("path", "km-line"), read.every("path", "km-late")
    # The plot is 424 units wide for 8 days and 212 high for all cases.
    assert corners(line) == [(46, 12), (152, 12), (152, 65), (470, 65), (470, 118)]
    assert corners(late) == [(46, 12), (258, 12), (258, 65), (470, 65), (470, 118)]
    assert len(read.every("line", "km-open")) == 1
    assert len(read.every("path", "km-half")) == 2
    assert read.every("path", "km-band")


def test_one_line_where_the_times_are_exact() -> None:
    exact = [*curve(STAGE, "earliest", (2.0, 0.5)), *curve(STAGE, "latest", (2.0, 0.5))]
    read = Read(lag(exact, [row(STAGE, median_latest=1.5)]))
    assert not read.every("path", "km-late")
    assert "Median 1.5 days" in read.text


def test_few_cases_are_not_drawn() -> None:
    few = [row(STAGE, 3, state="too_few"), row(STAGE, 2, ("x", "y"), state="too_few")]
    read = Read(lag([], few))
    assert not read.every("figure", "km-panel")
    assert "too few" in read.text
    assert "1 pairs of platforms in which fewer than 5 cases are over." in read.text


def test_curves_of_no_length_are_drawn() -> None:
    at_once = [*curve(STAGE, "earliest", (0.0, 0.0)), *curve(STAGE, "latest", (0.0, 0.0))]
    assert Read(lag(at_once, [row(STAGE)])).every("path", "km-line")
