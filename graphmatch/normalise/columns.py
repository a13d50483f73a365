"""Whole columns of text at once: what all of them share.

The modules beside this one define the forms, text by text. Whole columns give the same for plain texts many times as
fast, and ask those functions for each different one of the rest.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Flags = NDArray[np.bool_]
DType = pl.DataType | type[pl.DataType]
#: Stands between texts that lie end to end; none of them holds it.
PART = "\0"


def each(values: pl.Series, function: Callable[[str], object], dtype: DType) -> pl.Series:
    """Apply ``function`` to each different value once; null stays null."""
    different = values.drop_nulls().unique()
    made = pl.Series("made", [function(value) for value in different.to_list()], dtype=dtype)
    known = pl.DataFrame([different.alias("value"), made])
    return values.to_frame("value").join(known, on="value", how="left", maintain_order="left")["made"]


def apart(
    values: pl.Series,
    plain: pl.Series,
    whole: Callable[[pl.Series], pl.Series],
    one: Callable[[str], object],
) -> pl.Series:
    """Give the ``plain`` values to ``whole`` and each different one of the rest to ``one``; null stays null."""
    plain = plain.fill_null(value=False)
    if plain.all() and values.len():
        return whole(values)
    made = whole(values.filter(plain))
    return merged(plain, made, each(values.filter(~plain), one, made.dtype))


def merged(where: pl.Series, there: pl.Series, elsewhere: pl.Series) -> pl.Series:
    """Put together what was made of the places that ``where`` marks and of the others, in order."""
    if not elsewhere.len():
        return there
    order = np.concatenate([where.arg_true().to_numpy(), (~where).arg_true().to_numpy()])
    place = np.empty(order.size, dtype=np.uint32)
    place[order] = np.arange(order.size, dtype=np.uint32)
    return pl.concat([there, elsewhere]).gather(place)


def laid_out(values: pl.Series) -> Bytes:
    """Lay ASCII texts end to end, with `PART` between them; none is null."""
    return np.frombuffer((values.str.join(PART).item() or "").encode("ascii"), dtype=np.uint8)


def taken_up(laid: Bytes, like: pl.Series) -> pl.Series:
    """Give back the texts that lie end to end, as many as ``like`` has."""
    if not like.len():
        return like
    return pl.Series([laid.tobytes().decode("ascii")]).str.split(PART).explode()
