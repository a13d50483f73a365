"""The header of a query file: a sentence, what it is about, what the query takes and gives.

In: a file's lines. Out: `Header`. Pure; says of a fault in which line it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from math import isfinite
from typing import Any

import polars as pl

from graphmatch.errors import StoreError
from graphmatch.store.question import used_params
from graphmatch.tables import TEXTS, TIME

_PARAM = re.compile(r"(\w+) (\w+)(?: = (.+?))? - (.+)")
_RETURN = re.compile(r"(\w+) (\w+)(?: - (.+))?")


def _as_int(text: str) -> int:
    made = int(text)
    if not -(2**63) <= made < 2**63:
        raise ValueError(text)
    return made


def _as_float(text: str) -> float:
    made = float(text)
    if not isfinite(made):
        raise ValueError(text)
    return made


def _as_time(text: str) -> datetime:
    made = datetime.fromisoformat(text)
    return made.replace(tzinfo=UTC) if made.tzinfo is None else made.astimezone(UTC)


def _as_bool(text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise ValueError(text)
    return text.lower() == "true"


def _as_days(text: str) -> timedelta:
    return timedelta(days=float(text))


#: Each type's name → the Python type of a value, and how to read one from text.
TAKEN: Mapping[str, tuple[type | tuple[type, ...], Callable[[str], Any]]] = {
    "int": (int, _as_int),
    "float": ((float, int), _as_float),
    "text": (str, str),
    "bool": (bool, _as_bool),
    "date": (date, date.fromisoformat),
    "time": (datetime, _as_time),
    "texts": ((list, tuple), lambda text: [part.strip() for part in text.split(",") if part.strip()]),
    "days": (timedelta, _as_days),
}
#: The types that a returned column may have.
RETURNED: Mapping[str, pl.DataType] = {
    "int": pl.Int64(),
    "float": pl.Float64(),
    "text": pl.String(),
    "bool": pl.Boolean(),
    "date": pl.Date(),
    "time": TIME,
    "texts": TEXTS,
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
    """One returned column; its type is one of those of parameters, but ``days``."""

    name: str
    type: str


@dataclass(frozen=True, slots=True)
class Header:
    """What a file's header says; ``lines`` is how many lines of the file it takes."""

    sentence: str
    about: str
    params: tuple[Param, ...]
    returns: tuple[Column, ...]
    lines: int


def read_header(lines: list[str], file: str) -> Header:
    """Read the header of the file whose ``lines`` these are.

    Raises
    ------
    StoreError
        It lacks its sentence, has a line that can't be read, or names other parameters than the body's ``$params``;
        the message names ``file`` and the line.
    """
    length = next((at for at, line in enumerate(lines) if not line.startswith("//")), len(lines))
    header = [line[2:].strip() for line in lines[:length]]
    sentence, about = _opening(header[: _index(header, "params:", file)], file)
    params = _params(header, file)
    _require_same(params, header, lines, file)
    return Header(sentence, about, params, _returns(header, file), length)


def _opening(header: list[str], file: str) -> tuple[str, str]:
    """Read the sentence and what it is about."""
    about = [line.partition(":")[2].strip() for line in header if line.startswith("about:")]
    sentence = " ".join(line for line in header if not line.startswith("about:"))
    if not sentence.endswith("."):
        raise StoreError(f"{file}:1: the header must open with a sentence")
    return sentence, about[0] if about else ""


def _require_same(params: tuple[Param, ...], header: list[str], lines: list[str], file: str) -> None:
    """Hold that the header and the body name the same parameters."""
    used = used_params("\n".join(lines))
    declared = {param.name for param in params}
    for name, line in used.items():
        if name not in declared:
            raise StoreError(f"{file}:{line}: ${name} is not among the header's params")
    for name in sorted(declared - used.keys()):
        raise StoreError(f"{file}:{_line_of(header, name)}: the body does not use the parameter {name}")


def _index(header: list[str], word: str, file: str) -> int:
    for at, line in enumerate(header):
        if line.startswith(word):
            return at
    raise StoreError(f"{file}:{len(header) or 1}: the header lacks the line '{word}'")


def _line_of(header: list[str], name: str) -> int:
    return next(at for at, line in enumerate(header, 1) if line.startswith(f"{name} "))


def _section(header: list[str], start: int, end: int) -> list[tuple[int, str]]:
    """Give the numbered lines of a section; none if it says ``none`` or ``nothing``."""
    rest = header[start].partition(":")[2].strip()
    return [] if rest in ("none", "nothing") else [(at + 1, header[at]) for at in range(start + 1, end)]


def _params(header: list[str], file: str) -> tuple[Param, ...]:
    made = []
    for line, text in _section(header, _index(header, "params:", file), _index(header, "returns:", file)):
        match = _PARAM.fullmatch(text)
        if not match or match[2] not in TAKEN:
            raise StoreError(f"{file}:{line}: a parameter reads 'name type = default - meaning'")
        made.append(Param(match[1], match[2], match[3], match[4]))
    return tuple(made)


def _returns(header: list[str], file: str) -> tuple[Column, ...]:
    made = []
    for line, text in _section(header, _index(header, "returns:", file), len(header)):
        match = _RETURN.fullmatch(text)
        if not match or match[2] not in RETURNED:
            raise StoreError(f"{file}:{line}: a returned column reads 'name type'")
        made.append(Column(match[1], match[2]))
    return tuple(made)
