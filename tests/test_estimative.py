import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphmatch.estimative import BANDS, figure, fine, one_operator, words

chances = st.floats(0.0, 1.0)


@pytest.mark.parametrize(
    ("probability", "said"),
    [
        (0.0, "almost no chance"),
        (0.049, "almost no chance"),
        (0.05, "very unlikely"),
        (0.20, "unlikely"),
        (0.449, "unlikely"),
        (0.45, "roughly even chance"),
        (0.549, "roughly even chance"),
        (0.55, "likely"),
        (0.799, "likely"),
        (0.80, "very likely"),
        (0.949, "very likely"),
        (0.95, "almost certain"),
        (1.0, "almost certain"),
    ],
)
def test_words_by_hand(probability: float, said: str) -> None:
    assert words(probability) == said


@given(chances, chances)
def test_words_never_fall_as_the_probability_rises(one: float, other: float) -> None:
    order = [band.words for band in BANDS]
    low, high = sorted((one, other))
    assert order.index(words(low)) <= order.index(words(high))


@pytest.mark.parametrize("value", [-0.01, 1.01, math.nan, math.inf])
def test_what_is_no_probability_has_no_words(value: float) -> None:
    with pytest.raises(ValueError, match="no probability"):
        words(value)


@given(chances)
def test_nothing_is_written_as_certain(probability: float) -> None:
    assert figure(probability) not in ("1.00", "0.00")
    assert fine(probability) not in ("1.0000", "0.0000")


def test_a_sentence_goes_on_as_english_does() -> None:
    assert one_operator(0.87) == "very likely (0.87) to have one operator"
    assert one_operator(0.5) == "roughly even chance (0.50) of one operator"
    assert one_operator(0.001) == "almost no chance (under 0.01) of one operator"
    assert one_operator(0.9999) == "almost certain (over 0.99) to have one operator"
