"""What a run found, for a person or as one JSON object."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from graphmatch.cli.output import printable, to_json
from graphmatch.model import MigrationKind, Standing

if TYPE_CHECKING:
    import polars as pl

    from graphmatch.link import Model
    from graphmatch.pipeline import Line

TOP = 3
#: Above it more digits would say more than the model knows.
SURE = 0.99


def summarise(line: Line, *, as_json: bool) -> None:
    """Print the summary of what the store holds."""
    found = collect(line)
    if as_json:
        typer.echo(to_json(found))
        return
    counts = found["counts"]
    typer.echo(
        f"\n{counts['accounts']:,} accounts · {counts['reports']:,} reports · "
        f"{counts['enforcements']:,} enforcements · "
        f"{counts['actors']:,} suspected actors · {counts['communities']:,} communities · "
        f"{counts['migrations']:,} suspected migrations"
    )
    _print_migrations(found["top_migrations"])
    _print_flows(found["flows"])
    typer.echo("\nFiles")
    for what, where in found["files"].items():
        typer.echo(f"  {what:<12} {where}")
    typer.echo("\nSuspected, not proven: a lead for an analyst. Nothing leaves before two of them have confirmed it.")


def collect(line: Line) -> dict[str, Any]:
    """Gather the counts, the most probable migrations, the flows and where the files lie."""
    from graphmatch.migration import flows
    from graphmatch.pipeline import weights

    migrations = line.store.read("migrations")
    matches, model = line.store.read("matches"), weights(line.workspace)
    top = most_probable(migrations).to_dicts()
    return {
        "counts": line.store.counts(),
        "top_migrations": [{**move, "evidence": _evidence(matches, model, move)} for move in top],
        "flows": flows(migrations).to_dicts(),
        "files": {
            "workspace": str(line.workspace.root),
            "graph": line.settings.store or line.workspace.store_url,
            "raw files": str(line.workspace.home / "archive"),
            "quarantine": str(line.workspace.home / "quarantine.ndjson"),
        },
    }


def _evidence(matches: pl.DataFrame, model: Model, move: dict[str, Any]) -> str:
    """Say in one line why the two accounts of a move are thought to have one operator."""
    import polars as pl

    from graphmatch.link.explain import reasons

    left, right = sorted((move["origin_account_id"], move["destination_account_id"]))
    match = matches.filter((pl.col("left") == left) & (pl.col("right") == right))
    if match.is_empty():
        return "linked through other accounts of the same suspected actor"
    return "; ".join(reasons(match.row(0, named=True), model))


def most_probable(migrations: pl.DataFrame, top: int = TOP) -> pl.DataFrame:
    """Pick the best moves between platforms, one for each actor."""
    import polars as pl

    moves = migrations.filter(
        (pl.col("origin_platform") != pl.col("destination_platform")) & (pl.col("kind") != "multi_homed")
    )
    return best_first(moves).unique("actor_id", keep="first", maintain_order=True).head(top)


def best_first(migrations: pl.DataFrame) -> pl.DataFrame:
    """Order migrations for a reader: best supported first, then those whose order in time is known, then probable."""
    import polars as pl

    support = pl.col("standing").replace_strict({word.value: rank for rank, word in enumerate(Standing)})
    known = pl.col("kind") != MigrationKind.UNKNOWN_ORDER.value
    return migrations.sort(support, known, "match_probability", "migration_id", descending=[True, True, True, False])


def _print_migrations(top: list[dict[str, Any]]) -> None:
    typer.echo("\nMost probable migrations")
    if not top:
        typer.echo("  none")
    for number, move in enumerate(top, 1):
        typer.echo(
            printable(
                f"  {number}. {move['origin_account_id']} → {move['destination_account_id']}"
                f"  ({move['kind']}, probability {_rounded(move['match_probability'])}, {move['standing']})"
            )
        )
        for reason in (*move["reasons"], move["evidence"]):
            typer.echo(f"     · {printable(reason)}")


def _rounded(probability: float) -> str:
    """Write a probability for a person: never as certainty."""
    return "over 0.99" if probability > SURE else f"{probability:.2f}"


def _print_flows(flows: list[dict[str, Any]]) -> None:
    typer.echo("\nFlows, origin → destination (suspected migrations)")
    if not flows:
        typer.echo("  none")
        return
    origins = sorted({flow["origin_platform"] for flow in flows})
    destinations = sorted({flow["destination_platform"] for flow in flows})
    count = {(flow["origin_platform"], flow["destination_platform"]): flow["n"] for flow in flows}
    width = max(len(name) for name in (*origins, *destinations)) + 2
    typer.echo("  " + "".ljust(width) + "".join(name.rjust(width) for name in destinations))
    for origin in origins:
        cells = "".join(str(count.get((origin, name), "·")).rjust(width) for name in destinations)
        typer.echo("  " + origin.ljust(width) + cells)
