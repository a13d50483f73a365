"""STIX: what organisations say of accounts stays an allegation; what they take back is taken back."""

from __future__ import annotations

import io
import json
import uuid
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from golden import as_lines, rows_and_reasons

from graphmatch.adapter import Context, Layout, Options, RawRecord, Refusal
from graphmatch.errors import RejectedRecord
from graphmatch.frames import frame as table_of
from graphmatch.intake.head import heads
from graphmatch.merge import in_force, merge
from graphmatch.model import (
    Account,
    AccountState,
    Content,
    Enforcement,
    Gate,
    IdKind,
    LinkClaim,
    Report,
    ReportStatus,
    Row,
    Sighting,
    SignalKind,
    SourceKind,
    Target,
)
from graphmatch.normalise.contacts import Keyring
from graphmatch.normalise.times import from_iso
from graphmatch.release.stix import Writer
from ingest.stix import objects
from ingest.stix.adapter import StixAdapter

SHARED = Path(__file__).parents[3] / "shared" / "formats" / "stix"
ADAPTER = StixAdapter(Options())
T1, T2 = "2026-04-22T13:00:00.000Z", "2026-04-24T13:00:00.000Z"
DID = "did:plc:hh5mwr4rpkw4uau6yuqmzi2o"


def made(kind: str, key: str, **values: Any) -> dict[str, Any]:
    return {"type": kind, "spec_version": "2.1", "id": name(kind, key), **values}


def name(kind: str, key: str) -> str:
    return f"{kind}--{uuid.uuid5(uuid.NAMESPACE_DNS, key)}"


def stated(kind: str, key: str, **values: Any) -> dict[str, Any]:
    return made(kind, key, **{"created": T1, "modified": T1, "created_by_ref": name("identity", "desk"), **values})


def link(source: dict[str, Any], target: dict[str, Any], word: str = "related-to", **values: Any) -> dict[str, Any]:
    return stated(
        "relationship", "r", relationship_type=word, source_ref=source["id"], target_ref=target["id"], **values
    )


BLUESKY = made("user-account", "b", account_type="bluesky", user_id=DID, account_login="grimwald77.test")
X = made("user-account", "x", account_type="twitter", account_login="@Grimwald_NM")
TELEGRAM = made("user-account", "t", account_type="Telegram", user_id="5550177301")


def rows_in(data: bytes) -> tuple[list[Row], list[str]]:
    return rows_and_reasons(ADAPTER, data)


def bundle(*found: dict[str, Any]) -> bytes:
    return json.dumps({"type": "bundle", "id": name("bundle", "b"), "objects": found}).encode()


def rows_of(*found: dict[str, Any]) -> list[Row]:
    return rows_in(bundle(*found))[0]


def only(kind: type, rows: Iterable[Row]) -> list[Any]:
    return [row for row in rows if type(row) is kind]


def reasons(*found: dict[str, Any]) -> list[str]:
    return rows_in(bundle(*found))[1]


def account_ids(*found: dict[str, Any]) -> set[str]:
    return {row.account_id for row in only(Account, rows_of(*found))}


def test_every_shared_sample_is_read_and_nothing_is_quarantined() -> None:
    if not SHARED.exists():
        pytest.skip("needs the format samples in ../shared/formats")
    for path in SHARED.iterdir():
        rows, why = rows_in(path.read_bytes())
        assert not [each for each in why if not each.startswith("LeftOut")]
        assert len({row.account_id for row in only(Account, rows)}) == 4
        # Three notes about one account each, and a report about four.
        assert len({row.report_id for row in only(Report, rows)}) == 7
        assert len(only(LinkClaim, rows)) == 3
        assert {row.target_id for row in only(Target, rows)} == {"name:asha verma"}


