"""What the adapters read out of a world is what the truth says of it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from simulate_support import read_truth

from graphmatch.adapter import Adapter, Context, RawRecord, Refusal, card_of, load
from graphmatch.intake.head import heads
from graphmatch.model import Account, Enforcement, Report, Row
from graphmatch.normalise.contacts import Keyring
from graphmatch.simulate import WorldSummary

Written = tuple[Path, WorldSummary]
ADAPTERS = {
    "mastodon": ("mastodon",),
    "bluesky": ("bluesky",),
    "reddit": ("reddit",),
    "x": ("harassment_manager", "generic"),
    "facebook": ("generic",),
    "instagram": ("generic",),
    "telegram": ("generic",),
    "tiktok": ("generic",),
    "youtube": ("generic",),
}


def rows_of(path: Path, adapters: list[Adapter], unknown: Counter[str]) -> list[Row]:
    for head in heads_of(path):
        for adapter in adapters:
            layout = adapter.recognise(head)
            if isinstance(layout, Refusal):
                continue
            context = Context(adapter.name, path.name, layout, Keyring(b"\x01" * 32))
            card, rows = card_of(adapter), []
            with path.open("rb") as stream:
                for record in adapter.read(stream, layout):
                    assert isinstance(record, RawRecord), record
                    unknown.update(card.unknown(record.value))
                    rows.extend(adapter.normalise(record, context))
            return rows
    pytest.fail(f"no adapter reads {path.name}")


def heads_of(path: Path):
    with path.open("rb") as stream:
        return heads(stream, path.name)


@pytest.mark.parametrize("platform", ADAPTERS)
def test_adapters_give_the_accounts_of_the_truth(written: Written, platform: str) -> None:
    adapters = [load(name) for name in ADAPTERS[platform]]
    unknown: Counter[str] = Counter()
    rows = [row for path in sorted((written[0] / platform).iterdir()) for row in rows_of(path, adapters, unknown)]
    truth = read_truth(written[0], "accounts").rows_by_key("platform", named=True)[platform]
    theirs = {row.account_id for row in rows if isinstance(row, Account)}
    reported = {row.account_id for row in rows if isinstance(row, Report) and row.account_id is not None}
    assert theirs - {account["account_id"] for account in truth} == set()
    assert {account["account_id"] for account in truth if account["reported"]} == reported
    assert any(isinstance(row, Enforcement) for row in rows)
    assert not unknown, "fields that the source card does not list"
