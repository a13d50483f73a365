"""Blocking keys: what of an account must meet the same of another for the two to be compared.

In: traits (`graphmatch.link.traits`), any rows of them. Out: row numbers and keys as 64-bit hashes, each once. A row's
keys depend on that row alone, but for the words of names that its handle holds: those are the population's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graphmatch.link.hashed import combined
from graphmatch.link.letters import Hashes, Known, Letters, Rows, distinct, known_parts
from graphmatch.link.runs import starts
from graphmatch.link.traits import WORD_LENGTHS


@dataclass(frozen=True, slots=True)
class Keys:
    """Row numbers and their keys. A row may have several; where it has one twice, no lower row comes in between."""

    rows: Rows
    hashes: Hashes

    def only(self, which: NDArray[np.bool_]) -> Keys:
        """Keep some."""
        return Keys(self.rows[which], self.hashes[which])

    @classmethod
    def joined(cls, parts: Iterable[Keys]) -> Keys:
        """Put parts together."""
        listed = [cls(np.zeros(0, np.uint32), np.zeros(0, np.uint64)), *parts]
        return cls(np.concatenate([keys.rows for keys in listed]), np.concatenate([keys.hashes for keys in listed]))


@dataclass
class Source:
    """Rows of traits, from which keys are made.

    Attributes
    ----------
    traits
        Any rows of traits.
    rows
        Their row numbers.
    words
        Hashes of all words of names that handles may hold; without them the rows' own.
    """

    traits: pl.DataFrame
    rows: Rows
    words: Hashes | None = None

    def only(self, which: pl.Series) -> Source:
        """Keep some rows."""
        return Source(self.traits.filter(which), self.rows[which.to_numpy()], self.words)

    def texts(self, trait: str, least: int = 0) -> Letters:
        """Lay out a trait of at least so many letters."""
        long = self.traits.select((pl.col(trait).str.len_chars() >= least).fill_null(value=False)).to_series()
        return Letters.of(self.traits[trait].filter(long), self.rows[long.to_numpy()])

    def listed(self, trait: str) -> tuple[Rows, pl.Series]:
        """Give each value of a list with its row."""
        values = self.traits[trait]
        sizes = values.list.len().fill_null(0).to_numpy()
        return np.repeat(self.rows, sizes), values.drop_nulls().explode(empty_as_null=False, keep_nulls=False)

    @cached_property
    def name_words(self) -> tuple[Rows, Hashes, NDArray[np.int64]]:
        """The words of the names: their rows, hashes and lengths, in order of rows."""
        rows, words = self.listed("words")
        distinct = words.unique()
        known = pl.DataFrame([distinct.alias("word"), pl.Series("hash", Letters.of(distinct).whole())])
        known = known.with_columns(pl.col("word").str.len_chars().cast(pl.Int64).alias("length"))
        found = words.to_frame("word").join(known, on="word", how="left", maintain_order="left")
        return rows, found["hash"].to_numpy(), found["length"].to_numpy()

    def own_words(self) -> Hashes:
        """Hash the words of the names that are of a length to be looked for in handles."""
        _, hashes, lengths = self.name_words
        low, high = WORD_LENGTHS
        return distinct(hashes[(lengths >= low) & (lengths <= high)])

    @cached_property
    def held(self) -> tuple[Rows, Hashes, NDArray[np.int64]]:
        """The words of names that stand in the handles: rows, hashes and lengths."""
        known = Known(self.own_words() if self.words is None else self.words)
        parts = known_parts(self.traits["handle"], known, *WORD_LENGTHS, rows=self.rows)
        found = [(rows, hashes, np.full(rows.size, length)) for length, rows, hashes in parts]
        empty = (np.zeros(0, np.uint32), np.zeros(0, np.uint64), np.zeros(0, np.int64))
        rows, hashes, lengths = (np.concatenate(part) for part in zip(empty, *found, strict=True))
        return rows, hashes, lengths


Made = Callable[[Source], Keys]


def plain(trait: str) -> Made:
    """Key a trait by its value."""

    def keys(source: Source) -> Keys:
        values = source.traits[trait]
        return Keys(source.rows[values.is_not_null().to_numpy()], values.drop_nulls().hash().to_numpy())

    return keys


def either(one: str, two: str) -> Made:
    """Key the values of both traits, once where they are the same."""

    def keys(source: Source) -> Keys:
        other = source.only(source.traits[one].ne_missing(source.traits[two]))
        return Keys.joined([plain(one)(source), plain(two)(other)])

    return keys


def each(trait: str, shortest: int = 1) -> Made:
    """Key each value of a list that is long enough."""

    def keys(source: Source) -> Keys:
        rows, values = source.listed(trait)
        long = (values.str.len_chars() >= shortest).to_numpy()
        return Keys(rows, values.hash().to_numpy()).only(long)

    return keys


def words(shortest: int) -> Made:
    """Key each word of the name that is long enough."""

    def keys(source: Source) -> Keys:
        rows, hashes, lengths = source.name_words
        return Keys(rows, hashes).only(lengths >= shortest)

    return keys


def held_words(shortest: int) -> Made:
    """Key each word of the population's names that stands in the handle."""

    def keys(source: Source) -> Keys:
        rows, hashes, lengths = source.held
        return Keys(rows, hashes).only(lengths >= shortest)

    return keys


