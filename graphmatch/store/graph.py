"""How tables lie in the graph: which rows are nodes, which columns are relationships.

In: rows of one table. Out: frames of relationship ends. Pure; knows no engine, so that all hold the same graph.

A column that names another row (``account_id`` of a report) stays a property *and* becomes a relationship, made as soon
as both of its ends exist. Two tables are relationships themselves: ``sightings`` and ``matches``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import polars as pl

from graphmatch.tables import DERIVED, OBSERVED, TEXTS, dtypes

#: Tables that a store keeps, in the order to write them in.
STORED = (*OBSERVED, *DERIVED)

#: Each table whose rows are nodes → (label, key property).
NODES: dict[str, tuple[str, str]] = {
    "accounts": ("Account", "account_id"),
    "targets": ("Target", "target_id"),
    "contents": ("Content", "content_id"),
    "reports": ("Report", "report_id"),
    "enforcements": ("Enforcement", "enforcement_id"),
    "link_claims": ("LinkClaim", "claim_id"),
    "actors": ("Actor", "actor_id"),
    "communities": ("Community", "community_id"),
    "migrations": ("Migration", "migration_id"),
    "community_moves": ("CommunityMove", "community_id"),
    "reporters": ("Reporter", "reporter_ref"),
    "bursts": ("Burst", "burst_id"),
}
#: Key property of each label. A Signal is no table of its own: its ``signal_id`` is ``kind:value`` of a sighting.
LABEL_KEYS: dict[str, str] = {**dict(NODES.values()), "Signal": "signal_id"}

SIGNAL_COLUMNS = ("signal_id", "kind", "value")


@dataclass(frozen=True)
class Edge:
    """One relationship type between two labels, and the table whose columns make it.

    ``from_column`` and ``to_column`` hold the keys of its ends; of a list column each element is an end.
    ``properties`` are columns that the relationship itself carries; ``identity`` are those of them that tell apart two
    relationships between the same ends.
    """

    type: str
    table: str
    from_label: str
    from_column: str
    to_label: str
    to_column: str
    properties: tuple[str, ...] = ()
    identity: tuple[str, ...] = ()

    @cached_property
    def name(self) -> str:
        """Name this edge among all of them: types are shared (``AIMED_AT`` starts at reports and at contents)."""
        return f"{self.table}.{self.type}.{self.to_label}"

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """What tells one relationship of this edge from the others."""
        return ("from_id", "to_id", *self.identity)

    def ends(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Give ``from_id``, ``to_id`` and the properties of the relationships that ``rows`` of the table ask for."""
        ends = pl.col(self.from_column).alias("from_id"), pl.col(self.to_column).alias("to_id")
        made = rows.select(*ends, *self.properties)
        for end in ("from_id", "to_id"):
            if made.schema[end] == TEXTS:
                made = made.explode(end, empty_as_null=True, keep_nulls=True)
        made = made.filter(pl.col("from_id").is_not_null() & pl.col("to_id").is_not_null())
        return made.unique(self.columns, keep="first", maintain_order=True)


def _but(table: str, *columns: str) -> tuple[str, ...]:
    return tuple(name for name in dtypes(table) if name not in columns)


#: The two tables whose rows are relationships.
EDGE_TABLES: dict[str, Edge] = {
    "sightings": Edge(
        "SHOWS",
        "sightings",
        "Account",
        "account_id",
        "Signal",
        "signal_id",
        _but("sightings", "account_id", "kind", "value"),
        ("source",),
    ),
    "matches": Edge("MATCHES", "matches", "Account", "left", "Account", "right", _but("matches", "left", "right")),
}
EDGES: tuple[Edge, ...] = (
    *EDGE_TABLES.values(),
    Edge("WROTE", "contents", "Account", "account_id", "Content", "content_id"),
    Edge("AIMED_AT", "contents", "Content", "content_id", "Target", "target_ids"),
    Edge("AIMED_AT", "reports", "Report", "report_id", "Target", "target_ids"),
    Edge("AGAINST", "reports", "Report", "report_id", "Account", "account_id"),
    Edge("POINTS_AT", "reports", "Report", "report_id", "Content", "content_ids"),
    Edge("ENFORCED_ON", "enforcements", "Enforcement", "enforcement_id", "Account", "account_id"),
    Edge("ENFORCED_ON", "enforcements", "Enforcement", "enforcement_id", "Content", "content_id"),
    Edge("CLAIMS", "link_claims", "LinkClaim", "claim_id", "Account", "account_id"),
    Edge("PART_OF", "actors", "Account", "account_ids", "Actor", "actor_id"),
    Edge("IN_COMMUNITY", "communities", "Account", "account_ids", "Community", "community_id"),
    Edge("REPORTED_BY", "reporters", "Report", "report_ids", "Reporter", "reporter_ref"),
    Edge("AGAINST", "bursts", "Burst", "burst_id", "Account", "account_id"),
    Edge("PART_OF", "bursts", "Report", "report_ids", "Burst", "burst_id"),
    Edge("OF", "migrations", "Migration", "migration_id", "Actor", "actor_id"),
    Edge("OF", "community_moves", "CommunityMove", "community_id", "Community", "community_id"),
    Edge("PART_OF", "community_moves", "Migration", "migration_ids", "CommunityMove", "community_id"),
    Edge("FROM", "migrations", "Migration", "migration_id", "Account", "origin_account_id"),
    Edge("TO", "migrations", "Migration", "migration_id", "Account", "destination_account_id"),
    Edge(
        "MOVED_TO",
        "migrations",
        "Account",
        "origin_account_id",
        "Account",
        "destination_account_id",
        ("migration_id", "kind", "match_probability"),
        ("migration_id",),
    ),
)


def edges_of(table: str) -> list[Edge]:
    """List the edges that the columns of ``table`` make."""
    return [edge for edge in EDGES if edge.table == table]


def edges_into(label: str, *, but: str) -> list[Edge]:
    """List the edges that end at ``label`` on either side and are made by another table than ``but``."""
    return [edge for edge in EDGES if edge.table != but and label in (edge.from_label, edge.to_label)]


def with_signal_id(sightings: pl.DataFrame) -> pl.DataFrame:
    """Add the key of the Signal that each sighting shows."""
    return sightings.with_columns(signal_id=pl.concat_str("kind", pl.lit(":"), "value"))


def rows_of(edge: Edge, ends: pl.DataFrame) -> pl.DataFrame:
    """Turn relationships of an edge table back into its rows: the inverse of `Edge.ends`."""
    rows = ends.rename({"from_id": edge.from_column, "to_id": edge.to_column})
    if edge.table == "sightings":
        parts = pl.col("signal_id").str.splitn(":", 2)
        rows = rows.with_columns(kind=parts.struct.field("field_0"), value=parts.struct.field("field_1"))
    return rows.select(dtypes(edge.table).keys())
