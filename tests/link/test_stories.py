from typing import Any

import pytest

from graphmatch.link.model import default
from graphmatch.link.stories import stories
from graphmatch.model import COMPARISONS, Family, Story

MODEL = default().unlabelled()


def lines(story: str = "same_operator", discount: float = 0.0, **drawn: tuple[int, float]) -> dict[str, str]:
    row: dict[str, Any] = {"story": story, "prior_bits": -10.0, "imitation_bits": -2.5}
    for name in COMPARISONS:
        row[f"{name}_level"], row[f"{name}_bits"] = drawn.get(name, (None, 0.0))
    row |= {f"{family}_discount_bits": 0.0 for family in Family}
    row["naming_discount_bits"] = discount
    told = stories(row, MODEL)
    assert [one.story for one in told] == [story.value for story in Story]
    assert [one.story for one in told if one.chosen] == [story]
    assert not any("\n" in one.line or "same person" in one.line for one in told)
    return {one.story: one.line for one in told}


def test_one_operator_is_told_by_families() -> None:
    told = lines(handle=(5, 12.0), contact=(3, 20.0))
    assert told["same_operator"] == "2 families of evidence: contact (+20.0 bits), naming (+12.0 bits)"
    assert lines(handle=(0, -3.0))["same_operator"] == "no family of evidence speaks for it"


def test_impersonation_is_told_by_what_could_be_copied() -> None:
    assert lines(handle=(5, 12.0))["impersonation"] == (
        "anybody could copy all that agrees: naming (+12.0 bits); that copies happen is counted with -2.5 bits"
    )
    assert lines(handle=(5, 12.0), contact=(3, 20.0))["impersonation"].endswith(
        "against it: contact (+20.0 bits), which no profile gives away"
    )
    assert "nothing that could be copied" in lines(contact=(3, 20.0))["impersonation"]
    assert "own account or the newer was reported" in lines("impersonation", handle=(5, 12.0))["impersonation"]


@pytest.mark.parametrize(("level", "caveat"), [(2, True), (3, False)])
def test_a_link_claimed_from_one_side_is_no_proof_against_a_copy(level: int, caveat: bool) -> None:
    told = lines(declared=(level, 9.0))["impersonation"]
    assert ("anybody can claim a link" in told) is caveat


def test_coincidence_is_told_by_the_prior_and_by_what_disagrees() -> None:
    overlap = (1 - MODEL.family_share) * 1.5
    told = lines(discount=overlap, handle=(0, -3.0), display_name=(0, -1.5), bio=(0, -2.0))["coincidence"]
    assert told.split("; ") == [
        "before any evidence one such pair in 1,025 has one operator",
        "handles differ (-3.0 bits)",
        "bios differ (-2.0 bits)",
    ]
    assert (
        "other accounts there fit the names as well (-4.0 bits)" in lines(handle=(5, 9.0), discount=-4.0)["coincidence"]
    )


def test_a_shared_machine_is_told_by_addresses_and_devices() -> None:
    assert lines(handle=(5, 9.0))["shared_machine"] == "no address or device is known to be shared"
    assert lines("shared_machine", network=(1, 9.0))["shared_machine"] == (
        "one IP address shared (HMAC), and nothing else speaks for one operator"
    )
    assert lines(network=(1, 9.0), contact=(3, 20.0))["shared_machine"] == (
        "one IP address shared (HMAC); against it: same e-mail address (HMAC)"
    )
    assert lines(contact=(1, 9.0), handle=(5, 9.0))["shared_machine"] == "same device (HMAC)"
