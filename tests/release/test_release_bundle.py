"""Whole bundles on disk: what leaves, what never does, and that the same inputs give the same bytes."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from release_world import (
    ANALYSTS,
    EMAIL_HMAC,
    MADE_AT,
    MASTODON,
    NEW,
    OLD,
    REPORTER,
    SECRET_TEXT,
    SERVER,
    TARGET_HANDLE,
    TARGET_NAME,
    account,
    confirmed,
    contents,
    judged,
    make,
    match,
    migration,
    report,
    world,
)

from graphmatch import tables
from graphmatch.errors import ReleaseRefused, UsageError
from graphmatch.model import Gate, IdKind, Target
from graphmatch.release import Recipient, bundle, gate, previous_of, rows, verify

BLUESKY = Recipient("bluesky", "bluesky")


def cells(result: bundle.ReleaseResult, name: str = "links") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO((result.directory / f"{name}.csv").read_text("utf-8-sig"))))


def test_a_confirmed_pair_leaves_with_what_is_theirs(tmp_path: Path) -> None:
    result = make(tmp_path)
    [link], [move] = cells(result), cells(result, "migrations")
    assert link["native_id"] == "114094772542729759"
    assert (link["handle"], link["linked_handle"]) == ("grimwald_77", "grimwald77.test")
    assert link["linked_url"] == "https://bsky.app/profile/grimwald77.test"
    assert (link["likelihood"], link["standing"]) == ("almost certain", "confirmed")
    assert link["families"] == "contact; naming"
    assert link["reported_as"] == "abuse.harassment_targeted (1)"
    assert (move["kind"], move["direction"], move["link_id"]) == ("displaced", "left", link["link_id"])
    assert move["left_earliest"] == "2026-04-15T09:12:40.360000Z"
    assert move["arrived_latest"] == ""
    assert result.rows == {"links": 1, "migrations": 1}
    assert set(result.files) == set(contents(result))


def test_csv_and_parquet_say_the_same(tmp_path: Path) -> None:
    result = make(tmp_path)
    frame = pl.read_parquet(io.BytesIO(contents(result)["links.parquet"]))
    assert frame.schema == pl.Schema(rows.LINKS)
    assert frame["linked_handle"].to_list() == [row["linked_handle"] for row in cells(result)]


def test_the_other_platform_gets_its_side_of_the_same_pair(tmp_path: Path) -> None:
    theirs = make(tmp_path, recipient=BLUESKY)
    [link], [move] = cells(theirs), cells(theirs, "migrations")
    assert link["native_id"] == "did:plc:hh5mwr4rpkw4uau6yuqmzi2o"
    assert (link["linked_platform"], link["linked_handle"], move["direction"]) == ("mastodon", "grimwald_77", "arrived")
    everything = b"".join(contents(theirs).values())
    assert b"114094772542729759" not in everything, "the native id is for its own platform alone"


def test_two_accounts_of_theirs_are_both_named_in_full(tmp_path: Path) -> None:
    again = f"mastodon:{SERVER}:114999"
    made = world(
        accounts=[account(OLD, handle="grimwald_77"), account(again, handle="grim_again")],
        reports=[report("r1", OLD), report("r2", again)],
        matches=[match(OLD, again)],
        migrations=[migration(OLD, again, kind="returned")],
    )
    result = make(tmp_path, made, judgements=confirmed(OLD, again))
    assert {row["native_id"] for row in cells(result)} == {"114094772542729759", "114999"}
    assert cells(result, "migrations")[0]["direction"] == "within"
    objects = json.loads(contents(result)["bundle.stix.json"])["objects"]
    assert sorted(o["user_id"] for o in objects if o["type"] == "user-account") == ["114094772542729759", "114999"]


def test_nothing_that_must_stay_is_in_any_byte(tmp_path: Path) -> None:
    result = make(tmp_path, contact="desk@northmoor.example")
    never = [EMAIL_HMAC, REPORTER, TARGET_NAME, TARGET_HANDLE, "Tom Hallworth", SECRET_TEXT, *ANALYSTS, NEW[13:], "m1"]
    for name, content in contents(result).items():
        lower = content.lower()
        assert [n for n in never if n.lower().encode() in lower] == [], name
    assert b"desk@northmoor.example" in contents(result)["README.md"]


@pytest.mark.parametrize("recipient", [MASTODON, BLUESKY])
def test_debate_alone_gives_no_row(tmp_path: Path, recipient: Recipient) -> None:
    loud = [report(f"r{n}", a, gate=Gate.DEBATE, count=500) for n, a in enumerate((OLD, NEW))]
    result = make(tmp_path, world(reports=loud), recipient=recipient)
    assert result.rows == {"links": 0, "migrations": 0}
    assert result.withheld == {"debate_only": 1}
    assert b"grimwald" not in b"".join(contents(result).values())
    assert "| 1 | `debate_only` |" in contents(result)["README.md"].decode()


def test_standing_is_not_taken_from_the_match(tmp_path: Path) -> None:
    made = world(matches=[match(standing="confirmed")])
    assert make(tmp_path, made, judgements=judged(("Ann", "positive"))).rows["links"] == 0


# One way each to spoil the pair; every subset of them but the empty one must hold it back.
SPOILERS: dict[str, Any] = {
    "one analyst": judged(("Ann", "positive"), ("Ann ", "positive"), ("Bo", "unsure")),
    "withdrawn": judged(("Ann", "positive"), ("Bo", "positive"), ("Bo", "negative")),
    "rejected by a third": judged(("Ann", "positive"), ("Bo", "positive"), ("Cy", "negative")),
    "one family": {"families": ["naming"]},
    "impersonation": {"story": "impersonation"},
    "shared machine": {"story": "shared_machine"},
    "debate": Gate.DEBATE,
    "illegal": Gate.ILLEGAL,
    "imminent": Gate.IMMINENT,
    "target": Target("bluesky:bsky:grimwald77.test", "bluesky", "grimwald77.test"),
    "hashed": IdKind.HASHED,
    "email handle": "moor.lad@mailbox.example",
}


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    spoilers=st.lists(st.sampled_from(sorted(SPOILERS)), min_size=1, max_size=4, unique=True),
    recipient=st.sampled_from([MASTODON, BLUESKY]),
)
def test_a_pair_below_the_gate_is_in_no_file(tmp_path: Path, spoilers: list[str], recipient: Recipient) -> None:
    judgements, reports = confirmed(), [report("r1", OLD), report("r2", NEW)]
    matched: dict[str, Any] = {}
    targets: list[Target] = []
    new = account(NEW, handle="grimwald77.test")
    for spoiler in (SPOILERS[name] for name in spoilers):
        match spoiler:
            case pl.DataFrame():
                judgements = spoiler
            case dict():
                matched |= spoiler
            case Gate():
                reports[1] = replace(reports[1], gate=spoiler)
            case Target():
                targets.append(spoiler)
            case IdKind():
                new = replace(new, id_kind=spoiler)
            case str():
                new = replace(new, handle=spoiler)
    made = world(
        accounts=[account(OLD, handle="grimwald_77"), new],
        reports=reports,
        matches=[match(**matched)],
        targets=targets or None,
    )
    result = make(tmp_path, made, judgements=judgements, recipient=recipient, replace=True)
    assert result.rows == {"links": 0, "migrations": 0}
    assert sum(result.withheld.values()) == 1
    everything = b"".join(contents(result).values()).lower()
    for trace in (b"grimwald", b"114094772542729759", b"hh5mwr4r", b"mailbox.example"):
        assert trace not in everything


def test_the_same_inputs_in_any_order_give_the_same_bytes(tmp_path: Path) -> None:
    olds = [f"mastodon:{SERVER}:{n}" for n in range(9)]
    made = world(
        accounts=[account(a, handle=f"grim{n}") for n, a in enumerate((*olds, NEW))],
        reports=[report(f"r{n}", a) for n, a in enumerate((*olds, NEW))],
        matches=[match(NEW, old) for old in olds],
        migrations=[migration(old, NEW, migration_id=old) for old in olds],
    )
    journal = pl.concat([confirmed(NEW, old) for old in olds]).with_columns(seq=pl.int_range(1, 2 * len(olds) + 1))
    shuffled = {name: frame.sample(fraction=1.0, shuffle=True, seed=3) for name, frame in made.items()}
    one = make(tmp_path / "one", made, judgements=journal)
    other = make(tmp_path / "other", shuffled, judgements=journal.reverse())
    assert one.rows == {"links": 9, "migrations": 9}
    assert contents(one) == contents(other)
    assert one.sha256 == other.sha256


def test_a_period_is_not_overwritten_unless_it_is_the_same(tmp_path: Path) -> None:
    first = make(tmp_path)
    before = contents(first)
    later = make(tmp_path, made_at=MADE_AT + timedelta(hours=3))
    assert later.unchanged
    assert contents(later) == before
    with pytest.raises(UsageError, match="is there already"):
        make(tmp_path, judgements=judged(("Ann", "positive")))
    assert contents(first) == before
    assert make(tmp_path, judgements=judged(("Ann", "positive")), replace=True).rows["links"] == 0
    assert [p.name for p in first.directory.parent.iterdir()] == ["2026-W17"], "nothing is left lying about"


def test_a_later_release_says_what_changed_and_what_is_withdrawn(tmp_path: Path) -> None:
    first = make(tmp_path)
    link_id = cells(first)[0]["link_id"]
    kept = make(tmp_path, period="2026-W18", previous=first.directory, made_at=MADE_AT + timedelta(days=7))
    assert kept.changes["links"] == {"added": 0, "removed": 0, "changed": 0, "unchanged": 1}
    relationship = next(
        o for o in json.loads(contents(kept)["bundle.stix.json"])["objects"] if o["type"] == "relationship"
    )
    assert relationship["created"] < relationship["modified"], "an object keeps the time at which it was first made"
    assert previous_of(tmp_path, MASTODON.name, "2026-W19") == kept.directory
    assert previous_of(tmp_path, MASTODON.name, "2026-W18") == first.directory, "what it followed, it follows again"
    assert previous_of(tmp_path, MASTODON.name, "2026-W17") is None
    assert previous_of(tmp_path, BLUESKY.name, "2026-W17") is None
    gone = make(tmp_path, period="2026-W19", previous=kept.directory, judgements=judged(("Ann", "negative")))
    manifest = json.loads(contents(gone)["manifest.json"])
    assert (manifest["withdrawn"], manifest["changes"]["links"]["removed"]) == ([link_id], 1)
    assert manifest["previous"]["period"] == "2026-W18"
    changed = make(tmp_path, world(matches=[match(match_probability=0.85)]), period="w", previous=first.directory)
    assert changed.changes["links"]["changed"] == 1


def test_a_previous_release_must_be_sound_and_theirs(tmp_path: Path) -> None:
    first = make(tmp_path)
    with pytest.raises(UsageError, match="no earlier release"):
        make(tmp_path, recipient=BLUESKY, previous=first.directory)
    (first.directory / "links.csv").write_bytes(b"")
    with pytest.raises(ReleaseRefused, match=r"links\.csv"):
        make(tmp_path, period="2026-W18", previous=first.directory)


def test_verify_finds_every_flipped_byte(tmp_path: Path) -> None:
    result = make(tmp_path)
    assert verify(result.directory)["period"] == "2026-W17"
    for name, content in contents(result).items():
        for place in {0, len(content) // 2, len(content) - 1}:
            path = result.directory / name
            path.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
            with pytest.raises(ReleaseRefused):
                verify(result.directory)
            path.write_bytes(content)
    verify(result.directory)


def test_verify_finds_files_that_are_missing_or_were_put_in(tmp_path: Path) -> None:
    directory = make(tmp_path).directory
    (directory / "extra.csv").touch()
    with pytest.raises(ReleaseRefused, match="not in the manifest"):
        verify(directory)
    (directory / "extra.csv").unlink()
    (directory / "README.md").unlink()
    with pytest.raises(ReleaseRefused, match="missing"):
        verify(directory)
    with pytest.raises(ReleaseRefused, match="no manifest"):
        verify(tmp_path)


@pytest.mark.parametrize("handle", ["=1+1", "+1", "-1", "@SUM(A1)", " =cmd", "\uff1d1"])
def test_no_cell_is_a_formula(tmp_path: Path, handle: str) -> None:
    made = world(accounts=[account(OLD, handle=handle), account(NEW, handle=handle)])
    result = make(tmp_path, made)
    for row in [*cells(result), *cells(result, "migrations")]:
        assert all(cell[:1] not in "=+-@\uff1d" for cell in row.values() if cell)
        assert row["handle"] == f"'{handle}"
    assert pl.read_parquet(io.BytesIO(contents(result)["links.parquet"]))["handle"].to_list() == [handle]


def test_csv_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    result = make(tmp_path, recipient=replace(MASTODON, csv_bom=True))
    assert contents(result)["links.csv"].startswith(b"\xef\xbb\xbf")
    assert not contents(make(tmp_path / "plain"))["links.csv"].startswith(b"\xef\xbb\xbf")


@pytest.mark.parametrize(
    "values",
    [
        {"period": "../2026"},
        {"workspace": "case-asha-verma"},
        {"contact": "the office of Asha Verma"},
        {"made_at": datetime(2026, 4, 20)},  # noqa: DTZ001 - the point of the test
        {"made_at": datetime(2026, 4, 20, tzinfo=timezone(timedelta(hours=1)))},
    ],
)
def test_a_bad_request_writes_nothing(tmp_path: Path, values: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        make(tmp_path / "out", **values)
    with pytest.raises(UsageError, match="reports"):
        make(tmp_path / "out", {name: frame for name, frame in world().items() if name != "reports"})
    assert not (tmp_path / "out").exists()


def test_an_empty_workspace_gives_an_empty_bundle(tmp_path: Path) -> None:
    nothing = {name: tables.empty(name) for name in bundle.NEEDED}
    result = make(tmp_path, nothing, judgements=tables.empty("judgements"))
    assert (result.rows, result.withheld) == ({"links": 0, "migrations": 0}, {})
    verify(result.directory)


def test_a_leak_past_the_gate_is_refused_and_nothing_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules = tuple(rule for rule in gate.RULES if rule.__name__ != "names_target")
    monkeypatch.setattr(gate, "RULES", rules)
    made = world(accounts=[account(OLD, handle="grim"), account(NEW, handle="stop-asha-verma")])
    with pytest.raises(ReleaseRefused, match="target") as refusal:
        make(tmp_path / "out", made)
    assert "asha" not in str(refusal.value).lower()
    assert not (tmp_path / "out").exists()


def test_targets_called_like_our_own_words_do_not_stop_a_release(tmp_path: Path) -> None:
    words = [
        Target(f"x:x:{w}", "x", w) for w in ("mastodon", "bluesky", "will", "contact", "northmoor", "relationship")
    ]
    assert make(tmp_path, world(targets=words)).rows["links"] == 1


def test_the_time_is_all_that_differs_between_two_runs(tmp_path: Path) -> None:
    one = contents(make(tmp_path / "one"))
    other = contents(make(tmp_path / "two", made_at=datetime(2026, 5, 1, tzinfo=UTC)))
    assert {name for name in one if one[name] != other[name]} == {"bundle.stix.json", "manifest.json", "SHA256SUMS"}
