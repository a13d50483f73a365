"""``graphmatch adapters``."""

from __future__ import annotations

from typing import Annotated

import typer

from graphmatch.cli.output import FormatOption, JsonOption, chosen, emit


def adapters(
    name: Annotated[
        str | None, typer.Argument(help="One adapter: show the fields it reads and those it ignores.")
    ] = None,
    *,
    json: JsonOption = False,
    format: FormatOption = None,
) -> None:
    """List the platforms that can be read, and what their exports carry.

    Example: `graphmatch adapters mastodon`
    """
    import polars as pl

    from graphmatch.adapter import card_of, load, load_all

    form = chosen(json, format)
    if name is not None:
        fields = card_of(load(name)).fields
        emit(pl.DataFrame({"field": list(fields), "treatment": list(fields.values())}), form, title=name)
        return
    rows = []
    for adapter in load_all():
        card = card_of(adapter)
        rows.append(
            {
                "adapter": adapter.name,
                "title": card.title,
                "carries": list(card.carries),
                "records": list(card.records),
            }
        )
    emit(pl.DataFrame(rows), form, title="Adapters")
