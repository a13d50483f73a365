"""The peers of the quality benchmark, on accounts few enough to work out by hand."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from graphmatch.evaluation import best_f1, judge, measures

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"


@pytest.fixture(scope="module")
def peers():
    """The module ``benchmarks/peers.py``: benchmarks are no package."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(BENCHMARKS))
        yield importlib.import_module("peers")


@pytest.fixture(scope="module")
def quality(peers):
    """The module ``benchmarks/quality.py``."""
    return importlib.import_module("quality")


#: One set of three platforms, and one namesake of another set. ``r1`` and ``r2`` have names only.
ACCOUNTS = pl.DataFrame(
    [
        ("a1", "one", "Ana.Costa", None, "north"),
        ("a2", "two", "anacosta", None, "north"),
        ("b1", "one", "bwright", None, "north"),
        ("b2", "two", "bwrigth", None, "north"),
        ("r1", "list", None, "Ána Costa", "north"),
        ("r2", "list", None, "Wright Bea", "north"),
        ("z", "two", "anacosta", None, "south"),
    ],
    schema=["account_id", "platform", "handle", "display_name", "dataset"],
    orient="row",
)
TRUTH = pl.DataFrame(
    {"account_id": ["a1", "a2", "r1", "b1", "b2", "r2", "z"], "person_id": ["a", "a", "a", "b", "b", "b", "c"]}
)
SIMILARITY = "match_probability"


def links(found: pl.DataFrame) -> dict[str, float]:
    assert found.columns == ["left", "right", SIMILARITY]
    rows = found.iter_rows()
    return {" ".join(sorted((left, right))): round(score, 4) for left, right, score in rows}


def test_exact_links_equal_labels_across_platforms_of_one_set(peers) -> None:
    assert links(peers.exact(ACCOUNTS)) == {"a1 a2": 1.0, "a1 r1": 1.0, "a2 r1": 1.0}


def test_jaro_winkler_keeps_what_is_best_for_both(peers) -> None:
    found = links(peers.jaro_winkler(ACCOUNTS))
    # bwright, bwrigth: seven letters in common, one pair of them crossed; Jaro (1 + 1 + 6/7) / 3, prefix of four.
    jaro = (2 + 6 / 7) / 3
    assert found.pop("b1 b2") == round(jaro + 4 * 0.1 * (1 - jaro), 4)
    # wrightbea against bwright: six in common within three places, in order, no common prefix.
    assert found.pop("b1 r2") == round((6 / 9 + 6 / 7 + 1) / 3, 4)
    # … and against bwrigth: g and h of the two are crossed.
    assert found.pop("b2 r2") == round((6 / 9 + 6 / 7 + 5 / 6) / 3, 4)
    assert found == {"a1 a2": 1.0, "a1 r1": 1.0, "a2 r1": 1.0}


def test_of_pairs_equally_good_all_are_kept_and_of_others_the_best(peers) -> None:
    twins = pl.DataFrame(
        {
            "account_id": ["o", "t1", "t2", "t3"],
            "platform": ["one", "two", "two", "two"],
            "handle": ["mirela", "mirela", "Mirela", "mirelas"],
            "display_name": [None] * 4,
            "dataset": ["d"] * 4,
        }
    )
    assert links(peers.jaro_winkler(twins)) == {"o t1": 1.0, "o t2": 1.0}


def test_max_rule_sees_a_name_inside_the_words_of_a_handle(peers) -> None:
    two = pl.DataFrame(
        {
            "account_id": ["h", "n", "m"],
            "platform": ["one", "list", "list"],
            "handle": ["VoteWrightBea2019", None, None],
            "display_name": [None, "Bea Wright", "Vote Wren"],
            "dataset": ["d"] * 3,
        }
    )
    assert links(peers.max_rule(two)) == {"h n": 1.0}
    assert links(peers.jaro_winkler(two)) != {"h n": 1.0}


@pytest.mark.parametrize(
    ("handle", "label"),
    [
        ("@ana@instance.example", "ana"),
        ("ana.bsky.social", "ana"),
        ("Ána-Cósta-1a2b34", "anacosta"),
        ("ana_costa-mp", "anacostamp"),
        ("__", "somebody"),
        (None, "somebody"),
    ],
)
def test_a_label_is_what_the_user_chose(peers, handle, label) -> None:
    one = pl.DataFrame(
        {"account_id": ["x"], "platform": ["p"], "handle": [handle], "display_name": ["Some Body"]},
        schema_overrides={"handle": pl.String},
    )
    assert peers.prepare(one)["label"].to_list() == [label]


text = st.none() | st.text(st.sampled_from("aáB1._-@ "), max_size=8)


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from("pqr"), text, text, st.sampled_from(["d", "e"])), max_size=12),
    st.randoms(use_true_random=False),
)
def test_rules_link_across_platforms_only_whatever_the_order(peers, rows, random) -> None:
    schema = dict.fromkeys(ACCOUNTS.columns, pl.String)
    accounts = pl.DataFrame([(str(i), *row) for i, row in enumerate(rows)], schema=schema, orient="row")
    place = {row["account_id"]: (row["platform"], row["dataset"]) for row in accounts.iter_rows(named=True)}
    order = list(range(accounts.height))
    random.shuffle(order)
    for rule in peers.RULES.values():
        found = rule(accounts)
        assert found[SIMILARITY].is_between(0, 1).all()
        for left, right in found.select("left", "right").iter_rows():
            assert place[left][0] != place[right][0]
            assert place[left][1] == place[right][1]
        assert links(rule(accounts[order])) == links(found)


