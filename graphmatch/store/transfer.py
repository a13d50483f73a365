"""A graph from one store into another, whichever engines they are: slice by slice, and compared at the end.

In: two open stores. Out: the second holds what the first holds. Knows only the protocol.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import polars as pl

from graphmatch.errors import StoreBusy, StoreError, UsageError
from graphmatch.merge import merge
from graphmatch.store import Store
from graphmatch.store.graph import STORED
from graphmatch.tables import OBSERVED

#: Rows of one write: what a server's memory takes at once, and what an interruption loses at most.
SLICE = 10_000

#: Is told a table, how many more of its rows are there now (none: it begins), and how many there will be.
Tell = Callable[[str, int, int], None]


def copy(source: Store, target: Store, tell: Tell = lambda _table, _more, _total: None) -> dict[str, int]:
    """Copy every table. An interrupted copy is completed by the next one.

    Parameters
    ----------
    source
        Only read. Nobody may write to it meanwhile.
    target
        Empty, or holding a part of the source and nothing else.
    tell
        Called before and after each write.

    Returns
    -------
    dict[str, int]
        Rows of each table, the same in both.

    Raises
    ------
    UsageError
        The target holds what the source does not. Nothing was written.
    StoreError
        The two differ at the end: somebody wrote to one of them meanwhile.
    """
    if any(target.counts().values()):
        for table in STORED:
            with suppress(StoreBusy):  # half replaced, by a copy that was interrupted
                _refuse_other(table, source.read(table), target.read(table))
    for table in STORED:
        rows = source.read(table)
        tell(table, 0, rows.height)
        if table in OBSERVED:
            for part in rows.iter_slices(SLICE):
                target.write(table, part)
                tell(table, part.height, rows.height)
        else:
            target.replace(table, rows)
            tell(table, rows.height, rows.height)
    return _compared(source, target)


def _refuse_other(table: str, rows: pl.DataFrame, there: pl.DataFrame) -> None:
    """Hold that the rows that are ``there`` already say nothing that ``rows`` do not."""
    if there.is_empty():
        return
    # A derived table is replaced in one go, so that an interruption leaves all of it or nothing.
    fits = merge(table, rows, there).equals(merge(table, rows)) if table in OBSERVED else there.equals(rows)
    if not fits:
        raise UsageError(
            f"the store to copy into holds other {table} than the one to copy from; copy into one that is empty"
        )


def _compared(source: Store, target: Store) -> dict[str, int]:
    counts = {}
    for table in STORED:
        rows = source.read(table)
        if not rows.equals(target.read(table)):
            raise StoreError(
                f"the copy of {table} differs from what it was copied from: somebody wrote meanwhile; "
                "run the same command again when nobody does"
            )
        counts[table] = rows.height
    if counts != target.counts():
        raise StoreError("the copy counts other rows than it reads; move it away, and copy into an empty store")
    return counts
