"""What Coop sends back (an action, the decision on an appeal) and appeals themselves → enforcements.

A callback bears no time: an action was done before the file was pulled, or before somebody appealed against it, and
no more is known. The same action on the same item under the same policies is one enforcement, however often it is
delivered. The moderator's address is read by nobody.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from graphmatch import fields
from graphmatch.adapter import Context
from graphmatch.allegations import claim_rows
from graphmatch.errors import LeftOut, RejectedRecord
from graphmatch.model import Account, Action, Enforcement, Row, Scope
from graphmatch.normalise.actions import action as action_of
from graphmatch.normalise.categories import CONTENT_FREE
from graphmatch.normalise.text import redact
from ingest.coop.items import (
    Item,
    Record,
    Ref,
    account_row,
    account_rows,
    content_row,
    item_at,
    items_at,
    kind_of,
    ref_at,
)
from ingest.coop.tenant import NAME, USER, Tenant

#: What is done to a content → the same done to an account, where the item is a user.
_ON_USER = {
    Action.CONTENT_REMOVED: Action.ACCOUNT_TERMINATED,
    Action.CONTENT_RESTRICTED: Action.ACCOUNT_LIMITED,
    Action.CONTENT_RESTORED: Action.ACCOUNT_RESTORED,
}
_ACCEPTED, _REJECTED = "ACCEPT", "REJECT"


@dataclass(frozen=True, slots=True)
class _Subject:
    """The item that was acted on, and whose it is."""

    item: Item
    user: Item | None
    is_user: bool


def action_rows(record: Record, context: Context, tenant: Tenant) -> Iterator[Row]:
    """Say what an action callback holds."""
    item = item_at(record, "item", tenant)
    subject = _subject(item, ref_at(record, "creator"), fields.text(record, "item.typeName"))
    raw = fields.required_text(record, "action.id")
    policies = fields.items(record, "policies")
    reason = fields.text(record, "decisionReason") or fields.text(record, "custom.reason")
    if CONTENT_FREE in {tenant.policies.get(fields.text(policy, "id") or "") for policy in policies}:
        reason = None
    found = _enforcement(subject, raw, _ids(policies), context, until=context.observed_at)
    if found is None:
        raise LeftOut("an action whose id says nothing; name it in the mapping's [coop.actions]")
    yield from _subject_rows(subject, context, context.observed_at)
    names = (fields.text(policy, "name") or fields.text(policy, "id") for policy in policies)
    yield replace(found, reason=redact(reason) if reason else None, policies=tuple(redact(n) for n in names if n))
    if subject.user:
        account = account_row(subject.user, context.keyring, None, bare=True)
        for words in (reason, fields.text(record, "actorNote")):
            yield from claim_rows(words, account, where=found.enforcement_id, asserted_by="moderator")


def appeal_rows(record: Record, context: Context, tenant: Tenant) -> Iterator[Row]:
    """Say what an appeal tells of the actions that it is against; the words of whoever appeals are not kept."""
    item = item_at(record, "actionedItem", tenant)
    subject = _subject(item, ref_at(record, "appealedBy"), None)
    at = fields.time(record, "appealedAt")
    seen = context.observed_at or at
    policies = _ids(fields.items(record, "violatingPolicies"))
    content_free = CONTENT_FREE in {tenant.policies.get(policy) for policy in policies}
    taken = fields.texts(record, "actionsTaken")
    found = [one for raw in taken if (one := _enforcement(subject, raw, policies, context, until=at or seen))]
    if not found:
        raise LeftOut("an appeal against actions whose ids say nothing; name them in the mapping's [coop.actions]")
    beside = {one.ref: one for one in items_at(record, "additionalItems", tenant)}
    if subject.user and not subject.is_user:
        subject = _Subject(item, beside.get(subject.user.ref, subject.user), is_user=False)
    yield from _subject_rows(subject, context, seen, content_free=content_free)
    yield from found


def decision_rows(record: Record, context: Context, tenant: Tenant) -> Iterator[Row]:
    """Say what the decision on an appeal holds: one that was accepted takes the action back."""
    subject = _subject(
        item_at(record, "item", tenant), ref_at(record, "appealedBy"), fields.text(record, "item.typeName")
    )
    decision = fields.required_text(record, "appealDecision")
    if decision == _REJECTED:
        raise LeftOut("an appeal that was rejected: the action stands")
    if decision != _ACCEPTED:
        raise RejectedRecord("the field 'appealDecision' is neither ACCEPT nor REJECT")
    number = fields.required_text(record, "appealId")
    restored = _made(subject, Action.CONTENT_RESTORED, f"appealDecision {decision}", context, context.observed_at)
    yield from _subject_rows(subject, context, context.observed_at)
    yield replace(restored, enforcement_id=tenant.id_of(f"appeal:{redact(number)}"))


def _subject(item: Item, user: Ref | None, type_name: str | None) -> _Subject:
    """Tell whether the item is a user: it is the one whom the action concerns, or its type says so."""
    is_user = (
        item.ref == user
        or kind_of(item, {user.type_id} if user else ()) == USER
        or (not item.data and item.ref.type_id not in item.tenant.kinds and (type_name or "").casefold() == USER)
    )
    if is_user:
        return _Subject(item, item, is_user=True)
    return _Subject(item, Item(user, {}, item.tenant) if user else None, is_user=False)


def _ids(policies: list[Record]) -> list[str]:
    return sorted({policy for one in policies if (policy := fields.text(one, "id"))})


def _subject_rows(
    subject: _Subject, context: Context, seen: datetime | None, *, content_free: bool = False
) -> Iterator[Row]:
    account: Account | None = None
    if subject.user:
        yield from account_rows(subject.user, context, seen, None, bare=content_free)
        account = account_row(subject.user, context.keyring, seen, bare=True)
    if not subject.is_user:
        account_id = account.account_id if account else None
        yield content_row(subject.item, context.keyring, account_id, seen, content_free=content_free)


def _enforcement(
    subject: _Subject, raw: str, policies: list[str], context: Context, *, until: datetime | None
) -> Enforcement | None:
    """Give the enforcement that an action is; ``None`` if neither the mapping nor its name says what it does."""
    tenant = subject.item.tenant
    found = tenant.actions.get(raw) or action_of(NAME, raw)
    if found in (None, Action.TRIAGE):
        return None
    made = _made(subject, found, raw, context, until)
    what = [tenant.instance, subject.item.ref, raw, policies]
    number = context.keyring.digest("enforcement", repr(what))[:16]
    return replace(made, enforcement_id=tenant.id_of(f"action:{number}"))


def _made(subject: _Subject, found: Action, raw: str, context: Context, until: datetime | None) -> Enforcement:
    tenant, keyring = subject.item.tenant, context.keyring
    on = _ON_USER.get(found, found) if subject.is_user else found
    content = None if subject.is_user else content_row(subject.item, keyring, None, None, content_free=True)
    return Enforcement(
        enforcement_id="",
        platform=tenant.platform,
        source=context.source,
        action=on,
        action_raw=redact(raw),
        scope=Scope.PLATFORM,
        account_id=account_row(subject.user, keyring, None, bare=True).account_id if subject.user else None,
        content_id=content.content_id if content else None,
        at_latest=until,
    )
