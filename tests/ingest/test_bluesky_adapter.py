from __future__ import annotations

import copy
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from golden import context_of, folder_of, read, rows_of

from graphmatch import merge, tables
from graphmatch.adapter import Head, Layout, Options, RawRecord, Refusal
from graphmatch.errors import LeftOut, PassedOver, RejectedRecord
from graphmatch.frames import frame
from graphmatch.model import (
    Account,
    AccountState,
    Action,
    Content,
    Enforcement,
    LinkClaim,
    Report,
    Row,
    Sighting,
    SignalKind,
    SourceKind,
    Target,
)
from ingest.bluesky.adapter import BlueskyAdapter

FORMATS = Path(__file__).parents[3] / "shared" / "formats" / "bluesky"
needs_formats = pytest.mark.skipif(not FORMATS.exists(), reason="the format samples are not beside the repository")

ADAPTER = BlueskyAdapter(Options())
SAMPLES = folder_of(ADAPTER)
PAGE: dict[str, Any] = json.loads((SAMPLES / "sample.json").read_text("utf-8"))
EVENTS: list[dict[str, Any]] = json.loads((SAMPLES / "sample_events.json").read_text("utf-8"))["events"]
EVENT = {event["id"]: event for event in EVENTS}
REPORT = {record["eventId"]: record for record in PAGE["reports"]}
DEFS = "tools.ozone.moderation.defs#"
GRIM = "bluesky:bsky:did:plc:hh5mwr4rpkw4uau6yuqmzi2o"
ASHA = "did:plc:q2d2ufjuis2wkletqsl6jai5"


def rows(record: dict[str, Any]) -> list[Row]:
    context = context_of(ADAPTER, "a.ndjson", (json.dumps(record) + "\n").encode())
    return list(ADAPTER.normalise(RawRecord(1, record), context))


def one(kind: type[Any], record: dict[str, Any]) -> Any:
    (found,) = [row for row in rows(record) if isinstance(row, kind)]
    return found


def event(number: int, **changes: Any) -> dict[str, Any]:
    changed = copy.deepcopy(EVENT[number])
    changed["event"].update(changes)
    return changed


def test_the_northmoor_files_give_what_the_formats_reference_counts() -> None:
    found = rows_of(ADAPTER, SAMPLES / "sample.json", SAMPLES / "sample_events.json")
    assert len({row.report_id for row in found if isinstance(row, Report)}) == 6
    assert len({row.content_id for row in found if isinstance(row, Content)}) == 3
    assert len({row.enforcement_id for row in found if isinstance(row, Enforcement)}) == 3
    assert len({row.account_id for row in found if isinstance(row, Account)}) == 4


def test_reporters_and_moderators_never_become_accounts() -> None:
    found = rows_of(ADAPTER, *sorted(SAMPLES.glob("sample*.json")))
    accounts = {row.account_id for row in found if isinstance(row, Account)}
    names = {record["reportedBy"] for record in PAGE["reports"]} | {record["createdBy"] for record in EVENTS}
    assert not accounts & {f"bluesky:bsky:{did}" for did in names}
    assert "volunteer-ed" not in repr(found)
    assert "mod-jo" not in repr(found)


def test_a_report_and_its_event_are_one_report() -> None:
    both = [one(Report, REPORT[9013]), one(Report, EVENT[9013])]
    assert both[0].report_id == both[1].report_id == "bluesky:9013"
    assert both[0].reporter_ref == both[1].reporter_ref
    merged = merge.merge("reports", frame("reports", both)).row(0, named=True)
    assert (merged["status"], merged["category_reported"]) == ("resolved", "violence.threat")
    assert tables.check("reports", frame("reports", both[:1])).bad.is_empty()


def test_mentions_and_reply_parents_are_targets_and_a_reporter_among_them_says_so() -> None:
    (target,) = [row for row in rows(REPORT[9012]) if isinstance(row, Target)]
    assert (target.target_id, target.handle) == (f"bluesky:bsky:{ASHA}", "asha4northmoor.test")
    assert target.derivations == ("reply_parent",)
    by_target = {**REPORT[9012], "reportedBy": ASHA}
    assert one(Target, by_target).derivations == ("reporter",)
    assert one(Report, by_target).reporter_is_target is True


