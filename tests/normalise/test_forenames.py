import csv
from importlib.resources import files

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphmatch.normalise import names
from graphmatch.normalise.forenames import MAX_OTHERS

ROWS = list(
    csv.DictReader(
        files("graphmatch.normalise").joinpath("data", "nicknames.csv").read_text("utf-8").splitlines(), strict=True
    )
)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("bob", "Robert"), ("bob", "rob"), ("jack", "john"), ("liz", "elizabeth"), ("alex", "alexander"),
        ("alex", "alexandra"), ("sasha", "aleksandr"), ("alexander", "Александр"), ("дима", "dmitry"),
        ("yuri", "юрий"), ("pepe", "josé"), ("paco", "francisco"), ("gosia", "małgorzata"), ("uli", "ulrich"),
        ("beppe", "giuseppe"), ("kees", "cornelis"), ("محمد", "mohamed"), ("أحمد", "ahmad"), ("משה", "moshe"),
        ("zoe", "Zoë"), ("grimwald", "grimwald"),
    ],
)  # fmt: skip
def test_one_person_may_bear_both(a: str, b: str) -> None:
    assert names.same_forename(a, b)
    assert names.same_forename(b, a)


@pytest.mark.parametrize(
    ("a", "b"),
    [("alexander", "alexandra"), ("bob", "bill"), ("robert", "roger"), ("asha", "ashley"), ("ali", "omar"), ("x", "y")],
)
def test_others_are_two(a: str, b: str) -> None:
    assert not names.same_forename(a, b)


@given(st.text(max_size=12))
@settings(deadline=None)
def test_everybody_bears_their_own_name(word: str) -> None:
    assert names.same_forename(word, word)
    others = names.other_forenames(word)
    assert len(others) <= MAX_OTHERS
    assert word not in others


def test_a_short_name_names_its_groups() -> None:
    assert names.nickname_groups("bob") == {"robert"}
    assert {"alexander", "alexandra"} <= names.nickname_groups("alex")
    assert names.nickname_groups("Grimwald") == {"grimwald"}


def test_the_commonest_other_name_comes_first() -> None:
    assert names.other_forenames("robert")[:2] == ("bob", "rob")
    assert names.other_forenames("bob")[0] == "robert"
    assert names.other_forenames("grimwald") == ()
    assert len(names.other_forenames("elizabeth")) == MAX_OTHERS


def test_the_table_is_whole() -> None:
    assert len(ROWS) > 400
    keys = [(row["name"], row["language"]) for row in ROWS]
    assert len(set(keys)) == len(keys)
    for row in ROWS:
        assert row["name"].isascii()
        assert row["name"].isalpha()
        forms = row["forms"].split(" ")
        assert all(form == form.lower() and form.isalpha() for form in forms), row
        assert row["name"] not in forms
        assert len(set(forms)) == len(forms), row
        assert row["language"] in {"ar", "he"} or row["forms"].isascii(), row
        assert all(names.tokens(form) == (form,) for form in forms), row
