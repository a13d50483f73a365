"""Which Neo4j the tests run on, found once a session: yours, one in Docker, a private one, or none.

1. ``NEO4J_URI``, with ``NEO4J_USERNAME``, ``NEO4J_PASSWORD`` and ``NEO4J_DATABASE``. Tests empty the database, so it
   must be empty, or hold what a killed test run left there.
2. A container, where testcontainers finds a Docker engine that has the image or can pull it.
3. A private server from Maven's jars, where there is Java 17 or 21 and Maven.

Else tests that need one are skipped and say why; ``GRAPHMATCH_REQUIRE_NEO4J=1`` makes that a failure.
"""

from __future__ import annotations

import gc
import re
import secrets
import warnings
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from neo4j import Driver, GraphDatabase, Session
from neo4j.exceptions import DriverError, Neo4jError
from neo4j_jars import Unavailable
from private_neo4j import PrivateNeo4j

from graphmatch.store import Login

IMAGE = "neo4j:5.26-community"
BOLT = 7687
REQUIRE = "GRAPHMATCH_REQUIRE_NEO4J"

#: An index of this name says that a test run may empty the database; the number is when the run began. No node, since
#: a store would meet it, and no name that anybody else gives.
CLAIM = re.compile(r"graphmatch_tests_may_empty_this_database_(\d{14})")
#: A claim that is older was left by a run that was killed and never came back: what is there now may be anybody's.
CLAIM_HOLDS = timedelta(hours=6)


class Refused(Exception):
    """The server that ``NEO4J_URI`` names can't be had, or holds what no test run left there."""


@dataclass(frozen=True, slots=True)
class Server:
    """A server that tests may fill and empty. ``database`` is ``None`` for its default one; ``how`` says what it is."""

    uri: str
    username: str
    password: str = field(repr=False)
    database: str | None
    how: str

    @property
    def login(self) -> Login:
        """Give what `graphmatch.store.open_store` wants to know."""
        return Login(self.username, self.password, self.database)

    def driver(self) -> Driver:
        """Open a driver; close it, or use it in a ``with``."""
        return GraphDatabase.driver(self.uri, auth=(self.username, self.password))


Way = Callable[[Path], AbstractContextManager[Server]]


def take_from(environment: MutableMapping[str, str]) -> dict[str, str]:
    """Take what names a user's server out of the environment, so that no test reaches one by accident."""
    names = [name for name in environment if name.startswith("NEO4J_") or name == "GRAPHMATCH_STORE"]
    return {name: environment.pop(name) for name in names}


@contextmanager
def find(asked: Mapping[str, str], home: Path, ways: tuple[Way, ...] | None = None) -> Iterator[Server]:
    """Give the first server that there is, and put it away afterwards.

    Parameters
    ----------
    asked
        What `take_from` took.
    home
        Folder for a private server.

    Raises
    ------
    Refused
        ``NEO4J_URI`` names a server that can't be had, or a database that tests must not empty. There is no other way
        then: whoever names a server wants that one tested.
    Unavailable
        There is none; the message says why for each way.
    """
    with ExitStack() as running:
        yield running.enter_context(by_uri(asked)) if asked.get("NEO4J_URI") else _first(running, home, ways)


def _first(running: ExitStack, home: Path, ways: tuple[Way, ...] | None) -> Server:
    reasons = ["NEO4J_URI is not set"]
    for way in ways or (by_docker, by_jars):
        try:
            return running.enter_context(way(home))
        except Unavailable as why:
            reasons.append(str(why))
    raise Unavailable("no Neo4j to test on: " + "; ".join(reasons))


@contextmanager
def by_uri(asked: Mapping[str, str]) -> Iterator[Server]:
    """Claim the database that ``NEO4J_URI`` names, and leave it as empty as it was."""
    if "@" in asked["NEO4J_URI"]:
        raise Refused("NEO4J_URI must not hold a login; set NEO4J_USERNAME and NEO4J_PASSWORD")
    server = Server(
        asked["NEO4J_URI"],
        asked.get("NEO4J_USERNAME") or "neo4j",
        asked.get("NEO4J_PASSWORD") or "",
        asked.get("NEO4J_DATABASE") or None,
        "the server that NEO4J_URI names",
    )
    try:
        claim(server)
    except (DriverError, Neo4jError, ValueError) as error:
        raise Refused(f"the server that NEO4J_URI names can't be had for tests: {error}") from None
    yield server
    wipe(server, claims_too=True)