@pytest.mark.parametrize(
    ("values", "account_id", "kind"),
    [
        ({"account_type": "twitter", "account_login": "@Moor_Lad"}, "x:x:@moor_lad", IdKind.HANDLE_ONLY),
        ({"account_type": "X", "user_id": "23849985", "account_login": "moorlad"}, "x:x:23849985", IdKind.NUMERIC),
        ({"account_type": "twitter", "user_id": "moorlad"}, "x:x:@moorlad", IdKind.HANDLE_ONLY),
        ({"account_type": "bluesky", "user_id": DID}, f"bluesky:bsky:{DID}", IdKind.DID),
        ({"account_type": "telegram", "user_id": "5550177301"}, "telegram:telegram:user5550177301", IdKind.NUMERIC),
        ({"account_type": "telegram", "user_id": "-1001888777"}, "telegram:telegram:channel1888777", IdKind.NUMERIC),
        (
            {"account_type": "reddit", "user_id": "8k2m", "account_login": "pete"},
            "reddit:reddit:t2_8k2m",
            IdKind.OPAQUE,
        ),
        (
            {"account_type": "mastodon", "user_id": "https://s.example/ap/users/114", "account_login": "grim"},
            "mastodon:s.example:114",
            IdKind.NUMERIC,
        ),
        (
            {"account_type": "mastodon", "user_id": "114", "account_login": "grim@s.example"},
            "mastodon:s.example:114",
            IdKind.NUMERIC,
        ),
        (
            {"account_type": "mastodon", "account_login": "Grim@S.example"},
            "mastodon:s.example:@grim",
            IdKind.HANDLE_ONLY,
        ),
        (
            {"account_type": "lemmy", "user_id": "https://l.example/u/grim"},
            "lemmy:l.example:https://l.example/u/grim",
            IdKind.ACTOR_URI,
        ),
        ({"account_type": "matrix", "user_id": "@grim:m.example"}, "matrix:m.example:@grim:m.example", IdKind.OPAQUE),
        ({"user_id": "https://x.com/Moor_Lad"}, "x:x:@moor_lad", IdKind.HANDLE_ONLY),
        ({"account_type": "other", "user_id": "https://x.com/Moor_Lad"}, "x:x:@moor_lad", IdKind.HANDLE_ONLY),
        ({"account_type": "clips", "user_id": "77", "account_login": "grim"}, "clips:clips:77", IdKind.NUMERIC),
    ],
)
def test_an_account_is_keyed_as_its_own_platform_does(values: dict[str, Any], account_id: str, kind: IdKind) -> None:
    (account,) = only(Account, rows_of(made("user-account", "a", **values)))
    assert (account.account_id, account.id_kind) == (account_id, kind)


@pytest.mark.parametrize(
    "values",
    [
        {"account_type": "mastodon", "account_login": "grimwald_77"},
        {"account_login": "grimwald_77"},
        {"account_type": "twitter"},
        {"account_type": "twitter", "user_id": "1.01421E+18"},
    ],
)
def test_an_account_that_can_not_be_told_apart_is_rejected(values: dict[str, Any]) -> None:
    rows, why = rows_in(bundle(made("user-account", "a", **values)))
    assert rows == []
    assert why[0].startswith("RejectedRecord")
    assert "grimwald" not in why[0]


def test_an_account_of_a_computer_is_left_out() -> None:
    assert reasons(made("user-account", "a", account_type="windows-local", account_login="thecarter")) == [
        "LeftOut: an account of a computer system, not of a platform"
    ]


def test_that_an_account_is_disabled_is_no_sanction() -> None:
    rows = rows_of({**BLUESKY, "is_disabled": True, "account_created": "2026-04-15T10:03:22.726Z"})
    assert only(Enforcement, rows) == []
    (account,) = only(Account, rows)
    assert account.state is AccountState.DEACTIVATED
    assert account.created_at == datetime(2026, 4, 15, 10, 3, 22, 726000, UTC)


def test_a_contact_value_in_the_place_of_a_name_is_digested() -> None:
    mail = {"account_type": "facebook", "user_id": "1000123", "account_login": "pete@mailbox.example"}
    rows = rows_of(
        made("user-account", "f", **mail),
        made("user-account", "w", account_type="WhatsApp", user_id="+44 7700 900321"),
        made("user-account", "m", account_type="instagram", account_login="pete@mailbox.example"),
    )
    assert not {"pete@mailbox", "7700"} & set(as_lines(rows).split())
    assert "mailbox.example" not in as_lines(rows)
    assert "900321" not in as_lines(rows)
    ids = [row.account_id for row in only(Account, rows)]
    assert ids[0] == "facebook:facebook:1000123"
    assert [each.rpartition(":")[0] for each in ids[1:]] == ["whatsapp:whatsapp", "email:email"]
    assert {row.kind for row in only(Sighting, rows)} == {SignalKind.EMAIL_HMAC, SignalKind.PHONE_HMAC}


