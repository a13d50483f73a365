"""Actors from matches and judgements."""

from __future__ import annotations

import random

import networkx as nx
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from resolve_rows import ACCOUNTS, PAIRS, PRIOR, groups, judgements, latest, matches, mix, names, said, scored

from graphmatch import tables
from graphmatch.errors import UsageError
from graphmatch.resolve import resolve


def test_accounts_linked_above_the_threshold_form_an_actor() -> None:
    found = resolve(matches(("x:x:a", "reddit:reddit:b", 0.97, "corroborated"), ("x:x:a", "y:y:c", 0.5)))
    (actor,) = found.actors.iter_rows(named=True)
    assert actor["account_ids"] == ["reddit:reddit:b", "x:x:a"]
    assert actor["platforms"] == ["reddit", "x"]
    assert (actor["size"], actor["match_probability"], actor["standing"]) == (2, 0.97, "corroborated")


def test_no_matches_give_no_actors() -> None:
    found = resolve(tables.empty("matches"), tables.empty("judgements"), previous=tables.empty("actors"))
    assert found.actors.is_empty()
    assert found.matches.is_empty()
    assert found.conflicts.is_empty()


@pytest.mark.parametrize("threshold", [0.0, 1.5, float("nan")])
def test_a_threshold_is_a_probability(threshold: float) -> None:
    with pytest.raises(UsageError):
        resolve(tables.empty("matches"), threshold=threshold)


def test_a_weak_link_does_not_bridge_groups_but_a_strong_or_a_second_one_does() -> None:
    pairs = [("a", "b", 0.999), ("c", "d", 0.999)]
    assert groups(resolve(matches(*pairs, ("b", "c", 0.93)))) == names("ab", "cd")
    assert groups(resolve(matches(*pairs, ("b", "c", 0.993)))) == names("abcd")
    assert groups(resolve(matches(*pairs, ("b", "c", 0.93), ("a", "d", 0.93)))) == names("abcd")


def test_a_chain_of_weak_links_does_not_grow() -> None:
    chain = [(a, b, 0.92) for a, b in zip("abcdefg", "bcdefgh", strict=True)]
    assert max(len(g) for g in groups(resolve(matches(*chain)))) == 2


def test_evidence_against_outweighs_one_link() -> None:
    strong = [("a", "b", 0.999), ("b", "c", 0.999), ("d", "e", 0.999), ("e", "f", 0.999), ("c", "d", 0.995)]
    assert groups(resolve(matches(*strong))) == names("abcdef")
    against = [(a, b, 1e-6) for a in "abc" for b in "def" if (a, b) != ("c", "d")]
    assert groups(resolve(matches(*strong, *against))) == names("abc", "def")


def test_a_pair_that_was_compared_without_evidence_is_not_evidence_against() -> None:
    prior = 2**PRIOR / (1 + 2**PRIOR)
    chain = [(a, b, 0.999) for a, b in zip("abcd", "bcde", strict=True)]
    silent = [("a", "c", prior), ("a", "d", prior), ("a", "e", prior), ("b", "d", prior), ("b", "e", prior)]
    assert groups(resolve(matches(*chain, *silent))) == names("abcde")


@pytest.mark.parametrize("story", ["impersonation", "coincidence", "shared_machine"])
def test_only_the_story_same_operator_links(story: str) -> None:
    assert resolve(matches(("a", "b", 0.99, "suggested", story))).actors.is_empty()


def test_an_impersonator_is_not_chained_to_whom_it_copies_unless_a_person_says_so() -> None:
    rows = matches(("a", "b", 0.999), ("b", "c", 0.995), ("a", "c", 0.99, "suggested", "impersonation"))
    assert groups(resolve(rows)) == names("ab")
    assert groups(resolve(rows, judgements(("a", "c", "positive", "jo")))) == names("abc")


def test_negative_splits_whatever_the_chain() -> None:
    rows = matches(("a", "b", 0.9999), ("b", "c", 0.999), ("c", "d", 0.9995))
    said = judgements(("a", "d", "negative", "jo"))
    assert groups(resolve(rows, said)) == names("ab", "cd")


def test_positive_joins_below_the_threshold_and_without_a_match() -> None:
    found = resolve(matches(("a", "b", 0.2)), judgements(("a", "b", "positive", "jo"), ("c", "d", "positive", "jo")))
    assert groups(found) == names("ab", "cd")
    assert found.actors["match_probability"].to_list() == [0.9, 0.9]
    assert set(found.actors["standing"]) == {"suggested"}


