"""MISP: objects refer to each other, deleted ones are taken back, and persons are kept only as targets."""

from __future__ import annotations

import io
import json
import uuid
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from golden import as_lines, rows_and_reasons

from graphmatch.adapter import Context, Layout, Options, RawRecord, Refusal
from graphmatch.errors import RejectedRecord
from graphmatch.intake.head import heads
from graphmatch.model import (
    Account,
    AccountState,
    Content,
    Enforcement,
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
from ingest.misp.adapter import MispAdapter

SHARED = Path(__file__).parents[3] / "shared" / "formats" / "misp"
ADAPTER = MispAdapter(Options())
AT = 1777000000
WHEN = datetime.fromtimestamp(AT, UTC)

#: Relations that templates themselves write with an underscore (of those used here).
UNDERSCORED = frozenset({"twitter_username"})
NAMED = {"first name": "Pete", "last name": "M"}


def name(key: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_DNS, key))


def attribute(relation: str, value: str, **values: Any) -> dict[str, Any]:
    return {"object_relation": relation, "value": value, "type": "text", "timestamp": str(AT), **values}


def thing(kind: str, key: str, *refs: tuple[str, str], **values: Any) -> dict[str, Any]:
    """An object: attributes by keyword (``_`` stands for ``-``), references as (type, key of the other)."""
    extra = values.pop("extra", {})
    names = {each: each if each in UNDERSCORED else each.replace("_", "-").replace(" ", "_") for each in values}
    told = [attribute(names[relation], value) for relation, value in values.items()]
    return {
        "name": kind,
        "uuid": name(key),
        "timestamp": str(AT),
        "comment": "",
        "Attribute": told,
        "ObjectReference": [
            {"uuid": name(key + word + to), "referenced_uuid": name(to), "relationship_type": word, "comment": ""}
            for word, to in refs
        ],
        **extra,
    }


def event(*objects: dict[str, Any], **values: Any) -> dict[str, Any]:
    base = {"uuid": name("event"), "info": "week 17", "date": "2026-04-24", "Object": list(objects)}
    return {**base, "Orgc": {"uuid": name("org"), "name": "Northmoor desk"}, **values}


def rows_in(data: bytes) -> tuple[list[Row], list[str]]:
    return rows_and_reasons(ADAPTER, data)


def read(*objects: dict[str, Any], **values: Any) -> tuple[list[Row], list[str]]:
    return rows_in(json.dumps({"Event": event(*objects, **values)}).encode())


def rows_of(*objects: dict[str, Any], **values: Any) -> list[Row]:
    return read(*objects, **values)[0]


def only(kind: type, rows: Iterable[Row]) -> list[Any]:
    return [row for row in rows if type(row) is kind]


LAD = thing("twitter-account", "lad", name="moorlad", id="23849985", displayed_name="Pete M")
REDDIT = thing("reddit-account", "reddit", account_name="moor_lad", account_id="8k2m")


def lad(*refs: tuple[str, str], **values: Any) -> dict[str, Any]:
    return thing("twitter-account", "lad", *refs, name="moorlad", id="23849985", **values)


def post(*refs: tuple[str, str], **values: Any) -> dict[str, Any]:
    return thing("microblog", "post", *refs, **{"type": "Twitter", "post": "words", "state": "Malicious", **values})


def test_every_shared_sample_is_read_and_nothing_is_quarantined() -> None:
    if not SHARED.exists():
        pytest.skip("needs the format samples in ../shared/formats")
    for path in SHARED.iterdir():
        rows, why = rows_in(path.read_bytes())
        assert why == []
        assert {row.account_id for row in only(Account, rows)} == {
            "mastodon:social.northmoor.example:114094772542729759",
            "bluesky:bsky:did:plc:hh5mwr4rpkw4uau6yuqmzi2o",
            "telegram:telegram:user5550177301",
            "x:x:@grimwald_nm",
        }
        assert len(only(LinkClaim, rows)) == len(only(Content, rows)) == len(only(Report, rows)) == 3
        assert {row.target_id for row in only(Target, rows)} == {
            "name:asha verma",
            "name:asha4northmoor.test",
            "x:x:ashafornorthmoor",
        }
        assert only(Enforcement, rows) == []


