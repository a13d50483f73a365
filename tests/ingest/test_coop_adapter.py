"""Coop: items known by id and type, callbacks without a time, fields that each platform names itself."""

import io
import json
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from graphmatch.adapter import Context, Layout, Options, RawRecord, Refusal
from graphmatch.errors import ConfigError, LeftOut, RejectedRecord
from graphmatch.intake.head import heads, recognise
from graphmatch.model import (
    Account,
    Action,
    Content,
    Enforcement,
    IdKind,
    LinkClaim,
    Precision,
    Report,
    Row,
    Sighting,
    SignalKind,
    SourceKind,
    Target,
)
from graphmatch.normalise.contacts import Keyring
from ingest.coop.adapter import CoopAdapter
from ingest.generic.adapter import GenericAdapter
from ingest.osprey.adapter import OspreyAdapter

SHARED = Path(__file__).parents[3] / "shared" / "formats"
ADAPTER = CoopAdapter(Options())
KEYRING = Keyring(b"\x01" * 32)
PULLED = datetime(2026, 5, 10, 12, tzinfo=UTC)


def context(observed_at: datetime | None = None) -> Context:
    return Context("coop", "any.ndjson", Layout("ndjson", "report"), KEYRING, observed_at)


def rows_of(*values: dict[str, Any], adapter: CoopAdapter = ADAPTER, observed_at: datetime | None = None) -> list[Row]:
    found: list[Row] = []
    for value in values:
        found += adapter.normalise(RawRecord(1, value), context(observed_at))
    return found


def only(kind: type, rows: list[Row]) -> list[Any]:
    return [row for row in rows if type(row) is kind]


def without(value: dict[str, Any]) -> dict[str, Any]:
    return {key: inner for key, inner in value.items() if inner is not ...}


def item(item_id: str, type_id: str, **data: Any) -> dict[str, Any]:
    return {"id": item_id, "typeId": type_id, "data": data}


def by(user: str) -> dict[str, str]:
    return {"id": user, "typeId": "user"}


def post(item_id: str = "p1", author: str | dict[str, str] = "u1", **data: Any) -> dict[str, Any]:
    return item(
        item_id, "post", **{"text": "words", "author": by(author) if isinstance(author, str) else author, **data}
    )


def body(**changes: Any) -> dict[str, Any]:
    return without(
        {
            "reporter": {"kind": "user", "typeId": "user", "id": "u77"},
            "reportedAt": "2026-05-02T20:11:05.120Z",
            "reportedForReason": {"policyId": None, "reason": "rude", "csam": False},
            "reportedItem": post(),
            **changes,
        }
    )


def callback(**changes: Any) -> dict[str, Any]:
    return without(
        {
            "item": {"id": "p1", "typeId": "post", "typeName": "Post"},
            "action": {"id": "act_remove_post"},
            "policies": [{"id": "pol_threats", "name": "Threats", "penalty": "SEVERE"}],
            "rules": [],
            "custom": {},
            "actorEmail": "mod1@clips.example",
            "decisionReason": "credible threat",
            "creator": by("u1"),
            "userStrikeCount": 4,
            **changes,
        }
    )


def mapped(folder: Path, text: str) -> Options:
    path = folder / "mapping.toml"
    path.write_text(text, "utf-8")
    return Options(mapping=path)


