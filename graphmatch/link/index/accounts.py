"""The accounts of an index: a number each, in order of arrival; what pairs of them depend on; which of them changed.

An account that changes in anything goes, and comes again with a new number.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graphmatch.errors import NothingToDo
from graphmatch.link import declared
from graphmatch.link.census import Census
from graphmatch.link.index.given import MARKS, Given
from graphmatch.link.letters import Hashes, Rows
from graphmatch.link.runs import Flags
from graphmatch.link.situation import UNKNOWN, Situation

#: Traits that are kept as they are: by them accounts are named, and name each other.
NAMES = ("account_id", "population", "platform", "instance", "handle", "address", "links", "skeleton", "name")


class Outgrown(NothingToDo):
    """An index can't be brought up to date; the message says why. Make it anew."""


@dataclass(frozen=True, slots=True)
class Accounts:
    """All accounts that an index ever had.

    Attributes
    ----------
    names
        `NAMES` of each, by row number.
    numbers
        By name, one of each row: ``id, digest`` (`Given.digests`) and ``state`` (a hash of `Given.states`) to know it
        by, ``place, platform, population, created`` and `MARKS`.
    alive
        Whether it is still there.
    """

    names: pl.DataFrame
    numbers: dict[str, NDArray[Any]]
    alive: Flags

    @classmethod
    def of(cls, traits: pl.DataFrame, digests: Hashes, states: pl.DataFrame, populations: Sequence[str]) -> Accounts:
        """Take accounts from their traits, in the order of these."""
        numbers = {
            "id": traits["account_id"].hash().to_numpy(),
            "digest": digests,
            "state": states.hash_rows().to_numpy(),
            "place": traits["place"].hash().to_numpy(),
            "platform": traits["platform"].hash().to_numpy(),
            "population": _numbered(traits["population"], populations),
            "created": traits["created_at"].dt.epoch("us").fill_null(UNKNOWN).to_numpy(),
        }
        for mark in MARKS:
            none = np.zeros(traits.height, dtype=np.bool_)
            numbers[mark] = states[mark].to_numpy() if mark in states.columns else none
        return cls(traits.select(NAMES), numbers, np.ones(traits.height, dtype=np.bool_))

    def beside(self, others: Accounts, gone: Flags) -> Accounts:
        """Put accounts after these, and mark those that are gone."""
        numbers = {name: np.concatenate([column, others.numbers[name]]) for name, column in self.numbers.items()}
        names = pl.concat([self.names, others.names])
        return Accounts(names, numbers, np.concatenate([self.alive & ~gone, others.alive]))

    def from_row(self, first: int) -> Accounts:
        """Take those of a row number and above."""
        numbers = {name: column[first:] for name, column in self.numbers.items()}
        return Accounts(self.names[first:], numbers, self.alive[first:])

    def situation(self, census: Census, populations: Sequence[str], *, same_platform: bool) -> Situation:
        """Give what a pair's prior and story depend on, by row number."""
        counted = census.pairs_per_account(same_platform=same_platform)
        known = dict(counted.select("population", "pairs_per_account").iter_rows())
        each = np.array([known[population] for population in populations], dtype=np.float64)
        numbers = self.numbers
        return Situation(
            numbers["place"],
            numbers["platform"],
            each[numbers["population"]],
            numbers["created"],
            *(numbers[mark] for mark in MARKS),
        )


def _numbered(values: pl.Series, populations: Sequence[str]) -> NDArray[np.uint64]:
    places = {population: place for place, population in enumerate(populations)}
    return values.replace_strict(places, return_dtype=pl.UInt64).to_numpy()


@dataclass(frozen=True, slots=True)
class Turn:
    """What the given tables change.

    Attributes
    ----------
    gone
        Marks, among the rows before, those that are no more.
    come
        The accounts that come, with row numbers after the others', in order of ``account_id``.
    traits
        What these show (`graphmatch.link.traits.shown`).
    stated
        Who names whom (`graphmatch.link.declared.directed`), by row number.
    states
        `Given.states` of all accounts that are there, beside their ``row``.
    """

    gone: Flags
    come: Accounts
    traits: pl.DataFrame
    stated: pl.DataFrame
    states: pl.DataFrame

    @classmethod
    def of(cls, known: Accounts, given: Given, changed: Iterable[str] | None, populations: Sequence[str]) -> Turn:
        """Compare the tables with the accounts as they were; see `graphmatch.link.index.Index.update`."""
        there, fresh = _compared(known, given, changed)
        traits = given.only(fresh["account_id"]).shown()
        strange = traits.filter(~pl.col("population").is_in(list(populations)))
        if strange.height:
            raise Outgrown(f"there is a population that the index doesn't know: {strange['population'][0]!r}")
        own = traits.select("account_id").join(fresh, on="account_id", how="left", maintain_order="left")
        rows = np.concatenate([np.flatnonzero(there), known.alive.size + np.arange(traits.height)])
        names = pl.concat([known.names.filter(pl.Series(there)), traits.select(NAMES)])
        stated = declared.directed(names, given.sightings, given.claims)
        naming = np.zeros(rows.size, dtype=np.bool_)
        naming[stated.filter(~pl.col("claim"))["left"].to_numpy()] = True
        states = given.states(names, pl.Series(naming))
        turned = _turned(known, rows, states)
        # In the order of what they show.
        turned = turned[names["account_id"][turned].arg_sort().to_numpy()]
        digests = np.concatenate([own["digest"].to_numpy(), known.numbers["digest"][rows[turned]]])
        gone = known.alive & ~there
        gone[rows[turned]] = True
        if turned.size:
            traits = pl.concat([traits, given.only(names["account_id"][turned]).shown()])
        # Those that turned come after the fresh ones.
        place = np.concatenate([np.flatnonzero(rows >= known.alive.size), turned])
        order = traits["account_id"].arg_sort().to_numpy()
        traits, place = traits[order], place[order]
        rows[place] = known.alive.size + np.arange(place.size)
        come = Accounts.of(traits, digests[order], states[place], populations)
        numbered = [pl.Series(side, rows[stated[side].to_numpy()], dtype=pl.UInt32) for side in ("left", "right")]
        stated = stated.with_columns(numbered)
        return cls(gone, come, traits, stated, states.with_columns(pl.Series("row", rows)))


def _compared(known: Accounts, given: Given, changed: Iterable[str] | None) -> tuple[Flags, pl.DataFrame]:
    """Mark the rows whose accounts show what they showed, and give ``account_id, digest`` of all other accounts."""
    by, ids = ("digest", given.digests()) if changed is None else ("id", given.ids())
    there = pl.Series(known.numbers[by]).is_in(ids[by].implode()).to_numpy() & known.alive
    if changed is not None:
        told = pl.Series("account_id", list(changed), dtype=pl.String).hash()
        there &= ~pl.Series(known.numbers["id"]).is_in(told.implode()).to_numpy()
    fresh = ids.filter(~ids[by].is_in(pl.Series(known.numbers[by][there]).implode()))
    if changed is not None:
        fresh = given.only(fresh["account_id"]).digests()
    return there, fresh.select("account_id", "digest")


def _turned(known: Accounts, rows: NDArray[np.int64], states: pl.DataFrame) -> NDArray[np.int64]:
    """List the places of the ``rows`` that were there before in another state."""
    stay = np.flatnonzero(rows < known.alive.size)
    hashes = states.hash_rows().to_numpy()[stay]
    return np.asarray(stay[hashes != known.numbers["state"][rows[stay]]])


def rows_of(flags: Flags) -> Rows:
    """List the marked rows."""
    return np.flatnonzero(flags).astype(np.uint32)
