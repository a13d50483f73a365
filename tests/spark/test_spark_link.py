"""Linking on Spark, ``local[2]``: what one machine gives, and what is refused before a job starts."""

from __future__ import annotations

import socket
import sys
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import networkx as nx
import polars as pl
import pytest
from graphframes_jars import jars
from polars.testing import assert_frame_equal
from spark_accounts import accounts as invented

from graphmatch.cli.link_spark import settings
from graphmatch.errors import RejectedTable, UnreadableFile, UsageError
from graphmatch.link import LinkResult, default
from graphmatch.link import link as link_here
from graphmatch.spark.session import session

pytestmark = pytest.mark.filterwarnings(
    "ignore::FutureWarning", "ignore::ResourceWarning", "ignore::DeprecationWarning"
)
#: Small, and quick to start rather than to run: compiling would cost more than it saves on a few hundred rows.
CONF = {
    "spark.driver.memory": "1g",
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.shuffle.partitions": "2",
    "spark.default.parallelism": "2",
}


@dataclass(frozen=True)
class Bench:
    """A session, a folder and the accounts in it."""

    spark: Any
    folder: Path

    def at(self, name: str) -> str:
        """Give the address of a file."""
        return (self.folder / name).as_uri()

    def written(self, name: str, table: pl.DataFrame) -> str:
        """Write Parquet."""
        (self.folder / name).parent.mkdir(exist_ok=True)
        table.write_parquet(self.folder / name)
        return self.at(name)


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """One session for the module."""
    pytest.importorskip("pyspark", reason="needs the extra 'spark'")
    pytest.importorskip("pyarrow", reason="needs the extra 'spark'")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        spark = session("local[2]", CONF, jars_or_none())
    yield Bench(spark, tmp_path_factory.mktemp("spark"))
    spark.stop()


def jars_or_none() -> str | None:
    """Give the jars of GraphFrames; without them all but components is tested."""
    try:
        return jars()
    except pytest.skip.Exception:
        return None


@pytest.fixture(scope="module")
def both(bench: Bench) -> tuple[Any, pl.DataFrame, LinkResult]:
    """Link on Spark and on this machine."""
    from graphmatch.spark.link import Wanted, link

    accounts = bench.written("whole/accounts.parquet", invented())
    made = link(bench.spark, Wanted(accounts, bench.at("whole/matches"), min_probability=0.02))
    matches = pl.read_parquet(bench.folder / "whole" / "matches" / "*.parquet")
    here = link_here(invented(), start=default().unlabelled(), nearest=False, min_probability=0.02)
    return made, matches, here


def test_matches_are_those_of_one_machine(both: tuple[Any, pl.DataFrame, LinkResult]) -> None:
    made, matches, here = both
    assert here.matches.height > 50
    assert made.matches == matches.height
    assert_frame_equal(matches, here.matches, check_row_order=False, check_exact=False, rel_tol=0, abs_tol=1e-9)


def test_the_model_and_the_report_are_those_of_one_machine(both: tuple[Any, pl.DataFrame, LinkResult]) -> None:
    made, _, here = both
    assert made.candidates == here.candidates
    assert_frame_equal(made.rules, here.rules.filter(pl.col("rule") != "nearest_spelling"))
    assert made.model.prior == pytest.approx(here.model.prior, rel=1e-12)
    assert made.model.counts == {**here.model.counts, "expected_matches": made.model.counts["expected_matches"]}


def test_nothing_is_left_behind(bench: Bench, both: tuple[Any, pl.DataFrame, LinkResult]) -> None:
    assert both
    assert sorted(path.name for path in (bench.folder / "whole").iterdir()) == ["accounts.parquet", "matches"]


def test_a_given_model_is_used_as_it_is_and_places_are_kept_apart(bench: Bench) -> None:
    from graphmatch.spark.link import Wanted, link

    model = default().unlabelled()
    table = invented(90, seed=8).drop("dataset", "instance", "created_at")
    accounts = bench.written("few.parquet", table)
    made = link(bench.spark, Wanted(accounts, bench.at("few"), model=model, same_platform=False, cap=6))
    here = link_here(table, model=model, same_platform=False, cap=6, nearest=False)
    assert made.model is model
    matches = pl.read_parquet(bench.folder / "few" / "*.parquet")
    assert_frame_equal(matches, here.matches, check_row_order=False, check_exact=False, rel_tol=0, abs_tol=1e-9)


