"""Osprey: events are evidence and no reports, addresses are digests, and a reporter is never an account."""

import base64
import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from graphmatch.adapter import Context, Layout, Options, RawRecord, Refusal
from graphmatch.errors import ConfigError, LeftOut, RejectedRecord
from graphmatch.intake.head import heads, recognise
from graphmatch.model import Account, Content, IdKind, Precision, Report, Row, Sighting, SignalKind, Target
from graphmatch.normalise.contacts import Keyring
from ingest.osprey.adapter import OspreyAdapter

SHARED = Path(__file__).parents[3] / "shared" / "formats" / "osprey"
ADAPTER = OspreyAdapter(Options())
KEYRING = Keyring(b"\x01" * 32)
DID, ASHA = "did:plc:grim7aaaaaaaaaaaaaaaaaaa", "did:plc:asha7aaaaaaaaaaaaaaaaaaa"
CONTEXT = Context("osprey", "any.ndjson", Layout("ndjson", "event"), KEYRING)


def rows_of(*values: dict[str, Any], adapter: OspreyAdapter = ADAPTER) -> list[Row]:
    found: list[Row] = []
    for value in values:
        found += adapter.normalise(RawRecord(1, value), CONTEXT)
    return found


def only(kind: type, rows: list[Row]) -> list[Any]:
    return [row for row in rows if type(row) is kind]


def event(name: str = "create_post", at: Any = "2026-05-02T20:02:00.551200000Z", **data: Any) -> dict[str, Any]:
    payload = {"event_type": name, "user_id": "u1", "ip_address": "203.0.113.61", **data}
    return {"send_time": at, "data": {"action_id": "900412", "action_name": name, "data": payload}}


def atproto(name: str = "app.bsky.feed.post#create", **data: Any) -> dict[str, Any]:
    payload = {"did": DID, "collection": "app.bsky.feed.post", "rkey": "3mjiiqnkvks2a", "operation": 1, **data}
    return {"send_time": "2026-04-15T10:03:10Z", "data": {"action_id": 7, "action_name": name, "data": payload}}


def packed(value: Any) -> str:
    return base64.b64encode(json.dumps(value).encode()).decode()


def mapped(folder: Path, text: str) -> Options:
    path = folder / "mapping.toml"
    path.write_text(text, "utf-8")
    return Options(mapping=path)


def test_the_shared_sample_is_read_and_the_reporter_is_not() -> None:
    path = SHARED / "sample.ndjson"
    if not path.exists():
        pytest.skip("needs the format samples in ../shared/formats")
    _, layout = recognise(heads(io.BytesIO(path.read_bytes()), path.name), [ADAPTER])
    rows: list[Row] = []
    left_out = 0
    for record in ADAPTER.read(io.BytesIO(path.read_bytes()), layout):
        assert isinstance(record, RawRecord)
        try:
            rows += ADAPTER.normalise(record, CONTEXT)
        except LeftOut:
            left_out += 1
    assert left_out == 1
    assert {row.native_id for row in only(Account, rows)} == {"u_8812", "u_1044"}
    assert len(only(Content, rows)) == 2
    assert only(Report, rows) == []
    assert KEYRING.ip("192.0.2.14") not in repr(rows)


@pytest.mark.parametrize(
    "value",
    [
        event("create_report", report={"subject_user_id": "u9"}),
        event("createReport"),
        event("submit", report={"reason": "threat"}),
        event("post_flagged"),
    ],
)
def test_a_report_as_an_event_is_left_out_with_its_reporter(value: dict[str, Any]) -> None:
    with pytest.raises(LeftOut, match="reporter"):
        rows_of(value)


