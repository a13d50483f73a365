"""``graphmatch communities``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from graphmatch.cli.output import Format, FormatOption, HtmlOption, JsonOption, chosen, emit, write_page
from graphmatch.cli.state import State, state_of
from graphmatch.errors import UsageError

if TYPE_CHECKING:
    import polars as pl

    from graphmatch.community import Followed, Ties
    from graphmatch.pipeline import Line

#: What a terminal is shown; the first are made for it.
_COLUMNS = ["community_id", "size", "chance_q", "held_by", "event"]
_MOVES = ["community_id", "way", "movers_on_way", "pairs", "expected_pairs", "q", "moves_together"]


def communities(
    ctx: typer.Context,
    *,
    resolution: Annotated[
        str | None,
        typer.Option(
            metavar="NUMBER|auto",
            help="CPM resolution: higher makes communities smaller and denser; auto takes 0.05, "
            "or another if searches with other seeds disagree there.",
        ),
    ] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Seed of the search, and of what is held against it.")] = None,
    stability: Annotated[
        bool, typer.Option("--stability", help="Only say how far searches with other seeds agree, by resolution.")
    ] = False,
    layers: Annotated[
        bool, typer.Option("--layers", help="Only say which layers tie accounts, and with which weights.")
    ] = False,
    lineage: Annotated[
        bool, typer.Option("--lineage", help="Show what became of the communities of the run before.")
    ] = False,
    moves: Annotated[
        bool, typer.Option("--moves", help="Only test whose members moved together, in the stored communities.")
    ] = False,
    html: HtmlOption = None,
    json: JsonOption = False,
    format: FormatOption = None,
) -> None:
    """Detect densely tied accounts: shared targets, shared rare links, near-equal posts, replies.

    Example: `graphmatch communities --html communities.html` · `graphmatch communities --moves`

    Each says which layers hold it, and chance_q of how many that look like it chance would give. Acting alike is
    ordinary human activity: a community is a place to look, not an accusation.
    """
    if sum((stability, layers, lineage, moves)) > 1 or (html and (stability or layers or moves)):
        raise UsageError("--stability, --layers, --lineage and --moves are each a table of their own; give one")
    state, form = state_of(ctx), chosen(json, format)
    with state.line(resolution=resolution, seed=seed) as line:
        if moves:
            moved = line.community_moves()
            emit(
                _with_ways(moved) if form is Format.TABLE else moved,
                form,
                columns=_MOVES,
                title="Communities whose members moved",
            )
            return
        ties = line.ties()
        if layers:
            emit(ties.layers, form, title="Layers")
            return
        for layer in ties.layers.iter_rows(named=True):
            if layer["keys_left_out"]:
                state.say(f"layer {layer['layer']}: {layer['keys_left_out']:,} keys too common to tie anybody")
        if stability:
            emit(line.stability(ties), form, title="Agreement of searches")
            return
        found = line.communities(ties, state.say)
        if html is not None:
            _draw(state, line, ties, found, html)
    if lineage:
        emit(found.lineage, form, title="Lineage")
        return
    shown = _held(found.communities) if form is Format.TABLE else found.communities
    emit(shown, form, columns=_COLUMNS, title="Communities")


def _held(found: pl.DataFrame) -> pl.DataFrame:
    """Add in words which layers hold each community, the heaviest first."""
    import polars as pl

    names = [name for name in found.columns if name.endswith("_share")]
    told = [
        ", ".join(
            f"{name.removesuffix('_share')} {share:.0%}"
            for name, share in sorted(row.items(), key=lambda one: (-(one[1] or 0), one[0]))
            if share and share >= 0.005
        )
        for row in found.select(names).iter_rows(named=True)
    ]
    return found.with_columns(held_by=pl.Series(told, dtype=pl.String), actors=pl.col("actor_ids").list.len())


def _with_ways(moved: pl.DataFrame) -> pl.DataFrame:
    import polars as pl

    return moved.with_columns(way=pl.format("{} → {}", "origin_platform", "destination_platform"))


def _draw(state: State, line: Line, ties: Ties, found: Followed, path: Path) -> None:
    """Draw the page; what was at the place before is replaced, and the file is its owner's alone."""
    import polars as pl

    from graphmatch.charts import communities_page
    from graphmatch.community import SURE, pictured

    beyond_chance_first = found.communities.sort(pl.col("chance_q") > SURE, maintain_order=True)
    page = communities_page(
        {
            "communities": found.communities.to_dicts(),
            "lineage": found.lineage.to_dicts(),
            "moves": line.community_moves().to_dicts(),
            "layers": ties.layers.to_dicts(),
            "ties": pictured(ties, beyond_chance_first).to_dicts(),
        }
    )
    write_page(path, page)
    state.say(f"drawn in {path}: it names reported accounts, so keep it as you keep the workspace")
