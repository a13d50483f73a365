"""``graphmatch migrations``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from graphmatch.cli.output import Format, FormatOption, HtmlOption, JsonOption, chosen, emit, write_page
from graphmatch.cli.state import State, state_of
from graphmatch.cli.summary import best_first
from graphmatch.errors import UsageError

if TYPE_CHECKING:
    import polars as pl

    from graphmatch.pipeline import Line

#: What --timeline takes for every migration.
ALL = "all"


def migrations(
    ctx: typer.Context,
    *,
    window_days: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Days after an enforcement in which a new account counts as a move. 90 outlasts a campaign and its "
            "aftermath; later a new account has too many other reasons.",
        ),
    ] = None,
    timeline: Annotated[
        str | None,
        typer.Option(metavar="ID", help="Lay out the events of this migration in order of time, or of all."),
    ] = None,
    html: HtmlOption = None,
    drawn: Annotated[int, typer.Option(min=0, help="How many of the best supported --html draws.")] = 12,
    json: JsonOption = False,
    format: FormatOption = None,
) -> None:
    """Trace who appears to have moved where, with times as intervals and reasons in order.

    Example: `graphmatch migrations --json` · `graphmatch migrations --html moves.html`
    """
    form, state = chosen(json, format), state_of(ctx)
    with state.line(window_days=window_days) as line:
        found = line.migrations()
        events = line.timeline(_one(found, timeline)) if timeline is not None else None
        if html is not None:
            _draw(line, best_first(found), html, drawn)
            _told(state, html)
    if events is not None:
        emit(events, form, columns=["at_earliest", "at_latest", "what", "side", "source_id"], title="Timeline")
        return
    emit(
        best_first(found) if form is Format.TABLE else found,
        form,
        columns=[
            "migration_id",
            "kind",
            "origin_account_id",
            "destination_account_id",
            "left_earliest",
            "arrived_latest",
            "match_probability",
            "standing",
        ],
        title="Suspected migrations",
    )


def _one(found: pl.DataFrame, wanted: str) -> pl.DataFrame:
    import polars as pl

    if wanted == ALL:
        return found
    row = found.filter(pl.col("migration_id") == wanted)
    if row.is_empty():
        raise UsageError(f"no migration has the id {wanted!r}; graphmatch migrations lists them, or say {ALL}")
    return row


def _draw(line: Line, found: pl.DataFrame, path: Path, drawn: int) -> None:
    from graphmatch.charts import timelines_page

    events: dict[str, list[dict[str, object]]] = {name: [] for name in found.head(drawn)["migration_id"]}
    for event in line.timeline(found.head(drawn)).iter_rows(named=True):
        events[event["migration_id"]].append(event)
    write_page(path, timelines_page(found.to_dicts(), events))


def _told(state: State, path: Path) -> None:
    state.say(f"drawn in {path}: it names reported accounts, so keep it as you keep the workspace")
