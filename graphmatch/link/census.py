"""What a population of accounts is like, frozen: counts of values, how surprising words are, when accounts came.

In: what accounts show (`graphmatch.link.traits.shown`). Out: a `Census`, by which any of them, and accounts that come
later, are weighed alike (`graphmatch.link.traits.weighed`). It names no account, and is the same whatever the order of
the accounts.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from graphmatch.errors import UnreadableFile
from graphmatch.link.hashed import different, hashed
from graphmatch.link.surprisal import CharacterModel
from graphmatch.link.words import others
from graphmatch.tables import TIME

if TYPE_CHECKING:
    from graphmatch.link.behaviour import Arrivals, Habits

#: Traits of one value per account whose holders are counted.
VALUES = ("handle", "stem", "skeleton", "name", "bio", "location")
#: Traits of several values per account whose holders are counted.
SETS = ("links", "emails", "phones", "devices", "networks", "avatars", "targets")
#: Frames of a census by the names of its attributes.
PLAIN = ("sizes", "platforms", "places", "spelled", "words", "arrived", "posted")
#: Of the written form; another one is not read.
FORMAT = 1
_HOURS = pl.Array(pl.UInt16, 24)


@dataclass(frozen=True)
class Census:
    """Frozen statistics of the accounts of one or more populations. The order of rows means nothing.

    Attributes
    ----------
    model
        Character model of all handles and names.
    sizes
        ``population, size``: its accounts.
    platforms
        ``population, platform, accounts``.
    places
        ``population, place, accounts``.
    spelled
        ``population, names, stems``: how many different names and stems of handles it has.
    words
        ``population, word, others``: how many other names and handles hold a word of names; of one not in it, none.
    values
        For each of `VALUES`, ``population, platform, value, accounts``; a value not in it has one account.
    sets
        For each of `SETS`, ``population, value, rivals, everyone``: the accounts that have the value, the most on one
        platform and all; a value not in it has one account.
    arrived
        ``population, platform, arrived_earliest`` of the accounts of which it is known.
    posted
        ``population, hours`` of the accounts of which they are known.
    """

    model: CharacterModel
    sizes: pl.DataFrame
    platforms: pl.DataFrame
    places: pl.DataFrame
    spelled: pl.DataFrame
    words: pl.DataFrame
    values: Mapping[str, pl.DataFrame]
    sets: Mapping[str, pl.DataFrame]
    arrived: pl.DataFrame
    posted: pl.DataFrame

    @classmethod
    def of(cls, shown: pl.DataFrame) -> Census:
        """Count accounts from what they show, with the columns of `graphmatch.link.activity.with_activity` or not."""
        names, stems = (different(shown.select("population", trait).drop_nulls()) for trait in ("name", "stem"))
        spelled = shown.select("population").unique()
        for part, count in ((names, "names"), (stems, "stems")):
            spelled = spelled.join(part.group_by("population").len(count), on="population", how="left")
        return cls(
            model=CharacterModel.fit(pl.concat([shown["handle"], shown["joined"]])),
            sizes=sizes_of(shown, "size"),
            platforms=sizes_of(shown, "accounts", "platform"),
            places=sizes_of(shown, "accounts", "place"),
            spelled=spelled.with_columns(pl.col("names", "stems").fill_null(0)).sort("population"),
            words=others(names, stems),
            values={trait: _held_alone(shown, trait) for trait in VALUES},
            sets={trait: held_in_sets(shown, trait) for trait in SETS},
            arrived=_known(shown, "population", "platform", name="arrived_earliest", kind=TIME),
            posted=_known(shown, "population", name="hours", kind=_HOURS),
        )

    @cached_property
    def arrivals(self) -> Arrivals:
        """When accounts came, as comparing asks for it."""
        from graphmatch.link.behaviour import Arrivals  # noqa: PLC0415 - comparing is made from traits, and they from this

        return Arrivals(self.arrived)

    @cached_property
    def habits(self) -> Habits:
        """At which hours accounts post, as comparing asks for it."""
        from graphmatch.link.behaviour import Habits  # noqa: PLC0415 - as above

        # Sorted: sums of floats then come out the same whatever the order of the accounts.
        return Habits(self.posted.sort("population", "hours"))

    def pairs_per_account(self, *, same_platform: bool) -> pl.DataFrame:
        """Count each population's ``accounts``, admissible ``pairs`` and ``pairs_per_account``."""
        return spread(self.places, same_platform=same_platform)

    def frames(self) -> dict[str, pl.DataFrame]:
        """Give all that it holds, as sorted frames by name: the same for the same accounts."""
        held = {
            **{name: getattr(self, name) for name in PLAIN},
            **{f"values-{trait}": frame for trait, frame in self.values.items()},
            **{f"sets-{trait}": frame for trait, frame in self.sets.items()},
        }
        return {
            "model": pl.DataFrame({"bits": self.model.bits}),
            **{name: frame.sort(frame.columns) for name, frame in held.items()},
        }

    def write(self, folder: Path) -> None:
        """Write a Parquet file per frame into ``folder``, made if need be, and last ``census.json``, read first."""
        folder.mkdir(parents=True, exist_ok=True)
        frames = self.frames()
        for name, frame in frames.items():
            frame.write_parquet(folder / f"{name}.parquet")
        about = {"format": FORMAT, "rows": {name: frame.height for name, frame in frames.items()}}
        (folder / "census.json").write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")

    @classmethod
    def read(cls, folder: Path) -> Census:
        """Read what `write` wrote.

        Raises
        ------
        UnreadableFile
            ``folder`` holds no whole census of this format.
        """
        try:
            about = json.loads((folder / "census.json").read_text("utf-8"))
            frames = {name: pl.read_parquet(folder / f"{name}.parquet") for name in about["rows"]}
            whole = about["format"] == FORMAT and about["rows"] == {
                name: frame.height for name, frame in frames.items()
            }
        except (OSError, ValueError, TypeError, KeyError, pl.exceptions.PolarsError) as error:
            raise UnreadableFile(f"{folder}: holds no census that can be read: {type(error).__name__}") from None
        if not whole:
            raise UnreadableFile(f"{folder}: holds a census of another format, or parts of two")
        return cls.of_frames(frames)

    @classmethod
    def of_frames(cls, frames: Mapping[str, pl.DataFrame]) -> Census:
        """Take what `frames` gave. A frame that lacks raises KeyError."""
        plain = {name: frames[name] for name in PLAIN}
        return cls(
            model=CharacterModel(frames["model"]["bits"].to_numpy()),
            values={trait: frames[f"values-{trait}"] for trait in VALUES},
            sets={trait: frames[f"sets-{trait}"] for trait in SETS},
            **plain,
        )


