"""Near-equal texts → one name for all of them. In: words and MinHash signatures of texts. Out: names. Pure.

Signatures (`graphmatch.normalise.minhash`) estimate how many runs of five characters two texts share. Two texts with a
band of four of their 64 numbers in common are looked at (of pairs at 0.7, 98 in 100 are), and are copies from 0.7 on: a
word more or less in a post of ten. Copies of copies bear one name; where that makes a chain of many, the layer's cap
leaves them out, as it does sayings.
"""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from graphmatch.normalise.minhash import PERMUTATIONS, signature_numbers

#: Share of equal numbers from which two texts are copies.
ALIKE = 0.7
_BAND = 4
_MIXER = np.uint64(0x9E3779B97F4A7C15)


def copied(words: pl.Series, signatures: pl.Series) -> pl.Series:
    """Name each text by the smallest words of its copies.

    Parameters
    ----------
    words
        Texts, folded; equal ones are copies whatever their signatures.
    signatures
        MinHash signatures, null where a text is too short for one.

    Returns
    -------
    polars.Series
        ``unit``, as long and in the order of ``words``.
    """
    texts = pl.DataFrame({"words": words, "signature": signatures})
    distinct = texts.drop_nulls().group_by("words").agg(pl.col("signature").min()).sort("words")
    numbers, is_one = signature_numbers(distinct["signature"].to_list())
    distinct = distinct.filter(pl.Series(is_one, dtype=pl.Boolean))
    if distinct.is_empty():
        return words.alias("unit")
    part = _parts(numbers)
    names = distinct.select("words", unit=pl.col("words").first().over(pl.Series(part)))
    named = texts.join(names, on="words", how="left", maintain_order="left")
    return named.select(unit=pl.coalesce("unit", "words"))["unit"]


def _parts(numbers: NDArray[np.uint32]) -> NDArray[np.int32]:
    """Join texts that are alike to the first one with the same band; number the parts."""
    firsts, others = [], []
    for start in range(0, PERMUTATIONS, _BAND):
        mixed = np.zeros(numbers.shape[0], dtype=np.uint64)
        for place in range(start, start + _BAND):
            mixed = (mixed ^ numbers[:, place]) * _MIXER
            mixed ^= mixed >> np.uint64(31)
        _, first, band = np.unique(mixed, return_index=True, return_inverse=True)
        other = np.flatnonzero(first[band] != np.arange(band.size))
        firsts.append(first[band[other]])
        others.append(other)
    one, other = np.concatenate(firsts), np.concatenate(others)
    alike = (numbers[one] == numbers[other]).mean(axis=1) >= ALIKE
    one, other = one[alike], other[alike]
    graph = coo_array((np.ones(one.size), (one, other)), shape=(numbers.shape[0],) * 2)
    parts: NDArray[np.int32] = connected_components(graph, directed=False)[1]
    return parts
