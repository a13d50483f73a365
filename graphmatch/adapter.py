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

Format = Literal["json_array", "json_object", "ndjson", "csv", "parquet", "xml", "text", "unknown"]

#: What a card's ``carries`` may name beside the observed tables: reporters' pseudonyms, digests of contact values.
CARRIED = ("reporters", "contacts")


@dataclass(frozen=True, slots=True)
class Head:
    """The beginning of a file, enough to recognise it by content.

    ``first`` is the first record of a JSON array or NDJSON; ``arrays`` maps the dotted path of each array that an
    object's beginning shows to that array's first element; ``top_keys`` are an object's own keys, as far as seen;
    ``columns`` are a CSV's or Parquet's; ``text`` is how the file begins (4,096 characters), binary files apart.
    """

    name: str
    format: Format
    first: Any = None
    top_keys: tuple[str, ...] = ()
    arrays: Mapping[str, Any] = field(default_factory=dict)
    columns: tuple[str, ...] = ()
    text: str = ""


@dataclass(frozen=True, slots=True)
class Layout:
    """How a recognised file is to be read: its format, where its records lie, and which record they are.

    ``path`` is the dotted path of the array inside a JSON object (``""`` = the document itself; ``a|b`` = the arrays of
    either name), or the name of an XML file's elements. ``around`` are dotted paths of values that stand beside that
    array, before it, in the objects that hold it (``chats.list.name`` around ``chats.list.messages``): each record is
    given those of its own.
    """

    format: Format
    record: str
    path: str = ""
    around: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an adapter can't read a file: shown to the user when every adapter refuses.

    ``known``: the file is this platform's, and holds nothing to keep (a list of servers, labels of reasons): it is
    passed over with ``why``, and is no fault.
    """

    why: str
    known: bool = False


@dataclass(frozen=True, slots=True)
class RawRecord:
    """One record as it stands in the file. ``line`` counts from 1: lines of NDJSON and CSV, records elsewhere.

    ``around`` holds what `Layout.around` asked for, by dotted path, as far as it stands before the record.
    """

    line: int
    value: dict[str, Any]
    around: Mapping[str, Any] = field(default_factory=dict)


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
    """What a user may tell adapters: a mapping file for what has no fixed names, and the zone of naive local times.

    ``subjects`` are the ids or handles, in lower case, of the accounts that chat exports are read for: what others
    wrote there is left out. Empty: whoever wrote is read.
    """

    mapping: Path | None = None
    timezone: str = "Europe/London"
    subjects: frozenset[str] = frozenset()

    def wants(self, *names: str | None) -> bool:
        """Tell whether an account that has one of these ids or handles is to be read from a chat."""
        folded = {name.lower().removeprefix("@") for name in names if name}
        return not self.subjects or not self.subjects.isdisjoint(folded)

    def section(self, name: str) -> Mapping[str, Any]:
        """Read the section ``[name]`` of the mapping file; empty if there is no file, or no such section in it.

        Raises
        ------
        ConfigError
            The file is missing or is no TOML, or the name stands for something else than a section.
        """
        section = read_mapping(self.mapping).get(name, {}) if self.mapping else {}
        if not isinstance(section, Mapping):
            raise ConfigError(f"{self.mapping.name if self.mapping else ''}: {name!r} is a section, written [{name}]")
        return section


def read_mapping(path: Path) -> dict[str, Any]:
    """Read a mapping file: how to read what has no fixed names. Each adapter has sections of its own.

    Raises
    ------
    ConfigError
        It is missing, or is no TOML; the message says which.
    """
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise ConfigError(f"the mapping file {path.name} can't be opened: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"the mapping file {path.name} is no TOML: {error}") from None


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
        LeftOut
            The record is sound and holds nothing to keep; the message says what it is. A record that gives neither
            rows nor a reason counts as unreadable.
        """
        ...


@dataclass(frozen=True)
class SourceCard:
    """An adapter's ``source.toml``.

    ``records`` maps each kind of record (`Layout.record`) to what it is. ``fields`` maps each dotted path (``[]`` for
    list elements are left out: ``statuses.mentions.acct``) to ``"used"`` or to the reason why it is ignored; a path
    that is ignored covers all below it. ``carries`` are the tables that the adapter fills, and words of `CARRIED`.
    ``harvest`` says, by kind of record, how many rows of which table (``rows`` = of all) each record gives at the very
    least, on average over a file: a file that yields less has changed its format, or its adapter is wrong.
    ``evaluation`` are the kinds of record that serve to measure the linking, and never enter the graph.
    """

    title: str
    carries: tuple[str, ...]
    records: Mapping[str, str]
    fields: Mapping[str, str]
    harvest: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    evaluation: frozenset[str] = frozenset()

    def shortfall(self, record: str, records: int, rows: Mapping[str, int]) -> str | None:
        """Say where ``records`` read of this kind gave fewer ``rows`` (by table) than they should; else ``None``."""
        for table, least in self.harvest.get(record, {}).items():
            given = sum(rows.values()) if table == "rows" else rows.get(table, 0)
            if given < least * records:
                return f"{given:,} {table} from {records:,} records, where at least {least:g} for each are expected"
        return None

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
            branch = _below(tree, key)
            if branch is None:
                found.append(f"{above}{key}")
            elif branch and inner:
                _walk(inner, branch, f"{above}{key}.", found)


def _below(tree: Mapping[str, Any], key: str) -> Mapping[str, Any] | None:
    """Give what stands below a key, which may hold dots itself (``m.relates_to``); ``None`` if the tree has it not."""
    branch: Mapping[str, Any] | None = tree.get(key)
    if branch is not None or "." not in key:
        return branch
    branch = tree
    for step in key.split("."):
        if branch is None or (not branch and branch is not tree):
            return branch
        branch = branch.get(step)
    return branch


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
            harvest=data.get("harvest", {}),
            evaluation=frozenset(data.get("evaluation", ())),
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
    return _made(points[name], options)


def load_all(options: Options | None = None) -> list[Adapter]:
    """Make every installed adapter, in order of name."""
    # Looking at what is installed takes longer than making an adapter: once is enough.
    return [_made(point, options) for point in available().values()]


def _made(point: EntryPoint, options: Options | None) -> Adapter:
    adapter: Adapter = point.load()(options or Options())
    return adapter


def card_of(adapter: Adapter) -> SourceCard:
    """Read the ``source.toml`` of ``adapter``'s own package."""
    return load_card(type(adapter).__module__.rpartition(".")[0])
