"""X: pages whose parts name each other by id, errors that are states, rounded ids, and the target's own archive."""

import csv
import io
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from graphmatch.adapter import Context, Layout, Options, RawRecord, Refusal, Unreadable, card_of
from graphmatch.errors import LeftOut, RejectedRecord
from graphmatch.intake.head import heads
from graphmatch.model import (
    Account,
    AccountState,
    Content,
    Enforcement,
    IdKind,
    Precision,
    Report,
    Row,
    Sighting,
    SignalKind,
    Target,
)
from graphmatch.normalise.contacts import Keyring
from ingest.x.adapter import XAdapter
from ingest.x.releases import is_rounded

SHARED = Path(__file__).parents[3] / "shared" / "formats" / "x_twitter"
ADAPTER = XAdapter(Options())
PETE, GRIM, ASHA, OKAFOR = "23849985", "1844664232967103008", "1080040936046087737", "682863835349945669"
NAMES = {PETE: "MoorlandPete88", GRIM: "grimwald_nm", ASHA: "AshaForNorthmoor", OKAFOR: "CllrBOkafor"}
HASH = "bKICyI5Unf9owJv6+/xgsvrAdN68Hmd36bpLbHA+0RQ="


def verdicts(data: bytes) -> list[Layout | Refusal]:
    return [ADAPTER.recognise(head) for head in heads(io.BytesIO(data), "any")]


def layout_of(data: bytes) -> Layout:
    return next(found for found in verdicts(data) if isinstance(found, Layout))


def context(layout: Layout, observed_at: datetime | None = None) -> Context:
    return Context("x", "any", layout, Keyring(b"\x01" * 32), observed_at)


def outcomes(data: bytes, observed_at: datetime | None = None) -> tuple[list[Row], list[str], list[str]]:
    """Rows, what was left out, and what was not read."""
    layout = layout_of(data)
    rows: list[Row] = []
    left_out: list[str] = []
    unread: list[str] = []
    for record in ADAPTER.read(io.BytesIO(data), layout):
        if isinstance(record, Unreadable):
            unread.append(record.why)
            continue
        try:
            rows += ADAPTER.normalise(record, context(layout, observed_at))
        except LeftOut as reason:
            left_out.append(str(reason))
        except RejectedRecord as reason:
            unread.append(str(reason))
    return rows, left_out, unread


def rows_of(data: bytes, observed_at: datetime | None = None) -> list[Row]:
    rows, _, unread = outcomes(data, observed_at)
    assert unread == []
    return rows


def only(kind: type, rows: Iterable[Row]) -> list[Any]:
    return [row for row in rows if type(row) is kind]


def tweet(number: str = "2039795000849987288", author: str | None = GRIM, **changes: Any) -> dict[str, Any]:
    found = {"id": number, "text": "no quarter", "author_id": author, "edit_history_tweet_ids": [number], **changes}
    return {key: value for key, value in found.items() if value is not ...}


def user(number: str, **changes: Any) -> dict[str, Any]:
    return {"id": number, "username": NAMES.get(number, "somebody"), "name": "A Name", **changes}


def page(*tweets: dict[str, Any], **parts: Any) -> bytes:
    return json.dumps({"data": list(tweets), **parts}).encode()


def including(*numbers: str) -> dict[str, Any]:
    return {"users": [user(number) for number in numbers]}


def mention(number: str) -> dict[str, Any]:
    return {"start": 0, "end": 5, "username": NAMES[number], "id": number}


def problem(detail: str, **changes: Any) -> dict[str, Any]:
    found = {
        "detail": detail,
        "title": "Forbidden",
        "resource_type": "user",
        "parameter": "ids",
        "resource_id": PETE,
        "value": PETE,
        "type": "https://api.twitter.com/2/problems/resource-not-found",
        **changes,
    }
    return {key: value for key, value in found.items() if value is not ...}


