"""The embedded store: the graph in one Ladybug file in the workspace, with no server.

In: tables. Out: tables.

A write reads the rows that it may touch by key, merges them in polars and sends only what is new (``COPY``) or
changed (``SET``): the engine's own ``UNWIND … MERGE`` is slow, and wrong where a batch repeats a key. Relationships
whose ends do not both exist yet wait in ``Waiting`` nodes until they do.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from importlib.metadata import version as version_of
from pathlib import Path
from typing import Any, Self

import polars as pl

from graphmatch import tables
from graphmatch.errors import StoreError, UsageError
from graphmatch.store import Written, cypher, graph
from graphmatch.store.changes import Change, changes, observed, require_stored
from graphmatch.store.ladybug_file import LadybugFile
from graphmatch.store.question import bound
from graphmatch.store.relationships import Relationships
from graphmatch.tables import DERIVED, OBSERVED, TIME, dtypes, keys

#: Raised with every change of ``queries/schema/embedded.cypher``.
SCHEMA_VERSION = 5


class EmbeddedStore:
    """A `Store` in one file. It holds the file's lock until it is closed; use it in a ``with`` block.

    Parameters
    ----------
    path
        The file; made on first use.
    read_only
        Only read: takes no lock, so that several may read at once.

    Raises
    ------
    StoreBusy
        Another process holds the file; the message names it.
    StoreError
        The path is a folder, or the file is no store, broken, or written by a newer graphmatch.
    """

    def __init__(self, path: Path, read_only: bool = False) -> None:  # noqa: FBT001, FBT002 - the protocol's signature
        self._file = LadybugFile(Path(path), read_only=read_only)
        self.url = f"embedded://{self._file.path}"
        self._relationships = Relationships(self._file)
        try:
            self._check_schema()
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
        """Let the file go, so that others may open it. Closing twice is no error."""
        self._file.close()

    def _check_schema(self) -> None:
        named = {row[0] for row in self._file.run("CALL show_tables() RETURN name")}
        if not named and not self._file.read_only:
            self._make_schema()
            return
        if "Meta" not in named:
            raise StoreError(f"{self._file.path} is not a graphmatch store; name another file, or move this one away")
        version = self._file.run("MATCH (m:Meta {name: 'schema'}) RETURN m.version")[0][0]
        if version > SCHEMA_VERSION:
            raise StoreError(
                f"{self._file.path} was written by a newer graphmatch (schema {version}, this one knows "
                f"{SCHEMA_VERSION}); upgrade graphmatch"
            )
        if version < SCHEMA_VERSION:
            raise StoreError(
                f"{self._file.path} has the older schema {version} (this graphmatch writes {SCHEMA_VERSION}); "
                f"move it away, then read the raw files again: graphmatch run {self._file.path.parent / 'archive'}"
            )

    def _make_schema(self) -> None:
        schema = cypher.named("embedded", group="schema")
        with self._file.transaction():
            for statement in schema.statements:
                params = {"version": SCHEMA_VERSION} if "$version" in statement else {}
                self._file.run(statement, params)

    def write(self, table: str, rows: pl.DataFrame) -> Written:
        """Merge observations into an observed table, in one transaction. Write twice = write once.

        Raises
        ------
        RejectedTable
            A column is missing, or a row breaks the table's contract; nothing was written.
        UsageError
            The table is not an observed one, or the store is open for reading only.
        """
        return self.write_all({table: rows})[table]

    def write_all(self, rows: Mapping[str, pl.DataFrame]) -> dict[str, Written]:
        """Write several observed tables as `write` does one, in one transaction: a commit costs more than a write."""
        for table in rows:
            self._require_writable(table, OBSERVED)
        fresh = {table: observed(table, each) for table, each in rows.items()}
        with self._file.transaction():
            return {table: self._write(table, each) for table, each in fresh.items()}

    def _write(self, table: str, fresh: pl.DataFrame) -> Written:
        if fresh.is_empty():
            return Written()
        change = changes(table, self._existing(table, fresh), fresh)
        if table in graph.EDGE_TABLES:
            self._relationships.add_rows(graph.EDGE_TABLES[table], change.new)
            self._relationships.change_rows(graph.EDGE_TABLES[table], change.after)
        else:
            self._write_nodes(table, change)
        return change.written

    def replace(self, table: str, rows: pl.DataFrame) -> int:
        """Put a derived table in place of the one before, in one transaction; give its number of rows.

        Raises
        ------
        RejectedTable
            A column is missing, a key repeats, or a row breaks the contract; the table before stays.
        UsageError
            The table is not a derived one, or the store is open for reading only.
        """
        self._require_writable(table, DERIVED)
        rows = tables.require(table, rows).sort(keys(table))
        # What linking wrote, resolving mostly puts back as it was: to read a million costs a tenth of writing them.
        if table in graph.EDGE_TABLES and self.read(table).equals(rows):
            return rows.height
        with self._file.transaction():
            if table in graph.EDGE_TABLES:
                self._relationships.clear(graph.EDGE_TABLES[table])
                self._relationships.add_rows(graph.EDGE_TABLES[table], rows)
            else:
                self._replace_nodes(table, rows)
        return rows.height

    def read(self, table: str) -> pl.DataFrame:
        """Give a table whole, with its declared columns, sorted by its key."""
        require_stored(table, graph.STORED)
        if table in graph.EDGE_TABLES:
            rows = self._relationships.rows(graph.EDGE_TABLES[table])
        else:
            label, _ = graph.NODES[table]
            rows = self._file.table(f"MATCH (n:{label}) RETURN {_properties('n', dtypes(table))}", dtypes(table))
        return rows.sort(keys(table))

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
            One row each; times in UTC.

        Raises
        ------
        UsageError
            The query would write or reach outside the store, can't be read, or lacks a parameter.
        """
        return self._file.ask(cypher_text, {name: _naive(value) for name, value in bound(cypher_text, params).items()})

    def about(self) -> dict[str, str]:
        """Say which file this is, for people."""
        return {"engine": f"Ladybug {version_of('ladybug')}", "file": str(self._file.path)}

    def counts(self) -> dict[str, int]:
        """Count the rows of each table."""
        return {table: self._count(table) for table in graph.STORED}

    def _count(self, table: str) -> int:
        if table in graph.EDGE_TABLES:
            return self._relationships.count(graph.EDGE_TABLES[table])
        label, _ = graph.NODES[table]
        return int(self._file.run(f"MATCH (n:{label}) RETURN count(*)")[0][0])

    def _require_writable(self, table: str, allowed: tuple[str, ...]) -> None:
        require_stored(table, allowed)
        if self._file.read_only:
            raise UsageError(f"{self._file.path} is open for reading only")

    def _existing(self, table: str, rows: pl.DataFrame) -> pl.DataFrame:
        """Read the rows whose keys are in ``rows``."""
        if table in graph.EDGE_TABLES:
            return self._relationships.existing_rows(graph.EDGE_TABLES[table], rows)
        label, key = graph.NODES[table]
        with self._file.loading(rows.select(wanted=key)) as source:
            return self._file.table(
                f"LOAD FROM {source} WITH wanted MATCH (n:{label} {{{key}: wanted}}) "
                f"RETURN {_properties('n', dtypes(table))}",
                dtypes(table),
            )

    def _write_nodes(self, table: str, change: Change) -> None:
        label, key = graph.NODES[table]
        self._relationships.copy_nodes(label, change.new)
        if change.after.height:
            with self._file.loading(change.after.rename(lambda name: f"new_{name}")) as source:
                self._file.run(
                    f"LOAD FROM {source} WITH * MATCH (n:{label} {{{key}: new_{key}}}) SET "
                    + ", ".join(_assignment(name, of) for name, of in dtypes(table).items() if name != key)
                )
        for edge in graph.edges_of(table):
            gone, come = change.ends(edge)
            self._relationships.remove(edge, gone)
            self._relationships.place(edge, come, made=label)
        if change.new.height:
            self._relationships.promote(label, change.new[key], but=table)

    def _replace_nodes(self, table: str, rows: pl.DataFrame) -> None:
        label, _ = graph.NODES[table]
        for edge in graph.edges_of(table):
            self._relationships.clear(edge)
        # Another table's relationships to these nodes go with them, and come back where the new ones have the same key.
        foreign = [(edge, self._relationships.take(edge)) for edge in graph.edges_into(label, but=table)]
        self._file.run(f"MATCH (n:{label}) DELETE n")
        self._relationships.copy_nodes(label, rows)
        for edge in graph.edges_of(table):
            self._relationships.place(edge, edge.ends(rows), made=label)
        for edge, ends in foreign:
            self._relationships.place(edge, ends)


def _properties(variable: str, names: Mapping[str, Any]) -> str:
    return ", ".join(f"{variable}.`{name}`" for name in names)


def _assignment(name: str, dtype: pl.DataType) -> str:
    value = f"cast(new_{name} AS TIMESTAMP)" if dtype == TIME else f"new_{name}"
    return f"n.`{name}` = {value}"


def _naive(value: Any) -> Any:
    """Take off a time's zone, which is UTC: the engine would drop another without converting."""
    return value.replace(tzinfo=None) if isinstance(value, datetime) else value
