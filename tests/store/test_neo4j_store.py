"""What only a Neo4j server does: what it refuses at the door, its schema, its deaths, and several writers at once."""

from __future__ import annotations

import logging
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier

import polars as pl
import pytest
from neo4j_server import Server, wipe
from polars.testing import assert_frame_equal
from private_neo4j import PrivateNeo4j
from store_rows import NOON, northmoor
from store_writers import assert_whole_batches, killed_after, line, start

from graphmatch import tables
from graphmatch.errors import StoreError, UnreadableQuery, UsageError
from graphmatch.store import Login, Store, Written, cypher, graph, neo4j_schema, neo4j_server, open_store
from graphmatch.tables import OBSERVED


@pytest.fixture(name="empty")
def _empty(empty_neo4j: Server) -> Server:
    return empty_neo4j


@pytest.fixture(name="raw")
def _raw(empty: Server) -> Iterator[Callable[..., list[list[object]]]]:
    """Cypher past the store."""
    with empty.driver() as driver:

        def ask(statement: str, **params: object) -> list[list[object]]:
            with driver.session(database=empty.database) as session:
                return session.run(statement, params).values()

        yield ask


def opened(server: Server, **options: object) -> Store:
    return open_store(server.uri, login=server.login, **options)


def put(store: Store, made: dict[str, pl.DataFrame]) -> None:
    for table, rows in made.items():
        (store.write if table in OBSERVED else store.replace)(table, rows)


def closed_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return int(held.getsockname()[1])


# at the door


@pytest.mark.parametrize("scheme", ["bolt", "neo4j", "bolt+s", "neo4j+ssc"])
def test_nothing_that_listens(scheme: str) -> None:
    port = closed_port()
    with pytest.raises(StoreError, match=f"nothing answers at 127.0.0.1:{port}; start"):
        open_store(f"{scheme}://127.0.0.1:{port}", login=Login(password="x"))


def test_a_host_that_has_no_name() -> None:
    with pytest.raises(StoreError, match=r"the name in nowhere\.invalid:7687 can't be found"):
        open_store("neo4j://nowhere.invalid:7687", login=Login(password="x"))


@pytest.mark.parametrize("scheme", ["bolt", "neo4j"])
@pytest.mark.parametrize(
    ("login", "says"),
    [
        ({"password": "Tr0mbone-wrong"}, "refuses this user and password; set NEO4J_USERNAME"),
        ({"password": None}, "wants a password; set NEO4J_PASSWORD"),
        ({"username": "nobody"}, "refuses this user and password"),
        ({"database": "nope"}, "no such database|has no database 'nope'"),
        ({"database": "system"}, "the database 'system' at .* takes no graph"),
    ],
)
def test_a_login_that_is_refused(empty: Server, scheme: str, login: dict[str, str], says: str) -> None:
    given = {"username": empty.username, "password": empty.password, "database": empty.database, **login}
    with pytest.raises(StoreError, match=says) as raised:
        open_store(f"{scheme}{empty.uri[empty.uri.index('://') :]}", login=Login(**given))
    assert "Tr0mbone" not in str(raised.value)
    assert raised.value.__cause__ is None


