from __future__ import annotations

import csv
import re
import time
from importlib.resources import files

import pytest
from claims_scores import lines, scores
from hypothesis import given, settings
from hypothesis import strategies as st

from graphmatch.normalise.boilerplate import own_words
from graphmatch.normalise.claims import claims_in

DATA = files("graphmatch.normalise").joinpath("data")
#: Sentences of one clause, each with a claim.
CLAIMED = [row["text"] for row in lines() if row["claims"] and not re.search(r"[.,;:!?\"]", row["text"])]


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
    for unit in ("same person as ", "this is ", "a", "'", "alt of @", "a's alt ", "on x he is ", "ban he ", "Note: a "):
        claims_in(unit * (1_000_000 // len(unit)))
    assert time.perf_counter() - started < 10


@pytest.mark.parametrize("part", [None, "held_out"])
def test_precision_and_recall_stay_above_their_floors(part: str | None) -> None:
    total = scores(lines(part))
    assert total.precision >= 0.97, total.wrong
    assert total.recall >= 0.9, total.missed


def test_the_labelled_set_is_large_enough() -> None:
    rows = lines()
    assert sum(bool(row["claims"]) for row in rows) >= 80
    assert sum(not row["claims"] for row in rows) >= 120
    assert 0.3 < sum(row["part"] == "held_out" for row in rows) / len(rows) < 0.36
    assert len({row["text"] for row in rows}) == len(rows)
    assert len(CLAIMED) >= 50


@pytest.mark.parametrize(
    "sentence",
    [
        "I don't think that {}",
        "It is not true that {}",
        "He says that {}",
        "I never said {}",
        "He keeps saying {}",
        "Does anybody know whether {}",
        "They claim {}",
        "{}?",
    ],
)
def test_what_is_denied_asked_or_said_by_others_is_no_claim(sentence: str) -> None:
    assert {text: found for text in CLAIMED if (found := claims_in(sentence.format(text)))} == {}


@pytest.mark.parametrize(
    "sentence", ["{}", "Not banned yet. {}", "I can't believe it, {}", "No doubt {}", "{}. Is he mad?"]
)
def test_a_claim_beside_a_denial_or_a_question_is_one(sentence: str) -> None:
    read = [text for text in CLAIMED if claims_in(text)]
    assert [text for text in read if not claims_in(sentence.format(text))] == []


def test_a_platforms_own_phrases_are_no_claims() -> None:
    phrases = list(csv.DictReader(DATA.joinpath("platform_phrases.csv").read_text("utf-8").splitlines()))
    assert {row["where"] for row in phrases} == {"whole", "header", "anywhere"}
    raw = [row["raw"] for row in csv.DictReader(DATA.joinpath("category_map.csv").read_text("utf-8").splitlines())]
    whole = [row["phrase"] for row in phrases if row["where"] == "whole"]
    for text in (*whole, *(value for value in raw if value)):
        assert claims_in(text) == [], text
        assert claims_in(f"{text}.\nsame person as @grimwald77")[0].handle == "grimwald77"
    assert all(own_words(text) == "" for text in whole)


def test_a_platforms_header_does_not_get_into_the_quote() -> None:
    (claim,) = claims_in("Note: https://misskey.example/notes/9abc ----- same person as @grimwald77")
    assert claim.quote == "same person as @grimwald77"


@pytest.mark.parametrize(
    ("text", "own"),
    [
        ("Note: https://misskey.example/notes/9abc\n-----\nthreats", "threats"),
        ("Note: https://a.example/1\nLocal Note: https://b.example/2\n-----\nthreats", "threats"),
        ("This is spam\nsold me a bridge", "sold me a bridge"),
        ("It\u2019s rude, vulgar or offensive", ""),
        ("Forwarded report from mastodon.dales.example: threats", "threats"),
        ("AutoModerator: new account (less than 5 days old) threats", "threats"),
        ("This is spam and he sold me a bridge", "This is spam and he sold me a bridge"),
        ("", ""),
    ],
)
def test_own_words_are_what_people_wrote(text: str, own: str) -> None:
    assert own_words(text) == own
