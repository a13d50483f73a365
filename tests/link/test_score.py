import math
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphmatch.errors import UsageError
from graphmatch.link import score
from graphmatch.link.compare import columns
from graphmatch.link.model import Level, Model, default
from graphmatch.link.rivals import rival_discount
from graphmatch.model import COMPARISONS


def compared(**levels: list[int | None]) -> pl.DataFrame:
    height = len(next(iter(levels.values())))
    schema = {name: pl.Int8 if name.endswith("level") else pl.Float32 for name in columns()}
    data = {name: levels.get(name.removesuffix("_level"), [None] * height) for name in columns()}
    return pl.DataFrame(data, schema=schema)


def bits(frame: pl.DataFrame, model: Model) -> np.ndarray:
    return score.level_bits(score.observed(frame), frame.height, model)


def with_levels(name: str, *levels: tuple[float, float]) -> Model:
    made = tuple(Level(f"level {n}", m, u) for n, (m, u) in enumerate(levels))
    return replace(default(), levels={**default().levels, name: made})


def test_a_hand_calculated_toy() -> None:
    # m = 0.9, u = 0.1 for agreement: log2 9; disagreement log2 (0.1 / 0.9); prior 1/4: log2 (1/3); missing: nothing.
    model = replace(with_levels("location", (0.1, 0.9), (0.4, 0.05), (0.5, 0.05)), prior=0.25, pairs_per_account=64.0)
    found = bits(compared(location=[2, 0, None]), model)[:, score.NAMES.index("location")]
    assert found == pytest.approx([math.log2(10), math.log2(1 / 9), 0.0])
    prior = score.prior_bits(model, np.array([64.0]), np.array([False]))[0]
    assert prior == pytest.approx(math.log2(1 / 3))
    assert score.probability(np.array([prior + math.log2(10)]))[0] == pytest.approx(10 / 13)


def test_shipped_levels_rise() -> None:
    for name, levels in default().levels.items():
        # At one rarity: a higher level never speaks less for a match.
        at = [level.bits + level.slope * (20.0 - level.reference) for level in levels]
        assert at == sorted(at), name


def test_shipped_chances_add_up_to_one() -> None:
    for name, levels in default().levels.items():
        assert sum(level.m for level in levels) == pytest.approx(1.0, abs=0.01), name
        assert sum(level.u for level in levels) == pytest.approx(1.0, abs=0.01), name


def test_only_the_strongest_of_a_family_counts_whole() -> None:
    naming = [score.NAMES.index(name) for name in ("handle", "display_name", "handle_name")]
    row = np.zeros((2, len(score.NAMES)))
    row[0, naming] = [8.0, 4.0, 20.0]
    row[1, naming] = [-2.0, -4.0, 0.0]
    lost = score.discounts(row, 0.25)
    family = list(score.FAMILY_COLUMNS).index(COMPARISONS["handle"])
    assert lost[:, family] == pytest.approx([-9.0, 1.5])
    assert np.delete(lost, family, axis=1) == pytest.approx(0.0)


def test_rivals_share_and_the_prior_plays_no_part() -> None:
    pairs = pl.DataFrame({"left": [0, 0, 1], "right": [2, 3, 4], "left_place": [7] * 3, "right_place": [8] * 3})
    lost = rival_discount(pairs, np.array([10.0, 10.0, 3.0]), 0.0)
    assert lost == pytest.approx([-1.0, -1.0, 0.0])
    beaten = rival_discount(pairs, np.array([20.0, 0.1, 3.0]), 0.05)
    assert beaten == pytest.approx([0.0, math.log2(0.05), 0.0], abs=1e-4)
    unsupported = rival_discount(pairs, np.array([0.5, 0.0, -3.0]), 0.05)
    assert unsupported.tolist() == [0.0, 0.0, 0.0]
    same = pairs.with_columns(right_place=pl.col("left_place"))
    assert rival_discount(same, np.array([10.0, 10.0, 3.0]), 0.0) == pytest.approx(0.0)


