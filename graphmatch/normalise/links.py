"""Links → one spelling each, and the accounts that links and words name. In: text. Out: text. Pure.

An account is written ``platform:instance:handle`` with the handle in lower case. The tables are in
`graphmatch.normalise.platforms`.
"""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from graphmatch.normalise.platforms import (
    FEDIVERSE_PATHS,
    HOST_ALIASES,
    NOT_HANDLES,
    PROFILE_PATHS,
    RESERVED,
    SHARED_ROOTS,
    SHORT_WORDS,
    SHORTENERS,
    WORDS,
)

#: Longer addresses are hostile or broken; none of them is read.
LONGEST_URL = 2_000
#: What lies beyond in a text is not searched for links and accounts.
LONGEST_TEXT = 200_000

_TRACKING = re.compile(
    r"utm_.*|fbclid|gclid|dclid|msclkid|yclid|igsh(?:id)?|mc_[ce]id|ref_src|ref_url|_ga|si|feature|mibextid"
)
_X_TRACKING = frozenset({"s", "t", "lang", "ref"})
_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_HOST = re.compile(rf"(?:{_LABEL}\.)+(?:[a-z]{{2,24}}|xn--[a-z0-9-]{{1,59}})")
_WHOLE_URL = re.compile(r"(?<![\w@])https?://[^\s<>\"'`]++", re.IGNORECASE)
_BARE_ENDS = (
    "app|at|au|be|biz|blog|ca|ch|chat|club|co|com|cymru|de|dev|ee|es|eu|example|fm|fr|gg|ie|info|invalid|io|it|link"
    "|live|london|ly|me|media|network|news|nl|nz|online|org|net|page|pl|press|pro|pub|radio|scot|site|social|space"
    "|store|team|test|today|tv|uk|us|video|vip|wales|wiki|world|xyz|zone"
)
_BARE_URL = re.compile(
    rf"(?<![\w@./:-])(?:[A-Za-z0-9-]{{1,63}}\.){{1,5}}(?:{_BARE_ENDS})(?![\w@-]|\.\w)(?:/[^\s<>\"'`]*+)?"
)
_UNFIT = re.compile(r"[\s\x00-\x1f\x7f]")
_SLASHES = re.compile(r"/{2,}")
_TRAILING = ".,;:!?*)]}\u2026\u00bb\u201d\u2019"

_FEDIVERSE = re.compile(r"(?<![\w@./])@([\w.-]{1,64})@((?:[\w-]{1,63}\.){1,8}[A-Za-z]{2,24})(?![\w@])")
_BLUESKY = re.compile(r"(?<![\w@./])@((?:[\w-]{1,63}\.){1,4}bsky\.social)(?![\w@.-])", re.IGNORECASE)
_REDDIT = re.compile(r"(?<![\w/.])/?u/([\w-]{3,20})(?![\w/])")
_WORD = "|".join(sorted((re.escape(word) for word in WORDS), key=len, reverse=True))
_NAMED = re.compile(
    rf"(?<![\w@./-])(?P<word>{_WORD})(?P<mark>\s{{0,2}}[:=]\s{{0,2}}@?|\s{{1,2}}@)"
    r"(?!https?:|www\.)(?P<handle>\w[\w.-]{1,62}\w)(?![\w@/])",
    re.IGNORECASE,
)


def canonical_url(url: str) -> str | None:
    """Write a web address in one way: ``host/path?query`` without scheme, ``www.``, tracking and fragment.

    The host is lower case and ASCII, the path keeps its case unless it is a profile's. ``None`` for what is no web
    address: other schemes, IP addresses, hosts without a dot, anything over 2,000 characters.
    """
    parts = _split(url)
    if parts is None:
        return None
    host, path, query = parts
    if host in PROFILE_PATHS and "/channel/" not in path and _account(host, path, query) is not None:
        path = path.lower()
    return f"{host}{path}{'?' if query else ''}{query}"


def urls_in(text: str) -> list[str]:
    """List the web addresses in running text as they stand, each once; bare domains (``grimwald.example/x``) too."""
    text = text[:LONGEST_TEXT]
    if "." not in text and "://" not in text:
        return []
    found = [(match.start(), match[0]) for match in _WHOLE_URL.finditer(text)]
    rest = _WHOLE_URL.sub(lambda match: " " * len(match[0]), text) if found else text
    found += [(match.start(), match[0]) for match in _BARE_URL.finditer(rest)]
    return list(dict.fromkeys(_trimmed(url) for _, url in sorted(found) if len(url) <= LONGEST_URL))


def account_of(url_or_mention: str) -> str | None:
    """Name the account whose profile an address is, or that a fediverse mention (``@user@host.example``) names.

    A page below the profile (a post, a list) is not the profile: ``None``. See `author_of`.
    """
    return _named(url_or_mention, deeper=False)


def author_of(url: str) -> str | None:
    """Name the account under whose profile an address lies: of the profile itself or of one of its posts."""
    return _named(url, deeper=True)


