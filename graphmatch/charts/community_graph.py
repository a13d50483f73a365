"""One community as a drawing: its ties laid out on the plane, and its layers as a stripe. In: plain rows. Out: SVG."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

#: Layers in the order in which they are told; each has a colour and a pattern of its own in ``page.css``.
LAYERS = ("target", "moment", "link", "text", "reply", "reporter")

_WIDTH, _HEIGHT, _MARGIN = 640.0, 420.0, 26.0
#: Rounds in which the springs settle; nodes of up to 150 are still after so many.
_ROUNDS = 100
_STRIPE = 120.0


def drawing(nodes: Sequence[str], ties: Sequence[Mapping[str, Any]]) -> str:
    """Draw the ties of one community.

    Parameters
    ----------
    nodes
        Names in the order in which they are numbered.
    ties
        ``left, right`` (such names), ``weight`` and ``layer``.
    """
    place = _laid_out(nodes, ties)
    lines = []
    for tie in sorted(ties, key=lambda tie: (tie["weight"], tie["left"], tie["right"])):
        (x1, y1), (x2, y2) = place[tie["left"]], place[tie["right"]]
        layer = tie["layer"] if tie["layer"] in LAYERS else "unknown"
        lines.append(
            f'<line class="tie tie-{layer} tie-{_thickness(tie["weight"])}" '
            f'x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'
        )
    dots = [
        f'<circle class="node" cx="{x:.1f}" cy="{y:.1f}" r="10"/>'
        f'<text class="node-number" x="{x:.1f}" y="{y + 3.5:.1f}">{number}</text>'
        for number, (x, y) in enumerate((place[name] for name in nodes), 1)
    ]
    return (
        f'<svg class="graph" viewBox="0 0 {_WIDTH:.0f} {_HEIGHT:.0f}" role="img" '
        f'aria-label="{len(nodes)} nodes, {len(ties)} ties">{"".join(lines)}{"".join(dots)}</svg>'
    )


def _laid_out(nodes: Sequence[str], ties: Sequence[Mapping[str, Any]]) -> dict[str, tuple[float, float]]:
    """Let springs place the nodes, from a start that is the same each time; then fill the drawing."""
    import networkx as nx  # noqa: PLC0415 - a tenth of a second that other pages do not need

    graph = nx.Graph()
    graph.add_nodes_from(nodes)
    graph.add_weighted_edges_from((tie["left"], tie["right"], tie["weight"]) for tie in ties)
    start = nx.circular_layout(graph)
    found = nx.spring_layout(graph, pos=start, seed=0, iterations=_ROUNDS) if len(nodes) > 2 else start
    xs, ys = [float(at[0]) for at in found.values()], [float(at[1]) for at in found.values()]
    return {name: (_scaled(float(at[0]), xs, _WIDTH), _scaled(float(at[1]), ys, _HEIGHT)) for name, at in found.items()}


def _scaled(value: float, values: Sequence[float], length: float) -> float:
    spread = max(values) - min(values)
    share = (value - min(values)) / spread if spread > 1e-9 else 0.5
    return _MARGIN + share * (length - 2 * _MARGIN)


def _thickness(weight: float) -> int:
    return 1 if weight < 0.1 else 2 if weight < 0.3 else 3


def stripe(row: Mapping[str, Any]) -> str:
    """Draw the share of each layer in what holds a community; nothing where nobody knows."""
    at, parts = 0.0, []
    for layer in LAYERS:
        width = (row[f"{layer}_share"] or 0.0) * _STRIPE
        if width > 0:
            parts.append(f'<rect class="fill-{layer}" x="{at:.1f}" y="0" width="{width:.1f}" height="10"/>')
        at += width
    box = f'viewBox="0 0 {_STRIPE:.0f} 10" preserveAspectRatio="none"'
    return f'<svg class="stripe" {box} aria-hidden="true">{"".join(parts)}</svg>'