@pytest.mark.parametrize(
    ("found", "account_id", "kind"),
    [
        (LAD, "x:x:23849985", IdKind.NUMERIC),
        (thing("twitter-account", "a", name="@MoorLad"), "x:x:@moorlad", IdKind.HANDLE_ONLY),
        (REDDIT, "reddit:reddit:t2_8k2m", IdKind.OPAQUE),
        (thing("telegram-account", "a", id="5550177301"), "telegram:telegram:user5550177301", IdKind.NUMERIC),
        (
            thing("facebook-account", "a", account_name="Pete Moor", account_id="1000"),
            "facebook:facebook:1000",
            "numeric",
        ),
        (thing("instagram-account", "a", account_name="pete.moor"), "instagram:instagram:@pete.moor", "handle_only"),
        (thing("youtube-channel", "a", channel_id="UC" + "a" * 22), "youtube:youtube:UC" + "a" * 22, IdKind.OPAQUE),
        (thing("github-user", "a", username="moorlad"), "github:github:@moorlad", IdKind.HANDLE_ONLY),
        (thing("keybase-account", "a", username="moorlad"), "keybase:keybase:@moorlad", IdKind.HANDLE_ONLY),
        (thing("parler-account", "a", account_id="77"), "parler:parler:77", IdKind.NUMERIC),
        (
            thing("user-account", "a", account_type="mastodon", username="grim", link="https://s.example/@grim"),
            "mastodon:s.example:@grim",
            IdKind.HANDLE_ONLY,
        ),
        (thing("user-account", "a", username="x", link="https://x.com/MoorLad"), "x:x:@moorlad", IdKind.HANDLE_ONLY),
    ],
)
def test_an_account_is_keyed_as_its_own_platform_does(found: dict[str, Any], account_id: str, kind: str) -> None:
    (account,) = only(Account, rows_of(found))
    assert (account.account_id, account.id_kind) == (account_id, kind)
    assert only(Report, rows_of(found)) == []


def test_a_name_that_is_no_handle_is_a_display_name() -> None:
    (account,) = only(Account, rows_of(thing("facebook-account", "a", account_name="Pete Moor", account_id="1000")))
    assert (account.handle, account.display_name) == (None, "Pete Moor")


@pytest.mark.parametrize(
    "found",
    [
        thing("user-account", "a", account_type="mastodon", username="grimwald_77"),
        thing("user-account", "a", username="grimwald_77"),
        thing("twitter-account", "a", description="grimwald_77"),
        thing("twitter-account", "a", id="1.01421E+18"),
    ],
)
def test_an_account_that_can_not_be_told_apart_is_rejected(found: dict[str, Any]) -> None:
    rows, (why,) = read(found)
    assert rows == []
    assert why.startswith("RejectedRecord")
    assert "grimwald" not in why


