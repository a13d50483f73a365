"""``graphmatch doctor``."""

from __future__ import annotations

import platform
from collections.abc import Callable
from importlib.metadata import version
from typing import TYPE_CHECKING, Annotated

import typer

from graphmatch.cli.output import FormatOption, JsonOption, chosen, emit
from graphmatch.cli.state import State, state_of
from graphmatch.errors import GraphmatchError

if TYPE_CHECKING:
    from graphmatch.journal import Journal
    from graphmatch.workspace import Workspace

_LIBRARIES = ("polars", "ladybug", "neo4j", "rapidfuzz", "graspologic-native", "networkx", "stix2", "typer")


def doctor(
    ctx: typer.Context,
    *,
    recover_journal: Annotated[
        bool,
        typer.Option("--recover-journal", help="Move a half-written last record out of the journal, and do no more."),
    ] = False,
    json: JsonOption = False,
    format: FormatOption = None,
) -> None:
    """Check the workspace, and show every setting, its value and where it comes from.

    Example: `graphmatch doctor`

    A check that fails says what to do. A journal that was changed, or cut short, is never mended here: restore it.
    """
    if recover_journal:
        _recover(state_of(ctx))
        return
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
    rows += _server(settings.store)
    rows += [{"what": f"check {name}", "value": value, "from": ""} for name, value in _checks(ctx)]
    rows += [{"what": f"version {name}", "value": version(name), "from": ""} for name in ("graphmatch", *_LIBRARIES)]
    rows.append({"what": "version python", "value": platform.python_version(), "from": ""})
    emit(pl.DataFrame(rows), chosen(json, format), title=str(workspace.root))
    if any(row["value"].startswith("FAILED") for row in rows):
        raise typer.Exit(1)


def _server(url: str | None) -> list[dict[str, str]]:
    """Show who asks a server; of the password only where it comes from."""
    from graphmatch.cli.store_login import is_server
    from graphmatch.settings import ServerSettings, server_origin, server_password

    if url is None or not is_server(url):
        return []
    server = ServerSettings()
    secret, place = server_password(url, server)
    said = [
        ("username", server.username, server_origin("username")),
        ("password", "known, not shown" if secret else "not known: asked for on a terminal", place),
        ("database", server.database or "the server's default", server_origin("database")),
    ]
    return [{"what": f"server {name}", "value": value, "from": place} for name, value, place in said]


def _checks(ctx: typer.Context) -> list[tuple[str, str]]:
    from graphmatch.adapter import available
    from graphmatch.journal import Journal

    state = state_of(ctx)
    workspace = state.workspace()

    def store() -> str:
        with state.opened(read_only=True, patient=False) as opened:
            return f"ok, {sum(opened.counts().values())} rows"

    def journal() -> str:
        head = Journal(workspace.journal).verify()
        return f"ok, the chain holds, {head.seq} records"

    def releases() -> str:
        return _releases(workspace, Journal(workspace.journal))

    def private() -> str:
        mode = workspace.home.stat().st_mode & 0o077
        return f"FAILED: others may read {workspace.home}; run: chmod 700 on it" if mode else "ok"

    def key() -> str:
        workspace.keyring()
        mode = (workspace.home / "key").stat().st_mode & 0o077
        return f"FAILED: others may read {workspace.home / 'key'}; run: chmod 600 on it" if mode else "ok"

    checks = {
        "key": key,
        "private": private,
        "store": store,
        "journal": journal,
        "releases": releases,
        "adapters": lambda: ", ".join(available()),
    }
    return [(name, _outcome(check)) for name, check in checks.items()]


def _releases(workspace: Workspace, journal: Journal) -> str:
    """Compare the bundles in the workspace with what the journal says was released: either may have been changed."""
    from graphmatch.release import digest_of, verify

    said = {record.body.get("sha256") for record in journal.records() if record.kind == "release"}
    bundles = sorted(manifest.parent for manifest in workspace.releases.glob("[!.]*/[!.]*/manifest.json"))
    for bundle in bundles:
        verify(bundle)
        if digest_of(bundle) not in said:
            return f"FAILED: the journal knows nothing of {bundle}: one of them was changed"
    return f"ok, {len(bundles)} bundles as they were made"


def _recover(state: State) -> None:
    from graphmatch.journal import Journal

    journal = Journal(state.workspace().journal)
    aside = journal.recover()
    journal.verify()
    state.say(
        f"the fragment lies in {aside}" if aside else "there is nothing to recover: the journal ends as it should"
    )


def _outcome(check: Callable[[], str]) -> str:
    try:
        return check()
    except GraphmatchError as error:
        return f"FAILED: {error}"
    except OSError as error:
        return f"FAILED: {error.filename}: {error.strerror}"
