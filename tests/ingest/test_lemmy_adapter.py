"""Lemmy: three id spaces, snapshots that outlive edits, community bans and site bans, and bans that were taken back."""

from __future__ import annotations

import copy
import io
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from golden import KEYRING, context_of, folder_of, read, rows_of

from graphmatch import merge
from graphmatch.adapter import Context, Head, Layout, Options, RawRecord, Refusal, Unreadable
from graphmatch.errors import LeftOut, RejectedRecord, UnknownFormat
from graphmatch.frames import frame
from graphmatch.intake.head import heads, recognise
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
from ingest.lemmy import modlog
from ingest.lemmy.adapter import LemmyAdapter

FORMATS = Path(__file__).parents[3] / "shared" / "formats"
needs_formats = pytest.mark.skipif(not FORMATS.exists(), reason="the format samples are not beside the repository")

ADAPTER = LemmyAdapter(Options())
SAMPLES = folder_of(ADAPTER)
HOME = "lemmy.northmoor.example"
GRIM = f"lemmy:{HOME}:https://{HOME}/u/grimwald77"
PETE = "lemmy:lemmy.elsewhere.example:https://lemmy.elsewhere.example/u/moorland_pete"
COMMUNITY = f"https://{HOME}/c/northmoor"


def sample(name: str) -> Any:
    return json.loads((SAMPLES / name).read_text("utf-8"))


POST = sample("sample.json")["post_reports"][1]
COMMENTS = sample("sample_comment_reports.json")["comment_reports"]
LOG = sample("sample_modlog.json")
ITEMS = sample("sample_report_list_v4.json")["items"]
ENTRIES = sample("sample_modlog_v4.json")["items"]


def rows(record: dict[str, Any]) -> list[Row]:
    context = Context("lemmy", "a.json", Layout("ndjson", "report"), KEYRING)
    return list(ADAPTER.normalise(RawRecord(1, record), context))


def only(kind: type[Any], found: Iterable[Row]) -> list[Any]:
    return [row for row in found if isinstance(row, kind)]


def one(kind: type[Any], record: dict[str, Any]) -> Any:
    (found,) = only(kind, rows(record))
    return found


def changed(record: dict[str, Any], **changes: Any) -> dict[str, Any]:
    made = copy.deepcopy(record)
    for path, value in changes.items():
        *way, last = path.split("__")
        holder = made
        for step in way:
            holder = holder[step]
        if value is ...:
            holder.pop(last, None)
        else:
            holder[last] = value
    return made


def ban(**changes: Any) -> dict[str, Any]:
    return changed(LOG["banned"][0], **changes)


def test_the_northmoor_files_give_what_the_formats_reference_counts() -> None:
    found = rows_of(ADAPTER, SAMPLES / "sample.json")
    assert [row.report_id for row in only(Report, found)] == [f"lemmy:{HOME}:post:{n}" for n in (71, 70, 68)]
    assert {row.account_id for row in only(Account, found)} == {
        PETE,
        GRIM,
        f"lemmy:{HOME}:https://{HOME}/u/nan_of_the_moor",
    }
    assert {row.content_id for row in only(Content, found)} == {
        f"lemmy:https://{HOME}/post/{n}" for n in (9020, 9014, 9003)
    }


@needs_formats
def test_every_file_of_the_formats_reference_reads_and_gives_its_numbers() -> None:
    found: list[Row] = []
    for path in sorted((FORMATS / "lemmy").glob("*")):
        adapter, _ = recognise(heads(io.BytesIO(path.read_bytes()), path.name), [ADAPTER])
        assert adapter.name == "lemmy", path
        found += rows_of(ADAPTER, path)
    canonical = [
        [json.loads(line) for line in (FORMATS / "canonical" / f"{table}.ndjson").read_text("utf-8").splitlines()]
        for table in ("reports", "contents", "actions")
    ]
    reports, contents, actions = [[row for row in table if row["platform_is"]] for table in map(_lemmys, canonical)]
    ids = {row.report_id for row in only(Report, found)}
    assert {row["report"] for row in reports} <= ids
    # The reference did not read the fourth version's list, which adds a private message.
    assert ids - {row["report"] for row in reports} == {f"lemmy:{HOME}:private_message:5"}
    assert {row["content"] for row in contents} <= {row.content_id for row in only(Content, found)}
    enforced = {(row.account_id, row.action_raw) for row in only(Enforcement, found)}
    assert {(row["subject"], row["raw"]) for row in actions} <= enforced


