"""Is a bundle as its manifest says? Hashes show damage and careless edits; who signed it is for the channel to show."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

from graphmatch.errors import ReleaseRefused

MANIFEST = "manifest.json"
SUMS = "SHA256SUMS"


def verify(directory: Path) -> dict[str, Any]:
    """Check every file of a bundle against its manifest and its sums, and give the manifest.

    Raises
    ------
    ReleaseRefused
        A file is missing, changed or not in the manifest; the message names it.
    """
    manifest = read_manifest(directory)
    expected = {name: entry["sha256"] for name, entry in manifest["files"].items()}
    found = {path.name for path in directory.iterdir()}
    for name in sorted(found ^ {*expected, MANIFEST, SUMS}):
        raise ReleaseRefused(f"{directory / name}: {'not in the manifest' if name in found else 'missing'}")
    actual = {name: sha256((directory / name).read_bytes()).hexdigest() for name in {*expected, MANIFEST}}
    for name in sorted(expected):
        if actual[name] != expected[name]:
            raise ReleaseRefused(f"{directory / name}: changed since the release was made")
    if (directory / SUMS).read_bytes() != sums(actual):
        raise ReleaseRefused(f"{directory / SUMS}: does not fit {MANIFEST}; one of them was changed")
    return manifest


def read_manifest(directory: Path) -> dict[str, Any]:
    """Read a bundle's manifest; raise `ReleaseRefused` if there is none, or none that can be read."""
    path = directory / MANIFEST
    try:
        manifest: dict[str, Any] = json.loads(path.read_bytes())
        names = set(manifest["files"])
        sound = all(isinstance(entry["sha256"], str) for entry in manifest["files"].values())
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise ReleaseRefused(f"{path}: no manifest of a release can be read here") from None
    if not sound or any(Path(name).name != name for name in names):
        raise ReleaseRefused(f"{path}: the manifest names files in a way that no release does")
    return manifest


def digest_of(directory: Path) -> str:
    """Give the SHA-256 of a bundle's `SUMS`: it stands for every byte, and is what the journal keeps."""
    return sha256((directory / SUMS).read_bytes()).hexdigest()


def sums(hashes: dict[str, str]) -> bytes:
    """Write hashes as ``sha256sum`` reads them, sorted by name."""
    return "".join(f"{hashes[name]}  {name}\n" for name in sorted(hashes)).encode()


def previous_of(out: Path, recipient: str, period: str) -> Path | None:
    """Find the bundle that one of ``period`` follows; ``None`` if there is none.

    Where that period's own bundle is there, it is the one that it names; else the recipient's newest.
    """
    folder = out / recipient
    if (folder / period / MANIFEST).is_file():
        named = read_manifest(folder / period).get("previous")
        earlier = folder / str(named["period"]) if isinstance(named, dict) and "period" in named else None
        return earlier if earlier is not None and (earlier / MANIFEST).is_file() else None
    bundles = [manifest.parent for manifest in folder.glob(f"[!.]*/{MANIFEST}")]
    return max(bundles, key=lambda bundle: (read_manifest(bundle).get("made_at", ""), bundle.name), default=None)
