"""The page of ``graphmatch backtest --html``: how right the lists were, date by date, and how early.

In: the mapping that ``graphmatch backtest --json`` writes. Out: HTML. It names no account.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from graphmatch.charts.page import escaped, page

_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 760, 250, 56, 744, 18, 206
#: Each method's name for a reader, and the class and shape that it is drawn with: shapes differ, not only colours.
_METHODS = {
    "warnings": ("early warning", "backtest-warnings", "circle"),
    "same_handle": ("same folded handle", "backtest-handle", "square"),
    "everyone": ("everyone", "backtest-everyone", "triangle"),
}
_MOST_DATES = 12
_HEADS = {
    "method": "method",
    "k": "first",
    "named": "named",
    "hits": "hits",
    "precision": "precision (95 %)",
    "recall": "recall (95 %)",
    "lead_days": "median days of lead (95 %)",
    "sought": "sought",
    "known": "of them known",
    "found": "found",
}


def backtest_page(found: Mapping[str, Any]) -> str:
    """Draw a backtest.

    Parameters
    ----------
    found
        ``over_all, by_date, coverage`` (lists of rows, see `graphmatch.backtest.Backtest`) and ``notes``.

    Returns
    -------
    str
        One HTML document without script, link or anything from outside.
    """
    lengths = sorted({row["k"] for row in found["over_all"]})
    k = lengths[len(lengths) // 2]
    rows = [row for row in found["by_date"] if row["k"] == k]
    dates = sorted(row["at"] for row in found["coverage"])
    notes = "".join(f"<li>{escaped(note)}</li>" for note in found["notes"])
    parts = [
        "<h1>Early warning, tested backwards</h1>",
        f'<p class="verdict">{escaped(_verdict(found, k))}</p>',
        f"<ul>{notes}</ul>",
        f"<h2>Precision of the first {k}, date by date</h2>",
        '<p class="small">Upright lines are 95 % intervals of early warning (bootstrap).</p>',
        _legend(),
        _drawing(rows, dates, "precision", 1.0, f"precision of the first {k} by date", whiskers=True),
        f"<h2>Median days from the list to the first report or sanction, of the hits among the first {k}</h2>",
        _drawing(rows, dates, "lead_days", _highest(rows), f"median days of lead of the first {k} by date"),
        "<h2>All dates together</h2>",
        _over_all(found["over_all"]),
        "<h2>What was known at each date</h2>",
        _coverage(found["coverage"]),
        "<footer>Made from a workspace as it is now, cut to what was known at each date. It names nobody.</footer>",
    ]
    return page("graphmatch backtest", "\n".join(parts))


def _verdict(found: Mapping[str, Any], k: int) -> str:
    row = next(row for row in found["over_all"] if row["method"] == "warnings" and row["k"] == k)
    if not row["named"]:
        return f"Early warning, the first {k} of each list: nobody was named."
    lead = "" if row["lead_days"] is None else f", by {row['lead_days']:.1f} days in the median"
    return (
        f"Early warning, the first {k} of each list: {row['named']} accounts named, {row['hits']} of them reported or "
        f"sanctioned later{lead}."
    )


def _highest(rows: Sequence[Mapping[str, Any]]) -> float:
    """Give the end of the axis of days: a multiple of four, so that its marks are whole days."""
    highest = max((row["lead_days"] for row in rows if row["lead_days"] is not None), default=1.0)
    return float(4 * max(1, math.ceil(highest / 4)))


def _legend() -> str:
    drawn, x = [], 8
    for words, kind, shape in _METHODS.values():
        drawn.append(f'<g class="{kind}">{_mark(shape, x + 8, 10)}</g>')
        drawn.append(f'<text class="backtest-words" x="{x + 22}" y="15">{words}</text>')
        x += 190
    return f'<svg class="backtest" viewBox="0 0 {_WIDTH} 22" role="img" aria-label="legend">{"".join(drawn)}</svg>'


def _drawing(
    rows: Sequence[Mapping[str, Any]],
    dates: Sequence[datetime],
    name: str,
    most: float,
    label: str,
    *,
    whiskers: bool = False,
) -> str:
    step = (_RIGHT - _LEFT - 40) / max(len(dates) - 1, 1)
    places = {date: _LEFT + 20 + number * step for number, date in enumerate(dates)}

    def height(value: float) -> float:
        return _BOTTOM - value / most * (_BOTTOM - _TOP)

    drawn = [_axes(dates, places, most)]
    for offset, (method, (_, kind, shape)) in enumerate(_METHODS.items(), -1):
        mine = sorted((row for row in rows if row["method"] == method), key=lambda row: row["at"])
        points = [(places[row["at"]] + 6 * offset, height(row[name]), row) for row in mine if row[name] is not None]
        lines = [f'<polyline class="backtest-line" points="{" ".join(f"{x:.1f},{y:.1f}" for x, y, _ in points)}"/>']
        if whiskers and method == "warnings":
            lines += [
                f'<line class="backtest-whisker" x1="{x:.1f}" y1="{height(row["precision_low"]):.1f}" x2="{x:.1f}" '
                f'y2="{height(row["precision_high"]):.1f}"/>'
                for x, _, row in points
            ]
        lines += [_mark(shape, x, y) for x, y, _ in points]
        drawn.append(f'<g class="{kind}">{"".join(lines)}</g>')
    return (
        f'<svg class="backtest" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{escaped(label)}">'
        f"{''.join(drawn)}</svg>"
    )


def _axes(dates: Sequence[datetime], places: Mapping[datetime, float], most: float) -> str:
    drawn = []
    for part in (0.0, 0.25, 0.5, 0.75, 1.0):
        y = _BOTTOM - part * (_BOTTOM - _TOP)
        value = part * most
        drawn.append(f'<line class="grid" x1="{_LEFT}" y1="{y:.1f}" x2="{_RIGHT}" y2="{y:.1f}"/>')
        words = f"{value:.2f}" if most <= 1 else f"{value:.0f}"
        drawn.append(f'<text class="backtest-words" text-anchor="end" x="{_LEFT - 8}" y="{y + 4:.1f}">{words}</text>')
    every = -(-len(dates) // _MOST_DATES)
    for date in dates[::every]:
        x = places[date]
        drawn.append(
            f'<text class="backtest-words" text-anchor="middle" x="{x:.1f}" y="{_BOTTOM + 20}">{date:%d %b}</text>'
        )
    years = sorted({date.year for date in dates})
    told = f"{years[0]}" if len(years) == 1 else f"{years[0]} to {years[-1]}"
    drawn.append(f'<text class="backtest-words" text-anchor="end" x="{_RIGHT}" y="{_BOTTOM + 38}">{told}</text>')
    return "".join(drawn)


def _mark(shape: str, x: float, y: float) -> str:
    if shape == "circle":
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5"/>'
    if shape == "square":
        return f'<rect x="{x - 4.5:.1f}" y="{y - 4.5:.1f}" width="9" height="9"/>'
    return f'<polygon points="{x:.1f},{y - 6:.1f} {x + 6:.1f},{y + 5:.1f} {x - 6:.1f},{y + 5:.1f}"/>'


def _over_all(rows: Sequence[Mapping[str, Any]]) -> str:
    heads = "".join(f"<th{'' if name == 'method' else _NUMBER}>{words}</th>" for name, words in _HEADS.items())
    body = "".join(
        "<tr>"
        + "".join(
            f"<td>{_METHODS[row['method']][0]}</td>" if name == "method" else f"<td{_NUMBER}>{_cell(row, name)}</td>"
            for name in _HEADS
        )
        + "</tr>"
        for row in rows
    )
    return f'<div class="scroll"><table><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table></div>'


_NUMBER = ' class="number"'


def _cell(row: Mapping[str, Any], name: str) -> str:
    value = row[name]
    if value is None:
        return "none"
    if f"{name}_low" not in row:
        return f"{value:,}"
    places = 1 if name == "lead_days" else 2
    low, high = row[f"{name}_low"], row[f"{name}_high"]
    return f"{value:.{places}f} ({low:.{places}f} to {high:.{places}f})"


def _coverage(rows: Sequence[Mapping[str, Any]]) -> str:
    names = [name for name in rows[0] if name != "at"]
    heads = "<th>date</th>" + "".join(f"<th{_NUMBER}>{escaped(name.replace('_', ' '))}</th>" for name in names)
    body = "".join(
        f"<tr><td>{row['at']:%Y-%m-%d}</td>"
        + "".join(f"<td{_NUMBER}>{row[name]:,.0f}</td>" for name in names)
        + "</tr>"
        for row in rows
    )
    return f'<div class="scroll"><table><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table></div>'
