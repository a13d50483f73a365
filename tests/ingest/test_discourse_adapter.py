"""Discourse: flags that stand beside their items, "approved" that means two things, and forums that are not named."""

from __future__ import annotations

import copy
import io
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from golden import KEYRING, context_of, folder_of, read, rows_of

from graphmatch.adapter import Context, Head, Layout, Options, RawRecord, Refusal, Unreadable
from graphmatch.errors import LeftOut, PassedOver, RejectedRecord, UnknownFormat
from graphmatch.intake.head import heads, recognise
from graphmatch.model import (
    Account,
    AccountState,
    Action,
    Content,
    Enforcement,
    IdKind,
    LinkClaim,
    Report,
    ReportStatus,
    Row,
    Scope,
    Sighting,
    SignalKind,
    SourceKind,
    Target,
)
from ingest.discourse import pages
from ingest.discourse.adapter import DiscourseAdapter

FORMATS = Path(__file__).parents[3] / "shared" / "formats"
needs_formats = pytest.mark.skipif(not FORMATS.exists(), reason="the format samples are not beside the repository")

ADAPTER = DiscourseAdapter(Options())
SAMPLES = folder_of(ADAPTER)
HOST = "forum.northmoor.example"
HOME = f"discourse:{HOST}"
PAGE: dict[str, Any] = json.loads((SAMPLES / "sample.json").read_text("utf-8"))
QUEUE: dict[str, Any] = json.loads((SAMPLES / "sample_queue.json").read_text("utf-8"))[0]
USERS: list[dict[str, Any]] = json.loads((SAMPLES / "sample_admin_users.json").read_text("utf-8"))
PULLED = datetime(2026, 6, 1, tzinfo=UTC)


def rows_in(text: object, *, observed_at: datetime | None = None, options: Options | None = None) -> list[Row]:
    """Every row of a file; a record that is left out gives none."""
    adapter = DiscourseAdapter(options or Options())
    content = text.encode() if isinstance(text, str) else json.dumps(text).encode()
    found: list[Row] = []
    for record, context in read(adapter, "a.json", content):
        made = Context("discourse", "a.json", context.layout, KEYRING, observed_at)
        try:
            found += adapter.normalise(record, made)
        except LeftOut:
            continue
    return found


def only(kind: type[Any], found: Iterable[Row]) -> list[Any]:
    return [row for row in found if isinstance(row, kind)]


def item(number: int, **changes: Any) -> dict[str, Any]:
    """A page of one item of the samples, with its parts; ``score_…`` changes all of its scores."""
    page = copy.deepcopy(PAGE if number < 3400 else QUEUE)
    page["reviewables"] = [found for found in page["reviewables"] if found["id"] == number]
    (one,) = page["reviewables"]
    for score in page["reviewable_scores"]:
        if score["id"] in one["reviewable_score_ids"]:
            score |= {key.removeprefix("score_"): new for key, new in changes.items() if key.startswith("score_")}
    one |= {key: new for key, new in changes.items() if not key.startswith("score_")}
    return page


def user(**changes: Any) -> dict[str, Any]:
    return {key: new for key, new in {**USERS[3], **changes}.items() if new is not ...}


def of_kind(kind: SignalKind, found: Iterable[Row]) -> dict[str, str]:
    return {row.value: row.context for row in only(Sighting, found) if row.kind is kind}


def test_the_northmoor_page_gives_what_the_formats_reference_counts() -> None:
    found = rows_in(PAGE)
    assert [row.report_id for row in only(Report, found)] == [
        f"{HOME}:{name}" for name in ("3301:9001", "3301:9002", "3302:9003", "3303:9004", "3304:9005")
    ]
    assert [row.content_id for row in only(Content, found)] == [f"{HOME}/p/{n}" for n in (15502, 15510, 15519)]
    assert {row.account_id for row in only(Account, found)} == {f"{HOME}:{n}" for n in (203, 204, 209)}


@needs_formats
def test_every_file_of_the_formats_reference_reads_and_gives_its_numbers() -> None:
    paths = sorted((FORMATS / "discourse").glob("*"))
    for path in paths:
        adapter, _ = recognise(heads(io.BytesIO(path.read_bytes()), path.name), [ADAPTER])
        assert adapter.name == "discourse"
    found = rows_of(ADAPTER, *paths)
    for table, kind, key in (("reports", Report, "report_id"), ("contents", Content, "content_id")):
        lines = (FORMATS / "canonical" / f"{table}.ndjson").read_text("utf-8").splitlines()
        ids = {next(iter(json.loads(line).values())) for line in lines}
        expected = {name for name in ids if name.startswith("discourse:")}
        assert {getattr(row, key) for row in only(kind, found)} == expected


