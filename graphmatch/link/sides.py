"""The two sides of pairs, and what every comparison is made from: levels, similarities, rarities, shared values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, reduce
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
from numpy.typing import NDArray
from rapidfuzz import process

from graphmatch.link.encoded import Counts, Encoded, Flags, Numbers, Rows
from graphmatch.link.surprisal import SPELLING_WEIGHT
from graphmatch.link.tally import FAST

if TYPE_CHECKING:
    from graphmatch.link.census import Census

Levels = NDArray[np.int8]


class Sides:
    """The traits of both sides of pairs.

    Parameters
    ----------
    traits
        Of the accounts; `Encoded` by whoever compares more pairs of the same accounts, so that it is done once.
    pairs
        Row numbers ``left, right``.
    census
        Of the population; without one the accounts are their own.
    """

    def __init__(self, traits: pl.DataFrame | Encoded, pairs: pl.DataFrame, census: Census | None = None) -> None:
        self.encoded = traits if isinstance(traits, Encoded) else Encoded(traits, census)
        self.traits, self.pairs = self.encoded.traits, pairs.select("left", "right")
        #: Row numbers of both sides.
        self.rows: tuple[Rows, Rows] = (_rows(pairs["left"]), _rows(pairs["right"]))
        self.size = pairs.height
        #: Whether numba does what it can: as long as nobody says otherwise, if it is installed.
        self.fast = FAST
        self._scored: dict[tuple[str, Callable[..., float]], pl.Series] = {}

    @classmethod
    def of(cls, left: pl.DataFrame, right: pl.DataFrame, census: Census | None = None) -> Sides:
        """Take traits that are already joined: a row a pair in both frames, with the same columns."""
        traits = pl.concat([left, right])
        places = pl.int_range(traits.height, dtype=pl.UInt32, eager=True)
        if "account_id" in traits.columns:
            first = traits.select("account_id", place=places).unique("account_id", keep="first", maintain_order=True)
            traits = traits[first["place"]]
            known = first.select("account_id").with_row_index("row")
            both = pl.concat([left.select("account_id"), right.select("account_id")])
            places = both.join(known, on="account_id", how="left", maintain_order="left")["row"]
        pairs = pl.DataFrame({"left": places[: left.height], "right": places[left.height :]})
        return cls(traits, pairs, census)

    @cached_property
    def left(self) -> pl.DataFrame:
        """All traits of the left side."""
        return self.traits[self.pairs["left"]]

    @cached_property
    def right(self) -> pl.DataFrame:
        """All traits of the right side."""
        return self.traits[self.pairs["right"]]

    @cached_property
    def frame(self) -> pl.DataFrame:
        """All traits of both sides: ``<trait>`` of the left, ``<trait>_r`` of the right."""
        return pl.concat([self.left, self.right.rename(lambda name: f"{name}_r")], how="horizontal")

    def observed(self, trait: str) -> Flags:
        """Tell where both sides' trait is known."""
        known = self.encoded.observed(trait)
        return np.asarray(known[self.rows[0]] & known[self.rows[1]])

    def same(self, trait: str) -> Flags:
        """Tell where both sides' trait is known and the same."""
        hashes = self.encoded.hashes(trait)
        return np.asarray((hashes[self.rows[0]] == hashes[self.rows[1]]) & self.observed(trait))

    def at(self, some: Rows) -> tuple[Rows, Rows]:
        """Give the row numbers of ``some`` pairs."""
        return self.rows[0][some], self.rows[1][some]

    def sides(self, trait: str, some: Rows) -> tuple[tuple[str, Rows], tuple[str, Rows]]:
        """Name one trait of both sides of ``some`` pairs."""
        one, two = self.at(some)
        return (trait, one), (trait, two)

    def same_kind(self, some: Rows) -> Flags:
        """Tell which of ``some`` pairs are both people's or both firms'.

        A person and a firm that is called like one share a word, not an operator.
        """
        firm = self.encoded.flags("organisation")
        return np.asarray(firm[self.rows[0][some]] == firm[self.rows[1][some]])

    def least(self, trait: str, some: Rows) -> Numbers:
        """Give the lesser of both sides' numbers, for ``some`` pairs."""
        numbers = self.encoded.numbers(trait)
        return np.asarray(np.fmin(numbers[self.rows[0][some]], numbers[self.rows[1][some]]))

    def similarity(self, trait: str, scorer: Callable[..., float]) -> pl.Series:
        """Score left's trait against right's; measures that ask for the same share the work."""
        if (trait, scorer) not in self._scored:
            values = self.traits[trait]
            sides = [values.gather(self.pairs[side]) for side in ("left", "right")]
            self._scored[trait, scorer] = similarity(sides[0], sides[1], scorer)
        return self._scored[trait, scorer]


