"""What was shared with whom and when is read off the bundles that the journal attests, and off no others."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from release_world import MADE_AT, OLD, make

from graphmatch.release import shared


def test_an_attested_bundle_tells_the_recipients_own_accounts(tmp_path: Path) -> None:
    made = make(tmp_path)
    found = shared(tmp_path, {made.sha256: MADE_AT + timedelta(hours=1)})
    assert found.rows.rows() == [(OLD, "social-northmoor", MADE_AT + timedelta(hours=1))]
    assert found.missing == 0


def test_what_nobody_attests_or_somebody_changed_was_not_shared(tmp_path: Path) -> None:
    made = make(tmp_path)
    assert shared(tmp_path, {}).rows.is_empty()
    (made.directory / "links.csv").write_text("changed")
    found = shared(tmp_path, {made.sha256: MADE_AT})
    assert found.rows.is_empty()
    assert found.missing == 1


def test_no_releases_at_all(tmp_path: Path) -> None:
    found = shared(tmp_path / "releases", {})
    assert found.rows.is_empty()
    assert found.rows.columns == ["account_id", "recipient", "released_at"]
    assert shared(tmp_path / "releases", {"0" * 64: MADE_AT}).missing == 1
