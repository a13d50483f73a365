"""The rules that hold a pair back, one function each; a pair leaves only if none of them speaks (DESIGN §7). Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import polars as pl

from graphmatch.model import Gate, IdKind, Story
from graphmatch.release.cases import Case, Side
from graphmatch.release.identity import CONTACT_PLATFORMS, is_clean, local_part, public_url, spoken_part
from graphmatch.release.terms import Terms

#: Rises when a rule is added, dropped or changed; stands in each manifest.
RULES_VERSION = 2
#: From so many digits on a number is an account's and nothing else's.
LONG_NUMBER = 12
ANALYSTS_NEEDED = 2
FAMILIES_NEEDED = 2


@dataclass(frozen=True, slots=True)
class Protected:
    """The people that abuse was aimed at: their own accounts, by handle and by id, and what they are called."""

    accounts: frozenset[tuple[str, str]]
    names: Terms
    ids: frozenset[str] = frozenset()

    @classmethod
    def of(cls, targets: pl.DataFrame) -> Protected:
        """Read the ``targets`` table."""
        accounts = {
            (row["platform"], local_part(row["handle"]))
            for row in targets.iter_rows(named=True)
            if row["platform"] and row["handle"]
        }
        ids = frozenset(targets["target_id"].str.to_lowercase())
        return cls(frozenset(accounts), Terms(target_names(targets)), ids)


def target_names(targets: pl.DataFrame) -> list[str]:
    """List what targets are called: names, handles without their server, ids, and what registries number them by."""
    names = targets["name"].drop_nulls().to_list()
    handles = [local_part(handle) for handle in targets["handle"].drop_nulls()]
    ids = [_own_part(target_id) for target_id in targets["target_id"]]
    registered = targets["registered_as"].drop_nulls().str.split(" ").explode(empty_as_null=False, keep_nulls=False)
    return [*names, *handles, *filter(None, ids), *registered]


def _own_part(target_id: str) -> str | None:
    """Give what of a target's id is the target's own; a short number may stand anywhere and mean something else."""
    if target_id.startswith("name:"):
        return target_id.removeprefix("name:")
    own = local_part(target_id.split(":", 2)[-1])
    return None if own.isdecimal() and len(own) < LONG_NUMBER else own


Rule = Callable[[Case, Protected], bool]


def contested(case: Case, _: Protected) -> bool:
    """Hold back where an analyst's latest judgement is NEGATIVE."""
    return bool(case.negative)


def not_confirmed(case: Case, _: Protected) -> bool:
    """Hold back where fewer than two different analysts say POSITIVE now; UNSURE counts for nothing."""
    return len(case.positive) < ANALYSTS_NEEDED


def other_story(case: Case, _: Protected) -> bool:
    """Hold back where impersonation, a shared machine or coincidence explains the pair better than one operator."""
    return case.story != Story.SAME_OPERATOR.value


def single_family(case: Case, _: Protected) -> bool:
    """Hold back where the Match rests on fewer than two evidence families."""
    return len(case.families) < FAMILIES_NEEDED


def contact_account(case: Case, _: Protected) -> bool:
    """Hold back where an account is only a digest, or its address is a contact value (e-mail, phone)."""
    return any(s.id_kind == IdKind.HASHED.value or s.platform in CONTACT_PLATFORMS for s in case.sides)


def debate_only(case: Case, _: Protected) -> bool:
    """Hold back where there are reports, and every one is at ``debate``: strongly felt, and lawful."""
    return {gate for side in case.sides for gate in side.gates} == {Gate.DEBATE.value}


def police_route(case: Case, _: Protected) -> bool:
    """Hold back where an account's reports past ``debate`` are all ``illegal`` or ``imminent``: the police's matter."""
    return any(not _at_terms(side) and not {Gate.ILLEGAL, Gate.IMMINENT}.isdisjoint(side.gates) for side in case.sides)


def no_terms_report(case: Case, _: Protected) -> bool:
    """Hold back where an account has no report at ``terms``."""
    return not all(_at_terms(side) for side in case.sides)


def target_account(case: Case, protected: Protected) -> bool:
    """Hold back where an account is a target's own."""
    return any(
        s.account_id.lower() in protected.ids
        or (s.handle is not None and (s.platform, local_part(s.handle)) in protected.accounts)
        for s in case.sides
    )


def unclean_name(case: Case, _: Protected) -> bool:
    """Hold back where a handle or native id holds a contact value or invisible characters, or is far too long."""
    names = [(s, name) for s in case.sides for name in (s.handle, s.native_id) if name is not None]
    return not all(is_clean(name, side.instance) for side, name in names)


def nameless(case: Case, _: Protected) -> bool:
    """Hold back where an account elsewhere has neither a handle nor a page, so that nobody could find it."""
    pairs = ((case.left, case.right), (case.right, case.left))
    return any(own.theirs and not other.handle and not public_url(other.url, other.instance) for own, other in pairs)


def names_target(case: Case, protected: Protected) -> bool:
    """Hold back where a handle or a page's address says a target's name or handle."""
    return any(
        protected.names.in_text(spoken_part(s.handle, s.native_id, public_url(s.url, s.instance))) for s in case.sides
    )


def reports_for_police(cases: Iterable[Case]) -> int:
    """Count the reports at ``illegal`` and ``imminent`` about the accounts of ``cases``, each account's once."""
    sides = {side.account_id: side for case in cases for side in case.sides}
    return sum(side.gates.get(gate.value, 0) for side in sides.values() for gate in (Gate.ILLEGAL, Gate.IMMINENT))


#: In the order in which they are asked: a pair is counted under the first that speaks.
RULES: tuple[Rule, ...] = (
    contested,
    not_confirmed,
    other_story,
    single_family,
    contact_account,
    debate_only,
    police_route,
    no_terms_report,
    target_account,
    unclean_name,
    nameless,
    names_target,
)


@dataclass(frozen=True, slots=True)
class Selection:
    """The cases that may leave, and how many others each rule held back."""

    cases: tuple[Case, ...]
    withheld: dict[str, int]


def select(cases: Iterable[Case], protected: Protected) -> Selection:
    """Ask every rule of every case."""
    kept, withheld = [], Counter[str]()
    for case in cases:
        rule = next((rule for rule in RULES if rule(case, protected)), None)
        if rule is None:
            kept.append(case)
        else:
            withheld[rule.__name__] += 1
    return Selection(tuple(kept), dict(withheld))


def _at_terms(side: Side) -> bool:
    return side.gates.get(Gate.TERMS.value, 0) > 0
