"""A Matrix user id (``@name:server``), or the hash that policies may hold in its place → the account and its signals.

A policy may name a user by the SHA-256 of the whole id (MSC4205). Whoever meets the id in clear finds the rule by
hashing it: every account that is read in clear declares the account that its hash stands for. Anybody can try ids
against such a hash, so what is kept of it is a keyed digest.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from graphmatch.adapter import Context
from graphmatch.model import Account, IdKind, Sighting, Target
from graphmatch.normalise.contacts import Keyring
from graphmatch.normalise.text import bears_contact, contacts_in
from graphmatch.profile import Seen, profile_rows

PLATFORM = "matrix"
#: Stands where the server of an account would, of which only the hash is known.
HASHED = "hashed"
UNKNOWN_SERVER = "unknown"

_SERVER = r"(?P<host>\[[0-9A-Fa-f:.]{2,45}\]|[\w.-]{1,230})(?::\d{1,5})?"
_USER_ID = re.compile(rf"@(?P<name>[!-9;-?A-~]{{1,250}}):{_SERVER}", re.ASCII)
#: Names that bridges make of phone numbers; and a name that is one.
_BRIDGED = re.compile(r"_?(?:whatsapp|signal|sms|gmessages|gvoice|imessage|phone|tel)[_=-]\+?(\d{8,15})", re.IGNORECASE)
_NUMBER = re.compile(r"\+?\d{9,15}")
_URL_SAFE = str.maketrans("-_", "+/")


@dataclass(frozen=True, slots=True)
class User:
    """A user id in its parts."""

    user_id: str
    name: str
    server: str


def user_in(user_id: str | None) -> User | None:
    """Take a user id apart; ``None`` for what is none, a pattern included."""
    match = _USER_ID.fullmatch(user_id) if user_id else None
    if match is None or set(match[0]) & set("*?"):
        return None
    return User(match[0], match["name"], match["host"].lower())


def canonical_hash(sha256: str) -> str | None:
    """Write the Base64 of a SHA-256 in one way (with its padding, not URL-safe); ``None`` if it is none."""
    plain = sha256.strip().rstrip("=").translate(_URL_SAFE) + "="
    try:
        packed = base64.b64decode(plain, validate=True)
    except ValueError:
        return None
    return base64.b64encode(packed).decode() if len(packed) == hashlib.sha256().digest_size else None


def hash_of(user_id: str) -> str:
    """Hash a user id as policies do."""
    return base64.b64encode(hashlib.sha256(user_id.encode()).digest()).decode()


@dataclass(frozen=True, slots=True)
class Subject:
    """An account with the contact values that its id holds, in the clear: for the digests that the profile keeps."""

    account: Account
    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()

    def __repr__(self) -> str:
        """Show nothing of a contact value."""
        return f"Subject({self.account.account_id})"


def subject_of(user: User, keyring: Keyring, seen: datetime | None) -> Subject:
    """Give a user of whom only the id is known.

    Bridges from other services make ids of numbers and addresses (``@whatsapp_447…``): of such an id only the hash
    is kept, as if a policy had named it.
    """
    plain = user.name.replace("=40", "@").replace("=2b", "+")
    bridged, emails = _BRIDGED.fullmatch(plain), contacts_in(plain).emails
    if bridged or emails or bears_contact(plain) or _NUMBER.fullmatch(plain):
        hashed = hashed_subject(hash_of(user.user_id), keyring, seen)
        return replace(hashed, emails=emails, phones=(f"+{bridged[1]}",) if bridged else ())
    return Subject(
        Account(
            account_id=f"{PLATFORM}:{user.server}:{user.user_id}",
            platform=PLATFORM,
            instance=user.server,
            native_id=user.user_id,
            id_kind=IdKind.OPAQUE,
            observed_at=seen,
            handle=user.name,
        )
    )


def hashed_subject(canonical: str, keyring: Keyring, seen: datetime | None) -> Subject:
    """Give a user of whom only the hash is known."""
    native = keyring.digest("matrix_sha256", canonical)
    return Subject(
        Account(
            account_id=f"{PLATFORM}:{HASHED}:{native}",
            platform=PLATFORM,
            instance=HASHED,
            native_id=native,
            id_kind=IdKind.HASHED,
            observed_at=seen,
        )
    )


def account_rows(subject: Subject, context: Context, report_id: str | None = None) -> Iterator[Account | Sighting]:
    """Give an account and its signals. That an id gives this hash is computed, so it counts as verified."""
    declared = []
    if subject.account.id_kind is not IdKind.HASHED:
        hashed = hashed_subject(hash_of(subject.account.native_id), context.keyring, None)
        declared = [Seen(hashed.account.account_id, context="verified")]
    yield from profile_rows(
        subject.account,
        source=context.source,
        keyring=context.keyring,
        report_id=report_id,
        declared=declared,
        emails=subject.emails,
        phones=subject.phones,
    )


def target_of(user: User, keyring: Keyring, derivations: tuple[str, ...], seen: datetime | None) -> Target:
    """Give a user as somebody whom abuse is aimed at."""
    account = subject_of(user, keyring, None).account
    handle = account.handle.lower() if account.handle else account.native_id
    return Target(
        target_id=f"{PLATFORM}:{account.instance}:{handle}",
        platform=PLATFORM,
        handle=account.handle,
        derivations=derivations,
        observed_at=seen,
    )
