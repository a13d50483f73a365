"""Reports → what is known of their reporters, and bursts of reports of one account that may be a campaign.

In: ``reports``. Out: ``reporters`` and ``bursts``. Pure: the order of rows never matters.

A report is an allegation, and reporting together is a weapon. What stands here may lower the trust in a report, never
raise a link or a gate: nothing counts reports as evidence. Shares are of the reports that a source itself has decided
(upheld or dismissed); a ticket that was merely closed says nothing.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import polars as pl

from graphmatch.normalise.minhash import similarities
from graphmatch.tables import dtypes, require

#: A burst: so many different reporters of one account within `WINDOW` …
LEAST_REPORTERS = 5
WINDOW = timedelta(hours=24)
#: … of whom at least this share had reported nothing before, as far as anybody knows.
LEAST_NEW_SHARE = 0.5
#: Who is new can only be told of a source whose reports go back so long before the burst.
LOOK_BACK = timedelta(days=7)
#: Texts as near as this repeat each other (estimated Jaccard of their shingles).
ALIKE = 0.8
#: More texts of one burst than these are not compared.
MAX_TEXTS = 200

#: An appeal is no report.
_NO_REPORTS = ("meta.appeal",)


@dataclass(frozen=True, slots=True)
class Weighed:
    """The tables ``reporters`` and ``bursts``."""

    reporters: pl.DataFrame
    bursts: pl.DataFrame


def weigh(reports: pl.DataFrame) -> Weighed:
    """Tell of each reporter what became of the reports, and find bursts.

    Parameters
    ----------
    reports
        The table. Reporters are pseudonyms; reports without one (counts of flags, hidden reporters) have no part in
        ``reporters``. Reports without a time are in no burst.

    Returns
    -------
    Weighed
        Both tables keep their contracts (`graphmatch.tables`).
    """
    told = reports.filter(~pl.col("category_reported").is_in(_NO_REPORTS))
    bursts = _bursts(told)
    return Weighed(require("reporters", _reporters(told, bursts)), require("bursts", bursts))


def _reporters(reports: pl.DataFrame, bursts: pl.DataFrame) -> pl.DataFrame:
    by = reports.filter(pl.col("reporter_ref").is_not_null())
    taken = (
        bursts.select("burst_id", pl.col("report_ids").alias("report_id"))
        .explode("report_id", keep_nulls=False, empty_as_null=False)
        .join(by.select("report_id", "reporter_ref"), on="report_id")
        .group_by("reporter_ref")
        .agg(pl.col("burst_id").n_unique().cast(pl.Int64).alias("bursts"))
    )
    found = by.group_by("reporter_ref").agg(
        pl.col("platform").unique().sort().alias("platforms"),
        pl.len().cast(pl.Int64).alias("reports"),
        pl.col("account_id").drop_nulls().n_unique().cast(pl.Int64).alias("accounts"),
        _decided("upheld"),
        _decided("dismissed"),
        pl.col("report_id").sort().alias("report_ids"),
        pl.col("reported_at").min().alias("first_reported_at"),
        pl.col("reported_at").max().alias("last_reported_at"),
    )
    decided = pl.col("upheld") + pl.col("dismissed")
    shares = [pl.when(decided > 0).then(pl.col(n) / decided).alias(f"{n}_share") for n in ("upheld", "dismissed")]
    whole = found.join(taken, on="reporter_ref", how="left").with_columns(pl.col("bursts").fill_null(0), *shares)
    return whole.select(dtypes("reporters").keys()).sort("reporter_ref")


def _decided(outcome: str) -> pl.Expr:
    """Count what was decided so: among the reports here, or by the source's own count if that is more."""
    here = (pl.col("status") == outcome).sum().cast(pl.Int64)
    there = pl.col(f"reporter_{outcome}").max().fill_null(0)
    return pl.max_horizontal(here, there).alias(outcome)


