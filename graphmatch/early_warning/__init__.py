"""Early warning: accounts that nobody has reported yet, tied to an account that another platform acted against.

In: observed tables, ``matches``, ``actors`` and ``judgements``. Out: warnings, most urgent first. Pure: the order of
rows never matters.

Which accounts may be warned of (`unreported.unreported`). Accounts that are still there, that no report is about, and
about which their own platform has decided nothing: not even that all is well. A target's own account is never one.

What a warning begins at (`enforced.enforced`). A removal that stands; or a lesser sanction that stands, if fewer
reports were dismissed than hold. And, either way, a report past the debate gate that was not dismissed: who was only
reported, however often, or only debated, is the beginning of no warning. Neither is an enforcement without a time.

What ties the two (`tied.tied`). One suspected actor. If ``least`` is said, a Match of at least that probability too,
unless an analyst has called it NEGATIVE; by default none does, since what resolve did not join is mostly contradicted
by other evidence (in simulated worlds one in three of such ties was right, nine in ten inside actors). The two stand at
different places: platforms, or instances of one.

The order. ``priority = match_probability * recency * harm``, each in [0, 1]:

- ``match_probability``: of the weakest link between the two accounts, or of their own Match;
- ``recency``: 1 on the day of the enforcement, half of it after ``half_life_days``, a quarter after twice as many;
- ``harm``: 1/3, 2/3 or 1 as the gravest report that holds is at the gate ``terms``, ``illegal`` or ``imminent``, times
  the share of reports that were not dismissed. How many reports there are raises nothing: mass reporting is a weapon.

Priority is an order in which to look, and no probability. Of several enforced accounts the one of greatest priority
counts; they are not added up, for they are not independent.

A warning is always ``suggested``, whatever the standing of the Match behind it: it accuses nobody of anything, since
nobody has said anything about the account. It is not kept in the graph, no release reads it, and a release wants a
report at ``terms`` about both accounts of a link, which this one has not. Who finds a warning borne out reports the
account at its own platform; from there the ordinary rules hold.
"""

from __future__ import annotations

import math
from datetime import datetime

import polars as pl

from graphmatch.early_warning.enforced import enforced, undated
from graphmatch.early_warning.reasons import with_reasons
from graphmatch.early_warning.tied import tied
from graphmatch.early_warning.unreported import unreported
from graphmatch.errors import UsageError
from graphmatch.model import Standing
from graphmatch.tables import TEXTS, TIME

__all__ = ["HALF_LIFE_DAYS", "SCHEMA", "enforced", "newest", "tied", "undated", "unreported", "warn"]

#: A third of the ninety days in which a new account counts as a move: a warning fades before the window closes.
HALF_LIFE_DAYS = 30.0
#: Columns of a warning and their dtypes.
SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "account_id": pl.String,
    "platform": pl.String,
    "instance": pl.String,
    "priority": pl.Float64,
    "match_probability": pl.Float64,
    "recency": pl.Float64,
    "harm": pl.Float64,
    "standing": pl.String,
    "enforced_account_id": pl.String,
    "enforced_platform": pl.String,
    "enforced_instance": pl.String,
    "enforcement_id": pl.String,
    "action": pl.String,
    "enforced_earliest": TIME,
    "enforced_latest": TIME,
    "days_since": pl.Float64,
    "gate": pl.String,
    "held": pl.Int64,
    "dismissed": pl.Int64,
    "actor_id": pl.String,
    "created_at": TIME,
    "others": pl.Int64,
    "as_of": TIME,
    "report_ids": TEXTS,
    "reasons": TEXTS,
}
_DAY_US = 86_400e6
#: Times that somebody noted: of a report, an enforcement, a claim, a reading.
_NOTED = ("reported_at", "observed_at", "at_latest", "asserted_at", "first_seen", "last_seen", "last_observed_at")


def warn(  # noqa: PLR0913 - one argument a table
    accounts: pl.DataFrame,
    enforcements: pl.DataFrame,
    reports: pl.DataFrame,
    contents: pl.DataFrame,
    targets: pl.DataFrame,
    matches: pl.DataFrame,
    actors: pl.DataFrame,
    *,
    judgements: pl.DataFrame | None = None,
    as_of: datetime | None = None,
    half_life_days: float = HALF_LIFE_DAYS,
    least: float | None = None,
) -> pl.DataFrame:
    """Rank accounts without a report that are tied to an account enforced against elsewhere.

    Parameters
    ----------
    accounts, enforcements, reports, contents, targets, matches, actors, judgements
        Tables of those names. ``targets`` with their ``registered_as``, as `graphmatch.registry` gives it.
    as_of
        From when days are counted back; the newest time in the tables if it is not said.
    half_life_days
        Days after which an enforcement counts half.
    least
        Lowest probability, in (0, 1], of a Match that ties two accounts of no common actor; ``None``: no Match does.

    Returns
    -------
    polars.DataFrame
        One row an account (`SCHEMA`), sorted by ``priority``, then ``account_id``. ``held`` and ``dismissed`` count the
        reports past the debate gate about the enforced account; ``others`` the further enforced accounts that it is
        tied to; ``report_ids`` are those held. ``reasons`` name no handle and quote nothing.

    Raises
    ------
    UsageError
        ``half_life_days`` is not positive, or ``least`` is no probability of a link.
    """
    if not (half_life_days > 0 and math.isfinite(half_life_days)):
        raise UsageError("the half-life of an enforcement must be a positive number of days")
    if least is not None and not 0 < least <= 1:
        raise UsageError(f"the least probability must lie in (0, 1], not {least}")
    sources = enforced(accounts, enforcements, reports, contents)
    candidates = unreported(accounts, enforcements, reports, contents, targets)
    now = as_of or newest(accounts, enforcements, reports, contents)
    if now is None or sources.is_empty() or candidates.is_empty():
        return pl.DataFrame(schema=SCHEMA)
    pairs = tied(candidates, sources, matches, actors, judgements, least=least)
    since = (pl.lit(now, TIME) - pl.coalesce("enforced_earliest", "enforced_latest")).dt.total_microseconds() / _DAY_US
    found = (
        pairs.with_columns(since.clip(lower_bound=0.0).alias("days_since"))
        .with_columns((pl.lit(0.5).pow(pl.col("days_since") / half_life_days)).alias("recency"))
        .with_columns(
            (pl.col("match_probability") * pl.col("recency") * pl.col("harm")).alias("priority"),
            pl.lit(Standing.SUGGESTED.value).alias("standing"),
            pl.lit(now, TIME).alias("as_of"),
        )
        .sort(["priority", "account_id", "enforced_account_id"], descending=[True, False, False])
    )
    others = (pl.len().over("account_id") - 1).cast(pl.Int64).alias("others")
    best = found.with_columns(others).unique("account_id", keep="first", maintain_order=True)
    return with_reasons(best).select(pl.col(name).cast(dtype) for name, dtype in SCHEMA.items())


def newest(*observed: pl.DataFrame) -> datetime | None:
    """Give the newest time at which anything in these observed tables was reported, done or seen; ``None`` without one.

    What accounts say of themselves (when they were made) and what is said to happen later does not count.
    """
    times = [table[name].max() for table in observed for name in _NOTED if name in table.columns]
    return max((time for time in times if isinstance(time, datetime)), default=None)
