"""A server's list of bans and its list of members → enforcements without a time, and profiles."""

from __future__ import annotations

from collections.abc import Iterator

from graphmatch import fields
from graphmatch.adapter import Context, Options
from graphmatch.allegations import claim_rows
from graphmatch.errors import LeftOut
from graphmatch.model import Action, Enforcement, Row, Scope
from graphmatch.normalise.text import redact
from graphmatch.normalise.times import latest
from ingest.discord.accounts import PLATFORM, Record, account_rows, api_account
from ingest.discord.audit import BAN, ban_id


def ban_rows(record: Record, context: Context) -> Iterator[Row]:
    """Give the rows of one entry of a server's list of bans. It has no time: the audit log has, for 45 days."""
    account = api_account(record, "user", context.observed_at)
    if account is None:
        raise LeftOut("a ban of an account that Discord names no longer")
    reason = fields.text(record, "reason")
    enforcement_id = ban_id(account, reason, context.keyring)
    yield from account_rows(account, context)
    yield Enforcement(
        enforcement_id=enforcement_id,
        platform=PLATFORM,
        source=context.source,
        action=Action.COMMUNITY_BAN_PERM,
        action_raw=BAN,
        scope=Scope.COMMUNITY,
        account_id=account.account_id,
        reason=redact(reason) if reason else None,
    )
    yield from claim_rows(reason, account, where=enforcement_id, asserted_by="moderator")


def member_rows(record: Record, context: Context, options: Options) -> Iterator[Row]:
    """Give the rows of one member's profile; where accounts were named, those of nobody else."""
    seen = context.observed_at or latest(fields.time(record, "joined_at"), fields.time(record, "premium_since"))
    account = api_account(record, "user", seen)
    if account is None:
        raise LeftOut("a member whom Discord names no longer")
    if not options.wants(account.native_id, fields.text(record, "user.username")):
        raise LeftOut("a member who is none of the accounts that were named")
    yield from account_rows(account, context, nickname=fields.text(record, "nick"))
