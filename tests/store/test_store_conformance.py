"""What every engine must do alike. A new engine joins by a line in ``ENGINES``."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import polars as pl
import pytest
from busy_northmoor import SAMPLE
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from neo4j_server import Server, wipe
from polars.testing import assert_frame_equal
from store_rows import NOON, frame, frames, northmoor

from graphmatch import tables
from graphmatch.errors import RejectedTable, UsageError
from graphmatch.merge import merge
from graphmatch.store import Store, Written, cypher, graph, open_store, question
from graphmatch.tables import DERIVED, OBSERVED

Engine = Callable[[], AbstractContextManager[Store]]


@contextmanager
def embedded() -> Iterator[Store]:
    """A store of its own, empty."""
    with tempfile.TemporaryDirectory() as folder, open_store(str(Path(folder) / "graph.lbug")) as store:
        yield store


#: Shrinking a failure of a store takes minutes; the drawn rows are small as they are.
DRAW = settings(deadline=None, database=None, phases=[Phase.explicit, Phase.generate])
ENGINES = ("embedded", "neo4j")


@pytest.fixture(params=ENGINES, name="engine")
def _engine(request: pytest.FixtureRequest) -> Engine:
    if request.param == "embedded":
        return embedded
    server: Server = request.getfixturevalue("neo4j_server")

    @contextmanager
    def neo4j() -> Iterator[Store]:
        """The server's one database, emptied: one at a time."""
        wipe(server, schema=False)
        with open_store(server.uri, login=server.login) as store:
            yield store

    return neo4j


@pytest.fixture(name="store")
def _store(engine: Engine) -> Iterator[Store]:
    with engine() as store:
        yield store


@pytest.fixture(scope="module", name="embedded_town")
def _embedded_town() -> Iterator[Store]:
    with embedded() as store:
        put(store, northmoor())
        yield store


@pytest.fixture(params=ENGINES, name="still_town")
def _still_town(request: pytest.FixtureRequest) -> Iterator[Store]:
    """A town that no test changes: made once, and again when another test has emptied the server."""
    if request.param == "embedded":
        yield request.getfixturevalue("embedded_town")
        return
    server: Server = request.getfixturevalue("neo4j_server")
    with server.driver() as driver:
        stands = driver.execute_query("MATCH (n:StillTown) RETURN count(n)", database_=server.database).records[0][0]
        if not stands:
            wipe(server, schema=False)
        with open_store(server.uri, login=server.login) as store:
            if not stands:
                put(store, northmoor())
                driver.execute_query("CREATE (:StillTown)", database_=server.database)
            yield store


@pytest.fixture(name="town")
def _town(store: Store) -> Store:
    put(store, northmoor())
    return store


def put(store: Store, made: dict[str, pl.DataFrame]) -> None:
    for table, rows in made.items():
        (store.write if table in OBSERVED else store.replace)(table, rows)


def kept(table: str, *parts: pl.DataFrame) -> pl.DataFrame:
    """What a store must give back after it was given ``parts``."""
    return merge(table, *parts) if table in OBSERVED else parts[-1].sort(tables.keys(table))


def relationships(store: Store, edge: graph.Edge) -> list[tuple[object, ...]]:
    ends = (f"(a:{edge.from_label})-[r:`{edge.type}`]->(b:{edge.to_label})", *edge.identity)
    extra = "".join(f", r.`{name}` AS {name}" for name in ends[1:])
    found = store.query(
        f"MATCH {ends[0]} RETURN a.{graph.LABEL_KEYS[edge.from_label]} AS f, "
        f"b.{graph.LABEL_KEYS[edge.to_label]} AS t{extra}"
    )
    return sorted(found.rows())


def demanded(store: Store, edge: graph.Edge) -> list[tuple[object, ...]]:
    """The relationships that the tables ask for and whose ends both exist."""
    rows = store.read(edge.table)
    ends = edge.ends(graph.with_signal_id(rows) if edge.table == "sightings" else rows).select(edge.columns)
    for end, label in (("from_id", edge.from_label), ("to_id", edge.to_label)):
        if label != "Signal":
            table = next(table for table, (of, _) in graph.NODES.items() if of == label)
            ends = ends.filter(pl.col(end).is_in(store.read(table)[graph.LABEL_KEYS[label]].to_list()))
    return sorted(ends.rows())