def test_the_shared_samples_give_what_the_reference_gives() -> None:
    folder = SHARED / "coop"
    if not folder.exists():
        pytest.skip("needs the format samples in ../shared/formats")
    found: dict[str, list[Row]] = {}
    for path in sorted(folder.iterdir()):
        adapter, layout = recognise(heads(io.BytesIO(path.read_bytes()), path.name), [ADAPTER])
        for record in adapter.read(io.BytesIO(path.read_bytes()), layout):
            assert isinstance(record, RawRecord)
            found.setdefault(path.name, []).extend(adapter.normalise(record, context()))
    reports, actions = found["sample.ndjson"], found["action_callbacks.ndjson"]
    assert len({row.report_id for row in only(Report, reports)}) == 3
    assert len({row.content_id for row in only(Content, reports)}) == 2
    assert {row.native_id for row in only(Account, reports)} == {"itype_user:u_8812", "itype_user:u_1044"}
    assert [row.action for row in only(Enforcement, actions)] == [
        Action.CONTENT_REMOVED,
        Action.ACCOUNT_SUSPENDED_PERM,
        Action.NONE,
    ]
    # Callbacks and reports mean the same accounts and contents.
    assert {row.account_id for row in only(Account, actions)} == {row.account_id for row in only(Account, reports)}
    assert {row.content_id for row in only(Content, actions)} == {row.content_id for row in only(Content, reports)}


def test_one_id_under_two_types_is_two_accounts() -> None:
    rows = rows_of(body(), body(reportedItem=post("p1", {"id": "u1", "typeId": "seller"})))
    assert {row.account_id for row in only(Account, rows)} == {"coop:coop:user:u1", "coop:coop:seller:u1"}


def test_a_type_that_holds_a_colon_is_told_from_an_id_that_does() -> None:
    first = post(author={"id": "b:c", "typeId": "a"})
    second = post(author={"id": "c", "typeId": "a:b"})
    assert (
        len({row.account_id for row in only(Account, rows_of(body(reportedItem=first), body(reportedItem=second)))})
        == 2
    )


def test_the_reporter_is_a_digest_and_no_account() -> None:
    rows = rows_of(body())
    assert [row.native_id for row in only(Account, rows)] == ["user:u1"]
    (report,) = only(Report, rows)
    assert report.reporter_ref == KEYRING.reporter("coop", "user:u77")
    assert "u77" not in repr(rows)


def test_a_rule_is_an_automated_flag_without_reporter() -> None:
    (report,) = only(Report, rows_of(body(reporter={"kind": "rule", "id": "rule_17"})))
    assert (report.source_kind, report.reporter_ref) == (SourceKind.AUTOMATED_FLAG, None)


def test_the_same_body_twice_is_one_report_and_another_reporter_makes_another() -> None:
    other = body(reporter={"kind": "user", "typeId": "user", "id": "u78"})
    rows = rows_of(body(), body(), other)
    assert len({row.report_id for row in only(Report, rows)}) == 2


def test_csam_keeps_the_fact_alone() -> None:
    profile = item(
        "u1", "user", username="pics", bio="secret bio", avatar="https://cdn.example/secret.jpg", displayName="secret"
    )
    rows = rows_of(
        body(
            reportedForReason={"policyId": "pol_child", "reason": "secret reason", "csam": True},
            reportedItem=post(text="secret text", url="https://clips.example/secret", title="secret"),
            reportedItemThread=[post("p0", "u3", text="secret thread")],
            additionalItems=[profile],
        )
    )
    (report,) = only(Report, rows)
    assert (report.category_reported, report.category_raw, report.text) == ("other.csea", "csam=true", None)
    (content,) = only(Content, rows)
    assert (content.text, content.url) == (None, None)
    assert "secret" not in repr(rows)
    assert only(Target, rows) == only(LinkClaim, rows) == []
    assert [row.handle for row in only(Account, rows)] == ["pics"]


def test_a_reason_that_alleges_csam_drops_the_content_too() -> None:
    reason = {"policyId": None, "reason": "this is child porn", "csam": None}
    rows = rows_of(body(reportedForReason=reason))
    assert [row.category_reported for row in only(Report, rows)] == ["other.csea"]
    assert "words" not in repr(rows)
    assert "porn" not in repr(rows)


def test_a_user_who_is_reported_is_an_account_and_no_content() -> None:
    profile = item("u1", "user", username="grim_live", bio="old @grimwald77", createdAt="2026-05-01T19:00:00Z")
    rows = rows_of(body(reportedItem=profile))
    assert only(Content, rows) == []
    (account,) = only(Account, rows)
    assert (account.handle, account.created_at_precision) == ("grim_live", Precision.EXACT)
    assert [row.content_ids for row in only(Report, rows)] == [()]


