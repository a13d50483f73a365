"""A Flag → the accounts and posts that it points at, and a report on each account.

Servers write it differently: Mastodon lists the account and the addresses of posts, Misskey names the account alone and
the post in its words, Pleroma shows the posts, Lemmy names the post alone. None gives a category.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from graphmatch import fields
from graphmatch.adapter import Context
from graphmatch.allegations import alleged_category, claim_rows
from graphmatch.errors import RejectedRecord
from graphmatch.model import Account, Content, Report, Row, SourceKind, Target
from graphmatch.normalise.categories import CONTENT_FREE, Category
from graphmatch.normalise.fediverse import Key, Noted, home_address, host_of, key_of, noted
from graphmatch.normalise.text import redact, strip_html
from graphmatch.normalise.times import latest
from ingest.activitypub.accounts import account_rows, own_name, reporter_of, required_key
from ingest.activitypub.objects import Thing, one, parted, things
from ingest.activitypub.posts import author_of, content_of, targets_of

PLATFORM = "activitypub"

Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Post:
    thing: Thing
    author: Thing | None
    key: Key | None


@dataclass(frozen=True, slots=True)
class _Flag:
    """What a Flag says, whomever of its accounts it is said of."""

    flag_id: str
    words: str | None
    category: Category
    reporter: Key | None
    reported_at: datetime | None
    seen: datetime | None
    contents: list[Content]
    targets: dict[str, Target]

    @property
    def content_free(self) -> bool:
        """Whether the fact of the report is all that may be kept."""
        return self.category.leaf == CONTENT_FREE


def flag_rows(record: Record, context: Context) -> Iterator[Row]:
    """Say what one Flag holds: a report on each account that it names, or on its posts if it names none."""
    comment = noted(fields.text(record, "content") or fields.text(record, "summary") or "")
    accounts, posts = _pointed_at(record, comment)
    flag = _read(record, strip_html(comment.words) or None, accounts, posts, context)
    yield from flag.targets.values()
    yield from flag.contents
    if not accounts:
        yield _report(flag, flag.flag_id, None, context)
    for thing, key in accounts:
        report_id = flag.flag_id if len(accounts) == 1 else f"{flag.flag_id}:{key.account_id}"
        rows = list(account_rows(thing, key, context, flag.seen, report_id=report_id))
        yield from rows
        yield _report(flag, report_id, key, context)
        for account in (row for row in rows if isinstance(row, Account) and not flag.content_free):
            yield from claim_rows(
                flag.words, account, where=report_id, report_id=report_id, asserted_at=flag.reported_at
            )


def _read(
    record: Record, words: str | None, accounts: list[tuple[Thing, Key]], posts: list[_Post], context: Context
) -> _Flag:
    reporter = reporter_of(record)
    reported_at = fields.time(record, "published")
    seen = context.observed_at or latest(reported_at, *(fields.time(post.thing.shown, "published") for post in posts))
    category = alleged_category(PLATFORM, "*", words)
    content_free = category.leaf == CONTENT_FREE
    authors = {own_name(key) for _, key in accounts}
    return _Flag(
        flag_id=_flag_id(record, reporter, words, context),
        words=words,
        category=category,
        reporter=reporter,
        reported_at=reported_at,
        seen=seen,
        contents=[content_of(post.thing, post.key, seen, content_free=content_free) for post in posts],
        targets=targets_of([post.thing for post in posts], authors, reporter, seen),
    )


def _pointed_at(record: Record, comment: Noted) -> tuple[list[tuple[Thing, Key]], list[_Post]]:
    """List the accounts and the posts that a Flag points at; where it names posts alone, their authors."""
    given = things(record, "object")
    if not given:
        raise RejectedRecord("the field 'object' is missing or blank")
    addressed = [thing.address for name in ("to", "cc") for thing in things(record, name)]
    named, posts = parted(given, addressed)
    accounts = {key.account_id: (thing, key) for thing in named if (key := required_key(thing, "object"))}
    only = next(iter(accounts.values())) if len(accounts) == 1 else None
    if comment.note:
        address = home_address(comment.note, only[0].address if only else None)
        posts = [*posts, *([Thing(address)] if address not in {post.address for post in posts} else [])]
    read = [_post(post, only) for post in posts]
    for post in read:
        if not post.author or not post.key:
            continue
        known = accounts.get(post.key.account_id)
        # An author's document that stands with a post says more than the bare address of the account.
        if (known is None and not named) or (known and post.author.is_shown_as_actor and not known[0].shown):
            accounts[post.key.account_id] = post.author, post.key
    return list(accounts.values()), read


def _post(post: Thing, only: tuple[Thing, Key] | None) -> _Post:
    """Read a post with its author: the account of the Flag, unless the post says otherwise or lies elsewhere."""
    author = author_of(post)
    key = key_of(author.address) if author else None
    if key is None and only and host_of(post.address) == only[1].instance:
        return _Post(post, *only)
    return _Post(post, author, key)


def _flag_id(record: Record, reporter: Key | None, words: str | None, context: Context) -> str:
    """Name a Flag by its own address; where it has none, or one that names the reporter, by a keyed digest."""
    own = fields.text(record, "id")
    actor = one(record, "actor")
    signed = actor.address if actor else ""
    named = reporter is not None and (own or "").startswith(signed)
    if own and not named:
        return f"{PLATFORM}:{own}"
    said = [own, signed, words, [thing.address for thing in things(record, "object")]]
    return f"{PLATFORM}:flag-{context.keyring.digest('flag', json.dumps(said))}"


def _report(flag: _Flag, report_id: str, key: Key | None, context: Context) -> Report:
    """Make the report on one of a Flag's accounts, with the posts that are that account's or may be."""
    contents = [content for content in flag.contents if key is None or content.account_id in (None, key.account_id)]
    # Who is aimed at by another account's post is no target of this one.
    named = {name for content in contents for name in content.target_ids}
    targets = [name for name in flag.targets if name in named]
    by = flag.reporter
    return Report(
        report_id=report_id,
        source=context.source,
        source_kind=SourceKind.REPORT,
        platform=PLATFORM,
        account_id=key.account_id if key else None,
        category_raw=None,
        category_reported=flag.category.leaf,
        specificity=flag.category.specificity,
        gate=flag.category.gate,
        reported_at=flag.reported_at,
        observed_at=flag.seen,
        reporter_ref=context.keyring.reporter(by.platform, f"{by.instance}:{by.native_id}") if by else None,
        reporter_is_target=own_name(by) in targets if by and targets else None,
        text=redact(flag.words) if flag.words and not flag.content_free else None,
        content_ids=tuple(dict.fromkeys(content.content_id for content in contents)),
        target_ids=tuple(targets),
    )
