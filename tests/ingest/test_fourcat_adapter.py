"""4CAT: one family of columns for many platforms, ids that spreadsheets round, authors who are hidden on purpose."""

import csv
import hashlib
import io
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from graphmatch.adapter import Adapter, Context, Layout, Options, RawRecord, Refusal, load
from graphmatch.content_keys import content_id_of
from graphmatch.errors import LeftOut, RejectedRecord
from graphmatch.intake.head import heads, recognise
from graphmatch.model import Account, Content, IdKind, Report, Row, Sighting, SignalKind, Target
from graphmatch.normalise.contacts import Keyring
from ingest.fourcat.adapter import FourCatAdapter

FOLDER = Path(__file__).parents[2] / "ingest" / "fourcat"
FORMATS = Path(__file__).parents[3] / "shared" / "formats"
KEYRING = Keyring(b"\x01" * 32)
ADAPTER = FourCatAdapter(Options())
NUMBER, GRIM = "2039795000849987288", "1844664232967103008"


def verdict(data: bytes, adapter: Adapter = ADAPTER) -> Layout | Refusal:
    return adapter.recognise(heads(io.BytesIO(data), "any.csv")[0])


def rows_of(data: bytes, adapter: Adapter = ADAPTER, name: str = "fourcat") -> list[Row]:
    _, layout = recognise(heads(io.BytesIO(data), "any"), [adapter])
    found: list[Row] = []
    for record in adapter.read(io.BytesIO(data), layout):
        assert isinstance(record, RawRecord), record
        found += adapter.normalise(record, Context(name, "any", layout, KEYRING))
    return found


def table(*rows: dict[str, Any], delimiter: str = ",") -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def only(kind: type, rows: Iterable[Row]) -> list[Any]:
    return [row for row in rows if type(row) is kind]


def row_of(name: str, place: int = 0, **changes: Any) -> dict[str, Any]:
    """A row of a sample, changed; ``...`` takes a column away."""
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        row = list(csv.DictReader(file))[place]
    return {column: cell for column, cell in {**row, **changes}.items() if cell is not ...}


def post(**changes: Any) -> dict[str, Any]:
    return row_of("sample.csv", 1, **changes)


def digest(word: str) -> str:
    return hashlib.blake2b(f"salt{word}".encode(), digest_size=24).hexdigest()


def hidden(row: dict[str, Any], replace: Any = digest) -> dict[str, Any]:
    return {column: replace(cell) if column.startswith(("author", "account")) else cell for column, cell in row.items()}


def test_the_shared_sample_gives_what_the_reference_gives() -> None:
    if not FORMATS.exists():
        pytest.skip("needs the format samples in ../shared/formats")
    rows = rows_of((FORMATS / "fourcat" / "sample.csv").read_bytes())
    assert len({row.content_id for row in only(Content, rows)}) == 4
    assert len({row.account_id for row in only(Account, rows)}) == 4
    assert only(Report, rows) == []


def test_posts_of_x_bear_the_keys_that_the_api_gives() -> None:
    if not FORMATS.exists():
        pytest.skip("needs the format samples in ../shared/formats")
    ours = rows_of((FORMATS / "fourcat" / "sample.csv").read_bytes())
    theirs = rows_of((FORMATS / "x_twitter" / "sample.json").read_bytes(), _tolerant("x"), "x")
    for kind, key in ((Account, "account_id"), (Content, "content_id"), (Target, "target_id")):
        assert {getattr(row, key) for row in only(kind, ours)} == {getattr(row, key) for row in only(kind, theirs)}
    posts = {row.content_id: (row.text, row.created_at, row.target_ids) for row in only(Content, theirs)}
    assert {row.content_id: (row.text, row.created_at, row.target_ids) for row in only(Content, ours)} == posts
    pictures = {row.account_id: row.avatar_url for row in only(Account, theirs)}
    assert {row.account_id: row.avatar_url for row in only(Account, ours)} == pictures


def _tolerant(name: str) -> Any:
    """An adapter that gives nothing for what it leaves out."""
    inner = load(name)

    class Tolerant:
        recognise, read = inner.recognise, inner.read

        def normalise(self, record: RawRecord, context: Context) -> list[Row]:
            try:
                return list(inner.normalise(record, context))
            except LeftOut:
                return []

    return Tolerant()


