"""``graphmatch release``."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from graphmatch.cli.output import JsonOption, to_json
from graphmatch.cli.state import State, state_of
from graphmatch.errors import UsageError

if TYPE_CHECKING:
    from graphmatch.release import Recipient, ReleaseResult

TABLES = (
    "accounts",
    "sightings",
    "reports",
    "contents",
    "targets",
    "enforcements",
    "matches",
    "actors",
    "migrations",
)


def release(
    ctx: typer.Context,
    *,
    recipient: Annotated[
        str | None,
        typer.Option(help="Who it is for: a [recipients.NAME] of graphmatch.toml, or a platform's name."),
    ] = None,
    period: Annotated[
        str | None, typer.Option(help="What the bundle is called, such as 2026-W47. Default: this ISO week.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Where bundles are put. Default: releases/ in the workspace.")
    ] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Make a period's bundle anew.")] = False,
    verify: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Check a bundle against its manifest, and do nothing else."),
    ] = None,
    json: JsonOption = False,
) -> None:
    """Make the bundle for one platform: CSV, Parquet, STIX 2.1 and a manifest with hashes.

    Example: `graphmatch release --recipient mastodon`

    It holds only links that two different analysts have confirmed and that touch the recipient's own platform; nothing
    at the `debate` gate, nothing for the police, no target, no reporter, no contact value. What was held back is
    counted by reason.
    """
    from graphmatch.release import verify as verify_bundle

    state = state_of(ctx)
    if verify is not None:
        verify_bundle(verify)
        state.say(f"{verify}: every file is as its manifest says")
        return
    if recipient is None:
        raise UsageError("say who it is for: --recipient NAME")
    result = _make(state, recipient, period, out, replace=replace)
    if json:
        typer.echo(to_json({"directory": str(result.directory), "rows": result.rows, "withheld": result.withheld}))
        return
    typer.echo(f"{result.directory}")
    for name, rows in result.rows.items():
        typer.echo(f"  {name:<12} {rows:,} rows")
    for why, count in result.withheld.items():
        typer.echo(f"  held back    {count:,} · {why}")


def _make(state: State, recipient: str, period: str | None, out: Path | None, *, replace: bool) -> ReleaseResult:
    from graphmatch.journal import Journal
    from graphmatch.release import previous_of
    from graphmatch.release import release as make_release

    workspace = state.workspace()
    now = datetime.now(UTC)
    with state.opened(read_only=True) as store:
        tables = {name: store.read(name) for name in TABLES}
    journal = Journal(workspace.journal)
    to = _recipient(state, recipient, set(tables["accounts"]["platform"]))
    named, folder = f"{now:%G-W%V}" if period is None else period, out or workspace.releases
    made = make_release(
        tables,
        journal.judgements(),
        recipient=to,
        out=folder,
        period=named,
        made_at=now.replace(microsecond=0),
        workspace=workspace.root.name,
        previous=previous_of(folder, to.name, named),
        contact=state.settings().contact,
        replace=replace,
    )
    # A bundle that stands may have been made by a run that was stopped before it could say so.
    if not any(record.body.get("sha256") == made.sha256 for record in journal.records() if record.kind == "release"):
        body = {"recipient": to.name, "period": named, "rows": made.rows, "sha256": made.sha256}
        journal.append("release", body, now)
    return made


def _recipient(state: State, name: str, platforms: set[str]) -> Recipient:
    from graphmatch.release import Recipient

    known = state.settings().recipients
    if name in known:
        entry = known[name]
        return Recipient(name, entry.platform, entry.instance, entry.marking)
    if name in platforms:
        return Recipient(name, name)
    choices = ", ".join(sorted({*known, *platforms})) or "none yet"
    raise UsageError(f"no recipient {name!r}: add [recipients.{name}] to graphmatch.toml, or name one of: {choices}")