def test_the_traits_of_an_account_are_comparable_and_its_contacts_digests() -> None:
    rows = rows_of(
        thing(
            "user-account",
            "a",
            account_type="clips",
            username="grim",
            email="grim@mailbox.example",
            link="https://clips.example/grim",
            password="not-a-real-one",
            disabled="True",
            created="2025-03-02T20:41:07+00:00",
        ),
        thing("telegram-account", "t", id="5550188412", phone="+44 7700 900455", **NAMED),
        thing("github-user", "g", username="moorlad", twitter_username="@MoorLad", blog="https://moorlad.example"),
        {**lad(bio="ring 07700 900455", embedded_link="https://moorlad.example/"), "last_seen": "2026-04-23T10:00:00Z"},
    )
    said = as_lines(rows)
    assert not [each for each in ("mailbox", "900455", "not-a-real-one") if each in said]
    accounts = {row.platform: row for row in only(Account, rows)}
    assert accounts["clips"].state is AccountState.DEACTIVATED
    assert accounts["clips"].created_at == datetime(2025, 3, 2, 20, 41, 7, tzinfo=UTC)
    assert accounts["telegram"].display_name == "Pete M"
    signals = {(row.account_id.partition(":")[0], row.kind) for row in only(Sighting, rows)}
    assert ("clips", SignalKind.EMAIL_HMAC) in signals
    assert {("telegram", SignalKind.PHONE_HMAC), ("x", SignalKind.PHONE_HMAC)} <= signals
    phones = {row.value for row in only(Sighting, rows) if row.kind is SignalKind.PHONE_HMAC}
    links = {row.value for row in only(Sighting, rows) if row.kind is SignalKind.LINK and row.account_id[:2] != "cl"}
    assert (len(phones), links) == (1, {"moorlad.example"})
    assert [row.value for row in only(Sighting, rows) if row.kind is SignalKind.DECLARED] == ["x:x:moorlad"]
    dated = [row for row in only(Sighting, rows) if row.account_id == "x:x:23849985"]
    assert {(row.first_seen, row.last_seen) for row in dated} == {(datetime(2026, 4, 23, 10, tzinfo=UTC),) * 2}


@pytest.mark.parametrize(
    "word", ["suspected-link", "same-as", "similar", "known-as", "successor-of", "preceded-by", "duplicate-of"]
)
def test_a_reference_between_accounts_is_a_claim(word: str) -> None:
    rows = rows_of(lad((word, "reddit")), REDDIT)
    (claim,) = only(LinkClaim, rows)
    assert claim.claim_id == f"misp:{name('lad' + word + 'reddit')}"
    assert (claim.account_id, claim.claimed_handle, claim.claimed_platform) == ("x:x:23849985", "moor_lad", "reddit")
    assert (claim.quote, claim.asserted_by, claim.asserted_at) == (word, "organisation", WHEN)


def test_how_sure_an_event_is_stands_in_the_quote() -> None:
    sure = {"name": 'estimative-language:likelihood-probability="very-likely"'}
    (claim,) = only(LinkClaim, rows_of(lad(("same-as", "reddit")), REDDIT, Tag=[{"name": "tlp:red"}, sure]))
    assert claim.quote == "same-as (very likely)"


@pytest.mark.parametrize(
    "word", ["impersonates", "targets", "related-to", "mentions", "communicates-with", "followed-by"]
)
def test_another_reference_between_accounts_links_nothing(word: str) -> None:
    assert only(LinkClaim, rows_of(lad((word, "reddit")), REDDIT)) == []


def test_a_reference_that_is_deleted_or_denied_links_nothing() -> None:
    for change in ({"deleted": True}, {"deleted": "1"}, {"comment": "not the same operator"}):
        found = lad(("same-as", "reddit"))
        found["ObjectReference"][0] |= change
        assert only(LinkClaim, rows_of(found, REDDIT)) == []


def test_a_reference_that_is_deleted_takes_its_claim_back() -> None:
    found = lad(("same-as", "reddit"))
    (before,) = only(LinkClaim, rows_of(found, REDDIT))
    found["ObjectReference"][0] |= {"deleted": True, "timestamp": str(AT + 60)}
    (after,) = only(LinkClaim, rows_of(found, REDDIT))
    assert (before.claim_id, before.withdrawn_at) == (after.claim_id, None)
    assert after.withdrawn_at >= datetime.fromtimestamp(AT + 60, UTC)
    assert after.asserted_at is None or after.asserted_at <= after.withdrawn_at