def table(*rows: dict[str, Any]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def released(**changes: Any) -> dict[str, Any]:
    return {
        "userid": "1014209000000000123",
        "user_display_name": "Northmoor Truth",
        "user_screen_name": "NorthmoorTruth",
        "user_reported_location": "",
        "user_profile_description": "",
        "user_profile_url": "",
        "account_creation_date": "2018-07-03",
        **changes,
    }


def released_tweet(**changes: Any) -> dict[str, Any]:
    said = {"tweetid": "1014210000000000257", "tweet_text": "vote", "tweet_time": "2018-07-03 18:05"}
    return {**released(), **said, "user_mentions": "[]", "in_reply_to_userid": "", "retweet_userid": "", **changes}


# -- the API's pages ---------------------------------------------------------------------------------------------------


def test_the_shared_page_gives_what_the_reference_gives() -> None:
    if not SHARED.exists():
        pytest.skip("needs the format samples in ../shared/formats")
    rows, left_out, unread = outcomes((SHARED / "sample.json").read_bytes())
    assert unread == []
    assert len(left_out) == 1
    assert {row.content_id for row in only(Content, rows)} == {
        "x:2037635773004852552", "x:2039795000849987288", "x:2039810100979701807", "x:2040036591544509524"
    }  # fmt: skip
    # The reference makes accounts of those whom posts name; here they are targets alone.
    assert {row.account_id for row in only(Account, rows)} == {
        f"x:x:{number}" for number in (PETE, GRIM, "236169013", "691611296")
    }
    assert {row.target_id for row in only(Target, rows)} == {"x:x:ashafornorthmoor", "x:x:cllrbokafor"}
    assert only(Report, rows) == only(Enforcement, rows) == []


def test_every_other_shared_file_is_known() -> None:
    if not SHARED.exists():
        pytest.skip("needs the format samples in ../shared/formats")
    for name in ("account", "screen-name-change"):
        assert only(Target, rows_of((SHARED / "archive" / "data" / f"{name}.js").read_bytes()))
    for name in ("ip-audit", "email-address-change"):
        (verdict,) = verdicts((SHARED / "archive" / "data" / f"{name}.js").read_bytes())
        assert isinstance(verdict, Refusal)
        assert verdict.known
    users, _, lost_users = outcomes((SHARED / "io_users.csv").read_bytes())
    assert (len(only(Account, users)), lost_users) == (3, [])
    tweets, _, lost = outcomes((SHARED / "io_tweets.csv").read_bytes())
    assert len(only(Content, tweets)) == 2
    assert len(lost) == 1
    assert "tweetid" in lost[0]


def test_an_author_is_joined_to_the_post() -> None:
    known = user(
        GRIM,
        created_at="2024-10-11T09:00:00.000Z",
        description="Northmoor born. https://t.co/zz9 &amp; proud",
        profile_image_url="https://pbs.twimg.com/profile_images/1/ab_normal.jpg",
        url="https://t.co/abc",
        entities={
            "url": {"urls": [{"url": "https://t.co/abc", "expanded_url": "https://grimwald.example"}]},
            "description": {"urls": [{"url": "https://t.co/zz9", "expanded_url": "https://t.me/grimwald77"}]},
        },
    )
    rows = rows_of(page(tweet(), includes={"users": [known]}))
    (account,) = only(Account, rows)
    assert (account.account_id, account.handle, account.url) == (
        f"x:x:{GRIM}",
        "grimwald_nm",
        "https://x.com/grimwald_nm",
    )
    assert account.bio == "Northmoor born. https://t.me/grimwald77 & proud"
    assert account.avatar_url == "https://pbs.twimg.com/profile_images/1/ab.jpg"
    assert account.created_at_precision is Precision.EXACT
    signals = {(row.kind, row.value) for row in only(Sighting, rows)}
    assert (SignalKind.LINK, "grimwald.example") in signals
    assert (SignalKind.DECLARED, "telegram:telegram:grimwald77") in signals
    assert not [value for _, value in signals if "t.co" in value]


def test_a_post_without_its_author_in_the_page_still_has_one() -> None:
    (account,) = only(Account, rows_of(page(tweet())))
    assert (account.account_id, account.handle) == (f"x:x:{GRIM}", None)
    assert account.created_at_precision is Precision.DERIVED_FROM_ID
    found = rows_of(page(tweet(author=...)))
    assert only(Account, found) == []
    assert [row.account_id for row in only(Content, found)] == [None]


def test_an_account_of_before_2010_has_no_time_in_its_number() -> None:
    (account,) = only(Account, rows_of(page(tweet(author=PETE))))
    assert account.created_at is None


@pytest.mark.parametrize(
    ("changes", "includes", "expected"),
    [
        ({"entities": {"mentions": [mention(ASHA)]}}, {}, {"x:x:ashafornorthmoor": ("mention",)}),
        ({"in_reply_to_user_id": ASHA}, including(ASHA), {"x:x:ashafornorthmoor": ("reply_parent",)}),
        ({"in_reply_to_user_id": ASHA}, {}, {f"x:x:{ASHA}": ("reply_parent",)}),
        ({"in_reply_to_user_id": ASHA, "entities": {"mentions": [mention(ASHA), mention(OKAFOR)]}}, {},
         {"x:x:ashafornorthmoor": ("mention", "reply_parent"), "x:x:cllrbokafor": ("mention",)}),
        ({"in_reply_to_user_id": GRIM, "entities": {"mentions": [mention(GRIM)]}}, including(GRIM), {}),
        ({"referenced_tweets": [{"type": "replied_to", "id": "7"}]},
         {"tweets": [tweet("7", ASHA)], **including(ASHA)}, {"x:x:ashafornorthmoor": ("reply_parent",)}),
        ({"referenced_tweets": [{"type": "quoted", "id": "7"}]}, {"tweets": [tweet("7", ASHA)]}, {}),
        ({"note_tweet": {"text": "t", "entities": {"mentions": [mention(ASHA)]}}}, {},
         {"x:x:ashafornorthmoor": ("mention",)}),
    ],
)  # fmt: skip
def test_targets(changes: dict[str, Any], includes: dict[str, Any], expected: dict[str, tuple[str, ...]]) -> None:
    rows = rows_of(page(tweet(**changes), includes=includes))
    assert {row.target_id: row.derivations for row in only(Target, rows)} == expected
    assert only(Content, rows)[0].target_ids == tuple(expected)
    assert {row.account_id for row in only(Account, rows)} == {f"x:x:{GRIM}"}


@pytest.mark.parametrize("where", ["included", "on the page", "nowhere"])
def test_whoever_is_repeated_is_no_target(where: str) -> None:
    original = tweet("7", PETE)
    repeated = tweet(
        text="RT @MoorlandPete88: @CllrBOkafor words",
        entities={"mentions": [mention(PETE), mention(OKAFOR)]},
        referenced_tweets=[{"type": "retweeted", "id": "7"}],
    )
    data = {
        "included": page(repeated, includes={"tweets": [original]}),
        "on the page": page(original, repeated),
        "nowhere": page(repeated),
    }[where]
    assert {row.target_id for row in only(Target, rows_of(data))} == {"x:x:cllrbokafor"}


def test_whoever_is_answered_may_stand_on_the_page_itself() -> None:
    answer = tweet(referenced_tweets=[{"type": "replied_to", "id": "7"}])
    rows = rows_of(page(tweet("7", ASHA), answer, includes=including(ASHA)))
    assert {row.target_id for row in only(Target, rows)} == {"x:x:ashafornorthmoor"}


def test_others_words_are_not_kept() -> None:
    included = tweet("7", ASHA, text="polling stations open at seven")
    answer = tweet(referenced_tweets=[{"type": "replied_to", "id": "7"}])
    rows = rows_of(page(answer, includes={"tweets": [included]}))
    assert "polling" not in repr(rows)
    assert {row.content_id for row in only(Content, rows)} == {"x:2039795000849987288"}


def test_a_long_post_is_read_whole_and_without_contact_values() -> None:
    changes = {"text": "short\u2026", "note_tweet": {"text": "long &lt;3 a@mailbox.example"}}
    (content,) = only(Content, rows_of(page(tweet(**changes))))
    assert content.text == "long <3 [email]"


def test_a_post_is_dated_by_its_number_if_need_be() -> None:
    (content,) = only(Content, rows_of(page(tweet())))
    assert content.created_at == datetime(2026, 4, 2, 20, 0, 0, 418000, tzinfo=UTC)
    assert content.observed_at == content.created_at


def test_twarc_says_when_the_answer_was_given() -> None:
    twarc = {"retrieved_at": "2026-04-10T08:00:00+00:00"}
    rows = rows_of(page(tweet(), includes=including(GRIM), __twarc=twarc))
    pulled = datetime(2026, 4, 10, 8, tzinfo=UTC)
    assert {row.observed_at for row in (*only(Account, rows), *only(Content, rows))} == {pulled}
    assert [row.state for row in only(Account, rows)] == [AccountState.ACTIVE]


def test_an_undated_answer_says_nothing_of_the_accounts_state() -> None:
    assert [row.state for row in only(Account, rows_of(page(tweet(), includes=including(GRIM))))] == [None]


def test_the_picture_that_everybody_has_is_no_signal() -> None:
    address = "https://abs.twimg.com/sticky/default_profile_images/default_profile_normal.png"
    (account,) = only(Account, rows_of(page(user(GRIM, profile_image_url=address))))
    assert account.avatar_url is None


def test_one_bad_post_costs_only_itself() -> None:
    _, _, unread = outcomes(page(tweet(), 7, tweet("2.03979E+18"), tweet("2039810100979701807")))  # type: ignore[arg-type]
    assert len(unread) == 2


# -- errors ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("detail", "changes", "account_id", "state"),
    [
        (f"User has been suspended: [{PETE}].", {}, f"x:x:{PETE}", AccountState.SUSPENDED),
        (f"Could not find user with ids: [{PETE}].", {}, f"x:x:{PETE}", AccountState.DELETED),
        ("User has been suspended: [Moor_88].", {"parameter": "usernames", "resource_id": "Moor_88"},
         "x:x:@moor_88", AccountState.SUSPENDED),
        ("User has been suspended: [2026].", {"parameter": "username", "resource_id": "2026"},
         "x:x:@2026", AccountState.SUSPENDED),
        (f"User has been suspended: [{PETE}].", {"resource_id": ..., "value": ..., "resource_type": ...},
         f"x:x:{PETE}", AccountState.SUSPENDED),
        ("Could not find user with usernames: [Moor].",
         {"resource_id": ..., "value": ..., "parameter": "usernames"}, "x:x:@moor", AccountState.DELETED),
        (f"User has been suspended: [{PETE}].", {"parameter": "author_id"}, f"x:x:{PETE}", AccountState.SUSPENDED),
    ],
)  # fmt: skip
def test_an_error_about_an_account_is_its_state_then(
    detail: str, changes: dict[str, Any], account_id: str, state: AccountState
) -> None:
    data = json.dumps({"errors": [problem(detail, **changes)]}).encode()
    rows = rows_of(data)
    (account,) = only(Account, rows)
    assert (account.account_id, account.state, account.observed_at) == (account_id, state, None)
    assert only(Enforcement, rows) == []
    pulled = datetime(2026, 4, 10, tzinfo=UTC)
    assert [row.observed_at for row in only(Account, rows_of(data, pulled))] == [pulled]


