"""Options of the whole suite."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let golden files be written anew: read the difference before you commit it."""
    parser.addoption("--update-golden", action="store_true", help="write the golden files of the adapters anew")
