"""``graphmatch ingest``."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from graphmatch.cli.intake_report import INCOMPLETE, report
from graphmatch.cli.output import JsonOption
from graphmatch.cli.progress import bar
from graphmatch.cli.state import state_of

PathsArgument = Annotated[
    list[str], typer.Argument(metavar="PATH…", help="Files, folders, .gz, .zip, or - for standard input.")
]
MappingOption = Annotated[
    Path | None, typer.Option(help="A TOML file that maps the columns of a table of your own to ours.")
]
ObservedOption = Annotated[
    datetime | None,
    typer.Option(
        "--observed-at",
        formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M:%SZ"],
        help="When the export was pulled (UTC). Default: the latest time that stands in each record.",
    ),
]
SubjectOption = Annotated[
    list[str] | None,
    typer.Option(
        "--subject",
        metavar="ID-OR-HANDLE",
        help="Of chats, read only what this account wrote; may be given again. Files read before need --force.",
    ),
]
ForceOption = Annotated[bool, typer.Option("--force", help="Read files again that were read before.")]


def ingest(
    ctx: typer.Context,
    paths: PathsArgument,
    *,
    mapping: MappingOption = None,
    observed_at: ObservedOption = None,
    subject: SubjectOption = None,
    force: ForceOption = False,
    json: JsonOption = False,
) -> None:
    """Read exports into the workspace. The right adapter is found by content.

    Example: `graphmatch ingest exports/ reports.ndjson.gz`

    Reading a file twice changes nothing. What can't be read goes to quarantine with its line and reason, the rest goes
    on, and the exit code is 3. E-mail addresses, phone numbers and IPs become keyed digests before anything is kept.
    """
    state = state_of(ctx)
    with state.line() as line, bar(quiet=state.quiet) as progress:
        result = line.ingest(paths, state.ingest_options(mapping, observed_at, subject or (), force=force), progress)
    report(result, state, json=json)
    if result.incomplete:
        raise typer.Exit(INCOMPLETE)
