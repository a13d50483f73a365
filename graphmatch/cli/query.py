"""``graphmatch query``."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from graphmatch.cli.output import Format, FormatOption, JsonOption, chosen, emit, lines, printable, to_json
from graphmatch.cli.state import state_of
from graphmatch.errors import UnreadableQuery, UsageError

if TYPE_CHECKING:
    from graphmatch.store.cypher import NamedQuery

#: What questions are about, in the order in which they are listed.
ABOUT = ("accounts", "reports", "enforcement", "evidence", "actors", "communities", "moves", "targets")


def query(
    ctx: typer.Context,
    name: Annotated[str | None, typer.Argument(help="A question by name. None: list them all.")] = None,
    *,
    param: Annotated[list[str] | None, typer.Option(metavar="NAME=VALUE", help="A parameter; repeatable.")] = None,
    show: Annotated[
        bool,
        typer.Option("--show", help="Show the question, its parameters and its Cypher for Neo4j Browser; no answer."),
    ] = False,
    file: Annotated[
        Path | None, typer.Option(metavar="PATH", help="A question of your own, in a file of the same form.")
    ] = None,
    cypher: Annotated[str | None, typer.Option(help="A Cypher query of your own; its parameters are text.")] = None,
    json: JsonOption = False,
    format: FormatOption = None,
) -> None:
    """Ask the graph a ready question, or one of your own. Questions only read.

    Example: `graphmatch query moved_to --param account_id=mastodon:a.example:1`

    Without a name it lists the questions, each with its sentence and its parameters. A time is written `2026-05-01` or
    `2026-05-01T12:00:00Z`, a number of days `30`, several texts `a,b`.
    """
    from graphmatch.store.cypher import answer, named, own_query

    if sum(each is not None for each in (name, file, cypher)) > 1:
        raise UsageError("give one of a name, --file and --cypher")
    given = _given(param or [])
    if show and cypher is None and (name or file):
        _show(own_query(file) if file else named(str(name), "analyst"), given, plain=not json and format is None)
        return
    if show:
        raise UsageError("--show needs the name of a question, or --file; `graphmatch query` lists the names")
    form = chosen(json, format)
    if cypher is not None:
        _ask_in_cypher(ctx, cypher, given, form)
    elif name or file:
        question = own_query(file) if file else named(str(name), "analyst")
        question.bind(given)  # a mistake in it is told before any store is opened
        with state_of(ctx).opened(read_only=True) as store:
            emit(answer(store, question, given), form, title=question.name)
    else:
        _list(form)


def _ask_in_cypher(ctx: typer.Context, text: str, given: dict[str, str], form: Format) -> None:
    with state_of(ctx).opened(read_only=True) as store:
        try:
            answer = store.query(text, given)
        except UnreadableQuery as error:
            line = f"line {error.line}: " if error.line and "\n" in text.strip() else ""
            raise UsageError(f"{line}{error}") from None
        emit(answer, form)


def _list(form: Format) -> None:
    import polars as pl

    from graphmatch.store.cypher import all_named

    ready = sorted(all_named("analyst"), key=lambda question: (ABOUT.index(question.about), question.name))
    if form is not Format.TABLE:
        params = [", ".join(param.name for param in question.params) for question in ready]
        listed = [{"about": q.about, "query": q.name, "answers": q.sentence} for q in ready]
        emit(pl.DataFrame(listed).with_columns(params=pl.Series(params)), form)
        return
    for about, questions in groupby(ready, key=lambda question: question.about):
        lines([about.capitalize(), *(line for question in questions for line in _listed(question)), ""])


def _listed(question: NamedQuery) -> list[str]:
    params = [param.name if param.default is None else f"[{param.name}]" for param in question.params]
    return [f"  {' '.join([question.name, *params])}", f"      {question.sentence}"]


def _show(question: NamedQuery, given: dict[str, str], *, plain: bool) -> None:
    params = [{"name": p.name, "type": p.type, "default": p.default, "meaning": p.meaning} for p in question.params]
    columns = [{"name": column.name, "type": column.type} for column in question.returns]
    browser = _for_browser(question, given)
    if not plain:
        shown = {"query": question.name, "about": question.about, "answers": question.sentence, "params": params}
        typer.echo(to_json({**shown, "returns": columns, "cypher": question.text, "browser": browser}))
        return
    told = [f"  {_declared(param)}\n      {param['meaning']}" for param in params]
    page = [f"{question.name}: {question.sentence}", "", "Parameters", *(told or ["  none"]), "", "Columns"]
    page += [f"  {column['name']} {column['type']}" for column in columns]
    lines(printable(line) for part in (*page, "", "For Neo4j Browser", "", browser) for line in part.split("\n"))


def _declared(param: dict[str, Any]) -> str:
    default = "must be given" if param["default"] is None else f"default {param['default']}"
    return f"{param['name']} {param['type']}, {default}"


def _for_browser(question: NamedQuery, given: dict[str, str]) -> str:
    """Write the question with its parameters set, as Neo4j Browser takes them; what is not given stands in its name."""
    standing_in = {p.name: p.name.upper() for p in question.params if p.default is None and p.type == "text"}
    bound = question.bind({**standing_in, **given})
    commands = [f":param {name} => {_literal(value)}" for name, value in bound.items()]
    return "\n".join([*commands, *([""] if commands else []), question.text])


def _literal(value: Any) -> str:
    """Write a parameter's value in Cypher."""
    from datetime import date, datetime, timedelta

    if isinstance(value, bool | int | float):
        return str(value).lower()
    if isinstance(value, timedelta):
        return f"duration({{days: {value.days}, seconds: {value.seconds}}})" if value.seconds else _days(value.days)
    if isinstance(value, date):
        return f"{'datetime' if isinstance(value, datetime) else 'date'}('{value.isoformat().replace('+00:00', 'Z')}')"
    if isinstance(value, list):
        return f"[{', '.join(map(_literal, value))}]"
    return "'" + str(value).replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n") + "'"


def _days(days: int) -> str:
    return f"duration({{days: {days}}})"


def _given(pairs: list[str]) -> dict[str, str]:
    params = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals or not key:
            raise UsageError(f"--param takes NAME=VALUE, not {pair!r}")
        params[key] = value
    return params
