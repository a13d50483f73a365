"""DSA Statements of Reasons: what platforms decided on which day, of no account, and nothing guessed."""

from __future__ import annotations

import contextlib
import csv
import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from golden import KEYRING, folder_of, rows_of
from polars.testing import assert_frame_equal

from graphmatch import tables
from graphmatch.adapter import Context, Head, Layout, Options, RawRecord, Refusal
from graphmatch.errors import LeftOut, RejectedRecord, UsageError
from graphmatch.frames import frame
from graphmatch.migration import trace
from graphmatch.model import Account, Action, Enforcement, IdKind, Scope
from graphmatch.normalise.actions import action
from graphmatch.normalise.categories import category
from graphmatch.store import Store, cypher, open_store
from ingest.dsa_sor.adapter import DsaSorAdapter

SHARED = Path(__file__).parents[3] / "shared" / "formats" / "dsa_sor" / "sample.csv"
ADAPTER = DsaSorAdapter(Options())
LIGHT_DROPS = {
    "illegal_content_explanation",
    "incompatible_content_explanation",
    "territorial_scope",
    "decision_facts",
}


def made(**cells: Any) -> list[Enforcement]:
    row = {
        "uuid": "0ed3afa7",
        "decision_account": "DECISION_ACCOUNT_SUSPENDED",
        "category": "STATEMENT_CATEGORY_VIOLENCE",
        "application_date": "2026-04-20 00:00:00",
        "platform_name": "ExampleShort",
        **cells,
    }
    context = Context("dsa_sor", "any.csv", Layout("csv", "statement"), KEYRING)
    found = list(ADAPTER.normalise(RawRecord(2, row), context))
    assert all(isinstance(row, Enforcement) for row in found)
    return [row for row in found if isinstance(row, Enforcement)]


def one(**cells: Any) -> Enforcement:
    (found,) = made(**cells)
    return found


def test_a_decision_is_about_no_account_and_lasted_somewhere_in_its_day() -> None:
    found = one(platform_uid="puid-4bf470c1806b0753")
    assert (found.account_id, found.content_id, found.by_ref) == (None, None, None)
    assert "puid" not in repr(found)
    day = datetime(2026, 4, 20, tzinfo=UTC)
    assert (found.at_earliest, found.at_latest) == (day, day + timedelta(days=1, microseconds=-1))
    assert found.scope is Scope.PLATFORM
    assert one(application_date="2026-04-20").at_earliest == day
    assert one(application_date="2026-04-20 17:45:01").at_earliest == day
    assert one(application_date=None).at_earliest is None


def test_each_decision_of_a_statement_is_an_enforcement() -> None:
    found = made(
        decision_visibility='["DECISION_VISIBILITY_CONTENT_REMOVED", "DECISION_VISIBILITY_CONTENT_LABELLED"]',
        end_date_visibility_restriction="2026-05-01",
        decision_monetary="DECISION_MONETARY_SUSPENSION",
        decision_provision="DECISION_PROVISION_PARTIAL_SUSPENSION",
        end_date_account_restriction="2026-05-20 00:00:00",
    )
    assert [row.action for row in found] == [
        Action.CONTENT_REMOVED,
        Action.LABEL,
        Action.DEMONETISED,
        Action.SERVICE_RESTRICTED,
        Action.ACCOUNT_SUSPENDED_TEMP,
    ]
    assert [row.expires_at.day if row.expires_at else None for row in found] == [1, 1, None, None, 20]
    assert len({row.enforcement_id for row in found}) == 5


def test_a_suspension_without_an_end_is_until_further_notice() -> None:
    assert one().action is Action.ACCOUNT_SUSPENDED_PERM
    assert one(end_date_account_restriction="2026-05-20").action is Action.ACCOUNT_SUSPENDED_TEMP


@pytest.mark.parametrize(
    ("name", "platform"),
    [
        ("ExampleShort", "exampleshort"),
        ("X", "x"),
        ("Twitter", "x"),
        ("Facebook", "facebook"),
        ("YouTube", "youtube"),
        ("  Google   Maps ", "google_maps"),
        ("Größe™", "grossetm"),
        ("???", "unnamed"),
    ],
)
def test_platforms_are_called_as_elsewhere(name: str, platform: str) -> None:
    assert one(platform_name=name).platform == platform


def test_categories_keywords_and_grounds_are_the_policies_in_the_words_of_today() -> None:
    found = one(
        category="STATEMENT_CATEGORY_UNSAFE_AND_ILLEGAL_PRODUCTS",
        category_addition='["STATEMENT_CATEGORY_SCOPE_OF_PLATFORM_SERVICE"]',
        category_specification='["KEYWORD_HATE_SPEECH", "KEYWORD_HATE_SPEECH"]',
        incompatible_content_ground="Ban evasion; write to a@b.example",
    )
    assert found.policies == (
        "STATEMENT_CATEGORY_UNSAFE_AND_PROHIBITED_PRODUCTS",
        "STATEMENT_CATEGORY_OTHER_VIOLATION_TC",
        "KEYWORD_HATE_SPEECH",
        "Ban evasion; write to [email]",
    )


def test_words_leave_without_contact_values_and_none_of_child_abuse_stay() -> None:
    words = {"decision_facts": "See a@b.example.", "incompatible_content_explanation": "Ring 07700 900123."}
    assert one(**words).reason == "See [email].\nRing [phone]."
    assert one().reason is None
    abuse = one(**words, category_specification='["KEYWORD_GROOMING_SEXUAL_ENTICEMENT_MINORS"]')
    assert abuse.reason is None


