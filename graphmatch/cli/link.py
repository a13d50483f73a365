"""``graphmatch link``."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from graphmatch.cli.account_tables import read_table
from graphmatch.cli.output import Format, FormatOption, JsonOption, chosen, emit
from graphmatch.cli.progress import steps
from graphmatch.cli.state import State, state_of
from graphmatch.errors import UnreadableFile, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    import polars as pl

    from graphmatch.link import Model


class Engine(StrEnum):
    """Where accounts are linked."""

    LOCAL = "local"
    SPARK = "spark"


COLUMNS = ["left", "right", "match_weight", "match_probability"]
SHOWN = [*COLUMNS, "standing", "story", "families"]


def link(
    ctx: typer.Context,
    *,
    accounts: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Link this table (.parquet, .csv, .ndjson) alone, without a workspace."),
    ] = None,
    output: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Where the matches of --accounts go (.parquet, .csv, .ndjson)."),
    ] = None,
    same_platform: Annotated[
        bool, typer.Option("--same-platform", help="With --accounts: compare accounts of one platform too.")
    ] = False,
    model: Annotated[Path | None, typer.Option(help="Weights to use instead of learning them here.")] = None,
    levels_only: Annotated[
        bool,
        typer.Option(
            "--levels-only", help="Learn the weights here by EM, without labels, instead of using the shipped ones."
        ),
    ] = False,
    cap: Annotated[
        int | None, typer.Option(min=2, help="Most accounts that share a blocking key; lower proposes fewer pairs.")
    ] = None,
    nearest: Annotated[
        bool | None,
        typer.Option(
            "--nearest/--no-nearest", help="Compare accounts nearest in spelling too. Default: up to 200,000 accounts."
        ),
    ] = None,
    index: Annotated[
        bool,
        typer.Option(
            "--index", help="Keep an index and link only what changed since; as with --levels-only --no-nearest."
        ),
    ] = False,
    seed: Annotated[int | None, typer.Option(min=0, help="Seed of the random pairs.")] = None,
    engine: Annotated[
        Engine, typer.Option(help="Where --accounts are linked: on this machine, or on Spark (pip install '.[spark]').")
    ] = Engine.LOCAL,
    master: Annotated[
        str, typer.Option(help="With --engine spark: where Spark runs, such as spark://host:7077.")
    ] = "local[*]",
    components: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="With --engine spark: where the connected components go."),
    ] = None,
    jars: Annotated[
        str | None, typer.Option(help="With --engine spark: files of GraphFrames, parted by commas.")
    ] = None,
    conf: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=VALUE", help="With --engine spark: a setting of Spark; repeatable."),
    ] = None,
    json: JsonOption = False,
    format: FormatOption = None,
) -> None:
    """Propose matches between accounts: block, compare, score. Each match keeps its reasons.

    Example: `graphmatch link` · alone: `graphmatch link --accounts A.parquet --output M.parquet`

    --accounts needs the columns account_id, platform and handle; display_name, bio, url, location, created_at,
    last_active are used where they stand, and `dataset` keeps populations apart. Every blocking rule is reported with
    its number of pairs on stderr.
    """
    state = state_of(ctx)
    if engine is Engine.SPARK:
        from graphmatch.cli.link_spark import OnSpark, link_on_spark

        asked = OnSpark(master, accounts, output, components, jars=jars, conf=conf or ())
        link_on_spark(state, asked, _model(model), same_platform=same_platform, cap=cap, seed=seed)
        return
    if (accounts is None) != (output is None):
        raise UsageError("--accounts and --output go together")
    if index:
        _by_index(state, accounts, _model(model), cap, chosen(json, format))
        return
    if levels_only and model is not None:
        raise UsageError("--levels-only and --model don't go together: one learns the weights, the other gives them")
    weights = _model(model)
    start = _unlabelled() if levels_only else None
    if accounts is None:
        with state.line(seed=seed, cap=cap, nearest=nearest) as line, steps(quiet=state.quiet) as progress:
            result = line.link(weights, start, progress)
        matches = result.matches
    else:
        from graphmatch.link import link as link_accounts

        table = read_table(Path(accounts), "--accounts")
        with steps(quiet=state.quiet) as progress:
            result = link_accounts(
                table,
                model=weights,
                start=start,
                seed=seed or 0,
                same_platform=same_platform,
                cap=cap,
                nearest=nearest,
                progress=progress,
            )
        matches = result.matches.select(COLUMNS)
        _write(matches, Path(output or ""))
    for rule in result.rules.iter_rows(named=True):
        state.say(f"rule {rule['rule']}: {rule['pairs']:,} pairs" + _dropped(rule["keys_dropped"]))
    if result.model.calibrated is False:
        state.say("not calibrated for so few or so many accounts (see the model's card): probabilities only rank here")
    state.say(f"{result.matches.height:,} matches of {result.candidates:,} candidate pairs")
    if accounts is None:
        emit(
            matches,
            chosen(json, format),
            columns=SHOWN,
            title="Matches",
        )


def _by_index(state: State, accounts: str | None, model: Model | None, cap: int | None, form: Format) -> None:
    """Link what changed, and say what that did to the matches."""
    if accounts is not None:
        raise UsageError("--index keeps an index in a workspace; --accounts are linked without one")
    with state.line(cap=cap) as line:
        updated = line.link_changed(model)
    if updated.reason:
        state.say(f"linked all accounts: {updated.reason}")
    state.say(
        f"{updated.compared:,} pairs compared; matches: {updated.new.height:,} new, {updated.gone.height:,} gone, "
        f"{updated.changed.height:,} changed"
    )
    emit(updated.index.matches(), form, columns=SHOWN, title="Matches")


def _dropped(count: int) -> str:
    return f"; {count:,} keys too common to mean anything" if count else ""


def _unlabelled() -> Model:
    from graphmatch.link import default

    return default().unlabelled()


def _model(path: Path | None) -> Model | None:
    from graphmatch.link import Model

    if path is None:
        return None
    try:
        return Model.from_json(path.read_text("utf-8"))
    except OSError as error:
        raise UnreadableFile(f"{path}: {error.strerror}") from None


def _write(matches: pl.DataFrame, path: Path) -> None:
    writers: dict[str, Callable[[Path], None]] = {
        ".parquet": matches.write_parquet,
        ".csv": matches.write_csv,
        ".ndjson": matches.write_ndjson,
        ".jsonl": matches.write_ndjson,
    }
    if path.suffix not in writers:
        raise UsageError(f"{path}: --output takes {', '.join(writers)}")
    path.parent.mkdir(parents=True, exist_ok=True)
    writers[path.suffix](path)