def test_components_are_those_of_networkx(bench: Bench, both: tuple[Any, pl.DataFrame, LinkResult]) -> None:
    from graphmatch.spark.components import components

    jars()
    _, matches, _ = both
    edges = matches.filter(pl.col("match_probability") >= 0.5).select("left", "right")
    want = {name: min(group) for group in nx.connected_components(nx.Graph(edges.rows())) for name in group}
    assert want
    table = bench.spark.read.parquet(bench.at("whole/matches"))
    found = components(table, 0.5, bench.at("checkpoints")).collect()
    assert dict(map(tuple, found)) == want


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda table: table.drop("handle"), "lacks the column 'handle'"),
        (lambda table: table.with_columns(handle=1), "'handle' is int, not string"),
        (lambda table: table.with_columns(created_at=1.5), "'created_at' is double"),
        (lambda table: table.with_columns(platform=pl.lit(None, dtype=pl.String)), "'platform' is null in 30 rows"),
        (lambda table: pl.concat([table, table[:2]]), "2 rows repeat an 'account_id'"),
    ],
    ids=["missing", "type", "moment", "null", "repeated"],
)
def test_bad_accounts_are_refused_by_name(bench: Bench, change: Any, said: str) -> None:
    from graphmatch.spark.link import Wanted, link

    accounts = bench.written("bad.parquet", change(invented(30)))
    with pytest.raises(RejectedTable, match=said):
        link(bench.spark, Wanted(accounts, bench.at("bad")))
    assert not (bench.folder / "bad").exists()
    assert not (bench.folder / "bad.work").exists()


def test_addresses_are_checked_before_the_work(bench: Bench) -> None:
    from graphmatch.spark.link import Wanted, link

    good = bench.written("good.parquet", invented(30))
    with pytest.raises(UnreadableFile, match="there is no such file"):
        link(bench.spark, Wanted(bench.at("none.parquet"), bench.at("out")))
    with pytest.raises(UsageError, match=r"--output .*nothing is overwritten"):
        link(bench.spark, Wanted(good, good))
    with pytest.raises(UsageError, match="--accounts nowhere:"):
        link(bench.spark, Wanted("nowhere://a/b", bench.at("out")))
    (bench.folder / "text.parquet").write_text("no parquet")
    with pytest.raises(UnreadableFile, match="can't be read as parquet"):
        link(bench.spark, Wanted(bench.at("text.parquet"), bench.at("out")))
    with pytest.raises(UsageError, match="levels alone"):
        link(bench.spark, Wanted(good, bench.at("out"), model=default()))


def test_half_an_output_is_taken_away(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    from graphmatch.spark import link as line
    from graphmatch.spark.accounts import numbered

    def interrupted(given: Any, work: Any) -> None:
        numbered(given, work)
        work.spark.range(3).write.parquet(bench.at("half"))
        raise KeyboardInterrupt

    monkeypatch.setattr(line.accounts, "numbered", interrupted)
    accounts = bench.written("good.parquet", invented(30))
    with pytest.raises(KeyboardInterrupt):
        line.link(bench.spark, line.Wanted(accounts, bench.at("half")))
    assert not (bench.folder / "half").exists()
    assert not (bench.folder / "half.work").exists()


def test_components_without_graphframes_are_refused_first(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    from graphmatch.spark.link import Wanted, link

    monkeypatch.setitem(sys.modules, "graphframes", None)
    accounts = bench.written("good.parquet", invented(30))
    with pytest.raises(UsageError, match="--components needs GraphFrames"):
        link(bench.spark, Wanted(accounts, bench.at("out"), components=bench.at("grouped")))
    assert not (bench.folder / "out").exists()


def test_a_master_that_does_not_answer_is_one_sentence() -> None:
    pytest.importorskip("pyspark", reason="needs the extra 'spark'")
    pytest.importorskip("pyarrow", reason="needs the extra 'spark'")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(UsageError, match=rf"--master spark://127.0.0.1:{port}: no master answers there") as refused:
        session(f"spark://127.0.0.1:{port}", {})
    assert "\n" not in str(refused.value)
    with pytest.raises(UsageError, match=r"is written spark://host:port"):
        session("spark://127.0.0.1", {})


def test_without_the_extra_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(UsageError, match=r"pip install 'graphmatch\[spark\]'"):
        session("local[2]", {})


def test_settings_of_spark_are_pairs() -> None:
    assert settings(["spark.a=b=c"]) == {"spark.a": "b=c"}
    with pytest.raises(UsageError, match="--conf memory=2g"):
        settings(["memory=2g"])
