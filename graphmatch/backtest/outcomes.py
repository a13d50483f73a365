"""What became of accounts, by all that the workspace knows now. In: tables. Out: a row an account. Pure."""

from __future__ import annotations

import polars as pl

from graphmatch.backtest.as_of import Known, Tables, since_when
from graphmatch.early_warning.enforced import standing
from graphmatch.model import ReportStatus
from graphmatch.tables import TIME


def outcomes(tables: Tables) -> pl.DataFrame:
    """Say when each account was first reported, or acted against at its own place.

    Times are those of the events, also where reports count as known from when they were pulled: a list that names whom
    somebody had reported by then is late, not right. A report that was dismissed is no outcome: a list that names who
    will be reported in vain is not right either. Nor is a sanction that was taken back, or one without a time.

    Returns
    -------
    polars.DataFrame
        ``account_id, reported_at, enforced_at, outcome_at``, sorted by id; ``outcome_at`` is the earlier of the two.
    """
    reports = tables["reports"].with_columns(since_when(tables, Known.HAPPENED)["reports"].alias("at"))
    dismissed = (pl.col("status") == ReportStatus.DISMISSED.value).fill_null(value=False)
    reported = reports.filter(~dismissed).group_by("account_id").agg(pl.col("at").min().alias("reported_at"))
    acted = standing(tables["enforcements"], tables["contents"])
    acted = acted.group_by("account_id").agg(pl.col("at_latest").min().alias("enforced_at"))
    return (
        reported.drop_nulls()
        .join(acted.drop_nulls(), on="account_id", how="full", coalesce=True)
        .select(
            "account_id",
            pl.col("reported_at").cast(TIME),
            pl.col("enforced_at").cast(TIME),
            pl.min_horizontal("reported_at", "enforced_at").cast(TIME).alias("outcome_at"),
        )
        .sort("account_id")
    )
