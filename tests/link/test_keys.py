"""What the blocking rules propose, against the same rules spelled out for each two accounts."""

from collections.abc import Callable
from itertools import combinations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphmatch.link.block import RULE_NAMES, block
from graphmatch.link.keys import Source, held_words
from graphmatch.link.letters import Letters
from graphmatch.link.traits import traits

HANDLES = st.sampled_from(["asha", "ashaverma", "vermaasha77", "a.verma", "grimwald", "grimwald7x", "wald", "é", None])
NAMES = st.sampled_from(["Asha Verma", "Asha", "Verma Asha Lee", "Grim Wald", "wald wald", "Émile", "", None])
BIOS = st.sampled_from(["dogs and tea in Northmoor", "Dogs and tea, always", "tea in northmoor", "x", None])
ROWS = st.lists(st.tuples(HANDLES, NAMES, BIOS), min_size=2, max_size=7)
Row = dict[str, object]


def words(row: Row, least: int) -> set[str]:
    return {word for word in row["words"] or () if len(word) >= least}  # type: ignore[union-attr]


def pairs_of(found: set[str]) -> set[tuple[str, str]]:
    return set(combinations(sorted(found), 2))


def parts(text: object, length: int) -> set[str]:
    return {str(text)[at : at + length] for at in range(len(str(text)) - length + 1)} if text else set()


def phrases(row: Row) -> set[str]:
    split = str(row["bio"]).split(" ") if row["bio"] else []
    made = {" ".join(split[at : at + 3]) for at in range(len(split) - 2)}
    return {phrase for phrase in made if len(phrase) >= 12}


def keys_of(rule: str, row: Row, known: set[str]) -> tuple[set[object], set[object]]:
    """Give both sides' keys of a rule (the same twice, if the rule has but one)."""
    held = {word for word in known if 3 <= len(word) <= 12 and row["handle"] and word in str(row["handle"])}
    spelled = {row["handle"], row["stem"]} - {None}
    one: dict[str, Callable[[], set[object]]] = {
        "same_handle": lambda: {row["handle"]} - {None},
        "same_stem": lambda: {row["skeleton"]} - {None},
        "same_name": lambda: {row["name"]} - {None},
        "two_name_words": lambda: set(pairs_of(words(row, 3))),
        "rare_name_word": lambda: set(words(row, 3)),
        "handle_start": lambda: (
            {str(row["skeleton"])[:5]} if row["skeleton"] and len(str(row["skeleton"])) > 5 else set()
        ),
        "rare_handle_part": lambda: set(parts(row["skeleton"], 5)),
        "same_bio": lambda: {row["bio"]} - {None},
        "bio_phrase": lambda: set(phrases(row)),
    }
    if rule in one:
        return one[rule](), one[rule]()
    forms = {which: {form for form in row[which] or () if len(form) >= 4} for which in ("full_forms", "short_forms")}  # type: ignore[attr-defined]
    two: dict[str, tuple[set[object], set[object]]] = {
        "handle_spells_name": (set(spelled), set(forms["full_forms"])),
        "handle_shortens_name": (set(spelled), set(forms["short_forms"])),
        "handle_holds_two_words": (set(pairs_of(held)), set(pairs_of(words(row, 3)))),
        "handle_holds_rare_word": ({word for word in held if len(word) >= 4}, set(words(row, 4))),
    }
    return two[rule]


RULES = (
    "same_handle", "same_stem", "same_name", "two_name_words", "rare_name_word", "handle_start", "rare_handle_part",
    "same_bio", "bio_phrase", "handle_spells_name", "handle_shortens_name", "handle_holds_two_words",
    "handle_holds_rare_word",
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(ROWS)
def test_each_rule_proposes_the_pairs_that_share_a_key(drawn: list[tuple[str | None, str | None, str | None]]) -> None:
    handles, names, bios = zip(*drawn, strict=True)
    table = {"account_id": [f"{number}" for number in range(len(drawn))], "platform": ["p"] * len(drawn)}
    table |= {"handle": list(handles), "display_name": list(names), "bio": list(bios)}
    made = traits(pl.DataFrame(table, schema_overrides=dict.fromkeys(("handle", "display_name", "bio"), pl.String)))
    found = block(made, cap=1_000).candidates
    rows = made.rows(named=True)
    known = {word for row in rows for word in row["words"] or ()}
    for rule in RULES:
        keyed = [keys_of(rule, row, known) for row in rows]
        expected = {
            (one, two)
            for one, two in combinations(range(len(rows)), 2)
            if keyed[one][0] & keyed[two][1] or keyed[two][0] & keyed[one][1]
        }
        bit = 1 << RULE_NAMES.index(rule)
        assert set(found.filter(pl.col("rules") & bit > 0).select("left", "right").iter_rows()) == expected, rule


def test_populations_never_meet() -> None:
    table = pl.DataFrame({"account_id": ["a", "b", "c"], "platform": ["p", "q", "q"], "handle": ["grimwald"] * 3})
    made = traits(table.with_columns(pl.Series("dataset", ["one", "two", "two"])))
    assert block(made).candidates.select("left", "right").rows() == [(1, 2)]


@pytest.mark.parametrize("known", [None, ["wald"]])
def test_handles_hold_the_words_of_the_population_that_is_named(known: list[str] | None) -> None:
    table = {
        "account_id": ["a", "b"],
        "platform": ["p", "q"],
        "handle": ["grimwald", "x"],
        "display_name": [None, "Grim"],
    }
    hashes = None if known is None else np.sort(Letters.of(pl.Series(known)).whole())
    source = Source(traits(pl.DataFrame(table)), np.array([4, 5], dtype=np.uint32), hashes)
    found = held_words(3)(source)
    word = "grim" if known is None else "wald"
    assert (found.rows.tolist(), found.hashes.tolist()) == ([4], Letters.of(pl.Series([word])).whole().tolist())
