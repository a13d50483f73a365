"""Candidate pairs: keys of each account where it lies, then a join of the accounts that share one, with the caps.

The keys, the rules and what meets are `graphmatch.link.block`'s: a shuffle brings all accounts with a key into one
partition, where the same function pairs them. A key that too many share is cut down before the shuffle, so that no
partition drowns in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from graphmatch.link.block import RULE_NAMES, RULES, Rule, propose
from graphmatch.link.keys import Keys, Source
from graphmatch.link.letters import Hashes
from graphmatch.link.meet import Met, packed, unpacked
from graphmatch.spark.arrow import collected, mapped

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

#: ``side`` is twice the number of the rule, plus one for the keys that must meet the others'. ``more``: how many
#: accounts with the same key a row stands for beside its own.
KEYS = {"side": pl.Int8, "key": pl.Int64, "id": pl.Int64, "place": pl.Int64, "more": pl.Int64}
_PAIRS = {"left": pl.Int64, "right": pl.Int64, "rules": pl.Int64}
_TOLD = {"rule": pl.Int64, "keys": pl.Int64, "keys_dropped": pl.Int64, "largest_key": pl.Int64}
MET = {**_PAIRS, **_TOLD}


def keyed(traits: DataFrame, words: Hashes, populations: list[str], cap: int | None) -> DataFrame:
    """List the keys of all accounts: `KEYS`."""
    columns = ("id", "population", "place_code", *_TRAITS)
    return mapped(traits.select(*columns), Keyed(words, populations, cap), KEYS)


_TRAITS = (
    "handle", "stem", "skeleton", "name", "words", "full_forms", "short_forms", "bio", "links", "emails", "phones",
    "devices", "networks", "avatars", "targets",
)  # fmt: skip


@dataclass(frozen=True)
class Keyed:
    """Makes the keys of some accounts."""

    words: Hashes
    populations: list[str]
    cap: int | None

    def __call__(self, batch: pl.DataFrame) -> pl.DataFrame:
        """Give `KEYS`."""
        source = Source(batch, np.arange(batch.height, dtype=np.uint32), self.words)
        numbers = pl.DataFrame({"population": self.populations}).with_row_index("number")
        population = batch.join(numbers, on="population", how="left", maintain_order="left")["number"]
        mine = population.cast(pl.UInt64).to_numpy()
        ids, places = batch["id"].to_numpy(), batch["place_code"].to_numpy()
        parts = [pl.DataFrame(schema=KEYS)]
        for number, rule in enumerate(RULES):
            for side, found in enumerate(rule.sides(source, mine)):
                rows = {"key": found.hashes.view(np.int64), "id": ids[found.rows], "place": places[found.rows]}
                listed = pl.DataFrame(rows).unique(["key", "id"], maintain_order=True)
                cut = _cut(listed, rule.limit(self.cap)).with_columns(side=pl.lit(2 * number + side, dtype=pl.Int8))
                parts.append(cut.select(*KEYS))
        return pl.concat(parts)


def _cut(listed: pl.DataFrame, cap: int) -> pl.DataFrame:
    """Leave of a key that is too common one account more than its cap; the first stands for those left out."""
    at, size = pl.int_range(pl.len()).over("key"), pl.len().over("key").cast(pl.Int64)
    more = pl.when((at == 0) & (size > cap + 1)).then(size - cap - 1).otherwise(0)
    return listed.with_columns(more=more, at=at).filter(pl.col("at") <= cap)


@dataclass(frozen=True)
class Meeting:
    """Pairs the accounts of one partition that share keys, by every rule. `MET`: pairs, then lines of the report."""

    same_platform: bool
    cap: int | None

    def __call__(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Give `MET` of all rows of a partition."""
        ids, at = np.unique(rows["id"].to_numpy(), return_inverse=True)
        places = np.zeros(ids.size, dtype=np.int64)
        places[at] = rows["place"].to_numpy()
        rows = rows.with_columns(row=pl.Series(at.astype(np.uint32)), key=pl.col("key").reinterpret(signed=False))
        sides = {side: part for (side,), part in rows.group_by("side")}
        parts, told = [], []
        for number, rule in enumerate(RULES):
            mine, theirs = sides.get(2 * number, _EMPTY), sides.get(2 * number + 1, _EMPTY)
            if mine.height:
                met = _met(rule, mine, theirs, rule.limit(self.cap))
                parts.append(packed(met.pairs, number, None if self.same_platform else places))
                counts = (met.keys, met.dropped.size, _largest(met, mine, theirs))
                told.append(dict(zip(_TOLD, (number, *counts), strict=True)))
        pairs = unpacked(parts)
        left, right = (ids[pairs[side].to_numpy()] for side in ("left", "right"))
        pairs = pairs.select(left=pl.Series(left), right=pl.Series(right), rules=pl.col("rules").cast(pl.Int64))
        return pl.concat([pairs.cast(_PAIRS), pl.DataFrame(told, schema=_TOLD)], how="diagonal")  # type: ignore[arg-type]


