"""Every file finds its own adapter among all of them, whatever it is called."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from graphmatch.adapter import Layout, Options, available, load, load_all
from graphmatch.conformance import samples_of
from graphmatch.errors import PassedOver, UnknownFormat
from graphmatch.intake.head import heads, recognise

ADAPTERS = load_all(Options())
SAMPLES = [(name, path) for name in sorted(available()) for path in samples_of(load(name))]
ODD = [
    b"{}", b"[]", b"[{}]", b'{"data": []}', b'{"id": 1}', b'[{"id": 1, "user": {}}]', b"a,b\n1,2\n", b"<html></html>",
    b"hello", b'{"reports": [{"id": 1}]}', b'{"items": []}', b'{"type": "Note"}',
    b'"text"', b"\x89PNG\r\n\x1a\n" + bytes(64),
]  # fmt: skip


@pytest.mark.parametrize(("name", "path"), SAMPLES, ids=lambda value: value.name if isinstance(value, Path) else value)
def test_a_sample_is_its_own_adapters_and_nobody_elses(name: str, path: Path) -> None:
    ways = heads(io.BytesIO(path.read_bytes()), "a-file-of-some-name")
    adapter, _ = recognise(ways, ADAPTERS)
    assert adapter.name == name
    willing = {each.name for each in ADAPTERS for way in ways if isinstance(each.recognise(way), Layout)}
    assert willing <= {name, "generic"}


@pytest.mark.parametrize(("name", "path"), [(n, p) for n, p in SAMPLES if p.suffix == ".json"], ids=str)
def test_it_is_found_however_it_is_laid_out(name: str, path: Path) -> None:
    """Indented or on one line: an object on one line may be a document, or NDJSON of one record."""
    try:
        document = json.loads(path.read_text("utf-8"))
    except json.JSONDecodeError:
        pytest.skip("no JSON on purpose")
    for indent in (None, 1):
        adapter, _ = recognise(heads(io.BytesIO(json.dumps(document, indent=indent).encode()), "x"), ADAPTERS)
        assert adapter.name == name


@pytest.mark.parametrize("content", ODD, ids=range(len(ODD)))
def test_what_nobody_knows_is_refused_with_each_ones_reason(content: bytes) -> None:
    with pytest.raises((UnknownFormat, PassedOver)) as refused:
        recognise(heads(io.BytesIO(content), "x"), ADAPTERS)
    if not isinstance(refused.value, PassedOver):
        assert str(refused.value).count("\n") == len(ADAPTERS)