def test_signatures_and_address_leave_as_digests() -> None:
    found = [row for row in rows(REPORT[9013]) if isinstance(row, Sighting)]
    contacts = {(row.kind, row.context) for row in found if row.kind.value.endswith("_hmac")}
    assert contacts == {
        (SignalKind.EMAIL_HMAC, "registration"),
        (SignalKind.IP_HMAC, "registration"),
        (SignalKind.IP_HMAC, "signin"),
        (SignalKind.DEVICE_HMAC, "profile"),
    }
    assert "203.0.113" not in repr(found)


def test_a_profile_that_was_taken_down_is_read_from_its_record() -> None:
    record = copy.deepcopy(REPORT[9013])
    whole = one(Account, record)
    del record["subject"]["profile"]
    bare = one(Account, record)
    assert (bare.display_name, bare.bio, bare.avatar_url) == (whole.display_name, whole.bio, whole.avatar_url)
    assert whole.state is bare.state is AccountState.TAKENDOWN


@pytest.mark.parametrize(
    ("stored", "indexed", "bound"),
    [
        (None, "2026-04-16T08:00:00.000Z", "2026-04-16T08:00:00+00:00"),
        ("2026-04-15T10:03:22.726Z", "2026-04-16T08:00:00.000Z", "2026-04-15T10:03:22.726000+00:00"),
        ("2026-04-17T10:00:00.000Z", "2026-04-16T08:00:00.000Z", "2026-04-16T08:00:00+00:00"),
        (None, "1970-01-01T00:00:00.000Z", None),  # Ozone's word for a time that it does not know
    ],
)
def test_without_a_shown_profile_creation_is_bounded_from_above(
    stored: str | None, indexed: str, bound: str | None
) -> None:
    changed = copy.deepcopy(REPORT[9016])
    del changed["subject"]["profile"]
    profile = {"$type": "app.bsky.actor.profile"} | ({"createdAt": stored} if stored else {})
    changed["subject"]["repo"] |= {"relatedRecords": [profile], "indexedAt": indexed}
    did = changed["subject"]["repo"]["did"]
    (account,) = [row for row in rows(changed) if isinstance(row, Account) and row.native_id == did]
    assert (account.created_at and account.created_at.isoformat()) == bound
    assert account.created_at_precision == ("approximate" if bound else None)


def test_a_takedown_is_of_an_account_or_of_a_post_for_good_or_for_a_time() -> None:
    assert one(Enforcement, EVENT[9014]).action is Action.ACCOUNT_SUSPENDED_PERM
    for_a_day = one(Enforcement, event(9014, durationInHours=24))
    assert for_a_day.action is Action.ACCOUNT_SUSPENDED_TEMP
    assert for_a_day.expires_at - for_a_day.at_latest == timedelta(days=1)
    post = one(Enforcement, {**EVENT[9014], "subject": EVENT[9012]["subject"]})
    assert (post.action, post.account_id) == (Action.CONTENT_REMOVED, GRIM)


@pytest.mark.parametrize(
    ("kind", "changes", "expected"),
    [
        ("modEventReverseTakedown", {}, [Action.ACCOUNT_RESTORED]),
        ("modEventAcknowledge", {}, [Action.NONE]),
        ("modEventLabel", {"createLabelVals": ["rude"]}, [Action.LABEL]),
        ("modEventLabel", {"createLabelVals": ["!hide"]}, [Action.ACCOUNT_LIMITED]),
        ("modEventLabel", {"createLabelVals": [], "negateLabelVals": ["rude"]}, []),
        ("modEventEmail", {}, [Action.WARNING]),
        ("modEventMute", {}, []),
        ("modEventEscalate", {}, []),
        ("modEventTag", {}, []),
        ("modEventComment", {}, []),
        ("identityEvent", {}, []),
        ("someEventOfTomorrow", {}, []),
    ],
)
def test_only_sanctions_are_enforcements(kind: str, changes: dict[str, Any], expected: list[Action]) -> None:
    record = {**EVENT[9014], "event": {"$type": f"{DEFS}{kind}", **changes}}
    assert [row.action for row in rows(record) if isinstance(row, Enforcement)] == expected


def test_what_the_network_tells_changes_the_account() -> None:
    renamed = event(9007, handle="gw-nm.test")
    (handle,) = [row for row in rows(renamed) if isinstance(row, Sighting)]
    assert (handle.kind, handle.value) == (SignalKind.HANDLE, "gw-nm.test")
    assert one(Account, EVENT[9015]).state is AccountState.TAKENDOWN


def test_a_sanction_inside_a_report_is_the_same_as_its_event() -> None:
    inside = [row for row in rows(REPORT[9013]) if isinstance(row, Enforcement)]
    assert inside == [one(Enforcement, EVENT[9014])]


