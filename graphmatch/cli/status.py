"""``graphmatch status``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

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
    counts["quarantined"] = len(_entries(workspace.home / "quarantine.ndjson"))
    counts["files"] = len({entry.get("sha256") for entry in _entries(workspace.home / "files.ndjson")} - {None})
    rows = pl.DataFrame({"table": list(counts), "rows": list(counts.values())})
    emit(rows, chosen(json, format), title=f"{workspace.root}")


def _entries(path: Path) -> list[dict[str, Any]]:
    from graphmatch.intake import read_lines

    return list(read_lines(path))
