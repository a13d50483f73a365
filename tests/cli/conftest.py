"""One small invented world, run once; tests that write into a workspace take a copy."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Cli = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def cli() -> Cli:
    """Run the command line as a user does: a process of its own."""

    def run(
        *arguments: object, cwd: Path | None = None, code: int = 0, stdin: str = ""
    ) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [sys.executable, "-m", "graphmatch", *map(str, arguments)],
            capture_output=True,
            text=True,
            input=stdin,
            cwd=cwd,
            check=False,
        )
        assert done.returncode == code, f"exit {done.returncode}\n{done.stdout}\n{done.stderr}"
        assert "Traceback" not in done.stderr
        return done

    return run


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory, cli: Cli) -> Path:
    out = tmp_path_factory.mktemp("world") / "exports"
    cli("simulate", out, "--accounts", 300, "--seed", 7)
    return out


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory, cli: Cli, world: Path) -> Path:
    """A workspace in which the whole line has run; read only."""
    folder = tmp_path_factory.mktemp("finished") / "workspace"
    cli("-w", folder, "init")
    cli("-w", folder, "run", world)
    return folder


@pytest.fixture
def workspace(finished: Path, tmp_path: Path) -> Path:
    """A copy of the finished workspace, to write into."""
    return Path(shutil.copytree(finished, tmp_path / "workspace"))
