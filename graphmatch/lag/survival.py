"""Lags → survival curves, quantiles and comparisons (Kaplan and Meier 1958, doi:10.1080/01621459.1958.10501452).

In: the cases of `graphmatch.lag.cases.Ledger`. Out: frames. Pure. Estimates and log-log bands are SciPy's
(`scipy.stats.ecdf`); an interval for a quantile holds the days at which the band crosses it (Brookmeyer and Crowley
1982, doi:10.2307/2530286).

Each curve stands twice: as if every lag was the least that its interval allows (``earliest``), and as if it was the
most (``latest``; who has no most is censored at the least). For each case the truth lies between; nothing is said of
where.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from datetime import datetime
from importlib import import_module
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graphmatch.lag.cases import LEDGER, REAPPEARANCE, STAGES

#: Groups with fewer cases get no estimate: one case more or less would change it too much, and it may tell of one.
LEAST_CASES = 5
#: Of the bands and intervals.
CONFIDENCE = 0.95
#: What stands for a platform where all are taken together.
ANY = "any"
BOUNDS = ("earliest", "latest")
#: Whether a group has figures: it has, it has too few cases for any, nothing is known of the stage.
ESTIMATED, TOO_FEW, NO_DATA = "estimated", "too_few", "no_data"
#: What is summed up: the share of cases that are over.
QUANTILES = {"median": 0.5, "p90": 0.9}
#: Days within which the share of cases that are over is told too: where few end a median is not reached.
WITHIN = (7, 30)

Floats = NDArray[np.float64]
_KEY: dict[str, Any] = {"stage": pl.String, "origin_platform": pl.String, "destination_platform": pl.String}
CURVES: dict[str, Any] = {
    **_KEY, "bound": pl.String, "days": pl.Float64, "survival": pl.Float64, "low": pl.Float64, "high": pl.Float64,
    "at_risk": pl.Int64, "ended": pl.Int64, "censored": pl.Int64,
}  # fmt: skip
SUMMARY: dict[str, Any] = {
    **_KEY, "n": pl.Int64, "ended": pl.Int64, "censored": pl.Int64, "state": pl.String,
    **{f"{name}_{end}": pl.Float64 for name in QUANTILES for end in (*BOUNDS, "low", "high")},
    **{f"over_in_{days}": pl.Float64 for days in WITHIN},
}  # fmt: skip
COMPARISON: dict[str, Any] = {
    **_KEY, "n_before": pl.Int64, "n_after": pl.Int64, "state": pl.String,
    "median_before": pl.Float64, "median_after": pl.Float64,
    "p_earliest": pl.Float64, "p_latest": pl.Float64, "p_value": pl.Float64,
}  # fmt: skip


class Curve(NamedTuple):
    """A survival curve at the days at which anything happens; bands are NaN where they can't be told."""

    days: Floats
    survival: Floats
    low: Floats
    high: Floats
    at_risk: NDArray[np.int64]
    ended: NDArray[np.int64]
    censored: NDArray[np.int64]

    def quantile(self, share: float, line: Floats | None = None) -> float | None:
        """Give the first day on which ``share`` of the cases are over; ``None`` if that is not reached."""
        line = self.survival if line is None else line
        reached = np.flatnonzero(line <= 1.0 - share + 1e-12)
        return float(self.days[reached[0]]) if reached.size else None

    def over(self, days: float) -> float | None:
        """Give the share of cases that are over after so many days; ``None`` if nobody was watched for so long."""
        if days > self.days[-1] and self.survival[-1] > 0:
            return None
        place = int(np.searchsorted(self.days, days, side="right")) - 1
        return float(1.0 - self.survival[place]) if place >= 0 else 0.0


def curves(cases: pl.DataFrame, *, least: int = LEAST_CASES) -> pl.DataFrame:
    """Draw the curve of each stage, whole and for each pair of platforms.

    Parameters
    ----------
    cases
        `Ledger.cases`.
    least
        Groups with fewer cases are left out.

    Returns
    -------
    polars.DataFrame
        ``stage, origin_platform, destination_platform`` (`ANY` for all), ``bound`` (`BOUNDS`), ``days``, ``survival``
        (share of cases that are not over), ``low`` and ``high`` (95 %; null where they can't be told), and at that day
        ``at_risk``, ``ended`` and ``censored``. For `REAPPEARANCE` of one pair, who came back elsewhere is censored.
    """
    rows: dict[str, list[Any]] = {name: [] for name in CURVES}
    for key, group in _groups(cases):
        if group.height < least:
            continue
        for bound in BOUNDS:
            curve = _curve(group, bound)
            for name, value in zip((*_KEY, "bound"), (*key, bound), strict=True):
                rows[name] += [value] * len(curve.days)
            for name in Curve._fields:
                rows[name] += getattr(curve, name).tolist()
    return pl.DataFrame(rows, schema=CURVES).with_columns(pl.col("low", "high").fill_nan(None))


