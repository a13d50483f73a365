"""MISP's account objects → accounts and their traits, what was deleted of them, and claims of who is whose."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from graphmatch import fields
from graphmatch.account_keys import Key, Named, key_of, platform_of
from graphmatch.adapter import Context
from graphmatch.allegations import aimed_at, claim_between, claim_rows, says_otherwise
from graphmatch.errors import LeftOut, RejectedRecord
from graphmatch.model import Account, AccountState, LinkClaim, Precision, Row, Sighting, Target
from graphmatch.normalise.links import account_key
from graphmatch.normalise.text import bears_contact
from graphmatch.normalise.times import latest
from graphmatch.profile import Seen, profile_rows
from ingest.misp.parts import ASSERTED_BY, PLATFORM, About, Part, Reference, about, is_targeted, references
from ingest.misp.persons import PERSONS, impersonation_report, person_targets

Record = Mapping[str, Any]

#: Account objects → the platform; ``None``: an attribute says which.
ACCOUNTS: dict[str, str | None] = {
    "user-account": None,
    "facebook-account": "facebook",
    "github-user": "github",
    "gitlab-user": "gitlab",
    "instagram-account": "instagram",
    "keybase-account": "keybase",
    "parler-account": "parler",
    "reddit-account": "reddit",
    "telegram-account": "telegram",
    "telegram-bot": "telegram",
    "twitter-account": "x",
    "youtube-channel": "youtube",
}
#: Relationship types by which two accounts are said to have one operator.
ONE_OPERATOR = frozenset(
    {
        "duplicate-of",
        "known-as",
        "preceded-by",
        "preceeds",
        "precedes",
        "same-as",
        "similar",
        "successor-of",
        "suspected-link",
    }
)
#: Account types of computer systems, folded.
_SYSTEMS = frozenset({"ldap", "nis", "openid", "radius", "tacacs", "unix", "windowslocal", "windowsdomain"})
_NO_PLATFORM = frozenset({"other", "unknown", "forum"})
_IDS = ("user-id", "id", "account-id", "channel-id")
_HANDLES = ("username", "account-name")
_PAGES = ("link", "url")
_NAMES = ("display-name", "displayed-name", "user-fullname", "full_name", "channel-name")
_LINKS = ("embedded-link", "embedded-safe-link", "blog")
_AVATARS = ("profile-image-url", "account-avatar-url", "avatar_url")
_CREATED = ("created", "joined-date")
_LOGINS = ("last_login", "first_login")


def account_rows(record: Record, context: Context) -> Iterator[Row]:
    """Say what one account object holds."""
    found = fields.required_mapping(record, "Object")
    part = Part(found)
    around = about(record, found, part.changed_at, context)
    linked = list(references(record))
    if part.deleted or (part.gone and not part.values):
        yield from _tombstone(part.whole(), around, context)
        return
    try:
        account, key = account_of(part, around.seen, context)
    except RejectedRecord:
        if not part.gone:
            raise
        # What named the account was deleted, and with it all that was said of it.
        yield from _tombstone(part.whole(), around, context)
        return
    if is_targeted(record, found):
        yield aimed_at(account)
        return
    yield from part_rows(part, account, key, context)
    if part.gone:
        yield from _withdrawn(part, key, around, context)
    words = [fields.text(found, "comment"), *part.every("description")]
    for place, text in enumerate(words):
        where = f"{PLATFORM}:{fields.required_text(found, 'uuid')}:{place}"
        yield from claim_rows(text, account, where=where, asserted_by=ASSERTED_BY, asserted_at=around.told_at)
    for each in linked:
        if each.outward and each.kind == "impersonates" and each.uuid and each.taken_back is None:
            targets = _impersonated(each, around, context)
            yield from targets
            yield impersonation_report(f"{PLATFORM}:{each.uuid}", account, each.comment, targets, around, context)
        links = each.outward and each.other.name in ACCOUNTS and each.kind in ONE_OPERATOR
        if links and not is_targeted(record, each.other.found):
            yield from _claim_rows(each, account, around, context)


def account_of(part: Part, seen: datetime | None, context: Context) -> tuple[Account, Key]:
    """Read an account object.

    Raises
    ------
    LeftOut
        It is an account of a computer system.
    RejectedRecord
        Nothing in it names an account.
    """
    named = Named(platform_in(part), None, part.one(*_IDS), part.one(*_PAGES), _handle(part))
    key = key_of(named, context.keyring)
    if key is None:
        raise RejectedRecord("the account object has no id, handle or address that can be told apart")
    created = part.time(*_CREATED)
    page = next((each for each in part.every(*_PAGES) if not bears_contact(each)), None)
    account = Account(
        account_id=key.account_id,
        platform=key.platform,
        instance=key.instance,
        native_id=key.native_id,
        id_kind=key.id_kind,
        observed_at=seen,
        handle=key.handle,
        display_name=_display_name(part, key),
        bio=part.one("bio", "about"),
        url=page,
        location=part.one("location"),
        avatar_url=part.one(*_AVATARS),
        state=_state(part.one("disabled")),
        created_at=created,
        created_at_precision=Precision.EXACT if created else None,
        last_active=latest(*(part.time(name) for name in _LOGINS)),
    )
    return account, key


def part_rows(part: Part, account: Account, key: Key, context: Context) -> Iterator[Account | Sighting]:
    """Give an account's row and its traits, from those attributes of ``part`` that still stand."""
    emails = [*_seen(part, "email", "emails"), *([Seen(key.email)] if key.email else [])]
    phones = [*_seen(part, "phone"), *([Seen(key.phone)] if key.phone else [])]
    declared = [
        replace(seen, value=account_key("x", seen.value), context="profile") for seen in _seen(part, "twitter_username")
    ]
    yield from profile_rows(
        account,
        source=context.source,
        keyring=context.keyring,
        links=_seen(part, *_LINKS),
        declared=declared,
        emails=emails,
        phones=phones,
        first_seen=part.span[0],
        last_seen=part.span[1],
    )


