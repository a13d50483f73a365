from __future__ import annotations

import gc
import gzip
import io
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny_adapter import MemoryStore, TinyAdapter

from graphmatch import tables
from graphmatch.adapter import Layout, Refusal
from graphmatch.errors import LeftOut, StoreError
from graphmatch.intake import IngestResult, Limits, ingest
from graphmatch.intake.pending import Write
from graphmatch.intake.reading import NOTHING_SAID
from graphmatch.normalise.contacts import Keyring

KEYRING = Keyring(b"\x01" * 32)
SECRET = "w-the-secret-name"


class Workspace:
    def __init__(self, root: Path) -> None:
        self.home = root / "home"
        self.files = root / "files"
        self.files.mkdir()
        self.store = MemoryStore()

    def put(self, name: str, content: bytes | str | list[Any]) -> Path:
        if isinstance(content, list):
            content = "".join(json.dumps(record) + "\n" for record in content)
        path = self.files / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def ingest(self, *paths: Path, write: Write | None = None, **options: Any) -> IngestResult:
        return ingest(
            [str(path) for path in paths] or [str(self.files)],
            write=write or self.store.write_all,
            home=self.home,
            keyring=KEYRING,
            adapters=[TinyAdapter()],
            **options,
        )

    def quarantine(self) -> list[dict[str, Any]]:
        path = self.home / "quarantine.ndjson"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    def ledger(self) -> list[dict[str, Any]]:
        path = self.home / "files.ndjson"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path)


def good(n: int, **more: Any) -> dict[str, Any]:
    return {"id": n, "who": f"w{n}", **more}


def test_every_form_of_the_same_reports_gives_the_same_tables(tmp_path: Path) -> None:
    records = [good(n, text=f"line {n}") for n in range(7)]
    lined = "\n".join(json.dumps(record) for record in records).encode()
    table = "\n".join(["id,who,text", *(f"{r['id']},{r['who']},{r['text']}" for r in records)])
    parquet = io.BytesIO()
    pl.DataFrame(records).write_parquet(parquet)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a/b.ndjson", lined)
    forms = [
        json.dumps(records).encode(),
        json.dumps({"cursor": 1, "reports": records}, indent=1).encode("utf-16"),
        lined,
        b"\xef\xbb\xbf" + lined,
        gzip.compress(lined),
        packed.getvalue(),
        table.encode("utf-8-sig"),
        parquet.getvalue(),
    ]
    seen = []
    for place, form in enumerate(forms):
        root = tmp_path / str(place)
        root.mkdir()
        workspace = Workspace(root)
        workspace.put("export", form)
        result = workspace.ingest(batch_records=3)
        assert (result.records, result.incomplete) == (7, False), result.files
        assert {table: tally.new for table, tally in result.totals.items()} == {
            "accounts": 7,
            "sightings": 7,
            "reports": 7,
        }
        seen.append(workspace.store.tables)
    for other in seen[1:]:
        assert all(other[table].equals(seen[0][table]) for table in seen[0])


def test_tables_are_written_checked_and_in_order(workspace: Workspace) -> None:
    workspace.put("a.ndjson", [good(n % 3) for n in range(10)])
    workspace.ingest(batch_records=4, due_bytes=1)
    assert workspace.store.order == ["accounts", "sightings", "reports"] * 3
    for table, frame in workspace.store.tables.items():
        tables.require(table, frame)


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        ('{"who": "w", "at": "1970-01-01T00:00:00+00:00"}', "breaks"),
        ('{"who": "w", "at": "2100-01-01T00:00:00+00:00"}', "breaks"),
        ('{"who": "rejected"}', "who: not a name"),
        ('{"who": "crash"}', "the adapter failed with RuntimeError"),
        ('{"who": "w", "at": "yesterday"}', "the adapter failed with ValueError"),
        ('{"who": "w", "count": "many"}', "value of another type"),
        ('{"who": "w", "count": 0}', "breaks"),
        ('{"who": "w", "count": 99999999999999999999999999}', "value of another type"),
        ('{"who": "w", "tex', "not JSON"),
        ("[" * 5000, "nested"),
    ],
)
def test_a_bad_record_goes_to_quarantine_with_its_line_and_the_run_goes_on(
    workspace: Workspace, bad: str, why: str
) -> None:
    lines = [json.dumps(good(1)), "", bad.replace('"w"', f'"{SECRET}"'), json.dumps(good(2))]
    workspace.put("a.ndjson", "\n".join(lines))
    result = workspace.ingest()
    assert (result.records, result.quarantined, result.incomplete) == (3, 1, True)
    (entry,) = workspace.quarantine()
    assert (entry["file"], entry["line"], entry["adapter"]) == ("a.ndjson", 3, "tiny")
    assert why in entry["reason"]
    assert workspace.store.ids("accounts", "native_id") == ["w1", "w2"]
    kept = (workspace.home / "quarantine.ndjson").read_text() + str([file.as_dict() for file in result.files])
    assert not any(value in kept for value in (SECRET, "the secret of", "1970", "2100", "yesterday", "999"))


