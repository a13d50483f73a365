"""What others say of an account (its platform's word, id, handle, address) → the key that its platform's adapter gives.

For sources that name accounts of any platform: hand-kept tables, and the formats in which organisations exchange what
they know. A contact value in an account's place leaves as a digest. Pure.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from graphmatch.errors import RejectedRecord
from graphmatch.model import IdKind
from graphmatch.normalise import fediverse
from graphmatch.normalise.contacts import CONTACT_PLATFORMS, Keyring
from graphmatch.normalise.links import account_of, author_of, canonical_url
from graphmatch.normalise.native_ids import MXID, is_id, kind_of, spelt
from graphmatch.normalise.platforms import ALIASES, FEDERATED
from graphmatch.normalise.text import bears_contact, redact

#: Platforms whose addresses `account_of` reads: what it can't read there is no account's address.
_READ_BY_ADDRESS = frozenset(ALIASES.values()) | {"reddit", "threads"}
#: Those of them whose accounts' addresses `fediverse.key_of` reads.
_FEDIVERSE = FEDERATED - {"matrix", "discourse"}
#: Platforms on which an account is a phone number.
_PHONES = CONTACT_PLATFORMS - {"email"}
_BESIDE = re.compile(r"[^a-z0-9]+")
_EMAIL = re.compile(r"(?:mailto:)?([^@\s<>/]{1,64}@[^@\s<>/]{1,190}\.[^@\s<>/]{2,60})")
_PHONE = re.compile(r"\(?(?:\+|0)[\d\s().-]{8,24}")
_ACCT = re.compile(r"@?([\w.-]{1,64})@([\w-]+(?:\.[\w-]+)+)")
_WIKI_NAME = re.compile(r"(?:User:|@)?([^@#<>\[\]|{}/:]{1,85})")
_HANDLE = re.compile(r"[\w.\-]{1,100}")
#: Digits that a spreadsheet turned into a number: the last ones are gone.
_ROUNDED = re.compile(r"[+-]?\d+(?:\.\d*)?[eE][+-]?\d+|\d{6,}\.\d+")
_NUMBERED = re.compile(r"(?:x|twitter)\.com/i/user/(\d{1,20})|facebook\.com/profile\.php\?(?:\S*&)?id=(\d{1,20})")
_CHANNEL = re.compile(r"youtube\.com/channel/(UC[\w-]{22})")


@dataclass(frozen=True, slots=True)
class Key(fediverse.Key):
    """Whom a source means. ``email`` and ``phone`` are in the clear, for the digest that the profile keeps."""

    email: str | None = None
    phone: str | None = None

    def __repr__(self) -> str:
        """Show nothing of a contact value."""
        return f"Key({self.platform}, {self.id_kind})"


@dataclass(frozen=True, slots=True)
class Named:
    """What a source says of an account, blanks as ``None``; ``platform`` by our name (see `platform_of`)."""

    platform: str | None = None
    instance: str | None = None
    account_id: str | None = None
    account_url: str | None = None
    handle: str | None = None
    content_url: str | None = None

    def __repr__(self) -> str:
        """Show nothing of what may be a contact value."""
        return f"Named({self.platform})"


def platform_of(word: str | None) -> str | None:
    """Give a platform's own name for what people call it; ``None`` for a blank."""
    folded = _BESIDE.sub("", word.casefold()) if word else ""
    return ALIASES.get(folded, folded) or None


def without_contacts(address: str) -> str:
    """Give an address without contact values, also where its ``@`` is written ``%40``."""
    return redact(address.replace("%40", "@"))


def rounded(cell: str | None) -> bool:
    """Say whether an id was turned into a number and has lost digits (``1.01421E+18``)."""
    return cell is not None and _ROUNDED.fullmatch(cell) is not None


def key_of(named: Named, keyring: Keyring) -> Key | None:
    """Key the account: by its id, else its address, else its handle; ``None`` if nothing names one.

    A contact value in the place of an id or a handle is kept beside the key, or makes it where there is nothing else.

    Raises
    ------
    RejectedRecord
        The only id has lost digits, or a handle lacks its server, or no platform is named.
    """
    contact = _by_contact(named, keyring)
    if contact:
        by_id = None if named.platform in CONTACT_PLATFORMS else _by_id(_without_contacts(named))
        return replace(by_id, email=contact.email, phone=contact.phone) if by_id else contact
    usable = [cell for cell in (named.account_id, named.handle) if cell and not rounded(cell)]
    found = _by_id(named) or _by_address(named.account_url, named.platform)
    if found is None and named.handle in usable:
        found = _by_handle(named)
    found = found or _by_post(named.content_url)
    if found is None and not usable and (rounded(named.account_id) or rounded(named.handle)):
        raise RejectedRecord(
            "the account's only id is a rounded number (as 1.2E+18): its last digits are lost; "
            "export the column as text, or add the account's address"
        )
    written = _plain_handle(named.handle)
    if found and found.handle and written and written.lower() == found.handle:
        # Addresses are folded to lower case; people write a handle as it is shown.
        return replace(found, handle=written)
    return found


