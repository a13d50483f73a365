"""A probability holds for populations of the sizes that the weights were calibrated on, and the model says so."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest

from graphmatch.link import default, link


@pytest.mark.parametrize(
    ("pairs_per_account", "expected"), [(1.0, False), (38.7, False), (40.0, True), (2_500.0, True), (1e6, False)]
)
def test_inside_and_outside_the_sizes_of_the_labelled_sets(pairs_per_account: float, expected: bool) -> None:
    model = replace(default(), counts={"accounts": 100, "pairs": 100 * pairs_per_account})
    assert model.card["pairs_per_account"] == [38.8, 2594.4]
    assert model.calibrated is expected


def test_nothing_is_said_of_weights_that_no_labels_taught_or_that_linked_nothing() -> None:
    assert default().calibrated is None
    assert replace(default().unlabelled(), counts={"accounts": 100, "pairs": 4000.0}).calibrated is None


def test_a_handful_of_accounts_is_no_such_population() -> None:
    accounts = pl.DataFrame({"account_id": ["x:1", "y:1"], "platform": ["x", "y"], "handle": ["moorlad", "moorlad"]})
    assert link(accounts).model.calibrated is False
