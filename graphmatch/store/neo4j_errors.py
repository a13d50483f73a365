"""What a Neo4j server or its driver complains of → an error that says what to do next.

Never repeats the server's own sentences, which may quote a key, a text or a login; only its codes.
"""

from __future__ import annotations

import re

from neo4j.exceptions import (
    AuthError,
    DriverError,
    Neo4jError,
    ServiceUnavailable,
    SessionExpired,
    UnsupportedServerProduct,
)

from graphmatch.errors import GraphmatchError, StoreError, UnreadableQuery, UsageError

#: Codes end in these words → what to do. ``{place}`` is the server's address, ``{code}`` the code itself.
_ADVICE = {
    "Unauthorized": "{place} refuses this user and password; set NEO4J_USERNAME and NEO4J_PASSWORD",
    "AuthenticationRateLimit": "{place} was given a wrong password too often; wait a few seconds, then try again with "
    "the right NEO4J_PASSWORD",
    "CredentialsExpired": "{place} wants its first password changed; do that in Neo4j Browser, then set NEO4J_PASSWORD",
    "Forbidden": "this user may not do that at {place}; it needs the right to read, write and make indexes",
    "DatabaseNotFound": "{place} has no such database; set NEO4J_DATABASE to one that it has",
    "DatabaseUnavailable": "the database at {place} is not available; see the server's log, then run it again",
    **dict.fromkeys(
        ("TransactionCommitFailed", "TransactionLogError", "TransactionStartFailed"),
        "{place} can't write: its disk may be full; see the server's log. What was written before is safe: make room, "
        "restart the server, then run the same command again",
    ),
    "TransactionTimedOutClientConfiguration": "a write to {place} took too long, and was undone: this computer slept, "
    "or the server is slow; run the same command again",
    "TransactionTimedOut": "a statement took longer than {place} allows; raise db.transaction.timeout there",
    "OutOfMemoryError": "{place} ran out of memory; raise server.memory.heap.max_size there, then run the same command "
    "again",
    **dict.fromkeys(
        ("IndexAlreadyExists", "IndexWithNameAlreadyExists", "ConstraintWithNameAlreadyExists"),
        "the database at {place} has an index or a constraint of somebody else's where graphmatch needs its own; drop "
        "it there, or name another database with NEO4J_DATABASE",
    ),
    "ConstraintValidationFailed": "{place} holds a key twice, or nodes that graphmatch did not make; use a database of "
    "its own",
}
_READ_ONLY = ("NotALeader", "ForbiddenOnReadOnlyDatabase", "WriteOnReadOnlyAccessDatabase", "ReadOnlyDatabase")
_NOT_NEO4J = "{place} is not a Neo4j server of version 5.26 or later"
_PLAIN = (
    "{place} and this program do not agree on encryption: the server speaks without TLS (use neo4j:// or bolt://), or "
    "its certificate is not trusted here (neo4j+ssc:// takes one that nobody signed)"
)
_HUNG_UP = "{place} hung up: it may want TLS (use neo4j+s://), or not speak Bolt, whose port is usually 7687"
_HTTP = "{place} answers in HTTP, which is Neo4j Browser's; Bolt's port is usually 7687"
_SILENT = "{place} takes the connection and says nothing: it hangs, or does not speak Bolt, whose port is usually 7687"
_NO_NAME = "the name in {place} can't be found; check its spelling"
#: Words in what the driver says → what to do, without and with TLS asked for. The first that fits is taken.
_UNREACHABLE: tuple[tuple[tuple[str, ...], tuple[str, str]], ...] = (
    (("ssl", "certificate"), (_HUNG_UP, _PLAIN)),
    (("http",), (_HTTP, _HTTP)),
    (("cannot resolve", "name or service", "failed to dns"), (_NO_NAME, _NO_NAME)),
    (("closed", "reset"), (_HUNG_UP, _PLAIN)),
    (("deadline",), (_SILENT, _SILENT)),
    (("handshake",), (_NOT_NEO4J, _NOT_NEO4J)),
)
_MADE_MEANWHILE = "Neo.ClientError.Schema.EquivalentSchemaRuleAlreadyExists"
_TOO_LARGE = "Neo.TransientError.General.MemoryPoolOutOfMemoryError"
_LIMIT = re.compile(r"\bdb\.memory\.transaction\.(?:total\.)?max\b")
_SYNTAX = re.compile(r"\(line (\d+), column \d+ \(offset: \d+\)\)")