def test_the_authors_profile_comes_from_the_items_beside() -> None:
    beside = [item("u1", "user", username="grim_live"), item("u9", "user", username="stranger")]
    rows = rows_of(body(additionalItems=beside))
    assert [row.handle for row in only(Account, rows)] == ["grim_live"]


def test_what_stands_beside_in_the_thread_is_not_kept_and_its_opener_is_a_hint() -> None:
    thread = [
        post("p2", "u4", text="a bystander's words", createdAt="2026-05-02T19:02:00Z"),
        post("p0", "u3", text="a candidate's words", createdAt="2026-05-02T19:00:00Z"),
    ]
    rows = rows_of(body(reportedItemThread=thread, reportedItemsInThread=[{"id": "p2", "typeId": "post"}]))
    assert [row.native_id for row in only(Account, rows)] == ["user:u1"]
    assert "bystander" not in repr(rows)
    assert "candidate" not in repr(rows)
    (target,) = only(Target, rows)
    assert (target.target_id, target.derivations) == ("coop:coop:user:u3", ("thread_owner",))
    assert [row.target_ids for row in only(Report, rows)] == [(target.target_id,)]
    assert [row.reporter_is_target for row in only(Report, rows)] == [False]


def test_a_reporter_who_opened_the_thread_may_be_the_target() -> None:
    rows = rows_of(body(reportedItemThread=[post("p0", "u77")]))
    assert [row.derivations for row in only(Target, rows)] == [("thread_owner", "reporter")]
    assert [row.reporter_is_target for row in only(Report, rows)] == [True]


def test_of_a_thread_the_tagged_messages_say_who_is_reported() -> None:
    thread = [post("m1", "u77", text="innocent"), post("m2", "u1", text="guilty")]
    chat = item("t1", "chat", topic="surgery")
    rows = rows_of(
        body(reportedItem=chat, reportedItemThread=thread, reportedItemsInThread=[{"id": "m2", "typeId": "post"}])
    )
    assert [row.native_id for row in only(Account, rows)] == ["user:u1"]
    (report,) = only(Report, rows)
    assert report.account_id == "coop:coop:user:u1"
    assert report.content_ids == ("coop:coop:chat:t1", "coop:coop:post:m2")
    assert "innocent" not in repr(rows)


def test_of_several_tagged_authors_the_report_is_on_none_alone() -> None:
    thread = [post("m1", "u1"), post("m2", "u2")]
    tags = [{"id": name, "typeId": "post"} for name in ("m1", "m2")]
    rows = rows_of(body(reportedItem=item("t1", "chat"), reportedItemThread=thread, reportedItemsInThread=tags))
    assert [row.account_id for row in only(Report, rows)] == [None]
    assert {row.account_id for row in only(Content, rows)} == {None, "coop:coop:user:u1", "coop:coop:user:u2"}


def test_an_address_in_an_id_or_a_name_stays_nowhere() -> None:
    profile = item("gw@mailbox.example", "user", username="gw@mailbox.example", ip="203.0.113.61", phone="07700 900321")
    rows = rows_of(body(reportedItem=profile))
    (account,) = only(Account, rows)
    assert (account.id_kind, account.handle) == (IdKind.HASHED, None)
    assert not any(value in repr(rows) for value in ("mailbox", "203.0.113.61", "900321"))
    kinds = {row.kind: row.value for row in only(Sighting, rows)}
    assert kinds[SignalKind.EMAIL_HMAC] == KEYRING.email("gw@mailbox.example")
    assert kinds[SignalKind.IP_HMAC] == KEYRING.ip("203.0.113.61")
    assert kinds[SignalKind.PHONE_HMAC] == KEYRING.phone("07700 900321")