RECORD = st.sampled_from(["good", "rejected", "crash", "broken", "ancient"])


@settings(deadline=None, max_examples=15)
@given(st.lists(RECORD, min_size=1, max_size=12), st.integers(1, 5))
def test_records_in_are_records_read_and_records_quarantined(
    tmp_path_factory: pytest.TempPathFactory, kinds: list[str], batch: int
) -> None:
    workspace = Workspace(tmp_path_factory.mktemp("w"))
    texts = {
        "good": lambda n: json.dumps(good(n)),
        "rejected": lambda n: '{"who": "rejected"}',
        "crash": lambda n: '{"who": "crash"}',
        "broken": lambda n: '{"who": ',
        "ancient": lambda n: json.dumps(good(n, at="0999-01-01T00:00:00+00:00")),
    }
    workspace.put("a.ndjson", "\n".join(['{"who":"first","id":"f"}', *(texts[k](n) for n, k in enumerate(kinds))]))
    result = workspace.ingest(batch_records=batch)
    fine = 1 + kinds.count("good")
    assert result.records == 1 + len(kinds)
    assert result.quarantined == result.records - fine == len(workspace.quarantine())
    assert workspace.store.tables["reports"].height == fine


def test_ingesting_twice_is_ingesting_once(workspace: Workspace) -> None:
    workspace.put("a.ndjson", [good(1), {"who": "rejected"}])
    first = workspace.ingest()
    before, quarantine = dict(workspace.store.tables), workspace.quarantine()
    workspace.store.order.clear()
    again = workspace.ingest()
    assert again.files[0].status == "known"
    assert (again.records, again.quarantined, again.incomplete) == (first.records, first.quarantined, True)
    assert workspace.store.order == []
    assert not again.totals
    forced = workspace.ingest(force=True)
    assert forced.files[0].status == "read"
    assert forced.totals["accounts"].unchanged == 1
    assert forced.totals["accounts"].new == 0
    assert all(workspace.store.tables[table].equals(before[table]) for table in before)
    assert workspace.quarantine() == quarantine


def test_the_same_content_under_another_name_or_packed_is_known(workspace: Workspace) -> None:
    content = workspace.put("a.ndjson", [good(1)]).read_bytes()
    workspace.put("b.ndjson.gz", gzip.compress(content))
    result = workspace.ingest()
    assert [(file.name, file.status) for file in result.files] == [("a.ndjson", "read"), ("b.ndjson.gz", "known")]
    assert len(workspace.ledger()) == 1


def test_another_store_or_another_time_of_pulling_is_read_anew(workspace: Workspace) -> None:
    workspace.put("a.ndjson", [good(1)])
    workspace.ingest(into="one")
    assert workspace.ingest(into="one").files[0].status == "known"
    assert workspace.ingest(into="two").files[0].status == "read"
    pulled = datetime(2026, 3, 5, tzinfo=UTC)
    assert workspace.ingest(into="one", observed_at=pulled).files[0].status == "read"


