"""Lifecycle: the way across functions, the flow between stages with its leaks in money, and a page for each stage."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.http import require_safe

from fairlead.actions.flows import FILES, FlowAsked, Funnel, JourneyStep, StageTold, funnel_table
from fairlead.actions.lifecycle import agreed_stage, funnel, journey, mapping, stage, title_of
from fairlead.actions.whose import WHAT, whose
from fairlead.analysis.stages import LIFECYCLE
from fairlead.desk.behind import asking
from fairlead.desk.downloads import download
from fairlead.desk.earlier import offered
from fairlead.desk.flowing import lasting, late, line, lost, member, plot, stays_behind, weeks, went, within
from fairlead.desk.gating import short_of
from fairlead.desk.reading import one_of, page_number
from fairlead.desk.refusals import refusing
from fairlead.desk.stamp import stamp
from fairlead.desk.wordings import said
from fairlead.desk.workplace import workspace
from fairlead.model.agreed import Function
from fairlead.model.lifecycle import Again, Pipeline, Skipped
from fairlead.model.load import presets
from fairlead.picture.wording import Manner, day_words, period_words, worded
from fairlead.values import Grain, in_words
from fairlead.workspace import Workspace

MODES = {"cohort": "by when they came in", "period": "by when they entered the stage"}
CUTS = {"source": "source", "account.segment": "segment", "person.persona": "persona", "owner.name": "owner"}
FUNCTIONS = (Function.MARKETING, Function.SALES, Function.CUSTOMER_SUCCESS)
AGAIN = {"continues": "once, as it ended", "again": "each time"}
MOST_STUCK = 12
WEEKS = {"13": "a quarter", "104": "two years"}
MEMBERS = {"reached": "reached", "advanced": "moved on from", "left": "left"}


class Asked(NamedTuple):
    """The form as it was filled in."""

    flow: str
    mode: str
    by: str
    per: str
    preset: str
    start: str
    end: str
    as_of: str
    weeks: str
    skipped: str
    reopened: str

    def asking(self, **other: str) -> str:
        """The query part of an address that asks the same, with some of it changed."""
        query = {**self._asdict(), **other}
        plain = {"flow": LIFECYCLE, "mode": "cohort", "weeks": "13"}
        return asking({key: value for key, value in query.items() if plain.get(key) != value})


@require_safe
@refusing("The lifecycle cannot be shown")
def lifecycle(request: HttpRequest) -> HttpResponse:
    """The lifecycle, or a pipeline, as it ran."""
    place = workspace()
    asked = _asked(request, place)
    steps = journey(place)
    if place.lake.current() is None:
        return _unbuilt(request, place)
    if offer := offered(request, asked.as_of, "Lifecycle"):
        return offer
    return render(request, "lifecycle.html", _page(place, _asked_of(place, asked), asked) | {"steps": _journey(steps)})


def _unbuilt(request: HttpRequest, place: Workspace) -> HttpResponse:
    """What was agreed, and how to make the first build."""
    given = {"steps": _journey(journey(place)), "functions": FUNCTIONS, "mapping": mapping(place)}
    return render(request, "lifecycle.html", given)


@require_safe
@refusing("There is no such file", "lifecycle")
def flow_file(request: HttpRequest, name: str, form: str) -> HttpResponse:
    """A table of the funnel, whole, as CSV or Excel."""
    if name not in FILES:
        raise Http404
    place = workspace()
    return download(funnel_table(_asked_of(place, _asked(request, place)), name), f"lifecycle-{name}", form)


def _question(asked: Asked) -> FlowAsked:
    """What the form asks of the funnel; what was left empty is None."""
    empty = (asked.per or None, asked.start or None, asked.end or None, asked.preset or None)
    how = (asked.skipped or None, asked.reopened or None, asked.as_of or None)
    return FlowAsked(asked.flow, asked.by or None, asked.mode == "cohort", *empty, *how)


def _asked_of(place: Workspace, asked: Asked) -> Funnel:
    return funnel(place, _question(asked))


def _asked(request: HttpRequest, place: Workspace) -> Asked:
    pipelines = place.model.lifecycle.pipelines

    def one(name: str) -> str:
        return request.GET.get(name, "").strip()

    return Asked(
        one_of(request, "flow", (LIFECYCLE, *pipelines)) or LIFECYCLE,
        one_of(request, "mode", MODES) or "cohort",
        one("by"),
        one_of(request, "per", list(Grain)),
        one_of(request, "preset", presets(place.model_folder)),
        one("from"),
        one("to"),
        one("as_of"),
        one_of(request, "weeks", WEEKS) or "13",
        one_of(request, "skipped", list(Skipped)),
        one_of(request, "reopened", list(Again)),
    )


def _journey(steps: Sequence[JourneyStep]) -> list[tuple[str, list[tuple[str, ...]]]]:
    """The table of who does what: a row a step, a column a function."""
    return [(step.label, [dict(step.activities).get(function, ()) for function in FUNCTIONS]) for step in steps]


def _page(place: Workspace, found: Funnel, asked: Asked) -> dict[str, object]:
    whole = found if not (found.by or asked.per or found.preset or found.mode == "period") else _whole(place, asked)
    stages = tuple(whole.steps)
    weekly = weeks(whole, stages, int(asked.weeks))
    return {
        "page": found,
        "asked": asked,
        "flows": [(LIFECYCLE, "Lifecycle"), *((p.name, p.label or in_words(p.name)) for p in _pipelines(place))],
        "modes": MODES.items(),
        "grains": list(Grain),
        "skips": list(Skipped),
        "agains": AGAIN.items(),
        "cuts": CUTS.items(),
        "cut_name": in_words(CUTS.get(found.by or "", found.by or "")),
        "plot": plot(place, whole),
        "lines": [line(found, one, asked.per) for one in found.counts],
        "times": [lasting(place, found, one) for one in found.times],
        "lost": [lost(found, one) for one in found.leaks],
        "moves": [went(place, found, one) for one in found.moves],
        "late": [late(place, found, one) for one in found.stalled[:MOST_STUCK]],
        "more": max(0, len(found.stalled) - MOST_STUCK),
        "files": [
            (name, [(kind, reverse("lifecycle-file", args=[name, kind]) + asked.asking()) for kind in ("csv", "xlsx")])
            for name in FILES
        ],
        "all_stuck": reverse("lifecycle-file", args=["stuck", "csv"]) + asked.asking(),
        "weeks": weekly,
        "spans": [(count, says, asked.asking(weeks=count)) for count, says in WEEKS.items()],
        "week_stages": [title_of(place.model, name) for name in stages],
        "mapping": found.mapping,
        "preset_names": [(name, in_words(name)) for name in presets(place.model_folder)],
        "span": f"{day_words(found.start, found.manner)} to {day_words(found.end, found.manner)}",
        "basis": MODES[found.mode],
        "functions": FUNCTIONS,
        "stamp": stamp(found),
    }


def _pipelines(place: Workspace) -> Iterable[Pipeline]:
    return place.model.lifecycle.pipelines.values()


def _whole(place: Workspace, asked: Asked) -> Funnel:
    """The same flow as one cohort, uncut, under its own names: what the drawing shows."""
    return funnel(place, _question(asked)._replace(by=None, cohort=True, per=None, preset=None))


@require_safe
@refusing("There is no such stage", "lifecycle")
def one_stage(request: HttpRequest, name: str) -> HttpResponse:
    """A stage: what was agreed about it, who is in it, how long they stay and where they go."""
    place = workspace()
    of = one_of(request, "flow", (LIFECYCLE, *place.model.lifecycle.pipelines))
    if place.lake.current() is None:
        agreed_stage(place.model, name, of or None)
        return _unbuilt(request, place)
    said_day = request.GET.get("as_of", "").strip()
    if offer := offered(request, said_day, in_words(name)):
        return offer
    by = request.GET.get("by", "").strip()
    found = stage(place, name, of=of or None, by=by or None, as_of=said_day or None)
    return render(request, "stage.html", _stage_page(place, found, said_day))


@require_safe
@refusing("They cannot be listed", "lifecycle")
def members(request: HttpRequest, name: str) -> HttpResponse:
    """Who is behind a number of the funnel."""
    place = workspace()
    asked, what = _asked(request, place), one_of(request, "what", WHAT) or "reached"
    if offer := offered(request, asked.as_of, in_words(name)):
        return offer
    found = whose(
        place,
        name,
        _question(asked),
        what=what,
        period=request.GET.get("period", "").strip() or None,
        cut=request.GET.get("cut", "").strip() or None,
        page=page_number(request),
    )
    turned = request.GET.dict()
    given = {
        "page": found,
        "preset": asked.preset,
        "period": span_words(found.period, found.manner),
        "says": MEMBERS[found.what],
        "cut_name": in_words(CUTS.get(found.by or "", found.by or "")),
        "lines": [member(found, one) for one in found.members],
        "before": asking({**turned, "page": found.page - 1}) if found.page > 1 else "",
        "after": asking({**turned, "page": found.page + 1}) if found.page < found.pages else "",
        "total": worded(found.total, "count", found.manner).full,
        "stamp": stamp(found),
    }
    return render(request, "who.html", given)


def span_words(period: str, manner: Manner) -> str:
    """A period in words; one from day to day has a stroke in between."""
    first, _, last = period.partition("/")
    if not last:
        return period_words(period, manner)
    return f"{day_words(date.fromisoformat(first), manner)} to {day_words(date.fromisoformat(last), manner)}"


def _stage_page(place: Workspace, found: StageTold, as_of: str) -> dict[str, object]:
    whole = found.whole
    there = stays_behind(whole, within(whole, found.name), "left_at is null")
    by_cut = whole._replace(by=found.by)
    return {
        "page": found,
        "asked_day": as_of,
        "cuts": CUTS.items(),
        "cut_name": in_words(CUTS.get(found.by, found.by)),
        "now": said(found.now, "count", whole.manner, there),
        "time": lasting(place, whole, found.time) if found.time else None,
        "lines": [line(by_cut, one) for one in found.counts],
        "times": [lasting(place, by_cut, one) for one in found.times],
        "came": [went(place, whole, one) for one in found.arrivals],
        "went": [went(place, whole, one) for one in found.departures],
        "leak": lost(whole, found.leak) if found.leak else None,
        "gate": short_of(place, found.flow, found.name, as_of),
        "late": [late(place, whole, one) for one in found.stalled[: 4 * MOST_STUCK]],
        "more": max(0, len(found.stalled) - 4 * MOST_STUCK),
        "all_stuck": reverse("lifecycle-file", args=["stuck", "csv"])
        + asking({"flow": found.flow, "by": found.by, "as_of": as_of}),
        "span": f"{day_words(whole.start, whole.manner)} to {day_words(whole.end, whole.manner)}",
        "stamp": stamp(whole),
    }


urls = [
    path("lifecycle/", lifecycle, name="lifecycle"),
    path("lifecycle/<str:name>.<str:form>", flow_file, name="lifecycle-file"),
    path("lifecycle/<str:name>/who/", members, name="who"),
    path("lifecycle/<str:name>/", one_stage, name="stage"),
]
