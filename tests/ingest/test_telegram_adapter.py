"""Telegram Desktop: JSON that is none, times without a zone, texts in parts, and whole exports of somebody's life."""

from __future__ import annotations

import io
import json
import re
import tracemalloc
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from golden import read
from hypothesis import given, settings
from hypothesis import strategies as st

from graphmatch.adapter import Context, Head, Layout, Options, RawRecord, Refusal, Unreadable
from graphmatch.errors import LeftOut, RejectedRecord
from graphmatch.intake.head import heads, recognise
from graphmatch.model import Account, AccountState, Content, Report, Row, Sighting, SignalKind, Target
from graphmatch.normalise.contacts import Keyring
from ingest.telegram.adapter import TelegramAdapter
from ingest.telegram.escapes import mended

SHARED = Path(__file__).parents[3] / "shared" / "formats" / "telegram"
KEYRING = Keyring(b"\x01" * 32)
ADAPTER = TelegramAdapter(Options())

GRIM, PETE, NAN = "user5550177301", "user5550188412", "user1200045009"
NOON = datetime(2026, 4, 16, 12, tzinfo=UTC)


class Dribble(io.RawIOBase):
    """A stream that gives a few bytes at a time."""

    def __init__(self, content: bytes, step: int) -> None:
        self._content, self._step, self._at = content, step, 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        size = self._step if size < 0 else min(size, self._step)
        block = self._content[self._at : self._at + size]
        self._at += len(block)
        return block


def message(number: int = 1, **changes: Any) -> dict[str, Any]:
    seconds = int((NOON + timedelta(minutes=number)).timestamp())
    plain = {
        "id": number,
        "type": "message",
        "date": "2026-04-16T13:01:00",
        "date_unixtime": str(seconds),
        "from": "Grim Wald",
        "from_id": GRIM,
        "text": "words",
        "text_entities": [{"type": "plain", "text": "words"}],
    }
    return {name: value for name, value in {**plain, **changes}.items() if value is not ...}


def chat(*messages: dict[str, Any], **changes: Any) -> dict[str, Any]:
    plain = {"name": "Northmoor Patriots", "type": "public_supergroup", "id": 1888777666, "messages": list(messages)}
    return {name: value for name, value in {**plain, **changes}.items() if value is not ...}


def export(*chats: dict[str, Any], left: Iterable[dict[str, Any]] = ()) -> dict[str, Any]:
    holder = {"user_id": 12, "first_name": "Asha", "last_name": "V", "phone_number": "+44 7700 900 111"}
    return {
        "about": "Here is the data you requested.",
        "personal_information": holder,
        "contacts": {"about": "", "list": [{"user_id": 7, "first_name": "Zed", "phone_number": "+44 7700 900 222"}]},
        "sessions": {"about": "", "list": [{"last_ip": "203.0.113.9"}]},
        "chats": {"about": "", "list": list(chats)},
        "left_chats": {"about": "", "list": list(left)},
    }


def rows_of(value: Any, *, adapter: TelegramAdapter = ADAPTER) -> list[Row]:
    """Every row of a document; what is left out gives none."""
    content = value if isinstance(value, bytes) else json.dumps(value, indent=1, ensure_ascii=False).encode()
    rows: list[Row] = []
    for record, context in read(adapter, "result.json", content):
        try:
            rows += adapter.normalise(record, context)
        except LeftOut:
            continue
    return rows


def reason_of(value: Any, *, adapter: TelegramAdapter = ADAPTER) -> str:
    """Why the only message of a document is left out."""
    ((record, context),) = read(adapter, "result.json", json.dumps(value, indent=1).encode())
    with pytest.raises(LeftOut) as caught:
        list(adapter.normalise(record, context))
    return str(caught.value)


def only(kind: type, rows: Iterable[Row]) -> list[Any]:
    return [row for row in rows if type(row) is kind]


def test_the_shared_samples_give_what_the_reference_gives() -> None:
    if not SHARED.exists():
        pytest.skip("needs the format samples in ../shared/formats")
    for name, contents, accounts in (
        ("sample.json", 5, 4),
        ("sample_invalid_escape.json", 5, 4),
        ("full_export.json", 2, 2),
    ):
        rows = rows_of((SHARED / name).read_bytes())
        assert len({row.content_id for row in only(Content, rows)}) == contents, name
        assert len({row.account_id for row in only(Account, rows)}) == accounts, name
        assert only(Report, rows) == []


