"""Why an account is warned of, in short plain sentences: no handle, no text, no target, nobody's name."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import polars as pl

from graphmatch.estimative import figure
from graphmatch.model import Action
from graphmatch.tables import TEXTS

_DONE = {
    Action.ACCOUNT_SUSPENDED_TEMP: "suspended for a time",
    Action.ACCOUNT_SUSPENDED_PERM: "suspended",
    Action.LOGIN_DISABLED: "locked out",
    Action.ACCOUNT_TERMINATED: "terminated",
    Action.COMMUNITY_BAN_TEMP: "banned for a time from one community",
    Action.COMMUNITY_BAN_PERM: "banned from one community",
    Action.WARNING: "warned",
    Action.LABEL: "labelled",
    Action.CONTENT_REMOVED: "made to lose a post",
    Action.CONTENT_RESTRICTED: "made to lose reach for a post",
    Action.ACCOUNT_LIMITED: "limited",
    Action.TIMEOUT: "timed out",
    Action.MUTED: "muted",
    Action.DEMONETISED: "demonetised",
    Action.SERVICE_RESTRICTED: "restricted",
}


def with_reasons(found: pl.DataFrame) -> pl.DataFrame:
    """Add ``reasons`` to warnings."""
    told = [_reasons(row) for row in found.iter_rows(named=True)]
    return found.with_columns(pl.Series("reasons", told, TEXTS))


def _reasons(row: dict[str, Any]) -> list[str]:
    here, there = _place(row["platform"], row["instance"]), _place(row["enforced_platform"], row["enforced_instance"])
    done = _DONE[Action(row["action"])]
    age = f"{row['days_since']:.0f} days before {row['as_of'].astimezone(UTC):%Y-%m-%d}"
    dismissed = f", {row['dismissed']} more dismissed" if row["dismissed"] else ""
    holds = "1 report" if row["held"] == 1 else f"{row['held']} reports"
    within = "within one suspected actor" if row["actor_id"] else "by one match, in no actor together"
    reasons = [
        f"an account on {there} was {done} {_when(row['enforced_earliest'], row['enforced_latest'])}, {age}",
        f"{holds} about that account past the debate gate, at most {row['gate']}{dismissed}",
        f"linked to it with probability {figure(row['match_probability'])}, {row['link_standing']}, {within}",
        f"no report about this account and no decision on {here} is known",
    ]
    if row["others"]:
        more = "1 more enforced account" if row["others"] == 1 else f"{row['others']} more enforced accounts"
        reasons.append(f"tied to {more}, which raises nothing")
    return reasons


def _place(platform: str, instance: str) -> str:
    """Name the platform, and the server where there are many."""
    return f"{platform} ({instance})" if "." in instance else platform


def _when(earliest: datetime | None, latest: datetime | None) -> str:
    if earliest is None or latest is None:
        known = latest if earliest is None else earliest
        assert known is not None
        return f"{'by' if earliest is None else 'from'} {_minute(known)}"
    if earliest == latest:
        return f"on {_minute(earliest)}"
    return f"between {_minute(earliest)} and {_minute(latest)}"


def _minute(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%MZ}"
