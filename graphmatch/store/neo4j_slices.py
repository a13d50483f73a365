"""Replacing a large table slice by slice: a server can't hold it in one transaction.

A relationship with forty properties takes it 6.5 kB until the commit: 100,000 matches fill a heap of 1 GB. While slices
are put in place, a node ``(:Meta {name: 'replacing matches', token})`` says that the table is neither the old one nor
the new one. Who reads it is told so, and whoever replaces it next mends it, as only differences are sent.
"""

from __future__ import annotations

from graphmatch.errors import StoreBusy, StoreError
from graphmatch.store import graph
from graphmatch.store.neo4j_frames import Transaction
from graphmatch.tables import DERIVED

#: Rows of one transaction, and the most that are replaced at once: about 130 MB of the server's heap.
SLICE = 20_000
#: Tables that may grow large: of the others, a row stands for several accounts.
SLICED = tuple(table for table in graph.EDGE_TABLES if table in DERIVED)


def begin(tx: Transaction, table: str, token: str) -> None:
    """Mark the table as being replaced by the holder of ``token``, whoever did so before."""
    tx.run("MERGE (m:Meta {name: $name}) SET m.token = $token", name=_name(table), token=token).consume()


def require_mine(tx: Transaction, table: str, token: str, place: str) -> None:
    """Raise `StoreError` if another program has begun to replace the table since."""
    if _token(tx, table) != token:
        raise StoreError(f"another program replaces the {table} at {place} now; what it finds will stand")


def end(tx: Transaction, table: str, token: str | None = None) -> None:
    """Say that the table is whole; with a ``token``, unless another program replaces it now."""
    mine = "" if token is None else "WHERE m.token = $token"
    tx.run(f"MATCH (m:Meta {{name: $name}}) {mine} DELETE m", name=_name(table), token=token).consume()


def require_whole(tx: Transaction, table: str, place: str) -> None:
    """Raise `StoreBusy` while the table is being replaced, and after that was broken off."""
    if table in SLICED and _token(tx, table) is not None:
        raise StoreBusy(
            f"the {table} at {place} are being replaced: wait, or, if that was broken off, begin again: graphmatch link"
        )


def asked_for(cypher: str) -> list[str]:
    """List the tables that are replaced in slices and that a query reads."""
    return [table for table in SLICED if graph.EDGE_TABLES[table].type in cypher]


def _name(table: str) -> str:
    return f"replacing {table}"


def _token(tx: Transaction, table: str) -> object:
    found = tx.run("MATCH (m:Meta {name: $name}) RETURN m.token", name=_name(table)).values()
    return found[0][0] if found else None
