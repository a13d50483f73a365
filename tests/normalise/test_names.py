# ruff: noqa: RUF001 - foreign letters are what is tested
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphmatch.normalise import names


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Grim Wald", ("grim", "wald")),
        ("Dr. Asha Verma MP", ("asha", "verma")),
        ("Wald, Grim", ("wald", "grim")),
        ("grim wald (back again)", ("grim", "wald")),
        ("(volunteer)", ("volunteer",)),
        ("Søren Müller", ("soren", "muller")),
        ("Иван Петров", ("ivan", "petrov")),
        ("Grіm Wаld", ("grim", "wald")),
        ("Siân O’Neil", ("sian", "oneil")),
        ("🌾", ()),
        ("", ()),
        ("محمد علي", ("محمد", "علي")),
        ("नरेंद्र मोदी", ("नरेंद्र", "मोदी")),  # vowel signs do not part words
        ("ガンダム タロウ", ("ガンダム", "タロウ")),  # voicing marks are part of the letter
        ("A\u200bsha Verma", ("asha", "verma")),
        ("Asha ✌️ Verma", ("asha", "verma")),
        ("ᴀꜱʜᴀ ᴠᴇʀᴍᴀ", ("asha", "verma")),
        ("Þóra Guðmunds", ("thora", "gudmunds")),
    ],
)
def test_tokens(name: str, words: tuple[str, ...]) -> None:
    assert names.tokens(name) == words


@given(st.lists(st.text("abcdef", min_size=1, max_size=6), max_size=5), st.randoms())
@settings(deadline=None, max_examples=60)
def test_the_key_knows_no_order(words: list[str], random: object) -> None:
    shuffled = sorted(words, key=lambda word: hash((word, id(random))))
    assert names.key(words) == names.key(shuffled)


@given(st.text(max_size=500))
@settings(deadline=None, max_examples=100)
def test_any_text_can_be_taken_apart(name: str) -> None:
    words = names.tokens(name)
    assert names.tokens(" ".join(words)) is not None
    assert all(names.full_forms(words)) or not words


@given(st.text(max_size=60))
@settings(deadline=None)
def test_words_as_written_stand_beside_their_tokens(name: str) -> None:
    assert len(names.written(name)) == len(names.tokens(name))


def test_words_as_written_keep_their_accents() -> None:
    assert names.written("Dr. Søren Müller (back)") == ("søren", "müller")


def test_handles_that_people_build_from_their_names() -> None:
    assert {"ashaverma", "vermaasha"} <= set(names.full_forms(("asha", "verma")))
    assert {"averma", "ashav", "vermaa"} <= set(names.short_forms(("asha", "verma")))
    assert names.short_forms(("nan",)) == []


def test_a_firm_is_told_from_a_person() -> None:
    assert names.is_organisation(names.tokens("Grimwald Brewing Co"))
    assert names.is_organisation((), "grimwaldbrewing")
    assert not names.is_organisation(names.tokens("Grim Wald"), "grimwald")
