"""Worlds of three difficulties: the middle one as it always was, the others as they say."""

from __future__ import annotations

import hashlib
from collections import Counter
from pathlib import Path

import polars as pl
import pytest

from graphmatch.errors import UsageError
from graphmatch.simulate import DIFFICULTIES, build_world, write_world
from graphmatch.simulate.difficulty import EASY, HARD, MIDDLE, Difficulty, named
from graphmatch.simulate.world import Role, Trace

#: Of the world of 200 accounts with seed 5 as it was before there were difficulties.
OF_OLD = "4b4cfa6df93437f3209445c41dd9accdfdf0dda0dc21267a096a4351d984b279"


def digest(out: Path, *, parquet: bool = True) -> str:
    files = sorted(path for path in out.rglob("*") if path.is_file() and (parquet or path.suffix != ".parquet"))
    told = "".join(f"{path.relative_to(out)} {hashlib.sha256(path.read_bytes()).hexdigest()}\n" for path in files)
    return hashlib.sha256(told.encode()).hexdigest()


def test_the_middle_is_the_world_of_old_byte_for_byte(tmp_path: Path) -> None:
    write_world(tmp_path / "said", accounts=200, seed=5, difficulty="middle")
    write_world(tmp_path / "unsaid", accounts=200, seed=5)
    assert digest(tmp_path / "said") == digest(tmp_path / "unsaid")
    # Parquet names the version of the library that wrote it: of the truth, only the texts are held against what was.
    assert digest(tmp_path / "said", parquet=False) == OF_OLD


@pytest.mark.parametrize("difficulty", [EASY, HARD], ids=lambda each: each.name)
def test_another_difficulty_is_another_world_the_same_each_time(difficulty: Difficulty, tmp_path: Path) -> None:
    for name, level in (("one", difficulty.name), ("two", difficulty.name), ("middle", "middle")):
        write_world(tmp_path / name, accounts=150, seed=3, difficulty=level)
    one, two, middle = (digest(tmp_path / name) for name in ("one", "two", "middle"))
    assert one == two != middle


@pytest.mark.parametrize("name", ["", "Middle", "impossible"])
def test_there_are_three(name: str) -> None:
    assert list(DIFFICULTIES) == ["easy", "middle", "hard"]
    with pytest.raises(UsageError, match="easy, middle, hard"):
        named(name)


def test_shares_are_shares() -> None:
    for each in DIFFICULTIES.values():
        assert sum(each.single_roles.values()) == pytest.approx(1)
        chances = (each.same_address, each.same_device, each.same_email, each.showable)
        assert all(0 <= share <= 1 for share in (*chances, each.slips_by, each.dated, each.timed, each.to_the_minute))


def kept(difficulty: Difficulty) -> Counter[Trace]:
    """What evaders kept, in one large world."""
    world = build_world(accounts=3000, seed=1, difficulty=difficulty)
    evaders = {person.number for person in world.persons if person.role is Role.EVADER}
    return Counter(a.trace for a in world.accounts if a.person in evaders and a.previous is not None)


def test_the_harder_a_world_the_less_is_left_and_the_more_look_alike() -> None:
    traces = {each.name: kept(each) for each in (EASY, MIDDLE, HARD)}
    clean, plain = (
        [traces[name][trace] / traces[name].total() for name in ("easy", "middle", "hard")]
        for trace in (Trace.CLEAN, Trace.SAME_HANDLE)
    )
    assert clean[0] == 0 < clean[1] < clean[2]
    assert plain[0] > plain[1] > plain[2]
    decoys = [len(build_world(accounts=1500, seed=2, difficulty=each).decoys) for each in (EASY, MIDDLE, HARD)]
    assert decoys[0] < decoys[1] < decoys[2]


def test_the_harder_a_world_the_fewer_accounts_are_dated(tmp_path: Path) -> None:
    shares = []
    for name in ("easy", "middle", "hard"):
        write_world(tmp_path / name, accounts=600, seed=4, difficulty=name)
        cells = pl.read_csv(tmp_path / name / "facebook" / "reports.csv", infer_schema=False)["created_at"]
        shares.append(cells.drop_nulls().len() / cells.len())
    assert shares[0] > 0.85
    assert shares == sorted(shares, reverse=True)
    assert shares[2] < 0.5
