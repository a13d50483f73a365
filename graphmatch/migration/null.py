"""What chance would give: the flows that are found when enforcement times are dealt out anew.

In: actors whose links do not rest on times, observed tables. Out: for each flow the moves that were found, how many are
expected under the null, p and q. Pure; seeded; the order of rows never matters.

**The null.** Within each platform the times of removals are exchangeable: who was removed when has nothing to do with
when the operator's other accounts were made or used. So the times are permuted among the removals of the actors'
accounts on the platform (each account keeps its number of removals, their kind and how long they lasted), the actors'
moves are chosen again by the same rules, and counted: those that surely followed a removal (``displaced``,
``returned``, ``pre_positioned``), and those of unknown order whose destination was first seen within the window after
it. Many platforms do not say when an account was made; what that says of one move is nothing, but how many are first
seen just then can be compared with chance. One-sided: more moves than chance gives.

**What it can't see.** Removals whose time is not known from both sides stay where they are. Links whose evidence is the
closeness of a removal to an account's making (the comparison ``timing``) would make every flow look real: the caller
must leave that evidence out before it forms the actors. Where one event strikes all accounts of an operator at once
(somebody reports them all on one day), removals and first sights fall together and nobody need have moved. Accounts
that an actor opened together before any removal make the test cautious, not bold. It says nothing of who moved: a flow
beyond chance may still hold moves that are chance.

p has the +1 correction (Phipson and Smyth 2010, doi:10.2202/1544-6115.1585); q is Benjamini and Hochberg's over all
flows that had chances enough, also those in which no move was found: what is tested must not depend on the answer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graphmatch.errors import UsageError
from graphmatch.migration.facts import Facts, Removal, gather
from graphmatch.migration.flows import ENDS, Split, Verdict, week
from graphmatch.migration.kinds import Finding
from graphmatch.migration.moves import moves
from graphmatch.model import MigrationKind
from graphmatch.normalise.contacts import NO_PLACES

#: Kinds that surely followed a removal.
KINDS = frozenset({MigrationKind.DISPLACED, MigrationKind.RETURNED, MigrationKind.PRE_POSITIONED})
#: Below so many accounts that could have been the destination of a flow nothing is tested.
LEAST_CHANCES = 5
#: Below this q chance does not explain a flow.
LEVEL = 0.05
PERMUTATIONS = 999

Cell = tuple[str | None, ...]


class _Slot(NamedTuple):
    """A removal whose time takes part: of which actor's account, and which of its removals."""

    actor: int
    account_id: str
    place: int
    removal: Removal


def by_chance(  # noqa: PLR0913 - one argument a table
    actors: pl.DataFrame,
    accounts: pl.DataFrame,
    enforcements: pl.DataFrame,
    reports: pl.DataFrame,
    contents: pl.DataFrame,
    sightings: pl.DataFrame,
    *,
    window: timedelta,
    split: Split | None = None,
    permutations: int = PERMUTATIONS,
    seed: int = 0,
) -> pl.DataFrame:
    """Test each flow against enforcement times that are permuted within their platform.

    Parameters
    ----------
    actors
        Table ``actors``, formed **without** the evidence of times: see the module.
    accounts, enforcements, reports, contents, sightings
        Tables of those names.
    window
        How long after a removal a move is counted. The shorter, the less chance gives.
    split
        Test the parts of each flow instead (by category, target group or week).
    permutations
        How many; p can't be less than 1 / (permutations + 1).
    seed
        The same seed gives the same answer.

    Returns
    -------
    polars.DataFrame
        One row for each flow that could have been: ``origin_platform, destination_platform`` (and ``value``);
        ``chances``, the accounts that could have been its destinations; ``tested``, the moves found among them;
        ``expected``, with ``expected_low`` and ``expected_high`` (the middle 95 % of permutations); ``p_value``,
        ``q_value``, null where there are fewer than `LEAST_CHANCES` chances; ``verdict`` (`Verdict`).

    Raises
    ------
    UsageError
        There is no permutation to make.
    """
    if permutations < 1:
        raise UsageError("a test takes at least one permutation")
    siblings = {account_id: members for members in actors["account_ids"] for account_id in members}
    facts = gather(accounts, enforcements, reports, contents, sightings, siblings)
    groups = [
        [facts[name] for name in sorted(names) if facts[name].platform not in NO_PLACES]
        for names in actors.sort("actor_id")["account_ids"]
    ]
    split = split or Split()
    dealt = _Dealt(groups, window, split)
    chances = dealt.chances()
    cells = sorted(chances, key=str)
    found = _table(cells, [dealt.counts(dealt.as_they_are())])[0]
    drawn = _table(cells, (dealt.counts(order) for order in dealt.orders(permutations, seed)))
    made = _judged(cells, [chances[cell] for cell in cells], found, drawn)
    return made if split.facet else made.drop("value")


