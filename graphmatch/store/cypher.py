"""Named queries: Cypher as data, one query a file, with a header that says what it takes and gives.

::

    // One sentence: what the query answers.
    // params:
    //   min_accounts int = 2 - how many accounts must share it
    // returns:
    //   value text
    MATCH …

In: files under ``queries/`` (``graphmatch/_queries`` when installed). Out: `NamedQuery`. Knows no engine.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from difflib import get_close_matches
from functools import cache, cached_property
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from typing import Any

from graphmatch.errors import StoreError, UsageError

GROUPS = ("schema", "write", "read", "analyst")

_PARAM = re.compile(r"(\w+) (\w+)(?: = (.+?))? - (.+)")
_USED = re.compile(r"\$(\w+)")
_RETURN = re.compile(r"(\w+) (\w+)(?: - (.+))?")
#: What holds no Cypher of its own, in the order in which a reader meets it: comments, strings, quoted names.
_QUOTED = re.compile(
    r"//[^\n]*|/\*.*?(?:\*/|\Z)|'(?:\\.|[^'\\])*(?:'|\Z)|\"(?:\\.|[^\"\\])*(?:\"|\Z)|`[^`]*(?:`|\Z)", re.DOTALL
)
#: Clauses that write, reach outside the store or change the session, in either engine.
_WRITING = re.compile(
    "ALTER|ATTACH|BEGIN|CALL|CHECKPOINT|COMMENT|COMMIT|COPY|CREATE|DELETE|DENY|DETACH|DROP|EXPORT|FOREACH|GRANT|IMPORT"
    "|INSERT|INSTALL|LOAD|MERGE|PROJECT|REMOVE|RENAME|REVOKE|ROLLBACK|SET|TERMINATE|UNINSTALL|UPDATE|USE"
)
#: A property, label, type or parameter; else (group 1) a word, if it is no key of a map. ``1SET`` is two words.
_WORD = re.compile(r"[.$:|]\s*\w+|([A-Za-z_]\w*)(?!\w|\s*:)|\d+")


def _as_time(text: str) -> datetime:
    made = datetime.fromisoformat(text)
    return made.replace(tzinfo=UTC) if made.tzinfo is None else made.astimezone(UTC)


def _as_bool(text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise ValueError(text)
    return text.lower() == "true"


#: Each type's name → the Python type of a value, and how to read one from text.
_TYPES: Mapping[str, tuple[type | tuple[type, ...], Callable[[str], Any]]] = {
    "int": (int, int),
    "float": ((float, int), float),
    "text": (str, str),
    "bool": (bool, _as_bool),
    "date": (date, date.fromisoformat),
    "time": (datetime, _as_time),
    "texts": ((list, tuple), lambda text: [part.strip() for part in text.split(",") if part.strip()]),
}


@dataclass(frozen=True, slots=True)
class Param:
    """One parameter. ``default`` is as written in the header; ``None`` = it must be given."""

    name: str
    type: str
    default: str | None
    meaning: str


@dataclass(frozen=True, slots=True)
class Column:
    """One returned column; its type is one of those of parameters."""

    name: str
    type: str


@dataclass(frozen=True)
class NamedQuery:
    """A query that has a name: the name of its file."""

    name: str
    group: str
    sentence: str
    params: tuple[Param, ...]
    returns: tuple[Column, ...]
    text: str

    @cached_property
    def statements(self) -> list[str]:
        """The statements of the text; all but schema files hold one."""
        cut = [0, *(at + 1 for at, char in enumerate(_bare(self.text)) if char == ";"), len(self.text)]
        parts = [self.text[start:end].strip().rstrip(";") for start, end in pairwise(cut)]
        return [part for part in parts if _bare(part).strip()]

    def bind(self, given: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Make the query's parameters out of what the user gave: text is converted, defaults fill what is missing.

        Raises
        ------
        UsageError
            A parameter is missing, unknown, or not of its type; the message names it.
        """
        given = given or {}
        known = [param.name for param in self.params]
        for name in given:
            if name not in known:
                raise UsageError(f"query {self.name!r} has no parameter {name!r}; it has: {', '.join(known) or 'none'}")
        return {param.name: self._value(param, given.get(param.name, param.default)) for param in self.params}

    def _value(self, param: Param, value: Any) -> Any:
        if value is None:
            raise UsageError(f"query {self.name!r} needs {param.name} ({param.type}): {param.meaning}")
        wanted, convert = _TYPES[param.type]
        try:
            if isinstance(value, str):
                return convert(value)
        except ValueError:
            raise UsageError(f"query {self.name!r}: {param.name} is no {param.type}") from None
        wrong_bool = isinstance(value, bool) and param.type != "bool"
        if not isinstance(value, wanted) or wrong_bool:
            raise UsageError(f"query {self.name!r}: {param.name} must be {param.type}, not {type(value).__name__}")
        return value


def queries_folder() -> Path:
    """Find the folder of the named queries: inside the installed package, else beside it in a checkout."""
    package = Path(str(files("graphmatch")))
    installed = package / "_queries"
    return installed if installed.is_dir() else package.parent / "queries"


