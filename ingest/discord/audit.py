"""Entries of a server's audit log → enforcements, with whom they are about joined from beside them.

An entry's id holds its time. Which numbers are sanctions stands in ``action_map.csv``; what needs more than the number
(a time-out and its end, a ban that was lifted) is told apart here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from graphmatch import fields
from graphmatch.adapter import Context
from graphmatch.allegations import claim_rows
from graphmatch.errors import LeftOut, RejectedRecord
from graphmatch.model import Account, Action, Enforcement, Row, Scope
from graphmatch.normalise.actions import action as action_of
from graphmatch.normalise.contacts import Keyring
from graphmatch.normalise.text import redact
from graphmatch.normalise.times import from_discord_id
from ingest.discord.accounts import (
    PLATFORM,
    Record,
    account_row,
    account_rows,
    api_account,
    required_snowflake,
    snowflake,
)

BAN = "22"
_MEMBER_PRUNE, _MEMBER_UPDATE, _BULK_DELETE = 21, 24, 73
_AUTOMOD = range(143, 147)
_AUTOMOD_TIMEOUT, _TIMEOUT_ACTION = 145, 3
_TIMED_OUT = "communication_disabled_until"
#: Lists beside the entries whose things name the server; the page itself does not.
_OF_THE_SERVER = ("auto_moderation_rules", "threads", "webhooks", "guild_scheduled_events", "application_commands")


@dataclass(frozen=True, slots=True)
class _Act:
    """What was done, and until when."""

    action: Action
    until: datetime | None = None


def page_entries(page: dict[str, Any]) -> Iterator[object]:
    """Give the entries of one page, each with its target's profile, the rule that it names, and the server's id.

    Raises
    ------
    RejectedRecord
        The page has no list of entries.
    """
    entries = page.get("audit_log_entries")
    if not isinstance(entries, list):
        raise RejectedRecord("the field 'audit_log_entries' is missing or no list")
    users = {str(user["id"]): user for user in _things(page, "users") if isinstance(user.get("id"), str | int)}
    rules = [rule for rule in _things(page, "auto_moderation_rules") if isinstance(rule.get("name"), str)]
    named = (thing.get("guild_id") for name in _OF_THE_SERVER for thing in _things(page, name))
    guild = next((found for found in named if found), None)
    for entry in entries:
        if not isinstance(entry, dict):
            yield entry
            continue
        beside = {"target": users.get(str(entry.get("target_id"))), "rule": _rule(entry, rules), "guild_id": guild}
        yield {**{name: value for name, value in beside.items() if value}, **entry}


def entry_rows(record: Record, context: Context) -> Iterator[Row]:
    """Give the rows of one entry; what is no sanction of an account is left out."""
    entry_id = required_snowflake(record, "id")
    at = from_discord_id(entry_id)
    number = fields.integer(record, "action_type")
    if number is None:
        raise RejectedRecord("the field 'action_type' is missing or blank")
    act = _act(record, number, at)
    account = _target(record, context.observed_at or at)
    if account is None:
        raise LeftOut("an entry of the audit log about nobody that it names")
    reason = fields.text(record, "reason")
    moderator = None if number in _AUTOMOD else snowflake(record, "user_id")
    rule = fields.text(record, "options.auto_moderation_rule_name")
    is_ban = str(number) == BAN
    enforcement = Enforcement(
        enforcement_id=ban_id(account, reason, context.keyring) if is_ban else f"{PLATFORM}:audit:{entry_id}",
        platform=PLATFORM,
        source=context.source,
        action=act.action,
        action_raw=str(number),
        scope=Scope.COMMUNITY,
        account_id=account.account_id,
        scope_ref=fields.text(record, "guild_id"),
        at_earliest=at,
        at_latest=at,
        expires_at=act.until,
        reason=redact(reason) if reason else None,
        policies=(redact(rule),) if rule else (),
        by_ref=context.keyring.reporter(PLATFORM, moderator) if moderator else None,
    )
    yield from account_rows(account, context)
    yield enforcement
    where = enforcement.enforcement_id
    yield from claim_rows(reason, account, where=where, asserted_by="moderator", asserted_at=at)


def ban_id(account: Account, reason: str | None, keyring: Keyring) -> str:
    """Name a ban by what the audit log and the list of bans both hold of it, so that in both it is one.

    The list has no time and the log no server's name for sure: whom and why is what they share.
    """
    why = keyring.digest("discord ban", " ".join((reason or "").split()))[:12]
    return f"{PLATFORM}:ban:{account.native_id}:{why}"


def _act(record: Record, number: int, at: datetime | None) -> _Act:
    if number == _MEMBER_UPDATE:
        return _timeout(record, at)
    if number == _BULK_DELETE:
        raise LeftOut("a deletion of many messages, which names their channel and no account")
    mapped = action_of(PLATFORM, str(number))
    if mapped in (None, Action.NONE) or number == _MEMBER_PRUNE:
        raise LeftOut("an entry of the audit log that is no sanction")
    return _Act(mapped, _automatic_end(record, at) if number == _AUTOMOD_TIMEOUT else None)


def _timeout(record: Record, at: datetime | None) -> _Act:
    """Read a member's update: a time-out, its end, or neither (a nickname, say)."""
    changes = [change for change in fields.items(record, "changes") if fields.value(change, "key") == _TIMED_OUT]
    if not changes:
        raise LeftOut("a member's update that is no time-out")
    until = fields.time(changes[-1], "new_value")
    if until is None or (at and until <= at):
        return _Act(Action.ACCOUNT_RESTORED)
    return _Act(Action.TIMEOUT, until)


def _automatic_end(record: Record, at: datetime | None) -> datetime | None:
    """Say when AutoMod's own time-out ends, as far as its rule stands beside the entry."""
    for done in fields.items(record, "rule.actions"):
        seconds = fields.integer(done, "metadata.duration_seconds")
        if at and fields.integer(done, "type") == _TIMEOUT_ACTION and seconds and 0 < seconds < 10**8:
            return at + timedelta(seconds=seconds)
    return None


def _target(record: Record, seen: datetime | None) -> Account | None:
    native = snowflake(record, "target_id")
    if native is None:
        return None
    if not fields.mapping(record, "target"):
        return account_row(native, seen)
    account = api_account(record, "target", seen)
    return account if account is None or account.native_id == native else account_row(native, seen)


def _things(page: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """List the objects beside the entries; what is broken there costs its own part, not the entries."""
    found = page.get(name)
    return [thing for thing in found if isinstance(thing, dict)] if isinstance(found, list) else []


def _rule(entry: Mapping[str, Any], rules: list[dict[str, Any]]) -> dict[str, Any] | None:
    """Find the one rule that an entry names; two of the same name are none."""
    options = entry.get("options")
    name = options.get("auto_moderation_rule_name") if isinstance(options, dict) else None
    found = [rule for rule in rules if rule["name"] == name]
    return found[0] if len(found) == 1 else None
