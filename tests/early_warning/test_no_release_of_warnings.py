"""What is only a warning is in no bundle, whatever the recipient and however sure the link."""

from __future__ import annotations

import ast
from pathlib import Path

import graphmatch.release
from graphmatch.release import gate
from graphmatch.release.cases import Case, Side
from graphmatch.release.draft import Draft
from graphmatch.release.gate import Protected, select
from graphmatch.release.terms import Terms

RELEASE = Path(graphmatch.release.__file__).parent


def test_release_reads_no_warnings() -> None:
    for path in RELEASE.glob("*.py"):
        tree = ast.parse(path.read_text("utf-8"))
        names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
        names |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        assert not [name for name in names if "early_warning" in name], path.name
    assert set(Draft.__annotations__) == {"cover", "cases", "links", "migrations", "withheld"}


def test_even_a_confirmed_link_to_an_account_that_nobody_reported_is_held_back() -> None:
    theirs = Side("bluesky:bsky:did:1", "bluesky", "bsky", "did:1", "did", "grimwald77.test", theirs=True, gates={})
    enforced = Side("mastodon:a.example:1", "mastodon", "a.example", "1", "numeric", "grimwald_77", gates={"terms": 2})
    families = frozenset({"naming", "contact"})
    case = Case(theirs, enforced, families, "same_operator", 0.99, frozenset({"ann", "bo"}), frozenset())
    made = select([case], Protected(frozenset(), Terms([])))
    assert made.cases == ()
    assert gate.no_terms_report in [rule for rule in gate.RULES if rule(case, Protected(frozenset(), Terms([])))]