def word_pairs(source: Source) -> Keys:
    """Key each two words of the name."""
    return _two_of(words(WORD_LENGTHS[0])(source))


def held_word_pairs(source: Source) -> Keys:
    """Key each two words of the population's names that stand in the handle."""
    return _two_of(held_words(WORD_LENGTHS[0])(source))


def windows(trait: str, length: int) -> Made:
    """Key each part of ``length`` letters of a trait."""

    def keys(source: Source) -> Keys:
        return Keys.joined(Keys(rows, hashes) for _, rows, hashes in source.texts(trait, length).parts(length, length))

    return keys


def beginning(trait: str, length: int) -> Made:
    """Key the first ``length`` letters of a longer trait."""

    def keys(source: Source) -> Keys:
        longer = source.texts(trait, length + 1)
        first = longer.starts[:, None] + np.arange(length)
        cut = Letters(
            longer.codes[first].ravel(),
            np.arange(longer.rows.size, dtype=np.int64) * length,
            np.full(longer.rows.size, length),
            longer.rows,
        )
        return Keys(cut.rows, cut.whole())

    return keys


def phrases(trait: str, least: int) -> Made:
    """Key each three neighbouring words of a text, of at least so many letters with what parts them."""

    def keys(source: Source) -> Keys:
        texts = source.traits[trait]
        split = texts.drop_nulls().str.split(" ")
        rows = np.repeat(source.rows[texts.is_not_null().to_numpy()], split.list.len().to_numpy())
        listed = split.explode(empty_as_null=False, keep_nulls=False)
        hashes, sizes = listed.hash().to_numpy(), listed.str.len_chars().to_numpy()
        one, two, three = (slice(at, max(rows.size - 2 + at, at)) for at in range(3))
        good = (rows[one] == rows[three]) & (sizes[one] + sizes[two] + sizes[three] + 2 >= least)
        mixed = combined(combined(hashes[one][good], hashes[two][good]), hashes[three][good])
        return Keys(rows[one][good], mixed)

    return keys


def of_population(keys: Keys, populations: Hashes) -> Keys:
    """Tell populations apart; ``populations`` has one number per row."""
    return Keys(keys.rows, combined(keys.hashes, populations[keys.rows]))


def _two_of(keys: Keys) -> Keys:
    """Key each two keys of a row as one, whatever their order."""
    order = np.lexsort((keys.hashes, keys.rows))
    rows, hashes = keys.rows[order], keys.hashes[order]
    new = starts(rows, hashes)
    rows, hashes = rows[new], hashes[new]
    parts: list[Keys] = []
    step = 1
    while (same := np.flatnonzero(rows[step:] == rows[:-step])).size:
        parts.append(Keys(rows[same], combined(hashes[same], hashes[same + step])))
        step += 1
    return Keys.joined(parts)
