"""Builds: what went into each, what of it counts, what does not and why; and two of them side by side."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_safe

from fairlead.actions.building import Built, SetAside, builds
from fairlead.actions.inspecting import Aside, Input, Inspected, Only, inspect, rows_aside
from fairlead.actions.tables import Narrowed, references
from fairlead.desk.counting import Count, counted
from fairlead.desk.downloads import MOST, long, most
from fairlead.desk.pages import tables
from fairlead.desk.reading import page_number
from fairlead.desk.refusals import refusing
from fairlead.desk.workplace import workspace
from fairlead.model.tables import TABLES
from fairlead.picture.wording import Manner, day_words, moment_words, worded
from fairlead.record.recipe import TableCount

LABELS = {"csv": "CSV", "xlsx": "Excel"}
SHORT = 8  # letters of a digest that tell it from others at sight


class Line(NamedTuple):
    """A build in the list. `model` and `model_full` are digests."""

    name: str
    made: str
    made_at: str
    as_of: str
    as_of_day: str
    known: str
    took: float
    rows_in: Count
    kept: Count
    aside: Count
    model: str
    model_full: str
    is_current: bool
    is_agreed: bool


class Part(NamedTuple):
    """What one source gave one table, and what became of it.

    `kept_at` and the others are where the rows are; of the references, rows without them.
    """

    table: str
    says: str
    source: str
    rows_in: Count
    kept: Count
    aside: Count
    left_out: Count
    emptied: Count
    empty: Count
    kept_at: str
    emptied_at: str
    empty_at: str


class Went(NamedTuple):
    """A raw table that went in: its files, and when it was first and last seen."""

    source: str
    table: str
    files: tuple[str, ...]
    loads: Count
    first: str
    last: str
    last_at: str


class Reason(NamedTuple):
    """Rows set aside for one reason, with an example."""

    table: str
    source: str
    reason: str
    words: str
    rows: Count
    detail: str
    place: str


class Value(NamedTuple):
    """A value read as another one."""

    column: str
    source: str
    source_column: str
    found: str
    read_as: str
    rows: Count


class Written(NamedTuple):
    """A table of the build, and where its rows are."""

    name: str
    says: str
    rows: Count
    url: str


class Page(NamedTuple):
    """One build, worded. `others` are the builds it can be compared with, nearest first."""

    line: Line
    seen: str
    share: str
    sources: int
    inspected: Inspected
    parts: tuple[Part, ...]
    went: tuple[Went, ...]
    reasons: tuple[Reason, ...]
    values: tuple[Value, ...]
    written: tuple[Written, ...]
    others: tuple[Line, ...]


@require_safe
@refusing("Builds cannot be shown", "scoreboard")
def listed(request: HttpRequest) -> HttpResponse:
    """Every build, newest first; or, with two chosen, on to their comparison."""
    a, b = request.GET.get("a", ""), request.GET.get("b", "")
    if a and b and a != b:
        return redirect("build-comparison", a, b)
    place = workspace()
    lines = _lines(builds(place), place.manner, place.model.digest)
    same = bool(a and a == b)
    return render(request, "builds.html", {"lines": lines, "same": same, "company": place.config.company})


@require_safe
@refusing("There is no such build", "builds")
def one(request: HttpRequest, build: str) -> HttpResponse:
    """One build: what went in, what was kept, what was not and why."""
    place = workspace()
    found = inspect(place, build)
    others = [other for other in builds(place) if other.build != found.built.build]
    page = _page(found, _lines(others, place.manner, place.model.digest), place.manner)
    return render(request, "build.html", {"page": page})


@require_safe
@refusing("There is no such build", "builds")
def aside(request: HttpRequest, build: str) -> HttpResponse:
    """The rows a build set aside, a page at a time, each with its file and line."""
    place, only = workspace(), _only(request)
    found = rows_aside(place, build, only, page=page_number(request))
    rows = found.rows.to_pylist()
    shown = {"found": found, "rows": rows, "total": counted(found.total, place.manner), "only": only}
    held = [(kind, label, most(kind, found.total, place.manner)) for kind, label in LABELS.items()]
    return render(request, "set_aside.html", shown | {"turn": _turn(request, found), "files": held})


@require_safe
@refusing("There is no such build", "builds")
def aside_file(request: HttpRequest, build: str, form: str) -> HttpResponseBase:
    """All the rows a build set aside, as CSV or Excel, up to a stated number."""
    if form not in MOST:
        raise Http404
    found = rows_aside(workspace(), build, _only(request), size=MOST[form])
    return long(found.rows, f"set-aside-{found.build}", form)


def _only(request: HttpRequest) -> Only:
    return Only(*(request.GET.get(name, "") for name in Only._fields))


def _turn(request: HttpRequest, found: Aside) -> dict[str, str]:
    """The addresses of the page before and the one after, and of the same rows as files."""
    query = request.GET.copy()
    query.pop("page", None)
    asked = query.urlencode()

    def to(page: int) -> str:
        return "?" + "&".join(part for part in (asked, f"page={page}") if part)

    return {
        "before": to(found.page - 1) if found.page > 1 else "",
        "after": to(found.page + 1) if found.page < found.pages else "",
        "asked": f"?{asked}" if asked else "",
    }


def _lines(listed: Sequence[Built], manner: Manner, agreed: str) -> tuple[Line, ...]:
    return tuple(line(built, manner, agreed) for built in listed)


def line(built: Built, manner: Manner, agreed: str) -> Line:
    """A build as the list shows it; `agreed` is the digest of today's model."""
    return Line(
        name=built.build,
        made=_moment(built.made_at, manner),
        made_at=built.made_at,
        as_of=day_words(date.fromisoformat(built.as_of), manner),
        as_of_day=built.as_of,
        known=_moment(built.known_at, manner),
        took=round(built.seconds, 1),
        rows_in=counted(built.rows_in, manner),
        kept=counted(built.kept, manner),
        aside=counted(built.set_aside, manner),
        model=built.model_digest[:SHORT],
        model_full=built.model_digest,
        is_current=built.is_current,
        is_agreed=built.model_digest == agreed,
    )


