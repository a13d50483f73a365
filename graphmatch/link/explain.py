"""Why a Match has its weight: bars that add up to it, a sentence, and what would have to be lost to drop it.

In: one row of table ``matches`` as a mapping, and the model that scored it. Nothing here shows a contact value, a
handle or a name: the evidence is described, not quoted. Its words for how likely are those of
`graphmatch.estimative`, and follow the probability alone.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, combinations
from typing import Any

import numpy as np

from graphmatch.estimative import figure, one_operator
from graphmatch.link.measures import LEARNED
from graphmatch.link.model import Level, Model, default
from graphmatch.link.score import FAMILY_COLUMNS, NAMES, family_discounts, probability
from graphmatch.link.stand import FAMILY_BITS
from graphmatch.model import COMPARISONS, COPYABLE, Family, Story

#: From this probability on a Match is held to be one operator's: weight 0, even odds.
GATE = 0.5
#: From so many bits on an agreement of names is called rare.
RARE_BITS = 16.0
_RARE = frozenset(name for name, family in COMPARISONS.items() if family in COPYABLE) - {"location", "avatar"}
#: From so many bits on a discount is worth a word.
WORTH_A_WORD = 0.05
#: Sums of bits are equal that differ by no more.
_ROUNDING = 1e-9
#: The label of a bar whose comparison saw nothing on one side.
UNSEEN = "not observed on one side"


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of the waterfall.

    ``kind`` is ``prior``, ``comparison`` or ``discount``. For comparisons ``m`` and ``u`` are the chances of this very
    value between accounts of one and of two operators, so that ``bits`` = log2(m / u): m is its level's, u follows;
    where u would pass 1 (a disagreement that says more than its level's m), u is its level's, and m follows.
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

    def steps(self) -> list[tuple[float, float]]:
        """Give the weight (bits) and the probability after each bar; the last are the Match's own."""
        weights = list(accumulate(bar.bits for bar in self.bars))
        return list(zip(weights, map(float, probability(np.array(weights))), strict=True))


def waterfall(match: Mapping[str, Any], model: Model) -> Waterfall:
    """Lay out a Match: prior, each comparison that was observed or counts, each discount that is not zero."""
    bars = [Bar("prior", "prior", "two accounts of this population, nothing known", match["prior_bits"])]
    for name, family in COMPARISONS.items():
        level, bits = match[f"{name}_level"], match[f"{name}_bits"]
        if level is not None:
            m, u = _chances(model.levels[name][level], bits)
            bars.append(Bar("comparison", name, labelled(match, name, model), bits, family.value, level, m, u))
        elif bits:
            bars.append(Bar("comparison", name, UNSEEN, bits, family.value))
    for family in Family:
        bits = match[f"{family}_discount_bits"]
        if bits:
            bars.append(Bar("discount", family.value, _discounted(match, family, model), bits, family.value))
    if match["imitation_bits"]:
        label = "a copy, a namesake or a shared nickname would agree too"
        bars.append(Bar("discount", "imitation", label, match["imitation_bits"]))
    return Waterfall(match["left"], match["right"], tuple(bars), match["match_weight"], match["match_probability"])


def _chances(level: Level, bits: float) -> tuple[float, float]:
    u = level.m * 2.0**-bits
    return (level.m, u) if u <= 1.0 else (level.u * 2.0**bits, level.u)


def labelled(match: Mapping[str, Any], name: str, model: Model) -> str:
    """Give the label of the level at which a comparison of a Match stands."""
    level = match[f"{name}_level"]
    return UNSEEN if level is None else model.levels[name][level].label


def _discounted(match: Mapping[str, Any], family: Family, model: Model) -> str:
    named = family.value.replace("_", " ")
    if match["story"] == Story.IMPERSONATION.value and family in COPYABLE and family_bits(match, family) <= 0:
        return f"{named}: a copy of a profile would agree too"
    inside = overlap(match, family, model)
    rest = match[f"{family}_discount_bits"] - inside
    if family is not Family.NAMING or abs(rest) <= WORTH_A_WORD:
        return f"{named}: levels overlap"
    rivals = "other accounts there fit as well" if rest < 0 else "no other account there fits as well"
    return f"{named}: {'levels overlap, and ' if abs(inside) > WORTH_A_WORD else ''}{rivals}"


def overlap(match: Mapping[str, Any], family: Family, model: Model) -> float:
    """Give the part of a family's discount that overlapping levels make, in bits. The rest is rivals' or copies'."""
    bits = np.array([[match[f"{name}_bits"] for name in NAMES]])
    return float(family_discounts(bits, model)[0, list(FAMILY_COLUMNS).index(family)])


def family_bits(match: Mapping[str, Any], family: Family) -> float:
    """Add up one family of a Match, its discount included, in bits."""
    names = [name for name, mine in COMPARISONS.items() if mine is family]
    return float(sum(match[f"{name}_bits"] for name in names) + match[f"{family}_discount_bits"])


