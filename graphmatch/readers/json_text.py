"""A JSON document of any size → the records at a path, one at a time.

The standard library's decoder reads each record where it begins in a sliding window of text; only the
structure around the records is walked here. That keeps one hostile record (too deep, too long, a number of a
million digits, not UTF-8) from costing the rest of the file, which event parsers such as ijson give up on.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator, Sequence
from typing import BinaryIO

from graphmatch.adapter import RawRecord, Unreadable
from graphmatch.readers import values
from graphmatch.readers.values import UnfitError

_SPACE = re.compile(r"[ \t\r\n]*")
_BRACKETS = re.compile(r'[\[{]+|[\]}]+|"')
_STRING_MARK = re.compile(r'["\\]')
_CONTAINERS = ("[", "{", '"')
_CHUNK = 2**18
#: An error this near the end of the window may only mean that the rest has not been read yet.
_UNDECIDED = 16


class BrokenError(Exception):
    """The document can't be read past this place; the message says why."""


def read_json(stream: BinaryIO, path: str, around: Sequence[str] = ()) -> Iterator[RawRecord | Unreadable]:
    """Stream the records at dotted ``path`` of UTF-8 JSON, with what ``around`` asks for; see `graphmatch.readers`."""
    document = JsonText(stream, around)
    try:
        while document.peek():
            yield from document.records(path.split(".") if path else [])
    except BrokenError as error:
        yield Unreadable(document.taken + 1, str(error))