def _lemmys(table: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**row, "platform_is": next(iter(row.values())).startswith("lemmy:")} for row in table]


@pytest.mark.parametrize("version", ["v3", "v4"])
def test_the_number_alone_does_not_name_a_report(version: str) -> None:
    post = changed(POST if version == "v3" else ITEMS[0], post_report__id=5)
    comment = changed(COMMENTS[0] if version == "v3" else ITEMS[1], comment_report__id=5)
    message, community = changed(ITEMS[2]), changed(ITEMS[3], community_report__id=5)
    found = {one(Report, record).report_id for record in (post, comment, message, community)}
    assert found == {f"lemmy:{HOME}:{kind}:5" for kind in ("post", "comment", "private_message", "community")}


def test_the_same_report_in_both_versions_is_one() -> None:
    old, new = one(Report, POST), one(Report, ITEMS[0])
    assert (old.report_id, old.account_id, old.content_ids, old.reporter_ref) == (
        new.report_id,
        new.account_id,
        new.content_ids,
        new.reporter_ref,
    )


def test_what_was_reported_is_kept_and_not_what_it_was_changed_into() -> None:
    record = changed(POST, post__name="kittens", post__body="nice ones", post__updated="2026-04-24T19:00:00Z")
    content = one(Content, record)
    assert content.text.endswith("you know what to do")
    assert "kittens" not in content.text
    assert content.observed_at == one(Report, record).reported_at


def test_a_later_entry_of_the_modlog_does_not_replace_the_reported_words() -> None:
    removed = changed(LOG["removed_posts"][0], post__body="nice kittens")
    made = [frame("contents", only(Content, rows(record))) for record in (POST, removed)]
    for parts in (made, made[::-1]):
        (text,) = merge.merge("contents", *parts)["text"]
        assert text.endswith("you know what to do")


def test_without_a_snapshot_the_words_of_today_are_read_but_not_dated() -> None:
    content = one(Content, changed(POST, post_report__original_post_name=..., post_report__original_post_body=...))
    assert content.text.startswith("Where Verma will be")
    assert content.observed_at is None


def test_words_that_are_gone_are_blank() -> None:
    gone = changed(COMMENTS[3], comment_report__original_comment_text=" ")
    assert one(Content, gone).text is None


def test_a_person_is_keyed_by_address_and_never_by_number() -> None:
    for record, path in ((POST, "post_creator"), (ITEMS[0], "post_creator")):
        account = one(Account, record)
        other = one(Account, changed(record, **{f"{path}__id": 17}))
        assert account.account_id == other.account_id == GRIM
        assert (account.id_kind, account.instance) == (IdKind.ACTOR_URI, HOME)


@pytest.mark.parametrize(
    ("address", "account_id"),
    [
        ("https://Social.Example/users/grim", "mastodon:social.example:https://social.example/users/grim"),
        ("https://social.example/ap/users/114094772542729759", "mastodon:social.example:114094772542729759"),
        ("https://other.example/u/grim/", "lemmy:other.example:https://other.example/u/grim"),
    ],
)
def test_accounts_of_other_platforms_keep_their_own_keys(address: str, account_id: str) -> None:
    record = changed(COMMENTS[0], comment_creator__actor_id=address)
    account, report = one(Account, record), one(Report, record)
    assert account.account_id == report.account_id == account_id
    assert report.platform == "lemmy"


def test_what_was_posted_elsewhere_is_known_by_the_key_that_it_has_there() -> None:
    address = "https://social.example/users/grim/statuses/114094772542729999"
    assert one(Content, changed(COMMENTS[0], comment__ap_id=address)).content_id == f"mastodon:{address}"


