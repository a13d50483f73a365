"""A graph copied from store to store: equal at the end, whatever broke it off."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from neo4j_server import Server, wipe
from polars.testing import assert_frame_equal
from store_rows import frames, northmoor

from graphmatch.errors import StoreError, UsageError
from graphmatch.store import Login, Store, open_store, transfer
from graphmatch.store.graph import STORED
from graphmatch.tables import OBSERVED

#: Shrinking frames of every table takes minutes; the drawn rows are small as they are.
DRAW = settings(
    deadline=None,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


class Falling:
    """A store that goes away after some writes."""

    def __init__(self, store: Store, writes: int) -> None:
        self._store = store
        self._left = writes

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def _fall(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise StoreError("the store is gone")

    def write(self, table: str, rows: pl.DataFrame) -> object:
        self._fall()
        return self._store.write(table, rows)

    def replace(self, table: str, rows: pl.DataFrame) -> int:
        self._fall()
        return self._store.replace(table, rows)


@pytest.fixture(name="stores")
def _stores(tmp_path: Path) -> Iterator[Callable[[str], Store]]:
    opened: list[Store] = []

    def make(name: str) -> Store:
        opened.append(open_store(str(tmp_path / name)))
        return opened[-1]

    yield make
    for store in opened:
        store.close()


@pytest.fixture(name="town")
def _town(stores: Callable[[str], Store]) -> Store:
    town = stores("town")
    put(town, northmoor())
    return town


def put(store: Store, made: dict[str, pl.DataFrame]) -> None:
    for table, rows in made.items():
        (store.write if table in OBSERVED else store.replace)(table, rows)


def assert_equal(left: Store, right: Store) -> None:
    for table in STORED:
        assert_frame_equal(left.read(table), right.read(table))
    assert left.counts() == right.counts()


def test_a_copy_is_equal_and_told_of_row_by_row(
    town: Store, stores: Callable[[str], Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transfer, "SLICE", 2)
    copy, told = stores("copy"), []
    counts = transfer.copy(town, copy, lambda *said: told.append(said))
    assert counts == town.counts()
    assert_equal(town, copy)
    assert told[:3] == [("accounts", 0, 4), ("accounts", 2, 4), ("accounts", 2, 4)]
    for table, count in counts.items():
        assert sum(more for name, more, _ in told if name == table) == count


@pytest.mark.parametrize("writes", [0, 1, 4, 7, 9, 12])
def test_a_copy_that_broke_off_is_completed_by_the_next(
    town: Store, stores: Callable[[str], Store], monkeypatch: pytest.MonkeyPatch, writes: int
) -> None:
    monkeypatch.setattr(transfer, "SLICE", 2)
    copy = stores("copy")
    with pytest.raises(StoreError, match="gone"):
        transfer.copy(town, Falling(copy, writes), lambda *_: None)  # type: ignore[arg-type]
    assert sum(copy.counts().values()) < sum(town.counts().values())
    # The source learns more before the copy goes on.
    town.write("accounts", northmoor()["accounts"].with_columns(bio=pl.lit("new"), bio_at=pl.col("handle_at")))
    transfer.copy(town, copy)
    assert_equal(town, copy)


@pytest.mark.parametrize("table", STORED)
def test_a_store_that_holds_anything_else_is_left_alone(
    town: Store, stores: Callable[[str], Store], table: str
) -> None:
    other = stores("other")
    key = {"sightings": "source", "matches": "right"}.get(table) or northmoor()[table].columns[0]
    put(other, {table: northmoor()[table].with_columns((pl.col(key) + "x").alias(key))})
    before = {name: other.read(name) for name in STORED}
    with pytest.raises(UsageError, match=f"other {table}"):
        transfer.copy(town, other)
    for name, rows in before.items():
        assert_frame_equal(other.read(name), rows)


def test_a_difference_in_one_cell_is_noticed(town: Store, stores: Callable[[str], Store]) -> None:
    class Forgetful(Falling):
        def write(self, table: str, rows: pl.DataFrame) -> object:
            return super().write(table, rows.with_columns(text=pl.lit("gone")) if table == "contents" else rows)

    with pytest.raises(StoreError, match="the copy of contents differs"):
        transfer.copy(town, Forgetful(stores("copy"), 1_000))  # type: ignore[arg-type]


def test_there_and_back_over_a_server_is_equal(
    neo4j_server: Server, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transfer, "SLICE", 5)
    login = Login(neo4j_server.username, neo4j_server.password, neo4j_server.database)
    wipe(neo4j_server)

    @settings(DRAW, max_examples=1)  # a server takes its time, and every cell is tested where it is written
    @given(st.fixed_dictionaries({table: frames(table) for table in STORED}))
    def check(made: dict[str, pl.DataFrame]) -> None:
        folder = tmp_path_factory.mktemp("there-and-back")
        with (
            open_store(str(folder / "a")) as first,
            open_store(neo4j_server.uri, login=login) as server,
            open_store(str(folder / "b")) as back,
        ):
            for each in (made, northmoor()):
                put(first, each)
            transfer.copy(first, server)
            assert_equal(first, server)
            transfer.copy(server, back)
            assert_equal(first, back)

    check()
