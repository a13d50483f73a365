"""Who names whom (`graphmatch.link.declared`), where the accounts don't fit in one machine.

Whoever is named by a handle or an address, and whoever names it, meet in one partition under the hash of it; there the
same function runs, on each such meeting as if it were a population of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from graphmatch.link import declared
from graphmatch.spark import accounts
from graphmatch.spark.arrow import mapped

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

_COLUMNS = ("id", "account_id", "population", "platform", "instance", "handle", "address", "links")
STATED = {"left": pl.Int64, "right": pl.Int64, "claim": pl.Boolean, "verified": pl.Boolean}


def directed(found: DataFrame) -> DataFrame:
    """List who names whom: ``left, right`` (ids), ``claim``, ``verified``; a pair may stand more than once."""
    types = {**{name: accounts.types()[name] for name in _COLUMNS}, "meeting": pl.Int64(), "named": pl.Boolean()}
    rows = found.select(*_COLUMNS)
    naming = mapped(rows.where("links is not null"), _naming, types)
    wanted = naming.select("meeting").distinct()
    named = mapped(rows, _named, types).join(wanted, "meeting", "left_semi").select(*types)
    return mapped(naming.unionByName(named).repartition("meeting"), _met, STATED, whole=True).distinct()


def levels(stated: DataFrame) -> DataFrame:
    """Give each unordered pair's ``level``; ids ``left, right``."""
    types = {"left": pl.Int64, "right": pl.Int64, "level": pl.Int8}
    from pyspark.sql import functions as f  # noqa: PLC0415 - an extra

    by_pair = stated.repartition(f.least("left", "right"), f.greatest("left", "right"))
    return mapped(by_pair, declared.levels, types, whole=True)


def _meeting(what: str) -> pl.Expr:
    hashed = pl.concat_str(pl.lit(what), "population", "value", separator="\n").hash()
    return hashed.reinterpret(signed=True).alias("meeting")


def _naming(batch: pl.DataFrame) -> pl.DataFrame:
    """Send each account with links to where those are whom they may name."""
    links = batch.with_columns(value=pl.col("links")).explode("value")
    parts = [links.with_columns(_meeting("address"), pl.lit(None, dtype=pl.String).alias("handle"))]
    profiles = declared.profiles_in(links["value"].unique()).select(pl.col("link").alias("value"), named="handle")
    told = links.join(profiles, on="value").with_columns(value="named").drop("named")
    parts.append(told.with_columns(_meeting("handle"), pl.lit(None, dtype=pl.String).alias("address")))
    return pl.concat(parts).with_columns(pl.lit(value=False).alias("named")).unique(["id", "meeting"])


def _named(batch: pl.DataFrame) -> pl.DataFrame:
    """Send each account to where its handle and its address are named; only that counts there."""
    parts = []
    for what, other in (("handle", "address"), ("address", "handle")):
        rows = batch.with_columns(value=pl.col(what)).drop_nulls("value")
        parts.append(rows.with_columns(_meeting(what), pl.lit(None, dtype=pl.String).alias(other)))
    return pl.concat(parts).with_columns(pl.lit(value=True).alias("named"))


def _met(rows: pl.DataFrame) -> pl.DataFrame:
    """List who names whom in these meetings. Only whom they are about: of others not all holders are there."""
    rows = rows.sort("named", descending=True).unique(["id", "meeting"], keep="first", maintain_order=True)
    apart = pl.concat_str("population", pl.lit("\n"), "meeting").alias("population")
    found = declared.directed(rows.with_columns(apart))
    ids, about = rows["id"], rows["named"]
    made = found.with_columns(named=about.gather(found["right"]))
    made = made.with_columns(left=ids.gather(found["left"]), right=ids.gather(found["right"]))
    return made.filter("named").unique(["left", "right", "claim"])
