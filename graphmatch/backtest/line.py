"""The line as of one date: what it would have said with what was known then.

In: `graphmatch.backtest.as_of.AsOf`. Out: Matches, Actors, Migrations and warnings. Pure; nothing is trained, and no
ids of earlier runs are taken over.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

import polars as pl

from graphmatch.backtest.as_of import AsOf
from graphmatch.early_warning import HALF_LIFE_DAYS, warn
from graphmatch.link import Model, default, link
from graphmatch.merge import in_force
from graphmatch.migration import WINDOW, trace
from graphmatch.resolve import resolve
from graphmatch.tables import empty


@dataclass(frozen=True, slots=True)
class LineOptions:
    """How the line is run, at every date alike.

    ``start`` is fitted to the accounts of each date (`graphmatch.link.link`); the shipped weights were learned on other
    accounts, so nothing of what came later is in them.
    """

    start: Model = field(default_factory=default)
    threshold: float = 0.9
    window: timedelta = WINDOW
    half_life_days: float = HALF_LIFE_DAYS
    least: float | None = None
    cap: int | None = None
    nearest: bool | None = None
    memory_gib: float | None = None
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Said:
    """What the line says: derived tables, and the warnings."""

    matches: pl.DataFrame
    actors: pl.DataFrame
    migrations: pl.DataFrame
    warnings: pl.DataFrame


def said(known: AsOf, options: LineOptions) -> Said:
    """Run link → resolve → trace, and warn, on what was known."""
    tables = known.tables
    sightings = in_force(tables["sightings"])
    matches = empty("matches")
    if tables["accounts"].height > 1:
        matches = link(
            tables["accounts"],
            sightings=sightings,
            reports=tables["reports"],
            claims=in_force(tables["link_claims"], "asserted_at"),
            targets=tables["targets"],
            contents=tables["contents"],
            enforcements=tables["enforcements"],
            start=options.start,
            cap=options.cap,
            nearest=options.nearest,
            memory_gib=options.memory_gib,
            seed=options.seed,
        ).matches
    resolved = resolve(matches, known.judgements, threshold=options.threshold, accounts=tables["accounts"])
    facts = {name: tables[name] for name in ("accounts", "enforcements", "reports", "contents")}
    migrations = trace(
        actors=resolved.actors, matches=resolved.matches, sightings=sightings, window=options.window, **facts
    )
    warnings = warn(
        **facts,
        targets=tables["targets"],
        matches=resolved.matches,
        actors=resolved.actors,
        judgements=known.judgements,
        as_of=known.at,
        half_life_days=options.half_life_days,
        least=options.least,
    )
    return Said(resolved.matches, resolved.actors, migrations, warnings)
