"""The loader of named queries: headers, parameters, and what is said of a file that breaks the rules."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from graphmatch.errors import StoreError, UnreadableQuery, UsageError
from graphmatch.store import cypher, question

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
        ("account_id text\n", "account_id days\n", ":8: a returned column reads"),
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
        ("days", "1.5", timedelta(hours=36)),
    ],
)
def test_text_becomes_the_declared_type(tmp_path: Path, of: str, text: str, value: object) -> None:
    query = load(tmp_path, f"// One.\n// params:\n//   x {of} - it\n// returns:\n//   y text\nRETURN $x AS y")
    assert query.bind({"x": text}) == {"x": value}
    assert query.bind({"x": value}) == {"x": value}


@pytest.mark.parametrize(("of", "text"), [("int", "9" * 20), ("int", "1.5"), ("float", "nan"), ("float", "inf")])
def test_a_number_that_no_engine_takes_is_refused(tmp_path: Path, of: str, text: str) -> None:
    query = load(tmp_path, f"// One.\n// params:\n//   x {of} - it\n// returns:\n//   y text\nRETURN $x AS y")
    with pytest.raises(UsageError, match=f"x is no {of}"):
        query.bind({"x": text})


def test_a_number_of_days_may_be_a_number(tmp_path: Path) -> None:
    query = load(tmp_path, "// One.\n// params:\n//   x days = 30 - it\n// returns:\n//   y bool\nRETURN $x AS y")
    assert query.bind() == {"x": timedelta(days=30)}
    assert query.bind({"x": 2}) == {"x": timedelta(days=2)}
    for wrong in ("soon", "1e99", "nan", True):
        with pytest.raises(UsageError, match=r"x (is no|must be) days"):
            query.bind({"x": wrong})


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
            question.refuse_writing(query.text)
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


def test_what_a_question_is_about_may_be_left_out(tmp_path: Path) -> None:
    assert load(tmp_path, GOOD).about == ""
    query = load(tmp_path, GOOD.replace("// params", "// about: accounts\n// params"))
    assert (query.about, query.sentence) == ("accounts", "Accounts of one platform, in two lines.")


def test_a_line_of_the_text_is_a_line_of_the_file(tmp_path: Path) -> None:
    query = load(tmp_path, GOOD.replace("MATCH (a", "\n\nMATCH (a"))
    assert query.text.startswith("MATCH")
    assert query.place().endswith(".cypher")
    assert query.place(2).endswith(".cypher:12")


def test_a_file_of_the_reader_s_own_may_have_any_fault(tmp_path: Path) -> None:
    own = tmp_path / "own.cypher"
    own.write_bytes(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode())
    assert cypher.own_query(own).sentence == "Accounts of one platform, in two lines."
    faults = {
        b"MATCH (a:Account) RETURN a.url": "own.cypher:1: the header lacks the line 'params:'",
        b"// One.\n// params: none\nRETURN 1 AS x": "own.cypher:2: the header lacks the line 'returns:'",
        b"\xff\xfe": "own.cypher can't be read: it is not text in UTF-8",
        b"": "own.cypher:1: the header",
    }
    for content, says in faults.items():
        own.write_bytes(content)
        with pytest.raises(UsageError, match=says):
            cypher.own_query(own)
    with pytest.raises(UsageError, match="can't be read: No such file"):
        cypher.own_query(tmp_path / "none.cypher")


#: What either engine would write by, reach out by or answer otherwise, and the ways to hide it.
REFUSED = [
    "INSERT (:Target {target_id: 'x'})",
    "MATCH (a) FOREACH (x IN [1] | SET a.n = x)",
    "LOAD CSV FROM 'file:///secret.csv' AS row RETURN row",
    "CALL { CREATE (:Target) }",
    "CALL () { CREATE (:Target) } IN TRANSACTIONS OF 10 ROWS",
    "MATCH (a:Account) CALL (a) { RETURN 1 AS x } RETURN x",
    "CALL db.labels() YIELD label RETURN label",
    "CALL apoc.load.json('http://a.example') YIELD value RETURN value.x",
    "SHOW USERS YIELD user RETURN user",
    "SHOW SETTINGS",
    "TERMINATE TRANSACTION 'x'",
    "USE system MATCH (n) RETURN n.x",
    "EXPLAIN MATCH (a:Account) RETURN a.url",
    "PROFILE MATCH (a:Account) RETURN a.url",
    "CYPHER runtime=slotted CREATE (:Target)",
    "CREATE USER x SET PASSWORD 'y'",
    "GRANT ROLE admin TO x",
    ":param x => 1\nRETURN $x AS x",
    ":auto MATCH (a) RETURN a.x",
    "RETURN 1 AS x; RETURN 2 AS x",
    # Neo4j reads escapes before anything else, in strings and comments too.
    "\\u0043REATE (:Target)",
    "RETURN '\\u0027 AS x CREATE (:Target) //' AS y",
    "RETURN 1 AS x // \\u000a CREATE (:Target)",
    "RETURN 1 AS `\\u0060 CREATE (:Target) //`",
    # A carriage return ends a comment as well.
    "RETURN 1 AS x //\rUNION LOAD CSV FROM 'file:///secret.csv' AS x RETURN x",
    "RETURN 1 AS x /* ' */ CREATE (:Target) //'",
    "RETURN '\\'' AS x CREATE (:Target)",
    "RETURN 1 AS `a``b` CREATE (:Target)",
    # Where a number ends and a word begins is for each engine to say.
    "RETURN 1LOAD FROM 'x' RETURN *",
    "RETURN .5LOAD FROM 'x' RETURN *",
    "RETURN 1.5e3CREATE (:Target)",
    "RETURN 0x1FLOAD CSV FROM 'x' AS y",
    "RETURN 1_000CREATE (:Target)",
    # Functions of plug-ins reach out, or run Cypher that stands in a string.
    "RETURN apoc.cypher.runFirstColumnSingle('LOAD CSV FROM \"x\" AS y RETURN y', {}) AS x",
    "RETURN apoc . cypher . runFirstColumnSingle ('RETURN 1', {}) AS x",
    "RETURN `apoc`.`cypher`.`runFirstColumnSingle`('RETURN 1', {}) AS x",
    "RETURN apoc.`cypher`.runFirstColumnSingle('RETURN 1', {}) AS x",
    "RETURN apoc./* */cypher//\n.runFirstColumnSingle('RETURN 1', {}) AS x",
    "RETURN `apoc.cypher.runFirstColumnSingle`('RETURN 1', {}) AS x",
    "RETURN genai.vector.encode('x', 'OpenAI', {token: 'y'}) AS x",
]


@pytest.mark.parametrize("text", REFUSED)
def test_what_does_more_than_read_is_refused_with_its_line(text: str) -> None:
    with pytest.raises(UnreadableQuery) as raised:
        question.refuse_writing("MATCH (a)\n" + text if not text.startswith(":") else text)
    assert raised.value.line in (1, 2, 3)


@pytest.mark.parametrize(
    "text",
    [
        "MATCH (a:Account) RETURN a.handle AS `set`, a.url AS x ;\n",
        "MATCH (a)-[:`FROM`|`TO`*1..4]->(b {create: 1}) RETURN a.set, $delete AS x, b.load",
        "MATCH (a) WHERE a.at > datetime('2026-05-01') AND a.x IN (1, 0x1F, 1e5, 1.5, .5, 3) RETURN a.x",
        "RETURN date.truncate('day', date()) AS x, duration . inDays(date(), date()) AS y, point.distance(1, 2) AS z",
        "MATCH (`a`) WHERE (a.x) = 1 AND EXISTS { MATCH (a)--(b) } RETURN COUNT { MATCH (a)--(b) } AS `n`",
        "RETURN 'it\\\\' AS x, \"CREATE\" AS y // DELETE\r\n, 1 AS z /* SET */",
        "CYPHER 25 MATCH (a) LET x = a.n FILTER x > 1 RETURN x NEXT RETURN x",
        "MATCH (a) FINISH",
    ],
)
def test_what_only_reads_is_let_through(text: str) -> None:
    question.refuse_writing(text)


def test_a_statement_that_begins_on_a_later_line_is_named_by_it() -> None:
    with pytest.raises(UnreadableQuery, match="SET") as raised:
        question.refuse_writing("MATCH (a)\n/* two\nlines */ WHERE a.x = 'SET'\nSET a.x = 1")
    assert raised.value.line == 4
