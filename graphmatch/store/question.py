"""A question's text: what in it is Cypher, what parameters it takes, and that it only reads.

In: the text. Out: `UsageError` where it can't be asked. Pure; knows no engine, and is stricter than any of them: a
server keeps a reader from writing, but not from reading files (``LOAD CSV``) or from calling out (``CALL``, plug-ins).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any

from graphmatch.errors import UnreadableQuery, UsageError

_USED = re.compile(r"\$(\w+)")
#: What holds no Cypher of its own, in the order in which a reader meets it: comments, strings, quoted names.
_QUOTED = re.compile(
    r"//[^\r\n]*|/\*.*?(?:\*/|\Z)|'(?:\\.|[^'\\])*(?:'|\Z)|\"(?:\\.|[^\"\\])*(?:\"|\Z)|`[^`]*(?:`|\Z)", re.DOTALL
)
#: Clauses that write, reach outside the graph, change the session or answer with something else, in either engine.
_REFUSED = re.compile(
    "ALTER|ANALYZE|ATTACH|BEGIN|CALL|CHECKPOINT|COMMENT|COMMIT|COPY|CREATE|DELETE|DENY|DETACH|DROP|EXPLAIN|EXPORT"
    "|FOREACH|GRANT|IMPORT|INSERT|INSTALL|LOAD|MERGE|PROFILE|PROJECT|REMOVE|RENAME|REVOKE|ROLLBACK|SET|SHOW"
    "|TERMINATE|UNINSTALL|UPDATE|USE"
)
#: A property, label, type or parameter; else (group 1) a word, if it is no key of a map. ``1SET`` is two words.
_WORD = re.compile(r"[.$:|]\s*\w+|([A-Za-z_]\w*)(?!\w|\s*:)|\d+")
#: Where a digit begins a word of more than a number, engines disagree on where the next word starts.
_NUMBER = re.compile(r"(?<![\w$])(?!0[xX][0-9a-fA-F]+\b|0o[0-7]+\b|\d+(?:[eE]\d*)?\b)\d\w*")
#: A function with a dotted name, or with a quoted one: a plug-in's, but for these, which only compute.
_PLUGGED_IN = re.compile(
    r"(?<![\w`.])(?!(?:date|datetime|time|localtime|localdatetime|duration|point|vector)\s*\.)"
    r"(?:\w+|`\s*`)(?:\s*\.\s*(?:\w+|`\s*`))+\s*\(|`\s*\(",
    re.IGNORECASE,
)


def bare(text: str) -> str:
    """Blank out comments, strings and the inside of quoted names, keeping every position."""
    return _QUOTED.sub(_blank, text)


def _blank(found: re.Match[str]) -> str:
    blank = re.sub(r"[^\r\n]", " ", found[0])
    return f"`{blank[1:-1]}`" if found[0][0] == found[0][-1] == "`" and len(blank) > 1 else blank


def used_params(text: str) -> dict[str, int]:
    """Give the ``$params`` of ``text``, each with the line on which it stands last."""
    plain = bare(text)
    return {match[1]: _line(plain, match.start()) for match in _USED.finditer(plain)}


def require_params(text: str, given: Collection[str]) -> None:
    """Raise `UsageError` unless ``given`` names just the ``$params`` of ``text``.

    An engine may take a missing one as null, and answer wrongly.
    """
    used = used_params(text)
    for name in sorted(used.keys() - set(given)):
        raise UsageError(f"the query needs the parameter {name!r}")
    for name in sorted(set(given) - used.keys()):
        raise UsageError(f"the query has no parameter {name!r}; it has: {', '.join(sorted(used)) or 'none'}")


def refuse_writing(text: str) -> None:
    """Raise `UsageError` unless ``text`` is one statement that only reads the graph.

    Raises
    ------
    UnreadableQuery
        A word that would write, reach outside or hide another; it knows the line.
    UsageError
        The text is empty.
    """
    if escape := re.search(r"\\[uU]", text):
        # Neo4j reads \\u0027 as a quote and \\u000a as the end of a line, even inside strings and comments.
        raise UnreadableQuery("write the character itself, not \\u and its number", _line(text, escape.start()))
    plain = bare(text)
    end = plain.find(";")
    if end >= 0 and plain[end + 1 :].strip():
        raise UnreadableQuery("ask one question at a time: the query holds several statements", _line(plain, end))
    if not plain.strip(" \t\r\n;"):
        raise UsageError("the query is empty")
    if plain.lstrip().startswith(":"):
        raise UnreadableQuery("leave out commands of Neo4j Browser such as :param; use --param NAME=VALUE", 1)
    for pattern, says in (
        (re.compile(r"\\"), "a query holds no backslash outside its strings"),
        (_NUMBER, "leave a space between a number and the word after it"),
        (_PLUGGED_IN, "queries call no functions of plug-ins, and none with a quoted name"),
    ):
        if found := pattern.search(plain):
            raise UnreadableQuery(says, _line(plain, found.start()))
    for match in _WORD.finditer(plain):
        if match[1] and _REFUSED.fullmatch(match[1].upper()):
            raise UnreadableQuery(
                f"queries only read: {match[1].upper()} is not allowed here", _line(plain, match.start())
            )


def bound(text: str, params: Mapping[str, Any] | None) -> dict[str, Any]:
    """Hold that ``text`` only reads and has just these ``params``; give them for an engine, times in UTC.

    Raises
    ------
    UsageError
        It would write or reach outside the graph, lacks a parameter, or a time has no zone.
    """
    refuse_writing(text)
    require_params(text, params or {})
    return {name: _value(value) for name, value in (params or {}).items()}


def _value(value: Any) -> Any:
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise UsageError("a time needs its zone: pass an aware datetime")
        return value.astimezone(UTC)
    return list(value) if isinstance(value, tuple) else value


def _line(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1
