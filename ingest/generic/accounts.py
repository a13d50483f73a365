"""Which account a row of a hand-kept table means: by its id, its address, its handle, or a contact value's digest."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from graphmatch.errors import RejectedRecord
from graphmatch.model import IdKind
from graphmatch.normalise.contacts import CONTACT_PLATFORMS, Keyring
from graphmatch.normalise.links import account_of, author_of, canonical_url
from graphmatch.normalise.text import bears_contact, redact

#: What people call platforms → ours. Folded: lower case, letters and digits only.
PLATFORMS = {
    "twitter": "x",
    "xtwitter": "x",
    "twitterx": "x",
    "xformerlytwitter": "x",
    "xcom": "x",
    "twittercom": "x",
    "tweet": "x",
    "fb": "facebook",
    "facebookcom": "facebook",
    "meta": "facebook",
    "insta": "instagram",
    "ig": "instagram",
    "tiktokcom": "tiktok",
    "yt": "youtube",
    "bsky": "bluesky",
    "bskysocial": "bluesky",
    "bskyapp": "bluesky",
    "masto": "mastodon",
    "subreddit": "reddit",
    "tg": "telegram",
    "tme": "telegram",
    "wa": "whatsapp",
    "whatsappmessage": "whatsapp",
    "text": "sms",
    "textmessage": "sms",
    "phonecall": "phone",
    "voicemail": "phone",
    "emailmessage": "email",
    "mail": "email",
}
#: Platforms whose addresses `account_of` reads: what it can't read there is no account's address.
_READ_BY_ADDRESS = frozenset(PLATFORMS.values()) | {"reddit", "threads"}
#: Platforms of many servers: a handle says who only together with its server.
FEDERATED = frozenset({"mastodon", "pleroma", "akkoma", "misskey", "lemmy", "pixelfed", "peertube", "matrix"})
#: Platforms on which an account is a phone number.
_PHONES = CONTACT_PLATFORMS - {"email"}
_BLANKS = frozenset(
    {"", "-", "--", "?", "n/a", "na", "nan", "none", "null", "unknown", "not known", "not given", "tbc"}
)
_BESIDE = re.compile(r"[^a-z0-9]+")
_LONGEST_BLANK = max(map(len, _BLANKS))
_EMAIL = re.compile(r"(?:mailto:)?([^@\s<>/]{1,64}@[^@\s<>/]{1,190}\.[^@\s<>/]{2,60})")
_PHONE = re.compile(r"\(?(?:\+|0)[\d\s().-]{8,24}")
_ACCT = re.compile(r"@?([\w.-]{1,64})@([\w-]+(?:\.[\w-]+)+)")
_HANDLE = re.compile(r"[\w.\-]{1,100}")
#: Digits that a spreadsheet turned into a number: the last ones are gone.
_ROUNDED = re.compile(r"[+-]?\d+(?:\.\d*)?[eE][+-]?\d+|\d{6,}\.\d+")
_NUMBERED = re.compile(r"(?:x|twitter)\.com/i/user/(\d{1,20})|facebook\.com/profile\.php\?(?:\S*&)?id=(\d{1,20})")
_CHANNEL = re.compile(r"youtube\.com/channel/(UC[\w-]{22})")


@dataclass(frozen=True, slots=True)
class Key:
    """Whom a row means. ``email`` and ``phone`` are in the clear, for the digest that the profile keeps."""

    platform: str
    instance: str
    native_id: str
    id_kind: IdKind
    handle: str | None = None
    email: str | None = None
    phone: str | None = None

    @property
    def account_id(self) -> str:
        """Give the key as the tables hold it."""
        return f"{self.platform}:{self.instance}:{self.native_id}"

    def __repr__(self) -> str:
        """Show nothing of a contact value."""
        return f"Key({self.platform}, {self.id_kind})"


@dataclass(frozen=True, slots=True)
class Cells:
    """What a row says of the account, blanks as ``None``."""

    platform: str | None
    instance: str | None
    account_id: str | None
    account_url: str | None
    handle: str | None
    content_url: str | None


def platform_of(word: str | None) -> str | None:
    """Give a platform's own name for what people call it; ``None`` for a blank."""
    folded = _BESIDE.sub("", word.casefold()) if word else ""
    return PLATFORMS.get(folded, folded) or None


def stated(cell: str | None) -> str | None:
    """Give a cell; ``None`` for what people write in the place of a blank (``n/a``, ``-``, ``unknown``)."""
    if cell is None:
        return None
    cell = cell.strip()
    return None if len(cell) <= _LONGEST_BLANK and cell.casefold() in _BLANKS else cell


def without_contacts(address: str) -> str:
    """Give an address without contact values, also where its ``@`` is written ``%40``."""
    return redact(address.replace("%40", "@"))


def rounded(cell: str | None) -> bool:
    """Say whether an id was turned into a number and has lost digits (``1.01421E+18``)."""
    return cell is not None and _ROUNDED.fullmatch(cell) is not None


