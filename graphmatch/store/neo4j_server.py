"""One open connection to a Neo4j server: the login, transactions that are tried again, a reader's queries.

In: work to be done in a transaction; Cypher. Out: what the work gives; polars frames. Knows nothing of tables or of the
graph's shape.
"""

from __future__ import annotations

import logging
import re
from asyncio import CancelledError
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any, TypeVar
from urllib.parse import urlsplit

import neo4j
import polars as pl
from neo4j.exceptions import AuthError, ConfigurationError, DriverError, IncompleteCommit, Neo4jError

from graphmatch import __version__
from graphmatch.errors import GraphmatchError, StoreError, UnreadableQuery, UsageError
from graphmatch.store import Login
from graphmatch.store.neo4j_attempt import Attempt, HeldUp
from graphmatch.store.neo4j_errors import explained, question_error, unreachable
from graphmatch.store.neo4j_frames import BATCH, Transaction, framed

#: The oldest server whose Cypher and constraints are those that we use.
OLDEST = (5, 26)
#: How long a write is tried again while the server is away: a restart takes about a quarter of it.
PATIENCE_SECONDS = 60.0
#: How long a server that takes a connection may be silent on it.
ANSWER_SECONDS = 20.0
#: How long one write may last. The server then undoes it, and so frees the lock of a program that hangs or sleeps.
WRITE_SECONDS = 900.0
_TRIES = 3

_LABEL_WARNINGS = ("01N50", "01N51", "01N52")  # unknown label, relationship type, property key
_QUOTED_NAME = re.compile(r"`([^`]+)`")

# The driver's log would otherwise go to stderr, past our own clear sentences.
logging.getLogger("neo4j").addHandler(logging.NullHandler())

T = TypeVar("T")


class Neo4jServer:
    """A server, from construction until `close`.

    Parameters
    ----------
    url
        ``neo4j://host:7687`` and the like, without a login in it.
    login
        Who asks, and for which database.
    read_only
        Refuse to write.

    Raises
    ------
    UsageError
        The URL can't be read, or holds a login.
    StoreError
        Nothing answers, the login or the database is wrong, the two sides don't agree on TLS, or the server is older
        than 5.26.
    """

    def __init__(self, url: str, login: Login, *, read_only: bool = False) -> None:
        self.url = url
        self.place = _place(url)
        self.read_only = read_only
        self._driver = _driver(url, login)
        try:
            self.version = self._version(url, login)
            self.database = login.database or self._default_database()
            self._check_database()
        except BaseException:
            self._driver.close()
            raise
        self._open = True

    def _version(self, url: str, login: Login) -> str:
        try:
            agent = self._driver.get_server_info().agent
        except (DriverError, Neo4jError) as error:
            raise self._unreachable(error, url, login) from None
        version = re.match(r"Neo4j/(\d+)\.(\d+)", agent)
        if not version or "compatible" in agent:
            raise StoreError(f"{self.place} is not a Neo4j server of version 5.26 or later")
        if (int(version[1]), int(version[2])) < OLDEST:
            raise StoreError(f"{self.place} runs {agent}; graphmatch needs Neo4j 5.26 or later: upgrade the server")
        return agent.partition("/")[2]

    def _unreachable(self, error: DriverError | Neo4jError, url: str, login: Login) -> GraphmatchError:
        """Say why. Of ``neo4j://`` the driver only says that it got no routing table: ask the server itself."""
        scheme = url.partition("://")[0]
        if scheme.startswith("neo4j"):
            with _driver("bolt" + url.removeprefix("neo4j"), login) as direct:
                try:
                    direct.get_server_info()
                except (DriverError, Neo4jError) as reason:
                    error = reason
        if isinstance(error, AuthError) and login.password is None:
            return StoreError(f"{self.place} wants a password; set NEO4J_PASSWORD, or keep it in the keyring")
        return unreachable(error, self.place, encrypted="+" in scheme)

    def _default_database(self) -> str:
        return str(self._rows_of_session("CALL db.info() YIELD name")[0][0])

    def _check_database(self) -> None:
        if self.database == "system":
            raise StoreError(
                f"the database 'system' at {self.place} takes no graph; set NEO4J_DATABASE to one that does"
            )
        asked = "SHOW DATABASES YIELD name, access, currentStatus WHERE name = $name RETURN access, currentStatus"
        found = self._rows_of_session(asked, {"name": self.database}, database="system")
        if not found:
            raise StoreError(f"{self.place} has no database {self.database!r}; set NEO4J_DATABASE to one that it has")
        if all(status != "online" for _, status in found):
            raise StoreError(f"the database {self.database!r} at {self.place} is not online; start it there")
        if not self.read_only and all(access == "read-only" for access, _ in found):
            raise StoreError(f"the database {self.database!r} at {self.place} is read-only; connect to one that is not")

    def _rows_of_session(
        self, cypher: str, params: Mapping[str, Any] | None = None, database: str | None = None
    ) -> list[list[Any]]:
        try:
            with self._driver.session(database=database) as session:
                return session.run(cypher, dict(params or {})).values()
        except (DriverError, Neo4jError) as error:
            raise explained(error, self.place) from None

    def close(self) -> None:
        """Let the server go. Closing twice is no error."""
        self._open = False
        with suppress(DriverError, Neo4jError):
            self._driver.close()

    def write(self, work: Callable[[Transaction], T], *, lock: Callable[[Transaction], None] | None = None) -> T:
        """Take the ``lock``, if one is given, and do ``work``, in one transaction that writes.

        It is done again if the server was away meanwhile. A commit whose answer was lost may have happened: ``work``
        must come to the same if it is done twice.
        """
        if self.read_only:
            raise UsageError(f"{self.place} is open for reading only")
        with self._session(neo4j.WRITE_ACCESS) as session, Attempt(work, lock, self.place) as attempt:
            timed = neo4j.unit_of_work(timeout=WRITE_SECONDS)(attempt.do)
            for left in reversed(range(_TRIES)):
                attempt.await_lock()
                try:
                    return session.execute_write(timed)
                except IncompleteCommit as error:
                    if not left:
                        raise explained(error, self.place) from None
                except HeldUp:  # as long as a write may last: so did the one that held the lock
                    if not left:
                        raise
                except (DriverError, Neo4jError) as error:
                    raise explained(error, self.place) from None
        raise AssertionError

    def read(self, work: Callable[[Transaction], T]) -> T:
        """Do ``work`` in one transaction that only reads."""
        try:
            with self._session(neo4j.READ_ACCESS) as session:
                return session.execute_read(work)
        except (DriverError, Neo4jError) as error:
            raise explained(error, self.place) from None

    def ask(self, cypher: str, params: Mapping[str, Any], known: Callable[[str], bool]) -> pl.DataFrame:
        """Answer a reader's query in a transaction that may only read.

        A label, type or property that is neither in the database nor ``known`` is a spelling mistake: the server
        would answer it with nothing.
        """

        def work(tx: Transaction) -> pl.DataFrame:
            result = tx.run(cypher, dict(params))
            names, rows = list(result.keys()), [record.values() for record in result]
            _refuse_unknown(result.consume(), known)
            return framed(names, rows)

        try:
            with self._session(neo4j.READ_ACCESS, warn=True) as session:
                return session.execute_read(work)
        except Neo4jError as error:
            if error.code and error.code.startswith("Neo.ClientError.Statement"):
                raise question_error(error) from None
            raise explained(error, self.place) from None
        except DriverError as error:
            raise explained(error, self.place) from None

    @contextmanager
    def _session(self, access: str, *, warn: bool = False) -> Iterator[neo4j.Session]:
        if not self._open:
            raise StoreError(f"the store at {self.place} is closed; open it again")
        session = self._driver.session(
            database=self.database,
            default_access_mode=access,
            fetch_size=BATCH,
            notifications_min_severity="WARNING" if warn else "OFF",
        )
        try:
            yield session
        except (KeyboardInterrupt, SystemExit):
            # Closing it in order waits for the server's answer. Cancelled, it hangs up, and the server stops its work.
            session.__exit__(CancelledError, None, None)  # type: ignore[no-untyped-call]  # the driver's own gap
            raise
        finally:
            session.close()


