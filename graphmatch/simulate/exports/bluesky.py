"""An Ozone moderation service's export: reports early and late in the campaign, events, and subject statuses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from graphmatch.simulate import ids
from graphmatch.simulate.exports.files import write_object
from graphmatch.simulate.exports.ozone import (
    ASSOCIATED,
    LABELER,
    MODERATOR,
    PREFIX,
    profile_view,
    record_subject,
    repo_view,
    shown_handle,
    status_view,
)
from graphmatch.simulate.exports.view import View
from graphmatch.simulate.world import Account, Enforcement, Outcome, Report

_REASONS = {
    "violence.threat": "tools.ozone.report.defs#reasonViolenceThreats",
    "abuse.harassment_targeted": "tools.ozone.report.defs#reasonHarassmentTargeted",
    "abuse.insult": "tools.ozone.report.defs#reasonHarassmentTroll",
    "hatred.protected_characteristic": "tools.ozone.report.defs#reasonHarassmentHateSpeech",
    "intimidation.doxxing": "tools.ozone.report.defs#reasonHarassmentDoxxing",
    "intimidation.threat_nonviolent": "tools.ozone.report.defs#reasonHarassmentOther",
    "deception.impersonation": "tools.ozone.report.defs#reasonMisleadingImpersonation",
    "deception.ban_evasion": "tools.ozone.report.defs#reasonRuleBanEvasion",
    "civic.election_misinformation": "tools.ozone.report.defs#reasonMisleadingElections",
    "other.spam": "tools.ozone.report.defs#reasonMisleadingSpam",
}
#: Older apps still send these.
_OLD_REASONS = {
    "abuse.insult": "com.atproto.moderation.defs#reasonRude",
    "other.spam": "com.atproto.moderation.defs#reasonSpam",
}
_OTHER = "tools.ozone.report.defs#reasonOther"
_FIRST_EVENT = 9001
_FIRST_REPORT = 5001
_FIRST_RECORD_STATUS = 3_000_000


@dataclass(slots=True)
class _Ledger:
    """Numbers the events in order of time, reports among them."""

    events: list[tuple[int, Report | Enforcement | Account]]
    number_of: dict[int, int]  # id() of the thing → its event's number

    @classmethod
    def of(cls, view: View) -> _Ledger:
        events: list[tuple[int, Report | Enforcement | Account]] = [(report.at, report) for report in view.reports]
        events += [(enforcement.at, enforcement) for enforcement in view.enforcements]
        events += [(account.created, account) for account in view.accounts if account.created >= ids.CAMPAIGN]
        events.sort(key=lambda event: event[0])
        return cls(events, {id(thing): _FIRST_EVENT + place for place, (_, thing) in enumerate(events)})


def write(view: View, out: Path) -> None:
    """Write ``reports_before.json``, ``reports.json``, ``events.json`` and ``statuses.json`` into ``out``."""
    ledger = _Ledger.of(view)
    for name, as_of in (("reports_before", ids.EARLY_PULL), ("reports", ids.PULL)):
        head = f'{{"cursor":"{as_of}::{_FIRST_REPORT}","reports":'
        reports = _reports(view, ledger, as_of, open_only=as_of == ids.EARLY_PULL)
        write_object(out / f"{name}.json", head, reports, "}")
    head = f'{{"cursor":"{ids.CAMPAIGN}::{_FIRST_EVENT}","events":'
    write_object(out / "events.json", head, _events(view, ledger), "}")
    head = f'{{"cursor":"{ids.CAMPAIGN}::301","subjectStatuses":'
    write_object(out / "statuses.json", head, _statuses(view), "}")


def _reports(view: View, ledger: _Ledger, as_of: int, *, open_only: bool) -> Iterator[dict[str, Any]]:
    for serial in range(len(view.reports) - 1, -1, -1):
        report = view.reports[serial]
        if report.at <= as_of and not (open_only and view.answer(report, as_of)):
            yield _report(view, ledger, report, serial, as_of)


def _reason(report: Report) -> str:
    if report.reporter % 5 == 1 and report.leaf in _OLD_REASONS:
        return _OLD_REASONS[report.leaf]
    return _REASONS.get(report.leaf, _OTHER)


def _report(view: View, ledger: _Ledger, report: Report, serial: int, as_of: int) -> dict[str, Any]:
    account, answer = view.account(report.account), view.answer(report, as_of)
    post = None if report.post is None else view.world.posts[report.post]
    status = status_view(view, account, as_of)
    reporter_did, reporter = _reporter(view, report)
    subject = {
        "type": "record" if post else "account",
        "subject": f"at://{account.native_id}" if post else account.native_id,
        "status": status,
        "repo": repo_view(view, account, as_of, status),
    }
    if not view.gone(account, as_of):
        subject["profile"] = profile_view(account)
    if post:
        record = record_subject(view, account, post)
        subject |= {"subject": record["uri"], "record": record}
    made: dict[str, Any] = {
        "id": _FIRST_REPORT + serial,
        "eventId": ledger.number_of[id(report)],
        "status": "closed" if answer else "escalated" if report.leaf == "violence.threat" else "open",
        "subject": subject,
        "reportType": _reason(report),
        "reportedBy": reporter_did,
        "reporter": reporter,
        "createdAt": ids.iso(report.at),
        "updatedAt": ids.iso(answer.at if answer else report.at),
        "subjectStatus": status,
        "relatedReportCount": view.report_counts[account.number] - 1,
        "isMuted": False,
        "isAutomated": False,
    }
    if report.comment:
        made["comment"] = report.comment
    if answer:
        made["actionEventIds"] = [ledger.number_of[id(answer)]]
        made["actions"] = [_enforcement_event(view, ledger, answer)]
    return made


def _reporter(view: View, report: Report) -> tuple[str, dict[str, Any]]:
    if report.by_target:
        target = view.world.targets[report.reporter]
        did, handle, name, created = target.did, target.handle, target.name, target.mastodon_id >> 16
    else:
        known = view.world.reporters[report.reporter]
        did, handle, name, created = known.did, known.handle, known.name, known.created
    when = ids.iso(created)
    profile = {"$type": "app.bsky.actor.profile", "createdAt": when, "description": "", "displayName": name}
    counts = {"followersCount": 117, "followsCount": 40, "postsCount": 12}
    view_detailed = {
        "$type": "app.bsky.actor.defs#profileViewDetailed",
        "did": did,
        "handle": f"{handle}.test",
        "displayName": name,
        "description": "",
        **counts,
        "associated": ASSOCIATED,
        "indexedAt": when,
        "createdAt": when,
        "labels": [],
    }
    return did, {
        "type": "account",
        "subject": did,
        "profile": view_detailed,
        "repo": {
            "did": did,
            "handle": f"{handle}.test",
            "relatedRecords": [profile],
            "indexedAt": when,
            "moderation": {},
            "labels": [],
            "invites": [],
            "invitesDisabled": False,
        },
    }


def _events(view: View, ledger: _Ledger) -> Iterator[dict[str, Any]]:
    for _, thing in reversed(ledger.events):
        if isinstance(thing, Report):
            yield _report_event(view, ledger, thing)
        elif isinstance(thing, Enforcement):
            yield _enforcement_event(view, ledger, thing)
        else:
            event = {
                "$type": f"{PREFIX}identityEvent",
                "handle": shown_handle(thing),
                "timestamp": ids.iso(thing.created),
            }
            yield _event(thing, ledger.number_of[id(thing)], event, thing.created, LABELER)


def _event(
    account: Account,
    number: int,
    event: dict[str, Any],
    at: int,
    by: tuple[str, str],
    subject: dict[str, Any] | None = None,
) -> dict[str, Any]:
    return {
        "id": number,
        "event": event,
        "subject": subject or {"$type": "com.atproto.admin.defs#repoRef", "did": account.native_id},
        "subjectBlobCids": [],
        "createdBy": by[0],
        "createdAt": ids.iso(at),
        "creatorHandle": by[1],
        "subjectHandle": shown_handle(account),
    }


def _record_reference(view: View, account: Account, number: int | None) -> dict[str, Any] | None:
    if number is None:
        return None
    record = record_subject(view, account, view.world.posts[number])
    return {"$type": "com.atproto.repo.strongRef", "uri": record["uri"], "cid": record["cid"]}


def _report_event(view: View, ledger: _Ledger, report: Report) -> dict[str, Any]:
    account = view.account(report.account)
    event = {"$type": f"{PREFIX}modEventReport", "reportType": _reason(report), "isReporterMuted": False}
    if report.comment:
        event["comment"] = report.comment
    did, reporter = _reporter(view, report)
    by = (did, str(reporter["repo"]["handle"]))
    subject = _record_reference(view, account, report.post)
    return _event(account, ledger.number_of[id(report)], event, report.at, by, subject)


def _enforcement_event(view: View, ledger: _Ledger, enforcement: Enforcement) -> dict[str, Any]:
    account = view.account(enforcement.account)
    subject = _record_reference(view, account, enforcement.post)
    number = ledger.number_of[id(enforcement)]
    made = _event(account, number, _sanction(enforcement), enforcement.at, MODERATOR, subject)
    made["modTool"] = {"name": "ozone/workspace"}
    return made


def _sanction(enforcement: Enforcement) -> dict[str, Any]:
    """Give the event that stands for an outcome."""
    outcome, words = enforcement.outcome, enforcement.reason
    if outcome is Outcome.DISMISSED:
        return {"$type": f"{PREFIX}modEventAcknowledge", "comment": words}
    if outcome is Outcome.LIMITED:
        label = {"createLabelVals": ["intimidation"], "negateLabelVals": [], "comment": words}
        return {"$type": f"{PREFIX}modEventLabel", **label}
    if outcome is Outcome.WARNED:
        return {"$type": f"{PREFIX}modEventEmail", "subjectLine": "A warning", "comment": words}
    event = {"$type": f"{PREFIX}modEventTakedown", "comment": words, "policies": ["candidate-safety"]}
    if enforcement.days is not None:
        return {**event, "durationInHours": enforcement.days * 24}
    extra = {"severityLevel": "sev-4", "strikeCount": 4, "targetServices": ["appview", "pds"]}
    return {**event, **extra, "acknowledgeAccountSubjects": True}


def _statuses(view: View) -> Iterator[dict[str, Any]]:
    """Give the status of every account, and of every post that was removed."""
    for account in view.accounts:
        yield status_view(view, account, ids.PULL)
    for number, at in sorted(view.removed_posts.items()):
        account = view.account(view.world.posts[number].account)
        yield status_view(view, account, ids.PULL) | {
            "id": _FIRST_RECORD_STATUS + number,
            "subject": _record_reference(view, account, number),
            "hosting": {"$type": f"{PREFIX}recordHosting", "status": "unknown"},
            "updatedAt": ids.iso(at),
            "reviewState": f"{PREFIX}reviewClosed",
            "takendown": True,
        }
