"""YouTube: comments without reports, threads that hold replies, handles that were display names once."""

import io
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from graphmatch.adapter import Context, Layout, Options, RawRecord, Refusal, Unreadable
from graphmatch.errors import LeftOut, RejectedRecord
from graphmatch.intake.head import heads
from graphmatch.model import (
    Account,
    Action,
    Content,
    Enforcement,
    Gate,
    IdKind,
    Report,
    ReportStatus,
    Row,
    Scope,
    Sighting,
    SourceKind,
    Target,
)
from graphmatch.normalise.contacts import Keyring
from graphmatch.normalise.links import account_of
from ingest.youtube.adapter import YouTubeAdapter

SHARED = Path(__file__).parents[3] / "shared" / "formats" / "youtube"
ADAPTER = YouTubeAdapter(Options())
OWNER, AUTHOR = "UC28bbe9e09dbed2c086d5dc", "UCzLqrPPxv38bivhGJWd0Kdg"


def layouts(data: bytes) -> list[Layout | Refusal]:
    return [ADAPTER.recognise(head) for head in heads(io.BytesIO(data), "any.json")]


def items(data: bytes) -> tuple[list[RawRecord | Unreadable], Layout]:
    layout = next(found for found in layouts(data) if isinstance(found, Layout))
    return list(ADAPTER.read(io.BytesIO(data), layout)), layout


def rows_of(data: bytes, observed_at: datetime | None = None) -> list[Row]:
    found: list[Row] = []
    records, layout = items(data)
    for record in records:
        assert isinstance(record, RawRecord), record
        found += ADAPTER.normalise(record, Context("youtube", "any.json", layout, Keyring(b"\x01" * 32), observed_at))
    return found


def only(kind: type, rows: Iterable[Row]) -> list[Any]:
    return [row for row in rows if type(row) is kind]


def comment(number: str = "Ugz1", **changes: Any) -> dict[str, Any]:
    snippet = {
        "channelId": OWNER,
        "videoId": "vid1",
        "textDisplay": "no quarter",
        "authorDisplayName": "@moorlandpete5512",
        "authorChannelUrl": "http://www.youtube.com/@moorlandpete5512",
        "authorChannelId": {"value": AUTHOR},
        "publishedAt": "2026-05-05T20:00:00Z",
        "updatedAt": "2026-05-05T20:00:00Z",
        **changes,
    }
    return {
        "kind": "youtube#comment",
        "id": number,
        "snippet": {key: value for key, value in snippet.items() if value is not ...},
    }


def thread(first: dict[str, Any], *replies: dict[str, Any]) -> dict[str, Any]:
    snippet = {"channelId": OWNER, "videoId": "vid1", "topLevelComment": first, "totalReplyCount": len(replies)}
    return {"id": first["id"], "snippet": snippet, "replies": {"comments": list(replies)}}


def page(*listed: dict[str, Any]) -> bytes:
    return json.dumps({"kind": "youtube#anyListResponse", "items": listed}).encode()


def rows(**changes: Any) -> list[Row]:
    return rows_of(page(comment(**changes)))


def test_the_shared_samples_give_what_the_reference_gives() -> None:
    if not SHARED.exists():
        pytest.skip("needs the format samples in ../shared/formats")
    found = rows_of((SHARED / "sample.json").read_bytes())
    assert {row.content_id for row in only(Content, found)} >= {"youtube:UgzYYjGVj7FV05-W-BdFvnglZT"}
    assert len({row.content_id for row in only(Content, found)}) == 5
    assert len({row.report_id for row in only(Report, found)}) == 4
    # The reference reads no sanction; the status is one, in the table of actions and here.
    assert len({row.enforcement_id for row in only(Enforcement, found)}) == 4
    channels = rows_of((SHARED / "channels.json").read_bytes())
    assert len(only(Account, channels)) == 2


def test_the_reporting_forms_labels_are_passed_over() -> None:
    labels = page({"kind": "youtube#videoAbuseReportReason", "id": "A", "snippet": {"label": "Hateful"}})
    (verdict, *_) = layouts(labels)
    assert isinstance(verdict, Refusal)
    assert verdict.known


@pytest.mark.parametrize(
    ("status", "leaf", "action", "state"),
    [
        ("heldForReview", "meta.automated_flag", Action.CONTENT_RESTRICTED, ReportStatus.OPEN),
        ("likelySpam", "other.spam", Action.CONTENT_RESTRICTED, ReportStatus.OPEN),
        ("rejected", "meta.automated_flag", Action.CONTENT_REMOVED, ReportStatus.RESOLVED),
    ],
)
def test_what_was_held_back_is_an_automated_flag(status: str, leaf: str, action: Action, state: ReportStatus) -> None:
    found = rows(moderationStatus=status)
    (report,) = only(Report, found)
    assert (report.source_kind, report.category_reported, report.status) == (SourceKind.AUTOMATED_FLAG, leaf, state)
    assert report.reporter_ref is None
    (done,) = only(Enforcement, found)
    assert (done.action, done.scope, done.scope_ref) == (action, Scope.COMMUNITY, OWNER)


