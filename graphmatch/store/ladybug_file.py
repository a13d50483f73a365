"""One open Ladybug file: who may hold it, transactions, and frames in and out.

In: Cypher in Ladybug's dialect and polars frames. Out: polars frames. Knows nothing of tables or of the graph's shape.

Frames go in through Parquet files that Ladybug reads itself (``COPY … FROM``, ``LOAD FROM``): the engine's other door,
straight from memory, needs pyarrow. They lie beside the store, in a folder that only its owner may read, for the length
of one statement.
"""

from __future__ import annotations

import re
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import ladybug
import polars as pl

from graphmatch.errors import StoreBusy, StoreError, UnreadableQuery, UsageError
from graphmatch.store.ladybug_frames import dtype_of, frame, named

#: Upper bound of the engine's cache. Its own default, 80 % of the machine, starves what runs beside it.
CACHE_BYTES = 1 << 30
#: Address space to reserve. The engine's own default, 8 TiB, fails where address space is limited.
FILE_BYTES = 1 << 38

#: With less free space than this, what fails has failed for want of it.
_ROOM_BYTES = 1 << 20

_TEXT_TIME = "%Y-%m-%d %H:%M:%S%.6f"
_LOADING, _READING = ".loading-", ".reading-"
#: What readers lay down lives for a moment; what is as old as this was left by one that was killed.
_STALE_SECONDS = 86_400

#: Files that this process holds. The engine's lock is per process, so that it would let us open a file twice.
_held: dict[Path, bool] = {}


class LadybugFile:
    """A Ladybug file, held from construction until `close`.

    Parameters
    ----------
    path
        The file; it is made if it does not exist, unless ``read_only``.
    read_only
        Take no lock and refuse to write.

    Raises
    ------
    StoreBusy
        Another process, or this one, already holds the file.
    StoreError
        The path is a folder, or the file is no store or is broken.
    """

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        self.path = path.absolute()
        self.read_only = read_only
        self._folder: Path | None = None
        self._loads = 0
        self._check_path()
        if _held.get(self.path) is False or (self.path in _held and not read_only):
            raise StoreBusy(f"{path.name} is already open in this program; close it there first")
        self._database = self._open_database()
        self._connection = ladybug.Connection(self._database)
        _held[self.path] = read_only
        self._open = True
        self._inside = False
        if not read_only:
            self._sweep()

    def _check_path(self) -> None:
        if self.path.is_dir():
            raise StoreError(f"{self.path} is a folder; name a file in it, such as {self.path / 'graph.lbug'}")
        if not self.path.parent.is_dir():
            raise StoreError(f"the folder {self.path.parent} does not exist; make it, or run: graphmatch init")
        if self.read_only and not self.path.exists():
            raise StoreError(f"there is no store at {self.path} yet; run: graphmatch ingest PATH")

    def _open_database(self) -> Any:
        try:
            return _database(self.path, read_only=self.read_only)
        except RuntimeError as error:
            if not self.read_only or not any(word in str(error) for word in ("checkpoint", "WAL")):
                raise _opening_error(self.path, error) from None
        # A writer was killed, or is at work. Only a writer may mend the file, and it gets the lock only if none works.
        try:
            _database(self.path, read_only=False).close()
            return _database(self.path, read_only=True)
        except RuntimeError as error:
            raise _opening_error(self.path, error) from None

    def _sweep(self) -> None:
        """Remove what killed processes left. We hold the writers' lock, so that no other writer's is in use."""
        before = time.time() - _STALE_SECONDS
        for left in self.path.parent.iterdir():
            with suppress(FileNotFoundError):  # a reader that ends takes its folder away itself
                abandoned = left.name.startswith(self.path.name + _READING) and left.stat().st_mtime < before
                if abandoned or left.name.startswith(self.path.name + _LOADING):
                    shutil.rmtree(left, ignore_errors=True)

    def close(self) -> None:
        """Let the file go. Closing twice is no error."""
        if not self._open:
            return
        self._open = False
        self._connection.close()
        self._database.close()
        _held.pop(self.path, None)
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)

    def run(self, statement: str, params: Mapping[str, Any] | None = None) -> list[list[Any]]:
        """Run one statement of our own and give its rows; `StoreError` if the engine refuses."""
        try:
            return self._execute(statement, params)[2]
        except RuntimeError as error:
            if "post-commit" in str(error) or _is_full(self.path):
                raise _no_room(self.path) from None
            # Only the kind: the engine's sentence may quote a key or a text.
            raise StoreError(
                f"the store at {self.path} refused a statement ({_kind(error)}); nothing of this step was written"
            ) from None

    def ask(self, cypher: str, params: Mapping[str, Any]) -> pl.DataFrame:
        """Run a reader's query in a read-only transaction; `UsageError` if the engine can't answer it."""
        with self.transaction(read_only=True):
            try:
                names, types, rows = self._execute(cypher, params)
            except RuntimeError as error:
                raise _question_error(error) from None
        return frame(rows, {name: dtype_of(of) for name, of in zip(names, types, strict=True)})

    def _execute(
        self, statement: str, params: Mapping[str, Any] | None
    ) -> tuple[list[str], list[str], list[list[Any]]]:
        self._require_open()
        result = self._connection.execute(statement, dict(params or {}))
        if isinstance(result, list):
            raise UsageError("ask one question at a time: the query holds several statements")
        with result:
            rows: list[Any] = result.get_all()
            return result.get_column_names(), result.get_column_data_types(), rows

    def _require_open(self) -> None:
        if not self._open:
            raise StoreError(f"the store at {self.path} is closed; open it again")

    @contextmanager
    def transaction(self, *, read_only: bool = False) -> Iterator[None]:
        """Commit what happens inside as a whole, or, if it raises, none of it. Inside another, it is part of that."""
        if self._inside:
            yield
            return
        self.run("BEGIN TRANSACTION READ ONLY" if read_only else "BEGIN TRANSACTION")
        self._inside = True
        try:
            yield
        except BaseException:
            self._roll_back()
            raise
        finally:
            self._inside = False
        self.run("COMMIT")

    def _roll_back(self) -> None:
        try:
            self._connection.execute("ROLLBACK")
        except RuntimeError as error:
            if "No active transaction" not in str(error):  # a failing statement rolls back by itself
                raise StoreError(
                    f"could not undo a write ({_kind(error)}); close the store and open it again"
                ) from None

    @contextmanager
    def loading(self, rows: pl.DataFrame) -> Iterator[str]:
        """Lay ``rows`` where the engine can read them, and give the literal that names them in ``FROM``.

        Give such a statement no parameters, and each file a name of its own: the driver keeps the plan of a statement
        with parameters by its text, and would read the next file by the measure of the one before.

        Times arrive as text, which ``COPY`` casts by itself and ``LOAD`` must cast: the engine's Parquet reader does
        not know the way in which polars writes them.
        """
        file = self._new_file()
        times = [name for name, dtype in rows.schema.items() if isinstance(dtype, pl.Datetime)]
        rows.with_columns(pl.col(times).dt.strftime(_TEXT_TIME)).write_parquet(file, compression="lz4")
        try:
            yield _literal(file)
        finally:
            file.unlink(missing_ok=True)

    def table(self, statement: str, schema: Mapping[str, pl.DataType]) -> pl.DataFrame:
        """Run a statement of our own that may give millions of rows; its columns come as ``schema`` names them.

        They come through a file: the answer of `run` must fit the engine's cache as a whole.
        """
        self._require_open()
        file = self._new_file()
        self._connection.set_max_threads_for_exec(1)  # each thread gathers 122,880 rows in the cache before it writes
        try:
            self.run(f"COPY ({statement}) TO {_quoted(file.as_posix())}")
            made = pl.read_parquet(file, glob=False)
        finally:
            self._connection.set_max_threads_for_exec(0)
            file.unlink(missing_ok=True)
        return named(made, schema)

    def _new_file(self) -> Path:
        if self._folder is None:
            self._folder = self._new_folder()
        self._loads += 1
        return self._folder / f"rows-{self._loads}.parquet"

    def _new_folder(self) -> Path:
        if not self.read_only:
            return Path(tempfile.mkdtemp(prefix=self.path.name + _LOADING, dir=self.path.parent))
        try:
            return Path(tempfile.mkdtemp(prefix=self.path.name + _READING, dir=self.path.parent))
        except OSError:  # who may only read the store may not be allowed to write beside it
            return Path(tempfile.mkdtemp(prefix=self.path.name + _READING))


