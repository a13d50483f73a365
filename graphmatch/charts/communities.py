"""The page of ``graphmatch communities --html``: all communities, what holds each, and the largest drawn.

In: what the line found, as plain rows. Out: HTML. It adds nothing of its own but where the nodes of a drawing lie.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from graphmatch.charts.community_graph import LAYERS, drawing, stripe
from graphmatch.charts.page import escaped, isolated, page

#: Communities beyond so many are counted, not listed.
_MOST_ROWS = 200
#: As `graphmatch.community.chance` and `graphmatch.community.moves` say it.
_SURE = 0.05
_CAUTION = (
    "Suspected, not proven. Acting alike is ordinary human activity: people who care about the same thing hit the same "
    "targets, post the same words and follow the same links. A community is a place to look, never evidence about an "
    "operator, and no number of reports makes one. This page names reported accounts: it is an analyst's working paper "
    "and no release."
)
_HOW_TO_READ = (
    "Each row is a community. Its stripe shows the share of each layer in the weight that holds it. Chance: everything "
    "that was said and done is dealt out anew, everybody keeping as much of it; the figure is how many communities of "
    "as much coincidence such a deal gives, over how many there are. Above 0.05 chance explains it: the row is marked, "
    "not hidden."
)
_HOW_TO_LOOK = (
    "A dot is an account, or an actor's accounts together; its number stands in the list below. A line is a tie, drawn "
    "as the layer that adds most to it, the thicker the heavier. Dots that are densely tied lie together; otherwise "
    "where a dot lies means nothing."
)


def communities_page(found: Mapping[str, Any]) -> str:
    """Draw communities.

    Parameters
    ----------
    found
        Rows of ``communities`` and ``community_moves`` (as ``moves``), the ``lineage``
        (`graphmatch.community.followed`), the report of the ``layers`` (`graphmatch.community.Ties`), and the ``ties``
        to be drawn (`graphmatch.community.pictured`).

    Returns
    -------
    str
        One HTML document without script, link or anything from outside.
    """
    communities: Sequence[Mapping[str, Any]] = found["communities"]
    moves = {row["community_id"]: row for row in found["moves"]}
    parts = [
        "<h1>Communities of accounts that act alike</h1>",
        f'<p class="verdict">{_verdict(communities, moves)}<small>{_CAUTION}</small></p>',
    ]
    if moves:
        parts += ["<h2>Whose members moved</h2>", _moves(found["moves"])]
    parts += _drawn(communities, found["ties"], moves)
    if communities:
        parts += ["<h2>All communities</h2>", f'<p class="small">{_HOW_TO_READ}</p>', _legend(), _list(communities)]
        if len(communities) > _MOST_ROWS:
            parts.append(f'<p class="small">and {len(communities) - _MOST_ROWS:,} smaller ones</p>')
    parts += _gone(found["lineage"])
    parts += ["<h2>What ties accounts</h2>", _layers(found["layers"])]
    parts.append(f"<footer>{_CAUTION}</footer>")
    return page("graphmatch communities", "\n".join(parts))


def _verdict(communities: Sequence[Mapping[str, Any]], moves: Mapping[str, Mapping[str, Any]]) -> str:
    if not communities:
        return "No community was found."
    checked = [row["chance_q"] for row in communities if row["chance_q"] is not None]
    beyond = sum(q <= _SURE for q in checked)
    told = [
        f"{_count(len(communities), 'community', 'communities')}, the largest of {communities[0]['size']:,} accounts"
    ]
    told.append(f"{beyond:,} beyond what chance explains" if checked else "not held against chance")
    together = sum(bool(row["moves_together"]) for row in moves.values())
    if moves:
        told.append(f"{_count(together, 'has', 'have')} members that moved together")
    return escaped(f"{'; '.join(told)}. Resolution {communities[0]['resolution']:g}.")


def _count(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"


def _legend() -> str:
    keys = "".join(
        '<li><svg viewBox="0 0 24 10" class="key" aria-hidden="true">'
        f'<rect class="fill-{layer}" x="0" y="0" width="24" height="10"/></svg> {layer}</li>'
        for layer in LAYERS
    )
    return f'<ul class="legend">{keys}</ul>'


def _list(communities: Sequence[Mapping[str, Any]]) -> str:
    rows = []
    for row in communities[:_MOST_ROWS]:
        by_chance = row["chance_q"] is not None and row["chance_q"] > _SURE
        expected = row["expected_density"]
        by_deals = "" if expected is None else f"<br><span>by chance {expected:.3f}</span>"
        rows.append(
            f'<tr class="{"chance" if by_chance else "beyond"}"><td>{_named(row)}</td>'
            f'<td class="number">{row["size"]:,}</td><td class="number">{len(row["actor_ids"]):,}</td>'
            f'<td class="number">{row["density"]:.3f}{by_deals}</td><td>{_chance(row)}</td>'
            f"<td>{stripe(row)}<br>{escaped(held_by(row))}</td><td>{_event(row)}</td></tr>"
        )
    heads = (
        '<th>community</th><th class="number">accounts</th><th class="number">actors</th>'
        '<th class="number">density</th><th>chance</th><th>held by</th><th>since the run before</th>'
    )
    return _table(heads, rows)


def _table(heads: str, rows: Sequence[str]) -> str:
    table = f'<table class="list"><thead><tr>{heads}</tr></thead><tbody>{"".join(rows)}</tbody></table>'
    return f'<div class="scroll">{table}</div>'


def _named(row: Mapping[str, Any]) -> str:
    return f"<code>{isolated(row['community_id'])}</code>"


def _chance(row: Mapping[str, Any]) -> str:
    q = row["chance_q"]
    if q is None:
        return '<span class="faint">not checked</span>'
    return f"q {q:.3f}: chance explains it" if q > _SURE else f"q {q:.3f}: <strong>beyond chance</strong>"


def held_by(row: Mapping[str, Any]) -> str:
    """Say in words which layers hold a community, the heaviest first."""
    shares = [(row[f"{layer}_share"] or 0.0, layer) for layer in LAYERS]
    told = [f"{layer} {share:.0%}" for share, layer in sorted(shares, key=lambda one: -one[0]) if share >= 0.005]
    return ", ".join(told) or "not known"


def _event(row: Mapping[str, Any]) -> str:
    earlier = [name for name in row["earlier_ids"] if name != row["community_id"]]
    of = f" of {_codes(earlier)}" if earlier and row["event"] in ("split", "merge") else ""
    told = f"<br><span>from {row['earlier_size']:,} accounts</span>" if row["event"] in ("growth", "shrink") else ""
    return f"{escaped(row['event'])}{of}{told}"


def _codes(names: Sequence[str]) -> str:
    return ", ".join(f"<code>{isolated(name)}</code>" for name in names)


def _moves(moves: Sequence[Mapping[str, Any]]) -> str:
    rows = [
        f"<tr><td>{_named(row)}</td><td>{_way(row)}</td>"
        f'<td class="number">{row["movers_on_way"]:,}</td><td>{_span(row, "left")}</td><td>{_span(row, "arrived")}</td>'
        f'<td class="number">{row["pairs"]:,}</td><td class="number">{row["expected_pairs"]:.2f}</td>'
        f'<td class="number">{row["q"]:.3f}</td><td>{_together(row)}</td></tr>'
        for row in moves[:_MOST_ROWS]
    ]
    heads = (
        '<th>community</th><th>way</th><th class="number">actors</th><th>left</th><th>arrived</th>'
        '<th class="number">pairs that<br>left together</th><th class="number">by chance</th>'
        '<th class="number">q</th><th>together?</th>'
    )
    return _table(heads, rows)


def _way(row: Mapping[str, Any]) -> str:
    return f"{isolated(row['origin_platform'])} → {isolated(row['destination_platform'])}"


def _together(row: Mapping[str, Any]) -> str:
    return "<strong>moved together</strong>" if row["moves_together"] else "chance is not ruled out"


def _span(row: Mapping[str, Any], name: str) -> str:
    ends = [row[f"{name}_earliest"], row[f"{name}_latest"]]
    days = list(dict.fromkeys(end.strftime("%d %b %Y") for end in ends if isinstance(end, datetime)))
    return escaped(" to ".join(days) or "not known")


def _layers(layers: Sequence[Mapping[str, Any]]) -> str:
    rows = [
        f'<tr><td>{escaped(row["layer"])}</td><td class="number">{row["weight"]:g}</td>'
        f'<td class="number">{row["cap"]:,}</td>'
        f'<td class="number">{row["keys"]:,}</td><td class="number">{row["keys_left_out"]:,}</td>'
        f'<td class="number">{row["ties"]:,}</td></tr>'
        for row in layers
    ]
    heads = "".join(
        f'<th class="number">{head}</th>'
        for head in ("weight if two<br>share it", "most that<br>may share it", "shared", "too common", "ties")
    )
    return _table(f"<th>layer</th>{heads}", rows)


def _gone(lineage: Sequence[Mapping[str, Any]]) -> list[str]:
    dead = [row for row in lineage if row["event"] == "death"]
    if not dead:
        return []
    told = ", ".join(f"{_named(row)} ({row['earlier_size']:,} accounts)" for row in dead[:_MOST_ROWS])
    return ["<h2>Gone since the run before</h2>", f"<p>{told}</p>"]


def _drawn(
    communities: Sequence[Mapping[str, Any]], ties: Sequence[Mapping[str, Any]], moves: Mapping[str, Mapping[str, Any]]
) -> list[str]:
    of: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for tie in ties:
        of[tie["community_id"]].append(tie)
    if not of:
        return []
    parts = ["<h2>The largest, drawn</h2>", f'<p class="small">{_HOW_TO_LOOK}</p>', _legend()]
    for row in (row for row in communities if row["community_id"] in of):
        nodes = sorted({tie[end] for tie in of[row["community_id"]] for end in ("left", "right")})
        listed = "".join(f"<li>{isolated(name)}</li>" for name in nodes)
        moved = moves.get(row["community_id"])
        way = f" Members moved together: {_way(moved)}." if moved and moved["moves_together"] else ""
        as_nodes = "" if len(nodes) == row["size"] else f" in {len(nodes):,} nodes"
        told = f"{_count(row['size'], 'account', 'accounts')}{as_nodes}, held by {held_by(row)}; "
        parts.append(
            f'<section class="figure"><h3>{_named(row)}</h3>'
            f"<p>{escaped(told)}{_chance(row)}.{way}</p>{drawing(nodes, of[row['community_id']])}"
            f'<ol class="nodes">{listed}</ol></section>'
        )
    return parts
