"""Registries and reports through the whole line: whichever is read first, the same targets are known."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path

import polars as pl
from polars.testing import assert_frame_equal

from graphmatch.pipeline import Line
from graphmatch.settings import load
from graphmatch.store import open_store
from graphmatch.workspace import create

SAMPLES = {
    name: str(files(f"ingest.{adapter}") / name)
    for adapter, name in (
        ("democracy_club", "sample.csv"),
        ("parlparse", "sample.xml"),
        ("wikipedia", "sample_spi_suspects.ndjson"),
    )
}
ASHA = "democracy_club:900001"
INTAKE = """report_id,reported_at,platform,handle,content_url,content_text,category,target
1,2026-04-02,X,grimwald_nm,https://x.com/grimwald_nm/status/1906000000000000001,.@ASHAforNorthmoor beware,abuse,
2,2026-04-02,X,grimwald_nm,,Never again,abuse,Cllr Asha Verma
3,2026-04-03,Bluesky,grimwald77.test,,words,abuse,@asha4northmoor.test
4,2026-04-03,X,somebody,,words,abuse,Rhys Delamere
5,2026-04-03,X,somebody,,words,abuse,@a5haforNorthmoor
"""


@contextmanager
def line_in(folder: Path) -> Iterator[Line]:
    (folder / ".graphmatch").mkdir(parents=True)
    (folder / ".graphmatch" / "key").write_text("01" * 32)  # so that two workspaces make the same ids
    workspace = create(folder)
    with open_store(workspace.store_url) as store:
        yield Line(workspace, load(workspace.config), store)


def intake(folder: Path) -> str:
    path = folder / "intake.csv"
    path.write_text(INTAKE, encoding="utf-8")
    return str(path)


def registered(line: Line) -> dict[str, str]:
    rows = line.store.read("targets").filter(pl.col("registered_as").is_not_null())
    return dict(rows.select("target_id", "registered_as").iter_rows())


def test_reports_and_registries_meet_in_any_order(tmp_path: Path) -> None:
    read: list[dict[str, pl.DataFrame]] = []
    for place, first in enumerate((True, False)):
        with line_in(tmp_path / str(place)) as line:
            steps = [[SAMPLES["sample.csv"]], [intake(tmp_path)], [SAMPLES["sample.xml"]]]
            for paths in steps if first else reversed(steps):
                line.ingest(paths)
            tables = {name: line.store.read(name) for name in ("targets", "contents", "reports")}
            line.ingest(steps[1])  # once more changes nothing
            for name, before in tables.items():
                assert_frame_equal(line.store.read(name), before)
            read.append(tables)
            found = registered(line)
            assert found["name:cllr asha verma"] == found["bluesky:bsky:asha4northmoor.test"] == ASHA
            assert found["name:rhys delamere"] == "democracy_club:900002 democracy_club:900004"
            assert "x:x:a5hafornorthmoor" not in found
            assert ["x:x:ashafornorthmoor"] in tables["contents"]["target_ids"].to_list()
    for name, table in read[0].items():
        assert_frame_equal(table, read[1][name])


def test_a_mention_in_a_post_makes_its_report_one_against_the_candidate(tmp_path: Path) -> None:
    with line_in(tmp_path) as line:
        line.ingest([intake(tmp_path), SAMPLES["sample.csv"]])
        reports = line.store.read("reports")
        by_text = {tuple(ids) for ids in reports["target_ids"].to_list()}
        assert ("x:x:ashafornorthmoor",) in by_text
        answer = line.store.query(
            "MATCH (r:Report)-[:AIMED_AT]->(t:Target) WHERE t.target_id = $id RETURN count(r) AS n",
            {"id": "x:x:ashafornorthmoor"},
        )
        assert answer["n"].to_list() == [1]


def test_a_registry_alone_is_known_the_next_time_and_makes_no_account(tmp_path: Path) -> None:
    with line_in(tmp_path) as line:
        first = line.ingest([SAMPLES["sample.csv"], SAMPLES["sample.xml"]])
        again = line.ingest([SAMPLES["sample.csv"]])
        assert [file.status for file in (*first.files, *again.files)] == ["read", "read", "known"]
        counts = line.store.counts()
        assert {table for table, count in counts.items() if count} == {"targets"}


def test_evaluation_rows_are_not_in_the_store(tmp_path: Path) -> None:
    with line_in(tmp_path) as line:
        result = line.ingest([SAMPLES["sample_spi_suspects.ndjson"]])
        assert result.files[0].evaluation
        assert not any(line.store.counts().values())
        kept = list((line.workspace.home / "evaluation").rglob("link_claims-*.parquet"))
        assert [pl.read_parquet(path).height for path in kept] == [2]


def test_no_address_of_a_candidate_is_anywhere_in_the_store(tmp_path: Path) -> None:
    with line_in(tmp_path) as line:
        line.ingest([SAMPLES["sample.csv"]])
        everything = json.dumps([line.store.read(name).to_dicts() for name in ("targets", "sightings")], default=str)
        assert "campaign.example" not in everything
        assert line.store.read("sightings").is_empty()