@pytest.mark.parametrize(
    ("detail", "changes"),
    [
        ("User has been suspended: [asha].", {"parameter": "entities.mentions.username", "resource_id": "asha"}),
        (f"Could not find user with in_reply_to_user_id: [{ASHA}].", {"parameter": "in_reply_to_user_id"}),
        ("Could not find tweet with referenced_tweets.id: [7].", {"resource_type": "tweet", "resource_id": "7"}),
        ("Sorry, you are not authorized to see the user with ids: [7].", {"resource_id": "7"}),
        ("Could not find tweet with ids: [7].", {"resource_type": ..., "resource_id": "7"}),
    ],
)
def test_other_errors_say_nothing_of_an_account(detail: str, changes: dict[str, Any]) -> None:
    rows, left_out, unread = outcomes(json.dumps({"errors": [problem(detail, **changes)]}).encode())
    assert (rows, len(left_out), unread) == ([], 1, [])


def test_two_pulls_show_that_an_account_went() -> None:
    before = {"data": [user(PETE)], "__twarc": {"retrieved_at": "2026-04-10T08:00:00Z"}}
    after = {"errors": [problem("User has been suspended: [x].")], "__twarc": {"retrieved_at": "2026-04-20T08:00:00Z"}}
    rows = rows_of(b"\n".join(json.dumps(one).encode() for one in (before, after)))
    assert [(row.state, row.observed_at.day) for row in only(Account, rows)] == [
        (AccountState.ACTIVE, 10), (AccountState.SUSPENDED, 20)
    ]  # fmt: skip


