"""A first load of millions: a store's graph as files for ``neo4j-admin database import full`` (Neo4j 5.26).

In: any store. Out: a folder with CSV files, ``import.sh`` and ``README.txt``. The imported graph is the one that the
same tables, written to Neo4j, would have made, but for constraints and indexes: ``store prepare`` makes those.
"""

from __future__ import annotations

import os
import shlex
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from graphmatch.errors import StoreError, UsageError
from graphmatch.store import Store
from graphmatch.store.bulk_csv import CsvFolder, SeparatorTaken, free_separators, private
from graphmatch.store.graph import EDGE_TABLES, NODES, SIGNAL_COLUMNS, STORED, Edge, edges_of, with_signal_id
from graphmatch.tables import TEXTS, dtypes

#: The schema version that the files say: the data without constraints. A store's migrations go on from there.
BARE_VERSION = 0
SCRIPT, NOTE = "import.sh", "README.txt"


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export wrote.

    ``rows`` counts the rows of each table; ``waiting`` of the nodes stand for relationships that lack an end.
    ``command`` starts the import, on the server's machine and while the server is stopped.
    """

    folder: Path
    command: str
    rows: dict[str, int]
    nodes: int
    relationships: int
    waiting: int


def export(
    store: Store,
    folder: Path,
    tell: Callable[[str, int], None] = lambda _table, _rows: None,
    *,
    key_digest: str | None = None,
) -> Exported:
    """Write the graph of ``store`` into ``folder`` for the importer.

    Parameters
    ----------
    store
        Read table by table, each once and whole.
    folder
        New or empty. It appears when it is whole; until then ``FOLDER.part`` grows beside it. Its owner's alone.
    tell
        Called with each table's name and its rows, when they are written.
    key_digest
        Names the key that the workspace makes digests with, as for `graphmatch.store.open_store`.

    Raises
    ------
    UsageError
        The folder holds something, or another export is at work there, or was killed.
    RejectedTable
        A list holds what the format can't say; the message names file and row.
    StoreError
        The folder can't be written.
    """
    folder = folder.resolve()
    try:
        part = _begin(folder)
        try:
            exported = _exported(store, folder, part, tell, key_digest)
            part.rename(folder)
        except BaseException:
            shutil.rmtree(part, ignore_errors=True)
            raise
    except OSError as error:
        raise StoreError(
            f"can't write {folder}: {error.strerror or 'unknown reason'}; mend it and run it again"
        ) from None
    return exported


def _begin(folder: Path) -> Path:
    if folder.exists() and not (folder.is_dir() and next(folder.iterdir(), None) is None):
        raise UsageError(f"{folder} is not empty; name a new folder")
    part = folder.with_name(f"{folder.name}.part")
    part.parent.mkdir(parents=True, exist_ok=True)
    try:
        part.mkdir(mode=0o700)
    except FileExistsError:
        raise UsageError(
            f"{part} is there: an export is at work, or was stopped; if none is, remove that folder and run it again"
        ) from None
    return part


def _exported(
    store: Store, folder: Path, part: Path, tell: Callable[[str, int], None], key_digest: str | None
) -> Exported:
    try:
        load = _Load(CsvFolder(part))
        load.add_all(store, tell)
    except SeparatorTaken:
        free = free_separators(store.read(table) for table in STORED if TEXTS in dtypes(table).values())
        if not free:
            raise
        shutil.rmtree(part)
        part.mkdir(mode=0o700)
        load = _Load(CsvFolder(part, free[0]))
        load.add_all(store, tell)
    load.add_meta(key_digest)
    _write_text(part / SCRIPT, _script(load))
    _write_text(part / NOTE, _note(load))
    command = f"sh {shlex.quote(str(folder / SCRIPT))}"
    return Exported(folder, command, load.rows, load.nodes, load.relationships, load.waiting)


@dataclass(slots=True)
class _Load:
    """The files of one import, and the options that name them."""

    files: CsvFolder
    rows: dict[str, int] = field(default_factory=dict)
    nodes: int = 0
    relationships: int = 0
    waiting: int = 0
    options: list[str] = field(default_factory=list)
    keys: dict[str, pl.Series] = field(default_factory=dict)

    def add_all(self, store: Store, tell: Callable[[str, int], None]) -> None:
        """Write every table: nodes first, for which relationships have both ends shows only then."""
        ends: list[tuple[Edge, pl.DataFrame]] = []
        for table, (label, key) in NODES.items():
            rows = store.read(table)
            self._add_nodes(label, rows, key)
            ends += [(edge, edge.ends(rows)) for edge in edges_of(table)]
            self._done(table, rows, tell)
        for table, edge in EDGE_TABLES.items():
            rows = store.read(table)
            self._add_edge_table(edge, rows)
            self._done(table, rows, tell)
        while ends:
            self._add_edges(*ends.pop())

    def _done(self, table: str, rows: pl.DataFrame, tell: Callable[[str, int], None]) -> None:
        self.rows[table] = rows.height
        tell(table, rows.height)

    def add_meta(self, key_digest: str | None) -> None:
        """Write what the graph says of itself."""
        said: dict[str, list[Any]] = {"name": ["schema"], "version": [BARE_VERSION]}
        if key_digest is not None:
            said = {"name": ["schema", "workspace"], "version": [BARE_VERSION, None], "digest": [None, key_digest]}
        self._write_nodes("Meta", "meta", pl.DataFrame(said))

    def _add_edge_table(self, edge: Edge, rows: pl.DataFrame) -> None:
        if edge.to_label == "Signal":
            rows = with_signal_id(rows)
            self._add_nodes("Signal", rows.select(SIGNAL_COLUMNS).unique("signal_id", maintain_order=True), "signal_id")
        self._add_edges(edge, edge.ends(rows))

    def _add_nodes(self, label: str, rows: pl.DataFrame, key: str) -> None:
        self.keys[label] = rows[key]
        self._write_nodes(label, f"nodes-{label}", rows, {key: f"{key}:ID({label})"})

    def _add_edges(self, edge: Edge, ends: pl.DataFrame) -> None:
        whole = ends.select(
            pl.col("from_id").is_in(self.keys[edge.from_label].implode())
            & pl.col("to_id").is_in(self.keys[edge.to_label].implode())
        ).to_series()
        made, waiting = ends.filter(whole), ends.filter(~whole)
        name = edge.name.replace(".", "-")
        if made.height:
            fields = {"from_id": f":START_ID({edge.from_label})", "to_id": f":END_ID({edge.to_label})"}
            self.files.write(f"relationships-{name}.csv", made, fields)
            self.options.append(f"--relationships={edge.type}=relationships-{name}.csv")
            self.relationships += made.height
        self._write_nodes("Waiting", f"waiting-{name}", waiting.select(pl.lit(edge.name).alias("edge"), pl.all()))
        self.waiting += waiting.height

    def _write_nodes(self, label: str, name: str, rows: pl.DataFrame, fields: dict[str, str] | None = None) -> None:
        if rows.height:
            self.files.write(f"{name}.csv", rows, fields or {})
            self.options.append(f"--nodes={label}={name}.csv")
            self.nodes += rows.height


def _script(load: _Load) -> str:
    # What the importer's defaults could change from one release to the next is said, so that every text stays as it is.
    # The files come first: the importer would take a database's name behind them for one file more.
    options = [
        *load.options,
        "--id-type=string",
        "--input-encoding=UTF-8",
        "--delimiter=,",
        "--quote='\"'",
        f"--array-delimiter=U+{ord(load.files.separator):04X}",
        "--multiline-fields=true",
        "--legacy-style-quoting=false",
        "--trim-strings=false",
        "--ignore-empty-strings=false",
        "--auto-skip-subsequent-headers=false",
        "--bad-tolerance=0",
        f"--read-buffer-size={load.files.read_buffer}",
    ]
    listed = " \\\n".join(f"  {option}" for option in options)
    return f"""#!/bin/sh
