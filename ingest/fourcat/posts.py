"""One row of a 4CAT table → the author, the post under the id that its own platform's export gives, and its targets."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from html import unescape
from typing import Any

from graphmatch import fields
from graphmatch.account_keys import without_contacts
from graphmatch.adapter import Context
from graphmatch.content_keys import content_id_of
from graphmatch.errors import LeftOut, RejectedRecord
from graphmatch.model import Account, Content, Row, Target
from graphmatch.normalise.links import account_key, author_of
from graphmatch.normalise.text import links_in_html, redact, strip_html
from graphmatch.normalise.times import from_x_id
from graphmatch.profile import posted_links, profile_rows
from ingest.fourcat.authors import author_of as account_in
from ingest.fourcat.authors import handle_of, is_hidden, is_lost
from ingest.fourcat.dialects import is_comment, link_in

Record = Mapping[str, Any]

_STATUS = re.compile(r"/status(?:es)?/(\d{1,20})")
_NUMBER = re.compile(r"\d{1,20}")
_TELEGRAM_POST = re.compile(r"(?P<chat>.{1,200})-(?P<number>\d{1,12})")
_TELEGRAM_NAME = re.compile(r"[A-Za-z]\w{3,31}", re.ASCII)
#: Platforms whose posts come with their markup.
_MARKED_UP = frozenset({"gab", "truthsocial"})
#: What 4CAT writes where a post has no time.
_NO_TIME = frozenset({"undefined", "0"})
_MENTIONED = ("mentions", "usertags", "entities_mentioned")
_ANSWERED = ("replied_author", "replied_user", "replied_to_user")
_REPEATED = ("retweeted_user",)
_FORWARDED = ("author_forwarded_from_id", "author_forwarded_from_name", "author_forwarded_from_username")
_DID = re.compile(r"did:[a-z]+:[\w.:%-]{1,256}")


@dataclass(frozen=True, slots=True)
class _Place:
    """A post's id, its address, and when it was made, as far as the row says."""

    content_id: str
    url: str | None
    created_at: datetime | None


def post_rows(record: Record, platform: str, context: Context) -> Iterator[Row]:
    """Say what one post of ``platform`` holds: no report, for a data set holds none."""
    account = account_in(record, platform, None)
    place = _place(record, platform, account, context)
    seen = context.observed_at or place.created_at
    account = account_in(record, platform, seen)
    targets = _targets(record, platform, account, seen)
    if account is None and platform == "telegram":
        raise LeftOut("a message whose author the data set does not name")
    words = _words(record, platform)
    forwarded = platform == "telegram" and not is_hidden(record) and any(fields.text(record, c) for c in _FORWARDED)
    if account:
        note = fields.text(record, "account_note")
        links = links_in_html(note) if note else []
        yield from profile_rows(account, source=context.source, links=links, keyring=context.keyring)
    if account and platform == "telegram" and words and not forwarded:
        # What is passed on is somebody else's word, and its links are theirs.
        yield from posted_links(account.account_id, words, source=context.source, at=place.created_at)
    yield from targets.values()
    yield Content(
        content_id=place.content_id,
        platform=platform,
        account_id=account.account_id if account else None,
        text=f"[forwarded] {words or ''}".strip() if forwarded else words,
        url=place.url,
        created_at=place.created_at,
        observed_at=seen,
        target_ids=tuple(targets),
    )


def _place(record: Record, platform: str, account: Account | None, context: Context) -> _Place:
    if platform == "x":
        return _on_x(record)
    created = _time(record)
    number, address = fields.required_text(record, "id"), link_in(record)
    if is_lost(record, number) and (address is None or is_comment(record) or is_hidden(record)):
        raise RejectedRecord("the field 'id' is a rounded number: a spreadsheet has lost its last digits")
    if is_hidden(record):
        # Ids and addresses of these platforms name the author, whom the data set means to hide.
        return _Place(f"{platform}:{_unnamed(number, context)}", None, created)
    if platform == "telegram":
        return _on_telegram(number, created)
    if platform == "bluesky" and number.startswith("at://"):
        return _Place(f"bluesky:{number}", address, created)
    if is_comment(record):
        video = fields.text(record, "post_url")
        return _Place(f"{platform}:comment:{number}", without_contacts(video) if video else None, created)
    found = content_id_of(address, platform, account) or f"{platform}:{number}"
    return _Place(found, without_contacts(address) if address else None, created)


