"""Frames in and out of a Neo4j transaction: statements of our own over rows, and the answers to a reader's query.

In: Cypher and polars frames. Out: polars frames. Knows nothing of tables or of the graph's shape.

A frame goes in column by column (``$c.handle[i]``): a list for each column is less for the client to pack, and for the
server to look up, than a map for each row. Times travel as microseconds since 1970, which costs neither side an object.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import neo4j
import neo4j.time
import polars as pl

from graphmatch.errors import UsageError
from graphmatch.tables import TIME

#: Rows of one statement: large enough that the server's work outweighs the way there, small enough for its memory.
BATCH = 10_000

#: Begins each statement of our own. A plan takes the server longer than a small batch does, and it would make another
#: whenever the graph has grown; ours would be the same, as they name their indexes.
OWN = "CYPHER replan=skip"

Transaction = neo4j.ManagedTransaction


def run(tx: Transaction, cypher: str, rows: pl.DataFrame | None = None, **params: Any) -> int:
    """Run a statement of our own over ``rows``, in batches; give the sum of the numbers that it returns, if any.

    Its text begins after ``UNWIND … AS i``, and reads columns with `given`.
    """
    if rows is None:
        return _sum(tx.run(f"{OWN} {cypher}", params))
    return sum(_sum(result) for result in _over(tx, cypher, rows, params))


def fetch(
    tx: Transaction, cypher: str, schema: Mapping[str, pl.DataType], rows: pl.DataFrame | None = None, **params: Any
) -> pl.DataFrame:
    """Run a reading statement of our own, over ``rows`` if given, and frame its answer; see `asked` for times."""
    naive = {name: pl.Int64() if dtype == TIME else dtype for name, dtype in schema.items()}
    frames = [pl.DataFrame(schema=naive)]
    for result in [tx.run(f"{OWN} {cypher}", params)] if rows is None else _over(tx, cypher, rows, params):
        while got := result.fetch(5 * BATCH):
            frames.append(pl.DataFrame([record.values() for record in got], schema=naive, orient="row"))
    made = pl.concat(frames)
    times = [name for name, dtype in schema.items() if dtype == TIME]
    lists = [name for name, dtype in schema.items() if isinstance(dtype, pl.List)]
    return made.with_columns(
        *(pl.from_epoch(name, "us").dt.replace_time_zone("UTC").cast(TIME) for name in times),
        *(pl.col(name).fill_null([]) for name in lists),  # no table has a list that is not known
    )


def given(name: str, dtype: pl.DataType) -> str:
    """Write a value of the row at hand in Cypher."""
    value = f"$c.`{name}`[i]"
    if dtype != TIME:
        return value
    # The server's division cuts towards zero; what it leaves must not be negative.
    rest = f"({value} % 1000000 + 1000000) % 1000000"
    return (
        f"CASE WHEN {value} IS NULL THEN null ELSE "
        f"datetime({{epochSeconds: ({value} - {rest}) / 1000000, nanosecond: {rest} * 1000}}) END"
    )


def asked(value: str, dtype: pl.DataType) -> str:
    """Write a property to be returned, a time as microseconds."""
    return f"{value}.epochSeconds * 1000000 + {value}.nanosecond / 1000" if dtype == TIME else value


def _over(tx: Transaction, cypher: str, rows: pl.DataFrame, params: Mapping[str, Any]) -> Iterator[neo4j.Result]:
    """Run a statement over each batch of ``rows``."""
    for part in rows.iter_slices(BATCH):
        columns = _columns(part)
        yield tx.run(f"{OWN} UNWIND range(0, $n - 1) AS i {cypher}", {**params, "n": part.height, "c": columns})
        # The driver keeps what a statement was given until the transaction ends: all of a large table, as objects.
        columns.clear()


def _columns(rows: pl.DataFrame) -> dict[str, list[Any]]:
    """Make lists of the columns, without those that are blank throughout: what a map lacks is null in Cypher."""
    told = rows.select(column for column in rows if column.null_count() < len(column))
    times = [name for name, dtype in told.schema.items() if dtype == TIME]
    return told.with_columns(pl.col(times).dt.epoch("us")).to_dict(as_series=False)


def _sum(result: neo4j.Result) -> int:
    return sum(record[0] for record in result)


_NESTED = "return properties, such as a.account_id, not whole nodes, relationships, paths or maps"
_DTYPES: dict[type, pl.DataType] = {
    bool: pl.Boolean(),
    int: pl.Int64(),
    float: pl.Float64(),
    str: pl.String(),
    datetime: TIME,
    date: pl.Date(),
    timedelta: pl.Duration("us"),
}


def framed(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> pl.DataFrame:
    """Frame the answer to a reader's query, whose types nobody declared."""
    return pl.DataFrame([_column(name, [row[at] for row in rows]) for at, name in enumerate(names)])


def _column(name: str, values: list[Any]) -> pl.Series:
    """Make a column of an answer; without any value nobody knows its type."""
    plain = [_plain(value) for value in values]
    return pl.Series(name, plain, dtype=_dtype(plain))


def _dtype(values: list[Any]) -> pl.DataType:
    kinds = {type(value) for value in values if value is not None}
    if kinds == {int, float}:
        return pl.Float64()
    if kinds == {list}:
        return pl.List(_dtype([item for value in values if value is not None for item in value]))
    if len(kinds) > 1:
        raise UsageError("a column of the answer mixes types; return one type a column")
    return _DTYPES[kinds.pop()] if kinds else pl.Null()


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, neo4j.time.DateTime):
        native = value.to_native()
        return native.astimezone(UTC) if native.tzinfo else native.replace(tzinfo=UTC)
    if isinstance(value, neo4j.time.Date):
        return value.to_native()
    if isinstance(value, neo4j.time.Duration) and not value.months:
        return timedelta(days=value.days, seconds=value.seconds, microseconds=value.nanoseconds // 1000)
    if value is not None and type(value) not in _DTYPES:
        raise UsageError(_NESTED)
    return value