@pytest.mark.parametrize("scheme", ["bolt+s", "neo4j+s", "neo4j+ssc"])
def test_a_server_without_tls_that_is_asked_for_it(empty: Server, scheme: str) -> None:
    with pytest.raises(StoreError, match="do not agree on encryption: the server speaks without TLS"):
        open_store(f"{scheme}{empty.uri[empty.uri.index('://') :]}", login=empty.login)


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "answers in HTTP, which is Neo4j Browser's"),
        (b"SSH-2.0-OpenSSH_9\r\n", "is not a Neo4j server|hung up"),
        (b"", "hung up: it may want TLS"),
    ],
)
def test_another_program_on_the_port(answer: bytes, says: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            while True:
                try:
                    caller, _ = listening.accept()
                except OSError:
                    return
                with caller:
                    caller.recv(64)
                    caller.sendall(answer)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        with pytest.raises(StoreError, match=says):
            open_store(f"bolt://127.0.0.1:{listening.getsockname()[1]}", login=Login(password="x"))
        listening.shutdown(socket.SHUT_RDWR)
    thread.join()


@pytest.mark.parametrize("scheme", ["bolt", "neo4j"])
def test_a_program_that_takes_the_call_and_says_nothing(scheme: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(neo4j_server, "ANSWER_SECONDS", 0.5)
    with (
        socket.create_server(("127.0.0.1", 0)) as listening,
        pytest.raises(StoreError, match="takes the connection and says nothing: it hangs, or does not speak Bolt"),
    ):
        open_store(f"{scheme}://127.0.0.1:{listening.getsockname()[1]}", login=Login(password="x"))


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("neo4j://ada:Tr0mbone@north.example:7687", "holds no login"),
        ("neo4j://north.example:7687/graph", "NEO4J_DATABASE"),
        ("neo4j://north.example:bolt", "the port in the store's URL is none"),
        ("neo4j://north.example:99999", "the port in the store's URL is none"),
        ("neo4j://:7687", "no host"),
        ("neo4j+tls://north.example", "neo4j\\+s://"),
    ],
)
def test_a_url_that_cannot_be_read(url: str, says: str) -> None:
    with pytest.raises(UsageError, match=says) as raised:
        open_store(url, login=Login(password="x"))
    assert "Tr0mbone" not in str(raised.value)


