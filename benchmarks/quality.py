"""Measure links against a known truth: graphmatch and its peers, per set and on average over the sets.

Usage: python benchmarks/quality.py --data FOLDER [--output FILE.json] [--card FILE.md] [--no-splink] [--held-out FILE]

FOLDER holds ``accounts.parquet`` (``dataset`` names the set) and ``truth.parquet`` (``account_id, person_id``); such
data is no part of the project. Prints Markdown, and writes the same figures as JSON. graphmatch is cross-validated by
whole sets: each set is linked by a model that has not seen it. The peers learn from no truth; see ``peers.py``.

*At 0.5*: pairs of probability (or similarity) one half and more are links. *One threshold*: the one that is best for
the average over all sets. *Best F1*: each set at its own best threshold. The latter two choose with the truth in hand.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from peers import RULES, splink_peers

from graphmatch.evaluation import Judged, judge, measures

MISSING = 2
THRESHOLDS = np.round(np.arange(0.005, 1.0, 0.005), 3)
#: Column of the table → measure.
SHOWN = {
    "precision": "precision", "recall": "recall", "F1": "f1", "F1, one threshold": "f1_at_one_threshold",
    "best F1": "best_f1", "average precision": "average_precision", "B-cubed": "b_cubed_f1",
    "precision at 0.9": "precision_at_0.9",
}  # fmt: skip
PER_SET = {
    "F1 at 0.5": "f1",
    "Best F1": "best_f1",
    "Average precision": "average_precision",
    "B-cubed F1": "b_cubed_f1",
}

CARD_TITLE = "## Beside its peers"
CARD_NOTE = (
    "By `make bench-quality`: graphmatch as above, the peers with no labels, but with settings that were chosen on the "
    "same sets. *One threshold* and *best F1* choose their threshold with the truth in hand, on average and per set."
)
#: From accounts and truth to ``left, right, match_probability``.
Linker = Callable[[pl.DataFrame, pl.DataFrame], pl.DataFrame]


def graphmatch_links(accounts: pl.DataFrame, truth: pl.DataFrame) -> pl.DataFrame:
    """Link each set by a model trained on the others."""
    from train_model import held_out, untrained

    from graphmatch.link.examples import examples

    base = untrained(accounts, truth)
    made = held_out(accounts, truth, examples(accounts, truth, base), base)
    return made.select("left", "right", "match_probability")


def graphmatch_unlabelled(accounts: pl.DataFrame, _truth: pl.DataFrame) -> pl.DataFrame:
    """Link by the levels alone, m and prior by EM on the accounts: what `graphmatch link --levels-only` does."""
    from graphmatch.link import default, link

    found = link(accounts, start=default().unlabelled(), same_platform=False, min_probability=0.0)
    return found.matches.select("left", "right", "match_probability")


def peers_by_name(options: argparse.Namespace) -> dict[str, Linker]:
    """Give the peers that the options ask for, by name.

    Exits with 2, and says why, if Splink is asked for and not installed.
    """
    chosen = dict(RULES)
    if options.splink:
        try:
            chosen |= splink_peers()
        except ModuleNotFoundError as error:
            stop(f"Splink is not here (no {error.name}): pip install 'graphmatch[bench]', or choose --no-splink")
    return {name: lambda accounts, _, peer=peer: peer(accounts) for name, peer in chosen.items()}


def measured(matches: pl.DataFrame, accounts: pl.DataFrame, truth: pl.DataFrame) -> dict[str, Any]:
    """Measure one linker's matches: ``macro`` and ``sets``, each a dict of `graphmatch.evaluation.measures`."""
    judged = judge(matches, accounts, truth)
    told = measures(judged)
    threshold, each = one_threshold(judged)
    sets = {name: row | {"f1_at_one_threshold": each[name]} for name, row in told["sets"].items()}
    mean = float(np.mean(list(each.values())))
    return {"macro": told["macro"] | {"f1_at_one_threshold": mean, "one_threshold": threshold}, "sets": sets}


def one_threshold(judged: Judged) -> tuple[float, dict[str, float]]:
    """Find the threshold with the highest F1 on average over the sets, and tell it with each set's F1 there.

    Sets without a true pair count as 0. Thresholds are steps of .005.
    """
    rows = []
    for name, true_pairs in judged.sets.select("set", "true_pairs").iter_rows():
        pairs = judged.pairs.filter(pl.col("set") == name).sort("match_probability")
        least, found = (pairs[column].to_numpy() for column in ("match_probability", "is_true"))
        first = np.searchsorted(least, THRESHOLDS, side="left")
        right = np.append(np.cumsum(found[::-1])[::-1], 0)[first]
        rows.append(2 * right / np.maximum(len(least) - first + true_pairs, 1))
    best = int(np.mean(rows, axis=0).argmax())
    each = dict(zip(judged.sets["set"], (float(row[best]) for row in rows), strict=True))
    return float(THRESHOLDS[best]), each


