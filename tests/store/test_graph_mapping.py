"""How tables lie in the graph, and that the schema file says the same."""

from __future__ import annotations

import re

import polars as pl
import pytest
from store_rows import northmoor

from graphmatch import tables
from graphmatch.store import cypher, graph

TYPES = {
    pl.String(): "STRING",
    pl.Int64(): "INT64",
    pl.Int8(): "INT8",
    pl.Float64(): "DOUBLE",
    pl.Boolean(): "BOOL",
    tables.TIME: "TIMESTAMP",
    tables.TEXTS: "STRING[]",
}


@pytest.fixture(scope="module", name="made")
def _made() -> dict[str, str]:
    statements = cypher.named("embedded", group="schema").statements
    found = (re.search(r"TABLE `?(\w+)`?\((.*)\)", one, re.DOTALL) for one in statements)
    return {match[1]: match[2] for match in found if match}


def columns(body: str) -> dict[str, str]:
    return dict(re.findall(r"`(\w+)` ([\w\[\]]+)", body))


@pytest.mark.parametrize("table", graph.NODES)
def test_the_schema_file_gives_each_label_its_tables_columns(made: dict[str, str], table: str) -> None:
    label, key = graph.NODES[table]
    assert columns(made[label]) == {name: TYPES[dtype] for name, dtype in tables.dtypes(table).items()}
    assert [key] == tables.keys(table)
    assert f"`{key}` STRING PRIMARY KEY" in made[label]


@pytest.mark.parametrize("edge", graph.EDGES, ids=lambda edge: edge.name)
def test_the_schema_file_gives_each_relationship_its_ends_and_properties(
    made: dict[str, str], edge: graph.Edge
) -> None:
    assert f"FROM {edge.from_label} TO {edge.to_label}" in made[edge.type]
    assert columns(made[edge.type]) == {name: TYPES[tables.dtypes(edge.table)[name]] for name in edge.properties}


def test_every_column_of_an_edge_table_is_kept() -> None:
    for table, rows in northmoor().items():
        if table in graph.EDGE_TABLES:
            edge = graph.EDGE_TABLES[table]
            ends = edge.ends(graph.with_signal_id(rows) if table == "sightings" else rows)
            assert graph.rows_of(edge, ends).equals(rows)


def test_edges_have_names_of_their_own() -> None:
    assert len({edge.name for edge in graph.EDGES}) == len(graph.EDGES)


def test_a_list_column_makes_one_relationship_an_element() -> None:
    edge = next(edge for edge in graph.EDGES if edge.type == "PART_OF")
    rows = pl.DataFrame({"actor_id": ["x", "y", "z"], "account_ids": [["a", "b", "a"], [], None]})
    assert sorted(edge.ends(rows).rows()) == [("a", "x"), ("b", "x")]


def test_a_value_may_hold_the_separator_of_signal_ids() -> None:
    edge = graph.EDGE_TABLES["sightings"]
    ends = pl.DataFrame({"from_id": ["a"], "to_id": ["link:x:y"]}).with_columns(
        pl.lit(None, dtype).alias(name) for name, dtype in tables.dtypes("sightings").items() if name in edge.properties
    )
    assert graph.rows_of(edge, ends)["value"].to_list() == ["x:y"]
