"""How an account is named to a recipient: its address, its public page, and whether those hold a contact value."""

from __future__ import annotations

import re
from urllib.parse import urlsplit, urlunsplit

from graphmatch.normalise.contacts import CONTACT_PLATFORMS
from graphmatch.normalise.text import redact

__all__ = ["CONTACT_PLATFORMS", "address", "is_clean", "local_part", "public_url", "spoken_part"]

#: Longer handles, ids and URLs than any platform gives out.
LONGEST_NAME = 512
LONGEST_URL = 2_000

_CONTACT_HOSTS = frozenset({"wa.me", "api.whatsapp.com", "signal.me"})

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
_DIALLED = re.compile(r"\+?\d[\d ().-]{8,18}\d")


def local_part(handle: str) -> str:
    """Give a handle folded, without its leading ``@`` and its server."""
    return handle.strip().removeprefix("@").casefold().partition("@")[0]


def address(handle: str | None, instance: str) -> str | None:
    """Give what names an account for itself: ``handle@server`` where servers federate, else the handle."""
    if handle is None or "." not in instance or "@" in handle.removeprefix("@"):
        return handle
    return f"{handle.removeprefix('@')}@{instance}"


def is_clean(name: str, instance: str) -> bool:
    """Say whether a handle or native id holds no contact value, nothing invisible, and is no longer than one can be.

    ``user@server`` looks like an e-mail address but is a handle when the server is the account's own instance.
    """
    if len(name) > LONGEST_NAME or _CONTROL.search(name):
        return False
    if "://" in name:
        return public_url(name, instance) is not None
    user, at, server = name.removeprefix("@").rpartition("@")
    if at and server.casefold() == instance.casefold():
        name = user
    return "@" not in name.removeprefix("@") and _without_contact(name)


def public_url(url: str | None, instance: str) -> str | None:
    """Give an account's page without query, fragment and credentials; ``None`` unless it is a plain web address."""
    if url is None or len(url) > LONGEST_URL or _CONTROL.search(url):
        return None
    try:
        parts = urlsplit(url.strip())
        host = parts.hostname or ""
    except ValueError:
        return None
    if parts.scheme.lower() not in ("http", "https") or "." not in host or host in _CONTACT_HOSTS:
        return None
    segments = [segment for segment in parts.path.split("/") if segment]
    if redact(host) != host or not all(_is_clean_segment(segment, instance) for segment in segments):
        return None
    return urlunsplit((parts.scheme.lower(), host, parts.path, "", ""))


def spoken_part(handle: str | None, native_id: str, url: str | None) -> str:
    """Give what of an account's names a person chose: no server, no host; parts stand on lines of their own."""
    path = urlsplit(native_id).path if "://" in native_id else native_id.partition("@")[0] or native_id
    page = urlsplit(url).path if url else ""
    return "\n".join(part for part in (local_part(handle or ""), path, page) if part)


def _is_clean_segment(segment: str, instance: str) -> bool:
    return is_clean(segment, instance) and not segment.startswith("+")


def _without_contact(name: str) -> bool:
    return redact(name) == name and not (name.startswith(("+", "0")) and _DIALLED.fullmatch(name))
