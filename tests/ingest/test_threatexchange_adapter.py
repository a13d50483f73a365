"""ThreatExchange: indicators are traits of accounts, opinions can clear them, and tombstones take them back."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from golden import as_lines, rows_and_reasons

from graphmatch.adapter import Context, Layout, Options, RawRecord, Refusal
from graphmatch.errors import RejectedRecord
from graphmatch.intake.head import heads
from graphmatch.model import Account, IdKind, Report, ReportStatus, Row, Sighting, SignalKind, SourceKind
from graphmatch.normalise.contacts import Keyring
from ingest.threatexchange.adapter import ThreatExchangeAdapter

SHARED = Path(__file__).parents[3] / "shared" / "formats" / "threatexchange"
ADAPTER = ThreatExchangeAdapter(Options())
AT = 1777000000
WHEN = datetime.fromtimestamp(AT, UTC)
HASH = "f8f8f0cee0f4a84f06370a22038f63f0b36e2ed596621e1d33e6b39c4e9c9b22"


def descriptor(kind: str, value: str, *tags: str, **values: Any) -> dict[str, Any]:
    return {
        "id": "4100",
        "raw_indicator": value,
        "indicator": {"id": "3100", "indicator": value, "type": kind},
        "type": kind,
        "owner": {"id": "494", "name": "Northmoor desk", "email": "desk@exchange.example"},
        "status": "MALICIOUS",
        "share_level": "AMBER",
        "added_on": "2026-04-22T13:00:00+0000",
        "last_updated": "2026-04-22T14:00:00+0000",
        "tags": {"data": [{"id": "1", "text": tag} for tag in tags]},
        **values,
    }


def update(kind: str, value: str, *told: dict[str, Any], delete: bool = False) -> dict[str, Any]:
    found = {"id": "3100", "indicator": value, "type": kind, "last_updated": AT, "should_delete": delete}
    return {**found, "descriptors": {"data": list(told)}} if told else found


def opinion(**values: Any) -> dict[str, Any]:
    return {"id": "4100", "status": "MALICIOUS", "owner": {"id": "494"}, "tags": [], **values}


def rows_in(data: bytes) -> tuple[list[Row], list[str]]:
    return rows_and_reasons(ADAPTER, data)


def read(*records: dict[str, Any]) -> tuple[list[Row], list[str]]:
    return rows_in(json.dumps({"data": records, "paging": {"cursors": {}}}).encode())


def rows_of(*records: dict[str, Any]) -> list[Row]:
    return read(*records)[0]


def only(kind: type, rows: Iterable[Row]) -> list[Any]:
    return [row for row in rows if type(row) is kind]


def test_every_shared_sample_is_read_and_nothing_is_quarantined() -> None:
    if not SHARED.exists():
        pytest.skip("needs the format samples in ../shared/formats")
    found = {path.name: rows_in(path.read_bytes()) for path in SHARED.iterdir()}
    for rows, why in found.values():
        assert set(why) == {"LeftOut: a handle of which no tag says on which platform it is"}
        assert "mailbox" not in as_lines(rows)
    pages, updates = found["sample.json"][0], found["threat_updates.json"][0]
    assert len(only(Report, pages)) == 2
    assert len(only(Report, updates)) == 1
    # The update takes the very trait back that the page told.
    told = {(row.account_id, row.value) for row in only(Sighting, pages) if row.kind is SignalKind.EMAIL_HMAC}
    gone = {(row.account_id, row.value) for row in only(Sighting, updates) if row.withdrawn_at}
    assert told == gone
    assert len(told) == 1


@pytest.mark.parametrize(
    ("kind", "value", "signal", "shown"),
    [
        ("EMAIL_ADDRESS", "Grim.Wald+x@mailbox.example", SignalKind.EMAIL_HMAC, "mailbox"),
        ("IP_ADDRESS", "203.0.113.77", SignalKind.IP_HMAC, "203.0"),
        ("TELEPHONE", "+44 7700 900321", SignalKind.PHONE_HMAC, "900321"),
        ("URI", "https://grimwald.example/about", SignalKind.LINK, None),
        ("DOMAIN", "grimwald.example", SignalKind.LINK, None),
    ],
)
def test_a_trait_is_that_of_an_account_of_which_nothing_else_is_known(
    kind: str, value: str, signal: SignalKind, shown: str | None
) -> None:
    rows = rows_of(descriptor(kind, value, "violent_threat"))
    (account,) = only(Account, rows)
    assert account.id_kind is IdKind.HASHED
    assert (account.handle, account.display_name) == (None, None)
    assert [row.kind for row in only(Sighting, rows)] == [signal]
    (report,) = only(Report, rows)
    assert (report.account_id, report.category_reported) == (account.account_id, "violence.threat")
    assert shown is None or shown not in as_lines(rows)
    # Who tells of it, and in which of the two shapes, makes no other account.
    again = only(Account, rows_of(update(kind, value, opinion(id="4200"))))
    assert {row.account_id for row in again} == {account.account_id}


def test_an_allegation_names_its_member_by_a_pseudonym() -> None:
    (report,) = only(Report, rows_of(descriptor("DOMAIN", "grimwald.example", description="ring 01632 960123")))
    assert (report.report_id, report.source_kind) == ("threatexchange:4100", SourceKind.INTAKE)
    assert (report.reported_at, report.observed_at) == tuple(
        datetime(2026, 4, 22, hour, tzinfo=UTC) for hour in (13, 14)
    )
    assert (report.text, report.status, report.status_raw) == ("ring [phone]", None, "MALICIOUS")
    assert report.reporter_ref == Keyring(b"\x01" * 32).reporter("threatexchange", "494")
    assert "desk" not in as_lines([report])


@pytest.mark.parametrize(
    ("value", "tags", "ids"),
    [
        ("GrimWald_NM", ("twitter", "username"), ["x:x:@grimwald_nm"]),
        ("@grim", ("X",), ["x:x:@grim"]),
        ("grim", ("platform:instagram", "handle"), ["instagram:instagram:@grim"]),
        ("grim.test", ("bluesky_handle",), ["bluesky:bsky:@grim.test"]),
        ("grim", ("tiktok", "instagram", "username"), ["tiktok:tiktok:@grim", "instagram:instagram:@grim"]),
        ("grim", ("username", "violent_threat"), []),
        ("grim", ("twitter",), []),
        ("grim and others", ("twitter", "username"), []),
        ("you will see", ("twitter", "media_type_text"), []),
        ("grim", ("mastodon", "username"), []),
    ],
)
def test_a_text_is_a_handle_only_where_tags_say_so_and_where(value: str, tags: tuple[str, ...], ids: list[str]) -> None:
    rows, why = read(descriptor("TEXT_STRING", value, *tags))
    assert [row.account_id for row in only(Account, rows)] == ids
    assert {row.id_kind for row in only(Account, rows)} <= {IdKind.HANDLE_ONLY}
    assert len({row.report_id for row in only(Report, rows)}) == len(ids)
    assert all(each.startswith("LeftOut") for each in why)


def test_a_profiles_address_is_its_account() -> None:
    rows = rows_of(descriptor("URI", "https://twitter.com/GrimWald_NM?s=20"))
    assert [row.account_id for row in only(Account, rows)] == ["x:x:@grimwald_nm"]
    for value in ("https://bit.ly/3xyz", "https://x.com/grim/status/2037635773004852552", "https://facebook.com/"):
        assert read(descriptor("URI", value))[1] == ["LeftOut: an address that says nothing about whose it is"]


@pytest.mark.parametrize("values", [{"status": "NON_MALICIOUS"}, {"tags": ["whitelist_domain"]}])
def test_what_is_cleared_is_a_dismissed_report_and_no_trait(values: dict[str, Any]) -> None:
    (before,) = only(Report, rows_of(descriptor("DOMAIN", "brewery.example")))
    rows = rows_of(descriptor("DOMAIN", "brewery.example", description="unrelated", **values))
    assert only(Sighting, rows) == []
    (report,) = only(Report, rows)
    assert (report.report_id, report.status) == (before.report_id, ReportStatus.DISMISSED)


def test_a_tombstone_withdraws_the_trait_and_what_was_said() -> None:
    rows = rows_of(update("EMAIL_ADDRESS", "grim@mailbox.example", delete=True))
    assert {row.withdrawn_at for row in only(Sighting, rows)} == {WHEN}
    assert only(Report, rows) == []
    rows = rows_of(update("TEXT_STRING", "grim", opinion(tags=["twitter", "username"]), delete=True))
    assert [(row.value, row.withdrawn_at) for row in only(Sighting, rows)] == [("grim", WHEN)]
    assert [(row.report_id, row.status) for row in only(Report, rows)] == [
        ("threatexchange:4100", ReportStatus.DISMISSED)
    ]
    assert only(Account, rows)[0].handle is None
    assert read(update("TEXT_STRING", "grim", delete=True))[1][0].startswith("LeftOut")


def test_an_update_in_which_everybody_clears_an_indicator_withdraws_it() -> None:
    cleared = opinion(status="NON_MALICIOUS")
    rows = rows_of(update("DOMAIN", "brewery.example", cleared, {**cleared, "id": "4200"}))
    assert {row.withdrawn_at for row in only(Sighting, rows)} == {WHEN}
    assert {row.status for row in only(Report, rows)} == {ReportStatus.DISMISSED}
    rows = rows_of(update("DOMAIN", "brewery.example", cleared, opinion(id="4200")))
    assert {row.withdrawn_at for row in only(Sighting, rows)} == {None}
    assert [row.status for row in only(Report, rows)] == [ReportStatus.DISMISSED, None]


def test_an_expired_descriptor_holds_no_longer_and_one_that_will_expire_holds() -> None:
    gone = rows_of(descriptor("DOMAIN", "grimwald.example", expired_on="2026-04-22T13:30:00+0000"))
    assert [row.withdrawn_at for row in only(Sighting, gone)] == [datetime(2026, 4, 22, 13, 30, tzinfo=UTC)]
    assert [row.status for row in only(Report, gone)] == [ReportStatus.RESOLVED]
    rows = rows_of(descriptor("DOMAIN", "grimwald.example", expired_on="2027-04-22T13:30:00+0000"))
    assert [row.withdrawn_at for row in only(Sighting, rows)] == [None]


def test_a_hash_is_an_avatars_only_where_an_account_is_named() -> None:
    named = "avatar of @grimwald_77@social.northmoor.example"
    rows = rows_of(descriptor("HASH_PDQ", HASH, "avatar", description=named))
    assert [row.account_id for row in only(Account, rows)] == ["mastodon:social.northmoor.example:@grimwald_77"]
    assert (SignalKind.AVATAR_HASH, HASH) in {(row.kind, row.value) for row in only(Sighting, rows)}
    both = f"{named} and @moorlad@dales.example"
    for tags, words in (((), named), (("avatar",), "avatar of somebody"), (("avatar",), None), (("avatar",), both)):
        assert read(descriptor("HASH_PDQ", HASH, *tags, description=words))[1][0].startswith("LeftOut")


@pytest.mark.parametrize(
    ("tags", "words"),
    [(("csam",), None), (("media_type_photo", "ncmec_a1"), None), (("minor-safety",), None), ((), "known csam file")],
)
def test_nothing_of_child_safety_is_kept(tags: tuple[str, ...], words: str | None) -> None:
    named = f"{words or ''} @grimwald_77@social.northmoor.example"
    for kind, value in (("HASH_PDQ", HASH), ("EMAIL_ADDRESS", "grim@mailbox.example"), ("TEXT_STRING", "grim")):
        rows, why = read(descriptor(kind, value, "avatar", "twitter", "username", *tags, description=named))
        assert rows == []
        assert why == ["LeftOut: child-safety material, of which nothing is kept"]


@pytest.mark.parametrize(
    ("tags", "leaf"),
    [
        (("ban_evasion",), "deception.ban_evasion"),
        (("doxxing", "spam"), "intimidation.doxxing"),
        (("fake_account",), "deception.fake_account"),
        (("terrorism",), "violence.extremism_terrorism"),
        (("election_northmoor",), "meta.other"),
        ((), "meta.other"),
    ],
)
def test_tags_say_what_is_alleged(tags: tuple[str, ...], leaf: str) -> None:
    (report,) = only(Report, rows_of(descriptor("DOMAIN", "grimwald.example", *tags)))
    assert report.category_reported == leaf


def test_who_was_harmed_and_machines_are_left_out() -> None:
    found = [
        descriptor("EMAIL_ADDRESS", "victim@mailbox.example", "ht_victim"),
        descriptor("USER_AGENT", "x"),
        descriptor("IP_SUBNET", "203.0.113.0/24"),
        update("DOMAIN", "grimwald.example"),
    ]
    rows, why = read(*found)
    assert rows == []
    assert len(why) == 4
    assert all(each.startswith("LeftOut") for each in why)


@pytest.mark.parametrize(
    ("kind", "value"), [("EMAIL_ADDRESS", "grimwald"), ("IP_ADDRESS", "grimwald"), ("URI", "grim wald")]
)
def test_what_is_not_of_its_type_is_rejected_without_its_value(kind: str, value: str) -> None:
    rows, (why,) = read(descriptor(kind, value))
    assert rows == []
    assert why.startswith("RejectedRecord")
    assert "grim" not in why


ONE = descriptor("DOMAIN", "grimwald.example", "spam")
TWO = descriptor("DOMAIN", "moorlad.example", "spam", id="4200")


@pytest.mark.parametrize(
    "text",
    [
        json.dumps({"data": [ONE, TWO], "paging": {}}),
        json.dumps({"data": [ONE, TWO], "paging": {}}, indent=2),
        json.dumps([{"data": [ONE]}, {"data": [TWO]}]),
        json.dumps([ONE, TWO]),
        "\n".join(json.dumps({"data": [each]}) for each in (ONE, TWO)),
        "\n".join(json.dumps(each) for each in (ONE, TWO)),
        json.dumps({"data": [{**each, "tags": ["spam"], "indicator": "x"} for each in (ONE, TWO)]}),
        json.dumps(
            {"data": [update(each["type"], each["raw_indicator"], opinion(id=each["id"])) for each in (ONE, TWO)]}
        ),
    ],
)
def test_one_content_in_many_shapes(text: str) -> None:
    rows, why = rows_in(text.encode())
    assert why == []
    assert {row.report_id for row in only(Report, rows)} == {"threatexchange:4100", "threatexchange:4200"}


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ('{"data": [], "paging": {"cursors": {}}}', True),
        ('{"data": [{"id": "1", "text": "spam", "type": "tag"}]}', True),
        ('{"data": [{"id": "1", "text": "hello", "author_id": "2"}], "includes": {"users": []}}', False),
        ('{"kind": "Listing", "data": {"children": []}}', False),
        ('{"data": {"id": "1"}}', False),
        ('[{"id": "x", "indicator": 1}]', False),
    ],
)
def test_what_is_no_page_of_indicators_is_refused(text: str, known: bool) -> None:
    refusals = [ADAPTER.recognise(way) for way in heads(io.BytesIO(text.encode()), "descriptors.json")]
    assert all(isinstance(each, Refusal) for each in refusals)
    assert any(each.known for each in refusals if isinstance(each, Refusal)) is known


def test_a_record_of_another_shape_is_rejected() -> None:
    context = Context("threatexchange", "any.json", Layout("json_array", "descriptor"), Keyring(b"\x01" * 32))
    with pytest.raises(RejectedRecord, match="neither"):
        list(ADAPTER.normalise(RawRecord(1, {"x": 7}), context))
