"""Pages as a person reads them: the words, the tables, the links."""

import re
from html import unescape
from html.parser import HTMLParser
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from django.test import Client

HOSTILE = "<script>alert(1)</script>'\"><img src=x onerror=alert(1)>"
SILENT = {"script", "style", "svg", "title", "datalist"}
VOID = {"meta", "link", "input", "br", "hr", "img", "source"}


class Cell(NamedTuple):
    """A cell of a table: its words, its value for sorting, its title, and where its first link leads."""

    text: str
    value: str | None
    title: str | None
    href: str | None


class Table(NamedTuple):
    """A table by its caption."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]

    def column(self, name: str) -> list[Cell]:
        at = self.head.index(name)
        return [row[at] for row in self.rows]


def read(client: "Client", address: str, status: int = 200) -> str:
    """The page at an address, which answers with this status."""
    answer = client.get(address)
    assert answer.status_code == status, address
    return answer.content.decode()


def with_column(html: str, name: str) -> Table:
    """The first table that has this column."""
    return next(one for one in tables(html) if name in one.head)


def text(html: str) -> str:
    """The words of a page, blanks folded."""
    bare = re.sub(r"<(script|style|svg|datalist)\b.*?</\1>|<[^>]+>", " ", html, flags=re.DOTALL)
    return re.sub(r"\s+", " ", unescape(bare)).strip()


def links(html: str) -> list[str]:
    return [unescape(found) for found in re.findall(r'<a [^>]*?href="([^"]*)"', html)]


def tables(html: str) -> list[Table]:
    reader = _Tables()
    reader.feed(html)
    return reader.found


def table(html: str, caption: str) -> Table:
    """The table whose caption begins so."""
    return next(one for one in tables(html) if one.caption.startswith(caption))


class _Tables(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[Table] = []
        self.caption, self.head, self.rows = "", [], []  # type: ignore[var-annotated]
        self.part = self.words = ""
        self.silent = 0
        self.cell: dict[str, str | None] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        if tag in SILENT or self.silent or "meaning" in (said.get("class") or "").split():
            self.silent += tag not in VOID  # what a term means, and all that is in it, is no part of the cell
        elif tag == "table":
            self.caption, self.head, self.rows = "", [], []
        elif tag in ("thead", "tbody"):
            self.part = tag
        elif tag == "tr" and self.part == "tbody":
            self.rows.append([])
        elif tag in ("td", "th", "caption"):
            self.words, self.cell = "", {"value": said.get("data-value")}
        elif tag in ("a", "span", "strong"):
            self.cell.setdefault("title", said.get("title"))
            if tag == "a":
                self.cell.setdefault("href", said.get("href"))

    def handle_endtag(self, tag: str) -> None:
        if self.silent:
            self.silent -= 1
            return
        words = re.sub(r"\s+", " ", self.words).strip()
        if tag == "caption":
            self.caption = words
        elif tag in ("td", "th") and self.part == "thead":
            self.head.append(words)
        elif tag in ("td", "th"):
            cell = self.cell
            self.rows[-1].append(Cell(words, cell.get("value"), cell.get("title"), cell.get("href")))
        elif tag == "table":
            self.found.append(Table(self.caption, tuple(self.head), tuple(tuple(row) for row in self.rows)))
            self.part = ""

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.words += data
