"""Every named query on both engines: it finds something, gives its declared columns, and the answers are equal."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import networkx as nx
import polars as pl
import pytest
from busy_northmoor import ADA, BO, COPY, FRESH, NEW, OLD, PETE, PETE_X, SAMPLE, THIRD, busy_northmoor, may
from neo4j_server import Server, wipe
from polars.testing import assert_frame_equal

from graphmatch import tables
from graphmatch.cli.query import ABOUT
from graphmatch.errors import StoreError, UsageError
from graphmatch.store import Store, cypher, open_store
from graphmatch.tables import DERIVED, OBSERVED

QUESTIONS = cypher.all_named("analyst") + cypher.all_named("read")
ENGINES = ("embedded", "neo4j")
Ask = Callable[..., list[dict[str, Any]]]


def fill(store: Store) -> Store:
    made = busy_northmoor()
    store.write_all({table: made[table] for table in OBSERVED})
    for table in DERIVED:
        store.replace(table, made[table])
    return store


@pytest.fixture(scope="module", name="embedded_town")
def _embedded_town() -> Iterator[Store]:
    with tempfile.TemporaryDirectory() as folder, open_store(str(Path(folder) / "graph.lbug")) as store:
        yield fill(store)


@pytest.fixture(scope="module", name="neo4j_town")
def _neo4j_town(neo4j_server: Server) -> Iterator[Store]:
    wipe(neo4j_server)
    with open_store(neo4j_server.uri, login=neo4j_server.login) as store:
        yield fill(store)


@pytest.fixture(params=ENGINES, name="town")
def _town(request: pytest.FixtureRequest) -> Store:
    town: Store = request.getfixturevalue(f"{request.param}_town")
    return town


@pytest.fixture(name="ask")
def _ask(town: Store) -> Ask:
    return lambda name, **given: cypher.answer(town, cypher.named(name), given).rows(named=True)


def needed(question: cypher.NamedQuery) -> dict[str, str]:
    return {param.name: SAMPLE[param.name] for param in question.params if param.default is None}


def only(rows: list[dict[str, Any]], *names: str) -> list[tuple[Any, ...]]:
    return [tuple(row[name] for name in names) for row in rows]


def test_the_town_keeps_its_contracts() -> None:
    for table, rows in busy_northmoor().items():
        assert tables.check(table, rows).bad.is_empty(), table


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.name)
def test_it_finds_something_and_gives_its_columns(embedded_town: Store, question: cypher.NamedQuery) -> None:
    found = cypher.answer(embedded_town, question, needed(question))
    assert found.height > 0
    assert found.columns == [column.name for column in question.returns]
    assert_frame_equal(cypher.answer(embedded_town, question, needed(question)), found)


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.name)
def test_both_engines_answer_alike(embedded_town: Store, neo4j_town: Store, question: cypher.NamedQuery) -> None:
    there = cypher.answer(neo4j_town, question, needed(question))
    assert_frame_equal(there, cypher.answer(embedded_town, question, needed(question)))


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.name)
def test_its_file_pastes_into_neo4j_browser_as_it_is(neo4j_server: Server, question: cypher.NamedQuery) -> None:
    path = cypher.queries_folder() / question.group / f"{question.name}.cypher"
    with neo4j_server.driver() as driver, driver.session(database=neo4j_server.database) as session:
        session.run("EXPLAIN " + path.read_text("utf-8"), question.bind(needed(question))).consume()


def test_each_question_is_about_something() -> None:
    assert {question.about for question in cypher.all_named("analyst")} == set(ABOUT)
    assert len(cypher.all_named("analyst")) >= 26


def test_accounts_are_found_and_told(ask: Ask) -> None:
    assert only(ask("find_accounts", part="AgAiN"), "account_id") == [(FRESH,)]
    assert only(ask("find_accounts", part="ada f"), "account_id") == [(COPY,)]
    assert len(ask("find_accounts", part="grim", limit=2)) == 2
    (profile,) = ask("account_profile", account_id=NEW)
    assert (profile["reports"], profile["enforcements"], profile["matches"], profile["actor_id"]) == (
        3,
        1,
        2,
        "actor:grim",
    )
    assert only(ask("account_timeline", account_id=OLD), "at", "what", "id", "detail") == [
        (may(1), "burst", "burst:1", None),
        (may(1), "report", "report:1", "harassment"),
        (may(2), "enforcement", "enforcement:1", "account_suspended_perm"),
        (may(12), "enforcement", "enforcement:2", "account_suspended_temp"),
        (may(13), "enforcement", "enforcement:3", "note"),
        (may(20), "report", "report:3", "harassment"),
        (None, "claim", "claim:2", "GRIM_2"),
        (None, "claim", "claim:3", "nobody"),
        (None, "content", "content:1", "go away"),
    ]
    moves = [row for row in ask("actor_timeline", actor_id="actor:grim") if row["what"] == "move"]
    assert only(moves, "at", "account_id", "detail") == [
        (may(3), NEW, "displaced"),
        (may(3), THIRD, "displaced"),
        (may(11), FRESH, "drifted"),
    ]
    assert only(ask("accounts_in_several_sources"), "account_id", "sources", "reports") == [(OLD, 2, 2)]
    assert only(ask("signals_of", account_id=OLD), "kind", "others") == [("email_hmac", 1), ("link", 3)]


def test_reports_are_told(ask: Ask) -> None:
    assert only(ask("reports_waiting_longest"), "report_id") == [("report:1",), ("report:2",), ("report:3",)]
    assert only(ask("reports_waiting_longest", since="2026-05-02"), "report_id") == [("report:3",)]
    assert only(ask("reports_for_the_police"), "report_id", "gate", "targets") == [
        ("report:3", "imminent", 1),
        ("report:6", "illegal", 1),
    ]
    assert only(ask("reporters_of_dismissed_reports"), "reporter_ref", "dismissed", "reports", "accounts") == [
        ("reporter:9", 2, 2, 2)
    ]
    assert only(ask("accounts_with_most_reporters"), "account_id", "reporters", "reports", "dismissed") == [
        (NEW, 2, 3, 1)
    ]
    bursts = only(ask("bursts_of_reports"), "burst_id", "account_id", "reporters", "new_share")
    assert bursts == [("burst:1", OLD, 2, 1.0)]
    assert ask("bursts_of_reports", min_reporters=3) == []
    assert only(ask("reporters_in_bursts"), "reporter_ref", "account_id", "bursts") == [
        ("reporter:1", OLD, 1),
        ("reporter:2", OLD, 1),
    ]
    assert only(ask("reports_pointing_at", content_id="content:1"), "report_id", "account_id") == [
        ("report:1", OLD),
        ("report:2", NEW),
    ]


def test_what_platforms_did_is_told(ask: Ask) -> None:
    assert only(ask("accounts_enforced_again"), "account_id", "enforcements", "last_enforced_at") == [(OLD, 2, may(12))]
    again = only(ask("reported_again_after_enforcement"), "account_id", "enforced_at", "reports_since")
    assert again == [(OLD, may(2), 1), (OLD, may(12), 1), (PETE, may(3), 1)]
    assert only(ask("reported_again_after_enforcement", grace="10"), "enforced_at") == [(may(2),)]
    fresh = only(ask("new_accounts_after_enforcement"), "enforced_account_id", "account_id", "value")
    assert fresh == [(OLD, FRESH, "grim.example")]
    assert ask("new_accounts_after_enforcement", within="7.5") == []
    assert ask("new_accounts_after_enforcement", max_sightings=3) == []
    assert only(ask("enforced_actors_elsewhere_unreported"), "account_id", "action") == [
        (THIRD, "account_suspended_perm"),
        (THIRD, "account_suspended_temp"),
        (FRESH, "account_suspended_perm"),
        (FRESH, "account_suspended_temp"),
    ]
    counts = ("platform", "accounts", "acted", "acted_soon", "acted_in_time", "not_acted")
    assert only(ask("platform_action_times"), *counts) == [
        ("bluesky", 1, 1, 0, 0, 0),
        ("mastodon", 1, 1, 1, 1, 0),
        ("reddit", 1, 0, 0, 0, 1),
    ]
    assert only(ask("platform_action_times", late=8), "acted_in_time")[0] == (1,)


def test_evidence_is_told(ask: Ask) -> None:
    shared = only(ask("accounts_sharing_a_signal"), "left", "right")
    assert shared == list(itertools.combinations(sorted((OLD, NEW, THIRD, FRESH)), 2))
    assert only(ask("accounts_sharing_a_signal", kind="email_hmac"), "left", "right") == [(OLD, THIRD)]
    assert ask("accounts_sharing_a_signal", max_accounts="3") == []
    assert only(ask("signals_in_common", first=OLD, second=THIRD), "kind", "sightings") == [
        ("email_hmac", 2),
        ("link", 4),
    ]
    assert only(ask("accounts_sharing_families"), "left", "right") == [(OLD, FRESH), (NEW, OLD)]
    assert only(ask("accounts_sharing_families", min_families=3), "right") == [(FRESH,)]
    assert only(ask("matches_on_one_family"), "left", "right") == [(PETE, PETE_X), (OLD, THIRD)]
    near = only(ask("matches_to_review_first"), "left", "right")
    assert near == [(OLD, THIRD), (NEW, FRESH), (PETE, PETE_X), (NEW, OLD), (PETE, COPY)]
    assert only(ask("likely_impersonations"), "left", "right_handle") == [(PETE, "ada_fenwick")]
    assert only(ask("matches_of", account_id=NEW), "account_id", "reports", "enforcements") == [
        (OLD, 2, 3),
        (FRESH, 0, 0),
    ]


def test_claims_stand_beside_their_matches(ask: Ask) -> None:
    assert only(ask("link_claims_open"), "claim_id") == [("claim:5",)]
    assert only(ask("claims_and_matches"), "claim_id", "matched_account_id", "match_probability") == [
        ("claim:4", OLD, 0.92),
        ("claim:2", NEW, 0.97),
        ("claim:1", None, None),
        ("claim:3", None, None),
        ("claim:5", None, None),
    ]


def test_paths_are_simple_and_stop_where_they_arrive(ask: Ask) -> None:
    def paths(first: str, second: str, **given: object) -> list[tuple[Any, ...]]:
        found = ask("path_between", first=first, second=second, **given)
        return [tuple(value for value in row.values() if value is not None) for row in found]

    assert paths(COPY, PETE_X) == [(2, PETE)]
    assert paths(COPY, OLD) == []
    made = busy_northmoor()
    shows = [(a, f"{kind}:{value}") for a, kind, value in made["sightings"]["account_id", "kind", "value"].iter_rows()]
    tied = nx.Graph([*made["matches"]["left", "right"].iter_rows(), *shows])
    for first, second in itertools.combinations((OLD, NEW, THIRD, FRESH, PETE), 2):
        simple = [path[1:-1] for path in nx.all_simple_paths(tied, first, second, cutoff=4)]
        assert paths(first, second) == sorted((len(via) + 1, *via) for via in simple)
    assert paths(FRESH, THIRD, max_sightings=3, limit=2) == [(2, OLD), (3, NEW, OLD)]
    assert {row[0] for row in paths(NEW, OLD)} == {1, 2, 3, 4}


def test_actors_and_communities_are_told(ask: Ask) -> None:
    members = ask("actor_members", actor_id="actor:grim")
    assert only(members, "account_id", "reports", "enforcements") == [
        (NEW, 3, 1),
        (OLD, 2, 3),
        (THIRD, 0, 0),
        (FRESH, 0, 0),
    ]
    assert only(ask("actors_by_standing"), "actor_id", "reported", "enforced") == [
        ("actor:grim", 2, 2),
        ("actor:pete", 1, 1),
    ]
    assert only(ask("actors_by_standing", min_platforms=3), "actor_id") == [("actor:grim",)]
    assert only(ask("bridges_of_actors"), "left", "right", "match_probability") == [(OLD, THIRD, 0.92)]
    assert ask("bridges_of_actors", max_probability=0.9) == []
    assert len(ask("community_members", community_id="community:1")) == 6
    unreported = ask("community_unreported", community_id="community:1")
    assert only(unreported, "account_id", "reported_around_it") == [(THIRD, 3), (FRESH, 3), (PETE_X, 3)]
    moved = only(ask("communities_that_moved"), "origin", "destination", "actors", "migrations")
    assert moved == [("reddit", "x", 2, 2)]
    assert ask("communities_that_moved", within=2) == []
    assert ask("communities_that_moved", min_actors=3) == []
    assert only(ask("communities_beyond_chance"), "community_id", "size", "link_share") == [("community:1", 6, 1.0)]
    assert ask("communities_beyond_chance", max_q=0.01) == ask("communities_beyond_chance", min_size=7) == []
    left = only(ask("communities_that_left_together"), "origin", "destination", "movers", "pairs")
    assert left == [("mastodon", "bluesky", 2, 1)]
    assert ask("communities_that_left_together", max_q=0.03) == []


def test_moves_are_told(ask: Ask) -> None:
    assert only(ask("moved_to", account_id=OLD), "account_id", "moves") == [(NEW, 1), (THIRD, 1), (FRESH, 2)]
    assert ask("moved_to", account_id=NEW) == []
    assert {(row["origin"], row["destination"], row["migrations"]) for row in ask("flows")} == {
        ("mastodon", "bluesky", 1),
        ("mastodon", "reddit", 1),
        ("reddit", "x", 2),
    }
    assert ask("flows", min_probability=0.95) == []
    late = only(ask("moves_acted_on_late"), "account_id", "reports", "first_reported_at", "first_acted_at")
    assert late == [(NEW, 2, may(1), may(9))]
    assert ask("moves_acted_on_late", within=8) == []
    assert len(ask("reappeared_after_enforcement", within=1)) == 2
    assert ask("reappeared_after_enforcement", within=0.5) == []
    assert ask("reappeared_after_enforcement", since="2026-06-01") == []
    (first, _) = ask("migrations_between", origin="reddit", destination="x")
    assert (first["enforced_at"], first["arrived_earliest"], first["first_reported_at"]) == (None, may(11), None)
    (row,) = ask("migrations_between", origin="mastodon", destination="bluesky")
    assert (row["enforced_at"], row["first_reported_at"], row["first_acted_at"]) == (may(2), may(1), may(9))


def test_targets_are_told(ask: Ask) -> None:
    assert ask("targets_hit_from_platforms") == [{"target_id": ADA, "platforms": 3, "accounts": 3, "reports": 4}]
    assert only(ask("targets_hit_from_platforms", min_platforms="1"), "target_id") == [(ADA,), (BO,)]
    against = ask("accounts_against_target", target_id=ADA)
    assert only(against, "account_id", "reports", "past_the_law", "actor_id") == [
        (OLD, 2, 1, "actor:grim"),
        (NEW, 1, 0, "actor:grim"),
        (PETE, 1, 0, "actor:pete"),
    ]
    assert ask("targets_in_common", first=OLD, second=NEW) == [
        {"target_id": ADA, "first_reports": 2, "second_reports": 1, "all_reports": 4}
    ]


def own(tmp_path: Path, body: str, returns: str) -> cypher.NamedQuery:
    path = tmp_path / "own.cypher"
    path.write_text(f"// One.\n// params: none\n// returns:\n//   {returns}\n\n{body}\n", "utf-8")
    return cypher.own_query(path)


def test_a_typo_is_named_with_its_file_and_line(town: Store, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"^own\.cypher:7: the query can't be read") as raised:
        cypher.answer(town, own(tmp_path, "MATCH (a:Account)\nRETRUN a.url AS url", "url text"))
    assert "line" not in str(raised.value)
    with pytest.raises(UsageError, match=r"^own\.cypher:7: queries only read: DELETE"):
        cypher.answer(town, own(tmp_path, "MATCH (a:Account)\nDELETE a RETURN 1 AS url", "url int"))


def test_an_answer_has_its_declared_types_or_is_refused(town: Store, tmp_path: Path) -> None:
    body = "MATCH (a:Account) RETURN a.{} AS x ORDER BY a.account_id"
    for name, of in (("state", "text"), ("last_active", "time"), ("state", "int"), ("state", "texts")):
        found = cypher.answer(town, own(tmp_path, body.format(name), f"x {of}"))
        assert found["x"].null_count() == 7
        assert found.schema["x"] == cypher.RETURNED[of]
    whole = cypher.answer(town, own(tmp_path, "RETURN 1 AS x", "x float"))
    assert_frame_equal(whole, pl.DataFrame({"x": [1.0]}))
    for returns, says in (
        ("x int", "'x' is declared as int, but holds String"),
        ("y text", "the answer lacks the column 'y'"),
        ("x text\n//   y text", "lacks the column 'y'"),
    ):
        with pytest.raises(StoreError, match=rf"^own\.cypher: .*{says}"):
            cypher.answer(town, own(tmp_path, body.format("handle"), returns))
    with pytest.raises(StoreError, match="returns lack the column 'y'"):
        cypher.answer(town, own(tmp_path, "RETURN 1 AS x, 2 AS y", "x int"))
