"""Whom abuse was aimed at never leaves the workspace: no id, handle, name or registry's number, in any file."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from release_world import MADE_AT, NEW, OLD, SERVER, account, make, report, world

from graphmatch import model, tables
from graphmatch.errors import ReleaseRefused
from graphmatch.frames import frame
from graphmatch.merge import merge
from graphmatch.registry import registered
from graphmatch.release.redact import Forbidden, assert_clean

ASHA = "democracy_club:900001"
REGISTRY = ("registry",)


def by_registry(target_id: str, handle: str | None = None, name: str | None = None) -> model.Target:
    platform = None if name else target_id.partition(":")[0]
    return model.Target(target_id, platform, handle, name, "candidate", ASHA, REGISTRY, MADE_AT)


TARGETS = [
    by_registry("name:asha verma", name="Asha Verma"),
    by_registry("x:x:ashafornorthmoor", "AshaForNorthmoor"),
    by_registry("bluesky:bsky:asha4northmoor.test", "asha4northmoor.test"),
    by_registry("youtube:youtube:UCashaverma90000100000000"),
    model.Target("bluesky:bsky:did:plc:q2d2ufjuis2wkletqsl6jai5", "bluesky", "asha4northmoor.test"),
    model.Target("bluesky:bsky:did:plc:onlytheidisknown00000001", "bluesky", derivations=("reply_parent",)),
    model.Target("name:cllr bryony okafor", name="Cllr Bryony Okafor", derivations=("intake",)),
    model.Target(f"mastodon:{SERVER}:tomhallworth", "mastodon", "tomhallworth"),
    model.Target("facebook:facebook:100000000900003", "facebook"),
]


def matched() -> list[dict[str, Any]]:
    targets = merge("targets", frame("targets", TARGETS))
    made = merge("targets", targets, registered(targets))
    assert made.filter(pl.col("target_id").str.contains("q2d2"))["registered_as"].to_list() == [ASHA]
    return made.to_dicts()


def secrets() -> set[str]:
    """Every value by which one of the targets could be told."""
    found: set[str] = set()
    for row in matched():
        found |= {row["target_id"], row["target_id"].split(":", 2)[-1]}
        found |= {row[column] for column in ("handle", "name", "registered_as") if row[column]}
    return found


def say(path: Path) -> str:
    """All that a file holds, as text."""
    content = path.read_bytes()
    said = content.decode("utf-8", "ignore")
    if path.suffix == ".parquet":
        said += json.dumps(pl.read_parquet(io.BytesIO(content)).to_dicts(), default=str)
    return said


def squashed(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).casefold()


def test_no_file_of_a_bundle_says_anything_of_a_target(tmp_path: Path) -> None:
    ids = tuple(sorted(row["target_id"] for row in matched()))
    tables_ = world(reports=[report("r1", OLD, target_ids=ids), report("r2", NEW, target_ids=ids)])
    tables_["targets"] = tables.require("targets", pl.DataFrame(matched(), schema=tables.dtypes("targets")))
    result = make(tmp_path, tables_)
    files = [path for path in result.directory.rglob("*") if path.is_file()]
    assert len(files) > 5
    assert any("grimwald" in say(path) for path in files)  # the pair is there
    for path in files:
        said, plain = say(path), squashed(say(path))
        assert not [secret for secret in secrets() if secret.casefold() in said.casefold()], path.name
        assert not [secret for secret in secrets() if squashed(secret) in plain], path.name


@pytest.mark.parametrize("known_as", [NEW, NEW.upper().replace("BLUESKY:BSKY:DID:PLC", "bluesky:bsky:did:plc")])
def test_an_account_that_is_a_target_by_its_id_alone_is_held_back(tmp_path: Path, known_as: str) -> None:
    target = model.Target(known_as, "bluesky", derivations=("reply_parent",))
    result = make(tmp_path, world(targets=[target]))
    assert result.withheld == {"target_account": 1}


def test_an_account_that_bears_a_registered_name_is_held_back(tmp_path: Path) -> None:
    accounts = [account(OLD, handle="ashaverma_fans", url=f"https://{SERVER}/@x"), account(NEW, handle="grim.test")]
    result = make(tmp_path, world(accounts=accounts, targets=[by_registry("name:asha verma", name="Asha Verma")]))
    assert result.withheld == {"names_target": 1}


@pytest.mark.parametrize("secret", sorted({"democracy_club:900001", *(t.target_id for t in TARGETS)}))
def test_the_last_look_finds_what_the_gate_let_through(secret: str) -> None:
    rows = pl.DataFrame(matched(), schema=tables.dtypes("targets"))
    forbidden = Forbidden.of({**world(), "targets": rows})
    with pytest.raises(ReleaseRefused, match="target"):
        assert_clean("a.csv", f"id,note\n1,{secret}\n".encode(), forbidden)
    assert_clean("a.csv", b"id,note\n100000,nothing\n", forbidden)
