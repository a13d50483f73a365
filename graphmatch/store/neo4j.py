"""The store for teams: the graph in a Neo4j 5.26+ database, over Bolt.

In: tables. Out: tables.

A write takes the lock of all writers, reads the rows that it may touch by key, merges them in polars and sends only
what is new or changed. Relationships whose ends do not both exist yet wait in ``Waiting`` nodes until they do.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Self, TypeVar

import polars as pl

from graphmatch import tables
from graphmatch.store import Login, Written, graph
from graphmatch.store import neo4j_relationships as relationships
from graphmatch.store import neo4j_slices as slices
from graphmatch.store.changes import Change, changes, observed, replacement, require_stored
from graphmatch.store.neo4j_frames import Transaction, asked, fetch, given, run
from graphmatch.store.neo4j_schema import known, lock, prepare
from graphmatch.store.neo4j_server import Neo4jServer
from graphmatch.store.question import bound
from graphmatch.tables import DERIVED, OBSERVED, dtypes, keys

T = TypeVar("T")


class Neo4jStore:
    """A `Store` in one database of a server; any number of programs may have it open. Use it in a ``with`` block.

    Parameters and errors: see `graphmatch.store.open_store`.
    """

    def __init__(
        self,
        url: str,
        login: Login,
        *,
        read_only: bool = False,
        key_digest: str | None = None,
        beside_others: bool = False,
    ) -> None:
        self._server = Neo4jServer(url, login, read_only=read_only)
        self.url = f"{url.rstrip('/')}/{self._server.database}"
        try:
            prepare(self._server, beside_others=beside_others, key_digest=key_digest)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        """Use the store in a ``with`` block."""
        return self

    def __exit__(self, *exc: object) -> None:
        """Close it."""
        self.close()

    def close(self) -> None:
        """Let the server go. Closing twice is no error."""
        self._server.close()

    def write(self, table: str, rows: pl.DataFrame) -> Written:
        """Merge observations into an observed table, in one transaction. Write twice = write once.

        Raises
        ------
        RejectedTable
            A column is missing, or a row breaks the table's contract; nothing was written.
        UsageError
            The table is not an observed one, or the store is open for reading only.
        StoreError
            The server went away and did not come back, or refused; nothing was written.
        """
        return self.write_all({table: rows})[table]

    def write_all(self, rows: Mapping[str, pl.DataFrame]) -> dict[str, Written]:
        """Write several observed tables as `write` does one, in one transaction."""
        for table in rows:
            require_stored(table, OBSERVED)
        fresh = {table: observed(table, each) for table, each in rows.items()}

        return self._write(lambda tx: {table: _merge(tx, table, each) for table, each in fresh.items()})

    def replace(self, table: str, rows: pl.DataFrame) -> int:
        """Put a derived table in place of the one before; give its number of rows.

        Only what differs is sent: in one transaction, or, if very many matches differ, in several, during which (and
        after a death in the middle) matches can't be read. To replace them again mends that.

        Raises
        ------
        RejectedTable
            A column is missing, a key repeats, or a row breaks the contract; the table before stays.
        UsageError
            The table is not a derived one, or the store is open for reading only.
        StoreError
            As in `write`; or another program has begun to replace the same table.
        """
        require_stored(table, DERIVED)
        rows = tables.require(table, rows)

        def work(tx: Transaction) -> tuple[pl.DataFrame, pl.DataFrame] | None:
            gone, change = replacement(table, _rows(tx, table), rows)
            if table in slices.SLICED and gone.height + change.new.height + change.after.height > slices.SLICE:
                return gone, pl.concat([change.new, change.after])
            _drop(tx, table, gone)
            _apply(tx, table, change)
            slices.end(tx, table)
            return None

        large = self._write(work)
        if large:
            self._replace_in_slices(table, *large)
        return rows.height

    def _replace_in_slices(self, table: str, gone: pl.DataFrame, come: pl.DataFrame) -> None:
        token, place = secrets.token_hex(8), self._server.place

        def drop(tx: Transaction, part: pl.DataFrame) -> None:
            slices.require_mine(tx, table, token, place)
            _drop(tx, table, part)

        def put(tx: Transaction, part: pl.DataFrame) -> None:
            slices.require_mine(tx, table, token, place)
            _, change = replacement(table, _existing(tx, table, part), part)
            _apply(tx, table, change)

        self._write(lambda tx: slices.begin(tx, table, token))
        for work, rows in ((drop, gone), (put, come)):
            for part in rows.iter_slices(slices.SLICE):
                self._write(partial(work, part=part))
        self._write(lambda tx: slices.end(tx, table, token))

    def _write(self, work: Callable[[Transaction], T]) -> T:
        return self._server.write(work, lock=lambda tx: lock(tx, self._server.place))

    def read(self, table: str) -> pl.DataFrame:
        """Give a table whole, with its declared columns, sorted by its key."""
        require_stored(table, graph.STORED)

        def work(tx: Transaction) -> pl.DataFrame:
            rows = _rows(tx, table)
            slices.require_whole(tx, table, self._server.place)
            return rows

        return self._server.read(work).sort(keys(table))

    def query(self, cypher_text: str, params: Mapping[str, Any] | None = None) -> pl.DataFrame:
        """Answer a reading query.

        Parameters
        ----------
        cypher_text
            One Cypher statement that returns properties, not whole nodes.
        params
            Values of its ``$params``; times as aware datetimes.

        Returns
        -------
        polars.DataFrame
            One row each; times in UTC. A column without any value has the type ``Null``: the server does not say.

        Raises
        ------
        UsageError
            The query would write or reach outside the store, can't be read, or lacks a parameter.
        """
        answer = self._server.ask(cypher_text, bound(cypher_text, params), known)
        for table in slices.asked_for(cypher_text):
            self._server.read(partial(slices.require_whole, table=table, place=self._server.place))
        return answer

    def about(self) -> dict[str, str]:
        """Say which server and database this is, for people."""
        server = self._server
        return {"engine": f"Neo4j {server.version}", "server": server.place, "database": server.database}

    def counts(self) -> dict[str, int]:
        """Count the rows of each table."""
        return self._server.read(lambda tx: {table: _count(tx, table) for table in graph.STORED})


def _merge(tx: Transaction, table: str, fresh: pl.DataFrame) -> Written:
    if fresh.is_empty():
        return Written()
    change = changes(table, _existing(tx, table, fresh), fresh)
    _apply(tx, table, change)
    return change.written


def _rows(tx: Transaction, table: str) -> pl.DataFrame:
    if table in graph.EDGE_TABLES:
        return relationships.all_rows(tx, graph.EDGE_TABLES[table])
    label, _ = graph.NODES[table]
    return fetch(tx, f"MATCH (n:{label}) RETURN {_properties(table)}", dtypes(table))


def _existing(tx: Transaction, table: str, rows: pl.DataFrame) -> pl.DataFrame:
    """Read the rows whose keys are in ``rows``."""
    if table in graph.EDGE_TABLES:
        return relationships.existing_rows(tx, graph.EDGE_TABLES[table], rows)
    label, key = graph.NODES[table]
    found = f"{relationships.node('n', label, f'$c.{key}[i]')} RETURN {_properties(table)}"
    return fetch(tx, found, dtypes(table), rows.select(key))


def _count(tx: Transaction, table: str) -> int:
    if table in graph.EDGE_TABLES:
        return relationships.count(tx, graph.EDGE_TABLES[table])
    return run(tx, f"MATCH (n:{graph.NODES[table][0]}) RETURN count(n)")


def _apply(tx: Transaction, table: str, change: Change) -> None:
    """Add what is new and set what has changed."""
    if table in graph.EDGE_TABLES:
        relationships.add_rows(tx, graph.EDGE_TABLES[table], change.new)
        relationships.change_rows(tx, graph.EDGE_TABLES[table], change.after)
        return
    label, key = graph.NODES[table]
    values = {name: given(name, of) for name, of in dtypes(table).items()}
    run(tx, f"CREATE (n:{label} {{{', '.join(f'`{name}`: {value}' for name, value in values.items())}}})", change.new)
    sets = ", ".join(f"n.`{name}` = {value}" for name, value in values.items() if name != key)
    run(tx, f"{relationships.node('n', label, f'$c.{key}[i]')} SET {sets}", change.after)
    for edge in graph.edges_of(table):
        gone, come = change.ends(edge)
        relationships.remove(tx, edge, gone)
        relationships.place(tx, edge, come)
    if change.new.height:
        relationships.promote(tx, label, change.new[key], but=table)


def _drop(tx: Transaction, table: str, gone: pl.DataFrame) -> None:
    """Delete rows of a derived table, with their relationships; those that other tables ask for wait again."""
    if table in graph.EDGE_TABLES:
        edge = graph.EDGE_TABLES[table]
        relationships.remove(tx, edge, edge.ends(gone))
        return
    label, key = graph.NODES[table]
    for edge in graph.edges_of(table):
        relationships.remove(tx, edge, edge.ends(gone))
    relationships.release(tx, label, gone[key], but=table)
    run(tx, f"{relationships.node('n', label, f'$c.{key}[i]')} DELETE n", gone.select(key))


def _properties(table: str) -> str:
    return ", ".join(f"{asked(f'n.`{name}`', of)} AS `{name}`" for name, of in dtypes(table).items())