def test_who_is_impersonated_or_targeted_is_no_account() -> None:
    for word in ("impersonates", "targets"):
        victims = [thing("microblog", "own", type="Reddit", post="my own words", username="moor_lad", state="Unknown")]
        rows = rows_of(lad((word, "reddit"), ("same-as", "reddit")), {**REDDIT, **_authors("reddit", "own")}, *victims)
        assert {row.account_id for row in only(Account, rows)} == {"x:x:23849985"}
        assert {row.target_id for row in only(Target, rows)} == {"reddit:reddit:moor_lad"}
        assert only(LinkClaim, rows) == []
        assert "my own words" not in as_lines(rows)
        alleged = {(row.account_id, row.category_reported) for row in only(Report, rows)}
        assert alleged == ({("x:x:23849985", "deception.impersonation")} if word == "impersonates" else set())


def _authors(key: str, of: str) -> dict[str, Any]:
    reference = {"uuid": name(key + of), "referenced_uuid": name(of), "relationship_type": "is-author-of"}
    return {"ObjectReference": [reference]}


def test_a_deleted_object_is_taken_back() -> None:
    rows = rows_of(lad(("same-as", "reddit"), bio="words", extra={"deleted": True, "timestamp": str(AT + 60)}), REDDIT)
    mine = [row for row in only(Sighting, rows) if row.account_id == "x:x:23849985"]
    assert {row.kind for row in mine} == {SignalKind.HANDLE, SignalKind.BIO}
    assert {row.withdrawn_at for row in mine} == {datetime.fromtimestamp(AT + 60, UTC)}
    assert only(LinkClaim, rows) == []
    (account,) = [row for row in only(Account, rows) if row.platform == "x"]
    assert (account.handle, account.bio) == (None, None)
    # What refers to a deleted object says nothing any more.
    gone = {**REDDIT, "deleted": True}
    assert only(LinkClaim, rows_of(lad(("same-as", "reddit")), gone)) == []


def test_a_deleted_attribute_takes_back_its_trait_alone() -> None:
    found = lad(embedded_link="https://moorlad.example/")
    found["Attribute"][-1] |= {"deleted": True, "timestamp": str(AT + 60)}
    rows = rows_of(found)
    withdrawn = {row.kind: row.withdrawn_at for row in only(Sighting, rows)}
    assert withdrawn == {SignalKind.HANDLE: None, SignalKind.LINK: datetime.fromtimestamp(AT + 60, UTC)}


def test_an_account_whose_names_were_deleted_is_taken_back() -> None:
    found = thing("twitter-account", "a", name="moorlad", bio="words")
    found["Attribute"][0]["deleted"] = True
    rows = rows_of(found)
    assert [row.account_id for row in only(Account, rows)] == ["x:x:@moorlad"]
    assert all(row.withdrawn_at for row in only(Sighting, rows))


def test_a_post_is_kept_word_for_word_with_its_author_and_target() -> None:
    words = "@AshaForNorthmoor see you friday,  mail me: grim@mailbox.example"
    asha = thing("person", "asha", full_name="Asha Verma", role="Target", function="candidate")
    found = post(("targets", "asha"), post=words, twitter_id="2037635773004852552")
    rows = rows_of({**LAD, **_authors("lad", "post")}, found, asha)
    (content,) = only(Content, rows)
    assert content.content_id == "x:2037635773004852552"
    assert content.account_id == "x:x:23849985"
    assert content.text == "@AshaForNorthmoor see you friday,  mail me: [email]"
    assert content.created_at == datetime(2026, 3, 27, 21, 0, 0, 383000, UTC)
    assert content.target_ids == ("name:asha verma", "x:x:ashafornorthmoor")
    (report,) = only(Report, rows)
    assert report.report_id == f"misp:{name('post')}"
    assert (report.source_kind, report.account_id) == (SourceKind.INTAKE, "x:x:23849985")
    assert (report.category_raw, report.category_reported, report.text) == ("Malicious", "meta.other", None)
    assert (report.reported_at, report.status) == (WHEN, None)
    assert report.content_ids == (content.content_id,)
    assert name("org") not in as_lines(rows)


