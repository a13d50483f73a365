"""Every way in which a file can be badly made, and what is still read from it."""

from __future__ import annotations

import io
import json
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphmatch.adapter import Layout, RawRecord, Unreadable
from graphmatch.readers import EXTRA_CELLS, MAX_RECORD_BYTES, read_layout
from graphmatch.readers.encodings import as_utf8


class Dribble(io.RawIOBase):
    """A stream that gives a few bytes at a time, as pipes do."""

    def __init__(self, content: bytes, step: int) -> None:
        self._content, self._step, self._at = content, step, 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        size = self._step if size < 0 else min(size, self._step)
        block = self._content[self._at : self._at + size]
        self._at += len(block)
        return block


def read(content: bytes, form: str, path: str = "", step: int = 2**20) -> list[Any]:
    """Give values of records, and reasons (as text) in place of the others."""
    items = read_layout(Dribble(content, step), Layout(form, "report", path))  # type: ignore[arg-type]
    return [item.value if isinstance(item, RawRecord) else item.why for item in items]


def lines(content: bytes, form: str) -> list[tuple[int, bool]]:
    items = read_layout(io.BytesIO(content), Layout(form, "report"))  # type: ignore[arg-type]
    return [(item.line, isinstance(item, Unreadable)) for item in items]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)
RECORDS = st.lists(st.dictionaries(st.text(max_size=4), JSON, max_size=4), max_size=5)


