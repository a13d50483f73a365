"""A report as it is sent to Coop (``POST /api/v1/report``) → the account, the contents, whom they aim at, the report.

The body names no author, thread or target by itself: an item's data does, in the platform's own fields. What stands
beside the reported item (the thread, the author's other posts) is by others or was not reported: it is not kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from graphmatch import fields
from graphmatch.adapter import Context
from graphmatch.allegations import alleged_category, claim_rows
from graphmatch.model import Account, Content, Report, Row, SourceKind, Specificity, Target
from graphmatch.normalise.categories import CONTENT_FREE, Category, category, gate_of
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
    refs_at,
)
from ingest.coop.tenant import NAME, USER, Tenant

#: How Coop's table of categories writes that the reporter ticked the box.
_CSAM = "csam=true"
_AUTOMATED = "rule"


@dataclass(frozen=True, slots=True)
class _Body:
    """A body, read once. ``shown`` are all items of it that come with data."""

    item: Item
    thread: tuple[Item, ...]
    tagged: tuple[Ref, ...]
    shown: dict[Ref, Item]
    user_types: frozenset[str]
    reporter: Ref | None
    automated: bool
    reported_at: datetime | None
    seen: datetime | None

    def whole(self, ref: Ref) -> Item:
        """Give the item of this identity, with its data if the body shows it anywhere."""
        return self.shown.get(ref) or Item(ref, {}, self.item.tenant)

    def author(self, item: Item) -> Ref | None:
        """Name who wrote an item; of a user it is the user."""
        if kind_of(item, self.user_types) == USER:
            return item.ref
        user_type = next(iter(self.user_types)) if len(self.user_types) == 1 else None
        return next(iter(item.refs("author", user_type)), None)


def report_rows(record: Record, context: Context, tenant: Tenant) -> Iterator[Row]:
    """Say what one report holds."""
    body = _read(record, context, tenant)
    policy, reason = (fields.text(record, f"reportedForReason.{name}") for name in ("policyId", "reason"))
    csam = fields.flag(record, "reportedForReason.csam")
    found = _category(tenant, policy, reason, csam=bool(csam))
    free = found.leaf == CONTENT_FREE
    report_id = _report_id(record, body, context, policy, reason)
    targets = {} if free else _targets(body, context)
    accounts, contents = _reported(body, context, tuple(targets), content_free=free)

    for author in accounts:
        yield from account_rows(body.whole(author), context, body.seen, report_id, bare=free)
    yield from targets.values()
    yield from contents
    subject = _account(body, accounts[0], context) if len(accounts) == 1 else None
    yield Report(
        report_id=report_id,
        source=context.source,
        source_kind=SourceKind.AUTOMATED_FLAG if body.automated else SourceKind.REPORT,
        platform=tenant.platform,
        account_id=subject.account_id if subject else None,
        category_raw=_CSAM if csam else redact(policy) if policy else None,
        category_reported=found.leaf,
        specificity=found.specificity,
        gate=found.gate,
        reported_at=body.reported_at,
        observed_at=body.seen,
        reporter_ref=_reporter(body, context),
        reporter_is_target=_is_target(body, targets, context),
        text=redact(reason) if reason and not free else None,
        content_ids=tuple(content.content_id for content in contents),
        target_ids=tuple(targets),
    )
    if subject and not free:
        yield from claim_rows(reason, subject, where=report_id, report_id=report_id, asserted_at=body.reported_at)


def _read(record: Record, context: Context, tenant: Tenant) -> _Body:
    item = item_at(record, "reportedItem", tenant)
    thread = items_at(record, "reportedItemThread", tenant)
    beside = items_at(record, "additionalItems", tenant)
    kind = fields.text(record, "reporter.kind")
    reporter = ref_at(record, "reporter") if kind != _AUTOMATED else None
    # Whoever reports is a user, and so is whoever wrote something: their types are users' types.
    user_types = {name for name, kind in tenant.kinds.items() if kind == USER}
    user_types |= {reporter.type_id} if reporter else set()
    user_types |= {ref.type_id for one in (item, *thread, *beside) for ref in one.refs("author")}
    user_types -= {name for name, kind in tenant.kinds.items() if kind != USER}
    reported_at = fields.time(record, "reportedAt")
    return _Body(
        item=item,
        thread=tuple(thread),
        tagged=tuple(refs_at(record, "reportedItemsInThread")),
        shown={one.ref: one for one in (*thread, *beside, item)},
        user_types=frozenset(user_types),
        reporter=reporter,
        automated=kind == _AUTOMATED,
        reported_at=reported_at,
        seen=context.observed_at or reported_at,
    )


def _category(tenant: Tenant, policy: str | None, reason: str | None, *, csam: bool) -> Category:
    if csam:
        return category(NAME, _CSAM)
    leaf = tenant.policies.get(policy or "")
    return Category(leaf, Specificity.EXACT, gate_of(leaf)) if leaf else alleged_category(NAME, policy, reason)


def _report_id(record: Record, body: _Body, context: Context, policy: str | None, reason: str | None) -> str:
    """Give Coop's own id if whoever kept the body also kept the answer; else one made of what the body says."""
    number = fields.text(record, "reportId")
    if number is None:
        who = fields.text(record, "reporter.id"), fields.text(record, "reporter.typeId")
        when = fields.text(record, "reportedAt")
        what = [body.item.tenant.instance, body.item.ref, who, when, policy, reason]
        number = context.keyring.digest("report", repr(what))[:16]
    return body.item.tenant.id_of(f"report:{redact(number)}")


