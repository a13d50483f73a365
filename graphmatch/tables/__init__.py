"""Every table that travels between rooms: its columns, dtypes, units and key, how it is checked and how it is merged.

Times are ``Datetime("us", "UTC")``; probabilities lie in [0, 1]; match weights are in bits (log2 odds); ids are
strings. Two kinds of table exist. *Observed* tables come from adapters and only ever grow by `merge`, which gives the
same result in any order and any number of times. *Derived* tables are results, replaced whole by each run.

Only this room knows the table-contract library (dataframely).
"""

from __future__ import annotations

from dataclasses import dataclass

import dataframely as dy
import polars as pl

from graphmatch.errors import RejectedTable
from graphmatch.tables import derived, observed
from graphmatch.tables.columns import PLAUSIBLE_YEARS

TIME = pl.Datetime("us", "UTC")
TEXTS = pl.List(pl.String)

__all__ = [
    "DATED", "DERIVED", "OBSERVED", "PLAUSIBLE_YEARS", "SCHEMAS", "TEXTS", "TIME",
    "Checked", "check", "dtypes", "empty", "keys", "require",
]  # fmt: skip


SCHEMAS: dict[str, type[dy.Schema]] = {
    "accounts": observed.Accounts,
    "sightings": observed.Sightings,
    "reports": observed.Reports,
    "contents": observed.Contents,
    "targets": observed.Targets,
    "enforcements": observed.Enforcements,
    "link_claims": observed.LinkClaims,
    "candidates": derived.Candidates,
    "matches": derived.Matches,
    "actors": derived.Actors,
    "communities": derived.Communities,
    "migrations": derived.Migrations,
    "community_moves": derived.CommunityMoves,
    "reporters": derived.Reporters,
    "bursts": derived.Bursts,
    "judgements": derived.Judgements,
}
#: Tables that adapters fill; the order is the one to write them in (what is pointed at comes first).
OBSERVED = ("accounts", "targets", "contents", "sightings", "reports", "enforcements", "link_claims")
#: Tables that a run replaces whole.
DERIVED = ("matches", "actors", "communities", "migrations", "community_moves", "reporters", "bursts")

#: What may change from one export to the next, each dated by its own ``<name>_at``: when it was last seen with a value.
DATED: dict[str, tuple[str, ...]] = {
    "accounts": ("handle", "display_name", "bio", "url", "location", "avatar_url", "state"),
    "reports": ("status", "status_raw"),
    "contents": ("text",),
}


@dataclass(frozen=True, slots=True)
class Checked:
    """What `check` found: the good rows, the bad ones as they came, and how many broke which rule."""

    good: pl.DataFrame
    bad: pl.DataFrame
    counts: dict[str, int]


def dtypes(table: str) -> dict[str, pl.DataType]:
    """Give the columns of ``table`` and their polars dtypes, in order."""
    return {name: column.dtype for name, column in SCHEMAS[table].columns().items()}


def keys(table: str) -> list[str]:
    """Give the key columns of ``table``."""
    return list(SCHEMAS[table].primary_key())


def empty(table: str) -> pl.DataFrame:
    """Make ``table`` with no rows."""
    return pl.DataFrame(schema=dtypes(table))


def check(table: str, rows: pl.DataFrame) -> Checked:
    """Hold ``rows`` against the contract of ``table``.

    Returns
    -------
    Checked
        Good rows with exactly the declared columns and dtypes; bad rows; and the number of rows that broke each rule.

    Raises
    ------
    RejectedTable
        A column is missing or can't be cast; the message names the column.
    """
    schema = SCHEMAS[table]
    missing = [name for name in schema.columns() if name not in rows.columns]
    if missing:
        raise RejectedTable(f"table {table!r} lacks the column {missing[0]!r}; it needs {list(schema.columns())}")
    try:
        result = schema.filter(rows, cast=True)
    except (pl.exceptions.PolarsError, dy.exc.SchemaError) as error:
        raise RejectedTable(f"table {table!r} holds a column of another type: {error}") from None
    return Checked(pl.DataFrame(result.result), result.failure.invalid(), dict(result.failure.counts()))


def require(table: str, rows: pl.DataFrame) -> pl.DataFrame:
    """Give back ``rows`` as ``table``, or raise `RejectedTable` if any row breaks its contract."""
    checked = check(table, rows)
    if checked.bad.height:
        rules = ", ".join(f"{rule} ({count})" for rule, count in sorted(checked.counts.items()))
        raise RejectedTable(f"table {table!r}: {checked.bad.height} rows break its contract: {rules}")
    return checked.good
