"""MISP's persons, victims and impersonations → whom abuse is aimed at. Of anybody else nothing is kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from graphmatch import fields
from graphmatch.account_keys import Key, Named, key_of, platform_of
from graphmatch.adapter import Context
from graphmatch.allegations import aimed_at
from graphmatch.errors import LeftOut, RejectedRecord
from graphmatch.model import Account, Report, ReportStatus, Row, SourceKind, Specificity, Target
from graphmatch.normalise.categories import gate_of
from graphmatch.normalise.text import redact
from graphmatch.profile import profile_rows
from ingest.misp.parts import PLATFORM, About, Part, about, is_targeted

Record = Mapping[str, Any]

PERSONS = frozenset({"person", "victim"})
_TARGETS = frozenset({"target", "victim", "impersonated"})
_ACCUSED = frozenset({"suspect", "defendent", "defendant", "accused", "culprit", "accomplice"})
_IMPERSONATION = "deception.impersonation"


def person_rows(record: Record, context: Context) -> Iterator[Row]:
    """Give a person at whom abuse is aimed, by the role or by what refers to it."""
    found = fields.required_mapping(record, "Object")
    part = Part(found)
    if part.deleted:
        raise LeftOut("a person that was deleted")
    around = about(record, found, part.changed_at, context)
    targets = list(person_targets(part, around.seen, aimed_at=is_targeted(record, found)))
    if not targets:
        raise LeftOut("a person who is not said to be aimed at: persons are not kept")
    yield from targets


def person_targets(part: Part, seen: datetime | None, *, aimed_at: bool) -> Iterator[Target]:
    """Give the target that a person or a victim is; nothing of whoever else it may be."""
    roles = {role.casefold() for role in part.every("role")}
    if part.name == "victim":
        names, role = part.every("name"), ", ".join(part.every("roles"))
    elif roles & _ACCUSED or not (roles & _TARGETS or aimed_at):
        return
    else:
        full = part.one("full-name") or " ".join(part.every("first-name", "middle-name", "last-name"))
        names, role = [full] if full else [], part.one("function", "occupation") or ""
    for each in names:
        name = " ".join(redact(each).split())
        yield Target(
            f"name:{name.casefold()}", name=name, role=redact(role) or None, derivations=("intake",), observed_at=seen
        )


def impersonation_rows(record: Record, context: Context) -> Iterator[Row]:
    """Give an account that pretends to be another, as an allegation, and whom it pretends to be as its target."""
    found = fields.required_mapping(record, "Object")
    part = Part(found)
    around = about(record, found, part.changed_at, context)
    whole = part.whole() if part.deleted else part
    if (whole.one("objective") or "").casefold() == "parody":
        raise LeftOut("a parody, by its source's own word")
    platform = platform_of(whole.one("type-of-account"))
    platform = None if platform in ("other", "forum") else platform
    key = _key(whole, platform, "account-name", "account-url", context)
    targets = list(_impersonated(whole, platform, around, context))
    if key is None and (part.deleted or not targets):
        raise LeftOut("an impersonation that names no account that can be told apart")
    if not part.deleted:
        yield from targets
    if key:
        yield from _allegation(found, key, targets, around, context, deleted=part.deleted)


def _allegation(
    found: Record, key: Key, targets: list[Target], around: About, context: Context, *, deleted: bool
) -> Iterator[Row]:
    report_id = f"{PLATFORM}:{fields.required_text(found, 'uuid')}"
    account = _account(key, around.seen)
    if deleted:
        yield Account(key.account_id, key.platform, key.instance, key.native_id, key.id_kind, around.seen)
    else:
        yield from profile_rows(account, source=context.source, keyring=context.keyring, report_id=report_id)
    comment = None if deleted else fields.text(found, "comment")
    report = impersonation_report(report_id, account, comment, targets, around, context)
    yield replace(report, status=ReportStatus.DISMISSED, status_raw="deleted", target_ids=()) if deleted else report


def impersonation_report(
    report_id: str, account: Account, comment: str | None, targets: list[Target], around: About, context: Context
) -> Report:
    """Give the allegation that an account pretends to be somebody."""
    return Report(
        report_id=report_id,
        source=context.source,
        source_kind=SourceKind.INTAKE,
        platform=account.platform,
        account_id=account.account_id,
        category_raw="impersonation",
        category_reported=_IMPERSONATION,
        specificity=Specificity.EXACT,
        gate=gate_of(_IMPERSONATION),
        reported_at=around.told_at,
        observed_at=around.seen,
        reporter_ref=context.keyring.reporter(PLATFORM, around.author) if around.author else None,
        text=redact(comment) if comment else None,
        target_ids=tuple(dict.fromkeys(target.target_id for target in targets)),
    )


def _impersonated(part: Part, platform: str | None, around: About, context: Context) -> Iterator[Target]:
    """Give whom the account pretends to be: its account if it can be told apart, and its name."""
    key = _key(part, platform, "impersonated-account-name", "impersonated-account-url", context)
    if key:
        yield aimed_at(_account(key, around.seen))
    handle = part.one("impersonated-account-name") if key is None else None
    for name in (part.one("real-name"), handle):
        if name and redact(name) == name:
            shown = " ".join(name.split())
            yield Target(f"name:{shown.casefold()}", name=shown, derivations=("intake",), observed_at=around.seen)


def _key(part: Part, platform: str | None, name: str, url: str, context: Context) -> Key | None:
    try:
        return key_of(Named(platform, None, None, part.one(url), part.one(name)), context.keyring)
    except RejectedRecord:
        return None


def _account(key: Key, seen: datetime | None) -> Account:
    return Account(
        account_id=key.account_id,
        platform=key.platform,
        instance=key.instance,
        native_id=key.native_id,
        id_kind=key.id_kind,
        observed_at=seen,
        handle=key.handle,
    )
