"""Greedy merging of accounts into groups, by the rules that `graphmatch.resolve` states."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from graphmatch.forest import Groups, Link
from graphmatch.model import Standing, Story
from graphmatch.opinions import Opinions, Pair

#: Chance of error that a strong link may have, as a part of the threshold's.
STRONG_PART = 0.1
#: Log-odds are cut at 30 bits either way: probabilities of exactly 0 or 1 are rounding, not certainty.
_MOST_BITS = 30.0

_PAIR = {"left": pl.String, "right": pl.String}
_REACH = {"name": pl.String, "reach": pl.String}


@dataclass(slots=True)
class _Tie:
    """All that is known between two groups."""

    bits: float = 0.0
    links: int = 0
    best: float = 0.0
    negative: bool = False
    impersonation: bool = False

    def add(self, other: _Tie) -> None:
        self.bits += other.bits
        self.links += other.links
        self.best = max(self.best, other.best)
        self.negative |= other.negative
        self.impersonation |= other.impersonation


def linked(threshold: float) -> pl.Expr:
    """Tell whether a match is a link. Needs ``story`` and ``match_probability``."""
    return (pl.col("story") == Story.SAME_OPERATOR.value) & (pl.col("match_probability") >= threshold)


def joined_by_judgement(held: dict[Pair, Opinions]) -> list[Pair]:
    """List the pairs that somebody judged POSITIVE and nobody NEGATIVE, in order."""
    return [pair for pair, known in held.items() if known.positive_by and not known.negative_by]


def evidence_bits(probability: float, prior: float) -> float:
    """Give what was observed about a pair, for or against: its log-odds in bits less the ``prior``."""
    return _log_odds(probability) - prior


class Grouping:
    """Groups of accounts under merging, with the ties between them."""

    def __init__(self, matches: pl.DataFrame, held: dict[Pair, Opinions], threshold: float) -> None:
        self.held = held
        self.strong = 1 - (1 - threshold) * STRONG_PART
        self.threshold = threshold
        self.groups = Groups()
        self.refused: list[Pair] = []
        self.positive = joined_by_judgement(held)
        rows = matches.select("left", "right", "match_probability", "standing", "story", "prior_bits")
        self.links = _links(rows.filter(linked(threshold)))
        wanted = pl.DataFrame(self.positive, schema=_PAIR, orient="row")
        self.scored = {(k.left, k.right): k for k in _links(rows.join(wanted, on=["left", "right"], how="semi"))}
        self._ties: dict[str, dict[str, _Tie]] = {}
        self._tie_up(rows)

    def _tie_up(self, rows: pl.DataFrame) -> None:
        """Note what lies between accounts that some chain of links could bring together."""
        reach = Groups()
        for left, right in [*((k.left, k.right) for k in self.links), *self.positive]:
            reach.join(left, right)
        names = [name for members in reach.members() for name in members]
        near = pl.DataFrame({"name": names, "reach": [reach.find(n) for n in names]}, schema_overrides=_REACH)
        both = rows.join(near, left_on="left", right_on="name").join(
            near, left_on=["right", "reach"], right_on=["name", "reach"]
        )
        for row in both.sort("left", "right").iter_rows(named=True):
            self._tie(row["left"], row["right"]).add(_tie_of(row, self.threshold))
        for (left, right), known in self.held.items():
            if known.negative_by:
                self._tie(left, right).negative = True

    def _tie(self, left: str, right: str) -> _Tie:
        tie = self._ties.setdefault(left, {}).setdefault(right, _Tie())
        self._ties.setdefault(right, {})[left] = tie
        return tie

    def merge_positive(self) -> None:
        """Merge judged pairs: best supported first, so that of contradicting ones the weaker is refused."""
        for left, right in sorted(self.positive, key=self._rank):
            a, b = self.groups.find(left), self.groups.find(right)
            tie = self._ties.get(a, {}).get(b)
            if a == b:
                continue
            if tie is not None and tie.negative:
                self.refused.append((left, right))
            else:
                self._merge(a, b)

    def _rank(self, pair: Pair) -> tuple[int, float, str, str]:
        return (-len(self.held[pair].positive_by), -self._link(pair).probability, *pair)

    def _link(self, pair: Pair) -> Link:
        return self.scored.get(pair, Link(*pair, 0.0, Standing.SUGGESTED))

    def merge_links(self) -> None:
        """Merge by links, most probable first, until none merges: a later merge may second a link."""
        waiting = sorted(self.links, key=lambda k: (-k.probability, k.left, k.right))
        while True:
            refused = [link for link in waiting if not self._try(link)]
            if len(refused) == len(waiting):
                return
            waiting = refused

    def _try(self, link: Link) -> bool:
        """Merge what ``link`` joins if that is allowed; say whether the link is done with."""
        a, b = self.groups.find(link.left), self.groups.find(link.right)
        if a == b:
            return True
        tie = self._ties[a][b]
        single = self.groups.size(a) + self.groups.size(b) == 2
        bridged = single or tie.best >= self.strong or tie.links > 1
        if tie.negative or tie.impersonation or tie.bits < 0 or not bridged:
            return False
        self._merge(a, b)
        return True

    def _merge(self, a: str, b: str) -> None:
        self.groups.join(a, b)
        kept = self.groups.find(a)
        gone = b if kept == a else a
        for other, tie in self._ties.pop(gone, {}).items():
            del self._ties[other][gone]
            if other != kept:
                self._tie(kept, other).add(tie)

    def actors(self) -> list[list[str]]:
        """List the groups of two accounts or more, each sorted, in order of their smallest account."""
        return [members for members in self.groups.members() if len(members) > 1]

    def holding_links(self) -> Iterator[Link]:
        """Give every link and every POSITIVE pair that lies inside one group."""
        yield from (k for k in self.links if self.groups.find(k.left) == self.groups.find(k.right))
        for pair in self.positive:
            link = self._link(pair)
            if self.groups.find(link.left) == self.groups.find(link.right):
                standing = Standing.CONFIRMED if self.held[pair].confirmed else link.standing
                yield Link(*pair, max(link.probability, self.threshold), standing)


def _links(rows: pl.DataFrame) -> list[Link]:
    columns = rows.select("left", "right", "match_probability", "standing")
    return [Link(left, right, p, Standing(standing)) for left, right, p, standing in columns.iter_rows()]


def _tie_of(row: dict[str, object], threshold: float) -> _Tie:
    probability, prior = row["match_probability"], row["prior_bits"]
    assert isinstance(probability, float)
    assert isinstance(prior, float)
    if row["story"] != Story.SAME_OPERATOR:
        return _Tie(impersonation=row["story"] == Story.IMPERSONATION)
    links = probability >= threshold
    return _Tie(evidence_bits(probability, prior), int(links), probability if links else 0.0)


def _log_odds(probability: float) -> float:
    if probability in (0.0, 1.0):
        return math.copysign(_MOST_BITS, probability - 0.5)
    return max(-_MOST_BITS, min(_MOST_BITS, math.log2(probability) - math.log2(1 - probability)))