@pytest.mark.parametrize("status", [..., None, "", "published", "Published"])
def test_a_published_comment_is_content_alone(status: Any) -> None:
    found = rows(moderationStatus=status)
    assert only(Report, found) == []
    assert only(Enforcement, found) == []
    assert len(only(Content, found)) == 1


def test_a_status_that_nobody_knows_accuses_nobody_of_much() -> None:
    found = rows(moderationStatus="underReview")
    (report,) = only(Report, found)
    assert (report.category_reported, report.gate) == ("meta.other", Gate.DEBATE)
    assert only(Enforcement, found) == []


def test_a_comment_keeps_its_report_when_its_status_changes() -> None:
    ids = {only(Report, rows(moderationStatus=status))[0].report_id for status in ("heldForReview", "rejected")}
    assert len(ids) == 1


def test_an_owners_decision_has_no_time_that_is_guessed() -> None:
    (held,) = only(Enforcement, rows(moderationStatus="heldForReview"))
    assert held.at_earliest == held.at_latest
    (done,) = only(Enforcement, rows(moderationStatus="rejected"))
    assert (done.at_earliest, done.at_latest) == (datetime(2026, 5, 5, 20, tzinfo=UTC), None)
    (later,) = only(Enforcement, rows(moderationStatus="rejected", updatedAt="2026-05-05T21:00:00Z"))
    assert later.at_latest == datetime(2026, 5, 5, 21, tzinfo=UTC)
    pulled = datetime(2026, 5, 9, tzinfo=UTC)
    data = page(comment(moderationStatus="rejected", updatedAt="2026-05-05T21:00:00Z"))
    (bounded,) = only(Enforcement, rows_of(data, pulled))
    assert bounded.at_latest == pulled


def test_the_videos_channel_is_the_target_and_never_an_account() -> None:
    found = rows()
    (target,) = only(Target, found)
    assert (target.target_id, target.derivations) == (f"youtube:youtube:{OWNER}", ("channel_owner",))
    assert target.target_id == account_of(f"https://www.youtube.com/channel/{OWNER}")
    assert [row.account_id for row in only(Account, found)] == [f"youtube:youtube:{AUTHOR}"]


def test_the_owners_own_comment_only_says_what_they_are_called() -> None:
    owner = {"value": OWNER}
    found = rows(authorChannelId=owner, authorDisplayName="@ashafornorthmoor", moderationStatus="heldForReview")
    assert [type(row) for row in found] == [Target]
    assert found[0].handle == "ashafornorthmoor"


def test_replies_stand_by_themselves_and_know_their_video() -> None:
    reply = comment("Ugz1.r1", channelId=..., videoId=..., parentId="Ugz1", moderationStatus="rejected")
    contents = only(Content, rows_of(page(thread(comment(), reply))))
    assert [row.content_id for row in contents] == ["youtube:Ugz1", "youtube:Ugz1.r1"]
    assert contents[1].url == "https://www.youtube.com/watch?v=vid1&lc=Ugz1.r1"
    assert contents[1].target_ids == (f"youtube:youtube:{OWNER}",)


def test_a_broken_reply_costs_only_itself() -> None:
    found, _ = items(page(thread(comment(), "gone", comment("Ugz1.r2"))))  # type: ignore[arg-type]
    assert [type(item) for item in found] == [RawRecord, Unreadable, RawRecord]


def test_a_reply_is_the_same_in_both_answers() -> None:
    reply = comment("Ugz1.r1")
    (_, within) = only(Content, rows_of(page(thread(comment(), reply))))
    (alone,) = only(Content, rows_of(page(reply)))
    assert within == alone


def test_the_text_as_written_beats_the_markup() -> None:
    (shown,) = only(Content, rows(textDisplay="we&#39;re <b>counting</b><br>ring 07700 900123"))
    assert shown.text == "we're counting ring [phone]"
    (written,) = only(Content, rows(textDisplay="I &lt;3 it", textOriginal="I <3 it\nreally"))
    assert written.text == "I <3 it\nreally"


@pytest.mark.parametrize(
    ("changes", "native", "handle", "name"),
    [
        ({}, AUTHOR, "moorlandpete5512", None),
        ({"authorDisplayName": "Grim Wald"}, AUTHOR, "moorlandpete5512", "Grim Wald"),
        ({"authorDisplayName": "Grim Wald", "authorChannelUrl": f"http://www.youtube.com/channel/{AUTHOR}"},
         AUTHOR, None, "Grim Wald"),
        ({"authorChannelId": ..., "authorChannelUrl": f"http://www.youtube.com/channel/{AUTHOR}"},
         AUTHOR, "moorlandpete5512", None),
        ({"authorChannelId": ..., "authorChannelUrl": ..., "authorDisplayName": "@Moor"}, "@moor", "Moor", None),
    ],
)  # fmt: skip
def test_authors(changes: dict[str, Any], native: str, handle: str | None, name: str | None) -> None:
    (account,) = only(Account, rows(**changes))
    assert (account.native_id, account.handle, account.display_name) == (native, handle, name)
    assert account.id_kind is (IdKind.HANDLE_ONLY if native.startswith("@") else IdKind.OPAQUE)


