"""Functions of polars frames, inside Spark's ``mapInArrow``; and frames of Spark as frames of polars on the driver."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

import polars as pl
from polars.datatypes import DataTypeClass

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import DataFrame

Type = pl.DataType | DataTypeClass
Types = Mapping[str, pl.DataType | DataTypeClass]
#: How Spark writes the types that travel, and how Arrow does. Spark knows no unsigned numbers.
_NAMES: dict[DataTypeClass | type[pl.DataType], tuple[str, str]] = {
    pl.String: ("string", "string"), pl.Boolean: ("boolean", "bool"), pl.Float64: ("double", "double"),
    pl.Int8: ("tinyint", "int8"), pl.Int64: ("bigint", "int64"), pl.UInt32: ("bigint", "int64"),
}  # fmt: skip


def written(dtype: Type) -> tuple[str, pa.DataType]:
    """Write a type of polars as Spark and as Arrow write it. Times are in microseconds, UTC.

    Raises
    ------
    TypeError
        No such type travels.
    """
    import pyarrow as pa  # noqa: PLC0415 - an extra

    if isinstance(dtype, pl.List):
        name, arrow = written(dtype.inner)
        return f"array<{name}>", pa.list_(arrow)
    if isinstance(dtype, pl.Struct):
        inner = {field.name: written(field.dtype) for field in dtype.fields}
        names = ", ".join(f"{name}: {made[0]}" for name, made in inner.items())
        return f"struct<{names}>", pa.struct([(name, made[1]) for name, made in inner.items()])
    if dtype == pl.Datetime("us", "UTC"):
        return "timestamp", pa.timestamp("us", "UTC")
    names_of = _NAMES.get(dtype if isinstance(dtype, type) else type(dtype))
    if names_of is None:
        raise TypeError(f"{dtype} does not travel through Spark")
    return names_of[0], pa.type_for_alias(names_of[1])


def mapped(
    frame: DataFrame, function: Callable[[pl.DataFrame], pl.DataFrame], types: Types, *, whole: bool = False
) -> DataFrame:
    """Give what ``function`` makes of the rows.

    Parameters
    ----------
    frame
        The rows.
    function
        Called with some rows at a time, on a worker: may depend on nothing but them and what it carries along.
    types
        Columns of what it makes, in any order; others are left out.
    whole
        Call it once, with all rows of the partition.
    """
    import pyarrow as pa  # noqa: PLC0415 - an extra

    columns = {name: written(dtype) for name, dtype in types.items()}
    schema = ", ".join(f"`{name}` {made[0]}" for name, made in columns.items())
    target = pa.schema([(name, made[1]) for name, made in columns.items()])

    def run(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for rows in _together(batches) if whole else map(_read, batches):
            yield from _batches(function(rows), target)

    return frame.mapInArrow(run, schema)


def _read(batch: pa.RecordBatch) -> pl.DataFrame:
    made = pl.from_arrow(batch)
    assert isinstance(made, pl.DataFrame)
    return made


def _together(batches: Iterator[pa.RecordBatch]) -> Iterator[pl.DataFrame]:
    parts = [_read(batch) for batch in batches]
    if parts:
        yield pl.concat(parts)


def _batches(made: pl.DataFrame, target: pa.Schema) -> list[pa.RecordBatch]:
    table = made.select(target.names).to_arrow(compat_level=pl.CompatLevel.oldest())
    batches: list[pa.RecordBatch] = table.cast(target).to_batches()
    return batches


def collected(frame: DataFrame) -> pl.DataFrame:
    """Bring a small frame to the driver."""
    made = pl.from_arrow(frame.toArrow())
    assert isinstance(made, pl.DataFrame)
    return made