def test_a_message_and_its_author() -> None:
    rows = rows_of(chat(message(40212)))
    (account,) = only(Account, rows)
    assert (account.account_id, account.handle, account.display_name) == (
        f"telegram:telegram:{GRIM}",
        None,
        "Grim Wald",
    )
    (content,) = only(Content, rows)
    assert content.content_id == "telegram:1888777666/40212"
    assert content.url == "https://t.me/c/1888777666/40212"
    assert (content.text, content.account_id) == ("words", account.account_id)


def test_the_time_in_seconds_counts_not_the_local_one() -> None:
    (content,) = only(Content, rows_of(chat(message(1, date="2026-04-16T23:59:59"))))
    assert content.created_at == NOON + timedelta(minutes=1)


@pytest.mark.parametrize(
    ("date", "expected"),
    [
        ("2026-04-16T13:01:00", datetime(2026, 4, 16, 12, 1, tzinfo=UTC)),
        ("2026-01-16T13:01:00", datetime(2026, 1, 16, 13, 1, tzinfo=UTC)),
        # The hour that autumn repeats: nobody knows which of the two it was.
        ("2026-10-25T01:30:00", None),
        ("yesterday", None),
    ],
)
def test_an_old_export_has_only_local_time(date: str, expected: datetime | None) -> None:
    (content,) = only(Content, rows_of(chat(message(1, date=date, date_unixtime=...))))
    assert content.created_at == expected


def test_an_edited_message_was_seen_when_it_was_edited() -> None:
    edited = NOON + timedelta(hours=3)
    (content,) = only(Content, rows_of(chat(message(1, edited_unixtime=str(int(edited.timestamp()))))))
    assert (content.created_at, content.observed_at) == (NOON + timedelta(minutes=1), edited)


def test_a_text_in_parts_keeps_its_spaces_and_its_hidden_links_and_no_contact_value() -> None:
    parts = [
        {"type": "bold", "text": "ask "},
        "her ",
        {"type": "text_link", "text": "why", "href": "https://grimwald.example/list"},
        " on ",
        {"type": "link", "text": "https://a.example/"},
        " or ",
        {"type": "phone", "text": "016 32"},
        " ",
        {"type": "email", "text": "asha@northmoor.example"},
        " ",
        {"type": "bank_card", "text": "4111 1111 1111 1111"},
        " or 07700 900123",
    ]
    (content,) = only(Content, rows_of(chat(message(text=parts))))
    assert content.text == (
        "ask her why (https://grimwald.example/list) on https://a.example/ or [phone] [email] [card] or [phone]"
    )


def test_without_a_text_its_parts_are_read() -> None:
    entities = [{"type": "plain", "text": "from "}, {"type": "plain", "text": "parts"}]
    for text in (..., "", None):
        (content,) = only(Content, rows_of(chat(message(text=text, text_entities=entities))))
        assert content.text == "from parts"


def test_a_picture_alone_has_no_text_and_a_poll_its_question() -> None:
    bare = {"text": "", "text_entities": []}
    (picture,) = only(Content, rows_of(chat(message(photo="p.jpg", **bare))))
    (poll,) = only(Content, rows_of(chat(message(poll={"question": "who is in?", "answers": []}, **bare))))
    assert (picture.text, poll.text) == (None, "who is in?")


def test_a_shared_contact_is_never_kept() -> None:
    contact = {"first_name": "A", "last_name": "Neighbour", "phone_number": "+44 7700 900 321"}
    rows = rows_of(chat(message(contact_information=contact, contact_vcard="c.vcf", text="")))
    assert "900 321" not in repr(rows)
    assert "Neighbour" not in repr(rows)


def test_mentions_are_targets_by_handle_or_by_id() -> None:
    parts = [
        {"type": "mention", "text": "@AshaForNorthmoor"},
        {"type": "mention", "text": "@ashafornorthmoor"},
        {"type": "mention_name", "text": "Tom", "user_id": 1200077003},
        {"type": "mention_name", "text": "gone", "user_id": -1},
    ]
    targets = only(Target, rows_of(chat(message(text=parts))))
    assert {(target.target_id, target.handle, target.derivations) for target in targets} == {
        ("telegram:telegram:ashafornorthmoor", "AshaForNorthmoor", ("mention",)),
        ("telegram:telegram:user1200077003", None, ("mention",)),
    }


def test_a_reply_is_aimed_at_whom_it_answers_in_its_own_chat() -> None:
    first = message(1, from_id=PETE, **{"from": "Pete M"})
    answer, elsewhere = message(2, reply_to_message_id=1), message(3, reply_to_message_id=1, reply_to_peer_id="chat7")
    other = chat(message(4, reply_to_message_id=1), id=1900012345)
    rows = rows_of(export(chat(first, answer, elsewhere), other))
    assert [(target.target_id, target.derivations) for target in only(Target, rows)] == [
        (f"telegram:telegram:{PETE}", ("reply_parent",))
    ]
    answered = [content.content_id for content in only(Content, rows) if content.target_ids]
    assert answered == ["telegram:1888777666/2"]