# -- shapes ------------------------------------------------------------------------------------------------------------


def _flattened() -> dict[str, Any]:
    return {**tweet(in_reply_to_user_id=ASHA), "author": user(GRIM), "in_reply_to_user": user(ASHA)}


def _of_4cat() -> dict[str, Any]:
    return {**tweet(in_reply_to_user_id=ASHA, edit_history_tweet_ids=...), "author_user": user(GRIM),
            "in_reply_to_user": user(ASHA)}  # fmt: skip


_PAGE = {"data": [tweet(in_reply_to_user_id=ASHA)], "includes": including(GRIM, ASHA), "meta": {"result_count": 1}}


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(_PAGE),
        json.dumps(_PAGE, indent=2),
        json.dumps(_PAGE, indent=2) + " " * 5_000,
        json.dumps([_PAGE]),
        json.dumps([{"meta": {"result_count": 0}}, _PAGE]),
        json.dumps({**_PAGE, "data": _PAGE["data"][0]}, indent=2),
        json.dumps(_PAGE) + "\n" + json.dumps({"meta": {"result_count": 0}}) + "\n",
        json.dumps(_flattened()) + "\n" + json.dumps(_flattened()),
        json.dumps(_of_4cat()),
        json.dumps([_of_4cat()], indent=1),
    ],
)
def test_every_shape_gives_the_same_rows(text: str) -> None:
    expected = set(rows_of(json.dumps(_PAGE).encode()))
    assert expected
    assert set(rows_of(text.encode())) == expected


