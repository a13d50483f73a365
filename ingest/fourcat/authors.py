"""The author of a post in a table of 4CAT's → the account's key and row. Authors may be pseudonyms, or taken out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from graphmatch import fields
from graphmatch.account_keys import rounded
from graphmatch.errors import RejectedRecord
from graphmatch.model import Account, IdKind, Precision
from graphmatch.normalise.text import bears_contact, strip_html
from ingest.fourcat.dialects import avatar_in, handle_in, id_in, link_in, name_in

Record = Mapping[str, Any]

#: What 4CAT puts in the place of every value about an author: this word, or a digest with a salt of the data set's own.
_TAKEN_OUT = "REDACTED"
_DIGEST = re.compile(r"[0-9a-f]{48}")
#: Columns that say something else than who the author is: a digest that stands here too is the one of a blank.
_ELSEWHERE = (
    "author_banner_url",
    "author_avatar_url",
    "author_avatar",
    "author_forwarded_from_id",
    "author_forwarded_from_name",
)
_HANDLE = re.compile(r"@?([\w.\-]{1,100})")
_DID = re.compile(r"did:[a-z]+:[A-Za-z0-9._:%-]{1,256}")
_TIKTOK_ID = re.compile(r"@\d{15,20}")
_FACEBOOK_ID = re.compile(r"(?:profile\.php\?id=)?(\d{5,20})")
_TELEGRAM_CHANNEL = re.compile(r"-?(?:100)?(\d{1,20})")
#: A spreadsheet keeps fifteen digits of a number and writes noughts for the rest.
_KEPT_DIGITS, _LONG_ID = 15, 18
_LAST_NUMBER = re.compile(r"/(\d{15,20})(?:[/?#].*)?$")
_X_SIZE = re.compile(r"_(?:normal|bigger|mini|\d{2,4}x\d{2,4})(?=\.\w{2,5}$|$)")
_X_DEFAULT = "/default_profile_images/"
_ADDRESSES = {
    "x": "https://x.com/{}",
    "tiktok": "https://www.tiktok.com/@{}",
    "instagram": "https://www.instagram.com/{}",
    "threads": "https://www.threads.net/@{}",
    "telegram": "https://t.me/{}",
    "bluesky": "https://bsky.app/profile/{}",
    "gab": "https://gab.com/{}",
    "truthsocial": "https://truthsocial.com/@{}",
    "facebook": "https://www.facebook.com/{}",
}


def is_hidden(record: Record) -> bool:
    """Tell whether the data set's authors were made pseudonyms, or were taken out."""
    shown = (handle_in(record), id_in(record)[0], name_in(record))
    return any(cell is not None and (cell == _TAKEN_OUT or _DIGEST.fullmatch(cell)) for cell in shown)


def author_of(record: Record, platform: str, seen: datetime | None) -> Account | None:
    """Key a post's author by id, else by handle; ``None`` if the row names none.

    Raises
    ------
    RejectedRecord
        The id has lost digits in a spreadsheet, and there is no handle.
    """
    if is_hidden(record):
        return _pseudonym(record, platform, seen)
    native, kind, handle = _telegram(record) if platform == "telegram" else _named(record, platform)
    if native is None:
        if handle is None:
            return None
        native, kind = f"@{handle.lower()}", IdKind.HANDLE_ONLY
    made = fields.time(record, "author_created_at")
    shown = native if platform == "bluesky" else handle
    note = fields.text(record, "account_note")
    return _account(
        platform,
        native,
        kind,
        observed_at=seen,
        handle=handle,
        display_name=name_in(record),
        bio=strip_html(note) or None if note else None,
        url=_ADDRESSES[platform].format(shown) if shown and platform in _ADDRESSES else None,
        avatar_url=_avatar(avatar_in(record), platform),
        created_at=made,
        created_at_precision=Precision.EXACT if made else None,
    )


def telegram_names(record: Record) -> tuple[str | None, ...]:
    """Give the ids and the handle under which somebody may be asked for in a chat."""
    native, _, handle = _telegram(record)
    return native, fields.text(record, "author"), handle


