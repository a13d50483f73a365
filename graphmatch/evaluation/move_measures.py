"""Migrations held against the truth of an invented world.

In: what the line found, and the truth of `graphmatch simulate`. Out: figures. Pure, and blind to how moves were found.

**Right.** A found migration is right if its origin and destination are those of a true move of somebody who does wrong.
Three cases need a word:

* An account that nobody reported is in no export. A → B → C with B unseen counts as the true move A → C: its kind is
  that of the last leg, ``displaced`` or ``returned`` by whether A and C are in one place. Where B is held and A → C was
  found all the same, the operator is right and the move is not: it counts as wrong, and in ``skipped``.
* ``multi_homed`` has no direction, and a person at home in A, B and C is so in each two of them. Any pair of accounts
  that true homes connect is right, either way round; of n homes n - 1 pairs count.
* A lawful critic's or bystander's accounts are no move to be shown, even where they do have one operator: wrong.

**Counted.** ``recall`` is over the *visible* moves: both accounts are in the workspace, the person does wrong, and a
platform acted on the origin (on either of two homes). Reports alone never make an origin, by design, so the rest can
not be shown by whatever links; ``strict`` counts every true move there is, the lawful ones and the unreported as well.

**The kind** is judged among right migrations that name one: ``unknown_order`` is what the tool must say wherever
intervals overlap, and the truth, which knows every moment, never says it. With ``unknown_order`` counted as wrong it is
``kind_accuracy_all``.

**The time** is that of arrival: days from its latest bound (the earliest, where there is no other) to the true moment,
on average over the right migrations. How often the interval holds the true moment is ``time_covered``.

**False displaced** are ``displaced`` and ``returned`` that join two persons, or touch a lawful account.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

import polars as pl

from graphmatch.evaluation.moves import EVADING, HOMES, LAWFUL, Pair, Truth
from graphmatch.model import MigrationKind, Standing

UNKNOWN = MigrationKind.UNKNOWN_ORDER.value
_DAY_SECONDS = 86_400.0


def move_measures(found: pl.DataFrame, truth: Truth) -> dict[str, Any]:
    """Measure found migrations against the truth.

    Parameters
    ----------
    found
        Table ``migrations``.
    truth
        What `truth_of` gave.

    Returns
    -------
    dict
        ``precision, recall, f1`` (over visible moves), ``kind_accuracy, false_displaced, time_error_days``, as the
        module defines them; a share of nothing is null. ``strict`` (precision, recall, f1 over every true move);
        ``kind_accuracy_all, false_displaced_lawful, time_covered, time_error_median_days, mean_probability,
        one_operator`` (share that joins accounts of one person), ``counts``, and ``by_kind, by_trace, by_standing``.
        Migrations with an account that the truth does not know are not judged.
    """
    rows = _rows(found, truth)
    right = [row for row in rows if row["move"] is not None]
    hit = _hit(right, truth)
    precision, recall = _share(len(right), len(rows)), _share(len(hit), len(truth.visible))
    said = [row for row in right if row["kind"] != UNKNOWN]
    return {
        "precision": precision,
        "recall": recall,
        "f1": f1(precision, recall),
        "kind_accuracy": _share(sum(row["kind"] == row["move"].kind for row in said), len(said)),
        "false_displaced": sum(map(_falsely_evading, rows)),
        **_times(right),
        "kind_accuracy_all": _share(sum(row["kind"] == row["move"].kind for row in right), len(right)),
        "false_displaced_lawful": sum(row["lawful"] for row in rows if row["kind"] in EVADING),
        "one_operator": _share(sum(row["same"] for row in rows), len(rows)),
        "mean_probability": _share(sum(row["match_probability"] for row in rows), len(rows)),
        "strict": _strict(rows, truth),
        "counts": {
            "found": found.height,
            "judged": len(rows),
            "right": len(right),
            "unknown_order": sum(row["kind"] == UNKNOWN for row in right),
            "skipped": sum(_skips(row) for row in rows),
            "two_persons": sum(not row["same"] for row in rows),
            "lawful": sum(row["lawful"] for row in rows),
            "true": len(truth.every),
            "true_held": len(truth.moves),
            "visible": len(truth.visible),
        },
        "by_kind": _by_kind(rows, hit, truth),
        "by_trace": _by_trace(hit, truth),
        "by_standing": _by_standing(rows),
    }


def missed(found: pl.DataFrame, truth: Truth) -> list[Pair]:
    """List the visible moves that were not found, in order."""
    right = [row for row in _rows(found, truth) if row["move"] is not None]
    return sorted(truth.visible - _hit(right, truth))


def _rows(found: pl.DataFrame, truth: Truth) -> list[dict[str, Any]]:
    ends = ("origin_account_id", "destination_account_id")
    rows = found.sort("migration_id").iter_rows(named=True)
    return [_judged(row, truth) for row in rows if all(row[end] in truth.person for end in ends)]


def _judged(row: dict[str, Any], truth: Truth) -> dict[str, Any]:
    origin, destination = row["origin_account_id"], row["destination_account_id"]
    same = truth.person[origin] == truth.person[destination]
    return row | {
        "move": truth.right(origin, destination, row["kind"]),
        "same": same,
        "lawful": any(truth.role[name] in LAWFUL for name in (origin, destination)),
    }


def _falsely_evading(row: dict[str, Any]) -> bool:
    return row["kind"] in EVADING and (not row["same"] or row["lawful"])


def _skips(row: dict[str, Any]) -> bool:
    return row["move"] is None and row["same"] and not row["lawful"]


def _hit(right: list[dict[str, Any]], truth: Truth) -> frozenset[Pair]:
    """List the visible moves that were found; of homes as many as pairs were found among them, at most all."""
    exact = {row["move"].pair for row in right} & truth.visible
    homes: dict[str, list[Pair]] = defaultdict(list)
    for pair in sorted(truth.visible - exact):
        if truth.moves[pair].kind == HOMES:
            homes[truth.homes.find(pair[0])].append(pair)
    others = Counter(truth.homes.find(row["move"].pair[0]) for row in right if row["move"].pair not in truth.moves)
    return frozenset(exact).union(*(homes[group][:count] for group, count in others.items()))


def f1(precision: float | None, recall: float | None) -> float | None:
    """Give the harmonic mean: 0 if nothing was found, null if there was nothing to find."""
    if recall is None:
        return None
    return 2 * precision * recall / (precision + recall) if precision and recall else 0.0


def _share(part: float, whole: int) -> float | None:
    return part / whole if whole else None


def _strict(rows: list[dict[str, Any]], truth: Truth) -> dict[str, float | None]:
    """Count every true move and take each pair as it stands; homes have no direction."""
    every = {move.pair for move in truth.every}
    homes = {move.pair[::-1]: move.pair for move in truth.every if move.kind == HOMES}
    pairs = [(row["origin_account_id"], row["destination_account_id"]) for row in rows]
    hit = {homes.get(pair, pair) for pair in pairs} & every
    precision, recall = _share(len(hit), len(rows)), _share(len(hit), len(every))
    return {"precision": precision, "recall": recall, "f1": f1(precision, recall)}


def _times(right: list[dict[str, Any]]) -> dict[str, float | None]:
    errors, covered = [], []
    for row in right:
        truly, earliest, latest = row["move"].arrived_at, row["arrived_earliest"], row["arrived_latest"]
        bound = latest or earliest
        if bound is None or truly is None:
            continue
        errors.append(abs((bound - truly).total_seconds()) / _DAY_SECONDS)
        covered.append((earliest is None or earliest <= truly) and (latest is None or truly <= latest))
    return {
        "time_error_days": _share(sum(errors), len(errors)),
        "time_error_median_days": sorted(errors)[len(errors) // 2] if errors else None,
        "time_covered": _share(sum(covered), len(covered)),
    }


def _by_kind(rows: list[dict[str, Any]], hit: frozenset[Pair], truth: Truth) -> dict[str, dict[str, Any]]:
    """Measure each kind: right means the right accounts *and* that kind; ``reached``: the right accounts."""
    named: Counter[str] = Counter(row["kind"] for row in rows)
    right: Counter[str] = Counter(
        row["kind"] for row in rows if row["move"] is not None and row["move"].kind == row["kind"]
    )
    true: Counter[str] = Counter(truth.moves[pair].kind for pair in truth.visible)
    reached: Counter[str] = Counter(truth.moves[pair].kind for pair in hit)
    told: dict[str, dict[str, Any]] = {}
    for kind in MigrationKind:
        precision, recall = _share(right[kind], named[kind]), _share(min(right[kind], true[kind]), true[kind])
        counts = {"visible": true[kind], "reached": reached[kind], "found": named[kind], "right": right[kind]}
        told[kind.value] = {**counts, "precision": precision, "recall": recall, "f1": f1(precision, recall)}
    return told


def _by_trace(hit: frozenset[Pair], truth: Truth) -> dict[str, dict[str, Any]]:
    """Tell how many visible moves were found by what the operator kept of the account before."""
    true: Counter[str] = Counter(truth.moves[pair].trace for pair in truth.visible)
    found: Counter[str] = Counter(truth.moves[pair].trace for pair in hit)
    return {
        name: {"visible": count, "found": found[name], "recall": found[name] / count}
        for name, count in sorted(true.items())
    }


def _by_standing(rows: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Tell how many found migrations of each standing are right, join one person's accounts, or touch a lawful one."""
    told = {}
    for standing in Standing:
        own = [row for row in rows if row["standing"] == standing]
        told[standing.value] = {
            "found": len(own),
            "right": sum(row["move"] is not None for row in own),
            "one_operator": sum(row["same"] for row in own),
            "lawful": sum(row["lawful"] for row in own),
            "false_displaced": sum(map(_falsely_evading, own)),
        }
    return told