def _impersonated(reference: Reference, around: About, context: Context) -> list[Target]:
    if reference.other.name in PERSONS:
        return list(person_targets(reference.other, around.seen, aimed_at=True))
    try:
        return [aimed_at(account_of(reference.other, around.seen, context)[0])]
    except (LeftOut, RejectedRecord):
        return []


def _claim_rows(reference: Reference, account: Account, around: About, context: Context) -> Iterator[Row]:
    """Give the claim, where the other account can be read."""
    if says_otherwise(reference.comment) or reference.uuid is None:
        return
    try:
        other, _ = account_of(reference.other, around.seen, context)
    except (LeftOut, RejectedRecord):
        return
    claim = _claim(reference, account, other, around)
    if claim:
        yield claim


def _claim(reference: Reference, account: Account, other: Account, around: About) -> LinkClaim | None:
    sure = f" ({around.confidence})" if around.confidence else ""
    return claim_between(
        account,
        other,
        claim_id=f"{PLATFORM}:{reference.uuid}",
        quote=f"{reference.kind}{sure}: {reference.comment}" if reference.comment else f"{reference.kind}{sure}",
        asserted_by=ASSERTED_BY,
        asserted_at=around.told_at,
        # Whatever else of the event was told later, this is not said any more.
        withdrawn_at=latest(reference.taken_back, around.told_at) if reference.taken_back else None,
    )


def _tombstone(part: Part, around: About, context: Context) -> Iterator[Row]:
    """Take back all that an object said of an account."""
    if around.told_at is None:
        raise LeftOut("a deleted account object that does not say when it was deleted")
    account, key = account_of(part, around.seen, context)
    yield from _taken_back(part, account, key, around.told_at, context)


def _withdrawn(part: Part, key: Key, around: About, context: Context) -> Iterator[Row]:
    """Take back those traits of an account whose attributes were deleted, unless another attribute still says so."""
    only_gone = part.whole()
    only_gone.values = [value for value in part.gone if value.text not in {each.text for each in part.values}]
    at = latest(*(value.changed_at for value in only_gone.values)) or around.told_at
    if at is None or not only_gone.values:
        return
    bare = Account(key.account_id, key.platform, key.instance, key.native_id, key.id_kind, observed_at=at)
    account = replace(
        bare,
        handle=_handle(only_gone),
        display_name=only_gone.one(*_NAMES),
        bio=only_gone.one("bio", "about"),
        location=only_gone.one("location"),
        avatar_url=only_gone.one(*_AVATARS),
    )
    yield from _taken_back(only_gone, account, replace(key, email=None, phone=None), at, context)


def _taken_back(part: Part, account: Account, key: Key, at: datetime, context: Context) -> Iterator[Row]:
    for row in part_rows(part, account, key, context):
        if isinstance(row, Sighting):
            yield replace(row, withdrawn_at=at)
        else:
            yield Account(key.account_id, key.platform, key.instance, key.native_id, key.id_kind, observed_at=at)


def platform_in(part: Part) -> str | None:
    """Give the platform that an account object is of.

    Raises
    ------
    LeftOut
        It is an account of a computer system.
    """
    platform = ACCOUNTS.get(part.name) or platform_of(part.one("account-type"))
    if platform in _SYSTEMS:
        raise LeftOut("an account of a computer system, not of a platform")
    return None if platform in _NO_PLATFORM else platform


def _handle(part: Part) -> str | None:
    """Give the handle; Twitter's object calls it ``name``, and names with spaces are no handles."""
    names = (*_HANDLES, "name") if part.name in ("twitter-account", "telegram-bot") else _HANDLES
    found = part.one(*names)
    return found if found is None or not any(letter.isspace() for letter in found) else None


def _display_name(part: Part, key: Key) -> str | None:
    given = part.one(*_NAMES)
    if given:
        return given
    if part.name == "telegram-account":
        return " ".join(part.every("first_name", "last_name")) or None
    name = part.one(*_HANDLES)
    return name if name and key.handle is None and any(letter.isspace() for letter in name) else None


def _state(disabled: str | None) -> AccountState | None:
    """Read ``disabled``: by whom isn't said, so it is no sanction."""
    if disabled is None:
        return None
    return AccountState.DEACTIVATED if disabled.casefold() in ("1", "true", "yes") else AccountState.ACTIVE


def _seen(part: Part, *relations: str) -> list[Seen]:
    return [Seen(value.text, value.seen_at) for name in relations for value in part.values if value.relation == name]