def is_lost(record: Record, number: str) -> bool:
    """Tell an id that a spreadsheet has rounded, written out (``2037635773004850000``) or not (``2.03764E+18``).

    Noughts at an id's end are a spreadsheet's only if the row shows one's traces elsewhere.
    """
    if rounded(number):
        return True
    bare = len(number) >= _LONG_ID and number.isdecimal() and not number[_KEPT_DIGITS:].strip("0")
    return bare and _went_through_a_spreadsheet(record)


def handle_of(written: str | None) -> str | None:
    """Give a handle without its sign; ``None`` for what can't be one."""
    match = _HANDLE.fullmatch(written or "")
    return match[1] if match and not rounded(match[1]) and not bears_contact(match[1]) else None


def _went_through_a_spreadsheet(record: Record) -> bool:
    """Look for a number in exponents, and for an address that holds the id's digits and not its noughts."""
    cells = [fields.text(record, column) or "" for column in ("id", "thread_id", "unix_timestamp")]
    if any(map(rounded, cells)):
        return True
    in_address = _LAST_NUMBER.search(link_in(record) or "")
    kept = in_address[1][:_KEPT_DIGITS] if in_address else ""
    return in_address is not None and in_address[1] != cells[0] and cells[0].startswith(kept[:-1])


def _named(record: Record, platform: str) -> tuple[str | None, IdKind, str | None]:
    written = handle_in(record)
    number, column = id_in(record)
    if platform == "facebook" and (by_number := _FACEBOOK_ID.fullmatch(written or "")):
        return by_number[1], IdKind.NUMERIC, None
    if platform == "tiktok" and number is None and _TIKTOK_ID.fullmatch(written or ""):
        # 4CAT's stand-in for an account of which TikTok gave the number alone.
        return (written or "").removeprefix("@"), IdKind.NUMERIC, None
    handle = handle_of(written)
    if number is None:
        return None, IdKind.HANDLE_ONLY, handle
    if _DID.fullmatch(number):
        return number, IdKind.DID, handle
    if number.isdecimal() and len(number) <= 20 and not is_lost(record, number):
        return number, IdKind.NUMERIC, handle
    if handle is None:
        raise RejectedRecord(
            f"the field {column!r} is a rounded number, or none (a spreadsheet may have changed it), and no handle "
            "stands beside it"
        )
    return None, IdKind.HANDLE_ONLY, handle


def _telegram(record: Record) -> tuple[str | None, IdKind, str | None]:
    """Name whoever posted as Telegram's own export does: a channel posts as itself."""
    written, handle = fields.text(record, "author"), handle_of(fields.text(record, "author_username"))
    chat = fields.text(record, "chat") or fields.text(record, "thread_id") or ""
    number = _TELEGRAM_CHANNEL.fullmatch(written or "")
    if number is None or is_lost(record, written or ""):
        return None, IdKind.HANDLE_ONLY, handle
    itself = chat.casefold() in {(written or "").casefold(), (handle or "").casefold()} - {""}
    channel = itself or (written or "").startswith("-")
    return f"{'channel' if channel else 'user'}{number[1]}", IdKind.NUMERIC, handle


def _pseudonym(record: Record, platform: str, seen: datetime | None) -> Account | None:
    """Key by the digest: it tells authors of one data set apart, and nothing else of them is kept."""
    blanks = {fields.text(record, column) for column in _ELSEWHERE}
    for digest in (id_in(record)[0], fields.text(record, "author"), handle_in(record)):
        if digest and _DIGEST.fullmatch(digest) and digest not in blanks:
            return _account(platform, digest, IdKind.HASHED, observed_at=seen)
    return None


def _account(platform: str, native: str, kind: IdKind, **said: Any) -> Account:
    instance = "bsky" if platform == "bluesky" else platform
    return Account(
        account_id=f"{platform}:{instance}:{native}",
        platform=platform,
        instance=instance,
        native_id=native,
        id_kind=kind,
        **said,
    )


def _avatar(address: str | None, platform: str) -> str | None:
    """Give a picture's address as it stays: without the size that X adds, and without a signature that expires."""
    if address is None or _X_DEFAULT in address:
        return None
    bare = address.partition("?")[0]
    return _X_SIZE.sub("", bare) if platform == "x" else bare