def test_a_relationship_of_accounts_is_a_claim_of_an_organisation() -> None:
    rows = rows_of(link(BLUESKY, X, confidence=81, description="shared URL, mail to pete@mailbox.example"), BLUESKY, X)
    (claim,) = only(LinkClaim, rows)
    assert claim.claim_id == f"stix:{name('relationship', 'r')}"
    assert (claim.account_id, claim.claimed_platform) == (f"bluesky:bsky:{DID}", "x")
    assert claim.claimed_handle.lower() == "grimwald_nm"
    assert claim.quote == "related-to (confidence 81): shared URL, mail to [email]"
    assert (claim.asserted_by, claim.asserted_at) == ("organisation", datetime(2026, 4, 22, 13, tzinfo=UTC))
    assert only(Report, rows) == []


def test_the_account_that_has_a_handle_is_the_claimed_one() -> None:
    (claim,) = only(LinkClaim, rows_of(link(X, TELEGRAM), X, TELEGRAM))
    assert (claim.account_id, claim.claimed_platform) == ("telegram:telegram:user5550177301", "x")


@pytest.mark.parametrize(
    ("word", "values"),
    [
        ("communicates-with", {}),
        ("mentions", {}),
        ("related-to", {"description": "NOT the same operator"}),
        ("related-to", {"description": "impersonates the other"}),
        ("related-to", {"description": "they follow and replied to each other: he follows her"}),
        ("related-to", {"confidence": 0}),
    ],
)
def test_a_relationship_that_claims_no_operator_links_nothing(word: str, values: dict[str, Any]) -> None:
    rows, why = rows_in(bundle(link(BLUESKY, X, word, **values), BLUESKY, X))
    assert only(LinkClaim, rows) == []
    assert why[0].startswith("LeftOut")


def test_a_later_version_that_is_revoked_takes_the_earlier_one_back() -> None:
    claim = link(BLUESKY, X)
    rows, why = rows_in(bundle(claim, {**claim, "modified": T2, "revoked": True}, BLUESKY, X))
    (taken_back,) = only(LinkClaim, rows)
    assert (taken_back.claim_id, taken_back.withdrawn_at) == (f"stix:{claim['id']}", from_iso(T2))
    assert only(Account, rows) == only(Account, rows_of(BLUESKY, X))  # it says nothing else of them
    assert len(why) == 1
    (before,) = only(LinkClaim, rows_of(claim, BLUESKY, X))
    later = merge("link_claims", table_of("link_claims", [before]), table_of("link_claims", [taken_back]))
    assert in_force(later, "asserted_at").is_empty()
    assert in_force(table_of("link_claims", [before]), "asserted_at").height == 1


def test_impersonation_is_no_link_and_its_subject_no_account() -> None:
    rows = rows_of(BLUESKY, X, link(X, BLUESKY, "impersonates"))
    assert only(LinkClaim, rows) == []
    assert {row.account_id for row in only(Account, rows)} == {"x:x:@grimwald_nm"}
    assert {row.target_id for row in only(Target, rows)} == {f"bluesky:bsky:{DID}"}
    (report,) = only(Report, rows)
    assert (report.account_id, report.category_reported) == ("x:x:@grimwald_nm", "deception.impersonation")
    assert report.target_ids == (f"bluesky:bsky:{DID}",)


def test_what_is_said_about_a_targets_own_account_is_not_kept() -> None:
    mail = made("email-addr", "m", value="asha@office.example", belongs_to_ref=BLUESKY["id"])
    note = stated("note", "n", content="seen together", object_refs=[BLUESKY["id"], X["id"]])
    rows = rows_of(link(X, BLUESKY, "targets"), BLUESKY, X, mail, note, link(X, BLUESKY))
    assert {row.account_id for row in only(Account, rows)} == {"x:x:@grimwald_nm"}
    assert {row.account_id for row in only(Sighting, rows)} == {"x:x:@grimwald_nm"}
    assert [row.account_id for row in only(Report, rows)] == ["x:x:@grimwald_nm"]


