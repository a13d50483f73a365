"""An account as an adapter read it → its Account row and one Sighting per signal. Used by every adapter.

Contact values enter in the clear and leave as keyed HMACs; bio, display name and location leave without them.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from graphmatch.model import LONGEST_VALUE, Account, Sighting, SignalKind
from graphmatch.normalise.contacts import Keyring
from graphmatch.normalise.links import account_of, accounts_named_in, author_of, canonical_url, is_shared_host, urls_in
from graphmatch.normalise.platforms import PROFILE_PATHS, SHARED_ROOTS
from graphmatch.normalise.text import bears_contact, contacts_in, redact

_MAIL_LINK = re.compile(r"mailto:([^?]{3,320})", re.IGNORECASE)
_PHONE_LINK = re.compile(
    r"tel:(\+?[\d ()-]{6,24})|(?:https?://)?(?:www\.)?"
    r"(?:wa\.me/(?:\+|%2B)?|api\.whatsapp\.com/send/?\?(?:\S{0,500}&)?phone=(?:\+|%2B)?"
    r"|t\.me/(?:\+|%2B)|signal\.me/#p/(?:\+|%2B)?)(\d{8,15})(?!\w).*",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Seen:
    """A signal's value with the time and place (``registration``, ``signin``, ``verified`` …) at which it was seen."""

    value: str
    at: datetime | None = None
    context: str | None = None


Values = Iterable[str | Seen]


def profile_rows(  # noqa: PLR0913 - one keyword a kind of signal
    account: Account,
    *,
    source: str,
    keyring: Keyring,
    report_id: str | None = None,
    links: Values = (),
    verified_links: Values = (),
    declared: Values = (),
    texts: Iterable[str] = (),
    emails: Values = (),
    phones: Values = (),
    ips: Values = (),
    devices: Values = (),
    first_seen: datetime | None = None,
    last_seen: datetime | None = None,
) -> Iterator[Account | Sighting]:
    """Give an account's row without contact values, then one `Sighting` per signal, each (kind, value) once.

    Parameters
    ----------
    account
        As read; its texts may hold contact values.
    source, report_id
        Where the signals were seen.
    keyring
        Digests ``emails``, ``phones``, ``ips``, ``devices`` and what of them stands in the bio or a link.
    links, verified_links
        Addresses on the profile; those that the platform has verified get the context ``verified``.
    declared
        Accounts (``platform:instance:handle``) that the platform's own record names: a move, a connection.
    texts
        What else the profile says (its named fields): searched for accounts, links and contacts like the bio, not kept.
    first_seen, last_seen
        When the profile was seen; both default to ``account.observed_at``. A `Seen` with its own time keeps it.
    """
    bio, account = account.bio, _without_contacts(account)
    yield account
    signals = _Signals(
        account.account_id, source, report_id, first_seen or account.observed_at, last_seen or account.observed_at
    )
    _naming(signals, account)
    for given, context in ((verified_links, "verified"), (links, None)):
        for link in given:
            _link(signals, keyring, _seen(link, context))
    for name in declared:
        _declared(signals, _seen(name))
    for words in (bio or "", *texts):
        _words(signals, keyring, words)
    for kind, digest, values in (
        (SignalKind.EMAIL_HMAC, keyring.email, emails),
        (SignalKind.PHONE_HMAC, keyring.phone, phones),
        (SignalKind.IP_HMAC, keyring.ip, ips),
        (SignalKind.DEVICE_HMAC, keyring.device, devices),
    ):
        for seen in map(_seen, values):
            signals.add(kind, seen, digest(seen.value))
    own = _own_names(account)
    yield from (row for row in signals.rows.values() if row.kind is not SignalKind.DECLARED or row.value not in own)


def posted_links(account_id: str, words: str, *, source: str, at: datetime | None) -> Iterator[Sighting]:
    """Give the addresses that an account posted in ``words``, as links seen in a message: weaker than a profile's.

    Left out is what says nothing about whose it is: accounts (anybody may point at anybody, so none of them is
    declared), short links, and everything on the big sites that strangers link to.
    """
    found = (canonical_url(url) for url in urls_in(words) if not is_shared_host(url) and author_of(url) is None)
    for value in dict.fromkeys(canonical for canonical in found if canonical):
        if not _on_a_big_site(value) and not bears_contact(value):
            yield Sighting(
                account_id=account_id,
                kind=SignalKind.LINK,
                value=_bounded(value),
                source=source,
                context="message",
                first_seen=at,
                last_seen=at,
            )


def _on_a_big_site(canonical: str) -> bool:
    """Tell whether an address lies on a site of many strangers, or on one of its subdomains."""
    labels = canonical.partition("/")[0].partition("?")[0].split(".")
    hosts = {".".join(labels[place:]) for place in range(len(labels))}
    return not hosts.isdisjoint(SHARED_ROOTS) or not hosts.isdisjoint(PROFILE_PATHS)


