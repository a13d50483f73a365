"""The fictional Northmoor by-election of the formats reference, end to end, against its truth.

The samples are no part of this repository; where they are absent the tests skip.
"""

from __future__ import annotations

import csv
import json
from collections import Counter
from pathlib import Path

import polars as pl
import pytest

from graphmatch.frames import frame as table_of
from graphmatch.intake import IngestResult
from graphmatch.link import link
from graphmatch.model import Target
from graphmatch.pipeline import Line
from graphmatch.settings import load
from graphmatch.store import open_store
from graphmatch.workspace import create

FORMATS = Path(__file__).parents[1].parent / "shared" / "formats"
pytestmark = pytest.mark.skipif(not FORMATS.is_dir(), reason="the formats reference (../shared/formats) is not here")

#: The files that the reference normaliser read, of the five adapters.
CANONICAL_FILES = (
    "mastodon/sample.json",
    "mastodon/sample_before_suspension.json",
    "mastodon/account_warnings.json",
    "bluesky/sample.json",
    "bluesky/query_events.json",
    "bluesky/query_statuses.json",
    "reddit/sample.json",
    "reddit/modlog.json",
    "generic_csv/sample.csv",
    "harassment_manager/sample.csv",
)
SOURCES = {
    "mastodon": "mastodon",
    "bluesky": "bluesky",
    "reddit": "reddit",
    "generic": "generic_csv",
    "harassment_manager": "harassment_manager",
}
#: The candidate's own accounts: targets of the abuse.
CANDIDATE = (("mastodon", "social.northmoor.example", "ashaverma"), ("x", "x", "ashafornorthmoor"))
TRUTH_COLUMNS = ("platform", "instance", "platform_account_id")


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory):
    """The canonical files, and the rest of the five adapters' samples, through the whole line."""
    workspace = create(tmp_path_factory.mktemp("northmoor"))
    with open_store(workspace.store_url) as store:
        line = Line(workspace, load(workspace.config), store)
        result = line.ingest([str(FORMATS / name) for name in CANONICAL_FILES])
        line.after_ingest()
        yield line, result


def canonical(table: str) -> list[dict]:
    return [json.loads(row) for row in (FORMATS / "canonical" / f"{table}.ndjson").read_text("utf-8").splitlines()]


