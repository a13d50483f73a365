"""Every verb, as a process: its data on stdout, its exit code, its words for a mistake."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from graphmatch.cli import VERBS


def rows(done: subprocess.CompletedProcess[str]) -> list[dict]:
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_help_opens_with_an_example(cli) -> None:
    assert "Example:" in cli("--help").stdout
    for verb in VERBS:
        assert "Example:" in cli(verb, "--help").stdout, verb


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys; from graphmatch.cli import app; "
        "print([m for m in ('polars', 'pandas', 'ladybug', 'neo4j', 'networkx', 'numpy', 'stix2', 'datasketch',"
        " 'scipy', 'phonenumbers')"
        " if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_status_counts_each_table(cli, finished: Path) -> None:
    counts = {row["table"]: row["rows"] for row in rows(cli("-w", finished, "status", "--json"))}
    assert counts["accounts"] > 100
    assert counts["reports"] > 100
    assert counts["actors"] > 3
    assert counts["migrations"] > 3
    assert counts["quarantined"] == 0


def test_running_twice_changes_nothing(cli, workspace: Path, world: Path) -> None:
    before = cli("-w", workspace, "status", "--json").stdout
    migrations = cli("-w", workspace, "migrations", "--json").stdout
    again = cli("-w", workspace, "run", world)
    assert cli("-w", workspace, "status", "--json").stdout == before
    assert cli("-w", workspace, "migrations", "--json").stdout == migrations
    assert "suspected actors" in again.stdout


def test_reading_every_file_anew_changes_nothing(cli, workspace: Path, world: Path) -> None:
    before = cli("-w", workspace, "status", "--json").stdout
    done = cli("-w", workspace, "ingest", world, "--force")
    assert "nothing new" in done.stderr
    assert cli("-w", workspace, "status", "--json").stdout == before


def test_migrations_are_ndjson_in_a_stable_order(cli, finished: Path, tmp_path: Path) -> None:
    found = rows(cli("-w", finished, "migrations", "--json"))
    assert found == rows(cli("-w", finished, "migrations"))
    assert {"kind", "origin_account_id", "destination_account_id", "reasons", "match_probability"} <= set(found[0])
    ids = [row["migration_id"] for row in found]
    assert ids == sorted(ids)


def test_formats(cli, finished: Path) -> None:
    table = cli("-w", finished, "communities", "--format", "table").stdout
    assert "community_id" in table
    csv = cli("-w", finished, "communities", "--format", "csv").stdout.splitlines()
    assert csv[0].startswith("community_id,")
    assert len(csv) - 1 == len(rows(cli("-w", finished, "communities", "--json")))
    cli("-w", finished, "communities", "--json", "--format", "csv", code=2)


def test_explain_adds_up(cli, finished: Path) -> None:
    move = max(rows(cli("-w", finished, "migrations", "--json")), key=lambda row: row["match_probability"])
    pair = (move["origin_account_id"], move["destination_account_id"])
    actor = next(row for row in rows(cli("-w", finished, "resolve", "--json")) if row["actor_id"] == move["actor_id"])
    assert set(pair) <= set(actor["account_ids"])
    found = json.loads(cli("-w", finished, "explain", *pair, "--json").stdout)
    assert sum(bar["bits"] for bar in found["bars"]) == pytest.approx(found["match_weight"], abs=1e-9)
    assert found["counterfactual"]
    assert found["reports"]
    assert "match weight in bits" in cli("-w", finished, "explain", *pair).stdout


def test_judge_needs_a_name_and_a_reason_and_is_obeyed(cli, workspace: Path) -> None:
    actor = rows(cli("-w", workspace, "resolve", "--json"))[0]
    left, right = actor["account_ids"][:2]
    cli("-w", workspace, "judge", left, right, "negative", "--reason", "two people", code=2)
    cli("-w", workspace, "judge", left, right, "negative", "--analyst", "jo", code=2)
    cli(
        "-w",
        workspace,
        "judge",
        left,
        "mastodon:nowhere:1",
        "negative",
        "--analyst",
        "jo",
        "--reason",
        "x",
        code=2,
    )
    cli("-w", workspace, "judge", right, left, "negative", "--analyst", "jo", "--reason", "two people")
    apart = rows(cli("-w", workspace, "resolve", "--json"))
    assert not any({left, right} <= set(found["account_ids"]) for found in apart)
    cli("-w", workspace, "judge", left, right, "positive", "--analyst", "jo", "--reason", "I was wrong")
    together = rows(cli("-w", workspace, "resolve", "--json"))
    assert any({left, right} <= set(found["account_ids"]) for found in together)


def test_release_holds_only_what_two_analysts_confirmed(cli, workspace: Path) -> None:
    move = max(
        (row for row in rows(cli("-w", workspace, "migrations", "--json"))),
        key=lambda row: (row["standing"] == "corroborated", row["match_probability"]),
    )
    pair = (move["origin_account_id"], move["destination_account_id"])
    recipient = move["destination_platform"]
    make = (
        "-w",
        workspace,
        "release",
        "--recipient",
        recipient,
        "--period",
        "2026-W47",
        "--json",
        "--replace",
    )
    cli("-w", workspace, "judge", *pair, "positive", "--analyst", "jo", "--reason", "same site")
    assert json.loads(cli(*make).stdout)["rows"]["links"] == 0
    cli("-w", workspace, "judge", *pair, "positive", "--analyst", "sam", "--reason", "same phrases")
    cli("-w", workspace, "resolve")
    result = json.loads(cli(*make).stdout)
    assert {"bundle.stix.json", "manifest.json", "links.csv", "links.parquet"} <= {
        path.name for path in Path(result["directory"]).iterdir()
    }
    cli("-w", workspace, "release", "--verify", result["directory"])
    cli("-w", workspace, "release", "--recipient", "nobody-knows", code=2)


def test_queries_are_listed_and_answered(cli, finished: Path) -> None:
    listed = rows(cli("-w", finished, "query", "--json"))
    assert len(listed) >= 8
    assert all(row["answers"] for row in listed)
    counted = rows(cli("-w", finished, "query", "--cypher", "MATCH (a:Account) RETURN count(a) AS n"))
    assert counted[0]["n"] > 100
    cli("-w", finished, "query", "--cypher", "MATCH (a:Account) DETACH DELETE a", code=2)
    cli("-w", finished, "query", "no_such_question", code=2)


def test_link_alone_needs_no_workspace(cli, tmp_path: Path) -> None:
    accounts = pl.DataFrame(
        {
            "account_id": ["mastodon:a.example:1", "x:x:2", "x:x:3", "reddit:reddit:t2_4"],
            "platform": ["mastodon", "x", "x", "reddit"],
            "handle": ["grimwald_77", "grimwald77", "moorlandpete", "northmoor_nan"],
            "display_name": ["Grim Wald", "Grim Wald", "Moorland Pete", None],
        }
    )
    accounts.write_parquet(tmp_path / "a.parquet")
    cli("link", "--accounts", "a.parquet", "--output", "m.parquet", cwd=tmp_path)
    matches = pl.read_parquet(tmp_path / "m.parquet")
    assert matches.columns == ["left", "right", "match_weight", "match_probability"]
    best = matches.sort("match_probability").row(-1, named=True)
    assert (best["left"], best["right"]) == ("mastodon:a.example:1", "x:x:2")
    cli("link", "--accounts", "missing.parquet", "--output", "m.parquet", cwd=tmp_path, code=3)
    cli("link", "--accounts", "a.parquet", cwd=tmp_path, code=2)
    accounts.drop("platform").write_parquet(tmp_path / "b.parquet")
    done = cli("link", "--accounts", "b.parquet", "--output", "m.parquet", cwd=tmp_path, code=3)
    assert "platform" in done.stderr


def test_adapters_and_their_fields(cli) -> None:
    listed = {row["adapter"] for row in rows(cli("adapters", "--json"))}
    assert listed >= {"mastodon", "bluesky", "reddit", "generic", "harassment_manager"}
    fields = rows(cli("adapters", "show", "mastodon", "--json"))
    assert any("email" in row["field"] for row in fields)
    cli("adapters", "show", "nosuch", code=2)


def test_doctor_shows_where_settings_come_from(cli, finished: Path) -> None:
    found = {row["what"]: row for row in rows(cli("-w", finished, "doctor", "--json"))}
    assert found["setting threshold"]["from"] == "default"
    assert found["check journal"]["value"].startswith("ok")
    assert found["check key"]["value"] == "ok"


def test_an_unknown_file_is_named_with_every_refusal(cli, workspace: Path, tmp_path: Path) -> None:
    odd = tmp_path / "odd.json"
    odd.write_text('{"weather": "fine"}')
    done = cli("-w", workspace, "ingest", odd, code=3)
    assert "odd.json" in done.stderr
    for adapter in ("mastodon", "bluesky", "reddit", "generic", "harassment_manager"):
        assert adapter in done.stderr


def test_stdin_is_read(cli, workspace: Path) -> None:
    header = "report_id,reported_at,platform,handle,content_text,category"
    table = f"{header}\nS-1,2026-04-02T20:10:00Z,x,@stdin_moor,hello,abuse\n"
    done = cli("-w", workspace, "ingest", "-", stdin=table)
    assert "1 new reports" in done.stderr


def test_no_workspace_says_what_to_do(cli, tmp_path: Path) -> None:
    done = cli("status", cwd=tmp_path, code=2)
    assert "graphmatch init" in done.stderr


def test_nothing_to_link_yet(cli, tmp_path: Path) -> None:
    cli("-w", tmp_path, "init")
    for verb in ("link", "resolve", "communities", "migrations"):
        assert "ingest" in cli("-w", tmp_path, verb, code=5).stderr


def test_demo_runs_twice(cli, tmp_path: Path) -> None:
    first = cli("demo", tmp_path / "demo").stdout
    assert cli("demo", tmp_path / "demo").stdout == first
    for part in ("suspected actors", "Most probable migrations", "Flows", "workspace", "quarantine"):
        assert part in first
    assert first.count("\n     · ") >= 3
    readme = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
    assert first.replace(str(tmp_path / "demo"), "…/demo-workspace").strip() in readme