def test_an_address_is_a_digest_with_the_time_and_place_it_was_seen() -> None:
    rows = rows_of(event(), event("create_account"), event("login"))
    seen = [row for row in only(Sighting, rows) if row.kind is SignalKind.IP_HMAC]
    assert {row.value for row in seen} == {KEYRING.ip("203.0.113.61")}
    assert [row.context for row in seen] == ["message", "registration", "signin"]
    assert {row.first_seen for row in seen} == {datetime(2026, 5, 2, 20, 2, 0, 551200, tzinfo=UTC)}
    assert "203.0.113.61" not in repr(rows)


def test_a_registration_dates_the_account() -> None:
    first, later = only(Account, rows_of(event("create_account", user={"username": "grim"}), event()))
    assert (first.created_at, first.created_at_precision) == (first.observed_at, Precision.APPROXIMATE)
    assert (first.handle, later.created_at) == ("grim", None)


def test_a_post_is_known_by_its_own_id_else_by_its_event() -> None:
    rows = rows_of(event(post={"text": "ring 07700 900321"}), event(post={"id": "p1", "text": "b"}))
    assert [row.content_id for row in only(Content, rows)] == ["osprey:osprey:action:900412", "osprey:osprey:p1"]
    assert only(Content, rows)[0].text == "ring [phone]"


def test_an_address_for_an_id_or_a_name_stays_nowhere() -> None:
    rows = rows_of(
        event(user_id="gw@mailbox.example", user={"username": "gw@mailbox.example", "email_domain": "mailbox.example"})
    )
    assert "mailbox" not in repr(rows)
    assert [row.id_kind for row in only(Account, rows)] == [IdKind.HASHED]
    assert KEYRING.email("gw@mailbox.example") in {row.value for row in only(Sighting, rows)}


def test_only_the_subjects_events_are_read() -> None:
    adapter = OspreyAdapter(Options(subjects=frozenset({"u1", DID, "grim"})))
    assert rows_of(
        event(), atproto(record={"text": "a"}), event(user_id="u7", user={"username": "Grim"}), adapter=adapter
    )
    for bystander in (event(user_id="u2"), atproto(did=ASHA)):
        with pytest.raises(LeftOut, match="not asked for"):
            rows_of(bystander, adapter=adapter)


@pytest.mark.parametrize(
    "at",
    ["2026-05-02T20:02:00Z", {"seconds": 1777752120, "nanos": 0}, {"seconds": "1777752120"}, 1777752120, 1777752120000],
)
def test_times_as_they_are_written(at: Any) -> None:
    assert [row.observed_at for row in only(Account, rows_of(event(at=at)))] == [
        datetime(2026, 5, 2, 20, 2, tzinfo=UTC)
    ]


@pytest.mark.parametrize("at", [{"seconds": 10**30}, {}, None, "", {"seconds": 1777752120, "nanos": -(10**40)}])
def test_a_time_that_can_not_be_is_none_or_near(at: Any) -> None:
    assert len(only(Account, rows_of(event(at=at)))) == 1


def test_the_events_time_goes_before_that_of_sending() -> None:
    value = event()
    value["data"]["timestamp"] = "2026-05-02T20:01:00Z"
    assert [row.observed_at for row in only(Account, rows_of(value))] == [datetime(2026, 5, 2, 20, 1, tzinfo=UTC)]


def test_an_account_of_the_at_protocol_is_keyed_as_in_blueskys_exports() -> None:
    record = {
        "$type": "app.bsky.feed.post",
        "text": "@asha.test we are back",
        "createdAt": "2026-04-15T10:03:09Z",
        "reply": {"parent": {"uri": f"at://{ASHA}/app.bsky.feed.post/3mjihaaaaaa2a"}},
        "facets": [{"features": [{"did": ASHA}, {"did": DID}, {"tag": "x"}]}],
    }
    rows = rows_of(atproto(handle="grimwald77.test", ip_address="203.0.113.61", record=record))
    (account,) = only(Account, rows)
    assert (account.account_id, account.id_kind, account.handle) == (
        f"bluesky:bsky:{DID}",
        IdKind.DID,
        "grimwald77.test",
    )
    (content,) = only(Content, rows)
    assert content.content_id == f"bluesky:at://{DID}/app.bsky.feed.post/3mjiiqnkvks2a"
    assert [(row.target_id, row.derivations) for row in only(Target, rows)] == [
        (f"bluesky:bsky:{ASHA}", ("reply_parent",))
    ]
    assert content.target_ids == (f"bluesky:bsky:{ASHA}",)
    assert KEYRING.ip("203.0.113.61") in {row.value for row in only(Sighting, rows)}


