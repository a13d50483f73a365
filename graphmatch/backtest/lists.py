"""Whom each method would have named at a date, in order. The warnings, and two baselines that take no linking.

In: what was known, and what the line said. Out: lists of accounts. Pure.

All methods choose among the same accounts: those known at the date that nobody had reported and about which their place
had decided nothing.

- ``warnings``: by priority.
- ``same_handle``: whose handle, folded, is that of an account enforced against elsewhere; the latest enforcement first.
- ``everyone``: all of them, as if everybody came back after an enforcement: whose arrival followed most closely upon an
  enforcement elsewhere first. How often it is right is how often anybody is.
"""

from __future__ import annotations

from datetime import datetime

import numpy as np
import polars as pl

from graphmatch.backtest.as_of import AsOf
from graphmatch.early_warning import enforced, unreported
from graphmatch.early_warning.places import place
from graphmatch.normalise.handle_columns import folded_and_stems
from graphmatch.tables import TIME

METHODS = ("warnings", "same_handle", "everyone")


def sources(known: AsOf) -> pl.DataFrame:
    """Give the accounts that a warning may begin at, as of the date."""
    tables = known.tables
    return enforced(tables["accounts"], tables["enforcements"], tables["reports"], tables["contents"])


def open_accounts(known: AsOf) -> pl.DataFrame:
    """Give the accounts that might be named: ``account_id, platform, instance, created_at``."""
    names = ("accounts", "enforcements", "reports", "contents", "targets")
    return unreported(*(known.tables[name] for name in names))


def lists(known: AsOf, warnings: pl.DataFrame, arrivals: pl.DataFrame) -> pl.DataFrame:
    """Rank accounts by every method.

    Parameters
    ----------
    known
        What was known.
    warnings
        From `graphmatch.early_warning.warn`, as of the same date.
    arrivals
        ``account_id, since``: since when each account was known.

    Returns
    -------
    polars.DataFrame
        ``at, method, rank, account_id, enforced_account_id``; ``rank`` counts from 1; the last column is null where a
        method names no account that it begins at.
    """
    acted, candidates = sources(known), open_accounts(known)
    found = {
        "warnings": warnings.select("account_id", "enforced_account_id"),
        "same_handle": _same_handle(candidates, acted, known.tables["accounts"]),
        "everyone": _everyone(candidates, acted, arrivals),
    }
    return pl.concat([_ranked(known.at, method, rows) for method, rows in found.items()])


def _ranked(at: datetime, method: str, rows: pl.DataFrame) -> pl.DataFrame:
    return rows.select(
        pl.lit(at, TIME).alias("at"),
        pl.lit(method).alias("method"),
        pl.int_range(1, pl.len() + 1, dtype=pl.Int64).alias("rank"),
        "account_id",
        "enforced_account_id",
    )


def _same_handle(candidates: pl.DataFrame, acted: pl.DataFrame, accounts: pl.DataFrame) -> pl.DataFrame:
    named = accounts.select("account_id", "handle", "platform")
    folded = folded_and_stems(named["handle"], named["platform"])[0]
    named = named.select("account_id", folded.alias("folded")).drop_nulls()
    mine = candidates.join(named, on="account_id")
    theirs = acted.join(named.rename({"account_id": "enforced_account_id"}), on="enforced_account_id")
    moment = pl.coalesce("enforced_earliest", "enforced_latest")
    return (
        mine.join(theirs, on="folded")
        .filter(place() != place("enforced_"))
        .sort([moment, "account_id", "enforced_account_id"], descending=[True, False, False])
        .unique("account_id", keep="first", maintain_order=True)
        .select("account_id", "enforced_account_id")
    )


def _everyone(candidates: pl.DataFrame, acted: pl.DataFrame, arrivals: pl.DataFrame) -> pl.DataFrame:
    """Order all candidates by how closely their arrival followed upon an enforcement elsewhere; never comes last."""
    arrived = candidates.join(arrivals, on="account_id", how="left").with_columns(
        pl.coalesce("created_at", "since").alias("arrived"), place().alias("place")
    )
    moments = acted.select(
        place("enforced_").alias("place"), pl.coalesce("enforced_earliest", "enforced_latest").alias("moment")
    )
    parts = []
    for (here,), rows in arrived.group_by("place"):
        elsewhere = np.sort(moments.filter(pl.col("place") != here)["moment"].to_physical().to_numpy())
        at = rows["arrived"].to_physical().cast(pl.Float64).to_numpy()
        before = np.searchsorted(elsewhere, at, side="right")
        gap = np.full(at.size, np.nan)
        after = before > 0
        gap[after] = at[after] - elsewhere[before[after] - 1]
        parts.append(rows.select("account_id", pl.Series("gap", gap).fill_nan(None)))
    if not parts:
        return pl.DataFrame(schema={"account_id": pl.String, "enforced_account_id": pl.String})
    ordered = pl.concat(parts).sort("gap", "account_id", nulls_last=True)
    return ordered.select("account_id", pl.lit(None, pl.String).alias("enforced_account_id"))
