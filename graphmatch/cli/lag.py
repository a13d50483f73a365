"""``graphmatch lag``."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from graphmatch.cli.output import Format, FormatOption, HtmlOption, JsonOption, chosen, emit, write_page
from graphmatch.cli.state import State, state_of
from graphmatch.errors import UsageError

if TYPE_CHECKING:
    import polars as pl

    from graphmatch.lag import Ledger

_KEY = ["stage", "origin_platform", "destination_platform"]
#: Pairs of platforms with fewer ended cases are left out on a terminal; they are in the other formats.
_LEAST_ENDED = 5


def lag(
    ctx: typer.Context,
    *,
    cases: Annotated[bool, typer.Option("--cases", help="Every case, with its times.")] = False,
    curves: Annotated[bool, typer.Option("--curves", help="The survival curves with their bands.")] = False,
    split: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Compare the cases before a date with those after it."),
    ] = None,
    window_days: Annotated[
        int | None, typer.Option(min=1, help="Days after an enforcement in which a new account counts as a move.")
    ] = None,
    least_cases: Annotated[int | None, typer.Option(min=2, help="Fewest cases of which a lag is estimated.")] = None,
    html: HtmlOption = None,
    json: JsonOption = False,
    format: FormatOption = None,
) -> None:
    """Measure how late everybody was: from enforcement to reappearance, report, release and action, in days.

    Example: `graphmatch lag --split 2026-04-15`

    Who has not reappeared, or was not acted on, yet counts as such (Kaplan-Meier). Where times are intervals there are
    two figures, by the earliest and by the latest moments. `over` counts the cases that are over, of all; `30 d` is the
    share over within 30 days. A median that is not reached is left empty.
    """
    if sum((cases, curves, split is not None)) > 1:
        raise UsageError("give one of --cases, --curves and --split")
    state = state_of(ctx)
    form = chosen(json, format)
    with state.line(window_days=window_days, least_cases=least_cases) as line:
        found = line.lag()
        least = line.settings.least_cases
    from graphmatch import lag as room

    summed = room.summary(found.cases, least=least)
    told = _told(found, least)
    if cases:
        emit(found.cases, form, columns=[*_KEY, "account_id", "least_days", "most_days", "is_censored"], title="Cases")
    elif curves:
        emit(room.curves(found.cases, least=least), form, title="Share of cases that are not over")
    elif split is not None:
        compared = room.compare(found.cases, split.replace(tzinfo=UTC), least=least)
        emit(_compared(compared) if form is Format.TABLE else compared, form, title="Before and after, in days")
    else:
        emit(_for_a_reader(summed) if form is Format.TABLE else summed, form, title="Lags in days")
    for sentence in told:
        state.say(sentence)
    if html is not None:
        _draw(state, found, summed, told, html, least)


def _draw(state: State, found: Ledger, summed: pl.DataFrame, told: list[str], path: Path, least: int) -> None:
    from graphmatch.charts import lag_page
    from graphmatch.lag import READ_AS, curves

    write_page(path, lag_page(curves(found.cases, least=least).to_dicts(), summed.to_dicts(), READ_AS, told))
    state.say(f"drawn in {path}")


def _for_a_reader(summed: pl.DataFrame) -> pl.DataFrame:
    """Choose what fits a terminal: figures by both curves in one cell, and pairs in which something ended."""
    import polars as pl

    from graphmatch.lag import ANY

    whole = pl.col("origin_platform") == ANY
    rows = []
    for row in summed.filter(whole | (pl.col("ended") >= _LEAST_ENDED)).iter_rows(named=True):
        median = _span(row["median_earliest"], row["median_latest"])
        rows.append(
            {
                "lag": _lag(row),
                "over": f"{row['ended']}/{row['n']}",
                "median": median if row["state"] == "estimated" else row["state"].replace("_", " "),
                "95 %": _span(row["median_low"], row["median_high"]),
                "p90": _span(row["p90_earliest"], row["p90_latest"]),
                "30 d": None if row["over_in_30"] is None else f"{row['over_in_30']:.0%}",
            }
        )
    return pl.DataFrame(rows)


def _compared(found: pl.DataFrame) -> pl.DataFrame:
    """Choose what fits a terminal: the groups that could be compared."""
    import polars as pl

    rows = [
        {
            "lag": _lag(row),
            "n": f"{row['n_before']}, {row['n_after']}",
            "median before": _span(row["median_before"], row["median_before"]),
            "median after": _span(row["median_after"], row["median_after"]),
            "p": row["p_value"],
        }
        for row in found.drop_nulls("p_value").iter_rows(named=True)
    ]
    schema = {"lag": pl.String, "n": pl.String, "median before": pl.String, "median after": pl.String, "p": pl.Float64}
    return pl.DataFrame(rows, schema=schema)


def _lag(row: dict[str, Any]) -> str:
    """Name a stage, or a pair of platforms in it."""
    from graphmatch.lag import ANY

    if row["origin_platform"] == ANY:
        return str(row["stage"]).replace("_to_", " → ")
    return f"  {row['origin_platform']} → {row['destination_platform']}"


def _span(low: float | None, high: float | None) -> str | None:
    if low is None and high is None:
        return None
    told = ["·" if days is None else f"{days:.0f}" if days >= 20 else f"{days:.2g}" for days in (low, high)]
    return told[0] if told[0] == told[1] else "..".join(told)


def _told(found: Ledger, least: int) -> list[str]:
    """Say what the figures can't: where cases were censored, what was refused, of what nothing is known."""
    said = []
    if found.end is None:
        said.append("Nothing here has a time, so no lag can be measured.")
    else:
        said.append(f"Open cases are counted up to {found.end:%Y-%m-%d %H:%MZ}, the newest moment in the data.")
    said += [f"{n} cases of {_words(stage)} refused: {why}." for stage, why, n in found.refused.iter_rows()]
    needs: dict[str, list[str]] = {}
    for stage, need in found.no_data.items():
        needs.setdefault(need, []).append(_words(stage))
    said += [f"No data of {', '.join(stages)}: it takes {need}." for need, stages in needs.items()]
    said.append(f"Groups of fewer than {least} cases have no figures.")
    return said


def _words(stage: str) -> str:
    return stage.replace("_", " ")
