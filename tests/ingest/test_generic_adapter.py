"""Hand-kept tables: other people's headers, spreadsheets' damage, and accounts that are contact values."""

import csv
import io
import json
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphmatch.adapter import Context, Head, Layout, Options, RawRecord, Refusal
from graphmatch.errors import ConfigError, RejectedRecord
from graphmatch.model import (
    Account,
    Action,
    Content,
    Enforcement,
    Gate,
    IdKind,
    LinkClaim,
    Precision,
    Report,
    Row,
    Scope,
    Sighting,
    SignalKind,
    Specificity,
    Target,
)
from graphmatch.normalise.contacts import Keyring
from ingest.generic.adapter import GenericAdapter
from ingest.generic.columns import COLUMNS, TableMapping, names_of

SAMPLE = Path(__file__).parents[2] / "ingest" / "generic" / "sample.csv"
SHARED = Path(__file__).parents[2] / ".." / "shared" / "formats" / "generic_csv" / "sample.csv"
LAYOUT = Layout("csv", "report")
KEYRING = Keyring(b"\x01" * 32)
CONTEXT = Context("generic", "intake.csv", LAYOUT, KEYRING)
ADAPTER = GenericAdapter(Options())


def rows_of(*rows: dict[str, Any], adapter: GenericAdapter = ADAPTER) -> list[Row]:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(dict.fromkeys(name for row in rows for name in row)))
    writer.writeheader()
    writer.writerows(rows)
    return read(io.BytesIO(text.getvalue().encode()), adapter=adapter)


def read(stream: io.BytesIO, layout: Layout = LAYOUT, adapter: GenericAdapter = ADAPTER) -> list[Row]:
    found: list[Row] = []
    for record in adapter.read(stream, layout):
        assert isinstance(record, RawRecord)
        found += adapter.normalise(record, CONTEXT)
    return found


def only(kind: type, rows: list[Row]) -> list[Any]:
    return [row for row in rows if type(row) is kind]


def row(**changes: Any) -> dict[str, Any]:
    return {"platform": "X", "handle": "@Grimwald_NM", "category": "threat", **changes}


def account(**changes: Any) -> Account | None:
    found = only(Account, rows_of(row(**changes)))
    return found[0] if found else None


@pytest.mark.parametrize("path", [SAMPLE, SHARED])
def test_the_samples_read_whole(path: Path) -> None:
    if not path.exists():
        pytest.skip("needs the format samples in ../shared/formats")
    rows = read(io.BytesIO(path.read_bytes()))
    count = 6 if path == SAMPLE else 4
    assert len(only(Report, rows)) == count
    assert len({content.content_id for content in only(Content, rows)}) == count
    assert not any(secret in repr(rows) for secret in ("mailbox.example", "900123", "900456"))


@pytest.mark.parametrize("platform", ["X", "Twitter", "twitter.com", "X (formerly Twitter)", "x / twitter", "TWITTER"])
def test_names_of_platforms(platform: str) -> None:
    found = account(platform=platform)
    assert found is not None
    assert (found.account_id, found.handle) == ("x:x:@grimwald_nm", "Grimwald_NM")
    assert found.id_kind is IdKind.HANDLE_ONLY


