"""The page of ``graphmatch flows --html``: ribbons from origin to destination, what chance would give, and coverage.

In: the rows that ``graphmatch flows --json`` and ``--coverage --json`` write. Out: HTML. It names platforms, never
accounts. Every width stands as a number beside it, and every verdict as a word: nothing rests on colour alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from graphmatch.charts.page import escaped, isolated, page

Row = Mapping[str, Any]
#: Width of the drawing, where ribbons begin and end, and where words stand, in its own units.
_WIDTH, _LEFT, _RIGHT, _NODE, _WORDS = 1000, 110, 430, 8, 560
#: Height of the widest ribbon, and the least of a slot: a line of words fits.
_WIDEST, _SLOT, _GAP, _TOP = 44.0, 17.0, 12.0, 24.0
#: Flows beyond so many are in the table only.
_MOST = 18
_SAID = {"beyond_chance": "beyond chance", "chance": "no more than chance", "too_few": "too few to tell"}
_CLASS = {"beyond_chance": "flow-beyond", "chance": "flow-chance", "too_few": "flow-few"}
_HOW_TO_READ = (
    "A ribbon is as wide as its number of suspected migrations. Full: more moves than chance gives. Pale with a broken "
    "edge: no more than chance. Only an outline: too few accounts to tell. Tested are destinations that were made or "
    "first seen soon after a removal, between accounts that are linked without the evidence of times; expected is how "
    "many there are when enforcement times are dealt out anew within each platform."
)
_CAUTION = (
    "Suspected, not proven. A flow beyond chance may hold moves that are chance, and one that chance explains may hold "
    "real ones. A platform that sent no data shows no moves. This page is a working paper and no release."
)


def flows_page(flows: Sequence[Row], coverage: Sequence[Row], told: Sequence[str]) -> str:
    """Draw flows.

    Parameters
    ----------
    flows
        ``origin_platform, destination_platform, n, tested, expected, q_value, verdict`` and perhaps ``value``. Those
        that are split by a value are listed, not drawn: one move may stand under several values.
    coverage
        ``platform, week, reports, enforcements, accounts_first_seen, contents, state``.
    told
        Sentences that stand above: what was tested, and where there are no data.

    Returns
    -------
    str
        One HTML document without script, link or anything from outside.
    """
    moved = [flow for flow in flows if flow["n"]]
    is_split = any("value" in flow for flow in flows)
    parts = ["<h1>Suspected migrations between platforms</h1>", *(f"<p>{escaped(one)}</p>" for one in told)]
    if not moved:
        parts.append('<p class="verdict">No suspected migration was found.</p>')
    elif not is_split:
        parts += [f'<p class="small">{_HOW_TO_READ}</p>', _drawing(moved[:_MOST])]
        if len(moved) > _MOST:
            parts.append(f'<p class="small">{len(moved) - _MOST} smaller flows are in the table only.</p>')
    if flows:
        parts += ["<h2>Every flow that was found or tested</h2>", _table(flows, is_split=is_split)]
    parts += ["<h2>Where there are data</h2>", _coverage(coverage), f"<footer>{_CAUTION}</footer>"]
    return page("graphmatch flows: suspected migrations between platforms", "\n".join(parts))


def _drawing(flows: Sequence[Row]) -> str:
    """Draw ribbons between two columns of platforms, each in a slot where its words fit."""
    unit = _WIDEST / max(flow["n"] for flow in flows)
    height = {_ends(flow): max(flow["n"] * unit, _SLOT) for flow in flows}
    left, left_nodes = _stacked(flows, height, "origin_platform")
    right, right_nodes = _stacked(flows, height, "destination_platform")
    tall = max(bottom for _, _, bottom in (*left_nodes, *right_nodes)) + _GAP
    drawn = [_text(_LEFT - 8, 14, "origin", "flow-end flow-head"), _text(_RIGHT + 8, 14, "destination", "flow-head")]
    drawn += [_text(_WORDS, 14, "suspected moves, and what chance gives", "flow-head")]
    for flow in flows:
        ends = _ends(flow)
        drawn.append(_ribbon(left[ends], right[ends], flow["n"] * unit, _CLASS[flow["verdict"]]))
    for flow in flows:
        drawn.append(_text(_LEFT + _NODE + 5, left[_ends(flow)] + 4, str(flow["n"]), "flow-count"))
        drawn.append(_text(_WORDS, right[_ends(flow)] + 4, _words(flow), f"flow-words {_CLASS[flow['verdict']]}-words"))
    for nodes, at, x, kind in ((left_nodes, _LEFT, _LEFT - 8, "flow-end"), (right_nodes, _RIGHT, _RIGHT + 16, "")):
        for name, top, bottom in nodes:
            drawn.append(
                f'<rect class="flow-node" x="{at}" y="{top:.1f}" width="{_NODE}" height="{bottom - top:.1f}"/>'
            )
            drawn.append(_text(x, (top + bottom) / 2 + 4, name, f"flow-name {kind}".strip()))
    label = f"{len(flows)} flows of suspected migrations between platforms"
    return (
        f'<div class="scroll"><svg class="flow-drawing" viewBox="0 0 {_WIDTH} {tall:.0f}" role="img" '
        f'aria-label="{label}">{"".join(drawn)}</svg></div>'
    )


def _ends(flow: Row) -> tuple[str, str]:
    return flow["origin_platform"], flow["destination_platform"]


def _stacked(
    flows: Sequence[Row], height: Mapping[tuple[str, str], float], side: str
) -> tuple[dict[tuple[str, str], float], list[tuple[str, float, float]]]:
    """Stack the flows of each platform: the middle of each slot, and top and bottom of each platform."""
    total: dict[str, int] = {}
    for flow in flows:
        total[flow[side]] = total.get(flow[side], 0) + flow["n"]
    order = sorted(total, key=lambda name: (-total[name], name))
    place = {name: number for number, name in enumerate(order)}
    middles, nodes, at = {}, [], _TOP
    for name in order:
        top = at
        for flow in sorted(flows, key=lambda one: (place.get(_other(one, side), 0), -one["n"], _other(one, side))):
            if flow[side] == name:
                middles[_ends(flow)] = at + height[_ends(flow)] / 2
                at += height[_ends(flow)]
        nodes.append((name, top, at))
        at += _GAP
    return middles, nodes


def _other(flow: Row, side: str) -> str:
    origin, destination = _ends(flow)
    return destination if side == "origin_platform" else origin


def _ribbon(left: float, right: float, wide: float, kind: str) -> str:
    half, x1, x2 = max(wide, 2.0) / 2, _LEFT + _NODE, _RIGHT
    middle = (x1 + x2) / 2
    return (
        f'<path class="{kind}" d="M{x1} {left - half:.1f}C{middle} {left - half:.1f} {middle} {right - half:.1f} '
        f"{x2} {right - half:.1f}V{right + half:.1f}C{middle} {right + half:.1f} {middle} {left + half:.1f} "
        f'{x1} {left + half:.1f}Z"/>'
    )


def _text(x: float, y: float, words: str, kind: str) -> str:
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}">{escaped(words)}</text>'


def _words(flow: Row) -> str:
    since = f"from {flow['origin_platform']}: {flow['n']}"
    if flow["expected"] is None or flow["verdict"] == "too_few":
        return f"{since} · {_SAID[flow['verdict']]}"
    return f"{since} · tested {flow['tested']}, expected {flow['expected']:.1f} · {_SAID[flow['verdict']]}"


def _table(flows: Sequence[Row], *, is_split: bool) -> str:
    heads = ["origin", "destination", *(["split by"] if is_split else [])]
    numbers = ["moves", "tested", "expected", "95 % of chance", "q"]
    head = "".join(f"<th>{one}</th>" for one in heads) + "".join(f'<th class="number">{one}</th>' for one in numbers)
    rows = []
    for flow in flows:
        named = [flow["origin_platform"], flow["destination_platform"], *([flow["value"]] if is_split else [])]
        cells = "".join(f"<td>{isolated(name)}</td>" for name in named)
        chance = _number(flow["expected"])
        span = "·" if flow["expected"] is None else f"{flow['expected_low']:.0f} to {flow['expected_high']:.0f}"
        told = [str(flow["n"]), str(flow["tested"]), chance, span, _q(flow["q_value"])]
        cells += "".join(f'<td class="number">{escaped(one)}</td>' for one in told)
        rows.append(f"<tr>{cells}<td>{_SAID[flow['verdict']]}</td></tr>")
    return (
        f'<div class="scroll"><table><thead><tr>{head}<th>verdict</th></tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


def _number(value: float | None) -> str:
    return "·" if value is None else f"{value:.1f}"


def _q(value: float | None) -> str:
    if value is None:
        return "not tested"
    return "under 0.001" if value < 0.001 else f"{value:.3f}"


def _coverage(rows: Sequence[Row]) -> str:
    """Lay out platforms by weeks: how many reports and enforcements, or that nothing is known of the week."""
    if not rows:
        return '<p class="verdict">No report and no enforcement has a time: nothing is known of any week.</p>'
    weeks = sorted({row["week"] for row in rows})
    by_platform: dict[str, dict[Any, Row]] = {}
    for row in rows:
        by_platform.setdefault(row["platform"], {})[row["week"]] = row
    heads = "".join(f'<th class="number">{week:%d %b}</th>' for week in weeks)
    lines = []
    for name, known in by_platform.items():
        cells = "".join(_week(known[week]) for week in weeks)
        lines.append(f"<tr><td>{isolated(name)}</td>{cells}</tr>")
    return (
        '<p class="small">Reports + enforcements by week (its Monday). A week without any row of a platform is '
        "<em>no data</em>: whether nothing happened or nothing was sent can't be told.</p>"
        f'<div class="scroll"><table class="flow-coverage"><thead><tr><th>platform</th>{heads}</tr></thead>'
        f"<tbody>{''.join(lines)}</tbody></table></div>"
    )


def _week(row: Row) -> str:
    if row["state"] == "no data":
        return '<td class="number flow-none">no data</td>'
    return f'<td class="number">{row["reports"]} + {row["enforcements"]}</td>'