def test_packed_and_plain_data_give_the_same_rows() -> None:
    inner = {
        "record": {"text": "a", "createdAt": "2026-04-15T10:03:09Z"},
        "profile_view": {"handle": "grimwald77.test", "displayName": "Grim", "createdAt": "2026-04-15T09:58:00Z"},
        "ozone_repo_view_detail": {
            "email": "g@mailbox.example",
            "threatSignatures": [{"property": "hcapFP", "value": "f00d"}],
        },
        "did_doc": {"alsoKnownAs": ["at://grimwald77.test"]},
        "did_audit_log": [{"createdAt": "2026-04-15T09:57:00Z", "operation": {"alsoKnownAs": ["at://old.test"]}}],
    }
    plain = atproto(**inner)
    inside = atproto(**{name: packed(value) for name, value in inner.items()})
    whole = atproto(**inner)
    whole["data"]["data"] = packed(whole["data"]["data"])
    as_text = atproto(**inner)
    as_text["data"]["data"] = json.dumps(as_text["data"]["data"])
    assert rows_of(plain) == rows_of(inside) == rows_of(whole) == rows_of(as_text)
    assert "mailbox" not in repr(rows_of(plain))


def test_signatures_are_read_from_a_list_and_from_an_object() -> None:
    signatures = {
        "registrationIp": "203.0.113.61",
        "lastSigninIp": "203.0.113.62",
        "lastSigninTime": "2026-04-15T10:00:00Z",
        "hcapFP": "f00d",
        "lastSigninCountry": "GB",
    }
    listed = [{"property": name, "value": value} for name, value in signatures.items()]
    rows, same = (
        rows_of(atproto(ozone_repo_view_detail={"threatSignatures": given})) for given in (signatures, listed)
    )
    assert rows == same
    assert {(row.kind, row.context) for row in only(Sighting, rows)} == {
        (SignalKind.IP_HMAC, "registration"),
        (SignalKind.IP_HMAC, "signin"),
        (SignalKind.DEVICE_HMAC, "profile"),
    }


def test_former_handles_come_from_the_log_with_their_times() -> None:
    log = [
        {"createdAt": "2026-04-15T09:57:00Z", "operation": {"alsoKnownAs": ["at://old.test"]}},
        {"createdAt": "2026-04-15T09:59:00Z", "operation": {"alsoKnownAs": ["at://wrong.test"]}, "nullified": True},
        {"createdAt": "2026-04-15T10:01:00Z", "operation": {"alsoKnownAs": ["at://grimwald77.test"]}},
    ]
    rows = rows_of(atproto(handle="grimwald77.test", did_audit_log=log))
    handles = {
        row.value: (row.first_seen, row.last_seen) for row in only(Sighting, rows) if row.kind is SignalKind.HANDLE
    }
    assert handles.keys() == {"grimwald77.test", "old.test"}
    assert handles["old.test"] == (datetime(2026, 4, 15, 9, 57, tzinfo=UTC), datetime(2026, 4, 15, 10, 1, tzinfo=UTC))


def test_a_profile_is_read_from_its_record_and_is_no_content() -> None:
    record = {"displayName": "Grim", "description": "see https://grimwald.example", "text": "x"}
    rows = rows_of(
        atproto("app.bsky.actor.profile#update", collection="app.bsky.actor.profile", operation=2, record=record)
    )
    assert [(row.display_name, row.bio) for row in only(Account, rows)] == [("Grim", "see https://grimwald.example")]
    assert only(Content, rows) == []


