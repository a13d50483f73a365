"""The character model (`graphmatch.link.surprisal`) from counts that many workers make."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from graphmatch.link.surprisal import SIZE, CharacterModel, window_counts
from graphmatch.spark.arrow import collected, mapped

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

_COUNTS = {"window": pl.Int64, "count": pl.Int64}


def character_model(texts: DataFrame) -> CharacterModel:
    """Learn from the different strings of the column ``text``."""
    from pyspark.sql import functions as f  # noqa: PLC0415 - an extra

    counts = mapped(texts.where("text is not null").distinct(), _counted, _COUNTS)
    sums = collected(counts.groupBy("window").agg(f.sum("count").alias("count")))
    windows = np.zeros(SIZE**3)
    windows[sums["window"].to_numpy()] = sums["count"].to_numpy()
    return CharacterModel.of_counts(windows)


def _counted(batch: pl.DataFrame) -> pl.DataFrame:
    windows = window_counts(batch["text"])
    seen = np.flatnonzero(windows)
    return pl.DataFrame({"window": seen, "count": windows[seen].astype(np.int64)}, schema=_COUNTS)