def test_each_score_is_a_report_with_its_own_reporter_time_and_reason() -> None:
    first, second = only(Report, rows_in(item(3301)))
    assert (first.category_raw, second.category_raw) == ("illegal", "inappropriate")
    assert first.reporter_ref == KEYRING.reporter("discourse", f"{HOST}:57") != second.reporter_ref
    assert first.reported_at < second.reported_at
    assert (first.text, second.text) == (
        "Illegal: this is a threat of violence at the count. Please tell police.",
        None,
    )


def test_the_flaggers_record_is_kept_and_the_forums_own_is_not() -> None:
    (report,) = only(Report, rows_in(item(3302)))
    assert (report.reporter_upheld, report.reporter_dismissed) == (4, 1)
    (automatic,) = only(Report, rows_in(item(3304)))
    assert (automatic.reporter_upheld, automatic.reporter_dismissed, automatic.reporter_ref) == (None, None, None)
    assert automatic.source_kind is SourceKind.AUTOMATED_FLAG


@pytest.mark.parametrize(
    ("kind", "approved", "rejected"),
    [
        ("ReviewableFlaggedPost", ReportStatus.UPHELD, ReportStatus.DISMISSED),
        ("Chat::ReviewableMessage", ReportStatus.UPHELD, ReportStatus.DISMISSED),
        ("ReviewableQueuedPost", ReportStatus.DISMISSED, ReportStatus.UPHELD),
        ("ReviewableUser", ReportStatus.DISMISSED, ReportStatus.UPHELD),
        ("ReviewablePost", ReportStatus.DISMISSED, ReportStatus.UPHELD),
        ("ReviewableOfAPlugin", ReportStatus.RESOLVED, ReportStatus.RESOLVED),
    ],
)
def test_approved_means_one_thing_of_flags_and_the_other_of_queues(
    kind: str, approved: ReportStatus, rejected: ReportStatus
) -> None:
    for status, expected in ((1, approved), (2, rejected)):
        for report in only(Report, rows_in(item(3301, type=kind, status=status, score_status=status))):
            assert report.status is expected


@pytest.mark.parametrize(
    ("item_status", "score_status", "expected", "raw"),
    [
        (0, 0, ReportStatus.OPEN, "pending"),
        (3, 3, ReportStatus.RESOLVED, "ignored"),
        (4, 0, ReportStatus.RESOLVED, "deleted"),
        (1, 0, ReportStatus.RESOLVED, "approved"),
        (1, None, ReportStatus.RESOLVED, "approved"),
        (0, "agreed", ReportStatus.UPHELD, "agreed"),
        (0, "2", ReportStatus.DISMISSED, "disagreed"),
        (None, None, None, None),
        (99, 99, None, None),
    ],
)
def test_a_closed_item_is_no_verdict_on_a_flag(
    item_status: object, score_status: object, expected: ReportStatus | None, raw: str | None
) -> None:
    for report in only(Report, rows_in(item(3301, status=item_status, score_status=score_status))):
        assert (report.status, report.status_raw) == (expected, raw)


def test_a_type_is_what_the_page_calls_it_and_not_its_number() -> None:
    page = item(3302)
    for kind in page["score_types"]:
        kind["type"] = {4: "spam", 8: "inappropriate"}.get(kind["id"], kind["type"])
    (report,) = only(Report, rows_in(page))
    assert (report.category_raw, report.category_reported) == ("spam", "other.spam")
    (unknown,) = only(Report, rows_in(item(3302) | {"score_types": []}))
    assert (unknown.category_raw, unknown.category_reported) == (None, "unmapped")


def test_a_title_stands_in_for_a_type_that_is_not_given() -> None:
    page = item(3303)
    for kind in page["score_types"]:
        del kind["type"]
    (report,) = only(Report, rows_in(page))
    assert (report.category_raw, report.category_reported) == ("something_else", "intimidation.doxxing")


def test_a_forums_own_flag_is_read_by_its_name_and_its_words() -> None:
    own, other = only(Report, rows_in(item(3403)))
    assert own.category_raw == "custom_intimidation-of-a-candidate"
    assert (own.category_reported, own.gate.value) == ("intimidation.threat_nonviolent", "terms")
    assert (other.category_raw, other.category_reported) == (None, "debate.robust_criticism")