@contextmanager
def by_docker(_home: Path) -> Iterator[Server]:
    """Run the image that ``compose.yaml`` names, in a container with a password of its own."""
    try:
        from docker.errors import DockerException
        from testcontainers.core.container import DockerContainer
        from testcontainers.core.wait_strategies import LogMessageWaitStrategy
    except ImportError:
        raise Unavailable("testcontainers is not installed (pip install -e '.[dev]')") from None
    password = secrets.token_hex(16)
    with ExitStack() as running:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)  # docker-py leaves a socket open where no engine answers
            try:
                container = DockerContainer(IMAGE)
            except (DockerException, OSError):
                container = None
            gc.collect()
        if container is None:
            raise Unavailable("no Docker engine answers")
        container.with_env("NEO4J_AUTH", f"neo4j/{password}").with_env("NEO4J_dbms_usage__report_enabled", "false")
        container.with_exposed_ports(BOLT).waiting_for(LogMessageWaitStrategy("Started.").with_startup_timeout(180))
        try:
            _bring_image(container.get_docker_client().client.images, container.image)
            running.enter_context(container)
            where = f"bolt://{container.get_container_host_ip()}:{container.get_exposed_port(BOLT)}"
            server = Server(where, "neo4j", password, None, f"{IMAGE} in Docker")
            with server.driver() as driver:
                driver.execute_query("RETURN 1")
        except (DockerException, DriverError, OSError, RuntimeError) as error:
            raise Unavailable(f"Docker can't run {IMAGE}: {_first_line(error)}") from None
        finally:
            running.callback(container.get_docker_client().client.close)
        yield server


def _bring_image(images: Any, image: str) -> None:
    from docker.errors import ImageNotFound

    try:
        images.get(image)
    except ImageNotFound:
        images.pull(image)


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]


@contextmanager
def by_jars(home: Path) -> Iterator[Server]:
    """Run a private server."""
    with PrivateNeo4j(home) as server:
        yield Server(server.uri, server.username, server.password, None, "a private server from Maven's jars")


def claim(server: Server) -> None:
    """Say in the database that tests may empty it, then do so.

    Raises
    ------
    Refused
        It holds something, and no test run of the last hours said so before.
    """
    now = datetime.now(UTC)
    with server.driver() as driver, driver.session(database=server.database) as session:
        claims = [_begun(name) for name in _names(session, "INDEXES") if CLAIM.fullmatch(name)]
        if not any(now - begun < CLAIM_HOLDS for begun in claims) and (what := _holdings(session)):
            raise Refused(
                f"the database that NEO4J_URI names holds {what}, and tests empty their database. "
                "Give them one that is empty, or unset NEO4J_URI"
            )
        name = f"graphmatch_tests_may_empty_this_database_{now:%Y%m%d%H%M%S}"
        session.run(f"CREATE INDEX {name} IF NOT EXISTS FOR (n:GraphmatchTests) ON (n.{name})").consume()
    wipe(server)


def wipe(server: Server, *, schema: bool = True, claims_too: bool = False) -> None:
    """Empty the database: its nodes and relationships, and with ``schema`` its constraints and indexes."""
    with server.driver() as driver, driver.session(database=server.database) as session:
        session.run("MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 10000 ROWS").consume()
        if not schema:
            return
        for kind in ("CONSTRAINTS", "INDEXES"):
            for name in _names(session, kind):
                if claims_too or not CLAIM.fullmatch(name):
                    quoted = name.replace("`", "``")
                    session.run(f"DROP {kind[:-2] if kind == 'INDEXES' else kind[:-1]} `{quoted}` IF EXISTS").consume()


def _names(session: Session, kind: str) -> list[str]:
    """Name the constraints, or the indexes that somebody made: not the two that every database has."""
    made = "" if kind == "CONSTRAINTS" else "WHERE type <> 'LOOKUP' AND owningConstraint IS NULL"
    return [record["name"] for record in session.run(f"SHOW {kind} YIELD * {made} RETURN name")]


def _holdings(session: Session) -> str | None:
    if session.run("MATCH (n) RETURN n LIMIT 1").peek():
        return "data"
    if _names(session, "CONSTRAINTS") or any(not CLAIM.fullmatch(name) for name in _names(session, "INDEXES")):
        return "constraints or indexes"
    return None


def _begun(name: str) -> datetime:
    return datetime.strptime(name[-14:], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
