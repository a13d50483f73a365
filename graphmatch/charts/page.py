"""One HTML page that needs nothing from outside: escaping, the shell around a body, and its style."""

from __future__ import annotations

import base64
import hashlib
import html
import unicodedata
from importlib.resources import files

#: Joins emoji and Indic letters: the one format character that is shown as it is.
_JOINER = "\u200d"


def escaped(value: object) -> str:
    """Write any value as text of a page: markup is shown, control and bidirectional characters as code points."""
    text = "".join(
        f"\\u{ord(char):04x}" if unicodedata.category(char) in ("Cc", "Cf", "Cs") and char != _JOINER else char
        for char in str(value)
    )
    return html.escape(text, quote=True)


def isolated(value: object) -> str:
    """Write what people chose to be called: escaped, and its direction kept to itself."""
    return f"<bdi>{escaped(value)}</bdi>"


def page(title: str, body: str) -> str:
    """Put a body into a page.

    Parameters
    ----------
    title
        Plain text; it is escaped here.
    body
        Markup of our own, in which everything foreign is escaped already.
    """
    style = files("graphmatch.charts").joinpath("page.css").read_text("utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode("utf-8")).digest()).decode("ascii")
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    return (
        '<!doctype html>\n<html lang="en-GB">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n<meta name="referrer" content="no-referrer">\n'
        '<meta name="robots" content="noindex">\n'
        f"<title>{escaped(title)}</title>\n<style>{style}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )
