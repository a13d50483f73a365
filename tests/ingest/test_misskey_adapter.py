"""Misskey: local accounts bear no address, remote ids are this server's own, and the note stands in the comment."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from golden import KEYRING, context_of, folder_of, read, rows_of

from graphmatch.adapter import Head, Layout, Options, RawRecord, Refusal, available, load
from graphmatch.errors import RejectedRecord
from graphmatch.model import (
    Account,
    AccountState,
    Content,
    Enforcement,
    IdKind,
    LinkClaim,
    Precision,
    Report,
    ReportStatus,
    Row,
    Sighting,
    SignalKind,
)
from ingest.misskey.adapter import MisskeyAdapter

FORMATS = Path(__file__).parents[3] / "shared" / "formats"
needs_formats = pytest.mark.skipif(not FORMATS.exists(), reason="the format samples are not beside the repository")

ADAPTER = MisskeyAdapter(Options())
SAMPLES = folder_of(ADAPTER)
REPORTS: list[dict[str, Any]] = json.loads((SAMPLES / "sample.json").read_text("utf-8"))
REMOTE, QUIET = (json.loads(line) for line in (SAMPLES / "sample_remote.ndjson").read_text("utf-8").splitlines())
HOME = "misskey:misskey.dales.example"
GRIM = "mastodon:social.northmoor.example:114094772542729759"


def rows(record: dict[str, Any]) -> list[Row]:
    context = context_of(ADAPTER, "a.ndjson", (json.dumps(record) + "\n").encode())
    return list(ADAPTER.normalise(RawRecord(1, record), context))


def one(kind: type[Any], record: dict[str, Any]) -> Any:
    (found,) = [row for row in rows(record) if isinstance(row, kind)]
    return found


def report(base: dict[str, Any], **changes: Any) -> dict[str, Any]:
    changed = copy.deepcopy(base)
    for path, value in changes.items():
        *way, last = path.split("__")
        holder = changed
        for step in way:
            holder = holder[step]
        holder[last] = value
    return changed


def declared(record: dict[str, Any]) -> dict[str, str]:
    found = [row for row in rows(record) if isinstance(row, Sighting) and row.kind is SignalKind.DECLARED]
    return {row.value: row.context for row in found}


@needs_formats
def test_the_shared_samples_give_what_the_reference_counts() -> None:
    found = rows_of(ADAPTER, FORMATS / "misskey" / "sample.json")
    assert {row.report_id for row in found if isinstance(row, Report)} == {
        f"{HOME}:{number}" for number in ("albwe0w09x4kxhk6", "al8c596o9x4kk8en", "al8eaeyo9x4kyru1")
    }
    assert {row.content_id for row in found if isinstance(row, Content)} == {
        "misskey:https://misskey.dales.example/notes/albw15xc9x4k7cj2",
        "misskey:https://misskey.dales.example/notes/al8bse809x4k846r",
    }
    assert {row.account_id for row in found if isinstance(row, Account)} == {
        f"{HOME}:alafvlc09x4k3kqg",
        f"{HOME}:al6u7ds09x4kfia9",
        f"{HOME}:9gmswlc09x4kivt5",
    }


def test_a_local_account_is_keyed_by_its_id_and_a_remote_one_as_every_server_keys_it() -> None:
    local, remote = one(Account, REPORTS[0]), one(Account, REMOTE)
    assert (local.account_id, local.id_kind) == (f"{HOME}:alafvlc09x4k3kqg", IdKind.OPAQUE)
    assert (remote.account_id, remote.handle) == (GRIM, "grimwald_77")
    assert one(Account, report(REMOTE, targetUser__id="zz", targetUserId="zz")).account_id == GRIM
    pete = one(Account, report(REMOTE, targetUser__uri="https://free.speech.example/users/moorlandpete"))
    assert pete.account_id == "mastodon:free.speech.example:https://free.speech.example/users/moorlandpete"
    other = one(Account, report(REMOTE, targetUser__uri="https://mk.example/users/al6u7ds09x4kfia9"))
    assert other.account_id == "misskey:mk.example:al6u7ds09x4kfia9"
    unknown = one(Account, report(REMOTE, targetUser__uri=None))
    assert (unknown.account_id, unknown.id_kind) == (
        "mastodon:social.northmoor.example:@grimwald_77", IdKind.HANDLE_ONLY,
    )  # fmt: skip


def test_the_name_of_the_server_is_read_from_its_own_pages() -> None:
    assert one(Report, REPORTS[2]).report_id.startswith(HOME)  # no note: the drawn picture of the account
    bare = report(REPORTS[2], targetUser__avatarUrl=None, reporter__avatarUrl=None, assignee__avatarUrl=None)
    assert one(Report, bare).report_id == "misskey:unknown:al8eaeyo9x4kyru1"
    elsewhere = report(REMOTE, targetUser__avatarUrl=None, reporter__avatarUrl=None, assignee__avatarUrl=None)
    assert one(Report, elsewhere).report_id == f"{HOME}:am8c596o9x4kk8en"  # by "Local Note"
    elsewhere["comment"] = "Note: https://mk.example/notes/am8bse809x4k846r\n-----\nx"
    assert one(Report, elsewhere).report_id == "misskey:unknown:am8c596o9x4kk8en"


@pytest.mark.parametrize(
    ("resolved", "verdict", "status"),
    [
        (True, "accept", ReportStatus.UPHELD),
        (True, "reject", ReportStatus.DISMISSED),
        (True, None, ReportStatus.RESOLVED),
        (False, None, ReportStatus.OPEN),
        (True, "other", ReportStatus.RESOLVED),
        (None, None, None),
    ],
)
def test_the_moderators_verdict_is_on_the_report_and_no_sanction(
    resolved: bool | None, verdict: str | None, status: ReportStatus | None
) -> None:
    record = report(REPORTS[0], resolved=resolved, resolvedAs=verdict)
    assert one(Report, record).status is status
    assert not [row for row in rows(record) if isinstance(row, Enforcement)]


@pytest.mark.parametrize(
    ("flags", "state"),
    [
        ({"isSuspended": True, "isSilenced": True}, AccountState.SUSPENDED),
        ({"isSilenced": True}, AccountState.LIMITED),
        ({"isLimited": True}, AccountState.LIMITED),
        ({"isDeleted": True}, AccountState.DELETED),
        ({}, AccountState.ACTIVE),
        ({"isSuspended": None}, None),
    ],
)
def test_what_the_server_shows_is_a_state(flags: dict[str, Any], state: AccountState | None) -> None:
    record = report(REPORTS[1])
    record["targetUser"].update(flags)
    assert one(Account, record).state is state


def test_the_note_in_the_comment_is_the_content_and_the_rest_the_words() -> None:
    content, made = one(Content, REPORTS[1]), one(Report, REPORTS[1])
    assert content.content_id == "misskey:https://misskey.dales.example/notes/al8bse809x4k846r"
    assert (content.account_id, made.text) == (made.account_id, "threats, was banned elsewhere")
    assert content.created_at == datetime(2026, 4, 18, 20, 0, tzinfo=UTC)
    assert not [row for row in rows(report(REPORTS[1], comment="Note: to self")) if isinstance(row, Content)]


def test_the_note_of_a_remote_account_has_the_id_that_its_own_server_gives_it() -> None:
    content = one(Content, REMOTE)
    assert content.content_id == (
        "mastodon:https://social.northmoor.example/ap/users/114094772542729759/statuses/116405325844821728"
    )
    assert (content.platform, content.account_id, content.created_at) == ("mastodon", GRIM, None)


def test_a_note_of_somebody_else_is_not_laid_to_the_account() -> None:
    record = report(REPORTS[1], comment="Note: https://elsewhere.example/notes/al8bse809x4k846r\n-----\nthreats")
    content, account = one(Content, record), one(Account, record)
    assert content.account_id is None
    assert account.account_id == f"{HOME}:al6u7ds09x4kfia9"


def test_ids_carry_the_time_of_creation_at_home_only() -> None:
    quiet, remote = one(Account, QUIET), one(Account, REMOTE)
    assert quiet.created_at_precision is Precision.DERIVED_FROM_ID
    assert quiet.created_at == datetime(2026, 5, 10, 4, 28, 37, 632000, tzinfo=UTC)
    assert remote.created_at == datetime(2025, 3, 2, 20, 41, 7, 363000, tzinfo=UTC)  # Mastodon's own number
    pete = one(Account, report(REMOTE, targetUser__uri="https://free.speech.example/users/moorlandpete"))
    assert (pete.created_at, pete.created_at_precision) == (
        datetime(2026, 5, 10, 19, tzinfo=UTC), Precision.APPROXIMATE,
    )  # fmt: skip
    assert one(Report, QUIET).reported_at == datetime(2026, 5, 14, 17, 37, 28, 512000, tzinfo=UTC)


def test_moves_and_other_names_are_declared() -> None:
    assert declared(REPORTS[1]) == {
        "mastodon:free.speech.example:grimwald": "moved",
        "mastodon:free.speech.example:https://free.speech.example/users/grimwald": "moved",
        "telegram:telegram:grimwald77": "profile",
    }
    assert declared(QUIET) == {f"{HOME}:al6u7ds09x4kfia9": "moved"}  # Misskey names local accounts by id
    assert declared(REMOTE)["mastodon:free.speech.example:grimwald"] == "profile"


def test_verified_links_say_so_and_pictures_lose_their_proxy() -> None:
    found = {(row.kind, row.value): row.context for row in rows(REMOTE) if isinstance(row, Sighting)}
    assert found[SignalKind.LINK, "grimwald.example"] == "verified"
    assert (SignalKind.AVATAR, "https://files.social.northmoor.example/a.png") in found
    assert one(Account, REPORTS[1]).avatar_url is None  # drawn by the server
    assert (SignalKind.EMAIL_HMAC, KEYRING.email("grimwald77@mailbox.example")) in found


def test_reporters_and_moderators_never_become_accounts() -> None:
    found = rows(REPORTS[0])
    assert one(Report, REPORTS[0]).reporter_ref == KEYRING.reporter("misskey", "misskey.dales.example:9gmswlc09x4kivt5")
    assert "tenmon" not in repr(found)
    assert "mod_k" not in repr(found)


def test_a_server_that_forwards_a_report_hides_who_reported() -> None:
    assert one(Report, QUIET).reporter_ref is None
    by_uri = report(QUIET, reporter__username="somebody", reporter__uri="https://mastodon.dales.example/actor")
    assert one(Report, by_uri).reporter_ref is None
    person = report(QUIET, reporter__username="nan", reporter__uri="https://mastodon.dales.example/users/nan")
    assert one(Report, person).reporter_ref is not None


def test_moderators_notes_are_claims() -> None:
    (claim,) = [row for row in rows(REMOTE) if isinstance(row, LinkClaim)]
    assert (claim.claimed_handle, claim.asserted_by) == ("gr1mwald@pleroma.dales.example", "moderator")


def test_what_is_routed_to_the_police_keeps_no_content() -> None:
    record = report(REPORTS[1], comment=REPORTS[1]["comment"].replace("threats", "grooming"))
    found = rows(record)
    assert {row.category_reported for row in found if isinstance(row, Report)} == {"other.csea"}
    assert not [row for row in found if isinstance(row, Report | Content) and (row.text or getattr(row, "url", None))]


def test_a_report_without_its_account_is_rejected() -> None:
    for missing in ("targetUser", "id"):
        with pytest.raises(RejectedRecord, match=missing):
            rows(report(REPORTS[0], **{missing: None}))


def test_answers_are_read_in_every_way_that_people_keep_them() -> None:
    ids = [made["id"] for made in REPORTS]
    for text in (
        json.dumps(REPORTS),
        json.dumps([REPORTS[:1], REPORTS[1:]]),
        f"{json.dumps(REPORTS[:2])}\n{json.dumps(REPORTS[2:])}\n",
        "".join(json.dumps(made) + "\n" for made in REPORTS),
    ):
        assert [record.value["id"] for record, _ in read(ADAPTER, "x", text.encode())] == ids
    assert read(ADAPTER, "x", json.dumps(REPORTS[0], indent=1).encode())[0][0].value["id"] == ids[0]


@pytest.mark.parametrize(
    "head",
    [
        Head("a.json", "json_array", first={"id": "1", "createdAt": "", "type": "suspend", "info": {}, "userId": "2"}),
        Head("a.json", "json_array", first={"id": "1", "username": "a", "host": None, "isSuspended": False}),
        Head("a.json", "json_array", first={"id": "1", "comment": "x"}),
        Head("a.csv", "csv", columns=("targetUserId", "comment", "resolved")),
    ],
)
def test_other_files_are_refused_with_a_reason(head: Head) -> None:
    refusal = ADAPTER.recognise(head)
    assert isinstance(refusal, Refusal)
    assert len(refusal.why) > 20


def test_no_other_adapter_takes_its_reports() -> None:
    for head in (
        Head("a.json", "json_array", first=REPORTS[0]),
        Head("a.json", "json_object", top_keys=tuple(REPORTS[0])),
    ):
        assert [name for name in available() if isinstance(load(name).recognise(head), Layout)] == ["misskey"]
