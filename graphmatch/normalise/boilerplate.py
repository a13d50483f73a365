"""What platforms themselves write into a report → gone, so that only people's words are read. In: text. Pure.

A platform's phrases read like claims: "This is misinformation" has the form of "this is <somebody>". They lie in
``data/platform_phrases.csv`` (whole lines, headers, and parts with something in them that changes) and among the raw
values of ``data/category_map.csv``.
"""

from __future__ import annotations

import csv
import re
from functools import cache
from importlib.resources import files

_HEADERS = 3


def own_words(text: str) -> str:
    """Give what a person wrote: without the lines, headers and sentences that a platform puts there itself."""
    headers, parts = _expressions()
    for _ in range(_HEADERS):
        header = headers.match(text)
        if not header or not header.end():
            break
        text = text[header.end() :]
    text = parts.sub(" ", text)
    lines = [line for line in text.split("\n") if line.strip() and _fold(line) not in _whole()]
    return "\n".join(lines).strip()


def _fold(line: str) -> str:
    return " ".join(line.replace("\u2019", "'").split()).strip(" .!").casefold()


@cache
def _whole() -> frozenset[str]:
    """List the phrases that are a line of their own: ours to leave out, and every value of a platform's own list."""
    listed = [row["phrase"] for row in _rows("platform_phrases.csv") if row["where"] == "whole"]
    listed += [row["raw"] for row in _rows("category_map.csv") if " " in row["raw"] and "*" not in row["raw"]]
    return frozenset(map(_fold, listed))


@cache
def _expressions() -> tuple[re.Pattern[str], re.Pattern[str]]:
    found: dict[str, list[str]] = {"header": [], "anywhere": []}
    for row in _rows("platform_phrases.csv"):
        if row["where"] in found:
            found[row["where"]].append(row["phrase"])
    headers, parts = ("|".join(f"(?:{phrase})" for phrase in found[where]) for where in found)
    return re.compile(rf"\s*(?:{headers})\s*", re.IGNORECASE), re.compile(rf"(?:{parts})\.?", re.IGNORECASE)


def _rows(name: str) -> list[dict[str, str]]:
    text = files("graphmatch.normalise").joinpath("data", name).read_text("utf-8")
    return list(csv.DictReader(text.splitlines()))
