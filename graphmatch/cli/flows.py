"""``graphmatch flows``."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from graphmatch.cli.output import Format, FormatOption, HtmlOption, JsonOption, chosen, emit, write_page
from graphmatch.cli.state import State, state_of

if TYPE_CHECKING:
    import polars as pl

    from graphmatch.settings import Settings


class By(StrEnum):
    """What flows may be split by."""

    CATEGORY = "category"
    TARGET_GROUP = "target_group"
    WEEK = "week"


def flows(
    ctx: typer.Context,
    *,
    by: Annotated[By | None, typer.Option(help="Split each flow.")] = None,
    coverage: Annotated[
        bool, typer.Option("--coverage", help="Only say of which platforms and weeks there are data at all.")
    ] = False,
    window_days: Annotated[
        int | None, typer.Option(min=1, help="Days after an enforcement in which a new account counts as a move.")
    ] = None,
    flow_days: Annotated[
        int | None, typer.Option(min=1, help="Days after a removal within which moves are tested against chance.")
    ] = None,
    permutations: Annotated[
        int | None, typer.Option(min=99, help="How often enforcement times are dealt out anew.")
    ] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Seed of the permutations.")] = None,
    html: HtmlOption = None,
    json: JsonOption = False,
    format: FormatOption = None,
) -> None:
    """Add migrations up by platform, and say which flows chance explains.

    Example: `graphmatch flows --html flows.html`

    `l/vl/ac` counts the moves that are likely, very likely and almost certain. `tested` counts the destinations that
    were made or first seen soon after a removal, between accounts that are linked without the evidence of times;
    `expected` is how many there are when enforcement times are dealt out anew within their platform. A flow that is no
    more than chance gives, or with too few accounts to tell, is shown as such.
    """
    state = state_of(ctx)
    form = chosen(json, format)
    with state.line(window_days=window_days, flow_days=flow_days, permutations=permutations, seed=seed) as line:
        covered = line.coverage()
        if coverage:
            emit(covered, form, title="Coverage")
            return
        from graphmatch.migration.flows import Facet

        found = line.flows(Facet(by.value) if by else None)
        settings, enforcements = line.settings, line.store.counts()["enforcements"]
    told = _told(found, covered, enforcements, settings)
    emit(_for_a_reader(found) if form is Format.TABLE else found, form, title="Flows of suspected migrations")
    for sentence in told:
        state.say(sentence)
    if html is not None:
        _draw(state, found, covered, told, html)


def _draw(state: State, found: pl.DataFrame, covered: pl.DataFrame, told: list[str], path: Path) -> None:
    from graphmatch.charts import flows_page

    write_page(path, flows_page(found.to_dicts(), covered.to_dicts(), told))
    state.say(f"drawn in {path}")


def _for_a_reader(found: pl.DataFrame) -> pl.DataFrame:
    """Choose what fits a terminal: flows with a move, and how probable their moves are (likely / very / certain)."""
    import polars as pl

    bands = ["likely", "very_likely", "almost_certain"]
    return found.filter(pl.col("n") > 0).select(
        pl.concat_str("origin_platform", "destination_platform", separator=" → ").alias("flow"),
        *([pl.col("value")] if "value" in found.columns else []),
        "n",
        pl.concat_str(bands, separator="/").alias("l/vl/ac"),
        "tested",
        pl.col("expected").round(1),
        pl.col("q_value").alias("q"),
        pl.col("verdict").str.replace("_", " "),
    )


def _told(found: pl.DataFrame, covered: pl.DataFrame, enforcements: int, settings: Settings) -> list[str]:
    """Say what the table can't: what was tested, and where there are no data."""
    import polars as pl

    tested = found.drop_nulls("q_value")
    unseen = tested.filter(pl.col("n") == 0).height
    said = []
    if not enforcements:
        said.append("No enforcement is known here, so no flow can be tested against chance.")
    elif tested.is_empty():
        said.append("No flow has accounts enough to be tested against chance.")
    else:
        also = f" ({unseen} of them without any)" if unseen else ""
        days = min(settings.flow_days, settings.window_days)
        said.append(
            f"Tested against {settings.permutations:,} permutations of enforcement times: destinations that were "
            f"made or first seen within {days} days after a removal, in {tested.height} flows{also}."
        )
        if tested.height / (settings.permutations + 1) > 0.05:
            said.append("With so many flows a single one can't be told from chance; give more --permutations.")
    silent = covered.filter(pl.col("state") == "no data").group_by("platform", maintain_order=True).len("weeks")
    weeks = covered["week"].n_unique()
    if silent.height:
        listed = ", ".join(f"{name} in {count} of {weeks} weeks" for name, count in silent.iter_rows())
        said.append(f"No data, which is not calm: {listed}.")
    undated = covered.filter(pl.col("undated") > 0).unique("platform", maintain_order=True)
    if undated.height:
        listed = ", ".join(f"{name} {count:,}" for name, count in undated.select("platform", "undated").iter_rows())
        said.append(f"Reports and enforcements without a time, which are in no week: {listed}.")
    return said
