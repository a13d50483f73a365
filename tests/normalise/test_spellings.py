# ruff: noqa: RUF001 - foreign letters are what is tested
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphmatch.normalise import names
from graphmatch.normalise.romanise import ascii_form, romanise, syllables
from graphmatch.normalise.spellings import MAX_SPELLINGS


@pytest.mark.parametrize(
    ("word", "first", "others"),
    [
        ("müller", "muller", {"mueller"}),
        ("Mueller", "mueller", {"muller"}),
        ("søren", "soren", {"soeren"}),
        ("åse", "ase", {"aase"}),
        ("łukasz", "lukasz", set()),
        ("çelik", "celik", {"chelik"}),
        ("Юрий", "yurii", {"yury", "yuri", "iurii"}),
        ("дмитрий", "dmitrii", {"dmitry", "dmitri"}),
        ("александр", "aleksandr", {"alexandr"}),
        ("щукин", "shchukin", {"schukin"}),
        ("володимир", "volodimir", {"volodymyr"}),
        ("aleksandr", "aleksandr", {"alexandr"}),
        ("yuriy", "yuriy", {"yury", "yuri"}),
        ("Παπαδόπουλος", "papadopoylos", {"papadopoulos"}),
        ("محمد", "mhmd", {"muhammad", "mohammed"}),
        ("مُحَمَّد", "mhmd", {"muhammad"}),
        ("משה", "msh", {"moshe"}),
        ("김철수", "gimcheolsu", {"kimcheolsu", "kimchulsu"}),
        ("王小明", "wangxiaoming", set()),
        ("とうきょう", "toukyou", {"tokyo"}),
        ("さっぽろ", "sapporo", set()),
        ("ジョン", "jon", set()),
        ("გიორგი", "giorgi", set()),
        ("samuel", "samuel", set()),
        ("joel", "joel", set()),
    ],
)
def test_spellings(word: str, first: str, others: set[str]) -> None:
    found = names.spellings(word)
    assert found[0] == first
    assert others <= set(found[1:])
    assert others or len(found) == 1


@given(st.text(max_size=15))
@settings(deadline=None)
def test_spellings_are_few_and_ascii(word: str) -> None:
    found = names.spellings(word)
    assert len(found) <= MAX_SPELLINGS
    assert len(set(found)) == len(found)
    assert all(form.isascii() and form.isalnum() and form == form.lower() for form in found)


@given(st.text("äöüøłéабвгюйщαβγabcxyz", min_size=1, max_size=10))
@settings(deadline=None)
def test_the_first_spelling_is_the_token(word: str) -> None:
    tokens = names.tokens(word)
    if len(tokens) == 1 and tokens[0].isascii():
        assert names.spellings(names.written(word)[0])[0] == tokens[0]


def test_no_letters_have_no_spelling() -> None:
    assert names.spellings("🌾") == ()
    assert names.spellings("") == ()
    assert ascii_form("--") == ""


@pytest.mark.parametrize(
    ("native", "latin"),
    [("محمد", "Mohamed"), ("محمد", "muhammad"), ("يوسف", "Yusuf"), ("يوسف", "youssef"), ("فاطمة", "Fatimah"),
     ("صالح", "saleh"), ("عبدالله", "Abdullah"), ("משה", "Moshe"), ("כהן", "Cohen"), ("נרקיס", "Narkis"),
     ("Филипп", "Philip")],
)  # fmt: skip
def test_consonants_meet_where_vowels_are_not_written(native: str, latin: str) -> None:
    assert names.consonants(native) == names.consonants(latin) != ""


def test_consonants_tell_names_apart() -> None:
    apart = ["muhammad", "mustafa", "fatima", "yusuf", "grimwald", "joshua", "jose"]
    assert len({names.consonants(word) for word in apart}) == len(apart)
    assert names.consonants("aeiou") == ""
    assert names.consonants("Asha") == "sh"
    assert names.consonants("Sarah") == "sr"


def test_syllables_of_scripts_written_in_blocks() -> None:
    assert syllables("王小明") == ("wang", "xiao", "ming")
    assert syllables("김철수") == ("gim", "cheol", "su")
    assert syllables("müller") == ("muller",)


ALPHABETS = [
    "äöüßøłéıabc", "абвгюйщъёїѓ", "αβγάύϊς", "محدأةإ", "王小明", "がパジョー", "नरेंद्र", "김철수", "ᴀʙꜱɴ", "aаbрe",
]  # fmt: skip


@given(st.sampled_from(ALPHABETS).flatmap(st.text))
@settings(deadline=None)
def test_romanising_twice_is_romanising_once(word: str) -> None:
    once = romanise(word.casefold())
    assert romanise(once) == once


@given(st.text("abcxyz0189", max_size=12))
@settings(deadline=None)
def test_ascii_stays(word: str) -> None:
    assert romanise(word) == ascii_form(word) == word
