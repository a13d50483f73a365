"""Named queries: Cypher as data, one query a file, with a header that says what it takes and gives.

::

    // One sentence: what the query answers.
    // about: evidence
    // params:
    //   min_accounts int = 2 - how many accounts must share it
    // returns:
    //   value text
    MATCH …

``about`` groups analysts' questions, and may be left out. Cypher is kept to what both engines read alike: no
duration is written in it (a parameter of type ``days`` is one), and no list is collected (its order would differ).

In: files under ``queries/`` (``graphmatch/_queries`` when installed). Out: `NamedQuery`, and answers in frames with the
declared columns. Knows no engine.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from difflib import get_close_matches
from functools import cache, cached_property
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from typing import Any

import polars as pl

from graphmatch.errors import StoreError, UnreadableQuery, UsageError
from graphmatch.store import Store
from graphmatch.store.header import RETURNED, TAKEN, Column, Header, Param, read_header
from graphmatch.store.question import bare

__all__ = [
    "GROUPS",
    "RETURNED",
    "Column",
    "NamedQuery",
    "Param",
    "all_named",
    "answer",
    "load_query",
    "named",
    "own_query",
    "queries_folder",
]

_FORM = """such a file begins so, and then asks:
  // One sentence: what it answers.
  // params:
  //   within days = 30 - what it means (without = 30, it must be given)
  // returns:
  //   account_id text"""

GROUPS = ("schema", "write", "read", "analyst")


@dataclass(frozen=True)
class NamedQuery:
    """A query that has a name: the name of its file, whose line ``first_line`` is the first of ``text``."""

    name: str
    group: str
    file: str
    header: Header
    text: str
    first_line: int

    @property
    def sentence(self) -> str:
        """What the query answers."""
        return self.header.sentence

    @property
    def about(self) -> str:
        """What it is about: one word, or nothing."""
        return self.header.about

    @property
    def params(self) -> tuple[Param, ...]:
        """What it takes."""
        return self.header.params

    @property
    def returns(self) -> tuple[Column, ...]:
        """The columns that it gives."""
        return self.header.returns

    @cached_property
    def statements(self) -> list[str]:
        """The statements of the text; all but schema files hold one."""
        cut = [0, *(at + 1 for at, char in enumerate(bare(self.text)) if char == ";"), len(self.text)]
        parts = [self.text[start:end].strip().rstrip(";") for start, end in pairwise(cut)]
        return [part for part in parts if bare(part).strip()]

    def place(self, line: int | None = None) -> str:
        """Name the file, and the line in it that is ``line`` of the text."""
        return self.file + (f":{line + self.first_line - 1}" if line else "")

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
        wanted, convert = TAKEN[param.type]
        try:
            if isinstance(value, str):
                return convert(value)
            if param.type == "days" and isinstance(value, int | float) and not isinstance(value, bool):
                return timedelta(days=value)
        except (ValueError, OverflowError):
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
    lines = path.read_text("utf-8-sig").splitlines()
    header = read_header(lines, path.name)
    first = next((at for at in range(header.lines, len(lines)) if lines[at].strip()), len(lines))
    return NamedQuery(path.stem, path.parent.name, path.name, header, "\n".join(lines[first:]).strip(), first + 1)


def own_query(path: Path) -> NamedQuery:
    """Load a query file of the reader's own, in the same form; `UsageError` names the file and the line."""
    try:
        return load_query.__wrapped__(path)
    except (StoreError, UnicodeDecodeError, OSError) as error:
        said = str(error) if isinstance(error, StoreError) else f"{path} can't be read: {_why(error)}"
        raise UsageError(f"{said}\n{_FORM}") from None


def _why(error: OSError | UnicodeDecodeError) -> str:
    return error.strerror or "" if isinstance(error, OSError) else "it is not text in UTF-8"


def answer(store: Store, question: NamedQuery, given: Mapping[str, Any] | None = None) -> pl.DataFrame:
    """Ask ``store`` a named question.

    Parameters
    ----------
    store
        Of either engine.
    question
        What to ask.
    given
        Its parameters, as values or as text; defaults fill what is missing.

    Returns
    -------
    polars.DataFrame
        The declared columns in their declared types, whatever the engine tells of them.

    Raises
    ------
    UsageError
        A parameter does not fit, or the engine can't read the query: then the message names the file and the line.
    StoreError
        The answer is not as the header declares; the message names the file and the column.
    """
    params = question.bind(given)
    try:
        found = store.query(question.text, params)
    except UnreadableQuery as error:
        raise UsageError(f"{question.place(error.line)}: {error}") from None
    declared = [column.name for column in question.returns]
    for name in [*declared, *found.columns]:
        if name not in found.columns or name not in declared:
            lacking = "the answer lacks" if name in declared else "the header's returns lack"
            raise StoreError(f"{question.place()}: {lacking} the column {name!r}")
    return found.select(_typed(question, column, found[column.name]) for column in question.returns)


def _typed(question: NamedQuery, column: Column, values: pl.Series) -> pl.Series:
    """Cast a column to its declared type, if all that it lacks is a type: it holds nothing, or whole numbers."""
    wanted = RETURNED[column.type]
    if values.null_count() == len(values):
        return pl.Series(values.name, [None] * len(values), dtype=wanted)
    fits = values.dtype == wanted or (column.type == "float" and values.dtype.is_numeric())
    if not fits and not (column.type == "texts" and values.dtype == pl.List(pl.Null)):
        raise StoreError(
            f"{question.place()}: the column {column.name!r} is declared as {column.type}, but holds {values.dtype}"
        )
    return values.cast(wanted)
