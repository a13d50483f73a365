from __future__ import annotations

import copy
import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from golden import KEYRING, context_of, folder_of, read, rows_of

from graphmatch.adapter import Head, Layout, Options, RawRecord, Refusal, load_all
from graphmatch.errors import PassedOver, RejectedRecord, UnknownFormat
from graphmatch.frames import frame
from graphmatch.intake.head import heads, recognise
from graphmatch.merge import merge
from graphmatch.model import (
    Account,
    AccountState,
    Action,
    Content,
    Enforcement,
    IdKind,
    LinkClaim,
    Precision,
    Report,
    ReportStatus,
    Row,
    Scope,
    Sighting,
    SignalKind,
    Target,
)
from ingest.mastodon.adapter import MastodonAdapter

FORMATS = Path(__file__).parents[3] / "shared" / "formats" / "mastodon"
needs_formats = pytest.mark.skipif(not FORMATS.exists(), reason="the format samples are not beside the repository")

ADAPTER = MastodonAdapter(Options())
SAMPLES = folder_of(ADAPTER)
REPORTS: list[dict[str, Any]] = json.loads((SAMPLES / "sample.json").read_text("utf-8"))
WARNINGS: list[dict[str, Any]] = json.loads((SAMPLES / "sample_warnings.json").read_text("utf-8"))
HOME = "mastodon:social.northmoor.example"
GRIM = f"{HOME}:114094772542729759"


def rows(record: dict[str, Any]) -> list[Row]:
    context = context_of(ADAPTER, "a.ndjson", (json.dumps(record) + "\n").encode())
    return list(ADAPTER.normalise(RawRecord(1, record), context))


def one(kind: type[Any], record: dict[str, Any]) -> Any:
    (found,) = [row for row in rows(record) if isinstance(row, kind)]
    return found


def report(**changes: Any) -> dict[str, Any]:
    changed = copy.deepcopy(REPORTS[0])
    for path, value in changes.items():
        *way, last = path.split("__")
        holder = changed
        for step in way:
            holder = holder[step]
        holder[last] = value
    return changed


def test_the_northmoor_files_give_what_the_formats_reference_counts() -> None:
    found = rows_of(ADAPTER, SAMPLES / "sample.json", SAMPLES / "sample_warnings.json")
    assert len({row.report_id for row in found if isinstance(row, Report)}) == 4
    assert len({row.content_id for row in found if isinstance(row, Content)}) == 4
    assert len({row.enforcement_id for row in found if isinstance(row, Enforcement)}) == 3


def test_reporters_and_moderators_never_become_accounts() -> None:
    found = rows_of(ADAPTER, *sorted(SAMPLES.glob("sample*.json")))
    accounts = {row.account_id for row in found if isinstance(row, Account)}
    for record in REPORTS:
        for who in ("account", "assigned_account", "action_taken_by_account"):
            if record[who]:
                assert f"{HOME}:{record[who]['id']}" not in accounts
    assert "Ed (volunteer)" not in repr(found)


def test_a_reporter_who_is_mentioned_is_a_target() -> None:
    found = rows(REPORTS[0])
    (target,) = [row for row in found if isinstance(row, Target)]
    assert (target.target_id, target.derivations) == (f"{HOME}:ashaverma", ("reporter",))
    (made,) = [row for row in found if isinstance(row, Report)]
    assert made.reporter_is_target is True
    assert made.reporter_ref == KEYRING.reporter("mastodon", "social.northmoor.example:113412302438428957")


def test_a_server_that_forwards_a_report_is_nobody() -> None:
    record = report(account__username="dales.example", account__domain="dales.example")
    assert one(Report, record).reporter_ref is None


def test_a_suspended_account_is_never_blank_text_and_keeps_what_a_post_still_shows() -> None:
    account = one(Account, REPORTS[0])
    assert account.state is AccountState.SUSPENDED
    assert account.display_name == "Grim Wald"
    alone = one(Account, report(statuses=[]))
    assert (alone.display_name, alone.bio, alone.avatar_url) == (None, None, None)