@pytest.mark.parametrize("name", ["reporter", "reportedAt", "reportedForReason"])
def test_a_body_without_one_of_these_is_read_still(name: str) -> None:
    (report,) = only(Report, rows_of(body(**{name: ...})))
    assert report.account_id == "coop:coop:user:u1"


@pytest.mark.parametrize(
    ("reason", "leaf"),
    [
        ({"policyId": "pol_9", "reason": None}, "meta.rule_violation"),
        ({"policyId": "pol_9", "reason": "he knows where she lives"}, "intimidation.doxxing"),
        ({"policyId": None, "reason": None}, "meta.other"),
        (None, "meta.other"),
    ],
)
def test_the_category_is_the_policy_or_what_the_words_allege(reason: Any, leaf: str) -> None:
    assert [row.category_reported for row in only(Report, rows_of(body(reportedForReason=reason)))] == [leaf]


def test_a_field_of_another_type_under_a_usual_name_is_none() -> None:
    rows = rows_of(body(reportedItem=post(text={"plain": 1}, body="the words", createdAt=["x"], url=7)))
    (content,) = only(Content, rows)
    assert (content.text, content.url, content.created_at) == ("the words", None, None)


@pytest.mark.parametrize("changes", [{"reportedItem": {"id": "p1"}}, {"reportedItem": []}, {"reporter": "u1"}])
def test_a_body_of_another_shape_is_rejected_by_name(changes: dict[str, Any]) -> None:
    with pytest.raises(RejectedRecord, match=r"reportedItem|reporter"):
        rows_of(body(**changes))


def test_a_callback_has_no_time_of_its_own() -> None:
    (unknown,) = only(Enforcement, rows_of(callback()))
    assert (unknown.at_earliest, unknown.at_latest) == (None, None)
    (bounded,) = only(Enforcement, rows_of(callback(), observed_at=PULLED))
    assert (bounded.at_earliest, bounded.at_latest) == (None, PULLED)
    assert bounded.enforcement_id == unknown.enforcement_id


def test_a_moderators_address_is_kept_nowhere() -> None:
    rows = rows_of(callback(actorNote="same person as grimwald77 on Bluesky"))
    assert "mod1" not in repr(rows)
    assert [row.by_ref for row in only(Enforcement, rows)] == [None]
    assert [(row.claimed_handle, row.asserted_by) for row in only(LinkClaim, rows)] == [("grimwald77", "moderator")]


def test_reports_in_a_callback_are_not_read_again() -> None:
    history = {
        "reason": "x",
        "reportHistory": [{"reason": "y", "reporter": {"kind": "user", "typeId": "user", "id": "u77"}}],
    }
    rows = rows_of(callback(custom=history, decisionReason=...))
    assert only(Report, rows) == []
    assert [row.reason for row in only(Enforcement, rows)] == ["x"]


@pytest.mark.parametrize(
    ("action", "on_user", "expected"),
    [
        ("act_suspend_user", True, Action.ACCOUNT_SUSPENDED_PERM),
        ("act_unsuspend_user", True, Action.ACCOUNT_RESTORED),
        ("unban", True, Action.ACCOUNT_RESTORED),
        ("delete", True, Action.ACCOUNT_TERMINATED),
        ("delete", False, Action.CONTENT_REMOVED),
        ("undelete", False, Action.CONTENT_RESTORED),
        ("restore", True, Action.ACCOUNT_RESTORED),
        ("act_ignore", False, Action.NONE),
    ],
)
def test_an_actions_name_and_its_item_say_what_it_does(action: str, on_user: bool, expected: Action) -> None:
    about = {"id": "u1", "typeId": "user"} if on_user else {"id": "p1", "typeId": "post"}
    (found,) = only(Enforcement, rows_of(callback(item=about, action={"id": action})))
    assert found.action is expected
    assert found.account_id == "coop:coop:user:u1"
    assert found.content_id == (None if on_user else "coop:coop:post:p1")


