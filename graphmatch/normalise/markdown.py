"""Markdown as forums keep profiles → plain text, and the addresses that it links to. In: text. Out: text. Pure.

Only links and pictures are taken apart: what else Markdown marks reads well as it stands.
"""

from __future__ import annotations

import re

#: What lies beyond in a text is left as it is: longer than any profile.
LONGEST_MARKDOWN = 100_000

# Every part is bounded or possessive, so that hostile input can't hold up a run.
_ADDRESS = r"[^\s()<>]{1,2000}+(?:\([^\s()<>]{0,200}+\)[^\s()<>]{0,500}+)?"
_LINK = re.compile(
    r"!?\[(?P<text>[^\[\]\n]{0,500}+)\]"
    rf"\(\s{{0,5}}+<?(?P<address>{_ADDRESS})>?(?:\s{{1,5}}+\"[^\"\n]{{0,300}}+\")?\s{{0,5}}+\)"
)


def strip_markdown(text: str) -> str:
    """Put a link's words in the link's place: ``[my blog](https://a.example)`` → ``my blog``."""
    return _LINK.sub(lambda link: link["text"] or link["address"], text[:LONGEST_MARKDOWN]) + text[LONGEST_MARKDOWN:]


def links_in_markdown(text: str) -> list[str]:
    """List the addresses that the text links to in Markdown's way, each once, in order; pictures are none."""
    found = _LINK.finditer(text[:LONGEST_MARKDOWN])
    return list(dict.fromkeys(link["address"] for link in found if not link[0].startswith("!")))
