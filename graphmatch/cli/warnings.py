"""``graphmatch warnings``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from graphmatch.cli.output import Format, FormatOption, HtmlOption, JsonOption, chosen, emit, printable, write_page
from graphmatch.cli.state import State, state_of

if TYPE_CHECKING:
    import polars as pl

    from graphmatch.pipeline import Line

#: Warnings whose reasons are written out below the table.
MOST_TOLD = 10
COLUMNS = ["priority", "match_probability", "recency", "harm", "standing", "account_id", "enforced_account_id"]


def warnings(
    ctx: typer.Context,
    *,
    half_life_days: Annotated[
        float | None, typer.Option(min=0.1, help="Days after which an enforcement counts half. Default: 30.")
    ] = None,
    least: Annotated[
        float | None,
        typer.Option(min=0.05, max=1.0, help="Let matches of this probability tie too, outside of suspected actors."),
    ] = None,
    html: HtmlOption = None,
    json: JsonOption = False,
    format: FormatOption = None,
) -> None:
    """Early warning: accounts that nobody reported yet, tied to an account that another platform acted against.

    Example: `graphmatch warnings --html warnings.html`

    Ranked by match probability x recency of the enforcement x harm of what was reported: an order in which to look, and
    no probability. A warning is only ever suggested: it is not kept, and it is in no release.
    """
    state = state_of(ctx)
    form = chosen(json, format)
    found = _found(state, half_life_days, least)
    if html is not None:
        from graphmatch.charts.warnings import warnings_page

        write_page(html, warnings_page(found.to_dicts()))
        state.say(f"drawn in {html}: it names accounts that nobody has accused, so keep it as you keep the workspace")
    emit(found, form, columns=COLUMNS, title="Early warnings, all of them suggested")
    if form is Format.TABLE:
        _tell(found)


def _found(state: State, half_life_days: float | None, least: float | None) -> pl.DataFrame:
    from graphmatch.early_warning import HALF_LIFE_DAYS
    from graphmatch.pipeline import Line

    settings = state.settings()
    with state.opened(settings, read_only=True) as store:
        line = Line(state.workspace(), settings, store)
        found = line.warnings(HALF_LIFE_DAYS if half_life_days is None else half_life_days, least)
        _narrate(state, line, found.height)
    return found


def _narrate(state: State, line: Line, count: int) -> None:
    """Say what a reader of an empty or short list has to know."""
    from graphmatch.early_warning import enforced, undated, unreported

    tables = {name: line.store.read(name) for name in ("accounts", "enforcements", "reports", "contents")}
    if missing := undated(tables["enforcements"]):
        state.say(f"{missing:,} sanctions have no time, so that no warning can begin at them")
    begins = enforced(**tables).height
    there = unreported(**tables, targets=line.store.read("targets")).height
    state.say(
        f"{count:,} warnings: {there:,} accounts that nobody reported and no platform decided about, beside {begins:,} "
        "that were acted against"
    )
    if not begins:
        state.say("a warning begins at an account that a platform acted against, with a report past the debate gate")
    elif not there:
        state.say("whom to warn of are accounts that were not reported, such as the authors of posts that you collect")
    elif tables["accounts"]["platform"].n_unique() == 1:
        state.say("all accounts are of one platform; a warning crosses from one place to another")


def _tell(found: pl.DataFrame) -> None:
    for number, row in enumerate(found.head(MOST_TOLD).iter_rows(named=True), 1):
        typer.echo(printable(f"{number}. {row['account_id']}"))
        for reason in row["reasons"]:
            typer.echo(f"   · {printable(reason)}")
    if found.height:
        typer.echo("\nSuggested, and no more: nobody has said anything about these accounts. Look before you report.")
