"""One more account or judgement: only what it can reach changes, and the local run equals the whole one."""

from __future__ import annotations

from collections.abc import Iterable

import networkx as nx
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from resolve_rows import (
    ACCOUNTS,
    judgements,
    latest,
    matches,
    names,
    said,
    scored,
    weighed,
)
from resolve_rows import groups as grouped

from graphmatch.errors import UsageError
from graphmatch.resolve import Resolved, changed_accounts, resolve, resolve_near

Rows = list[tuple[object, ...]]
Said = list[tuple[str, str, str, str]]
#: Sorts among the others, so that it may become the smallest account of an actor.
NEW = "p1:i:00"

newcomer = st.lists(st.sampled_from(ACCOUNTS), unique=True, max_size=5).flatmap(
    lambda known: weighed([tuple(sorted((NEW, name))) for name in known])
)


def ids(actors: pl.DataFrame) -> dict[frozenset[str], str]:
    return {frozenset(members): actor for members, actor in actors.select("account_ids", "actor_id").iter_rows()}


def component(rows: Rows, opinions: Said, name: str) -> set[str]:
    """What hangs together with ``name`` over links and POSITIVE pairs, by networkx."""
    linked = [(a, b) for a, b, p, _, story in rows if p >= 0.9 and story == "same_operator"]
    graph = nx.Graph([*linked, *(latest(opinions, "positive") - latest(opinions, "negative"))])
    return set(nx.node_connected_component(graph, name)) if name in graph else {name}


def same(one: Resolved, two: Resolved) -> bool:
    return all(getattr(one, table).equals(getattr(two, table)) for table in ("actors", "matches", "conflicts"))


@settings(deadline=None, max_examples=60)
@given(scored, said, newcomer)
def test_one_more_account_leaves_what_it_cannot_reach_as_it_was(rows: Rows, opinions: Said, more: Rows) -> None:
    spoken = judgements(*opinions)
    before = resolve(matches(*rows), spoken).actors
    after = resolve(matches(*rows, *more), spoken, previous=before).actors
    reached = component([*rows, *more], opinions, NEW)
    old, new = ids(before), ids(after)
    assert {group: actor for group, actor in old.items() if not group & reached} == {
        group: actor for group, actor in new.items() if not group & reached
    }
    assert all(new[group] == old[group] for group in old.keys() & new.keys())
    fresh = {actor for group, actor in new.items() if not any(group & known for known in old)}
    assert fresh.isdisjoint(old.values())


@settings(deadline=None, max_examples=60)
@given(scored, said, newcomer)
def test_who_joins_one_actor_moves_nobody_else(rows: Rows, opinions: Said, more: Rows) -> None:
    """It stays alone, joins an account that was alone, or joins one actor: then nothing else changes."""
    spoken = judgements(*opinions)
    old = ids(resolve(matches(*rows), spoken).actors)
    new = ids(resolve(matches(*rows, *more), spoken, previous=resolve(matches(*rows), spoken).actors).actors)
    home = next((group for group in new if NEW in group), frozenset({NEW}))
    joined = home - {NEW}
    if joined in old:
        assert new == {**{g: a for g, a in old.items() if g != joined}, home: old[joined]}
    elif not any(joined & group for group in old) and len(joined) < 2:
        assert {g: a for g, a in new.items() if g != home} == old
        assert new.get(home) not in old.values()


@settings(deadline=None, max_examples=60)
@given(scored, said, newcomer, st.sets(st.sampled_from([*ACCOUNTS, "unknown:i:1"]), max_size=3))
def test_the_local_run_equals_the_whole_one(rows: Rows, opinions: Said, more: Rows, also: set[str]) -> None:
    spoken = judgements(*opinions)
    before = resolve(matches(*rows), spoken)
    now = matches(*rows, *more)
    assert changed_accounts(before.matches, now, spoken, spoken) == {name for row in more for name in row[:2]}
    near = resolve_near(now, before.actors, {NEW, *also}, spoken)
    assert same(near, resolve(now, spoken, previous=before.actors))


@settings(deadline=None, max_examples=60)
@given(scored, scored, said, said, st.data())
def test_the_local_run_equals_the_whole_one_whatever_changed(
    rows: Rows, others: Rows, first: Said, second: Said, data: st.DataObject
) -> None:
    """Matches and judgements come, go and change; one end of each such pair is enough to be told of."""
    kept = data.draw(st.sets(st.sampled_from(rows))) if rows else set()
    then = {row[:2]: row for row in rows}
    now = {row[:2]: row for row in [*others[:3], *kept]}
    opinions = [*first, *second] if data.draw(st.booleans()) else second
    before = resolve(matches(*then.values()), judgements(*first))
    whole = resolve(matches(*now.values()), judgements(*opinions), previous=before.actors)
    touched = changed_accounts(before.matches, matches(*now.values()), judgements(*first), judgements(*opinions))
    assert same(resolve_near(matches(*now.values()), before.actors, touched, judgements(*opinions)), whole)
    ends = {
        pair[data.draw(st.integers(0, 1))]
        for pair in [*_differing(then, now), *_spoken(first, opinions)]
        if touched.issuperset(pair)
    }
    assert same(resolve_near(matches(*now.values()), before.actors, ends, judgements(*opinions)), whole)