def test_local_accounts_are_keyed_by_number_and_remote_ones_by_uri() -> None:
    local, remote = one(Account, REPORTS[0]), one(Account, REPORTS[1])
    assert (local.account_id, local.id_kind) == (GRIM, IdKind.NUMERIC)
    assert remote.account_id == (
        "mastodon:freebies.spamhost.example:https://freebies.spamhost.example/users/deals4moor"
    )
    assert (remote.handle, remote.id_kind) == ("deals4moor", IdKind.ACTOR_URI)


def test_resolved_is_a_state_of_the_ticket_and_no_enforcement() -> None:
    found = rows(REPORTS[0])
    assert [row.status for row in found if isinstance(row, Report)] == [ReportStatus.RESOLVED]
    assert not [row for row in found if isinstance(row, Enforcement)]


def test_a_warning_is_an_enforcement_of_the_instance() -> None:
    made = one(Enforcement, WARNINGS[0])
    assert (made.action, made.scope, made.account_id) == (Action.ACCOUNT_SUSPENDED_PERM, Scope.INSTANCE, GRIM)
    assert made.at_earliest == made.at_latest is not None
    account = one(Account, WARNINGS[0])
    assert account.created_at_precision is Precision.DERIVED_FROM_ID


def test_a_warning_that_removes_posts_names_each_as_reports_do() -> None:
    record = {**WARNINGS[0], "action": "delete_statuses"}
    made = one(Enforcement, record)
    posts = {row.content_id for row in rows(REPORTS[0]) if isinstance(row, Content)}
    assert made.action is Action.CONTENT_REMOVED
    assert made.content_id in posts


def test_an_unknown_action_is_rejected_not_guessed() -> None:
    with pytest.raises(RejectedRecord, match="action"):
        rows({**WARNINGS[0], "action": "exile"})


def test_an_email_block_meets_the_address_of_a_reported_account() -> None:
    blocks = json.loads((SAMPLES / "sample_email_blocks.json").read_text("utf-8"))
    blocked = {one(Sighting, block).value for block in blocks}
    own = {row.value for row in rows(REPORTS[0]) if isinstance(row, Sighting) and row.kind is SignalKind.EMAIL_HMAC}
    assert own <= blocked
    account = one(Account, blocks[0])
    assert (account.instance, account.state, account.id_kind) == ("unknown", AccountState.SUSPENDED, IdKind.HASHED)
    assert account.native_id == f"email-block-{one(Sighting, blocks[0]).value[:16]}"


def test_a_move_is_declared() -> None:
    moved = {"acct": "grimwald@free.speech.example", "url": "https://free.speech.example/@grimwald", "username": "g"}
    found = [row for row in rows(report(target_account__account__moved=moved)) if isinstance(row, Sighting)]
    (declared,) = [row for row in found if row.context == "moved"]
    assert (declared.kind, declared.value) == (SignalKind.DECLARED, "mastodon:free.speech.example:grimwald")


def test_a_named_field_declares_an_account() -> None:
    fields = [{"name": "Discord", "value": "MoorlandPete", "verified_at": None}]
    found = [row for row in rows(report(target_account__account__fields=fields)) if isinstance(row, Sighting)]
    assert "discord:discord:moorlandpete" in {row.value for row in found if row.kind is SignalKind.DECLARED}


def test_a_comments_claim_is_an_allegation_of_its_own() -> None:
    made = one(LinkClaim, report(comment="same person as @gw77 on Bluesky, grim@mailbox.example"))
    assert (made.claimed_handle, made.claimed_platform, made.account_id) == ("gw77", "bluesky", GRIM)
    assert "mailbox" not in made.quote


def test_what_is_routed_to_the_police_keeps_no_content() -> None:
    found = rows(report(category="other", comment="child sexual abuse material"))
    assert {row.category_reported for row in found if isinstance(row, Report)} == {"other.csea"}
    assert not [row for row in found if isinstance(row, Report | Content) and row.text]
    assert "gate you stand" not in repr([row for row in found if isinstance(row, Content)])