def test_two_analysts_confirm_and_a_later_judgement_undoes_it() -> None:
    rows = matches(("a", "b", 0.95, "corroborated", "same_operator", ["naming", "contact"]))
    rows = rows.with_columns(contact_level=pl.lit(3, dtype=pl.Int8))
    said = [("a", "b", "positive", "jo"), ("b", "a", "positive", "jo"), ("a", "b", "positive", "sam")]
    assert resolve(rows, judgements(*said[:2])).actors["standing"].to_list() == ["corroborated"]
    confirmed = resolve(rows, judgements(*said))
    assert confirmed.actors["standing"].to_list() == ["confirmed"]
    assert confirmed.matches["standing"].to_list() == ["confirmed"]
    undone = resolve(confirmed.matches, judgements(*said, ("a", "b", "unsure", "sam")))
    assert undone.matches["standing"].to_list() == ["corroborated"]
    assert (
        groups(resolve(rows, judgements(*said, ("a", "b", "negative", "jo"), ("a", "b", "negative", "sam")))) == set()
    )
    assert undone.conflicts.is_empty()


def test_a_withdrawn_confirmation_gives_back_the_linkers_own_standing() -> None:
    """A one-way declaration can be faked: it was no corroboration before, and is none after."""
    rows = matches(("a", "b", 0.95, "suggested", "same_operator", ["declared", "naming"]))
    rows = rows.with_columns(declared_level=pl.lit(2, pl.Int8))
    said = [("a", "b", "positive", "jo"), ("a", "b", "positive", "sam")]
    confirmed = resolve(rows, judgements(*said))
    assert confirmed.matches["standing"].to_list() == ["confirmed"]
    undone = resolve(confirmed.matches, judgements(*said, ("a", "b", "unsure", "sam")))
    assert undone.matches["standing"].to_list() == ["suggested"]


def test_analysts_who_disagree_keep_the_pair_apart_and_are_listed() -> None:
    rows = matches(("a", "b", 0.9999))
    said = judgements(("a", "b", "positive", "jo"), ("a", "b", "negative", "sam"), ("a", "b", "positive", "ann"))
    found = resolve(rows, said)
    assert found.actors.is_empty()
    assert found.matches["standing"].to_list() == ["suggested"]
    (conflict,) = found.conflicts.iter_rows(named=True)
    assert (conflict["positive_by"], conflict["negative_by"]) == (["ann", "jo"], ["sam"])


def test_positives_that_would_join_a_negative_pair_are_refused_weakest_first() -> None:
    said = judgements(
        ("a", "b", "positive", "jo"),
        ("b", "c", "positive", "jo"),
        ("b", "c", "positive", "sam"),
        ("a", "c", "negative", "jo"),
    )
    found = resolve(tables.empty("matches"), said)
    assert groups(found) == names("bc")
    assert found.conflicts.select("left", "right").rows() == [("a", "b")]


def test_standing_follows_the_best_supported_links_that_span() -> None:
    rows = matches(("a", "b", 0.95, "corroborated"), ("b", "c", 0.999, "corroborated"), ("a", "c", 0.9999, "suggested"))
    (actor,) = resolve(rows).actors.iter_rows(named=True)
    assert (actor["standing"], actor["match_probability"]) == ("corroborated", 0.95)
    said = judgements(*[(*pair, "positive", who) for pair in ("ab", "bc") for who in ("jo", "sam")])
    assert resolve(rows, said).actors["standing"].to_list() == ["confirmed"]


def test_ids_survive_growth_splits_and_merges() -> None:
    first = resolve(matches(("b", "c", 0.999), ("c", "d", 0.999)))
    (old,) = first.actors["actor_id"]
    grown = resolve(matches(("a", "b", 0.999), ("b", "c", 0.999), ("c", "d", 0.999)), previous=first.actors)
    assert grown.actors["actor_id"].to_list() == [old]
    split = resolve(matches(("a", "b", 0.999), ("c", "d", 0.999), ("d", "e", 0.999)), previous=grown.actors)
    assert dict(zip(split.actors["account_ids"].list.first(), split.actors["actor_id"], strict=True))["a"] == old
    # b was the smallest of the old actor, so its own new id would be the old one: it must take another
    moved = resolve(matches(("a", "b", 0.999), ("c", "d", 0.999), ("c", "e", 0.99)), previous=first.actors)
    ids = {members[0]: actor for members, actor in moved.actors.select("account_ids", "actor_id").iter_rows()}
    assert ids["c"] == old
    assert ids["a"] != old


def test_a_new_id_never_takes_one_that_an_earlier_actor_holds() -> None:
    first = resolve(matches(("a", "b", 0.999), ("b", "c", 0.999)))
    after = resolve(matches(("b", "c", 0.999), ("a", "z", 0.999)), previous=first.actors)
    assert after.actors["actor_id"].n_unique() == 2
    again = resolve(matches(("b", "c", 0.999), ("a", "z", 0.999)), previous=after.actors)
    assert again.actors.equals(after.actors)


