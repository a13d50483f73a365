"""Reads what Wikipedia publishes of sockpuppets and attacks: to measure the linking with, never for the graph.

Nobody in these files was reported to whoever uses graphmatch: every kind of record here is for evaluation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, BinaryIO

from graphmatch.adapter import Context, Head, Layout, Options, RawRecord, Refusal, Unreadable
from graphmatch.model import Row
from graphmatch.readers import read_layout
from ingest.wikipedia.blocks import block_rows
from ingest.wikipedia.comments import comment_rows
from ingest.wikipedia.investigations import case_rows, is_archive, read_archive
from ingest.wikipedia.suspects import suspect_rows

_NOT_OURS = Refusal("not Wikipedia's block log, sockpuppet investigations, suspects or annotated comments")
_VOTES = Refusal("annotators' votes on comments, without the comments", known=True)

_LOG = "query.logevents"
_COMMENT = frozenset({"rev_id", "comment"})
_COMMENT_TOO = frozenset({"split", "ns", "logged_in", "sample", "user_id", "user_text"})
_VOTE = frozenset({"rev_id", "worker_id"})
_SUSPECT = ({"user", "master"}, {"user"}, {"username", "master"}, {"username", "master", "spi_date"})

_ROWS: dict[str, Callable[[Mapping[str, Any], Context], Iterator[Row]]] = {
    "block": block_rows,
    "suspect": suspect_rows,
    "comment": comment_rows,
    "case": case_rows,
}


class WikipediaAdapter:
    """Reads the block log, archives of investigations (wikitext), lists of suspects, and annotated comments."""

    name = "wikipedia"

    def __init__(self, options: Options) -> None:
        self._options = options

    def recognise(self, head: Head) -> Layout | Refusal:
        """Say how to read the file, or why it is none of Wikipedia's."""
        if head.format not in ("ndjson", "json_array", "parquet") and is_archive(head.text):
            return Layout("text", "case")
        if head.format in ("csv", "parquet"):
            return _table(head)
        if head.format == "json_object":
            return Layout("json_object", "block", _LOG) if _is_log(head) else _NOT_OURS
        return _records(head)

    def read(self, stream: BinaryIO, layout: Layout) -> Iterator[RawRecord | Unreadable]:
        """Stream the records as they stand; of an archive, what each case says of each suspect."""
        return read_archive(stream) if layout.format == "text" else read_layout(stream, layout)

    def normalise(self, record: RawRecord, context: Context) -> Iterator[Row]:
        """Say what one record holds."""
        yield from _ROWS[context.layout.record](record.value, context)


def _table(head: Head) -> Layout | Refusal:
    columns = set(head.columns)
    if columns >= _VOTE and not columns >= _COMMENT:
        return _VOTES
    return Layout(head.format, "comment") if columns >= _COMMENT and columns & _COMMENT_TOO else _NOT_OURS


def _records(head: Head) -> Layout | Refusal:
    first = head.first if isinstance(head.first, Mapping) else {}
    if set(first) in _SUSPECT and not isinstance(first.get("user"), Mapping):
        return Layout(head.format, "suspect")
    if _is_block(first):
        return Layout(head.format, "block")
    if _is_page(first):
        return Layout("json_array" if head.format == "json_array" else "json_object", "block", _LOG)
    return _NOT_OURS


def _is_log(head: Head) -> bool:
    if _LOG not in head.arrays:
        return False
    first = head.arrays[_LOG]
    return first is None or (isinstance(first, Mapping) and _is_block(first))


def _is_block(record: Mapping[str, Any]) -> bool:
    return {"logid", "action"} <= record.keys() and record.get("type") == "block"


def _is_page(record: Mapping[str, Any]) -> bool:
    query = record.get("query")
    events = query.get("logevents") if isinstance(query, Mapping) else None
    return isinstance(events, list) and all(isinstance(e, Mapping) and _is_block(e) for e in events[:1])