def summary(cases: pl.DataFrame, *, least: int = LEAST_CASES) -> pl.DataFrame:
    """Give medians and 90th percentiles, in days.

    Parameters
    ----------
    cases, least
        As for `curves`; groups with fewer cases are there, without figures.

    Returns
    -------
    polars.DataFrame
        ``stage, origin_platform, destination_platform, n, ended, censored``; ``state`` (`ESTIMATED`, `TOO_FEW`,
        `NO_DATA`: no case at all); and for ``median`` and ``p90``: ``…_earliest`` and ``…_latest`` by both curves,
        ``…_low`` and ``…_high`` the widest 95 % interval of both, null where not reached, as where more than half of
        the cases are open; ``over_in_7`` and ``over_in_30``, the share that is over after so many days by the latest
        curve, null where nobody was watched for so long. In the order of the stages, all platforms first, then the
        largest pair.
    """
    rows = []
    for key, group in _groups(cases):
        ended = int((~group["is_censored"]).sum())
        row: dict[str, Any] = dict(zip(_KEY, key, strict=True))
        row |= {"n": group.height, "ended": ended, "censored": group.height - ended}
        rows.append(row | (_figures(group) if group.height >= least else {"state": TOO_FEW}))
    nothing = dict.fromkeys(("n", "ended", "censored"), 0) | {"state": NO_DATA}
    missing = STAGES.keys() - set(cases["stage"])
    rows += [dict(zip(_KEY, (stage, ANY, ANY), strict=True)) | nothing for stage in missing]
    return _in_order(pl.DataFrame(rows, schema=SUMMARY), "n")


def _figures(group: pl.DataFrame) -> dict[str, Any]:
    earliest, latest = (_curve(group, bound) for bound in BOUNDS)
    figures: dict[str, Any] = {"state": ESTIMATED}
    for name, share in QUANTILES.items():
        figures |= {
            f"{name}_earliest": earliest.quantile(share),
            f"{name}_latest": latest.quantile(share),
            f"{name}_low": earliest.quantile(share, earliest.low),
            f"{name}_high": latest.quantile(share, latest.high),
        }
    return figures | {f"over_in_{days}": latest.over(days) for days in WITHIN}


def compare(cases: pl.DataFrame, split: datetime, *, least: int = LEAST_CASES) -> pl.DataFrame:
    """Compare the cases that began before a date with those after it (log-rank, two-sided).

    Parameters
    ----------
    cases, least
        As for `curves`; both periods must have that many.
    split
        Cases that surely began before it are the first period; of which that is not sure are in neither.

    Returns
    -------
    polars.DataFrame
        ``stage, origin_platform, destination_platform, n_before, n_after``; ``state``; ``median_before`` and
        ``median_after`` (days, by the latest curve); ``p_earliest, p_latest`` by both curves, ``p_value``, the larger.
        Null p: nothing ended in either period. No correction is made for how many groups are compared.
    """
    rows = []
    for key, group in _groups(cases):
        before = group.filter(pl.col("began_latest") < split)
        after = group.filter(pl.col("began_earliest") >= split)
        row: dict[str, Any] = dict(zip(_KEY, key, strict=True))
        row |= {"n_before": before.height, "n_after": after.height, "state": TOO_FEW}
        if min(before.height, after.height) >= least:
            p = {f"p_{bound}": _logrank(before, after, bound) for bound in BOUNDS}
            known = [value for value in p.values() if value is not None]
            row |= {
                "state": ESTIMATED,
                **p,
                "p_value": max(known) if len(known) == len(p) else None,
                "median_before": _curve(before, "latest").quantile(0.5),
                "median_after": _curve(after, "latest").quantile(0.5),
            }
        rows.append(row)
    return _in_order(pl.DataFrame(rows, schema=COMPARISON), "n_before", "n_after")


