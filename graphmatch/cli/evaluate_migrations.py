"""``graphmatch evaluate-migrations``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from graphmatch.cli.account_tables import read_table
from graphmatch.cli.output import MISSING, to_json
from graphmatch.cli.state import state_of
from graphmatch.errors import NothingToDo, UsageError

if TYPE_CHECKING:
    import polars as pl

#: What each table of the truth must have.
TRUTH = {
    "migrations": ("role", "origin_account_id", "destination_account_id", "kind", "trace", "arrived_at"),
    "accounts": ("account_id", "person_id", "role"),
}
WHY = {
    "nothing_in_common": "nothing in the exports is common to both accounts",
    "not_proposed": "something in common, but not compared",
    "scored_low": "compared, too little evidence",
    "below_threshold": "a match, but in no actor together",
    "other_origin": "in one actor, given another origin",
    "not_shown": "in one actor, but the known times show no move",
}


def evaluate_migrations(
    ctx: typer.Context,
    world: Annotated[Path, typer.Argument(metavar="WORLD", help="The folder that `graphmatch simulate` wrote.")],
    *,
    json: Annotated[bool, typer.Option("--json", help="All of it, as one JSON object on one line.")] = False,
) -> None:
    """Hold the workspace's migrations against the truth of the invented world that it was made of.

    Example: `graphmatch simulate w`, `graphmatch -w ws init`, `graphmatch -w ws run w`, then
    `graphmatch -w ws evaluate-migrations w --json`

    Right is a migration whose two accounts are those of a true move of somebody who does wrong. Recall is over the
    moves that reports can show: both accounts are in the exports, and a platform acted on the origin; `strict` counts
    every move.
    The kind is judged where one is named: `unknown_order` is no kind, and counts as wrong in `kind_accuracy_all` alone.
    """
    truth = {name: _truth(world, name) for name in TRUTH}
    found = _measured(ctx, truth)
    if json:
        typer.echo(to_json(found))
    else:
        _show(found)


def _truth(world: Path, name: str) -> pl.DataFrame:
    path = world / "truth" / f"{name}.parquet"
    if not path.is_file():
        raise UsageError(
            f"{world} holds no truth/{name}.parquet: this measures against an invented world, whose truth is known; "
            f"make one: graphmatch simulate {world} (into a new folder), then graphmatch run {world}"
        )
    table = read_table(path)
    if missing := [column for column in TRUTH[name] if column not in table.columns]:
        raise UsageError(f"{path} has no column {', '.join(missing)}: it is not what graphmatch simulate writes")
    return table


def _measured(ctx: typer.Context, truth: dict[str, pl.DataFrame]) -> dict[str, Any]:
    from graphmatch.evaluation import missed, misses, move_measures, truth_of

    names = ("accounts", "enforcements", "contents", "migrations", "actors", "matches", "sightings")
    with state_of(ctx).opened(read_only=True) as store:
        tables = {name: store.read(name) for name in names}
    if tables["accounts"].join(truth["accounts"], on="account_id", how="semi").is_empty():
        raise NothingToDo("no account of this world is in the workspace; read it first: graphmatch run WORLD")
    known = truth_of(
        truth["migrations"], truth["accounts"], tables["accounts"], tables["enforcements"], tables["contents"]
    )
    found = tables["migrations"]
    return {**move_measures(found, known), "misses": misses(missed(found, known), tables)}


def _show(found: dict[str, Any]) -> None:
    counts = found["counts"]
    typer.echo(
        f"{counts['found']:,} migrations found, {counts['right']:,} right; {counts['visible']:,} visible true moves"
    )
    for head, row in (("visible moves", found), ("every true move", found["strict"])):
        told = ", ".join(f"{name} {_number(row[name])}" for name in ("precision", "recall", "f1"))
        typer.echo(f"  {head}: {told}")
    typer.echo(
        f"  the kind, where one is named: {_number(found['kind_accuracy'])} right"
        f" (with unknown_order as wrong: {_number(found['kind_accuracy_all'])})"
    )
    mean, median = _number(found["time_error_days"]), _number(found["time_error_median_days"])
    covered = _number(found["time_covered"])
    typer.echo(f"  time of arrival: {mean} days off on average, {median} in the middle; within the interval {covered}")
    typer.echo(
        f"  false displaced or returned: {found['false_displaced']:,}, "
        f"on lawful accounts {found['false_displaced_lawful']:,}; "
        f"migrations that join two persons: {counts['two_persons']:,}"
    )
    _table("Kinds", found["by_kind"])
    _table("What the operator kept of the account before", found["by_trace"])
    _table("Standing", found["by_standing"])
    typer.echo("Visible moves that were missed")
    for reason, what in WHY.items():
        typer.echo(f"  {found['misses'][reason]:>6,}  {what}")


def _table(title: str, rows: dict[str, dict[str, Any]]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(title=title, title_justify="left", header_style="bold", box=None, padding=(0, 1, 0, 0))
    table.add_column("")
    for head in next(iter(rows.values()), {}):
        table.add_column(head.replace("_", " "), justify="right")
    for name, row in rows.items():
        table.add_row(name, *(_number(value) for value in row.values()))
    if rows:
        Console().print(table)


def _number(value: float | None) -> str:
    if value is None:
        return MISSING
    return f"{value:.3f}" if isinstance(value, float) else f"{value:,}"
