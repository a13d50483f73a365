"""``graphmatch explain``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from graphmatch.cli.output import HtmlOption, JsonOption, printable, to_json, write_page
from graphmatch.cli.state import State, state_of
from graphmatch.errors import NothingToDo, UsageError

if TYPE_CHECKING:
    import polars as pl

    from graphmatch.link.model import Model

#: Width of the drawn waterfall, in characters.
WIDTH = 32
#: Report ids beyond so many are counted, not listed, in text.
MOST_REPORTS = 6


def explain(
    ctx: typer.Context,
    account: Annotated[str, typer.Argument(metavar="A", help="An account id.")],
    other: Annotated[str, typer.Argument(metavar="B", help="The other account's id.")],
    *,
    json: JsonOption = False,
    html: HtmlOption = None,
) -> None:
    """Say why two accounts were matched: one bar for each piece of evidence, adding up to the stored weight exactly.

    Example: `graphmatch explain mastodon:a.example:1 x:x:2 --html why.html`
    """
    if account == other:
        raise UsageError("explain takes two accounts; these are the same one")
    state = state_of(ctx)
    found = _explanation(state, *sorted((account, other)))
    if html is not None:
        from graphmatch.charts import waterfall_page

        write_page(html, waterfall_page(found))
        state.say(f"drawn in {html}: it names reported accounts, so keep it as you keep the workspace")
    if json:
        typer.echo(to_json(found))
    else:
        _tell(found)


def _explanation(state: State, left: str, right: str) -> dict[str, Any]:
    import polars as pl

    from graphmatch.merge import in_force
    from graphmatch.pipeline import weights

    with state.opened(read_only=True) as store:
        row = store.read("matches").filter((pl.col("left") == left) & (pl.col("right") == right))
        known = {
            table: store.read(table).filter(pl.col("account_id").is_in([left, right]))
            for table in ("accounts", "sightings", "reports", "link_claims")
        }
    accounts = set(known["accounts"]["account_id"])
    if missing := [name for name in (left, right) if name not in accounts]:
        raise UsageError(f"no account has the id {missing[0]!r}")
    if row.is_empty():
        raise NothingToDo("no match is stored for these two: nothing proposed them, or they scored too low")
    known["sightings"] = in_force(known["sightings"])
    known["link_claims"] = in_force(known["link_claims"], "asserted_at")
    return explained(row.row(0, named=True), weights(state.workspace()), known)


def explained(match: Mapping[str, Any], model: Model, known: Mapping[str, pl.DataFrame]) -> dict[str, Any]:
    """Gather all that is told of a Match: what ``--json`` writes and what the page is drawn from.

    Parameters
    ----------
    match
        A row of table ``matches``.
    model
        The model that scored it.
    known
        Tables ``accounts, sightings, reports, link_claims``: rows of the two accounts, those in force.
    """
    from graphmatch.estimative import words
    from graphmatch.link.explain import GATE, counterfactual, in_words, sentence, without
    from graphmatch.link.stories import stories

    lost = counterfactual(match, model=model)
    remaining = without(match, lost, model)
    return {
        **{name: match[name] for name in ("left", "right", "match_weight", "match_probability")},
        "likelihood": words(match["match_probability"]),
        "calibrated": model.calibrated,
        "gate": GATE,
        **{name: match[name] for name in ("standing", "story", "families", "rules")},
        "sentence": sentence(match, model),
        "bars": _bars(match, model, known),
        "counterfactual": lost,
        "counterfactual_probability": remaining,
        "counterfactual_sentence": in_words(lost, remaining),
        "stories": [asdict(told) for told in stories(match, model)],
        "reports": known["reports"]["report_id"].unique().sort().to_list(),
    }


def _bars(match: Mapping[str, Any], model: Model, known: Mapping[str, pl.DataFrame]) -> list[dict[str, Any]]:
    """List the bars, each with the weight and the probability after it and with what stands behind it."""
    from graphmatch.link.behind import Behind, evidence_behind
    from graphmatch.link.explain import waterfall

    laid = waterfall(match, model)
    made = []
    for bar, (weight, probability) in zip(laid.bars, laid.steps(), strict=True):
        behind = (
            Behind()
            if bar.kind == "discount" and bar.family
            else evidence_behind(
                bar.name,
                known["sightings"],
                known["reports"],
                claims=known["link_claims"],
                accounts=known["accounts"],
            )
        )
        made.append({**asdict(bar), "weight": weight, "probability": probability, **asdict(behind)})
    return made


def _tell(found: Mapping[str, Any]) -> None:
    from graphmatch.estimative import fine

    if found["calibrated"] is False:
        typer.echo("not calibrated for so few or so many accounts: read the probability as an order only")
    typer.echo(printable(found["left"]))
    typer.echo(printable(found["right"]))
    typer.echo(f"\n{printable(found['sentence'])}\n")
    weights = [0.0, *(bar["weight"] for bar in found["bars"])]
    least, most = min(weights), max(weights)
    typer.echo(f"  {'bits':>8} {'so far':>8}  {'prob.':>7}  {_drawn(0, 0, least, most)}  (| is the gate: one half)")
    for before, bar in zip(weights, found["bars"], strict=False):
        drawn = _drawn(before, bar["weight"], least, most)
        numbers = f"{bar['bits']:>+8.2f} {bar['weight']:>+8.2f}  {fine(bar['probability']):>7}"
        typer.echo(f"  {numbers}  {drawn}  {printable(_titled(bar))}")
    total = f"match weight in bits, probability {fine(found['match_probability'])}"
    typer.echo(f"  {found['match_weight']:>+8.2f}  = {total}")
    typer.echo(f"\n{found['counterfactual_sentence']}")
    typer.echo(f"standing: {found['standing']}")
    typer.echo("\nStories")
    for told in found["stories"]:
        mark = "*" if told["chosen"] else " "
        typer.echo(f"  {mark} {told['story'].replace('_', ' ')}: {printable(told['line'])}")
    typer.echo("\nBehind the bars")
    for bar in found["bars"]:
        if bar["kind"] == "comparison" or bar["reports"]:
            _tell_behind(bar)


def _drawn(before: float, after: float, least: float, most: float) -> str:
    """Draw one step of the waterfall: ``+`` and ``-`` from where the weight was to where it is, the gate as ``|``."""
    scale = (WIDTH - 1) / ((most - least) or 1.0)
    at, to, gate = (round((bits - least) * scale) for bits in (before, after, 0.0))
    line = [" "] * WIDTH
    sign = "+" if after >= before else "-"
    for place in range(min(at, to), max(at, to) + (before != after)):
        line[place] = sign
    line[gate] = "|" if line[gate] == " " else line[gate]
    return "".join(line)


def _titled(bar: Mapping[str, Any]) -> str:
    if bar["kind"] == "discount" and bar["family"]:
        return f"discount · {bar['label']}"
    of = f" [{bar['family']}, m {bar['m']:.3g}, u {bar['u']:.3g}]" if bar["m"] is not None else ""
    return f"{bar['name']} · {bar['label']}{of}"


def _tell_behind(bar: Mapping[str, Any]) -> None:
    typer.echo(f"  {bar['name']}")
    for seen in bar["sightings"]:
        values = "1 value" if seen["count"] == 1 else f"{seen['count']} values"
        where = f"{seen['kind']} ({seen['context']}), {values}, {seen['source']}"
        when = _when(seen["first_seen"], seen["last_seen"])
        typer.echo(printable(f"    {where}, {when}, on {seen['account_id']}"))
    for stated in bar["statements"]:
        times = "1 statement" if stated["count"] == 1 else f"{stated['count']} statements"
        when = _when(stated["first_asserted"], None)
        typer.echo(printable(f"    {times} by a {stated['asserted_by']}, {when}, of {stated['account_id']}"))
    ids = bar["reports"]
    if ids:
        more = f" and {len(ids) - MOST_REPORTS} more" if len(ids) > MOST_REPORTS else ""
        typer.echo(printable(f"    reports: {', '.join(ids[:MOST_REPORTS])}{more}"))


def _when(first: Any, last: Any) -> str:
    days = [f"{time:%Y-%m-%d}" for time in (first, last) if time is not None]
    return "..".join(dict.fromkeys(days)) or "at an unknown time"
