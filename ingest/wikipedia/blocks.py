"""An entry of the block log → the enforcement that it is, with its end."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from graphmatch import fields
from graphmatch.adapter import Context
from graphmatch.errors import LeftOut, RejectedRecord
from graphmatch.model import Action, Enforcement, Row, Scope
from graphmatch.normalise.actions import action
from graphmatch.normalise.text import redact
from graphmatch.profile import profile_rows
from ingest.wikipedia.accounts import INSTANCE, PLATFORM, account, user_name

Record = Mapping[str, Any]

_FOR_GOOD = frozenset({"infinity", "infinite", "indefinite", "never"})
_POLICY = re.compile(r"\[\[(?:WP|Wikipedia):([A-Z][A-Z0-9-]{1,20})(?=[|\]])", re.IGNORECASE)


def block_rows(record: Record, context: Context) -> Iterator[Row]:
    """Give the account and what was done to it; an entry that names no account is left out."""
    if record.get("params") == []:
        record = {**record, "params": {}}  # how PHP writes an object without anything in it
    number = fields.required_text(record, "logid")
    title = fields.text(record, "title")
    if title is None:
        raise LeftOut("an entry whose account was hidden from the log")
    _, colon, name = title.partition(":")
    blocked = account(user_name(name if colon else title), context.observed_at or fields.time(record, "timestamp"))
    raw = fields.required_text(record, "action")
    found = action(PLATFORM, raw)
    if found is None:
        raise RejectedRecord("the field 'action' is neither block, reblock nor unblock")
    at = fields.time(record, "timestamp")
    comment = fields.text(record, "comment")
    admin = fields.text(record, "user")
    ends, lasting = _end(record)
    yield from profile_rows(blocked, source=context.source, keyring=context.keyring)
    yield Enforcement(
        enforcement_id=f"{PLATFORM}:block:{number}",
        platform=PLATFORM,
        source=context.source,
        action=_refined(found, partial=fields.flag(record, "params.sitewide") is False, lasting=lasting),
        action_raw=raw,
        scope=Scope.INSTANCE,
        account_id=blocked.account_id,
        scope_ref=INSTANCE,
        at_earliest=at,
        at_latest=at,
        expires_at=ends,
        reason=redact(comment) if comment else None,
        policies=tuple(dict.fromkeys(f"WP:{name.upper()}" for name in _POLICY.findall(comment or ""))),
        by_ref=context.keyring.reporter(PLATFORM, admin) if admin else None,
    )


def _end(record: Record) -> tuple[datetime | None, bool]:
    """Tell when a block ends, and whether it is for good. Words such as "31 hours" come with the time as well."""
    ends = fields.text(record, "params.expiry")
    lasting = {(fields.text(record, "params.duration") or "").lower(), (ends or "").lower()} & _FOR_GOOD
    return (None if lasting else fields.time(record, "params.expiry")), bool(lasting)


def _refined(found: Action, *, partial: bool, lasting: bool) -> Action:
    if found is not Action.ACCOUNT_SUSPENDED_TEMP:
        return found
    if partial:
        return Action.ACCOUNT_LIMITED  # from some pages only
    return Action.ACCOUNT_SUSPENDED_PERM if lasting else found
