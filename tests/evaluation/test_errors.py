"""Where the errors are."""

from __future__ import annotations

import polars as pl
import pytest
from evaluation_world import accounts_of, matches_of, truth_of

from graphmatch.evaluation import errors, judge
from graphmatch.evaluation import measures as measured
from graphmatch.evaluation.errors import FALSE, MANY, MISSED


def kinds(table: pl.DataFrame, error: str) -> dict[str, tuple[int, int]]:
    found = table.filter((pl.col("error") == error) & (pl.col("pairs") > 0))
    return {kind: (pairs, proposed) for kind, pairs, proposed in found.select("kind", "pairs", "proposed").iter_rows()}


@pytest.mark.parametrize(
    ("one", "two", "proposed", "kind"),
    [
        (("grimwald", "Grim Wald"), ("", ""), False, "nothing_observed"),
        (("grimwald", ""), ("qxz_77", ""), False, "nothing_in_common"),
        (("grimwald", ""), ("qxz_77", ""), True, "nothing_in_common"),
        (("", "Grim Wald"), ("", "Tess Fenwick"), False, "nothing_in_common"),
        (("grimwald", ""), ("tamarind", ""), False, "nothing_in_common"),  # Jaro-Winkler 0.62
        (("grimwald", ""), ("gwildmar", ""), False, "not_proposed"),  # 0.80
        (("", "Ed Po"), ("edpo", ""), False, "nothing_in_common"),  # words of two letters say nothing
        (("grimwald", ""), ("gr1mwald_", ""), False, "not_proposed"),
        (("", "Grim Wald"), ("the_wald", ""), False, "not_proposed"),
        (("zzz", "Grim Wald"), ("qqq", "Wald Fenwick"), False, "not_proposed"),
        (("", "Grim Wald"), ("the_wald", ""), True, "scored_low"),
    ],
)
def test_missed_pairs(one: tuple[str, str], two: tuple[str, str], proposed: bool, kind: str) -> None:
    accounts = accounts_of(("a", "x", *one), ("b", "reddit", *two))
    matches = matches_of(("a", "b", 0.1)) if proposed else matches_of()
    table = errors(judge(matches, accounts, truth_of({"a": "p", "b": "p"}), least=1), accounts)
    assert kinds(table, "missed") == {kind: (1, int(proposed))}
    assert kinds(table, "false") == {}


@pytest.mark.parametrize(
    ("one", "two", "kind"),
    [
        (("grimwald", ""), ("gr1m.wald", "Tess"), "same_handle"),
        (("a1", "Wald Grim"), ("b2", "Grim Wáld"), "same_name"),
        (("", "Grim Wald"), ("xgrimwald9", ""), "name_in_handle"),
        (("", "Grim Wald"), ("waldy", ""), "word_in_common"),
        (("", "Grim Wald"), ("", "Tess Wald"), "word_in_common"),
        (("grimwald", ""), ("grimwold", ""), "similar_handle"),
        (("grimwald", ""), ("fenwick", "Tess"), "other"),
    ],
)
def test_false_links(one: tuple[str, str], two: tuple[str, str], kind: str) -> None:
    accounts = accounts_of(("a", "x", *one), ("b", "reddit", *two))
    truth = truth_of({"a": "p", "b": "q"})
    table = errors(judge(matches_of(("a", "b", 0.5)), accounts, truth, least=1), accounts)
    assert kinds(table, "false") == {kind: (1, 1)}
    assert kinds(errors(judge(matches_of(("a", "b", 0.4)), accounts, truth, least=1), accounts), "false") == {}


def test_found_pairs_are_no_errors() -> None:
    accounts = accounts_of(("a", "x", "grimwald"), ("b", "reddit", "grimwald"), ("c", "x", "grimwald"))
    judged = judge(matches_of(("b", "a", 0.9)), accounts, truth_of({"a": "p", "b": "p", "c": "q"}), least=1)
    table = errors(judged, accounts)
    assert table["pairs"].sum() == 0
    assert table.select("error", "kind").rows() == [("missed", kind) for kind in MISSED] + [
        ("false", kind) for kind in FALSE
    ]


def test_persons_with_very_many_accounts_are_counted_and_not_listed() -> None:
    size = MANY + 2
    ids = [f"a{n}" for n in range(size)]
    accounts = accounts_of(*[(name, "x" if n % 2 else "reddit", "grimwald") for n, name in enumerate(ids)], ("z", "x"))
    matches = matches_of(("a0", "a1", 0.9), ("a2", "a3", 0.1), ("a0", "z", 0.9))
    judged = judge(matches, accounts, truth_of(dict.fromkeys(ids, "p") | {"z": "q"}))
    table = errors(judged, accounts)
    assert kinds(table, "missed") == {"not_looked_at": ((size // 2) ** 2 - 1, 1)}
    assert kinds(table, "false") == {"other": (1, 1)}


def test_sets_are_told_apart_and_add_up() -> None:
    rows = [(f"{side[0]}{n}", side, f"{'grim' * (n % 3)}{n}wald") for side in ("x", "reddit") for n in range(12)]
    accounts = accounts_of(*rows, sets=["one" if n % 12 < 6 else "two" for n in range(24)])
    truth = truth_of({name: name[1:] for name, *_ in rows})
    matches = matches_of(*[(f"x{n}", f"r{n + n % 2}", 0.3 + n / 20) for n in range(11)])
    judged = judge(matches, accounts, truth, least=1)
    table, found = errors(judged, accounts), measured(judged)["sets"]
    for name in ("one", "two"):
        here = table.filter(pl.col("set") == name)
        right = round((found[name]["precision"] or 0) * found[name]["links"])
        assert here.filter(pl.col("error") == "missed")["pairs"].sum() == found[name]["true_pairs"] - right
        assert here.filter(pl.col("error") == "false")["pairs"].sum() == found[name]["links"] - right


def test_no_accounts_have_no_errors() -> None:
    assert errors(judge(matches_of(), accounts_of(), truth_of({})), accounts_of()).is_empty()