def _place(url: str) -> str:
    """Check the URL and give its address, for errors."""
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        raise UsageError("the port in the store's URL is none that there is; Bolt's is usually 7687") from None
    if parts.username is not None or parts.password is not None:
        raise UsageError("a store's URL holds no login: set NEO4J_USERNAME and NEO4J_PASSWORD instead")
    if not parts.hostname:
        raise UsageError("the store's URL names no host; it reads neo4j://host:7687")
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise UsageError("a store's URL ends with its port; name the database with NEO4J_DATABASE")
    return f"{parts.hostname}:{port or 7687}"


def _driver(url: str, login: Login) -> neo4j.Driver:
    auth = (login.username, login.password) if login.password is not None else None
    try:
        return neo4j.GraphDatabase.driver(
            url,
            auth=auth,
            user_agent=f"graphmatch/{__version__}",
            connection_timeout=10.0,
            connection_acquisition_timeout=ANSWER_SECONDS,
            max_transaction_retry_time=PATIENCE_SECONDS,
            telemetry_disabled=True,
            warn_notification_severity=neo4j.NotificationMinimumSeverity.OFF,
        )
    except (ConfigurationError, ValueError):
        raise UsageError("the store's URL can't be read; it reads neo4j://host:7687, or neo4j+s:// with TLS") from None


def _refuse_unknown(summary: neo4j.ResultSummary, known: Callable[[str], bool]) -> None:
    for status in summary.gql_status_objects:
        if status.gql_status in _LABEL_WARNINGS:
            named = _QUOTED_NAME.search(status.status_description)
            if named and not known(named[1]):
                kind = ("label", "relationship type", "property")[_LABEL_WARNINGS.index(status.gql_status)]
                where = status.position
                raise UnreadableQuery(
                    f"the query can't be read: the graph has no {kind} {named[1]!r}; check its spelling",
                    line=where.line if where else None,
                )