def test_a_server_that_signs_a_report_hides_its_reporter() -> None:
    report = one(Report, changed(POST, creator__actor_id="https://social.example/actor", creator__local=False))
    assert report.reporter_ref is None


def test_a_picture_behind_a_proxy_is_known_by_its_own_address() -> None:
    proxied = f"https://{HOME}/api/v3/image_proxy?url=https%3A%2F%2Fpics.example%2Fgrim.png"
    assert one(Account, changed(POST, post_creator__avatar=proxied)).avatar_url == "https://pics.example/grim.png"


def test_a_person_without_an_address_is_rejected() -> None:
    with pytest.raises(RejectedRecord, match="actor_id"):
        rows(changed(POST, post_creator__actor_id=...))


def test_a_matrix_id_is_a_declared_account() -> None:
    found = [row for row in only(Sighting, rows(POST)) if row.kind is SignalKind.DECLARED]
    assert [row.value for row in found] == ["matrix:matrix.northmoor.example:@grimwald77:matrix.northmoor.example"]


@pytest.mark.parametrize(
    "mxid", ["@whatsapp_447700900142:m.example", "@jane=40mail.example:m.example", "grim", "@:", 7]
)
def test_a_matrix_id_that_is_a_contact_value_or_none_is_not_kept(mxid: object) -> None:
    found = rows(changed(POST, post_creator__matrix_user_id=mxid))
    assert not [row for row in only(Sighting, found) if row.kind is SignalKind.DECLARED]
    assert "447700900142" not in repr(found)


def test_markdown_links_of_the_bio_are_links_and_its_mail_is_a_digest() -> None:
    found = only(Sighting, rows(COMMENTS[3]))
    assert {row.value for row in found if row.kind is SignalKind.LINK} == {
        "grimwald.example",
        "pics.example/grim_(old)",
    }
    assert [row.value for row in found if row.kind is SignalKind.EMAIL_HMAC] == [KEYRING.email("grim@grimwald.example")]
    assert one(Account, COMMENTS[3]).bio == "No quarter. blog,pics - mail [email]"


def test_blanks_are_none_and_a_cut_date_of_another_server_is_a_day() -> None:
    account = one(Account, COMMENTS[3])
    assert account.display_name is None
    assert account.created_at_precision is Precision.DAY
    assert one(Account, POST).created_at_precision is Precision.EXACT


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({}, AccountState.SUSPENDED),
        ({"post_creator__banned": False}, AccountState.ACTIVE),
        ({"post_creator__banned": ...}, None),
        ({"post_creator__banned": ..., "creator_banned": True}, AccountState.SUSPENDED),
        ({"post_creator__deleted": True}, AccountState.DELETED),
        ({"creator_banned_from_community": True, "post_creator__banned": False}, AccountState.ACTIVE),
    ],
)
def test_a_state_is_of_the_site_and_not_of_a_community(changes: dict[str, Any], state: AccountState | None) -> None:
    assert one(Account, changed(POST, **changes)).state is state


def test_resolved_is_no_verdict() -> None:
    report = one(Report, POST)
    assert (report.status, report.status_raw) == (ReportStatus.RESOLVED, "resolved=true")
    assert one(Report, changed(POST, post_report__resolved=False)).status is ReportStatus.OPEN
    assert one(Report, changed(POST, post_report__resolved=...)).status is None
    assert only(Enforcement, rows(POST)) == []


def test_reporters_and_moderators_are_digests_and_never_accounts() -> None:
    found = rows_of(ADAPTER, *sorted(SAMPLES.glob("sample*.*")))
    accounts = {row.account_id for row in only(Account, found)}
    for name in ("marrow", "kestrel", "nm_mod", "elsewhere_admin", "ashaverma"):
        assert not [known for known in accounts if known.endswith(f"/{name}")]
    assert "marrow" not in repr(found)
    assert one(Report, POST).reporter_ref == KEYRING.reporter("lemmy", f"https://{HOME}/u/marrow")
    (enforced,) = only(Enforcement, rows(ban()))
    assert enforced.by_ref == KEYRING.reporter("lemmy", f"https://{HOME}/u/nm_mod")


