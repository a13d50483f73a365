"""Text as platforms deliver it → plain text, that every table and store can hold. Pure.

What takes contact values out of a text is in `graphmatch.normalise.redaction`, and can be had from here as well.
"""

from __future__ import annotations

import re
from html import unescape

from graphmatch.normalise.redaction import Contacts, bears_contact, contacts_in, redact

__all__ = [
    "Contacts",
    "bears_contact",
    "blank_to_none",
    "contacts_in",
    "encodable",
    "links_in_html",
    "mentions_in_html",
    "redact",
    "strip_html",
]

#: Longer markup than any platform allows; what lies beyond is cut, so that hostile input can't hold up a run.
LONGEST_HTML, LONGEST_ATTRIBUTES = 500_000, 8_000

# Not the standard library's parser: on unclosed tags its time is quadratic in the length.
_TAG = re.compile(r"<(?P<closes>/?)(?P<name>[A-Za-z][A-Za-z0-9]{0,20})?(?P<rest>[^<>]*+)>")
_ATTRIBUTE = re.compile(
    r"(?<![\w-])(?P<key>[A-Za-z-]{1,30}+)\s*+=\s*+(?:\"(?P<double>[^\"]*+)\"|'(?P<single>[^']*+)'|(?P<bare>[^\s\"'>]++))"
)
_BREAKS = frozenset({"p", "br", "div", "li", "ul", "ol", "blockquote", "pre", "tr", "h1", "h2", "h3", "h4"})
_SILENT = frozenset({"script", "style", "template"})


def encodable(text: str) -> str:
    """Give ``text`` without NULs and lone surrogates, which no table and no store can hold."""
    text = text.replace("\0", "")
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def blank_to_none(value: object) -> str | None:
    """Give the text stripped, ``None`` for a blank; whole numbers become text, anything else ``None``."""
    if type(value) is str and value.isascii() and "\0" not in value:  # nearly all are
        return value.strip() or None
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    return encodable(str(value)).strip() or None


def strip_html(html: str) -> str:
    """Give the text of a post's or bio's HTML on one line; links keep their whole address."""
    return " ".join(_read_html(html[:LONGEST_HTML])[0].split())


def links_in_html(html: str) -> list[str]:
    """List the addresses that HTML links to, each once, in order; hashtags and mentions are none."""
    return list(dict.fromkeys(_read_html(html[:LONGEST_HTML])[1]))


def mentions_in_html(html: str) -> list[str]:
    """List the addresses of the accounts that HTML mentions, each once, in order."""
    links = (_attributes(tag["rest"]) for tag in _TAG.finditer(html[:LONGEST_HTML]) if tag["name"] in ("a", "A"))
    classes = ((link.get("href", "").strip(), set(link.get("class", "").split())) for link in links)
    return list(
        dict.fromkeys(href for href, names in classes if href and names & {"mention", "hashtag"} == {"mention"})
    )


def _read_html(html: str) -> tuple[str, list[str]]:
    """Give the text of markup, with its line breaks, and the addresses that it links to."""
    if "<" not in html:
        return unescape(html) if "&" in html else html, []
    parts: list[str] = []
    links: list[str] = []
    silent, end = 0, 0
    for tag in _TAG.finditer(html):
        if not silent:
            parts.append(html[end : tag.start()])
        end = tag.end()
        name, closes = (tag["name"] or "").lower(), bool(tag["closes"])
        if name in _SILENT:
            silent = max(0, silent + (-1 if closes else 1))
        elif name in _BREAKS:
            parts.append("\n")
        elif name == "a" and not closes:
            links.extend(_link(tag["rest"]))
    if not silent:
        parts.append(html[end:])
    return unescape("".join(parts)), links


def _attributes(attributes: str) -> dict[str, str]:
    return {
        match["key"].lower(): unescape(match["double"] or match["single"] or match["bare"] or "")
        for match in _ATTRIBUTE.finditer(attributes[:LONGEST_ATTRIBUTES])
    }


def _link(attributes: str) -> list[str]:
    found = _attributes(attributes)
    words = f"{found.get('class', '')} {found.get('rel', '')}".split()
    address = found.get("href", "").strip()
    names_nobody = "/tags/" in address or {"mention", "hashtag", "tag"} & set(words)
    return [address] if address and not names_nobody else []
