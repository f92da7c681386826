"""Figures of pages: a chart's addresses, what it says, and the table that says the same."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from django.urls import reverse

from fairlead.actions.asking import Asked
from fairlead.actions.drawing import Cell as DrawnCell
from fairlead.actions.drawing import Drawing, change, course, versions
from fairlead.actions.why import Why
from fairlead.desk import behind
from fairlead.desk.bundle import VERSION
from fairlead.picture.theme import WIDTHS
from fairlead.picture.wording import Manner
from fairlead.workspace import Workspace

# The address behind a number of a chart's table, by what its row sorts by and the place of its column, from 1 on.
Rows = Callable[[str, int], str]


class Cell(NamedTuple):
    """A cell of the table that says the same as a chart; a number leads to how it came about."""

    text: str
    sort: str
    url: str


class Box(NamedTuple):
    """How big a picture is, in pixels: known before it has come, so that nothing moves when it does."""

    width: int
    height: int


class Boxes(NamedTuple):
    """The three sizes of a chart."""

    wide: Box
    medium: Box
    narrow: Box


class Figure(NamedTuple):
    """A chart on a page whose head includes parts/charts_head.html.

    `says` is its alternative text and its caption; `note` tells what it leaves out. `light_url` and `dark_url` are
    pictures, `spec_url` describes the chart for `charts.js`; all three take `&size=narrow` or `&size=medium`.
    `csv_url` is empty where there is no file of the numbers.
    """

    id: str
    title: str
    says: str
    spec_url: str
    light_url: str
    dark_url: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    boxes: Boxes
    note: str = ""
    csv_url: str = ""
    program: str = VERSION


def metric_figure(  # noqa: PLR0913 - a question has this many parts
    workspace: Workspace,
    metric: str,
    *,
    per: str | None = None,
    by: tuple[str, ...] = (),
    start: str | None = None,
    end: str | None = None,
    where: str | None = None,
    as_of: str | None = None,
    csv_url: str = "",
) -> Figure:
    """The course of a number, whole or cut by dimensions; raises Refused as `ask` does."""
    asked = Asked((metric,), per or None, tuple(by), where or None, start or None, end or None, as_of or None)
    query: dict[str, behind.Asked] = {"per": per, "by": by, "start": start, "end": end, "where": where, "as_of": as_of}
    return figure(course(workspace, asked), "metric", metric, query, csv_url)


def versions_figure(  # noqa: PLR0913 - a question has this many parts
    workspace: Workspace,
    metric: str,
    *,
    per: str | None = None,
    start: str | None = None,
    end: str | None = None,
    as_of: str | None = None,
) -> Figure:
    """The course of a metric under each of its definitions."""
    asked = Asked((metric,), per or None, (), None, start or None, end or None, as_of or None)
    query: dict[str, behind.Asked] = {"per": per, "start": start, "end": end, "as_of": as_of}
    return figure(versions(workspace, metric, asked), "versions", metric, query)


def why_figure(why: Why, manner: Manner, query: dict[str, behind.Asked], dimension: str | None = None) -> Figure | None:
    """What a move is made of, by inputs or by a `dimension` it was cut by; None where the move is undefined.

    `query` is what the why was asked with: start, end, by, where, reported, as_of.
    """
    drawing = change(why, manner, dimension=dimension)
    return figure(drawing, "why", why.metric, {**query, "cut": dimension}) if drawing else None


def figure(  # noqa: PLR0913, PLR0917 - what is drawn, and where it and its numbers are found
    drawing: Drawing,
    kind: str,
    name: str,
    query: dict[str, behind.Asked],
    csv_url: str = "",
    rows: Rows | None = None,
) -> Figure:
    """A drawing with the addresses it is found at, and those of the rows behind its numbers."""

    def url(form: str, **more: str) -> str:
        return reverse("chart", kwargs={"kind": kind, "name": name, "form": form}) + behind.asking(query | more)

    return Figure(
        id="-".join(filter(None, (kind, name, str(query.get("cut") or "")))),
        title=drawing.title,
        says=drawing.says,
        spec_url=url("json", scheme="light"),
        light_url=url("svg", scheme="light"),
        dark_url=url("svg", scheme="dark"),
        columns=drawing.columns,
        rows=tuple(_linked(row, rows or _place(row, kind, name, query)) for row in drawing.rows),
        note=drawing.note,
        csv_url=csv_url,
        boxes=Boxes(*(Box(WIDTHS[size], drawing.height(size)) for size in WIDTHS)),
    )


# Where the numbers of a chart's table are told with what is behind them, where that is not their records.
PLACES = {"metric": "#trend", "why": "#parts-title"}


def _place(row: Sequence[DrawnCell], kind: str, name: str, query: Mapping[str, behind.Asked]) -> Rows:
    """Of a course each value leads to the records of its period, else to where the page tells how it came."""
    if kind == "metric" and not query.get("by"):
        url = behind.rows(name, row[0].sort, where=query.get("where"), as_of=query.get("as_of"))
    elif kind == "versions":
        url = f"{reverse('term', args=[name])}#versions"
    else:
        url = PLACES[kind]
    return lambda _row, _column: url


def _linked(row: Sequence[DrawnCell], rows: Rows) -> tuple[Cell, ...]:
    """A row of the table; its numbers lead to what is behind them."""
    first, *others = row
    cells = (Cell(o.text, o.sort, rows(first.sort, at) if o.sort else "") for at, o in enumerate(others, 1))
    return (Cell(first.text, first.sort, ""), *cells)
