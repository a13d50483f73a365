"""Reasons that the taxonomy does not know are counted by their raw value and shown, never guessed and never leaked."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from tiny_adapter import MemoryStore, TinyAdapter

from graphmatch.adapter import Context, RawRecord
from graphmatch.allegations import alleged_category
from graphmatch.cli.intake_report import report
from graphmatch.intake import IngestResult, ingest
from graphmatch.intake.reading import WITHHELD
from graphmatch.model import Report, Row
from graphmatch.normalise.contacts import Keyring

PLATFORM = "mastodon"


class Reasoned(TinyAdapter):
    """Gives each report the category of its ``reason`` on a platform that has a table."""

    def normalise(self, record: RawRecord, context: Context) -> Iterator[Row]:
        for row in super().normalise(record, context):
            if isinstance(row, Report):
                raw, words = record.value.get("reason"), record.value.get("text")
                found = alleged_category(PLATFORM, raw, words)
                yield replace(row, category_raw=raw, category_reported=found.leaf, gate=found.gate)
            else:
                yield row


def read(root: Path, store: MemoryStore, *names: str) -> IngestResult:
    return ingest(
        [str(root / name) for name in names],
        write=store.write_all,
        home=root / "home",
        keyring=Keyring(b"\x01" * 32),
        adapters=[Reasoned()],
    )


def put(root: Path, name: str, *reasons: str | None, text: str | None = None) -> None:
    records = [{"id": f"{name}{n}", "who": f"w{n}", "reason": reason, "text": text} for n, reason in enumerate(reasons)]
    (root / name).write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")


def test_unknown_reasons_are_counted_by_file_and_in_all(tmp_path: Path) -> None:
    put(tmp_path, "a.ndjson", "dogpiling", "spam", "dogpiling", "astral projection", None, text="death threat")
    put(tmp_path, "b.ndjson", "dogpiling", "violation")
    result = read(tmp_path, MemoryStore(), "a.ndjson", "b.ndjson")
    assert [dict(file.unmapped) for file in result.files] == [
        {"astral projection": 1, "dogpiling": 2},
        {"dogpiling": 1},
    ]
    assert result.unmapped == {"tiny: astral projection": 1, "tiny: dogpiling": 3}
    assert (
        result.files[0].sentence().endswith("2 reasons that the taxonomy does not know (dogpiling, astral projection)")
    )
    assert not result.incomplete


def test_an_unknown_reason_is_kept_as_it_stands_and_not_read_into_the_words(tmp_path: Path) -> None:
    put(tmp_path, "a.ndjson", "dogpiling", text="death threat: he will kill her")
    store = MemoryStore()
    read(tmp_path, store, "a.ndjson")
    (row,) = store.tables["reports"].select("category_raw", "category_reported", "gate").rows()
    assert row == ("dogpiling", "unmapped", "debate")


def test_a_file_that_is_known_still_says_which_reasons_were_unknown(tmp_path: Path) -> None:
    put(tmp_path, "a.ndjson", "dogpiling")
    store = MemoryStore()
    first, again = read(tmp_path, store, "a.ndjson"), read(tmp_path, store, "a.ndjson")
    assert again.files[0].status == "known"
    assert again.files[0].unmapped == first.files[0].unmapped == {"dogpiling": 1}


def test_no_reason_and_a_known_one_are_not_unknown(tmp_path: Path) -> None:
    put(tmp_path, "a.ndjson", None, "spam", "other")
    assert read(tmp_path, MemoryStore(), "a.ndjson").unmapped == {}


@pytest.mark.parametrize("reason", ["mail grim@mailbox.example", "ring 07700 900123", "x" * 200, "two\nlines"])
def test_a_reason_that_may_be_personal_is_counted_and_withheld(tmp_path: Path, reason: str) -> None:
    put(tmp_path, "a.ndjson", reason, reason)
    result = read(tmp_path, MemoryStore(), "a.ndjson")
    assert result.unmapped == {f"tiny: {WITHHELD}": 2}
    assert reason not in result.files[0].sentence()


@pytest.mark.parametrize("as_json", [False, True])
def test_the_report_of_an_ingest_shows_them(tmp_path: Path, capsys: pytest.CaptureFixture[str], as_json: bool) -> None:
    put(tmp_path, "a.ndjson", "dogpiling", "astral projection", "dogpiling")
    put(tmp_path, "b.ndjson", "dogpiling")
    said: list[str] = []
    state = cast(Any, SimpleNamespace(say=said.append, workspace=lambda: SimpleNamespace(home=tmp_path)))
    report(read(tmp_path, MemoryStore(), "a.ndjson", "b.ndjson"), state, json=as_json)
    shown = next(line for line in said if "became `unmapped`" in line)
    assert shown.startswith("2 reasons that the taxonomy does not know")
    assert shown.endswith("tiny: dogpiling, tiny: astral projection")
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["unmapped"] for line in lines] == (
        [{"astral projection": 1, "dogpiling": 2}, {"dogpiling": 1}] if as_json else []
    )
