"""``graphmatch simulate``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from graphmatch.cli.output import to_json
from graphmatch.cli.state import state_of


def simulate(
    ctx: typer.Context,
    out: Annotated[Path, typer.Argument(metavar="OUT", help="A folder to write the world into.")],
    *,
    accounts: Annotated[int, typer.Option(min=100, help="How many accounts the world has.")] = 300,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same world, byte for byte.")] = 0,
    difficulty: Annotated[
        str, typer.Option(help="easy, middle or hard: how operators hide, how many look alike, how much is dated.")
    ] = "middle",
) -> None:
    """Write an invented election as native exports of several platforms, and the truth under OUT/truth.

    Example: `graphmatch simulate world --accounts 1000 --seed 7`, then `graphmatch run world`

    Nobody in it exists. In an easy world most evaders keep their handle, contact or machine; in a hard one every fifth
    leaves nothing, few accounts are dated, and look-alikes are twice as many. `run` reads the exports and ignores the
    truth.
    """
    from dataclasses import asdict

    from graphmatch.simulate import write_world

    summary = write_world(out, accounts=accounts, seed=seed, difficulty=difficulty)
    state_of(ctx).say(f"an invented world in {out}; next: graphmatch run {out}")
    typer.echo(to_json(asdict(summary)))
