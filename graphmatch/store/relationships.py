"""Relationships of the embedded store: made when both ends exist, kept waiting until then.

In: frames of ends (`graphmatch.store.graph`). Out: the same. Runs inside its caller's transaction.
"""

from __future__ import annotations

from typing import Any

import polars as pl

from graphmatch.store.graph import (
    LABEL_KEYS,
    SIGNAL_COLUMNS,
    Edge,
    edges_into,
    rows_of,
    with_signal_id,
)
from graphmatch.store.ladybug_file import LadybugFile
from graphmatch.store.ladybug_frames import frame
from graphmatch.tables import TIME, dtypes

_UNIT = "\u001f"  # ASCII unit separator: stands in no id


class Relationships:
    """Adds, changes, removes and reads relationships of one open file."""

    def __init__(self, file: LadybugFile) -> None:
        self._file = file

    def copy_nodes(self, label: str, rows: pl.DataFrame) -> None:
        """Add nodes that are known to be new; the columns are their properties."""
        if rows.height:
            with self._file.loading(rows) as source:
                self._file.run(f"COPY {label}({_listed(rows.columns)}) FROM {source}")

    def add_rows(self, edge: Edge, rows: pl.DataFrame) -> None:
        """Add new rows of an edge table, with the Signals that they show."""
        if edge.to_label == "Signal":
            rows = with_signal_id(rows)
            signals = rows.select(SIGNAL_COLUMNS).unique("signal_id")
            known = self._present("Signal", signals["signal_id"])
            self.copy_nodes("Signal", signals.join(known, left_on="signal_id", right_on="id", how="anti"))
            self.place(edge, edge.ends(rows), made="Signal")
        else:
            self.place(edge, edge.ends(rows))

    def change_rows(self, edge: Edge, rows: pl.DataFrame) -> None:
        """Set the properties of relationships that exist, or wait."""
        if rows.is_empty():
            return
        ends = edge.ends(with_signal_id(rows) if edge.to_label == "Signal" else rows)
        values = [name for name in edge.properties if name not in edge.identity]
        sets = ", ".join(f"r.`{name}` = {_cast(edge, name)}" for name in values)
        with self._file.loading(_prefixed(ends)) as source:
            self._file.run(f"LOAD FROM {source} WITH * {_found(edge)} SET {sets}")
        with self._file.loading(_waiting(edge, ends)) as source:
            self._file.run(
                f"LOAD FROM {source} WITH waiting_id AS wanted, row AS now "
                "MATCH (w:Waiting {waiting_id: wanted}) SET w.`row` = now"
            )

    def place(self, edge: Edge, ends: pl.DataFrame, *, made: str = "") -> None:
        """Make new relationships; those that lack an end wait for it. Nodes labelled ``made`` are known to exist."""
        ready = self._ready(edge, ends, made)
        self._copy(edge, ready)
        self.copy_nodes("Waiting", _waiting(edge, ends.join(ready, on=edge.columns, how="anti")))

    def promote(self, label: str, ids: pl.Series, *, but: str) -> None:
        """Make the relationships that waited for the nodes ``ids``, except those of the table ``but``."""
        waiting = {row[0] for row in self._file.run("MATCH (w:Waiting) RETURN DISTINCT w.edge")}
        for edge in edges_into(label, but=but):
            if edge.name not in waiting:
                continue
            for side, of in (("from_id", edge.from_label), ("to_id", edge.to_label)):
                if of == label:
                    ready = self._ready(edge, self._waiting_at(edge, side, ids))
                    self._copy(edge, ready)
                    self._forget(edge, ready)

    def _ready(self, edge: Edge, ends: pl.DataFrame, made: str = "") -> pl.DataFrame:
        for label, end in ((edge.from_label, "from_id"), (edge.to_label, "to_id")):
            if label != made and ends.height:
                ends = ends.join(self._present(label, ends[end].unique()), left_on=end, right_on="id", how="semi")
        return ends

    def remove(self, edge: Edge, ends: pl.DataFrame) -> None:
        """Delete relationships that exist, or wait."""
        if ends.is_empty():
            return
        with self._file.loading(_prefixed(ends)) as source:
            self._file.run(f"LOAD FROM {source} WITH * {_found(edge)} DELETE r")
        self._forget(edge, ends)

    def clear(self, edge: Edge) -> None:
        """Delete all relationships of ``edge``, and those that wait."""
        self._file.run(f"MATCH {_any(edge)} DELETE r")
        self._file.run("MATCH (w:Waiting) WHERE w.edge = $edge DELETE w", {"edge": edge.name})

    def take(self, edge: Edge) -> pl.DataFrame:
        """Give the ends of all relationships of ``edge``, those that wait too, and delete them."""
        ends = self._ends(edge)
        self.clear(edge)
        return ends

    def rows(self, edge: Edge) -> pl.DataFrame:
        """Read an edge table whole."""
        return rows_of(edge, self._ends(edge))

    def existing_rows(self, edge: Edge, rows: pl.DataFrame) -> pl.DataFrame:
        """Read the rows of an edge table whose keys are in ``rows``.

        Reads all relationships of the accounts concerned: an account shows few signals, but a signal may be shown by
        very many accounts, and the engine can't be told from which side to start.
        """
        with self._file.loading(rows.select(wanted=edge.from_column).unique()) as source:
            found = self._file.table(
                f"LOAD FROM {source} WITH wanted {_out_of(edge, 'wanted')} RETURN {_returned(edge)}", _schema(edge)
            )
        waiting = self._waiting_at(edge, "from_id", rows[edge.from_column].unique())
        # An account that shows nothing gives a row of nulls.
        known = rows_of(edge, pl.concat([found.drop_nulls("to_id"), waiting]))
        return known.join(rows, on=[edge.from_column, *_key(edge)], how="semi")

    def count(self, edge: Edge) -> int:
        """Count the rows of an edge table."""
        made = self._file.run(f"MATCH {_any(edge)} RETURN count(*)")[0][0]
        waiting = self._file.run("MATCH (w:Waiting) WHERE w.edge = $edge RETURN count(*)", {"edge": edge.name})[0][0]
        return int(made + waiting)

    def _ends(self, edge: Edge) -> pl.DataFrame:
        made = self._file.table(f"MATCH {_any(edge)} RETURN {_returned(edge)}", _schema(edge))
        return pl.concat([made, self._waiting_ends(edge)])

    def _waiting_ends(self, edge: Edge) -> pl.DataFrame:
        rows = self._file.run(
            "MATCH (w:Waiting) WHERE w.edge = $edge RETURN w.from_id, w.to_id, w.`row`", {"edge": edge.name}
        )
        return _unpacked(edge, rows)

    def _waiting_at(self, edge: Edge, side: str, ids: pl.Series) -> pl.DataFrame:
        """Give the relationships that wait and have one of the distinct ``ids`` on ``side``."""
        with self._file.loading(pl.DataFrame({"wanted": ids})) as source:
            rows = self._file.run(
                f"LOAD FROM {source} WITH wanted MATCH (w:Waiting) WHERE w.edge = '{edge.name}' "
                f"AND w.{side} = wanted RETURN w.from_id, w.to_id, w.`row`"
            )
        return _unpacked(edge, rows)

    def _forget(self, edge: Edge, ends: pl.DataFrame) -> None:
        """Let ``ends`` wait no longer."""
        if ends.height:
            with self._file.loading(_waiting(edge, ends)) as source:
                self._file.run(
                    f"LOAD FROM {source} WITH waiting_id AS wanted MATCH (w:Waiting {{waiting_id: wanted}}) DELETE w"
                )

    def _present(self, label: str, ids: pl.Series) -> pl.DataFrame:
        """Give those of ``ids`` that are nodes of ``label``, as a column ``id``."""
        key = LABEL_KEYS[label]
        with self._file.loading(pl.DataFrame({"wanted": ids})) as source:
            statement = f"LOAD FROM {source} WITH wanted MATCH (n:{label} {{{key}: wanted}}) RETURN n.{key}"
            return self._file.table(statement, {"id": pl.String()})

    def _copy(self, edge: Edge, ends: pl.DataFrame) -> None:
        if ends.is_empty():
            return
        properties = f"({_listed(edge.properties)})" if edge.properties else ""
        with self._file.loading(ends.select("from_id", "to_id", *edge.properties)) as source:
            self._file.run(
                f"COPY `{edge.type}`{properties} FROM {source} (from='{edge.from_label}', to='{edge.to_label}')"
            )


