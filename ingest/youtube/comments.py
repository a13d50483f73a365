"""A comment → its author, text and target; and, where YouTube or the channel held it back, an automated flag.

There is no report here: no reporter, no reason. ``moderationStatus``, which only the channel's owner is shown, says
that a filter or the owner kept the comment from being seen.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from graphmatch import fields
from graphmatch.adapter import Context
from graphmatch.allegations import alleged_category
from graphmatch.model import (
    Action,
    Content,
    Enforcement,
    Report,
    ReportStatus,
    Row,
    Scope,
    SourceKind,
    Target,
)
from graphmatch.normalise.actions import action
from graphmatch.normalise.text import redact, strip_html
from graphmatch.normalise.times import latest
from graphmatch.profile import profile_rows
from ingest.youtube.channels import PLATFORM, account_id, author_of

Record = Mapping[str, Any]

_PUBLISHED = "published"
#: The owner has decided; what YouTube's filters hold back waits for that.
_DECIDED = "rejected"


def comment_rows(record: Record, context: Context) -> Iterator[Row]:
    """Say what one comment holds; of the channel owner's own, only who is aimed at."""
    number = fields.required_text(record, "id")
    posted, changed = fields.time(record, "snippet.publishedAt"), fields.time(record, "snippet.updatedAt")
    seen = context.observed_at or latest(posted, changed)
    account = author_of(record, seen)
    owner = fields.text(record, "snippet.channelId") or fields.text(record, "thread.snippet.channelId")
    target = Target(account_id(owner), PLATFORM, derivations=("channel_owner",), observed_at=seen) if owner else None
    if account and target and account.account_id == target.target_id:
        yield replace(target, handle=account.handle)
        return
    content = Content(
        content_id=f"{PLATFORM}:{number}",
        platform=PLATFORM,
        account_id=account.account_id if account else None,
        text=_words(record),
        url=_address(record, number),
        created_at=posted,
        observed_at=seen,
        target_ids=(target.target_id,) if target else (),
    )
    status = fields.text(record, "snippet.moderationStatus")
    flagged = status is not None and status.casefold() != _PUBLISHED
    report_id = content.content_id if flagged else None
    if account:
        yield from profile_rows(account, source=context.source, report_id=report_id, keyring=context.keyring)
    if target:
        yield target
    yield content
    if status is not None and flagged:
        yield _flag(status, content, changed or posted, context)
        yield from _held_back(status, content, owner, (posted, changed), context)


def _words(record: Record) -> str | None:
    """Give the text as it was written, which only its author and the owner are shown; else that of the HTML."""
    written = fields.text(record, "snippet.textOriginal")
    shown = fields.text(record, "snippet.textDisplay")
    words = written or (strip_html(shown) if shown else None)
    return redact(words) if words else None


def _address(record: Record, number: str) -> str | None:
    video = fields.text(record, "snippet.videoId")
    return f"https://www.youtube.com/watch?v={video}&lc={number}" if video else None


def _flag(status: str, content: Content, at: datetime | None, context: Context) -> Report:
    """Give what a filter or the owner did as an allegation. One comment has one, whatever its status was first."""
    found = alleged_category(PLATFORM, status, None)
    return Report(
        report_id=content.content_id,
        source=context.source,
        source_kind=SourceKind.AUTOMATED_FLAG,
        platform=PLATFORM,
        account_id=content.account_id,
        category_raw=redact(status),
        category_reported=found.leaf,
        specificity=found.specificity,
        gate=found.gate,
        reported_at=at,
        observed_at=content.observed_at,
        status=ReportStatus.RESOLVED if status.casefold() == _DECIDED else ReportStatus.OPEN,
        status_raw=redact(status),
        content_ids=(content.content_id,),
        target_ids=content.target_ids,
    )


def _held_back(
    status: str,
    content: Content,
    owner: str | None,
    times: tuple[datetime | None, datetime | None],
    context: Context,
) -> Iterator[Enforcement]:
    """Give what was done to the comment, in this channel alone. YouTube does not say when.

    It was not before the comment, and a filter acts when one is posted or changed. An owner may reject it at any later
    time: by the time of the export, else about when it last changed.
    """
    found = action(PLATFORM, status)
    if found is None or found is Action.NONE:
        return
    posted, changed = times
    by_then = changed
    if status.casefold() == _DECIDED:
        by_then = context.observed_at or (changed if changed != posted else None)
    if posted and by_then and by_then < posted:
        by_then = None
    yield Enforcement(
        enforcement_id=f"{content.content_id}:{found}",
        platform=PLATFORM,
        source=context.source,
        action=found,
        action_raw=status,
        scope=Scope.COMMUNITY,
        scope_ref=owner,
        account_id=content.account_id,
        content_id=content.content_id,
        at_earliest=posted,
        at_latest=by_then,
    )
