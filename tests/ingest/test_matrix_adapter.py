"""Matrix: who is reported and who reports, rules that are withdrawn, hashed users, a room's own bans."""

import base64
import hashlib
import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from graphmatch import link, merge
from graphmatch.adapter import Context, Layout, Options, RawRecord, Refusal, Unreadable
from graphmatch.errors import LeftOut, RejectedRecord
from graphmatch.frames import frame
from graphmatch.intake.head import heads, recognise
from graphmatch.model import (
    Account,
    Action,
    Content,
    Enforcement,
    IdKind,
    LinkClaim,
    Report,
    Row,
    Scope,
    Sighting,
    SignalKind,
    Target,
)
from graphmatch.normalise.contacts import Keyring
from graphmatch.standing import TWO_WAY
from ingest.matrix.adapter import MatrixAdapter
from ingest.matrix.users import canonical_hash, user_in

SHARED = Path(__file__).parents[3] / "shared" / "formats" / "matrix"
ADAPTER = MatrixAdapter(Options())
KEYRING = Keyring(b"\x01" * 32)
GRIM, PETE, ASHA = "@grimwald77:one.example", "@pete:two.example", "@asha:one.example"
ROOM, MOD = "!policy:one.example", "@mod:one.example"


def context() -> Context:
    return Context("matrix", "any.json", Layout("ndjson", "event"), KEYRING)


def rows_of(*values: dict[str, Any]) -> list[Row]:
    """The rows of these records, read as lines of one file; what is left out gives none."""
    found: list[Row] = []
    for outcome in outcomes(*values):
        found += outcome if isinstance(outcome, list) else []
    return found


def outcomes(*values: dict[str, Any], text: str | None = None) -> list[list[Row] | str]:
    content = (text or "\n".join(json.dumps(value) for value in values)).encode()
    _, layout = recognise(heads(io.BytesIO(content), "any"), [ADAPTER])
    found: list[list[Row] | str] = []
    for record in ADAPTER.read(io.BytesIO(content), layout):
        assert isinstance(record, RawRecord), record
        try:
            found.append(list(ADAPTER.normalise(record, context())))
        except LeftOut as reason:
            found.append(str(reason))
    return found


def only(kind: type, rows: list[Row]) -> list[Any]:
    return [row for row in rows if type(row) is kind]


def report(**changes: Any) -> dict[str, Any]:
    value = {
        "event_id": "$event1",
        "id": 4,
        "reason": "he is threatening Asha again",
        "score": -100,
        "received_ts": 1777313100000,
        "canonical_alias": None,
        "room_id": "!chat:one.example",
        "name": "Chat",
        "sender": PETE,
        "user_id": "@ed:one.example",
        **changes,
    }
    return {key: inner for key, inner in value.items() if inner is not ...}


def message(body: str, **content: Any) -> dict[str, Any]:
    return {
        "type": "m.room.message",
        "sender": PETE,
        "origin_server_ts": 1777312980000,
        "content": {"msgtype": "m.text", "body": body, **content},
    }


def rule(entity: str | None = PETE, **changes: Any) -> dict[str, Any]:
    content = {"entity": entity, "recommendation": "m.ban", "reason": "threats"} if entity else {}
    value = {
        "type": "m.policy.rule.user",
        "room_id": ROOM,
        "sender": MOD,
        "state_key": "k1",
        "origin_server_ts": 1777314000000,
        "event_id": "$rule1",
        "content": content,
        **changes,
    }
    return {key: inner for key, inner in value.items() if inner is not ...}


def hashed(user_id: str, name: str = "hashes", **changes: Any) -> dict[str, Any]:
    sha256 = base64.b64encode(hashlib.sha256(user_id.encode()).digest()).decode()
    return rule(content={"recommendation": "m.takedown", name: {"sha256": sha256}}, event_id="$hashed", **changes)


def member(membership: str, **changes: Any) -> dict[str, Any]:
    return rule(
        type="m.room.member", state_key=PETE, content={"membership": membership, "reason": "threats"}, **changes
    )


def test_the_shared_samples_give_what_the_reference_gives() -> None:
    if not SHARED.exists():
        pytest.skip("needs the format samples in ../shared/formats")
    rows: list[Row] = []
    for path in sorted(SHARED.iterdir()):
        for outcome in outcomes(text=path.read_text("utf-8")):
            rows += outcome if isinstance(outcome, list) else []
    assert len({row.report_id for row in only(Report, rows)}) == 3
    assert len({row.content_id for row in only(Content, rows)}) == 3
    # The rule on a pattern of servers names nobody.
    assert [row.action for row in only(Enforcement, rows)] == [
        Action.COMMUNITY_BAN_PERM,
        Action.ACCOUNT_SUSPENDED_PERM,
        Action.ACCOUNT_RESTORED,
    ]
    assert len({row.account_id for row in only(Account, rows) if row.id_kind is not IdKind.HASHED}) == 3


