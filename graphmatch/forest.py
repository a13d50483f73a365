"""Links between accounts, and the strongest forest that holds groups of them together. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import polars as pl

from graphmatch.model import Standing, Story

#: Standings by strength, weakest first.
RANK: dict[Standing, int] = {standing: rank for rank, standing in enumerate(Standing)}


class Link(NamedTuple):
    """One pair that counts as linked: ``probability`` in [0, 1], and how well supported it is."""

    left: str
    right: str
    probability: float
    standing: Standing


class Weakest(NamedTuple):
    """The lowest probability and the lowest standing along a path."""

    probability: float
    standing: Standing


class Groups:
    """Disjoint groups of names that only ever merge (union by size, path halving)."""

    def __init__(self) -> None:
        self._parent: dict[str, str] = {}
        self._size: dict[str, int] = {}

    def find(self, name: str) -> str:
        """Give the name that stands for the group of ``name``; a new name is its own group."""
        parent = self._parent.setdefault(name, name)
        while parent != name:
            self._parent[name] = parent = self._parent[parent]
            name, parent = parent, self._parent[parent]
        return name

    def join(self, left: str, right: str) -> bool:
        """Merge two groups; ``False`` if they are one already."""
        a, b = self.find(left), self.find(right)
        if a == b:
            return False
        size_a, size_b = self._size.get(a, 1), self._size.get(b, 1)
        if size_a < size_b:
            a, b = b, a
        self._parent[b] = a
        self._size[a] = size_a + size_b
        return True

    def size(self, name: str) -> int:
        """Count the members of the group of ``name``."""
        return self._size.get(self.find(name), 1)

    def members(self) -> list[list[str]]:
        """List the groups, each sorted, in order of their smallest member."""
        groups: dict[str, list[str]] = {}
        for name in sorted(self._parent):
            groups.setdefault(self.find(name), []).append(name)
        return list(groups.values())


class Forest:
    """The maximum spanning forest of some links: best standing first, then highest probability.

    Standing comes first so that confirming a path of links confirms what it joins, whatever unconfirmed links
    run beside it. The order in which links come does not matter.
    """

    def __init__(self, links: Iterable[Link]) -> None:
        self._beside: dict[str, dict[str, Link]] = {}
        groups = Groups()
        for link in sorted(links, key=lambda k: (-RANK[k.standing], -k.probability, k.left, k.right)):
            if groups.join(link.left, link.right):
                self._beside.setdefault(link.left, {})[link.right] = link
                self._beside.setdefault(link.right, {})[link.left] = link
        self._up: dict[str, tuple[str, Link] | None] = {}
        self._depth: dict[str, int] = {}
        for root in sorted(self._beside):
            if root not in self._depth:
                self._hang(root)

    @classmethod
    def of_actors(cls, actors: pl.DataFrame, matches: pl.DataFrame) -> Forest:
        """Hang the matches inside actors into trees: the path between two accounts is the best supported one.

        ``actors`` has ``actor_id, account_ids``; ``matches`` are those of the table, and other stories take no part.
        """
        of = actors.select("actor_id", account_id="account_ids").explode("account_id")
        inside = (
            matches.filter(pl.col("story") == Story.SAME_OPERATOR.value)
            .join(of, left_on="left", right_on="account_id")
            .join(of, left_on=["right", "actor_id"], right_on=["account_id", "actor_id"])
            .select("left", "right", "match_probability", "standing")
        )
        return cls(Link(left, right, p, Standing(standing)) for left, right, p, standing in inside.iter_rows())

    def _hang(self, root: str) -> None:
        self._up[root], self._depth[root] = None, 0
        waiting = [root]
        while waiting:
            name = waiting.pop()
            for other, link in self._beside[name].items():
                if other not in self._depth:
                    self._up[other], self._depth[other] = (name, link), self._depth[name] + 1
                    waiting.append(other)

    def links(self, names: Iterable[str]) -> list[Link]:
        """List the forest's links above ``names``: for a whole tree, every link that holds it together."""
        steps = (self._up.get(name) for name in names)
        return [step[1] for step in steps if step is not None]

    def path(self, left: str, right: str) -> list[Link] | None:
        """List the links between two names, or ``None`` if nothing joins them."""
        if left not in self._depth or right not in self._depth:
            return None
        path: list[Link] = []
        while left != right:
            if self._depth[left] < self._depth[right]:
                left, right = right, left
            step = self._up[left]
            if step is None:
                return None
            left, link = step
            path.append(link)
        return path


def weakest(links: Iterable[Link]) -> Weakest | None:
    """Give the lowest probability and the lowest standing among ``links``; ``None`` if there are none."""
    links = list(links)
    if not links:
        return None
    return Weakest(
        min(link.probability for link in links), min((link.standing for link in links), key=RANK.__getitem__)
    )
