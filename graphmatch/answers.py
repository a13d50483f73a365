"""Questions that several rooms answer together: flows against chance, and lags.

In: tables. Out: frames. Pure; only this and the line bring these rooms together.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import polars as pl

from graphmatch.lag import Ledger, ledger, newest
from graphmatch.link import Model
from graphmatch.link.explain import without
from graphmatch.migration import by_chance, flows, removed, weighed
from graphmatch.migration.flows import Facet, Split
from graphmatch.resolve import resolve
from graphmatch.settings import Settings

#: The comparison that rests on when accounts were removed.
TIMING = "timing"


@dataclass(frozen=True, slots=True)
class Known:
    """Tables of these names; sightings are those in force."""

    accounts: pl.DataFrame
    sightings: pl.DataFrame
    enforcements: pl.DataFrame
    reports: pl.DataFrame
    contents: pl.DataFrame
    targets: pl.DataFrame


def flows_against_chance(
    known: Known,
    migrations: pl.DataFrame,
    matches: pl.DataFrame,
    model: Model,
    *,
    facet: Facet | None,
    settings: Settings,
) -> pl.DataFrame:
    """Add the migrations up by platform, and say of each flow whether chance explains it.

    It is tested on actors that are formed anew without the evidence of times (`TIMING`) and without judgements: links
    that exist because an account was made soon after a removal would prove themselves. And only moves soon after a
    removal are tested: who is driven out mostly comes back within days, while chance fills a long window. So ``tested``
    is mostly less than the migrations, and may be more than those of the same kinds.

    Parameters
    ----------
    migrations, matches, model
        What was traced, from which matches, scored by which weights.
    facet
        What else flows are split by.
    settings
        ``threshold``, ``window_days``, ``flow_days``, ``permutations`` and ``seed`` count.

    Returns
    -------
    polars.DataFrame
        See `graphmatch.migration.flows.weighed`.
    """
    actors = resolve(_untimed(matches, model), threshold=settings.threshold, accounts=known.accounts).actors
    split = Split() if facet is None else Split.by(facet, known.reports, known.targets)
    tested = by_chance(
        actors,
        known.accounts,
        known.enforcements,
        known.reports,
        known.contents,
        known.sightings,
        window=timedelta(days=min(settings.flow_days, settings.window_days)),
        split=split,
        permutations=settings.permutations,
        seed=settings.seed,
    )
    return weighed(flows(migrations, split), tested)


def _untimed(matches: pl.DataFrame, model: Model) -> pl.DataFrame:
    """Give matches the probability that they have without the evidence of times."""
    probabilities = [
        without(row, (TIMING,), model) if row[f"{TIMING}_bits"] else row["match_probability"]
        for row in matches.iter_rows(named=True)
    ]
    return matches.with_columns(match_probability=pl.Series(probabilities, dtype=pl.Float64))


def lags(known: Known, migrations: pl.DataFrame, shared: pl.DataFrame, *, window_days: int) -> Ledger:
    """List how long each stage took or has taken.

    Parameters
    ----------
    migrations
        What was traced, within ``window_days``.
    shared
        What was released, from `graphmatch.release.shared`.
    """
    before = (known.accounts, known.enforcements, known.reports, known.contents)
    return ledger(
        removed(*before, known.sightings),
        migrations,
        known.reports,
        known.enforcements,
        known.contents,
        end=newest(known.contents, known.reports, known.enforcements),
        window=timedelta(days=window_days),
        shared=shared,
    )
