"""``graphmatch train``."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from graphmatch.cli.output import JsonOption, to_json
from graphmatch.cli.state import state_of
from graphmatch.errors import UsageError


def train(
    ctx: typer.Context,
    *,
    forget: Annotated[
        bool, typer.Option("--forget", help="Go back to the shipped weights, whatever judgements taught.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would change; keep nothing.")] = False,
    json: JsonOption = False,
) -> None:
    """Learn from this workspace's judgements how much each family of evidence is worth here.

    Example: `graphmatch train`, then `graphmatch run` or `graphmatch link` to score the matches anew

    One number per evidence family, drawn towards 1: a few dozen judgements can't do more. Judged pairs are those that
    the tool proposed, so they say nothing of what it never proposed. Nothing is learned from pairs that analysts
    disagree about.
    """
    state = state_of(ctx)
    if forget and dry_run:
        raise UsageError("--forget and --dry-run don't go together")
    with state.line() as line:
        if forget:
            line.workspace.forget_trained()
            state.say("back to the shipped weights; score the matches anew: graphmatch link")
            return
        refitted = line.train(keep=not dry_run)
    told: dict[str, Any] = {
        "judged": refitted.judged,
        "positive": refitted.positive,
        "log_loss_before": round(refitted.loss_before, 4),
        "log_loss_after": round(refitted.loss_after, 4),
        "scales": dict(refitted.model.scales),
        "kept": not dry_run,
    }
    if json:
        typer.echo(to_json(told))
        return
    typer.echo(f"{told['judged']} judged pairs, {told['positive']} of them positive")
    typer.echo(
        f"log loss on them, bits a pair: {told['log_loss_before']:.3f} before, {told['log_loss_after']:.3f} after "
        "(each pair judged by weights that had not seen it)"
    )
    for family, scale in told["scales"].items():
        typer.echo(f"  {family.replace('_', ' '):<18} counts {scale:.2f} times")
    if refitted.loss_after >= refitted.loss_before:
        typer.echo("these judgements do not make the weights better; think about --forget")
    if not dry_run:
        state.say("kept; score the matches anew: graphmatch link")
