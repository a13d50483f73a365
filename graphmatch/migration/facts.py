"""What is known of each account: when it came, acted and was enforced against, and whether it may take part in a move.

In: observed tables. Out: `Facts` by account id. Pure.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import polars as pl

from graphmatch.migration.times import LONGEST_DAY, Span, creation
from graphmatch.model import LESSER_SANCTIONS, REMOVALS, AccountState, Action, Gate, ReportStatus, Scope, SignalKind
from graphmatch.normalise.fediverse import FAMILY, MEMBERS

_ON_CONTENT = frozenset({Action.CONTENT_REMOVED, Action.CONTENT_RESTRICTED, Action.LABEL})
_TAKEN_DOWN = (AccountState.SUSPENDED, AccountState.TAKENDOWN)
#: The context of a sighting that is the platform's own record of a move (other declarations are profile text).
MOVED = "moved"


@dataclass(frozen=True, slots=True)
class Removal:
    """An enforcement that took an account off a place, until ``until`` if it ended.

    ``is_misdated``: its source dates it before the account was made. One of the two times is wrong, so ``span`` has no
    latest end.
    """

    action: Action | None  # None: only seen to be suspended
    span: Span
    scope: Scope
    scope_ref: str | None = None
    enforcement_id: str | None = None
    until: datetime | None = None
    undone: bool = False
    is_misdated: bool = False


@dataclass(slots=True)
class Facts:
    """One account. ``acts`` are the dated moments at which it is known to have acted; ``abuse`` those reported."""

    account_id: str
    platform: str
    instance: str
    handle: str | None = None
    arrival: Span = field(default_factory=Span)
    acts: list[datetime] = field(default_factory=list)
    abuse: list[datetime] = field(default_factory=list)
    removals: list[Removal] = field(default_factory=list)
    enforced: list[datetime] = field(default_factory=list)  # by when each thing done to it was done
    is_sanctioned: bool = False
    is_restored: bool = False
    is_past_debate: bool = False
    dismissed: int = 0
    reports: list[tuple[datetime | None, str]] = field(default_factory=list)  # those not dismissed
    communities: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)  # account ids of the same actor that its profile names
    moved_to: set[str] = field(default_factory=set)

    def is_other_view_of(self, other: Facts) -> bool:
        """Tell whether both are one account of the fediverse: its own server keys it otherwise than the others do."""
        if not (self.handle and other.handle and self.instance == other.instance and "." in self.instance):
            return False
        federate = {self.platform, other.platform} <= {FAMILY, *MEMBERS}
        return federate and self.handle.casefold() == other.handle.casefold()

    @property
    def may_originate(self) -> bool:
        """Whether the account may be the origin of a move.

        Reports alone never suffice, however many: mass reporting is a weapon. It takes a removal that stands; or a
        lesser or lifted sanction together with a report that is past the debate gate and was not dismissed.
        """
        if any(not removal.undone for removal in self.removals):
            return True
        return (self.is_sanctioned or bool(self.removals)) and self.is_past_debate

    @property
    def may_receive(self) -> bool:
        """Whether the account may be a destination: enforced against, or reported past debate and not mostly cleared.

        Where moderators dismissed as many reports as not, the account is more likely mass-reported than abusive. Who
        is reported for strongly felt debate alone has gone nowhere to abuse.
        """
        if self.removals or self.is_sanctioned:
            return True
        return self.is_past_debate and len(self.reports) > self.dismissed

    @property
    def place(self) -> tuple[str, str]:
        """The platform and the instance."""
        return self.platform, self.instance


def gather(
    accounts: pl.DataFrame,
    enforcements: pl.DataFrame,
    reports: pl.DataFrame,
    contents: pl.DataFrame,
    sightings: pl.DataFrame,
    siblings: dict[str, list[str]],
) -> dict[str, Facts]:
    """Gather the facts of the accounts in ``siblings`` (each with the accounts of its actor)."""
    facts: dict[str, Facts] = {}
    profiles = {row["account_id"]: row for row in _of(accounts, siblings).iter_rows(named=True)}
    for account_id in siblings:
        platform, _, rest = account_id.partition(":")
        row = profiles.get(account_id, {"platform": platform, "instance": rest.partition(":")[0]})
        facts[account_id] = Facts(account_id, row["platform"], row["instance"], row.get("handle"))
    author = dict(contents.drop_nulls("account_id").select("content_id", "account_id").iter_rows())
    _read_contents(facts, contents)
    _read_reports(facts, reports, dict(contents.select("content_id", "created_at").iter_rows()))
    _read_enforcements(facts, enforcements, author)
    for account_id, known in facts.items():
        known.acts.sort()
        known.abuse.sort()
        known.reports.sort(key=lambda r: (r[0] is None, r[0].timestamp() if r[0] else 0.0, r[1]))
        _read_profile(known, profiles.get(account_id, {}))
    for name, other, moved, _ in declarations(sightings, accounts, siblings):
        (facts[name].moved_to if moved else facts[name].names).add(other)
    return facts


def _of(rows: pl.DataFrame, wanted: Iterable[str]) -> pl.DataFrame:
    return rows.filter(pl.col("account_id").is_in(list(wanted)))


def _read_contents(facts: dict[str, Facts], contents: pl.DataFrame) -> None:
    for row in _of(contents, facts).select("account_id", "created_at", "url").iter_rows(named=True):
        known = facts[row["account_id"]]
        if row["created_at"] is not None:
            known.acts.append(row["created_at"])
        if row["url"]:
            known.communities |= {part.lower() for part in _path(row["url"]) if part}


def _path(url: str) -> list[str]:
    try:
        return urlsplit(url).path.split("/")
    except ValueError:
        return []


def _read_reports(facts: dict[str, Facts], reports: pl.DataFrame, written: dict[str, datetime | None]) -> None:
    """Note reports that were not dismissed. Where no content is dated, the report itself dates the abuse."""
    for row in _of(reports, facts).iter_rows(named=True):
        known = facts[row["account_id"]]
        if row["status"] == ReportStatus.DISMISSED:
            known.dismissed += 1
            continue
        known.is_past_debate |= row["gate"] != Gate.DEBATE
        dated = [moment for name in row["content_ids"] if (moment := written.get(name)) is not None]
        moments = dated or [row["reported_at"]] if row["reported_at"] or dated else []
        known.abuse += moments
        known.acts += [moment for moment in moments if not dated]
        known.reports.append((min(moments, default=None), row["report_id"]))


def _read_enforcements(facts: dict[str, Facts], enforcements: pl.DataFrame, author: dict[str, str]) -> None:
    by_account: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in enforcements.sort("enforcement_id").iter_rows(named=True):
        account_id = row["account_id"] or author.get(row["content_id"])
        if account_id in facts:
            by_account[account_id].append(row)
    for account_id, rows in by_account.items():
        known = facts[account_id]
        known.enforced = [row["at_latest"] for row in rows if row["at_latest"] is not None]
        for row in rows:
            if row["scope"] == Scope.COMMUNITY and row["scope_ref"]:
                known.communities.add(_community(row["scope_ref"]))
            lifts = [other for other in rows if _lifts(other, row)]
            known.is_restored |= row["action"] == Action.ACCOUNT_RESTORED
            if row["action"] in REMOVALS:
                known.removals.append(_removal(row, lifts))
            elif row["action"] in LESSER_SANCTIONS and not lifts:
                known.is_sanctioned = True


def _community(ref: str) -> str:
    return ref.rstrip("/").rpartition("/")[2].lower()


def _lifts(lift: dict[str, Any], row: dict[str, Any]) -> bool:
    """Whether ``lift`` takes ``row`` back. Where their order is not known it does: doubt favours the account."""
    if lift["action"] == Action.CONTENT_RESTORED:
        same = row["action"] in _ON_CONTENT and lift["content_id"] in (None, row["content_id"])
    elif lift["action"] == Action.ACCOUNT_RESTORED:
        here = {lift["scope_ref"], row["scope_ref"]} if lift["scope"] == Scope.COMMUNITY else set()
        same = row["action"] not in _ON_CONTENT and (len(here - {None}) < 2)
    else:
        return False
    ordered = lift["at_latest"] is None or row["at_earliest"] is None or lift["at_latest"] >= row["at_earliest"]
    return bool(same and ordered)


def _removal(row: dict[str, Any], lifts: list[dict[str, Any]]) -> Removal:
    """Make a removal. It ends when it was lifted or expired: at once, if nobody knows when it was lifted."""
    ends = [lift["at_earliest"] or row["at_earliest"] or row["at_latest"] for lift in lifts]
    ends += [row["expires_at"]]
    return Removal(
        Action(row["action"]),
        Span(row["at_earliest"], row["at_latest"]),
        Scope(row["scope"]),
        row["scope_ref"],
        row["enforcement_id"],
        min((end for end in ends if end is not None), default=None),
        undone=bool(lifts),
    )


def _read_profile(known: Facts, row: dict[str, Any]) -> None:
    """Read arrival and last activity, and a suspension that only the account's state shows."""
    if row.get("last_active") is not None:
        known.acts = sorted([*known.acts, row["last_active"]])
    _read_arrival(known, row)
    if not known.removals and not known.is_restored and row.get("state") in _TAKEN_DOWN:
        known.removals.append(Removal(None, Span(None, row["state_at"]), Scope.INSTANCE))


