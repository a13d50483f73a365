"""What the tests of adapters share: samples read the way that an ingest reads them."""

from __future__ import annotations

import contextlib
import dataclasses
import io
import json
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from graphmatch.adapter import Adapter, Context, RawRecord, load
from graphmatch.errors import LeftOut
from graphmatch.frames import ROW_TABLES
from graphmatch.intake.head import heads, recognise
from graphmatch.model import Row
from graphmatch.normalise.contacts import Keyring

KEYRING = Keyring(b"\x01" * 32)


def folder_of(adapter: Adapter) -> Path:
    """The folder that the adapter ships in."""
    return Path(str(files(type(adapter).__module__.rpartition(".")[0])))


def samples_of(adapter: Adapter) -> list[Path]:
    """The adapter's samples, in order of name."""
    return sorted(folder_of(adapter).glob("sample*.*"))


def context_of(adapter: Adapter, name: str, content: bytes) -> Context:
    """The context in which an ingest would read this file."""
    _, layout = recognise(heads(io.BytesIO(content), name), [adapter])
    return Context(adapter.name, name, layout, KEYRING)


def read(adapter: Adapter, name: str, content: bytes) -> list[tuple[RawRecord, Context]]:
    """Every record of a file; a place that holds none fails the test."""
    context = context_of(adapter, name, content)
    found = list(adapter.read(io.BytesIO(content), context.layout))
    assert all(isinstance(record, RawRecord) for record in found), found
    return [(record, context) for record in found if isinstance(record, RawRecord)]


def rows_of(adapter: Adapter, *paths: Path) -> list[Row]:
    """Every row that the adapter gives of these files."""
    found: list[Row] = []
    for path in paths:
        for record, context in read(adapter, path.name, path.read_bytes()):
            with contextlib.suppress(LeftOut):
                found += adapter.normalise(record, context)
    return found


@cache
def sample_records(name: str) -> tuple[tuple[RawRecord, Context], ...]:
    """Every record of an adapter's samples."""
    adapter = load(name)
    return tuple(pair for path in samples_of(adapter) for pair in read(adapter, path.name, path.read_bytes()))


def as_json(row: Row) -> dict[str, Any]:
    """A row as a golden file keeps it: its table, then what it says; blanks are left out."""
    return {"table": ROW_TABLES[type(row)], **dict(_said(row))}


def as_lines(rows: list[Row]) -> str:
    """A golden file's text."""
    return "".join(json.dumps(as_json(row), ensure_ascii=False) + "\n" for row in rows)


def _said(row: Row) -> Iterator[tuple[str, Any]]:
    for field in dataclasses.fields(row):
        value = getattr(row, field.name)
        if isinstance(value, datetime):
            yield field.name, value.isoformat()
        elif isinstance(value, tuple):
            if value:
                yield field.name, list(value)
        elif value is not None:
            yield field.name, value