@pytest.mark.parametrize(
    ("values", "platform", "content_id", "account_id"),
    [
        ({"type": "Twitter", "username": "MoorLad"}, "x", f"x:misp:{name('post')}", "x:x:@moorlad"),
        (
            {"type": "Other", "link": "https://bsky.app/profile/grim.test/post/3mjuhp6i6c2zh"},
            "bluesky",
            "bluesky:bsky.app/profile/grim.test/post/3mjuhp6i6c2zh",
            "bluesky:bsky:@grim.test",
        ),
        (
            {"type": "Reddit", "username": "u/moor_lad", "link": "https://reddit.com/r/nm/comments/1ab/x/2cd/"},
            "reddit",
            "reddit:t1_2cd",
            "reddit:reddit:@moor_lad",
        ),
        ({"type": "Facebook", "display_name": "Pete"}, "facebook", f"facebook:misp:{name('post')}", None),
    ],
)
def test_an_author_is_found_in_the_post_itself(
    values: dict[str, Any], platform: str, content_id: str, account_id: str | None
) -> None:
    (content,) = only(Content, rows_of(post(**values)))
    assert (content.platform, content.content_id, content.account_id) == (platform, content_id, account_id)


@pytest.mark.parametrize(
    ("values", "leaf"),
    [
        ({"state": "Malicious"}, "meta.other"),
        ({"state": "Unknown"}, "meta.other"),
        ({"state": "Disinformation"}, "civic.misinformation_other"),
        ({"extra": {"comment": "posts her home address"}}, "intimidation.doxxing"),
        ({"state": "Informative"}, None),
        ({"state": "Informative", "extra": {"comment": "threat"}}, None),
    ],
)
def test_a_post_is_reported_unless_its_source_clears_it(values: dict[str, Any], leaf: str | None) -> None:
    reports = only(Report, rows_of(post(username="moorlad", **values)))
    assert [row.category_reported for row in reports] == ([leaf] if leaf else [])


def test_without_a_word_on_what_a_post_is_nothing_is_alleged() -> None:
    rows = rows_of(thing("microblog", "p", type="Twitter", post="you are wrong about the bypass", username="moorlad"))
    assert len(only(Content, rows)) == 1
    assert only(Report, rows) == []


def test_tags_say_what_is_alleged() -> None:
    found = post(username="moorlad")
    found["Attribute"][0]["Tag"] = [{"name": 'abuse:kind="violent_threat"'}]
    (report,) = only(Report, rows_of(found, Tag=[{"name": "tlp:amber"}, {"name": "spam"}]))
    assert report.category_reported == "violence.threat"


def test_child_safety_events_keep_no_content() -> None:
    for values in ({"Tag": [{"name": "CSAM"}]}, {"info": "csam network"}):
        rows = rows_of(post(username="moorlad", link="https://x.com/moorlad/status/2037635773004852552"), **values)
        assert [(row.text, row.url) for row in only(Content, rows)] == [(None, None)]


def test_a_deleted_post_dismisses_its_report() -> None:
    (before,) = only(Report, rows_of(post(username="moorlad")))
    rows = rows_of(post(username="moorlad", extra={"deleted": "1"}))
    (after,) = only(Report, rows)
    assert (after.report_id, after.status) == (before.report_id, ReportStatus.DISMISSED)
    assert only(Content, rows) == []
    assert only(Sighting, rows) == []


def test_that_a_post_was_removed_is_no_sanction() -> None:
    assert only(Enforcement, rows_of(post(username="moorlad", removal_date="2026-04-21T20:02:10+00:00"))) == []


def test_a_message_from_a_number_names_it_by_digest() -> None:
    found = thing("instant-message", "m", app_used="WhatsApp", body="words", from_number="+44 7700 900321")
    rows = rows_of(found)
    (content,) = only(Content, rows)
    assert content.account_id.startswith("whatsapp:whatsapp:")
    assert "900321" not in as_lines(rows)


