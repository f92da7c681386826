"""Lifecycle: the way across functions, the flow between stages with its leaks in money, and a page for each stage."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

from fairlead.actions.flows import Funnel, JourneyStep, StageTold
from fairlead.actions.lifecycle import funnel, journey, mapping, stage, title_of
from fairlead.actions.pasts import State, day_asked, past
from fairlead.analysis.stages import LIFECYCLE
from fairlead.desk.earlier import not_made
from fairlead.desk.flowing import lasting, late, line, lost, plot, stays_behind, weeks, went, within
from fairlead.desk.reading import one_of
from fairlead.desk.refusals import refusing
from fairlead.desk.stamp import stamp
from fairlead.desk.wordings import said
from fairlead.desk.workplace import workspace
from fairlead.model.agreed import Function
from fairlead.model.lifecycle import Pipeline
from fairlead.model.load import presets
from fairlead.picture.wording import day_words
from fairlead.values import Grain, in_words
from fairlead.workspace import Workspace

MODES = {"cohort": "by when they came in", "period": "by when they entered the stage"}
CUTS = ("source", "account.segment", "person.persona", "owner.name")
FUNCTIONS = (Function.MARKETING, Function.SALES, Function.CUSTOMER_SUCCESS)
MOST_STUCK = 50


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


@require_safe
@refusing("The lifecycle cannot be shown")
def lifecycle(request: HttpRequest) -> HttpResponse:
    """The lifecycle, or a pipeline, as it ran."""
    place = workspace()
    asked = _asked(request, place)
    steps = journey(place)
    if place.lake.current() is None:
        given = {"steps": _journey(steps), "functions": FUNCTIONS, "mapping": mapping(place)}
        return render(request, "lifecycle.html", given)
    day = day_asked(place, asked.as_of) if asked.as_of else None
    if day and (there := past(place, day)).state is not State.READY:
        return not_made(request, there, {"title": "Lifecycle"})
    found = funnel(
        place,
        flow=asked.flow,
        by=asked.by or None,
        cohort=asked.mode == "cohort",
        per=asked.per or None,
        start=asked.start or None,
        end=asked.end or None,
        preset=asked.preset or None,
        as_of=asked.as_of or None,
    )
    return render(request, "lifecycle.html", _page(place, found, asked) | {"steps": _journey(steps)})


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
    )


def _journey(steps: Sequence[JourneyStep]) -> list[tuple[str, list[tuple[str, ...]]]]:
    """The table of who does what: a row a step, a column a function."""
    return [(step.label, [dict(step.activities).get(function, ()) for function in FUNCTIONS]) for step in steps]


def _page(place: Workspace, found: Funnel, asked: Asked) -> dict[str, object]:
    whole = found if not (found.by or asked.per or found.preset or found.mode == "period") else _whole(place, asked)
    stages = tuple(whole.steps)
    weekly = weeks(found, stages)
    return {
        "page": found,
        "asked": asked,
        "flows": [(LIFECYCLE, "Lifecycle"), *((p.name, p.label or in_words(p.name)) for p in _pipelines(place))],
        "modes": MODES.items(),
        "grains": list(Grain),
        "cuts": CUTS,
        "presets": presets(place.model_folder),
        "plot": plot(place, whole),
        "lines": [line(place, found, one) for one in found.counts],
        "times": [lasting(found, one) for one in found.times],
        "lost": [lost(found, one) for one in found.leaks],
        "moves": [went(place, found, one) for one in found.moves],
        "late": [late(place, found, one) for one in found.stalled[:MOST_STUCK]],
        "more": max(0, len(found.stalled) - MOST_STUCK),
        "weeks": weekly,
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
    return funnel(
        place,
        flow=asked.flow,
        start=asked.start or None,
        end=asked.end or None,
        as_of=asked.as_of or None,
    )


@require_safe
@refusing("There is no such stage", "lifecycle")
def one_stage(request: HttpRequest, name: str) -> HttpResponse:
    """A stage: what was agreed about it, who is in it, how long they stay and where they go."""
    place = workspace()
    said_day = request.GET.get("as_of", "").strip()
    day = day_asked(place, said_day) if said_day else None
    if day and (there := past(place, day)).state is not State.READY:
        return not_made(request, there, {"title": in_words(name)})
    by = request.GET.get("by", "").strip()
    found = stage(place, name, by=by or None, as_of=said_day or None)
    return render(request, "stage.html", _stage_page(place, found, said_day))


def _stage_page(place: Workspace, found: StageTold, as_of: str) -> dict[str, object]:
    whole = found.whole
    there = stays_behind(whole, within(whole, found.name), "left_at is null")
    by_cut = whole._replace(by=found.by)
    return {
        "page": found,
        "asked_day": as_of,
        "cuts": CUTS,
        "now": said(found.now, "count", whole.manner, there),
        "time": lasting(whole, found.time) if found.time else None,
        "lines": [line(place, by_cut, one) for one in found.counts],
        "times": [lasting(by_cut, one) for one in found.times],
        "came": [went(place, whole, one) for one in found.arrivals],
        "went": [went(place, whole, one) for one in found.departures],
        "leak": lost(whole, found.leak) if found.leak else None,
        "late": [late(place, whole, one) for one in found.stalled[:MOST_STUCK]],
        "more": max(0, len(found.stalled) - MOST_STUCK),
        "span": f"{day_words(whole.start, whole.manner)} to {day_words(whole.end, whole.manner)}",
        "stamp": stamp(whole),
    }


urls = [
    path("lifecycle/", lifecycle, name="lifecycle"),
    path("lifecycle/<str:name>/", one_stage, name="stage"),
]
