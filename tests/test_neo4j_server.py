"""Servers for tests: the order in which they are looked for, whose database may be emptied, and what a kill leaves."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import neo4j_jars
import private_neo4j as private
import pytest
from neo4j.exceptions import Neo4jError
from neo4j_jars import Unavailable
from neo4j_server import (
    CLAIM,
    IMAGE,
    REQUIRE,
    Refused,
    Server,
    by_docker,
    by_uri,
    claim,
    find,
    take_from,
    wipe,
)

TESTS = Path(__file__).parent
NOWHERE = "bolt://127.0.0.1:1"


# --- which server ---


@contextmanager
def there(_home: Path) -> Iterator[Server]:
    yield Server(NOWHERE, "neo4j", "invented", None, "an invented one")


@contextmanager
def not_there(_home: Path) -> Iterator[Server]:
    raise Unavailable("no engine answers")
    yield


def never(_home: Path):
    raise AssertionError("a later way was tried")


def test_the_first_way_that_works_is_taken(tmp_path: Path) -> None:
    with find({}, tmp_path, (there, never)) as server:
        assert server.how == "an invented one"
    with find({}, tmp_path, (not_there, there, never)) as server:
        assert server.how == "an invented one"


def test_without_any_way_each_says_why(tmp_path: Path) -> None:
    with (
        pytest.raises(Unavailable, match="NEO4J_URI is not set; no engine answers; no engine answers"),
        find({}, tmp_path, (not_there, not_there)),
    ):
        pass


@pytest.mark.parametrize("uri", [NOWHERE, "neo4j://neo4j:invented@127.0.0.1:1", "ftp://127.0.0.1:1"])
def test_a_server_that_is_asked_for_and_not_there_is_not_replaced(uri: str, tmp_path: Path) -> None:
    asked = {"NEO4J_URI": uri, "NEO4J_PASSWORD": "invented"}
    with pytest.raises(Refused, match="NEO4J_URI") as refused, find(asked, tmp_path, (never,)):
        pass
    assert "invented" not in str(refused.value)


def test_no_test_meets_a_users_server() -> None:
    environment = {"NEO4J_URI": NOWHERE, "NEO4J_PASSWORD": "invented", "GRAPHMATCH_STORE": NOWHERE, "PATH": "/bin"}
    taken = take_from(environment)
    assert environment == {"PATH": "/bin"}
    assert set(taken) == {"NEO4J_URI", "NEO4J_PASSWORD", "GRAPHMATCH_STORE"}
    assert not [name for name in os.environ if name.startswith("NEO4J_")]
    assert "invented" not in repr(Server(NOWHERE, "neo4j", "invented", None, "one"))


# --- whose database ---


@pytest.fixture(name="unclaimed")
def _unclaimed(neo4j_server: Server) -> Iterator[Server]:
    """Make the session's server look like one that no test run has used."""
    claimed = bool(_indexes(neo4j_server))
    wipe(neo4j_server, claims_too=True)
    yield neo4j_server
    wipe(neo4j_server, claims_too=True)
    if claimed:
        claim(neo4j_server)


def _asked(server: Server) -> dict[str, str]:
    asked = {"NEO4J_URI": server.uri, "NEO4J_USERNAME": server.username, "NEO4J_PASSWORD": server.password}
    return asked | ({"NEO4J_DATABASE": server.database} if server.database else {})


def _run(server: Server, cypher: str) -> list[list[object]]:
    with server.driver() as driver, driver.session(database=server.database) as session:
        return session.run(cypher).values()


def _indexes(server: Server) -> list[str]:
    return [str(name) for (name,) in _run(server, "SHOW INDEXES YIELD name, type WHERE type <> 'LOOKUP' RETURN name")]


@pytest.mark.parametrize(
    "made",
    [
        "CREATE (:Person {name: 'Grimwald Ash'})",
        "CREATE CONSTRAINT one FOR (n:Person) REQUIRE n.name IS UNIQUE",
        "CREATE INDEX one FOR (n:Person) ON (n.name)",
    ],
)
def test_somebodys_database_is_not_emptied(made: str, unclaimed: Server) -> None:
    _run(unclaimed, made)
    with pytest.raises(Refused, match="tests empty their database"), by_uri(_asked(unclaimed)):
        pass
    assert _run(unclaimed, "MATCH (n) RETURN n") or _indexes(unclaimed) == ["one"]


