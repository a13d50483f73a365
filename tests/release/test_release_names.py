"""Names: what may be said of an account, and what must not be said however it is spelt."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphmatch.errors import UsageError
from graphmatch.release import Recipient
from graphmatch.release.identity import address, is_clean, public_url
from graphmatch.release.recipient import folder_name
from graphmatch.release.terms import Terms


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Asha Verma", True),
        ("ASHA_VERMA", True),
        ("stop-asha.verma-now", True),
        ("xxashavermaxx", True),
        ("Ásha Vërma", True),
        ("\uff41\uff53\uff48\uff41 verma", True),
        ("Asha", False),
        ("verma asha", False),
        ('"asha","verma"', False),
        ("call tomh now", True),
        ("tomhill", False),
    ],
)
def test_terms_are_found_however_they_are_spelt(text: str, said: bool) -> None:
    assert Terms(["Asha Verma", "@TomH", "x", "99"]).in_text(text) is said


@settings(deadline=None, max_examples=100)
@given(name=st.text("abcde", min_size=6, max_size=9), before=st.text('xyz \n"', max_size=9), after=st.text(max_size=9))
def test_a_distinctive_term_is_found_in_any_surroundings(name: str, before: str, after: str) -> None:
    assert Terms([name]).in_text(f"{before}{name} {after}")


def test_terms_that_a_text_says_anyway_are_left_out() -> None:
    terms = Terms(["Asha Verma", "reddit", "will"]).without("We will write to reddit.")
    assert len(terms) == 1
    assert not terms.in_text("reddit will")
    assert terms.in_text("ashaverma")


def test_terms_do_not_show_themselves() -> None:
    assert "Asha" not in repr(Terms(["Asha Verma"]))


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("grimwald_77", True),
        ("@grimwald-77", True),
        ("grim@social.northmoor.example", True),
        ("@grim@Social.Northmoor.example", True),
        ("@grim:matrix.northmoor.example", True),
        ("did:plc:hh5mwr4rpkw4uau6yuqmzi2o", True),
        ("https://social.northmoor.example/users/grim", True),
        ("-1001234567890", True),
        ("grim@mailbox.example", False),
        ("grim at mailbox", True),
        ("grim [at] mailbox.example", False),
        ("+447700900123", False),
        ("07700 900123", False),
        ("203.0.113.45", False),
        ("2001:db8::7", False),
        ("grim\nwald", False),
        ("https://pages.example/u/grim@mailbox.example", False),
    ],
)
def test_contact_values_are_no_names(name: str, clean: bool) -> None:
    assert is_clean(name, "social.northmoor.example") is clean


@pytest.mark.parametrize(
    ("url", "public"),
    [
        ("https://bsky.app/profile/grim.test", "https://bsky.app/profile/grim.test"),
        ("HTTPS://Bsky.app/profile/grim.test?email=a@b.example#x", "https://bsky.app/profile/grim.test"),
        ("https://user:secret@bsky.app/grim", "https://bsky.app/grim"),
        ("https://social.northmoor.example/@grim", "https://social.northmoor.example/@grim"),
        ("https://pages.example/grim@mailbox.example", None),
        ("https://t.me/+447700900123", None),
        ("https://wa.me/447700900123", None),
        ("http://203.0.113.45/grim", None),
        ("http://[2001:db8::7]/grim", None),
        ("http://[broken", None),
        ("javascript:alert(1)", None),
        ("mailto:grim@mailbox.example", None),
        ("grimwald.example", None),
        ("https://x.example/" + "a" * 3000, None),
        (None, None),
    ],
)
def test_a_page_is_a_plain_web_address_or_nothing(url: str | None, public: str | None) -> None:
    assert public_url(url, "social.northmoor.example") == public


def test_an_address_names_the_server_only_where_servers_federate() -> None:
    assert address("grim", "social.northmoor.example") == "grim@social.northmoor.example"
    assert address("@grim@else.example", "else.example") == "@grim@else.example"
    assert address("grim.test", "bsky") == "grim.test"
    assert address(None, "social.northmoor.example") is None


@pytest.mark.parametrize(
    "name", ["../x", "..", ".", "", "a/b", "a\\b", "/etc", "a\0", "nul", "COM1.txt", "x" * 65, "a."]
)
def test_names_that_leave_their_folder_are_refused(name: str) -> None:
    with pytest.raises(UsageError):
        Recipient(name, "mastodon")
    with pytest.raises(UsageError):
        folder_name("period", name)


@pytest.mark.parametrize("marking", ["TLP:CLEAR", "TLP:GREEN", "tlp:red", ""])
def test_a_bundle_that_names_accounts_is_not_for_everybody(marking: str) -> None:
    with pytest.raises(UsageError, match="marked"):
        Recipient("social-northmoor", "mastodon", marking=marking)
