"""Rows for what resolve is tested on: tables in a line each, and hypothesis's strategies for them."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

import polars as pl
from hypothesis import strategies as st

from graphmatch import tables
from graphmatch.model import COMPARISONS, Family
from graphmatch.resolve import Resolved

PRIOR = -10.0
AT = datetime(2026, 4, 20, tzinfo=UTC)


def matches(*rows: tuple[object, ...]) -> pl.DataFrame:
    """Rows are ``left, right, probability[, standing[, story[, families]]]``."""
    made = []
    for left, right, probability, *rest in rows:
        standing, story, families = (*rest, *("suggested", "same_operator", ["naming"])[len(rest) :])
        blank: dict[str, object] = {f"{name}_bits": 0.0 for name in COMPARISONS}
        blank |= {f"{family}_discount_bits": 0.0 for family in Family} | {"imitation_bits": 0.0}
        made.append(
            {
                **dict.fromkeys(tables.dtypes("matches")),
                **blank,
                "left": min(left, right),
                "right": max(left, right),
                "match_weight": 0.0,
                "match_probability": probability,
                "standing": standing,
                "story": story,
                "families": families,
                "rules": [],
                "prior_bits": PRIOR,
            }
        )
    return pl.DataFrame(made, schema=tables.dtypes("matches"))


def judgements(*rows: tuple[str, str, str, str]) -> pl.DataFrame:
    """Rows are ``left, right, judgement, analyst``, in the order in which they were said."""
    made = [
        {"seq": n, "left": a, "right": b, "judgement": j, "analyst": who, "reason": "seen", "at": AT}
        for n, (a, b, j, who) in enumerate(rows, 1)
    ]
    return pl.DataFrame(made, schema=tables.dtypes("judgements"))


def groups(resolved: Resolved) -> set[frozenset[str]]:
    return {frozenset(members) for members in resolved.actors["account_ids"]}


def names(*letters: str) -> set[frozenset[str]]:
    return {frozenset(word) for word in letters}


def mix(table: pl.DataFrame, rng: random.Random) -> pl.DataFrame:
    """Give the rows in another order."""
    return table[rng.sample(range(table.height), table.height)]


ACCOUNTS = [f"p{n % 3}:i:{n}" for n in range(9)]
PAIRS = [(a, b) for a in ACCOUNTS for b in ACCOUNTS if a < b]
pairs = st.lists(st.sampled_from(PAIRS), unique=True, max_size=20)
probability = st.sampled_from([1e-4, 0.3, 0.9, 0.92, 0.95, 0.991, 0.9999, 1.0])
standing = st.sampled_from(["suggested", "corroborated", "confirmed"])
story = st.sampled_from(["same_operator"] * 6 + ["impersonation", "coincidence"])


def weighed(chosen: Iterable[tuple[str, str]]) -> st.SearchStrategy[list[tuple[object, ...]]]:
    """Give each pair a probability, a standing and a story."""
    return st.tuples(*(st.tuples(st.just(a), st.just(b), probability, standing, story) for a, b in chosen)).map(list)


scored = pairs.flatmap(weighed)
said = st.lists(
    st.tuples(
        st.sampled_from(PAIRS), st.sampled_from(["positive", "negative", "unsure"]), st.sampled_from(["jo", "sam"])
    ).map(lambda t: (*t[0], t[1], t[2])),
    max_size=8,
)


def latest(rows: Sequence[tuple[str, str, str, str]], word: str) -> set[tuple[str, str]]:
    last = {(left, right, who): judgement for left, right, judgement, who in rows}
    return {(left, right) for (left, right, _), judgement in last.items() if judgement == word}
