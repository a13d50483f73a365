"""Ids of groups of accounts that survive a new run. In: groups, and those of the run before. Out: ids. Pure.

Actors and communities are found anew by each run, and what was noted of one must still be about the same one later. So
a group takes over the id of the earlier group that it has most accounts in common with.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence


def overlaps(groups: Sequence[Iterable[str]], before: Mapping[str, Iterable[str]]) -> dict[tuple[int, str], int]:
    """Count the accounts that each group, by its place, has in common with each earlier one, by its id."""
    known: dict[str, list[str]] = {}
    for name, members in before.items():
        for account_id in members:
            known.setdefault(account_id, []).append(name)
    return Counter(
        (index, name) for index, members in enumerate(groups) for account in members for name in known.get(account, ())
    )


def lasting_ids(
    groups: Sequence[Sequence[str]], shared: Mapping[tuple[int, str], int], *, prefix: str, reserved: Iterable[str]
) -> list[str]:
    """Give each group an id: of the earlier group that it shares most with, else one made from its smallest account.

    Parameters
    ----------
    groups
        Accounts of each group, in order.
    shared
        Accounts in common by place of the group and earlier id, as `overlaps` counts them; only those that may count.
    prefix
        What new ids begin with.
    reserved
        Ids that no new one may be: those of all earlier groups, gone ones too.
    """
    ids: dict[int, str] = {}
    taken: set[str] = set()
    for (index, name), _ in sorted(shared.items(), key=lambda o: (-o[1], o[0][1], o[0][0])):
        if index not in ids and name not in taken:
            ids[index] = name
            taken.add(name)
    taken.update(reserved)
    for index, members in enumerate(groups):
        if index not in ids:
            ids[index] = _new_id(prefix, members[0], taken)
            taken.add(ids[index])
    return [ids[index] for index in range(len(groups))]


def _new_id(prefix: str, smallest: str, taken: set[str]) -> str:
    """Make an id of the smallest account id; counted on where an earlier group that lost it has that id."""
    seed, turn = smallest, 1
    while (made := f"{prefix}-{hashlib.sha256(seed.encode()).hexdigest()[:12]}") in taken:
        turn += 1
        seed = f"{smallest}#{turn}"
    return made
