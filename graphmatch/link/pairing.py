"""From tables to compared pairs: what linking and learning share, before any weight is known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Unpack

import numpy as np
import polars as pl

from graphmatch.link import declared
from graphmatch.link.activity import with_activity
from graphmatch.link.block import Blocked, BlockOptions, block
from graphmatch.link.census import Census, spread
from graphmatch.link.compare import levels
from graphmatch.link.encoded import Encoded
from graphmatch.link.learned import LEVELS
from graphmatch.link.letter_runs import LetterRuns, letter_runs
from graphmatch.link.measures import measures
from graphmatch.link.sides import Sides
from graphmatch.link.traits import shown, weighed

#: Pairs compared at a time: bounds memory.
CHUNK = 250_000


@dataclass(frozen=True, slots=True)
class Prepared:
    """Accounts made comparable.

    Their traits, their letter runs, who names whom, the levels that this gives pairs (`graphmatch.link.declared`), and
    the census that the traits were weighed by; and the traits once more, as arrays, for comparing.
    """

    traits: pl.DataFrame
    runs: LetterRuns | None
    stated: pl.DataFrame
    declared: pl.DataFrame
    census: Census
    encoded: Encoded

    def candidates(self, *, nearest: bool = True, **options: Unpack[BlockOptions]) -> Blocked:
        """Propose pairs by all blocking rules; ``nearest`` by spelling only if asked. Options are those of `block`."""
        return block(self.traits, self.stated, runs=self.runs if nearest else None, **options)

    def levels(self, pairs: pl.DataFrame) -> pl.DataFrame:
        """Compare pairs of row numbers: levels and rarities."""
        both = Sides(self.encoded, pairs)
        return levels(both, self.declared, None if self.runs is None else self.runs.compare(*both.rows))

    def measured(self, pairs: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Compare pairs of row numbers: their levels, and what learned weights are read from.

        The latter has `MEASURES`, `LEVELS` and ``unlike``: one name is a person's, the other a firm's.
        """
        both = Sides(self.encoded, pairs)
        if self.runs is None:
            raise ValueError("learned weights need letter runs: prepare(..., spelling=True)")
        runs = self.runs.compare(*both.rows)
        found = levels(both, self.declared, runs)
        unlike = pl.Series("unlike", ~both.same_kind(np.arange(pairs.height)))
        return found, pl.concat([measures(both, runs), found.select(LEVELS), unlike.to_frame()], how="horizontal")


def prepare(  # noqa: PLR0913 - the tables that an account's evidence lies in
    accounts: pl.DataFrame,
    sightings: pl.DataFrame | None = None,
    reports: pl.DataFrame | None = None,
    claims: pl.DataFrame | None = None,
    contents: pl.DataFrame | None = None,
    enforcements: pl.DataFrame | None = None,
    *,
    spelling: bool = True,
    census: Census | None = None,
) -> Prepared:
    """Make accounts comparable; tables as `graphmatch.link.link` takes them.

    Parameters
    ----------
    accounts, sightings, reports, claims, contents, enforcements
        Tables.
    spelling
        Whether letter runs are made.
    census
        Of the population that the accounts are of; without one, they are their own.

    Raises
    ------
    RejectedTable
        ``accounts`` lacks a column or repeats an ``account_id``.
    """
    traits = shown(accounts, sightings, reports)
    stated = declared.directed(traits, sightings, claims)
    naming = stated.filter(~pl.col("claim"))["left"].unique()
    rows = pl.int_range(pl.len(), dtype=pl.UInt32)
    traits = traits.with_columns(rows.is_in(naming.implode()).alias("names_others"))
    traits = with_activity(traits, accounts, contents, reports, enforcements)
    census = census or Census.of(traits)
    traits = weighed(traits, census)
    runs = letter_runs(traits) if spelling else None
    return Prepared(traits, runs, stated, declared.levels(stated), census, Encoded(traits, census))


def pairs_per_account(traits: pl.DataFrame, *, same_platform: bool) -> pl.DataFrame:
    """Count each population's ``accounts``, admissible ``pairs`` and ``pairs_per_account``."""
    return spread(traits.group_by("population", "place").len("accounts"), same_platform=same_platform)
