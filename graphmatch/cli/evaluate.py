"""``graphmatch evaluate``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from graphmatch.cli.account_tables import read_table
from graphmatch.cli.output import MISSING, printable, to_json
from graphmatch.cli.state import State, state_of

if TYPE_CHECKING:
    import polars as pl

#: Measures that the table shows, and their heads.
SHOWN = {
    "accounts": "accounts",
    "true_pairs": "true",
    "precision": "P",
    "recall": "R",
    "f1": "F1",
    "best_f1": "best",
    "average_precision": "AP",
    "b_cubed_f1": "B³",
    "blocking_recall": "block",
    "brier": "Brier",
    "expected_calibration_error": "ECE",
}
#: Pairs below are not stored by `graphmatch link`, so actors are resolved without them.
STORED = 0.05
KINDS = {
    "nothing_observed": "an account without handle and name",
    "nothing_in_common": "nothing in common",
    "not_proposed": "something in common, no rule proposed them",
    "scored_low": "compared, too little evidence",
    "not_looked_at": "of persons with very many accounts",
    "same_handle": "the same folded handle",
    "same_name": "the same words in the names",
    "name_in_handle": "one's name stands in the other's handle",
    "word_in_common": "a name word in common",
    "similar_handle": "handles that are very alike",
    "other": "something else",
}
#: As wide as the table is, where no terminal says how wide it may be.
WIDTH = 100


def evaluate(
    ctx: typer.Context,
    accounts: Annotated[Path, typer.Argument(metavar="A", help="Accounts (.parquet, .csv, .ndjson).")],
    truth: Annotated[Path, typer.Argument(metavar="TRUTH", help="account_id, person_id (.parquet, .csv, .ndjson).")],
    *,
    matches: Annotated[
        Path | None,
        typer.Option(help="Judge these (left, right, match_probability) instead of linking the accounts."),
    ] = None,
    least: Annotated[
        int, typer.Option(min=1, help="Leave out a set's platforms that have fewer accounts than this.")
    ] = 10,
    json: Annotated[bool, typer.Option("--json", help="All of it, as one JSON object.")] = False,
) -> None:
    """Measure links against a truth: how right they are, how sure they say they are, and whom errors fall on.

    Example: `graphmatch evaluate accounts.parquet truth.parquet` · `graphmatch evaluate A T --matches M.parquet --json`

    A needs account_id and platform, with handle, display_name and more where they stand; each value of `dataset` is a
    population of its own. Pairs on two platforms count; a link is a pair of probability one half or more. B³ is of the
    groups that links join, block the share of true pairs that was compared at all: with --matches, that is in it.
    """
    state = state_of(ctx)
    known, people = read_table(accounts, "A"), read_table(truth, "TRUTH")
    given = read_table(matches, "--matches") if matches is not None else None
    found = _evaluated(state, known, people, given, least)
    if json:
        typer.echo(to_json(found))
    else:
        _show(found)


def _evaluated(
    state: State, accounts: pl.DataFrame, truth: pl.DataFrame, matches: pl.DataFrame | None, least: int
) -> dict[str, Any]:
    from graphmatch import evaluation

    if matches is None:
        # A table or truth that can't be judged is refused before the work, not after it.
        evaluation.judge(_none(), accounts, truth, least=least)
        matches = _linked(state, accounts)
    judged = evaluation.judge(matches, accounts, truth, least=least)
    slices = evaluation.slices(judged, accounts)
    return {
        **evaluation.measures(judged, _actors(matches, accounts)),
        "slices": slices.to_dicts(),
        "unfair": evaluation.unfair(slices),
        "errors": evaluation.errors(judged, accounts).to_dicts(),
    }


def _linked(state: State, accounts: pl.DataFrame) -> pl.DataFrame:
    from graphmatch.link import link

    if accounts.is_empty():
        return _none()
    # At probability 0 every candidate comes back: recall of blocking and calibration are measured on all of them.
    result = link(accounts, same_platform=False, min_probability=0.0)
    state.say(f"{result.candidates:,} candidate pairs")
    return result.matches


def _none() -> pl.DataFrame:
    from graphmatch import tables

    return tables.empty("matches")


def _actors(matches: pl.DataFrame, accounts: pl.DataFrame) -> pl.DataFrame | None:
    """Resolve the matches as the tool does by default; ``None`` if they are not a whole table ``matches``."""
    import polars as pl

    from graphmatch import tables

    if not set(tables.dtypes("matches")) <= set(matches.columns):
        return None
    from graphmatch.resolve import resolve

    stored = tables.require("matches", matches).filter(pl.col("match_probability") >= STORED)
    actors = resolve(stored, accounts=accounts).actors
    return actors.select(pl.col("account_ids").alias("account_id"), pl.col("actor_id").alias("cluster")).explode(
        "account_id"
    )


def _show(found: dict[str, Any]) -> None:
    _table(found)
    _sure(found)
    _counts(found)
    if found["unfair"]:
        typer.echo("\nSlices with over twice the average rate of false links:")
        for sentence in found["unfair"]:
            typer.echo(f"  {printable(sentence)}")
    else:
        typer.echo("\nNo slice has over twice the average rate of false links.")
    for error, head in (("missed", "True pairs that are missed"), ("false", "Links that are false")):
        _errors([row for row in found["errors"] if row["error"] == error], head)


def _table(found: dict[str, Any]) -> None:
    import sys

    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(
        title="Links held against the truth", title_justify="left", header_style="bold", box=None, padding=(0, 1, 0, 0)
    )
    table.add_column("set", overflow="fold")
    for head in SHOWN.values():
        table.add_column(head, justify="right", no_wrap=True)
    rows = [(Text(printable(name)), row) for name, row in found["sets"].items()]
    rows += [(Text(name, style="bold"), found[name]) for name in ("macro", "pooled")]
    for name, row in rows:
        table.add_row(name, *[_number(row.get(measure)) for measure in SHOWN])
    Console(width=None if sys.stdout.isatty() else WIDTH).print(table)


def _sure(found: dict[str, Any]) -> None:
    pooled, macro = found["pooled"], found["macro"]
    for level in ("0.9", "0.99"):
        typer.echo(
            f"at probability ≥ {level}: precision {_number(macro[f'precision_at_{level}'])} macro, "
            f"{_number(pooled[f'precision_at_{level}'])} pooled, {pooled[f'pairs_at_{level}']:,} pairs"
        )
    if "actors_b_cubed_f1" in macro:
        typer.echo(f"actors as resolved: B³ {_number(macro['actors_b_cubed_f1'])} macro")
    typer.echo("\nprobability     pairs   said   true")
    for row in pooled["reliability"]:
        if row["n"]:
            said = f"{row['low']:.2f} to {row['high']:.2f}  {row['n']:>7,}"
            typer.echo(f"{said}  {_number(row['mean_probability'])}  {_number(row['observed_share'])}")


def _counts(found: dict[str, Any]) -> None:
    told = {
        "unknown_accounts": "accounts of the truth are not in the accounts table",
        "unlabelled_accounts": "accounts are not in the truth; pairs with them are not judged",
        "left_out_accounts": "accounts are on platforms too small to count; see --least",
        "unknown_pairs": "matches name an account that is not in the accounts table",
    }
    for name, what in told.items():
        if found[name]:
            typer.echo(f"{found[name]:,} {what}")


def _errors(rows: list[dict[str, Any]], head: str) -> None:
    every = sum(row["pairs"] for row in rows)
    typer.echo(f"\n{head}: {every:,}")
    for kind, what in KINDS.items():
        count = sum(row["pairs"] for row in rows if row["kind"] == kind)
        if count:
            typer.echo(f"  {count:>7,}  {count / every:>4.0%}  {what}")


def _number(value: float | None) -> str:
    if value is None:
        return MISSING
    return f"{value:.3f}" if isinstance(value, float) else f"{value:,}"