def test_only_the_flaggers_words_are_the_reports() -> None:
    found = rows_in(item(3403))
    own, _ = only(Report, found)
    assert own.text == "He waits for me after work. Same person as 'grimwald_77' on Mastodon"
    assert "look into it" not in repr(found)
    (claim,) = only(LinkClaim, found)
    assert (claim.claimed_handle, claim.report_id, claim.asserted_by) == ("grimwald_77", own.report_id, "reporter")


def test_the_forums_own_words_are_text_and_never_a_claim_or_a_category() -> None:
    reason = "Same person as 'x_1', a death threat: <a href='https://forum.northmoor.example/x'>see</a>"
    found = rows_in(item(3304, score_reason=reason))
    (report,) = only(Report, found)
    assert (report.category_reported, report.text) == (
        "meta.automated_flag",
        "Same person as 'x_1', a death threat: see",
    )
    assert only(LinkClaim, found) == []


def test_whatever_the_forum_itself_flags_is_automatic() -> None:
    page = item(3302, score_user_id=-1)
    (report,) = only(Report, rows_in(page))
    assert (report.source_kind, report.reporter_ref, report.category_reported) == (
        SourceKind.AUTOMATED_FLAG,
        None,
        "abuse.insult",
    )


def test_the_author_of_a_queued_post_may_have_created_the_item() -> None:
    (old,) = only(Account, rows_in(item(3401)))
    (new,) = only(Account, rows_in(item(3402)))
    assert (old.account_id, old.handle) == (f"{HOME}:210", "ring.ring")
    assert (new.account_id, new.handle) == (f"{HOME}:204", "nan1949")


def test_a_queued_post_is_the_same_before_and_after_it_is_published() -> None:
    before = item(3402, status=0, post_id=None, target_url="/t/x/811")
    ids = {only(Content, rows_in(page))[0].content_id for page in (before, item(3402))}
    assert ids == {f"{HOME}/review/3402"}


def test_a_queued_posts_words_are_redacted_and_dated() -> None:
    (content,) = only(Content, rows_in(item(3401)))
    assert content.text == "Ring her\n@ashaverma we have your number [phone]"
    assert content.created_at == datetime(2026, 4, 28, 8, tzinfo=UTC)


def test_when_a_flagged_post_was_written_is_not_said() -> None:
    (content,) = only(Content, rows_in(item(3302)))
    assert content.created_at is None


def test_the_system_is_no_account_and_what_it_wrote_is_left_out() -> None:
    assert rows_in(item(3408)) == []
    assert rows_in(USERS[5:]) == []
    accounts = {row.account_id for row in only(Account, rows_of(ADAPTER, *sorted(SAMPLES.glob("sample*.json"))))}
    assert not [name for name in accounts if ":-" in name]


def test_flaggers_and_staff_never_become_accounts() -> None:
    found = rows_of(ADAPTER, *sorted(SAMPLES.glob("sample*.json")))
    accounts = {row.account_id for row in only(Account, found)}
    assert not accounts & {f"{HOME}:{number}" for number in (1, 57, 88)}
    assert "ed_volunteers" not in repr(found)
    assert "mod_sal" not in repr(found)


def test_an_author_who_is_gone_is_nobody() -> None:
    found = rows_in(item(3405))
    assert only(Account, found) == []
    assert [row.account_id for row in only(Report, found)] == [None]


def test_an_applicant_who_is_gone_is_known_by_handle() -> None:
    found = rows_in(item(3406))
    (account,) = only(Account, found)
    assert (account.account_id, account.id_kind) == (f"{HOME}:@grim_wald_2", IdKind.HANDLE_ONLY)
    assert of_kind(SignalKind.EMAIL_HMAC, found) == {KEYRING.email("moorlad88@mailbox.example"): "registration"}
    assert set(of_kind(SignalKind.LINK, found)) == {"grimwald.example"}
    assert only(Content, found) == []


def test_a_username_may_change_and_the_number_stays() -> None:
    page = item(3302)
    for found in page["users"]:
        found["username"] = f"new_{found['username']}"
    (account,) = only(Account, rows_in(page))
    assert (account.account_id, account.handle) == (f"{HOME}:204", "new_nan1949")


def test_mentions_and_quotes_are_targets_and_a_flagger_among_them_is_known() -> None:
    found = rows_in(item(3403))
    assert {row.target_id: row.derivations for row in only(Target, found)} == {
        f"{HOME}:asha_v": ("reply_parent",),
        f"{HOME}:lorna_t": ("reporter",),
    }
    assert [row.reporter_is_target for row in only(Report, found)] == [True, False]
    (content,) = only(Content, found)
    assert set(content.target_ids) == {f"{HOME}:asha_v", f"{HOME}:lorna_t"}


