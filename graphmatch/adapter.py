"""The protocol that every platform's adapter keeps, how adapters are found, and the audit of the fields they read.

An adapter is a folder with four files: ``source.toml`` (title, fields, harvest bounds), ``adapter.py``, a sample and
``golden.jsonl`` (what the sample becomes). It is found through the entry-point group ``graphmatch.adapters``, so a
separately installed package can ship one.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from importlib.metadata import EntryPoint, entry_points
from importlib.resources import files
from pathlib import Path
from typing import Any, BinaryIO, Literal, Protocol

from graphmatch.errors import ConfigError, UsageError
from graphmatch.model import Row
from graphmatch.normalise.contacts import Keyring

GROUP = "graphmatch.adapters"

Format = Literal["json_array", "json_object", "ndjson", "csv", "parquet", "unknown"]


@dataclass(frozen=True, slots=True)
class Head:
    """The beginning of a file, enough to recognise it by content.

    ``first`` is the first record of a JSON array or NDJSON; ``arrays`` maps the dotted path of each array that an
    object's beginning shows to that array's first element; ``top_keys`` are an object's own keys, as far as seen;
    ``columns`` are a CSV's or Parquet's.
    """

    name: str
    format: Format
    first: Any = None
    top_keys: tuple[str, ...] = ()
    arrays: Mapping[str, Any] = field(default_factory=dict)
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Layout:
    """How a recognised file is to be read: its format, where its records lie, and which record they are."""

    format: Format
    record: str
    path: str = ""  # dotted path of the array inside a JSON object; "" = the document itself


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an adapter can't read a file: shown to the user when every adapter refuses."""

    why: str


@dataclass(frozen=True, slots=True)
class RawRecord:
    """One record as it stands in the file. ``line`` counts from 1: lines of NDJSON and CSV, records elsewhere."""

    line: int
    value: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A place in the file that holds no record: it goes to quarantine with ``why``."""

    line: int
    why: str


@dataclass(frozen=True, slots=True)
class Context:
    """What an adapter needs beside the record itself."""

    source: str
    file_name: str
    layout: Layout
    keyring: Keyring
    observed_at: datetime | None = None  # when the export was pulled, if the user said so


@dataclass(frozen=True, slots=True)
class Options:
    """What a user may tell adapters: a mapping file for generic tables, and the zone of naive local times."""

    mapping: Path | None = None
    timezone: str = "Europe/London"


class Adapter(Protocol):
    """Reads one platform's exports. Adapters hold no state between records and know nothing of each other."""

    name: str

    def __init__(self, options: Options) -> None: ...

    def recognise(self, head: Head) -> Layout | Refusal:
        """Say how to read the file, or why it is not this platform's. By content; the name is a hint at most."""
        ...

    def read(self, stream: BinaryIO, layout: Layout) -> Iterator[RawRecord | Unreadable]:
        """Stream the records as they stand. Memory must not grow with the file."""
        ...

    def normalise(self, record: RawRecord, context: Context) -> Iterator[Row]:
        """Say what the record holds, contact values as keyed HMACs.

        Raises
        ------
        RejectedRecord
            The record can't be read; the message says which field and why, without its value.
        """
        ...


@dataclass(frozen=True)
class SourceCard:
    """An adapter's ``source.toml``.

    ``fields`` maps each dotted path (``[]`` for list elements are left out: ``statuses.mentions.acct``) to ``"used"``
    or to the reason why it is ignored; a path that is ignored covers all below it.
    """

    title: str
    carries: tuple[str, ...]
    records: Mapping[str, str]
    fields: Mapping[str, str]
    min_rows_per_record: float = 0.0

    @cached_property
    def _tree(self) -> dict[str, Any]:
        """The paths as nested mappings; a path's end is an empty one."""
        root: dict[str, Any] = {}
        for path in self.fields:
            branch = root
            for step in path.split("."):
                branch = branch.setdefault(step, {})
        return root

    def unknown(self, record: Mapping[str, Any]) -> list[str]:
        """List the dotted paths in ``record`` that this card does not know. They are counted, never fatal."""
        found: list[str] = []
        _walk(record, self._tree, "", found)
        return found


def _walk(value: Any, tree: Mapping[str, Any], above: str, found: list[str]) -> None:
    if isinstance(value, list):
        for item in value:
            _walk(item, tree, above, found)
    elif isinstance(value, dict):
        for key, inner in value.items():
            branch = tree.get(key)
            if branch is None:
                found.append(f"{above}{key}")
            elif branch and inner:
                _walk(inner, branch, f"{above}{key}.", found)


def load_card(package: str) -> SourceCard:
    """Read the ``source.toml`` that stands beside an adapter.

    Raises
    ------
    ConfigError
        The file is missing a section; the message names the package.
    """
    data = tomllib.loads(files(package).joinpath("source.toml").read_text("utf-8"))
    try:
        return SourceCard(
            title=data["title"],
            carries=tuple(data["carries"]),
            records=data["records"],
            fields=data["fields"],
            min_rows_per_record=float(data.get("harvest", {}).get("min_rows_per_record", 0.0)),
        )
    except KeyError as error:
        raise ConfigError(f"{package}/source.toml lacks {error.args[0]!r}") from None


def available() -> dict[str, EntryPoint]:
    """Find the installed adapters by name.

    Raises
    ------
    ConfigError
        Two installed packages offer the same name; the message names both.
    """
    found: dict[str, EntryPoint] = {}
    for point in sorted(entry_points(group=GROUP), key=lambda p: p.name):
        known = found.setdefault(point.name, point)
        if known.value != point.value:
            raise ConfigError(f"two adapters are called {point.name!r}: {known.value} and {point.value}; remove one")
    return found


def load(name: str, options: Options | None = None) -> Adapter:
    """Make the adapter called ``name``; raise `UsageError` naming the others if there is none."""
    points = available()
    if name not in points:
        raise UsageError(f"there is no adapter {name!r}; the installed ones are: {', '.join(points)}")
    adapter: Adapter = points[name].load()(options or Options())
    return adapter


def load_all(options: Options | None = None) -> list[Adapter]:
    """Make every installed adapter, in order of name."""
    return [load(name, options) for name in available()]


def card_of(adapter: Adapter) -> SourceCard:
    """Read the ``source.toml`` of ``adapter``'s own package."""
    return load_card(type(adapter).__module__.rpartition(".")[0])
