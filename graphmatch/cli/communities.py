"""``graphmatch communities``."""

from __future__ import annotations

from typing import Annotated

import typer

from graphmatch.cli.output import FormatOption, JsonOption, chosen, emit
from graphmatch.cli.state import state_of


def communities(
    ctx: typer.Context,
    *,
    resolution: Annotated[
        float | None,
        typer.Option(min=0.0, help="CPM resolution: higher makes communities smaller and denser."),
    ] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Seed of the search.")] = None,
    json: JsonOption = False,
    format: FormatOption = None,
) -> None:
    """Detect densely tied accounts: shared targets, shared rare links, near-equal posts.

    Example: `graphmatch communities`

    Acting alike is ordinary human activity: a community is a place to look, not an accusation.
    """
    with state_of(ctx).line(resolution=resolution, seed=seed) as line:
        found = line.communities()
    emit(
        found,
        chosen(json, format),
        columns=["community_id", "size", "density", "actor_ids"],
        title="Communities",
    )
