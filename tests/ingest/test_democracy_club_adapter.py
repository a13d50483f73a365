"""Democracy Club: every account of a candidate is a target, one person over several rows, and no contact value."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from golden import KEYRING, folder_of, rows_of

from graphmatch import merge, tables
from graphmatch.adapter import Context, Head, Layout, Options, RawRecord, Refusal
from graphmatch.errors import RejectedRecord
from graphmatch.frames import frame
from graphmatch.model import Target
from ingest.democracy_club.adapter import DemocracyClubAdapter

SHARED = Path(__file__).parents[3] / "shared" / "formats" / "targets" / "democracy_club.csv"
ADAPTER = DemocracyClubAdapter(Options())
LAYOUT = Layout("csv", "candidacy")


def targets(**cells: Any) -> dict[str, Target]:
    row = {"person_id": "900001", "person_name": "Asha Verma", **cells}
    context = Context("democracy_club", "any.csv", LAYOUT, KEYRING)
    found = list(ADAPTER.normalise(RawRecord(2, row), context))
    assert all(isinstance(target, Target) for target in found)
    return {target.target_id: target for target in found if isinstance(target, Target)}


def accounts(**cells: Any) -> list[str]:
    return [target_id for target_id in targets(**cells) if not target_id.startswith("name:")]


def test_a_candidate_is_a_target_by_name() -> None:
    (target,) = targets(person_name="  Asha   VERMA ").values()
    assert (target.target_id, target.name, target.role) == ("name:asha verma", "Asha VERMA", "candidate")
    assert (target.registered_as, target.derivations) == ("democracy_club:900001", ("registry",))


@pytest.mark.parametrize(
    ("column", "cell", "account", "handle"),
    [
        ("twitter_username", "AshaForNorthmoor", "x:x:ashafornorthmoor", "AshaForNorthmoor"),
        ("twitter_username", "@AshaForNorthmoor", "x:x:ashafornorthmoor", "AshaForNorthmoor"),
        ("twitter_username", "https://twitter.com/Asha4N", "x:x:asha4n", "asha4n"),
        ("mastodon_username", "@Asha@s.example", "mastodon:s.example:asha", "asha"),
        ("mastodon_username", "https://s.example/@asha", "mastodon:s.example:asha", "asha"),
        ("blue_sky_url", "https://bsky.app/profile/asha.test", "bluesky:bsky:asha.test", "asha.test"),
        ("blue_sky_url", "@asha.bsky.social", "bluesky:bsky:asha.bsky.social", "asha.bsky.social"),
        ("blue_sky_url", "https://bsky.app/profile/did:plc:q2d2", "bluesky:bsky:did:plc:q2d2", None),
        ("facebook_page_url", "https://www.facebook.com/asha.verma/", "facebook:facebook:asha.verma", "asha.verma"),
        ("facebook_personal_url", "https://facebook.com/profile.php?id=1009", "facebook:facebook:1009", None),
        ("instagram_url", "https://www.instagram.com/Asha.V/?hl=en", "instagram:instagram:asha.v", "asha.v"),
        ("threads_url", "https://www.threads.com/@asha.v", "threads:threads:asha.v", "asha.v"),
        ("tiktok_url", "https://www.tiktok.com/@asha", "tiktok:tiktok:asha", "asha"),
        ("youtube_profile", "https://youtube.com/@AshaTube", "youtube:youtube:ashatube", "ashatube"),
        (
            "youtube_profile",
            "https://www.youtube.com/channel/UC1234567890123456789012",
            "youtube:youtube:UC1234567890123456789012",
            None,
        ),
        ("linkedin_url", "https://uk.linkedin.com/in/asha", None, None),
        ("linkedin_url", "https://www.linkedin.com/in/asha", "linkedin:linkedin:asha", "asha"),
        ("other_url", "https://t.me/ashaverma", "telegram:telegram:ashaverma", "ashaverma"),
        ("homepage_url", "https://asha.example", None, None),
        ("homepage_url", "https://www.facebook.com/groups/northmoor", None, None),
        ("other_url", "asha@campaign.example", None, None),
        ("mastodon_username", "asha@campaign.example", None, None),  # it may be an e-mail address
        ("twitter_username", "not on it", None, None),
        ("twitter_username", "n/a", None, None),
        ("twitter_username", "", None, None),
    ],
)
def test_a_column_names_an_account_or_none(column: str, cell: str, account: str | None, handle: str | None) -> None:
    found = targets(**{column: cell})
    del found["name:asha verma"]
    assert list(found) == ([account] if account else [])
    for target in found.values():
        assert (target.platform, target.handle) == ((account or "").partition(":")[0], handle)
        assert (target.registered_as, target.role) == ("democracy_club:900001", "candidate")
        assert target.name is None


def test_an_address_or_a_party_is_never_kept() -> None:
    found = targets(email="asha@campaign.example", party_name="Example Progress Party", twitter_username="asha")
    assert "campaign" not in repr(found)
    assert "Progress" not in repr(found)


def test_a_person_in_several_ballots_is_one_and_two_of_one_name_are_two() -> None:
    rows = rows_of(ADAPTER, folder_of(ADAPTER) / "sample.csv")
    made = merge.merge("targets", frame("targets", rows))
    assert tables.check("targets", made).bad.is_empty()
    registered = dict(made.select("target_id", "registered_as").iter_rows())
    assert registered["name:asha verma"] == "democracy_club:900001"
    assert registered["name:rhys delamere"] == "democracy_club:900002 democracy_club:900004"
    assert made.filter(made["target_id"] == "x:x:ashafornorthmoor").height == 1


def test_a_cancelled_poll_and_an_election_of_the_past_make_no_difference() -> None:
    cells = {"twitter_username": "asha"}
    assert targets(**cells, cancelled_poll="t", election_current="f") == targets(**cells)


@pytest.mark.parametrize(
    "cells", [{"person_id": None}, {"person_id": "9 1"}, {"person_name": " "}, {"person_name": 7.5}]
)
def test_whoever_has_no_number_or_no_name_is_rejected(cells: dict[str, Any]) -> None:
    with pytest.raises(RejectedRecord):
        targets(**cells)


def test_only_tables_of_candidates_are_recognised() -> None:
    core = ("person_id", "person_name", "ballot_paper_id")
    assert ADAPTER.recognise(Head("a.csv", "csv", columns=core)) == LAYOUT
    for columns in ((), ("person_id", "person_name"), ("person_name", "ballot_paper_id"), ("handle", "platform")):
        assert isinstance(ADAPTER.recognise(Head("a.csv", "csv", columns=columns)), Refusal)
    assert isinstance(ADAPTER.recognise(Head("a.json", "json_array", first=json.loads('{"person_id": 1}'))), Refusal)


@pytest.mark.skipif(not SHARED.exists(), reason="the format samples are not beside the repository")
def test_the_shared_sample_names_three_candidates() -> None:
    found = [row for row in rows_of(ADAPTER, SHARED) if isinstance(row, Target)]
    assert {target.name for target in found if target.name} == {"Asha Verma", "Rhys Delamere", "Bryony Okafor"}
    assert {target.target_id for target in found if target.registered_as == "democracy_club:900001"} == {
        "name:asha verma",
        "x:x:ashafornorthmoor",
        "mastodon:social.northmoor.example:ashaverma",
        "bluesky:bsky:asha4northmoor.test",
        "facebook:facebook:ashaverma.example",
    }
