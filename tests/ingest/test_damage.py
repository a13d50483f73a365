"""Damaged files of every adapter: whatever is cut off, taken away or replaced, each record is accounted for.

Every record ends as rows, left out with a reason, or in quarantine with a reason; a file that can't be recognised any
more is a clear error. The whole intake runs, archive and quarantine included; only the store is left away.
"""

from __future__ import annotations

import json
import random
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graphmatch.adapter import Adapter, RawRecord, available, load
from graphmatch.conformance import JUNK, KEYRING, places, samples_of, spoil
from graphmatch.errors import LeftOut
from graphmatch.intake import IngestResult, ingest

NAMES = sorted(available())
#: What damaged records must never bring into an error or a quarantine reason.
SECRET = "grimwald-secret"

hurt = settings(deadline=None, max_examples=8, suppress_health_check=[HealthCheck.too_slow])


class Counted:
    """An adapter that counts what it reads, and what became of each record."""

    def __init__(self, adapter: Adapter) -> None:
        self.name = adapter.name
        self.adapter = adapter
        self.read_records = self.gave = self.left_out = 0

    def recognise(self, head):
        return self.adapter.recognise(head)

    def read(self, stream, layout):
        for item in self.adapter.read(stream, layout):
            self.read_records += 1
            yield item

    def normalise(self, record: RawRecord, context):
        try:
            rows = list(self.adapter.normalise(record, context))
        except LeftOut:
            self.left_out += 1
            raise
        self.gave += bool(rows)
        yield from rows


def take_in(adapter: Adapter, name: str, content: bytes) -> tuple[Counted, IngestResult, list[dict[str, Any]]]:
    counted = Counted(adapter)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        home = Path(folder) / "home"
        result = ingest([str(path)], write=lambda frames: {}, home=home, keyring=KEYRING, adapters=[counted])
        log = home / "quarantine.ndjson"
        told = [json.loads(line) for line in log.read_text("utf-8").splitlines()] if log.exists() else []
    return counted, result, told


def accounted_for(adapter: Adapter, name: str, content: bytes) -> None:
    counted, result, told = take_in(adapter, name, content)
    (file,) = result.files
    assert SECRET not in json.dumps([told, file.as_dict()])
    if file.status in ("failed", "skipped", "empty"):
        assert file.status == "empty" or file.error
        assert counted.read_records == 0
        return
    assert file.records == counted.read_records
    assert file.quarantined == len(told)
    assert all(entry["reason"] and entry["line"] for entry in told)
    assert not [entry for entry in told if "adapter failed" in entry["reason"]]
    assert not [entry for entry in told if "no reason" in entry["reason"]]
    # Records in = records that gave rows + left out + in quarantine. A record that gave rows and whose rows no table
    # takes is in quarantine.
    left_out = sum(file.left_out.values())
    assert left_out == counted.left_out
    assert counted.gave >= file.records - left_out - file.quarantined >= 0
    assert file.records <= counted.gave + left_out + file.quarantined


@pytest.mark.parametrize("name", NAMES)
@hurt
@given(data=st.data())
def test_a_file_that_breaks_off(name: str, data: st.DataObject) -> None:
    adapter = load(name)
    path = data.draw(st.sampled_from(samples_of(adapter)))
    content = path.read_bytes()
    accounted_for(adapter, path.name, content[: data.draw(st.integers(1, len(content)))])


@pytest.mark.parametrize("name", NAMES)
@hurt
@given(data=st.data())
def test_a_file_in_which_something_is_gone_or_another_thing(name: str, data: st.DataObject) -> None:
    adapter = load(name)
    path = data.draw(st.sampled_from(samples_of(adapter)))
    mix = random.Random(data.draw(st.integers(0, 2**32)))
    accounted_for(adapter, path.name, _damaged(path, mix))


def _damaged(path: Path, mix: random.Random) -> bytes:
    text = path.read_text("utf-8")
    how: dict[str, Callable[[str, random.Random], str]] = {".json": _document, ".ndjson": _lines, ".jsonl": _lines}
    return how.get(path.suffix, _words)(text, mix).encode("utf-8", "surrogatepass")


def _document(text: str, mix: random.Random) -> str:
    try:
        return json.dumps(_hurt(json.loads(text), mix))
    except json.JSONDecodeError:
        return _words(text, mix)


def _lines(text: str, mix: random.Random) -> str:
    lines = text.splitlines()
    place = mix.randrange(len(lines))
    lines[place] = json.dumps(_hurt(json.loads(lines[place]), mix))
    return "\n".join(lines)


def _hurt(value: Any, mix: random.Random) -> Any:
    """Spoil three places anywhere, the envelope's own included."""
    holder = {"document": value}
    for _ in range(3):
        found = places(holder)
        if not found:
            break
        path = mix.choice(found)
        drop = mix.random() < 0.5 and len(path) > 1
        holder = spoil(holder, path, mix.choice([*JUNK, SECRET]), drop=drop)
    return holder.get("document")


def _words(text: str, mix: random.Random) -> str:
    """Take a piece out of a text that is no JSON, or put something odd into it."""
    for _ in range(3):
        start = mix.randrange(len(text))
        end = min(len(text), start + mix.randrange(40))
        text = (
            text[:start]
            + mix.choice(["", "", "\n", '"', ",", "\t", "<", SECRET, "\x00", "\ud83d", "[[1]]"])
            + text[end:]
        )
        if not text:
            return "x"
    return text
