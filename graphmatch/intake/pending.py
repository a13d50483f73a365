"""What was read and is not in the store yet: batches of several files, gathered until a write is worth its cost.

A store's commit costs much the same for a hundred rows as for a hundred thousand, so that the batches of a run are
merged here first. A file counts as read only once its last row is in the store.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import polars as pl

from graphmatch import tables
from graphmatch.errors import RejectedTable
from graphmatch.intake.outcome import Tally
from graphmatch.merge import merge

#: Takes the rows of several tables as a whole, and tells of each what it came to.
Write = Callable[[Mapping[str, pl.DataFrame]], Mapping[str, object]]

#: A write is due when what waits takes so many bytes in memory: some 50,000 rows, which a server's memory bears in one
#: transaction. An embedded store gains by more. Merging and writing take some four times as many bytes.
DUE_BYTES = 24 * 2**20


class Pending:
    """Gathers merged, checked tables and writes them together. ``totals`` grows as they are written."""

    def __init__(self, write: Write, due_bytes: int) -> None:
        self.totals: dict[str, Tally] = {}
        self._write = write
        self._due_bytes = due_bytes
        self._batches: list[Mapping[str, pl.DataFrame]] = []
        self._bytes = 0
        self._read: list[Callable[[], None]] = []

    def add(self, frames: Mapping[str, pl.DataFrame]) -> None:
        """Take the tables of one batch, and write what waits if that is enough."""
        if frames:
            self._batches.append(frames)
            self._bytes += sum(int(frame.estimated_size()) for frame in frames.values())
        if self._bytes >= self._due_bytes:
            self.flush()

    def then(self, read: Callable[[], None]) -> None:
        """Call ``read`` once all that was added so far is in the store."""
        self._read.append(read)

    def flush(self) -> None:
        """Write what waits."""
        merged = {
            table: merge(table, *(batch[table] for batch in self._batches if table in batch))
            for table in tables.OBSERVED
            if any(table in batch for batch in self._batches)
        }
        try:
            self._take(merged)
        except RejectedTable:
            # Rows that are right by themselves may contradict each other once they are merged. With what it holds a
            # store merges them unchecked, as none can be told to be the wrong one: so one batch after the other.
            for batch in self._batches:
                self._take(batch)
        self._batches, self._bytes = [], 0
        read, self._read = self._read, []
        for each in read:
            each()

    def _take(self, frames: Mapping[str, pl.DataFrame]) -> None:
        for table, written in (self._write(frames) if frames else {}).items():
            self.totals[table] = self.totals.get(table, Tally()).plus(written)
