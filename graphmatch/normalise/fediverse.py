"""Addresses of the fediverse → keys of the accounts and posts behind them, whichever server tells of them. Pure.

Servers of different software name each other's accounts and posts by address only, and seldom say what runs there. So
that an account has one key, whoever saw it, the key is read from the address alone:

- ``/ap/users/<number>`` is Mastodon's, and the number is the one that the account has at home;
- ``/users/<aidx>`` is Misskey's, and the id is the one that the account has at home;
- ``/u/<name>`` is Lemmy's (and of those who speak like it);
- any other address may be of anything: ``mastodon``, the family's name, and the address itself.

Two addresses never share a key. The instance is the host of the address, where a handle may name another.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qs, unquote, urlsplit

from graphmatch.model import IdKind
from graphmatch.normalise.times import from_aidx, from_mastodon_id

#: The name that an account of unknown software bears, in keys and where words name it (``@user@host.example``).
FAMILY = "mastodon"
#: Platforms that talk to each other, and call each other's accounts `FAMILY`.
MEMBERS = frozenset({FAMILY, "pleroma", "misskey", "lemmy"})

LONGEST_ADDRESS = 2_000
_AIDX_YEARS = range(2014, 2036)
_NUMBERED = re.compile(r"/ap/users/(\d{1,20})")
_USER = re.compile(r"/users/([^/]+)")
_LEMMY_USER = re.compile(r"/u/([^/@]+)")
_NAMED = re.compile(r"/(?:users|accounts|author|profile)/([\w.-]+)|/@([\w.-]+)(?:@[\w.-]+)?|/u/([\w.-]+)")
_STATUS = re.compile(r"/(?:ap/)?users/[^/]+/statuses/[^/]+")
_MASTODON_USER = re.compile(r"/(?:ap/)?users/[^/]+")
_SHOWN_STATUS = re.compile(r"/@[^/@]+/(\w+)")
_POSTS = (
    (re.compile(r"/notes/[^/]+"), "misskey"),
    (re.compile(r"/(?:objects|notice)/[^/]+"), "pleroma"),
    (re.compile(r"/(?:post|comment)/\d+"), "lemmy"),
    (_STATUS, FAMILY),
    (_SHOWN_STATUS, FAMILY),
    (re.compile(r"/(?:p/[^/]+|videos/watch|w|activities|comments|events|status)/.+"), FAMILY),
)
#: Last steps of the addresses under which servers themselves act.
_SERVERS = re.compile(
    r"actor|instance|instance[._-]?actor|internal(?:[./_-]?fetch)?|fetch|relay(?:[._-]\w+)?|reports?|system[._-]\w+"
)
_NOTED = re.compile(r"[ \t]*(Local )?Note:[ \t]*(\S*)[ \t]*(?:\r?\n|$)", re.IGNORECASE)
#: How Pleroma's proxy writes a picture's address: a signature, then the address in Base64.
_PROXIED = re.compile(r"/proxy/(?:preview/)?[\w-]{20,100}/([\w-]{16,3000})(?:/[^/]*)?")
_SPACE = re.compile(r"[\s\x00-\x1f]")
_RULE = re.compile(r"[ \t]*-{3,}[ \t]*(?:\r?\n|$)")


@dataclass(frozen=True, slots=True)
class Key:
    """What an account is filed under; ``handle`` where its address tells it."""

    platform: str
    instance: str
    native_id: str
    id_kind: IdKind
    handle: str | None = None

    @property
    def account_id(self) -> str:
        """Write the key as one id."""
        return f"{self.platform}:{self.instance}:{self.native_id}"

    @property
    def names(self) -> tuple[str, ...]:
        """List what another account's profile may call this one: its handle's name, if known, and its id."""
        named = (f"{self.platform}:{self.instance}:{self.handle.lower()}",) if self.handle else ()
        return (*named, self.account_id)

    @property
    def created_at(self) -> datetime | None:
        """Read when the account was made, where its id at home holds that."""
        if self.id_kind is IdKind.NUMERIC:
            return from_mastodon_id(self.native_id)
        return from_aidx(self.native_id) if self.platform == "misskey" and self.id_kind is IdKind.OPAQUE else None


@dataclass(frozen=True, slots=True)
class _Address:
    host: str
    path: str
    whole: str


def key_of(address: str | None) -> Key | None:
    """Read the key of the account at an actor's address; ``None`` for what is no address on the web."""
    found = _read(address)
    if found is None:
        return None
    if match := _NUMBERED.fullmatch(found.path):
        return Key(FAMILY, found.host, match[1], IdKind.NUMERIC)
    match = _USER.fullmatch(found.path)
    if match and _is_aidx(match[1]):
        return Key("misskey", found.host, match[1], IdKind.OPAQUE)
    platform = "lemmy" if _LEMMY_USER.fullmatch(found.path) else FAMILY
    named = _NAMED.fullmatch(found.path)
    handle = next((name for name in named.groups() if name), None) if named else None
    return Key(platform, found.host, found.whole, IdKind.ACTOR_URI, handle)