def test_comments_and_posts_leave_without_contact_values() -> None:
    record = report(comment="ring me on 07700 900123")
    record["statuses"][0]["content"] = "<p>she lives at SW1A 1AA</p>"
    found = rows(record)
    assert {row.text for row in found if isinstance(row, Report)} == {"ring me on [phone]"}
    assert "she lives at [postcode]" in {row.text for row in found if isinstance(row, Content)}
    assert one(Enforcement, {**WARNINGS[0], "text": "see mod@h.example"}).reason == "see [email]"


def test_whoever_mentions_themselves_is_no_target() -> None:
    record = report()
    record["statuses"][0]["mentions"].append({"id": "114094772542729759", "acct": "Grimwald_77"})
    assert one(Target, record).target_id == f"{HOME}:ashaverma"


@pytest.mark.parametrize(
    "head",
    [
        Head("a.json", "json_array", first={"id": "1", "type": "Flag", "actor": "x", "object": []}),
        Head("a.json", "json_array", first={"action_taken": True, "category": "spam", "target_account": {"id": "1"}}),
        Head("a.json", "json_array", first={"id": "1", "username": "a", "domain": None, "confirmed": 1, "account": {}}),
        Head("a.json", "json_array", first={"id": "1"}),
        Head("a.json", "json_array", first=None),
        Head("a.txt", "unknown"),
    ],
)
def test_other_files_are_refused_with_a_reason(head: Head) -> None:
    refusal = ADAPTER.recognise(head)
    assert isinstance(refusal, Refusal)
    assert len(refusal.why) > 20
    assert not refusal.known


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("#domain,#severity,#reject_media\nfree.speech.example,suspend,false\n", "servers"),
        ("free.speech.example\nedgy.example\n", "servers"),
        ('[{"id":"1","domain":"edgy.example","severity":"silence","created_at":"2026-01-01T00:00:00Z"}]', "servers"),
        ('[{"domain":"edgy.example","digest":"ab","severity":"silence","comment":""}]', "servers"),
        ('[{"id":"1","domain":"good.example","created_at":"2026-01-01T00:00:00Z"}]', "servers"),
        ('[{"id":"1","domain":"mail.example","created_at":"2026-01-01T00:00:00Z","history":[]}]', "e-mail"),
        ('[{"id":"1","ip":"192.0.2.0/24","severity":"no_access","comment":"","expires_at":null}]', "IP addresses"),
        ('[{"id":"1","text":"No threats","hint":""}]', "rules"),
    ],
)
def test_files_with_nothing_to_keep_are_passed_over(text: str, word: str) -> None:
    with pytest.raises(PassedOver, match=word):
        recognise(heads(io.BytesIO(text.encode()), "x"), load_all())


def test_a_list_that_is_not_of_hosts_alone_is_not_passed_over() -> None:
    with pytest.raises(UnknownFormat):
        recognise(heads(io.BytesIO(b"free.speech.example\nsome words about it\n"), "x"), [ADAPTER])


def test_one_report_alone_is_read() -> None:
    assert ADAPTER.recognise(Head("a.json", "json_object", top_keys=tuple(REPORTS[0]))) == Layout(
        "json_object", "report"
    )
    assert ADAPTER.recognise(Head("a", "ndjson", first=REPORTS[0])) == Layout("ndjson", "report")


def test_several_pages_are_read_in_every_way_that_people_keep_them() -> None:
    ids = [made["id"] for made in REPORTS]
    one_way = json.dumps([REPORTS[:2], REPORTS[2:]])
    for text in (one_way, f"{json.dumps(REPORTS[:2])}\n{json.dumps(REPORTS[2:])}", json.dumps(REPORTS, indent=2)):
        assert [record.value["id"] for record, _ in read(ADAPTER, "x", text.encode())] == ids


def answers(*held: Any) -> list[dict[str, Any]]:
    uri = "https://social.northmoor.example/api/v1/admin/reports"
    return [{"request": {"method": "GET", "uri": uri}, "status": 200, "json": given} for given in held]


def test_answers_written_down_with_their_requests_are_read_for_what_they_hold() -> None:
    """A recorded answer is a list, one report, or nothing."""
    recorded = answers(REPORTS[:2], REPORTS[2], None, [])
    lined = "".join(json.dumps(answer) + "\n" for answer in recorded)
    for text in (json.dumps(recorded), lined, json.dumps(recorded[::-1])):
        found = sorted(record.value["id"] for record, _ in read(ADAPTER, "x", text.encode()))
        assert found == sorted(made["id"] for made in REPORTS[:3])
    assert read(ADAPTER, "x", json.dumps(answers([])).encode()) == []


