"""Names that must not be said, however they are spelt: case, accents, spaces, dots and dashes don't hide them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

#: A name of this many letters is looked for inside words too; a shorter one only as a word.
DISTINCTIVE = 6
#: Below this, a "name" is in every text.
SHORTEST = 3
_HEAD = 4

_JOINERS = re.compile(r"[ \t._\-'\u2019]+")
_NOT_WORD = re.compile(r"[\W_]+")


def fold(text: str) -> str:
    """Fold case, width and accents away."""
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(c for c in decomposed if not unicodedata.combining(c)).casefold()


class Terms:
    """A set of names to look for in a text."""

    def __init__(self, names: Iterable[str]) -> None:
        folded = {fold(name) for name in names}
        squashed = {term for name in folded if len(term := _squash(name)) >= DISTINCTIVE}
        words = {w for name in folded if SHORTEST <= len(w := _squash(name)) < DISTINCTIVE and not w.isdigit()}
        self._fill(squashed, words)

    def _fill(self, squashed: set[str], words: set[str]) -> None:
        self._squashed, self._words = squashed, words
        self._by_head: dict[str, list[str]] = {}
        for term in sorted(squashed):
            self._by_head.setdefault(term[:_HEAD], []).append(term)

    def __len__(self) -> int:
        return len(self._squashed) + len(self._words)

    def __repr__(self) -> str:
        """Show how many, never which."""
        return f"Terms({len(self)})"

    def in_text(self, text: str) -> bool:
        """Say whether ``text`` says any of the names. Linear in its length."""
        return next(self._said(text), None) is not None

    def without(self, text: str) -> Terms:
        """Give the names that ``text`` does not say."""
        said = set(self._said(text))
        fewer = Terms(())
        fewer._fill(self._squashed - said, self._words - said)
        return fewer

    def _said(self, text: str) -> Iterator[str]:
        folded = fold(text)
        if self._words:
            yield from self._words.intersection(_NOT_WORD.split(folded))
        if not self._by_head:
            return
        squashed = _squash(folded)
        for start in range(len(squashed) - DISTINCTIVE + 1):
            for term in self._by_head.get(squashed[start : start + _HEAD], ()):
                if squashed.startswith(term, start):
                    yield term


def _squash(folded: str) -> str:
    return _JOINERS.sub("", folded).lstrip("@")