class JsonText:
    """A cursor over JSON text that is read as it is needed. ``taken`` counts the records taken so far.

    ``around``: dotted paths of the values that each record is given of the objects that hold it.
    """

    def __init__(self, stream: BinaryIO, around: Sequence[str] = ()) -> None:
        self.taken = 0
        self._wanted = frozenset(around)
        self._around: dict[str, object] = {}
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
        self._text = ""
        self._at = 0
        self._ended = False

    def records(
        self, path: Sequence[str], above: str = "", *, pages: bool = True, may_lack: bool = False
    ) -> Iterator[RawRecord | Unreadable]:
        """Take the records at ``path`` below the value at the cursor, which lies at ``above``; move past that value.

        ``pages``: an array within an array is a page of records; one further within is none. ``may_lack``: an object
        without the path's next step holds no records; else that is told, lest a page be lost unsaid.
        """
        sign = self.peek()
        if sign == "[":
            for _ in self.elements():
                yield from self._element(path, above, pages=pages)
        elif not path:
            yield self._record()
        elif sign == "{":
            yield from self._object(path, above, may_lack=may_lack)
        else:
            yield from self._no_page()

    def _object(self, path: Sequence[str], above: str, *, may_lack: bool) -> Iterator[RawRecord | Unreadable]:
        # Another object's values are not this one's.
        self._around = {name: value for name, value in self._around.items() if not name.startswith(above)}
        names, found = path[0].split("|"), False
        for key in self.keys():
            if key in names:
                found = True
                yield from self.records(path[1:], f"{above}{key}.", may_lack=may_lack)
            elif f"{above}{key}" in self._wanted:
                self._keep(f"{above}{key}")
            else:
                self.pass_over()
        if not (found or may_lack):
            self.taken += 1
            yield Unreadable(self.taken, f"a page without {' or '.join(map(repr, names))}, where its records would be")

    def _element(self, path: Sequence[str], above: str, *, pages: bool) -> Iterator[RawRecord | Unreadable]:
        sign = self.peek()
        if pages and sign == "[":
            yield from self.records(path, above, pages=False)
        elif not path:
            yield self._record()
        elif sign == "{":
            # Of things in a list of a page (chats), what is empty may well be left out.
            yield from self.records(path, above, may_lack=bool(above))
        else:
            yield from self._no_page()

    def _no_page(self) -> Iterator[Unreadable]:
        """Pass over what stands in a page's place. ``null`` says that there is none; anything else is told."""
        is_nothing = self.peek() == "n"
        self.pass_over()
        if not is_nothing:
            self.taken += 1
            yield Unreadable(self.taken, values.NOT_AN_OBJECT)

    def peek(self) -> str:
        """Give the next character that is not space, without taking it; ``""`` at the end."""
        while True:
            space = _SPACE.match(self._text, self._at)
            self._at = space.end() if space else self._at
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more():
                return ""

    def elements(self) -> Iterator[None]:
        """Stop before each element of the array at the cursor; the caller takes it, or passes over it."""
        self._at += 1
        while self.peek() != "]":
            yield
            self._separator("]")
        self._at += 1

    def keys(self) -> Iterator[str]:
        """Give each key of the object at the cursor; the caller takes its value, or passes over it."""
        self._at += 1
        while self.peek() != "}":
            key = self.value() if self.peek() == '"' else None
            if not isinstance(key, str) or self.peek() != ":":
                raise BrokenError(values.MALFORMED if self.peek() else values.CUT_OFF)
            self._at += 1
            yield key
            self._separator("}")
        self._at += 1

    def value(self) -> object:
        """Take the value at the cursor.

        Raises
        ------
        UnfitError
            It is hostile or too long; the cursor still stands before it.
        BrokenError
            The document is malformed or breaks off.
        """
        self.peek()
        while True:
            try:
                found, end = values.DECODER.raw_decode(self._text, self._at)
            except json.JSONDecodeError as error:
                self._wait_for_more(error)
            except RecursionError:
                raise UnfitError(values.TOO_DEEP) from None
            except ValueError:
                raise UnfitError(values.NUMBER_TOO_LONG) from None
            else:
                # A number at the window's end may go on beyond it.
                if end < len(self._text) or self._text[self._at] in _CONTAINERS or not self._more():
                    if end - self._at > values.MAX_RECORD_BYTES:
                        raise UnfitError(values.TOO_LONG)
                    found = values.fit(found, self._text[self._at : end])
                    self._at = end
                    return found

    def pass_over(self) -> None:
        """Move past the value at the cursor without holding it."""
        if self.peek() not in _CONTAINERS:
            try:
                self.value()
            except UnfitError:
                raise BrokenError(values.MALFORMED) from None
            return
        depth = 0
        while True:
            mark = self._find(_BRACKETS)
            if mark[0] == '"':
                self._pass_string()
            elif mark[0] in "[{":
                depth += len(mark)
            else:
                self._at -= max(0, len(mark) - depth)
                depth -= min(depth, len(mark))
            if not depth:
                return

    def _keep(self, name: str) -> None:
        try:
            self._around = {**self._around, name: self.value()}
        except UnfitError:
            self.pass_over()

    def _record(self) -> RawRecord | Unreadable:
        try:
            value = self.value()
        except UnfitError as error:
            self.pass_over()
            self.taken += 1
            return Unreadable(self.taken, str(error))
        self.taken += 1
        if not isinstance(value, dict):
            return Unreadable(self.taken, values.NOT_AN_OBJECT)
        return RawRecord(self.taken, value, self._around)

    def _separator(self, close: str) -> None:
        if self.peek() == ",":
            self._at += 1
        elif self.peek() != close:
            raise BrokenError(values.MALFORMED if self.peek() else values.CUT_OFF)

    def _wait_for_more(self, error: json.JSONDecodeError) -> None:
        waiting = len(self._text) - self._at
        undecided = error.pos >= len(self._text) - _UNDECIDED or error.msg.startswith("Unterminated string")
        if waiting > values.MAX_RECORD_BYTES and undecided:
            raise UnfitError(values.TOO_LONG) from None
        # Doubling the window keeps the work for one long record linear in its length.
        if not undecided or not self._more(max(_CHUNK, waiting)):
            cut_off = undecided and (error.pos >= len(self._text) or error.msg.startswith("Unterminated"))
            raise BrokenError(values.CUT_OFF if cut_off else values.MALFORMED) from None

    def _pass_string(self) -> None:
        while self._find(_STRING_MARK) != '"':
            while self._at >= len(self._text):
                self._more_or_broken()
            self._at += 1

    def _find(self, pattern: re.Pattern[str]) -> str:
        while not (mark := pattern.search(self._text, self._at)):
            self._at = len(self._text)
            self._more_or_broken()
        self._at = mark.end()
        return mark.group()

    def _more_or_broken(self) -> None:
        if not self._more():
            raise BrokenError(values.CUT_OFF)

    def _more(self, size: int = _CHUNK) -> bool:
        if self._ended:
            return False
        block = self._stream.read(size)
        self._ended = not block
        self._text = self._text[self._at :] + self._decoder.decode(block, final=self._ended)
        self._at = 0
        return True