def test_an_old_claim_does_not_hold(unclaimed: Server) -> None:
    _run(unclaimed, "CREATE INDEX graphmatch_tests_may_empty_this_database_20200101000000 FOR (n:Person) ON (n.name)")
    with by_uri(_asked(unclaimed)):  # nothing is there, so nobody loses anything
        pass
    _run(unclaimed, "CREATE INDEX graphmatch_tests_may_empty_this_database_20200101000000 FOR (n:Person) ON (n.name)")
    _run(unclaimed, "CREATE (:Person)")
    with pytest.raises(Refused, match="holds data"), by_uri(_asked(unclaimed)):
        pass
    assert _run(unclaimed, "MATCH (n) RETURN count(n)") == [[1]]


def test_what_a_killed_run_left_is_emptied_and_nothing_stays_behind(unclaimed: Server) -> None:
    claim(unclaimed)
    _run(unclaimed, "CREATE (:Account)")
    with by_uri(_asked(unclaimed)) as server:
        assert _run(server, "MATCH (n) RETURN count(n)") == [[0]]
        wipe(server)
        assert [bool(CLAIM.fullmatch(name)) for name in _indexes(server)] in ([True], [True, True])
        _run(server, "CREATE (:Account)")
    assert _run(unclaimed, "MATCH (n) RETURN count(n)") == [[0]]
    assert _indexes(unclaimed) == []


def test_a_wrong_password_is_refused_and_not_shown(neo4j_server: Server) -> None:
    asked = {**_asked(neo4j_server), "NEO4J_PASSWORD": "invented-and-wrong"}
    with pytest.raises(Refused, match="can't be had") as refused, by_uri(asked):
        pass
    assert "invented-and-wrong" not in str(refused.value)


def test_wipe_takes_nodes_relationships_constraints_and_indexes(empty_neo4j: Server) -> None:
    _run(empty_neo4j, "CREATE CONSTRAINT one FOR (n:Account) REQUIRE n.account_id IS UNIQUE")
    _run(empty_neo4j, "CREATE FULLTEXT INDEX `two ``of them` FOR (n:Account) ON EACH [n.bio]")
    _run(empty_neo4j, "UNWIND range(1, 12000) AS i CREATE (:Account {account_id: i})-[:SHOWS]->(:Signal)")
    wipe(empty_neo4j, schema=False)
    assert _run(empty_neo4j, "MATCH (n) RETURN count(n)") == [[0]]
    assert {"one", "two `of them"} <= set(_indexes(empty_neo4j))
    wipe(empty_neo4j)
    assert all(CLAIM.fullmatch(name) for name in _indexes(empty_neo4j))
    assert _run(empty_neo4j, "SHOW CONSTRAINTS YIELD name RETURN name") == []


# --- a private server ---


def test_a_server_killed_on_a_full_disk_comes_back_with_what_was_committed(private_neo4j) -> None:
    server = private_neo4j(password='-#odd "pass" \\word')
    driver = Server(server.uri, server.username, server.password, None, "private").driver
    committed = 0
    server.limit_file_size(1 << 20)
    with driver() as graph, suppress(Neo4jError):
        while committed < 100_000:
            graph.execute_query("UNWIND range(1, 1000) AS i CREATE (:Account {bio: 'and so it goes on ' + i})")
            committed += 1000
    server.stop(kill=True)
    assert not server.running
    with pytest.raises(OSError, match="refused"):
        private.socket.create_connection((private.HOST, server.port), timeout=1)

    server.start()
    with driver() as graph:
        assert graph.execute_query("MATCH (a:Account) RETURN count(a)").records[0][0] == committed
    assert 0 < committed < 100_000


