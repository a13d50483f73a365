"""A new adapter's package, laid out so that it works and passes the standard tests before a line is changed.

The files of ``template/`` are texts in which ``$name``, ``$class_name``, ``$package`` and ``$reporter_ref`` (a digest
over the name) are put.
"""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path
from string import Template

from graphmatch.adapter import available
from graphmatch.conformance import KEYRING
from graphmatch.errors import UsageError

_NAME = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*")
_LONGEST = 40
#: File of the template → where it goes, below the package's folder.
_FILES = {
    "pyproject.toml.txt": "pyproject.toml",
    "test_adapter.py.txt": "tests/test_adapter.py",
    "init.py.txt": "$package/__init__.py",
    "adapter.py.txt": "$package/adapter.py",
    "source.toml.txt": "$package/source.toml",
    "sample.jsonl.txt": "$package/sample.jsonl",
    "golden.jsonl.txt": "$package/golden.jsonl",
}


def lay_out(name: str, into: Path) -> list[Path]:
    """Write the package ``graphmatch-<name>`` below ``into``.

    Returns
    -------
    list of Path
        The files, ``pyproject.toml`` first.

    Raises
    ------
    UsageError
        The name is not one, is taken by an installed adapter, or the folder exists.
    """
    if not _NAME.fullmatch(name) or len(name) > _LONGEST:
        raise UsageError(
            f"an adapter's name is made of lower-case letters, digits and single underscores, not {name!r}"
        )
    if name in available():
        raise UsageError(f"there is an adapter {name!r} already; see: graphmatch adapters show {name}")
    folder = into / f"graphmatch-{name.replace('_', '-')}"
    if folder.exists():
        raise UsageError(f"{folder} exists already; nothing was written")
    words = {
        "name": name,
        "package": f"graphmatch_{name}",
        "class_name": "".join(part.capitalize() for part in name.split("_")) + "Adapter",
        "project": folder.name,
        "reporter_ref": KEYRING.reporter(name, "ann"),
    }
    made = []
    for source, place in _FILES.items():
        text = files("graphmatch.scaffold").joinpath("template", source).read_text("utf-8")
        path = folder / Template(place).substitute(words)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(Template(text).substitute(words), encoding="utf-8")
        made.append(path)
    return made