class _Dealt:
    """Actors with removals, whose times can be dealt out anew."""

    def __init__(self, groups: list[list[Facts]], window: timedelta, split: Split) -> None:
        self._window, self._split = window, split
        self._groups = groups
        self._slots = [
            _Slot(number, facts.account_id, place, removal)
            for number, members in enumerate(groups)
            if len(members) > 1
            for facts in members
            for place, removal in enumerate(facts.removals)
            if facts.may_originate and removal.span.earliest is not None and removal.span.latest is not None
        ]
        platform = {facts.account_id: facts.platform for members in groups for facts in members}
        self._platforms = [platform[slot.account_id] for slot in self._slots]
        self._of_actor: dict[int, list[int]] = {}
        for number, slot in enumerate(self._slots):
            self._of_actor.setdefault(slot.actor, []).append(number)
        self._known: dict[tuple[int, ...], Counter[Cell]] = {}

    def as_they_are(self) -> NDArray[np.intp]:
        """Give each removal its own time."""
        return np.arange(len(self._slots))

    def orders(self, count: int, seed: int) -> Iterator[NDArray[np.intp]]:
        """Deal out the times anew, ``count`` times: which slot's time each slot gets."""
        draws = np.random.default_rng(seed)
        places = [np.flatnonzero(np.array(self._platforms) == name) for name in sorted(set(self._platforms))]
        for _ in range(count):
            order = self.as_they_are()
            for place in places:
                order[place] = draws.permutation(place)
            yield order

    def counts(self, order: NDArray[np.intp]) -> Counter[Cell]:
        """Count the moves of each flow when each slot has the time of ``order``."""
        total: Counter[Cell] = Counter()
        for actor, slots in self._of_actor.items():
            key = (actor, *order[slots].tolist())
            if key not in self._known:
                self._known[key] = Counter(self._cells(actor, slots, order))
            total.update(self._known[key])
        return total

    def _cells(self, actor: int, slots: list[int], order: NDArray[np.intp]) -> Iterator[Cell]:
        removals: dict[str, list[Removal]] = {}
        members = {facts.account_id: facts for facts in self._groups[actor]}
        for number in slots:
            slot = self._slots[number]
            mine = removals.setdefault(slot.account_id, list(members[slot.account_id].removals))
            mine[slot.place] = _at_the_time_of(slot.removal, self._slots[order[number]].removal)
        changed = [
            replace(facts, removals=removals[name]) if name in removals else facts for name, facts in members.items()
        ]
        for finding in moves(changed, self._window):
            if _counts(finding, self._window):
                origin, destination = finding.origin, finding.destination
                left = finding.left.latest
                for value in self._split.values(origin.account_id, destination.account_id, left):
                    yield (origin.platform, destination.platform, value)

    def chances(self) -> Counter[Cell]:
        """Count for each flow the accounts that could be its destinations: the same whatever the times are."""
        weeks: Counter[Cell] = Counter()
        for slot, platform in zip(self._slots, self._platforms, strict=True):
            weeks[platform, week(slot.removal.span.latest)] += 1
        found: Counter[Cell] = Counter()
        for actor, slots in self._of_actor.items():
            left = {self._slots[number].account_id for number in slots}
            found.update(self._possible([f for f in self._groups[actor] if f.account_id in left], actor))
        if self._split.facet != "week":
            return found
        # No week can have more moves than removals; both numbers stay when times are dealt out.
        return Counter(
            {
                (origin, destination, value): min(count, weeks[origin, value])
                for (origin, destination, _), count in found.items()
                for platform, value in weeks
                if platform == origin
            }
        )

    def _possible(self, origins: list[Facts], actor: int) -> Iterable[Cell]:
        for destination in self._groups[actor]:
            if not destination.may_receive:
                continue
            cells: set[Cell] = set()
            for origin in origins:
                if origin is not destination and not origin.is_other_view_of(destination):
                    ids = (origin.account_id, destination.account_id)
                    split = (None,) if self._split.facet in (None, "week") else self._split.of_pair(*ids)
                    cells |= {(origin.platform, destination.platform, value) for value in split}
            yield from cells


