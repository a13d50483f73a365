"""The last look: every byte of every file, for what must never leave. It repeats what the gate did, on purpose."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

import polars as pl

from graphmatch.errors import ReleaseRefused
from graphmatch.normalise.text import redact
from graphmatch.release.gate import target_names
from graphmatch.release.terms import Terms

#: Signals whose value is a keyed digest of a contact value.
CONTACT_KINDS = ("email_hmac", "phone_hmac", "ip_hmac", "device_hmac")

_DIGEST_LETTERS = 32
_HEX = re.compile(r"[0-9A-Fa-f]{32,}")
_TOKEN = re.compile(r"[^\s\"',;|<>()\[\]{}\\]{16,}")
#: Ids, hashes and times that a bundle makes itself: they say nothing, and look like anything.
_OURS = re.compile(
    r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    r"|(?<![0-9A-Fa-f])[0-9a-f]{64}(?![0-9A-Fa-f])"
    r"|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z"
)
_ADDRESS = re.compile(r"[\w.+%-]++@[\w-]++(?:\.[\w-]++)+")
_PLACEHOLDERS = {
    "[email]": "an e-mail address",
    "[phone]": "a phone number",
    "[ip]": "an IP address",
    "[postcode]": "a postcode",
    "[address]": "a street address",
}


@dataclass(frozen=True, slots=True)
class Forbidden:
    """What must not stand in a bundle: digests of contacts and reporters, and what targets are called.

    ``addresses`` are the ``user@server`` handles that may stand although they look like e-mail addresses; ``said`` is
    text without data (the same bundle with placeholders for rows): its words are no names, and its lines may stand.
    """

    digests: frozenset[str]
    names: Terms
    addresses: frozenset[str] = frozenset()
    said: str = field(default="", repr=False)

    @classmethod
    def of(cls, tables: Mapping[str, pl.DataFrame]) -> Forbidden:
        """Read what is forbidden from ``sightings``, ``reports``, ``targets`` and, if there, ``enforcements``."""
        sightings = tables["sightings"]
        columns = [
            sightings.filter(pl.col("kind").is_in(CONTACT_KINDS))["value"],
            tables["reports"]["reporter_ref"],
            *([tables["enforcements"]["by_ref"]] if "enforcements" in tables else []),
        ]
        digests = {value for column in columns for value in column.drop_nulls() if len(value) >= 16}
        return cls(frozenset(digests), Terms(target_names(tables["targets"])))

    def beside(self, said: str, addresses: Iterable[str]) -> Forbidden:
        """Say what may stand: text without data, and handles that look like addresses."""
        alike = frozenset(found.casefold() for each in addresses for found in _ADDRESS.findall(each))
        return replace(self, names=self.names.without(said), said=said, addresses=alike)


def assert_clean(name: str, content: bytes, forbidden: Forbidden) -> None:
    """Look through a file for what is forbidden.

    Parameters
    ----------
    name
        The file's name; Parquet is read as rows and as raw bytes.
    content
        Its bytes.
    forbidden
        What must not be there.

    Raises
    ------
    ReleaseRefused
        Something is; the message names the file and the rule, never what was found.
    """
    rule = next(_broken(name, content, forbidden), None)
    if rule is not None:
        raise ReleaseRefused(f"{name} would hold {rule}; nothing was written. This is a fault: please report it")


def _broken(name: str, content: bytes, forbidden: Forbidden) -> Iterator[str]:
    text = _text(name, content)
    raw = content.decode("utf-8", "ignore")
    if _holds_digest(text, forbidden.digests) or _holds_digest(raw, forbidden.digests):
        yield "the digest of a contact value or of a reporter"
    bare = _OURS.sub("\n", text)
    if forbidden.names.in_text(bare):
        yield "a target's name or handle"
    yield from _contacts(bare, forbidden)


def _text(name: str, content: bytes) -> str:
    if not name.endswith(".parquet"):
        return content.decode("utf-8-sig")
    rows = pl.read_parquet(io.BytesIO(content))
    dates = [pl.col(n).dt.strftime("%Y-%m-%dT%H:%M:%S%.6fZ") for n, dtype in rows.schema.items() if dtype.is_temporal()]
    return "\n".join(json.dumps(row, ensure_ascii=False) for row in rows.with_columns(dates).iter_rows(named=True))


def _holds_digest(text: str, digests: frozenset[str]) -> bool:
    if not digests:
        return False
    if not digests.isdisjoint(_TOKEN.findall(text)):
        return True
    runs = {run.lower() for run in _HEX.findall(text)}
    windows = (run[i : i + _DIGEST_LETTERS] for run in runs for i in range(len(run) - _DIGEST_LETTERS + 1))
    return any(window in digests for window in windows)


def _contacts(text: str, forbidden: Forbidden) -> Iterator[str]:
    """Name the kinds of contact value in those lines of ``text`` that hold data."""

    def kept(match: re.Match[str]) -> str:
        return match[0] if match[0].casefold() not in forbidden.addresses else "handle"

    said = set(forbidden.said.splitlines())
    data = _ADDRESS.sub(kept, "\n".join(line for line in text.splitlines() if line not in said))
    redacted = redact(data)
    for placeholder, rule in _PLACEHOLDERS.items():
        if redacted.count(placeholder) > data.count(placeholder):
            yield rule