def assert_graph_agrees_with_its_tables(store: Store) -> None:
    for edge in graph.EDGES:
        assert relationships(store, edge) == demanded(store, edge), edge.name


@pytest.mark.parametrize("table", graph.STORED)
def test_a_table_is_read_back_equal(engine, table: str) -> None:
    @settings(DRAW, max_examples=3)
    @given(frames(table))
    def check(rows: pl.DataFrame) -> None:
        with engine() as store:
            put(store, {table: rows})
            assert_frame_equal(store.read(table), kept(table, rows))
            assert store.counts()[table] == kept(table, rows).height
            assert tables.check(table, store.read(table)).bad.is_empty()

    check()


@pytest.mark.parametrize("table", graph.STORED)
def test_an_empty_table_has_its_columns(store: Store, table: str) -> None:
    assert_frame_equal(store.read(table), tables.empty(table))
    put(store, {table: tables.empty(table)})
    assert_frame_equal(store.read(table), tables.empty(table))


@pytest.mark.parametrize("table", OBSERVED)
def test_writing_twice_changes_nothing_and_order_does_not_matter(engine, table: str) -> None:
    @settings(DRAW, max_examples=3)
    @given(st.lists(frames(table, whole=True), min_size=2, max_size=2))
    def check(parts: list[pl.DataFrame]) -> None:
        for given_ in (parts, parts[::-1]):
            with engine() as store:
                written = sum((store.write(table, part) for part in given_), Written())
                assert_frame_equal(store.read(table), kept(table, *parts))
                assert written.new == store.read(table).height
                for part in parts:
                    assert store.write(table, part) == Written(unchanged=merge(table, part).height)

    check()


def test_relationships_follow_the_tables_through_any_writes(engine) -> None:
    steps = st.sampled_from(graph.STORED).flatmap(lambda table: st.tuples(st.just(table), frames(table)))

    @settings(DRAW, max_examples=6)
    @given(st.lists(steps, min_size=4, max_size=10))
    def check(drawn: list[tuple[str, pl.DataFrame]]) -> None:
        with engine() as store:
            for table, rows in drawn:
                put(store, {table: rows})
            assert_graph_agrees_with_its_tables(store)

    check()


def test_dangling_references_become_relationships_whichever_end_comes_first(engine) -> None:
    made = northmoor()
    for order in (list(made), list(reversed(made)), sorted(made)):
        with engine() as store:
            put(store, {table: made[table] for table in order})
            assert_graph_agrees_with_its_tables(store)
            assert all(relationships(store, e) for e in graph.EDGES if not demanded_nowhere(e))
            for table, rows in made.items():
                assert_frame_equal(store.read(table), kept(table, rows))


def demanded_nowhere(edge: graph.Edge) -> bool:
    return edge.name in ("contents.AIMED_AT.Target", "enforcements.ENFORCED_ON.Content")


def test_a_reference_that_changes_moves_its_relationship(town: Store) -> None:
    report = northmoor()["reports"].head(1)
    later = report.with_columns(account_id=pl.lit("reddit:reddit.com:t2_4"), observed_at=pl.lit(NOON))
    assert town.write("reports", later) == Written(changed=1)
    against = next(edge for edge in graph.EDGES if edge.type == "AGAINST")
    assert ("report:1", "reddit:reddit.com:t2_4") in relationships(town, against)
    assert_graph_agrees_with_its_tables(town)


def test_the_order_of_a_list_does_not_matter(store: Store) -> None:
    report = northmoor()["reports"].head(1)
    for ids in (["b", "a", "b"], ["a", "b"]):
        told = store.write("reports", report.with_columns(content_ids=pl.lit(ids, tables.TEXTS)))
        assert told == (Written(new=1) if "b" in ids[:1] else Written(unchanged=1))
        assert store.read("reports")["content_ids"].to_list() == [["a", "b"]]


def test_a_later_blank_hides_nothing(town: Store) -> None:
    account = northmoor()["accounts"].head(1)
    blank = account.with_columns(
        handle=pl.lit(None, pl.String), handle_at=pl.lit(None, tables.TIME), last_observed_at=NOON + timedelta(9)
    )
    assert town.write("accounts", blank) == Written(changed=1)
    read = town.read("accounts").filter(pl.col("account_id") == account["account_id"][0])
    assert read["handle"].to_list() == account["handle"].to_list()
    assert read["last_observed_at"].to_list() == [NOON + timedelta(9)]


