"""``graphmatch store``: verbs that look after the graph store itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from graphmatch.cli.output import FormatOption, JsonOption, chosen, emit, to_json
from graphmatch.cli.progress import bar
from graphmatch.cli.state import State, state_of
from graphmatch.errors import UsageError

if TYPE_CHECKING:
    from graphmatch.cli.progress import FileBar
    from graphmatch.store import Store

#: Stands for the workspace's own file, in the place of a URL.
OWN = "embedded"

store = typer.Typer(no_args_is_help=True, context_settings={"help_option_names": ["-h", "--help"]})


@store.callback()
def _store() -> None:
    """Look after the graph store: prepare a server, move the graph, write a first load of millions.

    Example: `graphmatch --store neo4j://localhost:7687 store prepare`
    """


@store.command()
def prepare(
    ctx: typer.Context,
    *,
    beside_others: Annotated[
        bool,
        typer.Option("--beside-others", help="Begin the graph in a database that holds somebody else's too."),
    ] = False,
    json: JsonOption = False,
    format: FormatOption = None,
) -> None:
    """Make the schema in the store, or bring it forward, and say what is there.

    Example: `graphmatch --store neo4j://localhost:7687 store prepare`

    Every writing verb does this by itself; this one also says which server it is. A database that holds somebody
    else's graph is refused without --beside-others.
    """
    import polars as pl

    state = state_of(ctx)
    url = state.store_url()
    with state.opened_at(url, beside_others=beside_others) as opened:
        said = opened.about()
        said |= {f"rows of {table}": str(count) for table, count in opened.counts().items()}
    emit(pl.DataFrame({"what": list(said), "value": list(said.values())}), chosen(json, format), title="Store")


@store.command()
def copy(
    ctx: typer.Context,
    source: Annotated[str, typer.Argument(metavar="FROM", help=f"A store's URL, or `{OWN}`: the workspace's file.")],
    target: Annotated[str, typer.Argument(metavar="TO", help="The same; empty, or left by an interrupted copy.")],
    *,
    json: JsonOption = False,
    format: FormatOption = None,
) -> None:
    """Copy the workspace's graph from one store into another, either way, and compare the two.

    Example: `graphmatch store copy embedded neo4j://localhost:7687`

    An interrupted copy is completed by running it again. The journal, the archive and the key stay in the workspace.
    Afterwards say which store to use: `store` in graphmatch.toml, GRAPHMATCH_STORE or NEO4J_URI.
    """
    import polars as pl

    from graphmatch.intake import Ledger
    from graphmatch.store.transfer import copy as copy_graph

    state = state_of(ctx)
    if state.store is not None:
        raise UsageError("store copy takes its stores as FROM and TO, not by --store")
    froms, to = _url(state, source), _url(state, target)
    if _place(froms) == _place(to):
        raise UsageError("FROM and TO are the same store")
    with (
        state.opened_at(froms, read_only=True) as read,
        state.opened_at(to) as written,
        bar(quiet=state.quiet) as drawn,
    ):
        counts = copy_graph(read, written, _shown(drawn))
        ledger = Ledger(state.workspace().home / "files.ndjson", into=_in_ledger(state, read), observed_at=None)
        ledger.carry_over(_in_ledger(state, written))
    state.say("the two are equal, table by table")
    rows = pl.DataFrame({"table": list(counts), "rows": list(counts.values())})
    emit(rows, chosen(json, format), title=f"Copied to {to}")


@store.command(name="export-import")
def export_import(
    ctx: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A new or empty folder.")],
    *,
    json: JsonOption = False,
) -> None:
    """Write the graph as files for `neo4j-admin database import`, and print the command: for millions of rows.

    Example: `graphmatch store export-import import/`

    The command runs on the server's machine while the server is stopped. Afterwards run `graphmatch store prepare`
    on that server. The files hold accusations against people: delete them when they are loaded.
    """
    from graphmatch.store.bulk import export

    state = state_of(ctx)
    digest = state.workspace().keyring().fingerprint()
    with state.opened(read_only=True) as opened:
        written = export(opened, folder, lambda table, rows: state.say(f"{table}: {rows:,} rows"), key_digest=digest)
    if json:
        typer.echo(to_json({"folder": str(written.folder), "command": written.command, "rows": written.rows}))
        return
    state.say(f"written to {written.folder}; on the server's machine, while the server is stopped, run:")
    typer.echo(written.command)


def _url(state: State, said: str) -> str:
    from graphmatch.settings import plain_url

    if said == OWN:
        return state.workspace().store_url
    try:
        return plain_url(said)
    except ValueError as error:
        raise UsageError(str(error)) from None


def _place(url: str) -> str:
    """Give what two spellings of one store have in common."""
    from graphmatch.cli.store_login import is_server
    from graphmatch.settings import server_address

    return server_address(url) if is_server(url) else str(Path(url.rpartition("://")[2]).resolve())


def _in_ledger(state: State, opened: Store) -> str:
    """Give the name under which the ledger knows a store: the workspace's own has none."""
    return "" if opened.url == state.workspace().store_url else opened.url


def _shown(drawn: FileBar | None) -> Callable[[str, int, int], None]:
    """Draw the copying of a table as the reading of a file: rows for bytes."""

    def tell(table: str, more: int, total: int) -> None:
        if drawn is None:
            return
        if not more:
            drawn.finish()
            drawn.start(table, total)
        drawn.advance(more, more)

    return tell
