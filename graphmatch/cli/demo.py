"""``graphmatch demo``."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Annotated

import typer

from graphmatch.cli.run import whole_line
from graphmatch.cli.state import State, state_of


def demo(
    ctx: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where to put the demo.")] = Path("graphmatch-demo"),
    *,
    accounts: Annotated[int, typer.Option(min=100, help="How many accounts the invented world has.")] = 300,
    seed: Annotated[int, typer.Option(min=0, help="Another seed, another world.")] = 3,
) -> None:
    """Write an invented election as native exports, run the whole line on it, and print what was found.

    Example: `graphmatch demo`
    """
    from graphmatch.settings import load
    from graphmatch.simulate import write_world
    from graphmatch.workspace import create

    outer = state_of(ctx)
    exports = folder / "exports"
    if (exports / "truth" / "world.json").is_file():
        shutil.rmtree(exports)  # an earlier demo's world: made again, the same for the same seed
    write_world(exports, accounts=accounts, seed=seed)
    outer.say(f"an invented election, as native exports: {exports}")
    workspace = create(folder)
    # An invented world must not get into the store that the environment names for real work.
    state = State(folder=folder, store=outer.store or workspace.store_url, quiet=outer.quiet)
    whole_line(state, [str(exports)])
    named = load(workspace.config).store
    at = f"graphmatch -w {folder}" + (f" --store {state.store}" if named else "")
    outer.say(f"\nnext: {at} migrations · {at} explain A B · {at} query")
