"""A Discourse user → its key, its row and its signals. A number below zero is the forum itself, and no account."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from graphmatch import fields
from graphmatch.adapter import RawRecord
from graphmatch.normalise.links import account_key
from graphmatch.normalise.text import contacts_in
from graphmatch.profile import Seen
from ingest.discourse.pages import host_of

PLATFORM = "discourse"
UNKNOWN_INSTANCE = "unknown"

Record = Mapping[str, Any]

#: Log-ins elsewhere whose name here is the handle there. Of the others (Google, Facebook …) only an address helps.
_BY_HANDLE = {
    "twitter": "x",
    "x": "x",
    "github": "github",
    "discord": "discord",
    "reddit": "reddit",
    "instagram": "instagram",
    "twitch": "twitch",
    "telegram": "telegram",
    "steam": "steam",
}
#: Log-ins elsewhere whose number here is the number by which that platform's accounts are keyed.
_BY_NUMBER = {"twitter": "x", "x": "x", "discord": "discord"}
_HANDLE = re.compile(r"@?(?P<handle>[A-Za-z0-9_][\w.-]{1,62})(?:#\d{1,5})?")
_ONLY_DIGITS = re.compile(r"\d{1,30}")
#: How releases before 2018 wrote all log-ins as one text: ``Twitter(somebody), Google(some@body.example)``.
_WRITTEN = re.compile(r"(?P<name>[A-Za-z]{1,30})\((?P<description>[^()]{1,300}+)\)")


def home_of(record: RawRecord) -> str:
    """Name the forum that a record is of."""
    own = fields.text(record.value, "host") or host_of(record.value)
    around = record.around.get("host")
    return own or (around if isinstance(around, str) else None) or UNKNOWN_INSTANCE


def is_system(number: int | None) -> bool:
    """Tell whether a user's number is that of the forum itself or of one of its bots."""
    return number is not None and number < 0


def account_id(home: str, number: int) -> str:
    """Write the key of a user."""
    return f"{PLATFORM}:{home}:{number}"


def profile_url(home: str, username: str | None) -> str | None:
    """Give the address of a user's page, where the forum is known."""
    return f"https://{home}/u/{username.lower()}" if username and home != UNKNOWN_INSTANCE else None


def log_ins(user: Record) -> tuple[list[Seen], list[Seen]]:
    """List the accounts elsewhere with which a user logs in, which is proof; and the addresses that these show."""
    declared: list[Seen] = []
    emails: list[Seen] = []
    for name, description in _described(user):
        found = contacts_in(description).emails
        emails += [Seen(email, context="verified") for email in found]
        handle = _HANDLE.fullmatch(description)
        platform = _BY_HANDLE.get(name)
        phone_like = _ONLY_DIGITS.fullmatch(description) and platform != "steam"
        if platform and handle and not found and not phone_like:
            declared.append(Seen(account_key(platform, handle["handle"]), context="verified"))
    for name, number in fields.mapping(user, "external_ids").items():
        platform = _BY_NUMBER.get(name.lower())
        if platform and isinstance(number, int | str) and _ONLY_DIGITS.fullmatch(str(number)):
            declared.append(Seen(account_key(platform, str(number)), context="verified"))
    return declared, emails


def own_fields(user: Record, path: str) -> list[str]:
    """Give the words that a user put into the fields which the forum added to its profiles."""
    return [value for value in fields.mapping(user, path).values() if isinstance(value, str) and value.strip()]


def _described(user: Record) -> Iterator[tuple[str, str]]:
    found = fields.value(user, "associated_accounts")
    if isinstance(found, str):
        yield from ((match["name"].lower(), match["description"].strip()) for match in _WRITTEN.finditer(found[:5_000]))
        return
    for item in fields.items(user, "associated_accounts"):
        name, description = fields.text(item, "name"), fields.text(item, "description")
        if name and description:
            yield name.lower(), description