def test_one_threshold_is_the_best_of_one_set_and_shared_by_several(quality) -> None:
    accounts = pl.DataFrame(
        [(f"{s}{p}{n}", p, s) for s in "de" for p in "pq" for n in range(10)],
        schema=["account_id", "platform", "dataset"],
        orient="row",
    )
    truth = accounts.select("account_id", pl.col("account_id").str.replace("[pq]", "").alias("person_id"))
    said = {"d": (0.9, 0.6), "e": (0.4, 0.3)}  # probability of the true pairs, and of as many false ones

    def told(sets: str) -> tuple[pl.DataFrame, pl.DataFrame]:
        rows = [
            (f"{s}p{n}", f"{s}q{(n + false) % 10}", said[s][false]) for s in sets for n in range(10) for false in (0, 1)
        ]
        matches = pl.DataFrame(rows, schema=["left", "right", SIMILARITY], orient="row")
        return matches, accounts.filter(pl.col("dataset").is_in(list(sets)))

    for alone in "de":
        judged = judge(*told(alone), truth)
        threshold, each = quality.one_threshold(judged)
        best = best_f1(judged.pairs[SIMILARITY], judged.pairs["is_true"], 10)
        assert each == {alone: 1.0}
        assert best is not None
        assert best.f1 == 1.0
        assert said[alone][1] < threshold <= said[alone][0]
    # Together: above .6 (1, 0), above .4 (2/3, 0), above .3 (2/3, 1), from .3 down (2/3, 2/3).
    threshold, each = quality.one_threshold(judge(*told("de"), truth))
    assert each == {"d": pytest.approx(2 / 3), "e": 1.0}
    assert 0.3 < threshold <= 0.4


def test_the_table_has_a_row_for_each_linker_and_the_figures_of_evaluation(quality, peers, tmp_path, capsys) -> None:
    many = pl.concat(
        [ACCOUNTS.with_columns(pl.col("account_id") + str(n), pl.col("dataset") + str(n)) for n in range(2)]
        + [
            ACCOUNTS.head(1).with_columns(
                account_id=pl.lit(f"x{n}{p}"), platform=pl.lit(p), handle=pl.lit(f"{p}{n}qu"), dataset=pl.lit("north0")
            )
            for n in range(10)
            for p in ("one", "two", "list")
        ]
    )
    truth = many.select("account_id", pl.col("account_id").str.slice(0, 1).alias("person_id"))
    many.write_parquet(tmp_path / "accounts.parquet")
    truth.write_parquet(tmp_path / "truth.parquet")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["peers.py", str(tmp_path), "--no-splink", "--output", str(tmp_path / "told.json")])
        peers.main()
    told = json.loads((tmp_path / "told.json").read_text())
    assert list(told) == list(peers.RULES)
    expected = measures(judge(peers.exact(many), many, truth))
    for measure in ("precision", "recall", "f1", "best_f1", "average_precision", "b_cubed_f1"):
        assert told["exact handle"]["macro"][measure] == pytest.approx(expected["macro"][measure])
    printed = capsys.readouterr().out
    assert printed.count("| exact handle |") >= 1
    assert printed.count("| north0 |") == len(quality.PER_SET)


@pytest.mark.parametrize("script", [["peers.py"], ["quality.py", "--data"]])
def test_without_data_it_says_what_is_missing(tmp_path, script) -> None:
    ended = subprocess.run(
        [sys.executable, str(BENCHMARKS / script[0]), *script[1:], str(tmp_path / "nowhere")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 2
    assert "no accounts.parquet and no truth.parquet" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("splink") is None, reason="Splink is not here (the extra 'bench')")
@pytest.mark.filterwarnings("default")  # what Splink and its database warn of is theirs
def test_splink_links_the_same_accounts_whatever_the_order(peers) -> None:
    names = [f"{first} {last}" for first in ("Ana", "Bea", "Cal", "Dov", "Eve") for last in LAST_NAMES]
    rows = [(f"l{n}", "list", None, name, "d") for n, name in enumerate(names)]
    rows += [(f"h{n}", "one", name.replace(" ", ""), None, "d") for n, name in enumerate(names)]
    rows += [(f"t{n}", "two", f"{name[0]}{name.split()[1]}", None, "d") for n, name in enumerate(names)]
    accounts = pl.DataFrame(rows, schema=ACCOUNTS.columns, orient="row", infer_schema_length=None)
    tuned = peers.splink_peers()["Splink, tuned"]
    found = tuned(accounts)
    assert {(f"h{n}", f"l{n}") for n in range(len(names))} <= {
        tuple(sorted(pair)) for pair in found.filter(pl.col(SIMILARITY) >= 0.5).select("left", "right").iter_rows()
    }
    again = tuned(accounts.sample(fraction=1, shuffle=True, seed=1))
    assert_frame_equal(found, again, check_row_order=False, abs_tol=1e-6)


LAST_NAMES = ("Quill", "Marsh", "Thorne", "Vale", "Ridley", "Osborne", "Fenwick", "Larkin", "Cotter", "Dunmore")
