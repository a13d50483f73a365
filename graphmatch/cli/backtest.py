"""``graphmatch backtest``."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from graphmatch.cli.output import (
    Format,
    FormatOption,
    HtmlOption,
    JsonOption,
    chosen,
    emit,
    printable,
    to_json,
    write_page,
)
from graphmatch.cli.state import State, state_of
from graphmatch.errors import NothingToDo

if TYPE_CHECKING:
    from graphmatch.backtest import Backtest


class Step(StrEnum):
    """How far apart the dates are."""

    DAY = "day"
    WEEK = "week"
    FORTNIGHT = "fortnight"


class Since(StrEnum):
    """When a report counts as known; the words are those of `graphmatch.backtest.Known`."""

    HAPPENED = "happened"
    OBSERVED = "observed"


_DAYS = {Step.DAY: 1, Step.WEEK: 7, Step.FORTNIGHT: 14}
_FORMS = ["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]
#: What of the coverage a table shows.
SHOWN = ("accounts", "unreported", "enforced", "actors", "migrations", "warnings", "sought")


def backtest(
    ctx: typer.Context,
    *,
    first: Annotated[datetime, typer.Option("--from", formats=_FORMS, metavar="DATE", help="The first date, in UTC.")],
    last: Annotated[datetime, typer.Option("--to", formats=_FORMS, metavar="DATE", help="The last date, in UTC.")],
    step: Annotated[Step, typer.Option(help="How far apart the dates are.")] = Step.WEEK,
    k: Annotated[
        list[int] | None, typer.Option("-k", min=1, help="Length of the lists, several times. Default: 5, 10, 20.")
    ] = None,
    known: Annotated[
        Since,
        typer.Option(help="Whether a report counts from when it was made, or from when an export with it was pulled."),
    ] = Since.HAPPENED,
    levels_only: Annotated[
        bool, typer.Option("--levels-only", help="Link by levels, without learned weights: some faster.")
    ] = False,
    html: HtmlOption = None,
    json: JsonOption = False,
    format: FormatOption = None,
) -> None:
    """Say what early warning would have said at past dates, and what became of it; nothing later leaks in.

    Example: `graphmatch backtest --from 2026-04-06 --to 2026-05-04 --step week`

    The line runs anew as of each date, with the shipped weights and the judgements given by then. Beside the warnings
    stand two baselines: the same folded handle, and everyone. --json gives all of it as one object. Precision is a
    lower bound: an account that nobody ever reports counts as a false warning.
    """
    state, form = state_of(ctx), chosen(json, format)
    lengths = sorted(set(k)) if k else None
    found = _run(state, (first, last, step), lengths, known, levels_only=levels_only)
    if html is not None:
        from graphmatch.charts.backtest import backtest_page

        write_page(html, backtest_page(as_mapping(found)))
        state.say(f"drawn in {html}")
    if form is Format.JSON:
        typer.echo(to_json(as_mapping(found)))
    elif form is Format.TABLE:
        _tell(found)
    else:
        emit(found.by_date, form)


def _run(
    state: State, span: tuple[datetime, datetime, Step], ks: list[int] | None, known: Since, *, levels_only: bool
) -> Backtest:
    from graphmatch.backtest import KS, Known, LineOptions, dates
    from graphmatch.backtest import backtest as run
    from graphmatch.cli.progress import steps
    from graphmatch.journal import Journal
    from graphmatch.link import default
    from graphmatch.tables import OBSERVED

    first, last, step = span
    at = dates(first.replace(tzinfo=UTC), last.replace(tzinfo=UTC), timedelta(days=_DAYS[step]))
    settings = state.settings()
    options = LineOptions(
        start=default().unlabelled() if levels_only else default(),
        threshold=settings.threshold,
        window=timedelta(days=settings.window_days),
        cap=settings.cap,
        nearest=settings.nearest,
        memory_gib=settings.memory_gib,
        seed=settings.seed,
    )
    with state.opened(settings, read_only=True) as store:
        tables = {name: store.read(name) for name in OBSERVED}
    if tables["accounts"].is_empty():
        raise NothingToDo("there are no accounts yet; read some exports first: graphmatch ingest PATH…")
    with steps(quiet=state.quiet) as told:
        return run(
            tables,
            Journal(state.workspace().journal).judgements(),
            at,
            ks=ks or KS,
            known=Known(known.value),
            options=options,
            progress=told,
        )


def as_mapping(found: Backtest) -> dict[str, Any]:
    """Give all of a backtest as one mapping: what ``--json`` writes and what the page is drawn from."""
    return {
        "ends": found.ends,
        "over_all": found.over_all.to_dicts(),
        "by_date": found.by_date.to_dicts(),
        "coverage": found.coverage.to_dicts(),
        "could_be_named": found.named,
        "of_them_borne_out": found.borne_out,
        "undated": found.undated,
        "notes": found.notes,
        "listed": found.listed.to_dicts(),
    }


def _tell(found: Backtest) -> None:
    import polars as pl

    day = pl.col("at").dt.strftime("%Y-%m-%d").alias("date")
    longest = pl.col("k") == pl.col("k").max()
    by_date = found.by_date.filter(longest).select(
        day, "method", "listed", "hits", pl.col("precision", "recall").round(2), pl.col("lead_days").round(1)
    )
    over_all = pl.DataFrame([_row(row) for row in found.over_all.iter_rows(named=True)])
    emit(over_all, Format.TABLE, title="All dates together; in brackets 95 % (bootstrap over accounts)")
    emit(by_date, Format.TABLE, title="Date by date, the longest lists")
    emit(found.coverage.select(day, *SHOWN), Format.TABLE, title="What was known")
    for note in found.notes:
        typer.echo(printable(note))


def _row(row: dict[str, Any]) -> dict[str, Any]:
    counts = {"method": row["method"], "first": row["k"], "named": row["named"], "hits": row["hits"]}
    found = f"{row['found']} of {row['sought']}, {row['known']} known"
    return counts | {
        "precision": _between(row, "precision", 2),
        "recall": _between(row, "recall", 2),
        "lead days": _between(row, "lead_days", 1),
        "found": found,
    }


def _between(row: dict[str, Any], name: str, places: int) -> str:
    if row[name] is None:
        return "none"
    low, high = (f"{row[f'{name}_{end}']:.{places}f}" for end in ("low", "high"))
    return f"{row[name]:.{places}f} ({low} to {high})"
