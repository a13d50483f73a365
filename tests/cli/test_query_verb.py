"""``graphmatch query``: the list, one question shown, its parameters, and questions of the reader's own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from graphmatch.cli import app
from graphmatch.errors import UsageError

OWN = """// Accounts of one platform.
// params:
//   platform text - the platform
//   limit int = 3 - how many
// returns:
//   account_id text
MATCH (a:Account)
WHERE a.platform = $platform
RETURN a.account_id AS account_id
ORDER BY account_id LIMIT $limit
"""


def said(*arguments: str) -> str:
    """Ask without a process, and without a workspace."""
    done = CliRunner().invoke(app, ["query", *arguments], catch_exceptions=False)
    assert done.exit_code == 0
    return done.stdout


@pytest.fixture(name="own")
def _own(tmp_path: Path) -> Path:
    path = tmp_path / "own.cypher"
    path.write_text(OWN, "utf-8")
    return path


def test_questions_are_listed_by_what_they_are_about() -> None:
    listed = [json.loads(line) for line in said("--json").splitlines()]
    assert len(listed) >= 26
    assert {"about": "moves", "query": "moved_to"}.items() <= next(
        q for q in listed if q["query"] == "moved_to"
    ).items()
    abouts = [row["about"] for row in listed]
    assert abouts == sorted(abouts, key=abouts.index)
    told = said("--format", "table").splitlines()
    assert told[0] == "Accounts"
    assert "  find_accounts part [limit]" in told


def test_a_question_is_shown_ready_for_neo4j_browser() -> None:
    asked = ("reappeared_after_enforcement", "--show", "--param", "within=7.5")
    page = said(*asked)
    assert "\n  since time, default 1995-01-01\n      leave out" in page
    browser = page.partition("For Neo4j Browser\n\n")[2]
    within, since, blank, match, *_ = browser.splitlines()
    assert within == ":param within => duration({days: 7, seconds: 43200})"
    assert since == ":param since => datetime('1995-01-01T00:00:00Z')"
    assert (blank, match[:6]) == ("", "MATCH ")
    shown = json.loads(said(*asked, "--json"))
    assert shown["browser"] + "\n" == browser
    assert shown["params"][0]["default"] == "30"
    assert shown["returns"][0] == {"name": "migration_id", "type": "text"}
    text = said("find_accounts", "--show", "--param", "part=o'b\\n")
    assert ":param part => 'o\\'b\\\\n'" in text
    assert ":param account_id => 'ACCOUNT_ID'" in said("moved_to", "--show")


def test_a_file_of_the_reader_s_own_is_asked(cli, finished: Path, own: Path) -> None:
    done = cli("-w", finished, "query", "--file", own, "--param", "platform=reddit")
    assert len(done.stdout.splitlines()) == 3
    assert "platform" in said("--file", str(own), "--show")
    own.write_text(OWN.replace("ORDER BY", "ODER BY"), "utf-8")
    done = cli("-w", finished, "query", "--file", own, "--param", "platform=reddit", code=2)
    assert done.stderr.startswith("graphmatch: own.cypher:10: the query can't be read")
    own.write_text(OWN.replace("WHERE", "SET"), "utf-8")
    done = cli("-w", finished, "query", "--file", own, "--param", "platform=reddit", code=2)
    assert done.stderr.startswith("graphmatch: own.cypher:8: queries only read: SET")
    own.write_text(OWN.replace("$limit", "$most"), "utf-8")
    assert "own.cypher:10: $most is not among" in cli("-w", finished, "query", "--file", own, code=2).stderr


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("flow",), "there are: flows"),
        (("flows", "--param", "min=1"), "no parameter 'min'; it has: min_probability"),
        (("flows", "--param", "min_probability=high"), "min_probability is no float"),
        (("moved_to",), "needs account_id (text): the account to start at"),
        (("flows", "--cypher", "RETURN 1 AS x"), "give one of a name, --file and --cypher"),
        (("--show",), "--show needs the name of a question"),
        (("--cypher", "RETURN 1 AS x", "--show"), "--show needs the name of a question"),
        (("--file", "nowhere.cypher"), "nowhere.cypher can't be read: No such file"),
        (("--file", "nowhere.cypher"), "\n  // params:\n  //   within days = 30 - what it means"),
        (("flows", "--param", "x"), "--param takes NAME=VALUE"),
    ],
)
def test_a_mistake_needs_no_store(arguments: tuple[str, ...], says: str) -> None:
    with pytest.raises(UsageError) as raised:
        said(*arguments)
    assert says in str(raised.value)


def test_cypher_on_several_lines_is_told_its_line(cli, finished: Path) -> None:
    done = cli("-w", finished, "query", "--cypher", "MATCH (a:Account)\nRETRUN a.url", code=2)
    assert done.stderr.startswith("graphmatch: line 2: the query can't be read")
    done = cli("-w", finished, "query", "--cypher", "MATCH (a:Account) DETACH DELETE a", code=2)
    assert done.stderr.startswith("graphmatch: queries only read: DETACH")
