"""Relationships in Neo4j: made when both ends exist, kept waiting until then.

In: frames of ends (`graphmatch.store.graph`). Out: the same. Every function runs inside its caller's transaction, which
holds the lock of all writers; else an end could appear between the look for it and the waiting.
"""

from __future__ import annotations

import polars as pl

from graphmatch.store.graph import LABEL_KEYS, Edge, edges_into, rows_of, with_signal_id
from graphmatch.store.neo4j_frames import OWN, Transaction, asked, fetch, given, run
from graphmatch.tables import dtypes


def add_rows(tx: Transaction, edge: Edge, rows: pl.DataFrame) -> None:
    """Add new rows of an edge table, with the Signals that they show."""
    if edge.to_label == "Signal":
        rows = with_signal_id(rows)
        signals = rows.select("signal_id", "kind", "value").unique("signal_id")
        run(
            tx,
            "MERGE (s:Signal {signal_id: $c.signal_id[i]}) ON CREATE SET s.kind = $c.kind[i], s.value = $c.value[i]",
            signals,
        )
    place(tx, edge, edge.ends(rows))


def change_rows(tx: Transaction, edge: Edge, rows: pl.DataFrame) -> None:
    """Set the properties of relationships that exist, or wait."""
    ends = edge.ends(with_signal_id(rows) if edge.to_label == "Signal" else rows)
    of = _schema(edge)
    for variable, pattern in (("r", _made(edge)), ("w", _waiting(edge))):
        sets = ", ".join(f"{variable}.`{name}` = {given(name, of[name])}" for name in edge.properties)
        run(tx, f"{pattern} SET {sets}", ends, edge=edge.name)


def place(tx: Transaction, edge: Edge, ends: pl.DataFrame) -> None:
    """Make new relationships; those that lack an end wait for it."""
    made = run(
        tx,
        f"{_both(edge, '$c.from_id[i]', '$c.to_id[i]', 'i')} "
        f"CREATE (a)-[r:`{edge.type}` {_map(edge)}]->(b) RETURN count(r)",
        ends,
    )
    if made == ends.height:
        return
    run(
        tx,
        f"WITH i WHERE NOT EXISTS {{ {node('a', edge.from_label, '$c.from_id[i]')} }} "
        f"OR NOT EXISTS {{ {node('b', edge.to_label, '$c.to_id[i]')} }} "
        "CREATE (w:Waiting {edge: $edge, from_id: $c.from_id[i], to_id: $c.to_id[i]}) "
        f"SET w += {_map(edge)}",
        ends,
        edge=edge.name,
    )


def promote(tx: Transaction, label: str, ids: pl.Series, *, but: str) -> None:
    """Make the relationships that waited for the nodes ``ids``, except those of the table ``but``."""
    for edge in _waited_for(tx, edges_into(label, but=but)):
        carried = ", ".join(f"`{name}`: w.`{name}`" for name in edge.properties)
        for side, of in (("from_id", edge.from_label), ("to_id", edge.to_label)):
            if of == label:
                run(
                    tx,
                    f"{_waits(side, '$c.id[i]')} WITH w {_both(edge, 'w.from_id', 'w.to_id', 'w')} "
                    f"CREATE (a)-[:`{edge.type}` {{{carried}}}]->(b) DELETE w",
                    pl.DataFrame({"id": ids}),
                    edge=edge.name,
                )


def remove(tx: Transaction, edge: Edge, ends: pl.DataFrame) -> None:
    """Delete relationships that exist, or wait."""
    run(tx, f"{_made(edge)} DELETE r", ends)
    run(tx, f"{_waiting(edge)} DELETE w", ends, edge=edge.name)


def release(tx: Transaction, label: str, ids: pl.Series, *, but: str) -> None:
    """Let the relationships of the nodes ``ids`` wait again, except those of the table ``but``: the nodes will go."""
    for edge in edges_into(label, but=but):
        ends = [f"a.{LABEL_KEYS[edge.from_label]}", f"b.{LABEL_KEYS[edge.to_label]}"]
        for variable, of in (("a", edge.from_label), ("b", edge.to_label)):
            if of == label:
                run(
                    tx,
                    f"{node(variable, label, '$c.id[i]')} WITH {variable} "
                    f"MATCH (a)-[r:`{edge.type}`]->(b) WHERE a:{edge.from_label} AND b:{edge.to_label} "
                    f"CREATE (w:Waiting {{edge: $edge, from_id: {ends[0]}, to_id: {ends[1]}}}) "
                    "SET w += properties(r) DELETE r",
                    pl.DataFrame({"id": ids}),
                    edge=edge.name,
                )


