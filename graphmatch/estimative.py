"""Words for a probability, and for nothing else.

Words and bounds are those of Intelligence Community Directive 203 (2015), which MISP's taxonomy `estimative-language`
carries; releases and explanations use the same. How well supported a Match is has words of its own
(`graphmatch.model.Standing`): they never change these, nor these them.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Band:
    """One band of the scale: its words, the lowest probability in it, and how a sentence goes on."""

    words: str
    lowest: float
    goes_on: str = "to have"


#: The scale, least likely first; each band ends where the next begins.
BANDS = (
    Band("almost no chance", 0.00, "of"),
    Band("very unlikely", 0.05),
    Band("unlikely", 0.20),
    Band("roughly even chance", 0.45, "of"),
    Band("likely", 0.55),
    Band("very likely", 0.80),
    Band("almost certain", 0.95),
)
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
    return next(one for one in reversed(BANDS) if probability >= one.lowest)


def words(probability: float) -> str:
    """Say a probability in the words of the scale."""
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
    """Say how likely it is that two accounts have one operator: ``very likely (0.87) to have one operator``."""
    said = band(probability)
    return f"{said.words} ({figure(probability)}) {said.goes_on} one operator"
