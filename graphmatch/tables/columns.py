"""The kinds of column that tables are made of."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

import dataframely as dy
import polars as pl

from graphmatch import model

#: Years outside are typing errors, epoch zero or sentinels, not times at which somebody posted.
PLAUSIBLE_YEARS = (1995, 2098)


def one_of(words: type[StrEnum]) -> Callable[[pl.Expr], pl.Expr]:
    """Give the check that a value is one of ``words``."""
    values = [word.value for word in words]
    return lambda column: column.is_in(values)


def _plausible(column: pl.Expr) -> pl.Expr:
    return column.dt.year().is_between(*PLAUSIBLE_YEARS)


def key(longest: int = model.LONGEST_ID) -> dy.String:
    """Make a key column: text, never empty, no longer than an index takes."""
    return dy.String(primary_key=True, min_length=1, max_length=longest)


def reference(*, nullable: bool = True) -> dy.String:
    """Make a column that holds another row's key."""
    return dy.String(nullable=nullable, max_length=model.LONGEST_ID)


def references() -> dy.List:
    """Make a column of other rows' keys."""
    return dy.List(dy.String(nullable=False, max_length=model.LONGEST_ID), nullable=False)


def text(*, nullable: bool = True) -> dy.String:
    """Make a text column."""
    return dy.String(nullable=nullable)


def word(words: type[StrEnum], *, nullable: bool = False) -> dy.String:
    """Make a column that holds one of ``words``."""
    return dy.String(nullable=nullable, check=one_of(words))


def time(*, plausible: bool = True) -> dy.Datetime:
    """Make a time column (µs, UTC); implausible years are refused unless said otherwise."""
    return dy.Datetime(nullable=True, time_unit="us", time_zone="UTC", check=_plausible if plausible else None)


def texts() -> dy.List:
    """Make a column of lists of text."""
    return dy.List(dy.String(nullable=False), nullable=False)


def probability() -> dy.Float64:
    """Make a column in [0, 1]."""
    return dy.Float64(nullable=False, min=0.0, max=1.0)
