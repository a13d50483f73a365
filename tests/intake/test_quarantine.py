from __future__ import annotations

import json
from pathlib import Path

from graphmatch.intake.quarantine import Quarantine


def add(quarantine: Quarantine, line: int | None = 1, reason: str = "not JSON", sha256: str | None = "ab") -> None:
    quarantine.add(file="a.json", sha256=sha256, line=line, adapter="tiny", reason=reason)


def entries(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_a_place_stands_once_in_this_run_and_the_next(tmp_path: Path) -> None:
    path = tmp_path / "q.ndjson"
    for _ in range(2):
        quarantine = Quarantine(path)
        add(quarantine)
        add(quarantine)
        add(quarantine, line=2)
        add(quarantine, line=None, sha256=None)
        quarantine.flush()
    assert [entry["line"] for entry in entries(path)] == [1, 2, None]
    assert entries(path)[0] == {"file": "a.json", "sha256": "ab", "line": 1, "adapter": "tiny", "reason": "not JSON"}
    assert path.stat().st_mode & 0o077 == 0


def test_a_torn_last_line_costs_itself_only(tmp_path: Path) -> None:
    path = tmp_path / "q.ndjson"
    path.write_text('{"file": "a", "sha2')
    quarantine = Quarantine(path)
    add(quarantine)
    quarantine.flush()
    assert json.loads(path.read_text().splitlines()[1])["line"] == 1


def test_a_reason_is_kept_short(tmp_path: Path) -> None:
    quarantine = Quarantine(tmp_path / "q.ndjson")
    add(quarantine, reason="x" * 10_000)
    quarantine.flush()
    assert len(str(entries(quarantine.path)[0]["reason"])) == 300