def test_a_server_ends_with_the_process_that_started_it() -> None:
    if not private._tether():
        pytest.skip("no setpriv here (util-linux)")
    starts = "import private_neo4j as p, subprocess as s; s.run([*p._tether(), 'sh', '-c', 'echo up; exec sleep 30'])"
    with subprocess.Popen([sys.executable, "-c", starts], stdout=subprocess.PIPE, cwd=TESTS) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"up\n"
        parent.kill()
        parent.communicate(timeout=10)  # the pipe ends with the last that holds it


@pytest.fixture(name="commands")
def _commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Put invented commands on an otherwise bare PATH, and an empty cache."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("JAVA_HOME", raising=False)

    def command(path: str, script: str) -> Path:
        made = folder / path
        made.parent.mkdir(parents=True, exist_ok=True)
        made.write_text(f"#!/bin/sh\nPATH=/usr/bin:/bin\n{script}\n")
        made.chmod(0o755)
        return made

    return command


JAVA = """echo 'openjdk version "{}.0.1" 2025-01-01' >&2"""
#: Stands in for Maven: counts its calls, then lays a jar where it was told to.
MAVEN = """
echo called >> "$0.calls"
for word; do case $word in -Dlib=*) lib=${word#-Dlib=} ;; esac; done
mkdir -p "$lib" && touch "$lib/neo4j-kernel-5.jar"
"""


def test_java_is_found_by_java_home_then_path(commands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Unavailable, match=r"no Java 17 or 21 \(neither in JAVA_HOME nor on PATH\)"):
        neo4j_jars.java()
    commands("java", JAVA.format(25))
    with pytest.raises(Unavailable, match="the one of PATH is version 25"):
        neo4j_jars.java()
    home = commands("home/bin/java", JAVA.format(21))
    monkeypatch.setenv("JAVA_HOME", str(home.parents[1]))
    assert neo4j_jars.java() == home
    commands("java", JAVA.format(17))
    assert neo4j_jars.java() == home


def test_jars_are_fetched_once_by_whoever_comes_first(commands, tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="no Maven"):
        neo4j_jars.jars()
    maven = commands("mvn", MAVEN)
    with ThreadPoolExecutor(4) as pool:
        places = set(pool.map(lambda _: neo4j_jars.jars(), range(4)))
    assert Path(f"{maven}.calls").read_text() == "called\n"
    assert places == {tmp_path / "cache" / "graphmatch" / "neo4j" / neo4j_jars.VERSION}
    assert {path.name for path in places.pop().parent.iterdir()} == {neo4j_jars.VERSION, ".lock"}


@pytest.mark.parametrize(
    ("script", "why"),
    [
        ("echo '[ERROR] no route to https://me:invented@jars.example/x'; exit 1", "no route to https://jars.example/x"),
        ("exit 3", "exit code 3"),
        ("exit 0", "exit code 0"),
    ],
)
def test_a_maven_that_fails_leaves_nothing(script: str, why: str, commands, tmp_path: Path) -> None:
    commands("mvn", script)
    with pytest.raises(Unavailable, match="Maven could not fetch") as error:
        neo4j_jars.jars()
    assert why in str(error.value)
    assert [path.name for path in (tmp_path / "cache").rglob("*") if path.is_file()] == [".lock"]


def test_a_server_that_ends_at_its_start_says_so(commands, tmp_path: Path) -> None:
    commands("mvn", MAVEN)
    commands("java", JAVA.format(17) + "; case $* in *CommunityEntryPoint*) echo broken here; exit 3;; esac")
    with pytest.raises(private.StartFailed, match=r"exit code 3:\n(.*\n)?broken here"):
        private.PrivateNeo4j(tmp_path / "home").start()
    with private.socket.create_server((private.HOST, 0)) as other, pytest.raises(private.StartFailed, match="taken"):
        private.PrivateNeo4j(tmp_path / "home", port=other.getsockname()[1]).start()


