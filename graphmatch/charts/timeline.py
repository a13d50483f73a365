"""The page of ``graphmatch migrations --html``: the list of suspected migrations, and a timeline for the likeliest.

In: rows of ``migrations`` in the order in which they are to stand, and the events of those to be drawn
(`graphmatch.migration.timeline`). Out: HTML. It adds nothing of its own and quotes no evidence.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from graphmatch.charts.page import escaped, isolated, page
from graphmatch.charts.timescale import Scale
from graphmatch.estimative import figure

#: Migrations that the list holds, and events that stand below one picture; more are counted.
MOST_LISTED, MOST_EVENTS = 500, 60
#: Where the lanes lie in the drawing, whose width is the scale's.
_HEIGHT, _LANES, _AXIS = 128, {"origin": 34, "destination": 80}, 112
#: What a platform does that takes an account off a place; all of it is drawn as an end.
_ENDS = ("suspended", "terminated", "disabled", "ban")
_CAUTION = (
    "Suspected, not proven: evidence that two accounts have one operator is not an identity. Reports are allegations. "
    "This page names reported accounts: it is an analyst's working paper and no release."
)
_HOW_TO_READ = (
    "Each picture has two lanes: above the account that was left, below the one that was come to. What is known to a "
    "day or a range is drawn as wide as it is; the tinted band is the time within which the account below was come to."
)
_LEGEND = (
    ("made", "created"),
    ("post", "posted"),
    ("told", "reported"),
    ("ended", "removed by the platform"),
    ("acted", "another act of the platform"),
    ("seen", "first or last seen"),
)
#: Kinds in which somebody goes from here to there; the picture joins the two by a line.
_GOES = ("displaced", "returned", "pre_positioned", "drifted", "declared")


def timelines_page(migrations: Sequence[Mapping[str, Any]], events: Mapping[str, Sequence[Mapping[str, Any]]]) -> str:
    """Draw a list of migrations, and the timelines of some.

    Parameters
    ----------
    migrations
        Rows of table ``migrations``, best first.
    events
        The timeline of each migration to be drawn, by ``migration_id``, in order of time.

    Returns
    -------
    str
        One HTML document without script, link or anything from outside.
    """
    drawn = [row for row in migrations if row["migration_id"] in events]
    parts = ["<h1>Suspected migrations between platforms</h1>", _lead(migrations, len(drawn))]
    if drawn:
        parts += [f'<p class="small">{_HOW_TO_READ}</p>', _legend()]
        parts += [_figure(row, events[row["migration_id"]]) for row in drawn]
    parts += ["<h2>All of them</h2>", _list(migrations), f"<footer>{_CAUTION}</footer>"]
    return page("graphmatch: suspected migrations", "\n".join(parts))


def _lead(migrations: Sequence[Mapping[str, Any]], drawn: int) -> str:
    kinds: dict[str, int] = {}
    for row in migrations:
        kinds[row["kind"]] = kinds.get(row["kind"], 0) + 1
    told = ", ".join(f"{count:,} {_words(kind)}" for kind, count in sorted(kinds.items(), key=lambda k: (-k[1], k[0])))
    what = "suspected migration" if len(migrations) == 1 else "suspected migrations"
    head = f"{len(migrations):,} {what}" + (f": {told}." if told else ".")
    small = f"Drawn are the best supported ({drawn:,})." if drawn else "None is drawn."
    return f'<p class="verdict">{escaped(head)}<small>{escaped(small)}</small></p>'


def _legend() -> str:
    items = []
    for kind, what in _LEGEND:
        mark = _mark(kind, 8, 16 if kind == "told" else 8, 0)
        items.append(f'<li><svg viewBox="0 0 16 16" aria-hidden="true">{mark}</svg>{what}</li>')
    return f'<ul class="legend">{"".join(items)}</ul>'


def _figure(row: Mapping[str, Any], events: Sequence[Mapping[str, Any]]) -> str:
    support = f"{_words(row['kind'])} · probability {figure(row['match_probability'])} · {row['standing']}"
    return (
        f'<section class="move"><h2>{escaped(row["origin_platform"])} → {escaped(row["destination_platform"])} '
        f'<span class="family">{escaped(support)}</span></h2>'
        f"<p>{escaped(row['summary'] or '')}</p>"
        f"{_picture(row, events)}"
        f'<ul class="pair"><li>{isolated(row["origin_account_id"])}</li>'
        f"<li>{isolated(row['destination_account_id'])}</li></ul>{_steps(events)}</section>"
    )


def _picture(row: Mapping[str, Any], events: Sequence[Mapping[str, Any]]) -> str:
    scale = Scale.of(row, events)
    shapes = [_band(row, scale)]
    for tick, label in scale.ticks():
        shapes.append(f'<line class="grid" x1="{tick:.1f}" y1="8" x2="{tick:.1f}" y2="{_AXIS - 12}"/>')
        shapes.append(f'<text class="tick" x="{tick:.1f}" y="{_AXIS + 2}">{escaped(label)}</text>')
    for side, lane in _LANES.items():
        own = [event for event in events if event["side"] == side]
        shapes += _lane(row[f"{side}_platform"], own, lane, scale)
    shapes.append(_way(row, scale))
    label = f"timeline: {row['origin_platform']} to {row['destination_platform']}"
    return (
        f'<div class="scroll"><svg class="timeline" viewBox="0 0 {scale.width} {_HEIGHT}" role="img" '
        f'aria-label="{escaped(label)}">{"".join(shapes)}</svg></div>'
    )


def _band(row: Mapping[str, Any], scale: Scale) -> str:
    """Tint the time from the earliest to the latest moment of arrival; nothing where one end is not known."""
    earliest, latest = row["arrived_earliest"], row["arrived_latest"]
    if earliest is None or latest is None:
        return ""
    left, top = scale.at(earliest), _LANES["destination"] - 15
    width = max(scale.at(latest) - left, 3)
    return f'<rect class="span" x="{left:.1f}" y="{top}" width="{width:.1f}" height="30"/>'


def _way(row: Mapping[str, Any], scale: Scale) -> str:
    """Join where one account was left with where the other was come to, both at the latest that they may have been."""
    left, arrived = row["left_latest"] or row["left_earliest"], row["arrived_latest"] or row["arrived_earliest"]
    if row["kind"] not in _GOES or left is None or arrived is None:
        return ""
    if row["kind"] == "drifted":
        left = row["left_earliest"]
    high, low = _LANES["origin"] + 9, _LANES["destination"] - 9
    return f'<line class="way" x1="{scale.at(left):.1f}" y1="{high}" x2="{scale.at(arrived):.1f}" y2="{low}"/>'


def _lane(platform: str, events: Sequence[Mapping[str, Any]], lane: int, scale: Scale) -> list[str]:
    shapes = [
        f'<text class="place" x="4" y="{lane + 4}">{escaped(platform)}</text>',
        f'<line class="lane" x1="{scale.begin}" y1="{lane}" x2="{scale.end}" y2="{lane}"/>',
    ]
    before = [event for event in events if scale.is_before(event)]
    if before:
        made = next((event for event in before if event["what"] == "account created"), None)
        when = _day(made["at_latest"]) if made else None
        told = f"since {when}" if when else f"{len(before)} events before"
        shapes.append(f'<text class="early" x="4" y="{lane + 18}">{escaped(told)}</text>')
    # Ends are drawn last, over what else happened that day.
    shown = [event for event in events if scale.shows(event)]
    for event in sorted(shown, key=lambda event: _kind(event["what"]) == "ended"):
        left, right = scale.extent(event)
        shapes.append(_mark(_kind(event["what"]), left, lane, right - left))
    return shapes


def _kind(what: str) -> str:
    """Sort an event's words into the marks of the legend."""
    if what.startswith("platform: "):
        return "ended" if any(word in what for word in _ENDS) else "acted"
    if what.startswith("reported"):
        return "told"
    return {"account created": "made", "posted": "post"}.get(what, "seen")


