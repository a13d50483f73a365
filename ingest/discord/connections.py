"""An account's connections to other services → links that Discord has verified, and the accounts that they declare.

A list of connections does not say whose it is. The account's own data (``account/user.json``) does, and so may the
file's name; else the unnamed holder is one account, known only by a digest of the list.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from urllib.parse import quote

from graphmatch import fields
from graphmatch.adapter import Context, RawRecord, Unreadable
from graphmatch.errors import LeftOut
from graphmatch.model import Account, IdKind, Row
from graphmatch.normalise.times import from_discord_id
from graphmatch.profile import Seen
from ingest.discord.accounts import PLATFORM, Record, account_row, account_rows, api_account

#: Under these names stand the connections in the account's own data, and beside a profile.
LISTS = ("connections", "connected_accounts")
#: Of more no account has ever had.
_MOST = 500
#: Services whose connection is named by the handle there, and the address of its profile.
_BY_NAME = {
    "bluesky": "https://bsky.app/profile/{}",
    "domain": "https://{}",
    "github": "https://github.com/{}",
    "instagram": "https://www.instagram.com/{}",
    "reddit": "https://www.reddit.com/user/{}",
    "tiktok": "https://www.tiktok.com/@{}",
    "twitch": "https://www.twitch.tv/{}",
    "twitter": "https://x.com/{}",
}
#: Services whose connection is named by a title or a person's name, and only its id tells.
_BY_ID = {
    "steam": "https://steamcommunity.com/profiles/{}",
    "youtube": "https://www.youtube.com/channel/{}",
}
_FEDIVERSE = re.compile(r"@?([\w.-]{1,64})@((?:[\w-]{1,63}\.){1,8}[A-Za-z]{2,24})")
_IN_FILE_NAME = re.compile(r"(?<!\d)\d{17,20}(?!\d)")
_LOOKS_LIKE_A_DATE = re.compile(r"20\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])")


@dataclass(frozen=True, slots=True)
class _Named:
    """What connections name: addresses and accounts, of those that Discord has verified and of the others."""

    verified: list[str]
    others: list[str]
    declared: list[str]


def gathered(records: Iterable[RawRecord | Unreadable]) -> Iterator[RawRecord | Unreadable]:
    """Make one record of a list of connections, for together they are of one account."""
    found: list[object] = []
    for record in records:
        if isinstance(record, Unreadable):
            yield record
        elif len(found) < _MOST:
            found.append(record.value)
        else:
            yield Unreadable(record.line, "more connections than one account has")
    if found:
        yield RawRecord(1, {LISTS[0]: found})


def connection_rows(record: Record, context: Context) -> Iterator[Row]:
    """Give the rows of an account with its connections."""
    name = next((name for name in LISTS if record.get(name) is not None), LISTS[0])
    connections = fields.items(record, name)
    named = _named(connections)
    account = _owner(record, connections, context)
    if account is None:
        raise LeftOut("no connection, and nobody whose it would be")
    bio = fields.text(record, "user_profile.bio") or fields.text(record, "user.bio")
    yield from account_rows(
        replace(account, bio=bio),
        context,
        links=named.others,
        verified_links=named.verified,
        declared=[Seen(name, None, "verified") for name in named.declared],
        emails=_seen(record, "email", "registration"),
        phones=_seen(record, "phone", "registration"),
        ips=_seen(record, "ip", "signin"),
    )


def _owner(record: Record, connections: list[Record], context: Context) -> Account | None:
    seen = context.observed_at
    if fields.mapping(record, "user"):
        return api_account(record, "user", seen)
    if fields.text(record, "id"):
        return api_account({"user": record}, "user", seen)
    native = _native_in(context.file_name)
    if native:
        return account_row(native, seen)
    return _unnamed(connections, context) if connections else None


def _native_in(file_name: str) -> str | None:
    """Find the one id that a file is named after; a number that begins with a date is a time."""
    found = {number for number in _IN_FILE_NAME.findall(file_name) if not _LOOKS_LIKE_A_DATE.match(number)}
    native = found.pop() if len(found) == 1 else ""
    return native if from_discord_id(native) else None


def _unnamed(connections: list[Record], context: Context) -> Account:
    """Key an account of which only its connections are known by a digest of them, in any order."""
    parts = sorted({f"{fields.text(item, 'type')}\0{fields.text(item, 'id')}" for item in connections})
    native = f"connections-{context.keyring.digest('discord connections', chr(1).join(parts))}"
    return Account(
        account_id=f"{PLATFORM}:{PLATFORM}:{native}",
        platform=PLATFORM,
        instance=PLATFORM,
        native_id=native,
        id_kind=IdKind.HASHED,
        observed_at=context.observed_at,
    )


def _named(connections: list[Record]) -> _Named:
    named = _Named([], [], [])
    for item in connections:
        service, native = (fields.text(item, "type") or "").lower(), fields.text(item, "id")
        address = _address(service, native, fields.text(item, "name"))
        # Revoked is what the account no longer holds the other service's word for.
        holds = fields.flag(item, "verified") is True and not fields.flag(item, "revoked")
        if address:
            (named.verified if holds else named.others).append(address)
        if not holds or not native:
            continue
        if service == "twitter" and native.isdecimal():
            named.declared.append(f"x:x:{native}")
        elif service == "bluesky" and native.startswith("did:"):
            named.declared.append(f"bluesky:bsky:{native}")
    return named


def _address(service: str, native: str | None, name: str | None) -> str | None:
    """Write the address of the profile that a connection is to; ``None`` where its name is no handle."""
    if service == "mastodon":
        match = _FEDIVERSE.fullmatch(name or "") or _FEDIVERSE.fullmatch(native or "")
        return f"https://{match[2]}/@{match[1]}" if match else None
    if service in _BY_NAME and name:
        return _BY_NAME[service].format(quote(name.removeprefix("@"), safe=".-_~"))
    return _BY_ID[service].format(quote(native, safe="")) if service in _BY_ID and native else None


def _seen(record: Record, path: str, where: str) -> list[Seen]:
    """Give a contact value of the account's own data; it leaves as a digest."""
    found = fields.text(record, path)
    return [Seen(found, None, where)] if found else []
