"""How right the lists were, how much they found, and how early; with bootstrap intervals. Pure.

The unit is an account, not a line of a list: one that stands on the lists of five weeks is named once, on the first of
them. So intervals resample accounts: their lines on several lists are no independent cases.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graphmatch.tables import TIME

#: Draws of each bootstrap, and the share of them that an interval holds.
DRAWS, COVERAGE = 1000, 0.95
#: Values drawn at a time: bounds memory.
_MOST_DRAWN = 5_000_000
Numbers = NDArray[np.float64]
_DAY_US = 86_400e6
_BY_DATE: dict[str, pl.DataType | type[pl.DataType]] = {
    "at": TIME,
    "method": pl.String,
    **dict.fromkeys(("k", "listed", "hits"), pl.Int64),
    **dict.fromkeys(("precision", "precision_low", "precision_high"), pl.Float64),
    **dict.fromkeys(("sought", "found"), pl.Int64),
    "recall": pl.Float64,
    "lead_days": pl.Float64,
}


def by_date(
    listed: pl.DataFrame, outcomes: pl.DataFrame, sought: pl.DataFrame, ks: Sequence[int], seed: int
) -> pl.DataFrame:
    """Measure each list at each date.

    Parameters
    ----------
    listed
        ``at, method, rank, account_id`` (`graphmatch.backtest.lists`); of dates and methods without a line there is no
        row in the result either.
    outcomes
        ``account_id, outcome_at``. Accounts on a list have none before the list's date.
    sought
        ``at, account_id``: whom a perfect list of that date would hold.
    ks
        Lengths at which lists are cut.
    seed
        Of the bootstrap.

    Returns
    -------
    polars.DataFrame
        ``at, method, k, listed, hits, precision, precision_low, precision_high, sought, found, recall, lead_days``;
        ``listed`` may be less than ``k``; ``lead_days`` is the median time from the date to the hits' outcomes.
    """
    judged = listed.join(outcomes.select("account_id", "outcome_at"), on="account_id", how="left")
    judged = judged.with_columns((pl.col("outcome_at") > pl.col("at")).fill_null(value=False).alias("hit"))
    wanted = sought.with_columns(pl.lit(value=True).alias("is_sought"))
    judged = judged.join(wanted, on=["at", "account_id"], how="left").sort("at", "method", "rank")
    rows = []
    for (at, method), group in judged.group_by("at", "method", maintain_order=True):
        total = sought.filter(pl.col("at") == at).height
        for k in ks:
            top = group.filter(pl.col("rank") <= k)
            hits, found = int(top["hit"].sum()), int(top["is_sought"].sum())
            low, high = interval(top["hit"].cast(pl.Float64).to_numpy(), np.mean, seed)
            recall = found / total if total else None
            lead = _days(top.filter("hit")).median()
            rows.append([at, method, k, top.height, hits, hits / top.height, low, high, total, found, recall, lead])
    return pl.DataFrame(rows, schema=_BY_DATE, orient="row")


def over_all(
    listed: pl.DataFrame,
    outcomes: pl.DataFrame,
    sought: pl.DataFrame,
    methods: Sequence[str],
    ks: Sequence[int],
    seed: int,
) -> pl.DataFrame:
    """Measure all lists of a method together, an account once: on the first list that it stands on.

    Parameters
    ----------
    listed, outcomes, sought, ks, seed
        As of `by_date`; ``sought`` with ``is_known``, whether the account was there to be named.
    methods
        Those to tell, even if they named nobody.

    Returns
    -------
    polars.DataFrame
        A row for each method and ``k``: ``method, k, named, hits, precision, precision_low, precision_high, sought,
        known, found, recall, recall_low, recall_high, lead_days, lead_days_low, lead_days_high``. ``known`` are those
        ``sought`` who could be named at a date; ``lead_days`` is the median time from the first list to the outcome.
    """
    wanted = sought.group_by("account_id").agg(pl.col("is_known").any()).sort("account_id")
    rows = []
    for method in methods:
        for k in ks:
            top = listed.filter((pl.col("method") == method) & (pl.col("rank") <= k))
            first = top.group_by("account_id").agg(pl.col("at").min()).sort("account_id")
            first = first.join(outcomes.select("account_id", "outcome_at"), on="account_id", how="left")
            hit = (first["outcome_at"] > first["at"]).fill_null(value=False)
            found = wanted["account_id"].is_in(first["account_id"].implode())
            rows.append(
                {"method": method, "k": k, "named": first.height, "hits": int(hit.sum())}
                | _summed("precision", hit.cast(pl.Float64), np.mean, seed)
                | {"sought": wanted.height, "known": int(wanted["is_known"].sum()), "found": int(found.sum())}
                | _summed("recall", found.cast(pl.Float64), np.mean, seed)
                | _summed("lead_days", _days(first.filter(hit)), np.median, seed)
            )
    return pl.DataFrame(rows, infer_schema_length=None)


def _days(hits: pl.DataFrame) -> pl.Series:
    return hits.select((pl.col("outcome_at") - pl.col("at")).dt.total_microseconds() / _DAY_US).to_series()


def _summed(name: str, values: pl.Series, statistic: Callable[..., Numbers], seed: int) -> dict[str, float | None]:
    numbers = values.to_numpy()
    low, high = interval(numbers, statistic, seed)
    middle = float(statistic(numbers)) if numbers.size else None
    return {name: middle, f"{name}_low": low, f"{name}_high": high}


def interval(values: Numbers, statistic: Callable[..., Numbers], seed: int) -> tuple[float | None, float | None]:
    """Give the percentile bootstrap interval of a statistic that takes ``axis`` (Efron 1979); ``None`` of no values.

    Of values that are all alike the interval is a point: the bootstrap can't know what it never saw.
    """
    if not values.size:
        return None, None
    random = np.random.default_rng(seed)
    at_once = max(1, _MOST_DRAWN // values.size)
    drawn: list[Numbers] = []
    for start in range(0, DRAWS, at_once):
        count = min(at_once, DRAWS - start)
        drawn.append(statistic(values[random.integers(0, values.size, (count, values.size))], axis=1))
    edge = (1 - COVERAGE) / 2
    low, high = np.quantile(np.concatenate(drawn), [edge, 1 - edge])
    return float(low), float(high)
