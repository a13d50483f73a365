"""``graphmatch doctor``."""

from __future__ import annotations

import platform
from collections.abc import Callable
from importlib.metadata import version

import typer

from graphmatch.cli.output import FormatOption, JsonOption, chosen, emit
from graphmatch.cli.state import state_of
from graphmatch.errors import GraphmatchError

_LIBRARIES = ("polars", "ladybug", "rapidfuzz", "graspologic-native", "networkx", "stix2", "typer")


def doctor(ctx: typer.Context, *, json: JsonOption = False, format: FormatOption = None) -> None:
    """Check the workspace, and show every setting, its value and where it comes from.

    Example: `graphmatch doctor`
    """
    import polars as pl

    from graphmatch.settings import Settings, origin

    state = state_of(ctx)
    workspace = state.workspace()
    settings = state.settings()
    rows = [
        {
            "what": f"setting {name}",
            "value": str(getattr(settings, name)),
            "from": origin(name, workspace.config, {"store": state.store}),
        }
        for name in Settings.model_fields
    ]
    rows += [{"what": f"check {name}", "value": value, "from": ""} for name, value in _checks(ctx)]
    rows += [{"what": f"version {name}", "value": version(name), "from": ""} for name in ("graphmatch", *_LIBRARIES)]
    rows.append({"what": "version python", "value": platform.python_version(), "from": ""})
    emit(pl.DataFrame(rows), chosen(json, format), title=str(workspace.root))
    if any(row["value"].startswith("FAILED") for row in rows):
        raise typer.Exit(1)


def _checks(ctx: typer.Context) -> list[tuple[str, str]]:
    from graphmatch.adapter import available
    from graphmatch.journal import Journal

    state = state_of(ctx)
    workspace = state.workspace()

    def store() -> str:
        with state.opened(read_only=True) as opened:
            return f"ok, {sum(opened.counts().values())} rows"

    def journal() -> str:
        Journal(workspace.journal).verify()
        return "ok, the chain holds"

    def key() -> str:
        workspace.keyring()
        mode = (workspace.home / "key").stat().st_mode & 0o077
        return f"FAILED: others may read {workspace.home / 'key'}; run: chmod 600 on it" if mode else "ok"

    checks = {"key": key, "store": store, "journal": journal, "adapters": lambda: ", ".join(available())}
    return [(name, _outcome(check)) for name, check in checks.items()]


def _outcome(check: Callable[[], str]) -> str:
    try:
        return check()
    except GraphmatchError as error:
        return f"FAILED: {error}"