def _reported(
    body: _Body, context: Context, target_ids: tuple[str, ...], *, content_free: bool
) -> tuple[list[Ref], list[Content]]:
    """List who is reported, and for what.

    A thread has no author of its own: then the messages tagged in it say who is. Tagged messages by others than the
    reported item's author are left out, for the report is not about them.
    """
    item, author = body.item, body.author(body.item)
    contents = [] if author == item.ref else [item]
    authors = [author] if author else []
    for ref in body.tagged:
        tagged = body.whole(ref)
        by = body.author(tagged) if tagged.data else author
        if (ref != item.ref and by in (author, None)) or author is None:
            contents.append(tagged)
            authors += [by] if by and by not in authors else []
    rows: dict[str, Content] = {}
    for content in contents:
        by = body.author(content) if content.data else None
        row = content_row(
            content,
            context.keyring,
            _account(body, by, context).account_id if by else None,
            body.seen,
            target_ids=target_ids,
            content_free=content_free,
        )
        rows.setdefault(row.content_id, row)
    return authors, list(rows.values())


def _account(body: _Body, ref: Ref, context: Context) -> Account:
    return account_row(body.whole(ref), context.keyring, body.seen, bare=True)


def _targets(body: _Body, context: Context) -> dict[str, Target]:
    """Derive whom the item aims at: whom it names or answers, else whoever began the thread. Coop names no target."""
    author = body.author(body.item)
    found: dict[Ref, str] = {}
    for ref in body.item.refs("parent"):
        by = body.author(body.whole(ref))
        found |= {by: "reply_parent"} if by else {}
    user_type = next(iter(body.user_types)) if len(body.user_types) == 1 else None
    found = {**dict.fromkeys(body.item.refs("mentions", user_type), "mention"), **found}
    if not found and author:
        # Messages without a time stay where they are listed.
        first = min(
            body.thread, key=lambda one: one.time("created_at")[0] or datetime.max.replace(tzinfo=UTC), default=None
        )
        opener = body.author(first) if first else None
        found = {opener: "thread_owner"} if opener else {}
    return {
        target.target_id: target
        for ref, how in found.items()
        if ref != author
        for target in (_target(body, ref, how, context),)
    }


def _target(body: _Body, ref: Ref, derivation: str, context: Context) -> Target:
    account = _account(body, ref, context)
    return Target(
        target_id=account.account_id.lower(),
        platform=account.platform,
        handle=account.handle,
        derivations=(derivation, "reporter") if ref == body.reporter else (derivation,),
        observed_at=body.seen,
    )


def _reporter(body: _Body, context: Context) -> str | None:
    if body.reporter is None:
        return None
    return context.keyring.reporter(body.item.tenant.platform, f"{body.reporter.type_id}:{body.reporter.item_id}")


def _is_target(body: _Body, targets: dict[str, Target], context: Context) -> bool | None:
    if body.reporter is None or not targets:
        return None
    return _account(body, body.reporter, context).account_id.lower() in targets
