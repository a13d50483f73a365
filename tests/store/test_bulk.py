"""Files for ``neo4j-admin database import``: that they say what the tables say, to the last character."""

from __future__ import annotations

import errno
import os
import re
import stat
import subprocess
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from neo4j import GraphDatabase
from polars.testing import assert_frame_equal
from private_neo4j import PrivateNeo4j
from store_rows import frame, frames, northmoor

from graphmatch import tables
from graphmatch.errors import RejectedTable, StoreError, UsageError
from graphmatch.merge import merge
from graphmatch.store import bulk, bulk_csv, graph, open_store
from graphmatch.tables import OBSERVED, TEXTS, TIME

#: Shrinking frames of every table takes minutes; the drawn rows are small as they are.
DRAW = settings(deadline=None, database=None, phases=[Phase.explicit, Phase.generate])


class Tables:
    """What `bulk.export` asks of a store."""

    def __init__(self, made: dict[str, pl.DataFrame]) -> None:
        self.made = made

    def read(self, table: str) -> pl.DataFrame:
        return self.made.get(table, tables.empty(table))


def kept(table: str, rows: pl.DataFrame) -> pl.DataFrame:
    """A table as a store would give it, without the one list that the format can't say."""
    rows = merge(table, rows) if table in OBSERVED else rows.sort(tables.keys(table))
    lone = [pl.col(name) != [""] for name, dtype in rows.schema.items() if dtype == TEXTS]
    return rows.filter(pl.all_horizontal(pl.lit(value=True), *lone))


def exported(made: dict[str, pl.DataFrame], folder: Path, **options: Any) -> bulk.Exported:
    return bulk.export(Tables(made), folder, **options)


FIELD = re.compile(r'(?:"((?:[^"]|"")*)"|([^,\n"]*))([,\n])')


def fields(path: Path) -> list[list[str | None]]:
    """Read CSV by the importer's rules: only a field in quotes is a text, one without a character is null."""
    text = path.read_bytes().decode()
    rows: list[list[str | None]] = [[]]
    at = 0
    while at < len(text):
        found = FIELD.match(text, at)
        assert found, f"{path.name}, character {at}"
        rows[-1].append(found[2] or None if found[1] is None else found[1].replace('""', '"'))
        if found[3] == "\n":
            rows.append([])
        at = found.end()
    return rows[:-1]


def separator(folder: Path) -> str:
    code = re.search(r"--array-delimiter=U\+(\w+)", (folder / bulk.SCRIPT).read_text("utf-8"))
    assert code
    return chr(int(code[1], 16))


def options(folder: Path, kind: str) -> list[tuple[str, Path]]:
    """The files that the script names, with their labels or types."""
    found = re.findall(rf"--{kind}=(\w+)=(\S+)", (folder / bulk.SCRIPT).read_text("utf-8"))
    return [(name, folder / file) for name, file in found]


def nodes(folder: Path, table: str) -> pl.DataFrame:
    """Read a table back from the file of its nodes."""
    label, key = graph.NODES[table]
    found = [path for of, path in options(folder, "nodes") if of == label]
    if not found:
        return tables.empty(table)
    header, *rows = fields(found[0])
    of = tables.dtypes(table)
    assert [name.partition(":")[0] for name in header] == list(of)
    assert f"{key}:ID({label})" in header
    mark = separator(folder)
    return pl.DataFrame(
        [[typed(value, dtype, mark) for value, dtype in zip(row, of.values(), strict=True)] for row in rows],
        schema=of,
        orient="row",
    )


def typed(value: str | None, dtype: pl.DataType, mark: str) -> Any:
    if dtype == TEXTS:
        return [] if value is None else value.split(mark)
    if value is None or dtype == pl.String():
        return value
    if dtype == TIME:
        assert value.endswith("Z")
        return datetime.fromisoformat(value)
    if dtype == pl.Boolean():
        return {"true": True, "false": False}[value]
    return float(value) if dtype == pl.Float64() else int(value)


@pytest.mark.parametrize("table", graph.NODES)
def test_nodes_stand_in_their_file_as_they_are(table: str) -> None:
    @settings(DRAW, max_examples=6)
    @given(frames(table, max_size=4))
    def check(rows: pl.DataFrame) -> None:
        with tempfile.TemporaryDirectory() as folder:
            made = exported({table: kept(table, rows)}, Path(folder))
            assert_frame_equal(nodes(made.folder, table), kept(table, rows))

    check()


