"""Reads Statements of Reasons of the DSA Transparency Database: one enforcement for each decision, of no account.

They say what a platform decides, and when, and under which rule. ``platform_uid`` is the platform's own number of the
decision, and names no account: nothing here can be matched with anything.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from graphmatch.adapter import Context, Head, Layout, Options, RawRecord, Refusal, Unreadable
from graphmatch.model import Row
from graphmatch.readers import read_layout
from ingest.dsa_sor.statements import statement_rows

_OURS = frozenset({"uuid", "decision_ground", "category", "application_date", "platform_name"})
_DECISIONS = frozenset({"decision_visibility", "decision_monetary", "decision_provision", "decision_account"})
_NOT_OURS = Refusal("not Statements of Reasons (uuid, decision_…, category, application_date, platform_name)")


class DsaSorAdapter:
    """Reads the daily tables, full (38 columns) and light (34), of both schema versions."""

    name = "dsa_sor"

    def __init__(self, options: Options) -> None:
        self._options = options

    def recognise(self, head: Head) -> Layout | Refusal:
        """Say how to read the file, or why it holds no Statements of Reasons."""
        columns = set(head.columns)
        if head.format in ("csv", "parquet") and columns >= _OURS and columns & _DECISIONS:
            return Layout(head.format, "statement")
        return _NOT_OURS

    def read(self, stream: BinaryIO, layout: Layout) -> Iterator[RawRecord | Unreadable]:
        """Stream the rows as they stand."""
        return read_layout(stream, layout)

    def normalise(self, record: RawRecord, context: Context) -> Iterator[Row]:
        """Give the decisions of one statement."""
        yield from statement_rows(record.value, context)