def test_of_child_abuse_nothing_is_kept_but_the_fact() -> None:
    page = item(3303)
    page["conversation_posts"][1]["excerpt"] = "CSAM, same person as 'x_1'"
    found = rows_in(page)
    (report,), (content,) = only(Report, found), only(Content, found)
    assert (report.category_reported, report.text, content.text, content.url) == ("other.csea", None, None, None)
    assert only(LinkClaim, found) == []


def test_the_forum_is_named_by_any_address_of_the_page_or_the_file() -> None:
    bare = item(3402, target_url=None)
    for found in bare["users"]:
        found["avatar_template"] = "/letter_avatar_proxy/v4/letter/n/bb/{size}.png"
    bare["reviewable_conversations"] = []
    assert only(Account, rows_in(bare))[0].account_id == "discourse:unknown:204"
    for named in ([bare, item(3301)], [item(3301), bare]):
        assert {row.instance for row in only(Account, rows_in(named))} == {HOST}
    with_avatar = copy.deepcopy(bare)
    with_avatar["users"][0]["avatar_template"] = (
        "https://cdn.example/user_avatar/Forum.Northmoor.example/x/{size}/1.png"
    )
    assert only(Account, rows_in(with_avatar))[0].instance == HOST


def test_what_a_forum_without_a_name_gives_has_no_addresses() -> None:
    bare = item(3401)
    bare["users"], bare["reviewable_conversations"] = [], []
    bare["reviewable_scores"][0]["reason"] = None
    found = rows_in(bare)
    assert only(Content, found)[0].url is None
    assert only(Account, found)[0].url is None


def test_only_the_beginning_of_a_file_is_held_to_find_its_forum(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "HELD", 2)
    nameless = [RawRecord(number, {"id": number}) for number in range(5)]
    named = RawRecord(6, {"avatar_template": f"/user_avatar/{HOST}/x/{{size}}/1.png"})
    assert [record.around for record in pages.with_host([*nameless, named])] == [{}] * 6
    assert [record.around for record in pages.with_host([nameless[0], named])] == [{"host": HOST}] * 2


def test_a_flag_that_the_page_does_not_hold_is_accounted_for() -> None:
    page = item(3301)
    page["reviewable_scores"] = [score for score in page["reviewable_scores"] if score["id"] != 9002]
    layout = context_of(ADAPTER, "a.json", json.dumps(page).encode()).layout
    found = list(ADAPTER.read(io.BytesIO(json.dumps(page).encode()), layout))
    assert [isinstance(record, Unreadable) for record in found] == [False, True]
    with pytest.raises(RejectedRecord, match="scores"):
        rows_in(page | {"reviewable_scores": []})
    assert rows_in(item(3301, reviewable_score_ids=[])) == []


def test_one_bad_part_costs_itself_only() -> None:
    page = copy.deepcopy(PAGE)
    page["reviewables"].insert(0, 7)
    page["users"].insert(0, None)
    page["score_types"].insert(0, {"id": []})
    text = json.dumps([{"reviewables": 7, "reviewable_scores": []}, page]).encode()
    layout = context_of(ADAPTER, "a.json", json.dumps([page]).encode()).layout
    found = list(ADAPTER.read(io.BytesIO(text), layout))
    assert [isinstance(record, Unreadable) for record in found] == [True, True, False, False, False, False]


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(PAGE),
        json.dumps(PAGE, indent=1),
        json.dumps([PAGE, QUEUE]),
        json.dumps(PAGE) + "\n" + json.dumps(QUEUE),
        json.dumps({**PAGE, "reviewables": ..., "reviewable": PAGE["reviewables"][0]}, default=lambda _: None),
    ],
)
def test_pages_arrays_of_pages_and_lines_are_read(text: str) -> None:
    assert context_of(ADAPTER, "a", text.encode()).layout.record == "reviewable"
    assert f"{HOME}:3301:9001" in {row.report_id for row in only(Report, rows_in(text))}


def test_scores_and_accounts_inside_the_item_are_read_alike() -> None:
    page = item(3302)
    (one,) = page["reviewables"]
    inside = {
        **one,
        "target_created_by": next(found for found in page["users"] if found["id"] == 204),
        "reviewable_scores": [
            {**score, "score_type": {"id": 4, "type": "inappropriate"}}
            for score in page["reviewable_scores"]
            if score["id"] == 9003
        ],
    }
    assert only(Report, rows_in({"reviewable": inside, "__rest_serializer": "1"})) == only(Report, rows_in(page))


