"""Letter runs against oracles: a dense table worked out by hand, and all pairs compared one by one."""

from __future__ import annotations

import math
from collections import Counter
from itertools import product

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphmatch.link import letter_runs as module
from graphmatch.link.letter_runs import LetterRuns, letter_runs, nearest
from graphmatch.link.traits import traits as traits_of

#: Handle and words of the display name, as traits spell them.
ACCOUNTS: list[tuple[str | None, list[str] | None]] = [
    ("grimwald77", ["grim", "wald"]), ("grimwald", None), ("moorlandpete", ["moorland", "pete"]),
    ("pete", ["pete"]), ("q", None), (None, ["tess", "ann", "fenwick"]), ("tfenwick", None),
    (None, None), ("hal", ["hal", "peverell"]), ("halpev", None), ("zzxx", None), ("nanmoor", ["nan"]),
]  # fmt: skip


def table(
    spelled: list[tuple[str | None, list[str] | None]], populations: list[str] | None = None, places: int = 2
) -> pl.DataFrame:
    """Give the columns of traits that letter runs are made from."""
    return pl.DataFrame(
        {
            "population": populations or [""] * len(spelled),
            "place": [f"p{row % places}" for row in range(len(spelled))],
            "handle": [handle for handle, _ in spelled],
            "stem": [handle.rstrip("0123456789") or handle if handle else None for handle, _ in spelled],
            "words": [words for _, words in spelled],
        },
        schema_overrides={"handle": pl.String, "stem": pl.String, "words": pl.List(pl.String)},
    )


def runs_of(handle: str | None, stem: str | None, words: list[str] | None) -> set[str]:
    """List an account's letter runs, letter by letter."""
    found = set()
    for text in {handle, stem, *(words or [])} - {None}:
        assert text is not None
        for length, edged in ((2, f"^{text}$"), (3, f"^{text}$"), (4, text)):
            found |= {edged[at : at + length] for at in range(len(edged) - length + 1)}
    if words and len(words) > 1:
        first, last = words[0], words[-1]
        initials = "".join(word[:1] for word in words)
        found |= {f"^{initials[:2]}", f"^{initials[:3]}", f"^{first[0]}{last[0]}", f"^{first[0]}{last[:2]}"}
        found |= {first[-1] + last[0], first[-1] + last[:2], first[-2:] + last[0]}
    return found


def vectors(traits: pl.DataFrame) -> list[dict[str, float]]:
    """Weigh every account's runs by log2(accounts / accounts that hold the run), inside its population."""
    rows = traits.select("population", "handle", "stem", "words").rows()
    held = [runs_of(*row[1:]) for row in rows]
    made = []
    for (population, *_), mine in zip(rows, held, strict=True):
        inside = [runs for row, runs in zip(rows, held, strict=True) if row[0] == population]
        holders = Counter(run for runs in inside for run in runs)
        made.append({run: math.log2(len(inside) / holders[run]) for run in mine})
    return made


def oracle(one: dict[str, float], two: dict[str, float]) -> tuple[float, float, float, float]:
    """Give cosine, rarest, bits and share of two accounts."""
    common = [one[run] for run in one.keys() & two.keys()]
    norms = [math.sqrt(sum(bit * bit for bit in account.values())) for account in (one, two)]
    poorer = min(sum(account.values()) for account in (one, two))
    return (
        sum(bit * bit for bit in common) / (norms[0] * norms[1]),
        max(common, default=0.0),
        sum(common),
        sum(common) / poorer,
    )


def every_pair(size: int) -> tuple[np.ndarray, np.ndarray]:
    left, right = np.array([(a, b) for a, b in product(range(size), repeat=2) if a != b], dtype=np.int64).T
    return left, right


def test_pairs_are_what_a_dense_table_by_hand_gives() -> None:
    traits = table(ACCOUNTS)
    left, right = every_pair(len(ACCOUNTS))
    found = letter_runs(traits).compare(left, right)
    by_hand = vectors(traits)
    for row, (a, b) in enumerate(zip(left, right, strict=True)):
        if by_hand[a] and by_hand[b]:
            assert found.row(row) == pytest.approx(oracle(by_hand[a], by_hand[b]), abs=2e-6, rel=1e-5), (a, b)
    assert found.filter(pl.col("cosine") > 0.3).height >= 4


def test_both_ways_are_the_same_and_what_has_no_name_is_not_observed() -> None:
    left, right = every_pair(len(ACCOUNTS))
    runs = letter_runs(table(ACCOUNTS))
    found = runs.compare(left, right)
    assert found.equals(runs.compare(right, left))
    nameless = ACCOUNTS.index((None, None))
    expected = pl.Series((left == nameless) | (right == nameless))
    for name in found.columns:
        assert found[name].is_null().equals(expected, check_names=False), name
    known = found.drop_nulls()
    assert known.select(pl.col("cosine", "share").is_between(0.0, 1.0 + 1e-6).all()).row(0) == (True, True)
    assert runs.compare(left[:0], right[:0]).height == 0


