"""The journal keeps what people said, and notices every change."""

from __future__ import annotations

import json
import multiprocessing
import tempfile
from datetime import UTC, datetime, timedelta
from multiprocessing.synchronize import Barrier
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphmatch.errors import JournalBroken, UsageError
from graphmatch.journal import Head, Journal
from graphmatch.model import Judgement

AT = datetime(2026, 4, 20, 9, 0, tzinfo=UTC)


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "deep" / "journal.ndjson")


def fill(journal: Journal, count: int = 3) -> None:
    for n in range(count):
        journal.judge(f"x:x:{n}", "reddit:reddit:a", Judgement.POSITIVE, analyst="jo", reason=f"réason {n}", at=AT)


def test_a_journal_that_is_not_there_is_empty(journal: Journal) -> None:
    assert journal.records() == []
    assert journal.judgements().is_empty()
    assert journal.verify() == Head(0, "0" * 64)
    assert not journal.path.exists()


def test_judgements_come_back_as_a_table_with_left_before_right(journal: Journal) -> None:
    fill(journal, 2)
    journal.append("note", {"text": "tea"}, AT)
    journal.judge("a:a:1", "b:b:1", Judgement.NEGATIVE, analyst="sam", reason="not them", at=AT)
    table = journal.judgements()
    assert table["seq"].to_list() == [1, 2, 4]
    assert (table["left"] < table["right"]).all()
    assert table["at"].to_list() == [AT] * 3
    assert Journal(journal.path).judgements().equals(table)


def test_times_are_kept_in_utc(journal: Journal) -> None:
    summer = datetime.fromisoformat("2026-07-01T12:00:00+01:00")
    assert journal.append("note", {}, summer).at == datetime(2026, 7, 1, 11, tzinfo=UTC)
    assert journal.records()[0].at == summer


@pytest.mark.parametrize("field", ["analyst", "reason", "left", "right", "judgement"])
def test_a_judgement_needs_all_its_parts(journal: Journal, field: str) -> None:
    body = {"left": "a:a:1", "right": "b:b:1", "judgement": "positive", "analyst": "jo", "reason": "why"}
    with pytest.raises(UsageError, match=field):
        journal.append("judgement", {**body, field: "  "}, AT)
    assert not journal.path.exists()


def test_other_misuse_is_refused(journal: Journal) -> None:
    with pytest.raises(UsageError, match="same"):
        journal.judge("a:a:1", "a:a:1", Judgement.POSITIVE, analyst="jo", reason="why", at=AT)
    with pytest.raises(UsageError, match="one of"):
        journal.append("judgement", {"left": "a", "right": "b", "judgement": "yes", "analyst": "j", "reason": "r"}, AT)
    with pytest.raises(UsageError, match="zone"):
        journal.append("note", {}, AT.replace(tzinfo=None))
    with pytest.raises(UsageError, match="JSON"):
        journal.append("note", {"n": float("nan")}, AT)
    with pytest.raises(UsageError, match="JSON"):
        journal.append("note", {"when": AT}, AT)
    assert journal.records() == []


