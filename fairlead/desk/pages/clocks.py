"""Clocks: how promises of time are kept, who is late and who hears of it next, and what another policy would say."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.http import require_safe

from fairlead.actions.building import builds
from fairlead.actions.clocks import NOW, clocks, overdue_clocks
from fairlead.actions.timekeeping import Clocks, Due, compliance_table, overdue_table
from fairlead.analysis.clock_report import OWN
from fairlead.desk import ticking
from fairlead.desk.behind import Asked, asking
from fairlead.desk.downloads import MOST, download
from fairlead.desk.earlier import offered
from fairlead.desk.linking import address
from fairlead.desk.reading import Typed, one_of, typed
from fairlead.desk.refusals import refusing
from fairlead.desk.stamp import of_build
from fairlead.desk.ticking import Ticking
from fairlead.desk.workplace import workspace
from fairlead.picture.wording import moment_words, worded
from fairlead.workspace import Workspace

CUTS = (*OWN, "source", "person.persona", "calendar")
SHOWN = 25  # overdue clocks on the page; the files have them all
MOST_UNDER = 60  # letters of a day or of a build's name


@require_safe
@refusing("Clocks cannot be shown")
def clocks_page(request: HttpRequest) -> HttpResponse:
    """Compliance, the overdue, when they start, who tried."""
    place, form = workspace(), typed(request)
    under = request.GET.get("under", "").strip()
    policy = one_of(request, "policy", _policies(place)) if place.model.handoffs.policies else ""
    given: dict[str, object] = {"asked": form, "policy": policy, "under": under, "policies": _policies(place).items()}
    if place.lake.current() is None or not place.model.handoffs.policies:
        return render(request, "clocks.html", {**given, "unbuilt": place.lake.current() is None})
    if offer := offered(request, form.as_of, "Clocks"):
        return offer
    found = clocks(place, **_due(request, form)._asdict(), by=_by(form), under=under or None, limit=SHOWN)
    return render(request, "clocks.html", {**given, **_page(place, found, form)})


def _policies(place: Workspace) -> dict[str, str]:
    return {policy.name: policy.title for policy in place.model.handoffs.policies}


def _by(form: Typed) -> str | None:
    """The dimension to cut by; of several the first."""
    return form.by[0] if form.by else None


def _page(place: Workspace, found: Clocks, form: Typed) -> dict[str, object]:
    told, titles, agreed = Ticking(found, place.model, place.manner), _policies(place), _agreed(place)
    times: dict[str, Asked] = {"start": form.start, "end": form.end, "as_of": form.as_of}
    query = asking({**times, "policy": found.policy, "by": found.by})
    files = {
        f"{what}_{form}": reverse(f"clocks-{what}", kwargs={"form": form}) + query
        for what in ("compliance", "overdue")
        for form in MOST
    }
    return {
        **files,
        "page": found,
        "sentence": ticking.sentence(found, place.manner),
        "until": moment_words(found.measured_at, place.manner) if found.measured_at else "",
        "cuts": list(dict.fromkeys([*CUTS, *form.by])),
        "unders": [(NOW, "the model as it is"), *_kept(place)],
        "lines": [ticking.kept(told, line, url=agreed.get(line.policy, "")) for line in found.lines],
        "lines_cut": [ticking.kept(told, line, found.by) for line in found.cut],
        "heading": ticking.heading(found.by) if found.by else "",
        "tried": [ticking.tried(told, one) for one in found.tried],
        "late": [ticking.late(told, one) for one in found.overdue],
        "late_total": worded(found.overdue_total, "count", place.manner).text,
        "more": found.overdue_total > len(found.overdue),
        "heard": [ticking.heard(told, one, titles) for one in found.told[:SHOWN]],
        "figures": ticking.figures(told, times),
        "sheets": [ticking.attempts(told), ticking.held(told), ticking.versions(told)],
        "stamp": of_build(place, found.build, found.as_of),
    }


def _kept(place: Workspace) -> list[tuple[str, str]]:
    """The builds whose policies can be tried."""
    return [(one.build, f"as of {one.as_of}") for one in builds(place)[:SHOWN]]


def _agreed(place: Workspace) -> dict[str, str]:
    """Where each policy is told: a handoff has a page, an SLA its entry in the model."""
    handoffs = place.model.handoffs.handoffs
    return {
        name: reverse("handoff", kwargs={"name": name}) if name in handoffs else address(f"sla:{name}")
        for name in _policies(place)
    }


@require_safe
@refusing("There is no such file", "clocks")
def compliance_file(request: HttpRequest, form: str) -> HttpResponse:
    """Compliance as a file: a row a policy, and a value of the dimension."""
    asked = typed(request)
    found = clocks(workspace(), **_due(request, asked)._asdict(), by=_by(asked), limit=0)
    return download(compliance_table(found), "clock-compliance", form)


@require_safe
@refusing("There is no such file", "clocks")
def overdue_file(request: HttpRequest, form: str) -> HttpResponse:
    """The overdue as a file, all of them."""
    found = overdue_clocks(workspace(), _due(request, typed(request)), limit=MOST.get(form, 0))
    return download(overdue_table(found.items), "overdue-clocks", form)


def _due(request: HttpRequest, form: Typed) -> Due:
    policy = request.GET.get("policy", "").strip()
    return Due(policy or None, form.start or None, form.end or None, form.as_of or None)


urls = [
    path("clocks/", clocks_page, name="clocks"),
    path("clocks/compliance.<str:form>", compliance_file, name="clocks-compliance"),
    path("clocks/overdue.<str:form>", overdue_file, name="clocks-overdue"),
]