def test_rarity_is_of_the_own_population() -> None:
    """What everybody is called in one set may be rare in another, and accounts of two sets have nothing in common."""
    spelled: list[tuple[str | None, list[str] | None]] = [
        ("tarn", None),
        ("tarn", None),
        ("tarnow", None),
        ("oke", None),
    ]
    traits = table([*spelled, ("tarn", None), *[(f"x{n}yz{n}", None) for n in range(9)]], ["a"] * 4 + ["b"] * 10)
    runs = letter_runs(traits)
    assert runs.compare(np.array([0]), np.array([4])).row(0) == (0.0, 0.0, 0.0, 0.0)
    by_hand = vectors(traits)
    inside = runs.compare(np.array([0, 0]), np.array([1, 2]))
    for row, other in enumerate((1, 2)):
        assert inside.row(row) == pytest.approx(oracle(by_hand[0], by_hand[other]), rel=1e-5)


def brute_force(runs: LetterRuns, traits: pl.DataFrame) -> np.ndarray:
    dense = runs.weights.toarray().astype(np.float64)
    unit = dense / np.maximum(np.linalg.norm(dense, axis=1, keepdims=True), 1e-9)
    return np.asarray(unit @ unit.T)


SPELLED = st.lists(
    st.tuples(
        st.none() | st.text("abc", min_size=1, max_size=5),
        st.none() | st.lists(st.text("ab", min_size=1, max_size=3), min_size=1, max_size=2),
        st.sampled_from(["one", "two"]),
        st.sampled_from(["p", "q", "r"]),
    ),
    min_size=1,
    max_size=14,
)


@settings(deadline=None, max_examples=60)
@given(SPELLED, st.integers(1, 3), st.sampled_from([0.06, 0.3]))
def test_nearest_are_those_that_comparing_all_pairs_finds(
    rows: list[tuple[str | None, list[str] | None, str, str]], count: int, least: float
) -> None:
    traits = table([row[:2] for row in rows], [row[2] for row in rows]).with_columns(
        place=pl.Series([r[3] for r in rows])
    )
    runs = letter_runs(traits)
    alike = brute_force(runs, traits)
    found: dict[tuple[int, str], list[int]] = {}
    for mine, other in nearest(runs, traits, count, least).iter_rows():
        assert traits["population"][mine] == traits["population"][other]
        assert traits["place"][mine] != traits["place"][other]
        found.setdefault((mine, traits["place"][other]), []).append(other)
    spelled = [runs.weights[row].toarray().tobytes() for row in range(traits.height)]
    for mine, place in product(range(traits.height), ("p", "q", "r")):
        near = found.get((mine, place), [])
        rivals = [
            other
            for other in range(traits.height)
            if traits["population"][other] == traits["population"][mine] and traits["place"][other] == place
        ]
        rivals = [] if traits["place"][mine] == place else rivals
        sure = sorted((alike[mine, other] for other in rivals if alike[mine, other] >= least + 1e-5), reverse=True)
        assert len(set(near)) == len(near) <= count
        assert len(near) >= min(count, len(sure))
        assert sorted((alike[mine, other] for other in near), reverse=True)[: len(sure)] == pytest.approx(
            sure[: len(near)], abs=1e-5
        )
        left_out = set(rivals) - set(near)
        # Of those that are spelled alike the first rows are taken.
        assert not [1 for one in near for other in left_out if spelled[one] == spelled[other] and other < one]


def test_of_equally_near_ones_the_first_rows_are_taken() -> None:
    spelled: list[tuple[str | None, list[str] | None]] = [("tarn", None)] * 9 + [("oke", None)] * 3
    traits = table(spelled, places=2)
    found = nearest(letter_runs(traits), traits, 2, 0.06)
    tarns = {(row, other) for row, other in found.iter_rows() if row < 9}
    assert tarns == {(row, other) for row in range(9) for other in ((1, 3) if row % 2 == 0 else (0, 2))}


def test_common_runs_propose_nothing_once_that_costs_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    spelled: list[tuple[str | None, list[str] | None]] = [("oak", None)] * 6 + [("oakxqz", None)] * 2
    traits = table(spelled)
    runs = letter_runs(traits)
    assert nearest(runs, traits, 3, 0.01).height == 6 * 3 + 2
    # The eleven runs of two accounts cost 4 products each: 44 of 48. One that six accounts hold costs 36 more.
    monkeypatch.setattr(module, "WORK_PER_ACCOUNT", 6)
    assert set(nearest(runs, traits, 3, 0.01).rows()) == {(6, 7), (7, 6)}
    # They still count in the cosine.
    assert runs.compare(np.array([0]), np.array([1])).row(0)[0] == pytest.approx(1.0)


def test_ten_thousand_namesakes_are_not_compared_with_each_other() -> None:
    size = 10_000
    accounts = pl.DataFrame(
        {
            "account_id": [f"{number:05}" for number in range(size + 2)],
            "platform": ["x" if number % 2 else "reddit" for number in range(size + 2)],
            "handle": ["admin"] * size + ["qzx_tarn", "qzxtarn"],
        }
    )
    traits = traits_of(accounts)
    runs = letter_runs(traits)
    # 10,000 holders cost 100 million products a run: over 3,000 an account.
    assert size**2 > module.WORK_PER_ACCOUNT * size
    assert set(nearest(runs, traits, 3, 0.06).rows()) == {(size, size + 1), (size + 1, size)}


def test_more_blocks_than_one_give_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    traits = table(ACCOUNTS, places=3)
    runs = letter_runs(traits)
    whole = nearest(runs, traits, 2, 0.0)
    monkeypatch.setattr(module, "BLOCK", 1)
    assert nearest(runs, traits, 2, 0.0).equals(whole)
    assert whole.height > len(ACCOUNTS)