def key_of(cells: Cells, keyring: Keyring) -> Key | None:
    """Key the account: by its id, else its address, else its handle; ``None`` if the row names none.

    Raises
    ------
    RejectedRecord
        The only id has lost digits, or a handle lacks its server, or no platform is named.
    """
    contact = _by_contact(cells, keyring)
    if contact:
        return contact
    usable = [cell for cell in (cells.account_id, cells.handle) if cell and not rounded(cell)]
    found = _by_id(cells) or _by_address(cells.account_url, cells.platform)
    if found is None and cells.handle in usable:
        found = _by_handle(cells)
    found = found or _by_post(cells.content_url)
    if found is None and not usable and (rounded(cells.account_id) or rounded(cells.handle)):
        raise RejectedRecord(
            "the account's only id is a rounded number (as 1.2E+18): its last digits are lost; "
            "export the column as text, or add the account's address"
        )
    written = _plain_handle(cells.handle)
    if found and found.handle and written and written.lower() == found.handle:
        # Addresses are folded to lower case; people write a handle as it is shown.
        return replace(found, handle=written)
    return found


def _by_contact(cells: Cells, keyring: Keyring) -> Key | None:
    """Key an account that is an e-mail address or a phone number by its digest, whatever the platform says."""
    for cell in (cells.handle, cells.account_url, cells.account_id):
        federated = cells.platform in FEDERATED or (cell or "").startswith("@")
        email = _EMAIL.fullmatch(cell) if cell and not federated else None
        digest = keyring.email(email[1]) if email else None
        if email and digest:
            return Key("email", "email", digest, IdKind.HASHED, email=email[1])
        phone = cell if cell and (_PHONE.fullmatch(cell) or cells.platform in _PHONES) else None
        digest = keyring.phone(phone) if phone else None
        if digest:
            platform = cells.platform or "phone"
            return Key(platform, platform, digest, IdKind.HASHED, phone=phone)
    return None


def _by_id(cells: Cells) -> Key | None:
    native = cells.account_id
    if native is None or rounded(native) or any(letter.isspace() for letter in native):
        return None
    platform = _required(cells.platform)
    if native.startswith("did:"):
        kind = IdKind.DID
    elif native.startswith(("http://", "https://")):
        kind = IdKind.ACTOR_URI
    else:
        kind = IdKind.NUMERIC if native.isdecimal() else IdKind.OPAQUE
    instance = cells.instance or _instance(platform)
    if instance is None and kind is IdKind.ACTOR_URI:
        instance = urlsplit(native).hostname
    if instance is None:
        return None
    return Key(platform, instance, native, kind, _plain_handle(cells.handle))


def _by_address(address: str | None, platform: str | None) -> Key | None:
    if address is None:
        return None
    numbered = _by_number(address)
    named = account_of(address)
    return numbered or (_named(named) if named else _by_unknown_site(address, platform))


def _by_number(address: str) -> Key | None:
    numbered = _NUMBERED.search(address)
    if numbered:
        home = "x" if numbered[1] else "facebook"
        return Key(home, home, numbered[1] or numbered[2], IdKind.NUMERIC)
    channel = _CHANNEL.search(address)
    return Key("youtube", "youtube", channel[1], IdKind.OPAQUE) if channel else None


def _by_unknown_site(address: str, platform: str | None) -> Key | None:
    """Key by the address itself on a site that no table knows; only if the row says which platform it is."""
    canonical = canonical_url(address)
    if platform is None or platform in _READ_BY_ADDRESS | FEDERATED:
        return None
    # Without its contact value an address may stand for several people, and with it for one too well.
    if canonical is None or "/" not in canonical or bears_contact(canonical):
        return None
    return Key(platform, canonical.partition("/")[0], canonical, IdKind.OPAQUE)


def _by_handle(cells: Cells) -> Key | None:
    acct = _ACCT.fullmatch(cells.handle or "")
    if acct and (cells.platform in FEDERATED or (cells.handle or "").startswith("@")):
        platform, handle = cells.platform or "mastodon", acct[1]
        return Key(platform, acct[2].lower(), f"@{handle.lower()}", IdKind.HANDLE_ONLY, handle)
    named = account_of(cells.handle) if cells.handle and "/" in cells.handle else None
    if named:
        return _by_address(cells.handle, cells.platform)
    handle = _plain_handle(cells.handle)
    if handle is None:
        return None
    platform = _required(cells.platform)
    instance = cells.instance or _instance(platform)
    if instance is None:
        if _by_post(cells.content_url):
            return None
        raise RejectedRecord(f"a handle on {platform} needs its server: write @name@server, or fill 'instance'")
    return Key(platform, instance, f"@{handle.lower()}", IdKind.HANDLE_ONLY, handle)


def _by_post(address: str | None) -> Key | None:
    """Key by a post's address where that names its author; on Telegram it names the channel instead."""
    named = author_of(address) if address else None
    return None if named is None or named.startswith("telegram:") else _named(named)


def _named(name: str) -> Key:
    home, instance, handle = name.split(":", 2)
    if handle.startswith("did:"):
        return Key(home, instance, handle, IdKind.DID)
    return Key(home, instance, f"@{handle}", IdKind.HANDLE_ONLY, handle)


def _plain_handle(cell: str | None) -> str | None:
    handle = (cell or "").strip().removeprefix("u/").lstrip("@").strip()
    return handle if _HANDLE.fullmatch(handle) and not rounded(handle) else None


def _required(platform: str | None) -> str:
    if platform is None:
        raise RejectedRecord("the field 'platform' is missing, and no address tells it")
    return platform


def _instance(platform: str) -> str | None:
    """Give the one server of a platform; ``None`` where there are many."""
    if platform in FEDERATED:
        return None
    return "bsky" if platform == "bluesky" else platform
