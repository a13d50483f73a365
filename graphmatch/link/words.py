"""How many names and handles of a population hold each word of its names."""

from __future__ import annotations

import polars as pl

from graphmatch.link.letters import Known, Letters, known_parts

#: Words of other lengths are not looked for inside handles.
WORD_LENGTHS = (3, 12)
_BY = ["population", "word"]


def others(names: pl.DataFrame, stems: pl.DataFrame) -> pl.DataFrame:
    """Count the other names and handles that hold each word of names.

    Parameters
    ----------
    names
        ``population, name``: different names, each its words in order, with a space between.
    stems
        ``population, stem``: different stems of handles.

    Returns
    -------
    polars.DataFrame
        ``population, word, others``, without words that no other holds. Of the names that hold a word one is
        the account's own, and of the handles two: some two may be of one operator.
    """
    word = names.select("population", pl.col("name").str.split(" ").alias("word")).explode("word")
    holders = word.group_by(_BY).len("holders")
    both = holders.join(_inside(stems, holders), on=_BY, how="left")
    extra = (pl.col("stems").fill_null(0).cast(pl.Int64) - 2).clip(lower_bound=0)
    counted = both.select(*_BY, (pl.col("holders").cast(pl.Int64) - 1 + extra).alias("others"))
    return counted.filter(pl.col("others") > 0)


def _inside(stems: pl.DataFrame, words: pl.DataFrame) -> pl.DataFrame:
    """Count the stems of its population in which a word stands: ``population, word, stems``."""
    words = words.select(_BY).filter(pl.col("word").str.len_chars().is_between(*WORD_LENGTHS))
    hashes = Letters.of(words["word"]).whole()
    words = words.with_columns(pl.Series("hash", hashes, dtype=pl.UInt64))
    known = Known(hashes)
    populations = stems["population"]
    found = [pl.DataFrame(schema={"population": pl.String, "hash": pl.UInt64, "stems": pl.UInt32})]
    for _, rows, parts in known_parts(stems["stem"], known, *WORD_LENGTHS):
        held = pl.DataFrame({"row": rows, "hash": parts}).unique()
        held = held.select(populations.gather(held["row"]).alias("population"), "hash")
        found.append(held.group_by("population", "hash").len("stems"))
    counted = pl.concat(found).group_by("population", "hash").agg(pl.col("stems").sum())
    return words.join(counted, on=["population", "hash"]).select(*_BY, "stems")
