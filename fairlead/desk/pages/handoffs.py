"""Handoffs: how they run and what their gaps cost, both sides of the story, early churn; and a page for each."""

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.http import require_safe

from fairlead.actions.briefing import brief
from fairlead.actions.churning import left_early
from fairlead.actions.handing import first, handoff, handoffs, named, running_table
from fairlead.actions.pricing import Seen, gaps_table, seen
from fairlead.desk import handing
from fairlead.desk.behind import asking
from fairlead.desk.downloads import download
from fairlead.desk.earlier import offered
from fairlead.desk.handing import Shown
from fairlead.desk.reading import Typed, typed
from fairlead.desk.refusals import refusing
from fairlead.desk.stamp import of_build
from fairlead.desk.workplace import workspace
from fairlead.values import in_words
from fairlead.workspace import Workspace

FILES = {"gaps": "handoff-gaps", "handoffs": "handoffs"}
Tell = Callable[[Shown], dict[str, object]]


@require_safe
@refusing("Handoffs cannot be shown")
def handoffs_page(request: HttpRequest) -> HttpResponse:
    """All handoffs of the model."""
    return _page(request, "Handoffs", _all)


@require_safe
@refusing("There is no such handoff", "handoffs")
def handoff_page(request: HttpRequest, name: str) -> HttpResponse:
    """One handoff: what was agreed, how it ran, what is lacking, and what came back."""
    return _page(request, named(workspace(), name).title, _one(name))


@require_safe
@refusing("There is no such file", "handoffs")
def handoff_file(request: HttpRequest, name: str, form: str) -> HttpResponse:
    """How every handoff ran (`handoffs`), or every gap with its price (`gaps`), as CSV or Excel."""
    if name not in FILES:
        raise Http404
    found = handoffs(_seen(workspace(), typed(request)))
    table = gaps_table(found.gaps) if name == "gaps" else running_table(found.handoffs)
    return download(table, FILES[name], form)


def _seen(place: Workspace, form: Typed) -> Seen:
    return seen(place, start=form.start or None, end=form.end or None, as_of=form.as_of or None)


def _page(request: HttpRequest, title: str, tell: Tell) -> HttpResponse:
    place, form = workspace(), typed(request)
    given: dict[str, object] = {"title": title, "asked": form, "company": place.config.company}
    if place.lake.current() is None:
        return render(request, "handoffs.html", given)
    if offer := offered(request, form.as_of, title):
        return offer
    here = _seen(place, form)
    query = asking({"start": form.start, "end": form.end, "as_of": form.as_of})
    files = [
        (name, [(kind, reverse("handoff-file", args=[name, kind]) + query) for kind in ("csv", "xlsx")])
        for name in FILES
    ]
    told = tell(Shown(here, place.manner))
    return render(
        request,
        "handoffs.html",
        {**given, **told, "files": files, "stamp": of_build(place, here.build.name, here.span.as_of)},
    )


def _all(told: Shown) -> dict[str, object]:
    found, model = handoffs(told.here), told.here.workspace.model
    given: dict[str, object] = {"sentence": found.reason}
    sheets = [handing.running_sheet(told, found.handoffs), *handing.gap_sheets(told, found)]
    if model.handoffs.handoffs:
        both = brief(told.here, first(told.here.workspace))
        given |= {"sides": handing.sides_of(told, both), "of": both.title}
        sheets += [handing.brief_sheet(told, both), *handing.choices_sheets(both)]
    churn = left_early(told.here)
    sheets += [handing.churn_sheet(told, churn), handing.common_sheet(told, churn)]
    return given | {"sheets": sheets}


def _one(name: str) -> Tell:
    def tell(told: Shown) -> dict[str, object]:
        found = handoff(told.here, name)
        given: dict[str, object] = {"one": found}
        given["agreement"] = list(handing.agreement(told.here.workspace.model, found.agreement))
        sheets = [handing.running_sheet(told, [found.running]), handing.package_sheet(told, found)]
        sheets += handing.gap_sheets(told, found)
        both = brief(told.here, name)
        if both.handed:
            given |= {"sides": handing.sides_of(told, both), "of": both.title}
            sheets += [handing.brief_sheet(told, both), *handing.choices_sheets(both)]
        if found.agreement.recycling:
            sheets.append(handing.returned_sheet(told, found))
        if slow := found.slow:
            given["sentence"] = f"It takes longest where {slow.dimension} is {in_words(slow.value)}: {slow.sentence}."
        return given | {"sheets": sheets}

    return tell


urls = [
    path("handoffs/", handoffs_page, name="handoffs"),
    path("handoffs/<str:name>.<str:form>", handoff_file, name="handoff-file"),
    path("handoffs/<str:name>/", handoff_page, name="handoff"),
]
