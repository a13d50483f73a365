"""The embedded store's file: who may hold it, what survives a kill, what is said of a file that is no store."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import ladybug
import polars as pl
import pytest
from polars.testing import assert_frame_equal
from store_rows import NOON, northmoor
from store_writers import assert_whole_batches, killed_after, line, start

from graphmatch import tables
from graphmatch.errors import StoreBusy, StoreError, UsageError
from graphmatch.store import Written, open_store
from graphmatch.store import embedded as embedded_module
from graphmatch.store.embedded import EmbeddedStore
from graphmatch.store.ladybug_file import LadybugFile


@pytest.fixture(name="path")
def _path(tmp_path: Path) -> Path:
    return tmp_path / "graph.lbug"


def test_a_second_process_is_told_who_holds_the_file_and_may_open_it_later(path: Path) -> None:
    with start("HOLD", path) as holder:
        assert line(holder) == "held"
        with pytest.raises(StoreBusy, match=f"process {holder.pid}; wait"):
            open_store(str(path))
        holder.communicate("go on\n")
    with open_store(str(path)) as store:
        assert store.counts()["accounts"] == 0


def test_one_process_does_not_open_a_file_twice(path: Path) -> None:
    with open_store(str(path)), pytest.raises(StoreBusy, match="already open"):
        open_store(str(path))
    with open_store(str(path)) as store:
        store.write("accounts", northmoor()["accounts"])
    with open_store(str(path), read_only=True) as one, open_store(str(path), read_only=True) as two:
        assert_frame_equal(one.read("accounts"), two.read("accounts"))
        with pytest.raises(StoreBusy):
            open_store(str(path))
    open_store(str(path)).close()


def test_what_was_written_is_there_after_closing(path: Path) -> None:
    made = northmoor()
    with open_store(f"embedded://{path}") as store:
        assert store.url == f"embedded://{path}"
        for table, rows in made.items():
            (store.write if table in tables.OBSERVED else store.replace)(table, rows)
        before = {table: store.read(table) for table in made}
    with open_store(str(path)) as store:
        for table, rows in before.items():
            assert_frame_equal(store.read(table), rows)
        assert store.write("accounts", made["accounts"]) == Written(unchanged=4)
    with pytest.raises(StoreError, match="closed"):
        store.read("accounts")
    store.close()


def test_a_reader_reads_and_nothing_else(path: Path) -> None:
    with pytest.raises(StoreError, match="ingest"):
        open_store(str(path), read_only=True)
    with open_store(str(path)) as store:
        store.write("accounts", northmoor()["accounts"])
    with open_store(str(path), read_only=True) as store:
        assert store.counts()["accounts"] == 4
        with pytest.raises(UsageError, match="reading only"):
            store.write("accounts", northmoor()["accounts"])


@pytest.mark.parametrize(("acknowledged", "read_only"), [(1, False), (6, True), (9, False)])
def test_a_killed_writer_loses_no_acknowledged_batch_and_leaves_no_half_one(
    path: Path, acknowledged: int, read_only: bool
) -> None:
    with start("BATCHES", path) as writer:
        said = killed_after(writer, acknowledged)
    with open_store(str(path), read_only=read_only) as store:
        assert_whole_batches(store, said)
    with open_store(str(path)) as store:
        store.write("targets", northmoor()["targets"])
        assert list(path.parent.glob("*.loading-*")) == [store._file._folder]
    assert not list(path.parent.glob("*.loading-*"))


def test_rows_on_their_way_in_are_their_owners_alone(path: Path) -> None:
    with open_store(str(path)) as store:
        store.write("targets", northmoor()["targets"])
        folder = store._file._folder
        assert folder
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert not list(folder.iterdir())


def test_a_reader_lays_tables_beside_the_store_only_while_it_reads_them(path: Path) -> None:
    with open_store(str(path)) as store:
        store.write("accounts", northmoor()["accounts"])
    with open_store(str(path), read_only=True) as store:
        assert store.read("accounts").height == 4
        (folder,) = path.parent.glob("*.reading-*")
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert not list(folder.iterdir())
    assert not list(path.parent.glob("*.reading-*"))


def test_a_reader_that_may_write_nothing_beside_the_store_reads_it(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_store(str(path)) as store:
        store.write("accounts", northmoor()["accounts"])
    make = tempfile.mkdtemp

    def forbidden_there(prefix: str, dir: Path | None = None) -> str:
        if dir:
            raise PermissionError(13, "not here")
        return make(prefix=prefix)

    monkeypatch.setattr(tempfile, "mkdtemp", forbidden_there)
    with open_store(str(path), read_only=True) as store:
        assert store.read("accounts").height == 4


def test_a_writer_takes_away_what_a_reader_left_that_was_killed_long_ago(path: Path) -> None:
    left, in_use = (path.with_name(f"{path.name}.reading-{name}") for name in ("left", "in_use"))
    for folder in (left, in_use):
        folder.mkdir()
    os.utime(left, (0, 0))
    with open_store(str(path)):
        assert not left.exists()
        assert in_use.exists()


def test_matches_that_are_there_as_they_are_are_not_written_again(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = northmoor()
    with open_store(str(path)) as store:
        store.write("accounts", made["accounts"])
        store.replace("matches", made["matches"])
        statements: list[str] = []
        run = LadybugFile.run

        def told(file: LadybugFile, statement: str, params: Mapping[str, Any] | None = None) -> list[list[Any]]:
            statements.append(statement)
            return run(file, statement, params)

        monkeypatch.setattr(LadybugFile, "run", told)
        assert store.replace("matches", made["matches"].reverse()) == made["matches"].height
        assert not any("DELETE" in statement for statement in statements)
        fewer = made["matches"].head(1)
        assert store.replace("matches", fewer) == 1
        assert_frame_equal(store.read("matches"), fewer)


def test_a_write_that_fails_half_way_leaves_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = northmoor()
    with open_store(str(path)) as store:
        store.write("reports", made["reports"])
        run = store._file.run

        def fail_late(statement: str, params: object = None) -> list[list[object]]:
            if statement.startswith("COPY `AGAINST`"):
                raise KeyboardInterrupt
            return run(statement, params)

        monkeypatch.setattr(store._file, "run", fail_late)
        with pytest.raises(KeyboardInterrupt):
            store.write("accounts", made["accounts"])
        monkeypatch.undo()
        assert store.counts()["accounts"] == 0
        assert store.write("accounts", made["accounts"]) == Written(new=4)
        assert store.query("MATCH (:Report)-[r:AGAINST]->(:Account) RETURN count(r) AS n").item() == 2


def test_errors_hold_no_data(path: Path) -> None:
    twice = pl.DataFrame({"target_id": ["name:Ada Fenwick"] * 2})
    with open_store(str(path)) as store, pytest.raises(StoreError) as raised:
        store._relationships.copy_nodes("Target", twice)
    assert "Ada" not in str(raised.value)
    assert raised.value.__cause__ is None


@pytest.mark.parametrize("name", ["a b", "[old] *", "it's", "Zoë?"])
def test_any_folder_will_do(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    folder.mkdir()
    with open_store(str(folder / "graph.lbug")) as store:
        assert store.write("accounts", northmoor()["accounts"]) == Written(new=4)


def test_a_path_that_is_no_store_is_named(tmp_path: Path, path: Path) -> None:
    with pytest.raises(StoreError, match="is a folder"):
        open_store(str(tmp_path))
    with pytest.raises(StoreError, match="does not exist"):
        open_store(str(tmp_path / "none" / "graph.lbug"))
    path.write_bytes(b"hello " * 2000)
    with pytest.raises(StoreError, match="not a graphmatch store"):
        open_store(str(path))
    with pytest.raises(UsageError, match="postgres"):
        open_store("postgres://x")


def test_a_truncated_store_is_named(path: Path) -> None:
    with open_store(str(path)) as store:
        store.write("accounts", northmoor()["accounts"])
    os.truncate(path, path.stat().st_size // 2)
    with pytest.raises(StoreError, match="archive"):
        open_store(str(path))


def test_another_programs_ladybug_file_is_refused(path: Path) -> None:
    database = ladybug.Database(str(path), buffer_pool_size=1 << 28, max_db_size=1 << 34)
    connection = ladybug.Connection(database)
    connection.execute("CREATE NODE TABLE Cat(name STRING PRIMARY KEY)").close()
    connection.close()
    database.close()
    with pytest.raises(StoreError, match="not a graphmatch store"):
        open_store(str(path))


@pytest.mark.parametrize(("version", "says"), [(0, "newer"), (embedded_module.SCHEMA_VERSION + 1, "older")])
def test_a_store_of_another_schema_is_refused(
    path: Path, monkeypatch: pytest.MonkeyPatch, version: int, says: str
) -> None:
    EmbeddedStore(path).close()
    monkeypatch.setattr(embedded_module, "SCHEMA_VERSION", version)
    with pytest.raises(StoreError, match=says):
        EmbeddedStore(path)
    monkeypatch.undo()
    EmbeddedStore(path).close()


def test_a_long_text_is_kept(path: Path) -> None:
    content = northmoor()["contents"].with_columns(text=pl.lit("é" * 500_000), created_at=pl.lit(NOON))
    with open_store(str(path)) as store:
        store.write("contents", content)
        assert_frame_equal(store.read("contents"), content)