def test_whoever_got_a_message_is_its_target_and_reported_it() -> None:
    record = ITEMS[2]
    report, target = one(Report, record), one(Target, record)
    assert (target.target_id, target.derivations) == (f"lemmy:{HOME}:ashaverma", ("reporter",))
    assert report.reporter_is_target is True
    assert report.target_ids == one(Content, record).target_ids == (target.target_id,)


def test_mentions_are_targets_on_the_platform_that_they_lie_on() -> None:
    text = (
        "@Asha@lemmy.northmoor.example @tom@social.northmoor.example [@c@l.example](https://l.example/u/c) a@b.example"
    )
    found = only(Target, rows(changed(COMMENTS[1], comment_report__original_comment_text=text)))
    assert [row.target_id for row in found] == [
        f"lemmy:{HOME}:asha",
        "mastodon:social.northmoor.example:tom",
        "lemmy:l.example:c",
    ]
    assert {row.derivations for row in found} == {("mention",)}


def test_who_opened_the_thread_may_be_aimed_at() -> None:
    record = changed(COMMENTS[1], post__creator_id=2002)
    assert one(Target, record).derivations == ("thread_owner",)
    assert one(Report, record).reporter_is_target is None


def test_nobody_is_a_target_of_its_own_words() -> None:
    text = "as @nan_of_the_moor@lemmy.northmoor.example I say no"
    assert only(Target, rows(changed(COMMENTS[1], comment_report__original_comment_text=text))) == []


def test_a_report_of_a_community_is_about_nobody() -> None:
    report = one(Report, ITEMS[3])
    assert report.account_id is None
    assert report.content_ids == ("lemmy:https://lemmy.elsewhere.example/c/moor_truth",)
    assert only(Account, rows(ITEMS[3])) == []


def test_a_reason_is_words_and_no_category_of_the_platform() -> None:
    report = one(Report, changed(POST, post_report__reason="see above"))
    assert (report.category_raw, report.category_reported, report.text) == (None, "meta.other", "see above")
    assert one(Report, changed(POST, post_report__reason=...)).category_reported == "meta.other"
    assert one(Report, POST).category_reported == "violence.incitement"


def test_of_child_abuse_nothing_is_kept_but_the_fact() -> None:
    record = changed(POST, post_report__reason="CSAM, alt of 'x_1'")
    report, content = one(Report, record), one(Content, record)
    assert (report.category_reported, report.text, content.text, content.url) == ("other.csea", None, None, None)
    assert only(LinkClaim, rows(record)) == []
    removed = changed(LOG["removed_posts"][0], mod_remove_post__reason="csam")
    assert (one(Content, removed).text, one(Content, removed).url, one(Enforcement, removed).reason) == (None,) * 3


def test_words_about_other_accounts_become_claims() -> None:
    (claim,) = only(LinkClaim, rows(COMMENTS[3]))
    assert (claim.claimed_handle, claim.claimed_platform, claim.asserted_by) == ("grimwald_77", "mastodon", "reporter")
    concluded = changed(ITEMS[0], post_report__conclusion="alt of 'moor_lad_2'")
    assert [claim.asserted_by for claim in only(LinkClaim, rows(concluded))] == ["moderator"]
    assert [claim.asserted_by for claim in only(LinkClaim, rows(ban(mod_ban__reason="alt of 'moor_lad_2'")))] == [
        "moderator"
    ]


def test_a_ban_holds_for_the_site_or_in_one_community() -> None:
    site, community = one(Enforcement, ban()), one(Enforcement, LOG["banned_from_community"][0])
    assert (site.action, site.scope, site.scope_ref) == (Action.ACCOUNT_SUSPENDED_PERM, Scope.INSTANCE, HOME)
    assert (community.action, community.scope, community.scope_ref) == (
        Action.COMMUNITY_BAN_TEMP,
        Scope.COMMUNITY,
        COMMUNITY,
    )
    assert community.expires_at is not None
    assert site.at_earliest == site.at_latest is not None


def test_an_end_makes_a_ban_temporary() -> None:
    found = one(Enforcement, ban(mod_ban__expires="2026-05-25T12:00:00Z"))
    assert (found.action, found.expires_at.month) == (Action.ACCOUNT_SUSPENDED_TEMP, 5)


