"""What an index keeps, from and to its folder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graphmatch.link.block import RULES
from graphmatch.link.census import Census
from graphmatch.link.index.accounts import Accounts
from graphmatch.link.index.blocking import Blocking
from graphmatch.link.index.files import Folder
from graphmatch.link.index.layers import CountTable, KeyTable, PairTable
from graphmatch.link.index.numbers import Counted, Holders, Pairs

Parts = dict[str, NDArray[Any] | pl.DataFrame]
#: Of pairs that matched: a hash of the table's row, and where in its frame it stands.
MATCH = ("digest", "place")


@dataclass(frozen=True, slots=True)
class Kept:
    """All of it.

    Attributes
    ----------
    accounts
        Those that there ever were; ``whole`` of them were there when the index was made.
    blocking
        Keys, words and proposals.
    pairs
        The candidates and their `graphmatch.link.weighing.Evidence`.
    matches
        The pairs that matched, with `MATCH`.
    found
        Rows of the table ``matches`` that were added since, beside their ``pair``.
    stated
        Who names whom.
    """

    accounts: Accounts
    whole: int
    blocking: Blocking
    pairs: PairTable
    matches: PairTable
    found: pl.DataFrame
    stated: pl.DataFrame

    @classmethod
    def read(cls, folder: Folder) -> Kept:
        """Read it; large arrays are only mapped."""
        whole, since = (_accounts(folder, when) for when in ("whole", "since"))
        accounts = whole.beside(since, np.zeros(whole.alive.size, dtype=np.bool_))
        accounts = Accounts(accounts.names, accounts.numbers, folder.array("alive"))
        tables = [
            KeyTable(*side) for side in zip(*(_holders(folder, when) for when in ("whole", "since")), strict=True)
        ]
        keys = tuple(
            tuple(tables[2 * number + side] for side in range(1 if rule.other is None else 2))
            for number, rule in enumerate(RULES)
        )
        words, proposals = (
            CountTable(*(Counted(**folder.arrays(f"{name}-{when}")) for when in ("whole", "since")))
            for name in ("words", "proposals")
        )
        pairs, matches = (_pairs(folder, name) for name in ("pairs", "matches"))
        blocking = Blocking(keys, words, proposals)
        stated = folder.frame("stated")
        return cls(accounts, whole.alive.size, blocking, pairs, matches, folder.frame("found"), stated)

    def whole_parts(self) -> Parts:
        """Give what an update does not change."""
        return {
            **_account_parts("whole", self.accounts),
            **_keys("whole", [[side.whole for side in table] for table in self.blocking.keys]),
            **_counted("words-whole", self.blocking.words.whole),
            **_counted("proposals-whole", self.blocking.proposals.whole),
            **{f"pairs-whole.{name}": column for name, column in self.pairs.whole.columns.items()},
            **{f"matches-whole.{name}": column for name, column in self.matches.whole.columns.items()},
        }

    def since_parts(self) -> Parts:
        """Give what it does change."""
        return {
            **_account_parts("since", self.accounts.from_row(self.whole)),
            "alive": self.accounts.alive,
            **_keys("since", [[side.since for side in table] for table in self.blocking.keys]),
            **_counted("words-since", self.blocking.words.since),
            **_counted("proposals-since", self.blocking.proposals.since),
            "pairs-dropped": self.pairs.dropped,
            **{f"pairs-since.{name}": column for name, column in self.pairs.since.columns.items()},
            "matches-dropped": self.matches.dropped,
            **{f"matches-since.{name}": column for name, column in self.matches.since.columns.items()},
            "found": self.found,
            "stated": self.stated,
        }


def census_parts(census: Census) -> Parts:
    """Give the census as parts of an index."""
    return {f"census.{name}": frame for name, frame in census.frames().items()}


def read_census(folder: Folder) -> Census:
    """Read it."""
    frames = {part.partition(".")[2]: folder.frame(part) for part in folder.files if part.startswith("census.")}
    return Census.of_frames(frames)


def _accounts(folder: Folder, when: str) -> Accounts:
    numbers = folder.arrays(f"accounts-{when}")
    names = folder.frame(f"names-{when}")
    return Accounts(names, numbers, np.ones(names.height, dtype=np.bool_))


def _account_parts(when: str, accounts: Accounts) -> Parts:
    numbers: Mapping[str, NDArray[Any]] = {f"accounts-{when}.{name}": of for name, of in accounts.numbers.items()}
    return {**numbers, f"names-{when}": accounts.names}


def _counted(name: str, of: Counted) -> Parts:
    return {f"{name}.numbers": of.numbers, f"{name}.counts": of.counts}


def _keys(when: str, tables: list[list[Holders]]) -> Parts:
    """Write the keys of all sides one after the other, and where each side ends."""
    sides = [side for table in tables for side in (table if len(table) > 1 else [*table, Holders.none()])]
    made: Parts = {f"keys-{when}.ends": np.cumsum([side.keys.size for side in sides])}
    made |= {
        f"keys-{when}.{name}": np.concatenate([getattr(side, name) for side in sides]) for name in ("keys", "rows")
    }
    if when == "since":
        made[f"keys-{when}.counts"] = np.concatenate([side.weights() for side in sides])
    return made


def _holders(folder: Folder, when: str) -> list[Holders]:
    """Map the keys of all sides."""
    arrays = folder.arrays(f"keys-{when}")
    ends = arrays.pop("ends").tolist()
    parts = [slice(first, last) for first, last in zip([0, *ends], ends, strict=False)]
    return [Holders(**{name: column[part] for name, column in arrays.items()}) for part in parts]


def _pairs(folder: Folder, name: str) -> PairTable:
    whole, since = (Pairs(folder.arrays(f"{name}-{when}")) for when in ("whole", "since"))
    return PairTable(whole, folder.array(f"{name}-dropped"), since)
