"""The beginning of a file → which adapter reads it, and how."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, BinaryIO

from graphmatch.adapter import Adapter, Head, Layout, Refusal
from graphmatch.errors import PassedOver, UnknownFormat, UnreadableFile
from graphmatch.readers import MAX_RECORD_BYTES
from graphmatch.readers.csv_rows import column_names, csv_rows
from graphmatch.readers.encodings import as_utf8
from graphmatch.readers.json_text import BrokenError, JsonText
from graphmatch.readers.parquet import columns_of
from graphmatch.readers.streams import Tap
from graphmatch.readers.values import UnfitError, parse

HEAD_BYTES = 256 * 2**10
#: The adapter that takes any table; it gives way to one that knows the platform.
GENERIC = "generic"
_MAX_LEVELS = 4
_LINES_TRIED = 50
_PARQUET_START = b"PAR1"
_TEXT_SHOWN = 4_096


def head(stream: BinaryIO, name: str) -> Head:
    """Look at the beginning of a file: 256 KiB, or its first record if that is longer.

    Raises
    ------
    UnreadableFile
        The file is empty.
    """
    return heads(stream, name)[0]


def heads(stream: BinaryIO, name: str) -> list[Head]:
    """Give the ways in which a file's beginning can be taken, the likeliest first.

    A single JSON object on one line may be a document, or NDJSON of one record; only an adapter can tell.
    """
    start = stream.read(HEAD_BYTES)
    if start.startswith(_PARQUET_START):
        return [_parquet(Tap(stream, start), name)]
    if len(start) == HEAD_BYTES and b"\n" not in start:
        start += stream.read(MAX_RECORD_BYTES)
    text = as_utf8(io.BytesIO(start)).read()
    if not text.strip():
        raise UnreadableFile(f"{name}: the file is empty")
    shown = text[: 4 * _TEXT_SHOWN].decode("utf-8", "replace")[:_TEXT_SHOWN]
    return [replace(way, text=shown) for way in _ways(text, name)]


def _ways(text: bytes, name: str) -> list[Head]:
    sign = text.lstrip()[:1]
    if sign == b"<":
        return [Head(name, "xml")]
    if sign == b"[":
        return [_array(text, name)]
    lines = _first_object(text)
    if sign != b"{":
        spoilt = [Head(name, "ndjson", first=lines)] if lines is not None else []
        return [*spoilt, _table(text, name)]
    document = _document(text, name)
    if lines is None:
        return [document]
    ndjson = Head(name, "ndjson", first=lines)
    one_line = len(text.strip().splitlines()) == 1
    return [document, ndjson] if one_line else [ndjson, document]


def recognise(beginning: Head | Sequence[Head], adapters: Sequence[Adapter]) -> tuple[Adapter, Layout]:
    """Find the one adapter that knows a file. `GENERIC` is asked with the others, and yields to them.

    Raises
    ------
    PassedOver
        One knows it, and says that it holds nothing to keep.
    UnknownFormat
        None knows it, and the message gives each one's reason; or several do, and it names them.
    """
    ways = [beginning] if isinstance(beginning, Head) else list(beginning)
    refusals: dict[str, Refusal] = {}
    for way in ways:
        willing: list[tuple[Adapter, Layout]] = []
        for adapter in adapters:
            verdict = _ask(adapter, way)
            if isinstance(verdict, Layout):
                willing.append((adapter, verdict))
            else:
                known = refusals.get(adapter.name)
                refusals[adapter.name] = verdict if known is None or (verdict.known and not known.known) else known
        if len(willing) > 1:
            willing = [(adapter, layout) for adapter, layout in willing if adapter.name != GENERIC]
        if len(willing) == 1:
            return willing[0]
        if willing:
            names = ", ".join(adapter.name for adapter, _ in willing)
            raise UnknownFormat(f"{way.name}: more than one adapter knows this file: {names}")
    for name, refusal in refusals.items():
        if refusal.known:
            raise PassedOver(f"{name}: {refusal.why}")
    reasons = "".join(f"\n  {name}: {refusal.why}" for name, refusal in refusals.items())
    raise UnknownFormat(f"{ways[0].name}: no adapter knows this file{reasons or '; none is installed'}")


def _ask(adapter: Adapter, way: Head) -> Layout | Refusal:
    try:
        return adapter.recognise(way)
    except Exception as error:  # noqa: BLE001 - an adapter may be anybody's; its fault must not cost the others the file
        return Refusal(f"failed with {type(error).__name__}")


def _array(text: bytes, name: str) -> Head:
    found = Head(name, "json_array")
    cursor = JsonText(io.BytesIO(text))
    try:
        cursor.peek()
        return replace(found, first=_first_record(cursor))
    except BrokenError:
        return found


def _first_record(cursor: JsonText, *, pages: bool = True) -> dict[str, Any] | None:
    """Find the first object of an array, or of the first page in an array of pages."""
    for _ in cursor.elements():
        paged = pages and cursor.peek() == "["
        first = _first_record(cursor, pages=False) if paged else _value(cursor)
        if isinstance(first, dict):
            return first
    return None


def _document(text: bytes, name: str) -> Head:
    keys: list[str] = []
    arrays: dict[str, Any] = {}
    cursor = JsonText(io.BytesIO(text))
    try:
        cursor.peek()
        _walk(cursor, "", keys, arrays)
    except BrokenError:
        # The beginning ends here, or the document does; what was seen until then is what is known.
        pass
    return Head(name, "json_object", top_keys=tuple(keys), arrays=arrays)


def _walk(cursor: JsonText, path: str, keys: list[str], arrays: dict[str, Any]) -> None:
    for key in cursor.keys():  # noqa: SIM118 - a cursor is no dict
        below = f"{path}.{key}" if path else key
        if not path:
            keys.append(key)
        sign = cursor.peek()
        if sign == "{" and below.count(".") < _MAX_LEVELS:
            _walk(cursor, below, keys, arrays)
        elif sign == "[":
            _see_array(cursor, below, arrays)
        else:
            cursor.pass_over()


def _see_array(cursor: JsonText, path: str, arrays: dict[str, Any]) -> None:
    arrays[path] = None
    for place, _ in enumerate(cursor.elements()):
        if place:
            cursor.pass_over()
        else:
            arrays[path] = _value(cursor)


def _value(cursor: JsonText) -> object:
    try:
        return cursor.value()
    except UnfitError:
        cursor.pass_over()
        return None


def _first_object(text: bytes) -> dict[str, Any] | None:
    """Find the first line that is an object by itself, unless the text is one pretty-printed document."""
    for line in text.split(b"\n", _LINES_TRIED)[:_LINES_TRIED]:
        if not line.strip():
            continue
        try:
            value = parse(line.decode())
        except (UnicodeDecodeError, UnfitError):
            value = None
        if isinstance(value, dict):
            return value
        if _opens_document(line):
            return None
    return None


def _opens_document(line: bytes) -> bool:
    """Tell a pretty-printed document, whose inner lines may be objects too, from a spoilt line of NDJSON."""
    return line.strip() in (b"{", b"[") or line.rstrip().endswith((b"[", b"{", b","))


def _table(text: bytes, name: str) -> Head:
    if _binary(text):
        return Head(name, "unknown")
    for _, row in csv_rows(io.BytesIO(text)):
        if isinstance(row, str):
            break
        return Head(name, "csv", columns=tuple(column_names(row)))
    return Head(name, "unknown")


def _binary(text: bytes) -> bool:
    sample = text[:4096]
    controls = sum(byte < 32 and byte not in b"\t\n\r\f" for byte in sample)
    return controls * 20 > len(sample)


def _parquet(stream: Tap, name: str) -> Head:
    columns = columns_of(io.BufferedReader(stream))
    if columns is None:
        raise UnreadableFile(f"{name}: a damaged Parquet file")
    return Head(name, "parquet", columns=columns)
