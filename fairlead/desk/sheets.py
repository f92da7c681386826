"""Tables of a page as rows of cells, each figure with the page of what stands behind it."""

from collections.abc import Sequence
from typing import NamedTuple

from fairlead.desk.wordings import Said


class Cell(NamedTuple):
    """A cell: words, or a number that leads to its rows. `when`: the words are a day, and this sorts it."""

    text: str = ""
    url: str = ""
    number: Said | None = None
    when: str = ""


class Sheet(NamedTuple):
    """A table under a heading; `columns` are labels, and whether they hold numbers. The first cell names the row.

    `says` stands above it, `foot` below.
    """

    name: str
    title: str
    says: str
    columns: tuple[tuple[str, bool], ...]
    rows: tuple[tuple[Cell, ...], ...]
    empty: str = "There is none."
    foot: str = ""


def sheet(  # noqa: PLR0913, PLR0917 - the parts of a table
    name: str, title: str, says: str, columns: str, rows: Sequence[Sequence[Cell]], empty: str = "There is none."
) -> Sheet:
    """A sheet; `columns` are written one after the other, those of numbers with a hash: `gap|#lacking`."""
    labels = tuple((label.removeprefix("#"), label.startswith("#")) for label in columns.split("|"))
    return Sheet(name, title, says, labels, tuple(tuple(row) for row in rows), empty)
