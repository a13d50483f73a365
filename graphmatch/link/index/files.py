"""The folder of an index: arrays that are mapped into memory, frames, and a manifest that names them.

A change writes new files beside the old ones and then puts a new manifest in the place of the old one: a process that
is killed leaves the index as it was. What the manifest does not name is deleted by the next change.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graphmatch.errors import UnreadableFile

MANIFEST = "index.json"
#: Of what is written; another one is not read.
FORMAT = 1
Parts = Mapping[str, NDArray[Any] | pl.DataFrame]


class Folder:
    """A folder with one manifest: ``facts`` about the index, and which file holds which part of it.

    Raises
    ------
    UnreadableFile
        There is no manifest, or it is of another format, or a file that it names is missing or of another size.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            found = json.loads((path / MANIFEST).read_text("utf-8"))
            self.facts: dict[str, Any] = dict(found["facts"])
            self.files: dict[str, list[Any]] = dict(found["files"])
            if found["format"] != FORMAT:
                raise UnreadableFile(f"{path}: holds an index of another format")
            broken = [name for name, size in self.files.values() if (path / name).stat().st_size != size]
        except FileNotFoundError as error:
            raise UnreadableFile(f"{path}: holds no index, or not all of it: {Path(error.filename).name}") from None
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise UnreadableFile(f"{path}: holds no index that can be read: {type(error).__name__}") from None
        if broken:
            raise UnreadableFile(f"{path}: a file of the index was cut off or changed: {broken[0]}")

    def array(self, part: str) -> NDArray[Any]:
        """Map an array into memory; it must not be written to."""
        made: NDArray[Any] = np.load(self._file(part), mmap_mode="r", allow_pickle=False)
        return made

    def arrays(self, group: str) -> dict[str, NDArray[Any]]:
        """Map all arrays whose names begin with ``group`` and a dot; without it, by the rest of their names."""
        return {part[len(group) + 1 :]: self.array(part) for part in self.files if part.startswith(f"{group}.")}

    def frame(self, part: str, columns: list[str] | None = None) -> pl.DataFrame:
        """Read a frame, or some of its columns."""
        return pl.read_ipc(self._file(part), columns=columns)

    def _file(self, part: str) -> Path:
        return self.path / str(self.files[part][0])


def write(path: Path, parts: Parts, facts: Mapping[str, Any], old: Folder | None = None) -> Folder:
    """Write an index, or change one.

    Parameters
    ----------
    path
        Its folder, made if need be; only its owner may read it.
    parts
        What is new.
    facts
        Put beside it, in JSON.
    old
        The index that is changed: its other parts stay.
    """
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    number = _last(path) + 1
    files = dict(old.files) if old else {}
    for part, content in parts.items():
        kind = "arrow" if isinstance(content, pl.DataFrame) else "npy"
        file = path / f"{part}-{number}.{kind}"
        with file.open("wb") as opened:
            if isinstance(content, pl.DataFrame):
                content.write_ipc(opened)
            else:
                np.save(opened, content, allow_pickle=False)
            opened.flush()
            os.fsync(opened.fileno())
        files[part] = [file.name, file.stat().st_size]
    _replace(path, {"format": FORMAT, "number": number, "facts": facts, "files": files})
    named = {name for name, _ in files.values()}
    for file in (*path.glob("*.npy"), *path.glob("*.arrow")):
        if file.name not in named:
            file.unlink()
    return Folder(path)


def _last(path: Path) -> int:
    """Give the highest number of a file in the folder, named by the manifest or not; 0 if there is none."""
    numbers = [file.stem.rpartition("-")[2] for file in (*path.glob("*.npy"), *path.glob("*.arrow"))]
    return max((int(number) for number in numbers if number.isdigit()), default=0)


def _replace(path: Path, manifest: Mapping[str, Any]) -> None:
    new = path / f"{MANIFEST}.new"
    with new.open("w", encoding="utf-8") as opened:
        json.dump(manifest, opened, indent=1)
        opened.flush()
        os.fsync(opened.fileno())
    new.replace(path / MANIFEST)
    folder = os.open(path, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
