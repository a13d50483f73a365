from __future__ import annotations

import csv
import ipaddress
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from simulate_support import read_truth

from graphmatch.simulate import WorldSummary, ids, write_world
from graphmatch.simulate.exports import files, mastodon

Written = tuple[Path, WorldSummary]
SAMPLES = Path(__file__).parents[2].parent / "shared" / "formats"
#: Keys that real exports have and the samples happen not to show (formats reference, 3.1 and 3.4).
UNSHOWN = {
    "bluesky": {"suspendUntil", "subjectLine", "durationInHours"},
    "mastodon": {"moved"},
    "reddit": set(),
}
#: Keys of the samples that stand in some records only, for reasons that the world has not.
OPTIONAL = {"actionNote", "accountStrike", "add", "remove", "active", "status"}


def paths(value: Any, where: str = "") -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from paths(item, where)
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield f"{where}.{key}"
            yield from paths(inner, f"{where}.{key}")


def load(path: Path) -> Any:
    return json.loads(path.read_text("utf-8"))


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the formats reference (../shared/formats) is not here")
@pytest.mark.parametrize(
    ("ours", "sample"),
    [
        ("mastodon/reports.json", "mastodon/sample.json"),
        ("mastodon/account_warnings.json", "mastodon/account_warnings.json"),
        ("bluesky/reports.json", "bluesky/sample.json"),
        ("bluesky/events.json", "bluesky/query_events.json"),
        ("bluesky/statuses.json", "bluesky/query_statuses.json"),
        ("reddit/modqueue.json", "reddit/sample.json"),
        ("reddit/modlog.json", "reddit/modlog.json"),
        ("reddit/mod_notes.json", "reddit/mod_notes.json"),
    ],
)
def test_exports_have_the_keys_of_the_real_formats(written: Written, ours: str, sample: str) -> None:
    platform = ours.split("/", maxsplit=1)[0]
    made, known = set(paths(load(written[0] / ours))), set(paths(load(SAMPLES / sample)))
    anywhere = {key for file in (SAMPLES / platform).glob("*.json") for key in keys(load(file))} | UNSHOWN[platform]
    assert {path.split(".")[-1] for path in made} <= anywhere
    # Whole records: only what a real export leaves out itself may be missing.
    records = {path for path in known if path.count(".") <= 3}
    assert {path for path in records - made if OPTIONAL.isdisjoint(path.split("."))} <= {".cursor"}


def keys(value: Any) -> set[str]:
    return {path.split(".")[-1] for path in paths(value)}


def test_every_file_parses(written: Written) -> None:
    found = [path for path in written[0].rglob("*") if path.suffix in (".json", ".csv")]
    assert len(found) == written[1].files + 1  # and truth/world.json
    for path in found:
        if path.suffix == ".json":
            assert load(path)
        else:
            with path.open(encoding="utf-8", newline="") as lines:
                header, *rows = csv.reader(lines)
            short = path.name.startswith("harassment_report_")
            assert rows
            assert all(len(row) == len(header) or (short and len(row) == 1) for row in rows)


def test_large_worlds_are_written_line_by_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mastodon, "LARGE", 100)
    write_world(tmp_path / "world", accounts=150, seed=1)
    lines = (tmp_path / "world" / "mastodon" / "reports.ndjson").read_text("utf-8").splitlines()
    assert all(json.loads(line)["target_account"]["id"] for line in lines)
    assert files.LARGE > 1000


def test_suspended_accounts_come_blank_and_an_earlier_export_holds_some_profiles(written: Written) -> None:
    now, before = (load(written[0] / "mastodon" / name) for name in ("reports.json", "reports_before.json"))
    gone = {r["target_account"]["id"]: r["target_account"] for r in now if r["target_account"]["suspended"]}
    assert gone
    for account in gone.values():
        entity = account["account"]
        assert (entity["display_name"], entity["note"], entity["fields"]) == ("", "", [])
        assert entity["avatar"].endswith("missing.png")
        assert (account["email"] is None) == (account["domain"] is not None)
    held = [r["target_account"] for r in before if r["target_account"]["id"] in gone]
    assert any(account["account"]["display_name"] for account in held)
    assert all(not report["action_taken"] for report in before)


def test_taken_down_profiles_are_absent(written: Written) -> None:
    reports = load(written[0] / "bluesky" / "reports.json")["reports"]
    taken = [r for r in reports if r["subjectStatus"]["hosting"]["status"] == "takendown"]
    assert taken
    assert not any("profile" in report["subject"] for report in taken)
    assert any(not report["subject"]["repo"]["relatedRecords"] for report in taken) or len(taken) < 6


def test_mentions_are_marked_at_their_bytes(written: Written) -> None:
    seen = 0
    for report in load(written[0] / "bluesky" / "reports.json")["reports"]:
        value = report["subject"].get("record", {}).get("value", {})
        for facet in value.get("facets", []):
            start, end = facet["index"]["byteStart"], facet["index"]["byteEnd"]
            assert re.fullmatch(rb"@[a-z0-9.]+\.test", value["text"].encode()[start:end])
            seen += 1
    assert seen > 10


def test_times_in_ids_agree_with_the_times_beside_them(written: Written) -> None:
    for report in load(written[0] / "mastodon" / "reports.json"):
        for status in report["statuses"]:
            assert ids.iso(int(status["id"]) >> 16) == status["created_at"]
        target = report["target_account"]
        if target["domain"] is None:
            assert ids.iso(int(target["id"]) >> 16) == target["created_at"]


def test_contacts_belong_to_nobody(written: Written) -> None:
    text = "\n".join(path.read_text("utf-8") for path in written[0].rglob("*") if path.suffix in (".json", ".csv"))
    mails = set(re.findall(r'"email":"[^"@]+@([^"]+)"', text))
    assert mails
    assert all(host.endswith(".example") for host in mails)
    reserved = [
        ipaddress.ip_network(net) for net in ("192.0.2.0/24", "198.18.0.0/15", "100.64.0.0/10", "2001:db8::/32")
    ]
    addresses = set(re.findall(r'"(?:ip|value)":"((?:\d+\.){3}\d+|2001:[0-9a-f:]+)"', text))
    assert len(addresses) > 20
    for address in map(ipaddress.ip_address, addresses):
        assert any(address in network for network in reserved if network.version == address.version)


def test_strangers_share_addresses(written: Written) -> None:
    used: dict[str, set[str]] = {}
    owner = dict(read_truth(written[0], "accounts").select("account_id", "person_id").iter_rows())
    for report in load(written[0] / "mastodon" / "reports.json"):
        target = report["target_account"]
        for entry in target["ips"] or []:
            key = f"mastodon:social.northmoor.example:{target['id']}"
            used.setdefault(entry["ip"], set()).add(owner[key])
    assert max(len(owners) for owners in used.values()) >= 2
