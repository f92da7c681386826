"""The records behind a number: which rows of which files it counted, a page at a time, and all of them as a file."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.http import require_safe

from fairlead.actions.looking import Look, recent
from fairlead.actions.records import Counted, Records, records
from fairlead.desk import behind
from fairlead.desk.downloads import MOST, long, most
from fairlead.desk.earlier import earlier
from fairlead.desk.reading import Typed, by_field, page_number, typed
from fairlead.desk.stamp import stamp
from fairlead.desk.unanswered import answering, begun
from fairlead.desk.wordings import Said, said
from fairlead.desk.workplace import workspace
from fairlead.picture.wording import Manner, day_words, period_words, worded
from fairlead.problem import Refused
from fairlead.values import Grain
from fairlead.workspace import Workspace

SIZE = 100


class Tab(NamedTuple):
    """A measure behind the number."""

    counted: Counted
    url: str
    rows: Said
    value: Said
    is_current: bool


class Cell(NamedTuple):
    """A value of a record: as it reads and as it sorts; a number leads to the source whose file it stands in."""

    text: str
    sort: str
    kind: str
    url: str = ""


class File(NamedTuple):
    """A download of all the records; `most` says how many it holds where that is not all of them."""

    label: str
    url: str
    most: str


class Shown(NamedTuple):
    """The records, worded. `first` and `last` count from 1; `before` and `after` are the pages beside this one."""

    period: str
    tabs: tuple[Tab, ...]
    chosen: Tab
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    first: str
    last: str
    total: str
    page: int
    pages: int
    before: str
    after: str
    files: tuple[File, ...]


@require_safe
@answering
@earlier
def rows(request: HttpRequest, name: str) -> HttpResponse:
    """A page of records; without a time, those of the last whole month."""
    if isinstance(start := begun(request, name, "rows"), HttpResponse):
        return start
    place, form, found, faults = start
    form = _timed(place, form)
    page: Shown | None = None
    if found.build and not found.needs:
        try:
            page = shown(_page(place, form, found.name, page_number(request)), found, form)
        except Refused as refused:
            faults = by_field(refused.problems, form)
    given = {
        "look": found,
        "form": form,
        "page": page,
        "faults": faults,
        "stamp": stamp(found, [found.freshness]),
        "offer": {"periods": [(p, period_words(p, found.manner)) for p in _months(place, form, 24)]},
        "back": behind.metric(found.name, where=form.where, as_of=form.as_of),
    }
    return render(request, "rows.html", given, status=400 if faults else 200)


@require_safe
@answering
def rows_file(request: HttpRequest, name: str, form: str) -> HttpResponseBase:
    """Every record, as CSV or Excel, up to a stated number."""
    asked, place = typed(request), workspace()
    if form not in MOST:
        raise Http404
    asked = _timed(place, asked)
    found = records(place, asked.asked(name), measure=asked.measure or None, limit=MOST[form])
    title = f"{found.metric}-{found.chosen.column}-{found.start}-{found.end}"
    return long(found.table, title, form)


def _timed(place: Workspace, form: Typed) -> Typed:
    """The form with a time: without one, the last whole month."""
    if form.start or form.end:
        return form
    last = _months(place, form, 1)[0]
    return form._replace(start=last, end=last)


def _months(place: Workspace, form: Typed, count: int) -> list[str]:
    """The last whole months as of the day asked for, newest first."""
    return recent(place, Grain.MONTH, count, as_of=form.as_of or None)


def _page(place: Workspace, form: Typed, name: str, number: int) -> Records:
    """The page of that number, or the last one where there are not so many."""
    asked, measure = form.asked(name), form.measure or None
    found = records(place, asked, measure=measure, limit=SIZE, offset=SIZE * (max(1, number) - 1))
    if found.offset and found.offset >= found.total:
        last = max(0, (found.total - 1) // SIZE)
        found = records(place, asked, measure=measure, limit=SIZE, offset=SIZE * last)
    return found


def shown(found: Records, of: Look, form: Typed) -> Shown:
    """The records as the page shows them."""
    manner = of.manner
    tabs = tuple(_tab(c, found, of, form) for c in found.measures)
    columns = [name for name in found.table.column_names if name != "measure"]
    number = found.offset // SIZE + 1
    pages = max(1, -(-found.total // SIZE))

    def to(page: int) -> str:
        return behind.to("rows", of.name, **_asking(form), page=page)

    return Shown(
        period=_time_words(found, form, manner),
        tabs=tabs,
        chosen=next(tab for tab in tabs if tab.is_current),
        columns=tuple(behind.in_words(name) if name != "place" else "File and line" for name in columns),
        rows=tuple(
            tuple(cell(row[c], c, manner)._replace(url=_origin(row, found.build)) for c in columns)
            for row in found.table.to_pylist()
        ),
        first=_counted(found.offset + 1 if found.total else 0, manner),
        last=_counted(found.offset + found.table.num_rows, manner),
        total=_counted(found.total, manner),
        page=number,
        pages=pages,
        before=to(number - 1) if number > 1 else "",
        after=to(number + 1) if number < pages else "",
        files=tuple(_file(kind, found, of.name, form, manner) for kind in MOST),
    )


def _origin(row: Mapping[str, object], build: str) -> str:
    """Where a record's figures stand: in a source's file, or, put together from several, in what the build took in."""
    source = str(row.get("id") or "").partition(":")[0] if row.get("place") else ""
    return f"{reverse('sources')}#{source}" if source else reverse("build", args=[build]) + "#in"


def _asking(form: Typed) -> dict[str, behind.Asked]:
    return {"start": form.start, "end": form.end, "where": form.where, "as_of": form.as_of, "measure": form.measure}


def _tab(counted: Counted, found: Records, of: Look, form: Typed) -> Tab:
    url = behind.to("rows", of.name, **{**_asking(form), "measure": counted.column})
    return Tab(
        counted,
        "" if counted.lacks else url,
        said(counted.rows, "count", of.manner, url),
        said(counted.value, counted.unit, of.manner, "#records"),
        counted.column == found.chosen.column,
    )


def _file(kind: str, found: Records, name: str, form: Typed, manner: Manner) -> File:
    url = reverse("rows-file", kwargs={"name": name, "form": kind}) + behind.asking(_asking(form))
    return File("CSV" if kind == "csv" else "Excel", url, most(kind, found.total, manner))


def _counted(number: int, manner: Manner) -> str:
    return worded(number, "count", manner).full


def _time_words(found: Records, form: Typed, manner: Manner) -> str:
    if form.start == form.end:
        return period_words(form.start, manner)
    return f"{day_words(found.start, manner)} to {day_words(found.end, manner)}"


def cell(value: object, column: str, manner: Manner) -> Cell:  # noqa: PLR0911 - one line a kind
    """A value of a record as people read it; nothing is said of what is not known."""
    match value:
        case None:
            return Cell("", "", "")
        case bool():
            return Cell("yes" if value else "no", "", "")
        case datetime():
            local = value.astimezone(manner.zone)
            return Cell(f"{period_words(f'{local:%Y-%m-%d}', manner)}, {local:%H:%M}", value.isoformat(), "when")
        case date():
            return Cell(period_words(value.isoformat(), manner), value.isoformat(), "when")
        case Decimal():
            return Cell(worded(value, "money", manner).full, str(value), "num")
        case int() | float():
            return Cell(worded(value, "count", manner).full, str(value), "num")
    return Cell(str(value), "", "code" if column == "place" or column.endswith("id") else "")


urls = [
    path("metrics/<str:name>/rows/", rows, name="rows"),
    path("metrics/<str:name>/rows.<str:form>", rows_file, name="rows-file"),
]