def test_whom_abuse_is_aimed_at_is_a_target_and_who_is_behind_an_account_is_not_kept() -> None:
    asha = stated("identity", "asha", name="Asha Verma", identity_class="individual", roles=["candidate"])
    operator = stated("identity", "op", name="Peter Moor", identity_class="individual")
    rows = rows_of(
        X,
        asha,
        operator,
        link(X, asha, "targets"),
        {**link(X, operator, "attributed-to"), "id": name("relationship", "2")},
    )
    assert [row.target_id for row in only(Target, rows)] == ["name:asha verma"]
    assert "Peter" not in as_lines(rows)
    report = stated("report", "rep", name="words", object_refs=[X["id"], asha["id"], operator["id"]])
    rows = rows_of(X, asha, operator, report)
    assert "Peter" not in as_lines(rows)
    assert only(Report, rows)[0].target_ids == ("name:asha verma",)


def test_an_address_is_an_accounts_only_where_a_relationship_says_so() -> None:
    url = made("url", "u", value="https://grimwald.example/")
    domain = made("domain-name", "d", value="grimwald[.]example", defanged=True)
    ip = made("ipv4-addr", "i", value="198.51.100.23")
    assert reasons(url, ip) == ["LeftOut: an address by itself: relationships say whose it is"] * 2
    for trait in (url, domain):
        rows = rows_of(X, trait, link(X, trait))
        assert [row.value for row in only(Sighting, rows) if row.kind is SignalKind.LINK] == ["grimwald.example"]
    rows = rows_of(X, ip, link(ip, X))
    assert [row.kind for row in only(Sighting, rows)].count(SignalKind.IP_HMAC) == 1
    assert "198.51" not in as_lines(rows)
    assert only(Sighting, rows_of(X, url, link(X, url, "targets"))) == only(Sighting, rows_of(X))


def test_a_revoked_trait_is_withdrawn() -> None:
    url = made("url", "u", value="https://grimwald.example/")
    rows, why = rows_in(bundle(link(X, url, revoked=True, modified=T2), X, url))
    assert why == ["LeftOut: an address by itself: relationships say whose it is"]
    (gone,) = [row for row in only(Sighting, rows) if row.kind is SignalKind.LINK]
    assert gone.withdrawn_at == datetime(2026, 4, 24, 13, tzinfo=UTC)
    assert gone.last_seen < gone.withdrawn_at


def test_an_address_under_the_accounts_profile_is_its_post() -> None:
    url = made("url", "u", value="https://twitter.com/grimwald_nm/status/2039795000849987288?s=20")
    rows = rows_of(X, url, link(X, url, "publishes"))
    assert [row.content_id for row in only(Content, rows)] == ["x:2039795000849987288"]
    assert SignalKind.LINK not in {row.kind for row in only(Sighting, rows)}


def test_an_e_mail_address_belongs_to_the_account_it_names() -> None:
    mail = made("email-addr", "m", value="grim@mailbox.example", belongs_to_ref=X["id"])
    rows = rows_of(mail, X)
    assert [row.kind for row in only(Sighting, rows)].count(SignalKind.EMAIL_HMAC) == 1
    assert "mailbox" not in as_lines(rows)
    assert reasons(made("email-addr", "m", value="grim@mailbox.example"))[0].startswith("LeftOut")


def test_a_note_about_an_account_is_an_allegation() -> None:
    note = stated(
        "note",
        "n",
        content="violence.threat: said 'see you friday', ring 01632 960123. Same person as @moor_lad on Reddit.",
        object_refs=[X["id"]],
        authors=["Ines Tarrant"],
    )
    rows = rows_of(note, X)
    (report,) = only(Report, rows)
    assert report.report_id == f"stix:{note['id']}:{X['id'].partition('--')[2]}"
    assert (report.source_kind, report.account_id, report.platform) == (SourceKind.INTAKE, "x:x:@grimwald_nm", "x")
    assert (report.category_reported, report.gate) == ("violence.threat", Gate.ILLEGAL)
    assert "[phone]" in report.text
    assert report.status is None
    assert [row.claimed_handle for row in only(LinkClaim, rows)] == ["moor_lad"]
    assert "Tarrant" not in as_lines(rows)
    assert note["created_by_ref"] not in as_lines(rows)


