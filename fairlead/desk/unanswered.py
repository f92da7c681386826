"""When a number cannot be shown: there is none of that name, nothing was built yet, or the question is at fault."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from fairlead.actions.laws import UNKNOWN_METRIC
from fairlead.actions.looking import nearest_numbers
from fairlead.desk import behind
from fairlead.problem import Refused
from fairlead.workspace import Workspace


def is_known(place: Workspace, name: str) -> bool:
    """Whether the dictionary has a number of this name."""
    return place.model.metric(name) is not None or place.model.measure(name) is not None


def unknown(request: HttpRequest, place: Workspace, name: str) -> HttpResponse:
    """404, offering the nearest names."""
    near = [(other, label, behind.metric(other)) for other, label in nearest_numbers(place, name)]
    return render(request, "metric/unknown.html", {"name": name, "near": near}, status=404)


def refusal(request: HttpRequest, refused: Refused, place: Workspace, name: str) -> HttpResponse:
    """The answer where there is no form to show a problem in: 404, an empty state before the first build, or 400."""
    codes = {problem.code for problem in refused.problems}
    if UNKNOWN_METRIC.code in codes and not is_known(place, name):
        return unknown(request, place, name)
    unbuilt = place.lake.current() is None
    shown = {"problems": refused.problems, "back": behind.metric(name), "unbuilt": unbuilt}
    return render(request, "metric/refused.html", shown, status=404 if unbuilt else 400)
