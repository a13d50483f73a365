"""Backtest: what early warning would have said at past dates, and what became of it.

In: observed tables and judgements, as the workspace holds them now. Out: `Backtest`. It composes rooms, as the pipeline
does: `as_of` cuts the tables to what was known at a date, `line` runs the line on them, `lists` adds two baselines,
`outcomes` says what came later, and `measures` counts.

What is measured. A *hit* is an account on a list that was later reported (and the report not dismissed), or sanctioned
at its own place. *Sought* at a date is every account that became such later and that the line, run once on all that is
known now, ties to an account which at that date had been enforced against elsewhere; whether it was known by then (so
that any method could have named it) is counted beside. *Lead* is the time from the first list that an account stands on
to its report or sanction; lists are made at the dates only, so it is short by up to a step.

What it is not. An account that nobody ever reports counts as a false warning, though the warning may be right:
precision is a lower bound. Whoever reads warnings would have changed what came later; nobody did. Near the end of the
data there is little time left to be proven right: ``days_left`` says how much. And who is sought rests on the tool's
own linking.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl

from graphmatch.backtest.as_of import AsOf, Known, Tables, as_of, since_when
from graphmatch.backtest.line import LineOptions, Said, said
from graphmatch.backtest.lists import METHODS, lists, open_accounts, sources
from graphmatch.backtest.measures import by_date, over_all
from graphmatch.backtest.outcomes import outcomes
from graphmatch.early_warning import newest, tied
from graphmatch.early_warning.enforced import standing
from graphmatch.early_warning.places import place
from graphmatch.errors import NothingToDo, UsageError
from graphmatch.tables import TIME

__all__ = ["KS", "METHODS", "Backtest", "Known", "LineOptions", "as_of", "backtest", "dates"]

#: Lengths of lists that one analyst can look through in a morning, a day and a week.
KS = (5, 10, 20)
#: More dates than this are a mistake rather than a wish: each runs the whole line.
MOST_DATES = 400
_LOWER_BOUND = (
    "An account that nobody ever reports counts as a false warning, though the warning may be right: precision is a "
    "lower bound."
)
_OWN_OPINION = (
    "Sought are accounts that the line, run on all that is known now, ties to an account enforced by the date: the "
    "tool's own opinion, not a truth."
)
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Backtest:
    """What `backtest` found.

    Attributes
    ----------
    by_date, over_all
        As of `graphmatch.backtest.measures`.
    coverage
        A row a date: ``at, days_left, accounts`` (known), ``unreported`` (of them, who could be named), ``enforced``
        (at which a warning may begin), ``matches, actors, migrations, warnings, sought, sought_known``.
    listed
        ``at, method, rank, account_id, enforced_account_id``, down to the longest list that was asked for.
    outcomes, sought
        What came later of which account (`graphmatch.backtest.outcomes`), and whom a perfect list would have held.
    named, borne_out
        How many accounts could have been named at any of the dates, and how many of them became a hit: the precision
        of naming everybody.
    undated
        Rows of each table that were known at no date, because nothing says when they came.
    ends
        The newest time in the data.
    notes
        What a reader has to know beside the figures, in sentences.
    """

    by_date: pl.DataFrame
    over_all: pl.DataFrame
    coverage: pl.DataFrame
    listed: pl.DataFrame
    outcomes: pl.DataFrame
    sought: pl.DataFrame
    named: int
    borne_out: int
    undated: dict[str, int]
    ends: datetime
    notes: list[str]


def dates(first: datetime, last: datetime, step: timedelta) -> list[datetime]:
    """List the dates from ``first`` to ``last``, ``step`` apart.

    Raises
    ------
    UsageError
        They are the wrong way round, or too many.
    """
    if last < first:
        raise UsageError("--from lies after --to: a backtest goes from the earlier date to the later one")
    count = (last - first) // step + 1
    if count > MOST_DATES:
        raise UsageError(
            f"that makes {count:,} dates, each a run of the whole line; at most {MOST_DATES}: a longer --step"
        )
    return [first + number * step for number in range(count)]


def backtest(
    tables: Tables,
    judgements: pl.DataFrame,
    at: Sequence[datetime],
    *,
    ks: Sequence[int] = KS,
    known: Known = Known.HAPPENED,
    options: LineOptions | None = None,
    progress: Progress | None = None,
) -> Backtest:
    """Run the line as of each date, and count what became of its warnings.

    Parameters
    ----------
    tables
        All observed tables, as they are now.
    judgements
        Table ``judgements``; at each date only those given by then are obeyed.
    at
        The dates, in order, from `dates`.
    ks
        Lengths at which lists are cut.
    known
        When a report counts as known.
    options
        How the line is run; the shipped model with the defaults of a workspace if it is not said.
    progress
        Told the number of dates that are done, and of how many.

    Raises
    ------
    UsageError
        The dates lie outside of the data, or a list would have no length.
    NothingToDo
        There is no enforcement with a time, or there is only one place: nothing can be elsewhere.
    """
    options = options or LineOptions()
    ends = _checked(tables, at, ks)
    since = since_when(tables, known)
    arrivals = tables["accounts"].select("account_id").with_columns(since["accounts"].alias("since"))
    came = outcomes(tables)
    told = progress or (lambda *_: None)
    told("dates", 0, len(at) + 1)
    final = as_of(tables, judgements, ends, known)
    later = said(final, options)
    rows, found, sought, free = [], [], [], []
    for number, date in enumerate(at, 1):
        told("dates", number, len(at) + 1)
        then = as_of(tables, judgements, date, known)
        now = said(then, options)
        free.append(open_accounts(then).select("account_id", pl.lit(date, TIME).alias("at")))
        found.append(lists(then, now.warnings, arrivals))
        sought.append(_sought(then, final, later, came, options))
        rows.append(_covered(then, now, sought[-1], ends))
    told("dates", len(at) + 1, len(at) + 1)
    named = pl.concat(free).group_by("account_id").agg(pl.col("at").min()).join(came, on="account_id", how="left")
    borne_out = int((named["outcome_at"] > named["at"]).sum())
    listed = pl.concat(found).filter(pl.col("rank") <= max(ks))
    wanted = pl.concat(sought)
    return Backtest(
        by_date(listed, came, wanted, ks, options.seed),
        over_all(listed, came, wanted, METHODS, ks, options.seed),
        pl.DataFrame(rows),
        listed,
        came,
        wanted,
        named.height,
        borne_out,
        final.undated,
        ends,
        [_base_rate(named.height, borne_out), *_notes(final.undated, known)],
    )


def _sought(then: AsOf, final: AsOf, later: Said, came: pl.DataFrame, options: LineOptions) -> pl.DataFrame:
    """Find whom a perfect list would hold: nobody had said anything of them, later somebody did, and they are tied."""
    free = open_accounts(then).select("account_id", is_known=pl.lit(value=True))
    known = then.tables["accounts"].select("account_id")
    candidates = (
        final.tables["accounts"]
        .join(came.filter(pl.col("outcome_at") > then.at), on="account_id", how="semi")
        .join(free, on="account_id", how="left")
        .join(known.with_columns(was_there=pl.lit(value=True)), on="account_id", how="left")
        .filter(pl.col("is_known").is_not_null() | pl.col("was_there").is_null())
        .select("account_id", "platform", "instance", pl.col("is_known").fill_null(value=False))
    )
    pairs = tied(candidates, sources(then), later.matches, later.actors, final.judgements, least=options.least)
    return pairs.select(pl.lit(then.at, TIME).alias("at"), "account_id", "is_known").unique().sort("account_id")


def _covered(then: AsOf, now: Said, sought: pl.DataFrame, ends: datetime) -> dict[str, object]:
    return {
        "at": then.at,
        "days_left": (ends - then.at) / timedelta(days=1),
        "accounts": then.tables["accounts"].height,
        "unreported": open_accounts(then).height,
        "enforced": sources(then).height,
        "matches": now.matches.height,
        "actors": now.actors.height,
        "migrations": now.migrations.height,
        "warnings": now.warnings.height,
        "sought": sought.height,
        "sought_known": int(sought["is_known"].sum()),
    }


def _checked(tables: Tables, at: Sequence[datetime], ks: Sequence[int]) -> datetime:
    """Refuse what no backtest can be made of; give the newest time in the data."""
    if not at or not ks or min(ks) < 1:
        raise UsageError("a backtest needs a date, and lists of at least one account")
    since = [since_when(tables)[name].min() for name in ("reports", "enforcements")]
    begins = min((time for time in since if isinstance(time, datetime)), default=None)
    ends = max((time for table in tables.values() if (time := newest(table)) is not None), default=None)
    if begins is None or ends is None:
        raise NothingToDo("no report and no enforcement has a time, so that nothing can be said of the past")
    if standing(tables["enforcements"], tables["contents"])["at_latest"].drop_nulls().is_empty():
        raise NothingToDo("no sanction with a time is known: early warning begins at an account that was acted against")
    if tables["accounts"].select(place().n_unique()).item() < 2:
        raise NothingToDo("all accounts stand at one place, so that none is elsewhere; read the exports of another one")
    if at[-1] < begins or at[0] >= ends:
        raise UsageError(f"the dates lie outside of the data, which reach from {begins:%Y-%m-%d} to {ends:%Y-%m-%d}")
    if at[-1] >= ends:
        raise UsageError(
            f"nothing is known after {ends:%Y-%m-%d %H:%M}Z, so that a list of {at[-1]:%Y-%m-%d} can't be proven right "
            "or wrong; end earlier, with --to"
        )
    return ends


def _base_rate(named: int, borne_out: int) -> str:
    if not named:
        return "Nobody could have been named: no account was known before it was reported or acted against."
    return (
        f"Of {named:,} accounts that could have been named, {borne_out:,} ({borne_out / named:.0%}) were reported or "
        "sanctioned later: read precision beside this."
    )


def _notes(undated: Mapping[str, int], known: Known) -> list[str]:
    notes = [_LOWER_BOUND, _OWN_OPINION]
    if known is Known.HAPPENED:
        notes.append("Reports count from when they were made, as if each platform had told of them at once.")
    else:
        notes.append(
            "Reports count as known from when the last export that holds them was pulled; what came of an account "
            "counts from when it was."
        )
    if missing := {name: count for name, count in undated.items() if count}:
        told = ", ".join(f"{count:,} of {name}" for name, count in missing.items())
        notes.append(f"Known at no date, because nothing says when they came: {told} (rows).")
    return notes
