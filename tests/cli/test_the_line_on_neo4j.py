"""The whole line on a real Neo4j server: what it finds there is what it finds in the file, row for row."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import polars as pl
import pytest
from conftest import Cli
from neo4j_server import Server
from polars.testing import assert_frame_equal

from graphmatch.store import Store, cypher, graph, open_store


@pytest.fixture(name="on_server")
def _on_server(
    empty_neo4j: Server, finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[Path, Server]:
    """A workspace with nothing but the finished one's key, in an environment that names the server."""
    folder = tmp_path / "on-server"
    (folder / ".graphmatch").mkdir(parents=True, mode=0o700)
    shutil.copy(finished / "graphmatch.toml", folder)
    shutil.copy(finished / ".graphmatch" / "key", folder / ".graphmatch")
    monkeypatch.setenv("NEO4J_USERNAME", empty_neo4j.username)
    monkeypatch.setenv("NEO4J_PASSWORD", empty_neo4j.password)
    if empty_neo4j.database:
        monkeypatch.setenv("NEO4J_DATABASE", empty_neo4j.database)
    return folder, empty_neo4j


def tables_of(store: Store) -> dict[str, pl.DataFrame]:
    return {table: store.read(table) for table in graph.STORED}


def test_the_line_gives_equal_tables_and_answers_on_both_stores(
    cli: Cli, finished: Path, world: Path, on_server: tuple[Path, Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, server = on_server
    cli("-w", finished, "communities")  # whoever shares it may have, and what became of them stands in the table
    monkeypatch.setenv("NEO4J_URI", server.uri)
    done = cli("-w", folder, "run", world)
    cli("-w", folder, "communities")
    assert server.password not in done.stdout + done.stderr
    assert not (folder / ".graphmatch" / "graph.lbug").exists()
    with (
        open_store(f"embedded://{finished / '.graphmatch' / 'graph.lbug'}", read_only=True) as file,
        open_store(server.uri, login=server.login, read_only=True) as there,
    ):
        expected, found = tables_of(file), tables_of(there)
        assert all(expected[table].height for table in ("matches", "actors", "communities", "migrations"))
        for table, rows in expected.items():
            assert_frame_equal(found[table], rows)
        account, other = expected["actors"]["account_ids"][0][:2].to_list()
        given = {
            "account_id": account,
            "first": account,
            "second": other,
            "actor_id": expected["actors"]["actor_id"][0],
            "community_id": expected["communities"]["community_id"][0],
            "target_id": expected["targets"]["target_id"][0],
            "content_id": expected["contents"]["content_id"][0],
            "origin": expected["migrations"]["origin_platform"][0],
            "destination": expected["migrations"]["destination_platform"][0],
            "part": "a",
        }
        answered, different = 0, []
        for question in cypher.all_named("analyst"):
            needed = {param.name: given[param.name] for param in question.params if param.default is None}
            one, two = (cypher.answer(store, question, needed) for store in (file, there))
            if not one.equals(two):
                different.append(question.name)
            answered += not one.is_empty()
        assert not different
        assert answered >= 20

    # Run again, nothing changes; judged, the next run takes it up.
    again = cli("-w", folder, "run", world)
    assert " 0 new" in again.stderr or "known" in again.stdout + again.stderr
    cli("-w", folder, "judge", account, other, "positive", "--analyst", "Jo Marl", "--reason", "same link, same week")
    cli("-w", folder, "judge", account, other, "positive", "--analyst", "Sam Oke", "--reason", "same link, same week")
    cli("-w", folder, "resolve")
    match = cli("-w", folder, "explain", account, other, "--json")
    assert json.loads(match.stdout)["standing"] == "confirmed"


def test_a_wrong_password_is_an_error_without_a_traceback(
    cli: Cli, on_server: tuple[Path, Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, server = on_server
    monkeypatch.setenv("NEO4J_PASSWORD", "Tr0mbone")
    done = cli("-w", folder, "--store", server.uri, "status", code=4)
    assert "refuses this user and password" in done.stderr
    assert "Tr0mbone" not in done.stdout + done.stderr
