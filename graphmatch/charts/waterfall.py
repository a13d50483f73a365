"""The page of ``graphmatch explain --html``: one Match as a waterfall, from prior to total, and what stands behind it.

In: the mapping that ``graphmatch explain --json`` writes. Out: HTML. It adds nothing of its own and quotes no evidence.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from graphmatch.charts.page import escaped, isolated, page
from graphmatch.estimative import fine

#: Width of the drawing in its own units, and the part of it left free on either side.
_WIDTH, _MARGIN = 1000.0, 30.0
#: The axis has at most this many steps, of one of these sizes in bits.
_MOST_TICKS, _TICKS = 8, (1, 2, 5, 10, 20, 50, 100, 200)
#: An axis label nearer to the gate than this would be written over its label.
_CROWDED = 90.0
_AXIS_WIDTH, _AXIS_HEIGHT = 384, 42
#: Report ids beyond so many are counted, not listed.
_MOST_REPORTS = 12
_HOW_TO_READ = (
    "Each bar moves the weight to the right where it speaks for one operator, to the left where it speaks against. "
    "One bit doubles the odds. The broken line is the gate: weight 0, one half."
)
_CAUTION = (
    "Suspected, not proven: evidence that two accounts have one operator is not an identity. Reports are allegations. "
    "This page names reported accounts: it is an analyst's working paper and no release."
)


def waterfall_page(found: Mapping[str, Any]) -> str:
    """Draw one explained Match.

    Parameters
    ----------
    found
        ``left, right, match_weight, match_probability, likelihood, sentence, standing, story, rules, gate,
        counterfactual_sentence``; ``bars``, a list of ``kind, name, label, family, m, u, bits, weight, probability,
        sightings, statements, reports``; ``stories``, a list of ``story, chosen, line``.

    Returns
    -------
    str
        One HTML document without script, link or anything from outside.
    """
    scale = _Scale.of(found)
    parts = [
        "<h1>Why these two accounts were matched</h1>",
        f'<ul class="pair"><li>{isolated(found["left"])}</li><li>{isolated(found["right"])}</li></ul>',
        f'<p class="verdict">{escaped(_capital(found["sentence"]))}<small>{escaped(_support(found))}</small></p>',
        f"<p><strong>{escaped(found['counterfactual_sentence'])}</strong></p>",
        "<h2>From what was known before to what is known now</h2>",
        f'<p class="small">{_HOW_TO_READ}</p>',
        _bars(found, scale),
        "<h2>Rival stories</h2>",
        _stories(found["stories"]),
        "<h2>What stands behind each bar</h2>",
        _evidence(found["bars"]),
        f"<footer>{_CAUTION}</footer>",
    ]
    return page(f"graphmatch explain: {found['left']} and {found['right']}", "\n".join(parts))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _words(name: str) -> str:
    return name.replace("_hmac", " (HMAC)").replace("_", " ")


def _support(found: Mapping[str, Any]) -> str:
    rules = ", ".join(map(_words, found["rules"]))
    return f"Standing: {found['standing']}. Story: {_words(found['story'])}. Proposed by: {rules or 'no rule'}."


class _Scale:
    """Bits → places in the drawing."""

    def __init__(self, least: float, most: float) -> None:
        self.least, self.most = least, most

    @classmethod
    def of(cls, found: Mapping[str, Any]) -> _Scale:
        weights = [0.0, found["match_weight"], *(bar["weight"] for bar in found["bars"])]
        return cls(min(weights), max(weights))

    def at(self, bits: float) -> float:
        spread = (self.most - self.least) or 1.0
        return _MARGIN + (bits - self.least) / spread * (_WIDTH - 2 * _MARGIN)

    def ticks(self) -> list[int]:
        step = next((size for size in _TICKS if (self.most - self.least) / size <= _MOST_TICKS), _TICKS[-1])
        first, last = int(self.least // step), int(self.most // step)
        return [number * step for number in range(first, last + 1) if self.least <= number * step <= self.most]


def _bars(found: Mapping[str, Any], scale: _Scale) -> str:
    rows: list[str] = []
    before = 0.0
    for bar in found["bars"]:
        start = 0.0 if bar["kind"] == "prior" else before
        rows.append(_bar(bar, scale, start, first=not rows))
        before = bar["weight"]
    weight = found["match_weight"]
    rows.append(
        '<tr class="total"><td>Total <span class="small">the stored match weight</span></td>'
        f"{_drawn(scale, 0.0, weight, 'sum', joint=weight)}"
        f'<td class="number">{weight:+.2f}</td><td class="number">{weight:+.2f}</td>'
        f'<td class="number">{escaped(fine(found["match_probability"]))}</td></tr>'
    )
    heads = (
        "<th>evidence</th>"
        f'<th class="drawn">{_axis(scale)}</th><th class="number">bits</th><th class="number">weight<br>so far</th>'
        '<th class="number">probability<br>so far</th>'
    )
    return (
        f'<div class="scroll"><table class="bars"><thead><tr>{heads}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


def _bar(bar: Mapping[str, Any], scale: _Scale, start: float, *, first: bool) -> str:
    kind = "start" if bar["kind"] == "prior" else "for" if bar["bits"] >= 0 else "against"
    family = f'<span class="family">{escaped(_words(bar["family"]))}</span>' if bar["family"] else ""
    named = "discount" if bar["kind"] == "discount" and bar["family"] else _words(bar["name"])
    chances = "" if bar["m"] is None else f'<span class="chances">m&nbsp;{bar["m"]:.3g} · u&nbsp;{bar["u"]:.3g}</span>'
    drawn = _drawn(scale, start, bar["weight"], kind, joint=None if first else start)
    return (
        f'<tr><td><span class="name">{escaped(named)}</span>{family}<br>'
        f'<span class="small">{escaped(bar["label"])}</span>{chances}</td>{drawn}'
        f'<td class="number">{bar["bits"]:+.2f}</td><td class="number">{bar["weight"]:+.2f}</td>'
        f'<td class="number">{escaped(fine(bar["probability"]))}</td></tr>'
    )


def _drawn(scale: _Scale, start: float, end: float, kind: str, joint: float | None) -> str:
    """Draw one bar, stretched over its cell: the gate and the grid run through every row."""
    low, high = sorted((scale.at(start), scale.at(end)))
    lines = [_line("grid", scale.at(tick)) for tick in scale.ticks() if tick]
    lines.append(_line("gate", scale.at(0.0)))
    if joint is not None:
        lines.append(_line("joint", scale.at(joint), to=22))
    if kind != "sum":
        lines.append(_line("joint", scale.at(end), since=78))
    return (
        '<td class="drawn"><svg viewBox="0 0 1000 100" preserveAspectRatio="none" aria-hidden="true">'
        f"{''.join(lines)}"
        f'<rect class="{kind}" x="{low:.2f}" y="22" width="{max(high - low, 2.0):.2f}" height="56"/></svg></td>'
    )


def _line(kind: str, at: float, since: int = 0, to: int = 100) -> str:
    return f'<line class="{kind}" x1="{at:.2f}" y1="{since}" x2="{at:.2f}" y2="{to}"/>'


def _axis(scale: _Scale) -> str:
    shrink, gate = _AXIS_WIDTH / _WIDTH, scale.at(0.0)
    told = [
        f'<text class="tick" x="{scale.at(tick) * shrink:.1f}" y="36">{tick:+d}</text>'
        for tick in scale.ticks()
        if abs(scale.at(tick) - gate) >= _CROWDED / 2
    ]
    half = min(max(gate * shrink, 48.0), _AXIS_WIDTH - 48.0)
    told.append(f'<text class="tick half" x="{half:.1f}" y="14">gate: one half</text>')
    told.append(f'<text class="tick half" x="{gate * shrink:.1f}" y="36">0</text>')
    return (
        f'<svg viewBox="0 0 {_AXIS_WIDTH} {_AXIS_HEIGHT}" role="img" aria-label="match weight in bits">'
        f"{''.join(told)}</svg>"
    )


def _stories(stories: Sequence[Mapping[str, Any]]) -> str:
    rows = [
        f"<tr{' class=' + chr(34) + 'chosen' + chr(34) if told['chosen'] else ''}>"
        f"<td>{'&#9658;&nbsp;' if told['chosen'] else ''}{escaped(_words(told['story']))}</td>"
        f"<td>{escaped(told['line'])}</td></tr>"
        for told in stories
    ]
    return (
        '<table class="stories"><thead><tr><th>story</th><th>what speaks for it</th></tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table>"
    )


def _evidence(bars: Sequence[Mapping[str, Any]]) -> str:
    rows = []
    for bar in bars:
        if not (bar["kind"] == "comparison" or bar["reports"]):
            continue
        seen = [_seen(one) for one in bar["sightings"]] + [_stated(one) for one in bar["statements"]]
        listed = "".join(f"<li>{one}</li>" for one in seen)
        told = f"<ul>{listed}</ul>" if listed else '<span class="faint">no sighting is kept</span>'
        rows.append(
            f"<tr><td>{escaped(_words(bar['name']))}</td><td>{told}</td><td>{_reports(bar['reports'])}</td></tr>"
        )
    return (
        '<div class="scroll"><table class="evidence"><thead><tr><th>bar</th><th>sightings and statements</th>'
        f"<th>reports</th></tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
    )


def _seen(one: Mapping[str, Any]) -> str:
    values = "1 value" if one["count"] == 1 else f"{one['count']} values"
    when = _when(one["first_seen"], one["last_seen"])
    where = f"{_words(one['kind'])} ({_words(one['context'])}), {values}, in {one['source']}, {when}, on "
    return f"{escaped(where)}{isolated(one['account_id'])}"


def _stated(one: Mapping[str, Any]) -> str:
    times = "1 statement" if one["count"] == 1 else f"{one['count']} statements"
    by = f"by a {one['asserted_by']}, {_when(one['first_asserted'], None)}"
    told = f"{times} that its operator has another account, {by}, on "
    return f"{escaped(told)}{isolated(one['account_id'])}"


def _when(first: Any, last: Any) -> str:
    days = [str(time)[:10] for time in (first, last) if time is not None]
    if not days:
        return "at an unknown time"
    return days[0] if len(set(days)) == 1 else " to ".join(days)


def _reports(ids: Sequence[str]) -> str:
    if not ids:
        return '<span class="faint">none</span>'
    more = f" and {len(ids) - _MOST_REPORTS} more" if len(ids) > _MOST_REPORTS else ""
    return ", ".join(f"<code>{isolated(one)}</code>" for one in ids[:_MOST_REPORTS]) + more
