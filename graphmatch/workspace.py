"""The workspace: a folder with ``graphmatch.toml`` and, hidden beside it, everything that the tool keeps.

::

    graphmatch.toml       settings, meant to be read and edited
    .graphmatch/          readable by its owner alone
        key               the secret of all HMACs: lost, digests no longer compare; leaked, they can be guessed
        graph.lbug        the embedded store
        archive/          every raw file, by SHA-256
        files.ndjson      what was read from which file
        quarantine.ndjson what could not be read, and why
        evaluation/       rows of files that serve to measure the linking, and are not in the graph
        journal.ndjson    judgements and releases, hash-chained
        journal.ndjson.head  its last record, so that a journal cut short is noticed
        model.json        the weights of the last linking
        index/            what `graphmatch link --index` keeps, so that later only changes are linked
        trained.json      weights refitted from judgements, if any: where linking starts
    releases/             what was made for recipients
"""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from graphmatch.errors import ConfigError, NoWorkspace
from graphmatch.normalise.contacts import KEY_BYTES, Keyring, new_key

CONFIG = "graphmatch.toml"
HOME = ".graphmatch"

_TEMPLATE = """\
# Settings of this graphmatch workspace. A flag or GRAPHMATCH_<NAME> in the environment goes before them.
# `graphmatch doctor` shows every setting, its value and where it comes from.

# analyst = "your name or pseudonym"   # signs judgements
# threshold = 0.9                      # match probability from which accounts form a suspected actor
# window_days = 90                     # days after an enforcement in which a new account counts as a move

# Who releases go to. The name is what `graphmatch release --recipient NAME` takes.
# [recipients.example-platform]
# platform = "mastodon"
# instance = "social.example"
"""


@dataclass(frozen=True, slots=True)
class Workspace:
    """A workspace that exists on disk; see the module for its layout."""

    root: Path

    @property
    def config(self) -> Path:
        """The settings file."""
        return self.root / CONFIG

    @property
    def home(self) -> Path:
        """The hidden folder."""
        return self.root / HOME

    @property
    def journal(self) -> Path:
        """The journal of judgements."""
        return self.home / "journal.ndjson"

    @property
    def model(self) -> Path:
        """The weights of the last linking."""
        return self.home / "model.json"

    @property
    def trained(self) -> Path:
        """Weights refitted from judgements, where there are any."""
        return self.home / "trained.json"

    @property
    def index(self) -> Path:
        """What was linked, so that only changes need be."""
        return self.home / "index"

    @property
    def is_used(self) -> bool:
        """Whether anything was made with the key."""
        return any((self.home / name).exists() for name in ("graph.lbug", "files.ndjson", "archive"))

    @property
    def releases(self) -> Path:
        """Where releases are put."""
        return self.root / "releases"

    @property
    def store_url(self) -> str:
        """The default store."""
        return f"embedded://{self.home / 'graph.lbug'}"

    def keep_model(self, text: str) -> None:
        """Put the weights of a linking in place of those before."""
        _put(self.model, text)

    def keep_trained(self, text: str) -> None:
        """Put weights refitted from judgements where linking starts from."""
        _put(self.trained, text)

    def forget_trained(self) -> None:
        """Go back to the shipped weights."""
        self.trained.unlink(missing_ok=True)

    def keyring(self) -> Keyring:
        """Read the key.

        Raises
        ------
        ConfigError
            The key is missing or cut short. There is no way to make the same one again.
        """
        path = self.home / "key"
        try:
            key = bytes.fromhex(path.read_text("ascii").strip())
        except (OSError, ValueError):
            raise ConfigError(f"{path}: the workspace's key can't be read; restore it from your backup") from None
        if len(key) < KEY_BYTES:
            raise ConfigError(f"{path}: the workspace's key is cut short; restore it from your backup")
        return Keyring(key)


def create(root: Path) -> Workspace:
    """Make a workspace in ``root``. An existing one is left as it is, its key above all.

    Raises
    ------
    ConfigError
        The folder can't be written, or the key of a workspace in use is missing.
    """
    workspace = Workspace(root.resolve())
    try:
        workspace.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        key = workspace.home / "key"
        if workspace.is_used and not key.exists():
            raise ConfigError(
                f"{key} is missing, and a new key would not fit the digests that are kept here; "
                "restore it from your backup, or begin another workspace"
            )
        _put(key, new_key().hex() + "\n", once=True)
        # Last: who finds the settings takes the workspace for whole.
        _put(workspace.config, _TEMPLATE, once=True)
    except OSError as error:
        raise ConfigError(f"{root}: no workspace can be made here: {error.strerror}") from None
    return workspace


def _put(path: Path, text: str, *, once: bool = False) -> None:
    """Write a file for its owner alone; others see all of it or nothing. ``once`` leaves one that is there."""
    handle, making = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        if once:
            _name_once(Path(making), path)
        else:
            Path(making).replace(path)
    finally:
        Path(making).unlink(missing_ok=True)


def _name_once(made: Path, path: Path) -> None:
    try:
        path.hardlink_to(made)
    except FileExistsError:
        return  # perhaps another process was first
    except OSError:  # this file system has no hard links
        if not os.path.lexists(path):
            made.replace(path)


def find(start: Path | None = None) -> Workspace:
    """Find the workspace: ``start`` itself if given, else the nearest ``graphmatch.toml`` upward from here.

    Raises
    ------
    NoWorkspace
        There is none; the message says how to make one.
    """
    if start is not None:
        if (start / CONFIG).is_file():
            return Workspace(start.resolve())
        raise NoWorkspace(f"{start} is no workspace: it has no {CONFIG}; make one with: graphmatch -w {start} init")
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / CONFIG).is_file():
            return Workspace(folder)
    raise NoWorkspace(f"no {CONFIG} here or above; make a workspace with: graphmatch init, or name one with -w DIR")
