from __future__ import annotations

import io
import json

import polars as pl
import pytest
from tiny_adapter import TinyAdapter

from graphmatch.adapter import Head, Layout, Refusal
from graphmatch.errors import UnknownFormat, UnreadableFile
from graphmatch.intake.head import HEAD_BYTES, head, heads, recognise


class Other(TinyAdapter):
    name = "other"


class Generic(TinyAdapter):
    name = "generic"


class Faulty(TinyAdapter):
    name = "faulty"

    def recognise(self, head: Head) -> Layout | Refusal:
        raise KeyError("a value of the file")


def look(content: bytes) -> Head:
    return head(io.BytesIO(content), "x")


def test_json_array_gives_its_first_object() -> None:
    text = ' [1, {"who": "a"}, {'
    assert look(b"\xef\xbb\xbf" + text.encode()) == Head("x", "json_array", first={"who": "a"}, text=text)
    assert look('[{"who":"ä"}]'.encode("utf-16")).first == {"who": "ä"}


def test_an_array_of_pages_gives_the_first_object_of_its_pages() -> None:
    assert look(b'[[], [1, {"who": "a"}], {"who": "b"}]').first == {"who": "a"}
    assert look(b'[[[{"who": "a"}]]]').first is None
    assert look(b'[[{"who": "' + b"a" * HEAD_BYTES).first is None


def test_json_object_gives_its_keys_and_the_first_element_of_each_array() -> None:
    document = {"cursor": "a", "data": {"dist": 1, "children": [{"kind": "t1"}, {"kind": "t3"}]}, "empty": []}
    for indent in (None, 1):
        seen = look(json.dumps(document, indent=indent).encode())
        assert seen.format == "json_object"
        assert seen.top_keys == ("cursor", "data", "empty")
        assert seen.arrays == {"data.children": {"kind": "t1"}, "empty": None}


def test_a_large_object_shows_what_its_beginning_holds() -> None:
    text = json.dumps({"reports": [{"who": "a", "pad": "x" * 1000}] * 400, "last": 1})
    assert len(text) > HEAD_BYTES
    seen = look(text.encode())
    assert seen.top_keys[0] == "reports"
    assert seen.arrays["reports"]["who"] == "a"


def test_ndjson_is_told_from_a_document_also_when_its_first_line_is_spoilt_or_very_long() -> None:
    assert look(b'{"who":"a"}\n{"who":"b"}\n').format == "ndjson"
    assert look(b'oops\n{"who":"b"}\n').first == {"who": "b"}
    assert look(b'{"who":"a", "te\n{"who":"b"}\n').first == {"who": "b"}
    long = json.dumps({"who": "a", "text": "x" * 10_000_000}).encode()
    assert look(long + b'\n{"who":"b"}\n').format == "ndjson"


def test_one_object_on_one_line_is_a_document_first_and_ndjson_second() -> None:
    ways = heads(io.BytesIO(b'{"who":"a"}\n'), "x")
    assert [way.format for way in ways] == ["json_object", "ndjson"]
    assert recognise(ways, [TinyAdapter()])[1].format == "ndjson"


def test_tables_give_their_columns() -> None:
    assert look(b"who;text\n1;2\n").columns == ("who", "text")
    assert look("who\ttext\r\n".encode("utf-16")).columns == ("who", "text")
    buffer = io.BytesIO()
    pl.DataFrame({"who": ["a"]}).write_parquet(buffer)
    assert look(buffer.getvalue()) == Head("x", "parquet", columns=("who",))


def test_bytes_of_another_kind_are_unknown_and_an_empty_file_is_unreadable() -> None:
    assert look(bytes(range(256)) * 4).format == "unknown"
    for content in (b"", b" \n\t", b"\xef\xbb\xbf"):
        with pytest.raises(UnreadableFile, match="empty"):
            look(content)
    with pytest.raises(UnreadableFile, match="Parquet"):
        look(b"PAR1 and nothing more")


def test_the_platforms_own_adapter_goes_before_the_generic_one() -> None:
    adapter, layout = recognise(look(b"who,b\n"), [Generic(), TinyAdapter(), Faulty()])
    assert (adapter.name, layout.format) == ("tiny", "csv")
    assert recognise(look(b"who,b\n"), [Generic()])[0].name == "generic"


def test_two_specific_adapters_that_agree_are_an_error_naming_both() -> None:
    with pytest.raises(UnknownFormat, match="other, tiny"):
        recognise(look(b"who,b\n"), [Other(), TinyAdapter(), Generic()])


def test_a_file_that_nobody_knows_names_every_adapter_and_its_reason() -> None:
    with pytest.raises(UnknownFormat) as caught:
        recognise(look(b"a,b\n"), [TinyAdapter(), Faulty()])
    message = str(caught.value)
    assert "tiny: it has no field 'who'" in message
    assert "faulty: failed with KeyError" in message
    assert "a value of the file" not in message
