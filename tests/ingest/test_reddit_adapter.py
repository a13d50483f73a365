"""Reddit: counts without reporters, one ban from three exports, and authors who are gone."""

import io
import json
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphmatch.adapter import Context, Head, Layout, Options, RawRecord, Refusal, Unreadable
from graphmatch.errors import LeftOut, PassedOver, RejectedRecord, UnknownFormat
from graphmatch.intake.head import heads, recognise
from graphmatch.model import (
    Account,
    AccountState,
    Action,
    Content,
    Enforcement,
    Gate,
    IdKind,
    LinkClaim,
    Report,
    ReportStatus,
    Row,
    Scope,
    SourceKind,
    Target,
)
from graphmatch.normalise.contacts import Keyring
from ingest.reddit.adapter import RedditAdapter

FOLDER = Path(__file__).parents[2] / "ingest" / "reddit"
SHARED = Path(__file__).parents[2] / ".." / "shared" / "formats" / "reddit"
LISTING = Layout("json_object", "thing", "data.children")
NOTES = Layout("json_object", "mod_note", "mod_notes")
ADAPTER = RedditAdapter(Options())


def context(layout: Layout = LISTING) -> Context:
    return Context("reddit", "any.json", layout, Keyring(b"\x01" * 32))


def rows_of(*values: dict[str, Any]) -> list[Row]:
    data = json.dumps({"kind": "Listing", "data": {"children": list(values)}}).encode()
    return list(read(io.BytesIO(data), LISTING))


def read(stream: io.BufferedIOBase, layout: Layout) -> Iterable[Row]:
    for record in ADAPTER.read(stream, layout):
        assert isinstance(record, RawRecord), record
        with suppress(LeftOut):
            yield from ADAPTER.normalise(record, context(layout))


def normalised(value: dict[str, Any]) -> list[Row]:
    return list(ADAPTER.normalise(RawRecord(1, value["data"]), context()))


def only(kind: type, rows: Iterable[Row]) -> list[Any]:
    return [row for row in rows if type(row) is kind]


def thing(**changes: Any) -> dict[str, Any]:
    data = {
        "name": "t1_abc",
        "author": "moor_lad",
        "author_fullname": "t2_moor1",
        "body": "words",
        "created_utc": 1774722000.0,
        "permalink": "/r/northmoor/comments/1/x/abc/",
        "user_reports": [["This is spam", 2, False, True]],
        "mod_reports": [],
        **changes,
    }
    return {"kind": "t1", "data": {key: value for key, value in data.items() if value is not ...}}


def ban(**changes: Any) -> dict[str, Any]:
    return {
        "kind": "modaction",
        "data": {
            "id": "ModAction_1",
            "action": "banuser",
            "created_utc": 1774724000.0,
            "subreddit": "Northmoor",
            "target_fullname": "t2_moor1",
            "target_author": "moor_lad",
            "details": "permanent",
            "description": "threats",
            "mod": "northmoor_mod_a",
            **changes,
        },
    }


def test_the_samples_give_what_the_reference_gives() -> None:
    rows = list(read(io.BytesIO((FOLDER / "sample.json").read_bytes()), LISTING))
    rows += read(io.BytesIO((FOLDER / "sample_modlog.json").read_bytes()), LISTING)
    assert len({row.report_id for row in only(Report, rows)}) == 7
    assert len({row.content_id for row in only(Content, rows)}) == 4
    assert len({row.account_id for row in only(Account, rows)}) == 3
    assert len({row.enforcement_id for row in only(Enforcement, rows)}) == 4


def test_the_shared_samples_read_without_quarantine() -> None:
    if not SHARED.exists():
        pytest.skip("needs the format samples in ../shared/formats")
    for name in ("sample.json", "modlog.json", "banned.json"):
        assert list(read(io.BytesIO((SHARED / name).read_bytes()), LISTING))
    assert list(read(io.BytesIO((SHARED / "mod_notes.json").read_bytes()), NOTES))


def test_one_ban_in_three_exports_is_one_enforcement() -> None:
    log, listed, noted = (
        only(Enforcement, read(io.BytesIO((FOLDER / name).read_bytes()), layout))
        for name, layout in (
            ("sample_modlog.json", LISTING),
            ("sample_banned.json", LISTING),
            ("sample_mod_notes.json", NOTES),
        )
    )
    mine = "reddit:t2_8k2mpete1:banuser:1774724000"
    for found in (log, listed, noted):
        (one,) = [row for row in found if row.enforcement_id == mine]
        assert one.action is Action.COMMUNITY_BAN_PERM
        assert one.account_id == "reddit:reddit:t2_8k2mpete1"