def _on_x(record: Record) -> _Place:
    number, address = fields.text(record, "id"), link_in(record)
    in_address = _STATUS.search(address or "")
    if number is None or is_lost(record, number) or not _NUMBER.fullmatch(number):
        if in_address is None:
            raise RejectedRecord(
                "the field 'id' holds no whole number (a spreadsheet may have rounded it), nor does 'link'"
            )
        number = in_address[1]
    if address is None or in_address is None or is_hidden(record):
        address = f"https://x.com/i/web/status/{number}"
    return _Place(f"x:{number}", without_contacts(address), from_x_id(number) or _time(record))


def _on_telegram(number: str, created: datetime | None) -> _Place:
    """Key a message by its chat: a public one has an address that anybody would give, others only a number."""
    parts = _TELEGRAM_POST.fullmatch(number)
    chat = parts["chat"] if parts else ""
    if parts and _TELEGRAM_NAME.fullmatch(chat):
        address = f"https://t.me/{chat}/{parts['number']}"
        return _Place(content_id_of(address, "telegram") or f"telegram:{number}", address, created)
    if parts and chat.isdecimal():
        return _Place(f"telegram:{chat}/{parts['number']}", f"https://t.me/c/{chat}/{parts['number']}", created)
    return _Place(f"telegram:{number}", None, created)


def _unnamed(number: str, context: Context) -> str:
    return number if _NUMBER.fullmatch(number) else context.keyring.digest("content", number)


def _time(record: Record) -> datetime | None:
    """Give when a post was made. All of 4CAT's clocks show UTC; which column holds one depends on the platform."""
    for column in ("unix_timestamp", "timestamp"):
        written = fields.value(record, column)
        is_number = not isinstance(written, str) or _NUMBER.fullmatch(written)
        if is_number and (found := fields.epoch(record, column)) is not None:
            return found
    for column in ("created_at", "timestamp"):
        shown = fields.text(record, column)
        if shown and shown not in _NO_TIME and not _NUMBER.fullmatch(shown):
            return fields.time(record, column)
    return None


def _words(record: Record, platform: str) -> str | None:
    words = fields.text(record, "body")
    if words is None:
        return None
    if platform in _MARKED_UP:
        return redact(strip_html(words)) or None
    return redact(unescape(words) if platform == "x" else words)


def _targets(record: Record, platform: str, account: Account | None, seen: datetime | None) -> dict[str, Target]:
    """Derive whom a post is aimed at; whoever wrote what it merely repeats is not, nor its own author."""
    own = {account.account_id, account_key(platform, account.handle or "")} if account else set()
    own |= {account_key(platform, handle) for column in _REPEATED for handle in _handles(record, column)}
    found: dict[str, Target] = {}
    for columns, derivation in ((_MENTIONED, "mention"), (_ANSWERED, "reply_parent")):
        for handle in (handle for column in columns for handle in _handles(record, column)):
            _add(found, platform, handle, derivation, seen)
    video = fields.text(record, "post_url") if is_comment(record) else None
    owner = (author_of(video) if video else None) or ""
    if owner.startswith(f"{platform}:"):
        _add(found, platform, owner.rpartition(":")[2], "channel_owner", seen)
    return {key: target for key, target in found.items() if key not in own}


def _add(found: dict[str, Target], platform: str, handle: str, derivation: str, seen: datetime | None) -> None:
    key = account_key(platform, handle)
    known = found[key].derivations if key in found else ()
    shown = None if _DID.fullmatch(handle) else handle
    if derivation not in known:
        found[key] = Target(key, platform, shown, derivations=(*known, derivation), observed_at=seen)


def _handles(record: Record, column: str) -> Iterator[str]:
    for part in (fields.text(record, column) or "").split(","):
        written = part.strip()
        handle = written if _DID.fullmatch(written) else handle_of(written)
        if handle:
            yield handle
