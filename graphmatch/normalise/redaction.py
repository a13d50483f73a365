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

_AREA = (
    r"(?:A[BL]|B[ABDHLNRSTX]?|C[ABFHMORTVW]|D[ADEGHLNTY]|E[CHNX]?|F[KY]|G[LUY]?|H[ADGPRSUX]|I[GMPV]|JE|K[ATWY]"
    r"|L[ADELNSU]?|M[EKL]?|N[EGNPRW]?|O[LX]|P[AEHLOR]|R[GHM]|S[AEGKLMNOPRSTWY]?|T[ADFNQRSW]|UB|W[ACDFNRSV]?|YO|ZE)"
)
_OUTWARD, _INWARD = rf"{_AREA}\d[\dA-Z]?", r"\d[ABD-HJLNP-UW-Z]{2}"
_LABEL = r"[\w-]++"
_HOST = rf"{_LABEL}(?:\.{_LABEL})++"
_OCTET = r"(?:25[0-5]|2[0-4]\d|1?\d?\d)"
_POINT = r"(?:\.|\[\.\]|\(\.\))"
_GAP = r"[ .()-]{0,3}"
#: An at sign as addresses on the web write it, escaped once or again.
_ESCAPED_AT = r"%(?:25){0,4}40"
_BRACKETED_AT = r"\s?[\[({<]\s?(?:at|AT|At|@)\s?[\])}>]\s?|\(a\)"
_BRACKETED_DOT = r"\s?[\[({<]\s?(?:dot|DOT|\.)\s?[\])}>]\s?"
_SPELT_DOT = rf"(?:{_BRACKETED_DOT}|\s(?:dot|DOT|Dot)\s)"
_MIXED_HOST = rf"{_LABEL}(?:(?:\.|{_SPELT_DOT}){_LABEL})++"
_SPELT_HOST = rf"{_LABEL}(?:{_SPELT_DOT}{_LABEL})++"
#: Where people have their letter-boxes: "grim at gmail.com" is an address, "grim at bbc.co.uk" is a place to read.
_MAIL_HOSTS = (
    "outlook",
    "yahoo",
    "icloud",
    "proton",
    "btinternet",
    "virginmedia",
    "talktalk",
    "ntlworld",
    "gmx",
    "aol",
    "live",
    "msn",
)
_MAIL_HOST = rf"(?!dailymail)(?:[\w-]{{0,20}}mail[\w-]{{0,20}}|{'|'.join(_MAIL_HOSTS)})(?:\.{_LABEL})++"
_NO_MAILBOX = r"(?!(?:me|us|him|her|them|it|look|looks|is|was|be|are|live|lives|lived|find|join|visit|read)\b)"
_PROTECTED = (
    r"(?P<url>\b[A-Za-z][A-Za-z0-9+.-]{1,20}://[^\s<>\"]++)",
    rf"(?P<fediverse>(?<![\w.@+%-])@[\w.-]++@{_HOST})",
    r"(?P<day>(?<!\w)\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?)?(?!\w))",
    r"(?P<date>(?<!\w)\d{1,2}(?P<mark>[/.-])\d{1,2}(?P=mark)(?:\d{4}|\d\d)(?![\w.]))",
    r"(?P<decimal>(?<![\w.+])(?:0|[1-9]\d{0,8})\.\d{4,30}+(?![\w.]|[ ()-]{1,2}\d))",
    r"(?P<version>\b(?i:version|ver|release|firmware|build) \d{1,5}(?:\.\d{1,6}){1,4})",
)
_EXTENSION = r"(?: ?(?:x|ext\.?|extension) ?\d{1,5}\b)?"
_PHONES = (
    rf"\+\d(?:{_GAP}\d){{7,14}}",
    rf"00[ -]?[1-9](?:{_GAP}\d){{8,13}}",
    rf"\(?0[ ()-]{{0,3}}[1-9](?:{_GAP}\d){{8,9}}",
    r"0\d{4}/\d{3}[ -]?\d{3}|0\d{3}/\d{3}[ /-]?\d{4}|0\d\d/\d{4}[ /-]?\d{4}",
    # Without its plus, or with letters in the place of noughts: mobiles only.
    r"447\d{9}",
    rf"[oO]7(?:{_GAP}[\doO]){{9}}",
    r"\(?[2-9]\d\d(?:\)[ ]?|[ .-])\d{3}[ .-]\d{4}",
    r"(?<=wa\.me/)\d{8,15}",
    r"(?:(?<=[Rr]ing )|(?<=[Cc]all )|(?<=[Tt]ext )|(?<=[Pp]hone )|(?<=[Nn]umber ))[1237]\d{9}",
)
_EMAIL_VALUES = (
    rf"(?P<email>(?<![\w.@+%-])(?:\"[^\"\s@]{{1,64}}\"|(?:[\w.+-]|%(?!{_ESCAPED_AT[1:]}))++)"
    rf"(?:(?:@|{_ESCAPED_AT}|{_BRACKETED_AT}){_MIXED_HOST}|(?: @|@) {_HOST}))"
)
_SPELT_EMAILS = (
    rf"(?P<spelt_email>(?<![\w.@+%-]){_NO_MAILBOX}[\w.+-]++(?:\s(?:dot|DOT)\s[\w+-]++){{0,3}}+\s(?:at|AT|At)\s"
    rf"(?:{_SPELT_HOST}|{_MAIL_HOST}))"
    rf"|(?P<shouted_email>(?<![\w.@+%-])[a-z0-9._+-]++ AT {_HOST})"
    r"|(?P<joined_email>(?<![\w.@+%-])[A-Za-z0-9]{1,40}(?:[_-](?:dot)[_-][A-Za-z0-9]{1,40}){0,2}[_-]at[_-]"
    r"[A-Za-z0-9]{1,40}(?:[_-]dot[_-][A-Za-z0-9]{1,40}){1,4}(?![\w@]))"
)
_IPS = (
    r"(?P<ipv6>(?<![\w:.])(?:[0-9A-Fa-f]{1,4}|:)(?::[0-9A-Fa-f]{0,4}){2,7}(?:(?:\.\d{1,3}){3})?(?![\w:]))"
    rf"|(?P<ipv4>(?<![\w.])(?:{_OCTET}{_POINT}){{3}}{_OCTET}(?!\.?\w))"
)
# Lower case needs the space, or the word before it; and "b4 2nd" is no postcode: short words would be eaten.
_POSTCODES = (
    rf"(?P<postcode>\b{_OUTWARD}(?:  ?|-)?{_INWARD}\b"
    rf"|\b(?i:{_OUTWARD}  ?(?!\d(?:st|nd|rd|th)){_INWARD})\b"
    rf"|(?:(?<=postcode )|(?<=postcode: )|(?<=postcode is ))(?i:{_OUTWARD}{_INWARD})\b)"
)
_PHONE = rf"(?P<phone>(?<![\w+])(?<!\d\.)(?:{'|'.join(_PHONES)})(?!\w|/(?!\(?[+0])){_EXTENSION})"
# None begins within a word: said once for all, it spares each of them the look.
_CONTACT, _CONTACT_SPELT_OUT = (
    re.compile(rf"(?<!\w)(?:{'|'.join((*_PROTECTED, *emails, _IPS, _PHONE, _POSTCODES))})")
    for emails in ((_EMAIL_VALUES,), (_EMAIL_VALUES, _SPELT_EMAILS))
)
#: Without one of these signs a text holds none of them, and most texts have none.
_SIGN = re.compile(r"[@\d]|:[0-9A-Fa-f]{0,4}:")
_SPELT_SIGNS = (" dot ", "_dot_", "-dot-", "(at)", "[at]", "( at", "[ at", "{at", "{ at", "<at", "(a)", "(dot", "[dot")
#: Figures, signs and blanks as other scripts and editors write them, letter for letter.
_PLAIN = {
    **{0xFF10 + figure: str(figure) for figure in range(10)},  # full-width, as are the next
    **dict(zip((0xFF20, 0xFF0E, 0xFF0B, 0xFF08, 0xFF09, 0xFF0F), "@.+()/", strict=True)),
    **dict.fromkeys((0xA0, 0x2007, 0x2009, 0x202F), " "),
    **dict.fromkeys((*range(0x2010, 0x2016), 0x2212), "-"),
    **dict.fromkeys((0x2018, 0x2019), "'"),
}
# Where a number may begin that phonenumbers knows in a form of its own, and no longer than one can be.
_MAYBE_PHONE = re.compile(r"(?<![\w+.])(?:\+ ?|\(\+?|\[)?(?:0|44)(?:[^\w\n:]{0,4}\d){6,17}+(?![^\w\n]{0,1}\d)")
_AFTER_PHONE = 16
_EMAIL = re.compile(rf"(?<![\w.@+-])[\w.+-]++@{_HOST}")
# In a URL an escaped sign (%3D) ends what stands before it, except those that an e-mail address may hold (+ - .).
_EMAIL_IN_URL = re.compile(
    r"(?:(?<![\w.@+-])(?!(?<=%)[0-9A-Fa-f]{2})|(?<=%[0-9A-Fa-f]{2})(?<!%40|%2[BDEbde]))"
    rf"(?:[\w.+-]|%2[BDEbde])++(?:@|{_ESCAPED_AT}){_HOST}"
)
_PHONE_IN_URL = re.compile(
    r"(?:(?<=wa\.me/)|(?<=/t\.me/)(?=\+|%2B)|(?<=signal\.me/#p/)|(?<=phone=)|(?<=mobile=)|(?<=[?&]tel=))"
    r"(?:\+|%2B)?(?:[(.+-]|%20|%28){0,3}\d(?:(?:[().+-]|%20|%28|%29){0,3}\d){7,14}(?!\w)",
    re.IGNORECASE,
)
_IP_IN_URL = re.compile(rf"(?<![\w.])(?:{_OCTET}\.){{3}}{_OCTET}(?!\.?\w)|(?<=://)\[[0-9A-Fa-f:.]{{3,45}}\]")
#: How many times over an address may be escaped and still be read.
_ESCAPES = 4
_TRUNK_ZERO = re.compile(r"(?<=\d)\s*\(0\)")
_AT_SIGNS = re.compile(rf"{_BRACKETED_AT}|\s?@\s?|(?:\s|[_-])(?:at|AT|At)(?:\s|[_-])")
_DOT_SIGNS = re.compile(rf"{_SPELT_DOT}|[_-]dot[_-]")
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
    plain = text if text.isascii() else text.translate(_PLAIN)
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
    plain = text if text.isascii() else text.translate(_PLAIN)
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
            found[kind].append(_TRUNK_ZERO.sub("", unquote(written)).replace("o", "0").replace("O", "0"))
    return Contacts(tuple(dict.fromkeys(found["email"])), tuple(dict.fromkeys(found["phone"])))


