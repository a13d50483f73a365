"""Writes that are large for a Neo4j server, or that wait long: what it holds at once, and what the user is told."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import polars as pl
import pytest
from neo4j.exceptions import Neo4jError
from neo4j_server import Server
from polars.testing import assert_frame_equal
from private_neo4j import PrivateNeo4j
from store_rows import frame, northmoor

from graphmatch import tables
from graphmatch.errors import StoreBusy, StoreError
from graphmatch.store import Login, Store, Written, neo4j_attempt, neo4j_frames, neo4j_server, neo4j_slices, open_store
from graphmatch.store.neo4j_attempt import Attempt, HeldUp
from graphmatch.store.transfer import copy

MATCHES = "MATCH ()-[m:MATCHES]->() RETURN count(m) AS n"


def matches(count: int, weight: float = 3.5) -> pl.DataFrame:
    ids = pl.DataFrame({"n": range(count)}).select(left=pl.format("a:{}", "n"), right=pl.format("b:{}", "n"))
    many = pl.concat([northmoor()["matches"].head(0), *[northmoor()["matches"].head(1)] * count])
    return many.with_columns(ids["left"], ids["right"], match_weight=pl.lit(weight)).sort(tables.keys("matches"))


@pytest.fixture(name="store")
def _store(empty_neo4j: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """A store that replaces more than three matches slice by slice."""
    monkeypatch.setattr(neo4j_slices, "SLICE", 3)
    with open_store(empty_neo4j.uri, login=empty_neo4j.login) as store:
        yield store


def at_slice(number: int, do: Callable[[neo4j_frames.Transaction], None], patch: pytest.MonkeyPatch) -> None:
    """Let ``do`` happen before the slice of that number."""
    slices, require_mine = iter(range(99)), neo4j_slices.require_mine

    def mine(tx: neo4j_frames.Transaction, *given: str) -> None:
        if next(slices) == number:
            do(tx)
        require_mine(tx, *given)

    patch.setattr(neo4j_slices, "require_mine", mine)


def break_off(_tx: object) -> None:
    raise KeyboardInterrupt


def test_a_large_table_is_replaced_slice_by_slice(store: Store) -> None:
    for rows in (matches(10), matches(7), matches(12, 4.5), matches(12, 4.5), matches(0), matches(2)):
        assert store.replace("matches", rows) == rows.height
        assert_frame_equal(store.read("matches"), rows)
        assert store.query("MATCH (m:Meta) RETURN collect(m.name) AS names").item().to_list() == ["schema"]


def test_half_a_table_is_never_taken_for_the_whole(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    store.replace("matches", matches(3))
    with monkeypatch.context() as patch:
        at_slice(2, break_off, patch)
        with pytest.raises(KeyboardInterrupt):
            store.replace("matches", matches(11, 4.5))
    asks: tuple[Callable[[], object], ...] = (lambda: store.read("matches"), lambda: store.query(MATCHES))
    for ask in asks:
        with pytest.raises(StoreBusy, match=r"the matches at .* are being replaced: wait, or, if that was broken off"):
            ask()
    assert store.read("actors").is_empty()
    monkeypatch.setattr(neo4j_slices, "SLICE", 100)  # put in place at once, it is mended too
    store.replace("matches", matches(7, 4.5))
    assert_frame_equal(store.read("matches"), matches(7, 4.5))


def test_of_two_that_replace_a_table_at_once_the_later_one_stands(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        at_slice(1, lambda tx: neo4j_slices.begin(tx, "matches", "another"), patch)
        with pytest.raises(StoreError, match=r"another program replaces the matches at .* now"):
            store.replace("matches", matches(8))
    with pytest.raises(StoreBusy):
        store.read("matches")
    store.replace("matches", matches(5, 4.5))
    assert_frame_equal(store.read("matches"), matches(5, 4.5))


def test_a_copy_that_was_broken_off_in_a_large_table_is_completed(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_store(f"embedded://{tmp_path / 'graph.lbug'}") as source:
        source.write("accounts", northmoor()["accounts"])
        source.replace("matches", matches(11))
        with monkeypatch.context() as patch:
            at_slice(2, break_off, patch)
            with pytest.raises(KeyboardInterrupt):
                copy(source, store)
        assert copy(source, store)["matches"] == 11


def test_a_write_that_is_too_large_for_the_server_is_not_tried_again(
    private_neo4j: Callable[..., PrivateNeo4j], caplog: pytest.LogCaptureFixture
) -> None:
    server = private_neo4j(settings={"db.memory.transaction.max": "4m"})
    accounts = frame(
        "accounts", *({**northmoor()["accounts"].row(0, named=True), "account_id": str(n)} for n in range(4000))
    )
    with open_store(server.uri, login=Login(server.username, server.password)) as store:
        with pytest.raises(
            StoreError, match=r"too large for the memory of .*; raise db\.memory\.transaction\.max there"
        ):
            store.write("accounts", accounts)
        assert "will be retried" not in caplog.text
        assert store.write("accounts", accounts.head(100)) == Written(new=100)


def test_who_waits_for_a_program_that_hangs_is_told_and_served_in_the_end(
    empty_neo4j: Server, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(neo4j_attempt, "WORD_SECONDS", 0.2)
    targets = northmoor()["targets"]
    with (
        open_store(empty_neo4j.uri, login=empty_neo4j.login) as store,
        empty_neo4j.driver() as driver,
        driver.session(database=empty_neo4j.database) as hanging,
    ):
        store.write("targets", targets.with_columns(target_id=pl.lit("the server has met its statements")))
        held = hanging.begin_transaction(timeout=5.0)
        held.run("MATCH (m:Meta {name: 'schema'}) SET m.locked = true").consume()
        monkeypatch.setattr(neo4j_server, "WRITE_SECONDS", 4.0)
        assert store.write("targets", targets) == Written(new=1)
        held.close()
    assert "another program is writing there" in caplog.text
    assert not [thread for thread in threading.enumerate() if isinstance(thread, threading.Timer)]


def test_work_that_got_the_lock_late_is_held_up_and_other_work_is_slow(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(neo4j_attempt.time, "monotonic", lambda: now[0])
    out_of_time = Neo4jError()
    out_of_time._neo4j_code = "Neo.ClientError.Transaction.TransactionTimedOutClientConfiguration"

    def lasts(seconds: float) -> None:
        now[0] += seconds

    def work(_: neo4j_frames.Transaction) -> None:
        lasts(10)
        raise out_of_time

    nobody = cast("neo4j_frames.Transaction", None)
    for waits, raised in ((11, HeldUp), (9, Neo4jError)):
        with Attempt(work, lambda _, waits=waits: lasts(waits), "there") as attempt, pytest.raises(raised):
            attempt.do(nobody)


def test_what_was_sent_is_let_go() -> None:
    """The driver keeps what each statement of a transaction was given."""
    sent: list[tuple[dict[str, Any], list[str]]] = []

    class Sent:
        def run(self, _text: str, given: dict[str, Any]) -> list[list[int]]:
            sent.append((given["c"], list(given["c"])))
            return [[given["n"]]]

    rows = frame("targets", *({"target_id": name, "derivations": ["intake"]} for name in "ab"))
    assert neo4j_frames.run(cast("neo4j_frames.Transaction", Sent()), "RETURN 1", rows) == 2
    assert sent == [({}, ["target_id", "derivations"])]  # a blank column does not travel