_EMPTY = pl.DataFrame(schema={"key": pl.UInt64, "row": pl.UInt32, "more": pl.Int64})


def _met(rule: Rule, mine: pl.DataFrame, theirs: pl.DataFrame, cap: int) -> Met:
    sides = (mine,) if rule.other is None else (mine, theirs)
    return propose(tuple(Keys(part["row"].to_numpy(), part["key"].to_numpy()) for part in sides), cap)


def _largest(met: Met, *sides: pl.DataFrame) -> int:
    """Count the accounts of the most common key, those included that were cut off before."""
    common = pl.Series("key", met.dropped, dtype=pl.UInt64).to_frame()
    totals = [
        side.join(common, on="key", how="semi").group_by("key").agg((pl.col("more") + 1).sum().alias("accounts"))
        for side in sides
    ]
    sizes: list[int] = pl.concat(totals)["accounts"].to_list()
    return max([met.largest, *sizes])


def candidates(met: DataFrame, stated: DataFrame) -> DataFrame:
    """Give each pair once: ids ``left, right``, ``rules`` as `graphmatch.link.block` has them.

    Parameters
    ----------
    met
        What `Meeting` made.
    stated
        Pairs that one names the other, ``left, right``: candidates whatever else.
    """
    from pyspark.sql import functions as f  # noqa: PLC0415 - an extra

    bit = f.lit(1 << RULE_NAMES.index("declared")).cast("bigint").alias("rules")
    named = stated.select(f.least("left", "right").alias("left"), f.greatest("left", "right").alias("right"), bit)
    pairs = met.where("left is not null").select("left", "right", "rules").unionByName(named)
    return pairs.groupBy("left", "right").agg(f.bit_or("rules").alias("rules"))


def report(met: DataFrame, pairs: DataFrame, cap: int | None) -> pl.DataFrame:
    """Say of each rule what it proposed and what its cap dropped, as `graphmatch.link.block.block` does."""
    from pyspark.sql import functions as f  # noqa: PLC0415 - an extra

    sums = {"keys": f.sum, "keys_dropped": f.sum, "largest_key": f.max}
    told = met.where("rule is not null").groupBy("rule").agg(*[made(name).alias(name) for name, made in sums.items()])
    bits = [f.sum(f.shiftright("rules", bit).bitwiseAND(1)).alias(name) for bit, name in enumerate(RULE_NAMES)]
    counts = pairs.agg(*bits).first()
    found = {row["rule"]: row for row in collected(told).iter_rows(named=True)}
    nothing = {"keys": 0, "keys_dropped": 0, "largest_key": 0}
    lines = []
    for number, name in enumerate(RULE_NAMES[:-1]):
        size = int((counts and counts[name]) or 0)
        limit = RULES[number].limit(cap) if number < len(RULES) else None
        own = found.get(number, nothing) if limit is not None else {**nothing, "keys": size}
        lines.append({"rule": name, "cap": limit, "pairs": size, **{what: own[what] for what in nothing}})
    return pl.DataFrame(lines, schema_overrides={"cap": pl.Int64})
