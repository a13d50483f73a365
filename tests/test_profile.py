from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphmatch import tables
from graphmatch.frames import frame
from graphmatch.model import LONGEST_VALUE, Account, IdKind, Sighting, SignalKind
from graphmatch.normalise.contacts import Keyring
from graphmatch.profile import Seen, posted_links, profile_rows

KEYRING = Keyring(b"\x01" * 32)
NOON = datetime(2026, 4, 14, 12, tzinfo=UTC)


def account(**changes: Any) -> Account:
    values = {
        "account_id": "x:x:1844664232967103008",
        "platform": "x",
        "instance": "x",
        "native_id": "1844664232967103008",
        "id_kind": IdKind.NUMERIC,
        "observed_at": NOON,
        "handle": "grimwald_nm",
        **changes,
    }
    return Account(**values)


def signals(*, of: Account | None = None, **given: Any) -> dict[tuple[SignalKind, str], Sighting]:
    rows = list(profile_rows(of or account(), source="test", keyring=KEYRING, **given))
    assert isinstance(rows[0], Account)
    found = [row for row in rows[1:] if isinstance(row, Sighting)]
    assert len(found) == len(rows) - 1
    assert tables.check("sightings", frame("sightings", found)).bad.is_empty()
    return {(row.kind, row.value): row for row in found}


def test_a_bio_gives_its_links_accounts_and_contacts_but_keeps_no_contact() -> None:
    bio = "No quarter. grim@mailbox.example or 07700 900123, grimwald.example, tg @grimwald77, https://bit.ly/x"
    of = account(bio=bio, display_name="Grim 07700 900123", location="SW1A 1AA")
    row = next(profile_rows(of, source="test", keyring=KEYRING))
    assert isinstance(row, Account)
    assert (row.display_name, row.location) == ("Grim [phone]", "[postcode]")
    assert row.bio == "No quarter. [email] or [phone], grimwald.example, tg @grimwald77, https://bit.ly/x"
    found = signals(of=of)
    assert set(found) == {
        (SignalKind.HANDLE, "grimwald_nm"),
        (SignalKind.DISPLAY_NAME, "Grim [phone]"),
        (SignalKind.LOCATION, "[postcode]"),
        (SignalKind.BIO, "No quarter. [email] or [phone], grimwald.example, tg @grimwald77, https://bit.ly/x"),
        (SignalKind.LINK, "grimwald.example"),
        (SignalKind.DECLARED, "telegram:telegram:grimwald77"),
        (SignalKind.EMAIL_HMAC, KEYRING.email("grim@mailbox.example")),
        (SignalKind.PHONE_HMAC, KEYRING.phone("+447700900123")),
    }


def test_contacts_are_given_as_digests_that_agree_across_spellings() -> None:
    found = signals(
        emails=["Grim.Wald+x@Mailbox.example"],
        phones=["07700 900123"],
        ips=[Seen("203.0.113.45", context="signin"), "127.0.0.1", "nonsense"],
        devices=["hcapFp:f4c1", " "],
    )
    assert (SignalKind.EMAIL_HMAC, KEYRING.email("grimwald@mailbox.example")) in found
    assert (SignalKind.PHONE_HMAC, KEYRING.phone("+44 7700 900123")) in found
    ip = KEYRING.ip("203.0.113.45")
    assert [(kind, value) for kind, value in found if kind is SignalKind.IP_HMAC] == [(SignalKind.IP_HMAC, ip)]
    assert found[SignalKind.IP_HMAC, str(ip)].context == "signin"


def test_a_verified_link_says_so_and_a_profile_link_declares_an_account() -> None:
    found = signals(links=["https://t.me/Grimwald77", "https://grimwald.example/"], verified_links=["grimwald.example"])
    assert found[SignalKind.LINK, "grimwald.example"].context == "verified"
    assert found[SignalKind.LINK, "t.me/grimwald77"].context == "profile"
    assert (SignalKind.DECLARED, "telegram:telegram:grimwald77") in found


def test_links_to_a_mailbox_or_a_phone_are_contacts() -> None:
    found = signals(
        links=[
            "mailto:grim@mailbox.example?subject=x",
            "https://wa.me/447700900123",
            "tel:07700 900123",
            "https://t.me/+447700900123",
        ]
    )
    kinds = sorted(kind for kind, _ in found if kind is not SignalKind.HANDLE)
    assert kinds == [SignalKind.EMAIL_HMAC, SignalKind.PHONE_HMAC]


