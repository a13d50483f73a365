"""Batches wait to be written together: nothing of it may show in what the store holds, or be lost when a run dies."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny_adapter import MemoryStore, TinyAdapter

from graphmatch.errors import RejectedTable, StoreError
from graphmatch.frames import frame
from graphmatch.intake import IngestResult, ingest, read_lines
from graphmatch.intake.pending import DUE_BYTES, Pending
from graphmatch.merge import merge
from graphmatch.model import Sighting, SignalKind
from graphmatch.normalise.contacts import Keyring

START = datetime(2026, 1, 1, tzinfo=UTC)


def sightings(times: list[tuple[int, int]]) -> pl.DataFrame:
    rows = [
        Sighting(
            account_id=f"x:x:{account}",
            kind=SignalKind.HANDLE,
            value="grim",
            source="tiny",
            context="profile",
            first_seen=START + timedelta(days=day),
            last_seen=START + timedelta(days=day),
        )
        for account, day in times
    ]
    return merge("sightings", frame("sightings", rows))


def read(home: Path, store: MemoryStore, **options: Any) -> IngestResult:
    return ingest(
        [str(home / "files")],
        home=home,
        keyring=Keyring(b"k" * 32),
        adapters=[TinyAdapter()],
        **{"write": store.write_all, **options},
    )


def put(home: Path, name: str, *numbers: int) -> None:
    (home / "files").mkdir(exist_ok=True)
    lines = [f'{{"id": {n}, "who": "w{n % 4}"}}\n' for n in numbers]
    (home / "files" / name).write_text("".join(lines), "utf-8")


@settings(deadline=None, max_examples=60)
@given(
    batches=st.lists(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 50)), min_size=1, max_size=6), max_size=8),
    due=st.sampled_from([1, 700, DUE_BYTES]),
)
def test_however_much_waits_the_store_holds_the_same(batches: list[list[tuple[int, int]]], due: int) -> None:
    one_by_one, together = MemoryStore(), MemoryStore()
    pending = Pending(together.write_all, due)
    for batch in map(sightings, batches):
        one_by_one.write_all({"sightings": batch})
        pending.add({"sightings": batch})
    pending.flush()
    assert together.tables.keys() == one_by_one.tables.keys()
    assert all(together.tables[table].equals(kept) for table, kept in one_by_one.tables.items())


def test_many_small_files_are_written_at_once(tmp_path: Path) -> None:
    store = MemoryStore()
    for n in range(5):
        put(tmp_path, f"{n}.ndjson", n, n + 1)
    result = read(tmp_path, store)
    assert store.order == ["accounts", "sightings", "reports"]
    assert [file.status for file in result.files] == ["read"] * 5
    assert len(list(read_lines(tmp_path / "files.ndjson"))) == 5


def test_no_file_is_entered_before_its_rows_are_in_the_store(tmp_path: Path) -> None:
    def write(_rows: Mapping[str, pl.DataFrame]) -> Mapping[str, object]:
        assert not list(read_lines(tmp_path / "files.ndjson"))
        raise StoreError("the store is gone")

    store = MemoryStore()
    put(tmp_path, "a.ndjson", 1, 2)
    put(tmp_path, "b.ndjson", 3)
    with pytest.raises(StoreError):
        read(tmp_path, store, write=write)
    assert not list(read_lines(tmp_path / "files.ndjson"))
    assert [file.status for file in read(tmp_path, store).files] == ["read", "read"]
    assert store.tables["reports"].height == 3


def test_a_copy_of_a_file_is_known_although_the_first_still_waits(tmp_path: Path) -> None:
    store = MemoryStore()
    put(tmp_path, "a.ndjson", 1, 2)
    put(tmp_path, "b.ndjson", 1, 2)
    assert [file.status for file in read(tmp_path, store).files] == ["read", "known"]
    assert len(list(read_lines(tmp_path / "files.ndjson"))) == 1


def test_batches_that_a_store_refuses_together_are_written_one_by_one() -> None:
    written: list[int] = []

    def write(rows: Mapping[str, pl.DataFrame]) -> Mapping[str, object]:
        if rows["sightings"].height > 2:
            raise RejectedTable("they contradict each other")
        written.append(rows["sightings"].height)
        return {}

    pending = Pending(write, DUE_BYTES)
    pending.add({"sightings": sightings([(1, 1), (2, 1)])})
    pending.add({"sightings": sightings([(3, 1)])})
    pending.flush()
    assert written == [2, 1]