@pytest.mark.parametrize(
    ("name", "platform"),
    [
        ("sample.csv", "X"), ("sample_tiktok.csv", "TikTok"), ("sample_instagram.csv", "Instagram"),
        ("sample_threads.csv", "Threads"), ("sample_gab.csv", "gab"), ("sample_truthsocial.csv", "truthsocial"),
        ("sample_facebook.csv", "Facebook"), ("sample_telegram.csv", "Telegram"),
    ],
)  # fmt: skip
def test_a_hand_kept_table_names_the_same_post(name: str, platform: str) -> None:
    (ours,) = only(Content, rows_of(table(row_of(name))))
    (account,) = only(Account, rows_of(table(row_of(name))))
    native = account.native_id.removeprefix("@")
    who = {"handle": native} if account.id_kind is IdKind.HANDLE_ONLY else {"account_id": native}
    intake = {"platform": platform, "category": "threat", "content_url": ours.url, **who}
    theirs = rows_of(table(intake), load("generic"), "generic")
    assert [row.content_id for row in only(Content, theirs)] == [ours.content_id]
    assert [row.account_id for row in only(Account, theirs)] == [account.account_id]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_delimiters(delimiter: str) -> None:
    assert len(only(Content, rows_of(table(post(), delimiter=delimiter)))) == 1


@pytest.mark.parametrize("shape", ["array", "pretty", "lines"])
def test_the_json_that_4cat_makes_reads_alike(shape: str) -> None:
    listed = [post(), row_of("sample.csv", 2)]
    text = {
        "array": json.dumps(listed),
        "pretty": json.dumps(listed, indent=1),
        "lines": "\n".join(map(json.dumps, listed)),
    }[shape]
    assert rows_of(text.encode()) == rows_of(table(*listed))


def test_columns_of_older_versions_suffice() -> None:
    columns = ("id", "thread_id", "timestamp", "body", "author", "author_id", "retweet_count", "is_retweet", "mentions")
    rows = rows_of(table({column: post()[column] for column in columns}))
    (content,) = only(Content, rows)
    assert (content.content_id, content.url) == (f"x:{NUMBER}", f"https://x.com/i/web/status/{NUMBER}")


def test_the_family_alone_is_told_by_each_posts_address() -> None:
    core = {
        "id": "1",
        "thread_id": "1",
        "body": "b",
        "author": "moor",
        "author_id": "7",
        "unix_timestamp": "1775160000",
    }
    addresses = {
        "x": "https://x.com/moor/status/2039795000849987288",
        "truthsocial": "https://truthsocial.com/@moor/1",
        "gab": "https://gab.com/moor/posts/1",
        "instagram": "https://www.instagram.com/p/1",
    }
    rows = rows_of(table(*({**core, "link": address} for address in addresses.values())))
    assert [row.platform for row in only(Content, rows)] == list(addresses)
    with pytest.raises(RejectedRecord, match="link"):
        rows_of(table({**core, "link": "https://forum.example/1"}))


@pytest.mark.parametrize(
    ("changes", "content_id", "account_id"),
    [
        ({}, f"x:{NUMBER}", f"x:x:{GRIM}"),
        ({"id": "2.03979E+18"}, f"x:{NUMBER}", f"x:x:{GRIM}"),
        ({"id": "2039795000849980000"}, f"x:{NUMBER}", f"x:x:{GRIM}"),
        ({"id": "2.03979E+18", "author_id": "1.84466E+18"}, f"x:{NUMBER}", "x:x:@grimwald_nm"),
        ({"id": "2039795000849980000", "author_id": "1844664232967100000"}, f"x:{NUMBER}", "x:x:@grimwald_nm"),
        ({"author_id": ""}, f"x:{NUMBER}", "x:x:@grimwald_nm"),
        ({"author": "", "link": f"https://x.com/i/web/status/{NUMBER}"}, f"x:{NUMBER}", f"x:x:{GRIM}"),
        # Noughts alone prove nothing.
        ({"author_id": "1844664232967100000"}, f"x:{NUMBER}", "x:x:1844664232967100000"),
    ],
)
def test_ids_that_a_spreadsheet_rounded(changes: dict[str, str], content_id: str, account_id: str) -> None:
    rows = rows_of(table(post(**changes)))
    assert [row.content_id for row in only(Content, rows)] == [content_id]
    assert [row.account_id for row in only(Account, rows)] == [account_id]


