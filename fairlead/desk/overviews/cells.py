"""What an overview is made of: rows of cells, and in a cell words that may lead somewhere."""

from collections.abc import Iterable
from typing import NamedTuple

from fairlead.desk.linking import Piece, anchor, in_words
from fairlead.problem import Problem


class Cell(NamedTuple):
    """Words side by side, each perhaps a link, and a `note` below them. `tone`: good, bad or nothing."""

    pieces: tuple[Piece, ...] = ()
    tone: str = ""
    code: bool = False
    note: str = ""


class Row(NamedTuple):
    """A line of an overview. `id` is the entry's anchor where the overview is the place the entry is told."""

    cells: tuple[Cell, ...]
    id: str = ""
    problems: tuple[Problem, ...] = ()


class Overview(NamedTuple):
    """A table about a subject. `instead` names the section it fully tells; `name` is its anchor, `kind` its look."""

    name: str
    title: str
    says: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    kind: str = ""
    instead: str = ""
    problems: tuple[Problem, ...] = ()


def said(*texts: str | None) -> Cell:
    """Plain words."""
    return Cell(tuple(Piece(text) for text in texts if text))


def coded(*texts: str | None) -> Cell:
    """Predicates and columns."""
    return Cell(tuple(Piece(text) for text in texts if text), code=True)


def linked(pieces: Iterable[Piece]) -> Cell:
    return Cell(tuple(pieces))


def figure(text: str | None, href: str) -> Cell:
    """A number, and where it is agreed or what it counts."""
    return Cell((Piece(text, href, tone="figure"),) if text else ())


def entry(section: str, name: str, title: str, more: str = "") -> Cell:
    """The name of a row, which leads to its entry further down."""
    return Cell((Piece(title or in_words(name), f"#{anchor(section, name)}", more),))
