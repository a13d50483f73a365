"""The standard tests of adapters: what every one of them keeps, whoever wrote it.

In: an adapter. Out: one finding for each test. ``graphmatch adapters check NAME`` shows them, and graphmatch's own
tests go through the same ones.
"""

from __future__ import annotations

import copy
import dataclasses
import io
import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

import polars as pl

from graphmatch import tables
from graphmatch.adapter import CARRIED, Adapter, Context, RawRecord, Unreadable, card_of
from graphmatch.errors import GraphmatchError, LeftOut, RejectedRecord
from graphmatch.frames import ROW_TABLES
from graphmatch.frames import frame as table_of
from graphmatch.intake.head import heads, recognise
from graphmatch.merge import merge
from graphmatch.model import Report, Row, Sighting
from graphmatch.normalise.contacts import Keyring

#: Golden rows hold digests; under this key they are the same everywhere.
KEYRING = Keyring(b"\x01" * 32)

#: What spoilt records are given in the place of a value: every type, and what is special in each.
JUNK: tuple[Any, ...] = (
    None, "", "x", "\ud83d", "\0", "2026-13-45", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "did:plc:", "at://",
    "@", ":", "://", "http://[", "1.01421E+18", "01/01/2026", 0, -1, 10**30, 1.5, float("nan"), True, False, [], {},
    [None], ["x"], [[]], [{}], {"x": 1}, {"$type": 1}, "a@b.example", "x" * 5000,
)  # fmt: skip

_CONTACTS = {
    "an e-mail address": re.compile(r"(?<![\w@.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+"),
    "an IP address": re.compile(r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w.])"),
    "a phone number": re.compile(r"(?<![\w.])(?:\+\d{2}|0)\d{2,4} ?\d{3} ?\d{3,4}(?![\w.])"),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One test and what is wrong, or nothing."""

    test: str
    problem: str | None


def findings(adapter: Adapter, *, update_golden: bool = False) -> list[Finding]:
    """Put ``adapter`` through every standard test; ``update_golden`` first writes its golden rows anew."""
    if update_golden:
        golden_of(adapter).write_text(as_lines(sample_rows(adapter)), encoding="utf-8")
    return [Finding(test.__name__.replace("_", " "), _problem(test, adapter)) for test in TESTS]


def _problem(test: Callable[[Adapter], str | None], adapter: Adapter) -> str | None:
    try:
        return test(adapter)
    except Exception as error:  # noqa: BLE001 - an adapter may be anybody's; its fault is the finding
        said = f": {error}" if isinstance(error, GraphmatchError) else ""
        return f"failed with {type(error).__name__}{said}"


def folder_of(adapter: Adapter) -> Path:
    """Find the folder that the adapter ships in."""
    return Path(str(files(type(adapter).__module__.rpartition(".")[0])))


def golden_of(adapter: Adapter) -> Path:
    """Find the file of golden rows."""
    return folder_of(adapter) / "golden.jsonl"


def samples_of(adapter: Adapter) -> list[Path]:
    """List the adapter's samples, in order of name."""
    return sorted(folder_of(adapter).glob("sample*.*"))


def context_of(adapter: Adapter, name: str, content: bytes) -> Context:
    """Make the context in which an ingest would read this file, if this adapter alone were there."""
    _, layout = recognise(heads(io.BytesIO(content), name), [adapter])
    return Context(adapter.name, name, layout, KEYRING)


def items_of(adapter: Adapter, name: str, content: bytes) -> tuple[list[RawRecord | Unreadable], Context]:
    """Read a file's records as they stand."""
    context = context_of(adapter, name, content)
    return list(adapter.read(io.BytesIO(content), context.layout)), context


def sample_records(adapter: Adapter) -> Iterator[tuple[RawRecord, Context]]:
    """Read every record of the samples; a place that holds none raises `RejectedRecord`."""
    for path in samples_of(adapter):
        items, context = items_of(adapter, path.name, path.read_bytes())
        for item in items:
            if isinstance(item, Unreadable):
                raise RejectedRecord(f"{path.name}, record {item.line}: {item.why}")
            yield item, context