def test_a_claim_is_read_from_the_comment() -> None:
    made = one(LinkClaim, REPORT[9016])
    assert (made.claimed_handle, made.claim_id) == ("grimwald77", "bluesky:9016:claim:grimwald77")
    assert made == one(LinkClaim, EVENT[9016])


def test_statuses_give_the_state_of_accounts_only() -> None:
    found = rows_of(ADAPTER, SAMPLES / "sample_statuses.json")
    states = {row.account_id: row.state for row in found if isinstance(row, Account) if row.state}
    assert states[GRIM] is AccountState.TAKENDOWN
    assert not [row for row in found if isinstance(row, Enforcement | Report)]


def test_what_is_routed_to_the_police_keeps_no_content() -> None:
    record = {**REPORT[9012], "reportType": "tools.ozone.report.defs#reasonChildSafetyCSAM", "comment": "look here"}
    found = rows(record)
    assert one(Report, record).category_reported == "other.csea"
    assert not [row for row in found if isinstance(row, Report | Content) and row.text]
    assert one(Content, record).url is None


def test_an_automated_report_says_so_and_a_conversation_names_no_account() -> None:
    assert one(Report, {**REPORT[9012], "isAutomated": True}).source_kind is SourceKind.AUTOMATED_FLAG
    talk = {**REPORT[9012], "subject": {"type": "chat", "subject": "3kconversation"}}
    assert one(Report, talk).account_id is None


def test_comments_and_posts_leave_without_contact_values() -> None:
    record = copy.deepcopy({**REPORT[9012], "comment": "ring me on 07700 900123"})
    record["subject"]["record"]["value"]["text"] = "she lives at SW1A 1AA"
    assert one(Report, record).text == "ring me on [phone]"
    assert one(Content, record).text == "she lives at [postcode]"
    assert one(Report, event(9013, comment="07700 900123")).text == "[phone]"
    assert one(Enforcement, event(9014, comment="see mod@h.example")).reason == "see [email]"


def test_whoever_answers_themselves_is_no_target() -> None:
    record = copy.deepcopy(REPORT[9012])
    record["subject"]["record"]["value"]["reply"]["parent"]["uri"] = record["subject"]["record"]["uri"]
    record["subject"]["record"]["value"]["facets"] = []
    assert not [row for row in rows(record) if isinstance(row, Target)]


RELATED = Head("a", "json_object", top_keys=("accounts",), arrays={"accounts": {"account": {}, "similarities": []}})
HISTORY = Head("a", "json_object", top_keys=("events",), arrays={"events": {"details": {}, "createdBy": "x"}})
STRANGERS = [
    Head("a", "json_object", top_keys=("reports",), arrays={"reports": {"id": 1}}),
    Head("a", "json_object", top_keys=("total", "reports"), arrays={"reports": None}),
    Head("a", "json_object", top_keys=("did", "labels"), arrays={"labels": {"src": "x", "uri": "y", "val": "z"}}),
    Head("a", "json_array", first={"request": {}, "response": {}}),
    Head("a", "json_array", first={"total": 0, "reports": []}),
    Head("a", "ndjson", first={"reasonType": "x", "subject": {}}),
    Head("a", "ndjson", first={"id": 1}),
    Head("a.csv", "csv", columns=("did", "uri")),
    Head("a", "unknown"),
]


@pytest.mark.parametrize("head", [RELATED, HISTORY])
def test_what_names_nobody_who_was_reported_is_passed_over(head: Head) -> None:
    refusal = ADAPTER.recognise(head)
    assert isinstance(refusal, Refusal)
    assert refusal.known


@pytest.mark.parametrize("head", STRANGERS)
def test_other_files_are_refused_with_a_reason(head: Head) -> None:
    refusal = ADAPTER.recognise(head)
    assert isinstance(refusal, Refusal)
    assert not refusal.known
    assert len(refusal.why) > 20


def test_pages_and_single_records_are_recognised() -> None:
    page = Head("a", "json_object", top_keys=("cursor", "reports"), arrays={"reports": PAGE["reports"][0]})
    assert ADAPTER.recognise(page) == Layout("json_object", "report", "reports")
    empty = Head("a", "json_object", top_keys=("cursor", "reports"), arrays={"reports": None})
    assert ADAPTER.recognise(empty) == Layout("json_object", "report", "reports")
    assert ADAPTER.recognise(Head("a", "ndjson", first=EVENTS[0])) == Layout("ndjson", "event")
    assert ADAPTER.recognise(Head("a", "json_array", first=PAGE)) == Layout("json_array", "report", "reports")
    both = read(ADAPTER, "pages.json", json.dumps([PAGE, PAGE]).encode())
    assert len(both) == 2 * len(PAGE["reports"])


