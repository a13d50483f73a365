"""X's releases on information operations: accounts and posts by hand of a state. They serve to measure the linking.

Accounts with few followers bear a digest in the place of id, handle and name. Many copies went through a spreadsheet,
which rounds ids (``1.01421E+18``) and writes dates as ``7/3/2018``, month first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from graphmatch import fields
from graphmatch.adapter import Context
from graphmatch.errors import RejectedRecord
from graphmatch.model import Account, Content, IdKind, Precision, Row, Target
from graphmatch.normalise.text import redact
from graphmatch.normalise.times import from_local, from_x_id
from graphmatch.profile import profile_rows

PLATFORM = "x"
USER_COLUMNS = frozenset({"userid", "user_screen_name", "user_display_name", "account_creation_date"})
TWEET_COLUMNS = frozenset({"tweetid", "userid", "user_screen_name", "tweet_text", "tweet_time"})

Record = Mapping[str, Any]

_NUMBER = re.compile(r"\d{1,20}")
_DIGEST = re.compile(r"[A-Za-z0-9+/_-]{42,88}={0,2}")
_HANDLE = re.compile(r"\w{1,20}", re.ASCII)
_ROUNDED = re.compile(r"[+-]?\d+(?:[.,]\d*)?[eE][+-]?\d+|\d+[.,]\d+")
#: A spreadsheet keeps fifteen digits of a number and writes noughts for the rest.
_KEPT_DIGITS, _LONG_ID = 15, 18
_NAMED = re.compile(r"[\w+/=-]{1,90}", re.ASCII)


def released_user_rows(record: Record, context: Context) -> Iterator[Row]:
    """Say what one released account holds."""
    account = _account(record, context.observed_at)
    yield from _profile(record, account, context)


def released_tweet_rows(record: Record, context: Context) -> Iterator[Row]:
    """Say what one released post holds, and its author."""
    number = fields.required_text(record, "tweetid")
    if is_rounded(number) or not _NUMBER.fullmatch(number):
        raise RejectedRecord("the field 'tweetid' is a rounded number, or none: its last digits are lost")
    moment = _day(record, "tweet_time")
    posted = from_x_id(number) or (moment[0] if moment else None)
    seen = context.observed_at or posted
    account = _account(record, seen)
    targets = tuple(_targets(record, account, seen))
    words = fields.text(record, "tweet_text")
    yield from _profile(record, account, context)
    yield from targets
    yield Content(
        content_id=f"{PLATFORM}:{number}",
        platform=PLATFORM,
        account_id=account.account_id,
        text=redact(words) if words else None,
        created_at=posted,
        observed_at=seen,
        target_ids=tuple(target.target_id for target in targets),
    )


def is_rounded(number: str) -> bool:
    """Tell an id that a spreadsheet has rounded, written out (``1014210000000000000``) or not (``1.01421E+18``)."""
    if _ROUNDED.fullmatch(number):
        return True
    return len(number) >= _LONG_ID and number.isdecimal() and not number[_KEPT_DIGITS:].strip("0")


def _account(record: Record, seen: datetime | None) -> Account:
    number, name = fields.required_text(record, "userid"), fields.text(record, "user_screen_name")
    hidden = name is not None and (name == number or _DIGEST.fullmatch(name) is not None)
    handle = name if name and not hidden and _HANDLE.fullmatch(name) else None
    if _NUMBER.fullmatch(number) and not is_rounded(number):
        native, kind = number, IdKind.NUMERIC
    elif _DIGEST.fullmatch(number):
        native, kind = number, IdKind.HASHED
    elif handle and not is_rounded(handle):
        native, kind = f"@{handle.lower()}", IdKind.HANDLE_ONLY
    else:
        raise RejectedRecord("the field 'userid' is a rounded number, or none, and 'user_screen_name' names nobody")
    created = _day(record, "account_creation_date")
    return Account(
        account_id=f"{PLATFORM}:{PLATFORM}:{native}",
        platform=PLATFORM,
        instance=PLATFORM,
        native_id=native,
        id_kind=kind,
        observed_at=seen,
        handle=handle,
        display_name=None if hidden else fields.text(record, "user_display_name"),
        bio=fields.text(record, "user_profile_description"),
        url=f"https://x.com/{handle}" if handle else None,
        location=fields.text(record, "user_reported_location"),
        created_at=created[0] if created else None,
        created_at_precision=created[2] if created else None,
    )


def _profile(record: Record, account: Account, context: Context) -> Iterator[Row]:
    link = fields.text(record, "user_profile_url")
    links = [link] if link else []
    yield from profile_rows(account, source=context.source, links=links, keyring=context.keyring)


def _day(record: Record, path: str) -> tuple[datetime, datetime, Precision] | None:
    """Read a date of either style: month first, unless that can't be."""
    written = fields.text(record, path)
    if written is None:
        return None
    found = from_local(written, "UTC", dayfirst=False) or from_local(written, "UTC", dayfirst=True)
    if found is None:
        raise RejectedRecord(f"the field {path!r} is no date")
    return found


def _targets(record: Record, account: Account, seen: datetime | None) -> Iterator[Target]:
    """Give whom a post mentions and answers. The releases name them by id, those with few followers by digest."""
    answered = fields.text(record, "in_reply_to_userid")
    mentions = (fields.text(record, "user_mentions") or "").strip("[]")
    repeated = fields.text(record, "retweet_userid")
    found: dict[str, tuple[str, ...]] = {}
    for part in mentions.split(","):
        found.setdefault(part.strip(" '\""), ("mention",))
    if answered:
        found[answered] = (*found.get(answered, ()), "reply_parent")
    for name, derivations in found.items():
        if _NAMED.fullmatch(name) and not is_rounded(name) and name not in (account.native_id, repeated):
            yield Target(f"{PLATFORM}:{PLATFORM}:{name}", PLATFORM, derivations=derivations, observed_at=seen)
