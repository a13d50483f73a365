"""Lines of JSON → raw records. A bad line costs that line only."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from graphmatch.adapter import RawRecord, Unreadable
from graphmatch.readers import values


def read_ndjson(stream: BinaryIO) -> Iterator[RawRecord | Unreadable]:
    """Stream the objects of UTF-8 NDJSON, one a line. Blank lines hold nothing."""
    number = 0
    while line := stream.readline(values.MAX_RECORD_BYTES + 1):
        number += 1
        if len(line) > values.MAX_RECORD_BYTES:
            _finish_line(stream, line)
            yield Unreadable(number, values.TOO_LONG)
        elif not line.isspace():
            yield _record(number, line)


def _finish_line(stream: BinaryIO, line: bytes) -> None:
    while line and not line.endswith(b"\n"):
        line = stream.readline(2**20)


def _record(number: int, line: bytes) -> RawRecord | Unreadable:
    try:
        value = values.parse(line.decode())
    except UnicodeDecodeError:
        return Unreadable(number, values.NOT_UTF8)
    except values.UnfitError as error:
        return Unreadable(number, str(error))
    return RawRecord(number, value) if isinstance(value, dict) else Unreadable(number, values.NOT_AN_OBJECT)
