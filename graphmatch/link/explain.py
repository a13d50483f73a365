"""Why a Match has its weight: bars that add up to it, a sentence, and what would have to be lost to drop it.

In: one row of table ``matches`` as a mapping, and the model that scored it. Nothing here shows a contact value, a
handle or a name: the evidence is described, not quoted.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from graphmatch.link.model import Model
from graphmatch.link.score import FAMILY_COLUMNS, NAMES, discounts, probability
from graphmatch.link.stand import FAMILY_BITS
from graphmatch.model import COMPARISONS, COPYABLE, Family

#: From so many bits on an agreement of names is called rare.
RARE_BITS = 16.0
_RARE = frozenset({"handle", "display_name", "handle_name", "bio", "link"})


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of the waterfall.

    ``kind`` is ``prior``, ``comparison`` or ``discount``. For comparisons ``u`` is the chance of this agreement between
    accounts of two operators at the rarity of this very value, so that ``bits`` = log2(m / u).
    """

    kind: str
    name: str
    label: str
    bits: float
    family: str | None = None
    level: int | None = None
    m: float | None = None
    u: float | None = None


@dataclass(frozen=True, slots=True)
class Waterfall:
    """The bars of one Match, in order; they add up to ``match_weight``."""

    left: str
    right: str
    bars: tuple[Bar, ...]
    match_weight: float
    match_probability: float


def waterfall(match: Mapping[str, Any], model: Model) -> Waterfall:
    """Lay out a Match: prior, each observed comparison, each discount that is not zero."""
    bars = [Bar("prior", "prior", "two accounts of this population, nothing known", match["prior_bits"])]
    for name, family in COMPARISONS.items():
        level, bits = match[f"{name}_level"], match[f"{name}_bits"]
        if level is None:
            continue
        at = model.levels[name][level]
        bars.append(Bar("comparison", name, at.label, bits, family.value, level, at.m, at.m * 2.0**-bits))
    for family in Family:
        bits = match[f"{family}_discount_bits"]
        if bits:
            bars.append(Bar("discount", family.value, _discounted(match, family, model), bits, family.value))
    if match["imitation_bits"]:
        bars.append(
            Bar(
                "discount",
                "imitation",
                "a copy, a namesake or a shared nickname would agree too",
                match["imitation_bits"],
            )
        )
    return Waterfall(match["left"], match["right"], tuple(bars), match["match_weight"], match["match_probability"])


def _discounted(match: Mapping[str, Any], family: Family, model: Model) -> str:
    if match["story"] == "impersonation" and _family(match, family) <= 0:
        return f"{family.value}: a copy of a profile would agree too"
    if family is Family.NAMING and abs(_rivals(match, model)) > 0.05:
        return "naming: levels overlap, or other accounts there fit as well"
    return f"{family.value}: levels overlap"


def _family(match: Mapping[str, Any], family: Family) -> float:
    names = [name for name, mine in COMPARISONS.items() if mine is family]
    return float(sum(match[f"{name}_bits"] for name in names) + match[f"{family}_discount_bits"])


def reasons(match: Mapping[str, Any], model: Model, limit: int = 3) -> list[str]:
    """Say what speaks for the match, strongest first, at most ``limit`` phrases of one line each."""
    found = [(match[f"{name}_bits"], name) for name in NAMES if match[f"{name}_bits"] >= FAMILY_BITS]
    return [
        _phrase(match, name, bits, model) for bits, name in sorted(found, key=lambda one: (-one[0], one[1]))[:limit]
    ]


def _phrase(match: Mapping[str, Any], name: str, bits: float, model: Model) -> str:
    label = model.levels[name][match[f"{name}_level"]].label
    rare = ", rare" if name in _RARE and bits >= RARE_BITS else ""
    return f"{label}{rare} ({bits:.0f} bits)"


def sentence(match: Mapping[str, Any], model: Model) -> str:
    """Say in one plain line how likely the match is, how well supported, and why."""
    named = "; ".join(reasons(match, model)) or "nothing in particular agrees"
    against = [name for name in NAMES if match[f"{name}_bits"] <= -FAMILY_BITS]
    but = f"; but {model.levels[against[0]][match[f'{against[0]}_level']].label}" if against else ""
    return f"{match['match_probability']:.2f}, {match['standing']}, {match['story'].replace('_', ' ')}: {named}{but}"


def counterfactual(match: Mapping[str, Any], gate: float = 0.5, model: Model | None = None) -> list[str]:
    """Name the smallest set of comparisons whose loss drops the match below ``gate``.

    Losing a comparison also loses its part of the discounts, which are worked out again. Of sets of one size the one
    that leaves the least is given. Empty if the match is below the gate already; all that speaks for it if even
    that loss does not drop it.
    """
    share = model.family_share if model is not None else 0.25
    if _without(match, (), share) < gate:
        return []
    for_it = [name for name in NAMES if match[f"{name}_bits"] > 0]
    for size in range(1, len(for_it) + 1):
        left = [(_without(match, lost, share), lost) for lost in combinations(for_it, size)]
        lowest, lost = min(left)
        if lowest < gate:
            return list(lost)
    return for_it


def _without(match: Mapping[str, Any], lost: tuple[str, ...], share: float) -> float:
    """Give the probability without some comparisons."""
    bits = np.array([[0.0 if name in lost else match[f"{name}_bits"] for name in NAMES]])
    full = np.array([[match[f"{name}_bits"] for name in NAMES]])
    before, after = discounts(full, share)[0], discounts(bits, share)[0]
    total, copyable = match["prior_bits"] + float(bits.sum()), 0.0
    for place, (family, columns) in enumerate(FAMILY_COLUMNS.items()):
        stored = match[f"{family}_discount_bits"]
        # What the family's levels do not explain (rivals, copies) stays, but never takes more than there is.
        rest = min(stored - before[place], 0.0)
        inside = float(bits[0, columns].sum()) + after[place]
        discount = after[place] + max(rest, -max(inside, 0.0))
        total += discount
        copyable += inside - after[place] + discount if family in COPYABLE else 0.0
    return float(probability(np.array([total + _imitation(match, copyable)]))[0])


def _imitation(match: Mapping[str, Any], copyable: float) -> float:
    """Give the imitation bits that this match would have with other ``copyable`` bits."""
    stored = sum(_family(match, family) for family in COPYABLE)
    chance = (2.0 ** -match["imitation_bits"] - 1.0) * 2.0**-stored
    return -math.log2(1.0 + chance * 2.0**copyable)


def _rivals(match: Mapping[str, Any], model: Model) -> float:
    bits = np.array([[match[f"{name}_bits"] for name in NAMES]])
    place = list(FAMILY_COLUMNS).index(Family.NAMING)
    return float(match["naming_discount_bits"] - discounts(bits, model.family_share)[0, place])