def test_an_action_that_says_nothing_is_left_out_with_what_to_do() -> None:
    with pytest.raises(LeftOut, match=r"\[coop.actions\]"):
        rows_of(callback(action={"id": "5f2c01"}))


def test_a_callback_without_creator_is_held_against_the_content() -> None:
    (found,) = only(Enforcement, rows_of(callback(creator=...)))
    assert (found.account_id, found.content_id) == (None, "coop:coop:post:p1")


def test_an_appeal_bounds_the_same_enforcement() -> None:
    appeal = {
        "appealId": "ap_1",
        "appealedBy": by("u1"),
        "appealedAt": "2026-05-06T07:30:00Z",
        "actionedItem": post(),
        "actionsTaken": ["act_remove_post", "5f2c01"],
        "appealReason": "only banter, ring 07700 900321",
        "violatingPolicies": [{"id": "pol_threats"}],
    }
    rows = rows_of(appeal)
    (found,) = only(Enforcement, rows)
    assert found.enforcement_id == only(Enforcement, rows_of(callback()))[0].enforcement_id
    assert found.at_latest == datetime(2026, 5, 6, 7, 30, tzinfo=UTC)
    assert "banter" not in repr(rows)


def test_an_accepted_appeal_takes_the_action_back_and_a_rejected_one_does_not() -> None:
    decision = {
        "appealId": "ap_1",
        "item": {"id": "p1", "typeId": "post"},
        "appealedBy": by("u1"),
        "appealDecision": "ACCEPT",
    }
    (found,) = only(Enforcement, rows_of(decision))
    assert (found.action, found.content_id) == (Action.CONTENT_RESTORED, "coop:coop:post:p1")
    of_user = {**decision, "item": by("u1")}
    assert [row.action for row in only(Enforcement, rows_of(of_user))] == [Action.ACCOUNT_RESTORED]
    with pytest.raises(LeftOut, match="stands"):
        rows_of({**decision, "appealDecision": "REJECT"})
    with pytest.raises(RejectedRecord, match="appealDecision"):
        rows_of({**decision, "appealDecision": "MAYBE"})


MAPPING = """
[coop]
platform = "clips"
instance = "clips.example"
[coop.fields]
handle = "profile.nick"
[coop.types.listing]
is = "content"
text = "blurb"
author = "sellerId"
[coop.types.seller]
is = "user"
[coop.policies]
pol_threats = "violence.threat"
[coop.actions]
5f2c01 = "account_suspended_temp"
[osprey]
platform = "clips"
instance = "clips.example"
user_type = "user"
post_type = "post"
"""


def test_a_mapping_names_the_platform_its_fields_policies_and_actions(tmp_path: Path) -> None:
    adapter = CoopAdapter(mapped(tmp_path, MAPPING))
    listing = item("l1", "listing", blurb="what it says", text="not this", sellerId="s1")
    rows = rows_of(
        body(
            reporter={"kind": "rule", "id": "r"},
            reportedItem=listing,
            additionalItems=[item("s1", "seller", profile={"nick": "Grim"})],
            reportedForReason={"policyId": "pol_threats"},
        ),
        callback(item=by("u1"), action={"id": "5f2c01"}),
        adapter=adapter,
    )
    assert [row.text for row in only(Content, rows)] == ["what it says"]
    assert {row.account_id: row.handle for row in only(Account, rows)} == {
        "clips:clips.example:seller:s1": "Grim",
        "clips:clips.example:user:u1": None,
    }
    assert [row.category_reported for row in only(Report, rows)] == ["violence.threat"]
    assert [row.action for row in only(Enforcement, rows)] == [Action.ACCOUNT_SUSPENDED_TEMP]


def test_what_the_mapping_names_is_read_strictly(tmp_path: Path) -> None:
    adapter = CoopAdapter(mapped(tmp_path, MAPPING))
    with pytest.raises(RejectedRecord, match=r"profile\.nick"):
        rows_of(body(additionalItems=[item("u1", "user", profile={"nick": 1.5})]), adapter=adapter)