@pytest.mark.parametrize(
    ("values", "leaf"),
    [
        ({"labels": ["tlp:red", "Doxxing"]}, "intimidation.doxxing"),
        ({"labels": ['abuse:kind="violent_threat"']}, "violence.threat"),
        ({"labels": ["spam", "violence.threat"]}, "violence.threat"),
        (
            {"labels": ['estimative-language:likelihood-probability="very-likely"', "evidence-family:naming"]},
            "meta.other",
        ),
        ({"report_types": ["threat-actor"]}, "meta.other"),
        ({"description": "posts her home address"}, "intimidation.doxxing"),
    ],
)
def test_what_is_alleged_is_read_from_labels_then_words(values: dict[str, Any], leaf: str) -> None:
    said = stated("report", "rep", **{"name": "cluster", "object_refs": [X["id"]], **values})
    assert [row.category_reported for row in only(Report, rows_of(X, said))] == [leaf]


def test_child_safety_reports_keep_no_words() -> None:
    for values in ({"labels": ["CSEA"]}, {"content": "shares csam"}):
        note = stated("note", "n", **{"content": "as described", "object_refs": [X["id"]], **values})
        (report,) = only(Report, rows_of(X, note))
        assert (report.category_reported, report.text) == ("other.csea", None)


def test_a_revoked_note_dismisses_its_report() -> None:
    note = stated("note", "n", content="spam", object_refs=[X["id"]])
    (before,) = only(Report, rows_of(X, note))
    rows = rows_of(X, {**note, "revoked": True, "modified": T2})
    (after,) = only(Report, rows)
    assert (after.report_id, after.status, after.text) == (before.report_id, ReportStatus.DISMISSED, None)
    assert after.observed_at > before.observed_at


def test_a_report_on_several_accounts_is_one_allegation_each() -> None:
    said = stated("report", "rep", name="cluster", published=T2, object_refs=[X["id"], BLUESKY["id"], TELEGRAM["id"]])
    reports = only(Report, rows_of(X, BLUESKY, TELEGRAM, said))
    assert len({row.report_id for row in reports}) == len({row.account_id for row in reports}) == 3
    assert {row.reported_at for row in reports} == {datetime(2026, 4, 24, 13, tzinfo=UTC)}
    assert only(LinkClaim, rows_of(X, BLUESKY, said)) == []


def test_an_opinion_against_is_no_allegation() -> None:
    for word, count in (("strongly-disagree", 0), ("disagree", 0), ("agree", 1)):
        said = stated("opinion", "o", opinion=word, explanation="words", object_refs=[X["id"]])
        assert len(only(Report, rows_of(X, said))) == count


def test_an_observation_dates_the_account_and_reports_nothing() -> None:
    url = made("url", "u", value="https://grimwald.example/")
    seen = stated("observed-data", "o", first_observed=T1, last_observed=T2, object_refs=[X["id"], url["id"]])
    rows = rows_of(X, url, seen)
    assert only(Report, rows) == []
    dated = [row for row in only(Sighting, rows) if row.first_seen]
    assert {(row.first_seen.day, row.last_seen.day) for row in dated if row.kind is SignalKind.HANDLE} == {(22, 24)}
    assert [row.context for row in dated if row.kind is SignalKind.LINK] == ["message"]
    several = stated("observed-data", "o", last_observed=T2, object_refs=[X["id"], BLUESKY["id"], url["id"]])
    assert SignalKind.LINK not in {row.kind for row in only(Sighting, rows_of(X, BLUESKY, url, several))}


def test_stix_2_0_keeps_accounts_inside_the_observation() -> None:
    seen = stated("observed-data", "o", last_observed=T2, objects={"0": {**X, "id": None}, "1": {"type": "file"}})
    assert account_ids(seen) == {"x:x:@grimwald_nm"}


