"""Weighing of what changed: new pairs are compared, and the matches beside them are put among their rivals again.

A pair's weight depends on its own evidence and on that of the other pairs of either account. So the matches of every
account that gained or lost a pair, or whose pair's evidence changed, are weighed anew, each beside all pairs of both
its accounts; all others stay as they are.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graphmatch.link import declared, score
from graphmatch.link.census import Census
from graphmatch.link.encoded import Encoded
from graphmatch.link.hashed import combined
from graphmatch.link.index.accounts import Accounts, rows_of
from graphmatch.link.index.given import MARKS, Given
from graphmatch.link.index.layers import PairTable
from graphmatch.link.index.numbers import Pairs
from graphmatch.link.laying import laid_out
from graphmatch.link.letters import Hashes, Known, Rows
from graphmatch.link.meet import pair_of, sides_of
from graphmatch.link.model import Model
from graphmatch.link.pairing import Prepared
from graphmatch.link.runs import Flags, Places, places
from graphmatch.link.situation import Situation
from graphmatch.link.traits import weighed
from graphmatch.link.weighing import Evidence, weigh, weights

EVIDENCE = tuple(one.name for one in fields(Evidence))
#: What rounding may change of a weight, in bits, and far more.
SLACK = 1e-6


@dataclass(frozen=True, slots=True)
class Weigher:
    """Accounts as they are now, and what they are weighed with.

    Attributes
    ----------
    given
        The tables.
    accounts
        All that there ever were.
    states
        `graphmatch.link.index.given.Given.states` of those that are there, beside their ``row``.
    stated
        Who names whom, by row number.
    about
        Of all rows.
    model, census
        Both as they were when the index was made.
    least
        The probability from which on a pair is a match.
    """

    given: Given
    accounts: Accounts
    states: pl.DataFrame
    stated: pl.DataFrame
    about: Situation
    model: Model
    census: Census
    least: float
    _worked_out: list[pl.DataFrame] = field(default_factory=list)

    def evidence(self, pairs: Hashes) -> Pairs:
        """Compare pairs."""
        some = _Some.of(self, pairs)
        found = weigh(some.ready, some.pairs, some.about, self.model)
        return Pairs({"pair": pairs, **{name: getattr(found, name) for name in EVIDENCE}})

    def beside(self, table: PairTable, changed: Pairs, also: Hashes) -> Hashes:
        """List the pairs that may be matches and are to be weighed: all beside ``changed`` ones, and ``also`` those."""
        rivals = changed if self.model.learned is not None else changed[changed.columns["total"] > 0]
        left, right = sides_of(rivals.pair)
        place = self.about.place
        touched = self.accounts_of(rivals.pair)
        groups = Known(np.concatenate([_group(left, place[right]), _group(right, place[left])]))
        asked = np.union1d(changed.pair, also)

        def chosen(layer: Pairs) -> Places:
            near = np.flatnonzero(_of_any(layer.pair, touched))
            one, two = sides_of(layer.pair[near])
            near = near[groups.holds(_group(one, place[two])) | groups.holds(_group(two, place[one]))]
            known, there = places(layer.pair, asked)
            some = np.union1d(near, there[known])
            return some[self._may_match(layer[some])]

        return table.where(chosen).pair

    def matches(self, table: PairTable, pairs: Hashes, rules: NDArray[np.uint32]) -> pl.DataFrame:
        """Weigh pairs among their rivals and lay out those that are matches, beside their ``pair`` and a ``digest``."""
        near = self.accounts_of(pairs)
        beside = table.where(lambda layer: _of_any(layer.pair, near))
        left, right = sides_of(beside.pair)
        every = Evidence(*(beside.columns[name] for name in EVIDENCE))
        found = weights(pl.DataFrame({"left": left, "right": right}), every, self.about, self.model)
        place = np.searchsorted(beside.pair, pairs)
        some = _Some.of(self, pairs)
        listed = some.pairs.with_columns(pl.Series("rules", rules))
        made = laid_out(some.ready, listed, some.about, every[place], found[place], self.model, self.least)
        return with_pair(made, some.ready.traits["account_id"], pl.Series(some.rows))

    def traits(self, rows: Rows) -> pl.DataFrame:
        """Work out the traits of some accounts, as they are compared: by ``account_id``, with their ``row``."""
        asked = pl.DataFrame({"row": rows})
        for known in self._worked_out:
            asked = asked.join(known, on="row", how="anti")
        asked = asked.with_columns(self.accounts.names["account_id"].gather(asked["row"]))
        given = self.given.only(asked["account_id"])
        shown = given.shown().drop("names_others")
        own = shown.select("account_id").join(asked, on="account_id", how="left", maintain_order="left").select("row")
        own = own.join(self.states, on="row", how="left", maintain_order="left").drop(MARKS, strict=False)
        if not self.given.active:
            own = pl.concat([own, given.activity(shown)], how="horizontal")
        self._worked_out.append(weighed(pl.concat([shown, own], how="horizontal"), self.census))
        wanted = pl.Series("row", rows).implode()
        parts = [known.filter(pl.col("row").is_in(wanted)) for known in self._worked_out]
        return pl.concat([part.select(parts[0].columns) for part in parts]).sort("account_id")

    def accounts_of(self, pairs: Hashes) -> Flags:
        """Mark the accounts that occur in pairs."""
        marked = np.zeros(self.accounts.alive.size, dtype=np.bool_)
        for rows in sides_of(pairs):
            marked[rows] = True
        return marked

    def _may_match(self, layer: Pairs) -> Flags:
        """Tell which pairs can be matches whatever their rivals, or copy a target's profile."""
        numbers = self.about
        wide = np.array([numbers.pairs_per_account.min(initial=np.inf)])
        prior = max(float(score.prior_bits(self.model, wide, np.array([same]))[0]) for same in (True, False))
        total, naming, alike = (layer.columns[name] for name in ("total", "naming", "alike"))
        least = np.log2(self.least / (1 - self.least)) if 0 < self.least < 1 else -np.inf
        # Rivals take or add no more than naming gave; imitation only takes.
        may: Flags = prior + total + np.maximum(naming, 0.0) >= least - SLACK
        marked = numbers.is_target | numbers.reported_copy
        left, right = sides_of(layer.pair)
        return may | (alike & (marked[left] | marked[right]))