@pytest.mark.parametrize("text", [json.dumps(USERS), json.dumps(USERS[0]), json.dumps({"users": USERS})])
def test_admin_users_are_read_one_or_many(text: str) -> None:
    assert context_of(ADAPTER, "a", text.encode()).layout.record == "admin_user"
    assert f"{HOME}:203" in {row.account_id for row in only(Account, rows_in(text))}
    lines = "".join(json.dumps(found) + "\n" for found in USERS)
    assert len(only(Account, rows_in(lines))) == 4


def test_contacts_of_a_user_are_digests_with_where_they_were_seen() -> None:
    found = rows_in([user()])
    emails = of_kind(SignalKind.EMAIL_HMAC, found)
    assert emails == {
        KEYRING.email(name): "registration"
        for name in ("moorlad89@mailbox.example", "lad@moor.example", "lad2@moor.example", "ssolad@moor.example")
    }
    assert of_kind(SignalKind.IP_HMAC, found) == {
        KEYRING.ip("2001:db8::77"): "registration",
        KEYRING.ip("198.51.100.77"): "signin",
    }
    assert "mailbox" not in repr(found)
    assert "198.51" not in repr(found)


def test_log_ins_elsewhere_are_declared_accounts() -> None:
    found = of_kind(SignalKind.DECLARED, rows_in([user()]))
    assert {value for value, context in found.items() if context == "verified"} == {
        "x:x:moor_lad_x",
        "discord:discord:moorlad",
        "discord:discord:118400000000000001",
    }
    assert found["telegram:telegram:moor_lad_tg"] == "profile"


@pytest.mark.parametrize(
    ("accounts", "declared", "emails"),
    [
        ([{"name": "twitter", "description": "lad@moor.test"}], set(), {"lad@moor.test"}),
        ([{"name": "telegram", "description": "447700900142"}], set(), set()),
        ([{"name": "telegram", "description": "4915123456789"}], set(), set()),
        ([{"name": "facebook", "description": "Grim"}], set(), set()),
        ([{"name": "github", "description": "Grim Wald"}], set(), set()),
        ([{"name": "github", "description": ""}, {"name": None, "description": "x_y"}], set(), set()),
        ("Twitter(grim_wald), Google(lad@moor.test)", {"x:x:grim_wald"}, {"lad@moor.test"}),
        ("no accounts associated", set(), set()),
    ],
)
def test_what_a_log_in_shows_is_a_handle_an_address_or_nothing(
    accounts: object, declared: set[str], emails: set[str]
) -> None:
    bare = {key: new for key, new in USERS[2].items() if key != "email"}
    found = rows_in([{**bare, "associated_accounts": accounts}])
    assert set(of_kind(SignalKind.DECLARED, found)) == declared
    assert set(of_kind(SignalKind.EMAIL_HMAC, found)) == {KEYRING.email(name) for name in emails}


@pytest.mark.parametrize(
    ("till", "action", "ends"),
    [
        ("3026-04-27T10:00:00.000Z", Action.ACCOUNT_SUSPENDED_PERM, False),
        ("2226-04-27T10:00:00.000Z", Action.ACCOUNT_SUSPENDED_PERM, False),
        ("2225-04-27T10:00:00.000Z", Action.ACCOUNT_SUSPENDED_TEMP, False),
        ("2026-05-27T10:00:00.000Z", Action.ACCOUNT_SUSPENDED_TEMP, True),
        (None, Action.ACCOUNT_SUSPENDED_TEMP, False),
    ],
)
def test_centuries_are_for_good(till: str | None, action: Action, ends: bool) -> None:
    found = rows_in([{**USERS[0], "suspended_till": till}])
    (enforced,) = only(Enforcement, found)
    assert (enforced.action, enforced.expires_at is not None) == (action, ends)
    assert (enforced.scope, enforced.scope_ref) == (Scope.INSTANCE, HOST)
    assert enforced.at_earliest == enforced.at_latest == datetime(2026, 4, 27, 10, tzinfo=UTC)


