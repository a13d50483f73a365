from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphmatch.normalise.links import (
    account_of,
    accounts_named_in,
    author_of,
    canonical_url,
    is_shared_host,
    urls_in,
)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://www.Grimwald.example/Path/?utm_source=x&b=2&a=1#f", "grimwald.example/Path?a=1&b=2"),
        ("http://GRIMWALD.example:80/", "grimwald.example"),
        ("grimwald.example", "grimwald.example"),
        ("//grimwald.example/x", None),
        ("https://grimwald.example:8443/x", "grimwald.example:8443/x"),
        ("https://user:secret@grimwald.example/x", "grimwald.example/x"),
        ("http://m.facebook.com/profile.php?id=123&fbclid=z", "facebook.com/profile.php?id=123"),
        ("https://mobile.twitter.com/GrimWald_NM?s=20", "x.com/grimwald_nm"),
        ("https://www.youtube.com/channel/UCuyb88yoGH39X", "youtube.com/channel/UCuyb88yoGH39X"),
        ("https://münchen.example/x", "xn--mnchen-3ya.example/x"),
        ("mailto:a@b.example", None),
        ("javascript:alert(1)", None),
        ("at://did:plc:abc/app.bsky.feed.post/1", None),
        ("http://[::1", None),
        ("http://203.0.113.9/x", None),
        ("http://grim wald.example", None),
        ("localhost", None),
        ("", None),
        ("https://grimwald.example:port/", None),
    ],
)
def test_one_spelling_for_each_address(url: str, expected: str | None) -> None:
    assert canonical_url(url) == expected


@settings(deadline=None, max_examples=300)
@given(
    st.from_regex(
        r"(https?://)?(www\.|m\.)?[A-Za-z0-9.-]{1,20}\.[a-z]{2,7}(/[!-~]{0,20})?(\?[!-~]{0,20})?", fullmatch=True
    )
    | st.text(max_size=50)
)
def test_the_canonical_spelling_is_its_own(url: str) -> None:
    once = canonical_url(url)
    if once is not None:
        assert canonical_url(once) == once
        assert account_of(once) == account_of(url)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://twitter.com/GrimWald_NM", "x:x:grimwald_nm"),
        ("x.com/@grimwald_nm", "x:x:grimwald_nm"),
        ("https://bsky.app/profile/grimwald77.test", "bluesky:bsky:grimwald77.test"),
        ("https://grimwald77.bsky.social", "bluesky:bsky:grimwald77.bsky.social"),
        ("https://old.reddit.com/user/Pete_Moorland88/", "reddit:reddit:pete_moorland88"),
        ("https://www.reddit.com/u/Pete", "reddit:reddit:pete"),
        ("https://www.tiktok.com/@northmoornan", "tiktok:tiktok:northmoornan"),
        ("https://instagram.com/grimwald/", "instagram:instagram:grimwald"),
        ("https://www.facebook.com/profile.php?id=100900000000001", "facebook:facebook:100900000000001"),
        ("https://facebook.com/grim.wald", "facebook:facebook:grim.wald"),
        ("https://youtube.com/@grimwald-77", "youtube:youtube:grimwald-77"),
        ("https://youtube.com/channel/UCuyb88yoGH39X", "youtube:youtube:UCuyb88yoGH39X"),
        ("https://t.me/grimwald77", "telegram:telegram:grimwald77"),
        ("https://www.threads.net/@grimwald", "threads:threads:grimwald"),
        ("https://social.northmoor.example/@Grimwald_77", "mastodon:social.northmoor.example:grimwald_77"),
        ("https://free.speech.example/users/grimwald", "mastodon:free.speech.example:grimwald"),
        ("https://h.example/@nan@Mastodon.Dales.example", "mastodon:mastodon.dales.example:nan"),
        ("@nan@mastodon.dales.example", "mastodon:mastodon.dales.example:nan"),
        ("https://x.com/home", None),
        ("https://x.com/grimwald_nm/status/1844664232967103008", None),
        ("https://instagram.com/p/Cxyz", None),
        ("https://t.me/+AbCdEf", None),
        ("https://youtube.com/watch?v=abc", None),
        ("https://facebook.com/groups/northmoor", None),
        ("https://grimwald.example/about", None),
        ("nan@mastodon.dales.example", None),
    ],
)
def test_profile_addresses_name_accounts(address: str, expected: str | None) -> None:
    assert account_of(address) == expected


def test_a_post_names_its_author_but_no_profile() -> None:
    url = "https://x.com/Grimwald_NM/status/1844664232967103008"
    assert account_of(url) is None
    assert author_of(url) == "x:x:grimwald_nm"


def test_addresses_in_text_bare_domains_too() -> None:
    text = (
        "see grimwald.example/x, (https://a.example/b_(c)). e.g. this.That and node.js user@mail.example "
        "@u@v.example http://x.com/foo; end.me. www.foo.co.uk"
    )
    assert urls_in(text) == [
        "grimwald.example/x",
        "https://a.example/b_(c)",
        "http://x.com/foo",
        "end.me",
        "www.foo.co.uk",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("No quarter. backup on tg @grimwald77", ["telegram:telegram:grimwald77"]),
        ("Discord: MoorlandPete | insta: none", ["discord:discord:moorlandpete"]),
        ("Same person as @nan@mastodon.dales.example", ["mastodon:mastodon.dales.example:nan"]),
        ("u/Pete_M and /u/Pete_M", ["reddit:reddit:pete_m"]),
        ("@gw2.bsky.social", ["bluesky:bsky:gw2.bsky.social"]),
        ("bluesky: gw.bsky.social", ["bluesky:bsky:gw.bsky.social"]),
        ("https://t.me/grimwald77, x.com/foo", ["telegram:telegram:grimwald77", "x:x:foo"]),
        ("Telegram - dms open. matrix: reloaded. x: 5", []),
        ("mail me at nan@mastodon.dales.example", []),
        ("Twitter: https://x.com/foo", ["x:x:foo"]),
        ("@asha is on telegram", []),
    ],
)
def test_accounts_that_words_name(text: str, expected: list[str]) -> None:
    assert accounts_named_in(text) == expected


@pytest.mark.parametrize(
    ("url", "shared"),
    [
        ("https://bit.ly/abc", True),
        ("https://youtu.be/abc", True),
        ("https://linktr.ee/", True),
        ("https://linktr.ee/grimwald", False),
        ("https://www.facebook.com", True),
        ("https://grimwald.example", False),
        ("https://t.me/grimwald77", False),
        ("nonsense", True),
    ],
)
def test_shared_hosts_say_nothing(url: str, shared: bool) -> None:
    assert is_shared_host(url) is shared


@pytest.mark.parametrize("unit", ["a.", "http://", "@a", "x: ", "u/", "(", ")", "www.", "tg ", "a.b/", "%"])
def test_hostile_length_does_not_hang(unit: str) -> None:
    started = time.perf_counter()
    text = "http://a.example/" + unit * (10_000_000 // len(unit))
    assert canonical_url(text) is None
    urls_in(text)
    accounts_named_in(text)
    assert time.perf_counter() - started < 10
