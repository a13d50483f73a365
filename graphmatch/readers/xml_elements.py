"""XML → the attributes of the elements of one name, one at a time. Documents with a DTD are refused: none needs one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse

from graphmatch.adapter import RawRecord, Unreadable
from graphmatch.normalise.text import encodable
from graphmatch.readers import values

HOSTILE = "XML with a document type or entities of its own, which are not read"
#: The parser's codes for a document that ends too early: in nothing, in a token, a character, a reference or CDATA.
_ENDED_EARLY = frozenset({3, 5, 6, 13, 20})


def read_xml(stream: BinaryIO, name: str) -> Iterator[RawRecord | Unreadable]:
    """Stream the elements called ``name``, wherever they stand, as ``{attribute: text}``. A break ends the reading."""
    taken = 0
    try:
        for attributes in _attributes(_Bounded(stream), name):
            taken += 1
            yield RawRecord(taken, attributes)
    except DefusedXmlException:
        yield Unreadable(taken + 1, HOSTILE)
    except values.UnfitError as error:
        yield Unreadable(taken + 1, str(error))
    except ParseError as error:
        yield Unreadable(taken + 1, values.CUT_OFF if error.code in _ENDED_EARLY else values.BROKEN_XML)
    except (ValueError, LookupError):
        yield Unreadable(taken + 1, values.BROKEN_XML)


def _attributes(stream: _Bounded, name: str) -> Iterator[dict[str, str]]:
    open_elements: list[Element] = []
    for event, element in iterparse(stream, events=("start", "end"), forbid_dtd=True):
        stream.moved_on()
        if event == "start":
            open_elements.append(element)
            if len(open_elements) > values.MAX_DEPTH:
                raise values.UnfitError(values.TOO_DEEP)
            continue
        open_elements.pop()
        if element.tag.rpartition("}")[2] == name:
            yield {encodable(key): encodable(text) for key, text in element.attrib.items()}
        # What was read is let go, so that memory does not grow with the file.
        if open_elements:
            open_elements[-1].remove(element)


class _Bounded:
    """A stream that ends the reading where one piece of markup or text goes on for longer than a record may be."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._since = 0

    def moved_on(self) -> None:
        """Begin to count anew: an element began or ended."""
        self._since = 0

    def read(self, size: int) -> bytes:
        """Give up to ``size`` bytes."""
        block = self._stream.read(size)
        self._since += len(block)
        if self._since > values.MAX_RECORD_BYTES:
            raise values.UnfitError(values.TOO_LONG)
        return block
