"""Words for a probability, and for nothing else: the probability yardstick of the UK's intelligence assessments.

The bands are those of the Professional Head of Intelligence Assessment (PHIA), *Explaining Uncertainty in UK
Intelligence Assessment*, gov.uk, March 2025. The yardstick leaves gaps between its bands; here a gap belongs to the
word nearer to even, so that no word is ever stronger than the yardstick lets it be. How well supported a Match is has
words of its own (`graphmatch.model.Standing`): they never change these, nor these them.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Band:
    """One band of the yardstick: its words, the probabilities that it is published for, and how a sentence goes on."""

    words: str
    lowest: float
    highest: float
    goes_on: str = "to have"


#: The yardstick, least likely first.
BANDS = (
    Band("remote chance", 0.00, 0.05, "of"),
    Band("highly unlikely", 0.10, 0.20),
    Band("unlikely", 0.25, 0.35),
    Band("realistic possibility", 0.40, 0.50, "of"),
    Band("likely", 0.55, 0.75),
    Band("highly likely", 0.80, 0.90),
    Band("almost certain", 0.95, 1.00),
)
#: The band that both sides' gaps run up to.
_EVEN = BANDS[3]
#: A probability past these is never written as certainty.
_SURE, _SURELY_NOT, _FINEST = 0.99, 0.01, 0.0001


def band(probability: float) -> Band:
    """Give the band that speaks for a probability.

    Raises
    ------
    ValueError
        It is no probability.
    """
    if not 0.0 <= probability <= 1.0:
        raise ValueError(f"{probability} is no probability")
    for one in reversed(BANDS):
        if one.lowest > _EVEN.highest and probability >= one.lowest:
            return one
    return next(one for one in BANDS if probability <= one.highest or one is _EVEN)


def words(probability: float) -> str:
    """Say a probability in the words of the yardstick."""
    return band(probability).words


def figure(probability: float) -> str:
    """Write a probability for a person, to two places: never as certainty."""
    if probability > _SURE:
        return "over 0.99"
    return "under 0.01" if probability < _SURELY_NOT else f"{probability:.2f}"


def fine(probability: float) -> str:
    """Write a probability to four places, where steps are compared: never as certainty."""
    if probability > 1 - _FINEST:
        return f">{1 - _FINEST}"
    return f"<{_FINEST}" if probability < _FINEST else f"{probability:.4f}"


def one_operator(probability: float) -> str:
    """Say how likely it is that two accounts have one operator: ``highly likely (0.87) to have one operator``."""
    said = band(probability)
    return f"{said.words} ({figure(probability)}) {said.goes_on} one operator"
