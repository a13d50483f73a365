"""The line that is not crossed, through real processes: what leaves, what stands at rest, and who is named."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from graphmatch.journal import Journal
from graphmatch.store import open_store

AT = datetime(2026, 5, 20, 9, 0, tzinfo=UTC)
PLATFORMS = ("mastodon", "x", "bluesky")
#: What was said of a pair, in turn, and whether two different people stand by it now.
SAID: dict[str, tuple[tuple[tuple[str, str], ...], bool]] = {
    "two": ((("Jo Marl", "positive"), ("Sam Oke", "positive")), True),
    "one twice": ((("Jo Marl", "positive"), ("Jo Marl", "positive")), False),
    "spellings": ((("Jo Marl", "positive"), ("jo marl ", "positive"), ("J\u043e.MARL", "positive")), False),
    "now unsure": ((("Jo Marl", "positive"), ("Sam Oke", "positive"), ("SAM OKE", "unsure")), False),
    "a third says no": ((("Jo Marl", "positive"), ("Sam Oke", "positive"), ("Kim Ash", "negative")), False),
    "came round": ((("Jo Marl", "positive"), ("Sam Oke", "negative"), ("sam oke", "positive")), True),
}
_EMAIL = re.compile(r"[\w.%+-]+@[\w-]+(?:\.[\w-]+)+")
_IP = re.compile(r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])")

Pair = tuple[str, str]


@dataclass(frozen=True)
class Judged:
    """A workspace in which every kind of judgement was made, and its first releases."""

    folder: Path
    said: dict[Pair, str]
    tables: dict[str, pl.DataFrame]
    bundles: dict[str, Path]

    @property
    def standing(self) -> set[Pair]:
        return {pair for pair, kind in self.said.items() if SAID[kind][1]}


def read(folder: Path, *names: str) -> dict[str, pl.DataFrame]:
    with open_store(f"embedded://{folder / '.graphmatch' / 'graph.lbug'}", read_only=True) as store:
        return {name: store.read(name) for name in names}


def journal_of(folder: Path) -> Journal:
    return Journal(folder / ".graphmatch" / "journal.ndjson")


def say(journal: Journal, pair: Pair, *said: tuple[str, str]) -> None:
    for analyst, word in said:
        body = {"left": pair[0], "right": pair[1], "judgement": word, "analyst": analyst, "reason": "seen at the gate"}
        journal.append("judgement", body, AT)


def release(cli, folder: Path, platform: str, period: str, code: int = 0) -> Path | None:
    done = cli("-w", folder, "release", "--recipient", platform, "--period", period, "--json", code=code)
    return Path(json.loads(done.stdout)["directory"]) if code == 0 else None


@pytest.fixture(scope="module")
def judged(cli, finished: Path, tmp_path_factory: pytest.TempPathFactory) -> Judged:
    folder = Path(shutil.copytree(finished, tmp_path_factory.mktemp("judged") / "workspace"))
    found = read(folder, "matches").popitem()[1].sort("match_probability", "left", "right", descending=True)
    said: dict[Pair, str] = {}
    kinds, journal = list(SAID), journal_of(folder)
    for turn, pair in enumerate(found.select("left", "right").head(120).iter_rows()):
        kind = kinds[turn % 6] if turn % 6 else "two"
        said[pair] = kind
        say(journal, pair, *SAID[kind][0])
    cli("-w", folder, "resolve", "--json")
    bundles = {platform: release(cli, folder, platform, "2026-W20") for platform in PLATFORMS}
    wanted = ("matches", "accounts", "reports", "targets", "sightings", "enforcements", "contents")
    return Judged(folder, said, read(folder, *wanted), {name: path for name, path in bundles.items() if path})


@pytest.fixture
def spoilt(judged: Judged, tmp_path: Path) -> Path:
    return Path(shutil.copytree(judged.folder, tmp_path / "workspace"))


def test_confirmed_is_what_two_different_people_stand_by_now(judged: Judged) -> None:
    confirmed = judged.tables["matches"].filter(pl.col("standing") == "confirmed").select("left", "right").rows()
    assert set(confirmed) == judged.standing


def test_every_released_link_was_confirmed_and_is_past_the_gate(judged: Judged) -> None:
    accounts = {row["account_id"]: row for row in judged.tables["accounts"].iter_rows(named=True)}
    matches = {(row["left"], row["right"]): row for row in judged.tables["matches"].iter_rows(named=True)}
    at_terms = set(judged.tables["reports"].filter(pl.col("gate") == "terms")["account_id"])
    released = 0
    for bundle in judged.bundles.values():
        for row in pl.read_parquet(bundle / "links.parquet").iter_rows(named=True):
            released += 1
            own = f"{row['platform']}:{row['instance']}:{row['native_id']}"
            named = (row["linked_platform"], row["linked_instance"], row["linked_handle"])
            pairs = [
                pair
                for pair in judged.standing
                if own in pair
                and any(
                    (accounts[a]["platform"], accounts[a]["instance"], accounts[a]["handle"]) == named for a in pair
                )
            ]
            assert pairs
            assert any(
                len(matches[pair]["families"]) >= 2
                and matches[pair]["story"] == "same_operator"
                and set(pair) <= at_terms
                for pair in pairs
            )
    assert released >= 5


def test_no_byte_of_a_bundle_says_what_must_not_leave(judged: Judged, world: Path) -> None:
    tables = judged.tables
    accounts = tables["accounts"]
    handles = {f"{h}@{i}".lower() for h, i in accounts.select("handle", "instance").iter_rows()}
    handles |= {name.lower() for name in accounts["native_id"]}
    values = set(tables["sightings"].filter(pl.col("kind").str.ends_with("_hmac"))["value"])
    values |= set(tables["reports"]["reporter_ref"].drop_nulls()) | set(tables["enforcements"]["by_ref"].drop_nulls())
    values |= {text[:40] for text in tables["contents"]["text"].drop_nulls() if len(text) > 25}
    values |= {analyst for said, _ in SAID.values() for analyst, _ in said} | {"seen at the gate"}
    values |= {value for value in contacts(world) if value.lower() not in handles}
    targets = set(tables["targets"]["name"].drop_nulls())
    targets |= {handle.partition("@")[0] for handle in tables["targets"]["handle"].drop_nulls()}
    word = re.compile(rf"(?<!\w)(?:{'|'.join(re.escape(name.lower()) for name in targets if len(name) > 3)})(?!\w)")
    for bundle in judged.bundles.values():
        for path in bundle.iterdir():
            text = f"{path.parent.name} {path.name}\n{path.read_text('utf-8', errors='replace')}"
            assert not [value for value in values if value in text], path.name
            assert not word.search(text.lower()), path.name


def contacts(world: Path) -> set[str]:
    """E-mail and IP addresses and volunteers' numbers, as they stand in the exports."""
    found: set[str] = set()
    for path in world.rglob("*"):
        if path.is_file() and "truth" not in path.parts:
            text = path.read_text("utf-8", errors="replace")
            found |= {*_EMAIL.findall(text), *_IP.findall(text), *re.findall(r"\bvol-\d+", text)}
    return found


def test_what_is_kept_holds_no_contact_value_and_no_reporter(judged: Judged, world: Path, cli) -> None:
    accounts = judged.tables["accounts"]
    handles = {f"{h}@{i}".lower() for h, i in accounts.select("handle", "instance").iter_rows()}
    clear = {value.lower() for value in contacts(world)} - handles
    assert len(clear) > 100
    kept = {
        path.name: path.read_bytes()
        for path in judged.folder.rglob("*")
        if path.is_file() and "archive" not in path.parts
    }
    kept |= {"migrations": cli("-w", judged.folder, "migrations", "--json").stdout.encode()}
    for name, content in kept.items():
        text = content.decode("utf-8", "replace").lower()
        assert not [value for value in clear if value in text], name


def test_only_its_owner_reads_a_workspace_and_its_bundles(judged: Judged) -> None:
    home = judged.folder / ".graphmatch"
    private = [home, home / "key", home / "journal.ndjson", home / "journal.ndjson.head", *judged.bundles.values()]
    private += [path for bundle in judged.bundles.values() for path in bundle.iterdir()]
    assert [path.name for path in private if path.stat().st_mode & 0o077] == []


def test_a_link_that_one_takes_back_is_withdrawn(judged: Judged, spoilt: Path, cli) -> None:
    before = set(pl.read_parquet(judged.bundles["mastodon"] / "links.parquet")["link_id"])
    journal = journal_of(spoilt)
    for pair in judged.standing:
        say(journal, pair, ("sam  oke", "unsure"))
    bundle = release(cli, spoilt, "mastodon", "2026-W21")
    assert bundle is not None
    manifest = json.loads((bundle / "manifest.json").read_text("utf-8"))
    assert pl.read_parquet(bundle / "links.parquet").is_empty()
    assert set(manifest["withdrawn"]) == before