@pytest.mark.parametrize(
    ("changes", "account_id"),
    [
        ({"account_url": "https://twitter.com/Grimwald_NM?s=20", "handle": ""}, "x:x:@grimwald_nm"),
        ({"account_url": "https://www.tiktok.com/@northmoornan"}, "tiktok:tiktok:@northmoornan"),
        ({"account_url": "https://www.facebook.com/profile.php?id=10090000001"}, "facebook:facebook:10090000001"),
        ({"account_url": "https://bsky.app/profile/did:plc:abc234"}, "bluesky:bsky:did:plc:abc234"),
        ({"account_url": "https://mastodon.example/@Grim"}, "mastodon:mastodon.example:@grim"),
        ({"platform": "", "handle": "", "account_url": "https://x.com/grimwald_nm"}, "x:x:@grimwald_nm"),
        ({"platform": "Bluesky", "handle": "grim.test"}, "bluesky:bsky:@grim.test"),
        ({"platform": "Mastodon", "handle": "@Grim@mastodon.example"}, "mastodon:mastodon.example:@grim"),
        ({"platform": "Mastodon", "handle": "grim", "instance": "Mastodon.Example"}, "mastodon:mastodon.example:@grim"),
        ({"handle": "n/a", "content_url": "https://x.com/grimwald_nm/status/2039795000849987288"}, "x:x:@grimwald_nm"),
        ({"account_id": "1844664232967103008"}, "x:x:1844664232967103008"),
        ({"platform": "Town Forum", "handle": "Moor Lad", "account_url": "https://forum.example/u/7"},
         "townforum:forum.example:forum.example/u/7"),
        ({"platform": "Discord", "handle": "moorlandpete"}, "discord:discord:@moorlandpete"),
    ],
)  # fmt: skip
def test_keys(changes: dict[str, str], account_id: str) -> None:
    found = account(**changes)
    assert found is not None
    assert found.account_id == account_id


def test_an_email_account_is_only_a_digest() -> None:
    rows = rows_of(row(platform="email", handle="Pete.Moor+x@mailbox.example", display_name="Pete"))
    (found,) = only(Account, rows)
    digest = KEYRING.email("petemoor@mailbox.example")
    assert (found.account_id, found.id_kind, found.handle) == (f"email:email:{digest}", IdKind.HASHED, None)
    assert (SignalKind.EMAIL_HMAC, digest) in [(s.kind, s.value) for s in only(Sighting, rows)]
    assert "mailbox" not in repr(rows)


@pytest.mark.parametrize("platform", ["X", "", "email"])
def test_an_address_in_the_place_of_a_handle_is_an_email_account(platform: str) -> None:
    found = account(platform=platform, handle="grimwald77@mailbox.example")
    assert found is not None
    assert found.platform == "email"


def test_a_phone_account_is_only_a_digest() -> None:
    rows = rows_of(row(platform="WhatsApp", handle="07700 900456"))
    (found,) = only(Account, rows)
    assert found.account_id == f"whatsapp:whatsapp:{KEYRING.phone('+447700900456')}"
    assert "900456" not in repr(rows)


def test_contact_columns_become_digests() -> None:
    rows = rows_of(
        row(email="a@mailbox.example; b@mailbox.example", phone="+447700900456", ip="203.0.113.9 10.0.0.1", bio="hi",
            location="Northmoor", profile_links="https://grimwald.example/x", created_at="2020-01-02")
    )  # fmt: skip
    kinds = [sighting.kind for sighting in only(Sighting, rows)]
    assert kinds.count(SignalKind.EMAIL_HMAC) == 2
    assert {SignalKind.PHONE_HMAC, SignalKind.IP_HMAC, SignalKind.BIO, SignalKind.LINK} <= set(kinds)
    assert only(Account, rows)[0].created_at_precision is Precision.DAY
    assert not any(secret in repr(rows) for secret in ("mailbox.example", "900456", "203.0.113"))


def test_words_and_addresses_lose_their_contact_values() -> None:
    secret = "pete.moor@mailbox.example"
    rows = rows_of(
        row(
            content_text=f"write to {secret}",
            content_url=f"https://forum.example/post/7?from={secret}",
            notes=f"from {secret}",
            category=f"threat from {secret}",
            action=f"banned {secret}",
            target=f"Asha Verma {secret}",
            bio=f"me: {secret}",
            display_name=secret,
            report_id=secret,
        )
    )
    assert "[email]" in repr(rows)
    assert "mailbox" not in repr(rows)


