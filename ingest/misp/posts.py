"""MISP's posts and messages (``microblog`` and its kin) → content word for word, author, and what is alleged."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from graphmatch import fields
from graphmatch.account_keys import Key, Named, key_of, platform_of, without_contacts
from graphmatch.adapter import Context
from graphmatch.allegations import aimed_at, category_of_labels
from graphmatch.content_keys import content_id_of
from graphmatch.errors import LeftOut, RejectedRecord
from graphmatch.model import Account, Content, Report, ReportStatus, Row, SourceKind, Target
from graphmatch.normalise.categories import CONTENT_FREE, Category, category_of_text
from graphmatch.normalise.text import redact
from graphmatch.normalise.times import from_x_id
from graphmatch.profile import Seen, posted_links, profile_rows
from ingest.misp.accounts import ACCOUNTS, account_of
from ingest.misp.parts import AIMS, PLATFORM, About, Part, Reference, about, is_targeted, references, tags
from ingest.misp.persons import PERSONS, person_targets

Record = Mapping[str, Any]

#: Objects of posts and messages → the platform; ``None``: an attribute says which.
POSTS: dict[str, str | None] = {
    "microblog": None,
    "chat-message": None,
    "facebook-post": "facebook",
    "instant-message": None,
    "parler-comment": "parler",
    "parler-post": "parler",
    "reddit-comment": "reddit",
    "reddit-post": "reddit",
    "twitter-post": "x",
    "youtube-comment": "youtube",
}
_AUTHORED = frozenset({"is-author-of", "publishes", "sends", "creator-of", "creates"})
_AUTHORED_BY = frozenset({"authored-by", "published-by", "created-by"})
_PLATFORMS = ("type", "app-used", "protocol")
_NO_PLATFORM = frozenset({"other", "unknown", "forum"})
_TEXTS = ("title", "post-title", "subject", "post", "post-content", "body", "content")
_TIMES = ("creation-date", "created-at", "sent-date", "received-date")
_HANDLES = ("username", "author", "creator", "from-user", "user-account")
_IDS = ("user-id", "creator-id", "user-account-id")
_NAMES = ("display-name", "user-name", "from-name")
_POST_IDS = ("twitter-id", "post-id", "message-id")
_CLEARED = "informative"
_X_MENTION = re.compile(r"(?<![\w@/.])@(\w{1,20})(?![\w@.])")


@dataclass(frozen=True, slots=True)
class _Post:
    """A post, read once."""

    content: Content
    author: Account | None
    key: Key | None
    targets: tuple[Target, ...]
    raw: str | None
    category: Category
    alleged: bool
    content_free: bool


def post_rows(record: Record, context: Context) -> Iterator[Row]:
    """Say what one post holds."""
    found = fields.required_mapping(record, "Object")
    part = Part(found)
    around = about(record, found, part.changed_at, context)
    deleted = part.deleted
    post = _read(record, part.whole() if deleted else part, around, context)
    if not deleted:
        if post.author and post.key:
            yield from _author_rows(part, post.author, post.key, context)
        yield from post.targets
        yield post.content
        yield from _link_rows(part, post, context)
    if post.alleged:
        if deleted and post.author:
            author = post.author
            yield Account(
                author.account_id, author.platform, author.instance, author.native_id, author.id_kind, around.seen
            )
        yield _report(found, post, around, context, deleted=deleted)
    elif deleted:
        raise LeftOut("a deleted post of which nothing was alleged")


def _read(record: Record, part: Part, around: About, context: Context) -> _Post:
    linked = [each for each in references(record) if each.taken_back is None]
    if any(
        each.other.name in ACCOUNTS and _is_author(each) and is_targeted(record, each.other.found) for each in linked
    ):
        raise LeftOut("a post by an account that abuse is aimed at")
    page = part.one("link", "url")
    platform = POSTS.get(part.name) or _platform(part)
    author, key = _author(part, linked, platform, page, around, context)
    platform = author.platform if author else platform or _platform_of_page(page, context)
    if platform is None:
        raise RejectedRecord("the post's platform is not said, and neither its address nor its author tells it")
    labels = [*_labels(part), *around.labels]
    raw, category = category_of_labels(PLATFORM, labels, fields.text(part.found, "comment"))
    titled = category_of_text(around.title) if around.title else None
    content_free = CONTENT_FREE in (category.leaf, titled.leaf if titled else None)
    words = "\n".join(dict.fromkeys(part.every(*_TEXTS))) or part.one("comment")
    targets = tuple(_targets(part, linked, platform, author, around, words or "", context))
    number = part.one(*_POST_IDS)
    content = Content(
        content_id=_content_id(part, platform, page, number, author),
        platform=platform,
        account_id=author.account_id if author else None,
        text=redact(words) if words and not content_free else None,
        url=without_contacts(page) if page and not content_free else None,
        created_at=(from_x_id(number) if platform == "x" and number else None) or part.time(*_TIMES, "timestamp"),
        observed_at=around.seen,
        target_ids=tuple(dict.fromkeys(target.target_id for target in targets)),
    )
    state = (part.one("state") or "").casefold()
    # Without a word on what the post is, it is evidence, and no allegation is made up.
    alleged = state != _CLEARED and bool(state or category.leaf != "meta.other")
    return _Post(content, author, key, targets, raw, category, alleged, content_free)


def _is_author(reference: Reference) -> bool:
    kinds = _AUTHORED_BY if reference.outward else _AUTHORED
    return reference.other.name in ACCOUNTS and reference.kind in kinds


def _author(
    part: Part, linked: list[Reference], platform: str | None, page: str | None, around: About, context: Context
) -> tuple[Account | None, Key | None]:
    """Find who posted: the account that a reference names, else what the post itself says."""
    for each in linked:
        if _is_author(each):
            try:
                return account_of(each.other, around.seen, context)[0], None
            except (LeftOut, RejectedRecord):
                continue
    handle = part.one(*_HANDLES) or (part.one("name") if part.name == "twitter-post" else None)
    named = Named(platform, None, part.one(*_IDS), None, handle or part.one("from-number"), page)
    try:
        key = key_of(named, context.keyring)
    except RejectedRecord:
        return None, None
    if key is None:
        return None, None
    account = Account(
        account_id=key.account_id,
        platform=key.platform,
        instance=key.instance,
        native_id=key.native_id,
        id_kind=key.id_kind,
        observed_at=around.seen,
        handle=key.handle,
        display_name=part.one(*_NAMES),
    )
    return account, key


def _author_rows(part: Part, author: Account, key: Key, context: Context) -> Iterator[Row]:
    """Give an author of whom only the post tells; one that has an object of its own is told of there."""
    numbers = [Seen(number) for number in part.every("from-number")]
    yield from profile_rows(
        author,
        source=context.source,
        keyring=context.keyring,
        emails=[Seen(key.email)] if key.email else [],
        phones=[*numbers, *([Seen(key.phone)] if key.phone else [])],
    )


def _link_rows(part: Part, post: _Post, context: Context) -> Iterator[Row]:
    content = post.content
    if content.account_id and content.text:
        words = " ".join([content.text, *part.every("embedded-link", "embedded-safe-link")])
        at = content.created_at or content.observed_at
        yield from posted_links(content.account_id, words, source=context.source, at=at)


def _targets(
    part: Part,
    linked: list[Reference],
    platform: str,
    author: Account | None,
    around: About,
    words: str,
    context: Context,
) -> Iterator[Target]:
    """Give whom the post is aimed at: as references say, whom it answers, whom it names."""
    for each in linked:
        if each.outward and each.kind in AIMS:
            yield from _referenced(each, around, context)
    own = (author.handle or "").casefold() if author else ""
    replied = [name for name in part.every("in-reply-to-display-name") if name.startswith("@")]
    mentioned = [*part.every("username-quoted"), *(_X_MENTION.findall(words) if platform == "x" else [])]
    named = [(name, "reply_parent") for name in replied] + [(name, "mention") for name in mentioned]
    named += [(name, "intake") for name in part.every("to-user")]
    told: set[str] = set()
    for name, derivation in named:
        handle = name.lstrip("@").removeprefix("u/").strip()
        if handle and handle.casefold() not in {own, *told} and redact(handle) == handle:
            told.add(handle.casefold())
            instance = "bsky" if platform == "bluesky" else author.instance if author else platform
            yield Target(
                f"{platform}:{instance}:{handle.lower()}",
                platform=platform,
                handle=handle,
                derivations=(derivation,),
                observed_at=around.seen,
            )


def _referenced(reference: Reference, around: About, context: Context) -> Iterator[Target]:
    other = reference.other
    if other.name in PERSONS:
        yield from person_targets(other, around.seen, aimed_at=True)
    elif other.name in ACCOUNTS:
        with suppress(LeftOut, RejectedRecord):
            yield aimed_at(account_of(other, around.seen, context)[0])


def _content_id(part: Part, platform: str, page: str | None, number: str | None, author: Account | None) -> str:
    """Key a post as its platform's own adapter does, where its address or number tells; else by its object."""
    if platform == "x" and number and number.isdecimal():
        return f"x:{number}"
    by_address = content_id_of(page, platform, author)
    if by_address:
        return by_address
    if number and redact(number) == number:
        chat = part.one("chat-id")
        return f"{platform}:{chat}/{number}" if chat else f"{platform}:{number}"
    return f"{platform}:misp:{fields.required_text(part.found, 'uuid')}"