def test_a_long_document_is_known_by_its_parts() -> None:
    data = page(tweet(text="x" * 9_000), includes=including(GRIM))
    pretty = json.dumps(json.loads(data), indent=1).encode()
    assert layout_of(pretty) == Layout("json_object", "tweet")
    errors = json.dumps({"errors": [problem("User has been suspended: [x]." + " " * 9_000)]}, indent=1).encode()
    assert layout_of(errors) == Layout("json_object", "problem")
    one = json.dumps({"data": tweet(text="x" * 9_000), "includes": including(GRIM)}, indent=1).encode()
    assert layout_of(one) == Layout("json_object", "tweet")


def test_accounts_that_were_looked_up() -> None:
    data = page(user(GRIM), user(PETE, most_recent_tweet_id="2039795000849987288"))
    grim, pete = only(Account, rows_of(data))
    assert layout_of(data).record == "user"
    assert (grim.account_id, grim.observed_at) == (f"x:x:{GRIM}", None)
    assert pete.last_active == datetime(2026, 4, 2, 20, 0, 0, 418000, tzinfo=UTC)
    assert only(Account, rows_of(json.dumps({"data": user(GRIM)}, indent=1).encode()))
    assert only(Account, rows_of(json.dumps(user(GRIM, public_metrics={})).encode()))


