"""CSV as people make it → raw records: ragged rows, stray NULs, semicolons, Windows-1252, repeated names."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import BinaryIO

from graphmatch.adapter import RawRecord, Unreadable
from graphmatch.readers import values

#: The key under which a record keeps the cells beyond the last named column, as a list.
EXTRA_CELLS = ""
UNCLOSED_QUOTE = "a quotation mark is opened and not closed"
_DELIMITERS = ",;\t|"
#: A first line with which spreadsheets are told the separator.
_SAID_DELIMITER = re.compile(r'"?sep=([,;\t|])"?', re.IGNORECASE)
_ERRORS = "graphmatch-windows-1252"


def _as_windows_1252(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


codecs.register_error(_ERRORS, _as_windows_1252)


def csv_text(stream: BinaryIO) -> io.TextIOWrapper:
    """Give the text of CSV bytes: UTF-8, and Windows-1252 wherever that does not hold."""
    return io.TextIOWrapper(stream, "utf-8", errors=_ERRORS, newline="")


def delimiter_of(line: str) -> str:
    """Tell what separates the cells of a header: comma, semicolon, tab or bar, whichever is there most."""
    outside = "".join(line.split('"')[::2])
    return max(_DELIMITERS, key=outside.count)


def column_names(header: Sequence[str]) -> list[str]:
    """Name each column once: nameless ones by their place (``column 3``), repeated ones as ``name (2)``."""
    seen: Counter[str] = Counter()
    names = []
    for place, cell in enumerate(header, start=1):
        name = cell.strip() or f"column {place}"
        seen[name] += 1
        names.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return names


def read_csv(stream: BinaryIO) -> Iterator[RawRecord | Unreadable]:
    """Stream the rows of CSV bytes below its header as ``{column: cell}``; ``line`` is the row's first line.

    A short row's missing cells are ``None``; a long row's further cells stand under `EXTRA_CELLS`. Rows with
    nothing in them are left out. Cells stay as they are: no formula, number or date is read from them.
    """
    csv.field_size_limit(values.MAX_RECORD_BYTES)
    names: list[str] | None = None
    for line, row in csv_rows(stream):
        if isinstance(row, str):
            yield Unreadable(line, row)
        elif names is None:
            names = column_names(row)
        else:
            yield RawRecord(line, _named(names, row))


def csv_rows(stream: BinaryIO) -> Iterator[tuple[int, list[str] | str]]:
    """Stream the rows that hold anything, with their first line; a reason instead of a row if unreadable."""
    lines = _Lines(csv_text(stream))
    delimiter = delimiter_of(lines.first)
    if said := _SAID_DELIMITER.fullmatch(lines.first.strip(" \r\n")):
        delimiter = said[1]
        next(lines)
    rows = csv.reader(lines, delimiter=delimiter)
    while True:
        begin, quotes = lines.number, lines.quotes
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error:
            yield begin + 1, values.TOO_LONG
            continue
        odd = (lines.quotes - quotes) % 2
        if odd and (lines.number - begin > 1 or _breaks_off(lines.last, delimiter)):
            yield begin + 1, UNCLOSED_QUOTE
        elif any(cell and not cell.isspace() for cell in row):
            yield begin + 1, row


def _breaks_off(line: str, delimiter: str) -> bool:
    """Tell whether a line ends within a quoted cell; a quotation mark inside a bare cell (``5" nails``) is none."""
    try:
        next(csv.reader([line], delimiter=delimiter, strict=True))
    except csv.Error as error:
        return "unexpected end" in str(error)
    return False


def _named(names: Sequence[str], row: Sequence[str]) -> dict[str, object]:
    record: dict[str, object] = dict.fromkeys(names)
    record.update(zip(names, row, strict=False))
    if len(row) > len(names):
        record[EXTRA_CELLS] = list(row[len(names) :])
    return record


class _Lines:
    """Physical lines without NULs, counted, with the quotation marks seen. Over-long lines come in pieces."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self.number = 0
        self.quotes = 0
        self.last = ""
        self._text = text
        self.first = self._next()
        self._waiting = True

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self.first if self._waiting else self._next()
        self._waiting = False
        if not line:
            raise StopIteration
        self.number += 1
        self.last = line
        self.quotes += line.count('"')
        return line

    def _next(self) -> str:
        line = self._text.readline(values.MAX_RECORD_BYTES)
        return line.replace("\0", "") or (" " if line else "")
