"""The formats reference as a whole: one folder of every format, each file found by its content and read.

The samples are no part of this repository; where they are absent the tests skip.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import polars as pl
import pytest

from graphmatch.intake import IngestResult
from graphmatch.pipeline import Line
from graphmatch.settings import load
from graphmatch.store import open_store
from graphmatch.workspace import create

FORMATS = Path(__file__).parents[1].parent / "shared" / "formats"
pytestmark = pytest.mark.skipif(not FORMATS.is_dir(), reason="the formats reference (../shared/formats) is not here")

#: Tables that describe the formats, and what a throw-away normaliser made of them: no exports.
NO_EXPORTS = {
    "VALIDATION.txt", "action_map.csv", "category_map.csv", "freetext_rules.csv", "ground_truth.csv", "taxonomy.csv",
    "EVALUATION.txt", "accounts.ndjson", "actions.ndjson", "contents.ndjson", "link_claims.ndjson", "reports.ndjson",
}  # fmt: skip
#: Which adapter reads each folder, where it is not called like it.
ADAPTERS = {"generic_csv": "generic", "x_twitter": "x", "targets": None, "mastodon": None}
#: Where more or fewer reports come out than the reference has, and why.
REPORTS = {
    "bluesky": 8,  # +1 createReport, +1 report event; their ids are not those of the listed reports
    "lemmy": 7,  # +1 from the v4 list, which the reference did not read
    "mastodon": 5,  # +1 of the recorded answers, which repeat one report
}
REFERENCE_NAMES = {"clips": "coop", "generic_csv": "generic"}


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory):
    workspace = create(tmp_path_factory.mktemp("whole"))
    with open_store(workspace.store_url) as store:
        line = Line(workspace, load(workspace.config), store)
        yield line, line.ingest([str(FORMATS)])


def test_every_export_is_read_or_passed_over(read: tuple[Line, IngestResult]) -> None:
    _, result = read
    assert {file.name for file in result.failed} == NO_EXPORTS
    for file in result.files:
        folder = Path(file.where).relative_to(FORMATS).parts[0]
        expected = ADAPTERS.get(folder, folder)
        if file.adapter and expected:
            assert file.adapter == expected, file.where


def test_every_record_is_accounted_for(read: tuple[Line, IngestResult]) -> None:
    line, result = read
    assert sum(file.records for file in result.files) > 200
    log = line.workspace.home / "quarantine.ndjson"
    quarantined = [json.loads(entry) for entry in log.read_text("utf-8").splitlines()]
    # An id that a spreadsheet has rounded names nobody.
    assert [entry["file"] for entry in quarantined if entry["adapter"]] == ["io_tweets.csv"]
    assert result.quarantined == 1
    assert not [file.shortfall for file in result.files if file.shortfall]
    assert result.unmapped == {}


def test_as_many_reports_as_the_reference(read: tuple[Line, IngestResult]) -> None:
    line, _ = read
    lines = (FORMATS / "canonical" / "reports.ndjson").read_text("utf-8").splitlines()
    platforms = [json.loads(entry)["platform"] for entry in lines]
    expected = Counter(REFERENCE_NAMES.get(platform, platform) for platform in platforms)
    found = Counter(line.store.read("reports")["source"].to_list())
    assert {source: found[source] for source in expected} == {**expected, **REPORTS}


def test_targets_are_known_by_name(read: tuple[Line, IngestResult]) -> None:
    line, _ = read
    targets = line.store.read("targets")
    asha = targets.filter(pl.col("registered_as") == "democracy_club:900001")
    # By mention, reply parent, reporter and the intake's own words, on four platforms; and nobody else is Asha.
    assert {row["platform"] for row in asha.iter_rows(named=True)} >= {"x", "mastodon", "bluesky", None}
    assert all("asha" in row["target_id"] or "q2d2ufjuis2" in row["target_id"] for row in asha.iter_rows(named=True))


def test_nobody_is_in_the_graph_for_evaluation(read: tuple[Line, IngestResult]) -> None:
    line, result = read
    assert {file.adapter for file in result.files if file.evaluation} == {"wikipedia", "x"}
    assert not line.store.read("accounts").filter(pl.col("platform") == "wikipedia").height
    assert len(list((line.workspace.home / "evaluation" / "wikipedia").glob("*/*.parquet"))) >= 4
