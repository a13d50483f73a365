"""How surprising a string is, in bits: a character model of the population over a shipped prior.

That two accounts agree on a handle says as much as the handle is unlikely (Perito, Castelluccia, Kaafar, Manils 2011,
"How unique and traceable are usernames?", doi:10.1007/978-3-642-22263-4_1). Trigrams of the population, smoothed by
its bigrams, smoothed by the shipped bigrams.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
import polars as pl

Table = np.ndarray[tuple[int, int], np.dtype[np.float64]]

ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789"
_OTHER = len(ALPHABET)
_EDGE = _OTHER + 1
SIZE = _EDGE + 1
#: How many observations the shipped bigrams count as, and the population's bigrams against its trigrams. Large, so
#: that a dozen accounts of one operator don't make their own name look common.
SHIPPED_WEIGHT = 500.0
BIGRAM_WEIGHT = 100.0
#: A character outside the alphabet stands for many: its share is spread over so many letters.
OTHER_BITS = 3.0

_CODES = np.full(128, _OTHER, dtype=np.int64)
for _place, _char in enumerate(ALPHABET):
    _CODES[ord(_char)] = _place


@cache
def shipped() -> Table:
    """Give the shipped conditional probabilities, ``[before, after]``, shape (SIZE, SIZE)."""
    text = files("graphmatch.link").joinpath("bigrams.json").read_text("utf-8")
    bits = np.array(json.loads(text)["bits"], dtype=np.float64)
    made = np.exp2(-bits)
    normal: Table = made / made.sum(axis=1, keepdims=True)
    return normal


def _encode(values: pl.Series) -> tuple[np.ndarray, np.ndarray]:
    """Give the codes of all strings, each between two edges, and where each starts."""
    texts = [f"\x00\x00{text}\x00" for text in values.to_list()]
    points = np.frombuffer("".join(texts).encode("utf-32-le"), dtype=np.uint32)
    codes = np.where(points < 128, _CODES[np.minimum(points, 127)], _OTHER)
    codes = np.where(points == 0, _EDGE, codes)
    lengths = np.fromiter((len(text) for text in texts), dtype=np.int64, count=len(texts))
    return codes, np.cumsum(lengths) - lengths


@dataclass(frozen=True)
class CharacterModel:
    """Bits of each character after the two before it, shape (SIZE³,)."""

    bits: np.ndarray

    @classmethod
    def fit(cls, values: pl.Series) -> CharacterModel:
        """Learn from the distinct non-null strings of ``values``."""
        distinct = values.drop_nulls().unique().sort()
        counts = np.zeros(SIZE**3)
        if distinct.len():
            codes, _ = _encode(distinct)
            window = (codes[:-2] * SIZE + codes[1:-1]) * SIZE + codes[2:]
            # A window that reaches over the end of a string into the next one starts or centres on a lone edge.
            inside = ~((codes[1:-1] == _EDGE) & (codes[:-2] != _EDGE)) & ~(
                (codes[2:] == _EDGE) & (codes[1:-1] == _EDGE)
            )
            counts = np.bincount(window[inside], minlength=SIZE**3).astype(np.float64)
        trigrams = counts.reshape(SIZE, SIZE, SIZE)
        pairs = trigrams.sum(axis=0)
        two = (pairs + SHIPPED_WEIGHT * shipped()) / (pairs.sum(axis=1, keepdims=True) + SHIPPED_WEIGHT)
        three = (trigrams + BIGRAM_WEIGHT * two[None]) / (trigrams.sum(axis=2, keepdims=True) + BIGRAM_WEIGHT)
        bits = -np.log2(three)
        bits[:, :, _OTHER] += OTHER_BITS
        return cls(bits.reshape(-1))

    def score(self, values: pl.Series) -> pl.Series:
        """Give the bits of each string (null for null), in order."""
        # Sorted: sums of floats then come out the same whatever the order of the accounts.
        distinct = values.drop_nulls().unique().sort()
        if not distinct.len():
            return pl.Series(values.name, [None] * values.len(), dtype=pl.Float64)
        codes, starts = _encode(distinct)
        window = (codes[:-2] * SIZE + codes[1:-1]) * SIZE + codes[2:]
        each = self.bits[window]
        # Positions start..end-1 of each string: drop the two windows that run into the next string.
        total = np.concatenate([[0.0], np.cumsum(each)])
        ends = np.append(starts[1:], codes.size) - 2
        scores = pl.Series(total[np.minimum(ends, each.size)] - total[starts])
        known = pl.DataFrame({"value": distinct, "bits": scores})
        return pl.DataFrame({"value": values}).join(known, on="value", how="left", maintain_order="left")["bits"]