def test_a_note_on_a_link_says_more_of_the_claim() -> None:
    claim = link(BLUESKY, X)
    note = stated("note", "n", content="moved within the hour", object_refs=[claim["id"]])
    quotes = {row.quote for row in only(LinkClaim, rows_of(BLUESKY, X, claim, note))}
    assert quotes == {"related-to", "moved within the hour"}


def test_markings_do_not_keep_a_file_from_being_read() -> None:
    red = made("marking-definition", "red", definition_type="tlp", definition={"tlp": "red"}, created=T1)
    other = made("marking-definition", "odd", definition_type="x-desk", definition={"x": 1}, created=T1)
    note = stated("note", "n", content="spam", object_refs=[X["id"]], object_marking_refs=[red["id"], other["id"], "?"])
    assert len(only(Report, rows_of(red, other, X, note))) == 1


def test_patterns_and_actors_are_left_out() -> None:
    found = [stated(kind, kind, name="Peter Moor", pattern="[user-account:user_id = '1']") for kind in (
        "indicator", "threat-actor", "intrusion-set", "campaign", "incident", "malware", "identity", "x-own-thing"
    )]  # fmt: skip
    rows, why = rows_in(bundle(*found))
    assert rows == []
    assert len(why) == len(found)
    assert all(each.startswith("LeftOut") and "Peter" not in each for each in why)


def test_a_named_account_that_the_file_lacks_sends_the_record_to_quarantine() -> None:
    note = stated("note", "n", content="spam", object_refs=[BLUESKY["id"]])
    for found in (link(BLUESKY, X), link(X, BLUESKY, "impersonates"), note):
        (why,) = reasons(X, found)
        assert why.startswith("RejectedRecord")
        assert "not in this file" in why


@pytest.mark.parametrize(
    "shape",
    [
        lambda found: bundle(*found),
        lambda found: json.dumps(json.loads(bundle(*found)), indent=2).encode(),
        lambda found: json.dumps({"objects": found, "id": name("bundle", "b"), "type": "bundle"}).encode(),
        lambda found: json.dumps({"more": True, "next": "7", "objects": found}).encode(),
        lambda found: json.dumps(found).encode(),
        lambda found: json.dumps([json.loads(bundle(*found[:1])), json.loads(bundle(*found[1:]))]).encode(),
        lambda found: b"\n".join(json.dumps(each).encode() for each in found),
        lambda found: b"\n".join(bundle(each) for each in found),
        lambda found: bundle(*found[::-1]),
    ],
)
def test_one_content_in_many_shapes(shape: Any) -> None:
    found = [link(BLUESKY, X), X, BLUESKY, stated("note", "n", content="spam", object_refs=[X["id"]])]
    rows, why = rows_in(shape(found))
    assert why == []
    assert len(only(LinkClaim, rows)) == len(only(Report, rows)) == 1


@pytest.mark.parametrize("name_of", ["id", "type", "modified", "relationship_type", "source_ref", "object_refs"])
@pytest.mark.parametrize("value", [None, [], {}, [[]], 7, "", ["x", 1]])
def test_one_bad_object_costs_itself_alone(name_of: str, value: object) -> None:
    bad = {**link(X, TELEGRAM, "impersonates"), "id": name("relationship", "2"), name_of: value}
    rows, why = rows_in(bundle(link(BLUESKY, X), X, bad, BLUESKY, TELEGRAM))
    assert len(only(LinkClaim, rows)) == 1
    assert len(why) <= 2


def test_one_object_by_itself_is_read() -> None:
    for indent in (None, 1):
        assert len(only(Account, rows_in(json.dumps(X, indent=indent).encode())[0])) == 1


