"""Evaluation: matches held against a truth. How right links are, how sure they say they are, whom errors fall on.

In: ``matches`` (``left, right, match_probability``), the accounts table and a truth (``account_id, person_id``). Out:
measures, reliability, slices and error classes. Pure, and blind to how matches were made: a peer's are judged alike.

The protocol. A *set* is a population (column ``dataset``); pairs lie inside one set, on two platforms (the column
``platform`` as it stands), and platforms with few accounts in a set are left out of it. A *link* is a pair of
probability one half or more. True pairs are counted by arithmetic, never listed: a person may have any number of
accounts.

Migrations are held against the truth of an invented world: `truth_of`, `move_measures`, `misses`.
"""

from __future__ import annotations

from graphmatch.evaluation.calibration import brier, expected_calibration_error, reliability
from graphmatch.evaluation.errors import errors
from graphmatch.evaluation.judged import LINK, Judged, judge
from graphmatch.evaluation.measures import measures
from graphmatch.evaluation.misses import misses
from graphmatch.evaluation.move_measures import missed, move_measures
from graphmatch.evaluation.moves import Truth, truth_of
from graphmatch.evaluation.ranking import average_precision, best_f1
from graphmatch.evaluation.slices import slices, unfair, wilson

__all__ = [
    "LINK", "Judged", "Truth", "average_precision", "best_f1", "brier", "errors", "expected_calibration_error", "judge",
    "measures", "missed", "misses", "move_measures", "reliability", "slices", "truth_of", "unfair", "wilson",
]  # fmt: skip