def test_a_handle_keeps_the_case_in_which_it_is_shown() -> None:
    found = account(account_url="https://x.com/grimwald_nm")
    assert found is not None
    assert (found.account_id, found.handle) == ("x:x:@grimwald_nm", "Grimwald_NM")


def test_a_rounded_id_is_never_a_key() -> None:
    with pytest.raises(RejectedRecord, match="rounded number"):
        rows_of(row(handle="", account_id="1.01421E+18", content_text="words"))
    with pytest.raises(RejectedRecord, match="rounded number"):
        rows_of(row(handle="1.01421E+18"))
    found = account(account_id="1.01421E+18")
    assert found is not None
    assert found.account_id == "x:x:@grimwald_nm"


@pytest.mark.parametrize("number", [1.01421e18, 12345.0])
def test_a_typed_number_with_a_fraction_is_rounded_too(number: float) -> None:
    frame = pl.DataFrame({"platform": ["X"], "account_id": [number], "report_id": ["1"]})
    stream = io.BytesIO()
    frame.write_parquet(stream)
    stream.seek(0)
    with pytest.raises(RejectedRecord, match="rounded number"):
        read(stream, Layout("parquet", "report"))


def test_parquet_keeps_its_types() -> None:
    at = datetime(2026, 4, 2, 21, 5, tzinfo=UTC)
    frame = pl.DataFrame({"platform": ["X"], "handle": ["grim"], "reported_at": [at], "report_id": [7]})
    stream = io.BytesIO()
    frame.write_parquet(stream)
    stream.seek(0)
    (report,) = only(Report, read(stream, Layout("parquet", "report")))
    assert report.reported_at == at
    assert report.report_id.startswith("generic:7:")


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("02/04/2026 22:05", "2026-04-02T21:05:00+00:00"),
        ("2026-04-02T21:10:00+01:00", "2026-04-02T20:10:00+00:00"),
        ("2 April 2026", "2026-04-01T23:00:00+00:00"),
        ("2026-01-15", "2026-01-15T00:00:00+00:00"),
        ("1775160300", "2026-04-02T20:05:00+00:00"),
    ],
)
def test_dates_as_people_write_them(written: str, expected: str) -> None:
    (report,) = only(Report, rows_of(row(reported_at=written)))
    assert report.reported_at.isoformat() == expected


@pytest.mark.parametrize("column", ["reported_at", "content_at", "action_at", "created_at"])
def test_a_date_that_is_none_is_rejected_by_column(column: str) -> None:
    with pytest.raises(RejectedRecord, match=column) as caught:
        rows_of(row(**{column: "last Tuesday", "action": "banned"}))
    assert "Tuesday" not in str(caught.value)


def test_a_day_is_an_interval() -> None:
    (found,) = only(Enforcement, rows_of(row(action="Suspended for 7 days", action_at="22/04/2026")))
    assert found.action is Action.ACCOUNT_SUSPENDED_TEMP
    assert 86_399 < (found.at_latest - found.at_earliest).total_seconds() <= 86_400


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ("removed by group admin", (Action.CONTENT_REMOVED, Scope.COMMUNITY)),
        ("banned", (Action.ACCOUNT_SUSPENDED_PERM, Scope.PLATFORM)),
        ("reported to police", (Action.REFERRED_LE, Scope.PLATFORM)),
        ("no violation", None),
        ("rang the printers", None),
        ("", None),
    ],
)
def test_actions_in_free_text(action: str, expected: tuple[Action, Scope] | None) -> None:
    rows = rows_of(row(action=action, content_url="https://x.com/grimwald_nm/status/2039795000849987288"))
    found = [(one.action, one.scope) for one in only(Enforcement, rows)]
    assert found == ([expected] if expected else [])
    assert only(Report, rows)[0].status_raw == (action or None)