@pytest.mark.parametrize(
    "cells",
    [
        {"category": "STATEMENT_CATEGORY_OF_TOMORROW"},
        {"category_addition": '["STATEMENT_CATEGORY_OF_TOMORROW"]'},
        {"category_specification": '["KEYWORD_OF_TOMORROW"]'},
        {"decision_account": "DECISION_ACCOUNT_OF_TOMORROW"},
        {"decision_visibility": '["DECISION_VISIBILITY_CONTENT_REMOVED", "DECISION_VISIBILITY_OF_TOMORROW"]'},
        {"decision_account": ""},
    ],
)
def test_what_the_tables_do_not_know_is_left_out_and_not_guessed(cells: dict[str, str]) -> None:
    with pytest.raises(LeftOut):
        made(**cells)


@pytest.mark.parametrize(
    "cells",
    [
        {"uuid": ""},
        {"platform_name": None},
        {"category": " "},
        {"application_date": "soon"},
        {"category_specification": "[not json"},
        {"category_specification": "[1]"},
        {"category_specification": "[[]]"},
        {"decision_visibility": {"a": 1}},
        {"decision_visibility": "[" * 5_000},
    ],
)
def test_a_statement_of_another_shape_is_rejected(cells: dict[str, Any]) -> None:
    with pytest.raises(RejectedRecord):
        made(**cells)


def test_lists_of_parquet_are_read_like_arrays_in_cells() -> None:
    codes = ["DECISION_VISIBILITY_CONTENT_REMOVED"]
    assert made(decision_visibility=codes) == made(decision_visibility=json.dumps(codes)) == made(
        decision_visibility=codes[0]
    )  # fmt: skip


def test_the_light_table_is_read_like_the_full_one() -> None:
    rows = list(csv.DictReader((folder_of(ADAPTER) / "sample.csv").read_text("utf-8").splitlines()))
    columns = [name for name in rows[0] if name not in LIGHT_DROPS]
    assert (len(rows[0]), len(columns)) == (38, 34)
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    full = rows_of(ADAPTER, folder_of(ADAPTER) / "sample.csv")
    head = Head("a.csv", "csv", columns=tuple(columns))
    assert ADAPTER.recognise(head) == Layout("csv", "statement")
    light = [
        found
        for record in ADAPTER.read(io.BytesIO(text.getvalue().encode()), Layout("csv", "statement"))
        if isinstance(record, RawRecord)
        for found in _normalised(record)
    ]
    ids = [[row.enforcement_id for row in found if isinstance(row, Enforcement)] for found in (full, light)]
    assert ids[0] == ids[1]


def _normalised(record: RawRecord) -> list[Any]:
    try:
        return list(ADAPTER.normalise(record, Context("dsa_sor", "a", Layout("csv", "statement"), KEYRING)))
    except LeftOut:
        return []


def test_every_decision_and_category_of_the_definition_is_known() -> None:
    assert action("dsa_sor", "DECISION_PROVISION_TOTAL_TERMINATION") is Action.ACCOUNT_TERMINATED
    assert category("dsa_sor", "STATEMENT_CATEGORY_SELF_HARM").leaf == "other.self_harm"


def test_other_tables_are_refused() -> None:
    for columns in ((), ("uuid", "category", "platform_name"), ("uuid", "decision_ground", "category")):
        assert isinstance(ADAPTER.recognise(Head("a.csv", "csv", columns=columns)), Refusal)


def test_enforcements_of_no_account_change_no_migration_and_no_answer(tmp_path: Path) -> None:
    statements = frame("enforcements", made() + made(uuid="1", decision_account="DECISION_ACCOUNT_TERMINATED"))
    statements = tables.require("enforcements", statements)
    at = datetime(2026, 4, 18, tzinfo=UTC)
    accounts = frame(
        "accounts",
        [Account(f"exampleshort:exampleshort:{n}", "exampleshort", "exampleshort", n, IdKind.OPAQUE, at) for n in "ab"],
    )
    actors = pl.DataFrame(
        {
            "actor_id": ["actor-1"],
            "account_ids": [accounts["account_id"].to_list()],
            "platforms": [["exampleshort"]],
            "size": [2],
            "match_probability": [0.9],
            "standing": ["suggested"],
        },
        schema=tables.dtypes("actors"),
    )
    empty = {name: tables.empty(name) for name in ("reports", "contents", "matches", "sightings", "enforcements")}
    moves = [
        trace(actors, accounts, each, empty["reports"], empty["contents"], empty["matches"], empty["sightings"])
        for each in (empty["enforcements"], statements)
    ]
    assert_frame_equal(*moves)
    with open_store(str(tmp_path / "graph.lbug")) as store:
        store.write("accounts", accounts)
        before = answers(store)
        store.write("enforcements", statements)
        assert_frame_equal(store.read("enforcements"), statements.sort("enforcement_id"))
        after = answers(store)
    assert len(before) > 10
    for name, answer in before.items():
        assert_frame_equal(after[name], answer)


def answers(store: Store) -> dict[str, pl.DataFrame]:
    """What every analyst's question that needs no word of theirs is answered."""
    found = {}
    for question in cypher.all_named("analyst"):
        with contextlib.suppress(UsageError):
            found[question.name] = cypher.answer(store, question)
    return found


@pytest.mark.skipif(not SHARED.exists(), reason="the format samples are not beside the repository")
def test_the_shared_sample_is_read_whole() -> None:
    found = [row for row in rows_of(ADAPTER, SHARED) if isinstance(row, Enforcement)]
    assert len({row.enforcement_id.split(":")[1] for row in found}) == 4
    assert {row.platform for row in found} == {"exampleshort", "examplevideo"}