@settings(deadline=None, max_examples=60)
@given(scored, said)
def test_actors_are_a_partition_with_no_negative_pair_inside(
    rows: list[tuple[object, ...]], opinions: list[tuple[str, str, str, str]]
) -> None:
    found = resolve(matches(*rows), judgements(*opinions))
    found = resolve(found.matches, judgements(*opinions), previous=found.actors)  # a second run is no way in
    members = [account for group in found.actors["account_ids"] for account in group]
    assert len(members) == len(set(members))
    negative = latest(opinions, "negative")
    for group in groups(found):
        assert not any(left in group and right in group for left, right in negative)
    refused = set(found.conflicts.select("left", "right").rows())
    for left, right in latest(opinions, "positive") - refused:
        assert any(left in group and right in group for group in groups(found))
    assert tables.check("actors", found.actors).bad.is_empty()


@settings(deadline=None, max_examples=40)
@given(scored, scored, said, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(
    before: list[tuple[object, ...]],
    rows: list[tuple[object, ...]],
    opinions: list[tuple[str, str, str, str]],
    rng: random.Random,
) -> None:
    accounts = pl.DataFrame({"account_id": ACCOUNTS, "platform": [f"platform{n % 4}" for n in range(len(ACCOUNTS))]})
    first = resolve(matches(*before)).actors
    one = resolve(matches(*rows), judgements(*opinions), previous=first, accounts=accounts)
    spoken = judgements(*opinions)
    swapped = [pl.col("right").alias("left"), pl.col("left").alias("right")]
    mixed = mix(spoken, rng).with_columns(swapped if rng.random() < 0.5 else [])
    two = resolve(
        mix(matches(*rows), rng),
        mixed,
        previous=mix(first, rng).with_columns(pl.col("account_ids").list.reverse()),
        accounts=mix(accounts, rng),
    )
    assert one.actors.equals(two.actors)
    assert one.matches.equals(two.matches)
    assert one.conflicts.equals(two.conflicts)


@settings(deadline=None, max_examples=60)
@given(st.data(), st.lists(st.sampled_from(PAIRS), unique=True, max_size=36))
def test_strong_links_alone_give_connected_components(data: st.DataObject, chosen: list[tuple[str, str]]) -> None:
    """The plain case against networkx: no judgement, no evidence against, links of 0.999 and over."""
    sure = st.sampled_from([0.999, 0.9995, 0.99999, 1.0])
    found = resolve(matches(*[(*pair, data.draw(sure)) for pair in chosen]))
    assert groups(found) == {frozenset(c) for c in nx.connected_components(nx.Graph(chosen))}


@settings(deadline=None, max_examples=40)
@given(scored, said)
def test_an_unrelated_account_leaves_every_id_as_it_was(
    rows: list[tuple[object, ...]], opinions: list[tuple[str, str, str, str]]
) -> None:
    one = resolve(matches(*rows), judgements(*opinions))
    more = matches(*rows, ("a:new:1", "z:new:1", 0.999))
    two = resolve(more, judgements(*opinions), previous=one.actors)
    kept = two.actors.filter(~pl.col("account_ids").list.contains("a:new:1"))
    assert kept.equals(one.actors)


def test_a_link_that_was_too_weak_alone_joins_once_a_later_merge_seconds_it() -> None:
    rows = matches(("a", "b", 0.999), ("a", "c", 0.95), ("b", "d", 0.94), ("c", "d", 0.93))
    assert groups(resolve(rows)) == names("abcd")


def test_a_new_actor_never_takes_the_id_of_one_that_is_gone() -> None:
    first = resolve(matches(("a", "b", 0.999)))
    gone = first.actors.with_columns(account_ids=pl.Series([["c", "d"]]))
    after = resolve(matches(("a", "b", 0.999)), previous=gone)
    assert after.actors["actor_id"].to_list() != first.actors["actor_id"].to_list()


@pytest.mark.parametrize(
    "other", ["jo", "JO ", "\uff4a\uff4f", "j\u200bo", "J.O.", "j\u043e", "jó"]
)  # other spellings of one name: full width, invisible, dotted, Cyrillic, accented
def test_one_analyst_under_two_spellings_confirms_nothing(other: str) -> None:
    found = resolve(matches(("a", "b", 0.97)), judgements(("a", "b", "positive", "Jo"), ("a", "b", "positive", other)))
    assert found.matches["standing"].to_list() == ["suggested"]
    changed = judgements(("a", "b", "negative", "Jo"), ("a", "b", "positive", other))
    assert resolve(matches(("a", "b", 0.97)), changed).conflicts.is_empty()  # a changed mind, not two people
    two = judgements(("a", "b", "positive", "Sam"), ("a", "b", "positive", other))
    assert resolve(matches(("a", "b", 0.97)), two).matches["standing"].to_list() == ["confirmed"]


def test_nobody_confirms_without_a_name_but_a_negative_holds() -> None:
    blank = judgements(("a", "b", "positive", "Jo"), ("a", "b", "positive", "\u200b"))
    assert resolve(matches(("a", "b", 0.97)), blank).matches["standing"].to_list() == ["suggested"]
    assert groups(resolve(matches(("a", "b", 0.97)), judgements(("a", "b", "negative", "...")))) == set()
