"""A reported post or comment → its content, author, and one report for each reason that was given.

Reddit keeps reports as counts per reason: no reporter, no time. Moderators' own reports name the moderator.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from graphmatch import fields
from graphmatch.adapter import Context
from graphmatch.allegations import alleged_category, claim_rows
from graphmatch.errors import LeftOut, RejectedRecord
from graphmatch.model import (
    Account,
    AccountState,
    Content,
    IdKind,
    Report,
    ReportStatus,
    Row,
    SourceKind,
    Specificity,
    Target,
)
from graphmatch.normalise.categories import CONTENT_FREE, Category, category
from graphmatch.normalise.contacts import Keyring
from graphmatch.normalise.text import encodable, redact
from graphmatch.normalise.times import latest
from graphmatch.profile import profile_rows

PLATFORM = "reddit"
AUTOMODERATOR = "AutoModerator"
_SITE = "https://www.reddit.com"
_GONE = frozenset({"[deleted]", "[removed]", "[ removed by reddit ]", "[unavailable]"})
#: This reason is about whoever reported, so it must never stick to the reported account.
_ABOUT_THE_REPORTER = "meta.report_abuse"


@dataclass(frozen=True, slots=True)
class _Flag:
    """One reason and how often it was given."""

    report_id: str
    kind: SourceKind
    reason: str | None
    category: Category
    count: int
    status: ReportStatus
    moderator: str | None = None


def thing_rows(record: Mapping[str, Any], context: Context) -> Iterator[Row]:
    """Give the rows of a post or comment; one that nobody reported is left out."""
    name = fields.required_text(record, "name")
    flags = _flags(record, name, context.keyring)
    if not flags:
        raise LeftOut("a post or comment that nobody reported")
    seen = context.observed_at or latest(
        *(fields.epoch(record, path) for path in ("created_utc", "banned_at_utc", "approved_at_utc"))
    )
    account = None
    if any(flag.category.leaf != _ABOUT_THE_REPORTER for flag in flags):
        account = account_of(fields.text(record, "author_fullname"), fields.text(record, "author"), seen)
    if account:
        yield from profile_rows(account, source=context.source, report_id=flags[0].report_id, keyring=context.keyring)
    target = _target(record, seen)
    if target:
        yield target
    content = _content(record, account, target, seen, keep_text=not any(map(_content_free, flags)))
    yield content
    for flag in flags:
        yield from _report_rows(flag, content, account, context, seen)


def account_of(fullname: str | None, author: str | None, seen: datetime | None) -> Account | None:
    """Key an account by its ``t2_`` name, else by its handle; ``None`` if Reddit shows neither.

    ``[deleted]`` in the place of a handle is a state, not a handle.
    """
    gone = author is not None and author.lower() in _GONE
    handle = None if gone or author is None else author.removeprefix("u/").removeprefix("/u/")
    if fullname and fullname.startswith("t2_"):
        native, kind = fullname, IdKind.OPAQUE
    elif handle:
        native, kind = f"@{handle.lower()}", IdKind.HANDLE_ONLY
    else:
        return None
    return Account(
        account_id=f"{PLATFORM}:{PLATFORM}:{native}",
        platform=PLATFORM,
        instance=PLATFORM,
        native_id=native,
        id_kind=kind,
        observed_at=seen,
        handle=handle,
        url=f"{_SITE}/user/{handle}" if handle else None,
        state=AccountState.DELETED if gone else None,
    )


def content_id_of(fullname: str) -> str:
    """Key a post or comment by its ``t3_`` or ``t1_`` name."""
    return f"{PLATFORM}:{fullname}"


def address_of(permalink: str | None) -> str | None:
    """Give the whole address of a permalink."""
    return f"{_SITE}{permalink}" if permalink and permalink.startswith("/") else permalink


def words_of(text: str | None) -> str | None:
    """Give a text without contact values; ``None`` for the placeholders of what is gone."""
    return None if text is None or text.lower() in _GONE else redact(text)


def _content(
    record: Mapping[str, Any],
    account: Account | None,
    target: Target | None,
    seen: datetime | None,
    *,
    keep_text: bool,
) -> Content:
    parts = (words_of(fields.text(record, path)) for path in ("title", "selftext", "body"))
    words = "\n".join(part for part in parts if part)
    return Content(
        content_id=content_id_of(fields.required_text(record, "name")),
        platform=PLATFORM,
        account_id=account.account_id if account else None,
        text=words if words and keep_text else None,
        url=address_of(fields.text(record, "permalink")),
        created_at=fields.epoch(record, "created_utc"),
        observed_at=seen,
        target_ids=(target.target_id,) if target else (),
    )


def _target(record: Mapping[str, Any], seen: datetime | None) -> Target | None:
    """Whoever opened the thread may be the one aimed at: a weak hint, and the only one that Reddit gives."""
    opener = fields.text(record, "link_author")
    author = fields.text(record, "author") or ""
    if opener is None or opener.lower() in {*_GONE, AUTOMODERATOR.lower(), author.lower()}:
        return None
    return Target(
        target_id=f"{PLATFORM}:{PLATFORM}:{opener.lower()}",
        platform=PLATFORM,
        handle=opener,
        derivations=("thread_owner",),
        observed_at=seen,
    )


def _flags(record: Mapping[str, Any], name: str, keyring: Keyring) -> list[_Flag]:
    """List the reasons given, each once; a moderator's withdrawn report is left out."""
    found: dict[str, _Flag] = {}
    for path, status in (
        ("user_reports", ReportStatus.OPEN),
        ("user_reports_dismissed", ReportStatus.DISMISSED),
    ):
        for reason, second in _pairs(record, path):
            report_id = f"{PLATFORM}:{name}:u:{_short(reason)}"
            known = found.get(report_id)
            count = _count(second, path) + (known.count if known else 0)
            if count:
                standing = known.status if known else status
                kind = SourceKind.AGGREGATE_FLAG
                found[report_id] = _Flag(
                    report_id, kind, reason, alleged_category(PLATFORM, reason, reason), count, standing
                )
    for reason, second in _pairs(record, "mod_reports"):
        moderator = second if isinstance(second, str) and second else None
        automatic = moderator == AUTOMODERATOR
        kind = SourceKind.AUTOMATED_FLAG if automatic else SourceKind.REPORT
        whose = keyring.reporter(PLATFORM, moderator)[:8] if moderator else "unnamed"
        report_id = f"{PLATFORM}:{name}:m:{whose}:{_short(reason)}"
        found[report_id] = _Flag(
            report_id,
            kind,
            reason,
            alleged_category(PLATFORM, reason, reason),
            1,
            ReportStatus.OPEN,
            None if automatic else moderator,
        )
    return list(found.values())


