"""Which platform a table of 4CAT's is from, and under which of its names each column goes. Source: 4CAT's own code."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from graphmatch import fields
from graphmatch.normalise.links import canonical_url
from graphmatch.normalise.platforms import PROFILE_PATHS

Record = Mapping[str, Any]

#: What every table has.
CORE = frozenset({"id", "body"})
#: Without a platform's own columns: enough to tell 4CAT's family, and the platform by each post's address.
LINKED = CORE | {"thread_id", "author", "author_id", "link"}

#: Columns that one platform's table has and no other's, the most telling first.
_MARKS: tuple[tuple[str, frozenset[str]], ...] = (
    ("tiktok", frozenset({"tiktok_url"})),
    ("tiktok", frozenset({"post_id", "comment_url"})),
    ("telegram", frozenset({"chat", "author_username"})),
    ("bluesky", frozenset({"replied_to_user", "author_id"})),
    ("gab", frozenset({"account_username", "account_account"})),
    ("truthsocial", frozenset({"account_username", "account_display_name"})),
    ("instagram", frozenset({"num_media", "num_likes"})),
    ("threads", frozenset({"author_is_verified", "reposts"})),
    ("facebook", frozenset({"author_name", "is_in_group"})),
    ("x", frozenset({"is_retweet", "retweet_count"})),
)
_READ = frozenset(platform for platform, _ in _MARKS)
_HANDLES = ("author_username", "account_username", "author")
_IDS = ("author_id", "account_id")
_NAMES = ("author_fullname", "author_full", "author_name", "author_display_name", "account_display_name")
_AVATARS = ("author_avatar_url", "author_avatar", "account_avatar")
_LINKS = ("tiktok_url", "link", "url")


def dialect_of(columns: tuple[str, ...]) -> str | None:
    """Tell the platform by its columns; ``None`` where they are those of several."""
    return _dialect_of(columns)


@lru_cache(maxsize=256)
def _dialect_of(columns: tuple[str, ...]) -> str | None:
    names = frozenset(columns)
    return next((platform for platform, marks in _MARKS if marks <= names), None)


def platform_of(record: Record) -> str | None:
    """Tell a post's platform: by the columns, else by the host of its address."""
    known = dialect_of(tuple(record))
    if known:
        return known
    address = link_in(record)
    host = (canonical_url(address) or "").partition("/")[0] if address else ""
    platform = PROFILE_PATHS[host][0] if host in PROFILE_PATHS else None
    return platform if platform in _READ else None


def handle_in(record: Record) -> str | None:
    """Give the author's handle as it is written."""
    return _first(record, _HANDLES)


def id_in(record: Record) -> tuple[str | None, str]:
    """Give the author's id as it is written, and the column that it stands in."""
    column = next((name for name in _IDS if name in record), _IDS[0])
    return fields.text(record, column), column


def name_in(record: Record) -> str | None:
    """Give the author's display name."""
    return _first(record, _NAMES)


def avatar_in(record: Record) -> str | None:
    """Give the address of the author's picture."""
    return _first(record, _AVATARS)


def link_in(record: Record) -> str | None:
    """Give the post's own address."""
    return _first(record, _LINKS)


def is_comment(record: Record) -> bool:
    """Tell a comment below a video on TikTok, which has no address of its own."""
    return "comment_url" in record


def _first(record: Record, columns: tuple[str, ...]) -> str | None:
    return next((found for name in columns if (found := fields.text(record, name))), None)
