"""What an account is called, as far as errors and slices need it: folded handle, name words, script."""

from __future__ import annotations

import unicodedata

import polars as pl

from graphmatch.normalise import handles, names
from graphmatch.tables import TEXTS

#: Shorter words stand inside handles by chance.
LEAST_WORD = 3
#: How Unicode's names of letters begin → script.
SCRIPTS = {
    "LATIN": "latin",
    "CYRILLIC": "cyrillic",
    "GREEK": "greek",
    "ARABIC": "arabic",
    "CJK": "han",
}


def named(accounts: pl.DataFrame) -> pl.DataFrame:
    """Work out what each account is called.

    Returns
    -------
    polars.DataFrame
        One row an account: ``account_id, handle`` (folded, without separators), ``words`` (of the display name, bare,
        in order), ``script`` and ``letters`` of the display name. Null: not observed.
    """
    rows = []
    columns = [name for name in ("account_id", "platform", "handle", "display_name") if name in accounts.columns]
    for row in accounts.select(pl.col(columns).cast(pl.String)).iter_rows(named=True):
        handle, name = (row.get("handle") or "").strip(), (row.get("display_name") or "").strip()
        folded = handles.squash(handles.fold(handle, row["platform"])) or handle
        rows.append(
            (row["account_id"], folded or None, list(names.tokens(name)) or None, script_of(name), _letters(name))
        )
    schema: dict[str, pl.DataType | type[pl.DataType]] = {
        "account_id": pl.String,
        "handle": pl.String,
        "words": TEXTS,
        "script": pl.String,
        "letters": pl.String,
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


def script_of(name: str) -> str:
    """Name the script of a text's letters: one of `SCRIPTS`, ``other``, ``mixed`` (several), ``none`` (no letters)."""
    found = {_script(letter) for letter in unicodedata.normalize("NFKC", name) if letter.isalpha()}
    return found.pop() if len(found) == 1 else "mixed" if found else "none"


def _script(letter: str) -> str:
    if letter.isascii():
        return "latin"
    return SCRIPTS.get(unicodedata.name(letter, "").partition(" ")[0], "other")


def _letters(name: str) -> str | None:
    """Tell whether a name has letters beyond ASCII: accents, or another script."""
    text = unicodedata.normalize("NFKC", name)
    if not any(letter.isalpha() for letter in text):
        return None
    return "ascii" if all(letter.isascii() for letter in text if letter.isalpha()) else "beyond_ascii"