def _expression(text: str) -> re.Pattern[str] | None:
    """Choose the expression that a text needs; most need none, and looking for signs costs far less."""
    folded = text.lower()
    if any(sign in folded for sign in _SPELT_SIGNS) or (" at " in folded and _spelt(text, folded)):
        return _CONTACT_SPELT_OUT
    return _CONTACT if _SIGN.search(text) else None


def _spelt(text: str, folded: str) -> bool:
    return " AT " in text or any(f"{host}." in folded for host in _MAIL_HOSTS) or "mail" in folded


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
        inner = [(*match.span(), "email") for match in _EMAIL_IN_URL.finditer(url)]
    if "=" in url or ".me/" in url.lower():
        inner = _beside(inner, ((*match.span(), "phone") for match in _PHONE_IN_URL.finditer(url)))
    if url.count(".") > 2 or "://[" in url:
        inner = _beside(inner, ((*match.span(), "ip") for match in _IP_IN_URL.finditer(url)))
    place = 0
    for start, end, kind in (*inner, (len(url), len(url), "")):
        if place < start:
            yield offset + place, offset + start, ""
        if kind:
            yield offset + start, offset + end, kind
        place = end


def _further_phones(text: str, taken: list[Span]) -> Iterator[Span]:
    """Ask phonenumbers about runs of digits that begin like a number and are nothing else."""
    free = (match for match in _MAYBE_PHONE.finditer(text) if not _overlaps(taken, match.start(), match.end()))
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
    plain = _DOT_SIGNS.sub(".", _AT_SIGNS.sub("@", _unescaped(written)))
    return _EMAIL.findall(plain) if plain != written else [written]


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