@pytest.mark.parametrize(
    ("found", "targets"),
    [
        (thing("person", "p", full_name="Asha Verma", role="Target"), ["name:asha verma"]),
        (thing("person", "p", first_name="Asha", last_name="Verma", role="Impersonated"), ["name:asha verma"]),
        (thing("victim", "p", name="Cllr Okafor", roles="councillor", email="b@okafor.example"), ["name:cllr okafor"]),
        (thing("person", "p", full_name="Quentin Invented", role="Suspect"), []),
        (thing("person", "p", full_name="Quentin Invented"), []),
        (thing("person", "p", full_name="Quentin Invented", role="Accused"), []),
        (thing("victim", "p", sectors="government local"), []),
    ],
)
def test_persons_are_kept_as_targets_or_not_at_all(found: dict[str, Any], targets: list[str]) -> None:
    rows, why = read(found)
    assert [row.target_id for row in only(Target, rows)] == targets
    assert len(why) == (not targets)
    assert all(each.startswith("LeftOut") for each in why)
    assert "Invented" not in as_lines(rows)
    assert "okafor.example" not in as_lines(rows)


def test_a_person_that_a_post_is_aimed_at_is_a_target_without_a_role() -> None:
    person = thing("person", "p", full_name="Asha Verma")
    rows = rows_of(post(("targets", "p"), username="moorlad"), person)
    assert {row.target_id for row in only(Target, rows)} == {"name:asha verma"}
    accused = thing("person", "p", full_name="Asha Verma", role="Culprit")
    assert only(Target, rows_of(post(("targets", "p"), username="moorlad"), accused)) == []


def test_an_impersonation_is_an_allegation_and_no_link() -> None:
    found = thing(
        "impersonation",
        "i",
        account_name="0kafor_office",
        impersonated_account_name="OkaforOffice",
        type_of_account="Twitter",
        real_name="Bryony Okafor",
    )
    rows = rows_of(found)
    assert only(LinkClaim, rows) == []
    assert [row.account_id for row in only(Account, rows)] == ["x:x:@0kafor_office"]
    (report,) = only(Report, rows)
    assert (report.account_id, report.category_reported) == ("x:x:@0kafor_office", "deception.impersonation")
    assert report.target_ids == ("x:x:okaforoffice", "name:bryony okafor")
    (gone,) = only(Report, rows_of({**found, "deleted": True}))
    assert (gone.report_id, gone.status) == (report.report_id, ReportStatus.DISMISSED)
    parody = thing("impersonation", "i", account_name="x", type_of_account="Twitter", objective="Parody")
    assert read(parody) == ([], ["LeftOut: a parody, by its source's own word"])


def test_attributes_by_themselves_name_accounts_or_nobody() -> None:
    told = [
        {"type": "twitter-id", "value": "moorlad", "uuid": name("1"), "comment": "same person as @moor_lad on Reddit"},
        {"type": "twitter-id", "value": "23849985", "uuid": name("2"), "timestamp": str(AT), "deleted": True},
        {"type": "email-src", "value": "grim@mailbox.example", "uuid": name("3")},
        {"type": "ip-dst", "value": "203.0.113.9", "uuid": name("4")},
    ]
    rows, why = rows_in(json.dumps({"Event": {"uuid": "x", "info": "x", "Attribute": told}}).encode())
    assert [row.account_id for row in only(Account, rows)] == ["x:x:@moorlad", "x:x:23849985"]
    assert [row.claimed_handle for row in only(LinkClaim, rows)] == ["moor_lad"]
    assert why == ["LeftOut: an attribute that no account is said to have"] * 2
    assert "mailbox" not in as_lines(rows)
    assert "203.0" not in as_lines(rows)


def test_other_objects_are_left_out() -> None:
    rows, why = read(thing("file", "f", filename="x"), thing("email", "e", subject="x"))
    assert rows == []
    assert why == ["LeftOut: an object that is about no account"] * 2