@dataclass(frozen=True, slots=True)
class _Some:
    """Some pairs and their accounts, as a whole run would compare them: rows in order of ``account_id``."""

    ready: Prepared
    pairs: pl.DataFrame
    about: Situation
    rows: Rows

    @classmethod
    def of(cls, weigher: Weigher, pairs: Hashes) -> _Some:
        traits = weigher.traits(rows_of(weigher.accounts_of(pairs)))
        rows = traits["row"].to_numpy()
        place = np.zeros(weigher.accounts.alive.size, dtype=np.uint32)
        place[rows] = np.arange(rows.size)
        one, two = (place[side] for side in sides_of(pairs))
        among = np.zeros(place.size, dtype=np.bool_)
        among[rows] = True
        inside = among[weigher.stated["left"].to_numpy()] & among[weigher.stated["right"].to_numpy()]
        stated = weigher.stated.filter(pl.Series(inside)).with_columns(
            pl.Series(side, place[weigher.stated[side].to_numpy()[inside]]) for side in ("left", "right")
        )
        encoded = Encoded(traits, weigher.census)
        ready = Prepared(traits, None, stated, declared.levels(stated), weigher.census, encoded)
        numbers = {one.name: getattr(weigher.about, one.name)[rows] for one in fields(Situation)}
        frame = pl.DataFrame({"left": np.minimum(one, two), "right": np.maximum(one, two)})
        return cls(ready, frame, Situation(**numbers), rows)


def with_pair(matches: pl.DataFrame, ids: pl.Series, rows: pl.Series) -> pl.DataFrame:
    """Add to Matches their ``pair``, by the rows of the accounts, and a ``digest`` of all that is said of them."""
    known = pl.DataFrame([ids.alias("account_id"), rows.alias("row")])
    sides = [
        matches.select(account_id=side)
        .join(known, on="account_id", how="left", maintain_order="left")["row"]
        .to_numpy()
        for side in ("left", "right")
    ]
    return matches.with_columns(matches.hash_rows().alias("digest"), pl.Series("pair", pair_of(sides[0], sides[1])))


def _of_any(pairs: Hashes, marked: Flags) -> Flags:
    left, right = sides_of(pairs)
    return np.asarray(marked[left] | marked[right])


def _group(rows: Rows, places: NDArray[np.unsignedinteger[Any]]) -> Hashes:
    """Name the pairs of an account with those of one place: they are rivals."""
    return combined(rows.astype(np.uint64), places.astype(np.uint64))