def reasons(match: Mapping[str, Any], model: Model, limit: int = 3) -> list[str]:
    """Say what speaks for the match, strongest first, at most ``limit`` phrases of one line each.

    Weights that were learned together are told together, by the level that would be worth most alone: how the bits of
    naming are spread over its comparisons means nothing to a reader.
    """
    together = LEARNED if model.learned is not None else ()
    found = [(match[f"{name}_bits"], name) for name in NAMES if name not in together]
    if together:
        told = max(together, key=lambda name: (_alone(match, name, model), -NAMES.index(name)))
        found.append((sum(match[f"{name}_bits"] for name in together), told))
    strong = sorted((one for one in found if one[0] >= FAMILY_BITS), key=lambda one: (-one[0], one[1]))
    return [_phrase(match, name, bits, model) for bits, name in strong[:limit]]


def _alone(match: Mapping[str, Any], name: str, model: Model) -> float:
    """Give the bits that a level would be worth if it were the only one; letter runs say least to a reader."""
    level = match[f"{name}_level"]
    if level is None or not level:
        return -1.0
    return 0.5 if name == "letter_runs" else max(model.levels[name][level].bits, 0.0)


def _phrase(match: Mapping[str, Any], name: str, bits: float, model: Model) -> str:
    rare = ", rare" if name in _RARE and bits >= RARE_BITS else ""
    # Small likenesses, none of which makes a level of its own, may add up.
    label = labelled(match, name, model) if match[f"{name}_level"] else "names alike in small ways"
    return f"{label}{rare} ({bits:.0f} bits)"


def sentence(match: Mapping[str, Any], model: Model) -> str:
    """Say in one plain line how likely the match is, how well supported, and why.

    The words for how likely change with the probability alone. A story other than one operator's is named.
    """
    named = "; ".join(reasons(match, model)) or "nothing in particular agrees"
    against = [name for name in NAMES if match[f"{name}_bits"] <= -FAMILY_BITS]
    but = f"; but {labelled(match, against[0], model)}" if against else ""
    story = "" if match["story"] == Story.SAME_OPERATOR.value else f", story {match['story'].replace('_', ' ')}"
    return f"{one_operator(match['match_probability'])}, {match['standing']}{story}: {named}{but}"


def counterfactual(match: Mapping[str, Any], gate: float = GATE, model: Model | None = None) -> list[str]:
    """Name the smallest set of comparisons whose loss drops the match below ``gate``.

    Losing a comparison also loses its part of the discounts, which are worked out again by ``model`` (by default the
    shipped one). Of sets of one size the one that leaves the least is given. Empty if the match is below the gate
    already; all that speaks for it if even that loss does not drop it.
    """
    model = model or default()
    if without(match, (), model) < gate:
        return []
    for_it = [name for name in NAMES if match[f"{name}_bits"] > 0]
    for size in range(1, len(for_it) + 1):
        lowest, lost = min((without(match, lost, model), lost) for lost in combinations(for_it, size))
        if lowest < gate:
            return list(lost)
    return for_it


def without(match: Mapping[str, Any], lost: Sequence[str], model: Model) -> float:
    """Give the probability that a match would have without some comparisons.

    Losing what speaks for a match never raises it, and losing what speaks against it never lowers it.
    """
    bits = np.array([[0.0 if name in lost else match[f"{name}_bits"] for name in NAMES]])
    full = np.array([[match[f"{name}_bits"] for name in NAMES]])
    before, after = family_discounts(full, model)[0], family_discounts(bits, model)[0]
    total, copyable = match["prior_bits"], 0.0
    for place, (family, columns) in enumerate(FAMILY_COLUMNS.items()):
        had, left = float(full[0, columns].sum()) + before[place], float(bits[0, columns].sum()) + after[place]
        # What the family's levels do not explain (rivals, copies) stays, but takes and gives no more than is left.
        rest = match[f"{family}_discount_bits"] - before[place]
        if abs(rest) <= max(had, 0.0) + _ROUNDING:
            rest = min(max(rest, -max(left, 0.0)), max(left, 0.0))
        total += left + rest
        copyable += left + rest if family in COPYABLE else 0.0
    return float(probability(np.array([total + _imitation(match, copyable)]))[0])


def in_words(lost: Sequence[str], remaining: float, gate: float = GATE) -> str:
    """Say a counterfactual in a sentence.

    Parameters
    ----------
    lost
        From `counterfactual`.
    remaining
        The probability without them, from `without`.
    gate
        What `counterfactual` was asked for.
    """
    half = "one half" if gate == GATE else f"{gate:.2f}"
    if not lost and remaining < gate:
        return f"It is below {half} already."
    names = [name.replace("_", " ") for name in lost]
    listed = " and ".join([part for part in (", ".join(names[:-1]), names[-1] if names else "") if part])
    if remaining >= gate:
        return f"Even without {listed or 'any evidence'} it would not fall below {half} ({figure(remaining)} is left)."
    return f"Without {listed} it would fall below {half} (to {figure(remaining)})."


def _imitation(match: Mapping[str, Any], copyable: float) -> float:
    """Give the imitation bits that this match would have with other ``copyable`` bits."""
    stored = sum(family_bits(match, family) for family in COPYABLE)
    chance = (2.0 ** -match["imitation_bits"] - 1.0) * 2.0**-stored
    return -math.log2(1.0 + chance * 2.0**copyable)
