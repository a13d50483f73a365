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
    stability: Annotated[
        bool, typer.Option("--stability", help="Only say how far searches with other seeds agree, by resolution.")
    ] = False,
    json: JsonOption = False,
    format: FormatOption = None,
) -> None:
    """Detect densely tied accounts: shared targets, shared rare links, near-equal posts.

    Example: `graphmatch communities`

    Acting alike is ordinary human activity: a community is a place to look, not an accusation.
    """
    state = state_of(ctx)
    with state.line(resolution=resolution, seed=seed) as line:
        ties = line.ties()
        for layer in ties.layers.iter_rows(named=True):
            if layer["keys_left_out"]:
                state.say(f"layer {layer['layer']}: {layer['keys_left_out']:,} keys too common to tie anybody")
        if stability:
            from graphmatch.community import stability as agreement

            first = line.settings.seed
            agreed = agreement(ties, seeds=(first, first + 1, first + 2))
            emit(agreed, chosen(json, format), title="Agreement of searches")
            return
        found = line.communities(ties)
    emit(
        found,
        chosen(json, format),
        columns=["community_id", "size", "density", "actor_ids"],
        title="Communities",
    )
