"""Why a number moved: a sentence, a picture, and every part down to the last digit."""

from collections.abc import Iterator
from typing import NamedTuple

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.http import require_safe

from fairlead.actions.asking import NotMade
from fairlead.actions.building import builds
from fairlead.actions.looking import Look, narrowed, recent
from fairlead.actions.reasoned import reasoned
from fairlead.actions.reported import RECORD
from fairlead.actions.sources import Freshness, freshness
from fairlead.actions.why import Cut, Part, RecordPart, Slice, Why, why
from fairlead.desk import behind
from fairlead.desk.charting import Figure, why_figure
from fairlead.desk.downloads import download
from fairlead.desk.earlier import earlier, unready
from fairlead.desk.reading import Typed, by_field, typed
from fairlead.desk.stamp import stamp
from fairlead.desk.unanswered import answering, begun
from fairlead.desk.wordings import Moved, Said, moved, said, signed
from fairlead.desk.workplace import workspace
from fairlead.picture.reasons import share
from fairlead.picture.wording import Manner, period_words
from fairlead.problem import Refused
from fairlead.values import Grain
from fairlead.workspace import Workspace

RECKONED = "#reckoned"  # the place on the page that says how parts and shares come about
CHOICES = ((Grain.MONTH, 24), (Grain.QUARTER, 8), (Grain.YEAR, 4))
SAYS = {
    "sum": "Values add up: each value's own difference.",
    "mix": "A rate over a whole: what moved because the mix changed, and because the rate within changed.",
    "parts": "Told through what the number is made of.",
    "none": "Does not add up over these values: values only.",
}


class Line(NamedTuple):
    """A part of the whole at its level, 0 being the whole. `share` is of the whole change.

    The part leads to why that number moved itself; the whole, and what has no page, to how parts are reckoned.
    """

    level: int
    name: str
    label: str
    url: str
    before: Said
    after: Said
    part: Said
    share: str
    note: str


class Segment(NamedTuple):
    """One value of a dimension; `url` is empty for what is no value of it."""

    label: str
    url: str
    before: Said
    after: Said
    part: Said
    share: str
    mix: Said
    rate: Said
    weight: str


class Segments(NamedTuple):
    """A cut, worded. `is_mix` where parts are told as mix and rate."""

    dimension: str
    says: str
    note: str
    is_mix: bool
    lines: tuple[Segment, ...]


class RecordLine(NamedTuple):
    """What the record and not business did to the number; `at` is where the two builds are told apart."""

    label: str
    says: str
    rows: str
    at: str
    part: Said
    share: str


class Shown(NamedTuple):
    """A move, worded."""

    found: Why
    start: str
    end: str
    before: Said
    after: Said
    moved: Moved | None
    restated: Said | None
    lines: tuple[Line, ...]
    cuts: tuple[Segments, ...]
    record: tuple[RecordLine, ...]
    figure: Figure | None
    url: str
    csv: str
    xlsx: str


class Choice(NamedTuple):
    """Something a form offers."""

    value: str
    label: str
    is_chosen: bool


class Offer(NamedTuple):
    """What the form offers: periods to compare, usual comparisons, dimensions, and builds that told it before."""

    periods: tuple[tuple[str, str], ...]
    comparisons: tuple[Choice, ...]
    usual: tuple[Choice, ...]
    others: tuple[Choice, ...]
    builds: tuple[Choice, ...]


@require_safe
@answering
@earlier
def page(request: HttpRequest, name: str) -> HttpResponse:
    """Why a number moved; without periods, over the last whole month."""
    if isinstance(start := begun(request, name, "why"), HttpResponse):
        return start
    place, form, of, faults = start
    form = _timed(place, form)
    told: Shown | None = None
    if of.build and not of.needs:
        try:
            told = shown(_why(place, form, name), of, form, place)
        except Refused as refused:
            if isinstance(refused, NotMade) and refused.day:
                return unready(request, of.name, refused.day)
            faults = by_field(refused.problems, form)
    offered = offer(place, of, form)
    given = {
        "look": of,
        "form": form,
        "why": told,
        "faults": faults,
        "offer": offered,
        "stamp": stamp(of, _fresh(place, of, told)),
    }
    return render(request, "why.html", given, status=400 if faults else 200)


def _fresh(place: Workspace, of: Look, told: Shown | None) -> list[Freshness | None]:
    """How fresh the number is, and every part of it: a part may rest on a source of its own."""
    parts = freshness(place, [line.name for line in told.lines]) if told else {}
    return [of.freshness, *parts.values()]


@require_safe
@answering
def why_file(request: HttpRequest, name: str, form: str) -> HttpResponse:
    """Every part of the move, as CSV or Excel."""
    place = workspace()
    asked = _timed(place, typed(request))
    found = _why(place, asked, name)
    return download(reasoned(found), f"why-{found.metric}-{found.period_from}-{found.period_to}", form)


def _timed(place: Workspace, form: Typed) -> Typed:
    """The form with two periods: where one is not given, the last whole month and the one before it."""
    last, before = recent(place, Grain.MONTH, 2, as_of=form.as_of or None)
    return form._replace(start=form.start or before, end=form.end or last)


def _why(place: Workspace, form: Typed, name: str) -> Why:
    return why(
        place,
        name,
        start=form.start,
        end=form.end,
        by=form.by,
        where=form.where or None,
        reported=form.reported or None,
        as_of=form.as_of or None,
    )


