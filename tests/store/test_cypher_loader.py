"""The loader of named queries: headers, parameters, and what is said of a file that breaks the rules."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from graphmatch.errors import StoreError, UsageError
from graphmatch.store import cypher

GOOD = """// Accounts of one platform, in two
// lines.
// params:
//   platform text - the platform
//   since time = 2020-01-01 - not before
//   parts texts = a, b - parts
// returns:
//   account_id text
MATCH (a:Account) // not $this
WHERE a.platform = $platform AND a.handle <> 'nor $that' AND a.handle_at > $since AND a.handle IN $parts
RETURN a.account_id AS account_id
"""


def load(tmp_path: Path, text: str) -> cypher.NamedQuery:
    path = tmp_path / f"q{abs(hash(text))}.cypher"
    path.write_text(text, "utf-8")
    return cypher.load_query(path)


def test_a_header_is_read(tmp_path: Path) -> None:
    query = load(tmp_path, GOOD)
    assert query.sentence == "Accounts of one platform, in two lines."
    assert query.params[0] == cypher.Param("platform", "text", None, "the platform")
    assert query.returns == (cypher.Column("account_id", "text"),)
    assert query.text.startswith("MATCH (a:Account)")
    assert query.statements == [query.text]


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("two\n// lines.", "two lines", ":1: the header must open with a sentence"),
        ("$platform", "$other", r":10: \$other is not among"),
        ("a.platform = $platform AND ", "", ":4: the body does not use the parameter platform"),
        ("platform text", "platform words", ":4: a parameter reads"),
        ("- the platform", "", ":4: a parameter reads"),
        ("// params:\n", "", ": the header lacks the line 'params:'"),
        ("// returns:\n", "", ": the header lacks the line 'returns:'"),
        ("account_id text\n", "account_id\n", ":8: a returned column reads"),
    ],
)
def test_a_header_that_breaks_the_rules_is_named_with_its_line(tmp_path: Path, old: str, new: str, says: str) -> None:
    assert old in GOOD
    with pytest.raises(StoreError, match=rf"^q\d+\.cypher:?.*{says}"):
        load(tmp_path, GOOD.replace(old, new, 1))


def test_params_are_bound_by_type_with_their_defaults(tmp_path: Path) -> None:
    query = load(tmp_path, GOOD)
    assert query.bind({"platform": "x"}) == {
        "platform": "x",
        "since": datetime(2020, 1, 1, tzinfo=UTC),
        "parts": ["a", "b"],
    }
    bound = query.bind({"platform": "x", "since": "2026-05-01T13:00:00+01:00", "parts": ["c"]})
    assert bound["since"] == datetime(2026, 5, 1, 12, tzinfo=UTC)
    assert bound["parts"] == ["c"]


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({}, "needs platform"),
        ({"platform": "x", "plat": "y"}, "no parameter 'plat'"),
        ({"platform": "x", "since": "yesterday"}, "since is no time"),
        ({"platform": 3}, "platform must be text"),
    ],
)
def test_params_that_do_not_fit_are_named(tmp_path: Path, given: dict[str, object], says: str) -> None:
    with pytest.raises(UsageError, match=says):
        load(tmp_path, GOOD).bind(given)


@pytest.mark.parametrize(
    ("of", "text", "value"),
    [
        ("int", "3", 3),
        ("float", "0.5", 0.5),
        ("bool", "true", True),
        ("date", "2026-05-01", date(2026, 5, 1)),
        ("text", "3", "3"),
    ],
)
def test_text_becomes_the_declared_type(tmp_path: Path, of: str, text: str, value: object) -> None:
    query = load(tmp_path, f"// One.\n// params:\n//   x {of} - it\n// returns:\n//   x {of}\nRETURN $x AS x")
    assert query.bind({"x": text}) == {"x": value}
    assert query.bind({"x": value}) == {"x": value}


def test_a_bool_is_no_int(tmp_path: Path) -> None:
    query = load(tmp_path, "// One.\n// params:\n//   x int - it\n// returns:\n//   x int\nRETURN $x AS x")
    with pytest.raises(UsageError, match="must be int, not bool"):
        query.bind({"x": True})


@pytest.mark.parametrize("group", cypher.GROUPS)
def test_every_query_file_keeps_the_rules(group: str) -> None:
    found = cypher.all_named(group)
    assert [query.name for query in found] == sorted(query.name for query in found)
    for query in found:
        assert cypher.named(query.name) == query
        if group in ("read", "analyst"):
            cypher.refuse_writing(query.text)
            assert query.returns


def test_query_names_are_unique_across_groups() -> None:
    names = [query.name for group in cypher.GROUPS for query in cypher.all_named(group)]
    assert len(names) == len(set(names))


def test_an_unknown_query_is_answered_with_its_likes() -> None:
    with pytest.raises(UsageError, match="flows"):
        cypher.named("flow")
    with pytest.raises(UsageError, match="reports_against"):
        cypher.named("zzzzzz")
    with pytest.raises(UsageError, match="analyst"):
        cypher.all_named("private")
