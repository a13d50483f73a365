"""How well redaction does on a labelled set: recall and precision by kind. Used by the tests and the benchmark."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from graphmatch.normalise.redaction import PLACEHOLDERS, contact_spans

SET = Path(__file__).with_name("redaction_set.jsonl")
#: Of what is redacted, so much must be a labelled value for it to count as right: neighbours may not be eaten.
_OWN = 0.7


@dataclass
class Scores:
    """What was labelled, found, put in a placeholder of any kind, redacted, and rightly redacted; by kind."""

    labelled: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    gone: Counter[str] = field(default_factory=Counter)
    redacted: Counter[str] = field(default_factory=Counter)
    right: Counter[str] = field(default_factory=Counter)
    clean: int = 0
    left_alone: int = 0
    missed: list[tuple[str, str, str]] = field(default_factory=list)
    wrong: list[tuple[str, str, str]] = field(default_factory=list)

    def recall(self, kind: str) -> float:
        """Share of the labelled values of a kind of which no letter is left, under that kind's placeholder."""
        return self.found[kind] / max(1, self.labelled[kind])

    def gone_share(self, kind: str) -> float:
        """Share of the labelled values of a kind of which no letter is left, whatever the placeholder says."""
        return self.gone[kind] / max(1, self.labelled[kind])

    def precision(self, kind: str) -> float:
        """Share of a kind's placeholders that stand for a labelled value of that kind and little else."""
        return self.right[kind] / max(1, self.redacted[kind])


def lines(part: str | None = None) -> list[dict[str, Any]]:
    """The labelled lines of a part (``tuned``, ``held_out``), or all."""
    rows = [json.loads(line) for line in SET.read_text("utf-8").splitlines()]
    return [row for row in rows if part in (None, row["part"])]


def scores(rows: Iterable[dict[str, Any]]) -> Scores:
    """Redact each line, and count."""
    total = Scores()
    for row in rows:
        text, labelled = row["text"], [(start, end, kind) for start, end, kind in row["spans"]]
        found = contact_spans(text)
        places = {kind: _places(span for span in found if span[2] == kind) for kind in PLACEHOLDERS}
        everywhere = set().union(*places.values())
        for start, end, kind in labelled:
            letters = _letters(text, start, end)
            total.labelled[kind] += 1
            total.found[kind] += letters <= places[kind]
            total.gone[kind] += letters <= everywhere
            if not letters <= places[kind]:
                total.missed.append((kind, text[start:end], text))
        for start, end, kind in found:
            own = _places(span for span in labelled if span[2] == kind)
            letters = _letters(text, start, end)
            right = len(letters & own) >= _OWN * len(letters)
            total.redacted[kind] += 1
            total.right[kind] += right
            if not right:
                total.wrong.append((kind, text[start:end], text))
        if not labelled:
            total.clean += 1
            total.left_alone += not found
    return total


def _places(spans: Iterable[tuple[int, int, str]]) -> set[int]:
    return {place for start, end, _ in spans for place in range(start, end)}


def _letters(text: str, start: int, end: int) -> set[int]:
    return {place for place in range(start, end) if text[place].isalnum()}
