"""Files that serve to measure the linking: their rows are kept beside the graph, once each, and never in it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from tiny_adapter import MemoryStore, TinyAdapter

from graphmatch import tables
from graphmatch.adapter import Options
from graphmatch.intake import IngestResult, ingest
from graphmatch.intake.evaluation import Evaluation
from graphmatch.normalise.contacts import Keyring
from ingest.wikipedia.adapter import WikipediaAdapter


class Desk:
    """A workspace's folders, and a store that must stay without evaluation rows."""

    def __init__(self, root: Path) -> None:
        self.home, self.files = root / "home", root / "files"
        self.files.mkdir()
        self.store = MemoryStore()

    def put(self, name: str, *lines: dict[str, Any]) -> None:
        (self.files / name).write_text("".join(json.dumps(line) + "\n" for line in lines))

    def ingest(self, **options: Any) -> IngestResult:
        return ingest(
            [str(self.files)],
            write=self.store.write_all,
            home=self.home,
            keyring=Keyring(b"\x01" * 32),
            adapters=[TinyAdapter(), WikipediaAdapter(Options())],
            **options,
        )

    def kept(self) -> dict[str, pl.DataFrame]:
        """The tables that were kept, by name, over all files and batches."""
        found: dict[str, list[pl.DataFrame]] = {}
        for path in sorted((self.home / "evaluation").rglob("*.parquet")):
            found.setdefault(path.name.partition("-")[0], []).append(pl.read_parquet(path))
        return {table: pl.concat(frames) for table, frames in found.items()}

    def names(self) -> list[str]:
        return sorted(str(path.relative_to(self.home)) for path in (self.home / "evaluation").rglob("*.*"))


@pytest.fixture(name="desk")
def _desk(tmp_path: Path) -> Desk:
    desk = Desk(tmp_path)
    desk.put("suspects.ndjson", *({"user": f"Moor lad {n}", "master": "Grimwald77"} for n in range(7)))
    return desk


def test_rows_are_kept_beside_the_graph_and_never_in_it(desk: Desk) -> None:
    result = desk.ingest(batch_records=3)
    assert desk.store.tables == {}
    assert (result.records, dict(result.totals), result.incomplete) == (7, {}, False)
    (outcome,) = result.files
    assert outcome.evaluation
    assert outcome.rows == {"accounts": 7, "sightings": 7, "link_claims": 7}
    assert "for evaluation only, kept out of the graph" in outcome.sentence()
    kept = desk.kept()
    assert set(kept) == set(outcome.rows)
    for table, frame in kept.items():
        assert tables.check(table, frame).bad.is_empty(), table
        assert frame.height == 7
    folder = f"evaluation/wikipedia/{outcome.sha256}/"
    assert all(name.startswith(folder) for name in desk.names())


def test_other_files_of_the_same_run_go_into_the_graph(desk: Desk) -> None:
    desk.put("reports.ndjson", {"id": 1, "who": "w1"})
    result = desk.ingest()
    assert desk.store.ids("accounts", "account_id") == ["tiny:tiny:w1"]
    assert {file.adapter: file.evaluation for file in result.files} == {"tiny": False, "wikipedia": True}
    assert {table: tally.new for table, tally in result.totals.items()} == {"accounts": 1, "sightings": 1, "reports": 1}


def test_read_again_they_are_known_and_stand_there_once(desk: Desk) -> None:
    desk.ingest(batch_records=2)
    before = {name: (desk.home / name).read_bytes() for name in desk.names()}
    (again,) = desk.ingest(batch_records=2).files
    assert (again.status, again.evaluation) == ("known", True)
    assert {name: (desk.home / name).read_bytes() for name in desk.names()} == before


def test_read_anew_they_replace_what_another_reading_left(desk: Desk) -> None:
    desk.ingest(batch_records=2)
    (again,) = desk.ingest(batch_records=5, force=True).files
    assert again.status == "read"
    assert desk.kept()["accounts"].height == 7
    assert len(desk.names()) == 6


def test_the_same_content_twice_in_one_run_is_kept_once(desk: Desk) -> None:
    desk.put("copy.ndjson", *({"user": f"Moor lad {n}", "master": "Grimwald77"} for n in range(7)))
    desk.ingest(force=True)
    assert desk.kept()["accounts"].height == 7


def test_a_bad_record_costs_itself(desk: Desk) -> None:
    desk.put("suspects.ndjson", {"user": "A", "master": "M"}, {"user": 1.5, "master": "M"}, {"user": "203.0.113.9"})
    (outcome,) = desk.ingest().files
    assert (outcome.records, outcome.quarantined, outcome.left_out) == (3, 1, {"an address, not an account": 1})
    assert desk.kept()["accounts"]["handle"].to_list() == ["A"]


def test_a_reading_that_breaks_off_leaves_whole_files_and_the_next_one_completes(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep = Evaluation.keep

    def break_off(self: Evaluation, adapter: str, sha256: str, batch: int, frames: Mapping[str, pl.DataFrame]) -> None:
        if batch == 2:
            raise KeyboardInterrupt
        keep(self, adapter, sha256, batch, frames)

    monkeypatch.setattr(Evaluation, "keep", break_off)
    with pytest.raises(KeyboardInterrupt):
        desk.ingest(batch_records=2)
    assert desk.kept()["accounts"].height == 4
    monkeypatch.setattr(Evaluation, "keep", keep)
    (outcome,) = desk.ingest(batch_records=2).files
    assert outcome.status == "read"
    assert desk.kept()["accounts"].height == 7
