"""CSV as ``neo4j-admin database import`` reads it: what its options make exact, and what it can't say.

In: frames whose columns are properties. Out: one file each, with the importer's header. Knows no table and no label.

Every text stands in quotes and no null does, so that the importer tells an empty text from an absent one; quotes inside
are doubled, and everything else (line ends, NUL, backslashes) stands as it is. Lists have no quoting of their own in
that format: they are joined by a character that stands in none of their texts.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterable
from pathlib import Path

import polars as pl

from graphmatch.errors import RejectedTable
from graphmatch.tables import TEXTS, TIME

#: Rows to turn into CSV at a time: bounds the memory beside the frame itself.
SLICE_ROWS = 50_000
#: What the importer reads at a time, unless a row is longer.
READ_BUFFER = 4 << 20

#: May part a list, best first: separators of old, other controls but tab and line ends, then what Unicode gives nobody.
SEPARATORS = tuple(
    chr(code)
    for code in (*range(0x1F, 0x0D, -1), *range(0x08, 0x00, -1), *range(0xFDD0, 0xFDF0), *range(0xE000, 0xE100))
)

_TYPES: dict[pl.DataType | type[pl.DataType], str] = {
    pl.String(): "string",
    pl.Int64(): "long",
    pl.Int8(): "long",
    pl.Float64(): "double",
    pl.Boolean(): "boolean",
    TIME: "datetime",
    TEXTS: "string[]",
}
_ISO = "%Y-%m-%dT%H:%M:%S%.6fZ"
_QUOTE = pl.lit('"')


class SeparatorTaken(RejectedTable):
    """A text of a list holds the character that parts the list's texts."""


class CsvFolder:
    """Writes the files of one import into ``folder``, which exists. Each is its owner's alone.

    Attributes
    ----------
    longest
        Bytes of the longest row so far.
    """

    def __init__(self, folder: Path, separator: str = SEPARATORS[0]) -> None:
        self._folder = folder
        self.separator = separator
        self.longest = 0

    @property
    def read_buffer(self) -> int:
        """Give the bytes that the importer's buffer needs: it must hold the longest row."""
        return max(READ_BUFFER, 1 << (2 * self.longest).bit_length())

    def write(self, name: str, rows: pl.DataFrame, fields: dict[str, str]) -> None:
        """Write ``rows`` as the file ``name``.

        Parameters
        ----------
        name
            Of the file; it must be new.
        rows
            Texts, integers, floats, booleans, times in UTC and lists of texts.
        fields
            Columns that the importer must read as something else than a property, such as ``account_id:ID(Account)``.

        Raises
        ------
        SeparatorTaken
            A text of a list holds the separator: begin again with another (`free_separators`).
        RejectedTable
            A list holds nothing but one empty text, which the format can't tell from an empty list.
        OSError
            The file can't be written.
        """
        lists = [column for column, dtype in rows.schema.items() if dtype == TEXTS]
        for column in lists:
            self._check_list(name, rows[column])
        header = ",".join(fields.get(column, f"{column}:{_TYPES[dtype]}") for column, dtype in rows.schema.items())
        with open(self._folder / name, "xb", opener=private) as file:
            file.write(f"{header}\n".encode())
            for part in rows.iter_slices(SLICE_ROWS):
                file.write(self._encoded(part, lists))
            file.flush()
            os.fsync(file.fileno())

    def _encoded(self, part: pl.DataFrame, lists: list[str]) -> memoryview:
        plain = part.with_columns(
            pl.when(pl.col(column).list.len() > 0).then(pl.col(column).list.join(self.separator)) for column in lists
        )
        texts = [column for column, dtype in plain.schema.items() if dtype == pl.String()]
        quoted = plain.with_columns(_quoted(column) for column in texts)
        size = quoted.select(pl.sum_horizontal(pl.col(texts).str.len_bytes()).max()).item() if texts else 0
        self.longest = max(self.longest, size + 64 * part.width)  # a number or a time takes less than that
        made = io.BytesIO()
        quoted.write_csv(made, include_header=False, quote_style="never", datetime_format=_ISO)
        return made.getbuffer()

    def _check_list(self, name: str, texts: pl.Series) -> None:
        inner = texts.explode(empty_as_null=True, keep_nulls=True)
        if inner.str.contains(self.separator, literal=True).any():
            raise SeparatorTaken(f"{name}, column {texts.name!r}: no character is left to part its texts")
        lone = (texts.list.len() == 1) & (texts.list.first() == "")
        if lone.any():
            raise RejectedTable(
                f"{name}, row {(lone.arg_max() or 0) + 1}, column {texts.name!r}: a list of one empty text can't be "
                "imported; use graphmatch store copy instead"
            )


def free_separators(frames: Iterable[pl.DataFrame]) -> list[str]:
    """List the separators that stand in no list of ``frames``, which are taken one at a time."""
    free = list(SEPARATORS)
    for frame in frames:
        for column, dtype in frame.schema.items():
            if dtype == TEXTS:
                inner = frame[column].explode(empty_as_null=True, keep_nulls=True)
                free = [mark for mark in free if not inner.str.contains(mark, literal=True).any()]
    return free


def private(name: str, flags: int) -> int:
    """Open a file that its owner alone may read: an opener for `open`."""
    return os.open(name, flags, 0o600)


def _quoted(column: str) -> pl.Expr:
    doubled = pl.col(column).str.replace_all('"', '""', literal=True)
    return pl.concat_str(_QUOTE, doubled, _QUOTE).alias(column)
