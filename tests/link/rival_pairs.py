"""Who resembles whom in simulated worlds, and how well a score tells the one operator from the rivals.

Used by the tests and by ``benchmarks/rivals.py``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations, product
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graphmatch.link.stand import family_bits
from graphmatch.model import COPYABLE, Family, Standing, Story
from graphmatch.pipeline import Line
from graphmatch.settings import load
from graphmatch.simulate import build_world, write_world
from graphmatch.simulate.ids import token
from graphmatch.simulate.world import HOME, Account, Role, World
from graphmatch.store import open_store
from graphmatch.workspace import create

#: Kinds of pairs of one operator, and of two of whom one copies or resembles the other, or both the same third.
SAME = ("evader", "abuser", "critic", "spammer", "bystander")
RIVALS = ("impersonator", "joe_job", "brewery", "namesake", "meme", "two_copies")
#: What tells the same operator from a rival: the higher the likelier, and below all what is no match.
SCORES = ("probability", "not_copyable_bits", "standing", "standing_then_probability")
#: Shares of rivals that may pass.
FALSE_RATES = (0.0, 0.01, 0.05)
NO_MATCH = -1000.0
RESULTS = ("accounts", "matches", "actors", "migrations")

Floats = NDArray[np.float64]


def found_in(root: Path, accounts: int, seed: int) -> tuple[World, dict[str, pl.DataFrame]]:
    """Simulate one world below ``root``, run the line on it, and give it beside the `RESULTS` of the line.

    A mob reports the targets' own accounts too, so that they stand among the accounts beside their copies, and an
    office says that they are targets'.
    """
    world = build_world(accounts=accounts, seed=seed)
    write_world(root / "exports", accounts=accounts, seed=seed)
    pl.DataFrame(list(_mob(world))).write_csv(root / "exports/mob.csv")
    workspace = create(root / "workspace")
    with open_store(workspace.store_url) as store:
        line = Line(workspace, load(workspace.config), store)
        line.ingest([str(root / "exports")])
        line.after_ingest()
        results = {name: store.read(name) for name in RESULTS}
    return world, results


def _mob(world: World) -> Iterator[dict[str, str]]:
    """Report each target's own accounts, and somebody for abuse of each, so that it is known whose they are."""
    for target in world.targets:
        own = {
            "Mastodon": (f"@{target.handle}@{HOME}", f"https://{HOME}/@{target.handle}"),
            "Bluesky": (f"@{target.handle}.test", f"https://bsky.app/profile/{target.handle}.test"),
            "X": (f"@{target.handle}", f"https://x.com/{target.handle}"),
        }
        for place, (platform, (handle, url)) in enumerate(own.items()):
            row = {
                "report_id": f"MOB-{target.number}-{place}", "reported_at": "2026-04-20", "platform": platform,
                "account_url": url, "handle": "", "display_name": target.name, "category": "spam",
                "target": "", "bio": f"{target.role.capitalize()} for Northmoor.",
            }  # fmt: skip
            caller = token("mob", world.seed, target.number, place, width=10).lower()
            caller += f"@{HOME}" if platform == "Mastodon" else ""
            called = {"report_id": f"{row['report_id']}-B", "account_url": "", "handle": caller, "display_name": ""}
            yield row
            yield row | called | {"category": "abuse", "target": handle, "bio": ""}


def pairs_of(world: World, accounts: pl.DataFrame) -> pl.DataFrame:
    """List the pairs of one operator and the rivals': ``left, right, kind`` of `SAME` or `RIVALS`.

    Only pairs of which both are in ``accounts``. Whoever copies an account is a rival of all accounts of its operator,
    and whoever copies a target, of all its own accounts: those that bear its name and no person of the world runs.
    """
    known = set(accounts["account_id"])
    rows = {tuple(sorted(pair)): kind for *pair, kind in _named(world, accounts) if known.issuperset(pair)}
    made = [(*pair, kind) for pair, kind in sorted(rows.items())]
    return pl.DataFrame(made, schema=dict.fromkeys(("left", "right", "kind"), pl.String), orient="row")


def operators(world: World, accounts: pl.DataFrame) -> dict[str, str]:
    """Give the operator of each account: a person of the world, a target, or else somebody of whom it is the only."""
    persons = {account.account_id: world.persons[account.person].person_id for account in world.accounts}
    targets = enumerate(own_accounts(world, accounts))
    alone = {account: account for account in accounts["account_id"]}
    return alone | persons | {account: f"target {number}" for number, theirs in targets for account in theirs}


def _named(world: World, accounts: pl.DataFrame) -> Iterator[tuple[str, str, str]]:
    owned: dict[int, list[str]] = {}
    for account in world.accounts:
        owned.setdefault(account.person, []).append(account.account_id)
    models = {copy: (world.accounts[model].person, kind) for model, copy, kind in world.decoys}
    copies: dict[tuple[str, int], list[str]] = {}
    for copy, (person, kind) in models.items():
        copies.setdefault(("person", person), []).append(world.accounts[copy].account_id)
        yield from ((world.accounts[copy].account_id, theirs, kind) for theirs in owned[person])
    targets = own_accounts(world, accounts)
    for account in world.accounts:
        if copied := _copied(world, account, models):
            copies.setdefault(("target", copied - 1), []).append(account.account_id)
            yield from product([account.account_id], targets[copied - 1], ["impersonator"])
    for alike in copies.values():
        yield from ((one, two, "two_copies") for one, two in combinations(alike, 2))
    for person, theirs in owned.items():
        yield from ((one, two, world.persons[person].role.value) for one, two in combinations(theirs, 2))


