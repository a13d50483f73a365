"""The one room that knows a database: a protocol, and the engines behind it.

In: tables. Out: tables. Both engines hold the same graph and answer the same named queries (``queries/``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
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


@dataclass(frozen=True, slots=True)
class Login:
    """Who asks a server, and for which database; ``None`` is the server's default. The password never shows."""

    username: str = "neo4j"
    password: str | None = field(default=None, repr=False)
    database: str | None = None


class Store(Protocol):
    """A graph that keeps every table of `graphmatch.tables`, and gives it back equal.

    ``url`` tells this store from all others; of a server it ends with the database.
    """

    url: str

    def write(self, table: str, rows: pl.DataFrame) -> Written:
        """Merge observations into an observed table, in one transaction. Write twice = write once."""
        ...

    def write_all(self, rows: Mapping[str, pl.DataFrame]) -> dict[str, Written]:
        """Write several observed tables in one transaction: all of them are there afterwards, or none."""
        ...

    def replace(self, table: str, rows: pl.DataFrame) -> int:
        """Put a derived table in place of the one before; give its number of rows.

        In one transaction, or so that nobody can take a half of it for the whole.
        """
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

    def about(self) -> dict[str, str]:
        """Say which store this is, for people: its engine, its version and where it is."""
        ...

    def close(self) -> None:
        """Let the store go, so that others may open it."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(self, *exc: object) -> None: ...


def open_store(
    url: str,
    *,
    read_only: bool = False,
    login: Login | None = None,
    key_digest: str | None = None,
    beside_others: bool = False,
) -> Store:
    """Open the store at ``url``.

    Parameters
    ----------
    url
        ``embedded:///path/to/file`` (or a bare path), or a Neo4j server: ``neo4j://host:7687``, ``bolt://``, and both
        with ``+s`` (TLS) or ``+ssc`` (TLS with a certificate that nobody signed). Never with a password in it.
    read_only
        Make no change, not even the schema.
    login
        For a server.
    key_digest
        Names the key that the workspace makes digests with (`Keyring.digest`). A server's graph takes digests of one
        key only: those of another would never compare.
    beside_others
        Begin a graph in a server's database although it holds nodes that are not graphmatch's.

    Raises
    ------
    UsageError
        The scheme is not known, or the URL holds a password.
    StoreBusy
        Another process holds the embedded file.
    StoreError
        The file is not a store, or of another version; the server can't be reached, refuses the login, is too old or
        read-only, or its database holds somebody else's graph.
    """
    scheme, _, rest = url.partition("://")
    if not rest:
        scheme, rest = "embedded", url
    if scheme in ("embedded", "ladybug"):
        from graphmatch.store.embedded import EmbeddedStore

        return EmbeddedStore(Path(rest), read_only=read_only)
    if scheme.partition("+")[0] in ("neo4j", "bolt"):
        from graphmatch.store.neo4j import Neo4jStore

        return Neo4jStore(
            url, login or Login(), read_only=read_only, key_digest=key_digest, beside_others=beside_others
        )
    raise UsageError(f"no store speaks {scheme!r}; use embedded:///path/to/graph.lbug or neo4j://host:7687")
