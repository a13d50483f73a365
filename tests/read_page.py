"""What a browser would make of a page: for the tests of pages."""

from __future__ import annotations

from html.parser import HTMLParser


class Read(HTMLParser):
    """The elements of a page in order, each with its attributes, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def every(self, tag: str, kind: str | None = None) -> list[dict[str, str | None]]:
        """Give the attributes of each element of a name, and of a class if one is given."""
        return [
            of for name, of in self.elements if name == tag and (not kind or kind in (of.get("class") or "").split())
        ]