def test_a_category_is_a_leaf_or_an_allegation() -> None:
    for given_, leaf, specificity, gate in (
        ("violence.threat", "violence.threat", Specificity.EXACT, Gate.ILLEGAL),
        ("death threat", "violence.threat", Specificity.NONE, Gate.TERMS),
        ("biased", "debate.robust_criticism", Specificity.NONE, Gate.DEBATE),
        ("", "meta.other", Specificity.NONE, Gate.DEBATE),
    ):
        (report,) = only(Report, rows_of(row(category=given_)))
        assert (report.category_reported, report.specificity, report.gate) == (leaf, specificity, gate)


def test_no_words_are_kept_of_child_abuse() -> None:
    rows = rows_of(row(category="other.csea", content_text="never", notes="never either"))
    assert [content.text for content in only(Content, rows)] == [None]
    assert [report.text for report in only(Report, rows)] == [None]


def test_targets_reporters_and_claims() -> None:
    rows = rows_of(
        row(target="Asha Verma; @AshaForNorthmoor", reporter_ref="vol-07", notes="same person as grimwald77 on Bluesky")
    )
    assert {target.target_id for target in only(Target, rows)} == {"name:asha verma", "x:x:ashafornorthmoor"}
    assert "vol-07" not in repr(rows)
    (claim,) = only(LinkClaim, rows)
    assert (claim.claimed_handle, claim.claimed_platform) == ("grimwald77", "bluesky")


def test_one_number_of_two_offices_is_two_reports_and_a_row_again_is_one() -> None:
    here, there = (only(Report, rows_of(row(report_id="1", handle=name)))[0] for name in ("one", "other"))
    again = only(Report, rows_of(row(report_id="1", handle="one", action="banned")))[0]
    assert here.report_id == again.report_id != there.report_id
    unnumbered = [only(Report, rows_of(row(notes=words)))[0].report_id for words in ("a", "a", "b")]
    assert unnumbered[0] == unnumbered[1] != unnumbered[2]


def test_posts_on_x_meet_other_sources_by_their_number() -> None:
    (content,) = only(
        Content, rows_of(row(content_url="https://twitter.com/a/status/2039795000849987288?s=20", content_at=""))
    )
    assert content.content_id == "x:2039795000849987288"
    assert content.created_at is not None


def test_a_row_that_names_nothing_is_rejected() -> None:
    with pytest.raises(RejectedRecord, match="no account"):
        rows_of(row(handle="unknown"))
    with pytest.raises(RejectedRecord, match="platform"):
        rows_of(row(platform=""))
    with pytest.raises(RejectedRecord, match="server"):
        rows_of(row(platform="Mastodon", handle="grim"))


def test_hostile_cells_are_just_text() -> None:
    formula = '=HYPERLINK("https://evil.example","click")'
    rows = rows_of(row(display_name=formula, content_text=f"+1 {formula}", notes="@SUM(1)"))
    assert only(Account, rows)[0].display_name == formula


def test_other_peoples_headers() -> None:
    names = names_of(("Ref", "Date reported", "Network", "User name", "Reason", "Post URL", "Mood"), TableMapping())
    assert set(names.values()) == {"report_id", "reported_at", "platform", "handle", "category", "content_url"}
    both = names_of(("Account", "handle"), TableMapping())
    assert both == {"handle": "handle"}


def test_every_alias_belongs_to_one_column() -> None:
    aliases = [alias for ours, names in COLUMNS.items() for alias in (ours, *names)]
    assert len(aliases) == len(set(aliases))


def test_recognises_tables_of_reports_only() -> None:
    for head in (
        Head("a", "csv", columns=("report_id", "platform", "handle")),
        Head("a", "csv", columns=("Network", "Username", "Reason")),
        Head("a", "ndjson", first={"report_id": "1", "platform": "x", "handle": "a"}),
        Head("a", "parquet", columns=("account_url", "category")),
    ):
        assert isinstance(ADAPTER.recognise(head), Layout), head
    for head, why in (
        (Head("a", "csv", columns=("id", "body", "author", "author_fullname")), "who is reported"),
        (Head("a", "csv", columns=("did", "handle", "email", "ip", "text")), "that it is a report"),
        (Head("a", "ndjson", first={"id": "1", "category": "spam", "account": {}, "target_account": {}}), "who"),
        (Head("a", "json_object", top_keys=("reports",)), "not a table"),
        (Head("a", "unknown"), "not a table"),
    ):
        refused = ADAPTER.recognise(head)
        assert isinstance(refused, Refusal), head
        assert why in refused.why


