"""Harassment Manager: a side table that runs down the first column, reasons with commas, rounded numbers."""

import csv
import io
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphmatch.adapter import Context, Head, Layout, Options, RawRecord, Refusal
from graphmatch.errors import RejectedRecord
from graphmatch.model import Account, Content, Gate, Report, Row, Specificity, Target
from graphmatch.normalise.contacts import Keyring
from ingest.harassment_manager.adapter import HarassmentManagerAdapter

SAMPLE = Path(__file__).parents[2] / "ingest" / "harassment_manager" / "sample.csv"
SHARED = Path(__file__).parents[2] / ".." / "shared" / "formats" / "harassment_manager" / "sample.csv"
LAYOUT = Layout("csv", "tweet")
CONTEXT = Context("harassment_manager", "report.csv", LAYOUT, Keyring(b"\x01" * 32))
ADAPTER = HarassmentManagerAdapter(Options())
HEADER = ("Report Summary", "Comment", "Author", "Time Posted", "Tweet ID", "Tweet URL")
HATE = "Directs hate against a protected category (for example, race, religion, gender, orientation, or disability)"
THREATS = "Specific violent threats involving physical safety or well-being"


def table(*rows: tuple[str, ...]) -> io.BytesIO:
    text = io.StringIO()
    csv.writer(text).writerows([HEADER, *rows])
    return io.BytesIO(text.getvalue().encode())


def tweet(summary: str = "", number: str = "2037635773004852552", author: str = "MoorlandPete88") -> tuple[str, ...]:
    return (
        summary,
        "@CllrBOkafor words",
        author,
        "Fri, March 27, 2026",
        number,
        f"https://twitter.com/{author}/status/{number}",
    )


def report(*lines: str) -> io.BytesIO:
    """One tweet; the side table's other lines stand below it in rows of one cell."""
    return table(tweet(lines[0]), *((line,) for line in lines[1:]))


def rows_of(stream: io.BytesIO) -> list[Row]:
    rows: list[Row] = []
    for record in ADAPTER.read(stream, LAYOUT):
        assert isinstance(record, RawRecord)
        rows += ADAPTER.normalise(record, CONTEXT)
    return rows


def only(kind: type, rows: list[Row]) -> list:
    return [row for row in rows if type(row) is kind]


@pytest.mark.parametrize("path", [SAMPLE, SHARED])
def test_the_samples_give_what_the_reference_gives(path: Path) -> None:
    if not path.exists():
        pytest.skip("needs the format samples in ../shared/formats")
    rows = rows_of(io.BytesIO(path.read_bytes()))
    assert len(only(Report, rows)) == 3
    assert len({row.content_id for row in only(Content, rows)}) == 3
    assert {row.account_id for row in only(Account, rows)} == {"x:x:@moorlandpete88", "x:x:@northmoornan"}
    assert {row.target_id for row in only(Target, rows)} == {"x:x:cllrbokafor"}
    assert {row.text for row in only(Report, rows)} == {"Started after the 26 March council meeting"}


def test_the_tweets_number_tells_when_it_was_posted() -> None:
    (content,) = only(Content, rows_of(report("Directed at: CllrBOkafor")))
    assert content.created_at.isoformat() == "2026-03-27T21:00:00.383000+00:00"


def test_a_target_reports_for_themselves() -> None:
    (found,) = only(Report, rows_of(report("Directed at: CllrBOkafor", "Created on: Sat, March 28, 2026")))
    assert found.reporter_is_target is True
    assert found.target_ids == ("x:x:cllrbokafor",)
    assert found.reported_at.isoformat() == "2026-03-28T00:00:00+00:00"


def test_a_report_id_does_not_name_the_target() -> None:
    (found,) = only(Report, rows_of(report("Directed at: CllrBOkafor")))
    assert "okafor" not in found.report_id.lower()
    assert "okafor" not in found.reporter_ref.lower()


