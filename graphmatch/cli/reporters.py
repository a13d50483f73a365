"""``graphmatch reporters``."""

from __future__ import annotations

from typing import Annotated

import typer

from graphmatch.cli.output import FormatOption, JsonOption, chosen, emit
from graphmatch.cli.state import state_of


def reporters(
    ctx: typer.Context,
    *,
    bursts: Annotated[
        bool, typer.Option("--bursts", help="Show the bursts of reports of one account instead: perhaps brigading.")
    ] = False,
    json: JsonOption = False,
    format: FormatOption = None,
) -> None:
    """Tell what became of each reporter's reports, and find bursts of reports by many new reporters.

    Example: `graphmatch reporters --bursts`

    Reporters are pseudonyms. How many reports there are raises nothing: mass reporting is a weapon, and this is where
    it shows.
    """
    with state_of(ctx).line() as line:
        weighed = line.reporters()
    form = chosen(json, format)
    if bursts:
        shown = ["account_id", "begun_at", "ended_at", "reports", "reporters", "new_share", "alike_share"]
        emit(
            weighed.bursts.sort("reporters", "burst_id", descending=[True, False]), form, columns=shown, title="Bursts"
        )
        return
    shown = ["reporter_ref", "platforms", "reports", "accounts", "upheld_share", "dismissed_share", "bursts"]
    ordered = weighed.reporters.sort("reports", "reporter_ref", descending=[True, False])
    emit(ordered, form, columns=shown, title="Reporters")
