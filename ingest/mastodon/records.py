"""Mastodon's sanctions (account warnings) and its list of blocked e-mail digests."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from graphmatch import fields
from graphmatch.adapter import Context
from graphmatch.allegations import claim_rows
from graphmatch.errors import RejectedRecord
from graphmatch.model import Account, AccountState, Action, Enforcement, IdKind, Row, Scope, Sighting, SignalKind
from graphmatch.normalise.actions import action
from graphmatch.normalise.fediverse import post_id
from graphmatch.normalise.text import redact
from graphmatch.normalise.times import latest
from ingest.mastodon.accounts import PLATFORM, UNKNOWN_INSTANCE, account_row, home_of, public_profile, subject_rows

Record = Mapping[str, Any]

_ON_CONTENT = frozenset({Action.CONTENT_REMOVED, Action.CONTENT_RESTRICTED})
_SHA256 = re.compile(r"[0-9a-fA-F]{64}")


def warning_rows(record: Record, context: Context) -> Iterator[Row]:
    """Say what one ``AccountWarning`` holds: the account, and what was done to it or to its posts."""
    profile = public_profile(record, "target_account")
    home = home_of(profile)
    at = fields.time(record, "created_at")
    account = account_row(profile, home, context.observed_at or latest(at))
    raw = fields.required_text(record, "action")
    found = action(PLATFORM, raw)
    if found is None:
        raise RejectedRecord("the field 'action' holds a value that the table of actions does not know")
    reason = fields.text(record, "text")
    warning_id = f"{PLATFORM}:{home}:warning:{fields.required_text(record, 'id')}"
    if home == UNKNOWN_INSTANCE:
        # Numbers are each server's own, and a warning of a remote account doesn't say whose it is.
        warning_id = f"{warning_id}:{account.account_id}"

    yield from subject_rows(profile, account, context, report_id=None)
    for content_id in _content_ids(record, account) if found in _ON_CONTENT else [None]:
        yield Enforcement(
            enforcement_id=f"{warning_id}:{content_id}" if content_id else warning_id,
            platform=PLATFORM,
            source=context.source,
            action=found,
            action_raw=raw,
            scope=Scope.INSTANCE,
            account_id=account.account_id,
            content_id=content_id,
            scope_ref=home,
            at_earliest=at,
            at_latest=at,
            reason=redact(reason) if reason else None,
        )
    yield from claim_rows(reason, account, where=warning_id, asserted_by="moderator", asserted_at=at)


def _content_ids(record: Record, account: Account) -> list[str | None]:
    """Name the posts of a warning, which gives their numbers only, as reports name them: by URI."""
    uri = fields.text(record, "target_account.uri")
    numbers = fields.texts(record, "status_ids")
    if account.id_kind is not IdKind.NUMERIC or uri is None or not numbers:
        return [None]
    return [post_id(f"{uri}/statuses/{number}") for number in dict.fromkeys(numbers)]


def block_rows(record: Record, context: Context) -> Iterator[Row]:
    """Say what a canonical e-mail block holds: that some suspended account had an address with this digest."""
    sha256 = fields.required_text(record, "canonical_email_hash")
    if not _SHA256.fullmatch(sha256):
        raise RejectedRecord("the field 'canonical_email_hash' is not a SHA-256 in hexadecimal")
    digest = context.keyring.email_digest(sha256)
    native = f"email-block-{digest[:16]}"
    account = Account(
        account_id=f"{PLATFORM}:{UNKNOWN_INSTANCE}:{native}",
        platform=PLATFORM,
        instance=UNKNOWN_INSTANCE,
        native_id=native,
        id_kind=IdKind.HASHED,
        observed_at=context.observed_at,
        state=AccountState.SUSPENDED,
    )
    yield account
    yield Sighting(
        account_id=account.account_id,
        kind=SignalKind.EMAIL_HMAC,
        value=digest,
        source=context.source,
        context="registration",
        first_seen=context.observed_at,
        last_seen=context.observed_at,
    )