def test_a_server_that_is_too_old(empty: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(neo4j_server, "OLDEST", (9999, 0))
    with pytest.raises(StoreError, match=r"runs Neo4j/\d+\.\d+.*; graphmatch needs Neo4j 5.26 or later: upgrade"):
        opened(empty)


def test_the_password_shows_nowhere(empty: Server, caplog: pytest.LogCaptureFixture) -> None:
    assert empty.password
    caplog.set_level(logging.DEBUG)
    with opened(empty) as store:
        store.write("accounts", northmoor()["accounts"])
        assert empty.password not in repr((store, vars(store), empty.login))
    assert caplog.records
    assert empty.password not in caplog.text


# schema


def test_the_schema_is_made_once(empty: Server, raw: Callable[..., list[list[object]]]) -> None:
    opened(empty).close()
    unique = {(labels[0], keys[0]) for labels, keys in raw("SHOW CONSTRAINTS YIELD labelsOrTypes, properties")}
    assert unique == {*graph.LABEL_KEYS.items(), ("Meta", "name")}
    states = raw("SHOW INDEXES YIELD state RETURN DISTINCT state")
    assert states == [["ONLINE"]]
    before = raw("SHOW INDEXES YIELD id RETURN id ORDER BY id")
    opened(empty).close()
    assert raw("SHOW INDEXES YIELD id RETURN id ORDER BY id") == before
    assert raw("MATCH (m:Meta) RETURN m.name, m.version") == [["schema", max(neo4j_schema.migrations())]]


def test_accounts_are_found_by_their_words(empty: Server, raw: Callable[..., list[list[object]]]) -> None:
    with opened(empty) as store:
        store.write(
            "accounts", northmoor()["accounts"].with_columns(bio=pl.lit("Nothing but trombones"), bio_at="handle_at")
        )
    raw("CALL db.awaitIndexes(60)")
    search = "CALL db.index.fulltext.queryNodes('graphmatch_account_text', $text) YIELD node RETURN count(node)"
    assert raw(search, text="trombone*") == [[4]]
    assert raw(search, text="grim_2") == [[1]]


def test_an_older_schema_is_brought_forward(empty: Server, raw: Callable[..., list[list[object]]]) -> None:
    with opened(empty) as store:
        put(store, northmoor())
    raw("DROP CONSTRAINT graphmatch_account")
    raw("MATCH (m:Meta {name: 'schema'}) SET m.version = 0")
    raw("MATCH (t:Target) SET t.derivation = 'mention' REMOVE t.derivations")  # as schema 1 had it
    raw("MATCH ()-[r:MATCHES]->() REMOVE r.letter_runs_bits, r.timing_bits, r.hours_bits")  # and schema 2 these
    with pytest.raises(StoreError, match="older schema 0; bring it forward: graphmatch store prepare"):
        opened(empty, read_only=True)
    with opened(empty) as store:
        assert_frame_equal(store.read("accounts"), northmoor()["accounts"].sort("account_id"))
        assert store.read("targets")["derivations"].to_list() == [["mention"]]
        added = store.read("matches").select("letter_runs_bits", "timing_bits", "hours_bits")
        assert added.height
        assert set(added.unique().row(0)) == {0.0}
    assert raw("SHOW CONSTRAINTS YIELD name WHERE name = 'graphmatch_account' RETURN count(*)") == [[1]]
    assert raw("MATCH (m:Meta {name: 'schema'}) RETURN m.version") == [[max(neo4j_schema.migrations())]]


def test_each_migration_is_done_once_and_in_order(
    empty: Server, raw: Callable[..., list[list[object]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    opened(empty).close()
    shipped = neo4j_schema.migrations()
    raw("CREATE (:Target {target_id: 'steps', name: ''})")
    newest = max(shipped)
    step = "MATCH (t:Target {{target_id: 'steps'}}) SET t.name = t.name + '{}'"
    later = {newest + 2: [step.format("b")], newest + 1: [step.format("a")]}
    monkeypatch.setattr(neo4j_schema, "migrations", lambda: {**later, **shipped})
    opened(empty).close()
    opened(empty).close()
    assert raw("MATCH (t:Target {target_id: 'steps'}) RETURN t.name") == [["ab"]]
    monkeypatch.undo()
    with pytest.raises(StoreError, match=rf"newer graphmatch \(schema {newest + 2}, this one knows {newest}\)"):
        opened(empty)


def test_many_may_be_the_first_at_once(empty: Server) -> None:
    for _ in range(2):
        wipe(empty)
        together = Barrier(4)

        def first(together: Barrier = together) -> None:
            together.wait()
            opened(empty).close()

        with ThreadPoolExecutor(4) as pool:
            for done in [pool.submit(first) for _ in range(4)]:
                done.result()


def test_somebody_elses_graph_is_left_alone(empty: Server, raw: Callable[..., list[list[object]]]) -> None:
    raw("CREATE (:Cat {name: 'Tom'})-[:CHASES]->(:Mouse {name: 'Jerry'})")
    with pytest.raises(StoreError, match=r"somebody else's graph; .*--beside-others"):
        opened(empty)
    with pytest.raises(StoreError, match="no graphmatch graph"):
        opened(empty, read_only=True)
    assert raw("MATCH (n) RETURN count(n)") == [[2]]
    assert raw("SHOW CONSTRAINTS YIELD name RETURN count(*)") == [[0]]
    with opened(empty, beside_others=True) as store:
        put(store, northmoor())
    with opened(empty) as store:
        assert store.counts() == {table: rows.height for table, rows in northmoor().items()}
    assert raw("MATCH (:Cat)-[:CHASES]->(m:Mouse) RETURN m.name") == [["Jerry"]]


def test_somebody_elses_accounts_are_never_taken_for_ours(
    empty: Server, raw: Callable[..., list[list[object]]]
) -> None:
    raw("CREATE (:Account {iban: 'none'})")
    for beside_others in (False, True):
        with pytest.raises(StoreError, match="nodes labelled Account that graphmatch did not make"):
            opened(empty, beside_others=beside_others)


def test_what_stands_where_the_schema_should_is_told(empty: Server, raw: Callable[..., list[list[object]]]) -> None:
    raw("CREATE (:Meta {name: 'schema', version: '1.2.0'})")
    with pytest.raises(StoreError, match=r"holds no version of graphmatch's: it was changed"):
        opened(empty)
    wipe(empty)
    raw("CREATE INDEX theirs FOR (a:Account) ON (a.account_id)")
    with pytest.raises(StoreError, match="an index or a constraint of somebody else's"):
        opened(empty)


def test_a_graph_takes_digests_of_one_key_only(empty: Server) -> None:
    opened(empty, key_digest="one").close()
    opened(empty, key_digest="one").close()
    opened(empty, key_digest="other", read_only=True).close()
    with pytest.raises(StoreError, match="belongs to a workspace with another key"):
        opened(empty, key_digest="other")


def test_a_graph_that_is_removed_meanwhile_is_not_begun_again(empty: Server) -> None:
    with opened(empty) as store:
        wipe(empty)
        with pytest.raises(StoreError, match="changed by another program meanwhile"):
            store.write("accounts", northmoor()["accounts"])


# questions


def test_a_query_is_told_of_its_spelling(empty: Server) -> None:
    with opened(empty) as store:
        # Known words that the database has not met yet are no mistakes.
        assert store.query("MATCH (m:Migration)-[:OF]->(a:Actor) RETURN m.kind AS kind, a.standing AS s").is_empty()
        for text, word in (
            ("MATCH (a:Acount) RETURN a.handle", "label 'Acount'"),
            ("MATCH (a:Account)-[:SHOWN]->() RETURN a.handle", "relationship type 'SHOWN'"),
            ("MATCH (a:Account) RETURN a.handel", "property 'handel'"),
        ):
            with pytest.raises(UsageError, match=word) as raised:
                store.query(f"// Which?\n{text}")
            assert isinstance(raised.value, UnreadableQuery)
            assert raised.value.line == 2


def test_an_interrupted_question_ends_at_once_and_on_the_server_too(
    empty: Server, raw: Callable[..., list[list[object]]]
) -> None:
    running = "SHOW TRANSACTIONS YIELD currentQuery WHERE currentQuery STARTS WITH 'UNWIND range(1, 4' RETURN count(*)"

    def wait_for(number: int) -> None:
        until = time.monotonic() + 30
        while raw(running) != [[number]]:
            assert time.monotonic() < until

    with opened(empty):  # makes the schema
        pass
    with start("ASK", empty) as asking:
        try:
            assert line(asking) == "asks"
            wait_for(1)
            asking.send_signal(signal.SIGINT)
            assert asking.wait(15) != 0
        finally:
            asking.kill()
    wait_for(0)


def test_answers_that_no_frame_can_hold_are_refused(empty: Server) -> None:
    with opened(empty) as store:
        put(store, northmoor())
        for text in ("MATCH (a:Account) RETURN a", "MATCH p = (:Account)-[:SHOWS]->() RETURN p", "RETURN {a: 1} AS m"):
            with pytest.raises(UsageError, match="return properties"):
                store.query(text)
        with pytest.raises(UsageError, match="mixes types"):
            store.query("UNWIND [1, 'a'] AS x RETURN x")
        assert store.query("UNWIND [1, 2.5, null] AS x RETURN x")["x"].to_list() == [1.0, 2.5, None]


# writers


def test_a_second_of_two_writers_sees_what_the_first_wrote(empty: Server) -> None:
    """Each account waits at one and its reports at the other: whoever commits first, the relationship is made."""
    with start("OVERLAP", empty, "0") as one, start("OVERLAP", empty, "1") as two:
        said = [line(one), line(two)]
        one.communicate("go\n")
        two.communicate("go\n")
    assert said == ["ready", "ready"]
    assert one.returncode == two.returncode == 0
    with opened(empty) as store:
        assert store.counts()["accounts"] == 60
        assert store.counts()["reports"] == 60
        assert store.query("MATCH (r:Report)-[e:AGAINST]->(a:Account) RETURN count(e) AS n").item() == 60
        assert store.query("MATCH (w:Waiting) RETURN count(w) AS n").item() == 0
        seen = store.read("sightings")
        assert seen.height == 60
        # One writer saw each a day earlier, the other a day later: neither takes back what the other said.
        assert set(seen["first_seen"]) == {NOON - timedelta(days=1)}
        assert set(seen["last_seen"]) == {NOON + timedelta(days=1)}


# deaths


@pytest.mark.parametrize("acknowledged", [1, 4, 7])
def test_a_killed_writer_loses_no_acknowledged_batch_leaves_no_half_one_and_holds_up_nobody(
    empty: Server, acknowledged: int
) -> None:
    with start("BATCHES", empty) as writer:
        said = killed_after(writer, acknowledged)
    with opened(empty) as store:
        assert store.write("targets", northmoor()["targets"]) == Written(new=1)
        assert_whole_batches(store, said)


def test_a_killed_server_keeps_every_acknowledged_batch_and_the_writer_goes_on(
    private_neo4j: Callable[..., PrivateNeo4j], tmp_path: Path
) -> None:
    server = private_neo4j()
    login = Login(server.username, server.password)
    with start("BATCHES", Server(server.uri, server.username, server.password, None, "private"), "15") as writer:
        said = [line(writer) for _ in range(4)]
        server.stop(kill=True)
        server.start()
        rest, _ = writer.communicate()
    assert writer.returncode == 0, rest
    said += rest.split()
    assert len(said) == 30  # each of the two tables' fifteen batches, acknowledged
    with open_store(server.uri, login=login) as store:
        assert store.counts()["accounts"] == store.counts()["sightings"] == 15 * 50
        assert_whole_batches(store, said)


def test_a_server_that_stays_away_or_is_full_is_said_to_be(
    private_neo4j: Callable[..., PrivateNeo4j], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(neo4j_server, "PATIENCE_SECONDS", 2.0)
    server = private_neo4j()
    made = northmoor()
    with open_store(server.uri, login=Login(server.username, server.password)) as store:
        assert store.write("accounts", made["accounts"]) == Written(new=4)
        server.limit_file_size(0)
        with pytest.raises(StoreError, match=r"its disk may be full; .* restart the server"):
            store.write("contents", made["contents"])
        server.stop(kill=True)
        with pytest.raises(StoreError, match="stopped answering; what was written before is safe"):
            store.write("reports", made["reports"])
    server.start()
    with open_store(server.uri, login=Login(server.username, server.password)) as store:
        put(store, made)
        for table, rows in made.items():
            if table != "contents":
                assert_frame_equal(store.read(table), rows.sort(tables.keys(table)))


def test_a_read_only_database_is_said_to_be_one(private_neo4j: Callable[..., PrivateNeo4j]) -> None:
    server = private_neo4j()  # makes the database, which a read-only one can't be
    server.stop()
    server.settings["server.databases.read_only"] = "neo4j"
    server.start()
    with pytest.raises(StoreError, match="is read-only; connect to one that is not"):
        open_store(server.uri, login=Login(server.username, server.password))


def test_every_statement_of_the_schema_can_be_done_twice() -> None:
    for statements in neo4j_schema.migrations().values():
        # What brings old rows forward takes away what it looks for, or gives what it looks for the lack of.
        mending = (("IS NOT NULL", "REMOVE"), ("IS NULL", "SET"))
        for each in statements:
            assert "IF NOT EXISTS" in each or any(looked in each and done in each for looked, done in mending), each
    assert sorted(neo4j_schema.migrations()) == list(range(1, len(neo4j_schema.migrations()) + 1))
    assert {query.name for query in cypher.all_named("schema")} >= {"embedded", "neo4j_001"}
