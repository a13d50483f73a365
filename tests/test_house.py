"""The house keeps its own rules: small files, no drawers, every door documented."""

from __future__ import annotations

import ast
import tomllib
from pathlib import Path

import pytest

from graphmatch import adapter, tables
from graphmatch.cli import VERBS
from graphmatch.cli.store import store
from graphmatch.settings import Settings

ROOT = Path(__file__).parents[1]
SOURCES = sorted([*(ROOT / "graphmatch").rglob("*.py"), *(ROOT / "ingest").rglob("*.py")])
README = (ROOT / "README.md").read_text("utf-8")

MAX_FILE = 400
MAX_FUNCTION = 60  # below the docstring; the longest lay out one record, a field a line


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_files_and_functions_stay_short(path: Path) -> None:
    text = path.read_text("utf-8")
    assert text.count("\n") <= MAX_FILE
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            assert _length(node) <= MAX_FUNCTION, node.name


def _length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Count the lines of a function below its docstring."""
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def test_no_drawers() -> None:
    assert not {path.stem for path in SOURCES} & {"utils", "util", "common", "misc", "helpers", "helper"}


def test_the_readme_names_every_verb_setting_and_dependency() -> None:
    for verb in VERBS.keys() - {"store"}:
        assert f"| `{verb}` |" in README, verb
    for command in store.registered_commands:
        name = command.name or getattr(command.callback, "__name__", "")
        assert f"`store {name}" in README, name
    for name in Settings.model_fields:
        assert f"`{name}`" in README, name
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    for requirement in project["dependencies"]:
        name = requirement.split(">")[0]
        assert f"| {name} |" in README, name


@pytest.mark.parametrize("name", sorted(adapter.available()))
def test_an_adapter_is_a_folder_of_four_files(name: str) -> None:
    package = adapter.available()[name].value.partition(":")[0].rpartition(".")[0]
    folder = ROOT / Path(*package.split("."))
    if not folder.is_dir():
        pytest.skip("shipped by another package")
    names = {path.name for path in folder.iterdir()}
    assert {"source.toml", "adapter.py", "golden.jsonl"} <= names
    assert any(name.startswith("sample") for name in names)
    assert f"`{name}`" in README


def test_every_table_is_documented() -> None:
    assert all((schema.__doc__ or "").strip() for schema in tables.SCHEMAS.values())
