"""Reads what a Discourse forum's staff can export: pages of the review queue, and admin users."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from graphmatch.adapter import Context, Head, Layout, Options, RawRecord, Refusal, Unreadable
from graphmatch.errors import RejectedRecord
from graphmatch.model import Row
from graphmatch.readers import read_layout
from graphmatch.readers.pages import read_pages
from ingest.discourse.accounts import home_of
from ingest.discourse.pages import split, with_host
from ingest.discourse.reviewables import reviewable_rows
from ingest.discourse.users import user_rows

#: What stands beside the items of a page, at least one of which every page has.
_BESIDE = frozenset({"reviewable_scores", "score_types", "__rest_serializer", "bundled_actions"})
_USER = frozenset({"id", "username", "trust_level"})
#: What only admins see of a user.
_ADMINS_ONLY = frozenset(
    {"registration_ip_address", "ip_address", "time_read", "staged", "last_emailed_age", "suspended_till", "flag_level"}
)
_UNKNOWN = Refusal("not a page of a Discourse review queue, and no admin user of one")
_POSTS = Refusal("posts of a Discourse topic without flags; export /review.json?status=all instead")
_ITEMS_ALONE = Refusal(
    "items of a Discourse review queue without the flags that stand beside them; export whole pages of "
    "/review.json?status=all"
)
_USERS_ALONE = Refusal("users as everybody sees them; export /admin/users/<id>.json or /admin/users/list instead")
_SETTINGS = Refusal("the settings of a Discourse review queue: it holds no item", known=True)
_TOPICS = Refusal("a count of flags by topic; export /review.json?status=all instead")


class DiscourseAdapter:
    """Reads pages of the review queue and admin users, each as one, as an array, or one a line."""

    name = "discourse"

    def __init__(self, options: Options) -> None:
        self._options = options

    def recognise(self, head: Head) -> Layout | Refusal:
        """Say how to read the file, or why it is none of Discourse's."""
        if head.format == "json_object":
            return _document(head)
        if head.format in ("json_array", "ndjson") and isinstance(head.first, Mapping):
            first = head.first
            if _is_page(first):
                return Layout(head.format, "reviewable")
            if _is_admin_user(first):
                return Layout(head.format, "admin_user")
            return _refusal(first)
        return _UNKNOWN

    def read(self, stream: BinaryIO, layout: Layout) -> Iterator[RawRecord | Unreadable]:
        """Stream the items of the pages, each put together with its flags, or the users."""
        if layout.record == "admin_user" and layout.format != "ndjson":
            return with_host(read_layout(stream, layout))
        return with_host(read_pages(stream, layout, split))

    def normalise(self, record: RawRecord, context: Context) -> Iterator[Row]:
        """Say what one record holds; its own keys tell what it is."""
        value = record.value
        if "reviewable" in value and "scores" in value:
            yield from reviewable_rows(value, context, home_of(record))
        elif "username" in value:
            yield from user_rows(value, context, home_of(record), self._options)
        else:
            raise RejectedRecord("neither an item of a Discourse review queue nor an admin user")


def _document(head: Head) -> Layout | Refusal:
    keys = frozenset(head.top_keys)
    first = head.arrays.get("reviewables")
    if ("reviewables" in keys or "reviewable" in keys) and (keys & _BESIDE or _is_item(first)):
        return Layout("json_object", "reviewable")
    if keys >= _USER and keys & _ADMINS_ONLY:
        return Layout("json_object", "admin_user")
    users = head.arrays.get("users")
    if isinstance(users, Mapping) and _is_admin_user(users):
        return Layout("json_object", "admin_user", "users")
    if "reviewable_score_types" in keys:
        return _SETTINGS
    if "reviewable_topics" in keys:
        return _TOPICS
    return _POSTS if "post_stream" in keys else _UNKNOWN


def _is_page(value: Mapping[str, Any]) -> bool:
    return ("reviewables" in value or "reviewable" in value) and bool(value.keys() & _BESIDE)


def _is_item(value: object) -> bool:
    return isinstance(value, Mapping) and {"type", "reviewable_score_ids"} <= value.keys()


def _is_admin_user(value: Mapping[str, Any]) -> bool:
    return value.keys() >= _USER and bool(value.keys() & _ADMINS_ONLY)


def _refusal(first: Mapping[str, Any]) -> Refusal:
    if _is_item(first):
        return _ITEMS_ALONE
    if "post_stream" in first:
        return _POSTS
    return _USERS_ALONE if first.keys() >= _USER and "avatar_template" in first else _UNKNOWN
