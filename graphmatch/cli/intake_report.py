"""What reading files came to, for a person on stderr or as NDJSON on stdout: one object a file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING

import typer

from graphmatch.cli.output import printable, to_json

if TYPE_CHECKING:
    from graphmatch.cli.state import State
    from graphmatch.intake import IngestResult

#: Exit code: done, but some records or files could not be read.
INCOMPLETE = 3
SHOWN = 8
_STATUS = {
    "read": "read",
    "known": "already ingested",
    "empty": "empty",
    "skipped": "passed over",
    "failed": "not read",
}


def report(result: IngestResult, state: State, *, json: bool) -> None:
    """Tell what was read, what was not, and what to do about it."""
    if json:
        for file in result.files:
            typer.echo(to_json(file.as_dict()))
    _each(result, state)
    if not result.files:
        state.say(
            "no files were found there; hidden ones, notes (.md), truth folders and a workspace's own are passed over"
        )
    if len(result.files) > 1:
        state.say(_files(result))
    totals = ", ".join(f"{written.new:,} new {table}" for table, written in result.totals.items() if written.new)
    state.say(f"in all: {totals or 'nothing new'}")
    if result.unmapped:
        said = f"{len(result.unmapped):,} reasons that the taxonomy does not know became `unmapped`"
        state.say(f"{said}: {_most(result.unmapped)}")
    if result.unknown:
        state.say(f"{len(result.unknown):,} fields that no adapter knows were passed over: {_most(result.unknown)}")
    if result.quarantined:
        state.say(
            f"{result.quarantined:,} records could not be read: file, line and reason stand in "
            f"{state.workspace().home / 'quarantine.ndjson'}"
        )


def _files(result: IngestResult) -> str:
    """Sum the files and records up."""
    counts = Counter(str(file.status) for file in result.files)
    files = ", ".join(f"{counts[status]:,} {said}" for status, said in _STATUS.items() if counts[status])
    records = f"{sum(file.records for file in result.files):,} records"
    if result.left_out:
        records += f", {result.left_out:,} of them left out"
    return f"{len(result.files):,} files: {files}; {records}"


def _each(result: IngestResult, state: State) -> None:
    alone = len(result.files) == 1
    for file in result.files:
        # Each adapter's own reason takes a line: of one file that helps, of many it hides what was read.
        for row in file.sentence().splitlines()[: None if alone else 1]:
            state.say(printable(row))
    if not alone and result.failed:
        state.say("a file that no adapter knows: give it alone to be told each adapter's reason")


def _most(counts: Mapping[str, int]) -> str:
    return printable(", ".join(sorted(counts, key=lambda name: (-counts[name], name))[:SHOWN]))
