"""The true moves of an invented world, as a workspace could show them.

In: the world's truth, and what the workspace holds. Out: `Truth`, which says of a found migration which true move it
is. Pure. What counts as right is stated by `graphmatch.evaluation.move_measures`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

import polars as pl

from graphmatch.forest import Groups
from graphmatch.model import MigrationKind

#: Roles of the simulator that do nothing wrong, whatever they are reported for.
LAWFUL = frozenset({"critic", "lookalike", "bystander"})
#: Kinds that accuse somebody of having evaded a removal.
EVADING = frozenset({MigrationKind.DISPLACED.value, MigrationKind.RETURNED.value})
HOMES = MigrationKind.MULTI_HOMED.value
#: What a platform may note down that is no act against the account.
NO_ACTS = ("none", "note", "triage", "escalated", "referred_le", "account_restored", "content_restored")
Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Move:
    """A true move."""

    pair: Pair
    kind: str
    role: str
    trace: str
    arrived_at: datetime | None  # null where the pair has no direction of its own


@dataclass(frozen=True, slots=True)
class Truth:
    """The true moves as the workspace could show them, and whose each account is.

    ``moves`` by pair, those over accounts that are not held drawn together; ``homes``: accounts that are at home at
    the same time share a group; ``visible``: the pairs that count.
    """

    person: Mapping[str, str]
    role: Mapping[str, str]
    every: tuple[Move, ...]
    moves: Mapping[Pair, Move]
    homes: Groups
    visible: frozenset[Pair]

    def right(self, origin: str, destination: str, kind: str) -> Move | None:
        """Give the true move that a found migration is, if it is one."""
        move = self.moves.get((origin, destination))
        back = self.moves.get((destination, origin))
        if move is None and back is not None and HOMES in (kind, back.kind):
            move = replace(back, arrived_at=None)
        if move is None and self.homes.find(origin) == self.homes.find(destination):
            move = Move((origin, destination), HOMES, self.role[origin], "open", None)
        return None if move is None or move.role in LAWFUL else move


def truth_of(
    moves: pl.DataFrame,
    people: pl.DataFrame,
    accounts: pl.DataFrame,
    enforcements: pl.DataFrame,
    contents: pl.DataFrame,
) -> Truth:
    """Draw the true moves together over what the workspace holds.

    Parameters
    ----------
    moves, people
        The world's ``truth/migrations`` (person_id, role, origin_account_id, destination_account_id, kind, trace,
        arrived_at) and ``truth/accounts`` (account_id, person_id, role).
    accounts, enforcements, contents
        The workspace's tables.
    """
    held = set(accounts["account_id"])
    every = tuple(
        Move((row["origin_account_id"], row["destination_account_id"]), *(row[name] for name in _OF_MOVE))
        for row in moves.sort("origin_account_id", "destination_account_id").iter_rows(named=True)
    )
    shown = {move.pair: move for move in _drawn_together(every, held)}
    homes = Groups()
    for move in every:
        if move.kind == HOMES:
            homes.join(*move.pair)
    acted = _acted_on(enforcements, contents)
    visible = frozenset(
        pair
        for pair, move in shown.items()
        if move.role not in LAWFUL and (pair[0] in acted or (move.kind == HOMES and pair[1] in acted))
    )
    person, role = (dict(people.select("account_id", name).iter_rows()) for name in ("person_id", "role"))
    return Truth(person, role, every, shown, homes, visible)


_OF_MOVE = ("kind", "role", "trace", "arrived_at")


def _drawn_together(moves: Iterable[Move], held: set[str]) -> Iterable[Move]:
    """Give the moves between held accounts; over those that are not held, one move from the last held to the next."""
    into: dict[str, list[Move]] = defaultdict(list)
    for move in moves:
        into[move.pair[1]].append(move)
    for move in moves:
        if move.pair[1] not in held:
            continue
        waiting, seen = [move.pair[0]], {move.pair[1]}
        while waiting:
            origin = waiting.pop()
            if origin in seen:
                continue
            seen.add(origin)
            if origin in held:
                yield _from(move, origin)
            else:
                waiting += [before.pair[0] for before in into[origin]]


def _from(move: Move, origin: str) -> Move:
    """Let a move begin at another account of its person."""
    if origin == move.pair[0]:
        return move
    pair = (origin, move.pair[1])
    if move.kind not in EVADING:
        return replace(move, pair=pair)
    places = [account.split(":", 2)[:2] for account in pair]
    kind = MigrationKind.RETURNED if places[0] == places[1] else MigrationKind.DISPLACED
    return replace(move, pair=pair, kind=kind.value)


def _acted_on(enforcements: pl.DataFrame, contents: pl.DataFrame) -> set[str]:
    """List the accounts that a platform acted on, by themselves or by a post of theirs."""
    acts = enforcements.filter(~pl.col("action").is_in(NO_ACTS))
    posts = acts.filter(pl.col("account_id").is_null()).select("content_id")
    authors = contents.select("content_id", "account_id").join(posts, on="content_id", how="semi")
    return {*acts["account_id"].drop_nulls(), *authors["account_id"].drop_nulls()}
