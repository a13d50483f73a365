"""Every installed adapter passes the standard tests, and the standard tests can fail."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Callable

import pytest
from golden import sample_records
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graphmatch import tables
from graphmatch.adapter import Adapter, Context, RawRecord, available, load
from graphmatch.conformance import JUNK, TESTS, as_lines, findings, frames_of, golden_of, places, sample_rows, spoil
from graphmatch.errors import LeftOut, RejectedRecord
from graphmatch.model import Row, Sighting

NAMES = sorted(available())


@pytest.mark.parametrize("test", TESTS, ids=lambda test: test.__name__)
@pytest.mark.parametrize("name", NAMES)
def test_the_standard_tests(name: str, test: Callable[[Adapter], str | None], request: pytest.FixtureRequest) -> None:
    adapter = load(name)
    if request.config.getoption("--update-golden"):
        golden_of(adapter).write_text(as_lines(sample_rows(adapter)), encoding="utf-8")
    assert test(adapter) is None


@pytest.mark.parametrize("name", NAMES)
@settings(deadline=None, max_examples=10, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_a_spoilt_record_gives_rows_or_is_rejected(name: str, data: st.DataObject) -> None:
    adapter = load(name)
    rows: list[Row] = []
    for _ in range(30):
        record, context = data.draw(st.sampled_from(sample_records(name)))
        path = data.draw(st.sampled_from(places(record.value)))
        spoilt = spoil(record.value, path, data.draw(st.sampled_from(JUNK)), drop=data.draw(st.booleans()))
        with contextlib.suppress(LeftOut, RejectedRecord):
            rows += adapter.normalise(RawRecord(record.line, spoilt, record.around), context)
    for table, frame in frames_of(rows).items():
        # That no id is too long for an index is looked at once for all adapters, where rows become tables.
        assert not [rule for rule in tables.check(table, frame).counts if not rule.endswith("max_length")], table


class Faulty:
    """A sound adapter with one fault."""

    def __init__(self, sound: Adapter, fault: str) -> None:
        self.name, self._sound, self._fault = sound.name, sound, fault

    def recognise(self, head):
        return self._sound.recognise(head)

    def read(self, stream, layout):
        return self._sound.read(stream, layout)

    def normalise(self, record: RawRecord, context: Context):
        if self._fault == "silent" and "action_taken" not in record.value:
            return
        if self._fault == "crash":
            len(record.value["id"])
        rows = list(self._sound.normalise(record, context))
        yield from (self._changed(row) for row in rows)

    def _changed(self, row: Row) -> Row:
        if not isinstance(row, Sighting):
            return row
        spoilt = {"leak": "grimwald77@mailbox.example", "contract": "", "unlike": row.value + "."}.get(self._fault)
        return row if spoilt is None else dataclasses.replace(row, value=spoilt)


@pytest.mark.parametrize(
    ("fault", "test"),
    [
        ("silent", "spoilt records are read or rejected"),
        ("crash", "spoilt records are read or rejected"),
        ("leak", "no contact value stands in a row"),
        ("unlike", "samples give the golden rows"),
        ("contract", "rows keep their contracts"),
    ],
)
def test_each_fault_is_found(fault: str, test: str, monkeypatch: pytest.MonkeyPatch) -> None:
    sound = load("mastodon")
    monkeypatch.setattr(Faulty, "__module__", type(sound).__module__)  # the sound one's folder is its own
    assert test in {one.test for one in findings(Faulty(sound, fault)) if one.problem}
    assert not [one for one in findings(Faulty(sound, "none")) if one.problem]
