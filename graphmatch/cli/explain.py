"""``graphmatch explain``."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from graphmatch.cli.output import JsonOption, printable, to_json
from graphmatch.cli.state import State, state_of
from graphmatch.errors import NothingToDo, UsageError

BAR_BITS = 2  # bits per character of a drawn bar


def explain(
    ctx: typer.Context,
    account: Annotated[str, typer.Argument(metavar="A", help="An account id.")],
    other: Annotated[str, typer.Argument(metavar="B", help="The other account's id.")],
    *,
    json: JsonOption = False,
) -> None:
    """Say why two accounts were matched: one bar for each piece of evidence, adding up to the stored weight exactly.

    Example: `graphmatch explain mastodon:a.example:1 x:x:2`
    """
    if account == other:
        raise UsageError("explain takes two accounts; these are the same one")
    found = _explanation(state_of(ctx), *sorted((account, other)))
    if json:
        typer.echo(to_json(found))
        return
    typer.echo(printable(found["left"]))
    typer.echo(printable(found["right"]))
    typer.echo(f"\n{printable(found['sentence'])}\n")
    for bar in found["bars"]:
        drawn = ("+" if bar["bits"] >= 0 else "-") * round(abs(bar["bits"]) / BAR_BITS)
        typer.echo(f"  {bar['bits']:>+8.2f}  {bar['name']:<26} {printable(bar['label']):<44} {drawn}")
    typer.echo(
        f"  {found['match_weight']:>+8.2f}  = match weight in bits, probability {found['match_probability']:.4f}"
    )
    typer.echo(f"\nstanding: {found['standing']} · story: {found['story']}")
    typer.echo("Without these it would fall below one half: " + (", ".join(found["counterfactual"]) or "nothing"))
    if found["reports"]:
        typer.echo("reports on the two accounts: " + printable(", ".join(found["reports"])))


def _explanation(state: State, left: str, right: str) -> dict[str, Any]:
    import polars as pl

    from graphmatch.link.explain import counterfactual, sentence, waterfall
    from graphmatch.pipeline import weights

    with state.opened(read_only=True) as store:
        row = store.read("matches").filter((pl.col("left") == left) & (pl.col("right") == right))
        accounts = set(store.read("accounts")["account_id"])
        reports = store.read("reports").filter(pl.col("account_id").is_in([left, right]))
    if missing := [name for name in (left, right) if name not in accounts]:
        raise UsageError(f"no account has the id {missing[0]!r}")
    if row.is_empty():
        raise NothingToDo("no match is stored for these two: nothing proposed them, or they scored too low")
    match = row.row(0, named=True)
    model = weights(state.workspace())
    steps = waterfall(match, model)
    return {
        **{name: match[name] for name in ("left", "right", "match_weight", "match_probability", "standing", "story")},
        "families": match["families"],
        "rules": match["rules"],
        "sentence": sentence(match, model),
        "bars": [
            {
                "name": bar.name,
                "label": bar.label,
                "family": bar.family,
                "m": bar.m,
                "u": bar.u,
                "bits": bar.bits,
            }
            for bar in steps.bars
        ],
        "counterfactual": counterfactual(match, model=model),
        "reports": reports["report_id"].to_list()[:20],
    }
