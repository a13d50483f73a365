"""Parquet → raw records, a batch at a time."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, BinaryIO

import polars as pl

from graphmatch.adapter import RawRecord, Unreadable

BATCH_ROWS = 5_000
NOT_PARQUET = "not readable as Parquet"


def read_parquet(stream: BinaryIO) -> Iterator[RawRecord | Unreadable]:
    """Stream the rows of a Parquet file as dictionaries; ``line`` counts rows."""
    line = 0
    with _seekable(stream) as file:
        try:
            for batch in pl.scan_parquet(file).collect_batches(chunk_size=BATCH_ROWS):
                for row in batch.iter_rows(named=True):
                    line += 1
                    yield RawRecord(line, row)
        except pl.exceptions.PolarsError:
            yield Unreadable(line + 1, NOT_PARQUET)


def columns_of(stream: BinaryIO) -> tuple[str, ...] | None:
    """Give the column names of a Parquet file; ``None`` if it can't be read."""
    with _seekable(stream) as file:
        try:
            return tuple(pl.scan_parquet(file).collect_schema().names())
        except pl.exceptions.PolarsError:
            return None


@contextmanager
def _seekable(stream: BinaryIO) -> Iterator[IO[bytes]]:
    # Parquet is read from its end, which a packed or piped stream does not reach. The file has no name, so nothing
    # of it stays behind.
    with tempfile.TemporaryFile() as file:
        shutil.copyfileobj(stream, file, 2**20)
        file.seek(0)
        yield file
