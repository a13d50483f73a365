"""``graphmatch run``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import typer

from graphmatch.cli.ingest import ForceOption, MappingOption, ObservedOption, PathsArgument, SubjectOption
from graphmatch.cli.intake_report import INCOMPLETE, report
from graphmatch.cli.output import JsonOption
from graphmatch.cli.progress import bar, steps
from graphmatch.cli.state import State, state_of

if TYPE_CHECKING:
    from graphmatch.intake import IngestResult
    from graphmatch.pipeline import IngestOptions


def run(
    ctx: typer.Context,
    paths: PathsArgument,
    *,
    mapping: MappingOption = None,
    observed_at: ObservedOption = None,
    subject: SubjectOption = None,
    force: ForceOption = False,
    json: JsonOption = False,
) -> None:
    """Do the whole line: ingest → link → resolve → communities → migrations, then print a summary.

    Example: `graphmatch run exports/`
    """
    state = state_of(ctx)
    options = state.ingest_options(mapping, observed_at, subject or (), force=force)
    result = whole_line(state, paths, options, as_json=json)
    if result.incomplete:
        raise typer.Exit(INCOMPLETE)


def whole_line(
    state: State, paths: Sequence[str], options: IngestOptions | None = None, *, as_json: bool = False
) -> IngestResult:
    """Run every step on ``paths`` and print the summary."""
    from graphmatch.cli.summary import summarise

    with state.line() as line:
        with bar(quiet=state.quiet) as progress:
            result = line.ingest(paths, options, progress)
        report(result, state, json=False)
        with steps(quiet=state.quiet) as progress:
            line.after_ingest(state.say, progress)
        summarise(line, as_json=as_json)
    return result
