"""Learned weights: for each measure, what each of its steps is worth in bits beside all the others.

The naming comparisons say the same thing several times over, so that their weights of evidence must not be added as if
they were independent. Here they are learned together, by penalised logistic regression on labelled pairs, as one table
per measure: an additive model (Hastie and Tibshirani 1986, doi:10.1214/ss/1177013604), whose reasons add up exactly
because it is a sum. A measure that was not observed is worth nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graphmatch.link.measures import LEARNED, MEASURES
from graphmatch.link.rivals import RIVALS

Floats = NDArray[np.float64]
#: The measures that the learned comparisons' levels and rarities are.
LEVELS = (
    *(f"{name}_level" for name in LEARNED),
    # How few other accounts have what agrees: rivals in the whole population, whatever their place.
    *(f"{name}_rarity" for name in LEARNED if name != "letter_runs"),
)
#: A person and a firm that is called like one: their names prove no more than this, in bits (set by reason).
UNLIKE_BITS = 3.0
#: Where all that agrees has less than `COMMON` bits of rarity (many bear it: serial handles, a common nickname), naming
#: proves no more than that rarity and `SLACK` bits. The labelled sets have few such values (set by reason).
COMMON, SLACK = 6.0, 4.0


@dataclass(frozen=True, slots=True)
class Steps:
    """One measure in steps.

    Attributes
    ----------
    edges
        Step ``i`` holds values from ``edges[i - 1]`` up to, but not with, ``edges[i]``; rising.
    bits
        Of each step, one more than edges.
    m, u
        Share of the labelled pairs of one operator, and of the others, whose observed value lies in the step: what it
        would be worth alone is log2(m / u).
    """

    edges: tuple[float, ...]
    bits: tuple[float, ...]
    m: tuple[float, ...] = ()
    u: tuple[float, ...] = ()

    def worth(self, values: Floats) -> Floats:
        """Give the bits of each value, 0 for NaN."""
        step = np.searchsorted(np.asarray(self.edges), values, side="right")
        worth: Floats = np.where(np.isnan(values), 0.0, np.asarray(self.bits)[step])
        return worth

    def to_dict(self) -> dict[str, Any]:
        """Write the steps as plain lists."""
        return {name: list(getattr(self, name)) for name in ("edges", "bits", "m", "u")}

    @classmethod
    def from_dict(cls, written: Mapping[str, Any]) -> Self:
        """Read what `to_dict` wrote.

        Raises
        ------
        ValueError
            Edges do not rise, there is not one bit more than edges, shares are of other steps, or a number is none.
        """
        made = cls(**{name: tuple(float(x) for x in written[name]) for name in ("edges", "bits", "m", "u")})
        if len(made.bits) != len(made.edges) + 1 or any(np.diff(made.edges) <= 0):
            raise ValueError("steps need rising edges and one bit more than edges")
        if not {len(made.m), len(made.u)} <= {0, len(made.bits)}:
            raise ValueError("steps need as many shares as bits, or none")
        if not np.isfinite([*made.edges, *made.bits, *made.m, *made.u]).all():
            raise ValueError("steps need finite numbers")
        return made


@dataclass(frozen=True, slots=True)
class Learned:
    """The tables of all measures, by name: of `MEASURES` and `LEVELS`, and of `RIVALS`."""

    measures: Mapping[str, Steps]
    rivals: Mapping[str, Steps]

    def bits(self, measured: pl.DataFrame) -> dict[str, Floats]:
        """Add up each learned comparison of measured pairs (`MEASURES`, `LEVELS` and ``unlike``), in bits."""
        made = {name: np.zeros(measured.height) for name in LEARNED}
        for name, steps in self.measures.items():
            made[comparison_of(name)] += steps.worth(measured[name].cast(pl.Float64).to_numpy())
        total = np.sum(list(made.values()), axis=0)
        limit = np.minimum(total, most_bits(measured))
        share = np.divide(limit, total, out=np.ones_like(total), where=total > 0)
        return {name: bits * share for name, bits in made.items()}

    def rival_bits(self, placed: pl.DataFrame) -> Floats:
        """Add up what a pair's standing among its rivals (`RIVALS`) is worth, in bits."""
        made = np.zeros(placed.height)
        for name, steps in self.rivals.items():
            made += steps.worth(placed[name].cast(pl.Float64).to_numpy())
        return made

    def to_dict(self) -> dict[str, Any]:
        """Write the tables so that a person can read them."""
        written = {
            name: {"comparison": comparison_of(name), "meaning": _meaning(name), **steps.to_dict()}
            for name, steps in self.measures.items()
        }
        return {"measures": written, "rivals": {name: steps.to_dict() for name, steps in self.rivals.items()}}

    @classmethod
    def from_dict(cls, written: Mapping[str, Any]) -> Self:
        """Read what `to_dict` wrote.

        Raises
        ------
        ValueError
            Its measures are not those of this program.
        """
        made = cls(
            *(
                {name: Steps.from_dict(steps) for name, steps in written[part].items()}
                for part in ("measures", "rivals")
            )
        )
        odd = set(made.measures) ^ {*MEASURES, *LEVELS} | set(made.rivals) ^ set(RIVALS)
        if odd:
            raise ValueError(f"the model and the program disagree about the measure {min(odd)!r}")
        return made


def most_bits(measured: pl.DataFrame) -> Floats:
    """Give the most that naming may prove of each pair, in bits: set by reason, infinite for nearly all."""
    rarities = [pl.col(name) for name in LEVELS if name.endswith("_rarity")]
    rarest = pl.max_horizontal(rarities)
    common = pl.when(rarest < COMMON).then((rarest + SLACK).clip(lower_bound=0.0)).otherwise(float("inf"))
    unlike = pl.when(pl.col("unlike")).then(UNLIKE_BITS).otherwise(float("inf"))
    return measured.select(pl.min_horizontal(common, unlike).cast(pl.Float64)).to_series().to_numpy()


def comparison_of(measure: str) -> str:
    """Name the comparison that a measure of `MEASURES` or `LEVELS` belongs to."""
    if measure in MEASURES:
        return MEASURES[measure].comparison
    return measure.removesuffix("_level").removesuffix("_rarity")


def _meaning(measure: str) -> str:
    if measure in MEASURES:
        return MEASURES[measure].meaning
    return "level of the comparison" if measure.endswith("_level") else "rarity of what agrees, bits"