def _by_contact(named: Named, keyring: Keyring) -> Key | None:
    """Key an account that is an e-mail address or a phone number by its digest, whatever the platform says."""
    for cell in (named.handle, named.account_url, named.account_id):
        federated = named.platform in FEDERATED or (cell or "").startswith("@")
        email = _EMAIL.fullmatch(cell) if cell and not federated else None
        digest = keyring.email(email[1]) if email else None
        if email and digest:
            return Key("email", "email", digest, IdKind.HASHED, email=email[1])
        phone = cell if cell and (_PHONE.fullmatch(cell) or named.platform in _PHONES) else None
        digest = keyring.phone(phone) if phone else None
        if digest:
            platform = named.platform or "phone"
            return Key(platform, platform, digest, IdKind.HASHED, phone=phone)
    return None


def _without_contacts(named: Named) -> Named:
    """Leave out the id and the handle that are contact values themselves."""

    def kept(cell: str | None) -> str | None:
        return None if cell is None or bears_contact(cell) or _PHONE.fullmatch(cell) else cell

    return replace(named, account_id=kept(named.account_id), handle=kept(named.handle))


def _by_id(named: Named) -> Key | None:
    native = named.account_id
    if native is None or rounded(native) or any(letter.isspace() for letter in native):
        return None
    if native.startswith(("http://", "https://")):
        return _by_actor(native, named)
    platform = _required(named.platform)
    if platform != "matrix" and native.startswith("@"):
        return _by_handle(replace(named, handle=named.handle or native))
    native = spelt(native, platform, named.handle)
    if not is_id(native, platform):
        # A handle in an id's place is keyed like any other handle.
        return _by_handle(replace(named, handle=native)) if named.handle in (None, native) else None
    instance = _server_of(native, named) or _instance(platform)
    if instance is None or bears_contact(native):
        return None
    return Key(platform, instance, native, kind_of(native, platform), _plain_handle(named.handle) or _local_part(named))


def _by_actor(address: str, named: Named) -> Key | None:
    """Key by an address in an id's place: the actor's own in the fediverse, a profile's page elsewhere."""
    if named.platform is None or named.platform in _READ_BY_ADDRESS - FEDERATED or fediverse.is_post(address):
        return _by_address(address, named.platform)
    if named.platform in _FEDIVERSE:
        page = account_of(address) if "/@" in address else None
        actor = None if page else fediverse.key_of(address)
        if page:
            return _named(page)
        if actor:
            handle = _plain_handle(named.handle) or _local_part(named) or actor.handle
            instance = named.instance or actor.instance
            return Key(actor.platform, instance, actor.native_id, actor.id_kind, handle)
    host = named.instance or fediverse.host_of(address)
    if host is None or bears_contact(address):
        return None
    return Key(named.platform, host, address, IdKind.ACTOR_URI, _plain_handle(named.handle) or _local_part(named))


def _server_of(native: str, named: Named) -> str | None:
    """Name an account's server, where there are many: as said, or as its handle, id or address tells."""
    if named.instance or named.platform not in FEDERATED:
        return named.instance
    for cell, shape in ((named.handle, _ACCT), (native, MXID), (named.handle, MXID)):
        if match := shape.fullmatch(cell or ""):
            return match[2].lower()
    return fediverse.host_of(named.account_url)


def _local_part(named: Named) -> str | None:
    """Give a handle without its server."""
    acct = _ACCT.fullmatch(named.handle or "") or MXID.fullmatch(named.handle or "")
    return acct[1] if acct and named.platform in FEDERATED else None


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


def _by_handle(named: Named) -> Key | None:
    cell = named.handle or ""
    acct = _ACCT.fullmatch(cell)
    if acct and (named.platform in FEDERATED or cell.startswith("@")):
        platform, handle = named.platform or "mastodon", acct[1]
        return Key(platform, acct[2].lower(), f"@{handle.lower()}", IdKind.HANDLE_ONLY, handle)
    if named.platform == "matrix" and (mxid := MXID.fullmatch(cell)):
        return Key("matrix", mxid[2].lower(), cell, IdKind.OPAQUE, mxid[1])
    if "/" in cell and account_of(cell):
        return _by_address(cell, named.platform)
    if named.platform == "wikipedia" and (title := _WIKI_NAME.fullmatch(cell)):
        # Names there hold spaces, and their case counts.
        return Key("wikipedia", "wikipedia", f"@{title[1]}", IdKind.HANDLE_ONLY, title[1])
    return _by_plain_handle(named)


def _by_plain_handle(named: Named) -> Key | None:
    handle = _plain_handle(named.handle)
    if handle is None:
        return None
    platform = _required(named.platform)
    instance = _server_of(handle, named) or _instance(platform)
    if instance is None:
        if _by_post(named.content_url):
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
