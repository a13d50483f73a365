"""Train the shipped model on labelled accounts, and say how it does on sets that it has not seen.

Usage: python benchmarks/train_model.py --data FOLDER [--folds N] [--held-out FILE] [--write]

FOLDER holds ``accounts.parquet`` (``dataset`` names the set) and ``truth.parquet``; the data is no part of the project.
Cross-validated by whole sets: each set is linked by a model that was trained on the others. With ``--write`` the model
that was trained on all goes into ``graphmatch/link/default_model.json`` and its card into ``graphmatch/link/MODEL.md``,
unless links are false more than twice as often on the accounts of some slice as on average: then nothing is written,
except for slices that are named here with a reason (`ACCEPTED`), which the card shows.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
from model_card import card_of, written

from graphmatch.evaluation import errors, judge, measures, slices, unfair
from graphmatch.link import link
from graphmatch.link.examples import examples, levels_of, matches_per_account
from graphmatch.link.fitting import Examples, learn
from graphmatch.link.model import Model

#: Slices that are known to be over, and why it was accepted. One that is over no longer is said to be dropped.
ACCEPTED = {
    "platform facebook_page": "pages of local parties: they share the party's and the town's name, seldom a person's",
    "platform hashnode": "one set, 138 accounts that are mostly called by a common forename and a number",
    "platform devto": "one set, 32 accounts, 126 links: 14 false ones",
}
PROVENANCE = (
    "Naming comparisons: learned together from labelled accounts (see card); m and u of their levels counted on the "
    "same accounts, u at the reference rarity, slopes by eye from precision per rarity band. All other levels: set by "
    "reason, few accounts of the lists carry them: contact values and two-way declarations nearly decide, a one-way "
    "declaration can be faked, an allegation (claim) weighs about 4 bits, a shared IP address is often a shared "
    "network, aiming at the same well-known target says little, nor do times. Parameters only: no account can be read "
    "back from them."
)
HOME = Path(__file__).resolve().parent.parent / "graphmatch" / "link"


def read(folder: Path) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Read accounts and truth, or stop and say what is missing."""
    for name in ("accounts.parquet", "truth.parquet"):
        if not (folder / name).is_file():
            sys.exit(f"{folder / name} is missing: the labelled accounts are no part of the project; give their --data")
    accounts, truth = (pl.read_parquet(folder / f"{name}.parquet") for name in ("accounts", "truth"))
    return accounts, truth.select("account_id", "person_id")


def untrained(accounts: pl.DataFrame, truth: pl.DataFrame) -> Model:
    """Give the shipped model with the prior of the data and nothing learned."""
    # Read without what was learned, which need not be of the measures that the program has now.
    written_before = json.loads((HOME / "default_model.json").read_text("utf-8"))
    base = Model.from_json(json.dumps(written_before | {"learned": None, "scales": {}}))
    return base.with_prior(matches_per_account(accounts, truth) / base.pairs_per_account)


def trained(found: Examples, sets: list[str], base: Model) -> Model:
    """Train on the examples of some sets, under the prior of ``base``, whatever prior they were measured under."""
    some = found.of(sets).under(base.prior_bits)
    return replace(base, learned=learn(some), levels=levels_of(some, base))


def held_out(
    accounts: pl.DataFrame, truth: pl.DataFrame, found: Examples, base: Model, folds: int | None = None
) -> pl.DataFrame:
    """Link each set by a model that has not seen it; every candidate, in the columns of table ``matches``.

    ``found`` are the examples of all sets, ``base`` the `untrained` model.
    """
    sets = sorted(found.pairs["set"].unique())
    made = []
    for number in range(folds or len(sets)):
        out = sets[number :: folds or len(sets)]
        known = truth.join(accounts.filter(~pl.col("dataset").is_in(out)), on="account_id", how="semi")
        fair = base.with_prior(matches_per_account(accounts, known) / base.pairs_per_account)
        model = trained(found, [name for name in sets if name not in out], fair)
        for name in out:
            part = accounts.filter(pl.col("dataset") == name)
            made.append(link(part, start=model, same_platform=False, min_probability=0.0).matches)
        print(f"held out: {', '.join(out)}", file=sys.stderr, flush=True)
    return pl.concat(made)


def report(matches: pl.DataFrame, accounts: pl.DataFrame, truth: pl.DataFrame) -> dict[str, Any]:
    """Judge held-out matches: measures, slices with those that are unfair, error classes."""
    judged = judge(matches, accounts, truth)
    cut = slices(judged, accounts)
    # Pairs of platforms are shown, and gate nothing: the issue is whom errors fall on.
    over = unfair(cut.filter(pl.col("slice") != "platform_pair"))
    return {"measures": measures(judged), "slices": cut, "unfair": over, "errors": errors(judged, accounts)}


def not_accepted(over: list[str]) -> list[str]:
    """Keep the slices that nobody has accepted, and say which accepted ones are over no longer."""
    for name in ACCEPTED:
        if not any(line.startswith(f"{name}:") for line in over):
            print(f"{name} is over no longer: drop it from ACCEPTED", file=sys.stderr)
    return [line for line in over if line.partition(":")[0] not in ACCEPTED]


def main() -> None:
    """Cross-validate, train on all, and write what may be written."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--folds", type=int, help="how many parts the sets are held out in; default: one by one")
    parser.add_argument("--held-out", type=Path, help="keep the held-out matches here, or take them if they are there")
    parser.add_argument("--write", action="store_true", help="put model and card into the project")
    options = parser.parse_args()
    accounts, truth = read(options.data)
    base = untrained(accounts, truth)
    found = examples(accounts, truth, base)
    kept = options.held_out
    if kept and kept.exists():
        matches = pl.read_parquet(kept)
    else:
        matches = held_out(accounts, truth, found, base, options.folds)
        if kept:
            matches.write_parquet(kept)
    told = report(matches, accounts, truth)
    model = trained(found, found.pairs["set"].unique().to_list(), base)
    today = datetime.now(UTC).date().isoformat()
    model = replace(model, card=card_of(told, accounts, found, today), provenance=PROVENANCE)
    card = written(model, told, ACCEPTED)
    print(card)
    if unaccepted := not_accepted(told["unfair"]):
        sys.exit("\n  ".join(["nothing was written: links are false too often for", *unaccepted]))
    if options.write:
        (HOME / "default_model.json").write_text(model.to_json(), encoding="utf-8")
        (HOME / "MODEL.md").write_text(card, encoding="utf-8")


if __name__ == "__main__":
    main()
