"""An item of the review queue → its account, its content, and one report for each of its scores (the flags).

``approved`` does not mean one thing: of a flagged post it says that the flag was right, of a queued post, a queued
user or a post under review that nothing was wrong with it. A score follows its item, so it is turned around alike.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from graphmatch import fields
from graphmatch.adapter import Context
from graphmatch.allegations import claim_rows
from graphmatch.errors import LeftOut, RejectedRecord
from graphmatch.model import Account, Content, IdKind, Row, Sighting
from graphmatch.normalise.categories import CONTENT_FREE
from graphmatch.normalise.markdown import links_in_markdown, strip_markdown
from graphmatch.normalise.text import redact, strip_html
from graphmatch.normalise.times import latest
from graphmatch.profile import Seen, profile_rows
from ingest.discourse.accounts import (
    PLATFORM,
    UNKNOWN_INSTANCE,
    account_id,
    is_system,
    own_fields,
    profile_url,
)
from ingest.discourse.scores import About, flag_of, report_row
from ingest.discourse.targets import targets_of

Record = Mapping[str, Any]

QUEUED_POST = "ReviewableQueuedPost"
QUEUED_USER = "ReviewableUser"


@dataclass(frozen=True, slots=True)
class _Item:
    """One item of the queue: ``number`` is its own."""

    record: Record
    kind: str
    number: str
    home: str
    seen: datetime | None


def reviewable_rows(record: Record, context: Context, home: str) -> Iterator[Row]:
    """Say what one item of the review queue holds."""
    item = _item(record, context, home)
    if is_system(_subject_number(item)):
        raise LeftOut("what the forum itself wrote")
    flags = [
        flag_of(score, item.kind, fields.value(record, "reviewable.status")) for score in fields.items(record, "scores")
    ]
    if not flags:
        raise _without_flags(item)
    account = _account(item)
    keep = all(flag.category.leaf != CONTENT_FREE for flag in flags)
    text = _text(item)
    targets = targets_of(
        cooked=fields.text(record, "reviewable.cooked"),
        text=text,
        home=home,
        author=account.handle if account else None,
        reporters={flag.handle.lower() for flag in flags if flag.handle and not flag.automatic},
        seen=item.seen,
    )
    content = _content(item, account, text if keep else None, tuple(targets), keep=keep)
    report_ids = [f"{PLATFORM}:{home}:{item.number}:{flag.number}" for flag in flags]

    if account:
        yield from _profile(item, account, context, report_ids[0])
    yield from targets.values()
    if content:
        yield content
    about = About(home, item.seen, account, content, tuple(targets))
    for flag, report_id in zip(flags, report_ids, strict=True):
        yield report_row(flag, report_id, about, context)
        if account and not flag.automatic and flag.category.leaf != CONTENT_FREE:
            where = report_id
            yield from claim_rows(flag.text, account, where=where, report_id=where, asserted_at=flag.reported_at)


def _item(record: Record, context: Context, home: str) -> _Item:
    fields.required_mapping(record, "reviewable")
    times = [fields.time(record, f"reviewable.{name}") for name in ("created_at", "post_updated_at", "deleted_at")]
    for score in fields.items(record, "scores"):
        times += [fields.time(score, "created_at"), fields.time(score, "reviewed_at")]
    return _Item(
        record=record,
        kind=fields.required_text(record, "reviewable.type"),
        number=fields.required_text(record, "reviewable.id"),
        home=home,
        seen=context.observed_at or latest(*times),
    )


def _without_flags(item: _Item) -> LeftOut | RejectedRecord:
    if fields.value(item.record, "reviewable.reviewable_score_ids"):
        return RejectedRecord("the page does not hold the scores of this item; export whole pages of /review.json")
    return LeftOut("an item of the review queue that nobody flagged")


def _subject_number(item: _Item) -> int | None:
    """Find whom an item is about. Queued posts of releases before 2023 name their author as who created the item."""
    names = ["target_created_by_id"]
    names += ["user_id"] if item.kind == QUEUED_USER else []
    names += ["created_by_id"] if item.kind == QUEUED_POST else []
    numbers = (fields.integer(item.record, f"reviewable.{name}") for name in names)
    return next((number for number in numbers if number is not None), None)


def _account(item: _Item) -> Account | None:
    number = _subject_number(item)
    shown = "target" if item.kind != QUEUED_POST or fields.mapping(item.record, "target") else "created_by"
    username = fields.text(item.record, f"{shown}.username") or _said(item, "username")
    if number is None and (username is None or item.kind != QUEUED_USER):
        return None
    native = str(number) if number is not None else f"@{(username or '').lower()}"
    bio = _said(item, "bio")
    return Account(
        account_id=account_id(item.home, number) if number is not None else f"{PLATFORM}:{item.home}:{native}",
        platform=PLATFORM,
        instance=item.home,
        native_id=native,
        id_kind=IdKind.NUMERIC if number is not None else IdKind.HANDLE_ONLY,
        observed_at=item.seen,
        handle=username,
        display_name=fields.text(item.record, f"{shown}.name") or _said(item, "name"),
        bio=strip_markdown(bio) if bio else None,
        url=profile_url(item.home, username),
    )


def _said(item: _Item, name: str) -> str | None:
    """Give what a queued user said of itself; other items hold no profile."""
    if item.kind != QUEUED_USER:
        return None
    return fields.text(item.record, f"reviewable.payload.{name}") or fields.text(item.record, f"reviewable.{name}")


def _profile(item: _Item, account: Account, context: Context, report_id: str) -> Iterator[Account | Sighting]:
    website, email = _said(item, "website"), _said(item, "email")
    yield from profile_rows(
        account,
        source=context.source,
        keyring=context.keyring,
        report_id=report_id,
        links=[*([website] if website else []), *links_in_markdown(_said(item, "bio") or "")],
        texts=own_fields(item.record, "reviewable.user_fields") if item.kind == QUEUED_USER else (),
        emails=[Seen(email, context="registration")] if email else (),
    )


def _text(item: _Item) -> str | None:
    """Give what was written: a queued post's title and words, a post's or message's source, else its markup's text."""
    if item.kind == QUEUED_USER:
        return None
    queued = [fields.text(item.record, f"reviewable.payload.{name}") for name in ("title", "raw")]
    source = fields.text(item.record, "reviewable.raw")
    cooked = (fields.text(item.record, f"reviewable.{name}") for name in ("cooked", "payload.message_cooked"))
    written = "\n".join(part for part in queued if part)
    return written or source or next((text for found in cooked if found and (text := strip_html(found))), None)


def _content(
    item: _Item, account: Account | None, text: str | None, target_ids: tuple[str, ...], *, keep: bool
) -> Content | None:
    if item.kind == QUEUED_USER:
        return None
    post = fields.text(item.record, "reviewable.post_id")
    # A queued post gets its number when it is published: before and after it is the same item.
    named = f"p/{post}" if post and item.kind != QUEUED_POST else f"review/{item.number}"
    return Content(
        content_id=f"{PLATFORM}:{item.home}/{named}",
        platform=PLATFORM,
        account_id=account.account_id if account else None,
        text=redact(text) if text else None,
        url=_url(item) if keep else None,
        # Of a flagged post this is when it was first flagged: when it was written, the page does not tell.
        created_at=fields.time(item.record, "reviewable.created_at") if item.kind == QUEUED_POST else None,
        observed_at=item.seen,
        target_ids=target_ids,
    )


def _url(item: _Item) -> str | None:
    address = fields.text(item.record, "reviewable.target_url")
    if address and address.startswith("/"):
        return f"https://{item.home}{address}" if item.home != UNKNOWN_INSTANCE else None
    return address
