"""Writes records as they come, so that memory does not grow with the file."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

#: Worlds of more accounts write one record a line where the platform's adapter reads that.
LARGE = 5_000

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


@contextmanager
def _opened(path: Path) -> Iterator[TextIO]:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as out:
        yield out


def write_array(path: Path, records: Iterable[Mapping[str, Any]]) -> None:
    """Write a JSON array, one record a line."""
    with _opened(path) as out:
        out.write("[")
        _write_items(out, records)
        out.write("]\n")


def write_object(path: Path, head: str, records: Iterable[Mapping[str, Any]], tail: str) -> None:
    """Write an array inside an object: ``head`` ends before the array's ``[``, ``tail`` begins after its ``]``."""
    with _opened(path) as out:
        out.write(head + "[")
        _write_items(out, records)
        out.write("]" + tail + "\n")


def _write_items(out: TextIO, records: Iterable[Mapping[str, Any]]) -> None:
    before = "\n"
    for record in records:
        out.write(before + _encode(record))
        before = ",\n"
    out.write("\n")


def write_lines(path: Path, records: Iterable[Mapping[str, Any]]) -> None:
    """Write NDJSON."""
    with _opened(path) as out:
        out.writelines(_encode(record) + "\n" for record in records)


def write_table(path: Path, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Write CSV; rows may be shorter than the header."""
    with _opened(path) as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)
