"""Weighed pairs → the table of Matches: which are kept, and all that is said of each."""

from __future__ import annotations

import numpy as np
import polars as pl

from graphmatch import tables
from graphmatch.link import score, stand
from graphmatch.link.block import RULE_NAMES
from graphmatch.link.meet import pair_of
from graphmatch.link.model import Model
from graphmatch.link.pairing import Prepared
from graphmatch.link.situation import Situation
from graphmatch.link.weighing import Evidence, Remembered, Weights, compared, in_chunks, scored


def laid_out(  # noqa: PLR0913 - all that is known of the pairs
    ready: Prepared,
    pairs: pl.DataFrame,
    about: Situation,
    evidence: Evidence,
    found: Weights,
    model: Model,
    least: float,
    *,
    remembered: Remembered | None = None,
) -> pl.DataFrame:
    """Choose the pairs of at least this probability, and copies of a target's profile, and lay them out.

    Parameters
    ----------
    ready, about
        The accounts.
    pairs
        Row numbers ``left, right``, and ``rules``, a bit set over `RULE_NAMES`.
    evidence, found
        Of the same pairs.
    model
        That weighed them.
    least
        Probability.
    remembered
        What comparing those that may be matches gave; else they are compared once more.

    Returns
    -------
    polars.DataFrame
        Table ``matches``, sorted by ``left, right``.
    """
    copies = evidence.alike & about.of_pairs(pairs).told
    kept = np.flatnonzero((score.probability(found.weight) >= least) | copies)
    chosen = found[kept]
    numbered = pairs[kept].with_columns(pl.Series("copies", copies[kept])).with_row_index("at")

    def table(part: pl.DataFrame) -> pl.DataFrame:
        found = compared(ready, part, model) if remembered is None else remembered.of(kept[part["at"].to_numpy()])
        return _as_table(ready.traits["account_id"], scored(part, found, chosen, about, model))

    made = pl.concat(in_chunks(table, numbered))
    return made if _in_order(ready.traits["account_id"], numbered) else made.sort("left", "right")


def _in_order(ids: pl.Series, pairs: pl.DataFrame) -> bool:
    """Tell whether the pairs, and the names of the accounts, already stand in order."""
    numbers = pair_of(*(pairs[side].to_numpy() for side in ("left", "right")))
    return bool((numbers[1:] > numbers[:-1]).all()) and ids.is_sorted()


def _as_table(ids: pl.Series, rows: pl.DataFrame) -> pl.DataFrame:
    # Of the many pairs few differ in what proposed them: each combination is listed once.
    combinations = rows["rules"].unique().sort()
    listed = [[name for bit, name in enumerate(RULE_NAMES) if number >> bit & 1] for number in combinations]
    made = rows.with_columns(
        pl.Series("left", ids[rows["left"]]),
        pl.Series("right", ids[rows["right"]]),
        pl.Series("rules", listed, dtype=tables.TEXTS).gather(combinations.search_sorted(rows["rules"])),
    )
    made = made.with_columns(stand.families()).with_columns(stand.story()).with_columns(stand.standing())
    return tables.require("matches", made.select(tables.dtypes("matches").keys()))
