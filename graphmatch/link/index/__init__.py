"""An index of linked accounts: a batch of new, changed or removed ones is linked without linking all again.

An update gives the same Matches as linking all accounts would, with the same model and the same census (how common each
value, word and letter is: `graphmatch.link.census`), both frozen when the index was made. How many accounts have a
blocking key is not frozen: caps count all that are there. The index holds handles, names and links of accounts, and is
as much the workspace's as they are; what else it needs of an account it works out from the tables again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict, Unpack

import numpy as np
import polars as pl

from graphmatch import __version__
from graphmatch.errors import UnreadableFile, UsageError
from graphmatch.link import LinkResult, link
from graphmatch.link.block import Progress
from graphmatch.link.census import Census
from graphmatch.link.index import files
from graphmatch.link.index.accounts import Outgrown, Turn
from graphmatch.link.index.files import Folder
from graphmatch.link.index.given import Given, Tables
from graphmatch.link.index.kept import Kept, census_parts, read_census
from graphmatch.link.index.taken import Taken
from graphmatch.link.index.update import STEPS, updated
from graphmatch.link.index.weighing import Weigher
from graphmatch.link.model import Model, default

__all__ = ["Index", "Outgrown", "Tables", "Updated", "linked"]

#: An index is made anew when more than this part of its accounts came, went or changed: its census has grown old, and
#: what changed takes as long to read as the rest.
MOST_CHANGED = 0.1


class Settings(TypedDict, total=False):
    """How to link; see `graphmatch.link.link`. An index keeps to the settings that it was made with."""

    same_platform: bool
    cap: int | None
    min_probability: float


DEFAULTS: Settings = {"same_platform": True, "cap": None, "min_probability": 0.05}


@dataclass(frozen=True, slots=True)
class Updated:
    """What linking with an index gives.

    Attributes
    ----------
    index
        The index as it is now; `Index.matches` gives the table.
    new, gone, changed
        ``left, right`` of the Matches that were not there before, are there no more, or differ in anything.
    compared
        How many pairs were compared.
    reason
        Why all accounts were linked; None if only what changed.
    """

    index: Index
    new: pl.DataFrame
    gone: pl.DataFrame
    changed: pl.DataFrame
    compared: int
    reason: str | None = None


class Index:
    """An index that was read or made. It never changes: `update` gives the next one, in the same folder."""

    def __init__(self, folder: Folder, kept: Kept, census: Census, model: Model) -> None:
        self.folder, self.kept, self.census, self.model = folder, kept, census, model
        facts = folder.facts
        self.populations: list[str] = facts["populations"]
        self.settings: Settings = facts["settings"]

    @classmethod
    def open(cls, path: Path) -> Index:
        """Read an index.

        Raises
        ------
        UnreadableFile
            The folder holds none, or it is broken or of another format.
        Outgrown
            Another version of this program, or of what it hashes with, made it.
        """
        folder = Folder(path)
        if folder.facts.get("versions") != _versions():
            raise Outgrown("the index was made by other versions")
        try:
            model = Model.from_json(folder.facts["model"])
            return cls(folder, Kept.read(folder), read_census(folder), model)
        except (OSError, ValueError, TypeError, KeyError, IndexError, UsageError, pl.exceptions.PolarsError) as error:
            raise UnreadableFile(f"{path}: holds no index that can be read: {type(error).__name__}") from None

    @classmethod
    def build(
        cls,
        path: Path,
        accounts: pl.DataFrame,
        tables: Tables,
        *,
        model: Model | None = None,
        start: Model | None = None,
        **settings: Unpack[Settings],
    ) -> tuple[Index, LinkResult]:
        """Link all accounts, as `graphmatch.link.link` does without ``nearest``, and keep what an update needs.

        Parameters
        ----------
        path
            Folder of the index, which takes the place of the one that may be there.
        accounts, tables, model, start, settings
            As `graphmatch.link.link` takes them. By default the shipped model without what labels taught.

        Raises
        ------
        UsageError
            The model has learned weights: these need letter runs, whose rarity is the whole population's.
        RejectedTable
            As of `graphmatch.link.link`.
        """
        given, chosen = Given(accounts, **tables), DEFAULTS | settings
        begin = start or default().unlabelled()
        if (model or begin).learned is not None:
            raise UsageError("an index can't be kept with learned weights; give a model without (`Model.unlabelled`)")
        taken = Taken(given)
        result = link(accounts, **tables, model=model, start=begin, nearest=False, keeper=taken, **chosen)
        kept, census = taken.kept(result.matches), taken.census
        facts = {
            "versions": _versions(),
            "shape": given.shape(),
            "settings": chosen,
            "populations": taken.populations,
            "model": result.model.to_json(),
        }
        parts = {**kept.whole_parts(), **kept.since_parts(), **census_parts(census), "matches": result.matches}
        return cls(files.write(path, parts, facts), kept, census, result.model), result

    def matches(self) -> pl.DataFrame:
        """Give the table ``matches`` as `graphmatch.link.link` would: all of it."""
        whole, since = self.kept.matches.layers
        kept = whole.without(self.kept.matches.dropped).columns["place"]
        parts = [self.folder.frame("matches")[kept], self.kept.found[since.columns["place"]].drop("pair", "digest")]
        return pl.concat(parts).sort("left", "right")

    def check(self, model: Model | None, settings: Settings) -> None:
        """Raise `Outgrown` if another model, or other settings, are asked for than the index was made with."""
        if model is not None and model.to_json() != self.model.to_json():
            raise Outgrown("the model is another one")
        if settings != self.settings:
            raise Outgrown("the settings are others")

    def update(
        self,
        accounts: pl.DataFrame,
        tables: Tables,
        *,
        changed: Iterable[str] | None = None,
        most_changed: float = MOST_CHANGED,
        progress: Progress | None = None,
    ) -> Updated:
        """Link what changed.

        Parameters
        ----------
        accounts, tables
            As they are now, all of them.
        changed
            The ``account_id`` of all accounts that were there and of which anything is not as it was: their row, their
            sightings, or whom their reports are aimed at. Without it all are looked through, which takes longer.
        most_changed
            The part of the accounts that may have come, gone or changed since the index was made.
        progress
            Told what is done (``reading, blocking, comparing, weighing, writing``), how many steps, and of how many.

        Raises
        ------
        Outgrown
            More than that has changed, or there are other tables or columns than there were, or another population.
        RejectedTable
            As of `graphmatch.link.link`.
        """
        given, kept = Given(accounts, **tables), self.kept
        if given.shape() != self.folder.facts["shape"]:
            raise Outgrown("there are other tables, or other columns of accounts, than when the index was made")
        say = progress or (lambda *_: None)
        turn = Turn.of(kept.accounts, given, changed, self.populations)
        say("reading", 1, STEPS)
        moved = kept.accounts.alive.size - kept.whole + turn.traits.height
        if moved + np.count_nonzero(~kept.accounts.alive | turn.gone) > most_changed * kept.whole:
            raise Outgrown(f"more than {most_changed:.0%} of the accounts changed since the index was made")
        same_platform, known = self.settings["same_platform"], kept.accounts.beside(turn.come, turn.gone)
        about = known.situation(self.census, self.populations, same_platform=same_platform)
        states, least = turn.states, self.settings["min_probability"]
        weigher = Weigher(given, known, states, turn.stated, about, self.model, self.census, least)
        cap = self.settings["cap"]
        after, difference = updated(kept, turn, weigher, same_platform=same_platform, cap=cap, say=say)
        folder = files.write(self.folder.path, after.since_parts(), self.folder.facts, self.folder)
        say("writing", STEPS, STEPS)
        index = Index(folder, after, self.census, self.model)
        return Updated(index, difference.new, difference.gone, difference.changed, difference.compared)


def linked(
    path: Path,
    accounts: pl.DataFrame,
    tables: Tables,
    *,
    model: Model | None = None,
    changed: Iterable[str] | None = None,
    **settings: Unpack[Settings],
) -> Updated:
    """Bring the index in a folder up to date, or make one, saying why, where there is none that can be.

    Parameters
    ----------
    path, accounts, tables, model, settings
        As of `Index.build`. Without a model an index keeps the one that it has.
    changed
        As of `Index.update`.

    Raises
    ------
    UsageError, RejectedTable
        As of `Index.build`.
    """
    try:
        index = Index.open(path)
        index.check(model, DEFAULTS | settings)
        return index.update(accounts, tables, changed=changed)
    except (UnreadableFile, Outgrown) as error:
        reason = str(error)
    index, result = Index.build(path, accounts, tables, model=model, **settings)
    pairs = result.matches.select("left", "right")
    return Updated(index, pairs, pairs.clear(), pairs.clear(), result.candidates, reason)


def _versions() -> dict[str, str]:
    return {"graphmatch": __version__, "polars": pl.__version__}