def test_the_sender_is_reported_and_the_user_reports() -> None:
    rows = rows_of(report())
    (account,) = only(Account, rows)
    assert (account.account_id, account.handle) == (f"matrix:two.example:{PETE}", "pete")
    (found,) = only(Report, rows)
    assert found.account_id == account.account_id
    assert found.reporter_ref == KEYRING.reporter("matrix", "@ed:one.example")
    assert "@ed" not in repr(rows)


def test_a_reports_number_is_its_servers_own() -> None:
    rows = rows_of(report(), report(user_id="@ed:other.example"))
    assert [row.report_id for row in only(Report, rows)] == ["matrix:one.example:4", "matrix:other.example:4"]


@pytest.mark.parametrize(
    ("reason", "raw", "leaf"),
    [
        ("spam", "spam", "other.spam"),
        ("he knows where she lives", None, "intimidation.doxxing"),
        ("", None, "meta.other"),
        (None, None, "meta.other"),
    ],
)
def test_a_reason_is_free_words_but_for_a_keyword(reason: str | None, raw: str | None, leaf: str) -> None:
    (found,) = only(Report, rows_of(report(reason=reason)))
    assert (found.category_raw, found.category_reported) == (raw, leaf)
    assert found.status is None


def test_the_answer_for_one_report_holds_the_message() -> None:
    rows = rows_of(report(event_json=message("ring 07700 900321")))
    (content,) = only(Content, rows)
    assert (content.content_id, content.text) == ("matrix:$event1", "ring [phone]")
    assert content.created_at == datetime(2026, 4, 27, 18, 3, tzinfo=UTC)
    # The list and the answer are one report of one event.
    assert {row.report_id for row in only(Report, rows)} == {row.report_id for row in only(Report, rows_of(report()))}


def test_of_an_edit_the_new_words_are_read() -> None:
    edit = message("* worse", **{"m.new_content": {"body": "worse"}})
    assert [row.text for row in only(Content, rows_of(report(event_json=edit)))] == ["worse"]


def test_an_answer_aims_at_whom_it_quotes_and_its_quoted_lines_are_not_its_own() -> None:
    body = f"> <{ASHA}> Surgery is at ten.\n> Do come.\n\nwe know your street"
    answer = message(body, **{"m.mentions": {"user_ids": [ASHA, "@ed:one.example", PETE, "nobody"]}})
    rows = rows_of(report(event_json=answer))
    assert [row.text for row in only(Content, rows)] == ["we know your street"]
    assert {row.target_id: row.derivations for row in only(Target, rows)} == {
        "matrix:one.example:asha": ("reply_parent",),
        "matrix:one.example:ed": ("mention", "reporter"),
    }
    (found,) = only(Report, rows)
    assert found.reporter_is_target is True
    assert set(found.target_ids) == {row.target_id for row in only(Target, rows)}


def test_an_encrypted_message_has_no_text() -> None:
    sealed = {**message("x"), "type": "m.room.encrypted", "content": {"ciphertext": "abc", "body": "x"}}
    assert [row.text for row in only(Content, rows_of(report(event_json=sealed)))] == [None]


def test_a_reason_that_alleges_csam_keeps_the_fact_alone() -> None:
    mentions = {"m.mentions": {"user_ids": [ASHA]}}
    rows = rows_of(report(reason="CSAM secret", event_json=message("secret", **mentions)))
    assert only(Target, rows) == only(LinkClaim, rows) == []
    assert [(row.category_reported, row.text) for row in only(Report, rows)] == [("other.csea", None)]
    assert [(row.text, row.url) for row in only(Content, rows)] == [(None, None)]
    assert "secret" not in repr(rows)


def test_a_report_without_sender_is_on_the_event_alone() -> None:
    rows = rows_of(report(sender=None, score=None, name=...))
    assert only(Account, rows) == []
    assert [(row.account_id, row.content_ids) for row in only(Report, rows)] == [(None, ("matrix:$event1",))]


