"""Text as platforms deliver it → plain text; and plain text → text without contact values. Pure.

`redact` reads a text once, left to right, with one expression whose first alternatives *protect* what only
looks like a contact value (URLs, fediverse handles, dates). Every alternative is bounded or possessive: its time
is linear in the length.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from urllib.parse import unquote

#: Longer markup than any platform allows; what lies beyond is cut, so that hostile input can't hold up a run.
LONGEST_HTML, LONGEST_ATTRIBUTES = 500_000, 8_000

# Not the standard library's parser: on unclosed tags its time is quadratic in the length.
_TAG = re.compile(r"<(?P<closes>/?)(?P<name>[A-Za-z][A-Za-z0-9]{0,20})?(?P<rest>[^<>]*+)>")
_ATTRIBUTE = re.compile(
    r"(?<![\w-])(?P<key>[A-Za-z-]{1,30}+)\s*+=\s*+(?:\"(?P<double>[^\"]*+)\"|'(?P<single>[^']*+)'|(?P<bare>[^\s\"'>]++))"
)
_BREAKS = frozenset({"p", "br", "div", "li", "ul", "ol", "blockquote", "pre", "tr", "h1", "h2", "h3", "h4"})
_SILENT = frozenset({"script", "style", "template"})

_AREA = (
    r"(?:A[BL]|B[ABDHLNRSTX]?|C[ABFHMORTVW]|D[ADEGHLNTY]|E[CHNX]?|F[KY]|G[LUY]?|H[ADGPRSUX]|I[GMPV]|JE|K[ATWY]"
    r"|L[ADELNSU]?|M[EKL]?|N[EGNPRW]?|O[LX]|P[AEHLOR]|R[GHM]|S[AEGKLMNOPRSTWY]?|T[ADFNQRSW]|UB|W[ACDFNRSV]?|YO|ZE)"
)
_OUTWARD, _INWARD = rf"{_AREA}\d[\dA-Z]?", r"\d[ABD-HJLNP-UW-Z]{2}"
_HOST = r"[\w-]+(?:\.[\w-]+)+"
_OCTET = r"(?:25[0-5]|2[0-4]\d|1?\d?\d)"
_GAP = r"[ .()-]{0,3}"
#: An at sign as addresses on the web write it, escaped once or again.
_ESCAPED_AT = r"%(?:25){0,4}40"
_BRACKETED_AT = r"\s?[\[(]\s?at\s?[\])]\s?"
_PROTECTED = (
    r"(?P<url>\b[A-Za-z][A-Za-z0-9+.-]{1,20}://[^\s<>\"]++)",
    rf"(?P<fediverse>(?<![\w.@+%-])@[\w.-]++@{_HOST})",
    r"(?P<day>(?<!\w)\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?)?(?!\w))",
    r"(?P<date>(?<!\w)\d{1,2}(?P<mark>[/.-])\d{1,2}(?P=mark)(?:\d{4}|\d\d)(?![\w.]))",
)
_PHONES = (
    rf"\+\d(?:{_GAP}\d){{7,14}}",
    rf"00[ -]?[1-9](?:{_GAP}\d){{8,13}}",
    rf"\(?0{_GAP}[1-9](?:{_GAP}\d){{8,9}}",
    r"\(?[2-9]\d\d(?:\)[ ]?|[ .-])\d{3}[ .-]\d{4}",
    r"(?<=wa\.me/)\d{8,15}",
)
_VALUES = (
    rf"(?P<email>(?<![\w.@+%-])(?:[\w.+-]|%(?!{_ESCAPED_AT[1:]}))++(?:@|{_ESCAPED_AT}|{_BRACKETED_AT}){_HOST})",
    r"(?P<ipv6>(?<![\w:.])(?:[0-9A-Fa-f]{1,4}|:)(?::[0-9A-Fa-f]{0,4}){2,7}(?:(?:\.\d{1,3}){3})?(?![\w:]))",
    rf"(?P<ipv4>(?<![\w.])(?:{_OCTET}\.){{3}}{_OCTET}(?!\.?\w))",
    rf"(?P<phone>(?<![\w+])(?:{'|'.join(_PHONES)})(?![\w/]))",
    rf"(?P<postcode>\b{_OUTWARD}[ ]?{_INWARD}\b)",
    # Lower case needs the space, and "b4 2nd" is no postcode: short words would be eaten.
    rf"(?P<small_postcode>\b(?i:{_OUTWARD}[ ](?!\d(?:st|nd|rd|th)){_INWARD})\b)",
)
_CONTACT = re.compile("|".join((*_PROTECTED, *_VALUES)))
#: Without one of these signs a text holds no contact value, and most texts have none of them.
_SIGNS = re.compile(r"[@\d]|[\[(]\s?at|:[0-9A-Fa-f]{0,4}:")
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
_SPELT_AT = re.compile(_BRACKETED_AT)
_PLACEHOLDER = {
    "email": "[email]",
    "phone": "[phone]",
    "ipv4": "[ip]",
    "ipv6": "[ip]",
    "postcode": "[postcode]",
    "small_postcode": "[postcode]",
}


@dataclass(frozen=True, slots=True)
class Contacts:
    """Contact values that a text names, in the clear: to be digested at once and never kept."""

    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()

    def __repr__(self) -> str:
        """Show how many, never which."""
        return f"Contacts({len(self.emails)} emails, {len(self.phones)} phones)"


def encodable(text: str) -> str:
    """Give ``text`` without NULs and lone surrogates, which no table and no store can hold."""
    text = text.replace("\0", "")
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def blank_to_none(value: object) -> str | None:
    """Give the text stripped, ``None`` for a blank; whole numbers become text, anything else ``None``."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    return encodable(str(value)).strip() or None


