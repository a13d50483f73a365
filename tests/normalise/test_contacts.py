"""Contact values: folded in one way, digested under a key, and never shown."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphmatch.normalise.contacts import (
    KEY_BYTES,
    Keyring,
    canonical_email,
    canonical_ip,
    canonical_phone,
    email_sha256,
    new_key,
)

KEYS = Keyring(b"\x01" * KEY_BYTES)
OTHER_KEYS = Keyring(b"\x02" * KEY_BYTES)
locals_ = st.text("abcdefgh0123456789", min_size=1, max_size=12)


@pytest.mark.parametrize(
    ("value", "folded"),
    [
        ("Moor.Lad.88+spam@Mailbox.Example", "moorlad88@mailbox.example"),
        ("  grim@mailbox.example\n", "grim@mailbox.example"),
        ("grim@sub.mail-box.example", "grim@sub.mail-box.example"),
        ("+only@mailbox.example", None),
        ("...@mailbox.example", None),
        ("grim@localhost", None),
        ("grim", None),
        ("a b@mailbox.example", None),
        ("a@b@mailbox.example", None),
        ("", None),
    ],
)
def test_emails_fold(value: str, folded: str | None) -> None:
    assert canonical_email(value) == folded


@settings(deadline=None, max_examples=100)
@given(value=st.text(max_size=40) | st.emails())
def test_folding_an_email_twice_is_folding_it_once(value: str) -> None:
    folded = canonical_email(value)
    assert folded is None or canonical_email(folded) == folded


@pytest.mark.parametrize(
    ("value", "canonical"),
    [
        (" 203.0.113.45 ", "203.0.113.45"),
        ("::ffff:203.0.113.45", "203.0.113.45"),
        ("2001:DB8:0:0::7", "2001:db8::7"),
        ("127.0.0.1", None),
        ("::1", None),
        ("0.0.0.0", None),
        ("169.254.1.1", None),
        ("203.0.113", None),
        ("203.0.113.999", None),
        ("", None),
    ],
)
def test_addresses_are_written_in_one_way(value: str, canonical: str | None) -> None:
    assert canonical_ip(value) == canonical


@pytest.mark.parametrize(
    ("value", "canonical"),
    [
        ("07700 900123", "+447700900123"),
        ("+44 (7700) 900-123", "+447700900123"),
        ("0044 7700 900123", "+447700900123"),
        ("+1 555 0100 123", "+15550100123"),
        ("+44 (0)7700 900123", "+447700900123"),
        ("+44 0 7700-900123", "+447700900123"),
        ("447700900123", "+447700900123"),
        ("tel:+447700900123", "+447700900123"),
        ("020 7946 0100 ext 12", "+442079460100"),
        ("020 7946 0100 x12", "+442079460100"),
        ("+39 06 0000 0000", "+390600000000"),
        ("+999 12345678", "+99912345678"),
        ("123", None),
        ("7700900123", None),
        ("grim", None),
        ("", None),
    ],
)
def test_phone_numbers_are_written_in_one_way(value: str, canonical: str | None) -> None:
    assert canonical_phone(value) == canonical


@settings(deadline=None, max_examples=100)
@given(
    subscriber=st.integers(0, 999_999),
    area=st.sampled_from(["7700", "2079", "1632", "8081"]),
    start=st.sampled_from(["0", "+44", "0044", "+44 (0)", "00 44 ", "44"]),
    gaps=st.lists(st.sampled_from(["", " ", "-", ".", " - "]), min_size=10, max_size=10),
)
def test_one_number_has_one_digest_however_it_is_written(
    subscriber: int, area: str, start: str, gaps: list[str]
) -> None:
    national = f"{area}{subscriber:06}"
    written = start + "".join(digit + gap for digit, gap in zip(national, gaps, strict=True))
    assert KEYS.phone(written) == KEYS.digest("phone", f"+44{national}")


@settings(deadline=None, max_examples=60)
@given(local=locals_, suffix=locals_)
def test_an_email_and_its_block_list_hash_meet(local: str, suffix: str) -> None:
    written = f"{local.upper()}+{suffix}@Mailbox.Example"
    listed = hashlib.sha256(f"{local}@mailbox.example".encode()).hexdigest()
    assert email_sha256(written) == listed
    assert KEYS.email(written) == KEYS.email_digest(listed) == KEYS.email_digest(listed.upper())


@settings(deadline=None, max_examples=60)
@given(value=st.text(min_size=1, max_size=30), other=st.text(min_size=1, max_size=30))
def test_digests_say_nothing_and_meet_only_under_one_key_and_kind(value: str, other: str) -> None:
    digest = KEYS.digest("email", value)
    assert len(digest) == 32
    assert set(digest) <= set("0123456789abcdef")
    assert digest != OTHER_KEYS.digest("email", value)
    assert digest != KEYS.digest("phone", value)
    assert (digest == KEYS.digest("email", other)) == (value == other)


def test_what_is_no_contact_value_has_no_digest() -> None:
    assert [KEYS.email("grim"), KEYS.ip("127.0.0.1"), KEYS.phone("12"), KEYS.device("  ")] == [None] * 4


def test_a_reporter_has_one_pseudonym_per_platform() -> None:
    assert KEYS.reporter("x", "7") == KEYS.reporter("x", "7") != KEYS.reporter("y", "7")


def test_a_key_is_long_random_and_never_shown() -> None:
    assert len(new_key()) == KEY_BYTES
    assert new_key() != new_key()
    assert repr(KEYS) == "Keyring(…)"
    with pytest.raises(ValueError, match="32 bytes"):
        Keyring(b"short")


def test_a_key_has_a_name_that_is_no_digest_of_anything() -> None:
    keyring = Keyring(b"\x01" * 32)
    assert keyring.fingerprint() == Keyring(b"\x01" * 32).fingerprint() != Keyring(b"\x02" * 32).fingerprint()
    assert len(keyring.fingerprint()) == 16
    digests = {keyring.digest(kind, value) for kind in ("fingerprint", "", "email") for value in ("", "fingerprint")}
    assert not [digest for digest in digests if digest.startswith(keyring.fingerprint())]