def mapping_file(folder: Path, text: str) -> Options:
    path = folder / "office.toml"
    path.write_text(text, "utf-8")
    return Options(mapping=path)


def test_a_mapping_names_columns_defaults_and_dates(tmp_path: Path) -> None:
    options = mapping_file(
        tmp_path,
        '[columns]\nhandle = "Who"\nreported_at = "When"\n[defaults]\nplatform = "twitter"\n'
        '[dates]\ndayfirst = false\nzone = "UTC"\n',
    )
    adapter = GenericAdapter(options)
    assert isinstance(adapter.recognise(Head("a", "csv", columns=("Who", "When", "handle"))), Layout)
    assert isinstance(adapter.recognise(Head("a", "csv", columns=("When", "handle"))), Refusal)
    rows = rows_of({"Who": "grim", "When": "04/02/2026", "handle": "not this"}, adapter=adapter)
    assert only(Account, rows)[0].account_id == "x:x:@grim"
    assert only(Report, rows)[0].reported_at.isoformat() == "2026-04-02T00:00:00+00:00"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[columns", "no TOML"),
        ("[colums]\n", "colums"),
        ('[columns]\nuser = "Who"\n', "user"),
        ("[columns]\nhandle = 3\n", "handle"),
        ("columns = 3\n", "columns"),
        ('[dates]\nzone = "Northmoor/Moor"\n', "zone"),
        ('[dates]\ndayfirst = "yes"\n', "dayfirst"),
    ],
)
def test_a_broken_mapping_is_a_setting_to_mend(tmp_path: Path, text: str, why: str) -> None:
    with pytest.raises(ConfigError, match=why):
        GenericAdapter(mapping_file(tmp_path, text))


def test_a_missing_mapping_is_a_setting_to_mend(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="can't be opened"):
        GenericAdapter(Options(mapping=tmp_path / "none.toml"))


def test_json_lines_read_like_csv() -> None:
    stream = io.BytesIO(json.dumps(row(profile_links=["https://grimwald.example/x"])).encode())
    rows = read(stream, Layout("ndjson", "report"))
    assert only(Account, rows)[0].account_id == "x:x:@grimwald_nm"


CELL = st.one_of(
    st.text(max_size=40),
    st.sampled_from(
        ["1.2E+18", "n/a", "=1+1", "https://x.com/a/status/1", "a@b.example", "@a@b.example", "31/02/2026"]
    ),
    st.integers(),
    st.floats(),
    st.none(),
    st.booleans(),
    st.lists(st.text(max_size=5), max_size=2),
    st.datetimes(),
)


@settings(deadline=None, max_examples=250)
@given(st.dictionaries(st.sampled_from(sorted(COLUMNS)), CELL, max_size=8))
def test_any_cells_give_rows_or_a_rejection(cells: dict[str, Any]) -> None:
    with suppress(RejectedRecord):
        list(ADAPTER.normalise(RawRecord(1, {**row(), **cells}), CONTEXT))


def test_a_phone_number_in_the_address_of_a_message_stays_nowhere_and_merges_no_messages() -> None:
    rows = rows_of(
        row(platform="WhatsApp", handle="", content_url="https://wa.me/447700900123", content_text="a"),
        row(platform="WhatsApp", handle="", content_url="https://wa.me/447700900456", content_text="b"),
    )
    assert len({content.content_id for content in only(Content, rows)}) == 2
    assert not any(number in repr(rows) for number in ("900123", "900456"))
