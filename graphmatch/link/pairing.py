"""From tables to compared pairs: what linking and learning share, before any weight is known."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from graphmatch.link import declared
from graphmatch.link.activity import with_activity
from graphmatch.link.block import Blocked, block
from graphmatch.link.compare import levels
from graphmatch.link.learned import LEVELS
from graphmatch.link.letter_runs import LetterRuns, letter_runs
from graphmatch.link.measures import measures
from graphmatch.link.sides import Sides
from graphmatch.link.traits import traits as traits_of

#: Pairs compared at a time: bounds memory.
CHUNK = 100_000


@dataclass(frozen=True, slots=True)
class Prepared:
    """Accounts made comparable.

    Their traits, their letter runs, who names whom, and the levels that this gives pairs (`graphmatch.link.declared`).
    """

    traits: pl.DataFrame
    runs: LetterRuns
    stated: pl.DataFrame
    declared: pl.DataFrame

    def candidates(self, *, same_platform: bool, cap: int | None = None) -> Blocked:
        """Propose pairs by all blocking rules."""
        return block(self.traits, self.stated, runs=self.runs, same_platform=same_platform, cap=cap)

    def measured(self, pairs: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Compare pairs of row numbers: their levels, and what learned weights are read from.

        The latter has `MEASURES`, `LEVELS` and ``unlike``: one name is a person's, the other a firm's.
        """
        both = Sides(self.traits, pairs)
        runs = self.runs.compare(*both.rows)
        found = levels(both, self.declared, runs)
        unlike = both.frame.select((pl.col("organisation") != pl.col("organisation_r")).alias("unlike"))
        return found, pl.concat([measures(both, runs), found.select(LEVELS), unlike], how="horizontal")


def prepare(
    accounts: pl.DataFrame,
    sightings: pl.DataFrame | None = None,
    reports: pl.DataFrame | None = None,
    claims: pl.DataFrame | None = None,
    contents: pl.DataFrame | None = None,
    enforcements: pl.DataFrame | None = None,
) -> Prepared:
    """Make accounts comparable; tables as `graphmatch.link.link` takes them.

    Raises
    ------
    RejectedTable
        ``accounts`` lacks a column or repeats an ``account_id``.
    """
    traits = traits_of(accounts, sightings, reports)
    stated = declared.directed(traits, sightings, claims)
    naming = stated.filter(~pl.col("claim"))["left"].unique()
    rows = pl.int_range(pl.len(), dtype=pl.UInt32)
    traits = traits.with_columns(rows.is_in(naming.implode()).alias("names_others"))
    traits = with_activity(traits, accounts, contents, reports, enforcements)
    return Prepared(traits, letter_runs(traits), stated, declared.levels(stated))


def pairs_per_account(traits: pl.DataFrame, *, same_platform: bool) -> pl.DataFrame:
    """Count each population's ``accounts``, admissible ``pairs`` and ``pairs_per_account``."""
    places = traits.group_by("population", "place").len().with_columns(pl.col("len").cast(pl.Float64))
    every = pl.col("len").sum()
    inside = (pl.col("len") * (pl.col("len") - 1) / 2).sum()
    pairs = every * (every - 1) / 2 - (0 if same_platform else inside)
    made = places.group_by("population").agg(every.alias("accounts"), pairs.alias("pairs"))
    return made.with_columns((pl.col("pairs") / pl.col("accounts")).alias("pairs_per_account"))
