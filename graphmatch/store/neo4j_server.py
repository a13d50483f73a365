"""One open connection to a Neo4j server: the login, transactions that are tried again, frames in and out.

In: Cypher and polars frames. Out: polars frames. Knows nothing of tables or of the graph's shape.

A frame goes in column by column (``$c.handle[i]``): a list for each column is less for the client to pack, and for the
server to look up, than a map for each row. Times travel as microseconds since 1970, which costs neither side an object.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import urlsplit

import neo4j
import neo4j.graph
import neo4j.time
import polars as pl
from neo4j.exceptions import ConfigurationError, DriverError, IncompleteCommit, Neo4jError

from graphmatch import __version__
from graphmatch.errors import GraphmatchError, StoreError, UsageError
from graphmatch.store import Login
from graphmatch.store.neo4j_errors import explained, question_error, unreachable
from graphmatch.tables import TIME

#: The oldest server whose Cypher and constraints are those that we use.
OLDEST = (5, 26)
#: Rows of one statement: large enough that the server's work outweighs the way there, small enough for its memory.
BATCH = 10_000
#: How long a write is tried again while the server is away: a restart takes about a quarter of it.
PATIENCE_SECONDS = 60.0
_TRIES = 3

_LABEL_WARNINGS = ("01N50", "01N51", "01N52")  # unknown label, relationship type, property key
_QUOTED_NAME = re.compile(r"`([^`]+)`")

# The driver's log would otherwise go to stderr, past our own clear sentences.
logging.getLogger("neo4j").addHandler(logging.NullHandler())

T = TypeVar("T")
Transaction = neo4j.ManagedTransaction


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
        return unreachable(error, self.place, encrypted="+" in scheme)

    def _default_database(self) -> str:
        return str(self._rows_of_session("CALL db.info() YIELD name")[0][0])

    def _check_database(self) -> None:
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

    def write(self, work: Callable[[Transaction], T]) -> T:
        """Do ``work`` in one transaction that writes; it is done again if the server was away meanwhile.

        A commit whose answer was lost may have happened: ``work`` must come to the same if it is done twice.
        """
        if self.read_only:
            raise UsageError(f"{self.place} is open for reading only")
        for left in reversed(range(_TRIES)):
            try:
                with self._session(neo4j.WRITE_ACCESS) as session:
                    return session.execute_write(work)
            except IncompleteCommit as error:
                if not left:
                    raise explained(error, self.place) from None
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
            return pl.DataFrame([_column(name, [row[at] for row in rows]) for at, name in enumerate(names)])

        try:
            with self._session(neo4j.READ_ACCESS, warn=True) as session:
                return session.execute_read(work)
        except Neo4jError as error:
            if error.code and error.code.startswith("Neo.ClientError.Statement"):
                raise question_error(error) from None
            raise explained(error, self.place) from None
        except DriverError as error:
            raise explained(error, self.place) from None

    def _session(self, access: str, *, warn: bool = False) -> neo4j.Session:
        if not self._open:
            raise StoreError(f"the store at {self.place} is closed; open it again")
        return self._driver.session(
            database=self.database,
            default_access_mode=access,
            fetch_size=BATCH,
            notifications_min_severity="WARNING" if warn else "OFF",
        )


def _place(url: str) -> str:
    """Check the URL and give its address, for errors."""
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        raise UsageError("the port in the store's URL is no number; Bolt's is usually 7687") from None
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
            max_transaction_retry_time=PATIENCE_SECONDS,
            telemetry_disabled=True,
            warn_notification_severity=neo4j.NotificationMinimumSeverity.OFF,
        )
    except (ConfigurationError, ValueError):
        raise UsageError("the store's URL can't be read; it reads neo4j://host:7687, or neo4j+s:// with TLS") from None


def run(tx: Transaction, cypher: str, rows: pl.DataFrame | None = None, **params: Any) -> int:
    """Run a statement of our own over ``rows``, in batches; give the sum of the numbers that it returns, if any.

    Its text begins after ``UNWIND … AS i``, and reads columns with `given`.
    """
    if rows is None:
        return _sum(tx.run(cypher, params))
    text = f"UNWIND range(0, $n - 1) AS i {cypher}"
    return sum(_sum(tx.run(text, {**params, "n": part.height, "c": _columns(part)})) for part in _parts(rows))


def fetch(
    tx: Transaction, cypher: str, schema: Mapping[str, pl.DataType], rows: pl.DataFrame | None = None, **params: Any
) -> pl.DataFrame:
    """Run a reading statement of our own, over ``rows`` if given, and frame its answer; see `asked` for times."""
    naive = {name: pl.Int64() if dtype == TIME else dtype for name, dtype in schema.items()}
    frames = [pl.DataFrame(schema=naive)]
    text = cypher if rows is None else f"UNWIND range(0, $n - 1) AS i {cypher}"
    sent = [params] if rows is None else [{**params, "n": part.height, "c": _columns(part)} for part in _parts(rows)]
    for each in sent:
        result = tx.run(text, each)
        while got := result.fetch(5 * BATCH):
            frames.append(pl.DataFrame([record.values() for record in got], schema=naive, orient="row"))
    made = pl.concat(frames)
    times = [name for name, dtype in schema.items() if dtype == TIME]
    lists = [name for name, dtype in schema.items() if isinstance(dtype, pl.List)]
    return made.with_columns(
        *(pl.from_epoch(name, "us").dt.replace_time_zone("UTC").cast(TIME) for name in times),
        *(pl.col(name).fill_null([]) for name in lists),  # no table has a list that is not known
    )


def given(name: str, dtype: pl.DataType) -> str:
    """Write a value of the row at hand in Cypher."""
    value = f"$c.`{name}`[i]"
    if dtype != TIME:
        return value
    # The server's division cuts towards zero; what it leaves must not be negative.
    rest = f"({value} % 1000000 + 1000000) % 1000000"
    return (
        f"CASE WHEN {value} IS NULL THEN null ELSE "
        f"datetime({{epochSeconds: ({value} - {rest}) / 1000000, nanosecond: {rest} * 1000}}) END"
    )


def asked(value: str, dtype: pl.DataType) -> str:
    """Write a property to be returned, a time as microseconds."""
    return f"{value}.epochSeconds * 1000000 + {value}.nanosecond / 1000" if dtype == TIME else value


def _parts(rows: pl.DataFrame) -> Iterator[pl.DataFrame]:
    for start in range(0, rows.height, BATCH):
        yield rows.slice(start, BATCH)


def _columns(rows: pl.DataFrame) -> dict[str, list[Any]]:
    times = [name for name, dtype in rows.schema.items() if dtype == TIME]
    return rows.with_columns(pl.col(times).dt.epoch("us")).to_dict(as_series=False)


def _sum(result: neo4j.Result) -> int:
    return sum(record[0] for record in result)


def _refuse_unknown(summary: neo4j.ResultSummary, known: Callable[[str], bool]) -> None:
    for status in summary.gql_status_objects:
        if status.gql_status in _LABEL_WARNINGS:
            named = _QUOTED_NAME.search(status.status_description)
            if named and not known(named[1]):
                kind = ("label", "relationship type", "property")[_LABEL_WARNINGS.index(status.gql_status)]
                raise UsageError(f"the query can't be read: the graph has no {kind} {named[1]!r}; check its spelling")


_NESTED = "return properties, such as a.account_id, not whole nodes, relationships, paths or maps"
_DTYPES: dict[type, pl.DataType] = {
    bool: pl.Boolean(),
    int: pl.Int64(),
    float: pl.Float64(),
    str: pl.String(),
    datetime: TIME,
    date: pl.Date(),
    timedelta: pl.Duration("us"),
}


def _column(name: str, values: list[Any]) -> pl.Series:
    """Make a column of an answer; without any value nobody knows its type."""
    plain = [_plain(value) for value in values]
    return pl.Series(name, plain, dtype=_dtype(plain))


def _dtype(values: list[Any]) -> pl.DataType:
    kinds = {type(value) for value in values if value is not None}
    if kinds == {int, float}:
        return pl.Float64()
    if kinds == {list}:
        return pl.List(_dtype([item for value in values if value is not None for item in value]))
    if len(kinds) > 1:
        raise UsageError("a column of the answer mixes types; return one type a column")
    return _DTYPES[kinds.pop()] if kinds else pl.Null()


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, neo4j.time.DateTime):
        native = value.to_native()
        return native.astimezone(UTC) if native.tzinfo else native.replace(tzinfo=UTC)
    if isinstance(value, neo4j.time.Date):
        return value.to_native()
    if isinstance(value, neo4j.time.Duration) and not value.months:
        return timedelta(days=value.days, seconds=value.seconds, microseconds=value.nanoseconds // 1000)
    if value is not None and type(value) not in _DTYPES:
        raise UsageError(_NESTED)
    return value
