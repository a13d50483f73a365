"""Learning weights from pairs whose weights are known, and the pairs that labels give."""

from __future__ import annotations

import math
from itertools import combinations

import numpy as np
import polars as pl
import pytest

from graphmatch.errors import RejectedTable
from graphmatch.link import examples as made_from
from graphmatch.link import fitting
from graphmatch.link.examples import examples, levels_of, matches_per_account
from graphmatch.link.fitting import Examples, learn
from graphmatch.link.learned import RIVALS, Learned
from graphmatch.link.measures import LEARNED
from graphmatch.link.model import default
from graphmatch.link.score import probability

#: Bits that each measure is worth in the planted data, by its value; nothing where it is not observed.
PLANTED = {
    "handle_edit": {0.0: -2.0, 1.0: 0.5, 2.0: 3.0},
    "name_words": {0.0: -1.0, 1.0: 0.0, 2.0: 4.0},
    "runs_cosine": {0.0: 0.0, 1.0: 1.5},
}


def planted(size: int = 20_000, prior: float = -2.0, seed: int = 1) -> Examples:
    """Draw pairs whose log odds are the prior, plus other bits, plus the planted bits. Each account stands in one."""
    random = np.random.default_rng(seed)
    columns: dict[str, np.ndarray] = {}
    other = random.integers(-1, 2, size).astype(np.float64)
    odds = prior + other
    for name, bits in PLANTED.items():
        values = random.choice(np.array([*bits, np.nan]), size)
        odds += np.array([0.0 if math.isnan(value) else bits[float(value)] for value in values])
        columns[name] = values
    return Examples(
        pl.DataFrame(
            {
                "left": np.arange(0, 2 * size, 2),
                "right": np.arange(1, 2 * size, 2),
                "left_place": ["p"] * size,
                "right_place": ["q"] * size,
                "is_true": random.random(size) < probability(odds),
                "candidate": [True] * size,
                "weight": np.ones(size),
                "prior_bits": np.full(size, prior),
                "other_bits": other,
                **columns,
            }
        )
        .with_columns(pl.col(name).fill_nan(None).cast(pl.Float32) for name in PLANTED)
        .with_columns(pl.lit(None, dtype=pl.Float32).alias("name_edit"))
    )


def worth(found: Learned, name: str) -> list[float]:
    return found.measures[name].worth(np.array([*PLANTED[name]])).tolist()


@pytest.fixture(scope="module")
def fitted() -> Learned:
    return learn(planted())


def predicted(found: Learned, pairs: pl.DataFrame) -> np.ndarray:
    weight = (pairs["prior_bits"] + pairs["other_bits"]).to_numpy().copy()
    for name, steps in found.measures.items():
        weight += steps.worth(pairs[name].cast(pl.Float64).to_numpy())
    return probability(weight)


def test_planted_bits_are_found_again(fitted: Learned) -> None:
    for name, bits in PLANTED.items():
        assert worth(fitted, name) == pytest.approx(list(bits.values()), abs=0.3), name
        assert worth(fitted, name) == sorted(worth(fitted, name))


def test_predictions_on_other_pairs_mean_what_they_say(fitted: Learned) -> None:
    fresh = planted(seed=2).pairs
    chance, true = predicted(fitted, fresh), fresh["is_true"].to_numpy()
    assert abs(chance.mean() - true.mean()) < 4 * math.sqrt((chance * (1 - chance)).sum()) / chance.size
    for low in np.arange(0.0, 1.0, 0.2):
        inside = (chance >= low) & (chance < low + 0.2)
        assert inside.sum() > 100
        error = math.sqrt((chance[inside] * (1 - chance[inside])).sum()) / inside.sum()
        assert abs(chance[inside].mean() - true[inside].mean()) < 4 * error + 0.02, low


