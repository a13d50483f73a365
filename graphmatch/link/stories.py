"""The rival stories of a Match, each with one line of what speaks for it (DESIGN §5). Nothing is quoted.

In: one row of table ``matches`` as a mapping, and the model that scored it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graphmatch.link.explain import WORTH_A_WORD, family_bits, labelled, overlap
from graphmatch.link.model import Model
from graphmatch.link.stand import FAMILY_BITS
from graphmatch.model import COMPARISONS, COPYABLE, Family, Story
from graphmatch.standing import TWO_WAY

#: What people behind one router, or at one machine, have in common although they are not one.
_MACHINE: Mapping[str, str] = {"network": "", "contact": "device"}


@dataclass(frozen=True, slots=True)
class Told:
    """One story: whether it is the Match's own, and what speaks for it in one line."""

    story: str
    chosen: bool
    line: str


def stories(match: Mapping[str, Any], model: Model) -> list[Told]:
    """Tell every story of `graphmatch.model.Story`, in its order, each with what speaks for it."""
    lines = {
        Story.SAME_OPERATOR: _same_operator(match),
        Story.IMPERSONATION: _impersonation(match),
        Story.COINCIDENCE: _coincidence(match, model),
        Story.SHARED_MACHINE: _shared_machine(match, model),
    }
    return [Told(story.value, match["story"] == story.value, lines[story]) for story in Story]


def _speaking(match: Mapping[str, Any]) -> dict[Family, float]:
    bits = {family: family_bits(match, family) for family in Family}
    return {family: value for family, value in bits.items() if value >= FAMILY_BITS}


def _listed(families: Mapping[Family, float]) -> str:
    return ", ".join(f"{family.value.replace('_', ' ')} ({bits:+.1f} bits)" for family, bits in families.items())


def _same_operator(match: Mapping[str, Any]) -> str:
    speaking = _speaking(match)
    if not speaking:
        return "no family of evidence speaks for it"
    kinds = "one family of evidence" if len(speaking) == 1 else f"{len(speaking)} families of evidence"
    return f"{kinds}: {_listed(speaking)}"


def _impersonation(match: Mapping[str, Any]) -> str:
    speaking = _speaking(match)
    hard = {family: bits for family, bits in speaking.items() if family not in COPYABLE}
    one_sided = match.get("declared_level") != TWO_WAY
    against = f"; against it: {_listed(hard)}, which no profile gives away" if hard else ""
    if Family.DECLARED in hard and one_sided:
        against += ", though anybody can claim a link from one side"
    if match["story"] == Story.IMPERSONATION.value:
        return (
            "the names agree, and one is a target's own account or the newer was reported as an impersonation" + against
        )
    copyable = {family: bits for family, bits in speaking.items() if family in COPYABLE}
    if not copyable:
        return f"nothing that could be copied from a profile agrees enough{against}"
    taken = -match["imitation_bits"]
    counted = f"; that copies happen is counted with -{taken:.1f} bits" if taken > WORTH_A_WORD else ""
    only = "" if hard else "all that agrees: "
    return f"anybody could copy {only}{_listed(copyable)}{counted}{against}"


def _coincidence(match: Mapping[str, Any], model: Model) -> str:
    told = [f"before any evidence one such pair in {2.0 ** -match['prior_bits'] + 1.0:,.0f} has one operator"]
    against = sorted((match[f"{name}_bits"], name) for name in COMPARISONS if match[f"{name}_bits"] <= -FAMILY_BITS)
    told += [f"{labelled(match, name, model)} ({bits:+.1f} bits)" for bits, name in against[:2]]
    rivals = match[f"{Family.NAMING}_discount_bits"] - overlap(match, Family.NAMING, model)
    if rivals < -FAMILY_BITS and match["story"] != Story.IMPERSONATION.value:
        told.append(f"other accounts there fit the names as well ({rivals:+.1f} bits)")
    return "; ".join(told)


def _shared_machine(match: Mapping[str, Any], model: Model) -> str:
    bits = {name: match.get(f"{name}_bits", 0.0) for name in _MACHINE}
    speaking = {name: value for name, value in bits.items() if value >= FAMILY_BITS}
    shared = {name: labelled(match, name, model) for name in speaking}
    machine = [label for name, label in shared.items() if _MACHINE[name] in label]
    personal = [label for name, label in shared.items() if _MACHINE[name] not in label]
    against = f"; against it: {', '.join(personal)}" if personal else ""
    if not machine:
        return f"no address or device is known to be shared{against}"
    also = [family for family in _speaking(match) if family is not Family.CONTACT]
    alone = "" if also or personal else ", and nothing else speaks for one operator"
    return f"{', '.join(machine)}{alone}{against}"