def test_a_key_that_repeats_in_a_batch_is_one_row(store: Store) -> None:
    account = northmoor()["accounts"].head(1)
    assert store.write("accounts", pl.concat([account] * 3)) == Written(new=1)


def test_a_sighting_widens_whether_its_account_is_known_or_not(store: Store) -> None:
    made = northmoor()
    seen = made["sightings"].with_columns(first_seen=pl.lit(NOON), last_seen=pl.lit(NOON))
    for day in (1, 2):
        later = seen.with_columns(last_seen=pl.lit(NOON + timedelta(days=day)))
        expected = Written(new=3) if day == 1 else Written(changed=3)
        assert store.write("sightings", later) == expected
    store.write("accounts", made["accounts"])
    assert store.write("sightings", seen.with_columns(first_seen=pl.lit(NOON - timedelta(days=1)))) == Written(
        changed=3
    )
    read = store.read("sightings")
    assert read["first_seen"].unique().to_list() == [NOON - timedelta(days=1)]
    assert read["last_seen"].unique().to_list() == [NOON + timedelta(days=2)]
    assert_graph_agrees_with_its_tables(store)


@pytest.mark.parametrize("table", DERIVED)
def test_replacing_leaves_nothing_of_the_table_before(town: Store, table: str) -> None:
    others = {name: town.read(name) for name in graph.STORED if name != table}
    assert town.replace(table, tables.empty(table)) == 0
    assert town.read(table).is_empty()
    assert_graph_agrees_with_its_tables(town)
    again = northmoor()[table]
    assert town.replace(table, again) == again.height
    assert_frame_equal(town.read(table), kept(table, again))
    assert_graph_agrees_with_its_tables(town)
    # Once more, as each run does: the rows that stay are compared with those that come.
    assert town.replace(table, again) == again.height
    assert_frame_equal(town.read(table), kept(table, again))
    for name, rows in others.items():
        assert_frame_equal(town.read(name), rows)


def test_a_bad_table_changes_nothing(town: Store) -> None:
    before = {table: town.read(table) for table in graph.STORED}
    made = northmoor()
    with pytest.raises(RejectedTable, match="platform"):
        town.write("accounts", made["accounts"].with_columns(platform=pl.lit(None, pl.String)))
    with pytest.raises(RejectedTable, match="handle_at"):
        town.write("accounts", made["accounts"].drop("handle_at"))
    with pytest.raises(RejectedTable):
        town.replace("actors", pl.concat([made["actors"]] * 2))
    with pytest.raises(UsageError, match="actors"):
        town.write("actors", made["actors"])
    with pytest.raises(UsageError, match="accounts"):
        town.replace("accounts", made["accounts"])
    with pytest.raises(UsageError, match="candidates"):
        town.read("candidates")
    for table, rows in before.items():
        assert_frame_equal(town.read(table), rows)


def test_a_query_sees_what_was_written_since(town: Store) -> None:
    count = "MATCH (a:Account) WHERE a.platform = $platform RETURN count(*) AS n"
    assert town.query(count, {"platform": "reddit"}).item() == 2
    more = northmoor()["accounts"].tail(1).with_columns(account_id=pl.lit("reddit:reddit.com:t2_5"))
    town.write("accounts", more)
    assert town.query(count, {"platform": "reddit"}).item() == 3


def test_a_parameter_that_the_query_has_not_is_named(still_town: Store) -> None:
    with pytest.raises(UsageError, match="no parameter 'plat'; it has: platform"):
        still_town.query("MATCH (a:Account {platform: $platform}) RETURN a.url", {"platform": "x", "plat": "y"})
    with pytest.raises(UsageError, match="zone"):
        still_town.query("RETURN $at AS at", {"at": NOON.replace(tzinfo=None)})


