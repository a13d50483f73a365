import numpy as np
import polars as pl

from graphmatch.link.hashed import different, hashed, looked_up


def test_values_are_told_apart_by_their_columns() -> None:
    rows = pl.DataFrame({"one": ["a", "b", "a", None, "a"], "two": ["b", "a", "b", "a", None]})
    hashes = hashed(rows, "one", "two").tolist()
    assert hashes[0] == hashes[2]
    assert len(set(hashes)) == 4
    assert different(rows).rows() == [("a", "b"), ("b", "a"), (None, "a"), ("a", None)]


def test_what_is_not_known_counts_nothing() -> None:
    known = hashed(pl.DataFrame({"value": ["a", "b"]}), "value")
    wanted = hashed(pl.DataFrame({"value": ["b", "c", "b"]}), "value")
    assert looked_up(wanted, known, np.array([3, 4])).tolist() == [4, 0, 4]
    assert looked_up(wanted, known[:0], np.zeros(0, dtype=np.int64)).tolist() == [0, 0, 0]
