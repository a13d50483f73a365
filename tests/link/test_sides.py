"""Sides of pairs: from row numbers, from joined frames, and with the census of a larger population."""

from __future__ import annotations

import polars as pl

from graphmatch.link.census import Census
from graphmatch.link.compare import levels
from graphmatch.link.encoded import Encoded
from graphmatch.link.pairing import prepare
from graphmatch.link.sides import Sides

NAMES = ["Grim Wald", "Wald Grim", "Asha Verma", None, "Ann Moor", "Ann Moor"]
ACCOUNTS = pl.DataFrame(
    {
        "account_id": [f"a{number}" for number in range(6)],
        "platform": ["x", "mastodon", "x", "reddit", "x", "mastodon"],
        "handle": ["grimwald", "gr1mwald_77", "averma", "ashaverma", "annmoor", "annmoor"],
        "display_name": NAMES,
        "bio": ["keeps bees and writes", "writes and keeps bees", None, "sings", "of the moors", "of the moors"],
        "location": ["moors", "the moors", None, "york", "york", "moors york"],
        "created_at": ["2024-01-01"] * 6,
    }
)
SEEN = pl.DataFrame(
    [
        ("a0", "email_hmac", "1"), ("a1", "email_hmac", "1"), ("a4", "email_hmac", "1"), ("a0", "ip_hmac", "i"),
        ("a1", "ip_hmac", "i"), ("a1", "ip_hmac", "j"), ("a0", "ip_hmac", "j"), ("a2", "link", "w.example/a"),
        ("a3", "link", "w.example/a"), ("a4", "avatar_hash", "f"), ("a5", "avatar_hash", "f"),
        ("a2", "avatar_hash", "g"),
    ],
    schema=["account_id", "kind", "value"], orient="row",
).with_columns(context=pl.lit("profile"))  # fmt: skip
PAIRS = pl.DataFrame(
    {"left": [0, 2, 4, 0, 1, 3], "right": [1, 3, 5, 4, 2, 5]}, schema={"left": pl.UInt32, "right": pl.UInt32}
)


def test_joined_frames_give_what_row_numbers_give() -> None:
    ready = prepare(ACCOUNTS, SEEN)
    expected = levels(Sides(ready.traits, PAIRS, ready.census), None, None)
    joined = Sides.of(ready.traits[PAIRS["left"]], ready.traits[PAIRS["right"]], ready.census)
    assert levels(joined, None, None).equals(expected)
    assert expected["contact_level"].to_list() == [3, None, None, 3, None, None]
    assert expected["network_level"].to_list() == [2, None, None, None, None, None]
    nameless = [part.drop("account_id") for part in (joined.left, joined.right)]
    assert levels(Sides.of(nameless[0], nameless[1], ready.census), None, None).equals(expected)


def test_a_census_of_the_same_accounts_changes_nothing() -> None:
    ready = prepare(ACCOUNTS, SEEN)
    own = levels(Sides(ready.traits, PAIRS), None, None)
    assert own.equals(levels(Sides(ready.traits, PAIRS, Census.of(ready.traits)), None, None))
    assert own.equals(levels(Sides(Encoded(ready.traits, ready.census), PAIRS), None, None))


def test_values_are_as_rare_as_the_census_says() -> None:
    ready = prepare(ACCOUNTS, SEEN)
    more = pl.concat([ready.traits] + [ready.traits.with_columns(pl.col("account_id") + f"-{n}") for n in range(40)])
    rare = levels(Sides(ready.traits, PAIRS, ready.census), None, None)
    common = levels(Sides(ready.traits, PAIRS, Census.of(more)), None, None)
    assert common.select(pl.col("^.*_level$")).equals(rare.select(pl.col("^.*_level$")))
    for name in ("contact_rarity", "network_rarity", "link_rarity", "avatar_rarity"):
        assert (common[name].drop_nulls() < rare[name].drop_nulls()).all(), name
        assert rare[name].drop_nulls().len() > 0


def test_parts_of_the_pairs_are_compared_as_all_are() -> None:
    ready = prepare(ACCOUNTS, SEEN)
    whole = levels(Sides(ready.encoded, PAIRS), None, None)
    parts = [levels(Sides(ready.encoded, part), None, None) for part in PAIRS.iter_slices(1)]
    assert pl.concat(parts).equals(whole)
    assert levels(Sides(ready.encoded, PAIRS[:0]), None, None).schema == whole.schema
