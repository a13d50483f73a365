"""Wikipedia, to measure with: blocks and their ends, suspicions and their verdicts, and no address for a name."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from golden import KEYRING, context_of, folder_of, rows_of

from graphmatch.adapter import Context, Head, Layout, Options, RawRecord, Refusal, Unreadable, card_of
from graphmatch.errors import LeftOut, RejectedRecord
from graphmatch.intake.head import heads
from graphmatch.model import Account, Action, Content, Enforcement, LinkClaim, Report, Row, Scope
from ingest.wikipedia.adapter import WikipediaAdapter
from ingest.wikipedia.verdicts import names_in, verdicts_in

SHARED = Path(__file__).parents[3] / "shared" / "formats" / "wikipedia"
ADAPTER = WikipediaAdapter(Options())


def rows(kind: str, **value: Any) -> list[Row]:
    return list(ADAPTER.normalise(RawRecord(1, value), Context("wikipedia", "a", Layout("ndjson", kind), KEYRING)))


def only(kind: type[Any], found: list[Row]) -> Any:
    (row,) = [row for row in found if isinstance(row, kind)]
    return row


def block(**changes: Any) -> list[Row]:
    entry = {
        "logid": 170000003,
        "title": "User:Moor lad 88",
        "type": "block",
        "action": "block",
        "params": {"duration": "infinity", "flags": ["nocreate"], "sitewide": True},
        "user": "Example admin",
        "timestamp": "2026-04-18T10:05:00Z",
        "comment": "[[WP:SOCK|Sockpuppetry]]",
    }
    return rows("block", **{key: value for key, value in {**entry, **changes}.items() if value is not ...})


def cases(text: str) -> list[dict[str, Any]]:
    found = list(ADAPTER.read(io.BytesIO(text.encode()), Layout("text", "case")))
    return [item.value for item in found if isinstance(item, RawRecord)]


def test_every_kind_of_record_is_for_evaluation_alone() -> None:
    card = card_of(ADAPTER)
    assert card.evaluation == set(card.records)
    found = rows_of(ADAPTER, *sorted(folder_of(ADAPTER).glob("sample*")))
    assert not [row for row in found if isinstance(row, Report)]


@pytest.mark.parametrize(
    ("params", "action", "ends"),
    [
        ({"duration": "infinity", "sitewide": True}, Action.ACCOUNT_SUSPENDED_PERM, None),
        ({"duration": "indefinite"}, Action.ACCOUNT_SUSPENDED_PERM, None),
        ({"expiry": "infinity"}, Action.ACCOUNT_SUSPENDED_PERM, None),
        ({"duration": "31 hours", "expiry": "2026-04-19T17:05:00Z"}, Action.ACCOUNT_SUSPENDED_TEMP, 19),
        ({"duration": "31 hours"}, Action.ACCOUNT_SUSPENDED_TEMP, None),
        ({"duration": "infinity", "sitewide": False}, Action.ACCOUNT_LIMITED, None),
        ({}, Action.ACCOUNT_SUSPENDED_TEMP, None),
        (..., Action.ACCOUNT_SUSPENDED_TEMP, None),
    ],
)
def test_a_block_is_for_good_for_a_time_or_of_some_pages(params: Any, action: Action, ends: int | None) -> None:
    found = only(Enforcement, block(params=params))
    assert (found.action, found.expires_at and found.expires_at.day) == (action, ends)
    assert found.at_earliest == found.at_latest == datetime(2026, 4, 18, 10, 5, tzinfo=UTC)
    assert (found.scope, found.account_id) == (Scope.INSTANCE, "wikipedia:wikipedia:@Moor lad 88")


def test_a_reblock_replaces_and_an_unblock_restores() -> None:
    assert only(Enforcement, block(action="reblock")).action is Action.ACCOUNT_SUSPENDED_PERM
    for params in ({}, []):
        assert only(Enforcement, block(action="unblock", params=params)).action is Action.ACCOUNT_RESTORED


def test_the_reason_names_the_rule_and_leaves_without_contact_values() -> None:
    found = only(Enforcement, block(comment="[[WP:NPA|x]] [[wikipedia:sock]] write to a@b.example"))
    assert found.policies == ("WP:NPA", "WP:SOCK")
    assert found.reason == "[[WP:NPA|x]] [[wikipedia:sock]] write to [email]"
    assert "Example admin" not in repr(block())


@pytest.mark.parametrize(
    "title", ["User:203.0.113.61", "User:203.0.113.0/24", "User:2001:db8::1", "User:2001:DB8::/32", "#1234567", ...]
)
def test_a_block_of_an_address_or_of_nobody_is_left_out(title: Any) -> None:
    with pytest.raises(LeftOut):
        block(title=title)


def test_a_user_name_is_written_as_the_wiki_does() -> None:
    assert only(Account, block(title="User:moor_lad_88")).handle == "Moor lad 88"
    assert only(Account, block(title="Benutzer:NoQuarter")).native_id == "@NoQuarter"


@pytest.mark.parametrize("changes", [{"logid": None}, {"action": "promote"}, {"action": None}, {"params": "all"}])
def test_an_entry_of_another_shape_is_rejected(changes: dict[str, Any]) -> None:
    with pytest.raises(RejectedRecord):
        block(**changes)


ARCHIVE = """__TOC__
{{SPIarchive notice|1=Grimwald77}}
===<big>17 April 2026</big>===
====<big>Suspected sockpuppets</big>====
* {{checkuser|1=Moor lad 88|master name=Grimwald77}}
* {{checkuser|NoQuarter1066}}
* {{checkip|1=203.0.113.61}}
====<big>Clerk, CheckUser, and/or patrolling admin comments</big>====
VERDICT
"""


def claims(verdict: str) -> dict[str, tuple[str, str]]:
    (case,) = cases(ARCHIVE.replace("VERDICT", verdict))
    found = rows("case", **case)
    return {row.account_id[21:]: (row.quote, row.asserted_by) for row in found if isinstance(row, LinkClaim)}


LISTED, CONFIRMED = ("suspected", "reporter"), ("confirmed", "moderator")


@pytest.mark.parametrize(
    ("verdict", "first", "second"),
    [
        ("", LISTED, LISTED),
        ("{{confirmed}}: Moor lad 88 and NoQuarter1066", CONFIRMED, CONFIRMED),
        ("*{{confirmed}}: Moor lad 88. {{unlikely}}: NoQuarter1066.", CONFIRMED, ("unlikely", "reporter")),
        ("Moor lad 88 is {{likely}}, NoQuarter1066 {{unrelated}}", ("likely", "moderator"), ("unrelated", "reporter")),
        ("{{Possilikely}} to {{noping|NoQuarter1066}}", LISTED, ("possilikely", "reporter")),
        ("{{Confirmed}}:\n* {{checkuser|1=Moor lad 88}}\n* {{user|noQuarter1066}}", CONFIRMED, CONFIRMED),
        ("{{confirmed}}. (UTC)\n\nMoor lad 88 is blocked.", LISTED, LISTED),
        ("Moor lad 88 {{likely}}\nMoor lad 88 is {{unlikely}}", ("likely, unlikely", "reporter"), LISTED),
        ("Moor lad 881 is {{confirmed}}", LISTED, LISTED),
        ("{{declined}}", LISTED, LISTED),
    ],
)
def test_being_listed_is_a_suspicion_and_the_verdict_is_read(
    verdict: str, first: tuple[str, str], second: tuple[str, str]
) -> None:
    found = claims(verdict)
    assert (found["Moor lad 88"], found["NoQuarter1066"]) == (first, second)


def test_whom_the_checkuser_found_beside_the_suspects_is_one_of_them() -> None:
    assert claims("{{confirmed}}: {{checkuser|1=Moor lad 91}}")["Moor lad 91"] == ("confirmed", "moderator")


def test_what_others_say_is_no_verdict() -> None:
    (case,) = cases(ARCHIVE.replace("====<big>Clerk", "====<big>Comments by other users</big>====\nNoQuarter1066 "
                                    "is {{confirmed}}\n====<big>Clerk").replace("VERDICT", ""))  # fmt: skip
    assert case["verdicts"] == []


def test_an_address_is_no_suspect_and_a_case_of_addresses_is_left_out() -> None:
    (case,) = cases(ARCHIVE.replace("VERDICT", ""))
    assert case["suspects"] == ["Moor lad 88", "NoQuarter1066"]
    assert "203.0.113" not in json.dumps(case)
    with pytest.raises(LeftOut):
        rows("case", master="Grimwald77", date="17 April 2026", suspects=["203.0.113.61", "grimwald77"], verdicts=[])


def test_the_master_is_named_in_every_spelling_and_lists_go_over_lines() -> None:
    text = "{{SPI archive notice|Grim wald}}\n=== 2 May 2026 ===\n{{sock list\n|tools_link=yes\n|1=A b\n|2=C_d}}\n"
    assert cases(text) == [{"master": "Grim wald", "date": "2 May 2026", "suspects": ["A b", "C d"], "verdicts": []}]
    account = only(LinkClaim, rows("case", **{**cases(text)[0], "suspects": ["A b"]}))
    assert (account.claimed_handle, account.asserted_at) == ("Grim wald", datetime(2026, 5, 2, tzinfo=UTC))


def test_a_case_of_an_unnamed_master_is_rejected_and_an_undated_one_has_no_time() -> None:
    with pytest.raises(RejectedRecord):
        rows("case", master=None, date="2 May 2026", suspects=["A"], verdicts=[])
    found = only(LinkClaim, rows("case", master="M", date="some day", suspects=["A"], verdicts=[]))
    assert found.asserted_at is None


def test_an_archive_is_read_in_bounded_memory() -> None:
    long = ARCHIVE.encode() + b"x" * 3 * 2**20 + b"\n=== 2 May 2026 ===\n* {{checkuser|A}}\n"
    found = list(ADAPTER.read(io.BytesIO(long), Layout("text", "case")))
    assert [type(item) for item in found] == [Unreadable, RawRecord, RawRecord]
    unclosed = ARCHIVE.encode() + b"{{sock list|1=A\n" * 200_000
    assert len(cases(unclosed.decode())) == 1
    assert cases("{{SPIarchive notice|M}}\n===\xff===\n") == [
        {"master": "M", "date": "\xff", "suspects": [], "verdicts": []}
    ]


def test_hostile_wikitext_is_read_in_linear_time() -> None:
    for piece in ("{{", "{{confirmed", "{{confirmed|", "{{checkuser|1=", "===", "|1=", "=== ", " "):
        line = piece * (200_000 // len(piece))
        names_in(line)
        verdicts_in(line, ["Moor lad"], None)
        cases(f"{{{{SPIarchive notice|M}}}}\n=== d ===\n{line}\n")


@pytest.mark.parametrize(
    ("line", "quote"),
    [
        ({"user": "Moor lad 88", "master": "Grimwald77"}, "suspected"),
        ({"user": "Grimwald77"}, None),
        ({"user": "Grimwald77", "master": "grimwald77"}, None),
        ({"username": "Moor lad 88", "master": False, "spi_date": "2026-04-17"}, None),
        ({"username": "Grimwald77", "master": True, "spi_date": "17 April 2026"}, None),
    ],
)
def test_a_line_of_suspects_is_a_suspicion_without_verdict(line: dict[str, Any], quote: str | None) -> None:
    found = rows("suspect", **line)
    assert [row.quote for row in found if isinstance(row, LinkClaim)] == ([quote] if quote else [])
    assert only(Account, found).platform == "wikipedia"


def test_a_comment_is_text_without_its_tokens_or_contact_values() -> None:
    comment = "NEWLINE_TOKENNEWLINE_TOKENwrite`TAB_TOKEN`to a@b.example"
    found = only(Content, rows("comment", rev_id="900.0", comment=comment, year="2015"))
    assert (found.content_id, found.text, found.account_id) == ("wikipedia:rev:900", "write`\t`to [email]", None)
    assert found.created_at is None


def test_the_whole_corpus_names_authors_and_an_address_is_none() -> None:
    named = rows("comment", rev_id="1", comment="x", user_text="moor lad", user_id="7")
    assert only(Content, named).account_id == only(Account, named).account_id == "wikipedia:wikipedia:@Moor lad"
    anonymous = rows("comment", rev_id="1", comment="x", user_text="203.0.113.61", user_id="0")
    assert only(Content, anonymous).account_id is None
    assert "203" not in repr(anonymous)


def recognised(content: bytes) -> Layout | Refusal:
    return next(
        (found for way in heads(io.BytesIO(content), "a") if isinstance(found := ADAPTER.recognise(way), Layout)),
        ADAPTER.recognise(heads(io.BytesIO(content), "a")[0]),
    )


def test_each_shape_is_recognised_by_what_it_holds() -> None:
    entry = {"logid": 1, "type": "block", "action": "block", "title": "User:A"}
    page = {"batchcomplete": True, "query": {"logevents": [entry]}}
    log = Layout("json_object", "block", "query.logevents")
    assert recognised(json.dumps(page).encode()) == log
    assert recognised(json.dumps(page, indent=1).encode()) == log
    assert recognised(f"{json.dumps(page)}\n{json.dumps(page)}".encode()) == log
    assert recognised(json.dumps([page, page]).encode()) == Layout("json_array", "block", "query.logevents")
    assert recognised(json.dumps([entry]).encode()) == Layout("json_array", "block")
    assert recognised(ARCHIVE.encode()) == Layout("text", "case")
    assert recognised(ARCHIVE.removeprefix("__TOC__\n").encode()) == Layout("text", "case")
    assert recognised(b'{"user":"A","master":"B"}\n') == Layout("ndjson", "suspect")
    assert recognised(b"rev_id\tcomment\tsplit\n1\tx\ttrain\n") == Layout("csv", "comment")


@pytest.mark.parametrize(
    "content",
    [
        b'{"query": {"logevents": [{"logid": 1, "type": "move", "action": "move"}]}}',
        b'{"user": {"id": "1"}, "reason": "x"}\n',
        b'[{"user": {"id": "1"}}]',
        b"rev_id\tcomment\n",
        b'{"text": "{{SPIarchive notice|1=A}}", "a": 1}\n{"b": 1}\n',
        b"a,b\n",
    ],
)
def test_other_files_are_refused(content: bytes) -> None:
    assert isinstance(recognised(content), Refusal)


def test_votes_on_comments_are_passed_over() -> None:
    refused = ADAPTER.recognise(Head("a.tsv", "csv", columns=("rev_id", "worker_id", "attack")))
    assert isinstance(refused, Refusal)
    assert refused.known


@pytest.mark.skipif(not SHARED.exists(), reason="the format samples are not beside the repository")
def test_the_shared_samples_are_read_whole() -> None:
    found = {path.name: rows_of(ADAPTER, path) for path in sorted(SHARED.iterdir())}
    assert len([row for row in found["block_log.json"] if isinstance(row, Enforcement)]) == 4
    verdicts = {row.account_id: row.quote for row in found["spi_archive.wikitext"] if isinstance(row, LinkClaim)}
    assert verdicts == {
        "wikipedia:wikipedia:@Moor lad 88": "confirmed",
        "wikipedia:wikipedia:@NoQuarter1066": "unlikely",
    }
    assert len([row for row in found["spi_suspects.ndjson"] if isinstance(row, LinkClaim)]) == 2
    assert len([row for row in found["attack_annotated_comments.tsv"] if isinstance(row, Content)]) == 3
    for path in SHARED.iterdir():
        assert context_of(ADAPTER, path.name, path.read_bytes()).layout.record in card_of(ADAPTER).evaluation
