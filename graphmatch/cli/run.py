"""``graphmatch run``."""

from __future__ import annotations

import typer

from graphmatch.cli.ingest import ForceOption, MappingOption, ObservedOption, PathsArgument
from graphmatch.cli.intake_report import INCOMPLETE, report
from graphmatch.cli.output import JsonOption
from graphmatch.cli.progress import bar
from graphmatch.cli.state import state_of


def run(
    ctx: typer.Context,
    paths: PathsArgument,
    *,
    mapping: MappingOption = None,
    observed_at: ObservedOption = None,
    force: ForceOption = False,
    json: JsonOption = False,
) -> None:
    """Do the whole line: ingest → link → resolve → communities → migrations, then print a summary.

    Example: `graphmatch run exports/`
    """
    from graphmatch.cli.summary import summarise

    state = state_of(ctx)
    with state.line() as line:
        with bar(quiet=state.quiet) as progress:
            result = line.ingest(paths, state.ingest_options(mapping, observed_at, force=force), progress)
        report(result, state, json=False)
        line.after_ingest(state.say)
        summarise(line, as_json=json)
    if result.incomplete:
        raise typer.Exit(INCOMPLETE)
