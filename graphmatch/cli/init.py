"""``graphmatch init``."""

from __future__ import annotations

from pathlib import Path

import typer

from graphmatch.cli.state import state_of


def init(ctx: typer.Context) -> None:
    """Make a workspace: settings, a secret key, and room for the graph.

    Example: `graphmatch -w northmoor init`

    Run again, it changes nothing. Keep a backup of `.graphmatch/key`: without it, new contact digests can't be
    compared with old ones.
    """
    from graphmatch.workspace import create

    state = state_of(ctx)
    workspace = create(state.folder or Path.cwd())
    state.say(f"workspace ready: {workspace.root}\nnext: graphmatch -w {workspace.root} run PATH…")
