"""``graphmatch link --index``: the workspace keeps an index, and only what changed is linked."""

import json
from pathlib import Path

import polars as pl
from polars.testing import assert_frame_equal

from graphmatch.link import link
from graphmatch.link.index import Index
from graphmatch.merge import in_force
from graphmatch.store import open_store
from graphmatch.workspace import find

NEW = [
    {
        "platform": "x",
        "account": "gr1mwald_tarn",
        "display_name": "Grimwald Tarn",
        "text": "Go home",
        "category": "insult",
    },
    {
        "platform": "reddit",
        "account": "grimwaldtarn",
        "display_name": "Grimwald T.",
        "text": "Go home",
        "category": "insult",
    },
]


def tables_of(folder: Path) -> dict[str, pl.DataFrame]:
    names = ("accounts", "sightings", "reports", "link_claims", "targets", "contents", "enforcements", "matches")
    with open_store(find(folder).store_url, read_only=True) as store:
        return {name: store.read(name) for name in names}


def test_a_batch_is_linked_as_a_whole_run_would(cli, workspace: Path, tmp_path: Path) -> None:
    first = cli("-w", workspace, "link", "--index", "--json")
    assert "linked all accounts: " in first.stderr
    again = cli("-w", workspace, "link", "--index", "--json")
    assert "0 pairs compared; matches: 0 new, 0 gone, 0 changed" in again.stderr
    assert again.stdout == first.stdout
    batch = tmp_path / "batch.csv"
    pl.DataFrame(NEW).write_csv(batch)
    cli("-w", workspace, "ingest", batch)
    third = cli("-w", workspace, "link", "--index", "--json")
    assert "linked all accounts" not in third.stderr
    tables = tables_of(workspace)
    index = Index.open(find(workspace).index)
    whole = link(
        tables["accounts"],
        sightings=in_force(tables["sightings"]),
        reports=tables["reports"],
        claims=in_force(tables["link_claims"], "asserted_at"),
        targets=tables["targets"],
        contents=tables["contents"],
        enforcements=tables["enforcements"],
        model=index.model,
        census=index.census,
        nearest=False,
    )
    assert_frame_equal(tables["matches"].sort("left", "right"), whole.matches, rel_tol=0, abs_tol=1e-12)
    fresh = {tuple(json.loads(line)[side] for side in ("left", "right")) for line in third.stdout.splitlines()}
    fresh -= {tuple(json.loads(line)[side] for side in ("left", "right")) for line in first.stdout.splitlines()}
    assert any(left.startswith("reddit:") and right.startswith("x:") for left, right in fresh)


def test_an_index_that_is_broken_is_made_anew(cli, workspace: Path) -> None:
    cli("-q", "-w", workspace, "link", "--index")
    for file in find(workspace).index.iterdir():
        file.write_bytes(b"\x00")
    done = cli("-w", workspace, "link", "--index")
    assert "linked all accounts: " in done.stderr
    assert "holds no index that can be read" in done.stderr


def test_accounts_of_a_file_are_linked_without_an_index(cli, tmp_path: Path) -> None:
    done = cli("link", "--index", "--accounts", "a.parquet", "--output", "b.parquet", cwd=tmp_path, code=2)
    assert "--index keeps an index in a workspace" in done.stderr
