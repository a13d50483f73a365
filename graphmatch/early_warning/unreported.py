"""Which accounts may be warned of: there, and nobody has said or decided anything about them yet. Pure."""

from __future__ import annotations

import polars as pl

from graphmatch.early_warning.enforced import of_accounts
from graphmatch.model import AccountState, Action
from graphmatch.normalise.contacts import NO_PLACES

#: What makes a target of anybody whom somebody answered; the others name the one aimed at.
WEAK_DERIVATIONS = ("mention", "reply_parent", "thread_owner", "archive")
#: What says nothing about an account: somebody wrote something down, or asked somebody to look.
_NO_DECISION = (Action.NOTE.value, Action.TRIAGE.value, Action.ESCALATED.value)


def unreported(
    accounts: pl.DataFrame,
    enforcements: pl.DataFrame,
    reports: pl.DataFrame,
    contents: pl.DataFrame,
    targets: pl.DataFrame,
) -> pl.DataFrame:
    """Find the accounts that no report is about and that their platform has decided nothing about.

    A report at any other place counts too: what matters is that somebody has pointed at *this* account. Accounts that
    are gone are left out, and so are contact addresses, and targets' own accounts.

    Returns
    -------
    polars.DataFrame
        ``account_id, platform, instance, created_at``, sorted by id.
    """
    decided = of_accounts(enforcements, contents).filter(~pl.col("action").is_in(_NO_DECISION))
    there = pl.col("state").is_null() | (pl.col("state") == AccountState.ACTIVE.value)
    return (
        accounts.filter(there & ~pl.col("platform").is_in(sorted(NO_PLACES)))
        .join(reports.select("account_id").drop_nulls().unique(), on="account_id", how="anti")
        .join(decided.select("account_id").unique(), on="account_id", how="anti")
        .filter(~_is_target(targets))
        .select("account_id", "platform", "instance", "created_at")
        .sort("account_id")
    )


def _is_target(targets: pl.DataFrame) -> pl.Expr:
    """Tell a target's own account, by id or by platform and handle.

    Whom somebody merely mentioned or answered is no target here: abusers answer each other too.
    """
    named = pl.col("derivations").list.eval(~pl.element().is_in(WEAK_DERIVATIONS)).list.any()
    aimed = targets.filter(named.fill_null(value=False) | pl.col("registered_as").is_not_null())
    ids = aimed["target_id"].implode()
    handles = aimed.select(_called()).to_series().drop_nulls().implode()
    return pl.col("account_id").is_in(ids) | _called().is_in(handles).fill_null(value=False)


def _called() -> pl.Expr:
    handle = pl.col("handle").str.strip_chars_start("@").str.to_lowercase()
    return pl.concat_str("platform", pl.lit(":"), handle)
