"""Addresses of the fediverse: one key for an account, whichever server tells of it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphmatch.model import IdKind
from graphmatch.normalise import fediverse
from graphmatch.normalise.text import mentions_in_html

GRIM = "https://social.northmoor.example/ap/users/114094772542729759"


@pytest.mark.parametrize(
    ("address", "account_id", "kind", "handle"),
    [
        (GRIM, "mastodon:social.northmoor.example:114094772542729759", IdKind.NUMERIC, None),
        ("https://Free.Speech.example/users/Grim/", "mastodon:free.speech.example:https://free.speech.example/users/Grim",
         IdKind.ACTOR_URI, "Grim"),
        ("https://mk.example/users/al6u7ds09x4kfia9", "misskey:mk.example:al6u7ds09x4kfia9", IdKind.OPAQUE, None),
        ("https://m.example/users/alexanderthegrea", "mastodon:m.example:https://m.example/users/alexanderthegrea",
         IdKind.ACTOR_URI, "alexanderthegrea"),
        ("https://lemmy.example/u/nan", "lemmy:lemmy.example:https://lemmy.example/u/nan", IdKind.ACTOR_URI, "nan"),
        ("https://wp.example/?author=1", "mastodon:wp.example:https://wp.example?author=1", IdKind.ACTOR_URI, None),
    ],
)  # fmt: skip
def test_the_key_is_read_from_the_address_alone(
    address: str, account_id: str, kind: IdKind, handle: str | None
) -> None:
    key = fediverse.key_of(address)
    assert key is not None
    assert (key.account_id, key.id_kind, key.handle) == (account_id, kind, handle)


@pytest.mark.parametrize(
    "value", [None, "", "x", "at://did", "https://", "http://[", "https://a@b.example/users/c", "a b"]
)
def test_what_is_no_address_on_the_web_has_no_key(value: str | None) -> None:
    assert fediverse.key_of(value) is None


def test_an_id_of_home_holds_the_time_of_creation() -> None:
    grim, local = fediverse.key_of(GRIM), fediverse.key_of("https://mk.example/users/al6u7ds09x4kfia9")
    assert grim is not None
    assert local is not None
    assert grim.created_at == datetime(2025, 3, 2, 20, 41, 7, 363000, tzinfo=UTC)
    assert local.created_at == datetime(2026, 4, 17, 19, tzinfo=UTC)
    assert fediverse.Key("pleroma", "p.example", "AETFfFnYzKaHC34U3Y", IdKind.OPAQUE).created_at is None


def test_posts_keep_the_platform_that_their_address_tells() -> None:
    assert fediverse.post_id(f"{GRIM}/statuses/1") == f"mastodon:{GRIM}/statuses/1"
    assert fediverse.post_id("https://mk.example/notes/a1") == "misskey:https://mk.example/notes/a1"
    assert fediverse.post_id("https://p.example/objects/u") == "pleroma:https://p.example/objects/u"
    assert fediverse.post_id("https://l.example/comment/88213") == "lemmy:https://l.example/comment/88213"
    assert fediverse.post_id("tag:old.example,2017:1") == "mastodon:tag:old.example,2017:1"


def test_accounts_and_posts_are_told_apart_by_shape() -> None:
    actors = [GRIM, "https://a.example/@grim", "https://a.example/u/grim", "https://a.example/accounts/grim"]
    posts = [f"{GRIM}/statuses/1", "https://a.example/@grim/1", "https://a.example/post/1", "https://a.example/p/x/1"]
    assert all(fediverse.is_actor(address) and not fediverse.is_post(address) for address in actors)
    assert all(fediverse.is_post(address) and not fediverse.is_actor(address) for address in posts)
    assert fediverse.author_of_post(posts[0]) == GRIM
    assert fediverse.author_of_post(posts[1]) is None


@pytest.mark.parametrize(
    "address",
    [
        "https://a.example/actor", "https://a.example/", "https://a.example/relay", "https://a.example/internal/fetch",
        "https://a.example/users/a.example", "https://a.example/users/instance.actor",
        "https://mk.example/users/9a1k3j0q00000001", "https://a.example/users/relay_reports",
    ],
)  # fmt: skip
def test_servers_that_sign_for_somebody_are_known(address: str) -> None:
    assert fediverse.is_server(address)


def test_a_person_is_no_server() -> None:
    assert not any(map(fediverse.is_server, ["https://a.example/users/marrow", "https://a.example/u/relayer", "x"]))


def test_a_mastodon_posts_page_leads_to_its_address_where_the_author_is_known() -> None:
    page = "https://social.northmoor.example/@grimwald_77/116382478861039756"
    assert fediverse.home_address(page, GRIM) == f"{GRIM}/statuses/116382478861039756"
    assert fediverse.home_address(page, None) == page
    assert fediverse.home_address(page, "https://elsewhere.example/users/grimwald_77") == page
    assert (
        fediverse.home_address("https://mk.example/notes/a", "https://mk.example/users/b")
        == "https://mk.example/notes/a"
    )


def test_misskeys_form_is_parted_from_the_words() -> None:
    note, page = "https://a.example/@g/1", "https://mk.example/notes/b"
    assert fediverse.noted(f"Note: {note}\nLocal Note: {page}\n-----\nthreats") == fediverse.Noted(
        note, page, "threats"
    )
    assert fediverse.noted(f"Note: {note}\r\nLocal Note: \r\n-----\r\n") == fediverse.Noted(note, None, "")
    assert fediverse.noted("Note: to self\n-----\nx") == fediverse.Noted(None, None, "Note: to self\n-----\nx")
    assert fediverse.noted("no form") == fediverse.Noted(None, None, "no form")


def test_a_picture_behind_a_proxy_is_itself_and_a_drawn_one_is_none() -> None:
    real = "https://files.example/a.png"
    assert fediverse.picture_of(real) == real
    assert (
        fediverse.picture_of("https://mk.example/proxy/avatar.webp?url=https%3A%2F%2Ffiles.example%2Fa.png&avatar=1")
        == real
    )
    signed = "https://p.example/proxy/JHkxnvzKoxBrLQxHHVPkSFUjEXs/aHR0cHM6Ly9maWxlcy5leGFtcGxlL2EucG5n/a.png"
    assert fediverse.picture_of(signed) == real
    for drawn in ("/avatars/original/missing.png", "/images/avi.png", "/identicon/grim@a.example"):
        assert fediverse.picture_of(f"https://a.example{drawn}") is None
    assert fediverse.picture_of(None) is None


@given(st.text() | st.from_regex(r"https?://[a-z@:/?%\[\]]{0,30}"))
def test_no_text_makes_it_raise_and_two_addresses_never_share_a_key(value: str) -> None:
    key = fediverse.key_of(value)
    fediverse.post_id(value)
    fediverse.picture_of(value)
    fediverse.noted(value)
    assert not (fediverse.is_actor(value) and fediverse.is_post(value))
    if key is not None and key.id_kind is IdKind.ACTOR_URI:
        assert fediverse.key_of(key.native_id) == key


def test_mentions_in_html_are_those_of_accounts() -> None:
    html = (
        '<p><a class="u-url mention" href="https://a.example/@asha">@asha</a> '
        '<a href="https://a.example/tags/moor" class="mention hashtag" rel="tag">#moor</a> <a href="https://x.example">x</a></p>'
    )
    assert mentions_in_html(html) == ["https://a.example/@asha"]
