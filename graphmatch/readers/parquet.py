"""Parquet → raw records, a batch at a time."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from typing import BinaryIO

import polars as pl

from graphmatch.adapter import RawRecord, Unreadable

BATCH_ROWS = 5_000
NOT_PARQUET = "not readable as Parquet"


def read_parquet(stream: BinaryIO) -> Iterator[RawRecord | Unreadable]:
    """Stream the rows of a Parquet file as dictionaries; ``line`` counts rows."""
    line = 0
    with tempfile.TemporaryFile() as seekable:
        # Parquet is read from its end, which a compressed or piped stream does not reach.
        shutil.copyfileobj(stream, seekable, 2**20)
        seekable.seek(0)
        try:
            for batch in pl.scan_parquet(seekable).collect_batches(chunk_size=BATCH_ROWS):
                for row in batch.iter_rows(named=True):
                    line += 1
                    yield RawRecord(line, row)
        except pl.exceptions.PolarsError:
            yield Unreadable(line + 1, NOT_PARQUET)
