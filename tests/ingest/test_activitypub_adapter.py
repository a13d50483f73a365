"""ActivityPub: four servers write a Flag in four ways, and a Move is believed if both accounts say it."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from golden import KEYRING, context_of, folder_of, read, rows_of

from graphmatch.adapter import Head, Layout, Options, RawRecord, Refusal, available, load
from graphmatch.errors import LeftOut, RejectedRecord
from graphmatch.model import (
    Account,
    Content,
    Enforcement,
    Gate,
    LinkClaim,
    Precision,
    Report,
    Row,
    Sighting,
    SignalKind,
    Target,
)
from ingest.activitypub.adapter import ActivityPubAdapter

FORMATS = Path(__file__).parents[3] / "shared" / "formats"
needs_formats = pytest.mark.skipif(not FORMATS.exists(), reason="the format samples are not beside the repository")

ADAPTER = ActivityPubAdapter(Options())
SAMPLES = folder_of(ADAPTER)
MASTODON, MISSKEY, PLEROMA, LEMMY, MOVE = (
    json.loads(line) for line in (SAMPLES / "sample.ndjson").read_text("utf-8").splitlines()
)
COLLECTION: dict[str, Any] = json.loads((SAMPLES / "sample_collection.json").read_text("utf-8"))
CONFIRMED, SEVERAL = COLLECTION["orderedItems"][:2]
GRIM_URI = "https://social.northmoor.example/ap/users/114094772542729759"
GRIM = "mastodon:social.northmoor.example:114094772542729759"
PETE = "https://free.speech.example/users/moorlandpete"


def rows(record: dict[str, Any]) -> list[Row]:
    context = context_of(ADAPTER, "a.ndjson", (json.dumps(record) + "\n").encode())
    return list(ADAPTER.normalise(RawRecord(1, record), context))


def one(kind: type[Any], record: dict[str, Any]) -> Any:
    (found,) = [row for row in rows(record) if isinstance(row, kind)]
    return found


def declared(record: dict[str, Any]) -> set[tuple[str, str, str]]:
    found = [row for row in rows(record) if isinstance(row, Sighting) and row.kind is SignalKind.DECLARED]
    return {(row.account_id, row.value, row.context) for row in found}


@needs_formats
def test_the_shared_sample_is_read_whole() -> None:
    found = rows_of(ADAPTER, FORMATS / "mastodon" / "flag_activities.ndjson")
    assert len({row.report_id for row in found if isinstance(row, Report)}) == 4
    assert {row.account_id for row in found if isinstance(row, Account)} == {GRIM}
    assert len({row.content_id for row in found if isinstance(row, Content)}) == 3
    assert not [row for row in found if isinstance(row, Enforcement)]


@needs_formats
def test_a_flag_meets_the_admin_report_about_the_same_account_and_posts() -> None:
    mastodon = load("mastodon")
    exported = rows_of(mastodon, FORMATS / "mastodon" / "sample.json")
    posts = {row.content_id for row in exported if isinstance(row, Content)}
    for flag in (MASTODON, MISSKEY, PLEROMA):
        assert one(Account, flag).account_id == GRIM
        assert set(one(Report, flag).content_ids) <= posts
    assert GRIM in {row.account_id for row in exported if isinstance(row, Account)}


def test_mastodon_lists_the_account_and_its_posts() -> None:
    made = one(Report, MASTODON)
    assert made.report_id == "activitypub:https://mastodon.dales.example/12f446ec-9bf9-42f1-b89e-56efd36bef16"
    assert (made.account_id, made.text) == (GRIM, "threatening a parliamentary candidate")
    assert made.content_ids == tuple(
        f"mastodon:{GRIM_URI}/statuses/{number}" for number in ("116382478861039756", "116405325844821728")
    )
    assert (made.category_raw, made.gate, made.reported_at) == (None, Gate.TERMS, None)


def test_misskey_names_the_post_in_its_words() -> None:
    made = one(Report, MISSKEY)
    assert (made.account_id, made.text) == (GRIM, "intimidation")
    assert made.content_ids == (f"mastodon:{GRIM_URI}/statuses/116382478861039756",)


def test_pleroma_shows_the_post_and_whom_it_mentions() -> None:
    content, target = one(Content, PLEROMA), one(Target, PLEROMA)
    assert content.text == "@ashaverma someone should put you in the ground before polling day"
    assert content.created_at == datetime(2026, 4, 14, 22, 5, 12, tzinfo=UTC)
    assert (target.target_id, target.derivations) == ("mastodon:social.northmoor.example:ashaverma", ("mention",))
    assert one(Account, PLEROMA).handle == "grimwald_77"
    assert one(Report, PLEROMA).target_ids == (target.target_id,)


def test_lemmy_names_the_post_alone_and_calls_its_words_a_summary() -> None:
    made = one(Report, LEMMY)
    assert (made.account_id, made.text) == (None, "threat")
    assert made.content_ids == ("lemmy:https://lemmy.northmoor.example/comment/88213",)
    assert made.reporter_ref == KEYRING.reporter(
        "lemmy", "lemmy.northmoor.example:http://lemmy.northmoor.example/u/marrow"
    )
    assert not [row for row in rows(LEMMY) if isinstance(row, Account)]


@pytest.mark.parametrize("flag", [MASTODON, MISSKEY, PLEROMA])
def test_a_server_that_signs_for_its_users_hides_who_reported(flag: dict[str, Any]) -> None:
    assert one(Report, flag).reporter_ref is None
    person = {**flag, "actor": "https://pleroma.dales.example/users/lain_r"}
    assert one(Report, person).reporter_ref is not None
    shown = {**flag, "actor": {"type": "Application", "id": "https://pleroma.dales.example/users/lain_r"}}
    assert one(Report, shown).reporter_ref is None


def test_the_object_may_be_an_address_a_list_or_objects() -> None:
    pete = {"type": "Person", "id": PETE, "preferredUsername": "moorlandpete", "name": "Moorland Pete"}
    note = {"type": "Note", "id": f"{PETE}/statuses/1", "content": "<p>x</p>"}
    for given, posts in ((PETE, 0), ([PETE], 0), (pete, 0), ([pete, note], 1), (note, 1), ([note["id"]], 1)):
        made = one(Report, {**MASTODON, "object": given, "to": []})
        assert made.account_id == f"mastodon:free.speech.example:{PETE}"
        assert len(made.content_ids) == posts
    assert one(Account, {**MASTODON, "object": [PETE, pete]}).display_name == "Moorland Pete"


def test_an_address_of_no_known_shape_is_an_account_only_where_the_flag_says_so() -> None:
    odd = "https://blog.example/?author=1"
    assert one(Report, {**MASTODON, "object": odd, "to": []}).account_id is None
    assert (
        one(Report, {**MASTODON, "object": odd, "to": odd}).account_id
        == f"mastodon:blog.example:{odd.replace('/?', '?')}"
    )
    assert one(Report, {**MASTODON, "object": [odd, "https://blog.example/?p=7"], "to": []}).account_id is not None


def test_each_account_of_a_flag_has_a_report_with_its_own_posts() -> None:
    made = {row.account_id: row for row in rows(SEVERAL) if isinstance(row, Report)}
    grim, pete = (
        "mastodon:pleroma.dales.example:https://pleroma.dales.example/users/gr1mwald",
        f"mastodon:free.speech.example:{PETE}",
    )
    assert made.keys() == {grim, pete}
    assert (made[grim].content_ids, made[grim].target_ids) == ((), ())
    assert made[pete].content_ids == (
        "pleroma:https://free.speech.example/objects/0d7e1a35-5a3f-4d0b-9e63-2a3f6f8f2d11",
    )
    assert made[pete].target_ids == ("mastodon:social.northmoor.example:tomhallworth",)
    (target,) = [row for row in rows(SEVERAL) if isinstance(row, Target)]
    assert target.derivations == ("reply_parent",)


def test_an_id_that_names_the_reporter_or_that_is_none_is_a_keyed_digest() -> None:
    for record in (SEVERAL, {**LEMMY, "id": None}, {**LEMMY, "id": f"{LEMMY['actor']}#flags/1"}):
        ids = [row.report_id for row in rows(record) if isinstance(row, Report)]
        assert all(name.startswith("activitypub:flag-") for name in ids)
        assert not any(word in name for name in ids for word in ("tenmon", "marrow"))
        assert ids == [row.report_id for row in rows(copy.deepcopy(record)) if isinstance(row, Report)]


def test_the_number_of_home_holds_the_time_of_creation() -> None:
    account = one(Account, MASTODON)
    assert account.created_at == datetime(2025, 3, 2, 20, 41, 7, 363000, tzinfo=UTC)
    assert account.created_at_precision is Precision.DERIVED_FROM_ID
    target = [row for row in rows(CONFIRMED) if isinstance(row, Account)][1]
    assert target.created_at_precision is Precision.DAY


def test_a_move_is_declared_as_mastodons_own_record_is() -> None:
    assert declared(MOVE) == {
        (GRIM, "mastodon:free.speech.example:grimwald", "moved"),
        (GRIM, "mastodon:free.speech.example:https://free.speech.example/users/grimwald", "moved"),
    }
    assert not [row for row in rows(MOVE) if isinstance(row, Report)]


def test_a_move_that_its_target_confirms_is_said_both_ways() -> None:
    said = declared(CONFIRMED)
    assert (GRIM, "mastodon:free.speech.example:grimwald", "moved") in said
    back = ("mastodon:free.speech.example:https://free.speech.example/users/grimwald", GRIM, "profile")
    assert back in said
    target = {**CONFIRMED["target"], "alsoKnownAs": ["https://elsewhere.example/users/grimwald"]}
    assert {account for account, _, _ in declared({**CONFIRMED, "target": target})} == {GRIM}


def test_a_move_that_somebody_else_signs_moves_nobody() -> None:
    with pytest.raises(LeftOut, match="signed"):
        rows({**MOVE, "actor": PETE})
    with pytest.raises(LeftOut, match="itself"):
        rows({**MOVE, "target": GRIM_URI})
    for missing in ("target", "object"):
        with pytest.raises(RejectedRecord):
            rows({**MOVE, "actor": None, missing: None})


def test_an_accounts_own_document_counts_for_the_accounts_that_it_names() -> None:
    document = CONFIRMED["target"]
    assert ("mastodon:free.speech.example:https://free.speech.example/users/grimwald", GRIM, "profile") in declared(
        document
    )
    moved = {**document, "alsoKnownAs": [], "movedTo": PETE}
    assert {context for _, value, context in declared(moved) if PETE in value} == {"moved"}
    with pytest.raises(LeftOut, match="names no other"):
        rows({**document, "alsoKnownAs": []})


@pytest.mark.parametrize("kind", ["Block", "Delete", "Undo", "Create", "Follow", "Announce", "Somewhat"])
def test_other_activities_are_left_out_with_a_reason(kind: str) -> None:
    with pytest.raises(LeftOut, match=r"\w{3,} .*\w{3,}"):
        rows({"type": kind, "actor": PETE, "object": GRIM_URI})


def test_the_type_may_stand_in_a_list_or_with_its_prefix() -> None:
    assert one(Report, {**MASTODON, "type": ["Flag"]}) == one(Report, {**MASTODON, "type": "as:Flag"})
    for wrong in (None, [], 5):
        with pytest.raises(RejectedRecord, match="type"):
            rows({**MASTODON, "type": wrong})


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"object": None}, "object"),
        ({"object": 5}, "object"),
        ({"object": {"type": "Note"}}, "'id'"),
        ({"object": ["x", "y"]}, "address"),
        ({"content": [5]}, "content"),
    ],
)
def test_a_flag_that_points_at_nothing_is_rejected_by_field(changes: dict[str, Any], why: str) -> None:
    with pytest.raises(RejectedRecord, match=why):
        rows({**MASTODON, **changes})


def test_words_and_posts_leave_without_contact_values_and_claims_are_read() -> None:
    record = {**PLEROMA, "content": "same person as @gw77 on Bluesky, ring 07700 900123"}
    assert one(Report, record).text == "same person as @gw77 on Bluesky, ring [phone]"
    assert one(LinkClaim, record).claimed_handle == "gw77"


def test_what_is_routed_to_the_police_keeps_no_content() -> None:
    found = rows({**PLEROMA, "content": "child sexual abuse"})
    assert {row.category_reported for row in found if isinstance(row, Report)} == {"other.csea"}
    assert not [row for row in found if isinstance(row, Report | Content) and (row.text or getattr(row, "url", None))]


def test_activities_are_read_in_every_way_that_people_keep_them() -> None:
    flags = [MASTODON, LEMMY]
    page = {"type": "OrderedCollectionPage", "orderedItems": flags}
    for text in (
        json.dumps(flags),
        json.dumps([flags[:1], flags[1:]]),
        "".join(json.dumps(flag) + "\n" for flag in flags),
        json.dumps({"@context": "x", "type": "OrderedCollection", "totalItems": 2, "orderedItems": flags}, indent=1),
        json.dumps({"@context": "x", "type": "OrderedCollection", "first": page}),
        json.dumps({"type": "Collection", "items": flags}),
        json.dumps([{**page, "orderedItems": flags[:1]}, {**page, "orderedItems": flags[1:]}]),
        "".join(json.dumps({**page, "orderedItems": [flag]}) + "\n" for flag in flags),
    ):
        assert [record.value["id"] for record, _ in read(ADAPTER, "x", text.encode())] == [flag["id"] for flag in flags]
    assert len(read(ADAPTER, "x", json.dumps(MASTODON, indent=1).encode())) == 1
    assert read(ADAPTER, "x", b'{"type": "OrderedCollection", "orderedItems": []}') == []


@pytest.mark.parametrize(
    "head",
    [
        Head("a", "json_object", top_keys=("type", "orderedItems"), arrays={"orderedItems": "https://a.example/1"}),
        Head("a", "json_object", top_keys=("type", "totalItems", "first")),
        Head("a", "json_object", top_keys=("kind", "items"), arrays={"items": {"id": "x"}}),
        Head("a", "json_array", first={"type": "page", "items": [{"id": 1}]}),
        Head("a", "json_array", first={"account": {}, "actor": {}, "state": "open"}),
        Head("a", "csv", columns=("type", "actor", "object")),
    ],
)
def test_other_files_are_refused_with_a_reason(head: Head) -> None:
    refusal = ADAPTER.recognise(head)
    assert isinstance(refusal, Refusal)
    assert len(refusal.why) > 20


def test_no_other_adapter_takes_activities() -> None:
    for head in (
        Head("a.json", "json_array", first=PLEROMA),
        Head("a.json", "json_object", top_keys=tuple(LEMMY)),
        Head("a.json", "json_object", top_keys=tuple(COLLECTION), arrays={"orderedItems": SEVERAL}),
    ):
        assert [name for name in available() if isinstance(load(name).recognise(head), Layout)] == ["activitypub"]