def test_with_one_mapping_coop_and_osprey_name_one_account_alike(tmp_path: Path) -> None:
    options = mapped(tmp_path, MAPPING)
    event = {
        "send_time": "2026-05-01T19:00:00Z",
        "data": {
            "action_id": "1",
            "action_name": "create_post",
            "data": {"user_id": "u1", "post": {"id": "p1", "text": "a"}},
        },
    }
    theirs = list(OspreyAdapter(options).normalise(RawRecord(1, event), context()))
    ours = rows_of(body(), adapter=CoopAdapter(options))
    assert {row.account_id for row in only(Account, theirs)} == {row.account_id for row in only(Account, ours)}
    assert {row.content_id for row in only(Content, theirs)} == {row.content_id for row in only(Content, ours)}


def test_each_adapter_reads_its_own_sections_of_one_mapping_file(tmp_path: Path) -> None:
    GenericAdapter(mapped(tmp_path, MAPPING))
    CoopAdapter(mapped(tmp_path, '[columns]\nhandle = "Their @"\n'))
    with pytest.raises(ConfigError, match="colums"):
        GenericAdapter(mapped(tmp_path, '[colums]\nhandle = "x"\n'))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[coop]\nplatfrom = 'x'", "platfrom"),
        ("[coop]\nplatform = 'a:b'", "platform"),
        ("[coop]\nplatform = 7", "platform"),
        ("coop = 1", "coop"),
        ("[coop]\nfields = 1", "fields"),
        ("[coop.fields]\nnick = 'x'", "nick"),
        ("[coop.fields]\nhandle = 1", "handle"),
        ("[coop.types.a]\nis = 'person'", "person"),
        ("[coop.types]\na = 1", "'a'"),
        ("[coop.policies]\np = 'no.leaf'", "no.leaf"),
        ("[coop.actions]\na = 'smite'", "smite"),
    ],
)
def test_a_wrong_mapping_is_a_setting_to_mend(tmp_path: Path, text: str, why: str) -> None:
    with pytest.raises(ConfigError, match=why):
        CoopAdapter(mapped(tmp_path, text))


def test_a_missing_mapping_is_a_setting_to_mend(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.toml can't be opened"):
        CoopAdapter(Options(mapping=tmp_path / "none.toml"))
    with pytest.raises(ConfigError, match="no TOML"):
        CoopAdapter(mapped(tmp_path, "[coop"))


@pytest.mark.parametrize("value", [body(), callback(), body(reporter=...)], ids=["report", "action", "no reporter"])
@pytest.mark.parametrize("how", ["one line", "pretty", "lines", "array"])
def test_every_way_to_write_it_down_is_recognised(value: dict[str, Any], how: str) -> None:
    text = {
        "one line": json.dumps(value),
        "pretty": json.dumps(value, indent=2),
        "lines": f"{json.dumps(value)}\n{json.dumps(value)}\n",
        "array": json.dumps([value, value]),
    }[how]
    _, layout = recognise(heads(io.BytesIO(text.encode()), "any"), [ADAPTER])
    read = list(ADAPTER.read(io.BytesIO(text.encode()), layout))
    assert [record.value for record in read if isinstance(record, RawRecord)] == [value] * len(read)


def test_items_without_reports_are_refused_with_what_to_export() -> None:
    text = json.dumps({"items": [post()]}).encode()
    (way, *_) = heads(io.BytesIO(text), "any")
    refusal = ADAPTER.recognise(way)
    assert isinstance(refusal, Refusal)
    assert "/api/v1/report" in refusal.why


def test_a_body_that_is_none_of_coops_is_rejected() -> None:
    with pytest.raises(RejectedRecord), suppress(LeftOut):
        rows_of({"item": {"id": "x"}})
