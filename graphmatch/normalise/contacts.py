"""Contact values (e-mail, phone, IP, device) → keyed HMACs.

The only room in which one stands in the clear, and then for the length of a call.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import re
import secrets

KEY_BYTES = 32
#: Platforms on which an account *is* a contact value: a way to reach somebody, not a place where people post.
CONTACT_PLATFORMS = frozenset({"email", "phone", "sms", "whatsapp", "signal", "viber"})
#: Platforms that are no place: those, and exchanges where a trait stands for an account of unknown home. Nobody moves
#: to one of them, or away.
NO_PLACES = CONTACT_PLATFORMS | {"threatexchange"}
_EMAIL = re.compile(r"([^@\s]+)@([^@\s]+\.[^@\s]+)")
_EXTENSION = re.compile(r"\s{0,3}(?:;ext=|ext\.?|extension|x|#)\s{0,3}\d{1,6}$", re.IGNORECASE)
_LONGEST_PHONE = 200
_WITHOUT_PLUS = re.compile(r"44[1-9]\d{8,9}")


def new_key() -> bytes:
    """Make a workspace's secret key."""
    return secrets.token_bytes(KEY_BYTES)


def canonical_email(value: str) -> str | None:
    """Fold an address by Mastodon's rule: lower case, no ``+suffix``, no dots before the ``@``; ``None`` if it is none.

    Source: ``EmailHelper`` of Mastodon, so that digests agree with its canonical e-mail blocks.
    """
    match = _EMAIL.fullmatch(value.strip().lower())
    if not match:
        return None
    local = match[1].partition("+")[0].replace(".", "")
    return f"{local}@{match[2]}" if local else None


def email_sha256(value: str) -> str | None:
    """Digest an address as Mastodon's block lists do (unsalted SHA-256, hex). For interchange; never stored."""
    canonical = canonical_email(value)
    return hashlib.sha256(canonical.encode()).hexdigest() if canonical else None


def canonical_ip(value: str) -> str | None:
    """Write an address in one way; ``None`` for what is not one, or is private, loopback or unspecified."""
    try:
        address = ipaddress.ip_address(value.strip())
    except ValueError:
        return None
    mapped = getattr(address, "ipv4_mapped", None)
    address = mapped or address
    return None if address.is_loopback or address.is_unspecified or address.is_link_local else str(address)


def canonical_phone(value: str) -> str | None:
    """Write a number in one way (E.164), read as from the UK; ``None`` if it begins like none or is too short.

    An extension is left out, and the zero of ``+44 (0)20 …``. What ``phonenumbers`` holds for impossible keeps all
    its digits.
    """
    if len(value) > _LONGEST_PHONE:
        return None
    digits = re.sub(r"[^\d+]", "", _EXTENSION.sub("", value.strip()))
    if digits.startswith("00"):
        digits = "+" + digits[2:]
    elif digits.startswith("0"):
        digits = "+44" + digits[1:]
    elif _WITHOUT_PLUS.fullmatch(digits):
        digits = "+" + digits
    return _e164(digits) if re.fullmatch(r"\+\d{8,15}", digits) else None


def _e164(digits: str) -> str:
    import phonenumbers  # noqa: PLC0415 - heavy, and most runs see no number

    try:
        number = phonenumbers.parse(digits)
    except phonenumbers.NumberParseException:
        return digits
    if not phonenumbers.is_possible_number(number):
        return digits
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


class Keyring:
    """Turns contact values into HMAC-SHA-256 digests under the workspace's key.

    Digests of one workspace compare with each other and with nothing else. Each kind is keyed apart, so that equal
    strings of two kinds do not meet.
    """

    def __init__(self, key: bytes) -> None:
        if len(key) < KEY_BYTES:
            raise ValueError(f"the key needs {KEY_BYTES} bytes")
        self._key = key

    def __repr__(self) -> str:
        """Show nothing of the key."""
        return "Keyring(…)"

    def fingerprint(self) -> str:
        """Name the key, so that two that differ are noticed: 16 hex digits that tell nothing of it."""
        # What `digest` hashes always holds a NUL: this is the digest of no value.
        return hmac.digest(self._key, b"fingerprint", "sha256").hex()[:16]

    def digest(self, kind: str, value: str) -> str:
        """Give the keyed digest of ``value`` as a signal of ``kind``: 32 hex digits (128 bits)."""
        return hmac.digest(self._key, f"{kind}\0{value}".encode(), "sha256").hex()[:32]

    def email(self, value: str) -> str | None:
        """Digest an e-mail address; ``None`` if it is none. Agrees with `email_digest` of its block-list hash."""
        sha256 = email_sha256(value)
        return self.email_digest(sha256) if sha256 else None

    def email_digest(self, sha256: str) -> str:
        """Digest an address of which only Mastodon's SHA-256 is known."""
        return self.digest("email", sha256.lower())

    def ip(self, value: str) -> str | None:
        """Digest an IP address; ``None`` if it is none that tells machines apart."""
        canonical = canonical_ip(value)
        return self.digest("ip", canonical) if canonical else None

    def phone(self, value: str) -> str | None:
        """Digest a phone number; ``None`` if it is none."""
        canonical = canonical_phone(value)
        return self.digest("phone", canonical) if canonical else None

    def device(self, value: str) -> str | None:
        """Digest a device or captcha fingerprint; ``None`` if blank."""
        return self.digest("device", value.strip()) if value.strip() else None

    def reporter(self, platform: str, value: str) -> str:
        """Pseudonymise whoever reported or moderated, per platform."""
        return self.digest("reporter", f"{platform}:{value}")
