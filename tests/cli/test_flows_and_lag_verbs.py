"""``flows`` and ``lag``: tables, JSON, pages, and clear words where there is nothing to measure."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from graphmatch.cli import app
from graphmatch.cli.flows import By
from graphmatch.errors import NothingToDo, UsageError
from graphmatch.migration.flows import Facet


def run(*arguments: object) -> Any:
    """Run a verb in this process, which takes a tenth of the time of one of its own."""
    done = CliRunner().invoke(app, [str(one) for one in arguments], env={"COLUMNS": "120"})
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done


def rows(done: Any) -> list[dict]:
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_the_command_line_knows_every_facet() -> None:
    assert {by.value for by in By} == {facet.value for facet in Facet}


def test_flows_are_counted_and_tested(workspace: Path, tmp_path: Path) -> None:
    page = tmp_path / "flows.html"
    done = run("-w", workspace, "flows", "--json", "--permutations", 99, "--html", page)
    found = rows(done)
    assert sum(row["n"] for row in found) == len(rows(run("-w", workspace, "migrations", "--json")))
    assert {row["verdict"] for row in found} <= {"beyond_chance", "chance", "too_few"}
    assert "Tested against 99 permutations" in done.stderr
    assert "Suspected migrations between platforms" in page.read_text("utf-8")
    assert page.stat().st_mode & 0o077 == 0
    again = run("-w", workspace, "flows", "--json", "--permutations", 99)
    assert rows(again) == found


def test_flows_are_split_and_covered(workspace: Path) -> None:
    split = run("-w", workspace, "flows", "--by", "category", "--permutations", 99, "--format", "table")
    assert "abuse." in split.stdout
    weeks = rows(run("-w", workspace, "flows", "--coverage", "--json"))
    assert {row["state"] for row in weeks} == {"data", "no data"}
    assert all(row["reports"] == 0 for row in weeks if row["state"] == "no data")


def test_lags_are_measured(workspace: Path, tmp_path: Path) -> None:
    page = tmp_path / "lag.html"
    done = run("-w", workspace, "lag", "--json", "--html", page)
    whole = {row["stage"]: row for row in rows(done) if row["origin_platform"] == "any"}
    assert whole["enforcement_to_reappearance"]["censored"] > whole["enforcement_to_reappearance"]["ended"] > 0
    assert whole["report_to_release"]["state"] == "no_data"
    assert "No data of report to release" in done.stderr
    assert "How late everybody was" in page.read_text("utf-8")
    told = run("-w", workspace, "lag", "--format", "table").stdout
    assert "enforcement → reappearance" in told
    assert "no data" in told


def test_cases_curves_and_periods(workspace: Path) -> None:
    cases = rows(run("-w", workspace, "lag", "--cases", "--json"))
    assert all(row["is_censored"] == (row["migration_id"] is None) for row in cases if "enforcement" in row["stage"])
    curves = rows(run("-w", workspace, "lag", "--curves", "--json", "--least-cases", 2))
    assert {row["bound"] for row in curves} == {"earliest", "latest"}
    split = rows(run("-w", workspace, "lag", "--split", "2026-04-15", "--json"))
    assert any(row["p_value"] is not None for row in split)
    assert "median before" in run("-w", workspace, "lag", "--split", "2026-04-15", "--format", "table").stdout
    with pytest.raises(UsageError, match="give one of"):
        run("-w", workspace, "lag", "--cases", "--curves")


def test_a_release_is_in_the_ledger(workspace: Path) -> None:
    moves = rows(run("-w", workspace, "migrations", "--json"))
    kinds = ("displaced", "returned", "pre_positioned")
    known = [row for row in moves if row["kind"] in kinds and row["standing"] == "corroborated"]
    assert known
    for move in known:
        for analyst in ("jo", "sam"):
            pair = (move["origin_account_id"], move["destination_account_id"])
            run("-w", workspace, "judge", *pair, "positive", "--analyst", analyst, "--reason", "same address")
    run("-w", workspace, "resolve")
    for platform in {move["destination_platform"] for move in known}:
        run("-w", workspace, "release", "--recipient", platform, "--period", "2026-W20")
    cases = rows(run("-w", workspace, "lag", "--cases", "--json"))
    released = [row for row in cases if row["stage"] in ("report_to_release", "release_to_report")]
    assert {row["account_id"] for row in released} >= {move["destination_account_id"] for move in known}


def test_a_page_that_cannot_be_written_is_named(workspace: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="the page can't be written"):
        run("-w", workspace, "lag", "--html", tmp_path / "none" / "lag.html")


def test_without_enforcements_it_says_so(tmp_path: Path) -> None:
    exported = tmp_path / "reports.csv"
    exported.write_text("report_id,platform,handle,category,reported_at\n1,x,grimwald,insult,2026-04-02T10:00:00Z\n")
    folder = tmp_path / "workspace"
    run("-w", folder, "init")
    with pytest.raises(NothingToDo, match="graphmatch ingest"):
        run("-w", folder, "flows")
    run("-w", folder, "run", exported)
    page = tmp_path / "flows.html"
    done = run("-w", folder, "flows", "--json", "--html", page)
    assert done.stdout == ""
    assert "No enforcement is known here, so no flow can be tested against chance." in done.stderr
    assert "No enforcement is known here" in page.read_text("utf-8")
    lags = run("-w", folder, "lag", "--json")
    assert {row["state"] for row in rows(lags)} == {"no_data"}
    assert "it takes removals whose time is known" in lags.stderr


def test_quiet_is_quiet(workspace: Path) -> None:
    assert run("-q", "-w", workspace, "lag", "--json").stderr == ""
    assert run("-q", "-w", workspace, "flows", "--permutations", 99, "--json").stderr == ""
