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
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Table = np.ndarray[tuple[int, int], np.dtype[np.float64]]

ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789"
_OTHER = len(ALPHABET)
_EDGE = _OTHER + 1
SIZE = _EDGE + 1
#: How many observations the shipped bigrams count as, and the population's bigrams against its trigrams. Large, so
#: that a dozen accounts of one operator don't make their own name look common.
SHIPPED_WEIGHT = 500.0
BIGRAM_WEIGHT = 100.0
#: How many accounts the spelling of a value counts as, against how often the population has it.
SPELLING_WEIGHT = 300.0
#: A character outside the alphabet stands for many: its share is spread over so many letters.
OTHER_BITS = 3.0

#: What stands between two strings: the end of one, and two before the beginning of the next.
_BETWEEN = "\0\0\0"
#: Strings worked on at a time: bounds memory.
CHUNK = 200_000
#: The code of each byte of UTF-8; one that goes on with a character has none.
_NONE = 255
_CODES = np.full(256, _OTHER, dtype=np.uint8)
_CODES[0], _CODES[0x80:0xC0] = _EDGE, _NONE
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


def _windows(values: pl.Series) -> tuple[Ints, Ints]:
    """Give a number to each three characters in a row, strings standing between edges, and where each string starts.

    Of the windows of a string the last two run into the next one, or over the end.
    """
    text = f"\0\0{values.str.join(_BETWEEN).item()}\0\0\0"
    codes = _CODES[np.frombuffer(text.encode(), dtype=np.uint8)]
    codes = codes[codes != _NONE].astype(np.int32)
    window: Ints = (codes[:-2] * SIZE + codes[1:-1]) * SIZE + codes[2:]
    lengths = values.str.len_chars().to_numpy().astype(np.int64) + len(_BETWEEN)
    return window, np.cumsum(lengths) - lengths


def window_counts(texts: pl.Series) -> NDArray[np.float64]:
    """Count each three characters in a row of non-empty strings, shape (SIZE³,), strings standing between edges."""
    texts = texts.filter(texts.str.len_bytes() > 0)
    counts = np.zeros(SIZE**3)
    for part in texts.to_frame().iter_slices(CHUNK) if texts.len() else ():
        window, starts = _windows(part.to_series())
        counts += np.bincount(window, minlength=SIZE**3)
        over = window[np.concatenate([starts[1:], [window.size]])[:, None] - [1, 2]]
        counts -= np.bincount(over.ravel(), minlength=SIZE**3)
    return counts


@dataclass(frozen=True)
class CharacterModel:
    """Bits of each character after the two before it, shape (SIZE³,)."""

    bits: np.ndarray

    @classmethod
    def fit(cls, values: pl.Series) -> CharacterModel:
        """Learn from the distinct non-null strings of ``values``."""
        return cls.of_counts(window_counts(values.filter(values.hash().is_first_distinct())))

    @classmethod
    def of_counts(cls, counts: NDArray[np.float64]) -> CharacterModel:
        """Learn from strings whose windows were counted (`window_counts`)."""
        trigrams = counts.reshape(SIZE, SIZE, SIZE)
        pairs = trigrams.sum(axis=0)
        two = (pairs + SHIPPED_WEIGHT * shipped()) / (pairs.sum(axis=1, keepdims=True) + SHIPPED_WEIGHT)
        three = (trigrams + BIGRAM_WEIGHT * two[None]) / (trigrams.sum(axis=2, keepdims=True) + BIGRAM_WEIGHT)
        bits = -np.log2(three)
        bits[:, :, _OTHER] += OTHER_BITS
        return cls(bits.reshape(-1))

    def score(self, values: pl.Series) -> pl.Series:
        """Give the bits of each string (null for null), in order. They depend on nothing but the string."""
        known = values.is_not_null()
        texts, scores = values.filter(known), np.full(values.len(), np.nan)
        parts = [self._sums(part.to_series()) for part in texts.to_frame().iter_slices(CHUNK)] if texts.len() else []
        scores[known.to_numpy()] = np.concatenate([np.zeros(0), *parts])
        return pl.Series(values.name, scores).fill_nan(None)

    def _sums(self, texts: pl.Series) -> NDArray[np.float64]:
        window, starts = _windows(texts)
        each = self.bits[window]
        each[np.concatenate([starts[1:], [window.size]])[:, None] - [1, 2]] = 0.0
        return np.asarray(np.add.reduceat(each, starts))
