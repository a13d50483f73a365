"""One update: what changed is blocked, compared, weighed and laid out, and all else stays."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from graphmatch.link import declared
from graphmatch.link.block import RULE_NAMES, Progress, stated_pairs
from graphmatch.link.index.accounts import Accounts, Turn
from graphmatch.link.index.blocking import Moves
from graphmatch.link.index.kept import Kept
from graphmatch.link.index.layers import PairTable
from graphmatch.link.index.numbers import Counted, Pairs
from graphmatch.link.index.weighing import Weigher
from graphmatch.link.letters import Hashes, distinct
from graphmatch.link.meet import RULE_BITS, numbered, pair_of, sides_of

#: Of an update: reading, blocking, comparing, weighing, writing.
STEPS = 5


@dataclass(frozen=True, slots=True)
class Difference:
    """Which Matches (``left, right``) are new, gone, or not as they were, and how many pairs were compared."""

    new: pl.DataFrame
    gone: pl.DataFrame
    changed: pl.DataFrame
    compared: int


def updated(
    kept: Kept, turn: Turn, weigher: Weigher, *, same_platform: bool, cap: int | None, say: Progress
) -> tuple[Kept, Difference]:
    """Bring what an index keeps up to date; ``weigher`` has the accounts as they are now."""
    moves = _moves(kept.accounts, turn, weigher.accounts, same_platform=same_platform)
    blocking, change = kept.blocking.after(moves, cap)
    said = [_stated(of, moves) for of in (turn.stated, kept.stated)]
    change = change.plus(said[0]).minus(said[1])
    proposals = blocking.proposals.plus(change)
    pairs = distinct(change.numbers >> np.uint64(RULE_BITS))
    before, after = kept.blocking.proposals.rules(pairs), proposals.rules(pairs)
    there, here = before != 0, after != 0
    gained, lost, moved = pairs[here & ~there], pairs[there & ~here], pairs[here & there & (before != after)]
    again = np.setdiff1d(_relevelled(kept.stated, turn.stated), np.concatenate([gained, lost]))
    again = kept.pairs.having(again).pair
    old = kept.pairs.having(np.union1d(lost, again))
    say("blocking", 2, STEPS)
    new = weigher.evidence(np.union1d(gained, again))
    say("comparing", 3, STEPS)
    table = kept.pairs.put(old.pair, new)
    asked = weigher.beside(table, old.beside(new), moved)
    found = weigher.matches(table, asked, proposals.rules(asked))
    out = kept.matches.having(np.union1d(asked, lost))
    matches, rows = _with_matches(kept, out.pair, found)
    say("weighing", 4, STEPS)
    made = Kept(weigher.accounts, kept.whole, replace(blocking, proposals=proposals), table, matches, rows, turn.stated)
    return made, _difference(weigher.accounts, out, found, new.pair.size)


def _moves(before: Accounts, turn: Turn, after: Accounts, *, same_platform: bool) -> Moves:
    stay = np.flatnonzero(before.alive & ~turn.gone).astype(np.uint32)
    gone = pl.Series(np.flatnonzero(turn.gone), dtype=pl.UInt32)
    handles = pl.DataFrame([pl.Series("row", stay), before.names["handle"].gather(pl.Series(stay))])
    rows = np.arange(before.alive.size, after.alive.size, dtype=np.uint32)
    places = None if same_platform else after.numbers["place"]
    names = before.names["name"].gather(gone)
    return Moves(turn.traits, rows, turn.gone, names, handles, after.numbers["population"], places)


def _stated(stated: pl.DataFrame, moves: Moves) -> Counted:
    """Give the pairs of those who are said to be one, as the rules that propose them."""
    found = [
        numbered(stated_pairs(stated, moves.populations, claim=claim), RULE_NAMES.index(name), moves.places)
        for name, claim in (("declared", False), ("claimed", True))
    ]
    numbers = distinct(np.concatenate(found))
    return Counted(numbers, np.ones(numbers.size, dtype=np.int32))


def _relevelled(before: pl.DataFrame, after: pl.DataFrame) -> Hashes:
    """List the pairs whose declared level is not what it was."""
    one, two = (declared.levels(of) for of in (before, after))
    by = ["left", "right", "level"]
    differs = pl.concat([one.join(two, on=by, how="anti"), two.join(one, on=by, how="anti")])
    return distinct(pair_of(*(differs[side].to_numpy() for side in ("left", "right"))))


def _with_matches(kept: Kept, out: Hashes, found: pl.DataFrame) -> tuple[PairTable, pl.DataFrame]:
    """Take matches out and put others in."""
    stay = pl.Series(~np.isin(kept.found["pair"].to_numpy(), out))
    rows = pl.concat([kept.found.filter(stay), found]).sort("pair")
    since = {"pair": rows["pair"].to_numpy(), "digest": rows["digest"].to_numpy(), "place": np.arange(rows.height)}
    dropped = np.union1d(kept.matches.dropped, out)
    return PairTable(kept.matches.whole, dropped, Pairs(since)), rows


def _difference(accounts: Accounts, out: Pairs, found: pl.DataFrame, compared: int) -> Difference:
    """Tell the matches that were there from those that are, by their accounts: row numbers may be others."""
    ids = accounts.names["account_id"]
    one, two = (ids.gather(pl.Series(rows)) for rows in sides_of(out.pair))
    were = pl.DataFrame([one.alias("one"), two.alias("two"), pl.Series("digest", out.columns["digest"])]).select(
        pl.min_horizontal("one", "two").alias("left"), pl.max_horizontal("one", "two").alias("right"), "digest"
    )
    by = ["left", "right"]
    changed = found.join(were, on=by, suffix="_before").filter(pl.col("digest") != pl.col("digest_before"))
    parts = found.join(were, on=by, how="anti"), were.join(found, on=by, how="anti"), changed
    new, gone, changed = (part.select(by).sort(by) for part in parts)
    return Difference(new, gone, changed, compared)