@needs_formats
def test_real_payloads_are_read_whole() -> None:
    content = (FORMATS / "real_mastodonpy_cassette.json").read_bytes()
    made = [row for record, context in read(ADAPTER, "x", content) for row in ADAPTER.normalise(record, context)]
    assert [row.report_id for row in made if isinstance(row, Report)] == ["mastodon:localhost:1"] * 7


@needs_formats
def test_every_shared_file_is_read_or_passed_over_by_one_adapter() -> None:
    takers = {}
    for path in sorted(FORMATS.iterdir()):
        try:
            adapter, _ = recognise(heads(io.BytesIO(path.read_bytes()), path.name), load_all())
            takers[path.name] = adapter.name
        except PassedOver:
            takers[path.name] = "passed over"
    assert takers == {
        "account_warnings.json": "mastodon",
        "canonical_email_blocks.json": "mastodon",
        "domain_blocks.csv": "passed over",
        "flag_activities.ndjson": "activitypub",
        "real_mastodonpy_cassette.json": "mastodon",
        "sample.json": "mastodon",
        "sample_before_suspension.json": "mastodon",
    }


@needs_formats
def test_a_suspended_account_that_comes_blank_never_overwrites_what_was_seen_before() -> None:
    for order in (("sample.json", "sample_before_suspension.json"), ("sample_before_suspension.json", "sample.json")):
        found = rows_of(ADAPTER, *(FORMATS / name for name in order))
        accounts = frame("accounts", [row for row in found if isinstance(row, Account)])
        (kept,) = merge("accounts", accounts).filter(pl.col("account_id") == GRIM).iter_rows(named=True)
        assert kept["state"] == AccountState.SUSPENDED
        assert kept["display_name"] == "Grim Wald"
        assert "No quarter" in kept["bio"]
        assert not kept["avatar_url"].endswith("missing.png")


def test_a_public_date_is_cut_to_its_day_and_the_number_of_home_holds_the_moment() -> None:
    record = report(target_account__created_at=None)
    record["target_account"]["account"]["created_at"] = "2025-03-02T00:00:00.000Z"
    made = one(Account, record)
    assert (made.created_at, made.created_at_precision) == (
        datetime(2025, 3, 2, 20, 41, 7, 363000, tzinfo=UTC), Precision.DERIVED_FROM_ID,
    )  # fmt: skip
    remote = copy.deepcopy(REPORTS[1])
    remote["target_account"]["created_at"] = "2026-04-09T00:00:00.000Z"
    assert one(Account, remote).created_at_precision is Precision.DAY
    remote["target_account"]["created_at"] = "2026-04-09T03:11:00.000Z"
    assert one(Account, remote).created_at_precision is Precision.APPROXIMATE


def test_the_number_of_a_remote_account_is_the_observers_and_says_nothing() -> None:
    other = copy.deepcopy(REPORTS[1])
    other["target_account"]["id"] = other["target_account"]["account"]["id"] = "109999999999999999"
    for status in other["statuses"]:
        status["account"]["id"] = "109999999999999999"
    assert one(Account, other).account_id == one(Account, REPORTS[1]).account_id
    seen_elsewhere = copy.deepcopy(REPORTS[0]["target_account"])
    seen_elsewhere |= {"id": "1", "domain": "social.northmoor.example"}
    assert one(Account, {**REPORTS[1], "target_account": seen_elsewhere, "statuses": []}).account_id == GRIM


def test_a_remote_reporter_has_one_pseudonym_whichever_server_tells() -> None:
    accounts = (made["target_account"] for made in REPORTS)
    nan = next(account for account in accounts if account["username"] == "north_moor_nan")
    found = {one(Report, report(account={**nan, "id": number})).reporter_ref for number in ("1", "2")}
    assert found == {
        KEYRING.reporter("mastodon", "mastodon.dales.example:https://mastodon.dales.example/users/north_moor_nan")
    }