def truth(line: Line | None = None) -> dict[str, str]:
    """Account id → person, as the adapters key accounts: a handle or a digest alone where the source gives no id."""
    people = dict.fromkeys(_candidate_accounts(), "T1")
    with (FORMATS / "ground_truth.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            people[":".join(row[name] for name in TRUTH_COLUMNS)] = row["person_key"]
            if row["handle"]:
                people[f"{row['platform']}:{row['platform']}:@{row['handle'].lower()}"] = row["person_key"]
            if line and row["platform"] == "email":
                digest = line.workspace.keyring().email(row["platform_account_id"])
                people[f"email:email:{digest}"] = row["person_key"]
    return people


def _candidate_accounts() -> set[str]:
    handles = {handle for _, _, handle in CANDIDATE}
    return {row["account"] for row in canonical("accounts") if (row["handle"] or "").lower() in handles}


def test_every_file_is_read_whole(read: tuple[Line, IngestResult]) -> None:
    _, result = read
    assert len(result.files) == len(CANONICAL_FILES)
    assert result.quarantined == 0
    assert not result.incomplete


@pytest.mark.parametrize("source", SOURCES)
def test_as_many_reports_as_the_reference(read: tuple[Line, IngestResult], source: str) -> None:
    line, _ = read
    expected = sum(row["platform"] == SOURCES[source] for row in canonical("reports"))
    assert line.store.read("reports").filter(source=source).height == expected


@pytest.mark.parametrize("platform", ["mastodon", "bluesky", "reddit"])
def test_as_many_enforcements_as_the_reference(read: tuple[Line, IngestResult], platform: str) -> None:
    line, _ = read
    found = line.store.read("enforcements").filter(platform=platform)
    expected = [row for row in canonical("actions") if row["platform"] == platform]
    assert Counter(found["action"]) == Counter(row["action"] for row in expected)


@pytest.mark.parametrize("platform", ["mastodon", "bluesky", "reddit"])
def test_the_same_contents_as_the_reference(read: tuple[Line, IngestResult], platform: str) -> None:
    line, _ = read
    found = set(line.store.read("contents").filter(platform=platform)["content_id"])
    assert found == {row["content"] for row in canonical("contents") if row["content"].startswith(platform + ":")}


def test_the_same_accounts_but_no_reporter(read: tuple[Line, IngestResult]) -> None:
    """The reference also keeps the three Mastodon accounts that only reported; here reporters are digests."""
    line, _ = read
    reporters = {row["handle"] for row in canonical("accounts")} & {
        "volunteer_ed",
        "ashaverma",
        "hal_peverell",
    }
    expected = {
        row["account"]
        for row in canonical("accounts")
        if row["platform"] in ("mastodon", "bluesky", "reddit") and row["handle"] not in reporters
    }
    accounts = line.store.read("accounts")
    assert set(accounts.filter(pl.col("platform").is_in(["mastodon", "bluesky", "reddit"]))["account_id"]) == expected
    assert len(reporters) == 3


def test_a_suspended_profile_keeps_what_was_known_before(read: tuple[Line, IngestResult]) -> None:
    line, _ = read
    account = line.store.read("accounts").row(
        by_predicate=pl.col("account_id") == "mastodon:social.northmoor.example:114094772542729759",
        named=True,
    )
    assert account["display_name"] == "Grim Wald"
    assert account["state"] == "suspended"


def test_the_abuser_moved_and_the_lawful_critic_did_not(read: tuple[Line, IngestResult]) -> None:
    line, _ = read
    people = truth(line)
    moves = line.store.read("migrations")
    moved = {
        (people.get(row["origin_account_id"]), people.get(row["destination_account_id"]), row["kind"])
        for row in moves.iter_rows(named=True)
    }
    assert ("P1", "P1", "displaced") in moved
    assert all(origin == destination for origin, destination, _ in moved)
    assert not any("P3" in pair for pair in moved)


def test_no_actor_mixes_people(read: tuple[Line, IngestResult]) -> None:
    line, _ = read
    people = truth(line)
    for members in line.store.read("actors")["account_ids"]:
        assert len({people.get(member, member) for member in members}) == 1


@pytest.fixture(scope="module")
def linked() -> list[tuple[str, str, float]]:
    """Every account of the scenario on every platform, linked by handle, name, bio and links alone."""
    rows = canonical("accounts")
    accounts = pl.DataFrame(
        [
            {
                "account_id": row["account"],
                "platform": row["platform"],
                "handle": row["handle"],
                "display_name": row["display_name"],
                "bio": row["bio"],
                "url": (row["profile_links"] or [None])[0],
                "created_at": row["created_at"],
            }
            for row in rows
        ],
        infer_schema_length=None,
    )
    targets = table_of("targets", [Target(f"{p}:{i}:{h}", p, h, "Asha Verma") for p, i, h in CANDIDATE])
    matches = link(accounts, targets=targets).matches
    people = truth()
    return [
        (people.get(left, left), people.get(right, right), probability)
        for left, right, probability, story in matches.select("left", "right", "match_probability", "story").iter_rows()
        if story == "same_operator"
    ]


def test_the_decoy_brewery_is_not_the_abuser(linked: list[tuple[str, str, float]]) -> None:
    assert not [p for a, b, p in linked if {a, b} == {"P1", "P5"} and p >= 0.5]


def test_the_impersonator_is_not_the_candidate(linked: list[tuple[str, str, float]]) -> None:
    assert not [p for a, b, p in linked if {a, b} == {"P6", "T1"} and p >= 0.5]


def test_the_abuser_is_found_on_other_platforms(linked: list[tuple[str, str, float]]) -> None:
    assert len([p for a, b, p in linked if a == b == "P1" and p >= 0.9]) >= 10


def test_no_two_people_are_matched(linked: list[tuple[str, str, float]]) -> None:
    assert not [(a, b, p) for a, b, p in linked if a != b and p >= 0.9]
