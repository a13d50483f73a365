"""Where things lie: files of any file system that Spark knows, and the folder of what is between two stages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from graphmatch.errors import UnreadableFile, UsageError
from graphmatch.spark.errors import said

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession


def _path(spark: SparkSession, address: str) -> tuple[Any, Any]:
    """Give Hadoop's path and its file system."""
    java: Any = spark._jvm
    path = java.org.apache.hadoop.fs.Path(address)
    return path, path.getFileSystem(spark._jsc.hadoopConfiguration())


def exists(spark: SparkSession, address: str, option: str) -> bool:
    """Tell whether there is anything at an address.

    Raises
    ------
    UsageError
        Spark has no file system for it, or it can't be asked.
    """
    with said(lambda why: UsageError(f"{option} {address}: {why}")):
        path, files = _path(spark, address)
        return bool(files.exists(path))


def remove(spark: SparkSession, address: str) -> None:
    """Remove a folder with all that is in it."""
    path, files = _path(spark, address)
    files.delete(path, True)  # noqa: FBT003 - Java has no names


def parquet(spark: SparkSession, address: str, option: str) -> DataFrame:
    """Read Parquet.

    Raises
    ------
    UsageError, UnreadableFile
        There is nothing there, or it is no Parquet.
    """
    if not exists(spark, address, option):
        raise UnreadableFile(f"{option} {address}: there is no such file or folder")
    with said(lambda why: UnreadableFile(f"{option} {address}: can't be read as parquet: {why}")):
        return spark.read.parquet(address)


@dataclass
class Work:
    """The folder of what is between two stages; what was written is read back, so that no stage runs twice.

    Attributes
    ----------
    spark
        The session.
    folder
        Its address, where every worker can write.
    say
        Told of each stage as it begins.
    """

    spark: SparkSession
    folder: str
    say: Callable[[str], None] = lambda _: None

    def stage(self, name: str) -> None:
        """Begin a stage: Spark's own pages and logs show its jobs under this name."""
        self.spark.sparkContext.setJobDescription(name)
        self.say(name)

    def kept(self, name: str, frame: DataFrame) -> DataFrame:
        """Write the rows of a stage, and give them as written."""
        address = f"{self.folder}/{name}"
        self.stage(name)
        frame.write.mode("error").parquet(address)
        return self.spark.read.schema(frame.schema).parquet(address)
