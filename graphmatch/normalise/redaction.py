"""Free text → the same text without contact values, and what contact values it names. Pure.

A text is read once, left to right, with one expression whose first alternatives *protect* what only looks like a
contact value (URLs, fediverse handles, dates, decimals). Every alternative is bounded or possessive: its time is linear
in the length. What it leaves is read for phone numbers in further forms by ``phonenumbers``, which is asked only about
runs of digits that begin like a number, and for street addresses (`graphmatch.normalise.addresses`).
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import unquote

from graphmatch.normalise.addresses import street_addresses
from graphmatch.normalise.contact_patterns import (
    AT_SIGNS,
    CONTACT,
    CONTACT_SPELT_OUT,
    DOT_SIGNS,
    EMAIL,
    EMAIL_IN_URL,
    IP_IN_URL,
    MAIL_HOSTS,
    MAYBE_PHONE,
    PHONE_IN_URL,
    PLAIN,
    SIGN,
    SPELT_SIGNS,
    TRUNK_ZERO,
)

#: After a number an extension may follow.
_AFTER_PHONE = 16
#: How many times over an address may be escaped and still be read.
_ESCAPES = 4
_KINDS = {
    "email": "email",
    "spelt_email": "email",
    "shouted_email": "email",
    "joined_email": "email",
    "phone": "phone",
    "ipv4": "ip",
    "ipv6": "ip",
    "postcode": "postcode",
}
#: What stands in the place of a contact value, by its kind.
PLACEHOLDERS = {kind: f"[{kind}]" for kind in ("email", "phone", "ip", "postcode", "address")}

Span = tuple[int, int, str]


@dataclass(frozen=True, slots=True)
class Contacts:
    """Contact values that a text names, in the clear: to be digested at once and never kept."""

    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()

    def __repr__(self) -> str:
        """Show how many, never which."""
        return f"Contacts({len(self.emails)} emails, {len(self.phones)} phones)"


def redact(text: str) -> str:
    """Put ``[email]``, ``[phone]``, ``[ip]``, ``[postcode]`` and ``[address]`` in the place of contact values.

    Fediverse handles (``@user@host.example``), URLs, dates and plain numbers stay. E-mail and IP addresses go
    even inside a URL, also where ``@`` is written ``%40``; phone numbers where the URL says that it is one
    (``wa.me/…``, ``phone=…``), for other numbers there are posts' and accounts' own.
    """
    found = contact_spans(text)
    if not found:
        return text
    parts: list[str] = []
    place = 0
    for start, end, kind in found:
        parts += (text[place:start], PLACEHOLDERS[kind])
        place = end
    return "".join((*parts, text[place:]))


def contact_spans(text: str) -> list[Span]:
    """List where contact values stand in ``text`` and of what kind each is, in order; none overlaps another."""
    plain = text if text.isascii() else text.translate(PLAIN)
    taken: list[Span] = []
    expression = _expression(plain)
    if expression:
        taken = list(_read(plain, expression))
        taken = _beside(taken, _further_phones(plain, taken))
    taken = _beside(taken, ((start, end, "address") for start, end in street_addresses(plain)))
    return [span for span in taken if span[2]]


def bears_contact(address: str) -> bool:
    """Tell whether a web address holds a contact value, however often its signs are escaped.

    Stricter than `redact`: any number in the form of a phone number counts.
    """
    # A plus may be itself or a blank. Without its scheme a URL inside the query is not protected.
    whole = address.replace("://", " ")
    forms = {whole, _unescaped(whole), _unescaped(whole.replace("+", " "))}
    return any(contact_spans(form.replace("://", " ")) for form in forms)


def contacts_in(text: str) -> Contacts:
    """List the e-mail addresses and phone numbers in ``text``, each once, in order."""
    plain = text if text.isascii() else text.translate(PLAIN)
    expression = _expression(plain)
    if not expression:
        return Contacts()
    found: dict[str, list[str]] = {"email": [], "phone": []}
    spans = list(_read(plain, expression))
    for start, end, kind in _beside(spans, _further_phones(plain, spans)):
        written = plain[start:end]
        if kind == "email":
            found[kind] += _addresses(written)
        elif kind == "phone":
            found[kind].append(TRUNK_ZERO.sub("", unquote(written)).replace("o", "0").replace("O", "0"))
    return Contacts(tuple(dict.fromkeys(found["email"])), tuple(dict.fromkeys(found["phone"])))


def _expression(text: str) -> re.Pattern[str] | None:
    """Choose the expression that a text needs; most need none, and looking for signs costs far less."""
    folded = text.lower()
    # Each of the spelt signs holds one of these: asking for them first answers for most texts.
    hints = "dot" in folded or "(" in folded or "[" in folded or "{" in folded or "<" in folded
    if (hints and any(sign in folded for sign in SPELT_SIGNS)) or (" at " in folded and _spelt(text, folded)):
        return CONTACT_SPELT_OUT
    return CONTACT if SIGN.search(text) else None


def _spelt(text: str, folded: str) -> bool:
    return " AT " in text or any(f"{host}." in folded for host in MAIL_HOSTS) or "mail" in folded


def _read(text: str, expression: re.Pattern[str]) -> Iterator[Span]:
    """Read contact values with the one expression; what it protects comes as a span of no kind."""
    for match in expression.finditer(text):
        name = match.lastgroup or ""
        if name == "url":
            yield from _in_url(match[0], match.start())
        elif name == "ipv6" and not _is_ip(match[0]):
            continue
        else:
            yield match.start(), match.end(), _KINDS.get(name, "")


def _in_url(url: str, offset: int) -> Iterator[Span]:
    inner: list[Span] = []
    # Most URLs are a post's and lack the signs; looking for them costs a tenth of the expressions.
    if "@" in url or "%" in url:
        inner = [(*match.span(), "email") for match in EMAIL_IN_URL.finditer(url)]
    if "=" in url or ".me/" in url.lower():
        inner = _beside(inner, ((*match.span(), "phone") for match in PHONE_IN_URL.finditer(url)))
    if url.count(".") > 2 or "://[" in url:
        inner = _beside(inner, ((*match.span(), "ip") for match in IP_IN_URL.finditer(url)))
    place = 0
    for start, end, kind in (*inner, (len(url), len(url), "")):
        if place < start:
            yield offset + place, offset + start, ""
        if kind:
            yield offset + start, offset + end, kind
        place = end


def _further_phones(text: str, taken: list[Span]) -> Iterator[Span]:
    """Ask phonenumbers about runs of digits that begin like a number and are nothing else."""
    free = (match for match in MAYBE_PHONE.finditer(text) if not _overlaps(taken, match.start(), match.end()))
    for match in free:
        from phonenumbers import Leniency, PhoneNumberMatcher  # noqa: PLC0415 - heavy, and few texts need it

        since = max(0, match.start() - 1)
        window = text[since : match.end() + _AFTER_PHONE]
        for found in PhoneNumberMatcher(window, "GB", leniency=Leniency.VALID):
            yield since + found.start, since + found.end, "phone"


def _beside(taken: list[Span], more: Iterable[Span]) -> list[Span]:
    """Add those spans that do not overlap what is taken already, the first of them first."""
    added = [span for span in more if not _overlaps(taken, span[0], span[1])]
    if not added:
        return taken
    merged = list(taken)
    end = -1
    for span in sorted(added):
        if span[0] >= end:
            merged.append(span)
            end = span[1]
    return sorted(merged)


def _overlaps(taken: list[Span], start: int, end: int) -> bool:
    """Say whether a span meets one of those that are taken, which are in order."""
    low, high = 0, len(taken)
    while low < high:
        middle = (low + high) // 2
        if taken[middle][1] <= start:
            low = middle + 1
        else:
            high = middle
    return low < len(taken) and taken[low][0] < end


def _addresses(written: str) -> list[str]:
    plain = DOT_SIGNS.sub(".", AT_SIGNS.sub("@", _unescaped(written)))
    return EMAIL.findall(plain) if plain != written else [written]


def _unescaped(address: str) -> str:
    for _ in range(_ESCAPES):
        if "%" not in address:
            break
        address = unquote(address)
    return address


def _is_ip(value: str) -> bool:
    try:
        ipaddress.ip_address(value)
    except ValueError:
        return False
    return any(letter != ":" for letter in value)