def _copied(world: World, account: Account, models: dict[int, tuple[int, str]]) -> int:
    """Give one more than the number of the target that an impersonator copies; 0 if none."""
    person = world.persons[account.person]
    return person.targets[0] + 1 if person.role is Role.IMPERSONATOR and account.number not in models else 0


def own_accounts(world: World, accounts: pl.DataFrame) -> list[list[str]]:
    """List the ids of each target's own accounts, in the order of the world's targets."""
    invented = [account.account_id for account in world.accounts]
    others = accounts.filter(~pl.col("account_id").is_in(invented))
    return [others.filter(display_name=target.name)["account_id"].to_list() for target in world.targets]


def scored(pairs: pl.DataFrame, matches: pl.DataFrame) -> pl.DataFrame:
    """Add to ``pairs`` what ``matches`` says of them: ``story, match_probability`` (null: no match) and `SCORES`."""
    named = (Family.CONTACT, Family.DECLARED, Family.BEHAVIOUR)
    assert set(named) == set(Family) - set(COPYABLE)
    bits = matches.select(pl.sum_horizontal(family_bits(family) for family in named)).to_series()
    strong = pl.col("standing") != Standing.SUGGESTED.value
    told = matches.select(
        "left", "right", "story", "match_probability", strong.alias("corroborated"),
        bits.alias("not_copyable_bits"), strong.cast(pl.Float64).alias("rank"),
        (pl.col("story") == Story.SAME_OPERATOR.value).cast(pl.Float64).alias("same"),
    )  # fmt: skip
    made = pairs.join(told, on=["left", "right"], how="left", maintain_order="left")
    return made.with_columns(
        pl.col("match_probability").fill_null(NO_MATCH).alias("probability"),
        pl.col("not_copyable_bits").fill_null(NO_MATCH),
        pl.col("rank").fill_null(0.0).alias("standing"),
        # A probability is below one, so that standing comes first, then the story, then how likely.
        (4 * pl.col("rank") + 2 * pl.col("same") + pl.col("match_probability"))
        .fill_null(NO_MATCH)
        .alias("standing_then_probability"),
    ).drop("rank", "same")


def auc(positive: Sequence[float] | Floats, negative: Sequence[float] | Floats) -> float:
    """Give the chance that a positive scores above a negative, ties half: the rank statistic of Mann and Whitney.

    NaN without any of either.
    """
    values = np.concatenate([np.asarray(positive, dtype=np.float64), np.asarray(negative, dtype=np.float64)])
    count, others = len(positive), len(negative)
    if not count or not others:
        return float("nan")
    _, place, tied = np.unique(values, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(tied) - (tied - 1) / 2)[place]
    return float((ranks[:count].sum() - count * (count + 1) / 2) / (count * others))


def passing(positive: Floats, negative: Floats, rate: float) -> dict[str, float | None]:
    """Give the most positives that pass a threshold which at most ``rate`` of the negatives pass.

    ``true_rate``, ``false_rate`` and the ``threshold`` (scores at or above it pass; null: nothing may pass).
    """
    best: dict[str, float | None] = {"true_rate": 0.0, "false_rate": 0.0, "threshold": None}
    for threshold in np.unique(positive)[::-1]:
        false = float((negative >= threshold).mean())
        if false > rate or threshold == NO_MATCH:
            break
        best = {"true_rate": float((positive >= threshold).mean()), "false_rate": false, "threshold": float(threshold)}
    return best


def separation(told: pl.DataFrame, score: str) -> dict[str, object]:
    """Tell how well one of `SCORES` of `scored` pairs tells `SAME` from `RIVALS`: AUC and points of the ROC curve."""
    same, rival = (told.filter(pl.col("kind").is_in(kinds))[score].to_numpy() for kinds in (SAME, RIVALS))
    points = {str(rate): passing(same, rival, rate) for rate in FALSE_RATES}
    return {"auc": auc(same, rival), "at_false_rate": points}


def counted(told: pl.DataFrame) -> dict[str, dict[str, object]]:
    """Count `scored` pairs by kind: all, matches, those at one half and at 0.9, corroborated, and by story."""
    same = pl.col("story") == Story.SAME_OPERATOR.value
    sure = {f"at_{gate}": (same & (pl.col("match_probability") >= gate)).sum() for gate in (0.5, 0.9)}
    made: dict[str, dict[str, object]] = {}
    for kind in (*SAME, *RIVALS):
        mine = told.filter(kind=kind)
        sums = mine.select(
            pl.len().alias("pairs"),
            pl.col("story").is_not_null().sum().alias("matches"),
            *(expression.alias(name) for name, expression in sure.items()),
            pl.col("corroborated").fill_null(value=False).sum().alias("corroborated"),
        ).row(0, named=True)
        stories = mine.drop_nulls("story")["story"].value_counts().sort("story")
        made[kind] = {**sums, "stories": dict(stories.iter_rows())}
    return made
