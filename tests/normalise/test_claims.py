from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphmatch.normalise.claims import claims_in


@pytest.mark.parametrize(
    ("text", "handle", "platform"),
    [
        ("This is grimwald77 again, same 'no quarter' tag line", "grimwald77", None),
        ("Ban evasion: same person as grimwald77 on Bluesky (linked account)", "grimwald77", "bluesky"),
        ("same bloke as @MoorlandPete_", "MoorlandPete_", None),
        ("alt of Pete_Moorland88", "Pete_Moorland88", None),
        ("new account of u_Pete88.", "u_Pete88", None),
        ("ban evasion of 'moorlandpete'", "moorlandpete", None),
        ("also 'moorlandpete' on the Discord", "moorlandpete", "discord"),
        ("same person as grimwald on bluesky", "grimwald", "bluesky"),
        ("Same person as @north_moor_nan@mastodon.dales.example", "north_moor_nan@mastodon.dales.example", "mastodon"),
        ("same user as https://x.com/Grimwald_NM.", "grimwald_nm", "x"),
        ("same account as grimwald77.bsky.social", "grimwald77.bsky.social", "bluesky"),
        ("He's Pete_M88 again", "Pete_M88", None),
        ("aka grimwald_77", "grimwald_77", None),
    ],
)
def test_claims_are_read(text: str, handle: str, platform: str | None) -> None:
    assert [(claim.handle, claim.platform) for claim in claims_in(text)] == [(handle, platform)]


@pytest.mark.parametrize(
    "text",
    [
        "This is misinformation",
        "This is spam",
        "This is spam again",
        "This is him again",
        "This is 'disgusting' again",
        "It's targeted harassment at me",
        "It's rude, vulgar or offensive",
        "It threatens violence or physical harm at someone else",
        "same bloke banned off Bluesky",
        "same person as before",
        "same account as yesterday on Twitter",
        "same person as last time on Facebook",
        "also posted on Facebook",
        "also known as Grim Wald",
        "He also 'joked' about it",
        "This is covid19 again",
        "same person as grim@mailbox.example",
        "alt of the above",
        "new for me2",
        "",
    ],
)
def test_what_is_no_claim_gives_none(text: str) -> None:
    assert claims_in(text) == []


def test_the_quote_is_the_sentence_without_contact_values() -> None:
    text = "Seen this before. Same person as @grimwald77, mails from grim@mailbox.example! And more."
    (claim,) = claims_in(text)
    assert claim.quote == "Same person as @grimwald77, mails from [email]"


def test_a_handle_is_claimed_once() -> None:
    assert len(claims_in("alt of @grimwald77. Same person as @grimwald77.")) == 1


@settings(deadline=None, max_examples=200)
@given(st.text(max_size=60))
def test_any_text_can_be_read(words: str) -> None:
    for claim in claims_in(f"same person as {words} again on Bluesky"):
        assert claim.handle
        assert len(claim.quote) <= 200


def test_hostile_length_does_not_hang() -> None:
    started = time.perf_counter()
    for unit in ("same person as ", "this is ", "a", "'", "alt of @"):
        claims_in(unit * (1_000_000 // len(unit)))
    assert time.perf_counter() - started < 10
