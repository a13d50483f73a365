"""Texts written in bytes: the letters that a population uses most, in their order."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graphmatch.link.letters import Letters

#: Code points that there are.
POINTS = 0x110000
#: Texts of a sample.
SAMPLE = 20_000


@dataclass(frozen=True, slots=True)
class Bytes:
    """Texts end to end, a byte a letter: where each begins, and how many letters it has; -1 if bytes can't write it."""

    letters: NDArray[np.uint8]
    starts: NDArray[np.int64]
    sizes: NDArray[np.int64]

    @property
    def parts(self) -> tuple[NDArray[np.uint8], NDArray[np.int64], NDArray[np.int64]]:
        """All three."""
        return self.letters, self.starts, self.sizes


@dataclass(frozen=True, slots=True)
class Alphabet:
    """A byte for each code point, in their order; 0 for those that have none."""

    bytes: NDArray[np.uint8]

    @property
    def space(self) -> int:
        """The byte of a space."""
        return int(self.bytes[ord(" ")])

    @classmethod
    def of(cls, texts: list[pl.Series]) -> Alphabet:
        """Take the letters that stand most often in a sample of ``texts``; the space is always one."""
        counts = np.zeros(POINTS, dtype=np.int64)
        for series in texts:
            found = np.bincount(Letters.of(series.gather_every(series.len() // SAMPLE + 1)).codes)
            counts[: found.size] += found
        counts[ord(" ")] = np.iinfo(np.int64).max
        most = np.argsort(-counts, kind="stable")[:255]
        kept = np.sort(most[counts[most] > 0])  # in order, so that words are sorted alike
        made = np.zeros(POINTS, dtype=np.uint8)
        made[kept] = np.arange(1, kept.size + 1)
        return cls(made)

    def write(self, texts: pl.Series) -> Bytes:
        """Write each text; null is empty."""
        letters = Letters.of(texts.fill_null(""))
        written = self.bytes[letters.codes]
        sizes = letters.lengths.copy()
        row = np.repeat(np.arange(sizes.size), sizes) if not written.all() else np.zeros(0, dtype=np.intp)
        sizes[row[written[: row.size] == 0]] = -1
        return Bytes(written, letters.starts, sizes)
