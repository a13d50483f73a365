"""The command line: one file a verb. Data on stdout, narration and progress on stderr.

Exit codes: 0 done · 1 unexpected · 2 usage or settings · 3 done, but some records or files could not be read ·
4 store or disk · 5 nothing to do yet · 6 journal broken · 7 too little memory · 130 interrupted.

Nothing heavy is imported before a verb runs, so that ``--help`` answers at once.
"""

from __future__ import annotations

import os
import signal
import sys
import traceback
from importlib import import_module
from pathlib import Path
from types import FrameType
from typing import Annotated, Never

import typer

from graphmatch import __version__
from graphmatch.cli.output import printable
from graphmatch.cli.state import State
from graphmatch.errors import GraphmatchError, OutOfMemory, StoreError

INTERRUPTED = 130

app = typer.Typer(
    name="graphmatch",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    context_settings={"help_option_names": ["-h", "--help"]},
)

#: Verb → help panel. Each lives in the module of its name (``_`` for ``-``): the function of its name, or a group of
#: verbs.
VERBS = {
    "demo": "Start here",
    "init": "Start here",
    "run": "The whole line",
    "ingest": "Step by step",
    "link": "Step by step",
    "resolve": "Step by step",
    "communities": "Step by step",
    "migrations": "Step by step",
    "flows": "Measure",
    "lag": "Measure",
    "reporters": "Step by step",
    "warnings": "Look and decide",
    "explain": "Look and decide",
    "judge": "Look and decide",
    "train": "Look and decide",
    "query": "Look and decide",
    "evaluate": "Measure",
    "evaluate-migrations": "Measure",
    "backtest": "Measure",
    "release": "Share",
    "store": "The store",
    "status": "About",
    "doctor": "About",
    "adapters": "About",
    "simulate": "About",
}


def _version(wanted: bool) -> None:  # noqa: FBT001 - the signature is Typer's
    if wanted:
        typer.echo(f"graphmatch {__version__}")
        raise typer.Exit


@app.callback()
def _main(
    ctx: typer.Context,
    workspace: Annotated[
        Path | None,
        typer.Option(
            "-w",
            "--workspace",
            metavar="DIR",
            help="The workspace. Default: the nearest graphmatch.toml upward.",
        ),
    ] = None,
    store: Annotated[
        str | None,
        typer.Option(
            metavar="URL", help="The graph store: neo4j://host:7687, or a file. Default: see `graphmatch doctor`."
        ),
    ] = None,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="No narration and no progress on stderr.")] = False,
    _show_version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Find where abusive accounts move between platforms, with reasons, review and restraint.

    Example: `graphmatch demo` · or with your own exports: `graphmatch init`, then `graphmatch run exports/`

    It suggests; people decide. It never says that two accounts *are* one person, never looks anybody up, and shares
    only what two analysts have confirmed.
    """
    ctx.obj = State(folder=workspace, store=store, quiet=quiet)


def _register() -> None:
    for verb, panel in VERBS.items():
        name = verb.replace("-", "_")
        found = getattr(import_module(f"graphmatch.cli.{name}"), name)
        if isinstance(found, typer.Typer):
            app.add_typer(found, name=verb, rich_help_panel=panel)
        else:
            app.command(name=verb, rich_help_panel=panel)(found)


_register()


def _interrupt(_signal: int, _frame: FrameType | None) -> Never:
    typer.echo("interrupted; what was written is whole, run the same command again to go on", err=True)
    raise SystemExit(INTERRUPTED)


def main() -> None:
    """Run the command line, turning graphmatch's own errors into one clear line and an exit code."""
    signal.signal(signal.SIGINT, _interrupt)
    os.umask(0o077)  # what the tool writes is its owner's alone: accusations against people are in it
    try:
        app()
        if sys.stdout is not None:  # None: stdout is closed
            sys.stdout.flush()
    except GraphmatchError as error:
        _say(str(error))
        sys.exit(error.exit_code)
    except MemoryError:
        _say("out of memory; what was written is whole; lower the settings cap or memory_gib, or link fewer accounts")
        sys.exit(OutOfMemory.exit_code)
    except BrokenPipeError:
        # The reader (head, less) has seen enough. Stdout must not be flushed into the closed pipe at exit.
        _abandon_stdout()
        sys.exit(0)
    except OSError as error:
        where = f"{os.fsdecode(error.filename)}: " if isinstance(error.filename, str | bytes) else ""
        _say(f"{where}{error.strerror or type(error).__name__}; what was written is whole, mend this and run it again")
        _abandon_stdout()
        sys.exit(StoreError.exit_code)
    except Exception as error:  # noqa: BLE001 - whatever it is, its message may quote the data: it must not be shown
        _say(f"unexpected {type(error).__name__}; a fault of graphmatch's own, please report these places:")
        for frame in traceback.extract_tb(error.__traceback__):
            if "graphmatch" in frame.filename:
                _say(f"  {Path(frame.filename).name}:{frame.lineno} in {frame.name}")
        sys.exit(GraphmatchError.exit_code)


def _say(text: str) -> None:
    """Say an error on stderr, one line for each of its lines. Names of files may hold what a terminal obeys."""
    for line in f"graphmatch: {text}".split("\n"):
        typer.echo(printable(line), err=True)


def _abandon_stdout() -> None:
    if sys.stdout is not None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
