"""The ledger and the quarantine under several processes, and stores that come and go."""

from __future__ import annotations

import errno
import json
import multiprocessing
import os
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

import pytest

from graphmatch.adapter import Layout
from graphmatch.intake import Ledger, Quarantine, read_lines
from graphmatch.intake.ndjson_log import NdjsonLog
from graphmatch.intake.outcome import FileOutcome

LAYOUT = Layout("ndjson", record="report")
WRITERS, PLACES = 3, 40


def outcome(number: int, name: str = "a.ndjson") -> FileOutcome:
    return FileOutcome(name, "read", sha256=f"{number:064x}", adapter="tiny", record="report", records=number)


def ledger(path: Path, into: str = "", *, fresh: bool = False) -> Ledger:
    return Ledger(path, into=into, observed_at=None, fresh=fresh)


def knows(found: Ledger, *numbers: int) -> bool:
    return all(found.find(f"{number:064x}", "tiny", LAYOUT) for number in numbers)


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def _write(folder: Path, start: Barrier, writer: int) -> None:
    quarantine, own = Quarantine(folder / "q"), ledger(folder / "l")
    start.wait()
    for place in range(PLACES):
        quarantine.add(file=f"{writer}", sha256="ab", line=place, adapter="tiny", reason="not JSON")
        quarantine.add(file="own", sha256=f"{writer}", line=place, adapter=None, reason="x" * 290)
        quarantine.flush()
        own.enter(outcome(place, name=f"{writer}"))


def test_what_several_processes_meet_at_once_stands_once(tmp_path: Path) -> None:
    spawn = multiprocessing.get_context("spawn")
    start = spawn.Barrier(WRITERS)
    writers = [spawn.Process(target=_write, args=(tmp_path, start, number)) for number in range(WRITERS)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
        assert writer.exitcode == 0
    places = [(entry["sha256"], entry["line"]) for entry in lines(tmp_path / "q")]
    assert len(places) == len(set(places)) == (1 + WRITERS) * PLACES
    files = [entry["sha256"] for entry in lines(tmp_path / "l")]
    assert len(files) == len(set(files)) == PLACES


def test_a_ledger_hears_of_what_another_entered_meanwhile(tmp_path: Path) -> None:
    one, other = ledger(tmp_path / "l"), ledger(tmp_path / "l")
    one.enter(outcome(1))
    assert knows(other, 1)
    other.enter(outcome(1, name="the same under another name"))
    other.enter(outcome(2))
    assert knows(one, 1, 2)
    assert [entry["records"] for entry in lines(tmp_path / "l")] == [1, 2]


def test_what_was_read_into_a_store_that_is_empty_now_is_not_known_any_more(tmp_path: Path) -> None:
    for store in ("", "neo4j://here"):
        first = ledger(tmp_path / "l", store)
        first.enter(outcome(1))
        first.enter(outcome(2))
    again, watching = ledger(tmp_path / "l", fresh=True), ledger(tmp_path / "l")
    assert not knows(again, 1)
    again.enter(outcome(2))
    # The store is not empty any more, and still lacks the first file.
    later = ledger(tmp_path / "l")
    for each in (later, watching):
        assert knows(each, 2)
        assert not knows(each, 1)
    assert knows(ledger(tmp_path / "l", "neo4j://here"), 1, 2)


def test_a_first_reading_writes_nothing_of_an_empty_store(tmp_path: Path) -> None:
    ledger(tmp_path / "l", fresh=True)
    assert not (tmp_path / "l").exists()


def test_a_copy_of_a_store_holds_its_files_and_no_others(tmp_path: Path) -> None:
    source, target = ledger(tmp_path / "l"), ledger(tmp_path / "l", "neo4j://here")
    source.enter(outcome(1))
    target.enter(outcome(2))
    source.carry_over("neo4j://here")
    for each in (target, ledger(tmp_path / "l", "neo4j://here")):
        assert knows(each, 1)
        assert not knows(each, 2)
    assert knows(ledger(tmp_path / "l"), 1)
    assert not knows(ledger(tmp_path / "l", "neo4j://elsewhere"), 1)


def test_a_torn_line_costs_itself_only_and_news_go_on_behind_it(tmp_path: Path) -> None:
    log = NdjsonLog(tmp_path / "n")
    log.append(lambda news: [{"n": 1}])
    with (tmp_path / "n").open("a") as file:
        file.write('{"n": 2, "te')
    assert list(log.news()) == []
    NdjsonLog(tmp_path / "n").append(lambda news: [{"n": len(list(news))}, {"n": "\udc80"}])
    assert [entry["n"] for entry in log.news()] == [1, "?"]
    assert [entry["n"] for entry in read_lines(tmp_path / "n")] == [1, 1, "?"]


def test_a_log_that_was_begun_anew_is_read_from_its_beginning(tmp_path: Path) -> None:
    log = NdjsonLog(tmp_path / "n")
    log.append(lambda news: [{"n": "long" * 10}])
    (tmp_path / "n").write_text('{"n": 1}\n')
    assert list(log.news()) == [{"n": 1}]
    (tmp_path / "n").unlink()
    assert list(log.news()) == []


def test_a_full_disk_leaves_no_part_of_a_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = NdjsonLog(tmp_path / "n")
    log.append(lambda news: [{"n": 1}])
    write = os.write
    room = [8]

    def until_full(handle: int, data: bytes) -> int:
        if not room[0]:
            raise OSError(errno.ENOSPC, "no room")
        written = write(handle, data[: room[0]])
        room[0] -= written
        return written

    with monkeypatch.context() as patched:
        patched.setattr(os, "write", until_full)
        with pytest.raises(OSError, match="no room"):
            log.append(lambda news: [{"n": 2, "text": "long"}])
    log.append(lambda news: [{"n": 3}])
    assert [entry["n"] for entry in lines(tmp_path / "n")] == [1, 3]
