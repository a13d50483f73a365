"""Hub keys: a fifth of the accounts share one key; what blocking proposes, drops and costs, and how that grows.

Usage: python benchmarks/hubs.py --accounts 20000 [--json] [--only admin_handle …] [--nearest] [--seed 1] [--data F]

One scenario each: the handle ``admin``, the handle ``john``, one address of an office, one link shortener's address,
one bio, one e-mail; and ``none``, the same accounts as they are. Every run is a process of its own, with N and with 2N
accounts. ``growth`` is 2N's over N's figure: about 2 is linear, 4 quadratic. A rule is called quadratic if the pairs
that it proposes more than without the hub grow more than threefold, and are more than a tenth of the accounts.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import scale

from graphmatch.link import default, link
from graphmatch.model import SignalKind

SHARE = 0.2
#: Pairs that a hub adds may grow so much from N to 2N; and of fewer than this share of the accounts none are counted.
LINEAR, WORTH_COUNTING = 3.0, 0.1
Tables = tuple[pl.DataFrame, pl.DataFrame]


def _told(column: str, value: str) -> Callable[[Tables, pl.Series], Tables]:
    """Let the chosen accounts have one value in a column."""

    def changed(tables: Tables, chosen: pl.Series) -> Tables:
        hub = pl.when(pl.col("account_id").is_in(chosen.implode())).then(pl.lit(value)).otherwise(pl.col(column))
        return tables[0].with_columns(hub.alias(column)), tables[1]

    return changed


def _seen(kind: SignalKind, value: str) -> Callable[[Tables, pl.Series], Tables]:
    """Let one value be seen on the chosen accounts too."""

    def changed(tables: Tables, chosen: pl.Series) -> Tables:
        more = pl.select(chosen.alias("account_id"), pl.lit(kind.value).alias("kind"), pl.lit(value).alias("value"))
        return tables[0], pl.concat([tables[1], more]).unique(maintain_order=True)

    return changed


SCENARIOS: dict[str, Callable[[Tables, pl.Series], Tables]] = {
    "none": lambda tables, _: tables,
    "admin_handle": _told("handle", "admin"),
    "john_handle": _told("handle", "john"),
    "office_network": _seen(SignalKind.IP_HMAC, "hub-network"),
    "shortener_link": _seen(SignalKind.LINK, "https://short.example/a"),
    "one_bio": _told("bio", "Views are my own and no endorsement of anybody."),
    "one_email": _seen(SignalKind.EMAIL_HMAC, "hub-email"),
}


def run(options: argparse.Namespace) -> dict[str, Any]:
    """Link one scenario: pairs by rule, keys dropped, CPU and peak."""
    accounts, sightings = scale.tables(options)
    chosen = accounts["account_id"].sample(fraction=SHARE, seed=options.seed)
    changed, seen = SCENARIOS[options.one]((accounts.drop("person"), sightings), chosen)
    clock = scale.Clock()
    found = link(changed, sightings=seen, start=default().unlabelled(), nearest=options.nearest)
    told = clock.stop(found.candidates)
    rules = {row.pop("rule"): row for row in found.rules.to_dicts()}
    return {name: told[name] for name in ("cpu_s", "peak_gib", "pairs")} | {"rules": rules}


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """Run the scenarios at both sizes and say what grew."""
    sizes = (options.accounts, 2 * options.accounts)
    found: dict[str, list[dict[str, Any]]] = {}
    for name in dict.fromkeys(("none", *(options.only or SCENARIOS))):
        extra = ("--seed", options.seed, "--data", options.data, *(["--nearest"] if options.nearest else []))
        found[name] = [scale.child("--one", name, "--accounts", size, *extra, script=__file__) for size in sizes]
        print(f"{name}: {[run['pairs'] for run in found[name]]} pairs", file=sys.stderr, flush=True)
    scenarios = {name: summary(runs, found["none"], options.accounts) for name, runs in found.items()}
    return {"accounts": list(sizes), "share": SHARE, "nearest": options.nearest, "scenarios": scenarios}


def summary(runs: list[dict[str, Any]], plain: list[dict[str, Any]], accounts: int) -> dict[str, Any]:
    """Say what a scenario cost at both sizes, what its rules dropped, and which of them are quadratic."""
    told: dict[str, Any] = {name: [run[name] for run in runs] for name in ("cpu_s", "peak_gib", "pairs")}
    told["growth"] = {name: _growth(*told[name]) for name in ("cpu_s", "pairs")}
    rules = {name: rule for name, rule in runs[-1]["rules"].items() if _differs(rule, plain[-1]["rules"][name])}
    told["rules"] = {
        name: {
            "pairs": [run["rules"][name]["pairs"] for run in runs],
            "pairs_without_hub": [run["rules"][name]["pairs"] for run in plain],
            "keys_dropped": rule["keys_dropped"],
            "largest_key": rule["largest_key"],
        }
        for name, rule in rules.items()
    }
    told["quadratic"] = [name for name, rule in told["rules"].items() if quadratic(rule, accounts)]
    return told


def _growth(before: float, after: float) -> float | None:
    return round(after / before, 2) if before else None


def _differs(rule: dict[str, Any], plain: dict[str, Any]) -> bool:
    return any(rule[name] != plain[name] for name in ("pairs", "keys_dropped", "largest_key"))


def quadratic(rule: dict[str, Any], accounts: int) -> bool:
    """Tell whether what the hub adds to a rule's pairs grows with the square of the accounts."""
    few, many = (with_it - without for with_it, without in zip(rule["pairs"], rule["pairs_without_hub"], strict=True))
    return many > WORTH_COUNTING * 2 * accounts and many > LINEAR * few


def table(told: dict[str, Any]) -> str:
    """Lay the scenarios out, one line each."""
    lines = ["scenario\tpairs\tgrowth\tcpu_s\tgrowth\tpeak_gib\tquadratic rules"]
    for name, row in told["scenarios"].items():
        growth = row["growth"]
        cells = (row["pairs"], growth["pairs"], row["cpu_s"], growth["cpu_s"], row["peak_gib"], row["quadratic"])
        lines.append("\t".join([name, *map(str, cells)]))
    return "\n".join(lines)


def main() -> None:
    """Measure; the last line is JSON with ``--json``."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--accounts", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", nargs="+", choices=list(SCENARIOS))
    parser.add_argument("--nearest", action="store_true", help="propose the nearest by spelling too")
    parser.add_argument("--data", type=Path, default=scale.DATA, help="where accounts are kept once made")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--one", choices=list(SCENARIOS), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(run(options)))
        return
    told = measure(options)
    print(json.dumps(told) if options.json else table(told))


if __name__ == "__main__":
    main()
