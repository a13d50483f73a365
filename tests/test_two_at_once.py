"""Two people at the same workspace at the same time, as two processes: nothing is lost, nothing stands twice."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from neo4j_server import Server, wipe
from polars.testing import assert_frame_equal

from graphmatch.journal import Journal
from graphmatch.store import Login, Store, open_store
from graphmatch.store.graph import STORED
from graphmatch.workspace import Workspace, create

AT = "2026-04-02T10:00:00Z"


def record(number: int, **more: Any) -> dict[str, Any]:
    return {
        "report_id": f"r{number}",
        "reported_at": AT,
        "platform": "x",
        "handle": f"moor{number}",
        "content_text": "words",
        "category": "harassment",
        "email": f"moor{number % 40}@mailbox.example",
        **more,
    }


@pytest.fixture(name="exports")
def _exports(tmp_path: Path) -> Path:
    """Three files: two that overlap, each with records that can't be read, and one for both."""
    folder = tmp_path / "exports"
    folder.mkdir()
    for name, numbers, more in (
        ("one", range(600), {}),
        ("two", range(300, 900), {"display_name": "later"}),
        ("both", range(800, 1000), {}),
    ):
        lines = [json.dumps(record(number, **more)) for number in numbers]
        lines[10:10] = ["not JSON", "[1]"]
        (folder / f"{name}.ndjson").write_text("\n".join(lines) + "\n", "utf-8")
    return folder


@pytest.fixture(name="workspace")
def _workspace(tmp_path: Path) -> Workspace:
    return create(tmp_path / "workspace")


@pytest.fixture(name="server", params=["embedded", "neo4j"])
def _server(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Server | None:
    """Say by the environment which store it is; ``None`` = the workspace's file."""
    if request.param == "embedded":
        return None
    server: Server = request.getfixturevalue("empty_neo4j")
    monkeypatch.setenv("NEO4J_URI", server.uri)
    monkeypatch.setenv("NEO4J_USERNAME", server.username)
    monkeypatch.setenv("NEO4J_PASSWORD", server.password)
    if server.database:
        monkeypatch.setenv("NEO4J_DATABASE", server.database)
    return server


def opened(workspace: Workspace, server: Server | None) -> Store:
    if server is None:
        return open_store(workspace.store_url, read_only=True)
    return open_store(server.uri, read_only=True, login=Login(server.username, server.password, server.database))


def at_once(workspace: Workspace, *commands: Sequence[object]) -> list[int]:
    """Start them all, then wait for them all; give their exit codes."""
    started = [
        subprocess.Popen(
            [sys.executable, "-m", "graphmatch", "-w", str(workspace.root), *map(str, each)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for each in commands
    ]
    codes = []
    for process in started:
        _, said = process.communicate(timeout=120)
        sys.stdout.write(said)  # shown if the test fails
        assert "unexpected" not in said, said
        codes.append(process.returncode)
    return codes


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def assert_whole(workspace: Workspace, exports: Path) -> None:
    """Hold that ledger, quarantine and archive hold each thing once, and nothing that was left half done."""
    assert sorted(entry["name"] for entry in lines(workspace.home / "files.ndjson")) == sorted(
        path.name for path in exports.iterdir()
    )
    places = [(entry["sha256"], entry["line"]) for entry in lines(workspace.home / "quarantine.ndjson")]
    assert len(places) == len(set(places)) == 6
    archive = workspace.home / "archive"
    assert len(list(archive.glob("*/*.gz"))) == 3
    assert not [path for path in archive.rglob("*") if path.name.startswith(".")]


def test_two_who_read_overlapping_files_come_to_what_one_would(
    workspace: Workspace, server: Server | None, exports: Path, tmp_path: Path
) -> None:
    alone = Workspace(shutil.copytree(workspace.root, tmp_path / "alone"))
    own = f"embedded://{alone.home / 'graph.lbug'}"
    assert at_once(alone, ["--store", own, "ingest", exports]) == [3]
    one, two, both = (exports / f"{name}.ndjson" for name in ("one", "two", "both"))
    assert at_once(workspace, ["ingest", one, both], ["ingest", both, two]) == [3, 3]
    with opened(workspace, server) as store, open_store(own, read_only=True) as expected:
        for table in STORED:
            assert_frame_equal(store.read(table), expected.read(table))
        assert store.counts()["accounts"] == 1000
    assert_whole(workspace, exports)
    # Once more, one after the other: there is nothing left to read.
    assert at_once(workspace, ["ingest", exports]) == [3]
    assert_whole(workspace, exports)


def test_a_store_that_was_emptied_meanwhile_is_filled_again_file_by_file(
    workspace: Workspace, server: Server | None, exports: Path
) -> None:
    assert at_once(workspace, ["ingest", exports]) == [3]
    if server is None:
        Path(workspace.store_url.removeprefix("embedded://")).unlink()
    else:
        wipe(server)
    # The ledger knows all three; after the first, the store is not empty any more.
    assert at_once(workspace, ["ingest", exports / "one.ndjson"]) == [3]
    assert at_once(workspace, ["ingest", exports]) == [3]
    with opened(workspace, server) as store:
        assert store.counts()["accounts"] == 1000


def test_judgements_made_at_once_all_stand(workspace: Workspace, server: Server | None, exports: Path) -> None:
    assert at_once(workspace, ["ingest", exports / "both.ndjson"]) == [3]
    with opened(workspace, server) as store:
        first, second, third = store.read("accounts")["account_id"].head(3)
    said = [
        ("jo", first, second, "positive"),
        ("sam", second, first, "positive"),
        ("jo", first, third, "negative"),
        ("sam", first, second, "unsure"),
    ]
    made = [["judge", a, b, word, "--analyst", who, "--reason", "why"] for who, a, b, word in said]
    assert at_once(workspace, *made) == [0] * 4
    journal = Journal(workspace.journal)
    assert journal.verify().seq == 4
    table = journal.judgements()
    assert table["seq"].to_list() == [1, 2, 3, 4]
    kept = sorted(zip(table["analyst"], table["left"], table["right"], table["judgement"], strict=True))
    assert kept == sorted((who, *sorted((a, b)), word) for who, a, b, word in said)


def test_two_who_begin_at_once_have_one_workspace(tmp_path: Path, exports: Path) -> None:
    workspace = Workspace(tmp_path / "new")
    assert at_once(workspace, ["init"], ["init"], ["init"]) == [0] * 3
    key = workspace.keyring().fingerprint()
    assert at_once(workspace, ["init"], ["ingest", exports]) == [0, 3]
    assert workspace.keyring().fingerprint() == key


def test_linking_twice_at_once_leaves_one_whole_result(workspace: Workspace, exports: Path) -> None:
    assert at_once(workspace, ["ingest", exports]) == [3]
    assert at_once(workspace, ["link"], ["link"]) == [0, 0]
    with opened(workspace, None) as store:
        left, right = store.read("matches").row(0)[:2]
    assert at_once(workspace, ["explain", left, right]) == [0]
    assert list(workspace.home.glob(".*")) == []