def test_reports_are_counts_without_reporter_and_time() -> None:
    (report,) = only(Report, rows_of(thing()))
    assert (report.count, report.source_kind) == (2, SourceKind.AGGREGATE_FLAG)
    assert report.reporter_ref is None
    assert report.reported_at is None
    assert report.text is None


def test_a_reason_keeps_its_id_when_the_order_changes() -> None:
    reasons = [["This is spam", 2], ["Ban evasion", 1]]
    first, second = (
        {row.report_id for row in only(Report, rows_of(thing(user_reports=given)))}
        for given in (reasons, reasons[::-1])
    )
    assert first == second
    assert len(first) == 2


def test_a_dismissed_reason_is_the_same_report() -> None:
    (before,) = only(Report, rows_of(thing()))
    dismissed = thing(user_reports=[], user_reports_dismissed=[["This is spam", 2]])
    (after,) = only(Report, rows_of(dismissed))
    assert after.report_id == before.report_id
    assert (before.status, after.status) == (ReportStatus.OPEN, ReportStatus.DISMISSED)


def test_a_thing_that_nobody_reported_is_left_out() -> None:
    with pytest.raises(LeftOut):
        normalised(thing(user_reports=[]))


def test_a_deleted_author_is_no_account() -> None:
    rows = rows_of(thing(author="[deleted]", author_fullname=..., body="[removed]"))
    assert only(Account, rows) == []
    assert [row.account_id for row in only(Report, rows)] == [None]
    assert [row.text for row in only(Content, rows)] == [None]


def test_a_deleted_handle_beside_a_name_is_a_state() -> None:
    (account,) = only(Account, rows_of(thing(author="[deleted]")))
    assert (account.handle, account.state) == (None, AccountState.DELETED)


def test_an_author_without_a_name_is_keyed_by_handle() -> None:
    (account,) = only(Account, rows_of(thing(author="Moor_Lad", author_fullname=...)))
    assert (account.account_id, account.id_kind) == ("reddit:reddit:@moor_lad", IdKind.HANDLE_ONLY)


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        ("It's targeted harassment at me", True),
        ("It's involuntary pornography and i appear in it", True),
        ("It's targeted harassment at someone else", False),
        ("This is spam", None),
    ],
)
def test_at_me_says_that_the_reporter_is_the_target(reason: str, expected: bool | None) -> None:
    (report,) = only(Report, rows_of(thing(user_reports=[[reason, 1]])))
    assert report.reporter_is_target is expected


def test_moderators_are_pseudonyms_and_automoderator_is_automatic() -> None:
    reports = only(
        Report,
        rows_of(thing(user_reports=[], mod_reports=[["rude", "mod_a"], ["rude", "mod_b"], ["x", "AutoModerator"]])),
    )
    kinds = sorted(report.source_kind for report in reports)
    assert kinds == [SourceKind.AUTOMATED_FLAG, SourceKind.REPORT, SourceKind.REPORT]
    assert "mod_a" not in repr(reports)


def test_abuse_of_the_report_button_does_not_stick_to_the_author() -> None:
    rows = rows_of(thing(user_reports=[["It's abusing the report button", 9]]))
    assert only(Account, rows) == []
    (report,) = only(Report, rows)
    assert (report.account_id, report.gate) == (None, Gate.DEBATE)


@pytest.mark.parametrize("reason", ["It's sexual or suggestive content involving minors", "looks like csam"])
def test_no_words_are_kept_of_child_abuse(reason: str) -> None:
    rows = rows_of(thing(user_reports=[[reason, 1]], title="never", body="keep this"))
    assert [row.text for row in only(Content, rows)] == [None]
    assert [row.text for row in only(Report, rows)] == [None]


def test_whoever_opened_the_thread_is_a_weak_target() -> None:
    (target,) = only(Target, rows_of(thing(link_author="AshaVerma_")))
    assert (target.target_id, target.derivations) == ("reddit:reddit:ashaverma_", ("thread_owner",))
    for nobody in ("AutoModerator", "[deleted]", "Moor_lad", None):
        assert only(Target, rows_of(thing(link_author=nobody))) == []


def test_contact_values_leave_no_trace() -> None:
    mail, phone = "pete.moor@mailbox.example", "07700 900123"
    rows = rows_of(
        thing(body=f"write to {mail}", user_reports=[[f"he is {mail}", 1]]),
        ban(description=f"rang {phone}"),
        ban(action="removecomment", target_fullname="t1_abc", target_body=f"call {phone} or {mail}"),
    )
    assert "[email]" in repr(rows)
    assert mail not in repr(rows)
    assert phone not in repr(rows)


