"""Pages that a verb draws into a file: readable by its owner alone, replaced if it is there already."""

from __future__ import annotations

import os
from pathlib import Path

from graphmatch.errors import UsageError


def keep_page(html: str, path: Path) -> None:
    """Write a page.

    Raises
    ------
    UsageError
        It can't be written there.
    """
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with open(handle, "w", encoding="utf-8", newline="\n") as file:  # noqa: PTH123 - of a descriptor
            file.write(html)
    except OSError as error:
        raise UsageError(f"{path}: the page can't be written: {error.strerror}") from None
