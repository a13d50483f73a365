"""Results on stdout: a table on a terminal, NDJSON when piped, or what ``--format`` says."""

from __future__ import annotations

import io
import json
import os
import re
import sys
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from graphmatch.errors import UsageError

if TYPE_CHECKING:
    import polars as pl

MISSING = "·"
#: Characters that JSON lets stand as they are and that a terminal or a log must not get.
_UNSEEN = re.compile(r"[\x7f-\x9f\xad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]")


class Format(StrEnum):
    """How a result is written."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    PARQUET = "parquet"


JsonOption = Annotated[bool, typer.Option("--json", help="NDJSON: one object a row, in a stable order.")]
FormatOption = Annotated[
    Format | None, typer.Option("--format", help="Default: a table on a terminal, NDJSON when piped.")
]

HtmlOption = Annotated[
    Path | None, typer.Option("--html", metavar="FILE", help="Also draw it as one page that needs no network.")
]


def chosen(json_flag: bool, wanted: Format | None) -> Format:  # noqa: FBT001 - passed on from the option
    """Settle the format from ``--json``, ``--format`` and where stdout goes."""
    if json_flag and wanted not in (None, Format.JSON):
        raise UsageError(f"--json and --format {wanted} contradict each other; give one")
    if json_flag:
        return Format.JSON
    return wanted or (Format.TABLE if sys.stdout.isatty() else Format.JSON)


def emit(frame: pl.DataFrame, form: Format, *, columns: Sequence[str] | None = None, title: str = "") -> None:
    """Write ``frame`` to stdout. ``columns`` picks what a table shows; the other formats always give every column."""
    if form is Format.TABLE:
        _table(frame.select(columns) if columns else frame, title)
    elif form is Format.JSON:
        for row in frame.iter_rows(named=True):
            typer.echo(to_json(row))
    elif form is Format.CSV:
        sys.stdout.write(_flat(frame).write_csv())
    else:
        if sys.stdout.isatty():
            raise UsageError("Parquet is binary; send it to a file: … --format parquet > result.parquet")
        # By way of memory: polars reports a reader that has gone away as a fault of its own.
        packed = io.BytesIO()
        frame.write_parquet(packed)
        sys.stdout.buffer.write(packed.getvalue())


def to_json(row: Any) -> str:
    r"""Write one object on one line, times in ISO 8601 with ``Z``.

    What a terminal may obey (control, bidirectional and other format characters) is written as ``\uXXXX``, which a
    reader of JSON takes for the same character.
    """
    return _UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(row, ensure_ascii=False, default=_plain))


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, (set, frozenset, tuple)):
        return list(value)
    return str(value)


def _flat(frame: pl.DataFrame) -> pl.DataFrame:
    import polars as pl

    lists = [name for name, dtype in frame.schema.items() if isinstance(dtype, pl.List)]
    times = [name for name, dtype in frame.schema.items() if isinstance(dtype, pl.Datetime)]
    return frame.with_columns(
        *(pl.col(name).cast(pl.List(pl.String)).list.join("|") for name in lists),
        *(pl.col(name).dt.strftime("%Y-%m-%dT%H:%M:%S%.fZ") for name in times),
    )


def _table(frame: pl.DataFrame, title: str) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(title=title or None, title_justify="left", header_style="bold")
    for name in frame.columns:
        table.add_column(name, overflow="fold", justify="right" if frame[name].dtype.is_numeric() else "left")
    for row in frame.iter_rows():
        table.add_row(*(Text(shown(value)) for value in row))
    Console().print(table if frame.height else f"{title}: none" if title else "none")


def shown(value: Any) -> str:
    """Write a value for a person. Control characters of hostile handles are shown, never sent to the terminal."""
    if value is None:
        return MISSING
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%MZ")
    if isinstance(value, float):
        return f"{value:.3f}".rstrip("0").rstrip(".")
    if isinstance(value, list):
        return ", ".join(shown(item) for item in value)
    return printable(str(value))


def printable(text: str) -> str:
    """Replace control, bidirectional-override and other format characters by their code point."""
    return "".join(
        f"\\u{ord(char):04x}" if unicodedata.category(char) in ("Cc", "Cf", "Cs") and char != "\u200d" else char
        for char in text
    )


def write_page(path: Path, page: str) -> None:
    """Write a page, so that only its owner can read it; one that is there already is replaced.

    Raises
    ------
    UsageError
        It can't be written there.
    """
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with open(handle, "w", encoding="utf-8", newline="\n") as file:  # noqa: PTH123 - of a descriptor
            file.write(page)
    except OSError as error:
        raise UsageError(f"{path}: the page can't be written: {error.strerror}") from None


def lines(rows: Iterable[str]) -> None:
    """Write plain lines."""
    for row in rows:
        typer.echo(row)