def test_the_ledger_tells_what_each_file_held(workspace: Workspace) -> None:
    (workspace.files / "deep").mkdir()
    workspace.put("deep/a.ndjson", [good(1), good(2), {"who": "rejected"}])
    (outcome,) = workspace.ingest().files
    (entry,) = workspace.ledger()
    assert entry["name"] == "a.ndjson"
    assert entry["rows"] == {"accounts": 2, "reports": 2, "sightings": 2}
    assert (entry["adapter"], entry["record"], entry["records"], entry["quarantined"]) == ("tiny", "report", 3, 1)
    assert (workspace.home / "archive" / entry["sha256"][:2] / f"{entry['sha256']}.gz").is_file()
    assert outcome.sentence() == f"{workspace.files / 'deep' / 'a.ndjson'}: 3 records of tiny (report); 1 in quarantine"


def test_files_that_cannot_be_read_are_listed_and_the_run_goes_on(workspace: Workspace) -> None:
    workspace.put("a-empty.json", b"")
    workspace.put("b-none.json", b" [ ] ")
    workspace.put("c-unknown.csv", "x,y\n1,2\n")
    workspace.put("d-bomb.gz", gzip.compress(b"\0" * 3_000_000))
    workspace.put("e-good.ndjson", [good(1)])
    with zipfile.ZipFile(workspace.files / "f.zip", "w") as archive:
        archive.writestr("../up.ndjson", json.dumps(good(2)))
        archive.writestr("in.ndjson", json.dumps(good(3)))
    result = workspace.ingest(limits=Limits(free_bytes=10_000))
    assert [(file.name, file.status) for file in result.files] == [
        ("a-empty.json", "failed"),
        ("b-none.json", "empty"),
        ("c-unknown.csv", "failed"),
        ("d-bomb.gz", "failed"),
        ("e-good.ndjson", "read"),
        ("f.zip:up.ndjson", "failed"),
        ("f.zip:in.ndjson", "read"),
    ]
    assert result.incomplete
    assert len(result.failed) == 4
    assert "tiny: it has no field 'who'" in str(result.files[2].error)
    assert [(entry["file"], entry["line"]) for entry in workspace.quarantine()] == [
        (file.name, None) for file in result.failed
    ]
    assert workspace.store.ids("accounts", "native_id") == ["w1", "w3"]
    assert all(file.sentence() for file in result.files)


def test_truncated_files_give_what_comes_before_the_break(workspace: Workspace) -> None:
    array = json.dumps([good(n, text=os.urandom(500).hex()) for n in range(300)]).encode()
    workspace.put("a.json", array[:-500])
    workspace.put("b.json.gz", gzip.compress(array)[:-50_000])
    lines = b"".join(json.dumps(good(n)).encode() + b"\n" for n in range(50))
    with gzip.open(workspace.files / "c.gz", "wb") as file:
        file.write(lines)
        file.flush()
    packed = (workspace.files / "c.gz").read_bytes()
    workspace.put("c.gz", packed[:-8])
    first, second, third = workspace.ingest().files
    assert (first.records, first.quarantined) == (300, 1)
    assert second.quarantined == 1
    assert 100 < second.records < 300
    assert (third.records, third.quarantined) == (51, 1)
    assert workspace.quarantine()[-1]["reason"] == "the packed file is cut off"


def test_a_ten_megabyte_line_is_read(workspace: Workspace) -> None:
    workspace.put("a.ndjson", [good(1, text="x" * 10_000_000), good(2)])
    result = workspace.ingest()
    assert (result.records, result.incomplete) == (2, False)