@settings(DRAW, max_examples=8)
@given(st.data())
def test_relationships_are_made_where_both_ends_are_and_wait_elsewhere(data: st.DataObject) -> None:
    made = {table: kept(table, data.draw(frames(table, max_size=3))) for table in graph.STORED}
    with tempfile.TemporaryDirectory() as name:
        done = exported(made, Path(name))
        keys = {label: set(made[table][key]) for table, (label, key) in graph.NODES.items()}
        keys["Signal"] = set(graph.with_signal_id(made["sightings"])["signal_id"])
        for edge in graph.EDGES:
            rows = made[edge.table]
            ends = edge.ends(graph.with_signal_id(rows) if edge.table == "sightings" else rows)
            whole = {
                row
                for row in map(hashable, ends.iter_rows())
                if row[0] in keys[edge.from_label] and row[1] in keys[edge.to_label]
            }
            assert ends_in(done.folder, f"relationships-{edge.name.replace('.', '-')}.csv", ends.schema) == whole
            waiting = ends_in(done.folder, f"waiting-{edge.name.replace('.', '-')}.csv", ends.schema, edge.name)
            assert waiting == {*map(hashable, ends.iter_rows())} - whole


def hashable(row: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(tuple(value) if isinstance(value, list) else value for value in row)


def ends_in(folder: Path, name: str, schema: pl.Schema, edge: str | None = None) -> set[tuple[Any, ...]]:
    if not (folder / name).exists():
        return set()
    header, *rows = fields(folder / name)
    if edge is not None:
        assert header[:3] == ["edge:string", "from_id:string", "to_id:string"]
        assert {row[0] for row in rows} == {edge}
        header, rows = header[1:], [row[1:] for row in rows]
    assert [part.partition(":")[0] for part in header[2:]] == list(schema)[2:]
    mark = separator(folder)
    return {
        hashable(tuple(typed(value, dtype, mark) for value, dtype in zip(row, schema.values(), strict=True)))
        for row in rows
    }


def test_the_signals_are_nodes_once(tmp_path: Path) -> None:
    done = exported(northmoor(), tmp_path)
    assert fields(done.folder / "nodes-Signal.csv") == [
        ["signal_id:ID(Signal)", "kind:string", "value:string"],
        ["link:grim.example", "link", "grim.example"],
    ]
    assert done.rows == {table: rows.height for table, rows in northmoor().items()}
    assert done.waiting == 0


def test_the_graph_says_its_schema_and_key(tmp_path: Path) -> None:
    exported({}, tmp_path / "plain")
    assert fields(tmp_path / "plain" / "meta.csv") == [["name:string", "version:long"], ["schema", "0"]]
    exported({}, tmp_path / "keyed", key_digest="a1b2")
    assert fields(tmp_path / "keyed" / "meta.csv")[1:] == [["schema", "0", None], ["workspace", None, "a1b2"]]


def test_what_is_told_and_counted(tmp_path: Path) -> None:
    told: list[tuple[str, int]] = []
    done = exported(northmoor(), tmp_path, tell=lambda table, rows: told.append((table, rows)))
    assert sorted(told) == sorted(done.rows.items())
    files = [path for _, path in options(tmp_path, "nodes")]
    assert done.nodes == sum(len(fields(path)) - 1 for path in files)
    files = [path for _, path in options(tmp_path, "relationships")]
    assert done.relationships == sum(len(fields(path)) - 1 for path in files)


def test_a_slice_at_a_time_gives_the_same_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    exported(northmoor(), tmp_path / "whole")
    monkeypatch.setattr(bulk_csv, "SLICE_ROWS", 1)
    exported(northmoor(), tmp_path / "slices")
    for path in (tmp_path / "whole").iterdir():
        assert path.read_bytes() == (tmp_path / "slices" / path.name).read_bytes()


def reasons(*texts: str) -> dict[str, pl.DataFrame]:
    return {"migrations": northmoor()["migrations"].head(1).with_columns(reasons=pl.Series([list(texts)]))}


def test_lists_are_parted_by_what_stands_in_none(tmp_path: Path) -> None:
    texts = [bulk_csv.SEPARATORS[0], "", f"a{bulk_csv.SEPARATORS[1]}b", ' ",;|\\']
    made = reasons(*texts)
    exported(made, tmp_path)
    assert separator(tmp_path) == bulk_csv.SEPARATORS[2]
    assert nodes(tmp_path, "migrations")["reasons"].to_list() == [texts]


@pytest.mark.parametrize("texts", [["".join(bulk_csv.SEPARATORS), "b"], [""]], ids=["no separator left", "lone blank"])
def test_a_list_that_can_not_be_said_is_refused(tmp_path: Path, texts: list[str]) -> None:
    with pytest.raises(RejectedTable, match=r"nodes-Migration\.csv.* column 'reasons'") as caught:
        exported(reasons(*texts), tmp_path / "new")
    assert not any(text and text in str(caught.value) for text in texts)
    assert not list(tmp_path.iterdir())


def test_the_importers_buffer_holds_the_longest_row(tmp_path: Path) -> None:
    long = {"targets": frame("targets", {"target_id": "1", "derivations": ["x"], "name": '"é' * 3_000_000})}
    exported(northmoor(), tmp_path / "short")
    exported(long, tmp_path / "long")
    row = max(map(len, (tmp_path / "long" / "nodes-Target.csv").read_bytes().splitlines()))
    short, wide = (
        int(re.findall(r"--read-buffer-size=(\d+)", (tmp_path / name / bulk.SCRIPT).read_text())[0])
        for name in ("short", "long")
    )
    assert short == bulk_csv.READ_BUFFER < row < wide


def test_the_files_are_their_owners_alone(tmp_path: Path) -> None:
    (tmp_path / "made").mkdir(mode=0o755)
    done = exported(northmoor(), tmp_path / "made", key_digest="a1b2")
    assert stat.S_IMODE(done.folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in done.folder.iterdir()} == {0o600}


def test_a_folder_that_holds_something_is_refused(tmp_path: Path) -> None:
    (tmp_path / "kept.txt").write_text("mine")
    with pytest.raises(UsageError, match="is not empty; name a new folder"):
        exported(northmoor(), tmp_path)
    with pytest.raises(UsageError, match="is not empty"):
        exported(northmoor(), tmp_path / "kept.txt")
    with pytest.raises(UsageError, match="is not empty"):
        exported(northmoor(), Path("/"))
    assert [path.name for path in tmp_path.iterdir()] == ["kept.txt"]


def test_a_path_that_goes_round_is_said_straight(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    done = exported(northmoor(), tmp_path / "a" / ".." / "new" / "out")
    assert done.folder == tmp_path / "new" / "out"
    assert done.command == f"sh {tmp_path}/new/out/import.sh"


def test_a_second_export_at_once_is_refused_and_leaves_the_first_alone(tmp_path: Path) -> None:
    (tmp_path / "out.part").mkdir()
    (tmp_path / "out.part" / "nodes-Account.csv").write_text("half")
    with pytest.raises(UsageError, match=r"out\.part is there: an export is at work, or was stopped"):
        exported(northmoor(), tmp_path / "out")
    assert (tmp_path / "out.part" / "nodes-Account.csv").read_text() == "half"


class Stopped(Tables):
    def read(self, table: str) -> pl.DataFrame:
        if table == "matches":
            raise KeyboardInterrupt
        return super().read(table)


def test_an_export_that_is_stopped_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        bulk.export(Stopped(northmoor()), tmp_path / "out")
    assert not list(tmp_path.iterdir())


def test_a_full_disk_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_file: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StoreError, match=r"can't write .*out: No space left on device"):
        exported(northmoor(), tmp_path / "out")
    assert not list(tmp_path.iterdir())


def run(done: bulk.Exported, admin: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command as its reader would, with ``neo4j-admin`` in the folder ``admin``."""
    path = f"{admin}{os.pathsep}{os.environ['PATH']}"
    command = " ".join([done.command, *arguments])
    env = {**os.environ, "PATH": path}
    return subprocess.run(command, shell=True, env=env, capture_output=True, text=True, check=False)


def shim(folder: Path, text: str) -> Path:
    """Make a ``neo4j-admin`` that runs ``text``."""
    folder.mkdir()
    (folder / "neo4j-admin").write_text(f"#!/bin/sh\n{text}\n")
    (folder / "neo4j-admin").chmod(0o755)
    return folder


def test_the_command_names_every_file_and_takes_a_database(tmp_path: Path) -> None:
    done = exported(northmoor(), tmp_path / "it's out; $HOME", key_digest="a1b2")
    admin = shim(tmp_path / "bin", 'pwd; for given; do printf "%s\\n" "$given"; done')
    where, *plain = run(done, admin).stdout.splitlines()
    assert where == str(done.folder)
    assert plain[:3] == ["database", "import", "full"]
    assert plain[-1] == "neo4j"
    assert plain[-2].startswith("--read-buffer-size=")  # behind a file, the name would pass for one file more
    assert {"--multiline-fields=true", '--quote="', "--bad-tolerance=0", "--delimiter=,"} <= set(plain)
    named = {option.rpartition("=")[2] for option in plain if option.startswith(("--nodes", "--relationships"))}
    assert named == {path.name for path in done.folder.glob("*.csv")}
    assert not any("a1b2" in option or "skip" in option.partition("=")[0].replace("auto-skip", "") for option in plain)
    assert run(done, admin, "town", "--overwrite-destination=true").stdout.splitlines()[1:] == [
        *plain[:-1],
        "--overwrite-destination=true",
        "town",
    ]


def test_the_note_says_what_to_do_next(tmp_path: Path) -> None:
    done = exported(northmoor(), tmp_path)
    note = (done.folder / bulk.NOTE).read_text("utf-8")
    assert "store prepare" in note
    assert "Stop the server" in note
    assert f"{done.nodes} nodes, {done.relationships} relationships" in note


#: What a text may hold that a reader of CSV could stumble on.
HOSTILE = [
    "",
    " blanks around\t",
    'quo"ted ""twice""',
    '"',
    "line\nfeed\r\nand return\r",
    "x\u2028y\u2029z\x85\x0b\x0c",
    "\x00nul\x00",
    "\x1a\x1f\ufdd0\ufffe\uffff\U0010ffff",
    "back\\slash\\",
    '\\"',
    "a,b;c|d\te",
    "account_id:ID(Account)",
    ":LABEL,:START_ID",
    "\ufeffmark",
    "null",
    "🦔 Zoë ﷽",
    "long " * 200_000,
]
LATE = pl.from_epoch(pl.Series([500_000_000_000_000_000]), "us").dt.replace_time_zone("UTC")  # the year 17814


def town() -> dict[str, pl.DataFrame]:
    """Every table, with drawn rows, every odd text, and ends that are missing."""
    made = northmoor()
    for table in graph.STORED:
        made[table] = kept(table, pl.concat([made[table], *drawn(table)]).unique(tables.keys(table), keep="first"))
    base = made["targets"].head(1).drop("target_id", "name")
    odd = pl.DataFrame({"target_id": [f"odd:{at}{text[:40]}" for at, text in enumerate(HOSTILE)], "name": HOSTILE})
    made["targets"] = kept("targets", pl.concat([made["targets"], odd.join(base, how="cross")], how="diagonal"))
    listed = pl.lit(pl.Series([HOSTILE[:-1]])).first()
    made["migrations"] = made["migrations"].with_columns(reasons=listed)
    ends = frame(
        "contents", {"content_id": "content:odd", "platform": "reddit", "target_ids": odd["target_id"].to_list()}
    )
    made["contents"] = kept("contents", pl.concat([made["contents"], ends]))
    late = northmoor()["enforcements"].with_columns(enforcement_id=pl.lit("late"), expires_at=LATE)
    made["enforcements"] = kept("enforcements", pl.concat([made["enforcements"], late]))
    return made


def drawn(table: str) -> list[pl.DataFrame]:
    parts: list[pl.DataFrame] = []

    @settings(DRAW, max_examples=6)
    @given(frames(table))
    def collect(rows: pl.DataFrame) -> None:
        parts.append(rows)

    collect()
    return parts


def whole_graph(uri: str) -> tuple[list[str], list[str]]:
    """Say every node and relationship of a server, with the type of each property; an empty list counts as none."""
    value = "CASE WHEN valueType(x[key]) STARTS WITH 'ZONED' THEN toString(x[key]) ELSE x[key] END"
    properties = f"[key IN keys(x) WHERE NOT x[key] = [] | [key, valueType(x[key]), {value}]] AS properties"
    ends = ", ".join(f"labels({end}) AS {end}_is, {end}[$keys[labels({end})[0]]] AS {end}_key" for end in "ab")
    asked = (
        f"MATCH (x) RETURN labels(x) AS is, {properties}",
        f"MATCH (a)-[x]->(b) RETURN type(x) AS is, {ends}, {properties}",
    )
    with GraphDatabase.driver(uri) as driver:
        found = [driver.execute_query(query, keys=graph.LABEL_KEYS).records for query in asked]
    nodes, relationships = (
        sorted(repr({**record, "properties": sorted(record["properties"])}) for record in records) for records in found
    )
    return nodes, relationships


@pytest.mark.slow
@pytest.mark.usefixtures("private_neo4j")  # is there one? It must not run before the import has made its database
def test_the_imported_graph_is_the_written_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = town()
    done = exported(made, tmp_path / "out", key_digest="a1b2")
    assert done.waiting
    where, *arguments = run(
        done, shim(tmp_path / "bin", 'pwd; for given; do printf "%s\\n" "$given"; done')
    ).stdout.splitlines()
    monkeypatch.chdir(where)
    server = PrivateNeo4j(tmp_path / "home", settings={"dbms.security.auth_enabled": "false"})
    server.admin(*arguments)
    with server:
        with open_store(server.uri, key_digest="a1b2") as store:
            for table, rows in made.items():
                assert_frame_equal(store.read(table), rows)
            imported = whole_graph(server.uri)
        with GraphDatabase.driver(server.uri) as driver:
            driver.execute_query("MATCH (n) DETACH DELETE n")
        with open_store(server.uri, key_digest="a1b2") as store:
            for table, rows in made.items():
                (store.write if table in OBSERVED else store.replace)(table, rows)
        assert imported == whole_graph(server.uri)
