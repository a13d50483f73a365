"""``graphmatch resolve``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from graphmatch.cli.output import Format, FormatOption, JsonOption, chosen, emit, lines, printable, shown
from graphmatch.cli.state import state_of

if TYPE_CHECKING:
    import polars as pl

#: Bridges that the terminal names; the other formats give all.
_SHOWN_BRIDGES = 5


def resolve(
    ctx: typer.Context,
    *,
    threshold: Annotated[
        float | None,
        typer.Option(min=0.5, max=1.0, help="Match probability from which accounts form an actor."),
    ] = None,
    cuts: Annotated[
        bool,
        typer.Option("--cuts", help="Where each actor of three accounts or more would part first, weakest first."),
    ] = False,
    json: JsonOption = False,
    format: FormatOption = None,
) -> None:
    """Form suspected actors from matches, obeying every judgement in the journal.

    Example: `graphmatch resolve --cuts`

    An actor keeps its id from run to run. To take a link back, add a judgement: `graphmatch judge A B negative …`
    """
    from graphmatch.resolve import cohesion

    state = state_of(ctx)
    with state.line(threshold=threshold) as line:
        resolved = line.resolve()
        judgements, least = line.judgements(), line.settings.threshold
    for left, right, why in resolved.conflicts.select("left", "right", "why").iter_rows():
        state.say(printable(f"{left} and {right}: {why}; kept apart until it is settled"))
    held = cohesion(resolved.actors, resolved.matches, judgements, threshold=least)
    found = resolved.actors.join(held.drop("size"), on="actor_id", how="left", maintain_order="left")
    if cuts:
        found = found.filter(found["size"] > 2).sort("cut_bits", "actor_id")
    form = chosen(json, format)
    if form is Format.TABLE and cuts:
        lines(text for actor in found.iter_rows(named=True) for text in _told(actor))
        if found.is_empty():
            state.say("no suspected actor has three accounts or more")
        return
    emit(
        _flat(found) if form is Format.CSV else found,
        form,
        columns=["actor_id", "size", "platforms", "match_probability", "standing", "cut_bits"],
        title="Suspected actors",
    )


def _told(actor: dict[str, Any]) -> Iterator[str]:
    """Tell a person where one actor would part first."""
    links = f"{actor['cut_links']} link{'' if actor['cut_links'] == 1 else 's'}"
    sure = "" if actor["cut_exact"] else " (of the splits looked at: the actor is too large for all)"
    yield f"{printable(actor['actor_id'])}, {actor['size']} accounts, parts first at {actor['cut_bits']:.1f} bits{sure}"
    yield f"    {shown(actor['cut_left'])}"
    yield f"  | {shown(actor['cut_right'])}"
    strongest = actor["cut_strongest"]
    yield f"    {links} across, the strongest {_pair(strongest)} at probability {actor['cut_probability']:.3f}"
    bridges = [_pair(bridge) for bridge in actor["bridges"]]
    more = f" and {len(bridges) - _SHOWN_BRIDGES} more" if len(bridges) > _SHOWN_BRIDGES else ""
    yield f"    bridges: {', '.join(bridges[:_SHOWN_BRIDGES]) or 'none'}{more}"
    yield ""


def _pair(link: dict[str, str]) -> str:
    """Write a link as ``explain`` and ``judge`` take it."""
    return printable(f"{link['left']} {link['right']}")


def _flat(found: pl.DataFrame) -> pl.DataFrame:
    """Write links as text, for a format that has no records in records."""
    import polars as pl

    def text(link: pl.Expr) -> pl.Expr:
        return link.struct.field("left") + " " + link.struct.field("right")

    return found.with_columns(
        cut_strongest=text(pl.col("cut_strongest")), bridges=pl.col("bridges").list.eval(text(pl.element()))
    )
