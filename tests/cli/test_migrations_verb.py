"""``graphmatch migrations --timeline`` and ``--html``, and ``graphmatch evaluate-migrations``, as processes."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import polars as pl

HEADLINES = ("precision", "recall", "f1", "kind_accuracy", "false_displaced", "time_error_days")


def rows(done: Any) -> list[dict[str, Any]]:
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_the_timeline_of_one_migration_is_part_of_that_of_all(cli, workspace: Path) -> None:
    found = rows(cli("-w", workspace, "migrations", "--json"))
    one = found[len(found) // 2]
    events = rows(cli("-w", workspace, "migrations", "--timeline", one["migration_id"], "--json"))
    every = rows(cli("-w", workspace, "migrations", "--timeline", "all", "--json"))
    assert events == [event for event in every if event["migration_id"] == one["migration_id"]]
    assert {event["migration_id"] for event in every} == {row["migration_id"] for row in found}
    assert {event["account_id"] for event in events} == {one["origin_account_id"], one["destination_account_id"]}
    assert {one["enforcement_id"], *one["report_ids"]} - {None} <= {event["source_id"] for event in every}
    said = cli("-w", workspace, "migrations", "--timeline", "migration-0", code=2).stderr
    assert "no migration has the id 'migration-0'; graphmatch migrations lists them, or say all" in said


def test_the_page_draws_as_many_as_are_asked_for_and_is_its_owners_alone(cli, workspace: Path, tmp_path: Path) -> None:
    page = tmp_path / "moves.html"
    found = rows(cli("-w", workspace, "migrations", "--html", page, "--drawn", 3, "--json"))
    text = page.read_text("utf-8")
    assert text.count('<svg class="timeline"') == min(3, len(found))
    assert all(row["origin_account_id"] in text for row in found)
    assert "<script" not in text
    assert "default-src 'none'" in text
    assert stat.S_IMODE(page.stat().st_mode) == 0o600
    nowhere = tmp_path / "no" / "a.html"
    assert "can't be written" in cli("-w", workspace, "migrations", "--html", nowhere, code=2).stderr


def test_migrations_are_held_against_the_truth(cli, finished: Path, world: Path) -> None:
    done = cli("-w", finished, "evaluate-migrations", world, "--json")
    found = json.loads(done.stdout.splitlines()[-1])
    assert list(found)[: len(HEADLINES)] == list(HEADLINES)
    counts = found["counts"]
    assert counts["found"] == pl.DataFrame(rows(cli("-w", finished, "migrations", "--json"))).height
    assert found["precision"] == counts["right"] / counts["judged"]
    assert 0 < found["recall"] < 1
    assert sum(found["misses"].values()) == counts["visible"] - round(found["recall"] * counts["visible"])
    assert found["false_displaced_lawful"] == 0
    told = cli("-w", finished, "evaluate-migrations", world).stdout
    assert f"{counts['found']:,} migrations found, {counts['right']:,} right" in told
    assert "Visible moves that were missed" in told


def test_without_a_truth_there_is_nothing_to_hold_them_against(
    cli, finished: Path, world: Path, tmp_path: Path
) -> None:
    said = cli("-w", finished, "evaluate-migrations", tmp_path, code=2).stderr
    assert "holds no truth/migrations.parquet" in said
    assert "graphmatch simulate" in said
    truth = tmp_path / "truth"
    truth.mkdir()
    (truth / "migrations.parquet").write_bytes((world / "truth" / "migrations.parquet").read_bytes())
    pl.DataFrame({"account_id": ["x:x:1"]}).write_parquet(truth / "accounts.parquet")
    assert "has no column person_id, role" in cli("-w", finished, "evaluate-migrations", tmp_path, code=2).stderr
    who = {"account_id": ["x:x:1"], "person_id": ["p"], "role": ["evader"]}
    pl.DataFrame(who).write_parquet(truth / "accounts.parquet")
    assert "no account of this world" in cli("-w", finished, "evaluate-migrations", tmp_path, code=5).stderr


def test_there_is_no_such_difficulty(cli, tmp_path: Path) -> None:
    said = cli("simulate", tmp_path / "other", "--difficulty", "beastly", code=2).stderr
    assert "a world is easy, middle, hard, not 'beastly'" in said
    assert not (tmp_path / "other").exists()
