"""Files and folders as the clumsy and the hostile hand them in: one clear line, the right exit code, nothing lost."""

from __future__ import annotations

import gzip
import json
import os
import signal
import stat
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Cli = Callable[..., subprocess.CompletedProcess[str]]

EMAIL, IP, PHONE, HANDLE = "planted.secret@evil.example", "203.0.113.77", "+447700900123", "plantedhandle"
COLUMNS = ("report_id", "reported_at", "platform", "handle", "content_text", "category", "email", "phone", "ip")


def record(number: int, **given: Any) -> dict[str, Any]:
    values = (f"r{number}", "2026-04-02T10:00:00Z", "x", f"{HANDLE}{number}", "words", "harassment", EMAIL, PHONE, IP)
    return {**dict(zip(COLUMNS, values, strict=True)), **given}


def ndjson(*records: dict[str, Any]) -> bytes:
    return "".join(json.dumps(one) + "\n" for one in records).encode()


def table(*records: dict[str, Any]) -> bytes:
    rows = [COLUMNS, *(tuple(one[name] for name in COLUMNS) for one in records)]
    return "".join(",".join(f'"{cell}"' for cell in row) + "\n" for row in rows).encode()


@pytest.fixture
def empty(tmp_path: Path, cli: Cli) -> Path:
    cli("-w", tmp_path / "empty", "init")
    return tmp_path / "empty"


def quarantine(workspace: Path) -> list[dict[str, Any]]:
    path = workspace / ".graphmatch" / "quarantine.ndjson"
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.exists() else []


def counts(cli: Cli, workspace: Path) -> dict[str, int]:
    rows = map(json.loads, cli("-w", workspace, "status", "--json").stdout.splitlines())
    return {row["table"]: row["rows"] for row in rows}


def say_nothing_personal(workspace: Path, *said: str) -> None:
    kept = [(workspace / ".graphmatch" / name) for name in ("quarantine.ndjson", "files.ndjson")]
    for text in (*said, *(path.read_text("utf-8") for path in kept if path.exists())):
        assert not [value for value in (EMAIL, IP, PHONE, HANDLE) if value in text]