def report(options: argparse.Namespace, own: dict[str, Linker]) -> None:
    """Run graphmatch, if it is to be measured too, and the peers; print the tables and write the figures if asked."""
    accounts, truth = read(options.data)
    chosen = own | peers_by_name(options)
    told: dict[str, Any] = {}
    for name, linker in chosen.items():
        started = time.process_time()
        matches = linker(accounts, truth)
        seconds = round(time.process_time() - started, 1)
        told[name] = {"cpu_seconds": seconds} | measured(matches, accounts, truth)
        print(f"{name}: {seconds} s", file=sys.stderr, flush=True)
    print(tables(told))
    if options.card:
        put_into(options.card, told)
    if options.output:
        options.output.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")


def put_into(card: Path, told: dict[str, Any]) -> None:
    """Put the averages, and F1 by set, at the end of a model card, in place of those that stand there."""
    text = card.read_text("utf-8").partition(f"\n{CARD_TITLE}\n")[0]
    chosen = tables(told, {name: PER_SET[name] for name in ("F1 at 0.5", "Best F1")})
    card.write_text(f"{text}\n{CARD_TITLE}\n\n{CARD_NOTE}\n\n{chosen.replace('## ', '### ')}\n", encoding="utf-8")


def tables(told: dict[str, Any], per_set: Mapping[str, str] = PER_SET) -> str:
    """Write the averages, then each set, as Markdown."""
    macro = [[name, *(row["macro"].get(one) for one in SHOWN.values())] for name, row in told.items()]
    parts = ["## Average over the sets, at 0.5 unless said", "", _table(["", *SHOWN], macro)]
    names = list(next(iter(told.values()))["sets"])
    for title, measure in per_set.items():
        rows = [[name, *(row["sets"][name].get(measure) for row in told.values())] for name in names]
        parts += ["", f"## {title}", "", _table(["set", *told], rows)]
    return "\n".join(parts)


def _table(head: list[str], rows: list[list[Any]]) -> str:
    cells = [head, ["---"] * len(head), *([_cell(cell) for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(row)} |" for row in cells)


def _cell(cell: Any) -> str:
    return "–" if cell is None else f"{cell:.3f}" if isinstance(cell, float) else str(cell)  # noqa: RUF001 - nothing


def read(folder: Path) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Read accounts and truth; exits with 2, and says what is missing, if they are not there."""
    missing = [name for name in ("accounts.parquet", "truth.parquet") if not (folder / name).is_file()]
    if missing:
        stop(
            f"{folder} has no {' and no '.join(missing)}. Accounts whose owners are known are no part of the project: "
            "say where yours are (columns account_id, platform, handle, display_name, dataset; account_id, person_id)"
        )
    accounts, truth = (pl.read_parquet(folder / f"{name}.parquet") for name in ("accounts", "truth"))
    return accounts, truth.select("account_id", "person_id")


def stop(why: str) -> None:
    """Say why and exit with 2."""
    print(f"error: {why}", file=sys.stderr)
    sys.exit(MISSING)


def options(about: str | None, *, folder_first: bool = False) -> argparse.Namespace:
    """Read the command line: ``data, output, splink``, and ``held_out`` unless the folder comes first."""
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    if folder_first:
        parser.add_argument("data", type=Path, metavar="FOLDER")
    else:
        parser.add_argument("--data", type=Path, required=True, metavar="FOLDER")
        parser.add_argument(
            "--held-out", type=Path, metavar="FILE", help="take graphmatch's cross-validated links here"
        )
    parser.add_argument("--output", type=Path, metavar="FILE", help="also write the figures as JSON")
    parser.add_argument("--card", type=Path, metavar="FILE", help="also put the averages into this model card")
    parser.add_argument("--no-splink", action="store_false", dest="splink", help="leave Splink out")
    return parser.parse_args()


def main() -> None:
    """Measure graphmatch beside the peers."""
    asked = options(__doc__)
    kept = asked.held_out
    own: Linker = (lambda _accounts, _truth: pl.read_parquet(kept)) if kept else graphmatch_links
    report(asked, {"graphmatch": own, "graphmatch, no labels (EM)": graphmatch_unlabelled})


if __name__ == "__main__":
    main()
