"""The expressions by which contact values are known in text. Data for `graphmatch.normalise.redaction`.

`CONTACT` and `CONTACT_SPELT_OUT` are read left to right; their first alternatives *protect* what only looks like a
contact value (URLs, fediverse handles, dates, decimals). Every alternative is bounded or possessive.
"""

from __future__ import annotations

import re

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
MAIL_HOSTS = (
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
_MAIL_HOST = rf"(?!dailymail)(?:[\w-]{{0,20}}mail[\w-]{{0,20}}|{'|'.join(MAIL_HOSTS)})(?:\.{_LABEL})++"
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
CONTACT, CONTACT_SPELT_OUT = (
    re.compile(rf"(?<!\w)(?:{'|'.join((*_PROTECTED, *emails, _IPS, _PHONE, _POSTCODES))})")
    for emails in ((_EMAIL_VALUES,), (_EMAIL_VALUES, _SPELT_EMAILS))
)
#: Without one of these signs a text holds none of them, and most texts have none.
SIGN = re.compile(r"[@\d]|:[0-9A-Fa-f]{0,4}:")
SPELT_SIGNS = (" dot ", "_dot_", "-dot-", "(at)", "[at]", "( at", "[ at", "{at", "{ at", "<at", "(a)", "(dot", "[dot")
#: Figures, signs and blanks as other scripts and editors write them, letter for letter.
PLAIN = {
    **{0xFF10 + figure: str(figure) for figure in range(10)},  # full-width, as are the next
    **dict(zip((0xFF20, 0xFF0E, 0xFF0B, 0xFF08, 0xFF09, 0xFF0F), "@.+()/", strict=True)),
    **dict.fromkeys((0xA0, 0x2007, 0x2009, 0x202F), " "),
    **dict.fromkeys((*range(0x2010, 0x2016), 0x2212), "-"),
    **dict.fromkeys((0x2018, 0x2019), "'"),
}
# Where a number may begin that phonenumbers knows in a form of its own, and no longer than one can be.
MAYBE_PHONE = re.compile(r"(?<![\w+.])(?:\+ ?|\(\+?|\[)?(?:0|44)(?:[^\w\n:]{0,4}\d){6,17}+(?![^\w\n]{0,1}\d)")
EMAIL = re.compile(rf"(?<![\w.@+-])[\w.+-]++@{_HOST}")
# In a URL an escaped sign (%3D) ends what stands before it, except those that an e-mail address may hold (+ - .).
EMAIL_IN_URL = re.compile(
    r"(?:(?<![\w.@+-])(?!(?<=%)[0-9A-Fa-f]{2})|(?<=%[0-9A-Fa-f]{2})(?<!%40|%2[BDEbde]))"
    rf"(?:[\w.+-]|%2[BDEbde])++(?:@|{_ESCAPED_AT}){_HOST}"
)
PHONE_IN_URL = re.compile(
    r"(?:(?<=wa\.me/)|(?<=/t\.me/)(?=\+|%2B)|(?<=signal\.me/#p/)|(?<=phone=)|(?<=mobile=)|(?<=[?&]tel=))"
    r"(?:\+|%2B)?(?:[(.+-]|%20|%28){0,3}\d(?:(?:[().+-]|%20|%28|%29){0,3}\d){7,14}(?!\w)",
    re.IGNORECASE,
)
IP_IN_URL = re.compile(rf"(?<![\w.])(?:{_OCTET}\.){{3}}{_OCTET}(?!\.?\w)|(?<=://)\[[0-9A-Fa-f:.]{{3,45}}\]")
TRUNK_ZERO = re.compile(r"(?<=\d)\s*\(0\)")
AT_SIGNS = re.compile(rf"{_BRACKETED_AT}|\s?@\s?|(?:\s|[_-])(?:at|AT|At)(?:\s|[_-])")
DOT_SIGNS = re.compile(rf"{_SPELT_DOT}|[_-]dot[_-]")
