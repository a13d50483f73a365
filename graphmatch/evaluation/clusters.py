"""How well groups of accounts agree with persons: B-cubed (Bagga and Baldwin 1998)."""

from __future__ import annotations

import polars as pl

from graphmatch.evaluation.judged import LINK, Judged
from graphmatch.forest import Groups


def components(judged: Judged) -> pl.DataFrame:
    """Group accounts that links join, directly or by others: ``account_id, cluster``; lone accounts are left out.

    Links that can't be judged join too: an actor does not know what the truth is silent on.
    """
    groups = Groups()
    for pairs in (judged.pairs, judged.open_pairs):
        for left, right in pairs.filter(pl.col("match_probability") >= LINK).select("left", "right").iter_rows():
            groups.join(left, right)
    rows = [(account, members[0]) for members in groups.members() for account in members]
    return pl.DataFrame(rows, schema={"account_id": pl.String, "cluster": pl.String}, orient="row")


def b_cubed(judged: Judged, clusters: pl.DataFrame) -> pl.DataFrame:
    """Tell each account's B-cubed precision and recall.

    Parameters
    ----------
    judged
        Whose accounts count; all platforms, also those whose pairs are left out.
    clusters
        ``account_id, cluster``; an account that it leaves out is alone.

    Returns
    -------
    polars.DataFrame
        ``account_id, set, precision, recall`` of the accounts whose person is known: the share of its cluster that is
        its person's, and the share of its person's accounts in the set that is in its cluster, itself in both.
    """
    placed = judged.accounts.filter(pl.col("person_id").is_not_null()).join(
        clusters.select(pl.col("account_id").cast(pl.String), pl.col("cluster").cast(pl.String)),
        on="account_id",
        how="left",
        maintain_order="left",
    )
    alone = pl.struct("cluster", pl.when(pl.col("cluster").is_null()).then("account_id").alias("alone"))
    placed = placed.with_columns(alone.alias("cluster"))
    shared = pl.len().over("set", "cluster", "person_id")
    return placed.select(
        "account_id",
        "set",
        (shared / pl.len().over("set", "cluster")).alias("precision"),
        (shared / pl.len().over("set", "person_id")).alias("recall"),
    )
