"""Which platforms and weeks the data say anything of, so that absence is not read as calm.

In: observed tables. Out: a frame, one row for each platform and week. Pure.
"""

from __future__ import annotations

import polars as pl

#: What a row counts.
COUNTS = ("accounts_first_seen", "contents", "reports", "enforcements")
#: What a week is called of which the platform's data hold something, and of which they hold nothing.
DATA, NO_DATA = "data", "no data"


def coverage(
    accounts: pl.DataFrame, contents: pl.DataFrame, reports: pl.DataFrame, enforcements: pl.DataFrame
) -> pl.DataFrame:
    """Count what each platform's data hold, week by week.

    Parameters
    ----------
    accounts, contents, reports, enforcements
        Tables of those names.

    Returns
    -------
    polars.DataFrame
        ``platform``; ``week`` (its Monday, a date, UTC); ``accounts_first_seen``, accounts whose first dated content or
        report lies in it; ``contents, reports, enforcements``, dated in it; ``sources``, which adapters gave its
        reports and enforcements; ``undated``, the platform's reports and enforcements that have no time and so are in
        no week; ``state``, `DATA` or `NO_DATA`. Every platform has every week from the first report or
        enforcement of any to the last dated row of any. A platform of which nothing is dated has only ``no data``.
        Older content stretches nothing: it is counted only inside these weeks.
    """
    of = dict(accounts.select("account_id", "platform").iter_rows())
    moments = {
        "contents": contents.select("platform", "account_id", at="created_at"),
        "reports": reports.select("platform", "account_id", "source", at="reported_at"),
        "enforcements": enforcements.select("platform", "account_id", "source", at="at_latest"),
    }
    dated = {name: rows.drop_nulls("at").with_columns(week=_monday("at")) for name, rows in moments.items()}
    firsts = pl.concat([dated[name].select("account_id", "at") for name in ("contents", "reports")])
    first = firsts.drop_nulls().group_by("account_id").agg(pl.col("at").min())
    dated["accounts_first_seen"] = first.with_columns(
        platform=pl.col("account_id").replace_strict(of, default=pl.col("account_id").str.split(":").list.first()),
        week=_monday("at"),
    )
    every = _weeks(dated)
    platforms = sorted({*of.values(), *reports["platform"], *enforcements["platform"]})
    made = pl.DataFrame({"platform": platforms}, schema={"platform": pl.String}).join(every, how="cross")
    for name in COUNTS:
        counted = dated[name].group_by("platform", "week").agg(pl.len().cast(pl.Int64).alias(name))
        made = made.join(counted, on=["platform", "week"], how="left")
    sources = pl.concat([dated[name].select("platform", "week", "source") for name in ("reports", "enforcements")])
    told = sources.group_by("platform", "week").agg(pl.col("source").unique().sort().alias("sources"))
    undated = pl.concat([moments[name].filter(pl.col("at").is_null()) for name in ("reports", "enforcements")])
    made = made.join(undated.group_by("platform").agg(undated=pl.len().cast(pl.Int64)), on="platform", how="left")
    nothing = pl.lit([], dtype=pl.List(pl.String))
    return (
        made.join(told, on=["platform", "week"], how="left")
        .with_columns(
            *(pl.col(name).fill_null(0) for name in (*COUNTS, "undated")), pl.col("sources").fill_null(nothing)
        )
        .with_columns(
            state=pl.when(pl.sum_horizontal(COUNTS) > 0).then(pl.lit(DATA)).otherwise(pl.lit(NO_DATA)),
        )
        .sort("platform", "week")
    )


def _monday(name: str) -> pl.Expr:
    return pl.col(name).dt.truncate("1w").dt.date()


def _weeks(dated: dict[str, pl.DataFrame]) -> pl.DataFrame:
    told = pl.concat([dated[name]["week"] for name in ("reports", "enforcements")])
    if told.is_empty():
        return pl.DataFrame(schema={"week": pl.Date})
    every = pl.concat([rows.select("week") for rows in dated.values()]).filter(pl.col("week") >= told.min())
    return every.select(pl.date_range(pl.col("week").min(), pl.col("week").max(), "1w"))