def test_pages_one_a_line_are_read_through() -> None:
    lines = f"{json.dumps(PAGE)}\n{json.dumps(PAGE)}\n".encode()
    assert len(read(ADAPTER, "pages.ndjson", lines)) == 2 * len(PAGE["reports"])


@needs_formats
@pytest.mark.parametrize("name", ["real_ozone_cypress_events.json", "real_ozone_cypress_statuses.json"])
def test_real_payloads_are_read_whole(name: str) -> None:
    for page in json.loads((FORMATS / name).read_text("utf-8")).values():
        found = read(ADAPTER, name, json.dumps(page).encode())
        assert len(found) == len(page.get("events", page.get("subjectStatuses")))
        assert [row for record, context in found for row in ADAPTER.normalise(record, context)]


@needs_formats
def test_every_format_sample_is_read_or_passed_over_with_a_reason() -> None:
    passed_over = {"account_history.json", "find_related_accounts.json"}
    reports, enforcements = set(), set()
    for path in sorted(FORMATS.iterdir()):
        if path.name in passed_over:
            with pytest.raises(PassedOver):
                context_of(ADAPTER, path.name, path.read_bytes())
            continue
        found = rows_of(ADAPTER, path)
        assert found, path.name
        reports |= {row.report_id for row in found if isinstance(row, Report) and "real" not in path.name}
        enforcements |= {row.enforcement_id for row in found if isinstance(row, Enforcement) and "label" in path.name}
    # Of six reports one was created here as well: the sample's answer bears another number than its event.
    assert len(reports) == 7
    assert len(enforcements) == 4


def test_pages_under_names_of_their_own_are_read_whole() -> None:
    page = {"cursor": "1", "events": EVENTS[:2]}
    statuses = json.loads((SAMPLES / "sample_statuses.json").read_text("utf-8"))["subjectStatuses"]
    named = {"carla": page, "about": "fixtures", "b": {"c": {"subjectStatuses": statuses}}, "empty": {"events": []}}
    for content in (json.dumps(named), json.dumps(named, indent=1), json.dumps([named])):
        found = read(ADAPTER, "a.json", content.encode())
        assert [record.value for record, _ in found] == [*EVENTS[:2], *statuses]
    both = {"events": EVENTS[:1], "reports": PAGE["reports"]}
    assert len(read(ADAPTER, "a.json", json.dumps(both).encode())) == 1 + len(PAGE["reports"])


LABELLER = "did:plc:a5wxjsegcsjd2x5nvvwl54tf"
POST = f"at://{ASHA}/app.bsky.feed.post/3mjuhp6i6c2zh"


def label(**changes: Any) -> dict[str, Any]:
    made = {"src": LABELLER, "uri": ASHA, "val": "rude", "cts": "2026-04-19T19:00:00.000Z", **changes}
    return {key: value for key, value in made.items() if value is not ...}


@pytest.mark.parametrize(
    ("changes", "action"),
    [
        ({}, Action.LABEL),
        ({"uri": POST}, Action.LABEL),
        ({"val": "!takedown"}, Action.ACCOUNT_LIMITED),
        ({"val": "!hide", "uri": POST}, Action.CONTENT_RESTRICTED),
        ({"val": "!takedown", "neg": True}, Action.ACCOUNT_RESTORED),
        ({"val": "!takedown", "uri": POST, "neg": True}, Action.CONTENT_RESTORED),
        ({"neg": True}, Action.LABEL),
        ({"val": "!hide", "neg": True}, Action.ACCOUNT_LIMITED),
    ],
)
def test_a_label_is_an_enforcement_and_the_services_own_takedown_can_be_lifted(
    changes: dict[str, Any], action: Action
) -> None:
    found = one(Enforcement, label(**changes))
    assert (found.action, found.account_id) == (action, f"bluesky:bsky:{ASHA}")
    assert found.content_id == (f"bluesky:{POST}" if "uri" in changes else None)
    assert one(Account, label(**changes)).native_id == ASHA