def test_a_ban_taken_back_is_a_restoration() -> None:
    lifted = one(Enforcement, ban(mod_ban__banned=False, mod_ban__when_="2026-04-26T12:00:00Z"))
    assert (lifted.action, lifted.scope, lifted.expires_at) == (Action.ACCOUNT_RESTORED, Scope.INSTANCE, None)
    assert lifted.enforcement_id != one(Enforcement, ban()).enforcement_id
    back = one(Enforcement, changed(LOG["banned_from_community"][0], mod_ban_from_community__banned=False))
    assert (back.action, back.scope, back.scope_ref) == (Action.ACCOUNT_RESTORED, Scope.COMMUNITY, COMMUNITY)
    restored = one(Enforcement, changed(LOG["removed_posts"][0], mod_remove_post__removed=False))
    assert restored.action is Action.CONTENT_RESTORED


def test_a_ban_passed_on_by_another_server_holds_there() -> None:
    assert one(Enforcement, LOG["banned"][-1]).scope_ref == "lemmy.elsewhere.example"


def test_the_same_ban_in_both_versions_is_one() -> None:
    ids = {one(Enforcement, record).enforcement_id for record in (ban(), ENTRIES[0])}
    unified = changed(
        ENTRIES[5],
        modlog__kind="AdminBan",
        modlog__is_revert=False,
        modlog__published_at="2026-04-25T12:00:00.408592Z",
    )
    assert len(ids | {one(Enforcement, unified).enforcement_id}) == 1


def test_the_unified_modlog_of_version_4() -> None:
    found = [one(Enforcement, record) for record in ENTRIES[1:6]]
    assert [row.action for row in found] == [
        Action.CONTENT_REMOVED,
        Action.CONTENT_RESTORED,
        Action.WARNING,
        Action.COMMUNITY_BAN_TEMP,
        Action.ACCOUNT_RESTORED,
    ]
    assert [row.scope for row in found] == [Scope.COMMUNITY] * 4 + [Scope.INSTANCE]
    assert found[0].content_id == found[1].content_id == f"lemmy:https://{HOME}/comment/88240"


def test_a_locked_thread_says_nothing_about_whoever_opened_it() -> None:
    record = {**LOG["locked_posts"][0], "other_person": LOG["banned"][1]["banned_person"]}
    found = one(Enforcement, record)
    assert (found.action, found.account_id) == (Action.CONTENT_RESTRICTED, None)
    assert only(Account, rows(record)) == []


@pytest.mark.parametrize("name", modlog.LISTS)
def test_each_of_the_lists_gives_rows_or_says_why_not(name: str) -> None:
    given = {"removed_posts", "locked_posts", "removed_comments", "banned_from_community", "banned"}
    if name == "stickied_posts":
        name = "featured_posts"
    for record in LOG[name]:
        if name in given:
            assert only(Enforcement, rows(record))
        else:
            with pytest.raises(LeftOut):
                rows(record)


def test_an_unknown_action_is_rejected_without_its_value() -> None:
    with pytest.raises(RejectedRecord) as caught:
        rows(changed(ENTRIES[1], modlog__kind="mod_smite"))
    assert "smite" not in str(caught.value).lower()


PAGE = {"post_reports": [POST]}
SHAPES = [
    json.dumps(PAGE),
    json.dumps(PAGE, indent=1),
    json.dumps([PAGE, PAGE]),
    json.dumps(PAGE) + "\n" + json.dumps(PAGE),
    json.dumps([POST]),
    json.dumps(POST) + "\n" + json.dumps(COMMENTS[0]),
    json.dumps(POST),
    json.dumps({"post_report_view": POST}),
    json.dumps({"items": ITEMS, "next_page": "P5"}),
    json.dumps([{"items": ITEMS}]),
    json.dumps({"other": 1, "comment_reports": COMMENTS, "post_reports": [POST]}),
]


