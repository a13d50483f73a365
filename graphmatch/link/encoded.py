"""The traits of accounts as arrays of numbers, made once and looked up for any pairs of them.

In: traits (`graphmatch.link.traits`). Out: per trait an array with one number an account, made when first asked for:
hashes that are equal where values are, sizes, marks and letter counts by which pairs that cannot agree are told from
those that must be looked at. Nothing of it depends on the pairs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graphmatch.link.alphabet import Alphabet, Bytes
from graphmatch.link.behaviour import Arrivals, Habits
from graphmatch.link.census import held_in_sets, sizes_of
from graphmatch.link.hashed import combined, hashed
from graphmatch.link.letters import Letters
from graphmatch.link.lists import Lists, any_of, neighbours, one_bit, two_bits
from graphmatch.link.runs import places
from graphmatch.link.tally import Tally

if TYPE_CHECKING:
    from graphmatch.link.census import Census

Rows = NDArray[np.intp]
Bits = NDArray[np.uint64]
Flags = NDArray[np.bool_]
Numbers = NDArray[np.float64]
Counts = NDArray[np.int64]

#: Letters of a word that says something of a text: shorter ones join the others in most.
LONG_WORD = 4


class Encoded:
    """Traits as arrays. ``census`` is the population's; without one the accounts are their own."""

    def __init__(self, traits: pl.DataFrame, census: Census | None = None) -> None:
        self.traits, self.census = traits, census
        self._made: dict[tuple[str, str], Any] = {}

    def _once(self, what: str, trait: str, make: Callable[[], Any]) -> Any:
        if (what, trait) not in self._made:
            self._made[what, trait] = make()
        return self._made[what, trait]

    def forget(self) -> None:
        """Let go of all that was made; it is made anew when it is asked for."""
        self._made.clear()

    def observed(self, trait: str) -> Flags:
        """Tell of which accounts the trait is known."""
        made: Flags = self._once("observed", trait, lambda: self.traits[trait].is_not_null().to_numpy())
        return made

    def text(self, trait: str, rows: Rows) -> pl.Series:
        """Give the values of ``rows`` as they stand in the traits."""
        return self.traits[trait].gather(pl.Series(rows, dtype=pl.UInt32))

    def flags(self, trait: str) -> Flags:
        """Give a trait that is so or not."""
        made: Flags = self._once("flags", trait, lambda: self.traits[trait].to_numpy().astype(np.bool_))
        return made

    def hashes(self, trait: str) -> Bits:
        """Give a hash of each value: equal for equal ones, and but for once in 10^12 pairs for no others."""
        made: Bits = self._once("hashes", trait, lambda: self.traits[trait].hash().to_numpy())
        return made

    def numbers(self, trait: str) -> Numbers:
        """Give a trait that is a number; not a number where it is null."""
        made: Numbers = self._once(
            "numbers", trait, lambda: self.traits[trait].cast(pl.Float64).fill_null(float("nan")).to_numpy()
        )
        return made

    def sizes(self, trait: str) -> Counts:
        """Give how many letters a text, or values a list, has; 0 for null."""

        def make() -> Counts:
            values = self.traits[trait]
            sizes = values.str.len_chars() if values.dtype == pl.String else values.list.len()
            return np.asarray(sizes.fill_null(0).cast(pl.Int64).to_numpy())

        made: Counts = self._once("sizes", trait, make)
        return made

    def alphabet(self) -> Alphabet:
        """Give the letters that bytes stand for."""
        texts = ("stem", "skeleton", "joined", "bio")
        made: Alphabet = self._once("alphabet", "", lambda: Alphabet.of([self.traits[trait] for trait in texts]))
        return made

    def written(self, trait: str) -> Bytes:
        """Give a text in bytes, null as an empty one."""
        made: Bytes = self._once("written", trait, lambda: self.alphabet().write(self.traits[trait]))
        return made

    def sorted_words(self, trait: str) -> Bytes:
        """Give the words of a text in bytes, in order and each once."""

        def make() -> Bytes:
            from graphmatch.link import kernel_words  # noqa: PLC0415 - numba is an extra

            texts = self.written(trait)
            letters, sizes = np.zeros_like(texts.letters), np.zeros_like(texts.sizes)
            kernel_words.sorted_words(*texts.parts, self.alphabet().space, letters, sizes)
            return Bytes(letters, texts.starts, sizes)

        made: Bytes = self._once("sorted_words", trait, make)
        return made

    def tally(self, trait: str) -> Tally:
        """Count the letters of a text."""
        made: Tally = self._once("tally", trait, lambda: Tally.of(self.traits[trait]))
        return made

    def marks(self, trait: str) -> Bits:
        """Give a bit for each two neighbouring letters of a text: one that lacks one of another's doesn't hold it."""
        made: Bits = self._once("marks", trait, lambda: neighbours(Letters.of(self.traits[trait]), self.traits.height))
        return made

    def population(self) -> Numbers:
        """Give how many accounts each account's population has."""

        def make() -> Numbers:
            sizes = sizes_of(self.traits, "size") if self.census is None else self.census.sizes
            joined = self.traits.select("population").join(sizes, on="population", how="left", maintain_order="left")
            return joined["size"].cast(pl.Float64).to_numpy()

        made: Numbers = self._once("population", "", make)
        return made

    def words(self) -> Lists:
        """Give the words of names, with their ``bits``, ``letters`` (how many) and ``marks`` (neighbouring ones)."""

        def make() -> Lists:
            lists = Lists.of(self.traits["words"], beside={"bits": self.traits["word_bits"]})
            letters = Letters.of(lists.values)
            lists.rest.update(letters=letters.lengths, marks=neighbours(letters, lists.values.len()))
            return lists

        made: Lists = self._once("lists", "words", make)
        return made

    def values(self, trait: str) -> Lists:
        """Give the values of a set."""
        made: Lists = self._once("lists", trait, lambda: Lists.of(self.traits[trait]))
        return made

    def holders(self, trait: str, accounts: Rows, elements: Rows) -> tuple[Numbers, Numbers]:
        """Give how many accounts have the ``elements`` of sets: the most on one platform, and all.

        ``accounts`` have them: they count in the population of those.
        """

        def make() -> tuple[Bits, Numbers, Numbers]:
            held = held_in_sets(self.traits, trait) if self.census is None else self.census.sets[trait]
            keys = hashed(held, "population", "value")
            order = np.argsort(keys)
            most, all_ = (held[name].cast(pl.Float64).to_numpy()[order] for name in ("rivals", "everyone"))
            return keys[order], most, all_

        keys, rivals, everyone = self._once("holders", trait, make)
        wanted = combined(self.hashes("population")[accounts], self.values(trait).hashes[elements])
        known, place = places(keys, wanted)
        found = np.ones((2, wanted.size))
        found[0, known], found[1, known] = rivals[place[known]], everyone[place[known]]
        return found[0], found[1]

    def parts(self, trait: str) -> Lists:
        """Give the words of a text that spaces part."""
        made: Lists = self._once("parts", trait, lambda: Lists.of(self.traits[trait].str.split(" ")))
        return made

    def long_words(self, trait: str) -> Lists:
        """Give the hashes of a text's words of `LONG_WORD` letters and more; ``other_marks`` are marks once more."""

        def make() -> Lists:
            split = self.traits[trait].str.split(" ")
            lists = Lists.of(split.list.filter(pl.element().str.len_chars() >= LONG_WORD))
            row = np.repeat(np.arange(lists.sizes.size), lists.sizes)
            other = any_of(one_bit(lists.hashes << np.uint64(6)), row, lists.sizes.size)
            # The words themselves are looked at no more.
            return replace(lists, values=lists.values.clear(), rest={"other_marks": other})

        made: Lists = self._once("long_words", trait, make)
        return made

    def offered(self, trait: str) -> Lists:
        """Give the forms that names offer; a handle that lacks one of an account's `form_bits` in ``marks`` is none."""
        made: Lists = self._once("offered", trait, lambda: Lists.of(self.traits[trait], bits=two_bits, each_once=True))
        return made

    def form_bits(self, trait: str) -> Bits:
        """Give the two bits that a text has in `offered`."""
        made: Bits = self._once("form_bits", trait, lambda: two_bits(self.hashes(trait)))
        return made

    def arrivals(self) -> Arrivals:
        """When accounts came."""
        own = self.census is None
        made: Arrivals = self._once(
            "arrivals",
            "",
            lambda: Arrivals(self.traits) if own else self.census.arrivals,  # type: ignore[union-attr]
        )
        return made

    def habits(self) -> Habits:
        """At which hours accounts post."""
        own = self.census is None
        made: Habits = self._once(
            "habits",
            "",
            lambda: Habits(self.traits) if own else self.census.habits,  # type: ignore[union-attr]
        )
        return made
