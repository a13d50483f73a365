"""Pleroma: who reports and who is reported stand the other way round, and much of a record may be gone."""

from __future__ import annotations

import copy
import json
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
    Target,
)
from ingest.pleroma.adapter import PleromaAdapter

FORMATS = Path(__file__).parents[3] / "shared" / "formats"
needs_formats = pytest.mark.skipif(not FORMATS.exists(), reason="the format samples are not beside the repository")

ADAPTER = PleromaAdapter(Options())
SAMPLES = folder_of(ADAPTER)
PAGE: dict[str, Any] = json.loads((SAMPLES / "sample.json").read_text("utf-8"))
MORE: dict[str, Any] = json.loads((SAMPLES / "sample_more.json").read_text("utf-8"))
HOME = "pleroma:pleroma.dales.example"
GRIM = f"{HOME}:AETFfFnYzKaHC34U3Y"
PETE = "mastodon:free.speech.example:https://free.speech.example/users/moorlandpete"


def rows(record: dict[str, Any]) -> list[Row]:
    context = context_of(ADAPTER, "a.ndjson", (json.dumps(record) + "\n").encode())
    return list(ADAPTER.normalise(RawRecord(1, record), context))


def one(kind: type[Any], record: dict[str, Any]) -> Any:
    (found,) = [row for row in rows(record) if isinstance(row, kind)]
    return found


def report(number: int = 0, page: dict[str, Any] = PAGE, **changes: Any) -> dict[str, Any]:
    changed = copy.deepcopy(page["reports"][number])
    for path, value in changes.items():
        *way, last = path.split("__")
        holder = changed
        for step in way:
            holder = holder[step]
        holder[last] = value
    return changed


def read_bytes(text: str, name: str = "x.json") -> list[str]:
    return [record.value["id"] for record, _ in read(ADAPTER, name, text.encode())]


@needs_formats
def test_the_shared_samples_give_what_the_reference_counts() -> None:
    found = rows_of(ADAPTER, FORMATS / "pleroma" / "sample.json")
    assert {row.report_id for row in found if isinstance(row, Report)} == {
        f"{HOME}:{number}" for number in ("AX6evbp7eF8aa62j2a", "AM5L0bb6zOB00Fgx5w", "AkpJh6CuGM3kazMdEv")
    }
    assert len({row.content_id for row in found if isinstance(row, Content)}) == 4
    assert {row.account_id for row in found if isinstance(row, Account)} == {GRIM, PETE}
    assert not [row for row in found if isinstance(row, Enforcement)]


def test_account_is_who_was_reported_and_actor_who_reports() -> None:
    made = one(Report, PAGE["reports"][0])
    assert made.account_id == GRIM
    assert made.reporter_ref == KEYRING.reporter("pleroma", "pleroma.dales.example:A8eYeQ4n8azvo7b3bS")
    found = rows_of(ADAPTER, *sorted(SAMPLES.glob("sample*.json")))
    assert not [row for row in found if isinstance(row, Account) and row.handle in ("lain_r", "bryony_okafor")]
    assert "Lain R" not in repr(found)


def test_a_remote_account_has_the_key_that_every_server_gives_it() -> None:
    account = one(Account, PAGE["reports"][1])
    assert (account.account_id, account.id_kind, account.platform) == (PETE, IdKind.ACTOR_URI, "mastodon")
    other = one(Account, report(1, account__id="Zother1c1gr5A7ygY"))
    assert other.account_id == PETE
    assert account.handle == "moorlandpete"


def test_the_time_of_a_remote_account_is_that_of_first_sight_and_of_a_local_one_exact() -> None:
    assert one(Account, PAGE["reports"][0]).created_at_precision is Precision.EXACT
    assert one(Account, PAGE["reports"][1]).created_at_precision is Precision.APPROXIMATE
    truncated = one(Account, report(account__created_at="2026-04-16T00:00:00.000Z"))
    assert truncated.created_at_precision is Precision.DAY
    numbered = "https://social.northmoor.example/ap/users/114094772542729759"
    known = one(Account, report(1, account__pleroma__ap_id=numbered))
    assert (known.account_id, known.created_at_precision) == (
        "mastodon:social.northmoor.example:114094772542729759", Precision.DERIVED_FROM_ID,
    )  # fmt: skip


