"""The schema of a Neo4j database: made on first use, brought forward later, refused where it is not ours.

A node ``(:Meta {name: 'schema', version})`` says that a graph is graphmatch's, and which migrations it has had: version
0 is a graph without any (as `graphmatch.store.bulk` lays it out), and ``queries/schema/neo4j_NNN.cypher`` brings it to
version NNN. Every statement of those can be done twice, so that a migration that was broken off is done again whole.
"""

from __future__ import annotations

from contextlib import suppress
from functools import cache

from graphmatch.errors import StoreError
from graphmatch.store import cypher
from graphmatch.store.graph import EDGES, LABEL_KEYS, STORED
from graphmatch.store.neo4j_errors import MadeMeanwhile
from graphmatch.store.neo4j_frames import Transaction
from graphmatch.store.neo4j_server import Neo4jServer
from graphmatch.tables import dtypes

#: Labels that graphmatch makes, besides those of `LABEL_KEYS`.
OWN_LABELS = ("Meta", "Waiting")
_INDEX_SECONDS = 600


@cache
def migrations() -> dict[int, list[str]]:
    """Give each version and the statements that lead to it from the one before."""
    files = [query for query in cypher.all_named("schema") if query.name.startswith("neo4j_")]
    return {int(query.name.removeprefix("neo4j_")): query.statements for query in files}


def known(name: str) -> bool:
    """Tell whether the graph has, or may come to have, a label, relationship type or property called ``name``."""
    return name in _VOCABULARY


def prepare(server: Neo4jServer, *, beside_others: bool, key_digest: str | None) -> None:
    """Bring the schema to the newest version; on first use, make it.

    Raises
    ------
    StoreError
        The database holds somebody else's graph, or that of a workspace with another key, or a newer schema; or the
        server opened for reading holds none.
    """
    version = _version(server)
    if version is None and server.read_only:
        raise StoreError(f"there is no graphmatch graph at {server.place} yet; run: graphmatch ingest PATH")
    if version is None:
        _refuse_others(server, beside_others=beside_others)
    steps = {number: made for number, made in migrations().items() if number > (version or 0)}
    newest = max(migrations())
    if version is not None and version > newest:
        raise StoreError(
            f"the graph at {server.place} was written by a newer graphmatch (schema {version}, this one knows "
            f"{newest}); upgrade graphmatch"
        )
    if steps and server.read_only:
        raise StoreError(
            f"the graph at {server.place} has the older schema {version}; bring it forward: graphmatch store prepare"
        )
    for number, statements in sorted(steps.items()):
        for statement in statements:
            _do(server, statement)
        _do(
            server,
            "MERGE (m:Meta {name: 'schema'}) "
            f"SET m.version = CASE WHEN m.version > {number} THEN m.version ELSE {number} END",
        )
    if steps:
        _do(server, f"CALL db.awaitIndexes({_INDEX_SECONDS})")
    if not server.read_only:
        _claim(server, key_digest)


def lock(tx: Transaction, place: str) -> None:
    """Let one writer at a time go on, in order: what a write reads must stay so until it commits.

    Raises
    ------
    StoreError
        The graph was removed, or brought forward, since the store was opened.
    """
    found = tx.run("MATCH (m:Meta {name: 'schema'}) SET m.locked = true REMOVE m.locked RETURN m.version").values()
    if found != [[max(migrations())]]:
        raise StoreError(f"the graph at {place} was changed by another program meanwhile; run the same command again")


def _version(server: Neo4jServer) -> int | None:
    found = server.read(lambda tx: tx.run("MATCH (m:Meta {name: 'schema'}) RETURN m.version").values())
    if found and not isinstance(found[0][0], int):
        raise StoreError(
            f"the node (:Meta {{name: 'schema'}}) at {server.place} holds no version of graphmatch's: it was changed, "
            f"or is somebody else's; set its version to {max(migrations())} again, or name another database with "
            "NEO4J_DATABASE"
        )
    return int(found[0][0]) if found else None


def _do(server: Neo4jServer, statement: str) -> None:
    # Of two who make a rule at once, "if not exists" tells the second that there is none, and then refuses it.
    with suppress(MadeMeanwhile):
        server.write(lambda tx: tx.run(statement).consume())


def _refuse_others(server: Neo4jServer, *, beside_others: bool) -> None:
    labels = server.read(
        lambda tx: {
            label for label in (*LABEL_KEYS, *OWN_LABELS) if tx.run(f"MATCH (n:`{label}`) RETURN 1 LIMIT 1").values()
        }
    )
    others = bool(server.read(lambda tx: tx.run("MATCH (n) RETURN 1 LIMIT 1").values()))
    # Another process may have made the graph since: it makes the Meta node before it writes any other.
    if not others or _version(server) is not None:
        return
    if labels:
        raise StoreError(
            f"the database {server.database!r} at {server.place} holds nodes labelled {', '.join(sorted(labels))} that "
            "graphmatch did not make; it would take them for its own: name another with NEO4J_DATABASE"
        )
    if not beside_others:
        raise StoreError(
            f"the database {server.database!r} at {server.place} holds somebody else's graph; name another with "
            "NEO4J_DATABASE, or, to keep both in one: graphmatch store prepare --beside-others"
        )


def _claim(server: Neo4jServer, key_digest: str | None) -> None:
    """Tie the graph to one key: digests of another would stand beside those of this, and never compare."""
    if key_digest is None:
        return

    def work(tx: Transaction) -> object:
        lock(tx, server.place)
        claim = "MERGE (m:Meta {name: 'workspace'}) ON CREATE SET m.digest = $digest RETURN m.digest"
        return tx.run(claim, digest=key_digest).values()[0][0]

    if server.write(work) != key_digest:
        raise StoreError(
            f"the graph at {server.place} belongs to a workspace with another key, whose digests would not compare "
            "with those of this one; copy that workspace's key here before anything is read, or use another database"
        )


_VOCABULARY = frozenset(
    {
        *LABEL_KEYS,
        *LABEL_KEYS.values(),
        *OWN_LABELS,
        *(edge.type for edge in EDGES),
        *(name for table in STORED for name in dtypes(table)),
        "edge",
        "from_id",
        "to_id",
    }
)
