"""Which words of a display name stand in a handle."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from graphmatch.link.encoded import Counts, Encoded, Numbers, Rows


@dataclass(frozen=True, slots=True)
class Held:
    """Of each pair: how many words the handle holds, the letters of all and of the longest, and their bits."""

    words: Counts
    letters: Counts
    longest: Counts
    bits: Numbers

    def at(self, some: Rows) -> Held:
        """Give those of ``some`` pairs."""
        return Held(self.words[some], self.letters[some], self.longest[some], self.bits[some])


def held_words(encoded: Encoded, mine: Rows, theirs: Rows, shortest: int = 2) -> Held:
    """Say which words of ``theirs`` names stand in handles of ``mine``; of less than ``shortest`` letters none does.

    Bits are not a number where no word does.
    """
    words = encoded.words()
    pair, element = _maybe_held(encoded, mine, theirs, shortest)
    texts = [
        encoded.text("handle", mine[pair]).alias("handle"),
        words.values.gather(pl.Series(element, dtype=pl.UInt32)).alias("word"),
    ]
    holds = pl.col("handle").str.contains(pl.col("word"), literal=True).fill_null(value=False)
    held = pl.DataFrame(texts).select(holds).to_series().to_numpy()
    pair, element = pair[held], element[held]
    letters = words.rest["letters"][element]
    count = np.bincount(pair, minlength=mine.size)
    longest = np.zeros(mine.size, dtype=np.int64)
    np.maximum.at(longest, pair, letters)
    total = np.bincount(pair, weights=letters, minlength=mine.size).astype(np.int64)
    bits = np.bincount(pair, weights=words.rest["bits"][element], minlength=mine.size)
    return Held(count, total, longest, np.where(count > 0, bits, np.nan))


def _maybe_held(encoded: Encoded, mine: Rows, theirs: Rows, shortest: int) -> tuple[Rows, Rows]:
    """List the words that can stand in the handle, all of whose neighbouring letters do: place of the pair, element."""
    words, marks = encoded.words(), encoded.marks("handle")
    pairs, elements = [np.zeros(0, dtype=np.intp)], [np.zeros(0, dtype=np.intp)]
    sizes = words.sizes[theirs]
    some = np.flatnonzero(sizes)
    first, lacks = words.starts[theirs[some]], ~marks[mine[some]]
    place = 0
    while some.size:
        element = first + place
        maybe = (words.rest["marks"][element] & lacks) == 0
        maybe &= words.rest["letters"][element] >= shortest
        pairs.append(some[maybe])
        elements.append(element[maybe])
        place += 1
        more = sizes[some] > place
        some, first, lacks = some[more], first[more], lacks[more]
    return np.concatenate(pairs), np.concatenate(elements)
