"""``graphmatch migrations``."""

from __future__ import annotations

from typing import Annotated

import typer

from graphmatch.cli.output import Format, FormatOption, JsonOption, chosen, emit
from graphmatch.cli.state import state_of
from graphmatch.cli.summary import best_first


def migrations(
    ctx: typer.Context,
    *,
    window_days: Annotated[
        int | None,
        typer.Option(min=1, help="Days after an enforcement in which a new account counts as a move."),
    ] = None,
    json: JsonOption = False,
    format: FormatOption = None,
) -> None:
    """Trace who appears to have moved where, with times as intervals and reasons in order.

    Example: `graphmatch migrations --json`
    """
    with state_of(ctx).line(window_days=window_days) as line:
        found = line.migrations()
    form = chosen(json, format)
    emit(
        best_first(found) if form is Format.TABLE else found,
        form,
        columns=[
            "kind",
            "origin_account_id",
            "destination_account_id",
            "left_earliest",
            "arrived_earliest",
            "match_probability",
            "standing",
        ],
        title="Suspected migrations",
    )
