"""A post's address gives the id that its platform's adapter gives."""

import pytest

from graphmatch.content_keys import content_id_of, is_own_post
from graphmatch.model import Account, IdKind

DID = "did:plc:hh5mwr4rpkw4uau6yuqmzi2o"
GRIM = Account(f"bluesky:bsky:{DID}", "bluesky", "bsky", DID, IdKind.DID, handle="grim.test")
LAD = Account("x:x:@moorlad", "x", "x", "@moorlad", IdKind.HANDLE_ONLY, handle="MoorLad", url="https://x.com/moorlad")
LOCAL = Account("mastodon:s.example:114", "mastodon", "s.example", "114", IdKind.NUMERIC, handle="grim")


@pytest.mark.parametrize(
    ("address", "platform", "author", "content_id"),
    [
        ("https://twitter.com/MoorLad/status/2037635773004852552?s=20", "x", None, "x:2037635773004852552"),
        ("https://x.com/i/web/status/2037635773004852552", None, None, "x:2037635773004852552"),
        ("https://old.reddit.com/r/nm/comments/1ab/title/", "reddit", None, "reddit:t3_1ab"),
        ("https://www.reddit.com/r/nm/comments/1ab/title/2cd/", "reddit", None, "reddit:t1_2cd"),
        ("https://t.me/c/1888777666/40211", "telegram", None, "telegram:1888777666/40211"),
        (
            "https://bsky.app/profile/grim.test/post/3mjuhp6i6c2zh",
            "bluesky",
            GRIM,
            f"bluesky:at://{DID}/app.bsky.feed.post/3mjuhp6i6c2zh",
        ),
        (
            "https://bsky.app/profile/grim.test/post/3mjuhp6i6c2zh",
            "bluesky",
            None,
            "bluesky:bsky.app/profile/grim.test/post/3mjuhp6i6c2zh",
        ),
        ("https://s.example/@grim/116", "mastodon", LOCAL, "mastodon:https://s.example/ap/users/114/statuses/116"),
        ("https://clips.example/v/1", "clips", None, "clips:clips.example/v/1"),
        ("https://clips.example/v/1", None, None, None),
        ("https://clips.example/v?mail=a@b.example", "clips", None, None),
        ("no address", "clips", None, None),
    ],
)
def test_a_post_is_keyed_by_its_address(
    address: str, platform: str | None, author: Account | None, content_id: str | None
) -> None:
    assert content_id_of(address, platform, author) == content_id


def test_a_profile_and_somebody_elses_post_are_no_own_post() -> None:
    assert is_own_post("https://x.com/moorlad/status/2037635773004852552", LAD)
    assert not is_own_post("https://x.com/moorlad", LAD)
    assert not is_own_post("https://x.com/grim/status/2037635773004852552", LAD)
    assert not is_own_post("https://grimwald.example/about", LAD)