def test_events_of_the_jet_stream_are_read() -> None:
    commit = {
        "operation": "create",
        "collection": "app.bsky.feed.post",
        "rkey": "3mjiiqnkvks2a",
        "record": {"text": "a"},
    }
    stream = {"did": DID, "time_us": 1, "kind": "commit", "commit": commit}
    value = {
        "send_time": "2026-04-15T11:00:00Z",
        "data": {"action_id": "7", "action_name": "create_post", "data": stream},
    }
    assert [row.text for row in only(Content, rows_of(value))] == ["a"]
    stream["commit"] = {**commit, "operation": "delete"}
    with pytest.raises(LeftOut, match="deleted"):
        rows_of(value)
    identity = {"did": DID, "kind": "identity", "identity": {"handle": "handle.invalid"}}
    value["data"] |= {"action_name": "identity", "data": identity}
    assert [row.handle for row in only(Account, rows_of(value))] == [None]


def test_the_short_form_is_read() -> None:
    rows = rows_of(
        {"id": 1, "name": "create_post", "data": {"user_id": "u1", "event_type": "create_post", "message": "a"}}
    )
    assert [(row.content_id, row.text) for row in only(Content, rows)] == [("osprey:osprey:action:1", "a")]


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (event(user_id=None), "user_id"),
        (event(user_id=["u1"]), "user_id"),
        (event(ip_address=[]), "ip_address"),
        (event(at="yesterday"), "send_time"),
        (atproto(did="x"), "did"),
        (atproto(record="no base64!"), "record"),
        (atproto(profile_view=[1]), "profile_view"),
        (atproto(record=packed([1])), "record"),
        ({"send_time": "2026-05-02T20:02:00Z", "data": {"action_name": "x"}}, "no data"),
        ({"send_time": "2026-05-02T20:02:00Z"}, "data"),
    ],
)
def test_an_event_of_another_shape_is_rejected_by_name(value: dict[str, Any], why: str) -> None:
    with pytest.raises(RejectedRecord, match=why):
        rows_of(value)


def test_a_mapping_names_the_platform_and_its_places(tmp_path: Path) -> None:
    text = '[osprey]\nplatform = "Clips"\nuser_type = "user"\n[osprey.fields]\nhandle = "actor.nick"\n'
    adapter = OspreyAdapter(mapped(tmp_path, text))
    (account,) = only(Account, rows_of(event(actor={"nick": "grim"}, username="not this"), adapter=adapter))
    assert (account.account_id, account.handle) == ("clips:clips:user:u1", "grim")
    with pytest.raises(RejectedRecord, match=r"actor\.nick"):
        rows_of(event(actor={"nick": []}), adapter=adapter)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[osprey]\nplatfrom = 'x'", "platfrom"),
        ("[osprey]\nplatform = 'a:b'", "platform"),
        ("[osprey]\nuser_type = 1", "user_type"),
        ("[osprey.fields]\nnick = 'x'", "nick"),
        ("[osprey]\nfields = 1", "fields"),
        ("osprey = 1", "osprey"),
    ],
)
def test_a_wrong_mapping_is_a_setting_to_mend(tmp_path: Path, text: str, why: str) -> None:
    with pytest.raises(ConfigError, match=why):
        OspreyAdapter(mapped(tmp_path, text))


@pytest.mark.parametrize("value", [event(), atproto()], ids=["any platform", "AT protocol"])
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


@pytest.mark.parametrize(
    "value",
    [
        {"__action_id": 1, "ActionName": "x"},
        {"data": {"user_id": 1}},
        {"did": DID, "kind": "commit"},
        {"id": 1, "name": "x", "data": {"username": "x"}},
    ],
)
def test_what_is_none_of_ospreys_is_refused(value: dict[str, Any]) -> None:
    for way in heads(io.BytesIO(json.dumps(value).encode()), "any"):
        assert isinstance(ADAPTER.recognise(way), Refusal)