def test_long_records_make_smaller_batches(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("graphmatch.intake.reading._BATCH_BYTES", 1_000_000)
    workspace.put("a.ndjson", [good(n, text="x" * 300_000) for n in range(20)])
    workspace.ingest(due_bytes=1)
    assert workspace.store.order.count("reports") > 3
    assert workspace.store.tables["reports"].height == 20


def test_a_file_is_entered_only_when_all_of_it_is_written_and_a_rerun_completes_it(workspace: Workspace) -> None:
    workspace.put("a.ndjson", [good(n) for n in range(10)])
    calls = 0

    def dying(rows: Mapping[str, pl.DataFrame]) -> Mapping[str, object]:
        nonlocal calls
        calls += 1
        if calls > 2:
            raise StoreError("the store is gone")
        return workspace.store.write_all(rows)

    with pytest.raises(StoreError):
        workspace.ingest(write=dying, batch_records=3, due_bytes=1)
    assert workspace.ledger() == []
    assert workspace.store.tables["reports"].height == 6
    assert workspace.ingest(batch_records=3).files[0].status == "read"
    assert workspace.store.tables["reports"].height == 10


def test_progress_adds_up_to_the_file_and_its_records(workspace: Workspace) -> None:
    class Told:
        def __init__(self) -> None:
            self.bytes: list[int] = []
            self.records = self.open = 0

        def start(self, name: str, total_bytes: int | None) -> None:
            self.open += 1
            self.bytes.append(0)

        def advance(self, n_bytes: int, n_records: int) -> None:
            self.bytes[-1] += n_bytes
            self.records += n_records

        def finish(self) -> None:
            self.open -= 1

    size = workspace.put("a.ndjson", [good(n) for n in range(5)]).stat().st_size
    told = Told()
    workspace.ingest(progress=told, batch_records=2)
    assert (told.bytes, told.records, told.open) == ([size, size], 5, 0)


def test_an_adapter_that_fails_while_reading_costs_the_rest_of_its_file_only(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read(self: TinyAdapter, stream: io.BufferedReader, layout: Layout) -> Any:
        yield from list(original(self, stream, layout))[:2]
        raise KeyError(SECRET)

    original = TinyAdapter.read
    monkeypatch.setattr(TinyAdapter, "read", read)
    workspace.put("a.ndjson", [good(n) for n in range(5)])
    result = workspace.ingest()
    assert (result.records, result.quarantined) == (3, 1)
    assert workspace.quarantine()[0]["reason"] == "the adapter failed with KeyError"


def test_unknown_fields_are_counted_and_not_fatal(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    from graphmatch.adapter import SourceCard

    card = SourceCard("Tiny", (), {}, {"id": "used", "who": "used"})
    monkeypatch.setattr("graphmatch.intake.reading.card_of", lambda adapter: card)
    workspace.put("a.ndjson", [good(n, new=1, more=[{"x": 1}, {"x": 2}]) for n in range(1_100)] + [good(9)])
    result = workspace.ingest()
    (file,) = result.files
    assert file.unknown == {"more": 1_002, "new": 1_002}
    assert file.looked_at == 1_002
    assert result.unknown == {"tiny: more": 1_002, "tiny: new": 1_002}
    assert "2 unknown fields" in file.sentence()
    assert not result.incomplete


def test_a_file_that_gives_fewer_rows_than_it_should_is_no_success(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    from graphmatch.adapter import SourceCard

    monkeypatch.setattr(
        "graphmatch.intake.reading.card_of",
        lambda adapter: SourceCard("Tiny", (), {}, {}, {"report": {"accounts": 1.0, "contents": 0.5}}),
    )
    workspace.put("a.ndjson", [good(n) for n in range(4)] + [{"who": "rejected"}])
    result = workspace.ingest()
    assert result.files[0].shortfall == "0 contents from 4 records, where at least 0.5 for each are expected"
    assert "FEWER ROWS THAN EXPECTED: 0 contents" in result.files[0].sentence()
    assert result.incomplete
    assert result.totals["reports"].new == 4  # what was read is kept


def test_what_is_left_out_is_counted_with_its_reason(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    honest = TinyAdapter.normalise

    def normalise(self, record, context):
        if record.value.get("who") == "nothing":
            raise LeftOut("a note to self")
        if record.value.get("who") == "silent":
            return
        yield from honest(self, record, context)

    monkeypatch.setattr(TinyAdapter, "normalise", normalise)
    workspace.put("a.ndjson", [good(1), {"who": "nothing"}, {"who": "nothing"}, {"who": "silent"}])
    result = workspace.ingest()
    (file,) = result.files
    assert (file.records, file.quarantined, dict(file.left_out)) == (4, 1, {"a note to self": 2})
    assert workspace.quarantine()[0]["reason"] == NOTHING_SAID
    assert "2 left out (a note to self)" in file.sentence()
    assert workspace.ingest().files[0].left_out == file.left_out  # the ledger remembers


def test_a_known_file_that_holds_nothing_is_passed_over(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(TinyAdapter, "recognise", lambda self, head: Refusal("a list of servers", known=True))
    workspace.put("servers.ndjson", [{"server": "a.example"}])
    result = workspace.ingest()
    (file,) = result.files
    assert (file.status, file.error) == ("skipped", "tiny: a list of servers")
    assert not result.incomplete
    assert not result.failed


def test_a_refusing_adapter_list_and_no_files_at_all(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    assert workspace.ingest().files == ()
    monkeypatch.setattr(TinyAdapter, "recognise", lambda self, head: Refusal("no"))
    workspace.put("a.ndjson", [good(1)])
    assert workspace.ingest().failed[0].name == "a.ndjson"


_PEAK = """
import resource, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from tiny_adapter import TinyAdapter
from graphmatch.intake import ingest
from graphmatch.normalise.contacts import Keyring
root = Path(sys.argv[2])
def run(name):
    ingest([str(root / name)], write=lambda rows: dict.fromkeys(rows), home=root / "home", keyring=Keyring(bytes(32)),
           adapters=[TinyAdapter()], batch_records=500)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(run("small.ndjson"), run("large.ndjson"))
"""


def test_memory_does_not_grow_with_the_file(workspace: Workspace) -> None:
    text = "x" * 3_000
    workspace.put("small.ndjson", [good(n, text=text) for n in range(2_000)])
    with (workspace.files / "large.ndjson").open("w") as file:
        for n in range(15_000):
            file.write(json.dumps(good(n, text=text)) + "\n")
    assert (workspace.files / "large.ndjson").stat().st_size > 40e6
    done = subprocess.run(
        [sys.executable, "-c", _PEAK, str(Path(__file__).parent), str(workspace.files)],
        capture_output=True,
        text=True,
        check=True,
    )
    small, large = (int(peak) * 1024 for peak in done.stdout.split())
    assert large - small < 20e6


_FORMATS = Path(__file__).resolve().parents[3] / "shared" / "formats"
_SAMPLES = ["mastodon/sample.json", "bluesky/sample.json", "reddit/sample.json"]


@pytest.mark.skipif(not _FORMATS.is_dir(), reason="the formats reference is not beside this checkout")
def test_samples_of_known_platforms_are_recognised_and_read_whole(tmp_path: Path) -> None:
    from graphmatch.adapter import load_all

    store = MemoryStore()
    paths = [str(_FORMATS / name) for name in _SAMPLES]
    result = ingest(paths, write=store.write_all, home=tmp_path, keyring=KEYRING, adapters=load_all())
    assert [file.adapter for file in result.files] == ["mastodon", "bluesky", "reddit"], result.failed
    assert not result.incomplete, [file.sentence() for file in result.files]
    assert store.tables["reports"].height > 10


def test_the_garbage_collector_is_left_as_it_was_even_by_a_store_that_fails(workspace: Workspace) -> None:
    seen: list[bool] = []

    def write(rows: Mapping[str, pl.DataFrame]) -> Mapping[str, object]:
        seen.append(gc.isenabled())
        raise StoreError("no more room")

    workspace.put("a.ndjson", [good(1)])
    with pytest.raises(StoreError):
        workspace.ingest(write=write, due_bytes=1)
    assert seen == [False]
    assert gc.isenabled()


def test_an_id_too_long_for_an_index_is_quarantined_and_the_rest_goes_on(workspace: Workspace) -> None:
    workspace.put("a.ndjson", [good(1), {"id": "x" * 5_000, "who": "w2"}, good(3)])
    assert workspace.ingest().files[0].quarantined == 1
    (entry,) = workspace.quarantine()
    assert entry["line"] == 2
    assert "report_id|max_length" in entry["reason"]
    assert workspace.store.tables["reports"].height == 2