class MadeMeanwhile(StoreError):
    """An index or a constraint was to be made that another program has just made."""


def explained(error: DriverError | Neo4jError, place: str) -> GraphmatchError:
    """Turn what the driver raised into what our caller should read; ``place`` is the server's address."""
    if too_large(error):
        limit = _LIMIT.search(str(error))
        # The server's own limit is a part of its heap, unless somebody set it.
        setting = (
            limit[0] if limit else "server.memory.heap.max_size (or, if it is set, dbms.memory.transaction.total.max)"
        )
        return StoreError(
            f"a write is too large for the memory of {place}, and was undone; raise {setting} there, then run the same "
            "command again"
        )
    code = getattr(error, "code", None) or ""
    if code == _MADE_MEANWHILE:
        return MadeMeanwhile(f"another program prepares {place} at the same time; run the same command again")
    last = code.rpartition(".")[2]
    if isinstance(error, AuthError) and last not in _ADVICE:
        last = "Unauthorized"
    if last in _ADVICE:
        return StoreError(_ADVICE[last].format(place=place, code=code))
    if last in _READ_ONLY or "read only" in str(error).lower():
        return StoreError(
            f"{place} is read-only: a replica, or a database that was set so; connect to the one that takes writes "
            "(neo4j:// instead of bolt:// finds it in a cluster)"
        )
    if isinstance(error, ServiceUnavailable | SessionExpired):
        return StoreError(
            f"{place} stopped answering; what was written before is safe. See that it runs, then run the same command "
            "again: it goes on where it stopped"
        )
    named = code or type(error).__name__
    return StoreError(f"{place} refused a statement ({named}); nothing of this step was written")


def too_large(error: DriverError | Neo4jError) -> bool:
    """Tell whether a transaction needs more memory than the server lets it have."""
    return isinstance(error, Neo4jError) and error.code == _TOO_LARGE


def ran_out_of_time(error: Neo4jError) -> bool:
    """Tell whether the server ended a transaction because it lasted too long, or waited too long for a lock."""
    return (error.code or "").rpartition(".")[2] in ("LockClientStopped", "TransactionTimedOutClientConfiguration")


def unreachable(error: DriverError | Neo4jError, place: str, *, encrypted: bool) -> GraphmatchError:
    """Say why a connection could not even be begun."""
    said = str(error)
    if isinstance(error, UnsupportedServerProduct):
        return StoreError(_NOT_NEO4J.format(place=place))
    if not isinstance(error, ServiceUnavailable):
        return explained(error, place)
    for words, advice in _UNREACHABLE:
        if any(word in said.lower() for word in words):
            return StoreError(advice[encrypted].format(place=place))
    return StoreError(f"nothing answers at {place}; start the server, or check the address and the port")


def question_error(error: Neo4jError) -> UsageError:
    """Say why a reader's query can't be answered: of its wording what the server says, of its running only the code."""
    code = error.code or ""
    kind = code.rpartition(".")[2]
    if kind in ("SyntaxError", "SemanticError", "ParameterMissing"):
        message = error.message or ""
        found = _SYNTAX.search(message)
        first = _SYNTAX.sub("", message.partition("\n")[0]).strip()
        return UnreadableQuery(f"the query can't be read: {first}", line=int(found[1]) if found else None)
    if kind == "AccessMode":
        return UsageError("queries only read: the server refused to write")
    return UsageError(f"the query failed while it ran ({kind or 'unknown'}); check the types of what it compares")
