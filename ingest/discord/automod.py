"""What a server's AutoMod did with a message, one gateway event an action → one automated flag a message.

The event names a rule by its id only; the rule's name and word list stand in the audit log. What AutoMod did as a
sanction stands there too, with its time.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from graphmatch import fields
from graphmatch.adapter import Context
from graphmatch.errors import LeftOut, RejectedRecord
from graphmatch.model import Content, Report, Row, SourceKind
from graphmatch.normalise.categories import category
from graphmatch.normalise.text import redact
from graphmatch.normalise.times import from_discord_id, latest
from ingest.discord.accounts import (
    PLATFORM,
    Record,
    account_row,
    account_rows,
    mentioned_in,
    required_snowflake,
    snowflake,
    target_row,
)

_TRIGGERS = {1: "KEYWORD", 3: "SPAM", 4: "KEYWORD_PRESET", 5: "MENTION_SPAM", 6: "MEMBER_PROFILE"}
#: When whoever listened to the gateway wrote the event down: it has no time of its own.
RECEIVED = "_received_at"


def event_rows(record: Record, context: Context) -> Iterator[Row]:
    """Give the rows of one event. The events of one message give the same report."""
    native = required_snowflake(record, "user_id")
    rule = required_snowflake(record, "rule_id")
    trigger = fields.integer(record, "rule_trigger_type")
    if trigger is None:
        raise RejectedRecord("the field 'rule_trigger_type' is missing or blank")
    message = snowflake(record, "message_id")
    at = from_discord_id(message) if message else _flagged_at(record)
    seen = context.observed_at or latest(fields.time(record, RECEIVED), at)
    account = account_row(native, seen)
    if account is None:
        raise LeftOut("an event about an account that Discord names no longer")
    words = fields.text(record, "content")
    digest = context.keyring.digest("discord automod", f"{native}\0{words or message or ''}")
    report_id = f"{PLATFORM}:automod:{context.keyring.digest('discord automod', f'{digest}{rule}')}"
    targets = [target_row(found, None, "mention", seen) for found in mentioned_in(words or "") if found != native]
    target_ids = tuple(target.target_id for target in targets)
    content_id = f"{PLATFORM}:{message or f'automod:{digest}'}"
    raw = f"{trigger} {_TRIGGERS[trigger]}" if trigger in _TRIGGERS else str(trigger)
    found = category(PLATFORM, raw)
    yield from account_rows(account, context, report_id=report_id)
    yield from targets
    yield Content(
        content_id=content_id,
        platform=PLATFORM,
        account_id=account.account_id,
        text=redact(words) if words else None,
        url=_address(record, message),
        created_at=at,
        observed_at=seen,
        target_ids=target_ids,
    )
    yield Report(
        report_id=report_id,
        source=context.source,
        source_kind=SourceKind.AUTOMATED_FLAG,
        platform=PLATFORM,
        account_id=account.account_id,
        category_raw=raw,
        category_reported=found.leaf,
        specificity=found.specificity,
        gate=found.gate,
        reported_at=_flagged_at(record),
        observed_at=seen,
        content_ids=(content_id,),
        target_ids=target_ids,
    )


def _flagged_at(record: Record) -> datetime | None:
    """Say when AutoMod acted: when the event came in, or when it posted its alert."""
    alert = snowflake(record, "alert_system_message_id")
    return fields.time(record, RECEIVED) or (from_discord_id(alert) if alert else None)


def _address(record: Record, message: str | None) -> str | None:
    guild, channel = snowflake(record, "guild_id"), snowflake(record, "channel_id")
    return f"https://discord.com/channels/{guild}/{channel}/{message}" if message and guild and channel else None
