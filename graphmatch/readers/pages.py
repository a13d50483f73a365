"""Documents that belong together inside → one record each: pages whose parts name each other by id.

An API's page often lists things beside the accounts that they are about. What belongs together is put together
here, one record a thing, so that one bad thing costs itself and not its page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, BinaryIO

from graphmatch.adapter import Layout, RawRecord, Unreadable
from graphmatch.errors import RejectedRecord
from graphmatch.readers import read_layout, values

#: Makes records of a page; what it gives that is no object stands for a place that holds no record.
Split = Callable[[dict[str, Any]], Iterable[object]]


def read_pages(stream: BinaryIO, layout: Layout, split: Split) -> Iterator[RawRecord | Unreadable]:
    """Stream the records that ``split`` makes of each page. ``line`` counts records over all pages.

    Parameters
    ----------
    stream, layout
        As for `graphmatch.readers.read_layout`, where a record is a page. A page is held whole, up to
        `MAX_RECORD_BYTES`.
    split
        Gives the records of one page. Raises `RejectedRecord` for a page that it can't take apart: one `Unreadable`.
    """
    count = 0
    for page in read_layout(stream, layout):
        if isinstance(page, Unreadable):
            count += 1
            yield Unreadable(count, page.why)
            continue
        try:
            for value in split(page.value):
                count += 1
                if isinstance(value, dict):
                    yield RawRecord(count, value, page.around)
                else:
                    yield Unreadable(count, values.NOT_AN_OBJECT)
        except RejectedRecord as reason:
            count += 1
            yield Unreadable(count, str(reason))
