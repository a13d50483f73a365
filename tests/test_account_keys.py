"""Accounts that others name are keyed as their own platforms key them, and contact values leave as digests."""

import pytest

from graphmatch.account_keys import Named, key_of, platform_of
from graphmatch.errors import RejectedRecord
from graphmatch.model import IdKind
from graphmatch.normalise.contacts import Keyring

KEYRING = Keyring(b"\x01" * 32)
DID = "did:plc:hh5mwr4rpkw4uau6yuqmzi2o"


def test_platforms_have_one_name() -> None:
    assert [platform_of(word) for word in ("Twitter", "X (formerly Twitter)", "fb", " ", None, "Clips")] == [
        "x", "x", "facebook", None, None, "clips",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("named", "account_id", "handle"),
    [
        (Named("x", account_id="23849985", handle="MoorLad"), "x:x:23849985", "MoorLad"),
        (Named("x", account_id="@MoorLad", handle="moorlad"), "x:x:@moorlad", "moorlad"),
        (Named("facebook", account_id="@pete.moor"), "facebook:facebook:@pete.moor", "pete.moor"),
        (Named("bluesky", account_id="grim.test"), "bluesky:bsky:@grim.test", "grim.test"),
        (Named("telegram", account_id="user77", handle="grim"), "telegram:telegram:user77", "grim"),
        (Named("telegram", account_id="-10077"), "telegram:telegram:channel77", None),
        (Named("reddit", account_id="8k2m", handle="pete"), "reddit:reddit:t2_8k2m", "pete"),
        (Named("reddit", account_id="pete1", handle="pete1"), "reddit:reddit:@pete1", "pete1"),
        (Named("mastodon", account_id="114", handle="grim@s.example"), "mastodon:s.example:114", "grim"),
        (
            Named("mastodon", account_id="114", handle="grim", account_url="https://s.example/@grim"),
            "mastodon:s.example:114",
            "grim",
        ),
        (Named("mastodon", account_id="https://s.example/@grim"), "mastodon:s.example:@grim", "grim"),
        (
            Named("pleroma", account_id="https://s.example/users/grim"),
            "mastodon:s.example:https://s.example/users/grim",
            "grim",
        ),
        (Named("discourse", account_id="12", handle="grim@forum.example"), "discourse:forum.example:12", "grim"),
        (Named("matrix", account_id="@grim:m.example"), "matrix:m.example:@grim:m.example", None),
        (Named("matrix", handle="@grim:m.example"), "matrix:m.example:@grim:m.example", "grim"),
        (Named("wikipedia", handle="User:Moor lad 88"), "wikipedia:wikipedia:@Moor lad 88", "Moor lad 88"),
        (Named("x", account_id="https://x.com/MoorLad"), "x:x:@moorlad", "moorlad"),
        (Named("bluesky", account_url=f"https://bsky.app/profile/{DID}"), f"bluesky:bsky:{DID}", None),
    ],
)
def test_a_key_agrees_with_the_platforms_own(named: Named, account_id: str, handle: str | None) -> None:
    key = key_of(named, KEYRING)
    assert key is not None
    assert (key.account_id, key.handle) == (account_id, handle)


def test_a_contact_value_makes_the_key_only_where_nothing_else_does() -> None:
    key = key_of(Named("facebook", account_id="1000", handle="pete@mailbox.example"), KEYRING)
    assert key is not None
    assert (key.account_id, key.email, key.handle) == ("facebook:facebook:1000", "pete@mailbox.example", None)
    assert "mailbox" not in repr(key)
    alone = key_of(Named("facebook", handle="pete@mailbox.example"), KEYRING)
    assert alone is not None
    assert (alone.platform, alone.id_kind) == ("email", IdKind.HASHED)
    number = key_of(Named("whatsapp", account_id="07700 900321"), KEYRING)
    assert number is not None
    assert "900321" not in number.account_id


@pytest.mark.parametrize(
    ("named", "why"),
    [
        (Named(None, handle="grim"), "platform"),
        (Named("mastodon", handle="grim"), "server"),
        (Named("x", account_id="1.01421E+18"), "rounded"),
    ],
)
def test_what_can_not_be_told_apart_is_rejected(named: Named, why: str) -> None:
    with pytest.raises(RejectedRecord, match=why):
        key_of(named, KEYRING)


def test_a_blank_names_nobody() -> None:
    assert key_of(Named("x"), KEYRING) is None
    assert key_of(Named("mastodon", account_id="114"), KEYRING) is None
