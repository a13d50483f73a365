"""``graphmatch resolve``."""

from __future__ import annotations

from typing import Annotated

import typer

from graphmatch.cli.output import FormatOption, JsonOption, chosen, emit
from graphmatch.cli.state import state_of


def resolve(
    ctx: typer.Context,
    *,
    threshold: Annotated[
        float | None,
        typer.Option(min=0.5, max=1.0, help="Match probability from which accounts form an actor."),
    ] = None,
    json: JsonOption = False,
    format: FormatOption = None,
) -> None:
    """Form suspected actors from matches, obeying every judgement in the journal.

    Example: `graphmatch resolve --json`

    An actor keeps its id from run to run. To take a link back, add a judgement: `graphmatch judge A B negative …`
    """
    state = state_of(ctx)
    with state.line(threshold=threshold) as line:
        resolved = line.resolve()
    for left, right, why in resolved.conflicts.select("left", "right", "why").iter_rows():
        state.say(f"{left} and {right}: {why}; kept apart until it is settled")
    emit(
        resolved.actors,
        chosen(json, format),
        columns=["actor_id", "size", "platforms", "match_probability", "standing"],
        title="Suspected actors",
    )