def test_an_author_who_is_gone_is_no_account() -> None:
    found = rows(authorChannelId=..., authorChannelUrl="", authorDisplayName="")
    assert only(Account, found) == []
    assert [row.account_id for row in only(Content, found)] == [None]


def test_one_picture_in_two_sizes_is_one_signal() -> None:
    (small,) = only(Account, rows(authorProfileImageUrl="https://yt3.ggpht.com/ytc/abc=s48-c-k-c0x00ffffff-no-rj"))
    assert small.avatar_url == "https://yt3.ggpht.com/ytc/abc"
    big = {"title": "P", "thumbnails": {"default": {"url": "https://yt3.ggpht.com/ytc/abc=s88"}}}
    (large,) = only(Account, rows_of(page({"kind": "youtube#channel", "id": AUTHOR, "snippet": big})))
    assert large.avatar_url == small.avatar_url


def test_a_channel_is_undated_unless_somebody_says_when_it_was_pulled() -> None:
    data = page({"id": AUTHOR, "snippet": {"title": "P", "customUrl": "@Pete", "publishedAt": "2016-02-01T10:00:00Z"}})
    found = rows_of(data)
    assert [row.observed_at for row in only(Account, found)] == [None]
    assert {row.first_seen for row in only(Sighting, found)} == {None}
    pulled = datetime(2026, 5, 9, tzinfo=UTC)
    assert [row.observed_at for row in only(Account, rows_of(data, pulled))] == [pulled]


@pytest.mark.parametrize("indent", [None, 1])
@pytest.mark.parametrize("shape", ["page", "pages", "items", "item", "lines", "lines of pages"])
def test_every_shape_reads_alike(shape: str, indent: int | None) -> None:
    one, two = thread(comment("Ugz1"), comment("Ugz1.r1")), thread(comment("Ugz2"))
    listed = [{"kind": "youtube#commentThreadListResponse", "items": [each]} for each in (one, two)]
    shapes = {
        "page": {"items": [one, two], "kind": "youtube#commentThreadListResponse"},
        "pages": listed,
        "items": [one, two],
        "item": one,
    }
    if shape in shapes:
        text = json.dumps(shapes[shape], indent=indent)
    else:
        text = "\n".join(json.dumps(each) for each in (listed if "pages" in shape else (one, two)))
    ids = [row.content_id for row in only(Content, rows_of(text.encode()))]
    assert ids == ["youtube:Ugz1", "youtube:Ugz1.r1", "youtube:Ugz2"][: 2 if shape == "item" else 3]


def test_a_broken_line_costs_only_itself() -> None:
    lines = b"\n".join((page(comment("Ugz1")), b'{"items": [', page(comment("Ugz2"))))
    found, _ = items(lines)
    assert [type(item) for item in found] == [RawRecord, Unreadable, RawRecord]


@pytest.mark.parametrize(
    "other",
    [
        {"kind": "youtube#video", "id": "vid1", "snippet": {"title": "t", "channelId": OWNER, "description": "d"}},
        {"kind": "youtube#playlist", "id": "p", "snippet": {"title": "t", "channelTitle": "c", "thumbnails": {}}},
        {"id": "vid1", "snippet": {"title": "t", "channelId": OWNER, "description": "d"}},
        {"id": 1, "snippet": {"title": "t", "description": "d"}},
        {"id": "x", "content": "a post"},
    ],
)
def test_other_answers_are_refused(other: dict[str, Any]) -> None:
    assert all(isinstance(verdict, Refusal) for verdict in layouts(page(other)))


def test_an_empty_answer_is_passed_over() -> None:
    (verdict, *_) = layouts(page())
    assert isinstance(verdict, Refusal)
    assert verdict.known


@pytest.mark.parametrize(
    ("record", "names"),
    [
        (comment(id=...) | {"id": None}, "id"),
        (comment(authorChannelId={"value": "pete@mailbox.example"}), "snippet.authorChannelId.value"),
        (comment(publishedAt="yesterday"), "snippet.publishedAt"),
        (comment(textOriginal=7.5), "snippet.textOriginal"),
    ],
)
def test_what_can_not_be_read_is_rejected_by_name(record: dict[str, Any], names: str) -> None:
    context = Context("youtube", "any.json", Layout("json_object", "comment"), Keyring(b"\x01" * 32))
    with pytest.raises(RejectedRecord, match=names) as caught:
        list(ADAPTER.normalise(RawRecord(1, record), context))
    assert "mailbox" not in str(caught.value)


def test_nothing_else_escapes() -> None:
    context = Context("youtube", "any.json", Layout("json_object", "comment"), Keyring(b"\x01" * 32))
    for value in ({}, {"snippet": None}, {"snippet": {"topLevelComment": 1}}, {"id": "x", "snippet": {"label": "x"}}):
        with pytest.raises((RejectedRecord, LeftOut)):
            list(ADAPTER.normalise(RawRecord(1, value), context))
