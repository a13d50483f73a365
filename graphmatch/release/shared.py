"""Which accounts were released to whom, and when: read off the bundles that the journal attests.

In: the folder of releases, and what the journal says of them. Out: a frame that the lag ledger reads.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import polars as pl

from graphmatch.errors import ReleaseRefused
from graphmatch.release.verify import MANIFEST, digest_of, verify
from graphmatch.tables import TIME

_COLUMNS: dict[str, pl.DataType | type[pl.DataType]] = {
    "account_id": pl.String,
    "recipient": pl.String,
    "released_at": TIME,
}


class Shared(NamedTuple):
    """``rows``: ``account_id, recipient, released_at``. ``missing``: attested bundles that are not whole any more."""

    rows: pl.DataFrame
    missing: int


def shared(releases: Path, attested: Mapping[str, datetime]) -> Shared:
    """List the recipients' own accounts in every attested bundle.

    Parameters
    ----------
    releases
        The folder that holds ``<recipient>/<period>/``.
    attested
        The SHA-256 of each bundle's ``SHA256SUMS``, as the journal has it, and when it was released. A bundle that
        nobody attests was not released by this workspace, and does not count.
    """
    found: set[str] = set()
    frames = [pl.DataFrame(schema=_COLUMNS)]
    for manifest in sorted(releases.glob(f"[!.]*/[!.]*/{MANIFEST}")):
        digest, recipient = _whole(manifest.parent)
        if digest not in attested:
            continue
        found.add(digest)
        links = pl.read_parquet(manifest.parent / "links.parquet", columns=["platform", "instance", "native_id"])
        frames.append(
            links.select(
                account_id=pl.concat_str("platform", "instance", "native_id", separator=":"),
                recipient=pl.lit(recipient),
                released_at=pl.lit(attested[digest], dtype=TIME),
            ).unique()
        )
    return Shared(pl.concat(frames).sort(pl.all()), len(attested.keys() - found))


def _whole(bundle: Path) -> tuple[str, str]:
    """Give the digest and the recipient of a bundle; nothing of one that is not as its manifest says."""
    try:
        return digest_of(bundle), str(verify(bundle).get("recipient"))
    except (ReleaseRefused, OSError):
        return "", ""
