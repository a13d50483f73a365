"""What the tests of adapters share: samples read the way that an ingest reads them."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from graphmatch import conformance
from graphmatch.adapter import Adapter, Context, RawRecord, Unreadable, load
from graphmatch.conformance import KEYRING, as_json, as_lines, context_of, folder_of, items_of, samples_of
from graphmatch.errors import LeftOut, RejectedRecord
from graphmatch.model import Row

__all__ = [
    "KEYRING", "as_json", "as_lines", "context_of", "folder_of", "read", "rows_and_reasons", "rows_of",
    "sample_records", "samples_of",
]  # fmt: skip


def read(adapter: Adapter, name: str, content: bytes) -> list[tuple[RawRecord, Context]]:
    """Every record of a file; a place that holds none fails the test."""
    items, context = items_of(adapter, name, content)
    assert all(isinstance(item, RawRecord) for item in items), items
    return [(item, context) for item in items if isinstance(item, RawRecord)]


def rows_and_reasons(adapter: Adapter, content: bytes) -> tuple[list[Row], list[str]]:
    """The rows of a file, and why its other records give none (places that hold no record included)."""
    items, context = items_of(adapter, "any.json", content)
    rows: list[Row] = []
    why: list[str] = []
    for item in items:
        if isinstance(item, Unreadable):
            why.append(f"UNREADABLE {item.why}")
            continue
        try:
            rows += adapter.normalise(item, context)
        except (LeftOut, RejectedRecord) as reason:
            why.append(f"{type(reason).__name__}: {reason}")
    return rows, why


def rows_of(adapter: Adapter, *paths: Path) -> list[Row]:
    """Every row that the adapter gives of these files."""
    return [
        row
        for path in paths
        for record, context in read(adapter, path.name, path.read_bytes())
        for row in conformance.rows_of(adapter, record, context)
    ]


@cache
def sample_records(name: str) -> tuple[tuple[RawRecord, Context], ...]:
    """Every record of an adapter's samples."""
    return tuple(conformance.sample_records(load(name)))
