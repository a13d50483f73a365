"""`graphmatch adapters new`, and an adapter in a separately installed package: laid out, installed, found, checked."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from graphmatch.adapter import available
from graphmatch.errors import UsageError
from graphmatch.scaffold import lay_out


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """The laid-out package, installed as a third party's would be, into a folder of its own."""
    here = tmp_path_factory.mktemp("third-party")
    made = lay_out("my_forum", here)
    folder = made[0].parent
    site = here / "site"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--no-build-isolation"]
    subprocess.run([*pip, "--target", site, folder], check=True, capture_output=True, timeout=300)
    # The installed copy is what is found, not the folder that it was made from.
    return site, {**os.environ, "PYTHONPATH": str(site), "PYTHONDONTWRITEBYTECODE": "1"}


def graphmatch(env: dict[str, str], *words: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "graphmatch", *words]
    return subprocess.run(command, env=env, cwd=cwd, capture_output=True, text=True, timeout=300, check=False)


def test_it_is_listed_with_what_it_carries(installed, tmp_path: Path) -> None:
    _, env = installed
    done = graphmatch(env, "adapters", "--json", cwd=tmp_path)
    rows = {row["adapter"]: row for row in map(json.loads, done.stdout.splitlines())}
    assert rows["my_forum"]["reports"]
    assert rows["my_forum"]["contact"]
    assert not rows["my_forum"]["enforcement"]
    assert rows.keys() == {*available(), "my_forum"}


def test_it_passes_the_standard_tests_as_laid_out(installed, tmp_path: Path) -> None:
    _, env = installed
    done = graphmatch(env, "adapters", "check", "my_forum", "--json", cwd=tmp_path)
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert [row for row in found if not row["passed"]] == []
    assert len(found) == 9
    assert done.returncode == 0, done.stderr


def test_its_files_are_ingested_by_content(installed, tmp_path: Path) -> None:
    site, env = installed
    sample = (site / "graphmatch_my_forum" / "sample.jsonl").read_text("utf-8")
    (tmp_path / "anything.txt").write_text(sample, encoding="utf-8")
    assert graphmatch(env, "-w", "w", "init", cwd=tmp_path).returncode == 0
    done = graphmatch(env, "-w", "w", "ingest", "anything.txt", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    (told,) = map(json.loads, done.stdout.splitlines())
    assert (told["adapter"], told["records"], told["rows"]["reports"]) == ("my_forum", 2, 2)


def test_a_broken_one_is_told_what_is_wrong(installed, tmp_path: Path) -> None:
    site, env = installed
    golden = site / "graphmatch_my_forum" / "golden.jsonl"
    before = golden.read_text("utf-8")
    try:
        golden.write_text(before.replace('"grim_77"', '"somebody"', 1), encoding="utf-8")
        done = graphmatch(env, "adapters", "check", "my_forum", "--json", cwd=tmp_path)
    finally:
        golden.write_text(before, encoding="utf-8")
    wrong = [row for row in map(json.loads, done.stdout.splitlines()) if not row["passed"]]
    assert [row["test"] for row in wrong] == ["samples give the golden rows"]
    assert "differs from golden.jsonl in handle" in wrong[0]["problem"]
    assert done.returncode == 3


@pytest.mark.parametrize("name", ["My", "1st", "a-b", "a__b", "", "x" * 41, "../up", "reddit"])
def test_a_name_that_is_none_or_taken_writes_nothing(name: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        lay_out(name, tmp_path)
    assert not list(tmp_path.iterdir())


def test_an_existing_folder_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "graphmatch-forum").mkdir()
    with pytest.raises(UsageError, match="exists already"):
        lay_out("forum", tmp_path)
