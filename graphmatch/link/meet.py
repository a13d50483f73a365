"""Accounts that share a key → pairs of them; a key that too many share proposes none, and is counted.

In: keys (`graphmatch.link.keys`) of all accounts, or of the two sides that must meet. No loop over pairs; the work
grows with the keys and the pairs that they propose, never with the square of a key's accounts.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graphmatch.link.keys import Keys
from graphmatch.link.letters import Hashes, Known, Rows, distinct, order
from graphmatch.link.runs import ranges, starts
from graphmatch.memory import require

Pairs = tuple[Rows, Rows]
#: Of a packed pair, the bits of its rule, and of each row number.
RULE_BITS, ROW_BITS = 5, 29
#: What proposing a pair takes, in bytes: its rows, their places, and the pair packed and sorted.
PAIR_BYTES = 56


@dataclass(frozen=True, slots=True)
class Met:
    """What a rule proposes: two rows per pair in any order, pairs repeated; how many keys met, and were too common.

    ``largest`` is how many accounts the most common key has; ``dropped`` lists the hashes of those above the cap.
    """

    pairs: Pairs
    keys: int
    dropped: Hashes
    largest: int


@dataclass(frozen=True, slots=True)
class _Groups:
    """Rows in order of their keys: each key once, where its rows begin, how many they are."""

    rows: Rows
    keys: Hashes
    starts: NDArray[np.int64]
    sizes: NDArray[np.int64]

    @classmethod
    def of(cls, keys: Keys) -> _Groups:
        places = order(keys.hashes)
        rows, hashes = keys.rows[places], keys.hashes[places]
        once = starts(hashes, rows)
        rows, hashes = rows[once], hashes[once]
        first = starts(hashes)
        return cls(rows, hashes[first], first, np.diff(first, append=rows.size))


def meet(keys: Keys, cap: int) -> Met:
    """Pair the rows that share a key which at most ``cap`` rows have."""
    groups = _Groups.of(keys)
    shared, common = groups.sizes > 1, groups.sizes > cap
    kept = shared & ~common
    sizes = groups.sizes[kept]
    _affordable(int((sizes * (sizes - 1) // 2).sum()))
    rows = groups.rows[np.repeat(kept, groups.sizes)]
    # How many of its key's rows still follow each row.
    left = np.repeat(np.cumsum(sizes), sizes) - np.arange(rows.size) - 1
    ones, twos = [np.zeros(0, np.uint32)], [np.zeros(0, np.uint32)]
    at = np.flatnonzero(left > 0)
    step = 1
    while at.size:
        ones.append(rows[at])
        twos.append(rows[at + step])
        step += 1
        at = at[left[at] >= step]
    pairs = np.concatenate(ones), np.concatenate(twos)
    return Met(pairs, int(shared.sum()), groups.keys[common], int(groups.sizes[shared].max(initial=0)))


def meet_other(mine: Keys, theirs: Keys, cap: int) -> Met:
    """Pair each row of one side with those of the other that have its key, if neither side has it too often."""
    theirs = theirs.only(Known(mine.hashes).holds(theirs.hashes))
    one, two = _Groups.of(mine.only(Known(theirs.hashes).holds(mine.hashes))), _Groups.of(theirs)
    largest = np.maximum(one.sizes, two.sizes)
    common = largest > cap
    kept = ~common
    counts = one.sizes[kept] * two.sizes[kept]
    _affordable(int(counts.sum()))
    of, within = ranges(np.zeros_like(counts), counts)
    key = np.flatnonzero(kept)[of]
    pairs = (
        one.rows[one.starts[key] + within // two.sizes[key]],
        two.rows[two.starts[key] + within % two.sizes[key]],
    )
    return Met(pairs, one.keys.size, one.keys[common], int(largest.max(initial=0)))


def _affordable(pairs: int) -> None:
    require(pairs * PAIR_BYTES, f"proposing {pairs:,} pairs by one rule", "lower the setting cap (--cap)")


def packed(pairs: Pairs, rule: int, places: NDArray[np.integer] | None = None) -> Hashes:
    """Write pairs as `numbered` does, in order and each once."""
    return distinct(numbered(pairs, rule, places))


def numbered(pairs: Pairs, rule: int, places: NDArray[np.integer] | None = None) -> Hashes:
    """Write pairs as numbers that sort by left, right and rule; pairs of one place left out if asked."""
    one, two = pairs
    good = one != two
    if places is not None:
        good &= places[one] != places[two]
    return (pair_of(one[good], two[good]) << np.uint64(RULE_BITS)) | np.uint64(rule)


def unpacked(parts: list[Hashes]) -> pl.DataFrame:
    """Give all pairs once, in order: ``left, right``, and in ``rules`` a bit for each rule."""
    numbers = np.concatenate([np.zeros(0, np.uint64), *parts])
    numbers.sort()
    pair = numbers >> np.uint64(RULE_BITS)
    first = starts(pair)
    rules = np.bitwise_or.reduceat(rule_bits(numbers), first) if first.size else np.zeros(0, np.uint32)
    left, right = sides_of(pair[first])
    return pl.DataFrame({"left": left, "right": right, "rules": rules})


def pair_of(one: Rows, two: Rows) -> Hashes:
    """Write pairs of rows as numbers that sort by the lower and the higher."""
    low, high = np.minimum(one, two).astype(np.uint64), np.maximum(one, two).astype(np.uint64)
    return np.asarray((low << np.uint64(ROW_BITS)) | high)


def sides_of(pairs: Hashes) -> Pairs:
    """Give the rows of what `pair_of` wrote: the lower, the higher."""
    low = np.uint64((1 << ROW_BITS) - 1)
    return (pairs >> np.uint64(ROW_BITS)).astype(np.uint32), (pairs & low).astype(np.uint32)


def rule_bits(numbers: Hashes) -> NDArray[np.uint32]:
    """Give the bit of the rule of what `numbered` wrote."""
    return np.asarray(np.uint32(1) << (numbers & np.uint64((1 << RULE_BITS) - 1)).astype(np.uint32))
