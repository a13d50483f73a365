"""What an indicator of ThreatExchange is, by its type and tags → the account that it stands for, and its traits.

An indicator is seldom an account: an e-mail address or a link is a trait of somebody unknown. Such an account is filed
under a digest, so that others who have the same trait can be compared with it.
"""

# ruff: noqa: SIM905 - a line of words reads better than a word a line
from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from graphmatch.account_keys import Key, Named, key_of, platform_of
from graphmatch.adapter import Context
from graphmatch.errors import LeftOut, RejectedRecord
from graphmatch.model import Account, IdKind, Sighting, SignalKind
from graphmatch.normalise.links import account_of, accounts_named_in, author_of, canonical_url, is_shared_host
from graphmatch.normalise.text import bears_contact
from graphmatch.profile import profile_rows

PLATFORM = "threatexchange"

_IPS = frozenset({"IP_ADDRESS"})
_ADDRESSES = frozenset({"URI", "DOMAIN"})
#: Words of tags by which a text is a handle, and a hash that of an avatar.
_HANDLE_TAGS = frozenset({"username", "user_name", "handle", "screen_name", "account", "account_name", "profile_name"})
_AVATAR_TAGS = frozenset({"avatar", "profile_picture", "profile_photo", "profile_image", "profile_pic", "pfp"})
_TAG = re.compile(r"(?:platform|site|service|network)[:_\-. ]+(?P<named>[\w. -]+)|(?P<word>[\w.-]+)", re.IGNORECASE)
_ENDING = re.compile(r"[_\-. ](?:user_?name|handle|screen_?name|account|user|profile|id)s?\Z", re.IGNORECASE)
_HANDLE = re.compile(r"@?[\w.-]{2,100}")
_HASH = re.compile(r"[0-9A-Za-z+/=:_-]{16,1024}")
#: Platforms that a tag may name: a word that is none of these is no platform.
_PLATFORMS = frozenset(
    (
        "bluesky discord facebook gab gettr github instagram linkedin parler reddit rumble snapchat telegram threads "
        "tiktok truthsocial twitch vk x youtube"
    ).split()
)


@dataclass(frozen=True, slots=True)
class Subject:
    """An account for which an indicator stands, and the traits that the indicator gives it; some in the clear."""

    key: Key
    traits: Mapping[str, Sequence[str]] = field(default_factory=dict, repr=False)
    avatar_hash: str | None = None


def subjects_of(kind: str, value: str, tags: list[str], words: str | None, context: Context) -> list[Subject]:
    """Give the accounts for which an indicator stands.

    Raises
    ------
    LeftOut
        It stands for none: it is of a type that no account has, or nothing says which account it is about.
    RejectedRecord
        It is not what its type says.
    """
    if kind == "EMAIL_ADDRESS":
        return [_by_contact(Named("email", None, None, None, value), context)]
    if kind == "TELEPHONE":
        return [_by_contact(Named("phone", None, None, None, value), context)]
    if kind in _IPS:
        digest = context.keyring.ip(value)
        if digest is None:
            raise RejectedRecord("the indicator is not an IP address that tells machines apart")
        return [Subject(_unknown("ip", digest), {"ips": [value]})]
    if kind in _ADDRESSES:
        return [_by_address(value, context)]
    if kind == "TEXT_STRING":
        return _by_handle(value, tags, context)
    if kind.startswith("HASH_"):
        return [_by_hash(value, tags, words, context)]
    raise LeftOut("an indicator of a type that no account has")


def says_what_it_is(tag: str) -> bool:
    """Tell a tag that says what an indicator is (a handle, on which platform, which medium) and alleges nothing."""
    folded = _folded(tag)
    names = folded in _HANDLE_TAGS | _AVATAR_TAGS or folded.startswith("media_type")
    return names or _platform_in(tag) is not None