def test_nobody_is_aimed_at_by_answering_oneself() -> None:
    assert only(Target, rows_of(chat(message(1), message(2, reply_to_message_id=1)))) == []


def test_a_links_own_site_is_a_signal_and_an_account_that_is_linked_to_is_none() -> None:
    text = "see https://grimwald.example/map https://x.com/AshaVerma_ https://t.me/AshaForNorthmoor https://bbc.co.uk/a"
    rows = rows_of(chat(message(text=text)))
    found = [row for row in rows if isinstance(row, Sighting) and row.kind is not SignalKind.DISPLAY_NAME]
    assert [(row.kind, row.value, row.context) for row in found] == [
        (SignalKind.LINK, "grimwald.example/map", "message")
    ]
    assert found[0].first_seen == NOON + timedelta(minutes=1)


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        (
            {"forwarded_from": "grimwald backup", "forwarded_from_id": "channel1900012345"},
            "[forwarded from channel1900012345 “grimwald backup”] see a.example/x",
        ),
        ({"forwarded_from": "A Private Person", "forwarded_from_id": "user7"}, "[forwarded] see a.example/x"),
        ({"forwarded_from": "Who Knows"}, "[forwarded] see a.example/x"),
        ({"forwarded_from": None}, "[forwarded] see a.example/x"),
    ],
)
def test_what_is_passed_on_is_a_hint_and_makes_nobody_the_same(changes: dict[str, Any], text: str) -> None:
    rows = rows_of(chat(message(text="see a.example/x", **changes)))
    assert [content.text for content in only(Content, rows)] == [text]
    assert {type(row) for row in rows} == {Account, Sighting, Content}
    assert {row.account_id for row in only(Account, rows)} == {f"telegram:telegram:{GRIM}"}
    # Its links are not its sender's.
    assert {row.kind for row in only(Sighting, rows)} == {SignalKind.DISPLAY_NAME}


def test_an_author_without_a_name_is_an_account_and_a_deleted_one_a_state() -> None:
    nameless, gone = message(1, **{"from": None}), message(2, from_id=NAN, **{"from": "Deleted Account"})
    rows = rows_of(chat(nameless, gone))
    assert [(row.display_name, row.state) for row in only(Account, rows)] == [
        (None, None),
        (None, AccountState.DELETED),
    ]


def test_an_old_export_writes_an_author_as_a_number() -> None:
    (account,) = only(Account, rows_of(chat(message(from_id=5550177301))))
    assert account.account_id == f"telegram:telegram:{GRIM}"


def test_a_channel_writes_its_own_posts() -> None:
    post = message(**{"from": ..., "from_id": ..., "author": "Pete"})
    (account,) = only(Account, rows_of(chat(post, type="public_channel", name="grimwald backup", id=19)))
    assert (account.account_id, account.display_name) == ("telegram:telegram:channel19", "grimwald backup")


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (message(type="service", action="join_group_by_link", actor="Grim Wald", actor_id=GRIM, text=""), "note"),
        ({"id": 40299, "type": "unsupported"}, "no words"),
        (message(**{"from": ..., "from_id": ...}), "does not name"),
    ],
)
def test_what_nobody_wrote_is_left_out(value: dict[str, Any], reason: str) -> None:
    assert reason in reason_of(chat(value))


@pytest.mark.parametrize("kind", ["private_group", "personal_chat"])
def test_outside_supergroups_each_side_counts_messages_for_itself(kind: str) -> None:
    place = int(GRIM.removeprefix("user"))
    first, other = (
        only(Content, rows_of(chat(message(7, date_unixtime=at), type=kind, id=place)))[0]
        for at in ("1776362520", "1776362999")
    )
    assert first.content_id != other.content_id
    assert first.url is None


def test_both_lists_of_a_whole_export_are_read_each_with_its_own_chat() -> None:
    left = chat(message(1, from_id="channel9", **{"from": "backup"}), type="private_channel", id=9, name="backup")
    rows = rows_of(export(chat(message(1)), chat(message(2), id=77), left=[left]))
    assert [content.content_id for content in only(Content, rows)] == [
        "telegram:1888777666/1",
        "telegram:77/2",
        "telegram:9/1",
    ]


def test_of_the_holder_and_the_contacts_nothing_is_read() -> None:
    rows = rows_of(export(chat(message())))
    for secret in ("Asha", "900 111", "Zed", "900 222", "203.0.113"):
        assert secret not in repr(rows)


