"""Accounts from Parquet: checked before any job starts, numbered in order, and what each shows of itself."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import polars as pl

from graphmatch.errors import RejectedTable
from graphmatch.link.traits import TEXT_COLUMNS, shown
from graphmatch.spark.arrow import collected, mapped

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from graphmatch.spark.places import Work

TEXT = ("account_id", "platform", "dataset", "instance", "native_id", *TEXT_COLUMNS)
MOMENTS = ("created_at", "last_active")
NEEDED = ("account_id", "platform", "handle")
#: A number of a row within its partition has so many bits (`monotonically_increasing_id`).
PARTITION_BITS = 33


def checked(given: DataFrame) -> DataFrame:
    """Take the columns that linking knows.

    Raises
    ------
    RejectedTable
        A needed column is missing, or one is of a wrong type; the message names it. No job is started.
    """
    from pyspark.sql import types  # noqa: PLC0415 - an extra

    found = {column.name: column.dataType for column in given.schema}
    for name in NEEDED:
        if name not in found:
            raise RejectedTable(f"table 'accounts' lacks the column {name!r}")
    moments = (types.StringType, types.TimestampType, types.TimestampNTZType, types.DateType)
    for name, right in (*((name, (types.StringType,)) for name in TEXT), *((name, moments) for name in MOMENTS)):
        if name in found and not isinstance(found[name], right):
            wanted = "string" if name in TEXT else "timestamp, date or string"
            raise RejectedTable(f"table 'accounts': {name!r} is {found[name].simpleString()}, not {wanted}")
    return given.select(*[name for name in (*TEXT, *MOMENTS) if name in found])


def numbered(given: DataFrame, work: Work) -> DataFrame:
    """Sort the accounts by population and ``account_id`` and number them in ``id`` from 0, as one machine's rows are.

    Raises
    ------
    RejectedTable
        An ``account_id`` or ``platform`` is null, or an ``account_id`` stands twice.
    """
    from pyspark.sql import functions as f  # noqa: PLC0415 - an extra

    population = f.coalesce("dataset", f.lit("")) if "dataset" in given.columns else f.lit("")
    ordered = given.withColumn("population", population).orderBy("population", "account_id")
    rows = work.kept("accounts", ordered.withColumn("at", f.monotonically_increasing_id()))
    nulls = rows.select(*[f.count_if(f.col(name).isNull()).alias(name) for name in ("account_id", "platform")])
    for name, count in collected(nulls).row(0, named=True).items():
        if count:
            raise RejectedTable(f"table 'accounts': {name!r} is null in {count} rows")
    twice = rows.groupBy("account_id").count().where("count > 1").agg(f.sum(f.col("count") - 1)).first()
    if twice is not None and twice[0]:
        raise RejectedTable(f"table 'accounts': {twice[0]} rows repeat an 'account_id'; each may stand once")
    part = f.shiftright("at", PARTITION_BITS)
    sizes = collected(rows.groupBy(part.alias("part")).agg(f.count("*").alias("size"))).sort("part")
    before = sizes.select("part", (pl.col("size").cum_sum() - pl.col("size")).alias("before"))
    within = pl.col("at") & ((1 << PARTITION_BITS) - 1)

    def number(batch: pl.DataFrame) -> pl.DataFrame:
        known = batch.with_columns((pl.col("at").cast(pl.Int64) // (1 << PARTITION_BITS)).alias("part"))
        joined = known.join(before, on="part", how="left", maintain_order="left")
        ids = joined.select("account_id", id=pl.col("before") + within)
        return shown(batch.drop("at", "population")).join(ids, on="account_id", how="left", maintain_order="left")

    return mapped(rows, number, types())


@cache
def types() -> dict[str, pl.DataType]:
    """Give the columns of what accounts show, with their ``id``."""
    empty = pl.DataFrame(schema={"account_id": pl.String, "platform": pl.String})
    return {"id": pl.Int64(), **shown(empty).schema}
