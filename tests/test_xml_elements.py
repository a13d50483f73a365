"""XML, read flat: attributes of the elements of one name, and nothing that a document could do to its reader."""

from __future__ import annotations

import io
import tracemalloc
from typing import Any

import pytest

from graphmatch.adapter import Layout, RawRecord, Unreadable
from graphmatch.readers import MAX_DEPTH, MAX_RECORD_BYTES, read_layout

HOSTILE = "XML with a document type or entities of its own, which are not read"
BREAKS_OFF = "the file breaks off here"
BROKEN = "not XML from here on"
LAYOUT = Layout("xml", "person", "p")


def read(content: bytes | io.RawIOBase) -> list[Any]:
    """Give attributes of records, and reasons (as text) in place of the others."""
    stream = io.BytesIO(content) if isinstance(content, bytes) else content
    return [item.value if isinstance(item, RawRecord) else item.why for item in read_layout(stream, LAYOUT)]  # type: ignore[arg-type]


class Endless(io.RawIOBase):
    """``head``, then ``body`` again and again, then ``tail``; never there as a whole."""

    def __init__(self, head: bytes, body: bytes, times: int, tail: bytes) -> None:
        self._parts = iter((head, *(body for _ in range(times)), tail))

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        return next(self._parts, b"")


def test_elements_of_the_name_give_their_attributes_wherever_they_stand() -> None:
    document = b'<a><p x="1" y=""/><!-- <p x="no"/> --><q><p x="&amp;&#233;"><p x="inner"/></p></q><pp x="no"/></a>'
    assert read(document) == [{"x": "1", "y": ""}, {"x": "inner"}, {"x": "&\u00e9"}]
    assert read(b'<a xmlns="urn:x"><p x="1"/></a>') == [{"x": "1"}]
    assert [item.line for item in read_layout(io.BytesIO(document), LAYOUT)] == [1, 2, 3]


def test_the_encoding_that_the_document_names_is_read() -> None:
    latin = '<?xml version="1.0" encoding="ISO-8859-1"?><a><p x="\u00e9"/></a>'.encode("latin-1")
    wide = '<?xml version="1.0" encoding="utf-16"?><a><p x="\u00e9"/></a>'.encode("utf-16")
    assert read(latin) == read(wide) == [{"x": "\u00e9"}]
    assert read(b'<?xml version="1.0" encoding="klingon"?><a/>') == [BROKEN]


@pytest.mark.parametrize(
    "document",
    [
        b'<!DOCTYPE a [<!ENTITY e "x">]><a><p x="&e;"/></a>',
        b'<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/hostname">]><a><p>&e;</p></a>',
        b'<!DOCTYPE a SYSTEM "http://dtd.example/a.dtd"><a><p x="1"/></a>',
        b"<!DOCTYPE a><a/>",
    ],
)
def test_a_document_type_is_refused_before_anything_of_it_is_read(document: bytes) -> None:
    assert read(document) == [HOSTILE]


def test_an_entity_that_nobody_defined_breaks_the_document() -> None:
    assert read(b'<a><p x="1"/><p x="&e;"/></a>') == [{"x": "1"}, BROKEN]


@pytest.mark.parametrize("rest", [b"", b"<p", b'<p x="2', b"<!-- never", b"<![CDATA[ never", b"</a", b"&am"])
def test_a_document_that_breaks_off_gives_what_came_before(rest: bytes) -> None:
    assert read(b'<a><p x="1"/>' + rest) == [{"x": "1"}, BREAKS_OFF]


@pytest.mark.parametrize("rest", [b"</b>", b"<p x=1/></a>", b'<p x="\xff"/></a>', b"</a><a/>", b"</a>words"])
def test_a_document_that_is_none_gives_what_came_before(rest: bytes) -> None:
    assert read(b'<a><p x="1"/>' + rest) == [{"x": "1"}, BROKEN]


def test_a_deep_document_is_not_followed() -> None:
    assert read(b"<a>" * MAX_DEPTH + b'<p x="1"/>') == [f"nested deeper than {MAX_DEPTH} levels"]
    shallow = MAX_DEPTH - 1
    assert read(b"<a>" * shallow + b'<p x="1"/>' + b"</a>" * shallow) == [{"x": "1"}]


@pytest.mark.parametrize("begins", [b'<a><p x="1"/><p x="', b'<a><p x="1"/><q>', b'<a><p x="1"/><!-- '])
def test_one_endless_piece_ends_the_reading_before_it_fills_the_memory(begins: bytes) -> None:
    block = b"x" * 2**20
    found = read(Endless(begins, block, 3 * MAX_RECORD_BYTES // 2**20, b""))
    assert found == [{"x": "1"}, "longer than 32 MiB"]


def test_memory_does_not_grow_with_the_document() -> None:
    block = b'<p x="somebody" y="something"/>\n' * 500
    stream = Endless(b"<a>", block, 400, b"</a>")
    tracemalloc.start()
    try:
        count = sum(1 for item in read_layout(stream, LAYOUT) if not isinstance(item, Unreadable))  # type: ignore[arg-type]
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert count == 200_000
    assert peak < 4 * 2**20
