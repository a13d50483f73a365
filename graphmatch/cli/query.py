"""``graphmatch query``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from graphmatch.cli.output import FormatOption, JsonOption, chosen, emit
from graphmatch.cli.state import state_of
from graphmatch.errors import UsageError

if TYPE_CHECKING:
    from graphmatch.store.cypher import NamedQuery


def query(
    ctx: typer.Context,
    name: Annotated[str | None, typer.Argument(help="A question by name. None: list them all.")] = None,
    *,
    param: Annotated[list[str] | None, typer.Option(metavar="NAME=VALUE", help="A parameter; repeatable.")] = None,
    cypher: Annotated[str | None, typer.Option(help="A Cypher query of your own; reading only.")] = None,
    json: JsonOption = False,
    format: FormatOption = None,
) -> None:
    """Ask the graph a ready question, or one in Cypher.

    Example: `graphmatch query moved_to --param account_id=mastodon:a.example:1`

    Without a name it lists the questions, each with its sentence and its parameters.
    """
    import polars as pl

    from graphmatch.store.cypher import all_named, named

    form = chosen(json, format)
    if name is None and cypher is None:
        listed = [
            {"query": q.name, "answers": q.sentence, "params": ", ".join(p.name for p in q.params)}
            for q in all_named("analyst")
        ]
        emit(pl.DataFrame(listed), form, title="Questions")
        return
    if name is not None and cypher is not None:
        raise UsageError("give a name or --cypher, not both")
    given = _params(param or [])
    text, params = (cypher, given) if cypher is not None else _ready(named(str(name), "analyst"), given)
    with state_of(ctx).opened(read_only=True) as store:
        emit(store.query(text, params), form, title=name or "")


def _ready(question: NamedQuery, given: dict[str, str]) -> tuple[str, dict[str, Any]]:
    return question.text, question.bind(given)


def _params(pairs: list[str]) -> dict[str, str]:
    params = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals or not key:
            raise UsageError(f"--param takes NAME=VALUE, not {pair!r}")
        params[key] = value
    return params