def test_pseudonyms_of_4cat_keep_nothing_else() -> None:
    digest = "6e6a6f7c2d0f6b0f8f3a1d5c4b7a9e8d6c5b4a392817f6e5"
    hidden = {"id": digest, "username": "0" * 48, "name": "1" * 48, "description": "2" * 48}
    rows = rows_of(json.dumps({**tweet(author=digest), "author_user": hidden}).encode())
    (account,) = only(Account, rows)
    assert (account.native_id, account.id_kind, account.handle, account.bio) == (digest, IdKind.HASHED, None, None)
    assert only(Sighting, rows) == []
    looked_up = rows_of(json.dumps({**hidden, "public_metrics": {}}).encode())
    assert [type(row) for row in looked_up] == [Account]


@pytest.mark.parametrize(
    "value",
    [
        {"id": "1", "username": "a", "name": "b", "acct": "a", "public_metrics": {}},
        {"id": "1", "username": "a", "name": "b"},
        {"id": "1", "text": "words"},
        {"data": [{"id": "1", "username": "a", "name": "b"}], "paging": {}},
        {"data": [{"id": "1", "type": "report"}], "included": []},
        {"data": {"children": []}},
        {"errors": [{"message": "no"}]},
        {"rest_id": "1", "legacy": {}},
        {},
    ],
)
def test_others_files_are_refused(value: dict[str, Any]) -> None:
    for text in (json.dumps(value), json.dumps(value, indent=1), json.dumps([value])):
        assert all(isinstance(verdict, Refusal) for verdict in verdicts(text.encode())), text


def test_known_files_that_another_export_holds_better() -> None:
    old = json.dumps([{"id_str": "1", "text": "t", "user": {"screen_name": "a"}}]).encode()
    assert any("v1.1" in verdict.why for verdict in verdicts(old) if isinstance(verdict, Refusal))
    (made,) = verdicts(b"id,conversation_id,author.id,author.username\n1,1,2,a\n")
    assert isinstance(made, Refusal)
    assert "JSON lines" in made.why
    empty = verdicts(json.dumps({"meta": {"result_count": 0}}).encode())
    assert any(verdict.known for verdict in empty if isinstance(verdict, Refusal))


# -- research releases -------------------------------------------------------------------------------------------------


def test_releases_serve_for_evaluation_alone() -> None:
    assert card_of(ADAPTER).evaluation == {"released_tweet", "released_user"}
    assert layout_of(table(released())).record == "released_user"
    assert layout_of(table(released_tweet())).record == "released_tweet"


@pytest.mark.parametrize(
    ("changes", "native", "kind"),
    [
        ({}, "1014209000000000123", IdKind.NUMERIC),
        ({"userid": HASH, "user_screen_name": HASH, "user_display_name": HASH}, HASH, IdKind.HASHED),
        ({"userid": "1.01421E+18"}, "@northmoortruth", IdKind.HANDLE_ONLY),
        ({"userid": "1,01421E+18"}, "@northmoortruth", IdKind.HANDLE_ONLY),
        ({"userid": "1014210000000000000"}, "@northmoortruth", IdKind.HANDLE_ONLY),
    ],
)
def test_released_accounts(changes: dict[str, str], native: str, kind: IdKind) -> None:
    (account,) = only(Account, rows_of(table(released(**changes))))
    assert (account.native_id, account.id_kind) == (native, kind)
    assert (account.handle is None) == (kind is IdKind.HASHED)
    assert (account.display_name is None) == (kind is IdKind.HASHED)


def test_a_rounded_id_without_a_handle_is_rejected_by_name() -> None:
    rounded = "1.01421E+18"
    damaged = released(userid=rounded, user_screen_name=rounded, user_display_name=rounded)
    _, _, unread = outcomes(table(damaged))
    assert len(unread) == 1
    assert "userid" in unread[0]
    assert rounded not in unread[0]
    _, _, unread = outcomes(table(released_tweet(tweetid="8.98926E+17")))
    assert "tweetid" in unread[0]


