"""The model's card: what it was trained on, how it did on sets that it had not seen, and on whom its errors fall."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from graphmatch.link.fitting import Examples
from graphmatch.link.measures import LEARNED
from graphmatch.link.model import Model
from graphmatch.link.pairing import pairs_per_account
from graphmatch.model import COMPARISONS

POPULATION = (
    "People who publish their own accounts (office holders, programmers, speakers) and want to be found. People who "
    "evade do not: expect fewer of them to be found, and expect imitators, whom these lists do not have."
)
_BY_REASON = [name.replace("_", " ") for name in COMPARISONS if name not in LEARNED]
_MACRO = (
    "precision", "recall", "f1", "precision_at_0.9", "best_f1", "average_precision", "b_cubed_f1", "blocking_recall",
    "brier", "expected_calibration_error",
)  # fmt: skip


def card_of(told: dict[str, Any], accounts: pl.DataFrame, found: Examples, today: str) -> dict[str, Any]:
    """Say in a few figures what the model is, for its JSON."""
    pairs = found.pairs
    reliability = [
        {name: round(row[name], 4) for name in ("mean_probability", "observed_share")} | {"n": row["n"]}
        for row in told["measures"]["pooled"]["reliability"]
        if row["n"]
    ]
    wide = pairs.filter("candidate").group_by("set").len()
    return {
        "date": today,
        "data": f"{wide.height} sets of accounts of known owners, {accounts.height:,} accounts; not in the project",
        "population": POPULATION,
        "pairs_per_account": _sizes(accounts),
        "labelled_pairs": {"of_one_operator": int(pairs["is_true"].sum()), "of_two": int((~pairs["is_true"]).sum())},
        "held_out": {name: _rounded(told["measures"]["macro"][name]) for name in _MACRO},
        "reliability_held_out": reliability,
    }


def _sizes(accounts: pl.DataFrame) -> list[float]:
    """Give the least and most pairs across platforms per account of the sets."""
    placed = accounts.select(population="dataset", place="platform")
    wide = pairs_per_account(placed, same_platform=False)["pairs_per_account"]
    return [round(float(wide.min()), 1), round(float(wide.max()), 1)]  # type: ignore[arg-type]


def written(model: Model, told: dict[str, Any], accepted: Mapping[str, str]) -> str:
    """Write the card as Markdown; ``accepted`` says of slices that are over twice the average why they may be."""
    card, macro = model.card, told["measures"]["macro"]
    lines = [
        "# The shipped match model",
        "",
        "Made by `make model`; figures are of sets that the model which linked them had not seen (each set in turn).",
        "",
        f"- **Trained** {card['date']} on {card['data']}.",
        "- **Labelled pairs**: {of_one_operator:,} of one operator, {of_two:,} of two.".format(
            **card["labelled_pairs"]
        ),
        f"- **Population**: {card['population']}",
        "- **Calibrated** for populations of {:,.0f} to {:,.0f} pairs across platforms an account.".format(
            *card["pairs_per_account"]
        ),
        f"- **Prior**: {model.prior * model.pairs_per_account:.2f} matches an account; refitted to those linked.",
        f"- **Set by reason, not learned**, for the lists have too few: levels of {', '.join(_BY_REASON)}.",
        "",
        "## Held out, by set",
        "",
        "At match probability ≥ 0.5; best F1 chooses its threshold per set, which flatters.",
        "",
        _table(
            ["set", *(name.replace("_", " ") for name in _MACRO)],
            [[name, *(row.get(one) for one in _MACRO)] for name, row in _sets(told)]
            + [["**macro**", *(macro[one] for one in _MACRO)]],
        ),
        "",
        "## Calibration, all candidate pairs together",
        "",
        _table(
            ["mean probability", "true", "pairs"],
            [[row["mean_probability"], row["observed_share"], row["n"]] for row in card["reliability_held_out"]],
        ),
        "",
        "## What is wrong, at 0.5",
        "",
        _table(["error", "kind", "pairs"], _errors(told["errors"])),
        "",
        "## On whom errors fall",
        "",
        "False: share of the slice's links; missed: share of its true pairs. Slices of 30 links or more.",
        "",
        _table(["slice", "links", "false", "of the average", "missed"], _slices(told["slices"])),
        "",
        "Over twice the average, and accepted:",
        "",
        *(f"- {line} - {accepted.get(line.partition(':')[0], 'not accepted')}" for line in told["unfair"]),
        "",
    ]
    return "\n".join(lines)


def _sets(told: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return sorted(told["measures"]["sets"].items())


def _errors(found: pl.DataFrame) -> list[list[Any]]:
    summed = found.group_by("error", "kind").agg(pl.col("pairs").sum()).filter(pl.col("pairs") > 0)
    return [list(row) for row in summed.sort("error", "pairs", descending=[False, True]).iter_rows()]


def _slices(cut: pl.DataFrame) -> list[list[Any]]:
    wide = cut.filter(pl.col("links") >= 30).sort("slice", "value")
    names = pl.concat_str("slice", pl.lit(" "), "value")
    chosen = wide.select(names, "links", "false_link_rate", "false_link_ratio", "missed_link_rate")
    return [list(row) for row in chosen.iter_rows()]


def _table(head: list[str], rows: list[list[Any]]) -> str:
    return "\n".join(_line(row) for row in [head, ["---"] * len(head), *rows])


def _line(row: list[Any]) -> str:
    return "| " + " | ".join(_cell(cell) for cell in row) + " |"


def _cell(cell: Any) -> str:
    if cell is None:
        return "-"
    return f"{cell:.3f}" if isinstance(cell, float) else f"{cell:,}" if isinstance(cell, int) else str(cell)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
