"""Options of the whole suite, and the Neo4j that it tests on."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from typing import Any, NoReturn

import neo4j_server as servers
import pytest
from hypothesis import settings
from neo4j_jars import Unavailable, jars, java
from private_neo4j import PrivateNeo4j

ASKED = pytest.StashKey[Mapping[str, str]]()
USED = pytest.StashKey[str]()
#: Each takes up to 2 GB, its Neo4j included.
MOST_WORKERS = 4
#: Under this name a worker tells the run that it is a part of.
TOLD = "neo4j"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let golden files be written anew: read the difference before you commit it."""
    parser.addoption("--update-golden", action="store_true", help="write the golden files of the adapters anew")


def pytest_configure(config: pytest.Config) -> None:
    """Hide a user's server from every test that does not ask for one, and time no example: machines are shared."""
    config.stash[ASKED] = servers.take_from(os.environ)
    settings.register_profile("untimed", deadline=None)
    settings.load_profile("untimed")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say which Neo4j was tested, so that nobody has to guess."""
    if USED in config.stash:
        terminalreporter.write_line(f"Neo4j: {config.stash[USED]}")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Take a worker a core, each with a Neo4j of its own; but none beside the run where a user's server is tested."""
    return 0 if os.environ.get("NEO4J_URI") else min(MOST_WORKERS, os.cpu_count() or 1)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Hear from a worker which Neo4j it tested on: each has its own."""
    if TOLD in getattr(node, "workeroutput", {}):
        node.config.stash[USED] = node.workeroutput[TOLD]


@pytest.fixture(scope="session")
def neo4j_server(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Iterator[servers.Server]:
    """Give the session's Neo4j, as the test before left it: `neo4j_server.wipe` empties it."""
    with ExitStack() as running:
        try:
            found = servers.find(pytestconfig.stash[ASKED], tmp_path_factory.mktemp("neo4j"))
            server = running.enter_context(found)
        except servers.Refused as error:
            pytest.exit(str(error), returncode=pytest.ExitCode.USAGE_ERROR)
        except Unavailable as why:
            _no_server(str(why))
        pytestconfig.stash[USED] = server.how
        if hasattr(pytestconfig, "workeroutput"):
            pytestconfig.workeroutput[TOLD] = server.how
        yield server


@pytest.fixture
def empty_neo4j(neo4j_server: servers.Server) -> servers.Server:
    """Give the session's Neo4j without a node, a constraint or an index."""
    servers.wipe(neo4j_server)
    return neo4j_server


@pytest.fixture
def private_neo4j(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., PrivateNeo4j]]:
    """Give the maker of servers that a test may kill; it takes `PrivateNeo4j`'s options, and ``start=False``."""
    try:
        java()
        jars()
    except Unavailable as why:
        _no_server(f"no private Neo4j to test on: {why}")
    with ExitStack() as running:

        def make(*, start: bool = True, **options: Any) -> PrivateNeo4j:
            server = PrivateNeo4j(tmp_path_factory.mktemp("private-neo4j"), **options)
            running.callback(server.stop)
            return server.start() if start else server

        yield make


def _no_server(reason: str) -> NoReturn:
    if os.environ.get(servers.REQUIRE, "0") not in ("", "0"):
        pytest.fail(f"{servers.REQUIRE} is set, but there is {reason}", pytrace=False)
    pytest.skip(reason)