def rows_of(adapter: Adapter, record: RawRecord, context: Context) -> list[Row]:
    """Give the rows of one record; none if it is left out.

    Raises
    ------
    RejectedRecord
        The adapter can't read it, or gave neither rows nor a reason.
    """
    try:
        rows = list(adapter.normalise(record, context))
    except LeftOut:
        return []
    if not rows:
        raise RejectedRecord("the adapter gave no rows, and no reason")
    return rows


def sample_rows(adapter: Adapter) -> list[Row]:
    """Give every row of the samples, in order."""
    return [row for record, context in sample_records(adapter) for row in rows_of(adapter, record, context)]


def as_lines(rows: list[Row]) -> str:
    """Write rows as a golden file keeps them: the table, then what the row says; blanks are left out."""
    return "".join(json.dumps(as_json(row), ensure_ascii=False) + "\n" for row in rows)


def as_json(row: Row) -> dict[str, Any]:
    """Write one row as an object."""
    return {"table": ROW_TABLES[type(row)], **dict(_said(row))}


def _said(row: Row) -> Iterator[tuple[str, Any]]:
    for field in dataclasses.fields(row):
        value = getattr(row, field.name)
        if isinstance(value, datetime):
            yield field.name, value.isoformat()
        elif isinstance(value, tuple):
            if value:
                yield field.name, list(value)
        elif value is not None:
            yield field.name, value


def frames_of(rows: list[Row]) -> dict[str, pl.DataFrame]:
    """Make merged tables of rows, unchecked."""
    by_table: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_table[ROW_TABLES[type(row)]].append(row)
    return {table: merge(table, table_of(table, found)) for table, found in by_table.items()}


def samples_give_the_golden_rows(adapter: Adapter) -> str | None:
    """Hold the samples' rows against ``golden.jsonl``."""
    if not samples_of(adapter):
        return "there is no sample"
    expected = [json.loads(line) for line in golden_of(adapter).read_text("utf-8").splitlines()]
    given = [json.loads(line) for line in as_lines(sample_rows(adapter)).splitlines()]
    for place, (one, other) in enumerate(zip(given, expected, strict=False), start=1):
        if one != other:
            names = sorted(name for name in one.keys() | other.keys() if one.get(name) != other.get(name))
            return f"row {place} differs from golden.jsonl in {', '.join(names)}"
    return None if len(given) == len(expected) else f"{len(given)} rows, where golden.jsonl has {len(expected)}"


def rows_keep_their_contracts(adapter: Adapter) -> str | None:
    """Check every row of the samples against its table."""
    broken = {
        table: dict(checked.counts)
        for table, frame in frames_of(sample_rows(adapter)).items()
        if (checked := tables.check(table, frame)).bad.height
    }
    return f"rows break their contracts: {broken}" if broken else None


def the_card_tells_what_is_carried(adapter: Adapter) -> str | None:
    """Hold ``carries`` against the samples, both ways: nothing unsaid, nothing claimed that no sample shows."""
    card = card_of(adapter)
    given = set().union(*(_carried_by(row) for row in sample_rows(adapter)))
    if unsaid := sorted(given - set(card.carries)):
        return f"source.toml does not say that it carries {', '.join(unsaid)}"
    if unknown := sorted(set(card.carries) - {*tables.OBSERVED, *CARRIED}):
        return f"source.toml carries what is no table: {', '.join(unknown)}"
    unseen = sorted(set(card.carries) - given)
    return f"no sample shows that it carries {', '.join(unseen)}" if unseen else None


def _carried_by(row: Row) -> set[str]:
    """Name the row's table, and what of `CARRIED` it holds."""
    carried = {ROW_TABLES[type(row)]}
    if isinstance(row, Report) and row.reporter_ref:
        carried.add("reporters")
    if isinstance(row, Sighting) and row.kind.endswith("_hmac"):
        carried.add("contacts")
    return carried


def the_card_knows_every_field(adapter: Adapter) -> str | None:
    """Hold the samples' fields against ``[fields]``."""
    card = card_of(adapter)
    found = {path for record, _ in sample_records(adapter) for path in card.unknown(record.value)}
    return f"source.toml does not know the fields {', '.join(sorted(found))}" if found else None


