import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphmatch.link.activity import with_activity
from graphmatch.link.compare import LABELS, columns, compare
from graphmatch.link.pairing import prepare
from graphmatch.link.traits import traits
from graphmatch.model import COMPARISONS

TEXTS = st.none() | st.sampled_from(
    ["grimwald_77", "gr1mwald", "Grim Wald", "Wald Grim", "🌾", "nan", "محمد علي", "x" * 80]
)
ROW = st.fixed_dictionaries(
    {
        "handle": TEXTS,
        "display_name": TEXTS,
        "bio": TEXTS,
        "location": TEXTS,
        "url": st.sampled_from([None, "https://w.example/a"]),
    }
)
STRINGS = dict.fromkeys(("handle", "display_name", "bio", "location", "url"), pl.String)


def pair(one: dict[str, str | None], two: dict[str, str | None]) -> pl.DataFrame:
    frame = pl.DataFrame([one, two], schema=STRINGS).with_columns(
        account_id=pl.Series(["a", "b"]), platform=pl.Series(["x", "y"])
    )
    ready = prepare(frame)
    rows = pl.DataFrame({"left": [0], "right": [1]}, schema={"left": pl.UInt32, "right": pl.UInt32})
    return compare(ready.traits, rows, runs=ready.runs)


@given(ROW, ROW)
@settings(deadline=None, max_examples=15)
def test_left_and_right_may_change_places(one: dict[str, str | None], two: dict[str, str | None]) -> None:
    assert pair(one, two).select(columns()).equals(pair(two, one).select(columns()))


@given(ROW, ROW)
@settings(deadline=None, max_examples=10)
def test_levels_have_labels(one: dict[str, str | None], two: dict[str, str | None]) -> None:
    row = pair(one, two).row(0, named=True)
    for name in COMPARISONS:
        level = row[f"{name}_level"]
        assert level is None or 0 <= level < len(LABELS[name])


def level(what: str, one: str | None, two: str | None) -> int | None:
    value: int | None = pair({what: one}, {what: two})[f"{what}_level"][0]
    return value


def test_handles_step_down_as_they_part() -> None:
    steps = [
        level("handle", "grimwald_77", other)
        for other in ("Grimwald77", "grimwald_backup", "grimwaldx", "grimwadl", "grinwood", "qtxzee")
    ]
    assert steps[:3] == [5, 4, 3]
    assert steps == sorted(steps, reverse=True)
    assert steps[-1] == 0


def test_not_observed_is_null() -> None:
    assert level("handle", None, "grimwald") is None
    assert level("display_name", "🌾", "Grim Wald") is None


def test_names_know_no_order() -> None:
    assert level("display_name", "Grim Wald", "WALD, Grim") == 4
    assert level("display_name", "Grim Wald", "Grim J. Wald") == 3
    assert level("display_name", "Grim Wald", "Grim Tarn") == 1
    assert level("display_name", "Grim Wald", "Rhys Quill") == 0


@pytest.mark.parametrize(
    ("handle", "expected"),
    [("ashaverma", 6), ("verma.asha", 6), ("ashav_verma_x", 5), ("averma", 4), ("vermafan", 2), ("qtxzee", 0)],
)
def test_a_handle_meets_a_name(handle: str, expected: int) -> None:
    assert pair({"handle": handle}, {"display_name": "Asha Verma"})["handle_name_level"][0] == expected


def test_a_rare_handle_is_rarer() -> None:
    common = pair({"handle": "johnsmith"}, {"handle": "johnsmith"})["handle_rarity"][0]
    rare = pair({"handle": "qvzgrimwald7x"}, {"handle": "qvzgrimwald7x"})["handle_rarity"][0]
    assert rare > common + 5


def test_sets_share_values() -> None:
    frame = pl.DataFrame({"account_id": ["a", "b"], "platform": ["x", "y"]})
    seen = pl.DataFrame(
        [("a", "email_hmac", "1"), ("b", "email_hmac", "1"), ("a", "ip_hmac", "2"), ("b", "ip_hmac", "3"),
         ("a", "link", "https://www.w.example/a/"), ("b", "link", "w.example/a"), ("a", "device_hmac", "4")],
        schema=["account_id", "kind", "value"], orient="row",
    ).with_columns(context=pl.lit("profile"))  # fmt: skip
    row = compare(
        with_activity(traits(frame, seen), frame),
        pl.DataFrame({"left": [0], "right": [1]}, schema_overrides={"left": pl.UInt32, "right": pl.UInt32}),
    )
    assert row.select("contact_level", "network_level", "link_level", "avatar_level").row(0) == (3, 0, 1, None)


def test_of_two_equal_directions_the_rarer_counts() -> None:
    there = pair({"handle": "annlee"}, {"display_name": "Ann Lee"})["handle_name_rarity"][0]
    both = pair(
        {"handle": "annlee", "display_name": "Qvzx Tarnhulk"}, {"handle": "qvzxtarnhulk", "display_name": "Ann Lee"}
    )["handle_name_rarity"][0]
    assert both > there + 8
