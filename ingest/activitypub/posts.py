"""The posts of a Flag, by address or shown → contents, their authors, and whom they are aimed at."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from graphmatch import fields
from graphmatch.model import Content, Target
from graphmatch.normalise.fediverse import Key, author_of_post, is_address, key_of, post_id
from graphmatch.normalise.text import mentions_in_html, redact, strip_html
from ingest.activitypub.accounts import mention_name, own_name, page_of
from ingest.activitypub.objects import Thing, one

Record = Mapping[str, Any]


def author_of(post: Thing) -> Thing | None:
    """Name a post's author: as it is shown, or by the address that a Mastodon post's own begins with."""
    shown = one(post.shown, "actor", "attributedTo")
    if shown:
        return shown
    address = author_of_post(post.address)
    return Thing(address) if address else None


def content_of(post: Thing, author: Key | None, seen: datetime | None, *, content_free: bool) -> Content:
    """Read a post; of a bare address no more is known than that."""
    content_id = post_id(post.address)
    text = strip_html(fields.text(post.shown, "content") or fields.text(post.shown, "name") or "")
    warning = fields.text(post.shown, "summary")
    page = page_of(post.shown) or (post.address if is_address(post.address) else None)
    text = f"{strip_html(warning)}: {text}" if warning else text
    return Content(
        content_id=content_id,
        platform=content_id.partition(":")[0],
        account_id=author.account_id if author else None,
        text=redact(text) if text and not content_free else None,
        url=None if content_free else page,
        created_at=fields.time(post.shown, "published"),
        observed_at=seen,
        target_ids=tuple(name for name in _mentioned(post) if author is None or name != own_name(author)),
    )


def targets_of(
    posts: list[Thing], authors: set[str | None], reporter: Key | None, seen: datetime | None
) -> dict[str, Target]:
    """Derive who posts are aimed at from whom they mention and answer; whoever writes is no target of their own."""
    reported_by = own_name(reporter) if reporter else None
    found: dict[str, Target] = {}
    for post in posts:
        for target_id, derivation in _mentioned(post).items():
            if target_id not in authors:
                platform, _, handle = target_id.split(":", 2)
                found[target_id] = Target(
                    target_id,
                    platform=platform,
                    handle=handle,
                    derivations=("reporter" if target_id == reported_by else derivation,),
                    observed_at=seen,
                )
    return found


def _mentioned(post: Thing) -> dict[str, str]:
    """Give the names of the accounts that a post mentions or answers, with what makes each one a target."""
    answered = author_of_post(_answered(post))
    found: dict[str, str] = {}
    for tag in _tags(post.shown):
        address = fields.text(tag, "href") or ""
        name = mention_name(fields.text(tag, "name") or "") or mention_name(address)
        if name:
            found[name] = "reply_parent" if answered and address == answered else "mention"
    for address in mentions_in_html(fields.text(post.shown, "content") or ""):
        if name := mention_name(address):
            found.setdefault(name, "mention")
    parent = key_of(answered)
    if parent and (name := own_name(parent)):
        found[name] = "reply_parent"
    return found


def _answered(post: Thing) -> str:
    parent = one(post.shown, "inReplyTo")
    return parent.address if parent else ""


def _tags(shown: Record) -> list[Record]:
    """List the mentions among a post's tags, of which there may be one alone."""
    found = shown.get("tag")
    given = found if isinstance(found, list) else [found]
    return [tag for tag in given if isinstance(tag, Mapping) and tag.get("type") == "Mention"]