def test_query_params_and_answers_keep_their_types(store: Store) -> None:
    summer = timezone(timedelta(hours=1))
    given_ = {"n": 3, "f": 0.5, "s": "o'x", "b": True, "t": datetime(2026, 5, 1, 13, tzinfo=summer), "l": ["a", "b"]}
    answer = store.query("RETURN $n AS n, $f AS f, $s AS s, $b AS b, $t AS t, $l AS l", given_)
    assert answer.schema["t"] == tables.TIME
    assert answer.rows(named=True) == [{**given_, "t": datetime(2026, 5, 1, 12, tzinfo=UTC)}]
    store.write("accounts", northmoor()["accounts"])
    assert store.query("MATCH (a:Account) RETURN a.handle_at AS at").schema == {"at": tables.TIME}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("MATCH (a:Account) RETRUN a", "can't be read"),
        ("MATCH (a:Acount) RETURN a.handle", "Acount"),
        ("MATCH (a:Account) WHERE a.account_id = $account_id RETURN a.handle", "account_id"),
        ("RETURN $x IS NULL AS nothing_given", "needs the parameter 'x'"),
        ("MATCH (a:Account) RETURN a", "properties"),
        ("MATCH (a:Account) RETURN a.handle; MATCH (a:Account) RETURN a.url", "one question"),
        ("  // nothing", "empty"),
        ("MATCH (t:Target) RETURN date(t.name) AS day", "failed while it ran|can't be read"),
    ],
)
def test_a_question_that_cannot_be_answered_says_why(still_town: Store, text: str, says: str) -> None:
    with pytest.raises(UsageError, match=says) as raised:
        still_town.query(text)
    assert "Ada" not in str(raised.value)
    assert still_town.query("MATCH (t:Target) RETURN t.name AS name").item() == "Ada Fenwick"


WRITES = [
    "CREATE (:Target {target_id: 'x'})",
    "MATCH (a:Account)SET a.handle = 'x'",
    "match (a:Account) set a.handle = 'x' return a.handle",
    "MATCH (a:Account) /* CREATE */ DETACH DELETE a",
    "MATCH (a:Account) REMOVE a.handle",
    "MERGE (a:Target {target_id: 'x'}) RETURN a.target_id",
    "DROP TABLE Account",
    "ALTER TABLE Account ADD x INT64",
    "COPY (MATCH (a:Account) RETURN a.handle) TO 'stolen.csv'",
    "LOAD FROM 'secret.csv' RETURN *",
    "MATCH (a:Account) WHERE 1 = 1LOAD FROM 'secret.csv' RETURN *",
    "CALL threads = 1",
    "INSTALL json",
    "EXPORT DATABASE 'x'",
    "ATTACH 'x' AS y (dbtype lbug)",
    "MATCH (a:Account) RETURN 'it\\'s' AS x; DROP TABLE Account",
    "RETURN 1 AS x //\nUNION MATCH (a:Account) DELETE a",
    "\\u0043REATE (:Target {target_id: 'x'})",
    "COMMIT",
    "USE other MATCH (a) RETURN a.x",
]


@pytest.mark.parametrize("text", WRITES)
def test_a_query_that_would_write_is_refused(still_town: Store, text: str) -> None:
    before = still_town.counts()
    with pytest.raises(UsageError):
        still_town.query(text)
    assert still_town.counts() == before


def test_the_engine_itself_refuses_to_write_in_a_query(town: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(question, "refuse_writing", lambda text: None)
    before = {table: town.read(table) for table in graph.STORED}
    for text in WRITES[:8]:
        with pytest.raises(UsageError):
            town.query(text)
    for table, rows in before.items():
        assert_frame_equal(town.read(table), rows)


def test_words_of_writing_may_stand_in_strings_comments_and_names(still_town: Store) -> None:
    text = "MATCH (a:Account) // CREATE\nWHERE a.handle <> 'DELETE it' /* SET; */ RETURN count(*) AS `drop`"
    assert still_town.query(text).columns == ["drop"]


def test_named_queries_find_nothing_in_an_empty_store(store: Store) -> None:
    for each in cypher.all_named("analyst"):
        needed = {param.name: SAMPLE[param.name] for param in each.params if param.default is None}
        answer = cypher.answer(store, each, needed)
        assert answer.is_empty(), each.name
        assert answer.schema == {column.name: cypher.RETURNED[column.type] for column in each.returns}


def test_a_store_says_which_it_is(store: Store) -> None:
    said = store.about()
    assert said["engine"].startswith(("Ladybug ", "Neo4j "))
    assert len(said) > 1
    assert "://" in store.url


def test_counts_name_every_stored_table(still_town: Store) -> None:
    assert still_town.counts() == {table: rows.height for table, rows in northmoor().items()}


def test_frames_of_tests_keep_their_contracts() -> None:
    for table, rows in northmoor().items():
        assert tables.check(table, rows).bad.is_empty(), table
    assert frame("targets", {"target_id": "x", "derivations": ["mention"]}).height == 1