def spread(places: pl.DataFrame, *, same_platform: bool) -> pl.DataFrame:
    """Count ``accounts``, admissible ``pairs`` and ``pairs_per_account`` of each population of `Census.places`."""
    size = pl.col("accounts").cast(pl.Float64)
    every, inside = size.sum(), (size * (size - 1) / 2).sum()
    pairs = every * (every - 1) / 2 - (0 if same_platform else inside)
    made = places.group_by("population").agg(every.alias("accounts"), pairs.alias("pairs"))
    return made.with_columns((pl.col("pairs") / pl.col("accounts")).alias("pairs_per_account")).sort("population")


def sizes_of(shown: pl.DataFrame, count: str, *by: str) -> pl.DataFrame:
    """Count accounts by population, and further columns."""
    return shown.group_by("population", *by).len(count).sort("population", *by)


def _held_alone(shown: pl.DataFrame, trait: str) -> pl.DataFrame:
    by = ["population", "platform", "value"]
    held = shown.select("population", "platform", pl.col(trait).alias("value")).drop_nulls("value")
    counts = pl.DataFrame({"key": hashed(held, *by)}).with_row_index("first").group_by("key")
    several = counts.agg(pl.col("first").min(), pl.len().alias("accounts")).filter(pl.col("accounts") > 1)
    return held[several["first"]].with_columns(several["accounts"])


def held_in_sets(shown: pl.DataFrame, trait: str) -> pl.DataFrame:
    """Count who has each value of a set: a frame of `Census.sets`."""
    by = ["population", "value"]
    held = shown.select("population", "platform", pl.col(trait).alias("value")).drop_nulls("value").explode("value")
    held = held.with_columns(pl.col("value").cast(pl.String))
    held = held.filter(pl.Series(hashed(held, *by)).is_duplicated())
    counts = (
        held.group_by(*by, "platform")
        .len()
        .group_by(by)
        .agg(pl.col("len").max().alias("rivals"), pl.col("len").sum().alias("everyone"))
    )
    return counts.filter(pl.col("everyone") > 1)


def _known(shown: pl.DataFrame, *by: str, name: str, kind: pl.DataType) -> pl.DataFrame:
    if name not in shown.columns:
        return pl.DataFrame(schema={**dict.fromkeys(by, pl.String), name: kind})
    return shown.select(*by, name).drop_nulls(name)
