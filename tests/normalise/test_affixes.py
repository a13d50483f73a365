from collections import defaultdict
from itertools import combinations
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphmatch.normalise import affixes, handles, names

DATA = Path(__file__).parents[2].parent / "shared" / "data"


@pytest.mark.parametrize(
    "handle",
    ["SenatorAshaVerma", "sen_asha_verma", "RepAshaVerma", "asha.verma.mp", "ashavermamdb", "deputee_ashaverma",
     "ashavermaofficiel", "AshaVermaForNorthmoor", "asha-verma-4a5b6c7d1", "asha-verma-733b94282", "ashavermaaaa",
     "real_asha_verma_2019", "ask-asha-verma", "diputadaashaverma"],
)  # fmt: skip
def test_roles_and_issued_endings_are_dropped(handle: str) -> None:
    assert handles.stem(handle) == "ashaverma"


@pytest.mark.parametrize(
    "handle",
    ["jennycrawford", "annasandforth", "moritzforster", "janeforman", "nanforbes", "ashaforrest", "moorforeman"],
)
def test_names_that_end_like_a_purpose_stay_whole(handle: str) -> None:
    assert handles.stem(handle) == handle


def test_a_word_of_hexadecimal_letters_alone_is_no_issued_ending() -> None:
    assert handles.stem("asha_decade") == "ashadecade"


def test_longer_affixes_go_first() -> None:
    for listed in (affixes.PREFIXES, affixes.SUFFIXES):
        assert list(map(len, listed)) == sorted(map(len, listed), reverse=True)
        assert len(set(listed)) == len(listed)


POPULATION = [
    "ashaverma",
    "ashavermanorthmoor",
    "grimwald",
    "grimwaldnorthmoor",
    "janedoe",
    "doctorwho",
    "nannorthmoor",
]


def test_a_population_makes_its_own_affixes_known() -> None:
    learned = affixes.common_affixes(POPULATION)
    assert learned == affixes.CommonAffixes(frozenset(), frozenset({"northmoor"}))
    assert affixes.handle_core("petermoornorthmoor", learned) == "petermoor"
    assert affixes.handle_core("nannorthmoor", learned) == "nannorthmoor"  # too little would be left
    assert affixes.handle_core("northmoor", learned) == "northmoor"


def test_one_twin_teaches_nothing_and_names_are_no_affixes() -> None:
    assert affixes.common_affixes(POPULATION[:2]).suffixes == frozenset()
    assert affixes.common_affixes(POPULATION, {"northmoor"}).suffixes == frozenset()


def test_an_ending_that_seldom_has_a_twin_is_not_learned() -> None:
    strangers = [f"{letter * 2}stranger{letter}moor" for letter in "bcdfghjklmnpqrstvwxz"]
    twins = ["ashaverma", "ashavermamoor", "grimwald", "grimwaldmoor"]
    assert "moor" in affixes.common_affixes(twins).suffixes
    assert "moor" not in affixes.common_affixes(twins + strangers).suffixes


@given(st.lists(st.text("abc", min_size=4, max_size=14), max_size=30))
@settings(deadline=None)
def test_a_core_is_part_of_its_stem_and_settled(stems: list[str]) -> None:
    learned = affixes.common_affixes(stems)
    assert learned == affixes.common_affixes(reversed(stems))
    for stem in stems:
        core = affixes.handle_core(stem, learned)
        assert core in stem
        assert affixes.handle_core(core, learned) == core
        assert core == stem or len(core) >= affixes.MIN_CORE


@pytest.mark.slow
@pytest.mark.skipif(not DATA.is_dir(), reason="the real accounts (../shared/data) are not here")
def test_what_newly_agrees_on_real_accounts_is_one_operators() -> None:
    truth = pl.read_parquet(DATA / "truth.parquet", columns=["account_id", "person_id"])
    accounts = pl.read_parquet(DATA / "accounts.parquet").join(truth, on="account_id")
    words: dict[str, set[str]] = defaultdict(set)
    stems: dict[str, set[str]] = defaultdict(set)
    for dataset, name in accounts.select("dataset", "display_name").drop_nulls().iter_rows():
        words[dataset].update(names.tokens(name))
    rows = list(accounts.drop_nulls("handle").select("dataset", "platform", "handle", "person_id").iter_rows())
    for dataset, platform, handle, _ in rows:
        stems[dataset].add(handles.stem(handle, platform))
    learned = {dataset: affixes.common_affixes(stems[dataset], words[dataset]) for dataset in stems}
    folded = _agreeing(rows, [handles.squash(handles.fold(row[2], row[1])) for row in rows])
    stemmed = [handles.stem(row[2], row[1]) for row in rows]
    stem = _agreeing(rows, stemmed)
    core = _agreeing(rows, [affixes.handle_core(s, learned[row[0]]) for row, s in zip(rows, stemmed, strict=True)])
    assert _precision(rows, stem - folded) > 0.95
    assert len(stem - folded) > 1900
    assert _precision(rows, core - stem) > 0.9
    assert len(core - stem) > 150


def _agreeing(rows: list[tuple[str, ...]], keys: list[str]) -> set[tuple[int, int]]:
    holders: dict[tuple[str, str], list[int]] = defaultdict(list)
    for at, key in enumerate(keys):
        holders[rows[at][0], key].append(at)
    few = [held for held in holders.values() if len(held) <= 60]
    return {pair for held in few for pair in combinations(held, 2) if rows[pair[0]][1] != rows[pair[1]][1]}


def _precision(rows: list[tuple[str, ...]], pairs: set[tuple[int, int]]) -> float:
    return sum(rows[a][3] == rows[b][3] for a, b in pairs) / len(pairs)
