"""The accounts table as linking takes it: all of it or some of its columns, checked, one row an account in order."""

from __future__ import annotations

import polars as pl

from graphmatch.errors import RejectedTable
from graphmatch.tables import TIME

#: A longer text adds nothing to a comparison and costs time.
MAX_TEXT = 600
TEXT_COLUMNS = ("handle", "display_name", "bio", "url", "location", "avatar_url")
TIME_COLUMNS = ("created_at", "last_active")
_NAMES = ("account_id", "platform", "instance", "dataset", "native_id", "created_at_precision")
_TEXTS = (pl.String, pl.Categorical, pl.Enum, pl.Null)
#: What each column takes: the words for it, and the dtypes.
_TAKES = {
    **dict.fromkeys((*_NAMES, *TEXT_COLUMNS), ("a text", _TEXTS)),
    **dict.fromkeys(
        (*TIME_COLUMNS, "first_observed_at"), ("a text or a time", (pl.String, pl.Date, pl.Datetime, pl.Null))
    ),
}


def listed(accounts: pl.DataFrame) -> pl.DataFrame:
    """Give the columns that linking reads, sorted by ``account_id``; blank texts and columns that lack are null.

    Raises
    ------
    RejectedTable
        A column holds values of another kind, or ``account_id`` or ``platform`` is missing or null, or an
        ``account_id`` stands twice; the message names the column.
    """
    for name in ("account_id", "platform"):
        if name not in accounts.columns:
            raise RejectedTable(f"table 'accounts' lacks the column {name!r}")
    _check_dtypes(accounts)
    for name in ("account_id", "platform"):
        if accounts[name].null_count():
            raise RejectedTable(f"table 'accounts': {name!r} is null in {accounts[name].null_count()} rows")
    population = pl.col("dataset") if "dataset" in accounts.columns else pl.lit("")
    instance = pl.col("instance") if "instance" in accounts.columns else pl.lit("")
    made = accounts.select(
        pl.col("account_id").cast(pl.String),
        pl.col("platform").cast(pl.String),
        population.cast(pl.String).fill_null("").alias("population"),
        instance.cast(pl.String).fill_null("").alias("instance"),
        *[_text(accounts, name) for name in TEXT_COLUMNS],
        *[_moment(accounts, name) for name in TIME_COLUMNS],
    )
    made = made if made["account_id"].is_sorted() else made.sort("account_id")
    repeated = int((made["account_id"] == made["account_id"].shift()).sum())
    if repeated:
        raise RejectedTable(f"table 'accounts': {repeated} rows repeat an 'account_id'; each may stand once")
    return made


def _check_dtypes(accounts: pl.DataFrame) -> None:
    for name, dtype in accounts.schema.items():
        words, dtypes = _TAKES.get(name, ("", ()))
        if words and not isinstance(dtype, dtypes):
            raise RejectedTable(f"table 'accounts': column {name!r} is {dtype}; it takes {words}")


def _text(accounts: pl.DataFrame, name: str) -> pl.Expr:
    if name not in accounts.columns:
        return pl.lit(None, dtype=pl.String).alias(name)
    stripped = pl.col(name).cast(pl.String).str.strip_chars()
    if (accounts[name].cast(pl.String).str.len_bytes() > MAX_TEXT).any():
        stripped = stripped.str.slice(0, MAX_TEXT)
    return pl.when(stripped != "").then(stripped).alias(name)


def _moment(accounts: pl.DataFrame, name: str) -> pl.Expr:
    if name not in accounts.columns:
        return pl.lit(None, dtype=TIME).alias(name)
    if accounts[name].dtype == pl.String:
        # Exports of all kinds: the date is what every ISO 8601 form begins with, and enough to tell older from newer.
        return pl.col(name).str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False).cast(TIME).alias(name)
    return pl.col(name).cast(TIME).alias(name)