@pytest.mark.parametrize(("state", "status"), [("open", "open"), ("closed", "resolved"), ("resolved", "resolved")])
def test_a_state_is_the_tickets_and_no_verdict(state: str, status: str) -> None:
    found = rows(report(state=state))
    (made,) = [row for row in found if isinstance(row, Report)]
    assert (made.status, made.status_raw) == (ReportStatus(status), state)
    assert not [row for row in found if isinstance(row, Enforcement)]
    assert one(Report, report(state="quarantined")).status is None


def test_not_active_is_a_state_without_a_sanction() -> None:
    found = rows(report(account__is_active=False))
    assert [row.state for row in found if isinstance(row, Account)] == [AccountState.DEACTIVATED]
    assert not [row for row in found if isinstance(row, Enforcement)]
    limited = one(Account, report(account__tags=["mrf_tag:sandbox"]))
    assert limited.state is AccountState.LIMITED


def test_a_deleted_account_is_an_empty_object_and_its_report_stays() -> None:
    made = one(Report, report(account={}, actor={}))
    assert (made.account_id, made.reporter_ref) == (None, None)
    assert not [row for row in rows(report(account={}, actor={})) if isinstance(row, Account | LinkClaim)]


def test_a_deleted_post_leaves_its_number_and_blanks_nothing() -> None:
    made = one(Content, PAGE["reports"][2])
    assert made.content_id == f"{HOME}:AO774hSepWK0HcB2ik"
    assert (made.text, made.url, made.created_at) == (None, None, None)


def test_a_reporter_who_is_mentioned_is_a_target_and_whoever_posts_is_none() -> None:
    found = rows(MORE["reports"][0])
    targets = {row.target_id: row.derivations for row in found if isinstance(row, Target)}
    assert targets == {
        f"{HOME}:bryony_okafor": ("reporter",),
        "mastodon:social.northmoor.example:ashaverma": ("mention",),
    }
    (made,) = [row for row in found if isinstance(row, Report)]
    assert made.reporter_is_target is True
    assert set(made.target_ids) == set(targets)


def test_whom_a_post_answers_is_its_target() -> None:
    record = report(0, MORE, actor={})
    (target,) = [row for row in rows(record) if isinstance(row, Target) and row.handle == "bryony_okafor"]
    assert target.derivations == ("reply_parent",)


def test_a_server_that_forwards_a_report_hides_who_reported() -> None:
    assert one(Report, MORE["reports"][1]).reporter_ref is None
    relay = report(actor__pleroma__ap_id="https://pleroma.dales.example/relay", actor__acct="relay")
    assert one(Report, relay).reporter_ref is None


def test_a_forwarded_misskey_report_names_its_post_in_its_words() -> None:
    record = report(1, MORE, statuses=[])
    made = one(Content, record)
    assert made.content_id == "mastodon:https://freebies.spamhost.example/users/deals4moor/statuses/116395278338854468"
    assert made.account_id == one(Report, record).account_id
    assert one(Report, record).text == "spam & scams"


def test_other_names_are_declared_and_contact_values_digested() -> None:
    found = [row for row in rows(MORE["reports"][0]) if isinstance(row, Sighting)]
    declared = {row.value for row in found if row.kind is SignalKind.DECLARED}
    assert {"mastodon:social.northmoor.example:114094772542729759", "mastodon:free.speech.example:grimwald"} <= declared
    assert [row.value for row in found if row.kind is SignalKind.EMAIL_HMAC] == [
        KEYRING.email("moor.lad.88@mailbox.example")
    ]
    assert "07700" not in repr(rows(MORE["reports"][0]))