def _differing(then: dict, now: dict) -> Iterable[tuple[str, str]]:
    return sorted(pair for pair in then.keys() | now.keys() if then.get(pair) != now.get(pair))


def _spoken(first: Said, second: Said) -> Iterable[tuple[str, str]]:
    return sorted({(left, right) for left, right, *_ in [*first, *second]})


def test_only_the_neighbourhood_is_done_again(monkeypatch: pytest.MonkeyPatch) -> None:
    from graphmatch.resolve import near

    seen: list[pl.DataFrame] = []
    real = near.grouped
    monkeypatch.setattr(near, "grouped", lambda rows, *rest: (seen.append(rows), real(rows, *rest))[1])
    far = [(f"x:i:{n}", f"y:i:{n}", 0.99) for n in range(50)]
    before = resolve(matches(*far, ("a", "b", 0.99)))
    more = matches(*far, ("a", "b", 0.99), ("b", "c", 0.99), ("c", "x:i:1", 0.2))
    after = resolve_near(more, before.actors, {"c"})
    assert seen[0].select("left", "right").rows() == [("a", "b"), ("b", "c")]
    assert after.actors.height == 51
    assert names("abc") <= grouped(after)


def test_what_a_lost_link_leaves_behind_is_done_again() -> None:
    """Nothing links c to a any more, but the actor they were in does."""
    before = resolve(matches(("a", "b", 0.999), ("b", "c", 0.999), ("c", "d", 0.999)))
    now = matches(("a", "b", 0.999), ("c", "d", 0.999))
    after = resolve_near(now, before.actors, {"b"})
    assert same(after, resolve(now, previous=before.actors))
    assert grouped(after) == names("ab", "cd")


def test_a_far_contradiction_is_still_listed() -> None:
    spoken = judgements(("a", "b", "positive", "jo"), ("b", "c", "positive", "jo"), ("a", "c", "negative", "sam"))
    before = resolve(matches(), spoken)
    now = matches(("x", "y", 0.999))
    after = resolve_near(now, before.actors, {"x", "y"}, spoken)
    assert after.conflicts.select("left", "right").rows() == [("b", "c")]
    assert same(after, resolve(now, spoken, previous=before.actors))


def test_a_new_actor_takes_no_id_that_a_far_one_holds() -> None:
    """The id made from c went with d to another actor: when c is in a new one, it must take another."""
    first = resolve(matches(("c", "d", 0.999)))
    moved = resolve(matches(("d", "e", 0.999)), previous=first.actors)
    assert moved.actors["actor_id"].to_list() == first.actors["actor_id"].to_list()
    now = matches(("c", "f", 0.999), ("d", "e", 0.999))
    after = resolve_near(now, moved.actors, {"c", "f"})
    assert same(after, resolve(now, previous=moved.actors))
    assert after.actors["actor_id"].n_unique() == 2


def test_changed_accounts_are_those_of_pairs_that_came_went_or_changed() -> None:
    before = matches(("a", "b", 0.95), ("c", "d", 0.95), ("e", "f", 0.95))
    after = matches(("a", "b", 0.95), ("c", "d", 0.96), ("g", "h", 0.1))
    assert changed_accounts(before, after) == set("cdefgh")
    assert changed_accounts(before, before) == set()
    one = judgements(("a", "b", "positive", "jo"))
    two = judgements(("a", "b", "positive", "jo"), ("a", "b", "positive", "jo"), ("y", "z", "negative", "jo"))
    assert changed_accounts(before, before, one, two) == set("yz")
    assert changed_accounts(before, before, one) == set("ab")


def test_matches_with_and_without_their_standing_after_judgement_are_no_change() -> None:
    rows = matches(("a", "b", 0.95))
    spoken = judgements(("a", "b", "positive", "jo"), ("a", "b", "positive", "sam"))
    assert changed_accounts(resolve(rows, spoken).matches, rows, spoken, spoken) == set()


def test_a_threshold_is_a_probability() -> None:
    with pytest.raises(UsageError):
        resolve_near(matches(), resolve(matches()).actors, set(), threshold=2.0)