def _counts(finding: Finding, window: timedelta) -> bool:
    """Tell whether a move began after its removal, or was first seen soon after it and may have begun then."""
    if finding.kind in KINDS:
        return True
    left, seen = finding.left.latest, finding.arrived.latest
    if finding.kind is not MigrationKind.UNKNOWN_ORDER or finding.removal is None or left is None or seen is None:
        return False
    return left <= seen <= left + window


def _at_the_time_of(removal: Removal, other: Removal) -> Removal:
    """Let a removal happen when another one did; it lasts as long as it did, and stays what it is."""
    begun = removal.span.latest
    until = other.span.latest
    if removal.until is None or begun is None or until is None:
        return replace(removal, span=other.span)
    return replace(removal, span=other.span, until=until + (removal.until - begun))


def _table(cells: list[Cell], counts: Iterable[Counter[Cell]]) -> NDArray[np.int64]:
    """Lay counts out, shape (counts, cells)."""
    rows = [[one[cell] for cell in cells] for one in counts]
    return np.array(rows, dtype=np.int64).reshape(len(rows), len(cells))


def _judged(cells: list[Cell], chances: list[int], found: NDArray[np.int64], drawn: NDArray[np.int64]) -> pl.DataFrame:
    from scipy.stats import false_discovery_control  # noqa: PLC0415 - takes long to import, for every other verb too

    tested = np.array(chances, dtype=np.int64) >= LEAST_CHANCES
    p = (1 + (drawn >= found).sum(axis=0)) / (1 + len(drawn))
    q = np.full(len(cells), np.nan)
    if tested.any():
        q[tested] = false_discovery_control(p[tested])
    low, high = np.quantile(drawn, (0.025, 0.975), axis=0) if cells else (np.zeros(0), np.zeros(0))
    verdicts = np.where(q <= LEVEL, Verdict.BEYOND_CHANCE.value, Verdict.CHANCE.value)
    columns = {
        **{name: pl.Series([cell[place] for cell in cells], dtype=pl.String) for place, name in enumerate(ENDS)},
        "value": pl.Series([cell[2] for cell in cells], dtype=pl.String),
        "chances": pl.Series(chances, dtype=pl.Int64),
        "tested": pl.Series(found, dtype=pl.Int64),
        "expected": pl.Series(drawn.mean(axis=0), dtype=pl.Float64),
        "expected_low": pl.Series(low, dtype=pl.Float64),
        "expected_high": pl.Series(high, dtype=pl.Float64),
        "p_value": pl.Series(np.where(tested, p, np.nan), dtype=pl.Float64).fill_nan(None),
        "q_value": pl.Series(q, dtype=pl.Float64).fill_nan(None),
        "verdict": pl.Series(np.where(tested, verdicts, Verdict.TOO_FEW.value), dtype=pl.String),
    }
    return pl.DataFrame(columns)