def _database(path: Path, *, read_only: bool) -> Any:
    # One thread while writing: two that build an index in one COPY can wait for each other for ever (ladybug 0.22, seen
    # at 400,000 keys, in IndexBuilderGlobalQueues::maybeConsumeIndex). It costs nothing that could be measured.
    threads = 0 if read_only else 1
    return ladybug.Database(
        path,
        read_only=read_only,
        buffer_pool_size=CACHE_BYTES,
        max_db_size=FILE_BYTES,
        max_num_threads=threads,
        backend="pybind",
    )


def _literal(file: Path) -> str:
    """Quote a path for Cypher. The engine takes it for a pattern: ``[old]`` in a folder's name must not be one."""
    return _quoted(re.sub(r"([\[*?])", r"[\1]", file.as_posix()))


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _kind(error: RuntimeError) -> str:
    return str(error).partition(":")[0].strip()[:60]


#: Where in a question, then the line itself, quoted. What stands before repeats the question up to there.
_PLACE = re.compile(r"^(.*?) ?\(line: (\d+), offset: \d+\)\n", re.DOTALL)


def _question_error(error: RuntimeError) -> UsageError:
    """Repeat what the engine says of the question's wording; of its running only the kind, which may quote data."""
    text = str(error)
    if not text.startswith(("Parser exception", "Binder exception", "Catalog exception")):
        return UsageError(f"the query failed while it ran ({_kind(error)}); check the types of what it compares")
    place = _PLACE.match(text)
    said = " ".join(place[1].split()) if place else text.partition("\n")[0]
    return UnreadableQuery(f"the query can't be read: {said}", line=int(place[2]) if place else None)


def _is_full(path: Path) -> bool:
    return shutil.disk_usage(path.parent).free < _ROOM_BYTES


def _no_room(path: Path) -> StoreError:
    """Say that the disk is full. The file is whole: its log is played back when there is room."""
    return StoreError(
        f"{path} can't grow: the disk is full, or a limit on the size of files is reached; what was written before is "
        "safe. Make room, then run the same command again"
    )


def _opening_error(path: Path, error: RuntimeError) -> StoreError:
    said = str(error)
    if holder := re.search(r"held by PID (\d+)", said):
        return StoreBusy(f"{path} is in use by process {holder[1]}; wait until it ends, then try again")
    if "Could not set lock" in said:
        return StoreBusy(f"{path} is in use by another process; wait until it ends, then try again")
    if "not a valid" in said:
        return StoreError(f"{path} is not a graphmatch store; name another file, or move this one away")
    if "Permission denied" in said:
        return StoreError(f"{path} may not be opened; check its permissions and its folder's")
    if _is_full(path):
        return _no_room(path)
    return StoreError(
        f"{path} can't be opened ({_kind(error)}); move it away, then read the raw files again, which are kept: "
        f"graphmatch run {path.parent / 'archive'}"
    )