@pytest.mark.parametrize(
    ("details", "action", "days"),
    [
        ("permanent", Action.COMMUNITY_BAN_PERM, None),
        (None, Action.COMMUNITY_BAN_PERM, None),
        ("28 days", Action.COMMUNITY_BAN_TEMP, 28),
        ("changed to 3 days", Action.COMMUNITY_BAN_TEMP, 3),
        ("changed to permanent", Action.COMMUNITY_BAN_PERM, None),
    ],
)
def test_details_tell_how_long_a_ban_lasts(details: str | None, action: Action, days: int | None) -> None:
    (found,) = only(Enforcement, rows_of(ban(details=details)))
    assert (found.action, found.scope, found.scope_ref) == (action, Scope.COMMUNITY, "northmoor")
    assert found.at_earliest == found.at_latest
    lasted = None if found.expires_at is None else (found.expires_at - found.at_earliest).days
    assert lasted == days


def test_a_log_entry_about_a_comment_is_held_against_the_content() -> None:
    rows = rows_of(ban(action="removecomment", target_fullname="t1_abc", target_body="words"))
    (found,) = only(Enforcement, rows)
    assert (found.account_id, found.content_id) == (None, "reddit:t1_abc")
    assert only(Account, rows) == []


@pytest.mark.parametrize("action", ["editsettings", "wikirevise", "addremovalreason", "ignorereports"])
def test_what_is_no_sanction_is_left_out(action: str) -> None:
    with pytest.raises(LeftOut):
        normalised(ban(action=action))


def test_moderators_words_become_claims() -> None:
    claims = only(LinkClaim, read(io.BytesIO((FOLDER / "sample_mod_notes.json").read_bytes()), NOTES))
    handles = {claim.claimed_handle.lower() for claim in claims}
    assert "moorlandpete_" in handles
    assert {claim.account_id for claim in claims} == {"reddit:reddit:t2_1qz9palt7"}
    assert {claim.asserted_by for claim in claims} == {"moderator"}


def test_reddits_own_phrases_are_no_claims() -> None:
    reasons = [["This is misinformation", 1], ["This is spam", 1], ["It's rude, vulgar or offensive", 1]]
    assert only(LinkClaim, rows_of(thing(user_reports=reasons))) == []


def test_recognises_its_own_shapes() -> None:
    bare = thing()["data"]
    for head in (
        Head("a", "json_object", top_keys=("kind", "data"), arrays={"data.children": thing()}),
        Head("a", "json_object", arrays={"mod_notes": {"id": "x"}}),
        Head("a", "ndjson", first=bare),
        Head("a", "ndjson", first=thing()),
        Head("a", "json_array", first={"kind": "Listing", "data": {"children": [ban()]}}),
    ):
        assert isinstance(ADAPTER.recognise(head), Layout), head


def test_refuses_dumps_and_strangers_with_a_reason() -> None:
    dump = {"author": "a", "body": "b", "created_utc": "1774780000", "id": "x", "subreddit": "northmoor"}
    refused = ADAPTER.recognise(Head("RC_2026.ndjson", "ndjson", first=dump))
    assert isinstance(refused, Refusal)
    assert "report fields" in refused.why
    assert refused.known
    moderators = {"kind": "Listing", "data": {"children": [{"date": 1.0, "name": "m", "id": "t2_1"}]}}
    for head in (
        Head("a", "json_array", first={"id": "1", "category": "spam", "target_account": {}}),
        Head("a", "json_array", first=moderators),
        Head("a", "csv", columns=("author", "user_reports")),
        Head("a", "json_object", top_keys=("answers",), arrays={"answers": {"uri": "x", "json": {"kind": "t2"}}}),
        Head("a", "json_object", arrays={"a.data.children": {"kind": "t1", "data": {"id": "x"}}}),
        Head("a", "unknown"),
    ):
        assert isinstance(ADAPTER.recognise(head), Refusal), head


def listing(*things: dict[str, Any]) -> dict[str, Any]:
    return {"kind": "Listing", "data": {"after": None, "children": list(things)}}


def shapes_of(document: object, *, lines: bool = False) -> list[str]:
    """What the records of a document are, told by a key that each kind has of its own."""
    content = "\n".join(map(json.dumps, document)) if lines and isinstance(document, list) else json.dumps(document)
    _, layout = recognise(heads(io.BytesIO(content.encode()), "a"), [ADAPTER])
    found = list(ADAPTER.read(io.BytesIO(content.encode()), layout))
    assert all(isinstance(record, RawRecord) for record in found), found
    keys = ("user_reports", "target_fullname", "days_left", "user_note_data")
    return [key for record in found if isinstance(record, RawRecord) for key in keys if key in record.value]