@pytest.mark.parametrize(
    ("changes", "names"),
    [
        ({"id": "2.03979E+18", "link": ""}, "'id'"),
        ({"author_id": "1.84466E+18", "author": ""}, "'author_id'"),
        ({"author_id": "a@mailbox.example", "author": ""}, "'author_id'"),
        ({"id": ""}, None),
    ],
)
def test_lost_ids_are_rejected_by_name(changes: dict[str, str], names: str | None) -> None:
    data = table(post(**changes))
    if names is None:
        assert rows_of(data)
        return
    with pytest.raises(RejectedRecord, match=names) as caught:
        rows_of(data)
    assert "E+18" not in str(caught.value)
    assert "mailbox" not in str(caught.value)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, datetime(2026, 4, 13, 9, tzinfo=UTC)),
        ({"unix_timestamp": ""}, datetime(2026, 4, 13, 9, tzinfo=UTC)),
        ({"unix_timestamp": ...}, datetime(2026, 4, 13, 9, tzinfo=UTC)),
        ({"timestamp": "undefined"}, datetime(2026, 4, 13, 9, tzinfo=UTC)),
        ({"timestamp": "undefined", "unix_timestamp": "undefined"}, None),
        ({"timestamp": "0", "unix_timestamp": "0"}, None),
        ({"timestamp": "1776070800", "unix_timestamp": ...}, datetime(2026, 4, 13, 9, tzinfo=UTC)),
        ({"unix_timestamp": "1.77607E+09"}, datetime(2026, 4, 13, 9, tzinfo=UTC)),
    ],
)
def test_clocks_show_utc(changes: dict[str, Any], expected: datetime | None) -> None:
    (content,) = only(Content, rows_of(table(row_of("sample_threads.csv", **changes))))
    assert content.created_at == expected


def test_targets_are_whom_a_post_mentions_and_answers() -> None:
    rows = rows_of(table(post(mentions="AshaForNorthmoor,CllrBOkafor,grimwald_nm", replied_author="CllrBOkafor")))
    assert {row.target_id: row.derivations for row in only(Target, rows)} == {
        "x:x:ashafornorthmoor": ("mention",), "x:x:cllrbokafor": ("mention", "reply_parent")
    }  # fmt: skip
    assert len(only(Account, rows)) == 1


def test_whoever_is_repeated_is_no_target() -> None:
    changes = {"mentions": "MoorlandPete88,CllrBOkafor", "retweeted_user": "MoorlandPete88", "replied_author": ""}
    assert {row.target_id for row in only(Target, rows_of(table(post(**changes))))} == {"x:x:cllrbokafor"}


def test_a_comment_on_tiktok_is_aimed_at_the_videos_owner() -> None:
    rows = rows_of(table(row_of("sample_tiktok_comments.csv")))
    (target,) = only(Target, rows)
    assert (target.target_id, target.derivations) == ("tiktok:tiktok:ashafornorthmoor", ("channel_owner",))
    (content,) = only(Content, rows)
    assert content.content_id == "tiktok:comment:7490000000000000555"
    (numbered,) = only(Account, rows_of(table(row_of("sample_tiktok_comments.csv", 1))))
    assert (numbered.native_id, numbered.id_kind, numbered.handle) == ("7012345678901234567", IdKind.NUMERIC, None)


def test_bluesky_is_keyed_by_did_and_record() -> None:
    rows = rows_of(table(row_of("sample_bluesky.csv")))
    (account,) = only(Account, rows)
    assert (account.id_kind, account.handle) == (IdKind.DID, "grimwald77.bsky.social")
    (content,) = only(Content, rows)
    did, key = account.native_id, content.content_id.rpartition("/")[2]
    assert content.content_id == f"bluesky:at://{did}/app.bsky.feed.post/{key}"
    assert content.content_id == content_id_of(f"https://bsky.app/profile/{did}/post/{key}", "bluesky")


def test_markup_becomes_text_and_its_links_signals() -> None:
    rows = rows_of(table(row_of("sample_gab.csv")))
    assert [row.text for row in only(Content, rows)] == ["no quarter & no mercy @ashafornorthmoor"]
    links = [row.value for row in only(Sighting, rows) if row.kind is SignalKind.LINK]
    assert links == ["grimwald.example"]


def test_signatures_of_pictures_do_not_make_them_differ() -> None:
    address = "https://p16.tiktokcdn.example/tos/abc.jpeg"
    signed = [row_of("sample_tiktok.csv", author_avatar=f"{address}?x-expires={n}") for n in (1, 2)]
    assert {row.avatar_url for row in only(Account, rows_of(table(*signed)))} == {address}


