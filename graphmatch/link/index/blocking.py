"""Blocking of what changed: which pairs the rules propose more, or less often, than before.

Each key that came or went is looked up: the pairs that it proposed before are taken back, those that it proposes now
are added. So a key that became too common, or no longer is, needs no case of its own; nor does a pair that other keys
propose too: it is a candidate as long as anything counts for it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from graphmatch.link import keys
from graphmatch.link.block import RULES, propose
from graphmatch.link.index.layers import CountTable, KeyTable
from graphmatch.link.index.numbers import Counted, Holders
from graphmatch.link.keys import Keys, Source
from graphmatch.link.letters import Hashes, Letters, Rows, distinct
from graphmatch.link.meet import Pairs, numbered
from graphmatch.link.runs import Flags
from graphmatch.link.traits import WORD_LENGTHS

#: Of each side of each blocking rule.
KeyTables = tuple[tuple[KeyTable, ...], ...]


@dataclass(frozen=True, slots=True)
class Moves:
    """Rows that come and go.

    Attributes
    ----------
    traits
        Of the rows that come (`graphmatch.link.traits.shown`).
    rows
        Their numbers, ascending.
    gone
        Marks, among all rows before, those that go.
    gone_names
        Trait ``name`` of these.
    handles
        ``row, handle`` of the rows that stay.
    populations
        A number for the population of each row, of whatever time.
    places
        The same of their places, if pairs of one place don't count.
    """

    traits: pl.DataFrame
    rows: Rows
    gone: Flags
    gone_names: pl.Series
    handles: pl.DataFrame
    populations: Hashes
    places: Hashes | None


@dataclass(frozen=True, slots=True)
class Blocking:
    """Keys, words of names, and proposed pairs (`graphmatch.link.meet.numbered`) of all accounts."""

    keys: KeyTables
    words: CountTable
    proposals: CountTable

    def after(self, moves: Moves, cap: int | None) -> tuple[Blocking, Counted]:
        """Block anew what changed; give the same after it, and what was added to the proposals or taken back."""
        words, holding = self._words(moves)
        come = Source(moves.traits, moves.rows, words.some())
        before, after = (
            Source(holding.drop("row"), holding["row"].to_numpy(), of.some()) for of in (self.words, words)
        )
        tables, parts = [], []
        for number, (rule, table) in enumerate(zip(RULES, self.keys, strict=True)):
            change = [
                Holders.together(Holders.of(new.hashes, new.rows), old.of_rows(moves.gone).negative())
                for new, old in zip(rule.sides(come, moves.populations), table, strict=True)
            ]
            if rule.of_words and holding.height:
                were, are = (keys.of_population(rule.keys(of), moves.populations) for of in (before, after))
                taken, given = Holders.of(were.hashes, were.rows), Holders.of(are.hashes, are.rows)
                change[0] = Holders.together(change[0], taken.negative(), given)
            for pairs, sign in zip(_pairs(table, change, rule.limit(cap)), (-1, 1), strict=True):
                counted = Counted.of(numbered(pairs, number, moves.places))
                parts.append(Counted(counted.numbers, counted.counts * np.int32(sign)))
            tables.append(tuple(side.plus(by) for side, by in zip(table, change, strict=True)))
        return Blocking(tuple(tables), words, self.proposals), Counted.together(*parts)

    def _words(self, moves: Moves) -> tuple[CountTable, pl.DataFrame]:
        """Give the words after the change, and the rows that stay and hold a word that came or went."""
        come, gone = (words_of(names) for names in (moves.traits["name"], moves.gone_names))
        change = Counted.of(hashed(come)).minus(Counted.of(hashed(gone)))
        after = self.words.plus(change)
        turned = change.numbers[(self.words.count(change.numbers) > 0) != (after.count(change.numbers) > 0)]
        words = pl.concat([come, gone]).unique()
        words = words.filter(pl.Series(np.isin(hashed(words), turned), dtype=pl.Boolean))
        holds = pl.col("handle").str.contains_any(words.to_list()) if words.len() else pl.lit(value=False)
        return after, moves.handles.filter(holds)


def words_of(names: pl.Series) -> pl.Series:
    """List the words of names that are looked for in handles, each once a name."""
    words = names.drop_nulls().str.split(" ").explode(empty_as_null=False, keep_nulls=False)
    return words.filter(words.str.len_chars().is_between(*WORD_LENGTHS))


def hashed(words: pl.Series) -> Hashes:
    """Hash words as `graphmatch.link.keys` looks for them."""
    return Letters.of(words).whole()


def _pairs(table: tuple[KeyTable, ...], change: list[Holders], cap: int) -> tuple[Pairs, Pairs]:
    """Pair the rows that share a key that changed: as they were, and as they are."""
    touched = distinct(np.concatenate([side.keys for side in change]))
    before = np.array([side.sizes(touched) for side in table])
    after = before + np.array([by.sizes(touched) for by in change])
    # What was too common and still is proposes nothing; looking its rows up would cost the most.
    touched = touched[np.minimum(before.max(axis=0), after.max(axis=0)) <= cap]
    were = [side.having(touched) for side in table]
    are = [Holders.together(side, by.having(touched)) for side, by in zip(were, change, strict=True)]
    one, two = (propose(tuple(Keys(side.rows, side.keys) for side in sides), cap).pairs for sides in (were, are))
    return one, two