def test_two_reports_of_one_tweet_stay_two() -> None:
    ids = {
        only(Report, rows_of(report("Directed at: CllrBOkafor", f"Created on: {day}")))[0].report_id
        for day in ("Sat, March 28, 2026", "Mon, March 30, 2026")
    }
    assert len(ids) == 2


def test_reasons_with_commas_stay_whole_and_coarse() -> None:
    (found,) = only(Report, rows_of(report("Directed at: CllrBOkafor", f"Reported due to: Harassment, {HATE}, Spam")))
    assert found.category_raw == f"Harassment; {HATE}; Spam"
    assert (found.category_reported, found.specificity) == ("abuse.harassment_targeted", Specificity.COARSE)


def test_a_threat_somewhere_in_the_file_makes_no_single_tweet_illegal() -> None:
    (found,) = only(Report, rows_of(report("Directed at: CllrBOkafor", f"Reported due to: Spam, {THREATS}")))
    assert (found.category_reported, found.gate) == ("violence.threat", Gate.TERMS)


def test_no_reason_is_debate() -> None:
    (found,) = only(Report, rows_of(report("Directed at: CllrBOkafor")))
    assert (found.category_raw, found.gate) == (None, Gate.DEBATE)


def test_the_side_table_reaches_rows_far_below() -> None:
    rows = rows_of(
        table(tweet("Directed at: CllrBOkafor"), *(tweet(number=str(2037635773004852553 + n)) for n in range(40)))
    )
    assert len(only(Report, rows)) == 41
    assert {row.target_ids for row in only(Report, rows)} == {("x:x:cllrbokafor",)}


def test_a_rounded_number_is_read_from_the_address() -> None:
    row = list(tweet("Directed at: CllrBOkafor"))
    row[4] = "2.03764E+18"
    (content,) = only(Content, rows_of(table(tuple(row))))
    assert content.content_id == "x:2037635773004852552"
    row[5] = ""
    with pytest.raises(RejectedRecord, match="Tweet ID"):
        rows_of(table(tuple(row)))


@pytest.mark.parametrize("summary", ["", "Total comments: 1", "Directed at: "])
def test_without_a_target_a_tweet_is_rejected(summary: str) -> None:
    with pytest.raises(RejectedRecord, match="Directed at"):
        rows_of(table(tweet(summary)))


def test_contact_values_leave_no_trace() -> None:
    row = list(tweet("Directed at: CllrBOkafor"))
    row[1] = "ring 07700 900123, or pete.moor@mailbox.example"
    rows = rows_of(table(tuple(row), ("Context: I am at asha@mailbox.example",)))
    assert "[email]" in repr(rows)
    assert not any(value in repr(rows) for value in ("900123", "mailbox.example"))


def test_recognises_its_header_and_refuses_others() -> None:
    assert isinstance(ADAPTER.recognise(Head("a.csv", "csv", columns=HEADER)), Layout)
    for head in (
        Head("a.csv", "csv", columns=("Comment", "Author", "Tweet ID", "Tweet URL")),
        Head("a.json", "json_array", first={}),
    ):
        refused = ADAPTER.recognise(head)
        assert isinstance(refused, Refusal)
        assert "Harassment Manager" in refused.why


CELL = st.one_of(st.text(max_size=30), st.sampled_from(["", "=1+1", "1.2E+18", "@x", "31/02/2026", "\x00", '"']))


@settings(deadline=None, max_examples=150)
@given(st.dictionaries(st.sampled_from([*HEADER, "Directed at", "Created on", "Reported due to", "Context"]), CELL))
def test_any_cells_give_rows_or_a_rejection(cells: dict[str, str]) -> None:
    base = {**dict(zip(HEADER, tweet(), strict=True)), "Directed at": "CllrBOkafor"}
    with suppress(RejectedRecord):
        list(ADAPTER.normalise(RawRecord(1, {**base, **cells}), CONTEXT))