def test_a_report_of_a_user_points_at_no_event_and_has_a_number_of_its_own() -> None:
    value = {"id": 4, "received_ts": 1777313100000, "target_user_id": PETE, "user_id": ASHA}
    rows = rows_of({**value, "reason": "same person as grimwald77 on Bluesky"}, report())
    assert [row.report_id for row in only(Report, rows)] == ["matrix:one.example:user:4", "matrix:one.example:4"]
    assert [row.account_id for row in only(Report, rows)] == [f"matrix:two.example:{PETE}"] * 2
    assert [row.claimed_handle for row in only(LinkClaim, rows)] == ["grimwald77"]


@pytest.mark.parametrize(
    "changes",
    [{"sender": "pete"}, {"user_id": 7}, {"received_ts": []}, {"event_json": "x"}, {"id": ...}, {"event_id": None}],
)
def test_a_report_of_another_shape_is_rejected_by_name(changes: dict[str, Any]) -> None:
    with pytest.raises(RejectedRecord, match=next(iter(changes))):
        list(ADAPTER.normalise(RawRecord(1, report(**changes)), context()))


def test_a_rule_on_a_user_is_a_ban_of_those_who_follow_the_list() -> None:
    (found,) = only(Enforcement, rows_of(rule()))
    assert (found.action, found.scope, found.scope_ref) == (Action.COMMUNITY_BAN_PERM, Scope.COMMUNITY, ROOM)
    assert found.at_earliest == found.at_latest == datetime(2026, 4, 27, 18, 20, tzinfo=UTC)
    assert (found.reason, found.by_ref) == ("threats", KEYRING.reporter("matrix", MOD))
    assert only(Report, rows_of(rule())) == []


@pytest.mark.parametrize("kind", ["m.policy.rule.user", "m.room.rule.user", "org.matrix.mjolnir.rule.user"])
@pytest.mark.parametrize(
    ("recommendation", "action"),
    [
        ("m.ban", Action.COMMUNITY_BAN_PERM),
        ("org.matrix.mjolnir.ban", Action.COMMUNITY_BAN_PERM),
        ("m.takedown", Action.ACCOUNT_SUSPENDED_PERM),
        ("org.matrix.msc4204.takedown", Action.ACCOUNT_SUSPENDED_PERM),
        ("fi.mau.meowlnir.unban", Action.ACCOUNT_RESTORED),
    ],
)
def test_the_names_of_before_mean_the_same(kind: str, recommendation: str, action: Action) -> None:
    rows = rows_of(rule(type=kind, content={"entity": PETE, "recommendation": recommendation}))
    assert [row.action for row in only(Enforcement, rows)] == [action]


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (rule("@*:evil.example"), "pattern"),
        (rule("@spam?:evil.example"), "pattern"),
        (rule("*.evil.example", type="m.policy.rule.server"), "server"),
        (rule("!den:evil.example", type="m.policy.rule.room"), "room"),
        (rule(None, type="m.policy.rule.server"), "server"),
        (rule(content={"entity": PETE, "recommendation": "org.matrix.mjolnir.allow"}), "neither a ban"),
        (rule(type="m.room.topic", content={"topic": "x"}), "no moderation policy"),
        (member("join"), "joining"),
    ],
)
def test_what_names_no_account_is_left_out_with_its_reason(value: dict[str, Any], why: str) -> None:
    (outcome,) = outcomes(value)
    assert why in outcome


def test_a_rule_is_withdrawn_by_an_empty_one_under_its_key() -> None:
    later = rule(None, event_id="$rule2", origin_server_ts=1777400000000)
    ban, restored = only(Enforcement, rows_of(rule(), later))
    assert (restored.action, restored.account_id) == (Action.ACCOUNT_RESTORED, ban.account_id)
    assert restored.at_earliest == datetime(2026, 4, 28, 18, 13, 20, tzinfo=UTC)
    assert restored.scope_ref == ban.scope_ref


@pytest.mark.parametrize(
    "changes",
    [
        {"unsigned": {"prev_content": {"entity": PETE, "recommendation": "m.ban"}}},
        {"prev_content": {"entity": PETE, "recommendation": "m.ban"}},
        {"state_key": f"rule:{PETE}"},
        {"state_key": f"_{PETE}"},
    ],
)
def test_a_withdrawn_rule_may_say_itself_whose_it_was(changes: dict[str, Any]) -> None:
    (found,) = only(Enforcement, rows_of(rule(None, **changes)))
    assert (found.action, found.account_id) == (Action.ACCOUNT_RESTORED, f"matrix:two.example:{PETE}")


def test_a_withdrawn_rule_that_says_nothing_is_left_out() -> None:
    other_key = rule(None, state_key="k2")
    other_room = rule(None, room_id="!other:one.example")
    assert [outcome for outcome in outcomes(rule(), other_key, other_room) if "withdrawn" in outcome]
    assert len(only(Enforcement, rows_of(rule(), other_key, other_room))) == 1