@settings(deadline=None, max_examples=120)
@given(st.data())
def test_any_flipped_byte_is_noticed_and_its_record_named(data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as folder:
        journal = Journal(Path(folder) / "journal.ndjson")
        fill(journal)
        good = journal.path.read_bytes()
        at = data.draw(st.integers(0, len(good) - 1))
        bad = bytearray(good)
        bad[at] ^= data.draw(st.integers(1, 255))
        journal.path.write_bytes(bad)
        record = good[:at].count(b"\n") + 1
        with pytest.raises(JournalBroken, match=rf"record {record} "):
            Journal(journal.path).verify()


def test_every_bit_of_the_chain_is_covered(journal: Journal) -> None:
    fill(journal, 1)
    good = journal.path.read_bytes()
    for at in range(len(good)):
        journal.path.write_bytes(good[:at] + bytes([good[at] ^ 0x20]) + good[at + 1 :])
        with pytest.raises(JournalBroken):
            journal.records()


@pytest.mark.parametrize("order", [[1, 0, 2], [0, 2], [1, 2], [0, 0, 1, 2]])
def test_dropped_moved_and_repeated_records_are_noticed(journal: Journal, order: list[int]) -> None:
    fill(journal)
    lines = journal.path.read_bytes().splitlines(keepends=True)
    journal.path.write_bytes(b"".join(lines[n] for n in order))
    with pytest.raises(JournalBroken, match="does not follow"):
        journal.verify()


def test_a_rewritten_chain_is_noticed_by_a_kept_head(journal: Journal, tmp_path: Path) -> None:
    fill(journal)
    kept = journal.verify()
    journal.append("note", {"n": 4}, AT)
    assert journal.verify(kept).seq == 4
    journal.path.write_bytes(b"".join(journal.path.read_bytes().splitlines(keepends=True)[:2]))
    with pytest.raises(JournalBroken, match="record 3 is missing"):
        journal.verify(kept)
    other = Journal(tmp_path / "other.ndjson")
    for n in range(3):
        other.append("note", {"n": n}, AT + timedelta(hours=1))
    with pytest.raises(JournalBroken, match="record 3 is not the one"):
        other.verify(kept)


def test_a_torn_last_line_is_reported_kept_and_never_dropped_silently(journal: Journal) -> None:
    fill(journal, 2)
    head = journal.head_path.read_bytes()
    fill(journal, 1)
    torn = journal.path.read_bytes()[:-20]
    journal.path.write_bytes(torn)
    journal.head_path.write_bytes(head)  # it is renewed only once the record is whole
    with pytest.raises(JournalBroken, match=r"record 3 is incomplete.*recover"):
        journal.records()
    with pytest.raises(JournalBroken, match="record 3 is incomplete"):
        journal.append("note", {}, AT)
    assert journal.path.read_bytes() == torn
    aside = journal.recover()
    assert aside is not None
    assert journal.path.read_bytes() + aside.read_bytes() == torn
    assert journal.verify().seq == 2
    assert journal.recover() is None
    assert journal.append("note", {}, AT).seq == 3


def test_a_journal_cut_short_at_a_record_or_gone_is_noticed(journal: Journal) -> None:
    fill(journal)
    whole = journal.path.read_bytes()
    for kept in (2, 0):
        journal.path.write_bytes(b"".join(whole.splitlines(keepends=True)[:kept]))
        for _ in range(2):
            with pytest.raises(JournalBroken, match=rf"record {kept + 1} is missing"):
                Journal(journal.path).judgements()
        with pytest.raises(JournalBroken, match="is missing"):
            Journal(journal.path).append("note", {}, AT)
    journal.path.unlink()
    with pytest.raises(JournalBroken, match="is missing"):
        journal.records()
    journal.path.write_bytes(whole)
    assert journal.verify().seq == 3


def test_a_whole_record_that_was_torn_later_is_not_recovered_away(journal: Journal) -> None:
    fill(journal)
    journal.path.write_bytes(journal.path.read_bytes()[:-20])
    assert journal.recover() is not None
    with pytest.raises(JournalBroken, match="record 3 is missing"):
        journal.records()


def test_a_head_that_lags_behind_or_is_lost_is_no_fault_but_a_spoilt_one_is(journal: Journal) -> None:
    fill(journal, 1)
    behind = journal.head_path.read_bytes()
    fill(journal, 1)
    journal.head_path.write_bytes(behind)  # stopped after the record, before the head
    assert journal.verify().seq == 2
    journal.head_path.unlink()
    assert journal.verify().seq == 2
    for spoilt in (b"", b"2 abc\n", b"\xff"):
        journal.head_path.write_bytes(spoilt)
        with pytest.raises(JournalBroken, match=r"journal\.ndjson\.head"):
            journal.records()


def test_only_its_owner_may_read_it(journal: Journal) -> None:
    fill(journal)
    journal.path.write_bytes(journal.path.read_bytes()[:-1])
    aside = journal.recover()
    assert aside is not None
    assert {path.stat().st_mode & 0o077 for path in (journal.path, journal.head_path, aside)} == {0}


@pytest.mark.parametrize("nobody", ["\u200b", "...", "- -"])
def test_who_has_no_name_can_not_judge(journal: Journal, nobody: str) -> None:
    with pytest.raises(UsageError, match="analyst"):
        journal.judge("a:a:1", "a:a:2", Judgement.POSITIVE, analyst=nobody, reason="why", at=AT)


def test_appending_notices_another_writer(journal: Journal) -> None:
    fill(journal, 1)
    Journal(journal.path).append("note", {}, AT)
    assert journal.append("note", {}, AT).seq == 3
    assert journal.verify().seq == 3


def _write_many(path: Path, name: str, count: int, start: Barrier) -> None:
    journal = Journal(path)
    start.wait(60)
    for n in range(count):
        journal.append("note", {"by": name, "n": n}, AT)


def test_two_processes_keep_one_chain(tmp_path: Path) -> None:
    path, count = tmp_path / "journal.ndjson", 150
    spawn = multiprocessing.get_context("spawn")
    start = spawn.Barrier(2)
    writers = [spawn.Process(target=_write_many, args=(path, name, count, start)) for name in ("jo", "sam")]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
        assert writer.exitcode == 0
    records = Journal(path).records()
    assert len(records) == 2 * count
    for name in ("jo", "sam"):
        assert [r.body["n"] for r in records if r.body["by"] == name] == list(range(count))


def test_the_same_record_in_other_bytes_is_noticed(journal: Journal) -> None:
    fill(journal, 1)
    good = journal.path.read_text("utf-8")
    for other in (good.replace(":", ": ", 1), good.replace("é", "\\u00e9", 1), " " + good):
        journal.path.write_text(other, "utf-8")
        with pytest.raises(JournalBroken, match="was changed"):
            journal.records()


def test_a_line_is_canonical_json(journal: Journal) -> None:
    fill(journal, 1)
    line = journal.path.read_text("utf-8")
    assert sorted(json.loads(line)) == list(json.loads(line)) == ["at", "body", "hash", "kind", "prev", "seq"]
    assert "réason" in line


def test_a_journal_that_another_process_begins_meanwhile_is_not_taken_for_a_lost_one(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = journal._kept

    def begun_meanwhile() -> Head:
        if not journal.path.exists():
            fill(Journal(journal.path), 1)
        return kept()

    monkeypatch.setattr(journal, "_kept", begun_meanwhile)
    assert len(journal.records()) == 1