def test_a_silence_limits_and_has_no_time_of_its_own() -> None:
    _, silence = only(Enforcement, rows_in([*USERS[:3], user()]))[-2:]
    assert (silence.action, silence.at_earliest, silence.at_latest) == (Action.ACCOUNT_LIMITED, None, None)
    assert silence.by_ref == KEYRING.reporter("discourse", f"{HOST}:1")
    (claim,) = only(LinkClaim, rows_in([*USERS[:1], user()]))
    assert (claim.claimed_handle, claim.asserted_by) == ("grimwald_77", "moderator")


def test_sanctions_keep_their_ids_from_export_to_export() -> None:
    later = user(last_seen_at="2026-05-01T00:00:00Z", silenced_at="2026-04-27T09:00:00Z", username="renamed")
    once, again = (
        {row.enforcement_id for row in only(Enforcement, rows_in([found, USERS[0]]))} for found in (user(), later)
    )
    assert once == again
    assert len(once) == 3


@pytest.mark.parametrize(
    ("changes", "pulled", "state"),
    [
        ({}, None, AccountState.SUSPENDED),
        ({}, PULLED, AccountState.ACTIVE),
        ({"suspended": False}, None, AccountState.LIMITED),
        ({"suspended_at": ..., "suspended_till": ...}, None, AccountState.LIMITED),
        (
            {"suspended_at": ..., "suspended_till": ..., "silenced": ..., "silenced_till": ...},
            None,
            AccountState.ACTIVE,
        ),
        (
            {"suspended_at": ..., "suspended_till": ..., "silenced": ..., "silenced_till": ..., "active": False},
            None,
            AccountState.DEACTIVATED,
        ),
    ],
)
def test_a_state_is_what_holds_when_the_record_was_pulled(
    changes: dict[str, Any], pulled: datetime | None, state: AccountState
) -> None:
    (account,) = only(Account, rows_in([user(**changes)], observed_at=pulled))
    assert account.state is state


def test_staff_are_left_out_unless_they_were_sanctioned_themselves() -> None:
    assert rows_in([USERS[4]]) == []
    sanctioned = {**USERS[4], "suspended_at": "2026-04-27T10:00:00Z", "suspended_till": "3026-04-27T10:00:00Z"}
    assert len(only(Enforcement, rows_in([sanctioned]))) == 1


def test_of_a_list_of_users_only_those_asked_for_are_read() -> None:
    for wanted in ("209", "cheapleaflets"):
        found = rows_in(USERS, options=Options(subjects=frozenset({wanted})))
        assert [row.account_id for row in only(Account, found)] == [f"{HOME}:209"]


def test_strangers_and_what_another_export_would_hold_are_refused() -> None:
    for first in (
        {"id": 1, "username": "x", "acct": "x", "url": "https://a.example/@x"},
        {"reviewables": []},
        {"post_reports": []},
        {"users": [{"id": 1, "username": "x"}]},
    ):
        for text in (json.dumps(first), json.dumps([first])):
            for way in heads(io.BytesIO(text.encode()), "a"):
                assert isinstance(ADAPTER.recognise(way), Refusal), text
    for value, words in (
        ([PAGE["reviewables"][0]], "whole pages"),
        ([PAGE["users"][0]], "admin/users"),
        ({"post_stream": {"posts": []}, "id": 811}, "review.json"),
        ({"reviewable_topics": []}, "review.json"),
    ):
        with pytest.raises(UnknownFormat, match=words):
            recognise(heads(io.BytesIO(json.dumps(value).encode()), "a"), [ADAPTER])
    with pytest.raises(PassedOver):
        recognise(heads(io.BytesIO(b'{"reviewable_score_types": []}'), "a"), [ADAPTER])
    assert isinstance(ADAPTER.recognise(Head("a", "csv", columns=("username",))), Refusal)


@pytest.mark.parametrize(
    "page",
    [
        item(3301, id=None),
        item(3301, type=None),
        item(3301, target_created_by_id="nobody"),
        item(3301, created_at="yesterday"),
        item(3301, score_user_id="x"),
        item(3301, score_agree_stats={"agreed": -1}),
        item(3301, score_agree_stats={"agreed": 10**30}),
        [{**USERS[0], "id": None}],
        [{**USERS[0], "associated_accounts": [7]}],
    ],
)
def test_a_record_of_another_shape_is_rejected(page: Any) -> None:
    with pytest.raises(RejectedRecord):
        rows_in(page)


def test_what_is_neither_an_item_nor_a_user_is_rejected() -> None:
    context = Context("discourse", "a", Layout("ndjson", "reviewable"), KEYRING)
    with pytest.raises(RejectedRecord):
        list(ADAPTER.normalise(RawRecord(1, {"x": 1}), context))
