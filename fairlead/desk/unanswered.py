"""How pages about a number begin, and when one cannot be shown: no such name, nothing built, a question at fault."""

from typing import Any, NamedTuple

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from fairlead.actions.laws import UNKNOWN_METRIC
from fairlead.actions.looking import Look, look, nearest_numbers
from fairlead.desk import behind
from fairlead.desk.reading import Faults, Typed, by_field, typed
from fairlead.desk.refusals import NOT_NOW, NOT_YET, not_now, refusing
from fairlead.desk.workplace import workspace
from fairlead.problem import Refused
from fairlead.workspace import Workspace


def is_known(place: Workspace, name: str) -> bool:
    """Whether the dictionary has a number of this name."""
    return place.model.metric(name) is not None or place.model.measure(name) is not None


class Begun(NamedTuple):
    """What every page about a number begins with; `faults` where the day asked for cannot be understood."""

    place: Workspace
    form: Typed
    look: Look
    faults: Faults


def begun(request: HttpRequest, name: str, page: str) -> Begun | HttpResponse:
    """Where a number stands on the day asked for, or on the present day where that one cannot be understood.

    An answer instead where there is no such number, or where it goes by another of its names: on to its own `page`.
    """
    form, place, faults = typed(request), workspace(), Faults()
    if not is_known(place, name):
        return unknown(request, place, name)
    try:
        found = look(place, name, as_of=form.as_of or None)
    except Refused as refused:
        faults, found = by_field(refused.problems, form), look(place, name)
    if found.name != name:
        return redirect(behind.to(page, found.name) + behind.asking(form.asking()))
    return Begun(place, form, found, faults)


def unknown(request: HttpRequest, place: Workspace, name: str) -> HttpResponse:
    """404, offering the nearest names."""
    near = [(other, label, behind.metric(other)) for other, label in nearest_numbers(place, name)]
    return render(request, "metric/unknown.html", {"name": name, "near": near}, status=404)


def refusal(request: HttpRequest, refused: Refused, status: int, *, name: str, **_: Any) -> HttpResponse:
    """Where there is no form to show a problem in: an unknown number, an empty state before the first build, or why."""
    if status == NOT_NOW:
        return not_now(request, refused)
    place = workspace()
    if UNKNOWN_METRIC.code in {problem.code for problem in refused.problems} and not is_known(place, name):
        return unknown(request, place, name)
    unbuilt = place.lake.current() is None
    back = behind.metric(name, as_of=request.GET.get("as_of"))  # of an earlier day: that page offers to make it
    shown = {"problems": refused.problems, "back": back, "unbuilt": unbuilt}
    answers = 404 if unbuilt else status if status == NOT_YET else 400
    return render(request, "metric/refused.html", shown, status=answers)


answering = refusing("That cannot be answered", told=refusal)