def test_a_redacted_rule_is_withdrawn_when_it_was_redacted() -> None:
    because = {"type": "m.room.redaction", "sender": ASHA, "origin_server_ts": 1777600000000}
    before = {"prev_content": {"entity": PETE, "recommendation": "m.ban"}}
    (found,) = only(Enforcement, rows_of(rule(None, unsigned={"redacted_because": because, **before})))
    assert found.at_earliest == datetime(2026, 5, 1, 1, 46, 40, tzinfo=UTC)
    assert found.by_ref == KEYRING.reporter("matrix", ASHA)
    # It is the same event as the rule, and must not take its place.
    assert found.enforcement_id not in {row.enforcement_id for row in only(Enforcement, rows_of(rule()))}


def test_a_rule_that_is_replaced_by_one_on_somebody_else_is_withdrawn() -> None:
    other = rule(GRIM, event_id="$rule2", origin_server_ts=1777400000000)
    found = {(row.account_id.rpartition(":@")[2], row.action) for row in only(Enforcement, rows_of(rule(), other))}
    assert found == {
        ("pete:two.example", Action.COMMUNITY_BAN_PERM),
        ("pete:two.example", Action.ACCOUNT_RESTORED),
        ("grimwald77:one.example", Action.COMMUNITY_BAN_PERM),
    }
    # A file that runs from the newest to the oldest tells of no replacement by the older one.
    backwards = only(Enforcement, rows_of(other, rule()))
    assert [row.action for row in backwards] == [Action.COMMUNITY_BAN_PERM] * 2


def test_the_same_rule_read_twice_is_one_enforcement() -> None:
    rows = rows_of(rule(), rule())
    assert len({row.enforcement_id for row in only(Enforcement, rows)}) == 1
    without_id = rows_of(rule(event_id=...), rule(event_id=...))
    assert len({row.enforcement_id for row in only(Enforcement, without_id)}) == 1


def test_a_hashed_user_is_an_account_by_a_keyed_digest() -> None:
    (account,) = only(Account, rows_of(hashed(PETE)))
    assert (account.id_kind, account.instance, account.handle) == (IdKind.HASHED, "hashed", None)
    sha256 = hashed(PETE)["content"]["hashes"]["sha256"]
    assert sha256 not in repr(rows_of(hashed(PETE)))
    (unstable,) = only(Account, rows_of(hashed(PETE, "org.matrix.msc4205.hashes")))
    assert unstable.account_id == account.account_id


def test_a_user_read_in_clear_is_linked_to_the_rule_on_its_hash() -> None:
    rows = rows_of(report(), report(id=5, sender=GRIM, event_id="$other")) + rows_of(hashed(PETE))
    (hidden,) = [row for row in only(Account, rows) if row.id_kind is IdKind.HASHED]
    named = {
        row.account_id
        for row in only(Sighting, rows)
        if row.kind is SignalKind.DECLARED and row.value == hidden.account_id
    }
    assert named == {f"matrix:two.example:{PETE}"}
    tables = {
        name: merge.merge(name, frame(name, only(kind, rows)))
        for name, kind in (("accounts", Account), ("sightings", Sighting))
    }
    found = link.link(tables["accounts"], sightings=tables["sightings"]).matches
    assert {(row["left"], row["right"]) for row in found.iter_rows(named=True)} == {
        tuple(sorted((hidden.account_id, f"matrix:two.example:{PETE}")))
    }
    assert found["match_probability"].item() > 0.8
    # It is computed, and not what one profile says of another.
    assert found["declared_level"].item() == TWO_WAY


@pytest.mark.parametrize(
    "spelled", ["B1xK7hEyDfeqbgM+UC0NaKAspplKCcITaKduqmdOnKc=", "B1xK7hEyDfeqbgM-UC0NaKAspplKCcITaKduqmdOnKc"]
)
def test_a_hash_is_read_with_and_without_padding_and_url_safe(spelled: str) -> None:
    assert canonical_hash(spelled) == "B1xK7hEyDfeqbgM+UC0NaKAspplKCcITaKduqmdOnKc="


@pytest.mark.parametrize("spelled", ["", "=", "abc", "x" * 44, "é" * 44, "QUJD"])
def test_what_is_no_hash_is_rejected(spelled: str) -> None:
    assert canonical_hash(spelled) is None
    if spelled:
        with pytest.raises(RejectedRecord, match="sha256"):
            rows_of(rule(content={"recommendation": "m.ban", "hashes": {"sha256": spelled}}))


