"""Not written yet."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from graphmatch.adapter import Context, Head, Layout, Options, RawRecord, Refusal, Unreadable
from graphmatch.model import Row
from graphmatch.readers import read_layout


class MispAdapter:
    """Not written yet."""

    name = "misp"

    def __init__(self, options: Options) -> None:
        self._options = options

    def recognise(self, head: Head) -> Layout | Refusal:
        """Refuse."""
        return Refusal("not written yet")

    def read(self, stream: BinaryIO, layout: Layout) -> Iterator[RawRecord | Unreadable]:
        """Stream the records as they stand."""
        return read_layout(stream, layout)

    def normalise(self, record: RawRecord, context: Context) -> Iterator[Row]:
        """Say what one record holds."""
        return iter(())