def _read_arrival(known: Facts, row: dict[str, Any]) -> None:
    """Bound when the account was made. What was done to it shows that it was there, unless the two times contradict."""
    seen = [*known.acts[:1], row.get("first_observed_at")]
    seen_by = min((moment for moment in seen if moment is not None), default=None)
    stated = row.get("created_at"), row.get("created_at_precision")
    known.arrival = creation(*stated, seen_by, LONGEST_DAY)
    made = known.arrival.earliest
    if made is not None and any(moment < made for moment in known.enforced):
        known.arrival = Span(None, known.arrival.latest)
        known.removals = [_misdated(removal, made) for removal in known.removals]
    else:
        seen_by = min([*known.enforced, *([seen_by] if seen_by else [])], default=None)
        known.arrival = creation(*stated, seen_by, LONGEST_DAY)


def _misdated(removal: Removal, made: datetime) -> Removal:
    latest = removal.span.latest
    if latest is None or latest >= made:
        return removal
    return replace(removal, span=Span(removal.span.earliest, None), is_misdated=True)


def declarations(
    sightings: pl.DataFrame, accounts: pl.DataFrame, siblings: Mapping[str, Sequence[str]]
) -> Iterator[tuple[str, str, bool, datetime | None]]:
    """Find who names whom: the account, a sibling that it names, whether its platform records a move, since when.

    A declared value is ``platform:instance:handle`` or an account id.
    """
    profiles = {row["account_id"]: row for row in _of(accounts, siblings).iter_rows(named=True)}
    callers: dict[str, set[str]] = defaultdict(set)
    for other in siblings:
        for call in _calls(other, profiles.get(other, {})):
            callers[call].add(other)
    declared = _of(sightings.filter(pl.col("kind") == SignalKind.DECLARED.value), siblings)
    for account_id, value, context, seen in declared.select("account_id", "value", "context", "first_seen").iter_rows():
        for other in callers.get(value.lower(), set()).intersection(siblings[account_id]) - {account_id}:
            yield account_id, other, context == MOVED, seen


def _calls(account_id: str, row: dict[str, Any]) -> set[str]:
    handle = (row.get("handle") or "").lower().removeprefix("@")
    if not handle:
        return {account_id.lower()}
    # Servers of the fediverse name each other's accounts without knowing what runs there.
    names = {row["platform"], FAMILY} if row["platform"] in MEMBERS else {row["platform"]}
    return {account_id.lower(), *(f"{platform}:{row['instance']}:{handle}".lower() for platform in names)}
