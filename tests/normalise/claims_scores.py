"""How well claims are read on a labelled set: precision and recall. Used by the tests."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from graphmatch.normalise.claims import claims_in

SET = Path(__file__).with_name("claims_set.jsonl")


@dataclass
class Scores:
    """What was labelled, claimed, and rightly claimed (the same handle and platform)."""

    labelled: int = 0
    claimed: int = 0
    right: int = 0
    missed: list[tuple[str, Any]] = field(default_factory=list)
    wrong: list[tuple[str, Any]] = field(default_factory=list)

    @property
    def recall(self) -> float:
        """Share of the labelled claims that were read."""
        return self.right / max(1, self.labelled)

    @property
    def precision(self) -> float:
        """Share of the claims read that are labelled."""
        return self.right / max(1, self.claimed)


def lines(part: str | None = None) -> list[dict[str, Any]]:
    """The labelled sentences of a part (``tuned``, ``held_out``), or all."""
    rows = [json.loads(line) for line in SET.read_text("utf-8").splitlines()]
    return [row for row in rows if part in (None, row["part"])]


def scores(rows: Iterable[dict[str, Any]]) -> Scores:
    """Read each sentence, and count."""
    total = Scores()
    for row in rows:
        labelled = {(handle, platform) for handle, platform in row["claims"]}
        found = {(claim.handle, claim.platform) for claim in claims_in(row["text"])}
        total.labelled += len(labelled)
        total.claimed += len(found)
        total.right += len(labelled & found)
        total.missed += [(row["text"], claim) for claim in labelled - found]
        total.wrong += [(row["text"], claim) for claim in found - labelled]
    return total