@pytest.mark.parametrize("kind", ["personal_chat", "bot_chat", "saved_messages"])
def test_private_conversations_of_a_whole_export_need_a_named_account(kind: str) -> None:
    whole = export(chat(message(from_id=NAN), type=kind, id=1200045009))
    assert "private conversation" in reason_of(whole)
    named = TelegramAdapter(Options(subjects=frozenset({"1200045009"})))
    assert len(only(Content, rows_of(whole, adapter=named))) == 1


def test_of_a_conversation_that_was_handed_in_only_the_other_side_is_read() -> None:
    mine = message(1, from_id="user12", **{"from": "Asha Verma"})
    rows = rows_of(chat(mine, message(2), type="personal_chat", id=5550177301, name="Grim Wald"))
    assert {row.account_id for row in only(Account, rows)} == {f"telegram:telegram:{GRIM}"}
    assert len(only(Content, rows)) == 1
    assert "Asha" not in repr(rows)


@pytest.mark.parametrize("subject", [GRIM, "5550177301"])
def test_named_accounts_keep_everybody_else_out(subject: str) -> None:
    adapter = TelegramAdapter(Options(subjects=frozenset({subject})))
    rows = rows_of(chat(message(1), message(2, from_id=NAN, **{"from": "Nan"})), adapter=adapter)
    assert {row.account_id for row in only(Account, rows)} == {f"telegram:telegram:{GRIM}"}
    assert len(only(Content, rows)) == 1


def test_an_invalid_escape_is_mended_and_a_backslash_is_kept() -> None:
    content = json.dumps(chat(message(text="CTRL")), indent=1).encode()
    rows = rows_of(content.replace(b'"CTRL"', rb'"a\x0Bb \\x0B c\\\x1F d\x00e \n"'))
    (found,) = only(Content, rows)
    assert found.text == "a\x0bb \\x0B c\\\x1f de"


def test_a_chats_name_with_an_invalid_escape_is_still_recognised() -> None:
    for value in (chat(message()), chat(), export(chat(message()))):
        content = json.dumps(value, indent=1).encode()
        content = content.replace(b'"Northmoor Patriots"', rb'"North\x0Bmoor"').replace(b'"words"', rb'"wo\x0Brds"')
        _, layout = recognise(heads(io.BytesIO(content), "result.json"), [ADAPTER])
        found = list(ADAPTER.read(io.BytesIO(content), layout))
        assert [item.around["name"] for item in found if isinstance(item, RawRecord)] == ["North\x0bmoor"] * len(found)


BYTES = st.lists(
    st.sampled_from(
        [b"\\", b"\\\\", b"\\x0B", b"\\x", b"\\x1", b"x0B", b"0", b"B", b"n", b'"', b"\xc3\xa9", b"\\u000b"]
    )
).map(b"".join)


@settings(deadline=None, max_examples=300)
@given(BYTES, st.integers(1, 9))
def test_mending_is_the_same_however_the_bytes_come(content: bytes, step: int) -> None:
    whole = re.sub(
        rb"\\(?:x([0-9A-Fa-f]{2})|.)",
        lambda found: b"\\u00" + found[1] if found[1] else found[0],
        content,
        flags=re.DOTALL,
    )
    stream = mended(Dribble(content, step))  # type: ignore[arg-type]  # reads as a stream does
    assert stream.read() == whole


@settings(deadline=None, max_examples=100)
@given(st.text(max_size=60), st.integers(1, 40))
def test_mending_changes_nothing_in_sound_json(text: str, step: int) -> None:
    content = json.dumps({"text": text}).encode()
    assert mended(Dribble(content, step)).read() == content  # type: ignore[arg-type]  # reads as a stream does


class Endless(io.RawIOBase):
    """A chat of very many messages, made as it is read."""

    def __init__(self, messages: int) -> None:
        self._left = messages
        self._waiting = b'{"name":"a","type":"public_supergroup","id":1,"messages":['
        body = {"type": "message", "from_id": GRIM, "date_unixtime": "1776362520", "text": "x" * 900 + "CTRL"}
        self._body = json.dumps(body)[1:-1].replace("CTRL", "\\x0B")

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        if not self._waiting and self._left:
            self._left -= 1
            end = "," if self._left else "]}"
            self._waiting = f'{{"id":{self._left},{self._body}}}{end}'.encode()
        block, self._waiting = self._waiting[:size], self._waiting[size:]
        return block


