import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphmatch.normalise import names
from graphmatch.normalise.name_forms import MAX_FORMS

WORDS = st.lists(st.text("abcdevnmöю田김م", min_size=1, max_size=9), max_size=6)


@pytest.mark.parametrize(
    ("name", "full"),
    [
        (
            "Mary Smith-Jones",
            {"marysmithjones", "marysmith", "maryjones", "mollyjones", "smithjones"},
        ),
        ("Jan van den Berg", {"janvandenberg", "janberg", "vandenbergjan", "bergjan"}),
        ("Robert Grimwald", {"bobgrimwald", "robgrimwald", "grimwaldrobert", "grimwaldbob"}),
        ("Bob Grimwald", {"robertgrimwald"}),
        ("J. Asha Verma", {"ashaverma"}),
        ("Juan García Pérez", {"juangarcia", "juanperez", "garciaperez", "perezjuan"}),
        ("김철수", {"kimcheolsu", "cheolsukim", "gimcheolsu"}),
        ("王小明", {"wangxiaoming", "xiaomingwang"}),
        ("محمد علي", {"muhammadali"}),
    ],
)
def test_names_spelled_out(name: str, full: set[str]) -> None:
    assert full <= set(names.full_forms(names.tokens(name)))


def test_words_as_written_have_more_spellings() -> None:
    assert "hansmueller" in names.full_forms(names.written("Hans Müller"))
    assert {"yurypetrov", "iuriipetrov", "yuripetrov"} <= set(names.full_forms(names.written("Юрий Петров")))


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("Mary Jane Smith", {"mjsmith", "msmith", "smithm", "smithmj", "maryjs", "marys", "mjs", "mjanesmith"}),
        ("Mary Smith-Jones", {"msmithjones", "mjones", "msmith"}),
        ("Jan van den Berg", {"vandenberg", "jvandenberg", "jberg"}),
        ("Siobhan Grimwald", {"sgrimwald", "siogrimwald", "siobhangrim", "sgrimwal", "siobhangrmwld"}),
        ("Christopher Henderson", {"christopherhend", "chenders"}),
        ("王小明", {"xmwang", "wangxm", "xwang"}),
    ],
)
def test_names_shortened(name: str, short: set[str]) -> None:
    assert short <= set(names.short_forms(names.tokens(name)))


@pytest.mark.parametrize(
    ("words", "forms"),
    [
        (("jan", "van", "den", "berg"), ("vandenberg", "berg")),
        (("mary", "smith", "jones"), ("jones", "smithjones", "smith")),
        (("maria", "de", "la", "cruz"), ("delacruz", "cruz")),
        (("asha", "verma"), ("verma",)),
        (("ben", "grimwald"), ("grimwald",)),
        (("al", "moor"), ("moor",)),
        (("nan",), ()),
        ((), ()),
    ],
)
def test_family_names(words: tuple[str, ...], forms: tuple[str, ...]) -> None:
    assert names.surname_forms(words) == forms


@given(WORDS)
@settings(deadline=None)
def test_forms_are_bounded_distinct_and_of_two_kinds(words: list[str]) -> None:
    full, short = names.full_forms(words), names.short_forms(words)
    for forms in (full, short):
        assert len(forms) <= MAX_FORMS
        assert forms == sorted(set(forms))
        assert all(forms)
    assert not set(full) & set(short)


@given(st.lists(st.text("abcdef", min_size=2, max_size=8), min_size=2, max_size=2))
@settings(deadline=None)
def test_the_plain_forms_of_two_words_are_always_there(words: list[str]) -> None:
    a, b = words
    full = set(names.full_forms(words))
    assert {a + b, b + a} <= full
    assert {a[0] + b, b + a[0], a + b[0], b[0] + a} <= full | set(names.short_forms(words))