def _bursts(reports: pl.DataFrame) -> pl.DataFrame:
    dated = reports.filter(pl.col("account_id").is_not_null() & pl.col("reported_at").is_not_null())
    members = _windows(dated)
    if members.is_empty():
        return pl.DataFrame(schema=dtypes("bursts"))
    first = dated.group_by("reporter_ref").agg(pl.col("reported_at").min().alias("first_report"))
    begins = dated.group_by("source").agg(pl.col("reported_at").min().alias("source_begins"))
    with_them = members.join(first, on="reporter_ref", how="left").join(begins, on="source")
    found = with_them.group_by("account_id", "burst").agg(
        pl.col("reported_at").min().alias("begun_at"),
        pl.col("reported_at").max().alias("ended_at"),
        pl.len().cast(pl.Int64).alias("reports"),
        pl.col("reporter_ref").drop_nulls().n_unique().cast(pl.Int64).alias("reporters"),
        pl.col("reporter_ref")
        .filter(pl.col("first_report") >= pl.col("reported_at").min())
        .drop_nulls()
        .n_unique()
        .cast(pl.Int64)
        .alias("new_reporters"),
        (pl.col("source_begins").min() <= pl.col("reported_at").min() - LOOK_BACK).alias("can_tell"),
        pl.col("text_minhash").drop_nulls().sort().head(MAX_TEXTS).alias("texts"),
        pl.col("report_id").sort().alias("report_ids"),
    )
    share = pl.when("can_tell").then(pl.col("new_reporters") / pl.col("reporters"))
    named = found.with_columns(
        share.alias("new_share"),
        pl.struct("account_id", "begun_at").map_elements(_burst_id, return_dtype=pl.String).alias("burst_id"),
        pl.col("texts").map_elements(_alike_share, return_dtype=pl.Float64, skip_nulls=False).alias("alike_share"),
    )
    likely = pl.col("new_share").is_null() | (pl.col("new_share") >= LEAST_NEW_SHARE)
    return named.filter(likely).select(dtypes("bursts").keys()).sort("burst_id")


def _windows(dated: pl.DataFrame) -> pl.DataFrame:
    """Keep the reports that lie in a window with many reporters; ``burst`` numbers those of one account.

    Windows that overlap are one burst.
    """
    ordered = dated.sort("account_id", "reported_at", "report_id")
    ends = (
        ordered.rolling("reported_at", period=WINDOW, closed="both", group_by="account_id")
        .agg(pl.col("reporter_ref").drop_nulls().n_unique().alias("several"))
        .filter(pl.col("several") >= LEAST_REPORTERS)
        .unique(["account_id", "reported_at"])
        .sort("account_id", "reported_at")
        .select("account_id", pl.col("reported_at").alias("until"))
    )
    apart = (pl.col("until") - pl.col("until").shift(1).over("account_id")) > WINDOW
    spans = (
        ends.with_columns(apart.fill_null(value=False).cum_sum().over("account_id").alias("burst"))
        .group_by("account_id", "burst")
        .agg((pl.col("until").min() - WINDOW).alias("since"), pl.col("until").max())
        .sort("account_id", "since")
    )
    placed = ordered.sort("reported_at").join_asof(
        spans.sort("since"), left_on="reported_at", right_on="since", by="account_id", check_sortedness=False
    )
    return placed.filter(pl.col("reported_at") <= pl.col("until"))


def _burst_id(row: dict[str, object]) -> str:
    words = f"{row['account_id']}\0{row['begun_at']}"
    return f"burst:{hashlib.sha256(words.encode()).hexdigest()[:20]}"


def _alike_share(texts: pl.Series | None) -> float:
    """Give the share of texts that repeat another one's words."""
    signatures = [] if texts is None else texts.to_list()
    if len(signatures) < 2:
        return 0.0
    left, right = np.triu_indices(len(signatures), k=1)
    near = similarities([signatures[n] for n in left], [signatures[n] for n in right]) >= ALIKE
    return len({*left[near].tolist(), *right[near].tolist()}) / len(signatures)
