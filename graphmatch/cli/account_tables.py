"""Tables that a user hands to a verb: Parquet, CSV or NDJSON, by the file's ending."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphmatch.errors import UnreadableFile, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import polars as pl


def read_table(path: Path, what: str = "a table") -> pl.DataFrame:
    """Read a table. In CSV all values are text: ``007`` is a handle, and an id of digits is still an id.

    Parameters
    ----------
    path
        The file; its ending says what it is.
    what
        Named in the error if the ending is none of those known.

    Raises
    ------
    UsageError
        The ending is another one.
    UnreadableFile
        There is no such file, or it is not what its ending says.
    """
    import polars as pl

    readers: dict[str, Callable[[Path], pl.DataFrame]] = {
        ".parquet": pl.read_parquet,
        ".csv": lambda file: pl.read_csv(file, infer_schema=False),
        ".ndjson": lambda file: pl.read_ndjson(file, infer_schema_length=None),
        ".jsonl": lambda file: pl.read_ndjson(file, infer_schema_length=None),
    }
    if path.suffix not in readers:
        raise UsageError(f"{path}: {what} takes {', '.join(readers)}")
    try:
        return readers[path.suffix](path)
    except FileNotFoundError:
        raise UnreadableFile(f"{path}: there is no such file") from None
    except (pl.exceptions.PolarsError, OSError) as error:
        raise UnreadableFile(f"{path}: can't be read as {path.suffix[1:]}: {type(error).__name__}") from None
