"""A reported post, comment, private message or community → its content, and whom it mentions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from graphmatch import fields
from graphmatch.errors import RejectedRecord
from graphmatch.model import Content
from graphmatch.normalise.fediverse import FAMILY, is_address, post_id
from graphmatch.normalise.text import redact
from ingest.lemmy.persons import PLATFORM, address_of, home_of, key_at, moment

Record = Mapping[str, Any]

#: Which fields hold the words of each kind of thing, and under which names a report keeps them as they were.
LIVE = {
    "post": ("name", "body"),
    "comment": ("content",),
    "private_message": ("content",),
    "community": ("name", "title", "description", "sidebar"),
}
SNAPSHOT = {
    "post": ("original_post_name", "original_post_body"),
    "comment": ("original_comment_text",),
    "private_message": ("original_pm_text",),
    "community": (
        "original_community_name",
        "original_community_title",
        "original_community_description",
        "original_community_sidebar",
    ),
}
_LEMMYS_OWN = ("private_message", "community")
#: What Lemmy writes in the place of words that are gone.
_GONE = frozenset({"*permanently deleted*", "*removed by mod*", "*removed by moderator*", "*deleted by creator*"})
_MENTION = re.compile(
    r"\[@?[^\[\]\n]{1,200}\]\(https?://(?P<linked_host>[\w.-]{1,253}+)/u/(?P<linked>[\w.-]{1,64}+)\)"
    r"|(?<![\w@./\[])@(?P<name>[\w.-]{1,64}+)@(?P<host>(?:[\w-]{1,63}\.){1,8}[A-Za-z]{2,24})(?![\w@])"
)
_LONGEST_TEXT = 100_000


def content_id(record: Record, path: str) -> str:
    """Key a thing by its address, which is the same on every server."""
    address = address_of(record, path)
    if address is None or not is_address(address):
        raise RejectedRecord(f"the field '{path}.ap_id' holds no address")
    # Only Lemmy shows its messages and communities; what is posted, other platforms know by the same key.
    return f"{PLATFORM}:{address}" if path.endswith(_LEMMYS_OWN) else post_id(address)


def words(record: Record, path: str, names: tuple[str, ...]) -> str | None:
    """Give what was written, as it stands under ``names`` in the object at ``path``; ``None`` if it is gone."""
    parts = [fields.text(record, f"{path}.{name}") for name in names]
    kept = [part for part in dict.fromkeys(parts) if part and part.lower() not in _GONE]
    return "\n".join(kept) or None


def content_row(
    record: Record,
    path: str,
    *,
    author: str | None,
    text: str | None,
    seen: datetime | None,
    keep: bool = True,
    target_ids: tuple[str, ...] = (),
) -> Content:
    """Give the row of the thing at ``path``; ``keep`` is false where nothing of what it says may be kept."""
    return Content(
        content_id=content_id(record, path),
        platform=PLATFORM,
        account_id=author,
        text=redact(text) if text and keep else None,
        url=address_of(record, path) if keep else None,
        created_at=moment(record, path, "published", "published_at"),
        observed_at=seen,
        target_ids=target_ids,
    )


def mentions(text: str | None, hosts: set[str]) -> dict[str, str]:
    """List whom a text mentions, as target ids and their handles.

    ``hosts`` are servers that are known to run Lemmy; who is mentioned elsewhere is held to be on Mastodon, unless the
    mention's address is a Lemmy profile's.
    """
    found: dict[str, str] = {}
    for match in _MENTION.finditer((text or "")[:_LONGEST_TEXT]):
        linked = match["linked"] is not None
        handle = (match["linked"] if linked else match["name"]).rstrip(".-")
        host = (match["linked_host"] if linked else match["host"]).lower()
        platform = PLATFORM if linked or host in hosts else FAMILY
        if handle:
            found[f"{platform}:{host}:{handle.lower()}"] = handle
    return found


def hosts_of(record: Record) -> set[str]:
    """List the servers that run Lemmy by the record: the one that made the export, and those of Lemmy's accounts."""
    keys = (key_at(record, path) for path, part in record.items() if isinstance(part, Mapping))
    return {home_of(record), *(key.instance for key in keys if key and key.platform == PLATFORM)}