def _rows(numbers: pl.Series) -> Rows:
    return numbers.to_numpy().astype(np.intp)


def similarity(left: pl.Series, right: pl.Series, scorer: Callable[..., float]) -> pl.Series:
    """Score each two strings, each distinct pair once; null where either is."""
    both = pl.DataFrame([left.alias("a"), right.alias("b")])
    distinct = both.drop_nulls().unique()
    scores = process.cpdist(
        distinct["a"].to_list(), distinct["b"].to_list(), scorer=scorer, dtype=np.float32, workers=-1
    )
    known = distinct.with_columns(pl.Series("score", scores, dtype=pl.Float32))
    return both.join(known, on=["a", "b"], how="left", maintain_order="left")["score"].fill_nan(None)


def known(*traits: str) -> pl.Expr:
    """Tell whether all traits were observed on both sides."""
    return reduce(
        lambda one, two: one & two, [pl.col(side).is_not_null() for trait in traits for side in (trait, f"{trait}_r")]
    )


class Compared:
    """Levels and rarities of pairs as they are found. Of what is not observed, the level is null."""

    def __init__(self, observed: Flags) -> None:
        self.level: Levels = np.where(observed, 0, -1).astype(np.int8)
        self.rarity: Numbers = np.full(observed.size, np.nan)

    def series(self, name: str) -> list[pl.Series]:
        """Give ``<name>_level`` and ``<name>_rarity``."""
        level, rarity = pl.Series(f"{name}_level", self.level), pl.Series(f"{name}_rarity", self.rarity)
        return [level.set(level < 0, None), rarity.fill_nan(None)]


def highest(size: int, *conditions: NDArray[Any]) -> Levels:
    """Give the highest level whose condition holds; conditions stand for levels 1, 2 and so on."""
    level = np.zeros(size, dtype=np.int8)
    for number, condition in enumerate(conditions, start=1):
        level[condition] = number
    return level


def rarity_of(encoded: Encoded, spelling: Numbers, mine: tuple[str, Rows], theirs: tuple[str, Rows]) -> Numbers:
    """Bits of a value: how few other accounts on the two platforms have it, over its spelling.

    ``mine`` and ``theirs`` name the counted trait and the accounts. The pair itself is left out, so that an operator's
    own accounts don't make the operator's handle common; what is left are the rivals.
    """
    platform, everyone = encoded.hashes("platform"), encoded.numbers("platform_count")
    (one, two), counts = (
        (mine[1], theirs[1]),
        [encoded.numbers(f"{trait}_count")[rows] for trait, rows in (mine, theirs)],
    )
    same = platform[one] == platform[two]
    rivals = counts[0] - 1 + counts[1] - 1
    rivals = np.maximum(np.where(same, rivals / 2 - 1, rivals), 0)
    rivals = np.where(np.isnan(rivals), 0.0, rivals)
    all_accounts = np.where(same, everyone[one], everyone[one] + everyone[two])
    chance = (rivals + SPELLING_WEIGHT * np.exp2(-spelling)) / (all_accounts + SPELLING_WEIGHT)
    return np.asarray(-np.log2(chance))


@dataclass(frozen=True, slots=True)
class Shared:
    """What two sets share: how many ``values``, ``rarity`` of the rarest, ``fewest`` accounts that have one of them."""

    observed: Flags
    values: Counts
    rarity: Numbers
    fewest: Numbers


def shared(both: Sides, trait: str, spelling: float) -> Shared:
    """Say what two sets share, of each pair; ``spelling`` is what a value says where nobody else has it, in bits."""
    lists, one = both.encoded.values(trait), both.rows[0]
    values = np.zeros(both.size, dtype=np.int64)
    rarity, fewest = np.full(both.size, np.nan), np.full(both.size, np.inf)
    pair, element = lists.common(*both.rows)
    if pair.size:
        starts = np.flatnonzero(np.diff(pair, prepend=-1))
        at = pair[starts]
        values[at] = np.diff(starts, append=pair.size)
        held = both.encoded.holders(trait, one[pair], element)
        rivals, fewest[at] = (np.minimum.reduceat(holders, starts) for holders in held)
        size = both.encoded.population()[one[at]]
        rarity[at] = -np.log2((rivals - 1 + SPELLING_WEIGHT * 2.0**-spelling) / (size + SPELLING_WEIGHT))
    return Shared(both.observed(trait), values, rarity, fewest)