def test_a_number_in_a_bridged_id_stays_nowhere_in_the_clear() -> None:
    ghost = "@whatsapp_447700900321:one.example"
    rows = rows_of(report(sender=ghost), rule(ghost), rule("@bob=40mailbox.example:one.example", state_key="k2"))
    assert not any(value in repr(rows) for value in ("900321", "mailbox"))
    assert all(row.id_kind is IdKind.HASHED for row in only(Account, rows))
    values = {(row.kind, row.value) for row in only(Sighting, rows)}
    assert (SignalKind.PHONE_HMAC, KEYRING.phone("+447700900321")) in values
    assert (SignalKind.EMAIL_HMAC, KEYRING.email("bob@mailbox.example")) in values


def test_a_ban_of_a_room_is_its_own_and_leaving_after_it_its_end() -> None:
    banned = member("ban")
    banned["content"] |= {"displayname": "Pete M", "avatar_url": "mxc://two.example/abc"}
    left = member("leave", event_id="$rule2", origin_server_ts=1777400000000)
    rows = rows_of(banned, left)
    assert [(row.action, row.scope_ref) for row in only(Enforcement, rows)] == [
        (Action.COMMUNITY_BAN_PERM, ROOM),
        (Action.ACCOUNT_RESTORED, ROOM),
    ]
    assert only(Account, rows)[0].display_name == "Pete M"
    (alone,) = outcomes(left)
    assert isinstance(alone, str)


@pytest.mark.parametrize(
    ("user_id", "server"),
    [
        ("@a:one.example", "one.example"),
        ("@a=2b/.b:One.Example:8448", "one.example"),
        ("@a:[::1]:8448", "[::1]"),
        ("@*:one.example", None),
        ("a:one.example", None),
        ("@a", None),
        ("@:one.example", None),
        ("@a b:one.example", None),
        (None, None),
    ],
)
def test_user_ids(user_id: str | None, server: str | None) -> None:
    found = user_in(user_id)
    assert (found.server if found else None) == server


@pytest.mark.parametrize(
    "text",
    [
        json.dumps({"event_reports": [report()], "total": 1}),
        json.dumps({"total": 1, "event_reports": [report()], "next_token": 3}, indent=1),
        json.dumps([{"event_reports": [report()]}, {"event_reports": [report()]}]),
        json.dumps({"event_reports": [report()]}) + "\n" + json.dumps({"event_reports": [report()]}) + "\n",
        json.dumps([report()]),
        json.dumps(report(event_json=message("x"))),
        json.dumps(report(), indent=2),
        json.dumps(report()) + "\n" + json.dumps(report()),
        json.dumps(
            {"user_reports": [{"id": 1, "received_ts": 1777313100000, "target_user_id": PETE, "user_id": ASHA}]}
        ),
        json.dumps([rule()]),
        json.dumps(rule(), indent=1),
        json.dumps({"chunk": [rule()], "start": "a", "end": "b"}),
        json.dumps({"room_name": "x", "exported_by": ASHA, "messages": [rule()]}),
        json.dumps({"state": {"events": [rule()]}}),
    ],
)
def test_every_way_to_write_it_down_is_recognised(text: str) -> None:
    found = outcomes(text=text)
    assert found
    assert all(isinstance(rows, list) and rows for rows in found)


def test_an_empty_page_is_a_page_and_a_line_that_is_none_costs_itself() -> None:
    assert outcomes(text=json.dumps({"event_reports": [], "total": 0})) == []
    lines = [{"event_reports": [report(), 7]}, {"total": 1}, {"event_reports": [report()]}]
    content = "\n".join(map(json.dumps, lines)).encode()
    _, layout = recognise(heads(io.BytesIO(content), "any"), [ADAPTER])
    read = list(ADAPTER.read(io.BytesIO(content), layout))
    assert [type(item) for item in read] == [RawRecord, Unreadable, Unreadable, RawRecord]


@pytest.mark.parametrize(
    "value",
    [
        {"messages": [{"id": "1", "type": "Default", "content": "x", "author": {"id": "1"}}]},
        {"type": "Flag", "actor": "https://a.example/actor", "object": [], "content": "x"},
        {"id": 1, "user_id": 2, "reason": "x"},
    ],
)
def test_what_is_none_of_matrixs_is_refused(value: dict[str, Any]) -> None:
    for way in heads(io.BytesIO(json.dumps(value).encode()), "any"):
        assert isinstance(ADAPTER.recognise(way), Refusal)
