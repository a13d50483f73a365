from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphmatch.normalise.text import (
    bears_contact,
    blank_to_none,
    contacts_in,
    encodable,
    links_in_html,
    redact,
    strip_html,
)


def test_html_becomes_one_line_and_links_keep_their_whole_address() -> None:
    html = (
        '<p>No&nbsp;quarter &amp; <span class="h-card"><a class="u-url mention" href="https://h.example/@asha">@asha'
        '</a></span></p><p>blog<br><a href="https://grimwald.example/a-long-path" rel="me">'
        '<span class="invisible">https://</span><span class="ellipsis">grimwald.example/a-long</span>'
        '<span class="invisible">-path</span></a></p><script>alert(1)</script>'
    )
    assert strip_html(html) == "No quarter & @asha blog https://grimwald.example/a-long-path"


def test_links_in_html_leave_out_hashtags_and_mentions() -> None:
    html = (
        '<a href="https://h.example/@asha" class="u-url mention">@asha</a>'
        "<a href='https://grimwald.example/?a=1&amp;b=2' rel=\"me\">x</a>"
        '<a href="https://h.example/tags/moor" class="mention hashtag" rel="tag">#moor</a>'
        '<a href="https://h.example/tags/fen">#fen</a><a>no address</a>'
    )
    assert links_in_html(html) == ["https://grimwald.example/?a=1&b=2"]


@pytest.mark.parametrize(
    ("given", "expected"),
    [(" x ", "x"), ("", None), (" \n", None), (None, None), (7, "7"), (1.5, None), (True, None), ([], None)],
)
def test_blanks_are_none_and_whole_numbers_text(given: object, expected: str | None) -> None:
    assert blank_to_none(given) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("mail grim.wald+x@mailbox.example now", "mail [email] now"),
        ("grim (at) mailbox.example", "[email]"),
        ("ring +44 (0)20 7946 0018 or 07700 900123.", "ring [phone] or [phone]."),
        ("0044 7700 900123 / (020) 7946 0018 / 202-555-0143", "[phone] / [phone] / [phone]"),
        ("from 203.0.113.45, 2001:db8::1 and ::ffff:203.0.113.9", "from [ip], [ip] and [ip]"),
        ("lives at SW1A 1AA or sw1a 1aa or NE11AA", "lives at [postcode] or [postcode] or [postcode]"),
        ("https://h.example/unsubscribe?who=a.b@mailbox.example", "https://h.example/unsubscribe?who=[email]"),
        ("grim%40mailbox.example or grim%2540mailbox.example", "[email] or [email]"),
        ("https://h.example/?e=grim%2Bx%40mailbox.example&a=1", "https://h.example/?e=[email]&a=1"),
        ("https://h.example/?to=%2Fx%3Fe%3Dgrim%40mailbox.example", "https://h.example/?to=%2Fx%3Fe%3D[email]"),
        ("https://wa.me/447700900123?text=hi wa.me/447700900123", "https://wa.me/[phone]?text=hi wa.me/[phone]"),
        ("https://t.me/+447700900123", "https://t.me/[phone]"),
        ("https://h.example/?phone=%2B44+7700+900123&a=1", "https://h.example/?phone=[phone]&a=1"),
        ("http://203.0.113.45/x?ip=203.0.113.46", "http://[ip]/x?ip=[ip]"),
        ("https://[2001:db8::1]/x", "https://[ip]/x"),
    ],
)
def test_contact_values_are_redacted(text: str, expected: str) -> None:
    assert redact(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "same as @north_moor_nan@mastodon.dales.example, and @grimwald77",
        "https://social.northmoor.example/@nan@mastodon.dales.example/116385024529130420",
        "see %40nan%40mastodon.dales.example, 100%40 off",
        "https://t.me/+a1234567890b and https://t.me/c/1234567890/12",
        "https://facebook.com/profile.php?id=100900000000001&phone=no",
        "at://did:plc:hh5mwr4rpkw4uau6yuqmzi2o/app.bsky.feed.post/3mjxjxe36m2yn",
        "did:plc:hh5mwr4rpkw4uau6yuqmzi2o",
        "on 2026-04-14 22:20:03, 14/04/2026, 01-02-2026 10:30 and 10:30:00",
        "id 114094772542729759, 1776196812, 5000 for £29, 3.14, 2026",
        "see you b4 2nd vote, m25 5pm, 1984",
    ],
)
def test_what_only_looks_like_a_contact_value_stays(text: str) -> None:
    assert redact(text) == text


def test_contacts_are_listed_once_in_order() -> None:
    found = contacts_in("a@x.example b@y.example a@x.example +44 (0)7700 900123 or 07700 900123")
    assert found.emails == ("a@x.example", "b@y.example")
    assert found.phones == ("+447700 900123", "07700 900123")
    assert "x.example" not in repr(found)


def test_an_escaped_address_is_listed_as_it_is_written_elsewhere() -> None:
    text = "grim%40mailbox.example https://h.example/?to=%2Fx%3Fe%3Dgrim%2Bx%2540mailbox.example"
    assert contacts_in(text).emails == ("grim@mailbox.example", "grim+x@mailbox.example")


@pytest.mark.parametrize(
    ("address", "bears"),
    [
        ("h.example/?e=grim%40mailbox.example", True),
        ("h.example/?e=%67rim%2540mailbox.example", True),
        ("h.example/?n=%2B44+7700+900123", True),
        ("h.example/?n=07700+900123", True),
        ("h.example/%2B447700900123", True),
        ("h.example/?to=https%3A%2F%2Fi.example%2F07700900123", True),
        ("h.example/?from=203.0.113.45", True),
        ("t.me/+447700900123", True),
        ("grimwald.example/a+b?q=50%25", False),
        ("social.example/@nan@mastodon.dales.example", False),
        ("x.com/grimwald_nm/status/1844664232967103008", False),
    ],
)
def test_addresses_that_bear_a_contact_value(address: str, bears: bool) -> None:
    assert bears_contact(address) is bears


def test_a_fediverse_handle_is_no_contact() -> None:
    assert contacts_in("@nan@mastodon.dales.example").emails == ()


def test_lone_surrogates_and_nuls_become_storable() -> None:
    assert encodable("a\ud83d\0b").encode()
    assert encodable("🌾") == "🌾"
    assert encodable("\ud83c\udf3e") == "🌾"


@settings(deadline=None, max_examples=200)
@given(st.text(alphabet="ab01+@.: -()[]/\n", max_size=60))
def test_no_address_survives_redaction(text: str) -> None:
    once = redact(f"{text} grim@mailbox.example {text}")
    assert "grim@mailbox.example" not in once.split()


@settings(deadline=None, max_examples=200)
@given(st.text(max_size=80))
def test_any_markup_gives_one_line(html: str) -> None:
    assert "\n" not in strip_html(html)
    links_in_html(html)


@pytest.mark.parametrize(
    "unit",
    [
        "a",
        "1",
        "a@",
        "1:",
        "+1-",
        "0 ",
        "@",
        "(at) ",
        "%40",
        "a%2B",
        "%3Da",
        "wa.me/1",
        "<a ",
        "<!--",
        "&#",
        '<a href="x',
    ],
)
def test_hostile_length_takes_no_more_than_linear_time(unit: str) -> None:
    started = time.perf_counter()
    text = unit * (200_000 // len(unit))
    for start in ("", "https://h.example/?phone="):
        redact(start + text)
        contacts_in(start + text)
        bears_contact(start + text)
    strip_html(text)
    # Half a second here; quadratic time would be minutes.
    assert time.perf_counter() - started < 10