def test_weights_are_evidence_whatever_the_prior(fitted: Learned) -> None:
    rare = learn(planted(prior=-5.0, size=60_000, seed=3))
    for name in PLANTED:
        assert worth(rare, name) == pytest.approx(worth(fitted, name), abs=0.45), name


def test_what_is_known_already_is_not_learned_again() -> None:
    """Bits moved from the prior to the other comparisons change nothing: only their sum is offset."""
    found = planted(3_000)
    moved = found.pairs.with_columns(pl.col("prior_bits") + 4.0, pl.col("other_bits") - 4.0)
    assert learn(Examples(moved)).measures == learn(found).measures
    # A prior that is told four bits too high is made good by the weights, as far as the penalty lets them.
    told = learn(Examples(found.pairs.with_columns(pl.col("prior_bits") + 4.0)))
    assert all(
        new < old for name in PLANTED for new, old in zip(worth(told, name), worth(learn(found), name), strict=True)
    )


def test_a_measure_that_was_never_observed_is_worth_nothing(fitted: Learned) -> None:
    steps = fitted.measures["name_edit"]
    assert (steps.edges, steps.bits) == ((), (0.0,))


def test_a_value_that_no_pair_shows_is_worth_what_its_step_is(fitted: Learned) -> None:
    below, above = fitted.measures["handle_edit"].worth(np.array([-5.0, 9.0]))
    assert [below, above] == worth(fitted, "handle_edit")[::2]


def test_the_same_pairs_give_the_same_weights() -> None:
    assert learn(planted(2_000)) == learn(planted(2_000))


def test_weights_and_repeated_pairs_are_the_same() -> None:
    once = planted(2_000)
    weighed = learn(Examples(once.pairs.with_columns(weight=pl.lit(3.0)))).measures
    repeated = learn(Examples(pl.concat([once.pairs] * 3))).measures
    for name in PLANTED:
        assert repeated[name].edges == pytest.approx(weighed[name].edges, abs=1e-3)
        assert repeated[name].bits == pytest.approx(weighed[name].bits, abs=0.02)


@pytest.mark.parametrize("penalty", ["SMOOTH", "SHRINK"])
def test_more_penalty_moves_less(monkeypatch: pytest.MonkeyPatch, penalty: str) -> None:
    found = planted(2_000)
    spread = []
    for strength in (0.1, 10.0, 1000.0):
        monkeypatch.setattr(fitting, penalty, strength)
        steps = learn(found).measures["handle_edit"]
        spread.append(max(steps.bits) - min(steps.bits))
    assert spread == sorted(spread, reverse=True)
    assert spread[0] > 4 * spread[2]


def test_few_pairs_move_little() -> None:
    few, many = learn(planted(20)), learn(planted(5_000))
    for name in PLANTED:
        assert max(map(abs, worth(few, name))) < max(map(abs, worth(many, name)))


def test_the_gradient_is_that_of_the_loss() -> None:
    random = np.random.default_rng(4)
    places = [random.integers(0, 3, 50), np.where(random.random(50) < 0.3, 5, random.integers(3, 5, 50))]
    true, weight, offset = (random.random(50) < 0.4).astype(float), random.random(50), random.normal(size=50)
    loss = fitting._objective(places, np.array([0, 1, 3]), true, weight, offset, 5)
    at = random.normal(size=5)
    _, gradient = loss(at)
    for place in range(5):
        step = 1e-6 * np.eye(5)[place]
        assert (loss(at + step)[0] - loss(at - step)[0]) / 2e-6 == pytest.approx(gradient[place], abs=1e-5)


