"""How the server means to carry out our statements: through an index for each row, whatever it knows of the graph.

It plans by the size of the graph when it first meets a statement, and keeps the plan: from an empty graph it once
learnt to look at every relationship for each row, 400 rows a second instead of 20,000.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

import neo4j
import pytest
from neo4j_server import Server
from store_rows import northmoor

from graphmatch.store import Written, graph, open_store
from graphmatch.store import neo4j as engine
from graphmatch.store import neo4j_relationships as relationships
from graphmatch.store.changes import Change
from graphmatch.store.neo4j_frames import OWN, Transaction


class Planned:
    """A transaction that has its statements planned, and does none of them."""

    def __init__(self, driver: neo4j.Driver, database: str | None) -> None:
        self._driver, self._database = driver, database
        self.plans: list[tuple[str, list[str]]] = []

    def run(self, text: str, params: dict[str, Any] | None = None, **more: Any) -> Planned:
        self._params = {**(params or {}), **more}
        with self._driver.session(database=self._database, notifications_min_severity="OFF") as session:
            explained = session.run(f"CYPHER replan=force EXPLAIN {text.removeprefix(OWN)}", self._params).consume()
        self.plans.append((text, list(_operators(cast("dict[str, Any]", explained.plan)))))
        return self

    def fetch(self, _n: int) -> list[Any]:
        return []

    def __iter__(self) -> Iterator[list[str]]:
        yield from ([edge] for edge in self._params.get("edges", ()))  # something waits of each


def _operators(plan: dict[str, Any]) -> Iterator[str]:
    yield plan["operatorType"].partition("@")[0]
    for child in plan.get("children", ()):
        yield from _operators(child)


@pytest.mark.parametrize("table", graph.STORED)
def test_every_row_goes_through_an_index(empty_neo4j: Server, table: str) -> None:
    server, rows = empty_neo4j, northmoor()[table]
    open_store(server.uri, login=server.login).close()
    with server.driver() as driver:
        planned = Planned(driver, server.database)
        tx = cast("Transaction", planned)
        engine._existing(tx, table, rows)
        engine._apply(tx, table, Change(rows, rows, rows, Written()))
        for edge in graph.edges_of(table):
            relationships.remove(tx, edge, edge.ends(graph.with_signal_id(rows) if table == "sightings" else rows))
        if table in graph.NODES:
            engine._drop(tx, table, rows)
    by_row = [(text, plan) for text, plan in planned.plans if "UNWIND" in text]
    assert len(by_row) >= 3
    for text, plan in by_row:
        assert not [each for each in plan if "Scan" in each or "Join" in each], text
        if "USING INDEX" in text:
            assert any("IndexSeek" in each for each in plan), text
        if "AS made" in text or "[made:" in text:
            assert "Expand(Into)" in plan, text
