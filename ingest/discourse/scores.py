"""A score of the review queue → a report: who flagged, why, in which words, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from graphmatch import fields
from graphmatch.adapter import Context
from graphmatch.allegations import alleged_category
from graphmatch.errors import RejectedRecord
from graphmatch.model import Account, Content, Report, ReportStatus, SourceKind
from graphmatch.normalise.categories import CONTENT_FREE, Category
from graphmatch.normalise.text import redact, strip_html
from ingest.discourse.accounts import PLATFORM, is_system

Record = Mapping[str, Any]

_NEEDS_APPROVAL = "needs_approval"
_CUSTOM = "custom_"
_ITEM_STATUS = ("pending", "approved", "rejected", "ignored", "deleted")
_SCORE_STATUS = ("pending", "agreed", "disagreed", "ignored")
#: Items of which "approved" says that the flag was right …
_FLAGGED = frozenset(
    {
        "ReviewableFlaggedPost",
        "ReviewableChatMessage",
        "Chat::ReviewableMessage",
        "ReviewableAkismetPost",
        "ReviewableAiPost",
        "ReviewableAiChatMessage",
    }
)
#: … and of which it says that nothing was wrong. Of any other kind it says no more than that somebody looked.
_QUEUED = frozenset({"ReviewableQueuedPost", "ReviewableUser", "ReviewablePost"})


@dataclass(frozen=True, slots=True)
class About:
    """What all flags of one item share: the forum, when it was seen, and whom and what they are about."""

    home: str
    seen: datetime | None
    account: Account | None
    content: Content | None
    target_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Flag:
    """One score: ``text`` is the flagger's own words, or why the forum itself put the item into the queue."""

    number: str
    reporter: int | None
    handle: str | None
    automatic: bool
    raw: str | None
    category: Category
    text: str | None
    reported_at: datetime | None
    status: ReportStatus | None
    status_raw: str | None
    upheld: int | None
    dismissed: int | None


def flag_of(score: Record, kind: str, item_status: object) -> Flag:
    """Read one score of an item of ``kind``."""
    reporter = fields.integer(score, "user_id")
    raw, title = fields.text(score, "score_type.type"), fields.text(score, "score_type.title")
    if raw is None and title:
        # Releases before 2020 give a title only; it is the type as people write it.
        raw = "_".join(title.lower().replace("-", " ").split())
    automatic = is_system(reporter) or raw == _NEEDS_APPROVAL
    words = None if automatic else _own_words(score, reporter)
    # What a forum calls its own flag says what it alleges, though not in the platform's terms.
    custom = raw is not None and raw.startswith(_CUSTOM)
    allegation = ". ".join(part for part in (title if custom else None, words) if part)
    status, status_raw = _outcome(kind, score, item_status)
    return Flag(
        number=fields.required_text(score, "id"),
        reporter=reporter,
        handle=fields.text(score, "user.username"),
        automatic=automatic,
        raw=raw,
        category=alleged_category(PLATFORM, raw, allegation or None),
        text=strip_html(fields.text(score, "reason") or "") or None if automatic else words,
        reported_at=fields.time(score, "created_at"),
        status=status,
        status_raw=status_raw,
        upheld=None if is_system(reporter) else _count(score, "agree_stats.agreed"),
        dismissed=None if is_system(reporter) else _count(score, "agree_stats.disagreed"),
    )


def report_row(flag: Flag, report_id: str, about: About, context: Context) -> Report:
    """Give the report that a flag is."""
    known = flag.reporter is not None and not is_system(flag.reporter)
    own = f"{PLATFORM}:{about.home}:{flag.handle.lower()}" if flag.handle else None
    keep = flag.category.leaf != CONTENT_FREE
    return Report(
        report_id=report_id,
        source=context.source,
        source_kind=SourceKind.AUTOMATED_FLAG if flag.automatic else SourceKind.REPORT,
        platform=PLATFORM,
        account_id=about.account.account_id if about.account else None,
        category_raw=flag.raw,
        category_reported=flag.category.leaf,
        specificity=flag.category.specificity,
        gate=flag.category.gate,
        reported_at=flag.reported_at,
        observed_at=about.seen,
        reporter_ref=context.keyring.reporter(PLATFORM, f"{about.home}:{flag.reporter}") if known else None,
        reporter_is_target=own in about.target_ids if known and own and about.target_ids else None,
        reporter_upheld=flag.upheld,
        reporter_dismissed=flag.dismissed,
        text=redact(flag.text) if flag.text and keep else None,
        status=flag.status,
        status_raw=flag.status_raw,
        content_ids=(about.content.content_id,) if about.content else (),
        target_ids=about.target_ids,
    )


def _own_words(score: Record, reporter: int | None) -> str | None:
    """Give what the flagger wrote to the moderators, without what they answered."""
    found: list[str] = []
    for post in fields.items(score, "conversation_posts"):
        writer = fields.integer(post, "user_id")
        excerpt = strip_html(fields.text(post, "excerpt") or "")
        # The first post opens the conversation, and nobody but the flagger opens it.
        if excerpt and (writer == reporter if writer is not None and reporter is not None else not found):
            found.append(excerpt)
    return "\n".join(found) or None


def _outcome(kind: str, score: Record, item_status: object) -> tuple[ReportStatus | None, str | None]:
    own, whole = _word(score.get("status"), _SCORE_STATUS), _word(item_status, _ITEM_STATUS)
    if own is None or own == _SCORE_STATUS[0]:
        # An item that was closed leaves its flags as they were where that settles none of them.
        closed = whole is not None and whole != _ITEM_STATUS[0]
        known = own or whole
        return (ReportStatus.RESOLVED if closed else ReportStatus.OPEN) if known else None, whole or own
    if own == "ignored" or kind not in _FLAGGED | _QUEUED:
        return ReportStatus.RESOLVED, own
    agreed = own == "agreed"
    right = agreed if kind in _FLAGGED else not agreed
    raw = own if kind in _FLAGGED else f"{own} ({'approved' if agreed else 'rejected'})"
    return ReportStatus.UPHELD if right else ReportStatus.DISMISSED, raw


def _word(status: object, words: tuple[str, ...]) -> str | None:
    """Name a status, which is a number or, in some releases, its word; ``None`` for what is neither."""
    if isinstance(status, str):
        status = int(status) if status in "01234" and status else status
        if status in words:
            return str(status)
    if isinstance(status, bool) or not isinstance(status, int):
        return None
    return words[status] if 0 <= status < len(words) else None


def _count(score: Record, path: str) -> int | None:
    found = fields.integer(score, path)
    if found is not None and not 0 <= found < 2**31:
        raise RejectedRecord(f"the field {path!r} should hold a number of flags")
    return found
