"""The store's own verbs, who may open a server, and waiting for a store that is held."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from neo4j_server import Server

from graphmatch.cli import state as cli_state
from graphmatch.cli import store_login
from graphmatch.cli.state import State
from graphmatch.errors import StoreBusy
from graphmatch.store import open_store
from graphmatch.workspace import create

Cli = Callable[..., subprocess.CompletedProcess[str]]
PASSWORD = "a-pass-word-nobody-sees"
#: Nothing listens there.
NOWHERE = "bolt://127.0.0.1:9"


def rows(done: subprocess.CompletedProcess[str]) -> dict[str, int]:
    return {row["table"]: row["rows"] for row in map(json.loads, done.stdout.splitlines())}


def facts(done: subprocess.CompletedProcess[str]) -> dict[str, dict[str, str]]:
    return {row["what"]: row for row in map(json.loads, done.stdout.splitlines())}


def command(workspace: Path, *arguments: object) -> list[str]:
    return [sys.executable, "-m", "graphmatch", "-w", str(workspace), *map(str, arguments)]


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NEO4J_URI", "NEO4J_USERNAME", "NEO4J_PASSWORD", "NEO4J_DATABASE", "GRAPHMATCH_STORE"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize("verb", ["prepare", "copy", "export-import"])
def test_each_verb_of_the_group_opens_with_an_example(cli: Cli, verb: str) -> None:
    assert "Example:" in cli("store", verb, "--help").stdout


def test_a_graph_is_copied_into_a_file_and_what_was_read_is_known_there(
    cli: Cli, workspace: Path, world: Path, tmp_path: Path
) -> None:
    before = rows(cli("-w", workspace, "status", "--json"))
    copy = tmp_path / "copy.lbug"
    for _ in range(2):
        done = cli("-w", workspace, "store", "copy", "embedded", copy, "--json")
        assert rows(done) == {table: before[table] for table in rows(done)}
        assert "equal" in done.stderr
    again = cli("-w", workspace, "--store", copy, "ingest", world)
    assert "nothing new" in again.stderr
    assert "already ingested" in again.stderr
    moved = cli("-w", workspace, "--store", copy, "migrations").stdout
    assert moved == cli("-w", workspace, "migrations").stdout


def test_a_copy_needs_two_stores_and_the_second_for_itself(cli: Cli, workspace: Path, tmp_path: Path) -> None:
    own = workspace / ".graphmatch" / "graph.lbug"
    cli("-w", tmp_path / "other", "init")
    for arguments, said in (
        (("store", "copy", "embedded", own), "same store"),
        (("store", "copy", f"embedded://{own}", f"{own.parent}/../.graphmatch/graph.lbug"), "same store"),
        (("store", "copy", "bolt://LOCALHOST", "neo4j://localhost:7687"), "same store"),
        (("store", "copy", "embedded", f"bolt://jo:{PASSWORD}@localhost"), "NEO4J_PASSWORD"),
        (("--store", own, "store", "copy", "embedded", tmp_path / "x.lbug"), "--store"),
        (("store", "copy", tmp_path / "missing.lbug", "embedded"), "no store"),
    ):
        done = cli("-w", workspace, *arguments, code=4 if said == "no store" else 2)
        assert said in done.stderr
        assert PASSWORD not in done.stderr
        assert len(done.stderr.splitlines()) == 1


def test_prepare_says_what_is_there(cli: Cli, finished: Path, tmp_path: Path) -> None:
    said = facts(cli("-w", finished, "store", "prepare", "--json"))
    assert int(said["rows of accounts"]["value"]) > 100
    assert said["file"]["value"].endswith("graph.lbug")


def test_export_import_prints_the_command(cli: Cli, finished: Path, tmp_path: Path) -> None:
    done = cli("-w", finished, "store", "export-import", tmp_path / "import")
    assert str(tmp_path / "import") in done.stdout
    assert (tmp_path / "import").is_dir()
    cli("-w", finished, "store", "export-import", tmp_path / "import", code=2)


def test_doctor_shows_who_asks_a_server_but_no_password(
    cli: Cli, finished: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEO4J_URI", NOWHERE)
    monkeypatch.setenv("NEO4J_PASSWORD", PASSWORD)
    monkeypatch.setenv("NEO4J_DATABASE", "northmoor")
    done = cli("-w", finished, "doctor", "--json", code=1)
    said = facts(done)
    assert (said["setting store"]["value"], said["setting store"]["from"]) == (NOWHERE, "environment NEO4J_URI")
    assert said["server username"]["value"] == "neo4j"
    assert said["server database"]["from"] == "environment NEO4J_DATABASE"
    assert said["server password"]["from"] == "environment NEO4J_PASSWORD"
    assert said["check store"]["value"].startswith("FAILED: nothing answers at 127.0.0.1:9")
    failed = cli("-w", finished, "status", code=4)
    assert PASSWORD not in done.stdout + done.stderr + failed.stderr


def test_a_demo_stays_out_of_the_store_that_the_environment_names(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEO4J_URI", NOWHERE)
    done = cli("demo", tmp_path / "demo", "--accounts", 100)
    hint = next(line for line in done.stderr.splitlines() if line.startswith("next: "))
    arguments = hint.removeprefix("next: graphmatch ").partition(" · ")[0].split()
    assert cli(*arguments).stdout


def test_a_flag_goes_before_neo4j_s_variable(cli: Cli, finished: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEO4J_URI", NOWHERE)
    own = finished / ".graphmatch" / "graph.lbug"
    assert rows(cli("-w", finished, "--store", own, "status", "--json"))["accounts"] > 100


@pytest.mark.parametrize(
    ("url", "warned"),
    [
        ("neo4j://graph.example", True),
        ("bolt://192.0.2.7:7687", True),
        ("neo4j+s://graph.example", False),
        ("bolt+ssc://graph.example", False),
        ("neo4j://localhost:7687", False),
        ("bolt://127.8.0.1", False),
        ("bolt://[::1]:7687", False),
    ],
)
def test_what_travels_unencrypted_beyond_this_computer_is_warned_of(
    url: str, warned: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEO4J_PASSWORD", PASSWORD)
    said: list[str] = []
    login = store_login.login_for(url, said.append)
    assert (login.username, login.password, login.database) == ("neo4j", PASSWORD, None)
    assert bool(said) == warned
    assert all("+s://" in one for one in said)


def test_on_a_terminal_a_password_is_asked_for_and_not_shown(finished: Path) -> None:
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        command(finished, "--store", NOWHERE, "status"),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    shown = b""
    while b"(not shown): " not in shown:
        shown += os.read(ours, 1024)
    os.write(ours, PASSWORD.encode() + b"\n")
    try:
        while more := os.read(ours, 1024):
            shown += more
    except OSError:  # the other end is closed
        pass
    os.close(ours)
    assert process.wait() == 4
    assert b"Password of neo4j@127.0.0.1:9" in shown
    assert b"nothing answers" in shown
    assert PASSWORD.encode() not in shown


def test_without_a_terminal_nobody_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object, **__: object) -> str:
        raise AssertionError

    monkeypatch.setattr(store_login, "getpass", never)
    monkeypatch.setattr(sys, "stdin", None)
    assert store_login.login_for(NOWHERE, print).password is None


def test_an_end_of_file_is_no_password(monkeypatch: pytest.MonkeyPatch) -> None:
    def ended(*_: object, **__: object) -> str:
        raise EOFError

    terminal = SimpleNamespace(isatty=lambda: True)
    monkeypatch.setattr(store_login, "getpass", ended)
    monkeypatch.setattr(sys, "stdin", terminal)
    monkeypatch.setattr(sys, "stderr", terminal)
    assert store_login.login_for(NOWHERE, lambda _: None).password is None


def test_a_verb_waits_for_a_store_that_another_process_holds(tmp_path: Path) -> None:
    workspace = create(tmp_path)
    with open_store(workspace.store_url):
        process = subprocess.Popen(
            command(tmp_path, "store", "prepare", "--json"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert process.stderr is not None
        said = process.stderr.readline()
        assert f"in use by process {os.getpid()}: waiting" in said
        assert process.poll() is None
    _, rest = process.communicate(timeout=60)
    assert process.returncode == 0, rest


def test_it_does_not_wait_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    workspace = create(tmp_path)
    state = State(folder=tmp_path, store=None, quiet=False)
    with open_store(workspace.store_url):
        with pytest.raises(StoreBusy), state.opened(patient=False):
            raise AssertionError
        monkeypatch.setattr(cli_state, "PATIENCE_SECONDS", 0.0)
        with pytest.raises(StoreBusy), state.opened():
            raise AssertionError
    assert capsys.readouterr().err == ""


def test_a_server_belongs_to_the_key_that_began_its_graph(
    cli: Cli, empty_neo4j: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEO4J_URI", empty_neo4j.uri)
    monkeypatch.setenv("NEO4J_USERNAME", empty_neo4j.username)
    monkeypatch.setenv("NEO4J_PASSWORD", empty_neo4j.password)
    for name in ("first", "other"):
        create(tmp_path / name)
    with empty_neo4j.driver() as driver:
        driver.execute_query("CREATE (:Person {name: 'Ada Fenwick'})", database_=empty_neo4j.database)
    assert "--beside-others" in cli("-w", tmp_path / "first", "store", "prepare", code=4).stderr
    cli("-w", tmp_path / "first", "store", "prepare", "--beside-others")
    said = facts(cli("-w", tmp_path / "first", "store", "prepare", "--json"))
    assert said["engine"]["value"].startswith("Neo4j ")
    assert said["rows of accounts"]["value"] == "0"
    refused = cli("-w", tmp_path / "other", "store", "prepare", code=4)
    assert "another key" in refused.stderr
    monkeypatch.setenv("NEO4J_PASSWORD", PASSWORD)
    wrong = cli("-w", tmp_path / "first", "status", code=4)
    assert "NEO4J_PASSWORD" in wrong.stderr
    assert PASSWORD not in wrong.stderr