def test_a_label_that_is_taken_off_says_until_when_it_stood_in_any_order() -> None:
    on, off = label(), label(neg=True, cts="2026-04-20T09:00:00.000Z")
    for records in ([on, off], [off, on]):
        both = [one(Enforcement, record) for record in records]
        row = merge.merge("enforcements", frame("enforcements", both)).row(0, named=True)
        assert (row["at_earliest"].day, row["at_latest"].day, row["expires_at"].day) == (19, 19, 20)
    assert one(Enforcement, label(exp="2026-05-01T00:00:00Z")).expires_at.day == 1


def test_a_labellers_name_stands_in_no_row_and_an_own_label_is_no_sanction() -> None:
    assert LABELLER not in repr(rows(label()))
    assert one(Enforcement, label()).by_ref not in one(Enforcement, label()).enforcement_id
    with pytest.raises(LeftOut):
        rows(label(src=ASHA, val="!no-unauthenticated"))
    with pytest.raises(RejectedRecord):
        rows(label(uri="https://bsky.app/profile/x"))


def created(**answer: Any) -> dict[str, Any]:
    event = EVENT[9013]
    sent = {
        "reasonType": event["event"]["reportType"],
        "reason": event["event"]["comment"],
        "subject": event["subject"],
    }
    given = {"id": 9013, "reportedBy": event["createdBy"], "createdAt": event["createdAt"], **sent, **answer}
    return {"request": sent, "response": {key: value for key, value in given.items() if value is not ...}}


def test_a_created_report_is_the_one_that_its_event_gives() -> None:
    expected = one(Report, EVENT[9013])
    assert one(Report, created()) == expected
    assert one(Report, created()["response"]) == expected
    assert one(Report, created(reason=..., subject=...)) == expected  # the request says it too


@pytest.mark.parametrize("answer", [{"id": None}, {"reasonType": []}, {"subject": "x"}, {"createdAt": "soon"}])
def test_a_created_report_of_another_shape_is_rejected(answer: dict[str, Any]) -> None:
    with pytest.raises(RejectedRecord):
        rows(created(**answer))


HEADER = "did,uri,handle,email,ip,name,labels,tags,bskyUrl,ozoneUrl,createdAt,text,langs,embeds"


def workspace(*lines: str) -> list[Row]:
    content = "\n".join((HEADER, *lines, "")).encode()
    return [
        row for record, context in read(ADAPTER, "workspace.csv", content) for row in ADAPTER.normalise(record, context)
    ]


def test_cells_of_a_workspace_are_told_by_what_they_hold() -> None:
    did, uri = (
        "did:plc:oyf25dak3tjmviy2bzozvacv",
        "at://did:plc:oyf25dak3tjmviy2bzozvacv/app.bsky.feed.post/3mjuhp6i6c2zh",
    )
    at = "2026-04-22T11:40:09.664Z"
    whole = workspace(f"{did},{uri},a.test,a@b.example,203.0.113.9,A B,rude,t,u,v,{at},words for c@d.example,en,")
    (account,) = [row for row in whole if isinstance(row, Account)]
    (post,) = [row for row in whole if isinstance(row, Content)]
    assert (account.native_id, account.handle) == (did, "a.test")
    assert {row.kind for row in whole if isinstance(row, Sighting)} == {
        SignalKind.HANDLE,
        SignalKind.EMAIL_HMAC,
        SignalKind.IP_HMAC,
    }
    assert (post.text, post.created_at.isoformat()) == ("words for [email]", "2026-04-22T11:40:09.664000+00:00")
    skipped = workspace(f"{did},{uri},a.test,Unknown,rude,u,{at},words,en,")
    (post,) = [row for row in skipped if isinstance(row, Content)]
    assert post.text == "words"
    assert {row.kind for row in skipped if isinstance(row, Sighting)} == {SignalKind.HANDLE}


def test_a_cell_that_can_not_be_told_is_not_read() -> None:
    did = "did:plc:oyf25dak3tjmviy2bzozvacv"
    uri, at = f"at://{did}/app.bsky.feed.post/3mjuhp6i6c2zh", "2026-04-22T11:40:09.664Z"
    found = workspace(f"{did},{uri},somebody,elsewhere.test,{at},en,")
    (account,) = [row for row in found if isinstance(row, Account)]
    (post,) = [row for row in found if isinstance(row, Content)]
    assert account.handle is None  # the handle is left out: what follows the ids is a name
    assert post.text is None  # text, languages or media are left out, and nobody knows which
    account_only = workspace(f"{did},{did},a.test,,,,,,,,{at}")
    assert not [row for row in account_only if isinstance(row, Content)]
    with pytest.raises(RejectedRecord):
        workspace("x,y,a.test")