def test_memory_does_not_grow_with_the_file() -> None:
    layout = Layout("json_object", "message", "messages", ("name", "type", "id"))
    tracemalloc.start()
    peaks = []
    for messages in (2_000, 12_000):
        tracemalloc.reset_peak()
        before = tracemalloc.get_traced_memory()[0]
        assert sum(1 for _ in ADAPTER.read(Endless(messages), layout)) == messages  # type: ignore[arg-type]
        peaks.append(tracemalloc.get_traced_memory()[1] - before)
    tracemalloc.stop()
    # What is remembered of each message for a reply is some hundred bytes; a message here is a thousand.
    assert peaks[1] - peaks[0] < 10_000 * 600


def test_a_file_that_breaks_off_costs_its_end_only() -> None:
    content = json.dumps(export(chat(message(1), message(2))), indent=1).encode()
    content = content[: content.rindex(b'"text_entities"')]
    layout = Layout("json_object", "export_message")
    assert [type(item) for item in ADAPTER.read(io.BytesIO(content), layout)] == [RawRecord, Unreadable]


def test_recognises_what_people_have() -> None:
    for content, record in (
        (json.dumps(chat(message())), "message"),
        (json.dumps(chat(message()), indent=1), "message"),
        (json.dumps(chat({"id": 1, "type": "unsupported"}, name=..., type="saved_messages"), indent=1), "message"),
        (json.dumps([chat(message()), chat(message(), id=2)]), "message"),
        (json.dumps(chat(message())) + "\n" + json.dumps(chat(message(), id=2)), "message"),
        (json.dumps(export(chat(message())), indent=1), "export_message"),
        (json.dumps({"about": "x", "left_chats": {"list": [chat(message())]}}), "export_message"),
        (json.dumps(message()) + "\n" + json.dumps(message(2)), "bare_message"),
        (json.dumps([message()]), "bare_message"),
    ):
        _, layout = recognise(heads(io.BytesIO(content.encode()), "result.json"), [ADAPTER])
        assert layout.record == record
        found = list(ADAPTER.read(io.BytesIO(content.encode()), layout))
        assert found
        assert all(isinstance(item, RawRecord) for item in found)


def test_messages_without_their_chat_are_told_apart() -> None:
    # Two chats count from one; what they answer may stand in either.
    first = message(1, from_id=PETE, **{"from": "Pete M"})
    rows = rows_of([message(1), first, message(2, reply_to_message_id=1)])
    assert len({content.content_id for content in only(Content, rows)}) == 3
    assert {content.url for content in only(Content, rows)} == {None}
    assert only(Target, rows) == []


def test_refuses_web_pages_with_a_reason_and_strangers() -> None:
    page = Head("messages.html", "xml", text='<title>Exported Data</title><div class="page_header">')
    refused = ADAPTER.recognise(page)
    assert isinstance(refused, Refusal)
    assert "JSON" in refused.why
    for head in (
        Head("a", "json_object", top_keys=("guild", "channel", "messages"), arrays={"messages": {"id": "1"}}),
        Head("a", "json_object", top_keys=("type", "id", "messages"), arrays={"messages": {"id": 1, "type": "user"}}),
        Head("a", "json_object", top_keys=("about", "name")),
        Head("a", "json_array", first={"id": 1, "type": "message", "text": "x"}),
        Head("a", "json_array", first={"messages": [], "type": "conversation"}),
        Head("a", "xml", text="<html>"),
        Head("a", "unknown"),
    ):
        assert isinstance(ADAPTER.recognise(head), Refusal), head


@pytest.mark.parametrize(
    "value",
    [
        message(id=None),
        message(type=None),
        message(from_id="Grim Wald"),
        message(from_id=5.5),
        message(text=7),
        message(text=[7]),
        message(text=[{"type": "bold", "text": 7}]),
        message(text_entities="x"),
        message(date_unixtime=[]),
    ],
)
def test_a_record_of_another_shape_is_rejected(value: dict[str, Any]) -> None:
    context = Context("telegram", "result.json", Layout("json_object", "message", "messages"), KEYRING)
    with pytest.raises(RejectedRecord):
        list(ADAPTER.normalise(RawRecord(1, value, {"id": 1, "type": "public_supergroup"}), context))


@pytest.mark.parametrize("around", [{"id": "x"}, {"id": 1.5}, {"type": []}, {"name": {}}])
def test_a_chat_of_another_shape_rejects_its_messages(around: dict[str, Any]) -> None:
    context = Context("telegram", "result.json", Layout("json_object", "message", "messages"), KEYRING)
    with pytest.raises(RejectedRecord):
        list(ADAPTER.normalise(RawRecord(1, message(), around), context))
