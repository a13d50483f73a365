"""The index against linking all: the same Matches, to the bit, whatever came, went or changed."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from index_worlds import World
from polars.testing import assert_frame_equal

from graphmatch.errors import RejectedTable, UsageError
from graphmatch.link import default, link
from graphmatch.link.index import Index, linked

SETTINGS: Any = {"min_probability": 0.002}


def tables_of(world: World, *, much: bool) -> Any:
    return {"sightings": world.sightings(), **(world.about() if much else {})}


def by_ids(matches: pl.DataFrame) -> dict[tuple[str, str], tuple[object, ...]]:
    return {(row[0], row[1]): row for row in matches.iter_rows()}


@given(
    seed=st.integers(0, 2**20),
    accounts=st.integers(1, 40),
    changes=st.lists(st.integers(0, 12), min_size=1, max_size=3),
    cap=st.sampled_from([None, 1, 2, 3, 5, 8]),
    same_platform=st.booleans(),
    datasets=st.integers(1, 2),
    much=st.booleans(),
)
@settings(deadline=None, max_examples=6)
def test_updates_give_what_linking_all_gives(
    seed: int, accounts: int, changes: list[int], cap: int | None, same_platform: bool, datasets: int, much: bool
) -> None:
    world = World(seed, max(accounts, datasets), datasets=datasets)
    chosen: Any = {**SETTINGS, "cap": cap, "same_platform": same_platform}
    with tempfile.TemporaryDirectory() as folder:
        index, result = Index.build(Path(folder), world.accounts(), tables_of(world, much=much), **chosen)
        assert_frame_equal(index.matches(), result.matches, check_exact=True)
        for count in changes:
            before = by_ids(index.matches())
            world.change(count)
            accounts_now, more = world.accounts(), tables_of(world, much=much)
            updated = Index.open(Path(folder)).update(accounts_now, more, most_changed=100.0)
            index = updated.index
            whole = link(accounts_now, **more, model=index.model, census=index.census, nearest=False, **chosen)
            assert_frame_equal(index.matches(), whole.matches, check_exact=True)
            after = by_ids(whole.matches)
            assert set(updated.new.iter_rows()) == after.keys() - before.keys()
            assert set(updated.gone.iter_rows()) == before.keys() - after.keys()
            both = after.keys() & before.keys()
            assert set(updated.changed.iter_rows()) == {pair for pair in both if after[pair] != before[pair]}


def build(folder: Path, seed: int = 5) -> tuple[World, Index]:
    world = World(seed, 30)
    index, _ = Index.build(folder, world.accounts(), tables_of(world, much=False), **SETTINGS)
    return world, index


def whole(world: World, index: Index) -> pl.DataFrame:
    tables = tables_of(world, much=False)
    return link(world.accounts(), **tables, model=index.model, census=index.census, nearest=False, **SETTINGS).matches


def test_a_caller_who_knows_what_changed_gets_the_same(tmp_path: Path) -> None:
    world, _ = build(tmp_path)
    before = dict(world.known)
    world.change(6)
    told = [world.identity(number) for number in before if world.known.get(number) != before[number]]
    assert told
    index = (
        Index.open(tmp_path)
        .update(world.accounts(), tables_of(world, much=False), changed=told, most_changed=9.0)
        .index
    )
    assert_frame_equal(index.matches(), whole(world, index), check_exact=True)


def test_nothing_changed_compares_nothing(tmp_path: Path) -> None:
    world, index = build(tmp_path)
    updated = Index.open(tmp_path).update(world.accounts(), tables_of(world, much=False))
    assert updated.compared == 0
    assert updated.new.is_empty()
    assert updated.gone.is_empty()
    assert updated.changed.is_empty()
    assert_frame_equal(updated.index.matches(), index.matches(), check_exact=True)


@pytest.mark.parametrize("part", ["proposals-since.numbers", "found", "index.json"])
def test_a_killed_writer_leaves_the_index_as_it_was(tmp_path: Path, part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    world, index = build(tmp_path)
    before = index.matches()
    world.change(3)
    synced, fsync = [0], os.fsync

    def killed(file: int) -> None:
        fsync(file)
        synced[0] += 1
        if Path(f"/proc/self/fd/{file}").resolve().name.startswith(part):
            raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", killed)
    with pytest.raises(KeyboardInterrupt):
        Index.open(tmp_path).update(world.accounts(), tables_of(world, much=False), most_changed=9.0)
    monkeypatch.undo()
    assert synced[0]
    assert_frame_equal(Index.open(tmp_path).matches(), before, check_exact=True)
    updated = Index.open(tmp_path).update(world.accounts(), tables_of(world, much=False), most_changed=9.0)
    assert_frame_equal(updated.index.matches(), whole(world, updated.index), check_exact=True)
    named = json.loads((tmp_path / "index.json").read_text())["files"].values()
    assert {file.name for file in tmp_path.iterdir()} == {"index.json", *(name for name, _ in named)}


def cut_off(folder: Path) -> None:
    file = next(folder.glob("pairs-whole.total*"))
    file.write_bytes(file.read_bytes()[:-8])


def missing(folder: Path) -> None:
    next(folder.glob("found-*")).unlink()


def no_json(folder: Path) -> None:
    (folder / "index.json").write_text("{")


def foreign(folder: Path) -> None:
    (folder / "index.json").write_text('{"format": 1, "files": {}, "facts": []}')


def of_another_format(folder: Path) -> None:
    manifest = json.loads((folder / "index.json").read_text())
    (folder / "index.json").write_text(json.dumps({**manifest, "format": 0}))


def of_other_versions(folder: Path) -> None:
    text = (folder / "index.json").read_text()
    (folder / "index.json").write_text(text.replace(f'"polars": "{pl.__version__}"', '"polars": "0.1"'))


@pytest.mark.parametrize(
    ("harm", "reason"),
    [
        (cut_off, "cut off or changed"),
        (missing, "not all of it"),
        (no_json, "holds no index that can be read"),
        (foreign, "other versions"),
        (of_another_format, "another format"),
        (of_other_versions, "other versions"),
    ],
)
def test_a_broken_or_foreign_index_is_made_anew_with_a_reason(
    tmp_path: Path, harm: Callable[[Path], None], reason: str
) -> None:
    world, index = build(tmp_path)
    before = index.matches()
    harm(tmp_path)
    updated = linked(tmp_path, world.accounts(), tables_of(world, much=False), model=index.model, **SETTINGS)
    assert reason in str(updated.reason)
    assert_frame_equal(updated.index.matches(), before, check_exact=True)
    again = linked(tmp_path, world.accounts(), tables_of(world, much=False), **SETTINGS)
    assert again.reason is None
    assert again.compared == 0


def test_what_an_index_cannot_follow_is_linked_whole_with_a_reason(tmp_path: Path) -> None:
    world, index = build(tmp_path)
    accounts, tables = world.accounts(), tables_of(world, much=False)
    other = replace(index.model, copies_per_account=0.5)
    moved = accounts.with_columns(pl.lit("elsewhere").alias("dataset"))
    one_moved = accounts.with_columns(
        pl.when(pl.int_range(pl.len()) == 0).then(pl.lit("elsewhere")).otherwise("dataset").alias("dataset")
    )
    cases: tuple[tuple[str, pl.DataFrame, Any, Any], ...] = (
        ("another population", one_moved, tables, SETTINGS),
        ("population", moved, tables, SETTINGS),
        ("the model", accounts, tables, {**SETTINGS, "model": other}),
        ("the settings", accounts, tables, {**SETTINGS, "cap": 3}),
        ("other tables", accounts, {}, SETTINGS),
        ("other columns", accounts.drop("bio"), tables, SETTINGS),
        ("of the accounts changed", accounts.with_columns(bio=pl.lit("all new")), tables, SETTINGS),
    )
    for reason, now, more, asked in cases:
        Index.build(tmp_path, accounts, tables, model=index.model, **SETTINGS)
        updated = linked(tmp_path, now, more, **asked)
        assert reason.split()[-1] in str(updated.reason)
        assert set(updated.new.iter_rows()) == set(updated.index.matches().select("left", "right").iter_rows())
    assert linked(tmp_path / "none", accounts, tables, **SETTINGS).reason is not None


def test_learned_weights_are_refused(tmp_path: Path) -> None:
    world = World(1, 8)
    with pytest.raises(UsageError, match="learned weights"):
        Index.build(tmp_path, world.accounts(), {}, model=default())


def test_repeated_accounts_are_refused(tmp_path: Path) -> None:
    world, index = build(tmp_path)
    accounts = world.accounts()
    with pytest.raises(RejectedTable, match="account_id"):
        index.update(pl.concat([accounts, accounts[:1]]), tables_of(world, much=False))


def test_an_index_is_the_same_whatever_the_order_of_accounts(tmp_path: Path) -> None:
    world = World(9, 30)
    found = []
    for name in ("one", "two"):
        Index.build(tmp_path / name, world.accounts(), tables_of(world, much=True), **SETTINGS)
        found.append({file.name: file.read_bytes() for file in (tmp_path / name).iterdir() if file.suffix == ".npy"})
    assert found[0] == found[1]
