"""What reading files came to, for a person on stderr or as NDJSON on stdout: one object a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from graphmatch.cli.output import printable, to_json

if TYPE_CHECKING:
    from graphmatch.cli.state import State
    from graphmatch.intake import IngestResult

#: Exit code: done, but some records or files could not be read.
INCOMPLETE = 3
UNKNOWN_SHOWN = 8


def report(result: IngestResult, state: State, *, json: bool) -> None:
    """Tell what was read, what was not, and what to do about it."""
    if json:
        for file in result.files:
            typer.echo(to_json(file.as_dict()))
    for file in result.files:
        for row in file.sentence().splitlines():
            state.say(printable(row))
    if not result.files:
        state.say("no files were found there; hidden ones, truth folders and a workspace's own are passed over")
    totals = ", ".join(f"{written.new:,} new {table}" for table, written in result.totals.items() if written.new)
    state.say(f"in all: {totals or 'nothing new'}")
    if result.unknown:
        fields = ", ".join(sorted(result.unknown, key=lambda name: -result.unknown[name])[:UNKNOWN_SHOWN])
        state.say(f"{len(result.unknown):,} fields that no adapter knows were passed over: {printable(fields)}")
    if result.quarantined:
        state.say(
            f"{result.quarantined:,} records could not be read: file, line and reason stand in "
            f"{state.workspace().home / 'quarantine.ndjson'}"
        )