# sh {SCRIPT} [DATABASE [OPTION...]]      with the server stopped; see {NOTE}
set -eu
cd -- "$(dirname -- "$0")"
database="${{1:-neo4j}}"
[ "$#" -eq 0 ] || shift
exec neo4j-admin database import full \\
{listed} \\
  "$@" "$database"
"""


def _note(load: _Load) -> str:
    return f"""A graphmatch graph, as files for neo4j-admin (Neo4j 5.26)
{load.nodes} nodes, {load.relationships} relationships

The files name people and what they are accused of: move them only over safe ways, and delete them after the import.

1. Bring this folder to the server's machine, readable by the user that the server runs as. Stop the server.
2. As that user, with neo4j-admin on the PATH:

       sh {SCRIPT}

   It fills the database "neo4j"; for another: sh {SCRIPT} NAME (Community has one: set
   initial.dbms.default_database=NAME). A database that is there already is refused, and a server that has run once has
   made its own. To DELETE what it holds and import in its place: sh {SCRIPT} neo4j --overwrite-destination=true
3. Start the server, then make the constraints and indexes, which the import can't:

       graphmatch --store neo4j://HOST:7687 store prepare

4. Delete this folder.
"""


def _write_text(path: Path, text: str) -> None:
    with open(path, "x", encoding="utf-8", newline="\n", opener=private) as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
