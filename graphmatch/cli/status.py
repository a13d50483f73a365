"""``graphmatch status``."""

from __future__ import annotations

from pathlib import Path

import typer

from graphmatch.cli.output import FormatOption, JsonOption, chosen, emit
from graphmatch.cli.state import state_of


def status(ctx: typer.Context, *, json: JsonOption = False, format: FormatOption = None) -> None:
    """Count what the workspace holds, table by table.

    Example: `graphmatch status`
    """
    import polars as pl

    from graphmatch.journal import Journal

    state = state_of(ctx)
    workspace = state.workspace()
    with state.opened(read_only=True) as store:
        counts = store.counts()
    counts["judgements"] = Journal(workspace.journal).judgements().height
    counts["quarantined"] = _lines(workspace.home / "quarantine.ndjson")
    counts["files"] = _lines(workspace.home / "files.ndjson")
    rows = pl.DataFrame({"table": list(counts), "rows": list(counts.values())})
    emit(rows, chosen(json, format), title=f"{workspace.root}")


def _lines(path: Path) -> int:
    if not path.exists():
        return 0
    with path.open("rb") as stream:
        return sum(1 for _ in stream)