def _in_order(rows: pl.DataFrame, *counts: str) -> pl.DataFrame:
    place = {name: number for number, name in enumerate(STAGES)}
    whole = (pl.col("origin_platform") != ANY) | (pl.col("destination_platform") != ANY)
    return rows.sort(
        pl.col("stage").replace_strict(place, return_dtype=pl.Int64),
        whole,
        *(-pl.col(name) for name in counts),
        "origin_platform",
        "destination_platform",
    )


def _groups(cases: pl.DataFrame) -> Iterator[tuple[tuple[str, str, str], pl.DataFrame]]:
    """Give the cases of each stage: all, and of each pair of platforms in which something ended or could end."""
    for stage in STAGES:
        rows = cases.filter(pl.col("stage") == stage)
        if rows.is_empty():
            continue
        yield (stage, ANY, ANY), _first_of_each(rows)
        pairs = rows.select("origin_platform", "destination_platform").drop_nulls().unique().sort(pl.all())
        for origin, destination in pairs.iter_rows():
            here = rows.filter(pl.col("origin_platform") == origin)
            if stage == REAPPEARANCE:
                yield (stage, origin, destination), _first_of_each(_came_to(here, destination))
            else:
                yield (stage, origin, destination), here.filter(pl.col("destination_platform") == destination)


def _came_to(rows: pl.DataFrame, destination: str) -> pl.DataFrame:
    """Censor who came back elsewhere: they may still come here, and were watched as long as all."""
    elsewhere = (pl.col("destination_platform") != destination).fill_null(value=True)
    return rows.with_columns(
        is_censored=elsewhere,
        least_days=pl.when(elsewhere).then("followed_days").otherwise("least_days"),
        most_days=pl.when(~elsewhere).then("most_days"),
    )


def _first_of_each(rows: pl.DataFrame) -> pl.DataFrame:
    """Keep one row a case: of those that ended the first."""
    order = ["is_censored", "most_days", "least_days", "migration_id"]
    ordered = rows.sort("case_id", *order, nulls_last=True)
    return ordered.unique("case_id", keep="first", maintain_order=True).select(list(LEDGER))


def _times(group: pl.DataFrame, bound: str) -> tuple[Floats, NDArray[np.bool_]]:
    """Give each case's days, and whether it ended then."""
    least, is_over = group["least_days"].to_numpy(), ~group["is_censored"].to_numpy()
    if bound == "earliest":
        return least, is_over
    most = group["most_days"].fill_null(float("nan")).to_numpy()
    is_bounded = is_over & ~np.isnan(most)
    return np.where(is_bounded, most, least), is_bounded


def _stats() -> Any:
    """Import SciPy's statistics when they are needed: it takes long, and every verb imports the line."""
    return import_module("scipy.stats")


def _censored(group: pl.DataFrame, bound: str) -> Any:
    days, is_over = _times(group, bound)
    return _stats().CensoredData(uncensored=days[is_over], right=days[~is_over])


def _curve(group: pl.DataFrame, bound: str) -> Curve:
    """Estimate the curve of cases that are not over, at each day at which one ends or is censored."""
    days, is_over = _times(group, bound)
    found = _stats().ecdf(_censored(group, bound)).sf
    at = np.unique(days)
    with warnings.catch_warnings():
        # Before the first end and after the last the band is undefined: it is NaN there, which is what we say.
        warnings.simplefilter("ignore", RuntimeWarning)
        band = found.confidence_interval(CONFIDENCE, method="log-log")
        low, high = band.low.evaluate(at), band.high.evaluate(at)
    survival = found.evaluate(at)
    unknown = np.isnan(low) | np.isnan(high)
    counts = [np.bincount(np.searchsorted(at, days[which]), minlength=at.size) for which in (is_over, ~is_over)]
    at_risk = days.size - np.searchsorted(np.sort(days), at, side="left")
    return Curve(at, survival, np.where(unknown, np.nan, low), np.where(unknown, np.nan, high), at_risk, *counts)


def _logrank(before: pl.DataFrame, after: pl.DataFrame, bound: str) -> float | None:
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore", RuntimeWarning)
        p = float(_stats().logrank(_censored(before, bound), _censored(after, bound)).pvalue)
    return None if np.isnan(p) else p
