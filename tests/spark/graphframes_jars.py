"""The jars of GraphFrames for tests: those that ``GRAPHFRAMES_JARS`` names, else brought by Maven into its cache."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

VERSION = "0.12.3"
ARTIFACTS = ("graphframes-spark4_2.13", "graphframes-graphx-spark4_2.13")
FETCH_SECONDS = 120
PLUGIN = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:get"


def jars() -> str:
    """Give paths parted by commas, or skip, saying why."""
    named = os.environ.get("GRAPHFRAMES_JARS")
    if named:
        return named
    home = Path.home() / ".m2" / "repository" / "io" / "graphframes"
    found = [home / name / VERSION / f"{name}-{VERSION}.jar" for name in ARTIFACTS]
    for name, jar in zip(ARTIFACTS, found, strict=True):
        if not jar.exists():
            _fetch(name)
    return ",".join(map(str, found))


def _fetch(name: str) -> None:
    maven = shutil.which("mvn")
    if maven is None:
        pytest.skip("no GraphFrames: GRAPHFRAMES_JARS is not set, and there is no Maven (mvn) to fetch it with")
    asked = f"-Dartifact=io.graphframes:{name}:{VERSION}"
    command = [maven, "--batch-mode", "--no-transfer-progress", "--quiet", PLUGIN, asked, "-Dtransitive=false"]
    try:
        run = subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL, timeout=FETCH_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        pytest.skip(f"no GraphFrames: GRAPHFRAMES_JARS is not set, and Maven took longer than {FETCH_SECONDS} s")
    if run.returncode:
        pytest.skip(f"no GraphFrames: GRAPHFRAMES_JARS is not set, and Maven could not fetch {name} {VERSION}")