def shown(found: Why, of: Look, form: Typed, place: Workspace) -> Shown:
    """A move as the page shows it."""
    manner, unit = of.manner, found.unit
    first, last = (_rows(of.name, period, form) for period in (found.period_from, found.period_to))
    told = reverse("build", kwargs={"build": found.reported}) if found.reported else first

    def file(kind: str) -> str:
        return reverse("why-file", kwargs={"name": of.name, "form": kind}) + behind.asking(form.asking())

    return Shown(
        found=found,
        start=period_words(found.period_from, manner),
        end=period_words(found.period_to, manner),
        before=said(found.before, unit, manner, told),
        after=said(found.after, unit, manner, last),
        moved=moved(found.after, found.before, unit, found.better, manner),
        restated=said(found.restated, unit, manner, first) if found.reported else None,
        lines=tuple(_lines(found.whole, 0, found, of, form)),
        cuts=tuple(_segments(cut, found, of, form, place) for cut in found.cuts),
        record=tuple(_told(one, found, manner) for one in found.record),
        figure=why_figure(found, manner, form.asking()),
        url=behind.why(of.name, found.period_from, found.period_to, where=form.where, as_of=form.as_of),
        csv=file("csv"),
        xlsx=file("xlsx"),
    )


def _told(one: RecordPart, found: Why, manner: Manner) -> RecordLine:
    """What the record did, leading to what the two builds were made from differently."""
    place = "agreed" if one.kind == "definition" else "loads"
    at = f"{reverse('build-comparison', args=[found.reported, found.build])}#{place}"
    return RecordLine(
        RECORD[one.kind],
        one.says,
        "" if one.rows is None else said(one.rows, "count", manner).full,
        at,
        signed(one.part, found.unit, manner, at),
        share(one.part, found.change, manner),
    )


def _rows(name: str, period: str, form: Typed, where: str = "") -> str:
    return behind.rows(name, period, where=where or form.where, as_of=form.as_of)


def _lines(part: Part, level: int, found: Why, of: Look, form: Typed) -> Iterator[Line]:
    """The part and those below it, each leading to the records it was made from."""
    manner = of.manner

    def records(period: str) -> str:
        if part.parts or not level:
            return _rows(part.name, period, form)
        return behind.rows(of.name, period, where=form.where, as_of=form.as_of, measure=part.name)

    moved = behind.why(part.name, found.period_from, found.period_to, where=form.where, as_of=form.as_of)

    yield Line(
        level,
        part.name,
        part.label,
        behind.metric(part.name) if level else "",
        said(part.before, part.unit, manner, records(found.period_from)),
        said(part.after, part.unit, manner, records(found.period_to)),
        signed(part.part, found.unit, manner, moved if level else RECKONED),
        share(part.part, found.whole.part, manner),
        part.note,
    )
    for inner in part.parts:
        yield from _lines(inner, level + 1, found, of, form)


def _segments(cut: Cut, found: Why, of: Look, form: Typed, place: Workspace) -> Segments:
    def line(one: Slice) -> Segment:
        manner = of.manner
        if one.is_rest:  # no value that anything could be narrowed to: the records of all
            first, last = (_rows(of.name, p, form) for p in (found.period_from, found.period_to))
            url = ""
        else:
            where = narrowed(place.model, of.name, cut.dimension, one.value, form.where or None)
            first, last = (_rows(of.name, p, form, where) for p in (found.period_from, found.period_to))
            url = behind.why(of.name, found.period_from, found.period_to, where=where, as_of=form.as_of)
        weights = (one.weight_before, one.weight_after)
        return Segment(
            "(none)" if one.value is None else one.value,
            url,
            said(one.before, found.unit, manner, first),
            said(one.after, found.unit, manner, last),
            signed(one.part, found.unit, manner, url or RECKONED),
            share(one.part, found.whole.part, manner),
            signed(one.mix, found.unit, manner, RECKONED),
            signed(one.rate, found.unit, manner, RECKONED),
            " → ".join(said(w, "percent", manner).text or "none" for w in weights) if any(weights) else "",
        )

    is_mix = cut.kind == "mix"
    return Segments(
        behind.in_words(cut.dimension), SAYS.get(cut.kind, ""), cut.note, is_mix, tuple(line(one) for one in cut.slices)
    )


def offer(place: Workspace, of: Look, form: Typed) -> Offer:
    """What the form offers."""
    manner = of.manner
    periods = {grain: recent(place, grain, count, as_of=form.as_of or None) for grain, count in CHOICES}

    def choices(names: tuple[str, ...]) -> tuple[Choice, ...]:
        return tuple(Choice(name, behind.in_words(name), name in form.by) for name in names)

    def comparison(label: str, start: str, end: str) -> Choice:
        url = behind.why(of.name, start, end, by=form.by, where=form.where, as_of=form.as_of)
        return Choice(url, label, (start, end) == (form.start, form.end))

    months, quarters, years = (periods[grain] for grain, _ in CHOICES)
    typed_in = tuple(name for name in form.by if name not in (*of.usual, *of.others))
    return Offer(
        periods=tuple((name, period_words(name, manner)) for names in periods.values() for name in names),
        comparisons=(
            comparison("Last month on the one before", months[1], months[0]),
            comparison("On the same month a year ago", months[12], months[0]),
            comparison("Last quarter on the one before", quarters[1], quarters[0]),
            comparison("Last year on the one before", years[1], years[0]),
        ),
        usual=choices((*of.usual, *typed_in)),
        others=choices(of.others),
        builds=tuple(
            Choice(b.build, b.build, bool(form.reported) and b.build.startswith(form.reported))
            for b in builds(place)
            if not b.is_current
        ),
    )


urls = [
    path("metrics/<str:name>/why/", page, name="why"),
    path("metrics/<str:name>/why.<str:form>", why_file, name="why-file"),
]
