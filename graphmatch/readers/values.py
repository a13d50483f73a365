"""One JSON text → one value that is safe to walk, store and encode, or the reason why not."""

from __future__ import annotations

import json
import re

#: Longest record that is read. A longer one is `Unreadable`, and is passed over without being held.
MAX_RECORD_BYTES = 32 * 2**20
#: Deepest nesting that is read; real exports stay below 20.
MAX_DEPTH = 100

CUT_OFF = "the file breaks off here"
MALFORMED = "not JSON from here on"
BROKEN_XML = "not XML from here on"
NOT_JSON = "not JSON"
NOT_UTF8 = "not UTF-8"
NOT_AN_OBJECT = "not an object"
TOO_DEEP = f"nested deeper than {MAX_DEPTH} levels"
TOO_LONG = f"longer than {MAX_RECORD_BYTES // 2**20} MiB"
NUMBER_TOO_LONG = "a number has too many digits"

#: Control characters inside strings are let through: real exports hold them.
DECODER = json.JSONDecoder(strict=False)
_UNSAFE_ESCAPE = re.compile(r"\\u(?:[dD][89a-fA-F]|0000)")


class UnfitError(Exception):
    """A value that can't be taken; the message is the reason for quarantine, without the value."""


def parse(text: str) -> object:
    """Read one JSON text whole; raise `UnfitError` with the reason if it can't be taken."""
    try:
        return fit(DECODER.decode(text), text)
    except json.JSONDecodeError:
        raise UnfitError(NOT_JSON) from None
    except RecursionError:
        raise UnfitError(TOO_DEEP) from None
    except ValueError:
        raise UnfitError(NUMBER_TOO_LONG) from None


def fit(value: object, text: str) -> object:
    """Give ``value``, read from ``text``, without what nothing can store; raise `UnfitError` if hostile.

    Half surrogate pairs become U+FFFD, and NUL characters go: neither belongs to any text.
    """
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            raise UnfitError(NOT_UTF8) from None
    # Counting brackets costs next to nothing, and only a text with many can be deep.
    if text.count("[") + text.count("{") > MAX_DEPTH and _deeper(value, MAX_DEPTH):
        raise UnfitError(TOO_DEEP)
    if "\0" in text or _UNSAFE_ESCAPE.search(text):
        return _storable(value)
    return value


def _deeper(value: object, limit: int) -> bool:
    level: list[object] = [value]
    for _ in range(limit):
        inner = [v.values() if isinstance(v, dict) else v for v in level if isinstance(v, (dict, list))]
        level = [item for items in inner for item in items]
    return any(isinstance(item, (dict, list)) for item in level)


def _storable(value: object) -> object:
    if isinstance(value, str):
        return value.replace("\0", "").encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [_storable(item) for item in value]
    if isinstance(value, dict):
        return {_storable(key): _storable(item) for key, item in value.items()}
    return value
