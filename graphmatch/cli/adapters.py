"""``graphmatch adapters``: what can be read, and how to read more."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from graphmatch.cli.output import Format, FormatOption, JsonOption, chosen, emit
from graphmatch.cli.state import state_of
from graphmatch.errors import RejectedTable

if TYPE_CHECKING:
    from graphmatch.adapter import SourceCard

#: What a person looks for in an adapter, and the word of its card that says so.
CARRIES = {
    "reports": "reports",
    "reporter": "reporters",
    "target": "targets",
    "enforcement": "enforcements",
    "contact": "contacts",
    "link_claims": "link_claims",
}

NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="One adapter.")]

adapters = typer.Typer(context_settings={"help_option_names": ["-h", "--help"]})


@adapters.callback(invoke_without_command=True)
def _adapters(ctx: typer.Context, *, json: JsonOption = False, format: FormatOption = None) -> None:
    """List the exports that can be read, and what each carries; look into one, check one, or begin a new one.

    Example: `graphmatch adapters` · `graphmatch adapters show mastodon` · `graphmatch adapters new myforum`
    """
    if ctx.invoked_subcommand is not None:
        return
    import polars as pl

    from graphmatch.adapter import card_of, load_all

    form = chosen(json, format)
    rows = [_line(adapter.name, card_of(adapter)) for adapter in load_all()]
    shown = ["adapter", "reads", "holds"] if form is Format.TABLE else None
    emit(pl.DataFrame(rows), form, columns=shown, title="Adapters")


def _line(name: str, card: SourceCard) -> dict[str, object]:
    carried = {what: word in card.carries for what, word in CARRIES.items()}
    only = " (evaluation only)" if card.evaluation and card.evaluation == set(card.records) else ""
    return {
        "adapter": name,
        "reads": card.title + only,
        "holds": [what for what, has in carried.items() if has],
        **carried,
        "carries": card.carries,
        "records": list(card.records),
    }


@adapters.command()
def show(ctx: typer.Context, name: NameArgument, *, json: JsonOption = False, format: FormatOption = None) -> None:
    """Show the fields that one adapter reads, and those that it ignores and why.

    Example: `graphmatch adapters show mastodon`
    """
    import polars as pl

    from graphmatch.adapter import card_of, load

    state, card = state_of(ctx), card_of(load(name))
    state.say(card.title)
    for record, what in card.records.items():
        least = ", ".join(f"{n:g} {table}" for table, n in card.harvest.get(record, {}).items())
        expected = f"; each gives at least {least}" if least else ""
        kept_apart = "; for evaluation only" if record in card.evaluation else ""
        state.say(f"  {record}: {what}{expected}{kept_apart}")
    fields = pl.DataFrame({"field": list(card.fields), "treatment": list(card.fields.values())})
    emit(fields, chosen(json, format), title=name)


@adapters.command()
def new(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="Lower-case letters, digits and underscores.")],
    *,
    into: Annotated[Path, typer.Option(metavar="DIR", help="Where to put the folder.")] = Path(),
) -> None:
    """Lay out a package with an adapter that works, to be changed into yours: sample, golden rows and tests included.

    Example: `graphmatch adapters new myforum && pip install -e graphmatch-myforum && graphmatch adapters check myforum`
    """
    from graphmatch.scaffold import lay_out

    state = state_of(ctx)
    made = lay_out(name, into)
    for path in made:
        typer.echo(path)
    folder = made[0].parent
    state.say(
        f"next: pip install -e {folder}; graphmatch adapters check {name}; then change {folder.name}'s "
        f"adapter.py, source.toml and sample.jsonl into your platform's, and run check --update-golden"
    )


@adapters.command()
def check(
    ctx: typer.Context,
    name: NameArgument,
    *,
    update_golden: Annotated[
        bool,
        typer.Option("--update-golden", help="Write golden.jsonl anew from the samples; then read it."),
    ] = False,
    json: JsonOption = False,
    format: FormatOption = None,
) -> None:
    """Put one adapter through the standard tests: samples, golden rows, contracts, contact values, spoilt records.

    Example: `graphmatch adapters check myforum`
    """
    import polars as pl

    from graphmatch.adapter import load
    from graphmatch.conformance import findings

    found = findings(load(name), update_golden=update_golden)
    rows = [{"test": one.test, "passed": not one.problem, "problem": one.problem} for one in found]
    emit(pl.DataFrame(rows, schema=["test", "passed", "problem"]), chosen(json, format), title=name)
    failed = sum(bool(one.problem) for one in found)
    if failed:
        raise RejectedTable(f"{failed} of {len(found)} standard tests failed for the adapter {name!r}")
    state_of(ctx).say(f"{len(found)} standard tests passed")