def all_rows(tx: Transaction, edge: Edge) -> pl.DataFrame:
    """Read an edge table whole."""
    made = fetch(
        tx,
        f"MATCH (a:{edge.from_label})-[r:`{edge.type}`]->(b:{edge.to_label}) RETURN {_returned(edge, 'r')}",
        _schema(edge),
    )
    waiting = fetch(
        tx,
        "MATCH (w:Waiting) WHERE w.edge = $edge AND w.from_id IS NOT NULL " + f"RETURN {_returned(edge, 'w')}",
        _schema(edge),
        edge=edge.name,
    )
    return rows_of(edge, pl.concat([made, waiting]))


def existing_rows(tx: Transaction, edge: Edge, rows: pl.DataFrame) -> pl.DataFrame:
    """Read the rows of an edge table whose keys are in ``rows``."""
    ends = edge.ends(with_signal_id(rows) if edge.to_label == "Signal" else rows)
    ends = ends.select(edge.columns)
    made = fetch(tx, f"{_made(edge)} RETURN {_returned(edge, 'r')}", _schema(edge), ends)
    waiting = fetch(tx, f"{_waiting(edge)} RETURN {_returned(edge, 'w')}", _schema(edge), ends, edge=edge.name)
    return rows_of(edge, pl.concat([made, waiting]))


def count(tx: Transaction, edge: Edge) -> int:
    """Count the rows of an edge table."""
    made = run(tx, f"MATCH (:{edge.from_label})-[r:`{edge.type}`]->() RETURN count(r)")
    return made + run(
        tx, "MATCH (w:Waiting) WHERE w.edge = $edge AND w.from_id IS NOT NULL RETURN count(w)", edge=edge.name
    )


def _waited_for(tx: Transaction, edges: list[Edge]) -> list[Edge]:
    """Keep the edges of which any waits: mostly none, so that one look saves a statement for each."""
    look = "MATCH (w:Waiting {edge: edge}) USING INDEX w:Waiting(edge, from_id) WHERE w.from_id IS NOT NULL"
    text = f"{OWN} UNWIND $edges AS edge WITH edge WHERE EXISTS {{ {look} }} RETURN edge"
    found = {name for (name,) in tx.run(text, edges=[edge.name for edge in edges])}
    return [edge for edge in edges if edge.name in found]


def node(variable: str, label: str, value: str) -> str:
    """Match a node by its key, through the index of keys.

    Said outright, as the server would plan by the size of the graph when it first met the statement: from an empty one
    it learns to look at every node for each row.
    """
    key = LABEL_KEYS[label]
    return f"MATCH ({variable}:{label} {{{key}: {value}}}) USING INDEX {variable}:{label}({key})"


def _both(edge: Edge, from_id: str, to_id: str, kept: str) -> str:
    """Match both ends of an edge, ``a`` and ``b``, keeping one variable."""
    one, other = node("a", edge.from_label, from_id), node("b", edge.to_label, to_id)
    return f"{one} WITH {kept}, a {other} WITH {kept}, a, b"


def _waits(side: str, value: str) -> str:
    """Match what waits at one side of an edge, through its index."""
    return f"MATCH (w:Waiting {{edge: $edge, {side}: {value}}}) USING INDEX w:Waiting(edge, {side})"


def _made(edge: Edge) -> str:
    """Match a relationship of the row at hand."""
    wheres = " AND ".join(f"r.`{name}` = $c.`{name}`[i]" for name in edge.identity)
    return (
        f"{_both(edge, '$c.from_id[i]', '$c.to_id[i]', 'i')} "
        # A list, as the server then looks between the two: a signal may be shown by very many accounts.
        f"UNWIND [(a)-[made:`{edge.type}`]->(b) | made] AS r WITH i, a, b, r" + (f" WHERE {wheres}" if wheres else "")
    )


def _waiting(edge: Edge) -> str:
    """Match one of the row at hand that waits."""
    wheres = "".join(f" AND w.`{name}` = $c.`{name}`[i]" for name in edge.identity)
    return f"{_waits('from_id', '$c.from_id[i]')} WHERE w.to_id = $c.to_id[i]{wheres}"


def _map(edge: Edge) -> str:
    of = _schema(edge)
    return "{" + ", ".join(f"`{name}`: {given(name, of[name])}" for name in edge.properties) + "}"


def _returned(edge: Edge, variable: str) -> str:
    ends = (
        ["w.from_id", "w.to_id"]
        if variable == "w"
        else [f"a.{LABEL_KEYS[edge.from_label]}", f"b.{LABEL_KEYS[edge.to_label]}"]
    )
    of = _schema(edge)
    return ", ".join([*ends, *(f"{asked(f'{variable}.`{name}`', of[name])} AS `{name}`" for name in edge.properties)])


def _schema(edge: Edge) -> dict[str, pl.DataType]:
    of = dtypes(edge.table)
    return {"from_id": pl.String(), "to_id": pl.String(), **{name: of[name] for name in edge.properties}}
