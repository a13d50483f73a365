"""Letter runs: the two to four neighbouring letters of handles and name words, weighed by how few accounts hold them.

In: traits (`graphmatch.link.traits`). Out: one sparse unit row per account (term frequency-inverse document frequency
inside its population), from which pairs get their cosine and each account its nearest neighbours in other places.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy import sparse

#: Runs of these lengths count; the edges of a word count as a letter in the shorter ones.
LENGTHS = (2, 3, 4)
#: What comparing all of a population's runs may cost: products per account. Beyond it the most common runs propose
#: nothing (they still count in the cosine), so that the work grows with the accounts and not with their square.
WORK_PER_ACCOUNT = 3_000
#: Dense products of two blocks are worked out this many numbers at a time.
BLOCK = 4_000_000
#: Pairs compared at a time: bounds memory.
PAIRS = 20_000

Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class LetterRuns:
    """Weights of each account's letter runs.

    Attributes
    ----------
    weights
        Shape (accounts, runs), float32; bits of rarity, log2(accounts of the population / accounts that hold the run).
    norms
        Length of each row.
    """

    weights: sparse.csr_matrix
    norms: NDArray[np.float64]

    def compare(self, left: Rows, right: Rows) -> pl.DataFrame:
        """Compare pairs of rows: ``cosine``; ``rarest`` and ``bits`` of what both hold; ``share`` of the poorer one's.

        All are 0 where nothing is shared, and null where an account has neither handle nor display name.
        """
        parts = [self._compared(left[at : at + PAIRS], right[at : at + PAIRS]) for at in range(0, left.size, PAIRS)]
        return pl.concat(parts) if parts else self._compared(left, right)

    def _compared(self, left: Rows, right: Rows) -> pl.DataFrame:
        one, two = self.weights[left], self.weights[right]
        both = one.multiply(two)
        squares = np.asarray(both.sum(axis=1)).ravel()
        roots = both.sqrt()
        bits = np.asarray(roots.sum(axis=1)).ravel()
        rarest = roots.max(axis=1).toarray().ravel() if roots.nnz else np.zeros(left.size)
        poorer = np.minimum(*(np.asarray(side.sum(axis=1)).ravel() for side in (one, two)))
        observed = pl.Series("observed", (self.norms[left] > 0) & (self.norms[right] > 0))
        found = pl.DataFrame(
            {
                "cosine": squares / np.maximum(self.norms[left] * self.norms[right], 1e-9),
                "rarest": rarest,
                "bits": bits,
                "share": bits / np.maximum(poorer, 1e-9),
            }
        ).cast(pl.Float32)
        return found.with_columns(observed).select(
            pl.when("observed").then(pl.col(name)).alias(name) for name in found.columns
        )


def letter_runs(traits: pl.DataFrame) -> LetterRuns:
    """Weigh the letter runs of every account of ``traits``."""
    runs = _runs(traits)
    sizes = traits.group_by("population").len("size")
    held = runs.group_by("population", "run").len("holders").sort("population", "run").with_row_index("column")
    held = held.join(sizes, on="population", how="left", maintain_order="left").with_columns(
        (pl.col("size") / pl.col("holders")).log(2).alias("bits")
    )
    placed = runs.join(held, on=["population", "run"], how="left")
    shape = (traits.height, held.height)
    cells = (placed["row"].to_numpy(), placed["column"].to_numpy())
    weights = sparse.csr_matrix((placed["bits"].to_numpy().astype(np.float32), cells), shape=shape)
    weights.sort_indices()
    norms = np.sqrt(np.asarray(weights.multiply(weights).sum(axis=1)).ravel().astype(np.float64))
    return LetterRuns(weights, norms)


def _runs(traits: pl.DataFrame) -> pl.DataFrame:
    """List ``row, population, run``, each once."""
    rows = traits.select(pl.int_range(pl.len(), dtype=pl.UInt32).alias("row"), "population", "handle", "stem", "words")
    texts = [rows.select("row", pl.col(trait).alias("text")).drop_nulls() for trait in ("handle", "stem")] + [
        rows.select("row", pl.col("words").alias("text")).explode("text", keep_nulls=False, empty_as_null=False)
    ]
    spelled = pl.concat(texts).unique()
    edged = spelled.with_columns(pl.concat_str(pl.lit("^"), "text", pl.lit("$")).alias("text"))
    found = [_parts(edged if length < 4 else spelled, "text", length) for length in LENGTHS]
    every = [*(part.rename({"key": "run"}) for part in found), _junctions(rows)]
    return pl.concat(every).unique().join(rows.select("row", "population"), on="row")


def _parts(rows: pl.DataFrame, trait: str, length: int) -> pl.DataFrame:
    """List every part of ``length`` characters of a trait: ``row, key``, each once."""
    long = rows.select("row", pl.col(trait).alias("text")).filter(pl.col("text").str.len_chars() >= length)
    spans = long.with_columns(
        pl.int_ranges(0, pl.col("text").str.len_chars().cast(pl.Int64) - length + 1).alias("at")
    ).explode("at")
    return spans.select("row", pl.col("text").str.slice(pl.col("at"), length).alias("key")).unique()


def _junctions(rows: pl.DataFrame) -> pl.DataFrame:
    """List the runs that handles built from a name of two words or more have: its initials and its seams."""
    names = rows.filter(pl.col("words").list.len() > 1)
    first, last = pl.col("words").list.first(), pl.col("words").list.last()
    initials = pl.col("words").list.eval(pl.element().str.slice(0, 1)).list.join("")
    edge = pl.lit("^")
    made = [
        edge + initials.str.slice(0, 2),
        edge + initials.str.slice(0, 3),
        edge + first.str.slice(0, 1) + last.str.slice(0, 1),
        edge + first.str.slice(0, 1) + last.str.slice(0, 2),
        first.str.slice(-1) + last.str.slice(0, 1),
        first.str.slice(-1) + last.str.slice(0, 2),
        first.str.slice(-2) + last.str.slice(0, 1),
    ]
    listed = names.select("row", pl.concat_list(made).alias("run")).explode("run")
    return listed.filter(pl.col("run").str.len_chars() > 1)


def nearest(runs: LetterRuns, traits: pl.DataFrame, count: int, least: float) -> pl.DataFrame:
    """Propose for each account its ``count`` nearest of each other place in its population.

    Parameters
    ----------
    runs
        Of ``traits``.
    traits
        With ``population, place``.
    count
        Neighbours per account and place. Of equally near ones the first rows are taken.
    least
        Lowest cosine of a neighbour.

    Returns
    -------
    polars.DataFrame
        Row numbers ``row, row_other``.
    """
    unit = sparse.diags(1.0 / np.maximum(runs.norms, 1e-9)).dot(runs.weights).astype(np.float32).tocsr()
    index = traits.select(pl.int_range(pl.len(), dtype=pl.Int64).alias("row"), "population", "place")
    found = []
    for _, members in index.group_by("population", maintain_order=True):
        rows = members["row"].to_numpy()
        inside = _affordable(unit[rows], WORK_PER_ACCOUNT * rows.size)
        places = members["place"].to_numpy()
        for place in np.unique(places):
            there, others = np.flatnonzero(places == place), np.flatnonzero(places != place)
            near = _top(inside[others], inside[there], count, least)
            found.append(pl.DataFrame({"row": rows[others[near[0]]], "row_other": rows[there[near[1]]]}))
    schema = {"row": pl.UInt32, "row_other": pl.UInt32}
    return pl.concat(found).cast(schema) if found else pl.DataFrame(schema=schema)  # type: ignore[arg-type]


def _affordable(weights: sparse.csr_matrix, work: int) -> sparse.csr_matrix:
    """Drop the most common runs until multiplying costs no more than ``work`` products."""
    holders = np.bincount(weights.indices, minlength=weights.shape[1])
    order = np.argsort(holders, kind="stable")
    cost = np.cumsum(holders[order].astype(np.float64) ** 2)
    kept = np.zeros(weights.shape[1], dtype=bool)
    kept[order[cost <= work]] = True
    kept &= holders > 1
    return weights[:, np.flatnonzero(kept)].tocsr()


def _top(mine: sparse.csr_matrix, theirs: sparse.csr_matrix, count: int, least: float) -> tuple[Rows, Rows]:
    """Give the ``count`` best columns of each row of ``mine @ theirs.T``, in parts that fit in memory."""
    across = theirs.T.tocsr()
    size = max(1, BLOCK // max(theirs.shape[0], 1))
    ones: list[Rows] = []
    twos: list[Rows] = []
    for start in range(0, mine.shape[0], size):
        product = (mine[start : start + size] @ across).tocoo()
        good = product.data >= least
        row, column, value = product.row[good], product.col[good], product.data[good]
        order = np.lexsort((column, -value, row))
        row, column = row[order], column[order]
        starts = np.searchsorted(row, row)
        best = np.arange(row.size) - starts < count
        ones.append(row[best].astype(np.int64) + start)
        twos.append(column[best].astype(np.int64))
    return np.concatenate([np.zeros(0, np.int64), *ones]), np.concatenate([np.zeros(0, np.int64), *twos])
