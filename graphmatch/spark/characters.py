"""The character model (`graphmatch.link.surprisal`) from counts that many workers make."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from graphmatch.link.surprisal import ALPHABET, BIGRAM_WEIGHT, OTHER_BITS, SHIPPED_WEIGHT, SIZE, CharacterModel, shipped
from graphmatch.spark.arrow import collected, mapped

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pyspark.sql import DataFrame

_OTHER, _EDGE = SIZE - 2, SIZE - 1
#: The code of each character of ASCII; the last one's is every other character's.
_CODES = np.full(128, _OTHER, dtype=np.int64)
_CODES[0] = _EDGE
for _place, _char in enumerate(ALPHABET):
    _CODES[ord(_char)] = _place
#: What stands between two strings: the end of one, and two before the beginning of the next.
_BETWEEN = "\0\0\0"
_COUNTS = {"window": pl.Int64, "count": pl.Int64}


def character_model(texts: DataFrame) -> CharacterModel:
    """Learn from the different strings of the column ``text``."""
    from pyspark.sql import functions as f  # noqa: PLC0415 - an extra

    counts = mapped(texts.where("text is not null").distinct(), _counted, _COUNTS)
    sums = collected(counts.groupBy("window").agg(f.sum("count").alias("count")))
    windows = np.zeros(SIZE**3)
    windows[sums["window"].to_numpy()] = sums["count"].to_numpy()
    return of_windows(windows)


def _counted(batch: pl.DataFrame) -> pl.DataFrame:
    windows = windows_of(batch["text"])
    seen = np.flatnonzero(windows)
    return pl.DataFrame({"window": seen, "count": windows[seen].astype(np.int64)}, schema=_COUNTS)


def windows_of(texts: pl.Series) -> NDArray[np.float64]:
    """Count each three characters in a row, shape (SIZE³,), strings standing between edges."""
    if not texts.len():
        return np.zeros(SIZE**3)
    text = f"\0\0{texts.str.join(_BETWEEN).item()}\0"
    codes = _CODES[np.minimum(np.frombuffer(text.encode("utf-32-le"), dtype=np.uint32), _CODES.size - 1)]
    window = (codes[:-2] * SIZE + codes[1:-1]) * SIZE + codes[2:]
    # A window that reaches over the end of a string into the next one starts or centres on a lone edge.
    inside = ~((codes[1:-1] == _EDGE) & (codes[:-2] != _EDGE)) & ~((codes[2:] == _EDGE) & (codes[1:-1] == _EDGE))
    return np.bincount(window[inside], minlength=SIZE**3).astype(np.float64)


def of_windows(windows: NDArray[np.float64]) -> CharacterModel:
    """Give the model that `CharacterModel.fit` learns from the strings that the windows were counted in."""
    trigrams = windows.reshape(SIZE, SIZE, SIZE)
    pairs = trigrams.sum(axis=0)
    two = (pairs + SHIPPED_WEIGHT * shipped()) / (pairs.sum(axis=1, keepdims=True) + SHIPPED_WEIGHT)
    three = (trigrams + BIGRAM_WEIGHT * two[None]) / (trigrams.sum(axis=2, keepdims=True) + BIGRAM_WEIGHT)
    bits = -np.log2(three)
    bits[:, :, _OTHER] += OTHER_BITS
    return CharacterModel(bits.reshape(-1))
