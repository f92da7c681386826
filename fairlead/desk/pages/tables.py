"""The rows of a build's table: where a number of rows leads to."""

from typing import NamedTuple

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.http import require_safe

from fairlead.actions.tables import Narrowed, TableRows, table_rows
from fairlead.desk.behind import asking, in_words
from fairlead.desk.counting import Count, counted
from fairlead.desk.pages.rows import Cell, cell
from fairlead.desk.reading import page_number
from fairlead.desk.refusals import refusing
from fairlead.desk.workplace import workspace
from fairlead.picture.wording import Manner


class Line(NamedTuple):
    """A row, worded, and where its figures are from: its source, or the SQL of the table."""

    cells: tuple[Cell, ...]
    origin: str


class Shown(NamedTuple):
    """A page of a table's rows, worded."""

    found: TableRows
    columns: tuple[str, ...]
    lines: tuple[Line, ...]
    total: Count
    before: str
    after: str
    whole: str


@require_safe
@refusing("There is no such table", "builds")
def table(request: HttpRequest, build: str, table: str) -> HttpResponse:
    """The rows of one table of a build, a page at a time; of one source, or without some reference, where asked."""
    place, only = workspace(), _narrowed(request)
    found = table_rows(place, build, table, only, page=page_number(request))
    return render(request, "table.html", {"page": _shown(found, only, place.manner), "only": only})


def _narrowed(request: HttpRequest) -> Narrowed:
    names = dict.fromkeys(name.strip() for name in request.GET.getlist("without") if name.strip())
    return Narrowed(request.GET.get("source", "").strip(), tuple(names), request.GET.get("where", "").strip())


def _shown(found: TableRows, only: Narrowed, manner: Manner) -> Shown:
    columns = found.rows.column_names

    def line(row: dict[str, object]) -> Line:
        source = row.get("source_system")
        origin = f"{reverse('sources')}#{source}" if source else "#sql"
        return Line(tuple(cell(row[name], name, manner) for name in columns), origin)

    return Shown(
        found=found,
        columns=tuple(map(in_words, columns)),
        lines=tuple(map(line, found.rows.to_pylist())),
        total=counted(found.total, manner),
        before=_to(found, only, found.page - 1) if found.page > 1 else "",
        after=_to(found, only, found.page + 1) if found.page < found.pages else "",
        whole=address(found.build, found.table) if any(only) else "",
    )


def _to(found: TableRows, only: Narrowed, page: int) -> str:
    return reverse("table", args=[found.build, found.table]) + asking({**only._asdict(), "page": page})


def address(build: str, table: str, only: Narrowed = Narrowed()) -> str:  # noqa: B008 - it is frozen
    """The rows of a table; those of the record's only where the page can narrow them."""
    return reverse("table", args=[build, table]) + asking(only._asdict())


urls = [path("builds/<str:build>/tables/<str:table>/", table, name="table")]