def test_moderators_notes_are_claims_of_their_own() -> None:
    claims = [row for row in rows(MORE["reports"][0]) if isinstance(row, LinkClaim)]
    assert {(row.asserted_by, row.claimed_handle) for row in claims} == {
        ("reporter", "gr1mwald"),
        ("moderator", "grimwald_77@social.northmoor.example"),
    }


def test_what_is_routed_to_the_police_keeps_no_content() -> None:
    found = rows(report(content="csam"))
    assert {row.category_reported for row in found if isinstance(row, Report)} == {"other.csea"}
    assert not [row for row in found if isinstance(row, Report | Content) and (row.text or getattr(row, "url", None))]


def test_a_server_that_no_account_names_is_told_by_its_posts() -> None:
    record = report(1, actor={})
    assert one(Report, record).report_id == f"{HOME}:AM5L0bb6zOB00Fgx5w"
    for status in record["statuses"]:
        status["pleroma"]["local"] = False
    assert one(Report, record).report_id == "pleroma:unknown:AM5L0bb6zOB00Fgx5w"


def test_an_account_without_an_id_is_known_by_its_handle_only() -> None:
    record = report()
    del record["account"]["id"]
    account = one(Account, record)
    assert (account.account_id, account.id_kind) == (f"{HOME}:@gr1mwald", IdKind.HANDLE_ONLY)


def test_a_report_without_its_number_is_rejected() -> None:
    with pytest.raises(RejectedRecord, match="'id'"):
        rows(report(id=None))


def test_pages_are_read_in_every_way_that_people_keep_them() -> None:
    all_ids = [made["id"] for page in (PAGE, MORE) for made in page["reports"]]
    assert read_bytes(json.dumps([PAGE, MORE])) == all_ids
    assert read_bytes(f"{json.dumps(PAGE)}\n{json.dumps(MORE)}\n") == all_ids
    assert read_bytes(f"{json.dumps(PAGE, indent=1)}\n{json.dumps(MORE, indent=1)}\n") == all_ids
    assert read_bytes(json.dumps(PAGE["reports"] + MORE["reports"])) == all_ids
    assert read_bytes(json.dumps([PAGE["reports"], MORE["reports"]])) == all_ids
    assert read_bytes("".join(json.dumps(made) + "\n" for made in PAGE["reports"])) == all_ids[:3]
    assert read_bytes(json.dumps(PAGE["reports"][0], indent=2)) == all_ids[:1]
    group = {"date": "2026-04-17", "account": PAGE["reports"][0]["account"], "actors": [], "reports": PAGE["reports"]}
    assert read_bytes(json.dumps({"reports": [group, group]})) == all_ids[:3] * 2
    assert read_bytes(json.dumps({"total": 0, "reports": []})) == []


@pytest.mark.parametrize(
    "head",
    [
        Head("a.json", "json_object", top_keys=("users", "count", "page_size"), arrays={"users": {}}),
        Head("a.json", "json_object", top_keys=("items",), arrays={"items": {"data": {}, "message": "", "time": 1}}),
        Head("a.json", "json_object", top_keys=("reports", "cursor"), arrays={"reports": {"id": 1}}),
        Head("a.json", "json_array", first={"account": {}, "target_account": {}, "action_taken": True}),
        Head("a.json", "json_array", first=None),
        Head("a.csv", "csv", columns=("account", "actor", "state", "notes")),
    ],
)
def test_other_files_are_refused_with_a_reason(head: Head) -> None:
    refusal = ADAPTER.recognise(head)
    assert isinstance(refusal, Refusal)
    assert len(refusal.why) > 20


def test_no_other_adapter_takes_its_reports() -> None:
    heads = [
        Head("a.json", "json_object", top_keys=tuple(PAGE), arrays={"reports": PAGE["reports"][0]}),
        Head("a.json", "json_array", first=PAGE["reports"][0]),
    ]
    for head in heads:
        takers = [name for name in available() if isinstance(load(name).recognise(head), Layout)]
        assert takers == ["pleroma"]
