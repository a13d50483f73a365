"""Every removal from which an account could reappear elsewhere, and for how long it could be watched.

In: observed tables. Out: a frame that the lag ledger reads. Pure.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import polars as pl

from graphmatch.migration.facts import Facts, Removal, gather
from graphmatch.normalise.contacts import NO_PLACES
from graphmatch.tables import TEXTS, TIME

COLUMNS: dict[str, pl.DataType | type[pl.DataType]] = {
    "case_id": pl.String,
    "account_id": pl.String,
    "platform": pl.String,
    "enforcement_ids": TEXTS,
    "removed_earliest": TIME,
    "removed_latest": TIME,
    "until": TIME,
}


def removed(
    accounts: pl.DataFrame,
    enforcements: pl.DataFrame,
    reports: pl.DataFrame,
    contents: pl.DataFrame,
    sightings: pl.DataFrame,
) -> pl.DataFrame:
    """List the removals of accounts that may be the origin of a move.

    Removals of one account that follow each other without a reinstatement between are one (two sources tell of the
    same, or a ban was made permanent), which begins with the first. After a reinstatement or an expiry the next is
    another.

    Returns
    -------
    polars.DataFrame
        ``case_id`` (of the first enforcement, or the account's id where only its state shows the removal),
        ``account_id, platform, enforcement_ids``; ``removed_earliest, removed_latest``, null where not known;
        ``until``, when it was lifted or expired, null if it stands. Sorted by ``case_id``.
    """
    authors = dict(contents.drop_nulls("account_id").select("content_id", "account_id").iter_rows())
    named = set(enforcements["account_id"].drop_nulls())
    named |= {authors[name] for name in enforcements["content_id"].drop_nulls() if name in authors}
    named |= set(accounts.drop_nulls("state")["account_id"])
    facts = gather(accounts, enforcements, reports, contents, sightings, {name: [name] for name in sorted(named)})
    rows = [
        row
        for known in facts.values()
        if known.may_originate and known.platform not in NO_PLACES
        for row in _cases(known)
    ]
    return pl.DataFrame(rows, schema=COLUMNS).sort("case_id")


def _cases(known: Facts) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for removal in sorted(known.removals, key=_order):
        at = removal.span.earliest or removal.span.latest
        before = rows[-1] if rows else None
        if before is not None and (at is None or before["until"] is None or at < before["until"]):
            before["enforcement_ids"] += [removal.enforcement_id] if removal.enforcement_id else []
            before["until"] = _later(before["until"], removal.until)
            continue
        rows.append(
            {
                "case_id": removal.enforcement_id or known.account_id,
                "account_id": known.account_id,
                "platform": known.platform,
                "enforcement_ids": [removal.enforcement_id] if removal.enforcement_id else [],
                "removed_earliest": removal.span.earliest,
                "removed_latest": removal.span.latest,
                "until": removal.until,
            }
        )
    return rows


def _order(removal: Removal) -> tuple[bool, float, str]:
    """Put removals in order of time, those without one last."""
    at = removal.span.earliest or removal.span.latest
    return at is None, at.timestamp() if at else 0.0, removal.enforcement_id or ""


def _later(one: datetime | None, other: datetime | None) -> datetime | None:
    """Give the later end; one that has not come is later than any."""
    return None if one is None or other is None else max(one, other)