def accounts_named_in(text: str) -> list[str]:
    """List the accounts that running text names, each once, in the order in which they stand.

    Read are profile addresses, ``@user@host.example``, ``@user.bsky.social``, ``u/user``, and a platform's word before
    a handle (``Discord: name``, ``backup on tg @name``).
    """
    text = text[:LONGEST_TEXT]
    found = [(text.find(url), account) for url in urls_in(text) if (account := account_of(url))]
    # Each expression needs a sign that most texts lack, and looking for the sign costs far less.
    if "@" in text:
        found += [(m.start(), f"mastodon:{m[2].lower()}:{m[1].lower()}") for m in _FEDIVERSE.finditer(text)]
        found += [(m.start(), f"bluesky:bsky:{m[1].lower()}") for m in _BLUESKY.finditer(text)]
    if "u/" in text:
        found += [(m.start(), f"reddit:reddit:{m[1].lower()}") for m in _REDDIT.finditer(text)]
    for match in _NAMED.finditer(text) if any(mark in text for mark in ":=@") else ():
        word, handle = match["word"].lower(), match["handle"].lower()
        vague = word in SHORT_WORDS and "@" not in match["mark"]
        if not vague and handle not in NOT_HANDLES and re.search(r"[a-z]", handle):
            found.append((match.start(), account_key(WORDS[word], handle)))
    return list(dict.fromkeys(account for _, account in sorted(found, key=lambda pair: pair[0])))


def account_key(platform: str, handle: str) -> str:
    """Write the account of a platform with one instance: ``x:x:grimwald_nm``, ``bluesky:bsky:grimwald77.test``."""
    return f"{platform}:{'bsky' if platform == 'bluesky' else platform}:{handle.removeprefix('@').lower()}"


def is_shared_host(url: str) -> bool:
    """Tell whether an address says nothing about whose it is: short links, and the front pages of big sites.

    ``linktr.ee/somebody`` says something; ``linktr.ee`` doesn't. What is no web address says nothing either.
    """
    parts = _split(url)
    if parts is None:
        return True
    host, path, query = parts
    if host in SHORTENERS:
        return True
    return not path and not query and (host in SHARED_ROOTS or host in PROFILE_PATHS)


def _split(url: str) -> tuple[str, str, str] | None:
    return _parts(url.strip()) if len(url) <= LONGEST_URL else None


@lru_cache(maxsize=2_048)
def _parts(url: str) -> tuple[str, str, str] | None:
    """Read an address; one profile's is asked for several times, and again with each report about the account."""
    scheme, mark, rest = url.partition("://")
    if mark and scheme.lower() in ("http", "https"):
        url = rest
    elif mark and "/" not in scheme and "?" not in scheme:
        return None
    try:
        parts = urlsplit(f"//{url}")
        host, port = _host(parts.hostname or ""), parts.port
    except ValueError:
        return None
    if not mark and parts.username is not None:
        return None  # an e-mail address
    if host is None or _UNFIT.search(url):
        return None
    suffix = f":{port}" if port not in (None, 80, 443) else ""
    path = _SLASHES.sub("/", parts.path).rstrip("/")
    return f"{host}{suffix}", path, _query(host, parts.query) if parts.query else ""


def _host(name: str) -> str | None:
    name = name.lower().rstrip(".")
    if not name.isascii():
        try:
            name = name[:253].encode("idna").decode("ascii").lower()
        except UnicodeError:
            return None
    for prefix in ("www.", "m."):
        while name.startswith(prefix) and name.count(".") > 1:
            name = name.removeprefix(prefix)
    name = HOST_ALIASES.get(name, name)
    return name if len(name) <= 253 and _HOST.fullmatch(name) else None


def _query(host: str, query: str) -> str:
    pairs = [
        pair
        for pair in parse_qsl(query, keep_blank_values=True, max_num_fields=None)
        if not _TRACKING.fullmatch(pair[0].lower()) and not (host == "x.com" and pair[0] in _X_TRACKING)
    ]
    return urlencode(sorted(pairs))


def _trimmed(url: str) -> str:
    while url and url[-1] in _TRAILING and not (url[-1] == ")" and url.count("(") >= url.count(")")):
        url = url[:-1]
    return url


def _named(address: str, *, deeper: bool) -> str | None:
    mention = _FEDIVERSE.fullmatch(address.strip()) if len(address) <= LONGEST_URL and "@" in address else None
    if mention:
        return f"mastodon:{mention[2].lower()}:{mention[1].lower()}"
    parts = _split(address)
    return _account(*parts, deeper=deeper) if parts else None


@lru_cache(maxsize=2_048)
def _account(host: str, path: str, query: str, *, deeper: bool = False) -> str | None:
    if host.endswith(".bsky.social") and (deeper or not path):
        return f"bluesky:bsky:{host}"
    platform, shapes = PROFILE_PATHS.get(host, ("mastodon", FEDIVERSE_PATHS))
    if host == "facebook.com" and path == "/profile.php":
        number = dict(parse_qsl(query)).get("id", "")
        return f"facebook:facebook:{number}" if number.isdecimal() else None
    for shape in shapes:
        match = shape.fullmatch(unquote(path))
        if not match or (match["deeper"] and not deeper):
            continue
        found = match.groupdict()
        if found.get("id"):
            return f"{platform}:{platform}:{found['id']}"
        handle = found["handle"].lower()
        if host in PROFILE_PATHS:
            return None if handle in RESERVED else account_key(platform, handle)
        return f"mastodon:{(found.get('host') or host).lower()}:{handle}"
    return None