def test_a_password_is_in_no_command_line_and_in_no_error(commands, tmp_path: Path) -> None:
    commands("mvn", MAVEN)
    java = commands(
        "java", 'echo "$@" >> "$0.calls"; case $* in *CommunityEntryPoint*) exit 3;; esac; ' + JAVA.format(17)
    )
    with pytest.raises(private.StartFailed) as failed:
        private.PrivateNeo4j(tmp_path / "home", password="invented-password").start()
    assert "set-initial-password -- @" in Path(f"{java}.calls").read_text()
    assert "invented-password" not in Path(f"{java}.calls").read_text() + str(failed.value)
    assert not (tmp_path / "home" / "password").exists()
    commands("java", "case $* in *AdminTool*) echo too short >&2; exit 1;; esac; " + JAVA.format(17))
    with pytest.raises(private.StartFailed, match="refuses the password: too short"):
        private.PrivateNeo4j(tmp_path / "other", password="short").start()


@pytest.mark.parametrize(("password", "said"), [("", "set NEO4J_PASSWORD"), ("invented-password", "no Java 17 or 21")])
def test_make_neo4j_says_what_it_lacks(password: str, said: str, tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, TESTS / "private_neo4j.py", "run", "--home", tmp_path / "home"],
        env={"PATH": str(tmp_path), "HOME": str(tmp_path), "NEO4J_PASSWORD": password},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 1
    assert said in run.stderr
    assert "Traceback" not in run.stderr
    assert "invented-password" not in run.stderr + run.stdout


# --- Docker ---


class Engine(BaseHTTPRequestHandler):
    """A Docker engine that has no image and reaches no registry."""

    def do_GET(self) -> None:
        if self.path.endswith("/version"):
            self._answer(200, '{"ApiVersion": "1.44", "Version": "1"}')
        else:
            self._answer(404, '{"message": "no such image"}')

    def do_POST(self) -> None:
        self._answer(500, '{"message": "registry unreachable"}')

    def _answer(self, status: int, body: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, format: str, *args: object) -> None:
        pass


def test_without_a_docker_engine_the_next_way_is_tried(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("testcontainers")
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/no.sock")
    with pytest.raises(Unavailable, match="no Docker engine answers"), by_docker(tmp_path):
        pass


def test_an_image_that_cannot_be_pulled_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("testcontainers")
    with HTTPServer(("127.0.0.1", 0), Engine) as engine:
        serving = threading.Thread(target=engine.serve_forever)
        serving.start()
        try:
            monkeypatch.setenv("DOCKER_HOST", f"tcp://127.0.0.1:{engine.server_port}")
            with (
                pytest.raises(Unavailable, match=f"Docker can't run {IMAGE}: .*registry unreachable"),
                by_docker(tmp_path),
            ):
                pass
        finally:
            engine.shutdown()
            serving.join()


# --- skipped, failed, ended ---


@pytest.mark.parametrize(
    ("settings", "code", "said"),
    [
        ({}, 0, "2 skipped"),
        ({REQUIRE: "1"}, 1, "2 errors"),
        ({"NEO4J_URI": NOWHERE}, 4, "the server that NEO4J_URI names can't be had"),
    ],
    ids=["skipped", "required", "refused"],
)
def test_without_a_server_tests_are_skipped_unless_one_is_required(
    settings: dict[str, str], code: int, said: str, tmp_path: Path
) -> None:
    (tmp_path / "test_two.py").write_text(
        "import os\n"
        "def test_hidden(): assert not {'NEO4J_PASSWORD', 'GRAPHMATCH_STORE'} & set(os.environ)\n"
        "def test_server(neo4j_server): pass\n"
        "def test_private(private_neo4j): pass\n"
    )
    bare = {"PATH": str(tmp_path), "HOME": str(tmp_path), "PYTHONPATH": str(TESTS), "DOCKER_HOST": "unix:///no.sock"}
    bare |= {"NEO4J_PASSWORD": "invented", "GRAPHMATCH_STORE": NOWHERE}
    command = [sys.executable, "-m", "pytest", "-ra", "-p", "conftest", "-p", "no:randomly", "-p", "no:cacheprovider"]
    run = subprocess.run(
        [*command, f"--rootdir={tmp_path}", tmp_path / "test_two.py"],
        env=bare | settings,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == code, run.stdout + run.stderr
    assert said in run.stdout + run.stderr
    assert "1 passed" in run.stdout or code == 4
    if code != 4:
        assert "NEO4J_URI is not set; no Docker engine answers; no Java 17 or 21" in run.stdout
