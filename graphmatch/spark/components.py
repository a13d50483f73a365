"""Connected components of matches, by GraphFrames."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphmatch.errors import UsageError
from graphmatch.spark.errors import said

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

MISSING = (
    "--components needs GraphFrames: the extra 'spark', and its jars by --jars FILE,… "
    "or by --conf spark.jars.packages=io.graphframes:graphframes-spark4_2.13:VERSION, which Spark fetches itself"
)


def ready(spark: SparkSession) -> None:
    """Check that GraphFrames is there, before anything is worked out.

    Raises
    ------
    UsageError
        Its Python package or its jar is not loaded.
    """
    try:
        import graphframes  # noqa: F401, PLC0415 - an extra
    except ModuleNotFoundError:
        raise UsageError(MISSING) from None
    with said(lambda _: UsageError(MISSING)):
        java: Any = spark._jvm
        loader = java.java.lang.Thread.currentThread().getContextClassLoader()
        java.java.lang.Class.forName("org.graphframes.GraphFrame", False, loader)  # noqa: FBT003 - Java has no names


def components(matches: DataFrame, least: float, checkpoints: str) -> DataFrame:
    """Group the accounts that matches of at least this probability connect.

    Parameters
    ----------
    matches
        ``left, right, match_probability``.
    least
        Of the matches that count.
    checkpoints
        A folder that every worker can write.

    Returns
    -------
    DataFrame
        ``account_id, component`` (the first ``account_id`` of the group) of every account that has such a match.
    """
    from graphframes import GraphFrame  # noqa: PLC0415 - an extra
    from pyspark.sql import functions as f  # noqa: PLC0415

    matches.sparkSession.sparkContext.setCheckpointDir(checkpoints)
    edges = matches.where(f.col("match_probability") >= least).select(
        f.col("left").alias("src"), f.col("right").alias("dst")
    )
    accounts = edges.select(f.explode(f.array("src", "dst")).alias("id")).distinct()
    found = GraphFrame(accounts, edges).connectedComponents()
    first = found.groupBy("component").agg(f.min("id").alias("first"))
    named = found.join(first, "component")
    made: DataFrame = named.select(f.col("id").alias("account_id"), f.col("first").alias("component"))
    return made