def the_card_knows_every_kind_of_record(adapter: Adapter) -> str | None:
    """Hold the kinds of record that files are recognised as, and those with a harvest, against ``[records]``."""
    card = card_of(adapter)
    kinds = {context.layout.record for _, context in sample_records(adapter)} | set(card.harvest) | card.evaluation
    unknown = sorted(kinds - set(card.records))
    return f"source.toml has no record {', '.join(unknown)}" if unknown else None


def the_harvest_is_as_expected(adapter: Adapter) -> str | None:
    """Hold each sample's rows against ``[harvest]``."""
    card = card_of(adapter)
    for path in samples_of(adapter):
        items, context = items_of(adapter, path.name, path.read_bytes())
        counts: dict[str, int] = defaultdict(int)
        gave = 0
        for item in items:
            rows = rows_of(adapter, item, context) if isinstance(item, RawRecord) else []
            gave += bool(rows)
            for row in rows:
                counts[ROW_TABLES[type(row)]] += 1
        if short := card.shortfall(context.layout.record, gave, counts):
            return f"{path.name}: {short}"
    return None


def no_contact_value_stands_in_a_row(adapter: Adapter) -> str | None:
    """Look for the samples' e-mail addresses, IPs and phone numbers in the rows."""
    raw = "\n".join(path.read_text("utf-8", "replace") for path in samples_of(adapter))
    lines = as_lines(sample_rows(adapter))
    for what, pattern in _CONTACTS.items():
        for value in set(pattern.findall(raw)):
            if re.search(rf"(?<![\w@.+-]){re.escape(value)}(?![\w-])", lines, re.IGNORECASE):
                return f"a row holds {what} of the samples"
    return None


def reading_twice_changes_nothing(adapter: Adapter) -> str | None:
    """Merge the samples' rows once, and twice in another order."""
    rows = sample_rows(adapter)
    once, twice = frames_of(rows), frames_of([*reversed(rows), *rows])
    changed = [table for table in once if not once[table].equals(twice[table])]
    return f"read twice, these tables differ: {', '.join(changed)}" if changed else None


def spoilt_records_are_read_or_rejected(adapter: Adapter) -> str | None:
    """Take every field of every sample record away, and put something of another type there."""
    rows: list[Row] = []
    for at, (record, context) in enumerate(sample_records(adapter)):
        for place, path in enumerate(places(record.value)):
            for drop, value in ((True, None), (False, JUNK[(at + place) % len(JUNK)])):
                spoilt = RawRecord(record.line, spoil(record.value, path, value, drop=drop), record.around)
                try:
                    rows += rows_of(adapter, spoilt, context)
                except RejectedRecord as reason:
                    if "no reason" in str(reason):
                        return f"{_dotted(path)} {'removed' if drop else 'spoilt'}: {reason}"
                except Exception as error:  # noqa: BLE001 - that is what is looked for
                    return f"{_dotted(path)} {'removed' if drop else 'spoilt'}: {type(error).__name__}"
    for table, frame in frames_of(rows).items():
        # That no id is too long for an index is looked at once for all adapters, where rows become tables.
        if broken := [rule for rule in tables.check(table, frame).counts if not rule.endswith("max_length")]:
            return f"spoilt records give {table} that break {', '.join(sorted(broken))}"
    return None


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """List the path of every value inside ``value``."""
    found = [path] if path else []
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, below in inner:
        found += places(below, (*path, key))
    return found


def spoil(record: dict[str, Any], path: tuple[Any, ...], value: Any, *, drop: bool) -> dict[str, Any]:
    """Give a copy of ``record`` in which the value at ``path`` is gone or another one."""
    spoilt = copy.deepcopy(record)
    holder: Any = spoilt
    for key in path[:-1]:
        holder = holder[key]
    if drop:
        del holder[path[-1]]
    else:
        holder[path[-1]] = value
    return spoilt


def _dotted(path: tuple[Any, ...]) -> str:
    return ".".join(str(step) for step in path)


TESTS: tuple[Callable[[Adapter], str | None], ...] = (
    samples_give_the_golden_rows,
    rows_keep_their_contracts,
    the_card_tells_what_is_carried,
    the_card_knows_every_field,
    the_card_knows_every_kind_of_record,
    the_harvest_is_as_expected,
    no_contact_value_stands_in_a_row,
    reading_twice_changes_nothing,
    spoilt_records_are_read_or_rejected,
)
