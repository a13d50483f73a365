"""Find planted partitions, beside networkx's Louvain: NMI with the plant and CPU seconds, as more ties lead outside.

Usage: python benchmarks/community_peers.py [--nodes 20000] [--edges 100000] [--seed 1] [--json]

Communities of 50 are planted (`communities.plant`), with the share of ties inside one from four in five down to two in
five. graphmatch searches by the constant Potts model at the resolution that it chooses; Louvain maximises modularity at
its default. Both get the same ties and a seed. NMI is against the plant, and of the two with each other. Small
communities in a large graph are what modularity merges by its resolution limit (Fortunato & Barthélemy 2007), and what
the tool is for: in a graph of a few large ones Louvain would fare better.
"""

from __future__ import annotations

import argparse
import json
import time
from typing import Any

import communities
import networkx as nx
import numpy as np
import polars as pl

from graphmatch.community import Ties, chosen, stability
from graphmatch.community.search import parts

INNER = (0.8, 0.6, 0.5, 0.4)


def louvain(ties: Ties, seed: int) -> np.ndarray:
    """Give each node the number of its community by networkx."""
    graph = nx.Graph()
    graph.add_nodes_from(range(ties.nodes.height))
    graph.add_edges_from(zip(ties.source.tolist(), ties.target.tolist(), strict=True))
    found = np.empty(ties.nodes.height, dtype=np.int64)
    for number, members in enumerate(nx.community.louvain_communities(graph, weight=None, seed=seed)):
        found[list(members)] = number
    return found


def leiden(ties: Ties, seed: int) -> tuple[np.ndarray, float]:
    """Give each node the number of its community by graphmatch, and the resolution that it chose."""
    resolution = chosen(stability(ties, seeds=(seed, seed + 1, seed + 2)))
    return parts(ties, resolution=resolution, seed=seed, tries=2), resolution


def measure(nodes: int, edges: int, inner: float, seed: int) -> dict[str, Any]:
    """Plant, search both ways, and compare."""
    ties = communities.graph(communities.plant(nodes, edges, seed, inner=inner))
    planted = ties.nodes["account_id"].str.slice(2).cast(pl.Int64).to_numpy() // communities.SIZE
    begun = time.process_time()
    ours, resolution = leiden(ties, seed)
    between = time.process_time()
    theirs = louvain(ties, seed)
    ended = time.process_time()
    return {
        "graphmatch, NMI with the plant": round(communities.nmi(planted, ours), 4),
        "Louvain, NMI with the plant": round(communities.nmi(planted, theirs), 4),
        "NMI with each other": round(communities.nmi(ours, theirs), 4),
        "planted": int(np.unique(planted).size),
        "graphmatch, found": int(np.unique(ours).size),
        "Louvain, found": int(np.unique(theirs).size),
        "resolution": f"{resolution:g}",
        "graphmatch, CPU s": round(between - begun, 2),
        "Louvain, CPU s": round(ended - between, 2),
    }


def main() -> None:
    """Measure; the last line is JSON with ``--json``."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nodes", type=int, default=20_000)
    parser.add_argument("--edges", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    rows = {f"{inner:.0%}": measure(options.nodes, options.edges, inner, options.seed) for inner in INNER}
    for inner, row in rows.items():
        print(inner, row)
    if options.json:
        print(json.dumps({"nodes": options.nodes, "edges": options.edges, "ties inside": rows}))


if __name__ == "__main__":
    main()