def test_em_recovers_planted_m_and_prior(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(score, "M_WEIGHT", 1.0)
    monkeypatch.setattr(score, "MATCHES_WEIGHT", 1.0)
    rng = np.random.default_rng(5)
    accounts, ppa, matches = 2_000, 100.0, 1_500
    planted = {"handle": [0.1, 0.1, 0.1, 0.1, 0.1, 0.5], "bio": [0.2, 0.1, 0.1, 0.6], "location": [0.2, 0.1, 0.7]}
    start = replace(default(), prior=0.2 / ppa, pairs_per_account=ppa, bounds=(-30.0, 30.0))
    start = replace(start, levels={k: tuple(replace(at, slope=0.0) for at in v) for k, v in start.levels.items()})
    pairs = int(accounts * ppa)
    columns_: dict[str, list[int | None]] = {}
    for name, m in planted.items():
        u = np.array([level.u for level in start.levels[name]])
        high = rng.choice(len(m), matches, p=m)
        low = rng.choice(len(m), pairs - matches, p=u / u.sum())
        columns_[name] = [int(value) for value in np.concatenate([high, low])]
    frame = compared(**columns_).with_columns(pairs_per_account=pl.lit(ppa), same_place=pl.lit(value=False))
    counted = score.patterns(frame, ["pairs_per_account", "same_place"])
    fitted = score.expectation_maximisation(start, counted, accounts, iterations=30)
    for name, m in planted.items():
        assert [level.m for level in fitted.levels[name]] == pytest.approx(m, abs=0.06), name
    assert fitted.prior == pytest.approx(matches / pairs, rel=0.1)


def test_em_leaves_what_it_cannot_learn() -> None:
    frame = compared(declared=[3] * 20, contact=[3] * 20)
    counted = score.patterns(
        frame.with_columns(pairs_per_account=pl.lit(64.0), same_place=pl.lit(value=False)),
        ["pairs_per_account", "same_place"],
    )
    fitted = score.expectation_maximisation(default(), counted, 20)
    assert fitted.levels["contact"] == default().levels["contact"]


def test_a_larger_population_lowers_the_prior_in_proportion() -> None:
    model = default()
    small, large = score.prior_bits(model, np.array([500.0, 5000.0]), np.array([False, False]))
    assert small - large == pytest.approx(math.log2(10))
    same = score.prior_bits(model, np.array([500.0]), np.array([True]))[0]
    assert same == pytest.approx(small + model.same_place_bits)


def test_a_model_survives_json() -> None:
    model = replace(default(), seed=3, counts={"accounts": 7})
    assert Model.from_json(model.to_json()) == model


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"version": 99}'])
def test_what_is_no_model_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        Model.from_json(text)


def test_a_model_with_a_level_less_is_refused() -> None:
    model = with_levels("handle", (0.5, 0.5))
    with pytest.raises(UsageError, match="handle"):
        Model.from_json(model.to_json())


@settings(deadline=None, max_examples=60)
@given(st.floats(-40, 90), st.floats(0, 20), st.floats(1, 1e6), st.floats(0.001, 0.2))
def test_imitation_bounds_what_copyable_evidence_proves(bits: float, more: float, wide: float, copies: float) -> None:
    """More agreement never counts less, and never more than the chance that somebody else bears the same profile."""
    few, many = (
        value + score.imitation_bits(np.array([value]), np.array([wide]), copies)[0] for value in (bits, bits + more)
    )
    assert few <= many + 1e-9
    assert few <= bits
    assert many <= np.log2(max(wide, 64.0) / copies) + 1e-9


def test_imitation_by_hand() -> None:
    """A chance of 2^-10 by itself and of 0.02 in 100 by imitation add up."""
    lost = score.imitation_bits(np.array([10.0]), np.array([100.0]), 0.02)[0]
    assert 10.0 + lost == pytest.approx(-np.log2(2.0**-10 + 0.02 / 100))


@pytest.mark.parametrize(
    ("handle", "display_name", "counts"),
    [(2, 0, True), (None, None, True), (3, 0, False), (5, None, False), (0, 1, False), (None, 4, False)],
)
def test_a_handle_that_fits_the_others_name_counts_only_where_nothing_else_agrees(
    handle: int | None, display_name: int | None, counts: bool
) -> None:
    frame = compared(handle=[handle], display_name=[display_name], handle_name=[6])
    place = score.NAMES.index("handle_name")
    assert (bits(frame, default().unlabelled())[0, place] != 0.0) == counts
    assert bits(frame, default())[0, place] != 0.0  # learned weights know the three together
