"""What bears on a pair: whose judgements hold, and at which gate a report stands."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from release_world import MASTODON, NEW, OLD, account, confirmed, judged, match, report, world

from graphmatch import tables
from graphmatch.frames import frame as table_of
from graphmatch.model import Gate
from graphmatch.release import Recipient
from graphmatch.release.cases import gated, gather, latest
from graphmatch.release.gate import Protected, select

WORDS = ("positive", "negative", "unsure")


def who(judgements: pl.DataFrame) -> tuple[list[str], list[str]]:
    row = latest(judgements).row(0, named=True)
    return row["positive"], row["negative"]


def test_one_analyst_twice_is_one_analyst() -> None:
    assert who(judged(("Ann", "positive"), ("Ann", "positive"))) == (["ann"], [])


@pytest.mark.parametrize("alias", ["ann", " ANN ", "\uff21\uff4e\uff4e"])
def test_one_analyst_is_not_two_by_typing_the_name_otherwise(alias: str) -> None:
    assert who(judged(("Ann", "positive"), (alias, "positive"))) == (["ann"], [])


def test_an_analysts_latest_word_holds() -> None:
    assert who(judged(("ann", "positive"), ("bo", "positive"), ("ann", "negative"))) == (["bo"], ["ann"])
    assert who(judged(("ann", "negative"), ("ann", "positive"))) == (["ann"], [])
    assert who(judged(("ann", "positive"), ("ann", "unsure"))) == ([], [])


def test_a_nameless_analyst_counts_for_nobody() -> None:
    assert latest(judged((" ", "positive"))).is_empty()


def test_the_order_of_a_pair_does_not_matter() -> None:
    assert latest(confirmed(OLD, NEW)).equals(latest(confirmed(NEW, OLD)))


@settings(deadline=None, max_examples=50)
@given(
    said=st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(WORDS)), min_size=1, max_size=8),
    seed=st.integers(0, 9),
)
def test_only_the_sequence_decides_what_is_latest(said: list[tuple[str, str]], seed: int) -> None:
    journal = judged(*said)
    expected = dict(said)  # the last word of each
    positive, negative = who(journal.sample(fraction=1.0, shuffle=True, seed=seed))
    assert positive == sorted(a for a, word in expected.items() if word == "positive")
    assert negative == sorted(a for a, word in expected.items() if word == "negative")


@pytest.mark.parametrize(
    ("gate", "assessed", "holds"),
    [
        (Gate.TERMS, None, "terms"),
        (Gate.DEBATE, None, "debate"),
        (Gate.TERMS, "debate.robust_criticism", "debate"),
        (Gate.DEBATE, "abuse.harassment_targeted", "terms"),
        (Gate.TERMS, "violence.threat", "illegal"),
        (Gate.TERMS, "no such leaf", "debate"),
        (Gate.ILLEGAL, "abuse.insult", "illegal"),
        (Gate.IMMINENT, "debate.robust_criticism", "imminent"),
    ],
)
def test_an_assessment_decides_the_gate_but_leaves_the_police_route(
    gate: Gate, assessed: str | None, holds: str
) -> None:
    reports = table_of("reports", [report("r", OLD, gate=gate, category_assessed=assessed)])
    assert gated(reports)["gate"].to_list() == [holds]


def test_a_case_holds_counts_by_category_and_nothing_else_of_a_report() -> None:
    reports = [
        report("r1", OLD, count=3),
        report("r2", OLD, category_reported="abuse.insult"),
        report("r3", OLD, category_assessed="abuse.insult", category_reported="violence.threat"),
        report("r4", OLD, category_reported="she is a liar"),
        report("r5", OLD, gate=Gate.ILLEGAL, category_reported="violence.threat"),
        report("r6", NEW),
    ]
    [case], unasked = gather(world(reports=reports), confirmed(), MASTODON)
    assert unasked == 0
    assert case.right.reported_as == ("abuse.harassment_targeted (3)", "abuse.insult (1)", "unmapped (1)")
    assert case.right.assessed_as == ("abuse.insult (1)",)
    assert case.right.gates == {"terms": 6, "illegal": 1}
    assert (case.left.theirs, case.right.theirs) == (False, True)


def test_pairs_that_touch_nothing_of_theirs_are_not_even_counted() -> None:
    for recipient in (Recipient("r", "reddit"), Recipient("m", "mastodon", "elsewhere.example")):
        assert gather(world(), confirmed(), recipient) == ([], 0)


def test_pairs_that_nobody_judged_are_counted() -> None:
    third = "reddit:reddit:t2_8k2mpete1"
    made = world(accounts=[account(a, handle="grim") for a in (OLD, NEW, third)], matches=[match(), match(OLD, third)])
    cases, unasked = gather(made, confirmed(), MASTODON)
    assert ([c.right.account_id for c in cases], unasked) == ([OLD], 1)


def test_an_account_that_no_table_holds_keeps_its_pair_back() -> None:
    [case], _ = gather(world(accounts=[account(OLD, handle="grim")], reports=[report("r", OLD)]), confirmed(), MASTODON)
    assert case.left.gates == {}
    assert select([case], Protected.of(tables.empty("targets"))).withheld == {"no_terms_report": 1}


def test_no_judgements_at_all() -> None:
    assert gather(world(), tables.empty("judgements"), MASTODON) == ([], 1)
