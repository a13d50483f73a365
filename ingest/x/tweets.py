"""A post on X → its author, its words, and whom it is aimed at: whom it mentions and whom it answers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from html import unescape
from typing import Any

from graphmatch import fields
from graphmatch.adapter import Context
from graphmatch.errors import RejectedRecord
from graphmatch.model import Account, Content, Row, Target
from graphmatch.normalise.text import redact
from graphmatch.normalise.times import from_x_id
from graphmatch.profile import profile_rows
from ingest.x.users import PLATFORM, account_id, account_of, handle_in, is_number, links_of, pulled_at

Record = Mapping[str, Any]

_NUMBER = re.compile(r"\d{1,20}")
_REPEATED = re.compile(r"RT @(\w{1,50}):", re.ASCII)
#: Where a post's author stands: twarc's files and our own joining, and 4CAT's.
_AUTHOR = ("author", "author_user")


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody whom a post names: by handle, by number, or by both."""

    number: str | None
    handle: str | None

    @property
    def target_id(self) -> str | None:
        """Write the target's key: by handle, which is how registries know it, else by number."""
        name = self.handle.lower() if self.handle else self.number
        return account_id(name) if name else None


def tweet_rows(record: Record, context: Context) -> Iterator[Row]:
    """Say what one post holds. Whom it names become targets, never accounts."""
    number = fields.required_text(record, "id")
    if not _NUMBER.fullmatch(number):
        raise RejectedRecord("the field 'id' is no post's number")
    posted = fields.time(record, "created_at") or from_x_id(number)
    pulled = pulled_at(record, context)
    seen = pulled or posted
    profile = _author(record)
    account = _account(record, profile, seen, is_there=pulled is not None)
    targets = targets_of(record, account, seen)
    if account:
        links = links_of(profile) if account.handle else []
        yield from profile_rows(account, source=context.source, links=links, keyring=context.keyring)
    yield from targets.values()
    yield Content(
        content_id=f"{PLATFORM}:{number}",
        platform=PLATFORM,
        account_id=account.account_id if account else None,
        text=_words(record),
        url=f"https://x.com/i/web/status/{number}",
        created_at=posted,
        observed_at=seen,
        target_ids=tuple(targets),
    )


def targets_of(record: Record, account: Account | None, seen: datetime | None) -> dict[str, Target]:
    """Derive whom a post is aimed at. Whoever wrote what it merely repeats is not, and nobody aims at themselves."""
    author = Named(account.native_id, account.handle) if account else Named(None, None)
    repeated = [*map(_referenced, _references(record, "retweeted")), *_repeated_in(fields.text(record, "text"))]
    found: dict[str, Target] = {}
    named = [(one, "mention") for one in _mentions(record)]
    by_number = {one.number: one.handle for one, _ in named if one.number and one.handle}
    for one in _answered(record):
        handle = one.handle or by_number.get(one.number or "")
        named.append((Named(one.number, handle), "reply_parent"))
    for one, derivation in named:
        target_id = one.target_id
        if target_id is None or any(_same(one, other) for other in (author, *repeated)):
            continue
        known = found.get(target_id)
        found[target_id] = Target(
            target_id,
            PLATFORM,
            one.handle,
            derivations=(*known.derivations, derivation) if known else (derivation,),
            observed_at=seen,
        )
    return found


def _author(record: Record) -> Record:
    return next((found for path in _AUTHOR if (found := fields.mapping(record, path))), {})


def _account(record: Record, profile: Record, seen: datetime | None, *, is_there: bool) -> Account | None:
    number, shown = fields.text(record, "author_id"), fields.text(profile, "id")
    native = number or shown
    if native is None:
        return None
    if not is_number(native) or shown not in (None, native):
        profile = {}
    return account_of(profile, native, seen, "author_id", is_there=is_there and bool(profile))


def _words(record: Record) -> str | None:
    """Give the whole text: a long post's stands apart, and the API escapes three signs of it."""
    words = fields.text(record, "note_tweet.text") or fields.text(record, "text")
    return redact(unescape(words)) if words else None


def _mentions(record: Record) -> Iterator[Named]:
    for path in ("entities.mentions", "note_tweet.entities.mentions"):
        for mention in fields.items(record, path):
            yield Named(fields.text(mention, "id"), handle_in(fields.text(mention, "username")))


def _answered(record: Record) -> Iterator[Named]:
    number = fields.text(record, "in_reply_to_user_id")
    if number:
        yield Named(number, handle_in(fields.text(record, "in_reply_to_user.username")))
        return
    yield from (_referenced(reference) for reference in _references(record, "replied_to"))


def _repeated_in(words: str | None) -> Iterator[Named]:
    """Give whom X names at the beginning of a repeated post, also where the answer does not say who wrote it."""
    if match := _REPEATED.match(words or ""):
        yield Named(None, match[1])


def _references(record: Record, kind: str) -> list[Record]:
    return [one for one in fields.items(record, "referenced_tweets") if fields.text(one, "type") == kind]


def _referenced(reference: Record) -> Named:
    handle = handle_in(fields.text(_author(reference), "username"))
    return Named(fields.text(reference, "author_id"), handle)


def _same(one: Named, other: Named) -> bool:
    if one.number and other.number:
        return one.number == other.number
    return bool(one.handle and other.handle) and (one.handle or "").lower() == (other.handle or "").lower()