def test_a_bundle_edited_after_it_was_made_is_found(judged: Judged, spoilt: Path, cli) -> None:
    bundle = spoilt / judged.bundles["x"].relative_to(judged.folder)
    cli("release", "--verify", bundle)
    with (bundle / "links.csv").open("ab") as file:
        file.write(b"x\n")
    cli("release", "--verify", bundle, code=3)
    found = cli("-w", spoilt, "doctor", "--json", code=1).stdout
    assert "changed since the release was made" in found


def test_no_name_leads_out_of_the_folder(judged: Judged, cli) -> None:
    before = sorted(judged.folder.parent.rglob("*"))
    for name in ("../x", "", ".x"):
        assert release(cli, judged.folder, "mastodon", name, code=2) is None
    cli("-w", judged.folder, "release", "--recipient", "../x", code=2)
    assert sorted(judged.folder.parent.rglob("*")) == before


def test_nothing_is_resolved_or_released_under_a_journal_that_was_tampered_with(spoilt: Path, cli) -> None:
    path = spoilt / ".graphmatch" / "journal.ndjson"
    lines = path.read_bytes().splitlines(keepends=True)
    forged = lines[0].replace(b"Jo Marl", b"Al Marl")
    for bad in ([forged, *lines[1:]], lines[:-1]):
        path.write_bytes(b"".join(bad))
        release(cli, spoilt, "mastodon", "2026-W22", code=6)
    cli("-w", spoilt, "resolve", code=6)
    assert not (spoilt / "releases" / "mastodon" / "2026-W22").exists()


def test_a_half_written_record_is_moved_aside(spoilt: Path, cli) -> None:
    path = spoilt / ".graphmatch" / "journal.ndjson"
    whole = path.read_bytes()
    path.write_bytes(whole + whole[:40])
    assert "doctor --recover-journal" in cli("-w", spoilt, "resolve", code=6).stderr
    cli("-w", spoilt, "doctor", "--recover-journal")
    assert path.read_bytes() == whole


def test_no_lawful_critic_is_an_origin_and_no_older_account_is_displaced(finished: Path, world: Path) -> None:
    truth = {
        row["account_id"]: row for row in pl.read_parquet(world / "truth" / "accounts.parquet").iter_rows(named=True)
    }
    moves = read(finished, "migrations")["migrations"]
    assert moves.height > 3
    for move in moves.iter_rows(named=True):
        origin, destination = truth[move["origin_account_id"]], truth[move["destination_account_id"]]
        assert origin["role"] != "critic", move["migration_id"]
        if move["kind"] == "displaced":
            assert destination["created_at"] >= move["left_earliest"], move["migration_id"]