class _Signals:
    """Sightings of one account by (kind, value); the first context wins, times widen."""

    def __init__(
        self, account_id: str, source: str, report_id: str | None, first: datetime | None, last: datetime | None
    ) -> None:
        self._account_id, self._source, self._report_id = account_id, source, report_id
        self._first, self._last = first, last
        self.rows: dict[tuple[SignalKind, str], Sighting] = {}

    def add(self, kind: SignalKind, seen: Seen, value: str | None = "") -> None:
        """Add ``value``, or what was seen itself; ``None`` adds nothing."""
        value = seen.value if value == "" else value
        if not value:
            return
        value = _bounded(value)
        first, last = seen.at or self._first, seen.at or self._last
        known = self.rows.get((kind, value))
        if known:
            first = min((time for time in (first, known.first_seen) if time), default=None)
            last = max((time for time in (last, known.last_seen) if time), default=None)
        self.rows[kind, value] = Sighting(
            account_id=self._account_id,
            kind=kind,
            value=value,
            source=self._source,
            context=known.context if known else seen.context or "profile",
            first_seen=first,
            last_seen=last,
            report_id=self._report_id,
        )


def _bounded(value: str) -> str:
    """Cut a value that is longer than a signal's may be; its digest keeps it apart from others that begin alike."""
    packed = value.encode("utf-8", "replace")
    if len(packed) <= LONGEST_VALUE:
        return value
    digest = hashlib.sha256(packed).hexdigest()
    return packed[: LONGEST_VALUE - len(digest) - 1].decode("utf-8", "ignore") + "#" + digest


def _seen(value: str | Seen, context: str | None = None) -> Seen:
    seen = Seen(value) if isinstance(value, str) else value
    return seen if seen.context or not context else replace(seen, context=context)


def _without_contacts(account: Account) -> Account:
    given = account.display_name, account.bio, account.location
    clean = tuple(map(_redacted, given))
    return account if clean == given else replace(account, display_name=clean[0], bio=clean[1], location=clean[2])


def _redacted(text: str | None) -> str | None:
    return redact(text) if text else None


def _naming(signals: _Signals, account: Account) -> None:
    for kind, value in (
        (SignalKind.HANDLE, account.handle),
        (SignalKind.DISPLAY_NAME, account.display_name),
        (SignalKind.BIO, account.bio),
        (SignalKind.LOCATION, account.location),
        (SignalKind.AVATAR, account.avatar_url),
    ):
        if value:
            signals.add(kind, Seen(value))


def _words(signals: _Signals, keyring: Keyring, bio: str) -> None:
    for url in urls_in(bio):
        _link(signals, keyring, Seen(url))
    for name in accounts_named_in(bio):
        _declared(signals, Seen(name))
    contacts = contacts_in(bio)
    for email in contacts.emails:
        signals.add(SignalKind.EMAIL_HMAC, Seen(email), keyring.email(email))
    for phone in contacts.phones:
        signals.add(SignalKind.PHONE_HMAC, Seen(phone), keyring.phone(phone))


def _link(signals: _Signals, keyring: Keyring, link: Seen) -> None:
    if mail := _MAIL_LINK.match(link.value):
        signals.add(SignalKind.EMAIL_HMAC, link, keyring.email(mail[1]))
    elif phone := _PHONE_LINK.fullmatch(link.value):
        number = phone[1] or f"+{phone[2]}"
        signals.add(SignalKind.PHONE_HMAC, link, keyring.phone(number))
    else:
        canonical = canonical_url(link.value)
        for email in contacts_in(canonical or link.value).emails:
            signals.add(SignalKind.EMAIL_HMAC, link, keyring.email(email))
        # Without its contact value an address would no longer be one person's, so nothing of it is kept.
        if canonical and not is_shared_host(link.value) and not bears_contact(canonical):
            signals.add(SignalKind.LINK, link, canonical)
        if account := account_of(link.value):
            _declared(signals, link, account)


def _declared(signals: _Signals, seen: Seen, name: str = "") -> None:
    """Add an account that the profile names, unless an address or a number stands in its handle's place."""
    name = name or seen.value
    if not bears_contact(name.rpartition(":")[2]):
        signals.add(SignalKind.DECLARED, seen, name)


def _own_names(account: Account) -> set[str]:
    """List the ways to name the account itself: no profile declares itself."""
    own = {account.account_id, f"{account.platform}:{account.instance}:{(account.handle or '').lower()}"}
    if account.url and (named := account_of(account.url)):
        own.add(named)
    return own
