"""The match model: a prior and, for each level of each comparison, m and u. Readable JSON both ways."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.resources import files
from typing import Any, Self

from graphmatch.errors import UsageError
from graphmatch.link.compare import LABELS
from graphmatch.link.learned import Learned
from graphmatch.model import COMPARISONS, Family

VERSION = 2
#: A population smaller than this many pairs an account is judged as if it had them: twenty accounts are no reason to
#: believe in one match per twenty pairs. Keeps the prior low enough that an allegation alone never reaches one half.
LEAST_PAIRS_PER_ACCOUNT = 64.0


@dataclass(frozen=True, slots=True)
class Level:
    """One level of a comparison.

    ``m``: chance of this level among pairs of one operator; ``u``: among other pairs, at the ``reference`` rarity
    (bits). A value rarer by one bit makes chance agreement less likely by ``slope`` bits.
    """

    label: str
    m: float
    u: float
    slope: float = 0.0
    reference: float = 0.0

    @property
    def bits(self) -> float:
        """The match weight at the reference rarity, log2(m / u)."""
        return math.log2(self.m / self.u)


@dataclass(frozen=True, slots=True)
class Model:
    """What turns levels into match weights.

    Attributes
    ----------
    prior
        Probability that two accounts drawn at random have one operator, in a population of ``pairs_per_account``.
    pairs_per_account
        Admissible pairs divided by accounts. A larger population has as many matches per account, so its prior is lower
        in proportion.
    same_place_bits
        Added to the prior of two accounts on one platform and instance.
    family_share
        Within a family only the strongest level counts whole; of the others this share.
    rival_floor
        How likely an operator is to have several accounts in one place: what is left of naming evidence when another
        account there fits far better.
    copies_per_account
        How many other accounts bear a profile like an account's own by imitation or chance fashion: copies, namesakes,
        shared nicknames. Bounds what agreement on a name and a profile alone can prove.
    bounds
        The least and most bits that one comparison may give.
    counts
        What the model was fitted on: ``accounts, pairs, candidates, expected_matches``.
    learned
        Weights of the naming comparisons learned from labelled pairs; they stand for those of `levels`, the family's
        share and the rival's floor. Without them the model is the one that EM fits with no labels.
    scales
        What each family's bits are multiplied by, 1 unless judgements taught otherwise (`graphmatch train`).
    card
        What a person should know of the weights: data, date, population, calibration.
    """

    prior: float
    pairs_per_account: float
    levels: Mapping[str, tuple[Level, ...]]
    same_place_bits: float = -2.0
    family_share: float = 0.25
    rival_floor: float = 0.05
    copies_per_account: float = 0.02
    bounds: tuple[float, float] = (-8.0, 24.0)
    counts: Mapping[str, float] = field(default_factory=dict)
    seed: int = 0
    provenance: str = ""
    learned: Learned | None = None
    scales: Mapping[str, float] = field(default_factory=dict)
    card: Mapping[str, Any] = field(default_factory=dict)

    @property
    def prior_bits(self) -> float:
        """The prior as log2 odds."""
        return math.log2(self.prior / (1 - self.prior))

    @property
    def calibrated(self) -> bool | None:
        """Whether the population that was linked is of a size that the learned weights were calibrated on.

        None if that is not known: weights without labels, or none linked yet.
        """
        low_high = self.card.get("pairs_per_account")
        if self.learned is None or low_high is None or not self.counts.get("accounts"):
            return None
        return bool(low_high[0] <= self.counts["pairs"] / self.counts["accounts"] <= low_high[1])

    def with_prior(self, prior: float) -> Self:
        """Give the same model with another prior."""
        return replace(self, prior=prior)

    def unlabelled(self) -> Self:
        """Give the same model without what labels taught: levels alone, for EM to fit."""
        return replace(self, learned=None, scales={})

    def to_json(self) -> str:
        """Write the model so that a person can read it."""
        document = {
            "version": VERSION,
            "provenance": self.provenance,
            "prior": self.prior,
            "pairs_per_account": self.pairs_per_account,
            "same_place_bits": self.same_place_bits,
            "family_share": self.family_share,
            "rival_floor": self.rival_floor,
            "copies_per_account": self.copies_per_account,
            "bounds": list(self.bounds),
            "seed": self.seed,
            "counts": dict(self.counts),
            "card": dict(self.card),
            "scales": dict(self.scales),
            "comparisons": {name: [_written(level) for level in levels] for name, levels in self.levels.items()},
            "learned": None if self.learned is None else self.learned.to_dict(),
        }
        text = json.dumps(document, indent=1, ensure_ascii=False)
        # Lists of numbers read better on one line.
        return re.sub(r"\[\s+([-0-9.e,\s]+?)\s+\]", lambda one: f"[{' '.join(one[1].split())}]", text) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read a model.

        Raises
        ------
        UsageError
            The text is no model of this version, or its comparisons or levels are not those of this program.
        """
        try:
            document: dict[str, Any] = json.loads(text)
            if document["version"] != VERSION:
                raise UsageError(f"the model is of version {document['version']}; this program reads {VERSION}")
            levels = {name: tuple(Level(**level) for level in rows) for name, rows in document["comparisons"].items()}
            made = cls(
                prior=float(document["prior"]),
                pairs_per_account=float(document["pairs_per_account"]),
                levels=levels,
                same_place_bits=float(document["same_place_bits"]),
                family_share=float(document["family_share"]),
                rival_floor=float(document["rival_floor"]),
                copies_per_account=float(document["copies_per_account"]),
                bounds=(float(document["bounds"][0]), float(document["bounds"][1])),
                counts=document["counts"],
                seed=int(document["seed"]),
                provenance=str(document["provenance"]),
                card=dict(document["card"]),
                scales={name: float(scale) for name, scale in document["scales"].items()},
                learned=None if document["learned"] is None else Learned.from_dict(document["learned"]),
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise UsageError(f"this is no match model: {error}") from None
        made._check()
        return made

    def _check(self) -> None:
        if set(self.levels) != set(COMPARISONS):
            odd = sorted(set(self.levels) ^ set(COMPARISONS))
            raise UsageError(f"the model and the program disagree about the comparison {odd[0]!r}")
        for name, levels in self.levels.items():
            if len(levels) != len(LABELS[name]):
                raise UsageError(f"the model has {len(levels)} levels of {name!r}; the program {len(LABELS[name])}")
            if not all(0 < level.m <= 1 and 0 < level.u <= 1 for level in levels):
                raise UsageError(f"the model has an m or u of {name!r} outside (0, 1]")
        if set(self.scales) - {family.value for family in Family}:
            raise UsageError(f"the model scales an unknown family: {min(set(self.scales) - set(Family))!r}")
        if not all(0 < number < math.inf for number in (*self.scales.values(), self.pairs_per_account)):
            raise UsageError("the model's scales and pairs per account must be finite and above 0")
        if not 0 < self.prior < 1:
            raise UsageError("the model's prior is outside (0, 1)")


def _written(level: Level) -> dict[str, Any]:
    written: dict[str, Any] = {"label": level.label, "m": level.m, "u": level.u}
    if level.slope:
        written |= {"slope": level.slope, "reference": level.reference}
    return written


@cache
def default() -> Model:
    """Give the shipped model; its ``provenance`` says where the numbers come from."""
    return Model.from_json(files("graphmatch.link").joinpath("default_model.json").read_text("utf-8"))