@pytest.mark.parametrize("text", SHAPES)
def test_pages_arrays_and_lines_are_read(text: str) -> None:
    adapter, layout = recognise(heads(io.BytesIO(text.encode()), "a"), [ADAPTER])
    assert (adapter.name, layout.record) == ("lemmy", "report")
    found = [row for record, context in read(ADAPTER, "a", text.encode()) for row in ADAPTER.normalise(record, context)]
    assert f"lemmy:{HOME}:post:70" in {row.report_id for row in only(Report, found)}


def test_lists_beside_each_other_are_all_read() -> None:
    text = json.dumps({"post_reports": [POST] * 200, "comment_reports": COMMENTS, **LOG}, indent=1).encode()
    found = read(ADAPTER, "a.json", text)
    assert len(found) == 200 + len(COMMENTS) + sum(map(len, LOG.values()))


@pytest.mark.parametrize(
    "text", [json.dumps(LOG), json.dumps([LOG]), json.dumps({"items": ENTRIES}), json.dumps(ban())]
)
def test_the_modlog_is_known_by_its_entries(text: str) -> None:
    assert context_of(ADAPTER, "a", text.encode()).layout.record == "modlog_entry"


def test_empty_lists_are_known_by_their_names() -> None:
    empty = {name: [] for name in modlog.LISTS}
    for text in (json.dumps({"post_reports": []}), json.dumps(empty)):
        assert read(ADAPTER, "a", text.encode()) == []


def test_a_list_that_is_none_costs_its_page_only() -> None:
    text = json.dumps([{"post_reports": [POST]}, {"post_reports": 7}, {"post_reports": None}, PAGE]).encode()
    layout = context_of(ADAPTER, "a", text).layout
    found = list(ADAPTER.read(io.BytesIO(text), layout))
    assert [isinstance(record, Unreadable) for record in found] == [False, True, False]


@pytest.mark.parametrize(
    "first",
    [
        {"id": "1", "category": "spam", "action_taken": False, "target_account": {"account": {}}, "account": {}},
        {"type": "Flag", "actor": "https://a.example/u/x", "object": "https://b.example/post/1", "summary": "spam"},
        {"items": [{"kind": "youtube#comment", "snippet": {}}]},
        {"modlog": {"x": 1}},
        {"mod_action_data": {"action": "banuser"}, "id": "ModNote_1"},
        {"banned": [{"name": "x", "date": 1.0}]},
    ],
)
def test_strangers_are_refused(first: dict[str, Any]) -> None:
    for text in (json.dumps(first), json.dumps([first])):
        for way in heads(io.BytesIO(text.encode()), "a"):
            assert isinstance(ADAPTER.recognise(way), Refusal), first


def test_posts_without_reports_are_refused_with_what_to_export_instead() -> None:
    view = {name: POST[name] for name in ("post", "creator", "community", "counts")}
    for text in (json.dumps({"posts": [view]}), json.dumps([view])):
        with pytest.raises(UnknownFormat, match="report/list"):
            recognise(heads(io.BytesIO(text.encode()), "a"), [ADAPTER])
    assert isinstance(ADAPTER.recognise(Head("a", "csv", columns=("post_report",))), Refusal)


@pytest.mark.parametrize(
    "record",
    [
        {},
        {"post_report": {}, "post": {}},
        changed(POST, post_report__id=None),
        changed(POST, post_report=7),
        changed(POST, post__ap_id=...),
        changed(POST, post_report__published="yesterday"),
        changed(POST, post_creator=[]),
        changed(LOG["removed_posts"][0], post__ap_id=...),
        ban(banned_person__actor_id="not an address"),
    ],
)
def test_a_record_of_another_shape_is_rejected(record: dict[str, Any]) -> None:
    with pytest.raises(RejectedRecord):
        rows(record)


def test_a_server_that_does_not_tell_its_name_keeps_its_reports_apart() -> None:
    record = copy.deepcopy(POST)
    for part in record.values():
        if isinstance(part, dict):
            part.pop("local", None)
    report = one(Report, record)
    assert report.report_id == f"lemmy:unknown:lemmy:https://{HOME}/post/9014:post:70"
    assert isinstance(frame("reports", [report]), pl.DataFrame)
