"""A STIX ``user-account`` → the account that it means, and what is known of it elsewhere in the file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from graphmatch import fields
from graphmatch.account_keys import Key, Named, key_of, platform_of
from graphmatch.adapter import Context
from graphmatch.content_keys import content_id_of, is_own_post
from graphmatch.errors import LeftOut, RejectedRecord
from graphmatch.model import Account, AccountState, Content, IdKind, Precision, Row, Sighting
from graphmatch.normalise.links import account_of, canonical_url
from graphmatch.normalise.text import bears_contact
from graphmatch.normalise.times import latest
from graphmatch.profile import Seen, profile_rows

Record = Mapping[str, Any]

#: Account types of computer systems (STIX account-type-ov), folded.
_SYSTEMS = frozenset({"ldap", "nis", "openid", "radius", "tacacs", "unix", "windowslocal", "windowsdomain"})
_NO_PLATFORM = frozenset({"other", "unknown", "custom", "unspecified"})
_DEFANGED = re.compile(r"\Ahxxp(?=s?:)", re.IGNORECASE)
#: Traits that other objects hold → what `profile_rows` calls them.
TRAITS = {
    "url": "links",
    "domain-name": "links",
    "email-addr": "emails",
    "ipv4-addr": "ips",
    "ipv6-addr": "ips",
    "phone-number": "phones",
}


@dataclass(frozen=True, slots=True)
class Subject:
    """An account as its object gives it, and the key, which may hold contact values in the clear."""

    account: Account
    key: Key


def subject_of(
    found: Record, seen: datetime | None, context: Context, pages: Mapping[str, str] | None = None
) -> Subject:
    """Read a ``user-account``.

    Parameters
    ----------
    found
        The object.
    seen
        When it was seen, as far as the record tells; its own times count too.
    context
        For the keyring, and the time of the whole export.
    pages
        Pages of accounts by platform, as relationships name them beside the accounts.

    Raises
    ------
    LeftOut
        It is an account of a computer system.
    RejectedRecord
        Nothing in it names an account.
    """
    platform = platform_of(fields.text(found, "account_type"))
    if platform in _SYSTEMS or fields.mapping(found, "extensions").get("unix-account-ext"):
        raise LeftOut("an account of a computer system, not of a platform")
    platform = None if platform in _NO_PLATFORM else platform
    number, login = fields.text(found, "user_id"), fields.text(found, "account_login")
    page = (pages or {}).get(platform or "")
    key = key_of(Named(platform, None, number, page, login), context.keyring)
    if key is None:
        raise RejectedRecord("the account has neither a 'user_id' nor an 'account_login' that can be told apart")
    created = fields.time(found, "account_created")
    times = [fields.time(found, name) for name in ("account_last_login", "account_first_login")]
    disabled = fields.flag(found, "is_disabled")
    account = Account(
        account_id=key.account_id,
        platform=key.platform,
        instance=key.instance,
        native_id=key.native_id,
        id_kind=key.id_kind,
        observed_at=context.observed_at or latest(seen, created, *times),
        handle=key.handle,
        display_name=fields.text(found, "display_name"),
        url=_page(page, number if key.id_kind is IdKind.HANDLE_ONLY else None),
        # Disabled by whom isn't said: it is no sanction.
        state=None if disabled is None else AccountState.DEACTIVATED if disabled else AccountState.ACTIVE,
        created_at=created,
        created_at_precision=Precision.EXACT if created else None,
        last_active=latest(*times),
    )
    return Subject(account, key)


def subject_rows(
    subject: Subject,
    context: Context,
    *,
    report_id: str | None = None,
    traits: Mapping[str, list[Seen]] | None = None,
    span: tuple[datetime | None, datetime | None] = (None, None),
) -> Iterator[Row]:
    """Give an account's rows with the ``traits`` (by `profile_rows`' names) that other objects add to it."""
    more = traits or {}
    posts = [seen for seen in more.get("links", []) if is_own_post(seen.value, subject.account)]
    links = [seen for seen in more.get("links", []) if seen not in posts]
    account = subject.account
    for seen in links:
        if account.url is None and _is_own_page(seen.value, account):
            account = replace(account, url=seen.value)
    emails = [Seen(subject.key.email)] if subject.key.email else []
    phones = [Seen(subject.key.phone)] if subject.key.phone else []
    yield from profile_rows(
        account,
        source=context.source,
        keyring=context.keyring,
        report_id=report_id,
        links=[seen for seen in links if seen.value != account.url],
        emails=[*emails, *more.get("emails", [])],
        phones=[*phones, *more.get("phones", [])],
        ips=more.get("ips", []),
        first_seen=span[0],
        last_seen=span[1],
    )
    for seen in posts:
        content_id = content_id_of(seen.value, account.platform, account)
        if content_id:
            yield Content(
                content_id, account.platform, account.account_id, url=seen.value, observed_at=account.observed_at
            )


def bare(subject: Subject, at: datetime | None) -> Account:
    """Give an account's key alone, for what is taken back."""
    key = subject.key
    return Account(key.account_id, key.platform, key.instance, key.native_id, key.id_kind, observed_at=at)


def withdrawn_rows(subject: Subject, context: Context, traits: Mapping[str, list[Seen]], at: datetime) -> Iterator[Row]:
    """Take back traits that were said of an account; nothing else is said of it."""
    nameless = Subject(bare(subject, at), replace(subject.key, email=None, phone=None))
    for row in subject_rows(nameless, context, traits=traits):
        if isinstance(row, Account | Sighting):
            yield replace(row, withdrawn_at=at) if isinstance(row, Sighting) else row


def trait_of(found: Record, at: datetime | None, where: str | None = None) -> dict[str, list[Seen]]:
    """Read an object that holds a trait (an address, an e-mail, an IP): its name and value; empty if it is blank."""
    name = TRAITS.get(fields.required_text(found, "type"))
    value = fields.text(found, "value")
    return {name: [Seen(_fanged(value), at, where)]} if name and value else {}


def _fanged(value: str) -> str:
    """Undo what keeps an address from being opened by mistake (``hxxps://grimwald[.]example``)."""
    return _DEFANGED.sub("http", value.replace("[.]", ".").replace("[@]", "@").replace("[:]", ":"))


def _page(*addresses: str | None) -> str | None:
    """Give the account's own page: the first that is a plain address."""
    for address in addresses:
        if address and address.startswith(("http://", "https://")) and not bears_contact(address):
            return address
    return None


def _is_own_page(address: str, account: Account) -> bool:
    named = account_of(address)
    own = f"{account.platform}:{account.instance}:{(account.handle or '').lower()}"
    return named in (own, account.account_id) and canonical_url(address) is not None