def _mark(kind: str, x: float, y: float, width: float) -> str:
    """Draw one event at ``x``, or over ``width`` where only a range is known."""
    wide = max(width, 0.0)
    if kind == "post":
        return f'<circle class="post" cx="{x + wide / 2:.1f}" cy="{y}" r="3.4"/>'
    if kind == "told":
        at = x + wide / 2
        return f'<line class="told" x1="{at:.1f}" y1="{y - 11}" x2="{at:.1f}" y2="{y - 5}"/>'
    if kind == "seen":
        return f'<circle class="seen" cx="{x + wide:.1f}" cy="{y}" r="2"/>'
    high = 8 if kind == "ended" else 5
    least = 4 if kind == "ended" else 7
    begin = x if wide > least else x + wide / 2 - least / 2
    return f'<rect class="{kind}" x="{begin:.1f}" y="{y - high}" width="{max(wide, least):.1f}" height="{2 * high}"/>'


def _steps(events: Sequence[Mapping[str, Any]]) -> str:
    """List the events below the picture, to be checked one by one."""
    rows = "".join(
        f"<tr><td>{escaped(_range(event['at_earliest'], event['at_latest']))}</td><td>{escaped(event['side'])}</td>"
        f"<td>{escaped(event['what'])}</td><td>{_source(event['source_id'])}</td></tr>"
        for event in events[:MOST_EVENTS]
    )
    more = f'<p class="small">and {len(events) - MOST_EVENTS:,} more</p>' if len(events) > MOST_EVENTS else ""
    head = "<tr><th>when (UTC)</th><th>account</th><th>what</th><th>source</th></tr>"
    return (
        f"<details><summary>What happened, step by step ({len(events):,})</summary>"
        f"<table><thead>{head}</thead><tbody>{rows}</tbody></table>{more}</details>"
    )


def _source(name: str | None) -> str:
    return f"<code>{isolated(name)}</code>" if name else '<span class="faint">the account itself</span>'


def _list(migrations: Sequence[Mapping[str, Any]]) -> str:
    if not migrations:
        return "<p>There are none.</p>"
    rows = "".join(
        f"<tr><td>{escaped(row['origin_platform'])}&nbsp;→ {escaped(row['destination_platform'])}</td>"
        f"<td>{escaped(row['summary'] or '')}<br>"
        f'<code class="small">{isolated(row["origin_account_id"])} → '
        f"{isolated(row['destination_account_id'])}</code></td>"
        f'<td class="number">{escaped(figure(row["match_probability"]))}</td><td>{escaped(row["standing"])}</td></tr>'
        for row in migrations[:MOST_LISTED]
    )
    more = len(migrations) - MOST_LISTED
    rest = f'<p class="small">and {more:,} more: graphmatch migrations --json</p>' if more > 0 else ""
    return (
        '<div class="scroll"><table><thead><tr><th>places</th><th>what is suspected</th><th class="number">probability'
        f"</th><th>standing</th></tr></thead><tbody>{rows}</tbody></table></div>{rest}"
    )


def _words(name: str) -> str:
    return name.replace("_", " ")


def _day(moment: datetime | None) -> str | None:
    return None if moment is None else f"{moment:%Y-%m-%d}"


def _range(earliest: datetime | None, latest: datetime | None) -> str:
    first, last = (None if moment is None else f"{moment:%Y-%m-%d %H:%M}" for moment in (earliest, latest))
    if first is None:
        return f"by {last}" if last else "unknown"
    if last is None:
        return f"from {first}"
    return first if first == last else f"{first} to {last}"
