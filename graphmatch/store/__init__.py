"""The one room that knows a database: a protocol, and the engines behind it.

In: tables. Out: tables. Both engines hold the same graph and answer the same named queries (``queries/``).
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, Self

import polars as pl

from graphmatch.errors import UsageError


@dataclass(frozen=True, slots=True)
class Written:
    """How many rows of a write were new, changed, or already there as they are."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0

    def __add__(self, other: Written) -> Written:
        """Add up two writes."""
        return Written(self.new + other.new, self.changed + other.changed, self.unchanged + other.unchanged)


class Store(Protocol):
    """A graph that keeps every table of `graphmatch.tables`, and gives it back equal."""

    url: str

    def write(self, table: str, rows: pl.DataFrame) -> Written:
        """Merge observations into an observed table, in one transaction. Write twice = write once."""
        ...

    def together(self) -> AbstractContextManager[None]:
        """Commit the writes inside as one: all of them are there afterwards, or, if one raises, none."""
        ...

    def replace(self, table: str, rows: pl.DataFrame) -> int:
        """Put a derived table in place of the one before, in one transaction; give its number of rows."""
        ...

    def read(self, table: str) -> pl.DataFrame:
        """Give a table whole, with its declared columns, sorted by its key."""
        ...

    def query(self, cypher: str, params: Mapping[str, Any] | None = None) -> pl.DataFrame:
        """Answer a reading query. A query that would write is refused with `UsageError`."""
        ...

    def counts(self) -> dict[str, int]:
        """Count the rows of each table."""
        ...

    def close(self) -> None:
        """Let the store go, so that others may open it."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(self, *exc: object) -> None: ...


def open_store(url: str, *, read_only: bool = False) -> Store:
    """Open the store at ``url``: ``embedded:///path/to/file`` (or a bare path).

    Raises
    ------
    UsageError
        The scheme is not known.
    StoreBusy
        Another process holds the embedded file.
    StoreError
        The file is not a store, or of another version.
    """
    scheme, _, rest = url.partition("://")
    if not rest:
        scheme, rest = "embedded", url
    if scheme in ("embedded", "ladybug"):
        from graphmatch.store.embedded import EmbeddedStore

        return EmbeddedStore(Path(rest), read_only=read_only)
    raise UsageError(f"no store speaks {scheme!r} yet; use embedded:///path/to/graph.lbug")