def _listed(names: list[str] | tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _any(edge: Edge) -> str:
    return f"(a:{edge.from_label})-[r:`{edge.type}`]->(b:{edge.to_label})"


def _out_of(edge: Edge, start: str) -> str:
    """Match the relationships that leave the node whose key is in the column ``start``, ``r`` being null for none.

    Only with ``OPTIONAL`` does the engine look the nodes up and go on from them: with ``MATCH`` alone it reads every
    relationship that there is, and puts them into the memory (ladybug 0.22; 40 times as slow at a million).
    """
    return (
        f"MATCH (a:{edge.from_label}) WHERE a.{LABEL_KEYS[edge.from_label]} = {start} "
        f"OPTIONAL MATCH (a)-[r:`{edge.type}`]->(b:{edge.to_label})"
    )


def _found(edge: Edge) -> str:
    """Match the relationship ``r`` that a row of `_prefixed` names."""
    named = [f"b.{LABEL_KEYS[edge.to_label]} = new_to_id", *(f"r.`{name}` = new_{name}" for name in edge.identity)]
    return f"{_out_of(edge, 'new_from_id')} WITH * WHERE {' AND '.join(named)}"


def _returned(edge: Edge) -> str:
    ends = [f"a.{LABEL_KEYS[edge.from_label]}", f"b.{LABEL_KEYS[edge.to_label]}"]
    return ", ".join([*ends, *(f"r.`{name}`" for name in edge.properties)])


def _cast(edge: Edge, name: str) -> str:
    return f"cast(new_{name} AS TIMESTAMP)" if dtypes(edge.table)[name] == TIME else f"new_{name}"


def _prefixed(ends: pl.DataFrame) -> pl.DataFrame:
    return ends.rename(lambda name: f"new_{name}")


def _key(edge: Edge) -> list[str]:
    own = ["kind", "value"] if edge.to_label == "Signal" else [edge.to_column]
    return [*own, *edge.identity]


def _schema(edge: Edge) -> dict[str, pl.DataType]:
    of = dtypes(edge.table)
    return {"from_id": pl.String(), "to_id": pl.String(), **{name: of[name] for name in edge.properties}}


def _waiting(edge: Edge, ends: pl.DataFrame) -> pl.DataFrame:
    """Pack relationships as Waiting nodes: properties as JSON, times in microseconds."""
    packed = (
        pl.struct(
            pl.col(name).dt.epoch("us") if ends.schema[name] == TIME else pl.col(name) for name in edge.properties
        ).struct.json_encode()
        if edge.properties
        else pl.lit(None, pl.String)
    )
    return ends.select(
        waiting_id=pl.concat_str(pl.lit(edge.name), *edge.columns, separator=_UNIT),
        edge=pl.lit(edge.name),
        from_id="from_id",
        to_id="to_id",
        row=packed,
    )


def _unpacked(edge: Edge, rows: list[list[Any]]) -> pl.DataFrame:
    """Undo `_waiting`."""
    waiting = frame(rows, {"from_id": pl.String(), "to_id": pl.String(), "row": pl.String()})
    if not edge.properties:
        return waiting.select("from_id", "to_id")
    schema = _schema(edge)
    packed = pl.Struct({n: pl.Int64() if schema[n] == TIME else schema[n] for n in edge.properties})
    opened = waiting.with_columns(pl.col("row").str.json_decode(packed)).unnest("row")
    return opened.with_columns(
        pl.from_epoch(name, "us").dt.replace_time_zone("UTC").cast(TIME) for name in schema if schema[name] == TIME
    ).select(schema.keys())
