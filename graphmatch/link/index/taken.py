"""What a whole run works out on its way, taken for an index."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import polars as pl

from graphmatch.link.block import RULES
from graphmatch.link.census import Census
from graphmatch.link.index.accounts import Accounts
from graphmatch.link.index.blocking import Blocking, hashed, words_of
from graphmatch.link.index.given import MARKS, Given
from graphmatch.link.index.kept import Kept
from graphmatch.link.index.layers import CountTable, KeyTable, PairTable
from graphmatch.link.index.numbers import Counted, Holders, Pairs
from graphmatch.link.index.weighing import EVIDENCE, with_pair
from graphmatch.link.keys import Keys
from graphmatch.link.letters import Hashes
from graphmatch.link.meet import pair_of
from graphmatch.link.pairing import Prepared
from graphmatch.link.situation import Situation
from graphmatch.link.weighing import Evidence


@dataclass
class Taken:
    """Told by `graphmatch.link.link` what it works out; `kept` then gives it as an index keeps it."""

    given: Given
    sides: list[tuple[Holders, ...]] = field(default_factory=list)
    proposed: list[Counted] = field(default_factory=list)

    def blocked(self, rule: int, sides: tuple[Keys, ...], numbers: Hashes) -> None:
        """Take what a blocking rule found."""
        if rule < len(RULES):
            self.sides.append(tuple(Holders.of(side.hashes, side.rows) for side in sides))
        self.proposed.append(Counted.of(numbers))

    def weighed(self, ready: Prepared, pairs: pl.DataFrame, about: Situation, evidence: Evidence) -> None:
        """Take the accounts and what speaks for and against their pairs."""
        self.ready, self.about = ready, about
        columns = {name: getattr(evidence, name) for name in EVIDENCE}
        pair = pair_of(pairs["left"].to_numpy(), pairs["right"].to_numpy())
        self.pairs = Pairs({"pair": pair, **columns})

    @property
    def census(self) -> Census:
        """Of the accounts."""
        return self.ready.census

    @property
    def populations(self) -> list[str]:
        """Give the populations, in the order of their numbers (`graphmatch.link.block.block`)."""
        return self.ready.traits["population"].unique().sort().to_list()

    def kept(self, matches: pl.DataFrame) -> Kept:
        """Give all that was taken, beside the matches that came of it."""
        traits, about = self.ready.traits, self.about
        marks = [pl.Series(mark, getattr(about, mark)) for mark in MARKS]
        states = traits.with_columns(marks).select(self.given.state_columns)
        digests = traits.select("account_id").join(
            self.given.digests(), on="account_id", how="left", maintain_order="left"
        )
        accounts = Accounts.of(traits, digests["digest"].to_numpy(), states, self.populations)
        keys = tuple(tuple(KeyTable(side, Holders.none()) for side in rule) for rule in self.sides)
        none = Counted.of(np.zeros(0, np.uint64))
        words = Counted.of(hashed(words_of(traits["name"])))
        proposals = Counted.together(*self.proposed)
        blocking = Blocking(keys, CountTable(words, none), CountTable(proposals, none))
        found = with_pair(matches, traits["account_id"], pl.int_range(traits.height, dtype=pl.UInt32, eager=True))
        matched = Pairs(
            {
                "pair": found["pair"].to_numpy(),
                "digest": found["digest"].to_numpy(),
                "place": np.arange(matches.height),
            }
        )
        matched = matched[np.argsort(matched.pair)]
        dropped = none.numbers
        return Kept(
            accounts,
            traits.height,
            blocking,
            PairTable(self.pairs, dropped, self.pairs[:0]),
            PairTable(matched, dropped, matched[:0]),
            found.clear(),
            self.ready.stated,
        )