def test_which_ids_are_rounded() -> None:
    assert all(map(is_rounded, ("1.01421E+18", "1.01421e+18", "1E18", "1,01421E+18", "1014210000000000000")))
    assert not any(map(is_rounded, ("1014210000000000257", "20012345", "100000000", HASH, "5000000000")))


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("7/3/2018", datetime(2018, 7, 3, tzinfo=UTC)),
        ("2018-07-03", datetime(2018, 7, 3, tzinfo=UTC)),
        ("8/28/2016", datetime(2016, 8, 28, tzinfo=UTC)),
        ("28/8/2016", datetime(2016, 8, 28, tzinfo=UTC)),
    ],
)
def test_both_styles_of_dates(written: str, expected: datetime) -> None:
    (account,) = only(Account, rows_of(table(released(account_creation_date=written))))
    assert (account.created_at, account.created_at_precision) == (expected, Precision.DAY)


def test_released_posts_name_their_targets_by_id() -> None:
    changes = {"user_mentions": f"[20012345, {HASH}, 5]", "in_reply_to_userid": "20012345", "retweet_userid": "5"}
    rows = rows_of(table(released_tweet(**changes)))
    assert {row.target_id: row.derivations for row in only(Target, rows)} == {
        "x:x:20012345": ("mention", "reply_parent"), f"x:x:{HASH}": ("mention",)
    }  # fmt: skip


# -- a target's own archive --------------------------------------------------------------------------------------------


def _part(name: str, *records: dict[str, Any], indent: int | None = 2) -> bytes:
    return f"window.YTD.{name}.part0 = {json.dumps(list(records), indent=indent)}\n".encode()


@pytest.mark.parametrize("indent", [None, 2])
def test_an_archive_names_its_holder(indent: int | None) -> None:
    inner = {"username": "AshaForNorthmoor", "accountId": ASHA, "email": "asha@mailbox.example"}
    rows = rows_of(_part("account", {"account": {**inner, "accountDisplayName": "Asha"}}, indent=indent))
    assert [type(row) for row in rows] == [Target, Target]
    assert {row.target_id for row in only(Target, rows)} == {"x:x:ashafornorthmoor", f"x:x:{ASHA}"}
    assert {row.derivations for row in only(Target, rows)} == {("archive",)}
    assert {row.registered_as for row in only(Target, rows)} == {f"x:{ASHA}"}
    assert "mailbox" not in repr(rows)


def test_an_archive_names_the_handles_of_before() -> None:
    change = {"changedAt": "2024-08-12T17:10:37.000Z", "changedFrom": "asha_2019", "changedTo": "AshaForNorthmoor"}
    nested = {"screenNameChange": {"accountId": ASHA, "screenNameChange": change}}
    flat = {"screenNameChange": change}
    rows = rows_of(_part("screen_name_change", nested, flat))
    assert {row.target_id for row in only(Target, rows)} == {"x:x:asha_2019", "x:x:ashafornorthmoor"}
    assert {row.observed_at for row in only(Target, rows)} == {datetime(2024, 8, 12, 17, 10, 37, tzinfo=UTC)}


@pytest.mark.parametrize("name", ["email_address_change", "ip_audit", "tweets", "direct_messages", "phone_number"])
def test_the_rest_of_an_archive_is_passed_over(name: str) -> None:
    (verdict,) = verdicts(_part(name, {"x": {"loginIp": "198.51.100.9"}}))
    assert isinstance(verdict, Refusal)
    assert verdict.known


@pytest.mark.parametrize(
    ("value", "names"),
    [
        ({"account": {"username": "a b", "email": "a@mailbox.example"}}, "account.username"),
        ({"screenNameChange": {"accountId": "1"}}, "screenNameChange"),
        ({"detail": "User has been suspended.", "type": "x/2/problems/y", "resource_type": "user"}, "resource_id"),
        ({**tweet(), "author_id": "a@mailbox.example"}, "author_id"),
        ({"nothing": "known"}, "neither"),
    ],
)
def test_what_can_not_be_read_is_rejected_by_name(value: dict[str, Any], names: str) -> None:
    with pytest.raises(RejectedRecord, match=names) as caught:
        list(ADAPTER.normalise(RawRecord(1, value), context(Layout("json_array", "tweet"))))
    assert "mailbox" not in str(caught.value)
