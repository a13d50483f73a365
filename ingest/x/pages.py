"""Pages of X's API → posts, accounts and errors, each post with what the page says of its author beside it.

A page lists posts, and apart from them, once each, the accounts and posts that they name. They are joined in the
form that twarc's ``flatten`` writes, so that its files are read the same way.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from graphmatch import fields
from graphmatch.errors import RejectedRecord
from ingest.x.releases import TWEET_COLUMNS, USER_COLUMNS

Page = Mapping[str, Any]

_OF_TWEET = frozenset({"author_id", "conversation_id", "edit_history_tweet_ids", "public_metrics", "author_user"})
#: What the API says of an account and no other platform does; of a bare one at least one of them is asked for.
_OF_USER = frozenset(
    {
        "profile_image_url",
        "protected",
        "public_metrics",
        "verified_type",
        "pinned_tweet_id",
        "most_recent_tweet_id",
        "__twarc",
    }
)
_OF_OTHERS = frozenset({"acct", "host", "discriminator", "global_name", "actor_id", "text", "did", "ap_id"})
_OF_RECORD = ("__twarc", "matching_rules")


def shape_of(record: Page) -> str | None:
    """Tell what a record is from its keys; ``None`` if it is none of X's."""
    keys = record.keys()
    if "tweetid" in keys or "userid" in keys:
        return "released_tweet" if keys >= TWEET_COLUMNS else "released_user" if keys >= USER_COLUMNS else None
    if _is_problem(record):
        return "problem"
    if {"id", "text"} <= keys and keys & _OF_TWEET:
        return "tweet"
    if {"id", "username", "name"} <= keys and not keys & _OF_OTHERS:
        return "user"
    if "screenNameChange" in keys:
        return "archive_name_change"
    return "archive_account" if "account" in keys and isinstance(record["account"], Mapping) else None


def page_kind(page: Page) -> str | None:
    """Tell what a page, or a bare record, holds: ``tweet``, ``user`` or ``problem``; ``None`` if it is none of X's."""
    shape = shape_of(page)
    if shape in ("tweet", "problem") or (shape == "user" and page.keys() & _OF_USER):
        return shape
    data = page.get("data")
    first = data[0] if isinstance(data, list) and data else data
    if isinstance(first, Mapping):
        shape = shape_of(first)
        wrapped = "paging" not in page
        return shape if shape == "tweet" or (shape == "user" and wrapped) else None
    errors = page.get("errors")
    if isinstance(errors, list) and errors and isinstance(errors[0], Mapping) and _is_problem(errors[0]):
        return "problem"
    users = (
        fields.value(page, "includes.users") if "data" in page and isinstance(page.get("includes"), Mapping) else None
    )
    known = isinstance(users, list) and users and isinstance(users[0], Mapping) and shape_of(users[0]) == "user"
    return "tweet" if known else None


def records_of(page: dict[str, Any]) -> Iterator[object]:
    """Give the posts, accounts and errors of a page; what is no page is a record itself.

    Raises
    ------
    RejectedRecord
        The parts of the page are not what X writes.
    """
    if shape_of(page) is not None or not page.keys() & {"data", "errors", "meta"}:
        yield page
        return
    common = {name: page[name] for name in _OF_RECORD if name in page}
    data = page.get("data")
    listed = [] if data is None else data if isinstance(data, list) else [data]
    users = _by_id(page, "includes.users")
    tweets = {
        **{str(item.get("id")): item for item in listed if isinstance(item, dict)},
        **_by_id(page, "includes.tweets"),
    }
    for item in listed:
        yield {**common, **_joined(item, users, tweets)} if isinstance(item, dict) else item
    errors = page.get("errors")
    if errors is not None and not isinstance(errors, list):
        raise RejectedRecord(f"the field 'errors' should be a list, not {type(errors).__name__}")
    for error in errors or ():
        yield {**common, **error} if isinstance(error, dict) else error


def _is_problem(record: Page) -> bool:
    kind = record.get("type")
    named = isinstance(kind, str) and "/2/problems/" in kind
    return "detail" in record and (
        named or ("title" in record and record.keys() & {"resource_type", "parameter"} != set())
    )


def _by_id(page: Page, path: str) -> dict[str, dict[str, Any]]:
    listed = fields.value(page, path)
    if listed is not None and not isinstance(listed, list):
        raise RejectedRecord(f"the field {path!r} should be a list, not {type(listed).__name__}")
    found = {}
    for item in listed or ():
        number = item.get("id") if isinstance(item, dict) else None
        if isinstance(number, str | int):
            found[str(number)] = item
    return found


def _joined(
    item: dict[str, Any], users: Mapping[str, dict[str, Any]], tweets: Mapping[str, dict[str, Any]]
) -> dict[str, Any]:
    if shape_of(item) != "tweet":
        return item
    joined = dict(item)
    for name, number in (("author", item.get("author_id")), ("in_reply_to_user", item.get("in_reply_to_user_id"))):
        if name not in item and str(number) in users:
            joined[name] = users[str(number)]
    references = item.get("referenced_tweets")
    if isinstance(references, list):
        joined["referenced_tweets"] = [_with_author(reference, users, tweets) for reference in references]
    return joined


def _with_author(
    reference: object, users: Mapping[str, dict[str, Any]], tweets: Mapping[str, dict[str, Any]]
) -> object:
    """Give a reference with who wrote the post: its words are another's and stay out."""
    tweet = tweets.get(str(reference.get("id"))) if isinstance(reference, dict) else None
    if tweet is None or not isinstance(reference, dict) or "author_id" not in tweet:
        return reference
    author = users.get(str(tweet["author_id"]))
    return {**reference, "author_id": tweet["author_id"], **({"author": author} if author else {})}
