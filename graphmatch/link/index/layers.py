"""The tables of an index, each as it was when the index was made and with what changed since.

Nothing is changed in place: adding gives a new table over the same whole, so that a reader keeps what it read.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graphmatch.link.index.numbers import Counted, Holders, Pairs, between
from graphmatch.link.letters import Hashes
from graphmatch.link.meet import RULE_BITS, rule_bits
from graphmatch.link.runs import Flags, Places, places

Parts = dict[str, NDArray[Any]]


@dataclass(frozen=True, slots=True)
class KeyTable:
    """Which rows have which key, of one side of one blocking rule."""

    whole: Holders
    since: Holders

    def sizes(self, wanted: Hashes) -> NDArray[np.int64]:
        """Give how many rows have each key."""
        return self.whole.sizes(wanted) + self.since.sizes(wanted)

    def having(self, wanted: Hashes) -> Holders:
        """Give the rows that have any of these keys (sorted, no key twice)."""
        return Holders.together(self.whole.having(wanted), self.since.having(wanted))

    def of_rows(self, which: Flags) -> Holders:
        """Give the keys of some rows."""
        return Holders.together(self.whole.of_rows(which), self.since.of_rows(which))

    def plus(self, change: Holders) -> KeyTable:
        """Add keys, or take them back."""
        return replace(self, since=Holders.together(self.since, change))


@dataclass(frozen=True, slots=True)
class CountTable:
    """How often each number was proposed, or seen."""

    whole: Counted
    since: Counted

    def count(self, wanted: Hashes) -> NDArray[np.int32]:
        """Give the counts of numbers."""
        return np.asarray(self.whole.count(wanted) + self.since.count(wanted))

    def some(self) -> Hashes:
        """Give all numbers that count anything."""
        if not self.since.numbers.size:
            return self.whole.numbers
        return self.whole.plus(self.since).numbers

    def rules(self, pairs: Hashes) -> NDArray[np.uint32]:
        """Of numbers that are proposed pairs: give the rules that propose each pair, a bit each."""
        low, high = pairs << np.uint64(RULE_BITS), (pairs + np.uint64(1)) << np.uint64(RULE_BITS)
        found = []
        for part in (self.whole, self.since):
            _, place = between(part.numbers, low, high)
            found.append(Counted(part.numbers[place], part.counts[place]))
        numbers = found[0].plus(found[1]).numbers
        made = np.zeros(pairs.size, dtype=np.uint32)
        np.bitwise_or.at(made, np.searchsorted(pairs, numbers >> np.uint64(RULE_BITS)), rule_bits(numbers))
        return made

    def plus(self, change: Counted) -> CountTable:
        """Add counts of either sign."""
        return replace(self, since=self.since.plus(change))


@dataclass(frozen=True, slots=True)
class PairTable:
    """What is kept of pairs. Of ``whole``, those in ``dropped`` (sorted) no longer hold."""

    whole: Pairs
    dropped: Hashes
    since: Pairs

    def where(self, choose: Callable[[Pairs], Flags | Places]) -> Pairs:
        """Take the pairs that a function chooses from those it is given, dropped ones too."""
        whole, since = (layer[choose(layer)] for layer in self.layers)
        return whole.without(self.dropped).beside(since)

    def having(self, pairs: Hashes) -> Pairs:
        """Take those of some pairs that are there."""

        def chosen(layer: Pairs) -> Places:
            known, place = places(layer.pair, pairs)
            return place[known]

        return self.where(chosen)

    @property
    def layers(self) -> tuple[Pairs, Pairs]:
        """The pairs of the whole, dropped ones too, and the others."""
        return self.whole, self.since

    def put(self, gone: Hashes, come: Pairs) -> PairTable:
        """Take pairs out, whether they are there or not, and then put others in."""
        return PairTable(self.whole, np.union1d(self.dropped, gone), self.since.without(gone).beside(come))
