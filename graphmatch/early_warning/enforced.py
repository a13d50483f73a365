"""Which accounts a platform acted against, in a way that a warning may begin at.

In: observed tables. Out: one row an account. Pure.
"""

from __future__ import annotations

import polars as pl

from graphmatch.model import LESSER_SANCTIONS, REMOVALS, Action, Gate, ReportStatus, Scope
from graphmatch.normalise.contacts import NO_PLACES
from graphmatch.tables import TEXTS, TIME

SANCTIONS = REMOVALS | LESSER_SANCTIONS
_ON_CONTENT = frozenset({Action.CONTENT_REMOVED, Action.CONTENT_RESTRICTED, Action.LABEL})
#: How grave a gate is, in equal steps: an order, not a measurement. Debate is no harm at all.
HARM: dict[Gate, float] = {Gate.DEBATE: 0.0, Gate.TERMS: 1 / 3, Gate.ILLEGAL: 2 / 3, Gate.IMMINENT: 1.0}
_GATES = [gate.value for gate in Gate]
#: Reports named for an enforced account, in order of their ids: enough to look at, and bounded.
MOST_REPORTS = 10

SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "enforced_account_id": pl.String,
    "enforced_platform": pl.String,
    "enforced_instance": pl.String,
    "enforcement_id": pl.String,
    "action": pl.String,
    "enforced_earliest": TIME,
    "enforced_latest": TIME,
    "gate": pl.String,
    "harm": pl.Float64,
    "held": pl.Int64,
    "dismissed": pl.Int64,
    "report_ids": TEXTS,
}


def enforced(
    accounts: pl.DataFrame, enforcements: pl.DataFrame, reports: pl.DataFrame, contents: pl.DataFrame
) -> pl.DataFrame:
    """Find the accounts that a warning may begin at; which they are stands at the head of this package.

    Returns
    -------
    polars.DataFrame
        `SCHEMA`, one row an account, sorted by its id: the latest sanction that stands (of equal times the one whose id
        comes first), the gravest gate of its reports past debate that were not dismissed, and ``harm`` in (0, 1].
    """
    sanctions = standing(enforcements, contents).filter(
        pl.col("at_earliest").is_not_null() | pl.col("at_latest").is_not_null()
    )
    removed = pl.col("action").is_in([action.value for action in REMOVALS])
    latest = (
        sanctions.with_columns(removed.any().over("account_id").alias("is_removed"))
        .sort([pl.coalesce("at_earliest", "at_latest"), "enforcement_id"], descending=[True, False])
        .unique("account_id", keep="first", maintain_order=True)
    )
    harmful = _harm(reports).filter(pl.col("held") > 0)
    named = accounts.filter(~pl.col("platform").is_in(sorted(NO_PLACES))).select("account_id", "platform", "instance")
    found = latest.drop("platform").join(harmful, on="account_id").join(named, on="account_id")
    found = found.filter(pl.col("is_removed") | (pl.col("dismissed") < pl.col("held")))
    return (
        found.rename(
            {
                "account_id": "enforced_account_id",
                "platform": "enforced_platform",
                "instance": "enforced_instance",
                "at_earliest": "enforced_earliest",
                "at_latest": "enforced_latest",
            }
        )
        .select(pl.col(name).cast(dtype) for name, dtype in SCHEMA.items())
        .sort("enforced_account_id")
    )


def undated(enforcements: pl.DataFrame) -> int:
    """Count the sanctions that no warning can begin at, because nobody knows when they were."""
    timeless = pl.col("at_earliest").is_null() & pl.col("at_latest").is_null()
    return enforcements.filter(timeless & pl.col("action").is_in([action.value for action in SANCTIONS])).height


def of_accounts(enforcements: pl.DataFrame, contents: pl.DataFrame) -> pl.DataFrame:
    """Give the enforcements whose account is known: the one they are on, else the author of their content."""
    author = contents.select("content_id", author="account_id").drop_nulls()
    joined = enforcements.join(author, on="content_id", how="left", maintain_order="left")
    return (
        joined.with_columns(pl.coalesce("account_id", "author").alias("account_id"))
        .drop("author")
        .drop_nulls("account_id")
    )


def standing(enforcements: pl.DataFrame, contents: pl.DataFrame) -> pl.DataFrame:
    """Give the sanctions of known accounts that nobody took back; where the order is not known, they are taken back."""
    known = of_accounts(enforcements, contents).with_row_index("row")
    sanctions = known.filter(pl.col("action").is_in([action.value for action in SANCTIONS]))
    lifts = known.filter(pl.col("action").is_in([Action.CONTENT_RESTORED.value, Action.ACCOUNT_RESTORED.value]))
    both = sanctions.join(lifts, on="account_id", suffix="_lift")
    on_content = pl.col("action").is_in([action.value for action in _ON_CONTENT])
    of_content = pl.col("action_lift") == Action.CONTENT_RESTORED.value
    same_content = pl.col("content_id_lift").is_null() | (pl.col("content_id_lift") == pl.col("content_id"))
    in_community = pl.col("scope_lift") == Scope.COMMUNITY.value
    same_scope = (
        ~in_community
        | pl.col("scope_ref").is_null()
        | pl.col("scope_ref_lift").is_null()
        | (pl.col("scope_ref") == pl.col("scope_ref_lift"))
    )
    about = (
        pl.when(of_content).then(on_content & same_content.fill_null(value=False)).otherwise(~on_content & same_scope)
    )
    not_before = (pl.col("at_latest_lift") >= pl.col("at_earliest")).fill_null(value=True)
    lifted = both.filter(about & not_before).select("row").unique()
    return sanctions.join(lifted, on="row", how="anti").drop("row")


def _harm(reports: pl.DataFrame) -> pl.DataFrame:
    """Sum up the reports past debate about each account: how grave, how many hold, how many were dismissed."""
    dismissed = (pl.col("status") == ReportStatus.DISMISSED.value).fill_null(value=False)
    rank = pl.col("gate").replace_strict({gate: place for place, gate in enumerate(_GATES)}, return_dtype=pl.Int64)
    past = reports.drop_nulls("account_id").filter(pl.col("gate") != Gate.DEBATE.value)
    summed = (
        past.with_columns(dismissed.alias("is_dismissed"), rank.alias("rank"))
        .group_by("account_id")
        .agg(
            pl.col("rank").filter(~pl.col("is_dismissed")).max().alias("rank"),
            (~pl.col("is_dismissed")).sum().cast(pl.Int64).alias("held"),
            pl.col("is_dismissed").sum().cast(pl.Int64).alias("dismissed"),
            pl.col("report_id").filter(~pl.col("is_dismissed")).sort().head(MOST_REPORTS).alias("report_ids"),
        )
    )
    gate = pl.col("rank").replace_strict(dict(enumerate(_GATES)), return_dtype=pl.String, default=None)
    grave = pl.col("rank").replace_strict(dict(enumerate(HARM.values())), return_dtype=pl.Float64, default=0.0)
    share = pl.col("held") / (pl.col("held") + pl.col("dismissed"))
    return summed.with_columns(gate.alias("gate"), (grave * share).alias("harm")).drop("rank")