def strip_html(html: str) -> str:
    """Give the text of a post's or bio's HTML on one line; links keep their whole address."""
    return " ".join(_read_html(html[:LONGEST_HTML])[0].split())


def links_in_html(html: str) -> list[str]:
    """List the addresses that HTML links to, each once, in order; hashtags and mentions are none."""
    return list(dict.fromkeys(_read_html(html[:LONGEST_HTML])[1]))


def redact(text: str) -> str:
    """Put ``[email]``, ``[phone]``, ``[ip]`` and ``[postcode]`` in the place of contact values.

    Fediverse handles (``@user@host.example``), URLs, dates and plain numbers stay. E-mail and IP addresses go
    even inside a URL, also where ``@`` is written ``%40``; phone numbers where the URL says that it is one
    (``wa.me/…``, ``phone=…``), for other numbers there are posts' and accounts' own.
    """
    return _CONTACT.sub(_replacement, text) if _SIGNS.search(text) else text


def bears_contact(address: str) -> bool:
    """Tell whether a web address holds a contact value, however often its signs are escaped.

    Stricter than `redact`: any number in the form of a phone number counts.
    """
    # A plus may be itself or a blank. Without its scheme a URL inside the query is not protected.
    whole = address.replace("://", " ")
    forms = {whole, _unescaped(whole), _unescaped(whole.replace("+", " "))}
    return any(redact(form) != form for form in (form.replace("://", " ") for form in forms))


def contacts_in(text: str) -> Contacts:
    """List the e-mail addresses and phone numbers in ``text``, each once, in order."""
    if not _SIGNS.search(text):
        return Contacts()
    found: dict[str, list[str]] = {"email": [], "phone": []}
    for kind, value in _scan(text):
        found[kind].append(value)
    return Contacts(tuple(dict.fromkeys(found["email"])), tuple(dict.fromkeys(found["phone"])))


def _scan(text: str) -> Iterator[tuple[str, str]]:
    for match in _CONTACT.finditer(text):
        if match.lastgroup == "email":
            yield from (("email", found) for found in _addresses(_SPELT_AT.sub("@", match["email"])))
        elif match.lastgroup == "phone":
            yield "phone", _TRUNK_ZERO.sub("", match["phone"])
        elif match.lastgroup == "url":
            yield from (("email", found) for found in _EMAIL.findall(_unescaped(match["url"])))


def _addresses(written: str) -> list[str]:
    plain = _unescaped(written)
    return [written] if plain == written else _EMAIL.findall(plain)


def _unescaped(address: str) -> str:
    for _ in range(_ESCAPES):
        if "%" not in address:
            break
        address = unquote(address)
    return address


def _replacement(match: re.Match[str]) -> str:
    kind = match.lastgroup or ""
    if kind == "url":
        return _redacted_url(match[0])
    if kind == "ipv6" and not _is_ip(match[0]):
        return match[0]
    return _PLACEHOLDER.get(kind, match[0])


def _redacted_url(url: str) -> str:
    # Most URLs are a post's and lack the signs; looking for them costs a tenth of the expressions.
    if "@" in url or "%" in url:
        url = _EMAIL_IN_URL.sub("[email]", url)
    if "=" in url or ".me/" in url.lower():
        url = _PHONE_IN_URL.sub("[phone]", url)
    return _IP_IN_URL.sub("[ip]", url) if url.count(".") > 2 or "://[" in url else url


def _is_ip(value: str) -> bool:
    try:
        ipaddress.ip_address(value)
    except ValueError:
        return False
    return any(letter != ":" for letter in value)


def _read_html(html: str) -> tuple[str, list[str]]:
    """Give the text of markup, with its line breaks, and the addresses that it links to."""
    if "<" not in html:
        return unescape(html) if "&" in html else html, []
    parts: list[str] = []
    links: list[str] = []
    silent, end = 0, 0
    for tag in _TAG.finditer(html):
        if not silent:
            parts.append(html[end : tag.start()])
        end = tag.end()
        name, closes = (tag["name"] or "").lower(), bool(tag["closes"])
        if name in _SILENT:
            silent = max(0, silent + (-1 if closes else 1))
        elif name in _BREAKS:
            parts.append("\n")
        elif name == "a" and not closes:
            links.extend(_link(tag["rest"]))
    if not silent:
        parts.append(html[end:])
    return unescape("".join(parts)), links


def _link(attributes: str) -> list[str]:
    found = {
        match["key"].lower(): unescape(match["double"] or match["single"] or match["bare"] or "")
        for match in _ATTRIBUTE.finditer(attributes[:LONGEST_ATTRIBUTES])
    }
    words = f"{found.get('class', '')} {found.get('rel', '')}".split()
    address = found.get("href", "").strip()
    names_nobody = "/tags/" in address or {"mention", "hashtag", "tag"} & set(words)
    return [address] if address and not names_nobody else []