def post_id(address: str) -> str:
    """Write the content id of the post at an address; what is no address stands as it is."""
    found = _read(address)
    if found is None:
        return f"{FAMILY}:{address}"
    platform = next((platform for shape, platform in _POSTS if shape.fullmatch(found.path)), FAMILY)
    return f"{platform}:{found.whole}"


def is_post(address: str) -> bool:
    """Tell whether an address is shaped like a post's, so that no account is meant by it."""
    found = _read(address)
    return found is not None and any(shape.fullmatch(found.path) for shape, _ in _POSTS)


def is_actor(address: str) -> bool:
    """Tell whether an address is shaped like an account's."""
    found = _read(address)
    return found is not None and not is_post(address) and _NAMED.fullmatch(found.path.replace("/ap/", "/")) is not None


def is_server(address: str) -> bool:
    """Tell whether a server itself acts under an address, so that whoever stands behind it stays hidden.

    Mastodon reports as ``/actor``, Pleroma as its relay, Lemmy's sites as their front page. Misskey's actor looks like
    any of its accounts, but no account of Misskey signs a report itself.
    """
    found = _read(address)
    if found is None:
        return False
    last = found.path.rpartition("/")[2].lower()
    return last in ("", found.host) or _SERVERS.fullmatch(last) is not None or _is_aidx(last)


def author_of_post(address: str) -> str | None:
    """Give the actor's address that a Mastodon post's address begins with."""
    found = _read(address)
    if found is None or not _STATUS.fullmatch(found.path):
        return None
    return found.whole.rpartition("/statuses/")[0]


def home_address(shown: str, actor: str | None) -> str:
    """Give the address under which servers know a post, where only its page (``/@user/<number>``) is told.

    Mastodon's posts lie under their author's address, so the author's tells; else the page's stays.
    """
    page, author = _read(shown), _read(actor)
    if page is None or author is None or page.host != author.host:
        return shown
    match = _SHOWN_STATUS.fullmatch(page.path)
    if match is None or not match[1].isdecimal() or not _MASTODON_USER.fullmatch(author.path):
        return shown
    return f"{author.whole}/statuses/{match[1]}"


@dataclass(frozen=True, slots=True)
class Noted:
    """A comment that Misskey's form began: the note's own address, the page that the server shows of it, the words."""

    note: str | None
    page: str | None
    words: str


def picture_of(address: str | None) -> str | None:
    """Give a picture's own address, where a server shows it through a proxy; ``None`` for one that it drew itself."""
    found = _read(address)
    if address is None or found is None:
        return address
    if "/identicon/" in found.path or found.path.endswith(("/missing.png", "/images/avi.png")):
        return None
    _, _, query = found.whole.partition("?")
    behind = parse_qs(query, max_num_fields=20).get("url", [""])[0] if query.count("&") < 20 else ""
    if match := _PROXIED.fullmatch(found.path):
        behind = _decoded(match[1])
    return behind if is_address(behind) else address


def noted(comment: str) -> Noted:
    """Part what Misskey's form writes (``Note: <address>``, ``Local Note: <address>``, a rule) from the words."""
    own: str | None = None
    page: str | None = None
    at = 0
    while match := _NOTED.match(comment, at):
        at = match.end()
        if not is_address(match[2]):
            continue
        if match[1]:
            page = page or match[2]
        else:
            own = own or match[2]
    rule = _RULE.match(comment, at) if at else None
    return Noted(own, page, comment[rule.end() if rule else at :].strip())


def is_address(value: str | None) -> bool:
    """Tell whether a value is an address on the web."""
    return _read(value) is not None


def host_of(address: str | None) -> str | None:
    """Give the host of an address on the web, lower case and without its port."""
    found = _read(address)
    return found.host if found else None


def _read(address: str | None) -> _Address | None:
    """Read an address; its scheme and host are put in lower case, a fragment and a last slash go."""
    if not address or len(address) > LONGEST_ADDRESS:
        return None
    try:
        parts = urlsplit(address.strip())
        host = parts.hostname
    except ValueError:
        return None
    if (
        parts.scheme.lower() not in ("http", "https")
        or not host
        or "@" in parts.netloc
        or _SPACE.search(address.strip())
    ):
        return None
    path = parts.path.rstrip("/")
    query = f"?{parts.query}" if parts.query else ""
    return _Address(host, unquote(path), f"{parts.scheme.lower()}://{parts.netloc.lower()}{path}{query}")


def _decoded(value: str) -> str:
    try:
        return base64.urlsafe_b64decode(value + "=" * (-len(value) % 4)).decode()
    except (binascii.Error, ValueError):
        return ""


def _is_aidx(name: str) -> bool:
    """Tell Misskey's ids from names of sixteen letters: their time is plausible, and they hold digits."""
    time = from_aidx(name) if len(name) == 16 else None
    return time is not None and time.year in _AIDX_YEARS and sum(map(str.isdigit, name)) >= 2
