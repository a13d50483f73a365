"""The page of ``graphmatch lag --html``: survival curves with bands, numbers at risk, and medians.

In: the rows that ``graphmatch lag --curves --json`` and ``graphmatch lag --json`` write. Out: HTML. It names platforms,
never accounts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from graphmatch.charts.page import escaped, isolated, page

Row = Mapping[str, Any]
Points = list[tuple[float, float]]
#: A panel: its size, and the place of the plot in it, in its own units.
_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 480, 300, 46, 470, 12, 224
#: Days between ticks: the first that gives so few steps.
_TICKS, _MOST_TICKS = (0.05, 0.1, 0.25, 0.5, 1, 2, 5, 7, 14, 28, 56, 91, 182, 365, 730), 6
#: Pairs of platforms that are drawn of each stage, those with most ended cases.
_MOST_PAIRS = 3
#: Pairs with fewer ended cases are counted, not listed.
_LEAST_ENDED = 5
_ANY = "any"
_HOW_TO_READ = (
    "Each curve is the share of cases that are not over yet. Full line: by the earliest moments that the times allow; "
    "broken line, where it differs: by the latest. Shaded: 95 % band. Small strokes: cases that are still open. "
    "Dotted: half of the cases are over."
)
_CAUTION = (
    "Suspected, not proven: a lag is as right as the links that it is measured on. Open cases are not failures, and "
    "small groups are left out. This page is a working paper and no release."
)


def lag_page(curves: Sequence[Row], summary: Sequence[Row], read_as: Mapping[str, str], told: Sequence[str]) -> str:
    """Draw lags.

    Parameters
    ----------
    curves
        ``stage, origin_platform, destination_platform, bound, days, survival, low, high, at_risk, ended, censored``.
    summary
        ``stage, origin_platform, destination_platform, n, ended, censored, state`` and medians and 90th percentiles.
    read_as
        How each stage must be read.
    told
        Sentences that stand above: where cases are censored, what was refused, of what there are no data.

    Returns
    -------
    str
        One HTML document without script, link or anything from outside.
    """
    drawn = {_key(row): row for row in summary if row["state"] == "estimated" and row["ended"]}
    groups = {key: list(rows) for key, rows in groupby(curves, key=_key)}
    parts = ["<h1>How late everybody was</h1>", *(f"<p>{escaped(one)}</p>" for one in told)]
    if drawn:
        parts.append(f'<p class="small">{_HOW_TO_READ}</p>')
    for stage, rows in groupby(summary, key=lambda row: row["stage"]):
        of_stage = list(rows)
        parts.append(f"<h2>{_titled(stage)}</h2><p>{escaped(read_as.get(stage, '')).capitalize()}.</p>")
        if of_stage[0]["state"] == "no_data":
            parts.append('<p class="verdict">No data.</p>')
            continue
        panels = [_panel(drawn[key], groups[key]) for key in _chosen(of_stage, drawn) if key in groups]
        parts += [f'<div class="km-panels">{"".join(panels)}</div>' if panels else "", _table(of_stage)]
    parts.append(f"<footer>{_CAUTION}</footer>")
    return page("graphmatch lag: how late everybody was", "\n".join(parts))


def _key(row: Row) -> tuple[str, str, str]:
    return row["stage"], row["origin_platform"], row["destination_platform"]


def _titled(stage: str) -> str:
    since, _, until = stage.partition("_to_")
    return f"{escaped(since.capitalize())} → {escaped(until)}"


def _chosen(rows: Sequence[Row], drawn: Mapping[tuple[str, str, str], Row]) -> list[tuple[str, str, str]]:
    """Choose what is drawn of a stage: all platforms, and the pairs with most ended cases."""
    keys = [_key(row) for row in rows if _key(row) in drawn]
    whole = [key for key in keys if key[1] == _ANY]
    pairs = sorted((key for key in keys if key[1] != _ANY), key=lambda key: (-drawn[key]["ended"], key))
    return whole + pairs[:_MOST_PAIRS]


def _pair(row: Row) -> str:
    if row["origin_platform"] == _ANY:
        return "all platforms"
    return f"{row['origin_platform']} → {row['destination_platform']}"


def _panel(row: Row, points: Sequence[Row]) -> str:
    scale = _Scale(max((point["days"] for point in points), default=0.0))
    lines = {bound: [p for p in points if p["bound"] == bound] for bound in ("earliest", "latest")}
    early, late = (_steps(lines[bound], "survival") for bound in ("earliest", "latest"))
    drawn = [scale.axes(), _band(lines, scale)]
    if late != early:
        drawn.append(f'<path class="km-late" d="{scale.path(late)}"/>')
    drawn.append(f'<path class="km-line" d="{scale.path(early)}"/>')
    drawn += [_stroke(scale, point) for point in lines["latest"] if point["censored"]]
    drawn += [_half(scale, row), _at_risk(scale, lines["latest"], row["n"])]
    title = f"{_pair(row)}: {row['n']} cases, {row['ended']} over, {row['censored']} open"
    told = _median(row)
    return (
        f'<figure class="km-panel"><figcaption><strong>{escaped(title)}</strong><br>{escaped(told)}</figcaption>'
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{escaped(f"{title}. {told}")}">'
        f"{''.join(drawn)}</svg></figure>"
    )


class _Scale:
    """Days and shares → places in the drawing."""

    def __init__(self, most: float) -> None:
        self.most = most or 1.0
        self.step = next((step for step in _TICKS if self.most / step <= _MOST_TICKS), self.most / _MOST_TICKS)

    def x(self, days: float) -> float:
        return _LEFT + days / self.most * (_RIGHT - _LEFT)

    def y(self, share: float) -> float:
        return _BOTTOM - share * (_BOTTOM - _TOP)

    def path(self, points: Points) -> str:
        return "M" + "L".join(f"{self.x(days):.1f} {self.y(share):.1f}" for days, share in points)

    def ticks(self) -> Iterator[float]:
        for number in range(int(self.most / self.step + 1e-9) + 1):
            yield number * self.step

    def axes(self) -> str:
        drawn = []
        for share in (0.0, 0.25, 0.5, 0.75, 1.0):
            y = self.y(share)
            drawn.append(f'<line class="grid" x1="{_LEFT}" y1="{y:.1f}" x2="{_RIGHT}" y2="{y:.1f}"/>')
            drawn.append(f'<text class="km-tick km-end" x="{_LEFT - 6}" y="{y + 4:.1f}">{share:.0%}</text>')
        drawn += [
            f'<text class="km-tick" x="{self.x(days):.1f}" y="{_BOTTOM + 16}">{days:g}</text>' for days in self.ticks()
        ]
        drawn.append(f'<text class="km-tick" x="{(_LEFT + _RIGHT) / 2}" y="{_BOTTOM + 32}">days</text>')
        return "".join(drawn)


def _steps(points: Iterable[Row], name: str) -> Points:
    """Turn values at the days at which they change into the corners of a staircase that begins at 1."""
    corners: Points = [(0.0, 1.0)]
    for point in points:
        value = corners[-1][1] if point[name] is None else point[name]
        corners += [(point["days"], corners[-1][1]), (point["days"], value)]
    return corners


def _band(lines: Mapping[str, Sequence[Row]], scale: _Scale) -> str:
    """Shade from the lower band of the earliest curve to the upper of the latest."""
    low, high = _steps(lines["earliest"], "low"), _steps(lines["latest"], "high")
    ends = max(low[-1][0], high[-1][0])
    low, high = [*low, (ends, low[-1][1])], [*high, (ends, high[-1][1])]
    return f'<path class="km-band" d="{scale.path([*low, *reversed(high)])}Z"/>'


def _stroke(scale: _Scale, point: Row) -> str:
    x, y = scale.x(point["days"]), scale.y(point["survival"])
    return f'<line class="km-open" x1="{x:.1f}" y1="{y - 5:.1f}" x2="{x:.1f}" y2="{y + 5:.1f}"/>'


def _half(scale: _Scale, row: Row) -> str:
    """Draw where half of the cases are over, by either curve."""
    drawn = []
    for days in {row["median_earliest"], row["median_latest"]} - {None}:
        x, y = scale.x(days), scale.y(0.5)
        drawn.append(f'<path class="km-half" d="M{_LEFT} {y:.1f}H{x:.1f}V{_BOTTOM}"/>')
    return "".join(sorted(drawn))


def _at_risk(scale: _Scale, points: Sequence[Row], everyone: int) -> str:
    drawn = [f'<text class="km-tick km-begin" x="4" y="{_BOTTOM + 52}">cases still watched and not over</text>']
    for days in scale.ticks():
        left = next((point["at_risk"] for point in points if point["days"] >= days), 0) if days else everyone
        drawn.append(f'<text class="km-tick" x="{scale.x(days):.1f}" y="{_BOTTOM + 68}">{left}</text>')
    return "".join(drawn)


def _median(row: Row) -> str:
    if row["median_earliest"] is None and row["median_latest"] is None:
        return f"Half are not over, so there is no median. Over within 30 days: {_share(row['over_in_30'])}."
    return f"Median {_span(row, 'median')} days; 95 % interval {_interval(row)}."


def _span(row: Row, name: str) -> str:
    """Write a figure by both curves."""
    early, late = _days(row[f"{name}_earliest"]), _days(row[f"{name}_latest"])
    return early if early == late else f"{early} to {late}"


def _interval(row: Row) -> str:
    low, high = row["median_low"], row["median_high"]
    return _days(None) if low is None and high is None else f"{_days(low)} to {_days(high)}"


def _days(value: float | None) -> str:
    if value is None:
        return "not reached"
    return f"{value:.0f}" if value >= 20 else f"{value:.1f}" if value >= 1 else f"{value:.2f}"


def _share(value: float | None) -> str:
    return "not watched so long" if value is None else f"{value:.0%}"


def _table(rows: Sequence[Row]) -> str:
    """List all platforms, and the pairs in which as many cases ended as a figure takes."""
    heads = ("cases", "over", "open", "median", "95 % interval", "90 % over by", "over in 7 days", "in 30 days")
    told = [row for row in rows if row["origin_platform"] == _ANY or row["ended"] >= _LEAST_ENDED]
    lines = []
    for row in told:
        cells = [str(row[name]) for name in ("n", "ended", "censored")]
        if row["state"] == "estimated":
            cells += [_span(row, "median"), _interval(row), _span(row, "p90")]
            cells += [_share(row["over_in_7"]), _share(row["over_in_30"])]
        else:
            cells += ["too few"] * 5
        numbers = "".join(f'<td class="number">{escaped(one)}</td>' for one in cells)
        lines.append(f"<tr><td>{isolated(_pair(row))}</td>{numbers}</tr>")
    head = "".join(f'<th class="number">{one}</th>' for one in heads)
    few = len(rows) - len(told)
    more = f'<p class="small">{few} pairs of platforms in which fewer than {_LEAST_ENDED} cases are over.</p>'
    return (
        f'<div class="scroll"><table><thead><tr><th>origin → destination</th>{head}</tr></thead>'
        f"<tbody>{''.join(lines)}</tbody></table></div>{more if few else ''}"
    )