def test_the_best_of_two_rivals_wins_more_than_the_measures_say() -> None:
    """In each place exactly one of two candidates is true: who is ahead says more than the bits alone."""
    size = 1_500
    random = np.random.default_rng(6)
    values = random.choice([0.0, 1.0, 2.0], (size, 2))
    bits = np.array([PLANTED["handle_edit"][value] for value in values.ravel()]).reshape(size, 2)
    first = random.random(size) < probability(bits[:, 0] - bits[:, 1])
    left = np.repeat(np.arange(size), 2)
    pairs = (
        planted(2 * size)
        .pairs.drop("handle_edit", "name_words", "runs_cosine")
        .with_columns(
            left=left,
            handle_edit=pl.Series(values.ravel()),
            is_true=pl.Series(np.column_stack([first, ~first]).ravel()),
        )
    )
    found = learn(Examples(pairs.with_columns(prior_bits=pl.lit(0.0), other_bits=pl.lit(0.0))))
    assert set(found.rivals) == set(RIVALS)
    margin = found.rivals["rival_margin_low"]
    ahead, behind = margin.worth(np.array([3.0, -3.0]))
    assert ahead > behind


# The pairs that labels give.

PEOPLE = ["grimwald", "moorland", "peverell", "qzxtarn", "okafor"]


def labelled(extra: int = 0) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Give two accounts of each person, of one handle; the last person's second is called otherwise."""
    rows = [(f"{platform}:{n}", platform, handle, str(n)) for n, handle in enumerate(PEOPLE) for platform in ("x", "y")]
    rows[-1] = ("y:4", "y", "wjzvk", "4")
    rows += [(f"x:more{n}", "x", f"{n:03}hub", "hub") for n in range(extra)]
    rows += [(f"y:more{n}", "y", f"{'bcdfgh'[n % 6]}{n:03}", "hub") for n in range(extra)]
    table = pl.DataFrame(rows, schema=["account_id", "platform", "handle", "person_id"], orient="row")
    return table.drop("person_id"), table.select("account_id", "person_id")


def test_the_pairs_of_a_small_set_by_hand() -> None:
    accounts, truth = labelled()
    found = examples(accounts, truth, default()).pairs
    ids = accounts["account_id"].sort()
    person = dict(truth.iter_rows())
    rows = {
        (ids[a], ids[b]): row
        for (a, b), row in zip(found.select("left", "right").rows(), found.rows(named=True), strict=True)
    }
    assert len(rows) == found.height
    # Five accounts on either platform make 25 pairs across; 4,000 draws find each that was not proposed.
    every = {(one, two) for one, two in combinations(ids, 2) if one[0] != two[0]}
    assert set(rows) == every
    assert len(every) == 25
    for (one, two), row in rows.items():
        assert row["is_true"] == (person[one] == person[two])
        assert {row["left_place"], row["right_place"]} == {"x:", "y:"}
    missed = [pair for pair, row in rows.items() if row["is_true"] and not row["candidate"]]
    assert missed == [("x:4", "y:4")]


def test_random_pairs_stand_for_all_that_were_not_proposed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(made_from, "RANDOM_PER_SET", 12)
    accounts, truth = labelled()
    found = examples(accounts, truth, default()).pairs
    drawn = found.filter(~pl.col("candidate") & ~pl.col("is_true"))
    proposed = found.filter("candidate")
    assert 0 < drawn.height < 25 - proposed.height
    assert set(proposed["weight"]) == {1.0}
    assert drawn["weight"].to_list() == pytest.approx([(25 - proposed.height) / drawn.height] * drawn.height)
    assert found.filter(~pl.col("candidate") & pl.col("is_true"))["weight"].to_list() == [1.0]


def test_sets_count_by_the_root_of_their_size() -> None:
    accounts, truth = labelled()
    small, large = labelled()[0], labelled(20)[0]
    both = pl.concat([small.with_columns(dataset=pl.lit("s")), large.with_columns(dataset=pl.lit("l"))])
    both = both.with_columns(pl.concat_str("dataset", "account_id").alias("account_id"))
    persons = pl.concat([labelled()[1].with_columns(s=pl.lit("s")), labelled(20)[1].with_columns(s=pl.lit("l"))])
    persons = persons.select(
        pl.concat_str("s", "account_id").alias("account_id"), pl.concat_str("s", "person_id").alias("person_id")
    )
    found = examples(both, persons, default()).pairs.filter("candidate")
    sums = dict(
        found.group_by("set")
        .agg(pl.col("weight").sum(), pl.len().alias("pairs"))
        .select("set", pl.col("weight") ** 2 / pl.col("pairs"))
        .iter_rows()
    )
    assert sums["s"] == pytest.approx(sums["l"])
    assert found["weight"].mean() == pytest.approx(1.0)


