"""Streams of bytes → raw records, in every format that exports come in. The adapter chooses the layout.

In: a binary stream and a `Layout`. Out: `RawRecord` and, for each place that holds none, `Unreadable`.
Memory is bounded by one record (`MAX_RECORD_BYTES`), never by the file. No content of a file raises here.

- ``json_array``, ``json_object``: the objects of the array at ``layout.path``, or the one object there.
  Documents that follow each other, and arrays of pages, are read through. A break ends the reading.
- ``ndjson``: one object a line; a bad line is one `Unreadable`, and the rest goes on.
- ``xml``: the elements called ``layout.path``, each as its attributes.
- ``csv``: comma, semicolon or tab; names from the first row; cells as text (`graphmatch.readers.csv_rows`).
- ``parquet``: rows as dictionaries.

UTF-8 and UTF-16 are told apart by their first bytes. JSON that is not UTF-8 is `Unreadable`, record by
record; in CSV such bytes are read as Windows-1252, which is what spreadsheets write.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from graphmatch.adapter import Layout, RawRecord, Unreadable
from graphmatch.readers.csv_rows import EXTRA_CELLS, read_csv
from graphmatch.readers.encodings import as_utf8
from graphmatch.readers.json_text import read_json
from graphmatch.readers.ndjson import read_ndjson
from graphmatch.readers.parquet import read_parquet
from graphmatch.readers.values import MAX_DEPTH, MAX_RECORD_BYTES
from graphmatch.readers.xml_elements import read_xml

__all__ = ["EXTRA_CELLS", "MAX_DEPTH", "MAX_RECORD_BYTES", "read_layout"]


def read_layout(stream: BinaryIO, layout: Layout) -> Iterator[RawRecord | Unreadable]:
    """Stream the records of a file as they stand.

    Parameters
    ----------
    stream
        The file's bytes from its beginning, decompressed; need not be seekable.
    layout
        The format and, in JSON, the dotted path of the array and of what stands around it.

    Yields
    ------
    RawRecord | Unreadable
        In the file's order. ``line`` counts lines of NDJSON and CSV, records elsewhere, from 1.
    """
    if layout.format == "parquet":
        return read_parquet(stream)
    if layout.format == "csv":
        return read_csv(as_utf8(stream))
    if layout.format == "ndjson":
        return read_ndjson(as_utf8(stream))
    if layout.format in ("json_array", "json_object"):
        return read_json(as_utf8(stream), layout.path, layout.around)
    if layout.format == "xml":
        return read_xml(stream, layout.path)
    raise ValueError(f"no reader for the format {layout.format!r}")