def storable(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\0", "")
    if isinstance(value, list):
        return [storable(item) for item in value]
    if isinstance(value, dict):
        return {storable(key): storable(item) for key, item in value.items()}
    return value


@settings(deadline=None, max_examples=60)
@given(RECORDS, st.booleans(), st.sampled_from([None, 2]), st.integers(1, 40))
def test_json_of_any_shape_is_read_as_the_whole_parser_reads_it(
    records: list[Any], ascii_only: bool, indent: int | None, step: int
) -> None:
    document = {"cursor": "x[{", "other": [[1, "]"], {"a": []}], "data": {"n": None, "reports": records}, "z": {}}
    expected = [storable(record) for record in records]
    text = json.dumps(document, ensure_ascii=ascii_only, indent=indent).encode()
    assert read(text, "json_object", "data.reports", step) == expected
    array = json.dumps(records, ensure_ascii=ascii_only, indent=indent).encode()
    assert read(array, "json_array", step=step) == expected
    lined = "\n".join(json.dumps(record, ensure_ascii=ascii_only) for record in records).encode()
    assert read(lined, "ndjson", step=step) == expected


@settings(deadline=None, max_examples=60)
@given(RECORDS, st.data())
def test_a_truncated_array_gives_the_records_before_the_break_and_then_one_reason(
    records: list[Any], data: st.DataObject
) -> None:
    text = json.dumps(records)
    cut = data.draw(st.integers(1, len(text) - 1))
    *before, last = read(text[:cut].encode(), "json_array")
    assert before == [storable(record) for record in records][: len(before)]
    assert isinstance(last, str)


@settings(deadline=None, max_examples=80)
@given(st.binary(max_size=200), st.sampled_from(["json_array", "json_object", "ndjson", "csv"]))
def test_no_bytes_make_a_reader_raise(content: bytes, form: str) -> None:
    for start in (b"", b"[{", b'{"a":[', b"\xff\xfe", b'a,b\n"'):
        read(start + content, form, "a" if form == "json_object" else "")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("step", [1, 3, 4096])
def test_encodings_with_and_without_marks(encoding: str, step: int) -> None:
    content = '[{"who": "Zoë 😀"}]'.encode(encoding)
    assert read(content, "json_array", step=step) == [{"who": "Zoë 😀"}]
    assert as_utf8(Dribble(content, step)).read().decode() == '[{"who": "Zoë 😀"}]'


@pytest.mark.parametrize(
    ("element", "why"),
    [
        ("[" * 50_000 + "]" * 50_000, "nested"),
        ('{"a":' * 200 + "1" + "}" * 200, "nested"),
        ("9" * 5_000, "digits"),
    ],
)
def test_a_hostile_record_costs_itself_only(element: str, why: str) -> None:
    hostile = b'{"a": "]}\\"", "b": %s}' % element.encode()
    for form, content in (("json_array", b'[{"n":1}, %s, {"n":2}]'), ("ndjson", b'{"n":1}\n%s\n{"n":2}')):
        first, refused, last = read(content % hostile, form)
        assert (first, last) == ({"n": 1}, {"n": 2})
        assert why in refused


def test_a_record_beyond_the_bound_is_passed_over_and_one_below_it_is_read() -> None:
    for form, content in (("json_array", b'[%s,{"n":2}]'), ("ndjson", b'%s\n{"n":2}\n')):
        long = b'{"a":"%s"}' % (b"x" * MAX_RECORD_BYTES)
        assert read(content % long, form) == ["longer than 32 MiB", {"n": 2}]
        ten = b'{"a":"%s"}' % (b"x" * 10_000_000)
        assert [len(item) for item in read(content % ten, form)] == [1, 1]


def test_wrong_bytes_cost_the_record_that_holds_them() -> None:
    assert read(b'[{"a":"\xff"},{"a":1}]', "json_array") == ["not UTF-8", {"a": 1}]
    assert read(b'{"a":"\xff"}\n{"a":1}\n', "ndjson") == ["not UTF-8", {"a": 1}]


def test_half_surrogates_and_nuls_are_made_storable() -> None:
    content = b'{"a":"\\ud800x\\u0000y","\\uDC00":"\\ud83d\\ude00"}'
    assert read(content, "ndjson") == [{"a": "\ufffdxy", "\ufffd": "😀"}]


def test_repeated_keys_nan_and_control_characters_are_let_through() -> None:
    (record,) = read(b'{"a":1,"a":2,"b":NaN,"c":"x\ty"}', "ndjson")
    assert record["a"] == 2
    assert record["b"] != record["b"]
    assert record["c"] == "x\ty"


def test_pages_that_follow_each_other_are_all_read() -> None:
    assert read(b'[{"n":1}]\n[{"n":2}]', "json_array") == [{"n": 1}, {"n": 2}]
    assert read(b'[{"r":[{"n":1}]},{"r":[{"n":2}]}]', "json_array", "r") == [{"n": 1}, {"n": 2}]
    assert read(b'[[{"n":1}],[],[{"n":2}, [{"n":3}]], {"n":4}]', "json_array") == [
        {"n": 1},
        {"n": 2},
        "not an object",
        {"n": 4},
    ]
    assert read(b'{"r":{"n":1}}', "json_object", "r") == [{"n": 1}]
    assert read(b'{"r":null}', "json_object", "r.s") == []


def test_several_arrays_of_one_document_are_read_by_their_names() -> None:
    document = b'{"a":[{"n":1}],"other":[{"n":9}],"b":[{"n":2},{"n":3}]}'
    assert read(document, "json_object", "a|b") == [{"n": 1}, {"n": 2}, {"n": 3}]
    assert read(document, "json_object", "b") == [{"n": 2}, {"n": 3}]
    assert read(b'[{"p":{"a":[{"n":1}]}},{"q":{"a":[{"n":2}]}}]', "json_array", "p|q.a") == [{"n": 1}, {"n": 2}]


def test_what_is_no_object_is_no_record() -> None:
    assert read(b'[1, null, [2], "x", {"n":1}]', "json_array") == ["not an object"] * 4 + [{"n": 1}]
    assert read(b'7\n{"n":1}', "ndjson") == ["not an object", {"n": 1}]


def test_ndjson_counts_physical_lines_and_passes_over_blank_ones() -> None:
    assert lines(b'{"a":1}\r\n\n  \nbad\n{"a":2}', "ndjson") == [(1, False), (4, True), (5, False)]


def test_malformed_json_is_told_from_cut_off_json() -> None:
    assert read(b'[{"a":1},{"a" 1},{"a":1},{"a":1},{"a":1}]', "json_array") == [{"a": 1}, "not JSON from here on"]
    assert read(b'[{"a":1},{"a":', "json_array") == [{"a": 1}, "the file breaks off here"]
    assert read(b'[{"a":1}] and more', "json_array") == [{"a": 1}, "not JSON from here on"]
    assert read(b"", "json_array") == []


def test_csv_ragged_rows_blank_and_repeated_names() -> None:
    content = b'a,b,,a\r\n1,"x\r\ny",3\r\n\r\n,,,\r\n4,5,6,7,8,9\r\n'
    assert read(content, "csv") == [
        {"a": "1", "b": "x\r\ny", "column 3": "3", "a (2)": None},
        {"a": "4", "b": "5", "column 3": "6", "a (2)": "7", EXTRA_CELLS: ["8", "9"]},
    ]
    assert lines(content, "csv") == [(2, False), (6, False)]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_csv_as_spreadsheets_write_it(delimiter: str, encoding: str) -> None:
    content = f'who{delimiter}said\nZoë{delimiter}"a{delimiter}b"\n'.encode(encoding)
    assert read(content, "csv", step=5) == [{"who": "Zoë", "said": f"a{delimiter}b"}]


def test_csv_nuls_go_and_an_unclosed_quote_is_told() -> None:
    assert read(b'a,b\nx\0,y\n"q,1\n2,3\n', "csv") == [
        {"a": "x", "b": "y"},
        "a quotation mark is opened and not closed",
    ]


def test_csv_formulas_are_text() -> None:
    assert read(b'a\n"=HYPERLINK(1)"\n', "csv") == [{"a": "=HYPERLINK(1)"}]


def test_csv_cell_of_ten_megabytes() -> None:
    (record,) = read(b"a,b\n" + b"x" * 10_000_000 + b",1\n", "csv")
    assert len(record["a"]) == 10_000_000


def test_parquet_rows_keep_their_types_and_a_damaged_file_gives_one_reason() -> None:
    buffer = io.BytesIO()
    pl.DataFrame({"id": [2**60, None], "tags": [["a"], None]}).write_parquet(buffer)
    assert read(buffer.getvalue(), "parquet") == [{"id": 2**60, "tags": ["a"]}, {"id": None, "tags": None}]
    assert read(buffer.getvalue()[:-20], "parquet") == ["not readable as Parquet"]


def test_a_format_without_a_reader_is_a_programming_error() -> None:
    with pytest.raises(ValueError, match="no reader"):
        read_layout(io.BytesIO(b""), Layout("unknown", "report"))


def test_a_page_without_its_records_is_told_and_not_lost() -> None:
    page = {"reports": [{"id": 1}]}
    pages = [page, {"reportz": [{"id": 2}]}, "a page?", None, {"reports": []}, page]
    missing = "a page without 'reports', where its records would be"
    assert read(json.dumps(pages).encode(), "json_array", "reports") == [{"id": 1}, missing, "not an object", {"id": 1}]
    deep = [{"data": {"children": [{"id": 1}]}}, {"data": 5}, {"data": {}}]
    assert read(json.dumps(deep).encode(), "json_array", "data.children")[1:] == [
        "not an object",
        "a page without 'children', where its records would be",
    ]
    chats = {"chats": {"list": [{"name": "an empty chat"}, {"messages": [{"id": 1}]}]}}
    assert read(json.dumps(chats).encode(), "json_object", "chats.list.messages") == [{"id": 1}]
