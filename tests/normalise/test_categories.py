"""Reasons become leaves and gates by table; an allegation in free text never passes ``terms``."""

import csv
import json
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphmatch.model import Gate, Specificity
from graphmatch.normalise.categories import UNMAPPED, category, category_of_text, gate_of, leaves

DATA = files("graphmatch.normalise").joinpath("data")
SHARED = Path(__file__).parents[2] / ".." / "shared"


def rows(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(DATA.joinpath(name).read_text("utf-8").splitlines()))


def test_every_mapped_value_gives_an_existing_leaf() -> None:
    for row in rows("category_map.csv"):
        assert row["leaf"] in leaves(), row
        got = category(row["platform"], row["raw"] or None)
        assert got.leaf in leaves()
        assert got.gate is gate_of(got.leaf)


def test_each_raw_value_stands_once_per_platform_and_field() -> None:
    seen = [(row["platform"], row["field"], row["raw"].casefold()) for row in rows("category_map.csv")]
    assert len(seen) == len(set(seen))


def test_every_leaf_has_a_gate_and_none_is_imminent() -> None:
    assert {gate_of(leaf) for leaf in leaves()} == {Gate.DEBATE, Gate.TERMS, Gate.ILLEGAL}
    for leaf in leaves():
        assert (gate_of(leaf) is Gate.DEBATE) == (leaf.partition(".")[0] in {"debate", "meta", UNMAPPED})


@pytest.mark.parametrize(
    "leaf",
    [
        "violence.threat",
        "violence.incitement",
        "violence.extremism_terrorism",
        "intimidation.stalking",
        "abuse.ncii",
        "hatred.incitement",
        "other.csea",
        "other.trafficking",
    ],
)
def test_illegal_leaves(leaf: str) -> None:
    assert gate_of(leaf) is Gate.ILLEGAL


@pytest.mark.parametrize("platform", ["mastodon", "bluesky", "reddit", "x", "lemmy", "nowhere"])
def test_an_unknown_value_is_never_past_the_line(platform: str) -> None:
    got = category(platform, "something nobody has seen")
    assert (got.gate, got.specificity) == (Gate.DEBATE, Specificity.NONE)


def test_unknown_and_absent_values() -> None:
    assert category("mastodon", "brand new").leaf == UNMAPPED
    assert category("nowhere", None).leaf == UNMAPPED
    assert category("reddit", None).leaf == "meta.other"
    assert category("reddit", "r/northmoor rule 4").leaf == "meta.other"
    assert category("discourse", "custom_intimidation").leaf == "meta.rule_violation"


def test_case_spacing_and_curly_quotes_do_not_matter() -> None:
    plain = category("reddit", "It's rude, vulgar or offensive")
    assert plain.leaf == "abuse.insult"
    assert category("reddit", "  it\u2019s RUDE, vulgar  or offensive ") == plain


def test_values_that_the_documents_name() -> None:
    assert category("mastodon", "violation").leaf == "meta.rule_violation"
    ozone = category("bluesky", "tools.ozone.report.defs#reasonRuleBanEvasion")
    assert (ozone.leaf, ozone.specificity) == ("deception.ban_evasion", Specificity.EXACT)
    assert category("bluesky", "tools.ozone.report.defs#reasonViolenceThreats").gate is Gate.ILLEGAL
    assert category("harassment_manager", "Exposed private information or photo").gate is Gate.TERMS


@pytest.mark.parametrize(
    ("text", "leaf"),
    [
        ("car bomb threat", "violence.threat"),
        ("knows where she lives", "intimidation.doxxing"),
        ("same bloke banned off Bluesky", "deception.ban_evasion"),
        ("biased", "debate.robust_criticism"),
        ("hate speech against Tom!!", "hatred.protected_characteristic"),
        ("Ban evasion", "deception.ban_evasion"),
        ("threat - escalate", "intimidation.threat_nonviolent"),
        ("he won\u2019t leave our printer alone", "abuse.harassment_targeted"),
    ],
)
def test_free_text_rules(text: str, leaf: str) -> None:
    got = category_of_text(text)
    assert got is not None
    assert (got.leaf, got.specificity) == (leaf, Specificity.NONE)


def test_free_text_without_an_allegation() -> None:
    assert category_of_text("logged by campaign office") is None
    assert category_of_text("") is None


@settings(deadline=None, max_examples=60)
@given(st.text(max_size=80), st.sampled_from(["death threat", "terrorist", "csam", "stalking me", "bomb threat"]))
def test_free_text_never_passes_terms(noise: str, allegation: str) -> None:
    got = category_of_text(f"{allegation} {noise}")
    assert got is not None
    assert got.gate is Gate.TERMS
    assert got.leaf in leaves()


def test_rules_name_leaves_in_order() -> None:
    rules = rows("freetext_rules.csv")
    assert {rule["leaf"] for rule in rules} <= set(leaves())
    assert [int(rule["priority"]) for rule in rules] == list(range(1, len(rules) + 1))


@settings(deadline=None, max_examples=60)
@given(st.text(max_size=60), st.sampled_from(["mastodon", "bluesky", "reddit", "discourse", "generic", "x"]))
def test_any_text_maps(raw: str, platform: str) -> None:
    assert category(platform, raw).leaf in leaves()


def test_ozone_reasons_of_the_shared_samples_are_all_known() -> None:
    sample = SHARED / "formats" / "bluesky" / "sample.json"
    if not sample.exists():
        pytest.skip("needs the format samples in ../shared/formats")
    reasons = {report["reportType"] for report in json.loads(sample.read_text("utf-8"))["reports"]}
    assert all(category("bluesky", reason).leaf != UNMAPPED for reason in reasons)
