"""The census of `graphmatch.link.census` by aggregations, and each account weighed by the part of it that it needs.

What is small is collected and sent to every worker: sizes of populations, platforms and places, the character model,
and a hash of each word of names (8 bytes a word). What grows with the accounts stays where it is: the holders of
values and words are counted by a hash of them, and each account gets the counts of what it has itself.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from graphmatch.link.census import SETS, VALUES, Census
from graphmatch.link.letters import Hashes, Known, Letters, known_parts
from graphmatch.link.traits import weighed
from graphmatch.link.words import WORD_LENGTHS
from graphmatch.spark import accounts
from graphmatch.spark.arrow import collected, mapped
from graphmatch.spark.characters import character_model

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pyspark.sql import DataFrame

#: Kinds of facts: one value an account, one of several, a word of a name.
VALUE, IN_SET, WORD = 0, 1, 2
FACTS = {"fact": pl.Int64, "kind": pl.Int8, "platform": pl.Int64, "id": pl.Int64}
#: What an account carries along of the population's counts.
HELD = pl.List(pl.Struct({"fact": pl.Int64, "kind": pl.Int8, "rivals": pl.Int64, "everyone": pl.Int64}))


@dataclass(frozen=True)
class Small:
    """What every worker gets.

    Attributes
    ----------
    census
        Without values, sets and words.
    codes
        ``place, place_code, platform_code``: numbers of places and platforms.
    words
        Hashes of the words of names that are looked for in handles, sorted.
    """

    census: Census
    codes: pl.DataFrame
    words: Hashes


def small(found: DataFrame) -> Small:
    """Count what is small.

    Parameters
    ----------
    found
        What accounts show, with ``id``.
    """
    from pyspark.sql import functions as f  # noqa: PLC0415 - an extra

    by = ("population", "platform", "place")
    counts = collected(found.groupBy(*by).agg(f.count("*").alias("accounts")))
    counts = counts.with_columns(pl.col("accounts").cast(pl.UInt32))
    sums = {level: counts.group_by("population", *level).agg(pl.col("accounts").sum()) for level in _LEVELS}
    spelled = found.groupBy("population").agg(
        f.countDistinct("name").alias("names"), f.countDistinct("stem").alias("stems")
    )
    empty = Census.of(pl.DataFrame(schema={**accounts.types()}))
    census = replace(
        empty,
        model=character_model(found.select(f.explode(f.array("handle", "joined")).alias("text"))),
        sizes=sums[()].rename({"accounts": "size"}).sort("population"),
        platforms=sums["platform",].sort("population", "platform"),
        places=sums["place",].sort("population", "place"),
        spelled=collected(spelled).with_columns(pl.col("names", "stems").cast(pl.UInt32)).sort("population"),
    )
    codes = counts.select(
        "place", *[pl.col(name).rank("dense").cast(pl.Int64).alias(f"{name}_code") for name in ("place", "platform")]
    )
    return Small(census, codes.unique("place").sort("place"), _words(found))


_LEVELS: tuple[tuple[str, ...], ...] = ((), ("platform",), ("place",))


def _words(found: DataFrame) -> Hashes:
    from pyspark.sql import functions as f  # noqa: PLC0415 - an extra

    low, high = WORD_LENGTHS
    words = found.select(f.explode("words").alias("word")).distinct()
    words = words.where(f.length("word").between(low, high))
    hashed = mapped(words, lambda batch: pl.DataFrame({"hash": _signed(Letters.of(batch["word"]).whole())}), _HASH)
    return np.unique(collected(hashed)["hash"].to_numpy().view(np.uint64))


_HASH = {"hash": pl.Int64}


def counted(found: DataFrame, known: Small) -> DataFrame:
    """Count the holders of values and words: ``fact, kind, rivals, everyone``, without what only one has."""
    from pyspark.sql import functions as f  # noqa: PLC0415 - an extra

    held = facts(found).where(f.col("kind") != WORD).groupBy("kind", "fact", "platform").count()
    values = held.groupBy("fact", "kind").agg(f.max("count").alias("rivals"), f.sum("count").alias("everyone"))
    return values.where("everyone > 1").unionByName(_others(found, known))


def _others(found: DataFrame, known: Small) -> DataFrame:
    """Count the other names and stems of its population that hold each word, as `graphmatch.link.words.others` does."""
    from pyspark.sql import functions as f  # noqa: PLC0415 - an extra

    names = found.select("population", "name").where("name is not null").distinct()
    words = names.select("population", f.explode(f.split("name", " ")).alias("word"))
    words = words.groupBy("population", "word").agg(f.count("*").alias("holders"))
    stems = found.select("population", "stem").where("stem is not null").distinct()
    words = mapped(words, _hashed_words, {**_IN_POPULATION, "fact": pl.Int64, "holders": pl.Int64})
    inside = mapped(stems, _Inside(known.words), _IN_POPULATION).groupBy(*_IN_POPULATION).count()
    both = words.join(inside, list(_IN_POPULATION), "left")
    extra = f.greatest(f.coalesce("count", f.lit(0)) - 2, f.lit(0))
    others = both.select("fact", (f.col("holders") - 1 + extra).alias("everyone")).where("everyone > 0")
    kind = f.lit(WORD).cast("tinyint").alias("kind")
    return others.select("fact", kind, f.lit(0).cast("bigint").alias("rivals"), "everyone")


_IN_POPULATION = {"population": pl.String, "hash": pl.Int64}


def _hashed_words(batch: pl.DataFrame) -> pl.DataFrame:
    hashed = batch.with_columns(hash=_signed(Letters.of(batch["word"]).whole()), value="word")
    # Words of other lengths are not looked for in handles.
    looked_for = pl.col("word").str.len_chars().is_between(*WORD_LENGTHS)
    return hashed.with_columns(pl.when(looked_for).then("hash").alias("hash"), _fact("word", "population"))


@dataclass(frozen=True)
class _Inside:
    """Lists the words that stand in each stem, each once."""

    words: Hashes

    def __call__(self, batch: pl.DataFrame) -> pl.DataFrame:
        found = [pl.DataFrame(schema={"row": pl.UInt32, "hash": pl.UInt64})]
        for _, rows, parts in known_parts(batch["stem"], Known(self.words), *WORD_LENGTHS):
            found.append(pl.DataFrame({"row": rows, "hash": parts}))
        held = pl.concat(found).unique()
        return held.select(batch["population"].gather(held["row"]), _signed_column("hash"))


def facts(found: DataFrame) -> DataFrame:
    """List what each account has that others may have too: `FACTS`; the same value has the same ``fact``."""
    return mapped(found, listed_facts, FACTS)


def listed_facts(batch: pl.DataFrame) -> pl.DataFrame:
    """Do it for some accounts."""
    parts = [
        rows.select("fact", pl.lit(kind, dtype=pl.Int8).alias("kind"), platform, "id")
        for kind, platform, made in (
            (VALUE, pl.lit(0, dtype=pl.Int64).alias("platform"), [_values(batch, trait) for trait in VALUES]),
            (IN_SET, _signed_column(pl.col("platform").hash()), [_elements(batch, trait) for trait in SETS]),
            (WORD, pl.lit(0, dtype=pl.Int64).alias("platform"), [_named(batch)]),
        )
        for rows in made
    ]
    return pl.concat(parts).unique(maintain_order=True)


def _values(batch: pl.DataFrame, trait: str) -> pl.DataFrame:
    rows = batch.select("id", "population", "platform", value=pl.col(trait)).drop_nulls("value")
    return rows.with_columns(_fact(trait, "population", "platform"))


def _elements(batch: pl.DataFrame, trait: str) -> pl.DataFrame:
    rows = batch.select("id", "population", "platform", value=pl.col(trait)).drop_nulls("value").explode("value")
    return rows.with_columns(_fact(trait, "population"))


def _named(batch: pl.DataFrame) -> pl.DataFrame:
    rows = batch.select("id", "population", "platform", value=pl.col("words")).drop_nulls("value").explode("value")
    return rows.with_columns(_fact("word", "population"))


def _fact(trait: str, *by: str) -> pl.Expr:
    """Hash a value with what it is and where it is counted."""
    return _signed_column(pl.concat_str(pl.lit(trait), *by, "value", separator="\n").hash()).alias("fact")


def _signed_column(column: pl.Expr | str) -> pl.Expr:
    expr = pl.col(column) if isinstance(column, str) else column
    return expr.reinterpret(signed=True)


def _signed(hashes: Hashes) -> pl.Series:
    return pl.Series(hashes.view(np.int64))


def with_counts(found: DataFrame, counts: DataFrame) -> DataFrame:
    """Give each account the counts of what it has: a column ``held``."""
    from pyspark.sql import functions as f  # noqa: PLC0415 - an extra

    listed = f.struct("fact", counts["kind"], "rivals", "everyone")
    mine = facts(found).drop("kind", "platform").join(counts, "fact").groupBy("id")
    return found.join(mine.agg(f.collect_list(listed).alias("held")), "id", "left")


def weighed_types() -> dict[str, pl.DataType | type[pl.DataType]]:
    """Give the columns of weighed accounts."""
    empty = pl.DataFrame(schema=accounts.types())
    made = weighed(empty.drop("id"), Census.of(empty)).schema
    codes = {"place_code": pl.Int64, "platform_code": pl.Int64}
    return {"id": pl.Int64, **made, **codes, "held": HELD}


@dataclass(frozen=True)
class Weighed:
    """Weighs some accounts by what each worker knows and the counts that the accounts carry."""

    known: Small

    def __call__(self, batch: pl.DataFrame) -> pl.DataFrame:
        """Give `weighed_types`."""
        held = batch["held"].explode(keep_nulls=False, empty_as_null=False).struct.unnest().unique("fact")
        values = {trait: _joined(_values(batch, trait), held, _COUNT, "population", "platform") for trait in VALUES}
        words = _joined(_named(batch), held, {"others": "everyone"}, "population", value="word")
        census = replace(self.known.census, values=values, words=words)
        in_sets = pl.col("held").list.filter(pl.element().struct.field("kind") == IN_SET)
        made = weighed(batch.with_columns(in_sets), census)
        return made.join(self.known.codes, on="place", how="left", maintain_order="left")


_COUNT = {"accounts": "everyone"}
_SET_COUNTS = {"rivals": "rivals", "everyone": "everyone"}


def sets_of(traits: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """Give the part of `Census.sets` that weighed accounts carry along."""
    held = traits["held"].explode(keep_nulls=False, empty_as_null=False).struct.unnest().unique("fact")
    return {trait: _joined(_elements(traits, trait), held, _SET_COUNTS, "population") for trait in SETS}


def _joined(
    rows: pl.DataFrame, held: pl.DataFrame, counts: Mapping[str, str], *by: str, value: str = "value"
) -> pl.DataFrame:
    found = rows.unique("fact").join(held, on="fact")
    return found.select(
        *by, pl.col("value").alias(value), *[pl.col(old).cast(pl.UInt32).alias(new) for new, old in counts.items()]
    )