def _pairs(record: Mapping[str, Any], path: str) -> Iterator[tuple[str | None, object]]:
    """Give the first two elements of each inner list: ``[reason, count or moderator, …]``."""
    found = fields.value(record, path)
    if found is None:
        return
    if not isinstance(found, list):
        raise RejectedRecord(f"the field {path!r} should be a list, not {type(found).__name__}")
    for item in found:
        if not isinstance(item, list) or len(item) < 2 or not isinstance(item[0], str | None):
            raise RejectedRecord(f"the field {path!r} should hold lists of a reason and who or how many")
        yield (encodable(item[0]).strip() or None) if item[0] else None, item[1]


def _count(value: object, path: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**31:
        raise RejectedRecord(f"the field {path!r} should hold how often each reason was given")
    return value


def _short(text: str | None) -> str:
    """Name a reason in an id that stays the same when Reddit lists the reasons in another order."""
    return hashlib.sha256(" ".join((text or "").split()).casefold().encode()).hexdigest()[:12]


def _content_free(flag: _Flag) -> bool:
    return flag.category.leaf == CONTENT_FREE


def _report_rows(
    flag: _Flag, content: Content, account: Account | None, context: Context, seen: datetime | None
) -> Iterator[Row]:
    own_words = flag.reason is not None and category(PLATFORM, flag.reason).specificity is Specificity.NONE
    reason = redact(flag.reason) if flag.reason else None
    subject = None if flag.category.leaf == _ABOUT_THE_REPORTER else account
    yield Report(
        report_id=flag.report_id,
        source=context.source,
        source_kind=flag.kind,
        platform=PLATFORM,
        account_id=subject.account_id if subject else None,
        category_raw=reason,
        category_reported=flag.category.leaf,
        specificity=flag.category.specificity,
        gate=flag.category.gate,
        count=flag.count,
        observed_at=seen,
        reporter_ref=context.keyring.reporter(PLATFORM, flag.moderator) if flag.moderator else None,
        reporter_is_target=_reporter_is_target(flag.reason),
        text=reason if own_words and not _content_free(flag) else None,
        status=flag.status,
        content_ids=(content.content_id,),
        target_ids=content.target_ids,
    )
    # Reddit's own phrases ("This is misinformation") read like claims, so only free text is searched.
    if own_words and subject:
        asserted_by = "moderator" if flag.moderator else "reporter"
        where = flag.report_id
        yield from claim_rows(reason, subject, where=where, report_id=where, asserted_by=asserted_by)


def _reporter_is_target(reason: str | None) -> bool | None:
    folded = (reason or "").lower()
    if folded.endswith((" at me", " i appear in it")):
        return True
    return False if folded.endswith((" at someone else", " i do not appear in it")) else None
