"""Each rule of the gate alone, and all of them in order."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from graphmatch.model import Gate, IdKind, Story
from graphmatch.release import gate
from graphmatch.release.cases import Case, Side
from graphmatch.release.gate import RULES, Protected, select
from graphmatch.release.terms import Terms

OWN = Side(
    "mastodon:a.example:1", "mastodon", "a.example", "1", "numeric", "grimwald_77", theirs=True, gates={"terms": 2}
)
OTHER = Side("bluesky:bsky:did:plc:x", "bluesky", "bsky", "did:plc:x", "did", "grimwald77.test", gates={"terms": 1})
GOOD = Case(OWN, OTHER, frozenset({"naming", "contact"}), "same_operator", 0.9, frozenset({"ann", "bo"}), frozenset())
PROTECTED = Protected(frozenset({("bluesky", "asha.test")}), Terms(["Asha Verma", "asha.test", "tomh"]))


def other(**values: Any) -> Case:
    return replace(GOOD, right=replace(OTHER, **values))


def both_at(*gates: Gate) -> Case:
    at: dict[str, int] = dict.fromkeys(gates, 1)
    return replace(GOOD, left=replace(OWN, gates=at), right=replace(OTHER, gates=at))


def test_a_good_case_passes_every_rule() -> None:
    assert select([GOOD], PROTECTED).cases == (GOOD,)


@pytest.mark.parametrize(
    ("rule", "case"),
    [
        (gate.contested, replace(GOOD, negative=frozenset({"cy"}))),
        (gate.not_confirmed, replace(GOOD, positive=frozenset({"ann"}))),
        (gate.not_confirmed, replace(GOOD, positive=frozenset())),
        *((gate.other_story, replace(GOOD, story=s.value)) for s in Story if s is not Story.SAME_OPERATOR),
        (gate.single_family, replace(GOOD, families=frozenset({"naming"}))),
        (gate.contact_account, other(id_kind=IdKind.HASHED.value)),
        (gate.contact_account, other(platform="email")),
        (gate.debate_only, both_at(Gate.DEBATE)),
        (gate.police_route, other(gates={"illegal": 3})),
        (gate.police_route, other(gates={"imminent": 1, "debate": 4})),
        (gate.no_terms_report, other(gates={})),
        (gate.no_terms_report, other(gates={"debate": 900})),
        (gate.target_account, other(handle="Asha.test")),
        (gate.target_account, other(handle="@asha.test")),
        (gate.unclean_name, other(handle="moor.lad@mailbox.example")),
        (gate.unclean_name, other(handle="+44 7700 900123")),
        (gate.unclean_name, other(handle="grim\u202ewald")),
        (gate.unclean_name, other(native_id="203.0.113.45")),
        (gate.unclean_name, other(native_id="x" * 600)),
        (gate.nameless, other(handle=None)),
        (gate.nameless, other(handle=None, url="javascript:alert(1)")),
        (gate.names_target, other(handle="sack_asha-verma_now")),
        (gate.names_target, other(handle="ashaverma2")),
        (gate.names_target, other(handle="the.tomh")),
        (gate.names_target, other(url="https://pages.example/Asha%20Verma/asha.verma")),
    ],
)
def test_each_rule_holds_its_case_back(rule: gate.Rule, case: Case) -> None:
    assert rule(case, PROTECTED)
    assert not rule(GOOD, PROTECTED)
    assert select([case], PROTECTED) == gate.Selection((), {rule.__name__: 1})


def test_a_page_alone_is_enough_to_find_an_account() -> None:
    assert not gate.nameless(other(handle=None, url="https://bsky.app/profile/grim.test"), PROTECTED)


def test_the_recipients_own_account_needs_no_handle() -> None:
    assert select([replace(GOOD, left=replace(OWN, handle=None))], PROTECTED).withheld == {}


def test_reports_for_the_police_do_not_hold_back_a_pair_that_has_others() -> None:
    case = other(gates={"terms": 1, "illegal": 2, "imminent": 1})
    assert select([case], PROTECTED).withheld == {}
    assert gate.reports_for_police([case, case]) == 3


def test_a_pair_is_counted_once_under_the_first_rule_that_speaks() -> None:
    worst = replace(other(handle="asha.test", gates={}), positive=frozenset(), families=frozenset())
    assert select([worst, worst, GOOD], PROTECTED).withheld == {"not_confirmed": 2}


def test_every_rule_says_what_it_holds_back() -> None:
    assert all((rule.__doc__ or "").startswith("Hold back where ") for rule in RULES)