def test_objects_of_a_long_file_find_each_other_across_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(objects, "WINDOW_OBJECTS", 2)
    rows, why = rows_in(bundle(BLUESKY, X, made("url", "u", value="x"), TELEGRAM, link(BLUESKY, X)))
    assert len(only(LinkClaim, rows)) == 1
    assert len(why) == 1
    monkeypatch.setattr(objects, "MOST_REMEMBERED", 1)
    assert len(reasons(BLUESKY, X, TELEGRAM, made("url", "u", value="x"), link(BLUESKY, X))) == 2


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ('{"type": "bundle", "id": "bundle--91a8992b-595d-571b-8f21-88a65600df92"}', True),
        ('{"type": "bundle", "id": "bundle--91a8992b-595d-571b-8f21-88a65600df92", "objects": []}', True),
        ('{"more": false, "objects": []}', True),
        ('{"more": false}', True),
        ('{"objects": [{"id": "note--1", "date_added": "x", "version": "x", "media_type": "x"}]}', True),
        ('{"objects": [{"id": 1, "type": "Note"}]}', False),
        ('{"id": "https://a.example/1", "type": "Note", "content": "x"}', False),
        ('[{"id": "https://a.example/1", "type": "Flag", "object": []}]', False),
        ('{"Event": {"uuid": "x", "Object": []}}', False),
        ("<stix:STIX_Package/>", False),
    ],
)
def test_what_is_no_stix_or_empty_is_refused(text: str, known: bool) -> None:
    refusals = [ADAPTER.recognise(way) for way in heads(io.BytesIO(text.encode()), "bundle.json")]
    assert all(isinstance(each, Refusal) for each in refusals)
    assert any(each.known for each in refusals if isinstance(each, Refusal)) is known


def test_our_own_release_can_be_read_again() -> None:
    """The bundle that a recipient gets says the same two accounts, as a claim and never more."""
    server = "social.northmoor.example"
    both = {
        "link_id": str(uuid.uuid5(uuid.NAMESPACE_DNS, "link")),
        "platform": "mastodon",
        "instance": server,
        "native_id": "114094772542729759",
        "handle": "grimwald_77",
        "linked_platform": "bluesky",
        "linked_instance": "bsky",
        "linked_handle": "grimwald77.test",
        "linked_url": "https://bsky.app/profile/grimwald77.test",
        "likelihood": "very likely",
        "families": ["contact", "naming"],
    }
    moved = {
        "migration_id": str(uuid.uuid5(uuid.NAMESPACE_DNS, "move")),
        "link_id": both["link_id"],
        "kind": "displaced",
        "direction": "from yours",
        "left_earliest": datetime(2026, 4, 15, 9, tzinfo=UTC),
        "left_latest": datetime(2026, 4, 15, 9, tzinfo=UTC),
        "arrived_earliest": datetime(2026, 4, 15, 10, tzinfo=UTC),
        "arrived_latest": None,
    }
    writer = Writer(workspace="Northmoor desk", marking="TLP:RED", made_at=datetime(2026, 4, 20, 9, tzinfo=UTC))
    rows, why = rows_in(writer.write(pl.DataFrame([both]), pl.DataFrame([moved]), "rel-1", "Northmoor"))
    assert all(each.startswith("LeftOut") for each in why)
    ids = {f"mastodon:{server}:114094772542729759", "bluesky:bsky:@grimwald77.test"}
    assert {row.account_id for row in only(Account, rows)} == ids
    assert {row.url for row in only(Account, rows) if row.platform == "bluesky"} == {None, both["linked_url"]}
    claims = only(LinkClaim, rows)
    assert f"stix:relationship--{both['link_id']}" in {row.claim_id for row in claims}
    assert {row.account_id for row in claims} <= ids
    # The grouping says of each that it was shared: allegations without a category, which no release would let through.
    assert {row.account_id for row in only(Report, rows)} == ids
    assert {row.gate for row in only(Report, rows)} <= {Gate.DEBATE, Gate.TERMS}


def test_a_record_of_another_shape_is_rejected_by_name() -> None:
    context = Context("stix", "any.json", Layout("json_array", "object"), Keyring(b"\x01" * 32))
    with pytest.raises(RejectedRecord, match="'object'"):
        list(ADAPTER.normalise(RawRecord(1, {"object": 7}), context))
    with pytest.raises(RejectedRecord, match="'type'"):
        list(ADAPTER.normalise(RawRecord(1, {"object": {"id": "x"}}), context))
