import polars as pl

from graphmatch.link.block import RULES, block
from graphmatch.link.traits import traits


def accounts(*handles: str, platforms: int = 2) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "account_id": [f"{number:05}" for number in range(len(handles))],
            "platform": [f"p{number % platforms}" for number in range(len(handles))],
            "handle": list(handles),
        }
    )


def test_each_pair_stands_once_in_order() -> None:
    blocked = block(traits(accounts("grimwald_77", "grimwald77", "gr1mwald", "nan1949", "quill_tarn")))
    pairs = blocked.candidates
    assert (pairs["left"] < pairs["right"]).all()
    assert pairs.select("left", "right").is_duplicated().sum() == 0
    assert {(0, 1), (0, 2), (1, 2)} <= set(pairs.select("left", "right").iter_rows())
    assert not any(3 in pair for pair in pairs.select("left", "right").iter_rows())


def test_ten_thousand_equal_handles_do_not_explode() -> None:
    blocked = block(traits(accounts(*["samehandle"] * 10_000)))
    assert blocked.candidates.height == 0
    same = blocked.rules.filter(pl.col("rule") == "same_handle").row(0, named=True)
    assert same["keys_dropped"] == 1
    assert same["largest_key"] == 10_000


def test_a_key_at_the_cap_is_kept_and_above_it_dropped() -> None:
    at = traits(accounts(*["samehandle"] * 4))
    assert block(at, cap=4).candidates.height == 6
    assert block(at, cap=3).candidates.height == 0


def test_every_rule_reports() -> None:
    report = block(traits(accounts("grimwald", "nan"))).rules
    assert report["rule"].to_list() == [*(rule.name for rule in RULES), "declared", "claimed"]


def test_a_name_meets_the_handle_made_of_it() -> None:
    rows = pl.DataFrame(
        {
            "account_id": ["a", "b", "c", "d"],
            "platform": ["x", "y", "z", "w"],
            "handle": [None, "vermaasha", "averma", "real_asha_verma_2019"],
            "display_name": ["Asha Verma", None, None, None],
        }
    )
    pairs = set(block(traits(rows)).candidates.select("left", "right").iter_rows())
    assert {(0, 1), (0, 2), (0, 3)} <= pairs