def named(name: str, group: str | None = None) -> NamedQuery:
    """Load the query called ``name``; `UsageError` names its likes if there is none."""
    found = {path.stem: path for each in ((group,) if group else GROUPS) for path in _paths(each)}
    if name not in found:
        near = get_close_matches(name, found, n=3) or sorted(path.stem for path in _paths("analyst"))
        raise UsageError(f"there is no query {name!r}; there are: {', '.join(near)}")
    return load_query(found[name])


def all_named(group: str) -> list[NamedQuery]:
    """Load all queries of ``schema``, ``write``, ``read`` or ``analyst``, in order of name."""
    if group not in GROUPS:
        raise UsageError(f"there is no group {group!r} of queries; there are: {', '.join(GROUPS)}")
    return [load_query(path) for path in _paths(group)]


def _paths(group: str) -> list[Path]:
    return sorted((queries_folder() / group).glob("*.cypher"))


@cache
def load_query(path: Path) -> NamedQuery:
    """Load one file.

    Raises
    ------
    StoreError
        The header lacks its sentence, has a line that can't be read, or names other parameters than the body's
        ``$params``; the message names the file and the line.
    """
    text = path.read_text("utf-8")
    lines = text.splitlines()
    head = next((i for i, line in enumerate(lines) if not line.startswith("//")), len(lines))
    header = [line[2:].strip() for line in lines[:head]]
    sentence = " ".join(line for line in header[: _index(header, "params:", path)])
    if not sentence.endswith("."):
        raise StoreError(f"{path.name}:1: the header must open with a sentence")
    params = _params(header, path)
    declared = {param.name for param in params}
    body = "\n" * head + "\n".join(lines[head:])
    used = {match[1]: body.count("\n", 0, match.start()) + 1 for match in _USED.finditer(_bare(body))}
    for name, line in used.items():
        if name not in declared:
            raise StoreError(f"{path.name}:{line}: ${name} is not among the header's params")
    for name in declared - used.keys():
        raise StoreError(f"{path.name}:{_line_of(header, name)}: the body does not use the parameter {name}")
    return NamedQuery(path.stem, path.parent.name, sentence, params, _returns(header, path), body.strip())


def _index(header: list[str], word: str, path: Path) -> int:
    for at, line in enumerate(header):
        if line.startswith(word):
            return at
    raise StoreError(f"{path.name}:{len(header) or 1}: the header lacks the line '{word}'")


def _line_of(header: list[str], name: str) -> int:
    return next(at for at, line in enumerate(header, 1) if line.startswith(f"{name} "))


def _section(header: list[str], start: int, end: int) -> list[tuple[int, str]]:
    """Give the numbered lines of a section; none if it says ``none`` or ``nothing``."""
    rest = header[start].partition(":")[2].strip()
    return [] if rest in ("none", "nothing") else [(at + 1, header[at]) for at in range(start + 1, end)]


def _params(header: list[str], path: Path) -> tuple[Param, ...]:
    made = []
    for line, text in _section(header, _index(header, "params:", path), _index(header, "returns:", path)):
        match = _PARAM.fullmatch(text)
        if not match or match[2] not in _TYPES:
            raise StoreError(f"{path.name}:{line}: a parameter reads 'name type = default - meaning'")
        made.append(Param(match[1], match[2], match[3], match[4]))
    return tuple(made)


def _returns(header: list[str], path: Path) -> tuple[Column, ...]:
    made = []
    for line, text in _section(header, _index(header, "returns:", path), len(header)):
        match = _RETURN.fullmatch(text)
        if not match or match[2] not in _TYPES:
            raise StoreError(f"{path.name}:{line}: a returned column reads 'name type'")
        made.append(Column(match[1], match[2]))
    return tuple(made)


def _bare(text: str) -> str:
    """Blank out comments, strings and quoted names, keeping every position."""
    return _QUOTED.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), text)


def require_params(text: str, given: Collection[str]) -> None:
    """Raise `UsageError` unless ``given`` names just the ``$params`` of ``text``.

    An engine may take a missing one as null, and answer wrongly.
    """
    used = {match[1] for match in _USED.finditer(_bare(text))}
    for name in sorted(used - set(given)):
        raise UsageError(f"the query needs the parameter {name!r}")
    for name in sorted(set(given) - used):
        raise UsageError(f"the query has no parameter {name!r}; it has: {', '.join(sorted(used)) or 'none'}")


def refuse_writing(text: str) -> None:
    """Raise `UsageError` unless ``text`` is one statement that only reads the graph."""
    bare = _bare(text)
    if bare.strip().rstrip(";").count(";"):
        raise UsageError("ask one question at a time: the query holds several statements")
    if not bare.strip():
        raise UsageError("the query is empty")
    if "\\" in bare:
        raise UsageError("a query holds no backslash outside its strings")
    for match in _WORD.finditer(bare):
        if match[1] and _WRITING.fullmatch(match[1].upper()):
            raise UsageError(f"queries only read: {match[1].upper()} is not allowed here")