@pytest.mark.parametrize(
    "link",
    [
        "https://g.example/?e=grim@mailbox.example",
        "https://g.example/?e=grim%40mailbox.example",
        "g.example/?to=%2Fx%3Fe%3Dgrim%2540mailbox.example",
        "https://facebook.com/grim%40mailbox.example",
        "grim@mailbox.example",
    ],
)
def test_an_email_in_a_link_is_kept_as_its_digest_only(link: str) -> None:
    found = [key for key in signals(links=[link]) if key[0] is not SignalKind.HANDLE]
    assert found == [(SignalKind.EMAIL_HMAC, KEYRING.email("grim@mailbox.example"))]


@pytest.mark.parametrize(
    "link",
    [
        "https://g.example/?phone=07700+900123",
        "https://g.example/call/%2B447700900123",
        "https://g.example/?ip=203.0.113.45",
        "http://203.0.113.45/",
        "https://instagram.com/07700900123",
    ],
)
def test_a_number_or_machine_in_a_link_leaves_nothing_behind(link: str) -> None:
    assert [kind for kind, _ in signals(links=[link])] == [SignalKind.HANDLE]


def test_no_profile_declares_itself() -> None:
    found = signals(links=["https://twitter.com/GrimWald_NM"])
    assert not [kind for kind, _ in found if kind is SignalKind.DECLARED]


def test_times_are_those_of_the_observation_or_the_signals_own() -> None:
    used = datetime(2026, 4, 1, tzinfo=UTC)
    found = signals(ips=[Seen("203.0.113.45", used), Seen("203.0.113.45", NOON)], report_id="x:1")
    ip = found[SignalKind.IP_HMAC, str(KEYRING.ip("203.0.113.45"))]
    handle = found[SignalKind.HANDLE, "grimwald_nm"]
    assert (ip.first_seen, ip.last_seen, ip.report_id) == (used, NOON, "x:1")
    assert (handle.first_seen, handle.last_seen) == (NOON, NOON)


def test_a_value_too_long_for_an_index_is_cut_and_still_tells_two_apart() -> None:
    bio = "é" * 1_999 + "a" + "x" * 5_000
    one, again, other = (signals(of=account(bio=text)) for text in (bio, bio, bio + "y"))
    assert set(one) == set(again) != set(other)
    value = next(value for kind, value in one if kind is SignalKind.BIO)
    assert value.startswith("é" * 1_900)
    assert len(value.encode()) <= 4_000
    short = "b" * 4_000
    assert (SignalKind.BIO, short) in signals(of=account(bio=short))


def test_a_blank_profile_gives_no_signal() -> None:
    assert signals(of=account(handle=None)) == {}


@settings(deadline=None, max_examples=80)
@given(bio=st.text(max_size=60), link=st.text(max_size=40), email=st.text(max_size=20))
def test_any_profile_gives_rows_that_pass_their_table(bio: str, link: str, email: str) -> None:
    signals(of=account(bio=bio.strip() or None), links=[link], emails=[email], ips=[link], texts=[link])


def test_posted_links_are_those_of_a_site_of_its_own_and_declare_nobody() -> None:
    words = (
        "https://grimwald.example/map?utm_source=x grimwald.example/map, https://x.com/ashaverma "
        "https://social.example/@asha https://youtube.com/watch?v=1 https://open.spotify.com/t/1 https://bit.ly/1 "
        "https://news.bbc.co.uk/1 https://t.me/+449876543210 https://a.example/?mail=a@b.example"
    )
    found = list(posted_links("x:x:1", words, source="test", at=NOON))
    assert [(row.kind, row.value, row.context, row.first_seen, row.last_seen) for row in found] == [
        (SignalKind.LINK, "grimwald.example/map", "message", NOON, NOON)
    ]
    assert tables.check("sightings", frame("sightings", found)).bad.is_empty()


def test_a_posted_link_is_no_longer_than_a_signal_may_be() -> None:
    (row,) = posted_links("x:x:1", "https://a.example/" + "é" * 1_900, source="test", at=None)
    assert len(row.value.encode()) <= LONGEST_VALUE