def subject_rows(
    subject: Subject, context: Context, seen: datetime | None, first: datetime | None, report_id: str | None = None
) -> Iterator[Account | Sighting]:
    """Give the account and its traits."""
    key = subject.key
    account = Account(
        key.account_id, key.platform, key.instance, key.native_id, key.id_kind, observed_at=seen, handle=key.handle
    )
    yield from profile_rows(
        account,
        source=context.source,
        keyring=context.keyring,
        report_id=report_id,
        links=subject.traits.get("links", ()),
        emails=subject.traits.get("emails", ()),
        phones=subject.traits.get("phones", ()),
        ips=subject.traits.get("ips", ()),
        first_seen=first,
    )
    if subject.avatar_hash:
        kind, value = SignalKind.AVATAR_HASH, subject.avatar_hash
        first = first or seen
        yield Sighting(account.account_id, kind, value, context.source, "profile", first, seen, report_id)


def bare(subject: Subject, seen: datetime | None) -> Account:
    """Give an account's key alone, for what is cleared or taken back."""
    key = subject.key
    return Account(key.account_id, key.platform, key.instance, key.native_id, key.id_kind, observed_at=seen)


def _by_contact(named: Named, context: Context) -> Subject:
    try:
        key = key_of(named, context.keyring)
    except RejectedRecord:
        key = None
    if key is None or not (key.email or key.phone):
        raise RejectedRecord("the indicator is not an address or a number of the type that it has")
    return Subject(key, {"emails": [key.email] if key.email else [], "phones": [key.phone] if key.phone else []})


def _by_address(value: str, context: Context) -> Subject:
    """Take a profile's address for its account, and any other for a link on an unknown account's profile."""
    if account_of(value):
        key = key_of(Named(account_url=value), context.keyring)
        if key and not (key.email or key.phone):
            return Subject(key)
    canonical = canonical_url(value)
    if canonical is None:
        raise RejectedRecord("the indicator is no address on the web")
    if author_of(value) or is_shared_host(value) or bears_contact(canonical):
        raise LeftOut("an address that says nothing about whose it is")
    return Subject(_unknown("link", context.keyring.digest("indicator", canonical)), {"links": [value]})


def _by_handle(value: str, tags: list[str], context: Context) -> list[Subject]:
    platforms = list(dict.fromkeys(platform for tag in tags if (platform := _platform_in(tag))))
    is_handle = any(_folded(tag) in _HANDLE_TAGS or _ENDING.search(tag) for tag in tags) or value.startswith("@")
    if not is_handle or not _HANDLE.fullmatch(value):
        raise LeftOut("a text that no tag says is a handle")
    if not platforms:
        raise LeftOut("a handle of which no tag says on which platform it is")
    keys = (key_of(Named(platform, None, None, None, value), context.keyring) for platform in platforms)
    found = [Subject(key) for key in keys if key and not (key.email or key.phone)]
    if not found:
        raise RejectedRecord("the indicator is no handle that can be told apart")
    return found


def _by_hash(value: str, tags: list[str], words: str | None, context: Context) -> Subject:
    if not any(_folded(tag) in _AVATAR_TAGS for tag in tags):
        raise LeftOut("a hash that no tag says is of an avatar")
    named = accounts_named_in(words or "")
    if len(named) != 1:
        raise LeftOut("an avatar's hash that names no account")
    if not _HASH.fullmatch(value):
        raise RejectedRecord("the indicator is not a hash")
    platform, instance, handle = named[0].split(":", 2)
    key = key_of(Named(platform, instance, None, None, handle), context.keyring)
    if key is None or key.email or key.phone:
        raise LeftOut("an avatar's hash that names no account")
    return Subject(key, avatar_hash=value.lower())


def _unknown(what: str, digest: str) -> Key:
    """File an account of which nothing but one trait is known under the trait's digest."""
    return Key(PLATFORM, PLATFORM, f"{what}-{digest[:16]}", IdKind.HASHED)


def _platform_in(tag: str) -> str | None:
    """Give the platform that a tag names (``twitter``, ``platform:x``, ``bluesky_handle``)."""
    match = _TAG.fullmatch(tag.strip())
    if match is None:
        return None
    platform = platform_of(_ENDING.sub("", match["named"] or match["word"]))
    return platform if platform in _PLATFORMS else None


def _folded(tag: str) -> str:
    return re.sub(r"[\s-]+", "_", tag.strip().casefold())