def _moment(text: str | None, manner: Manner) -> str:
    return moment_words(datetime.fromisoformat(text), manner) if text else ""


def _page(found: Inspected, others: tuple[Line, ...], manner: Manner) -> Page:
    built = found.built
    share = worded(built.set_aside / built.rows_in, "percent", manner).text if built.rows_in else ""
    return Page(
        line=line(built, manner, built.model_digest if found.is_agreed else ""),
        seen=_moment(built.seen_at, manner),
        share=share,
        sources=len({went.source for went in found.inputs}),
        inspected=found,
        parts=tuple(_part(built.build, count, manner) for count in built.tables),
        went=tuple(_went(went, manner) for went in found.inputs),
        reasons=tuple(_reason(reason, manner) for reason in found.aside),
        values=tuple(
            Value(f"{v.table}.{v.column}", v.source, v.source_column, v.found, v.read_as or "", counted(v.rows, manner))
            for v in found.values
        ),
        written=tuple(_written(built.build, name, rows, manner) for name, rows in built.rows.items()),
        others=tuple(sorted(others, key=lambda other: other.name != found.before)),
    )


def _part(build: str, count: TableCount, manner: Manner) -> Part:
    rows = (Narrowed(count.source, without) for without in ((), *references(count.table)))
    kept_at, emptied_at, empty_at = (tables.address(build, f"record.{count.table}", narrowed) for narrowed in rows)
    return Part(
        table=count.table,
        says=_says(count.table),
        source=count.source,
        rows_in=counted(count.rows_in, manner),
        kept=counted(count.kept, manner),
        aside=counted(count.set_aside, manner),
        left_out=counted(count.left_out, manner),
        emptied=counted(count.broken_references, manner),
        empty=counted(count.empty_references, manner),
        kept_at=kept_at,
        emptied_at=emptied_at,
        empty_at=empty_at,
    )


def _went(went: Input, manner: Manner) -> Went:
    times = _moment(went.first, manner), _moment(went.last, manner)
    return Went(went.source, went.table, went.files, counted(went.loads, manner), *times, went.last)


def _reason(reason: SetAside, manner: Manner) -> Reason:
    place = f"{reason.file}:{reason.line}" if reason.line is not None else reason.file
    words = reason.reason.replace("-", " ")
    rows = counted(reason.rows, manner)
    return Reason(reason.table, reason.source, reason.reason, words, rows, reason.detail, place)


def _written(build: str, name: str, rows: int, manner: Manner) -> Written:
    aside = name == "quality.set_aside"
    url = reverse("set-aside", args=[build]) if aside else tables.address(build, name)
    return Written(name, _says(name.partition(".")[2]), counted(rows, manner), url)


def _says(table: str) -> str:
    return TABLES[table].says if table in TABLES else ""


urls = [
    path("builds/", listed, name="builds"),
    path("builds/<str:build>/", one, name="build"),
    path("builds/<str:build>/set-aside/", aside, name="set-aside"),
    path("builds/<str:build>/set-aside.<str:form>", aside_file, name="set-aside-file"),
]
