"""Who holds what about a pair of accounts now, from the journal's judgements. Pure.

One rule for all who ask: actors obey it, and nothing is released without it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

from graphmatch.model import Judgement
from graphmatch.normalise.analysts import analyst_key

Pair = tuple[str, str]


@dataclass(slots=True)
class Opinions:
    """Who holds what about one pair now: each analyst's latest judgement. UNSURE withdraws an earlier one."""

    positive_by: list[str] = field(default_factory=list)
    negative_by: list[str] = field(default_factory=list)

    @property
    def agreed(self) -> bool:
        """Whoever judged the pair said the same."""
        return bool(self.positive_by) != bool(self.negative_by)

    @property
    def confirmed(self) -> bool:
        """Two different analysts said POSITIVE and nobody says NEGATIVE."""
        return len(self.positive_by) >= 2 and not self.negative_by


def opinions(judgements: pl.DataFrame) -> dict[Pair, Opinions]:
    """Sum up ``judgements`` by pair, pairs in order, each analyst's latest (by ``seq``) only.

    Analysts are told apart by `analyst_key`, and named as they last wrote themselves. Who has no name can't
    confirm; a NEGATIVE holds whoever said it.
    """
    latest: dict[tuple[str, str, str], tuple[str, str]] = {}
    for row in judgements.sort("seq").iter_rows(named=True):
        left, right = sorted((row["left"], row["right"]))
        key = analyst_key(row["analyst"])
        if key or row["judgement"] == Judgement.NEGATIVE:
            latest[left, right, key] = (row["analyst"], row["judgement"])
    held: dict[Pair, Opinions] = {}
    for (left, right, _), (analyst, word) in sorted(latest.items()):
        known = held.setdefault((left, right), Opinions())
        if word == Judgement.POSITIVE:
            known.positive_by.append(analyst)
        elif word == Judgement.NEGATIVE:
            known.negative_by.append(analyst)
    return held