# -- hidden authors ----------------------------------------------------------------------------------------------------


def test_pseudonyms_tell_authors_apart_and_nothing_else() -> None:
    rows = rows_of(table(hidden(post()), hidden(row_of("sample.csv", 2))))
    accounts = only(Account, rows)
    assert [row.id_kind for row in accounts] == [IdKind.HASHED] * 2
    assert accounts[0].account_id == f"x:x:{digest(GRIM)}"
    assert only(Sighting, rows) == []
    # Addresses name the author whom the data set hides.
    assert "grimwald_nm" not in repr(rows)


def test_the_digest_of_a_blank_is_nobody() -> None:
    blank = hidden(post(author_id="", author="", author_fullname="", author_avatar_url="", author_banner_url=""))
    rows = rows_of(table(blank))
    assert only(Account, rows) == []
    assert [row.account_id for row in only(Content, rows)] == [None]


def test_authors_who_were_taken_out_are_no_account() -> None:
    rows = rows_of(table(hidden(post(), lambda _: "REDACTED")))
    assert only(Account, rows) == []
    assert "REDACTED" not in repr(rows)
    assert len(only(Content, rows)) == 1


@pytest.mark.parametrize("name", ["sample_bluesky.csv", "sample_tiktok.csv", "sample_truthsocial.csv"])
def test_no_id_of_a_hidden_authors_post_names_them(name: str) -> None:
    shown = repr(rows_of(table(hidden(row_of(name)))))
    assert not any(word in shown for word in ("hh5mwr4rpkw4uau6yuqmzi2o", "northmoornan", "@grimwald/"))


# -- Telegram ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("asked", ["moorlandpete", "5550188412", "user5550188412"])
def test_a_chat_is_read_for_whom_was_asked_for(asked: str) -> None:
    adapter = FourCatAdapter(Options(subjects=frozenset({asked})))
    assert rows_of(table(row_of("sample_telegram.csv")), adapter)
    with pytest.raises(LeftOut):
        rows_of(table(row_of("sample_telegram.csv", 2)), adapter)
    # Posts elsewhere are no chat.
    assert rows_of(table(post()), adapter)


def test_whoever_posted_in_telegram_is_named_as_its_own_export_does() -> None:
    rows = rows_of(table(*(row_of("sample_telegram.csv", place) for place in (0, 1, 2))))
    assert [row.native_id for row in only(Account, rows)] == ["user5550188412", "channel1888777666", "user5550177301"]
    assert [row.content_id for row in only(Content, rows)][1:] == ["telegram:t.me/northmoorchat/40212",
                                                                   "telegram:1888777666/40213"]  # fmt: skip


def test_what_is_passed_on_is_not_the_authors_word() -> None:
    body = "read https://grimwald.example/map"
    own = rows_of(table(row_of("sample_telegram.csv", body=body)))
    passed_on = rows_of(table(row_of("sample_telegram.csv", body=body, author_forwarded_from_id="77")))
    links = [[row.value for row in only(Sighting, rows) if row.kind is SignalKind.LINK] for rows in (own, passed_on)]
    assert links == [["grimwald.example/map"], []]
    assert [row.text for row in only(Content, passed_on)] == [f"[forwarded] {body}"]


# -- what is refused ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "known", "words"),
    [
        (b"thread_id,id,timestamp,board,body,subject,author,image_md5\n", True, "imageboard"),
        (b"id,thread_id,timestamp,unix_timestamp,body,author,album_url\n", False, "not read"),
        (b"id,body\n", False, "not a table"),
        (b"report_id,platform,handle,category\n", False, "not a table"),
        (b'{"nav_index": 1, "item_id": "1", "timestamp_collected": 1, "data": {}}\n', False, "download them as CSV"),
        (b'[{"rest_id": "1", "__import_meta": {}}]', False, "download them as CSV"),
        (b'[{"id": "1", "body": "b"}]', False, "not a table"),
    ],
)
def test_refusals(data: bytes, known: bool, words: str) -> None:
    verdicts = [ADAPTER.recognise(head) for head in heads(io.BytesIO(data), "any")]
    assert all(isinstance(found, Refusal) for found in verdicts)
    assert any(found.known is known and words in found.why for found in verdicts if isinstance(found, Refusal))


def test_contact_values_leave_the_text() -> None:
    (content,) = only(Content, rows_of(table(post(body="ring 07700 900123 &amp; a@mailbox.example"))))
    assert content.text == "ring [phone] & [email]"