def test_a_person_with_very_many_accounts_does_not_fill_the_examples(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(made_from, "RANDOM_PER_SET", 50)
    few = examples(*labelled(25), default()).pairs
    assert few.filter(~pl.col("candidate") & pl.col("is_true")).height > 100
    many = examples(*labelled(26), default()).pairs
    assert many.filter(~pl.col("candidate") & pl.col("is_true")).height == 1
    assert many.filter("is_true").height < 26 * 26 / 2


def test_the_same_seed_draws_the_same_pairs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(made_from, "RANDOM_PER_SET", 12)
    accounts, truth = labelled()
    found = examples(accounts, truth, default(), seed=5).pairs
    assert found.equals(examples(accounts[::-1], truth[::-1], default(), seed=5).pairs)
    assert not found.select("left", "right").equals(
        examples(accounts, truth, default(), seed=6).pairs.select("left", "right")
    )


def test_a_truth_that_is_none_is_refused() -> None:
    accounts, truth = labelled()
    for name in ("account_id", "person_id"):
        with pytest.raises(RejectedTable, match=f"truth.*{name}"):
            examples(accounts, truth.drop(name), default())
    with pytest.raises(RejectedTable, match="account_id"):
        examples(accounts, pl.concat([truth, truth[:1]]), default())
    for empty in (truth[:0], truth[:1], truth.with_columns(account_id=pl.lit("?:") + pl.col("account_id"))):
        with pytest.raises(RejectedTable, match="truth"):
            examples(accounts, empty, default())


def test_accounts_of_nobody_known_are_left_out() -> None:
    accounts, truth = labelled()
    nobody = truth.with_columns(pl.when(pl.col("person_id") != "0").then("person_id").alias("person_id"))
    found = examples(accounts, nobody, default()).pairs
    assert found.equals(examples(accounts, truth.filter(pl.col("person_id") != "0"), default()).pairs)
    assert found["is_true"].null_count() == 0


def test_matches_per_account_by_hand() -> None:
    accounts, truth = labelled()
    # Five true pairs of ten accounts.
    assert matches_per_account(accounts, truth) == pytest.approx(0.5)
    # Seven and seven more of one person: 49 pairs across of 14 accounts, in a set of its own.
    more, persons = labelled(7)
    own = pl.when(pl.col("account_id").str.contains("more")).then(pl.lit("b")).otherwise(pl.lit("a"))
    assert matches_per_account(more.with_columns(dataset=own), persons) == pytest.approx((0.5 + 49 / 14) / 2)


def test_levels_are_counted_among_the_labelled() -> None:
    accounts, truth = labelled()
    base = default()
    found = examples(accounts, truth, base)
    made = levels_of(found, base)
    assert {name for name in made if made[name] != base.levels[name]} == set(LEARNED) - {
        "display_name",
        "handle_name",
    } | {name for name in ("display_name", "handle_name") if made[name] != base.levels[name]}
    # Four of the five true pairs have the same folded handle, one has nothing in common.
    handle = made["handle"]
    assert (handle[5].m, handle[0].m) == pytest.approx((0.8, 0.2), abs=1e-3)
    assert handle[0].u > 0.99
    for name in LEARNED:
        assert sum(level.m for level in made[name]) == pytest.approx(1.0, abs=2e-3)
        assert min(level.u for level in made[name]) > 0
    assert made["bio"] == base.levels["bio"]