BANNED = {"date": 1774724000.0, "name": "moor_lad", "id": "t2_moor1", "note": "x", "days_left": None}
NOTED = {"mod_notes": [{"id": "ModNote_1", "user_note_data": {}, "user": "moor_lad"}, None], "end_cursor": None}
EXPECTED = ["user_reports", "target_fullname", "days_left", "user_note_data"]


@pytest.mark.parametrize(
    "document",
    [
        {"reports": listing(thing()), "log": listing(ban()), "banned": listing(BANNED), "notes": NOTED},
        {"a": {"b": {"c": listing(thing())}}, "d": [listing(ban()), listing(BANNED)], "e": {"f": NOTED}},
        [{"uri": "/about/reports", "status": 200, "json": listing(thing())}, {"json": listing(ban())},
         {"json": listing(BANNED)}, {"json": NOTED}],
        {"answers": [{"uri": "/about/reports", "json": listing(thing())}, {"json": listing(ban(), BANNED)},
                     {"json": NOTED}]},
    ],
)  # fmt: skip
def test_answers_that_stand_together_are_read_whole(document: object) -> None:
    assert shapes_of(document) == EXPECTED


def test_listings_and_lists_of_notes_one_a_line_or_in_an_array_are_read_through() -> None:
    pages = [listing(thing()), listing(), listing(thing())]
    assert shapes_of(pages) == shapes_of(pages, lines=True) == ["user_reports"] * 2
    assert shapes_of([listing(), listing(ban())]) == ["target_fullname"]
    assert shapes_of([NOTED, NOTED], lines=True) == ["user_note_data"] * 2


def test_a_recording_of_requests_is_refused_with_what_to_do() -> None:
    body = {"encoding": "UTF-8", "string": json.dumps(listing(thing()))}
    request = {"uri": "https://oauth.reddit.com/r/northmoor/about/reports", "headers": {"Authorization": ["bearer x"]}}
    tape = {"http_interactions": [{"request": request, "response": {"body": body}}], "recorded_with": "betamax"}
    with pytest.raises(UnknownFormat, match="save Reddit's answers alone"):
        recognise(heads(io.BytesIO(json.dumps(tape).encode()), "a"), [ADAPTER])


def test_every_format_sample_is_read_or_passed_over_with_a_reason() -> None:
    if not SHARED.exists():
        pytest.skip("needs the format samples in ../shared/formats")
    for path in sorted(SHARED.iterdir()):
        content = path.read_bytes()
        ways = heads(io.BytesIO(content), path.name)
        if path.name == "sample.ndjson":
            with pytest.raises(PassedOver, match="nobody reported"):
                recognise(ways, [ADAPTER])
            continue
        _, layout = recognise(ways, [ADAPTER])
        assert list(read(io.BytesIO(content), layout)), path.name


def test_one_thing_a_line_reads_like_a_listing() -> None:
    stream = io.BytesIO((json.dumps(thing()["data"]) + "\n" + json.dumps(thing())).encode())
    first, second = (
        list(ADAPTER.normalise(record, context()))
        for record in ADAPTER.read(stream, Layout("ndjson", "thing"))
        if isinstance(record, RawRecord)
    )
    assert first == second


def test_a_null_among_notes_is_no_record_and_a_null_among_things_is_unreadable() -> None:
    assert not any(
        isinstance(record, Unreadable)
        for record in ADAPTER.read(io.BytesIO((FOLDER / "sample_mod_notes.json").read_bytes()), NOTES)
    )
    broken = io.BytesIO(b'{"data": {"children": [null]}}')
    assert [type(record) for record in ADAPTER.read(broken, LISTING)] == [Unreadable]


@pytest.mark.parametrize(
    "value",
    [
        thing(user_reports="many"),
        thing(user_reports=[["This is spam", "two"]]),
        thing(user_reports=[[1, 2]]),
        thing(user_reports=[{}]),
        thing(name=None),
        thing(created_utc=[]),
        {"kind": "t1", "data": {"x": 1}},
    ],
)
def test_a_record_of_another_shape_is_rejected(value: dict[str, Any]) -> None:
    with pytest.raises(RejectedRecord):
        rows_of(value)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@settings(deadline=None, max_examples=150)
@given(st.data())
def test_any_value_anywhere_gives_rows_or_a_rejection(data: st.DataObject) -> None:
    value = data.draw(st.sampled_from([thing()["data"], ban()["data"]]))
    key = data.draw(st.sampled_from(sorted(value)))
    record = RawRecord(1, {**value, key: data.draw(JSON)})
    with suppress(RejectedRecord, LeftOut):
        list(ADAPTER.normalise(record, context()))
