"""Items of the API's pages → one record a comment or channel. A thread holds its first comment and some replies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from graphmatch import fields

_COMMENT = frozenset({"textDisplay", "textOriginal", "authorDisplayName", "authorChannelId"})
_CHANNEL = frozenset({"customUrl", "localized", "thumbnails", "description", "publishedAt", "country"})
#: What tells a video, playlist or search result, which also have a title and a description.
_ABOUT_OTHERS = frozenset({"channelId", "channelTitle", "videoId", "resourceId", "categoryId"})
#: What a reply does not say itself, and its thread does.
_OF_THREAD = ("channelId", "videoId")


def shape_of(item: Mapping[str, Any]) -> str | None:
    """Tell what an item is from its keys: a ``thread``, ``comment``, ``channel`` or ``reason``; else ``None``."""
    snippet = item.get("snippet")
    if not isinstance(snippet, Mapping):
        return None
    keys = snippet.keys()
    if "topLevelComment" in keys:
        return "thread"
    if keys & _COMMENT:
        return "comment"
    if "title" in keys and keys & _CHANNEL and not keys & _ABOUT_OTHERS and _is_channel(item):
        return "channel"
    return "reason" if "label" in keys else None


def records_of(item: dict[str, Any]) -> Iterator[object]:
    """Give a page's, or an item's, comments and channels.

    Raises
    ------
    RejectedRecord
        A thread has no comment where one should stand.
    """
    if isinstance(item.get("items"), list):
        for one in item["items"]:
            yield from records_of(one) if isinstance(one, dict) else [one]
    elif shape_of(item) == "thread":
        yield from _of_thread(item)
    else:
        yield item


def _is_channel(item: Mapping[str, Any]) -> bool:
    kind = item.get("kind")
    named = kind == "youtube#channel" if isinstance(kind, str) else isinstance(item.get("id"), str)
    return named or "statistics" in item


def _of_thread(item: dict[str, Any]) -> Iterator[object]:
    snippet = fields.mapping(item, "snippet")
    common = {name: snippet[name] for name in _OF_THREAD if snippet.get(name) is not None}
    bare = {
        **{name: value for name, value in item.items() if name != "replies"},
        "snippet": {name: value for name, value in snippet.items() if name != "topLevelComment"},
    }
    replies = item.get("replies")
    listed = replies.get("comments") if isinstance(replies, Mapping) else None
    for comment in (snippet["topLevelComment"], *(listed if isinstance(listed, list) else ())):
        said = comment.get("snippet") if isinstance(comment, dict) else None
        if isinstance(said, Mapping):
            yield {**comment, "snippet": {**common, **said}, "thread": bare}
        else:
            yield comment
