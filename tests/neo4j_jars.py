"""What a private Neo4j is made of: a Java that runs it, and its jars, brought by Maven once and kept in a cache.

The cache lies outside the repository: ``$XDG_CACHE_HOME`` or ``~/.cache``, under ``graphmatch/neo4j/<version>``.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

VERSION = "5.26.30"
JAVAS = (17, 21)

POM = Path(__file__).with_name("neo4j-pom.xml")
FETCH_SECONDS = 900

_NUMBER = re.compile(r'version "(\d+)')
_USERINFO = re.compile(r"//[^/@\s]+@")


class Unavailable(Exception):
    """There is no such server here; the message says why, and what would help."""


def java() -> Path:
    """Find a Java that Neo4j 5.26 supports: ``JAVA_HOME`` first, then ``PATH``.

    Raises
    ------
    Unavailable
        There is none, or each that is there is of another version.
    """
    seen = []
    for place, found in (
        ("JAVA_HOME", shutil.which("java", path=Path(os.environ.get("JAVA_HOME", "/nowhere")) / "bin")),
        ("PATH", shutil.which("java")),
    ):
        if found is None:
            continue
        number = _version(found)
        if number in JAVAS:
            return Path(found)
        seen.append(f"the one of {place} is {f'version {number}' if number else 'none that answers'}")
    wanted = " or ".join(map(str, JAVAS))
    raise Unavailable(f"no Java {wanted} ({'; '.join(seen) or 'neither in JAVA_HOME nor on PATH'})")


def _version(java: str) -> int | None:
    try:
        said = subprocess.run([java, "-version"], capture_output=True, text=True, timeout=60, check=False).stderr
    except (OSError, subprocess.TimeoutExpired):
        return None
    match = _NUMBER.search(said)
    return int(match[1]) if match else None


def jars() -> Path:
    """Give the folder of the server's jars (128 MB); the first call fetches them, whoever comes meanwhile waits.

    Raises
    ------
    Unavailable
        Maven is missing or failed, and the jars are not in the cache.
    """
    kept = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "graphmatch" / "neo4j" / VERSION
    if kept.is_dir():
        return kept
    maven = shutil.which("mvn")
    if maven is None:
        raise Unavailable("no Maven (mvn) on PATH to fetch Neo4j with")
    kept.parent.mkdir(parents=True, exist_ok=True)
    with _alone(kept.parent / ".lock"):
        if not kept.is_dir():
            with tempfile.TemporaryDirectory(prefix=".fetch-", dir=kept.parent) as folder:
                _fetch(maven, Path(folder) / "lib")
                (Path(folder) / "lib").rename(kept)
    return kept


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _fetch(maven: str, lib: Path) -> None:
    command = [maven, "--batch-mode", "--no-transfer-progress", "--quiet", "--strict-checksums"]
    command += [f"--file={POM}", f"-Dneo4j={VERSION}", f"-Dlib={lib}", "generate-resources"]
    try:
        run = subprocess.run(
            command, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=FETCH_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise Unavailable(f"Maven took longer than {FETCH_SECONDS} s to fetch Neo4j {VERSION}") from None
    if run.returncode or not any(lib.glob("neo4j-kernel-*.jar")):
        said = [line for line in (run.stdout + run.stderr).splitlines() if "[ERROR]" in line]
        why = _USERINFO.sub("//", said[0].removeprefix("[ERROR] ")) if said else f"exit code {run.returncode}"
        raise Unavailable(f"Maven could not fetch Neo4j {VERSION}: {why}")