def test_one_bad_object_costs_itself_alone() -> None:
    found = lad(("same-as", "reddit"), ("same-as", "bad"))
    rows, why = read(found, REDDIT, {**thing("twitter-account", "bad"), "Attribute": 7}, "no object")  # type: ignore[arg-type]
    assert len(only(LinkClaim, rows)) == 1
    assert [each.partition(" ")[0] for each in why] == ["RejectedRecord:", "UNREADABLE"]


BOTH = [lad(("same-as", "reddit")), REDDIT]
OTHER = event(post(username="moorlad"), uuid=name("other"))


@pytest.mark.parametrize(
    "text",
    [
        json.dumps({"Event": event(*BOTH, *OTHER["Object"])}),
        json.dumps({"Event": event(*BOTH, *OTHER["Object"])}, indent=1),
        json.dumps(event(*BOTH, *OTHER["Object"])),
        json.dumps({"response": [{"Event": event(*BOTH)}, {"Event": OTHER}]}),
        json.dumps({"response": [{"Event": event(*BOTH)}, {"Event": OTHER}]}, indent=2),
        json.dumps([{"Event": event(*BOTH)}, {"Event": OTHER}]),
        json.dumps([event(*BOTH), OTHER]),
        "\n".join(json.dumps({"Event": each}) for each in (event(*BOTH), OTHER)),
        "\n".join(json.dumps(each) for each in (event(*BOTH), OTHER)),
        "\n".join(json.dumps({"response": [{"Event": each}]}) for each in (event(*BOTH), OTHER)),
    ],
)
def test_one_content_in_many_shapes(text: str) -> None:
    rows, why = rows_in(text.encode())
    assert why == []
    assert len(only(LinkClaim, rows)) == len(only(Report, rows)) == 1


def test_answers_that_hold_parts_are_read() -> None:
    of = {"Event": {"info": "week 17", "date": "2026-04-24"}}
    parts = {"response": [{"Object": {**LAD, **of}}]}
    told = {"type": "twitter-id", "category": "Social network", "value": "moorlad", "uuid": name("1"), **of}
    for text in (json.dumps(parts), json.dumps({"response": {"Attribute": [told]}}), json.dumps({"Object": LAD})):
        assert len(only(Account, rows_in(text.encode())[0])) == 1


def test_an_answer_longer_than_the_head_is_known() -> None:
    long = event(LAD, post(username="moorlad", post="x" * 400_000))
    for text in (json.dumps({"response": [{"Event": long}]}), json.dumps({"Event": long})):
        assert len(only(Content, rows_in(text.encode())[0])) == 1


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ('{"response": []}', True),
        (json.dumps({name("m"): {"info": "x", "date": "2026-04-24", "timestamp": "1"}}), True),
        (json.dumps([{"id": "1", "info": "x", "uuid": name("e"), "attribute_count": "3"}]), False),
        ('{"response": [{"id": 1}]}', False),
        ('{"events": [{"event": {}, "subject": {}}]}', False),
        ('{"Event": "x"}', False),
        ('{"type": "bundle", "id": "bundle--1", "objects": []}', False),
        ('[{"name": "x", "Event": "y"}]', False),
    ],
)
def test_what_is_no_event_is_refused(text: str, known: bool) -> None:
    refusals = [ADAPTER.recognise(way) for way in heads(io.BytesIO(text.encode()), "misp.json")]
    assert all(isinstance(each, Refusal) for each in refusals)
    assert any(each.known for each in refusals if isinstance(each, Refusal)) is known


def test_a_record_of_another_shape_is_rejected_by_name() -> None:
    context = Context("misp", "any.json", Layout("json_array", "part"), Keyring(b"\x01" * 32))
    with pytest.raises(RejectedRecord, match="'Object'"):
        list(ADAPTER.normalise(RawRecord(1, {"Object": 7}), context))
    with pytest.raises(RejectedRecord, match="neither"):
        list(ADAPTER.normalise(RawRecord(1, {"x": 7}), context))
