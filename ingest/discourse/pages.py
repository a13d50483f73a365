"""A page of the review queue, whose parts name each other by number → one record an item; and the forum's host.

A page lists items, scores (the flags), users, types of score and the flaggers' conversations with the moderators side
by side. What belongs to one item is put together here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Any
from urllib.parse import urlsplit

from graphmatch.adapter import RawRecord, Unreadable
from graphmatch.errors import RejectedRecord

Record = Mapping[str, Any]

#: So many records at the beginning of a file are held until one of them names the forum.
HELD = 1_000
_AVATAR_HOST = re.compile(r"/user_avatar/(?P<host>[A-Za-z0-9.-]{1,253})/")
_HREF = re.compile(r"href=[\"'](?P<address>https?://[^\"'\s]{1,500})", re.IGNORECASE)


def split(page: dict[str, Any]) -> Iterator[object]:
    """Give the records of a page; what is no page is a record itself (an admin user)."""
    items = page.get("reviewables")
    if items is None and isinstance(page.get("reviewable"), dict) and "scores" not in page:
        items = [page["reviewable"]]
    if items is None:
        if "reviewables" not in page:
            yield page
        return
    if not isinstance(items, list):
        raise RejectedRecord(f"the field 'reviewables' should be a list, not {type(items).__name__}")
    side = _Side(page)
    for item in items:
        if not isinstance(item, dict):
            yield item
            continue
        joined = side.joined(item)
        yield joined
        # A flag that the page names and does not show is lost: it stands for a place that holds no record.
        wanted = item.get("reviewable_score_ids")
        if joined["scores"] and isinstance(wanted, list):
            yield from [None] * (len(wanted) - len(joined["scores"]))


def with_host(records: Iterable[RawRecord | Unreadable]) -> Iterator[RawRecord | Unreadable]:
    """Tell each record of a file which forum the file is of: the first host that any of them names."""
    held: list[RawRecord | Unreadable] = []
    rest = iter(records)
    host: str | None = None
    for record in rest:
        held.append(record)
        host = host_of(record.value) if isinstance(record, RawRecord) else None
        if host or len(held) >= HELD:
            break
    for record in chain(held, rest):
        if host and isinstance(record, RawRecord):
            yield RawRecord(record.line, record.value, {**record.around, "host": host})
        else:
            yield record


def host_of(record: Record) -> str | None:
    """Find the forum's host in what a record shows of it: the item's address, an avatar's, a conversation's."""
    return next(filter(None, map(_host, _addresses(record))), None)


class _Side:
    """What stands beside the items of one page, by number."""

    def __init__(self, page: Record) -> None:
        self._users = _by_id(page, "users")
        self._scores = _by_id(page, "reviewable_scores")
        self._types = _by_id(page, "score_types")
        self._conversations = _by_id(page, "reviewable_conversations")
        self._posts = _by_id(page, "conversation_posts")
        self._host = next(filter(None, map(_host, self._all_addresses(page))), None)

    def joined(self, item: dict[str, Any]) -> dict[str, Any]:
        """Put an item together with its flags and the accounts that it names."""
        inside = item.get("reviewable_scores")
        scores = inside if isinstance(inside, list) else _chosen(self._scores, item.get("reviewable_score_ids"))
        made: dict[str, Any] = {
            "reviewable": item,
            "scores": [self._score(score) if isinstance(score, dict) else score for score in scores],
        }
        for name, keys in (("target", ("target_created_by", "user")), ("created_by", ("created_by",))):
            user = next((found for key in keys if (found := self._user(item, key))), None)
            made |= {name: user} if user else {}
        host = host_of(made) or self._host
        return made | ({"host": host} if host else {})

    def _score(self, score: dict[str, Any]) -> dict[str, Any]:
        made = dict(score)
        conversation = score.get("reviewable_conversation")
        if not isinstance(conversation, dict):
            conversation = self._conversations.get(_id(score.get("reviewable_conversation_id")), {})
        inside = conversation.get("conversation_posts")
        posts = inside if isinstance(inside, list) else _chosen(self._posts, conversation.get("conversation_post_ids"))
        kind = self._types.get(_id(score.get("score_type_id")))
        user = self._user(score, "user")
        made |= {"conversation_posts": posts} if posts else {}
        made |= {"score_type": kind} if kind else {}
        return made | ({"user": user} if user else {})

    def _user(self, holder: Record, name: str) -> dict[str, Any] | None:
        inside = holder.get(name)
        return inside if isinstance(inside, dict) else self._users.get(_id(holder.get(f"{name}_id")))

    def _all_addresses(self, page: Record) -> Iterator[object]:
        items = page.get("reviewables")
        for item in items if isinstance(items, list) else ():
            yield item.get("target_url") if isinstance(item, dict) else None
        for beside in (self._conversations, self._users):
            for found in beside.values():
                yield found.get("permalink") or found.get("avatar_template")


def _by_id(page: Record, name: str) -> dict[str, dict[str, Any]]:
    found = page.get(name)
    if found is None:
        return {}
    if not isinstance(found, list):
        raise RejectedRecord(f"the field {name!r} should be a list, not {type(found).__name__}")
    return {_id(item.get("id")): item for item in found if isinstance(item, dict) and _id(item.get("id"))}


def _id(value: object) -> str:
    """Write a number as a key; blank for what is none."""
    return str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""


def _chosen(beside: Mapping[str, dict[str, Any]], numbers: object) -> list[dict[str, Any]]:
    if not isinstance(numbers, list):
        return []
    return [beside[_id(number)] for number in numbers if _id(number) in beside]


def _addresses(record: Record) -> Iterator[object]:
    """Give what may name the forum in a joined item, or in an admin user."""
    item = record.get("reviewable")
    if isinstance(item, Mapping):
        yield item.get("target_url")
    scores = record.get("scores")
    for user in (record, record.get("target"), record.get("created_by")):
        if isinstance(user, Mapping):
            yield user.get("avatar_template")
    for score in scores if isinstance(scores, list) else ():
        if isinstance(score, Mapping):
            reason = score.get("reason")
            link = _HREF.search(reason[:5_000]) if isinstance(reason, str) else None
            yield link["address"] if link else None


def _host(address: object) -> str | None:
    """Give the forum's host as an avatar's path holds it (the picture may lie elsewhere), else the address's own."""
    if not isinstance(address, str):
        return None
    if avatar := _AVATAR_HOST.search(address):
        return avatar["host"].lower()
    if not address.startswith(("https://", "http://")) or "avatar" in address:
        return None
    try:
        return urlsplit(address).hostname
    except ValueError:
        return None