def test_a_folder_of_bad_files_costs_only_what_is_bad(empty: Path, tmp_path: Path, cli: Cli) -> None:
    exports = tmp_path / "exports"
    exports.mkdir()
    packed = gzip.compress(b"".join(ndjson(record(n)) for n in range(20, 400)))
    files = {
        "a_mixed.ndjson": ndjson(record(1)) + f"{EMAIL} {HANDLE}\n".encode() + b"[1]\n" + ndjson(record(2)),
        "b_cut_off.json": b"[" + ndjson(record(3))[:-1] + b"," + ndjson(record(4))[:-40],
        "c_deep.ndjson": ndjson(record(5)) + b'{"handle":' + b"[" * 5000 + b"]" * 5000 + b"}\n",
        "d_latin.ndjson": ndjson(record(6)) + b'{"handle": "M\xfcller", "platform": "x", "report_id": "7"}\n',
        "e_empty.json": b"",
        "f_noise.bin": bytes(range(256)) * 20,
        "g_cut_off.ndjson.gz": packed[: len(packed) // 2],
        "h_unknown_keys.ndjson": ndjson(record(8, **{EMAIL: 1, "a_new_field": 2})),
        "i_dates.csv": table(record(9, reported_at="1970-01-01"), record(10, reported_at="2100-01-01")),
        "j_number.ndjson": ndjson(record(11)).replace(b'"r11"', b"1e400"),
        "k_bom.csv": b"\xef\xbb\xbf" + table(record(12)),
        "l_excel.csv": "\ufeff".encode("utf-16-le") + table(record(13)).decode().encode("utf-16-le"),
        "m_separator.csv": b"sep=;\r\n" + table(record(14)).replace(b",", b";"),
    }
    for name, content in files.items():
        (exports / name).write_bytes(content)
    done = cli("-w", empty, "ingest", exports, "--json", code=3)
    outcomes = {row["name"]: row for row in map(json.loads, done.stdout.splitlines())}
    read = {name: row["records"] - row["quarantined"] for name, row in outcomes.items()}
    for name, many in {"a": 2, "b": 1, "c": 1, "d": 1, "h": 1, "i": 0, "j": 1, "k": 1, "l": 1, "m": 1}.items():
        assert read[next(full for full in files if full.startswith(name))] == many, name
    assert [name for name, row in outcomes.items() if row["status"] == "failed"] == ["e_empty.json", "f_noise.bin"]
    for adapter in ("mastodon", "bluesky", "reddit", "generic", "harassment_manager"):
        assert f"\n  {adapter}: " in outcomes["f_noise.bin"]["error"]
    assert len(quarantine(empty)) == sum(row["quarantined"] for row in outcomes.values()) + 2
    assert counts(cli, empty)["reports"] == sum(read.values())
    assert set(outcomes["h_unknown_keys.ndjson"]["unknown"]) == {"a_new_field", "(a name that may be personal)"}
    say_nothing_personal(empty, done.stdout, done.stderr)


@pytest.mark.parametrize("ending", [b'"', b""])
def test_a_row_that_is_cut_short_is_not_taken_for_a_whole_one(
    empty: Path, tmp_path: Path, cli: Cli, ending: bytes
) -> None:
    whole = table(record(1)) + b'"r2","2026-04-02","x","' + HANDLE.encode()
    if ending:
        # Plain rows, broken off by the packing alone: nothing in the row itself tells.
        packed = gzip.compress(whole.replace(b'"', b"") + os.urandom(2000).hex().encode())
        name, content = "cut.csv.gz", packed[:-400]
    else:
        name, content = "cut.csv", whole
    (tmp_path / name).write_bytes(content)
    cli("-w", empty, "ingest", tmp_path / name, code=3)
    assert counts(cli, empty)["accounts"] == 1
    assert [entry["line"] for entry in quarantine(empty)] == [3]


def test_what_no_file_can_be_read_from_is_said_and_the_rest_goes_on(empty: Path, tmp_path: Path, cli: Cli) -> None:
    exports = tmp_path / "exports"
    exports.mkdir()
    (exports / "good.csv").write_bytes(table(record(1)))
    for name, goal in {"loop": "loop", "nowhere.csv": "not-there", "outside": str(tmp_path)}.items():
        (exports / name).symlink_to(goal)
    os.mkfifo(exports / "pipe")
    with zipfile.ZipFile(exports / "slip.zip", "w") as archive:
        archive.writestr("../../outside.csv", table(record(2)))
        archive.writestr("in\nside.csv", table(record(3)))
    done = cli("-w", empty, "ingest", exports, code=3)
    assert counts(cli, empty)["reports"] == 2
    assert len(quarantine(empty)) == 5
    assert "its path leaves the archive" in done.stderr
    assert not [line for line in done.stderr.splitlines() if line.startswith("side.csv")]


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read everything")
def test_a_folder_that_may_not_be_read_is_said(empty: Path, tmp_path: Path, cli: Cli) -> None:
    closed = tmp_path / "exports" / "closed"
    closed.mkdir(parents=True)
    closed.chmod(0)
    try:
        cli("-w", empty, "ingest", tmp_path / "exports", code=3)
    finally:
        closed.chmod(stat.S_IRWXU)
    assert [entry["reason"] for entry in quarantine(empty)] == ["the folder can't be read: Permission denied"]


def test_a_user_s_mistake_is_one_line(empty: Path, tmp_path: Path, cli: Cli) -> None:
    good = tmp_path / "good.csv"
    good.write_bytes(table(record(1)))
    mapping = tmp_path / "mapping.toml"
    mapping.write_text('[columns]\nhandel = "Who"\n', "utf-8")
    for arguments in (
        ("ingest", tmp_path / "not-there"),
        ("ingest", good, "--mapping", mapping),
        ("ingest", good, "--observed-at", "2090-01-01"),
        ("query", "nope"),
        ("explain", "x:x:1", "x:x:1"),
        ("--store", "foo://bar", "status"),
    ):
        done = cli("-w", empty, *arguments, code=2)
        assert len(done.stderr.splitlines()) == 1, arguments
    (tmp_path / "nothing").mkdir()
    assert "no files were found" in cli("-w", empty, "ingest", tmp_path / "nothing").stderr


def test_a_damaged_workspace_says_what_to_do(workspace: Path, world: Path, cli: Cli) -> None:
    home = workspace / ".graphmatch"
    (home / "files.ndjson").write_bytes(b'\xff\n[1]\n{"sha256": [1], "rows": 3, "records": "many"}\n')
    cli("-w", workspace, "ingest", next(world.rglob("reports.csv")))
    (home / "model.json").unlink()
    rows = map(json.loads, cli("-w", workspace, "migrations", "--json").stdout.splitlines())
    pair = next((row["origin_account_id"], row["destination_account_id"]) for row in rows)
    assert "graphmatch link" in cli("-w", workspace, "explain", *pair, code=5).stderr
    (home / "key").unlink()
    assert "backup" in cli("-w", workspace, "ingest", world, code=2).stderr
    assert "backup" in cli("-w", workspace, "init", code=2).stderr
    (home / "graph.lbug").write_bytes(b"no graph")
    assert len(cli("-w", workspace, "status", code=4).stderr.splitlines()) == 1
    assert cli("-w", workspace, "doctor", "--json", code=1).stdout.count("FAILED") >= 2


def test_a_lost_graph_comes_back_from_the_archive(empty: Path, tmp_path: Path, cli: Cli) -> None:
    (tmp_path / "reports.csv").write_bytes(table(record(1), record(2)))
    cli("-w", empty, "ingest", tmp_path / "reports.csv")
    (empty / ".graphmatch" / "graph.lbug").unlink()
    cli("-w", empty, "ingest", empty / ".graphmatch" / "archive")
    assert counts(cli, empty)["reports"] == 2


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGKILL, -signal.SIGKILL)])
def test_a_broken_off_reading_is_completed_by_the_next(
    empty: Path, tmp_path: Path, cli: Cli, sent: signal.Signals, code: int
) -> None:
    export = tmp_path / "many.ndjson"
    export.write_bytes(ndjson(*(record(number) for number in range(5_500))))
    archive = empty / ".graphmatch" / "archive"
    command = [sys.executable, "-m", "graphmatch", "-w", str(empty), "ingest", str(export)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    deadline = time.monotonic() + 30
    # Once the file is kept, its records are being read and written.
    while not list(archive.glob("*/*.gz")) and process.poll() is None and time.monotonic() < deadline:
        os.sched_yield()
    process.send_signal(sent)
    _, said = process.communicate(timeout=60)
    assert process.returncode == code
    assert b"Traceback" not in said
    cli("-w", empty, "ingest", export)
    after = counts(cli, empty)
    assert (after["reports"], after["accounts"], after["files"]) == (5_500, 5_500, 1)


def test_who_stops_reading_the_output_hears_nothing_more(finished: Path) -> None:
    question = "MATCH (a:Account), (b:Account) RETURN a.account_id, b.account_id"
    for form in ("json", "csv", "parquet"):
        command = [sys.executable, "-m", "graphmatch", "-w", str(finished)]
        command += ["query", "--cypher", question, "--format", form]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        assert process.stdout is not None
        assert process.stderr is not None
        with process:
            process.stdout.read(4)
            process.stdout.close()
            assert process.stderr.read() == b""


def test_a_full_disk_is_one_line(finished: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    with Path("/dev/full").open("wb") as full:
        command = [sys.executable, "-m", "graphmatch", "-w", str(finished), "status", "--json"]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, check=False)
    assert done.returncode == 4
    assert done.stderr.decode().splitlines() == [done.stderr.decode().strip()]