def _labels(part: Part) -> list[str]:
    """List what is said of the post: its state, then the tags on its attributes."""
    marked = [tag for each in fields.items(part.found, "Attribute") for tag in tags(each)]
    state = part.one("state")
    return [*([state] if state else []), *marked]


def _platform(part: Part) -> str | None:
    found = platform_of(part.one(*_PLATFORMS))
    return None if found in _NO_PLATFORM else found


def _platform_of_page(page: str | None, context: Context) -> str | None:
    key = key_of(Named(content_url=page), context.keyring) if page else None
    return key.platform if key else None


def _report(found: Record, post: _Post, around: About, context: Context, *, deleted: bool) -> Report:
    comment = fields.text(found, "comment")
    return Report(
        report_id=f"{PLATFORM}:{fields.required_text(found, 'uuid')}",
        source=context.source,
        source_kind=SourceKind.INTAKE,
        platform=post.content.platform,
        account_id=post.content.account_id,
        category_raw=redact(post.raw) if post.raw else None,
        category_reported=post.category.leaf,
        specificity=post.category.specificity,
        gate=post.category.gate,
        reported_at=around.told_at,
        observed_at=around.seen,
        reporter_ref=context.keyring.reporter(PLATFORM, around.author) if around.author else None,
        text=redact(comment) if comment and not post.content_free and not deleted else None,
        # Who deletes what it told takes it back.
        status=ReportStatus.DISMISSED if deleted else None,
        status_raw="deleted" if deleted else None,
        content_ids=() if deleted else (post.content.content_id,),
        target_ids=() if deleted else post.content.target_ids,
    )
